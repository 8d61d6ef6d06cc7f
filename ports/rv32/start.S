/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From reset to main(): stack, guard, .data and .bss; and the way into traps,
 * on a stack of its own, so that a stack that overflowed can still be told.
 * Runs in place from flash. RISC-V Privileged Architecture 3.1 (CSRs), 3.7 (PMP).
 */
        .option push
        .option arch, +zicsr

#define PMP_RW_LOCKED     0x9b /* L, NAPOT, R and W, no X */
#define PMP_NOTHING       0x98 /* L, NAPOT, no access */
#define STACK_PAINT       0x5aa55aa5
#define MIE_ALL           0x880 /* timer, devices */

        .section .text.start, "ax"
        .globl hwi_rv32_start
hwi_rv32_start:
        .option push
        .option norelax
        la      gp, __global_pointer$
        .option pop
        csrci   mstatus, 8              /* no interrupt before we are ready; */
        csrw    mie, zero               /* a reset leaves these as they were */
        la      sp, __stack_end
        la      tp, __thread
        la      t0, __trap_stack_end
        csrw    mscratch, t0
        la      t0, trap_entry
        csrw    mtvec, t0

        /* Below the stack nothing may be touched; no code runs from RAM. The
         * entries bind machine mode, too, until the next reset. */
        la      t0, __stack_guard
        srli    t0, t0, 2
        addi    t0, t0, (256 / 8) - 1           /* NAPOT: 256 bytes */
        csrw    pmpaddr0, t0
        la      t0, __ram
        srli    t0, t0, 2
        li      t1, (512 * 1024 / 8) - 1        /* NAPOT: 512 KiB */
        add     t0, t0, t1
        csrw    pmpaddr1, t0
        li      t0, (PMP_RW_LOCKED << 8) | PMP_NOTHING
        csrw    pmpcfg0, t0

        la      t0, __stack
        la      t1, __stack_end
        li      t2, STACK_PAINT
1:      sw      t2, 0(t0)
        addi    t0, t0, 4
        bltu    t0, t1, 1b

        la      a0, __data
        la      a1, __data_in_flash
        la      a2, __data_end
        sub     a2, a2, a0
        call    memcpy
        la      a0, __bss
        li      a1, 0
        la      a2, __bss_end
        sub     a2, a2, a0
        call    memset
        call    main
        .globl hwi_rv32_end
hwi_rv32_end:
        j       hwi_rv32_end                    /* the watchdog's affair */

        /* Sleeps until an interrupt. One that comes before the wfi leads past
         * it (hwi_rv32_trap), so none is slept through. */
        .section .text.doze, "ax"
        .globl hwi_rv32_doze, hwi_rv32_doze_wfi, hwi_rv32_doze_end
hwi_rv32_doze:
        li      t0, MIE_ALL
        csrs    mie, t0
hwi_rv32_doze_wfi:
        wfi
hwi_rv32_doze_end:
        ret

        .section .text.trap, "ax"
        .balign 4
trap_entry:
        csrrw   sp, mscratch, sp
        addi    sp, sp, -64
        sw      ra, 0(sp)
        sw      t0, 4(sp)
        sw      t1, 8(sp)
        sw      t2, 12(sp)
        sw      t3, 16(sp)
        sw      t4, 20(sp)
        sw      t5, 24(sp)
        sw      t6, 28(sp)
        sw      a0, 32(sp)
        sw      a1, 36(sp)
        sw      a2, 40(sp)
        sw      a3, 44(sp)
        sw      a4, 48(sp)
        sw      a5, 52(sp)
        sw      a6, 56(sp)
        sw      a7, 60(sp)
        csrr    a0, mcause
        csrr    a1, mepc
        csrr    a2, mtval
        call    hwi_rv32_trap           /* answers where to go on */
        csrw    mepc, a0
        lw      ra, 0(sp)
        lw      t0, 4(sp)
        lw      t1, 8(sp)
        lw      t2, 12(sp)
        lw      t3, 16(sp)
        lw      t4, 20(sp)
        lw      t5, 24(sp)
        lw      t6, 28(sp)
        lw      a0, 32(sp)
        lw      a1, 36(sp)
        lw      a2, 40(sp)
        lw      a3, 44(sp)
        lw      a4, 48(sp)
        lw      a5, 52(sp)
        lw      a6, 56(sp)
        lw      a7, 60(sp)
        addi    sp, sp, 64
        csrrw   sp, mscratch, sp
        mret
        .option pop
