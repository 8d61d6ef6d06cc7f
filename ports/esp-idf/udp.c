/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Datagrams: sockets.h. A connected socket passes on only what came from its
 * peer; lwIP picks the local port.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "lwip/sockets.h"
#include "ports/esp-idf/address.h"
#include "ports/esp-idf/sockets.h"
#include "ports/esp-idf/sockets_parts.h"

int hwi_esp_udp_fds[HAWSER_UDP_SLOTS] = {-1, -1, -1, -1};

int hwi_esp_socket_open(const struct hawser_address *to, int kind)
{
    struct sockaddr_storage address;
    socklen_t len = hwi_esp_address_to_lwip(to, &address);
    int fd = len > 0 ? socket(address.ss_family, kind, 0) : -1;

    if (fd < 0) {
        return -1;
    }
    if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0 ||
        (connect(fd, (const struct sockaddr *)&address, len) != 0 &&
         errno != EINPROGRESS)) {
        int error = errno;

        (void)close(fd);
        errno = error;
        return -1;
    }
    return fd;
}

int hwi_esp_udp_open(unsigned slot, const struct hawser_address *to)
{
    if (slot >= HAWSER_UDP_SLOTS) {
        return HAWSER_E_LINK;
    }
    hwi_esp_udp_close(slot);
    hwi_esp_udp_fds[slot] = hwi_esp_socket_open(to, SOCK_DGRAM);
    return hwi_esp_udp_fds[slot] >= 0 ? 0 : HAWSER_E_LINK;
}

/* What errno means to the caller. */
static int verdict(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK ? HAWSER_E_WAIT
                                                   : HAWSER_E_LINK;
}

int hwi_esp_udp_send(unsigned slot, const uint8_t *bytes, size_t len)
{
    if (slot >= HAWSER_UDP_SLOTS || hwi_esp_udp_fds[slot] < 0) {
        return HAWSER_E_LINK;
    }
    return send(hwi_esp_udp_fds[slot], bytes, len, 0) < 0 ? verdict() : 0;
}

int hwi_esp_udp_receive(unsigned slot, uint8_t *out, size_t size)
{
    ssize_t got;

    if (slot >= HAWSER_UDP_SLOTS || hwi_esp_udp_fds[slot] < 0) {
        return HAWSER_E_LINK;
    }
    got = recv(hwi_esp_udp_fds[slot], out, size, 0);
    return got < 0 ? verdict() : (int)got;
}

void hwi_esp_udp_close(unsigned slot)
{
    if (slot < HAWSER_UDP_SLOTS && hwi_esp_udp_fds[slot] >= 0) {
        (void)close(hwi_esp_udp_fds[slot]);
        hwi_esp_udp_fds[slot] = -1;
    }
}
