/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The entry that libFuzzer calls, and the way to say what must be true.
 */
#ifndef HWI_FUZZ_FUZZ_H
#define HWI_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* Aborts unless it is true, which libFuzzer reports as a finding. */
static inline void must(bool fact)
{
    if (!fact) {
        abort();
    }
}

/* One input. Answers 0; a finding is an abort. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
