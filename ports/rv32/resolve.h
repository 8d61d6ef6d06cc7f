/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names to addresses by lwIP's resolver.
 */
#ifndef HWI_RV32_RESOLVE_H
#define HWI_RV32_RESOLVE_H

#include "hawser/port.h"

/* As struct hawser_port's functions of these names; but lwIP keeps an answer as
 * long as the name server allows. */
int hwi_rv32_resolve(enum hawser_resolve_slot slot, const char *host,
                     struct hawser_address *out, size_t max);
void hwi_rv32_resolve_cancel(enum hawser_resolve_slot slot);

#endif
