/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A key is its number, a signature is a hash over the key's point and the
 * bytes.
 */
#include "device/fake_pki.h"

#include <string.h>

/* FNV-1a, 64 bits, over what came before and these bytes. */
static uint64_t hash(uint64_t value, const uint8_t *at, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        value = (value ^ at[i]) * UINT64_C(1099511628211);
    }
    return value;
}

/* Fills out with bytes that follow from a hash. */
static void spread(uint64_t value, uint8_t *out, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        value = hash(value, (const uint8_t[]){(uint8_t)i}, 1);
        out[i] = (uint8_t)(value >> 56);
    }
}

void fake_point(uint8_t n, uint8_t out[HAWSER_POINT_SIZE])
{
    spread(n, out, HAWSER_POINT_SIZE);
    out[0] = 0x04;
}

static void sign(const uint8_t *point, struct hawser_view bytes,
                 uint8_t out[FAKE_SIGNATURE_SIZE])
{
    spread(hash(hash(1, point, HAWSER_POINT_SIZE), bytes.at, bytes.len), out,
           FAKE_SIGNATURE_SIZE);
}

void fake_sign(uint8_t n, struct hawser_view bytes,
               uint8_t out[FAKE_SIGNATURE_SIZE])
{
    uint8_t point[HAWSER_POINT_SIZE];

    fake_point(n, point);
    sign(point, bytes, out);
}

int fake_verify_signature(void *ctx, const struct hawser_signature *signature)
{
    uint8_t wanted[FAKE_SIGNATURE_SIZE];

    (void)ctx;
    if (signature->key.len != HAWSER_POINT_SIZE ||
        signature->value.len != FAKE_SIGNATURE_SIZE) {
        return HAWSER_E_ARG;
    }
    sign(signature->key.at, signature->bytes, wanted);
    return memcmp(wanted, signature->value.at, sizeof(wanted)) == 0
               ? 0
               : HAWSER_E_ARG;
}
