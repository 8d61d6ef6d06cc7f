/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the port's files share: its configuration and what is to be done.
 */
#ifndef HWI_RV32_PARTS_H
#define HWI_RV32_PARTS_H

#include "ports/rv32/rv32.h"

struct hwi_rv32 {
    const struct hawser_rv32_config *config;
    uint64_t start_ms; /* of this run; the clock outlives a reset */
    uint8_t mac[6];
    bool is_restart_wanted;
};

extern struct hwi_rv32 hwi_rv32;

#endif
