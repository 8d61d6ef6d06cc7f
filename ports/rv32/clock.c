/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CLINT's mtime at 10 MHz, and the Goldfish real-time clock in nanoseconds.
 */
#include "ports/rv32/clock.h"

#include <sys/time.h>

#include "ports/rv32/machine.h"

#define MTIME_LOW  (HWI_RV32_CLINT + 0xbff8)
#define MTIME_HIGH (HWI_RV32_CLINT + 0xbffc)
#define RTC_LOW    (HWI_RV32_RTC + 0x00) /* latches the high half */
#define RTC_HIGH   (HWI_RV32_RTC + 0x04)

uint64_t hwi_rv32_ticks(void)
{
    uint32_t high;
    uint32_t low;

    do { /* until no carry came in between */
        high = hwi_rv32_read(MTIME_HIGH);
        low = hwi_rv32_read(MTIME_LOW);
    } while (hwi_rv32_read(MTIME_HIGH) != high);
    return (uint64_t)high << 32 | low;
}

uint64_t hwi_rv32_now_ms(void)
{
    return hwi_rv32_ticks() / HWI_RV32_TICKS_PER_MS;
}

uint64_t hwi_rv32_instructions(void)
{
    uint32_t high = 0;
    uint32_t again = 0;
    uint32_t low = 0;

    do {
        __asm__ volatile(".option push\n.option arch, +zicsr\n"
                         "csrr %0, minstreth\n"
                         "csrr %1, minstret\n"
                         "csrr %2, minstreth\n"
                         ".option pop"
                         : "=r"(high), "=r"(low), "=r"(again));
    } while (again != high);
    return (uint64_t)high << 32 | low;
}

uint64_t hwi_rv32_wall_ms(void)
{
    uint64_t low = hwi_rv32_read(RTC_LOW);

    return ((uint64_t)hwi_rv32_read(RTC_HIGH) << 32 | low) / 1000000u;
}

/* picolibc's time() asks here. */
int gettimeofday(struct timeval *restrict out, void *restrict unused)
{
    uint64_t now_ms = hwi_rv32_wall_ms();

    (void)unused;
    out->tv_sec = (time_t)(now_ms / 1000);
    out->tv_usec = (suseconds_t)(now_ms % 1000 * 1000);
    return 0;
}
