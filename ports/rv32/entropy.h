/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random bytes from the machine's generator.
 */
#ifndef HWI_RV32_ENTROPY_H
#define HWI_RV32_ENTROPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* false: the machine has no generator; nothing that needs keys may start. */
bool hwi_rv32_entropy_open(void);

/* 0, or WAIT: the generator gave nothing within 100 ms. */
int hwi_rv32_entropy(uint8_t *out, size_t len);

#endif
