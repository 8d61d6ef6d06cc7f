/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device on a fake port, for tests of whole stories. Time passes only here:
 * the device is stepped when it has news or when its own deadline is reached,
 * and never otherwise, so that a deadline that is missing or wrong shows.
 */
#ifndef HWI_DEVICE_RIG_H
#define HWI_DEVICE_RIG_H

#include "device/fake_port.h"

struct rig {
    struct fake_port fake;
    struct hawser_device device;
    struct hawser_device_config config;
    struct hawser_device_memory memory;
    struct hawser_endpoint brokers[2];
    struct hawser_endpoint time_servers[HAWSER_TIME_SERVERS_MAX];
    const char *sensors[2];
    uint8_t rx[1024];
    uint8_t tx[4096];
    uint8_t store[8192];
    uint8_t credentials[8192]; /* given by the tests that need it */
    uint8_t outbox[16384];
    struct hawser_slot slots[16];
    uint64_t steps;
};

/* A device "esp32_factory_001" with two sensors, two brokers, three time
 * servers; not yet started. */
void rig_init(struct rig *r);

/* hawser_device_init(), which must succeed. */
void rig_start(struct rig *r);

/* A new process on the same machine: everything in RAM is gone. */
void rig_reboot(struct rig *r);

/* Lets so many milliseconds pass. */
void rig_run(struct rig *r, uint64_t ms);

/* Runs until a state is reached, for ms at most. */
bool rig_run_until(struct rig *r, enum hawser_device_state state, uint64_t ms);

/* Starts and runs until online, which must come within a minute. */
void rig_online(struct rig *r);

/* The broker sends a command, QoS 1, and the device acts on it. */
void rig_command(struct rig *r, const char *payload);

#endif
