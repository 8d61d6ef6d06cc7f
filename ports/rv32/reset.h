/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Resets, why the last one was, and the watchdog, which resets a program that
 * makes no progress.
 */
#ifndef HWI_RV32_RESET_H
#define HWI_RV32_RESET_H

#include "hawser/port.h"

/* Reads why the machine started; once, before anything else. */
void hwi_rv32_reset_note(void);
enum hawser_reset_reason hwi_rv32_reset_reason(void);

/* Resets the machine; the next start reports this reason. */
_Noreturn void hwi_rv32_reset(enum hawser_reset_reason reason);

/* Ends the emulation with an exit code, for a machine that must not go on. */
_Noreturn void hwi_rv32_halt(unsigned code);

/* Starts the watchdog, or tells it that there is progress: HWI_RV32_WATCHDOG_S
 * from now it resets the machine. */
#define HWI_RV32_WATCHDOG_S 30
void hwi_rv32_watchdog_feed(void);

/* Sleeps until deadline_ms or a device's interrupt; at most until the watchdog
 * would bite. */
void hwi_rv32_sleep(uint64_t deadline_ms);

/* Bytes of stack that were never used. */
size_t hwi_rv32_stack_free(void);

#endif
