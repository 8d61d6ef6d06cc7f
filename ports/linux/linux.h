/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Linux port: struct hawser_port over rtnetlink, c-ares, sockets, OpenSSL,
 * getrandom, files and the kernel's sensors, and the poll(2) loop's waiting.
 *
 * One file per facility stands beside this one. Heap is allowed here; many
 * ports may live in one process.
 */
#ifndef HAWSER_LINUX_H
#define HAWSER_LINUX_H

#include "hawser/port.h"

/* Room for a message that says what was wrong, where, and what to do. */
#define HAWSER_LINUX_MESSAGE_SIZE 512

struct hawser_linux;

/* One sensor, as the configuration has it (value of a key in [sensors]). */
struct hawser_linux_sensor {
    const char *name;
    /* "auto" (thermal zones, hwmon, IIO by the sensor's name: temperature,
     * humidity, pressure, illuminance, an underscore and more may follow),
     * "thermal:TYPE|N", "hwmon:NAME[/LABEL]", "iio:NAME[/CHANNEL]",
     * "file:PATH" (the first number of its first line), "exec:COMMAND" (the
     * same of a program's output; words are split at blanks, there is no
     * shell; 5 s and 256 bytes at most), "simulated" or
     * "simulated:MIN..MAX" */
    const char *source;
};

/* A WiFi network, the views into memory that stays as the configuration's. */
struct hawser_linux_network {
    struct hawser_view ssid;       /* 1 to 32 bytes */
    struct hawser_view passphrase; /* 8 to 63 printable ASCII characters, or 64
                                      hexadecimal digits; empty: none */
};

struct hawser_linux_config {
    /* The one whose link counts, loopback ("lo") too. NULL or "": any but
     * loopback; if one of them has a default route, only those that have.
     * Which way packets take stays the kernel's choice. */
    const char *interface;
    /* For flash files; created 0700 if absent. NULL: none, every region has
     * sector_count 0. */
    const char *state_dir;
    /* Of the file for telemetry that waits; rounded up to whole sectors; 0:
     * 1 MiB. One that is there must have this size. */
    uint32_t outbox_size;
    /* wpa_supplicant's control socket, to join these networks by, the most
     * preferred first (none: those of its own file). NULL: the link is the
     * affair of the machine. Both stay until the port is reconfigured. */
    const char *wifi_control;
    const struct hawser_linux_network *networks;
    size_t network_count;
    const struct hawser_linux_sensor *sensors;
    size_t sensor_count;
    /* UNKNOWN: the port tells it from how the last run on state_dir ended. */
    enum hawser_reset_reason reset_reason;
    /* Takes log entries; may not be NULL. */
    void (*log)(void *log_ctx, const struct hawser_log *entry);
    void *log_ctx;
};

/*
 * Creates a port. 0 and *out; or a negative error and words in message:
 * ARG (a sensor's source is not understood, no such interface or network), STORAGE (the
 * state directory cannot be made, locked or written, or a second process has
 * it), ABSENT (a kernel facility is missing), FULL (no memory).
 */
int hawser_linux_create(struct hawser_linux **out,
                        const struct hawser_linux_config *config,
                        char message[HAWSER_LINUX_MESSAGE_SIZE]) HAWSER_CHECKED;

/* Replaces what may change at run time: interface, WiFi, sensors, log; state_dir
 * stays. Errors as create; on failure nothing changed. */
int hawser_linux_reconfigure(
    struct hawser_linux *port, const struct hawser_linux_config *config,
    char message[HAWSER_LINUX_MESSAGE_SIZE]) HAWSER_CHECKED;

/* Checks a sensor's source text without touching the machine. 0, or ARG and
 * words. For the configuration reader. */
int hawser_linux_sensor_check(
    const char *source, char message[HAWSER_LINUX_MESSAGE_SIZE]) HAWSER_CHECKED;

/* Can a WiFi network be one? 0, or ARG and words, the passphrase not among
 * them. */
int hawser_linux_network_check(const struct hawser_linux_network *network,
                               char message[HAWSER_LINUX_MESSAGE_SIZE])
    HAWSER_CHECKED;

/* Closes everything; programs of sensors are killed. NULL is fine. */
void hawser_linux_destroy(struct hawser_linux *port);

/* The functions, for hawser_device_init(). Lives as long as the port. */
const struct hawser_port *hawser_linux_port(struct hawser_linux *port);

/*
 * Sleeps until the port has news, deadline_ms (on the port's own clock) is
 * reached or wake_fd (-1: none) is readable. Returns early on a signal.
 */
void hawser_linux_wait(struct hawser_linux *port, uint64_t deadline_ms,
                       int wake_fd);

/* True once the device has called restart(). Destroy the port before starting
 * anew: that leaves word of it for the next run's reset reason. */
bool hawser_linux_restart_wanted(const struct hawser_linux *port);

#endif
