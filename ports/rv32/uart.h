/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The serial line: what a person sees. Output only.
 */
#ifndef HWI_RV32_UART_H
#define HWI_RV32_UART_H

#include <stdint.h>

void hwi_rv32_uart_byte(uint8_t byte);
void hwi_rv32_uart_text(const char *text);
void hwi_rv32_uart_hex(uint32_t value);
void hwi_rv32_uart_decimal(int64_t value);

#endif
