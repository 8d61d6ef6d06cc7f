/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Log entries as lines on the serial line.
 */
#ifndef HWI_RV32_LOG_H
#define HWI_RV32_LOG_H

#include "hawser/port.h"

/* "    12.345 info  online host=broker.example session=417". Seconds since the
 * start; a text is one word or, in quotes, a JSON string. */
void hwi_rv32_log(const struct hawser_log *entry);

#endif
