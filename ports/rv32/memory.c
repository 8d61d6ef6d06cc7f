/* SPDX-License-Identifier: Apache-2.0 */
/*
 * memcpy() and memset() by words: picolibc's small ones go byte by byte, which
 * costs a fifth of a TLS handshake.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint32_t __attribute__((may_alias)) word;

#define ALIGNED(p) ((uintptr_t)(p) % 4 == 0)
/* Or GCC finds a memcpy() in here and calls it. */
#define LITERALLY __attribute__((optimize("no-tree-loop-distribute-patterns")))

LITERALLY void *memcpy(void *restrict to, const void *restrict from, size_t len)
{
    uint8_t *out = to;
    const uint8_t *in = from;

    if (((uintptr_t)out & 3) == ((uintptr_t)in & 3)) {
        for (; len > 0 && !ALIGNED(out); len--) {
            *out++ = *in++;
        }
        for (; len >= 16; len -= 16, out += 16, in += 16) {
            word *w = (word *)out;
            const word *v = (const word *)in;
            word a = v[0];
            word b = v[1];
            word c = v[2];
            word d = v[3];

            w[0] = a;
            w[1] = b;
            w[2] = c;
            w[3] = d;
        }
        for (; len >= 4; len -= 4, out += 4, in += 4) {
            *(word *)out = *(const word *)in;
        }
    }
    for (; len > 0; len--) {
        *out++ = *in++;
    }
    return to;
}

LITERALLY void *memset(void *to, int byte, size_t len)
{
    uint8_t *out = to;
    word pattern = (uint8_t)byte * UINT32_C(0x01010101);

    for (; len > 0 && !ALIGNED(out); len--) {
        *out++ = (uint8_t)byte;
    }
    for (; len >= 4; len -= 4, out += 4) {
        *(word *)out = pattern;
    }
    for (; len > 0; len--) {
        *out++ = (uint8_t)byte;
    }
    return to;
}
