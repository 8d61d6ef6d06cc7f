/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The machine: QEMU's "virt" board with one RV32IMC hart. Addresses of its
 * devices, and access to their registers.
 */
#ifndef HWI_RV32_MACHINE_H
#define HWI_RV32_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HWI_RV32_POWER  ((uintptr_t)0x00100000) /* resets, ends */
#define HWI_RV32_RTC    ((uintptr_t)0x00101000) /* time of day */
#define HWI_RV32_CLINT  ((uintptr_t)0x02000000) /* timer */
#define HWI_RV32_PLIC   ((uintptr_t)0x0c000000) /* interrupts of devices */
#define HWI_RV32_UART   ((uintptr_t)0x10000000)
#define HWI_RV32_VIRTIO ((uintptr_t)0x10001000) /* the first of the slots */

#define HWI_RV32_VIRTIO_SLOTS 8 /* 0x1000 apart; interrupt = slot + 1 */

static inline uint32_t hwi_rv32_read(uintptr_t at)
{
    return *(volatile const uint32_t *)at;
}

static inline void hwi_rv32_write(uintptr_t at, uint32_t value)
{
    *(volatile uint32_t *)at = value;
}

static inline uint8_t hwi_rv32_read_byte(uintptr_t at)
{
    return *(volatile const uint8_t *)at;
}

static inline void hwi_rv32_write_byte(uintptr_t at, uint8_t value)
{
    *(volatile uint8_t *)at = value;
}

/* What was written before is seen by devices before what comes after. */
static inline void hwi_rv32_fence(void)
{
    __asm__ volatile("fence rw, rw" ::: "memory");
}

#endif
