/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The entry that libFuzzer calls.
 */
#ifndef HWI_FUZZ_FUZZ_H
#define HWI_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* One input. Answers 0; a finding is an abort. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
