/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A whole product: the device on the machine. Memory is what a small chip has
 * to spare; every number here may be another.
 */
#include <string.h>

#include "hawser/device.h"
#include "ports/rv32/rv32.h"
#include "settings.h"

static struct hawser_view view(const char *text)
{
    return (struct hawser_view){(const uint8_t *)text, strlen(text)};
}

static struct settings settings;
static struct hawser_device device;
static struct {
    uint8_t rx[4096];
    uint8_t tx[8192];
    uint8_t store[8192];
    uint8_t credentials[8192];
    uint8_t outbox[4096];
    struct hawser_slot slots[16];
} room;

/* The first line of the log. */
static void say_start(const struct hawser_port *port)
{
    const struct hawser_field fields[] = {
        {.name = "device", .text = view(settings.settings.device.id)},
        {.name = "firmware", .text = view(settings.settings.device.firmware)},
    };
    const struct hawser_log entry = {HAWSER_LOG_INFO, "start", fields, 2};

    port->log(port->ctx, &entry);
}

/* Once a session: what it has cost so far. */
static void say_use(const struct hawser_port *port)
{
    static uint32_t told_connections;
    uint32_t connections = hawser_device_counters(&device)->connections;
    struct hawser_rv32_use use;

    if (connections == told_connections) {
        return;
    }
    told_connections = connections;
    hawser_rv32_use(&use);
    const struct hawser_field fields[] = {
        {.name = "stack_free", .number = (int64_t)use.stack_free},
        {.name = "heap_peak", .number = (int64_t)use.heap_peak},
        {.name = "heap_size", .number = (int64_t)use.heap_size},
        {.name = "handshake", .number = (int64_t)use.handshake_instructions},
    };
    const struct hawser_log entry = {HAWSER_LOG_DEBUG, "use", fields, 4};

    port->log(port->ctx, &entry);
}

/* Did the step leave nothing undone that was due? Then the watchdog is fed. */
static bool has_progressed(const struct hawser_port *port)
{
    return hawser_device_deadline_ms(&device) > port->now_ms(port->ctx);
}

int main(void)
{
    const struct hawser_device_memory memory = {
        .rx = {room.rx, sizeof room.rx},
        .tx = {room.tx, sizeof room.tx},
        .store = {room.store, sizeof room.store},
        .slots = room.slots,
        .slot_count = sizeof room.slots / sizeof room.slots[0],
        .credentials = {room.credentials, sizeof room.credentials},
        .outbox = {room.outbox, sizeof room.outbox},
    };
    const struct hawser_port *port;
    const char *wrong;

    hawser_rv32_start();
    wrong = settings_read(&settings);
    if (wrong != NULL) {
        hawser_rv32_stop(wrong);
    }
    settings.settings.device.build_time_s = BUILD_TIME_S;
    port = hawser_rv32_port(&settings.machine);
    say_start(port);
    if (hawser_device_init(&device, &settings.settings.device, &memory, port) ==
        HAWSER_E_ARG) {
        hawser_rv32_stop("the factory's settings are not usable");
    }
    for (;;) {
        hawser_device_step(&device);
        say_use(port);
        hawser_rv32_wait(hawser_device_deadline_ms(&device),
                         has_progressed(port));
    }
}
