/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An NS16550A, polled: its FIFO takes 16 bytes, so a line of log costs at most
 * its own time on the wire.
 */
#include "ports/rv32/uart.h"

#include "ports/rv32/machine.h"

#define LINE_STATUS (HWI_RV32_UART + 5)
#define CAN_TAKE    0x20u

void hwi_rv32_uart_byte(uint8_t byte)
{
    while ((hwi_rv32_read_byte(LINE_STATUS) & CAN_TAKE) == 0) {
    }
    hwi_rv32_write_byte(HWI_RV32_UART, byte);
}

void hwi_rv32_uart_text(const char *text)
{
    for (; *text != '\0'; text++) {
        hwi_rv32_uart_byte((uint8_t)*text);
    }
}

void hwi_rv32_uart_hex(uint32_t value)
{
    int shift;

    hwi_rv32_uart_text("0x");
    for (shift = 28; shift >= 0; shift -= 4) {
        hwi_rv32_uart_byte((uint8_t) "0123456789abcdef"[value >> shift & 15]);
    }
}

void hwi_rv32_uart_decimal(int64_t value)
{
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    char digits[21];
    unsigned at = sizeof digits;

    digits[--at] = '\0';
    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (value < 0) {
        hwi_rv32_uart_byte('-');
    }
    hwi_rv32_uart_text(digits + at);
}
