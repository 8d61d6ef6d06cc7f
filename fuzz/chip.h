/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A flash chip for fuzzers: a port of which only flash and the clock work, and
 * which aborts when the rules of flash are broken.
 */
#ifndef HWI_FUZZ_CHIP_H
#define HWI_FUZZ_CHIP_H

#include "hawser/port.h"

#define CHIP_MAX 8192u

struct chip {
    struct hawser_flash_geometry shape; /* of every region: they are one */
    uint8_t bytes[CHIP_MAX];
};

/* All erased. */
void chip_init(struct chip *c, struct hawser_flash_geometry shape);

struct hawser_port chip_port(struct chip *c);

#endif
