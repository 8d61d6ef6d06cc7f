/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inside of a Linux port: its facilities side by side, none of which knows
 * another. Nobody outside this folder includes it.
 *
 *   linux.c        life of a port: create, reconfigure, destroy
 *   linux_table.c  struct hawser_port's functions, each handed to its facility
 *   wait.c         sleeps until a facility has news
 */
#ifndef HWI_LINUX_PARTS_H
#define HWI_LINUX_PARTS_H

#include "ports/linux/flash.h"
#include "ports/linux/link.h"
#include "ports/linux/linux.h"
#include "ports/linux/resolve.h"
#include "ports/linux/sensor.h"
#include "ports/linux/state_dir.h"
#include "ports/linux/stream.h"
#include "ports/linux/udp.h"
#include "ports/linux/wifi.h"

/* What only tests change. */
struct hwi_linux_options {
    const char *root;        /* stands before /proc and /sys; "" */
    const char *dns_servers; /* NULL: the machine's own */
};

struct hawser_linux {
    struct hawser_port port; /* what the device sees; port.ctx is this struct */
    struct hwi_linux_options options;
    uint64_t start_ms;
    int timer_fd; /* the wait's deadline */
    enum hawser_reset_reason reset_reason;
    bool is_restart_wanted;
    void (*log)(void *log_ctx, const struct hawser_log *entry);
    void *log_ctx;

    struct hwi_linux_state_dir state_dir;
    struct hwi_linux_flash flash;
    struct hwi_linux_link link;
    struct hwi_linux_wifi wifi;
    struct hwi_linux_lookup lookups[HAWSER_RESOLVE_SLOTS];
    struct hwi_linux_udp udp[HAWSER_UDP_SLOTS];
    struct hwi_linux_stream stream;
    struct hwi_linux_sensors sensors;
};

/* As hawser_linux_create(). The texts in *options must outlive the port. */
int hwi_linux_create(struct hawser_linux **out,
                     const struct hawser_linux_config *config,
                     const struct hwi_linux_options *options,
                     char message[HAWSER_LINUX_MESSAGE_SIZE]) HAWSER_CHECKED;

/* Tells the log what a person should look at; code is one word. */
void hwi_linux_log_alert(struct hawser_linux *port, const char *code,
                         const char *words);

/* Fills in the table of functions. */
void hwi_linux_table_fill(struct hawser_linux *port);

#endif
