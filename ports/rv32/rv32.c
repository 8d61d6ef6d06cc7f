/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The machine's start and its waiting: rv32.h.
 */
#include "ports/rv32/rv32.h"

#include "ports/rv32/clock.h"
#include "ports/rv32/entropy.h"
#include "ports/rv32/flash.h"
#include "ports/rv32/heap.h"
#include "ports/rv32/link.h"
#include "ports/rv32/reset.h"
#include "ports/rv32/rv32_parts.h"
#include "ports/rv32/stream.h"
#include "ports/rv32/uart.h"

#define GOODBYE_MS 200
#define EXIT_UNFIT 96 /* the machine lacks what the program cannot do without */

struct hwi_rv32 hwi_rv32;

void hawser_rv32_stop(const char *words)
{
    hwi_rv32_uart_text("cannot go on: ");
    hwi_rv32_uart_text(words);
    hwi_rv32_uart_text("\n");
    hwi_rv32_halt(EXIT_UNFIT);
}

void hawser_rv32_start(void)
{
    hwi_rv32_reset_note();
    hwi_rv32.start_ms = hwi_rv32_now_ms();
    hwi_rv32_watchdog_feed();
    if (!hwi_rv32_entropy_open()) {
        hawser_rv32_stop("the machine has no generator of random numbers");
    }
    if (!hwi_rv32_flash_open()) {
        hawser_rv32_stop("the machine has no flash, or it is too small");
    }
    if (!hwi_rv32_link_open(hwi_rv32.mac)) {
        hawser_rv32_stop("the machine has no network card");
    }
    if (hwi_rv32_stream_init() != 0) {
        hawser_rv32_stop("there is no memory for TLS");
    }
}

int hawser_rv32_factory(uint8_t out[HAWSER_RV32_FACTORY_SIZE])
{
    return hwi_rv32_flash_factory(out);
}

/* The device has said goodbye and closed its line; what lwIP still holds of it
 * leaves first. */
static void restart(void)
{
    uint64_t end_ms = hwi_rv32_now_ms() + GOODBYE_MS;

    while (hwi_rv32_now_ms() < end_ms) {
        hwi_rv32_sleep(end_ms);
        hwi_rv32_link_drive();
    }
    hwi_rv32_reset(HAWSER_RESET_COMMAND);
}

void hawser_rv32_wait(uint64_t deadline_ms, bool has_progressed)
{
    uint64_t link_ms = hwi_rv32_link_deadline_ms();

    if (hwi_rv32.is_restart_wanted) {
        restart();
    }
    if (has_progressed) {
        hwi_rv32_watchdog_feed();
    }
    if (!hwi_rv32_stream_has_news()) {
        hwi_rv32_sleep(link_ms < deadline_ms ? link_ms : deadline_ms);
    }
    hwi_rv32_link_drive();
}

void hawser_rv32_use(struct hawser_rv32_use *out)
{
    out->stack_free = hwi_rv32_stack_free();
    out->heap_peak = hwi_rv32_heap_peak();
    out->heap_size = HWI_RV32_HEAP_SIZE;
    out->handshake_instructions = hwi_rv32_stream_handshake_instructions();
}
