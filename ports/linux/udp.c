/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connected datagram sockets: udp.h. udp(7).
 */
#include "ports/linux/udp.h"

#include <errno.h>
#include <limits.h>
#include <unistd.h>

#include "ports/linux/address.h"

int hwi_linux_udp_open(struct hwi_linux_udp *udp,
                       const struct hawser_address *to)
{
    struct sockaddr_storage address;
    socklen_t len = hwi_linux_address_to_kernel(to, &address);

    hwi_linux_udp_close(udp);
    if (len == 0) {
        return HAWSER_E_LINK;
    }
    udp->fd =
        socket(address.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (udp->fd < 0) {
        return HAWSER_E_LINK;
    }
    /* The kernel picks the local port at random. */
    if (connect(udp->fd, (const struct sockaddr *)&address, len) != 0) {
        hwi_linux_udp_close(udp);
        return HAWSER_E_LINK;
    }
    return 0;
}

/* What errno means to the caller. */
static int verdict(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK ? HAWSER_E_WAIT
                                                   : HAWSER_E_LINK;
}

int hwi_linux_udp_send(struct hwi_linux_udp *udp, const uint8_t *bytes,
                       size_t len)
{
    ssize_t sent;

    if (udp->fd < 0) {
        return HAWSER_E_LINK;
    }
    do {
        sent = send(udp->fd, bytes, len, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    return sent < 0 ? verdict() : 0;
}

int hwi_linux_udp_receive(struct hwi_linux_udp *udp, uint8_t *out, size_t size)
{
    ssize_t got;

    if (udp->fd < 0) {
        return HAWSER_E_LINK;
    }
    if (size > INT_MAX) {
        size = INT_MAX;
    }
    do {
        got = recv(udp->fd, out, size, 0);
    } while (got < 0 && errno == EINTR);
    return got < 0 ? verdict() : (int)got;
}

void hwi_linux_udp_close(struct hwi_linux_udp *udp)
{
    if (udp->fd >= 0) {
        (void)close(udp->fd);
    }
    udp->fd = -1;
}

void hwi_linux_udp_poll(const struct hwi_linux_udp *udp,
                        struct hwi_linux_pollset *set)
{
    hwi_linux_pollset_add(set, udp->fd, POLLIN);
}
