/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of a Linux port: linux.h, linux_parts.h.
 */
#include "ports/linux/linux.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "ports/linux/clock.h"
#include "ports/linux/linux_parts.h"
#include "ports/linux/message.h"

/* Everything closed, so that destroying what is half made does no harm. */
static void blank(struct hawser_linux *port)
{
    unsigned i;

    port->timer_fd = -1;
    port->state_dir.fd = -1;
    port->state_dir.lock_fd = -1;
    port->link.fd = -1;
    port->wifi.fd = -1;
    port->stream.fd = -1;
    for (i = 0; i < HAWSER_REGION_COUNT; i++) {
        port->flash.fds[i] = -1;
    }
    for (i = 0; i < HAWSER_UDP_SLOTS; i++) {
        port->udp[i].fd = -1;
    }
}

static uint32_t sectors_of(uint32_t size)
{
    return size / HWI_LINUX_FLASH_SECTOR +
           (size % HWI_LINUX_FLASH_SECTOR == 0 ? 0 : 1);
}

void hwi_linux_log_alert(struct hawser_linux *port, const char *code,
                         const char *words)
{
    const struct hawser_field fields[] = {
        {.name = "code", .text = {(const uint8_t *)code, strlen(code)}},
        {.name = "detail", .text = {(const uint8_t *)words, strlen(words)}},
    };
    const struct hawser_log entry = {HAWSER_LOG_WARNING, "alert", fields, 2};

    port->log(port->log_ctx, &entry);
}

/* Makes the facilities that can fail, those first that change nothing on the
 * machine. */
static int facilities_open(struct hawser_linux *port,
                           const struct hawser_linux_config *config,
                           char message[HAWSER_LINUX_MESSAGE_SIZE])
{
    int err = hwi_linux_sensors_make(&port->sensors, config->sensors,
                                     config->sensor_count, message);

    if (err != 0) {
        return err;
    }
    port->timer_fd = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
    if (port->timer_fd < 0) {
        return hwi_linux_refuse(HAWSER_E_ABSENT, message,
                                "the kernel gives no timer: %s",
                                hwi_linux_errno_text(errno));
    }
    err = hwi_linux_link_open(&port->link, config->interface, message);
    if (err != 0) {
        return err;
    }
    err = hwi_linux_wifi_open(&port->wifi, config, message);
    if (err != 0) {
        return err;
    }
    if (hwi_linux_stream_init(&port->stream) != 0) {
        return hwi_linux_refuse(HAWSER_E_FULL, message, "no memory for TLS");
    }
    err = hwi_linux_state_dir_open(&port->state_dir, config->state_dir,
                                   port->options.root, message);
    if (err != 0) {
        return err;
    }
    err = hwi_linux_flash_open(&port->flash, &port->state_dir,
                               sectors_of(config->outbox_size), message);
    if (err == 0 && message[0] != '\0') {
        hwi_linux_log_alert(port, "storage", message);
    }
    return err;
}

static void log_take(struct hawser_linux *port,
                     const struct hawser_linux_config *config)
{
    port->log = config->log;
    port->log_ctx = config->log_ctx;
}

int hwi_linux_create(struct hawser_linux **out,
                     const struct hawser_linux_config *config,
                     const struct hwi_linux_options *options,
                     char message[HAWSER_LINUX_MESSAGE_SIZE])
{
    struct hawser_linux *port = calloc(1, sizeof *port);
    int err;

    if (port == NULL) {
        return hwi_linux_refuse(HAWSER_E_FULL, message, "no memory");
    }
    blank(port);
    port->options = *options;
    port->start_ms = hwi_linux_now_ms();
    log_take(port, config);
    hwi_linux_table_fill(port);
    err = facilities_open(port, config, message);
    if (err != 0) {
        hawser_linux_destroy(port);
        return err;
    }
    port->reset_reason = config->reset_reason != HAWSER_RESET_UNKNOWN
                             ? config->reset_reason
                             : port->state_dir.reset_reason;
    *out = port;
    return 0;
}

int hawser_linux_create(struct hawser_linux **out,
                        const struct hawser_linux_config *config,
                        char message[HAWSER_LINUX_MESSAGE_SIZE])
{
    const struct hwi_linux_options options = {.root = ""};

    return hwi_linux_create(out, config, &options, message);
}

int hawser_linux_reconfigure(struct hawser_linux *port,
                             const struct hawser_linux_config *config,
                             char message[HAWSER_LINUX_MESSAGE_SIZE])
{
    struct hwi_linux_sensors sensors;
    int err = hwi_linux_sensors_make(&sensors, config->sensors,
                                     config->sensor_count, message);

    if (err != 0) {
        return err;
    }
    err = hwi_linux_link_choose(&port->link, config->interface, message);
    if (err == 0) {
        err = hwi_linux_wifi_reconfigure(&port->wifi, config, message);
    }
    if (err != 0) {
        hwi_linux_sensors_free(&sensors);
        return err;
    }
    hwi_linux_sensors_free(&port->sensors);
    port->sensors = sensors;
    log_take(port, config);
    return 0;
}

void hawser_linux_destroy(struct hawser_linux *port)
{
    unsigned i;

    if (port == NULL) {
        return;
    }
    hwi_linux_stream_free(&port->stream);
    for (i = 0; i < HAWSER_UDP_SLOTS; i++) {
        hwi_linux_udp_close(&port->udp[i]);
    }
    for (i = 0; i < HAWSER_RESOLVE_SLOTS; i++) {
        hwi_linux_lookup_cancel(&port->lookups[i]);
    }
    hwi_linux_sensors_free(&port->sensors);
    hwi_linux_wifi_close(&port->wifi);
    hwi_linux_link_close(&port->link);
    if (port->timer_fd >= 0) {
        (void)close(port->timer_fd);
    }
    hwi_linux_flash_close(&port->flash);
    hwi_linux_state_dir_close(&port->state_dir, port->is_restart_wanted);
    free(port);
}

const struct hawser_port *hawser_linux_port(struct hawser_linux *port)
{
    return &port->port;
}

bool hawser_linux_restart_wanted(const struct hawser_linux *port)
{
    return port->is_restart_wanted;
}
