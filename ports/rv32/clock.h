/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two clocks: ticks since the machine was switched on, and the time of day as
 * the board's battery-backed clock has it.
 */
#ifndef HWI_RV32_CLOCK_H
#define HWI_RV32_CLOCK_H

#include <stdint.h>

#define HWI_RV32_TICKS_PER_MS 10000u

uint64_t hwi_rv32_ticks(void);
uint64_t hwi_rv32_now_ms(void);

/* Instructions that the processor has carried out; in QEMU a true count with
 * -icount shift=0 only. */
uint64_t hwi_rv32_instructions(void);

/* Unix time, milliseconds. */
uint64_t hwi_rv32_wall_ms(void);

#endif
