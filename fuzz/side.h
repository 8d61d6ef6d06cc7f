/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client that is fuzzed, and a hash of all it tells.
 */
#ifndef HWI_FUZZ_SIDE_H
#define HWI_FUZZ_SIDE_H

#include "hawser/mqtt.h"

struct side {
    struct hawser_client c;
    uint8_t rx[64], tx[256], store[256];
    struct hawser_slot slots[4];
    struct hawser_inbound inbound[4];
    uint8_t aliases_in[48], aliases_out[48];
    struct hawser_config cfg;
    uint64_t story; /* a hash of all events */
    uint32_t payload_at;
};

/* Adds bytes to the story. */
void side_tell(struct side *s, const void *at, size_t len);

/* Feeds bytes in a copy of their own, so that reads past the end are found, and
 * tells the events. Answers hawser_feed()'s error. */
int side_feed(struct side *s, const uint8_t *in, size_t len);

#endif
