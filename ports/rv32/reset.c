/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The timer serves both sleeping and the watchdog: it is set to the moment at
 * which the watchdog bites, or to the end of a sleep if that is earlier.
 * Interrupts are never off, so no loop hides from the watchdog.
 */
#include "ports/rv32/reset.h"

#include "ports/rv32/clock.h"
#include "ports/rv32/machine.h"
#include "ports/rv32/uart.h"

#define TIMER_LOW   (HWI_RV32_CLINT + 0x4000)
#define TIMER_HIGH  (HWI_RV32_CLINT + 0x4004)
#define POWER_RESET 0x7777u
#define POWER_FAIL  0x3333u

#define MSTATUS_MIE    0x008u /* interrupts are taken */
#define MIE_TIMER      0x080u
#define MIE_EXTERNAL   0x800u
#define CAUSE_TIMER    0x80000007u
#define CAUSE_EXTERNAL 0x8000000bu

#define PLIC_PRIORITY(n) (HWI_RV32_PLIC + 4u * (n))
#define PLIC_ENABLE      (HWI_RV32_PLIC + 0x2000)
#define PLIC_CLAIM       (HWI_RV32_PLIC + 0x200004)

#define LASTING_MAGIC 0x68777372u /* no accident in memory that was off */
#define STACK_PAINT   0x5aa55aa5u /* by start.S */

#define CSR(instruction) \
    ".option push\n.option arch, +zicsr\n" instruction "\n.option pop"

extern const uint32_t __stack[];
extern const uint32_t __stack_end[];
uint32_t hwi_rv32_trap(uint32_t cause, uint32_t pc, uint32_t value);
void hwi_rv32_doze(void);
void hwi_rv32_doze_wfi(void);
void hwi_rv32_doze_end(void);

/* Survives a reset. Volatile: what is written before one is read after it. */
static volatile struct {
    uint32_t magic;
    uint32_t reason;
} lasting __attribute__((section(".lasting")));

static enum hawser_reset_reason reason_now;
static uint64_t bite_ticks;

void hwi_rv32_reset_note(void)
{
    reason_now = HAWSER_RESET_POWER_ON;
    if (lasting.magic == LASTING_MAGIC &&
        lasting.reason <= HAWSER_RESET_WATCHDOG) {
        reason_now = (enum hawser_reset_reason)lasting.reason;
    }
    lasting.magic = LASTING_MAGIC;
    lasting.reason = HAWSER_RESET_UNKNOWN; /* somebody pressed reset */
}

enum hawser_reset_reason hwi_rv32_reset_reason(void)
{
    return reason_now;
}

void hwi_rv32_reset(enum hawser_reset_reason reason)
{
    lasting.reason = (uint32_t)reason;
    hwi_rv32_write(HWI_RV32_POWER, POWER_RESET);
    for (;;) {
    }
}

/* Where the program went astray, and resets. */
_Noreturn static void panic(uint32_t cause, uint32_t pc, uint32_t value)
{
    hwi_rv32_uart_text("\npanic: trap ");
    hwi_rv32_uart_hex(cause);
    hwi_rv32_uart_text(" at ");
    hwi_rv32_uart_hex(pc);
    hwi_rv32_uart_text(" with ");
    hwi_rv32_uart_hex(value);
    hwi_rv32_uart_text("\n");
    hwi_rv32_reset(HAWSER_RESET_CRASH);
}

void hwi_rv32_halt(unsigned code)
{
    hwi_rv32_write(HWI_RV32_POWER, (uint32_t)code << 16 | POWER_FAIL);
    for (;;) {
    }
}

static void timer_set(uint64_t ticks)
{
    hwi_rv32_write(TIMER_HIGH, UINT32_MAX); /* none in between */
    hwi_rv32_write(TIMER_LOW, (uint32_t)ticks);
    hwi_rv32_write(TIMER_HIGH, (uint32_t)(ticks >> 32));
}

_Noreturn static void bite(uint32_t pc)
{
    hwi_rv32_uart_text("\nwatchdog: no progress, at ");
    hwi_rv32_uart_hex(pc);
    hwi_rv32_uart_text("\n");
    hwi_rv32_reset(HAWSER_RESET_WATCHDOG);
}

/* What the processor calls for everything that interrupts the program; where the
 * program goes on. Interrupts of devices do nothing but end a sleep. */
uint32_t hwi_rv32_trap(uint32_t cause, uint32_t pc, uint32_t value)
{
    if (cause == CAUSE_EXTERNAL) {
        __asm__ volatile(CSR("csrc mie, %0")::"r"(MIE_EXTERNAL));
    } else if (cause != CAUSE_TIMER) {
        panic(cause, pc, value);
    } else if (hwi_rv32_ticks() < bite_ticks) {
        timer_set(bite_ticks);
    } else {
        bite(pc);
    }
    return pc == (uint32_t)(uintptr_t)hwi_rv32_doze_wfi
               ? (uint32_t)(uintptr_t)hwi_rv32_doze_end
               : pc;
}

void hwi_rv32_watchdog_feed(void)
{
    uint32_t slot;

    bite_ticks = hwi_rv32_ticks() +
                 (uint64_t)HWI_RV32_WATCHDOG_S * 1000u * HWI_RV32_TICKS_PER_MS;
    timer_set(bite_ticks);
    for (slot = 1; slot <= HWI_RV32_VIRTIO_SLOTS; slot++) {
        hwi_rv32_write(PLIC_PRIORITY(slot), 1);
    }
    hwi_rv32_write(PLIC_ENABLE, (2u << HWI_RV32_VIRTIO_SLOTS) - 2u);
    __asm__ volatile(CSR("csrs mie, %0")::"r"(MIE_TIMER));
    __asm__ volatile(CSR("csrs mstatus, %0")::"r"(MSTATUS_MIE));
}

void hwi_rv32_sleep(uint64_t deadline_ms)
{
    uint64_t wake = UINT64_MAX;
    uint32_t source;

    if (deadline_ms < UINT64_MAX / HWI_RV32_TICKS_PER_MS) {
        wake = deadline_ms * HWI_RV32_TICKS_PER_MS;
    }
    /* The timer may ring from now on only where that ends the sleep. */
    __asm__ volatile(CSR("csrc mie, %0")::"r"(MIE_TIMER));
    timer_set(wake < bite_ticks ? wake : bite_ticks);
    hwi_rv32_doze();
    timer_set(bite_ticks);
    __asm__ volatile(CSR("csrc mie, %0")::"r"(MIE_EXTERNAL));
    while ((source = hwi_rv32_read(PLIC_CLAIM)) != 0) {
        uintptr_t slot = HWI_RV32_VIRTIO + 0x1000u * (source - 1);

        hwi_rv32_write(slot + 0x64, hwi_rv32_read(slot + 0x60));
        hwi_rv32_write(PLIC_CLAIM, source);
    }
}

size_t hwi_rv32_stack_free(void)
{
    size_t words =
        ((uintptr_t)__stack_end - (uintptr_t)__stack) / sizeof __stack[0];
    size_t at = 0;

    while (at < words && __stack[at] == STACK_PAINT) {
        at++;
    }
    return at * sizeof __stack[0];
}
