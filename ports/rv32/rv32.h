/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bare-metal port: struct hawser_port over virtio devices, lwIP and mbedTLS
 * on QEMU's RV32 "virt" machine with the instruction set and the memory of an
 * ESP32-C3. One file per facility stands beside this one.
 *
 * There is one machine, so there is one port; everything is static. The heap is
 * TLS's own, of a fixed size. One thread; callbacks of lwIP only take notes.
 */
#ifndef HAWSER_RV32_H
#define HAWSER_RV32_H

#include "hawser/port.h"
#include "ports/shared/settings.h"

struct hawser_rv32_config {
    /* Asked instead of the name server that DHCP names; family 0: that one. */
    struct hawser_address name_server;
    /* Ranges of sensors; this machine has none, so values are made up. */
    const struct hwi_range *sensors;
    size_t sensor_count;
};

/* What the factory wrote into flash: read into memory of this size. */
#define HAWSER_RV32_FACTORY_SIZE 16384

/*
 * Starts the machine: reset reason, generator of random numbers, flash, memory
 * for TLS, network. Without one of them the machine does not go on: it says why
 * and ends (an emulator's exit code 96). To be called first.
 */
void hawser_rv32_start(void);

/* Reads the factory's part of flash. 0 or STORAGE. */
int hawser_rv32_factory(uint8_t out[HAWSER_RV32_FACTORY_SIZE]) HAWSER_CHECKED;

/* The port; *config stays. For hawser_device_init(). */
const struct hawser_port *
hawser_rv32_port(const struct hawser_rv32_config *config);

/*
 * Sleeps until deadline_ms or until there is news. has_progressed: what the
 * program wanted to do it could; if that is false for HWI_RV32_WATCHDOG_S, or
 * this is not called, the watchdog resets the machine.
 */
void hawser_rv32_wait(uint64_t deadline_ms, bool has_progressed);

/* Says on the serial line why the program cannot go on, and ends. */
_Noreturn void hawser_rv32_stop(const char *words);

/* What the program has needed so far. */
struct hawser_rv32_use {
    size_t stack_free; /* bytes that were never touched */
    size_t heap_peak;  /* bytes, the most that TLS's memory ever held */
    size_t heap_size;
    uint64_t handshake_instructions; /* of the last; in QEMU a true count with
                                        -icount shift=0 only */
};
void hawser_rv32_use(struct hawser_rv32_use *out);

#endif
