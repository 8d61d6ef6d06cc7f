/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Entropy, or a scrambled clock while a freshly started machine has none: a
 * waiting time must not wait for randomness. And a hash, for phases and names.
 */
#include "device/random.h"

#include "wire/memory.h"

uint32_t hwi_hash(struct hawser_view text)
{
    uint32_t value = 2166136261u;

    for (size_t i = 0; i < text.len; i++) {
        value = (value ^ text.at[i]) * 16777619u;
    }
    return value;
}

uint32_t hwi_random(const struct hawser_port *port, uint32_t salt)
{
    uint8_t bytes[4];
    uint32_t value;

    if (port->entropy(port->ctx, bytes, sizeof(bytes)) == 0) {
        memcpy(&value, bytes, sizeof(value));
        return value;
    }
    value = salt ^ (uint32_t)port->now_ms(port->ctx);
    for (int i = 0; i < 3; i++) { /* xorshift32 */
        value ^= value << 13;
        value ^= value >> 17;
        value ^= value << 5;
    }
    return value;
}
