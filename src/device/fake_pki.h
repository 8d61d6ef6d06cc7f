/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys and signatures for tests: not secret, not strong, but as strict as real
 * ones about what belongs to what.
 */
#ifndef HWI_DEVICE_FAKE_PKI_H
#define HWI_DEVICE_FAKE_PKI_H

#include "hawser/port.h"

#define FAKE_SIGNATURE_SIZE 70

/* The point of the update key number n (1..255). */
void fake_point(uint8_t n, uint8_t out[HAWSER_POINT_SIZE]);

/* Signs bytes by the update key number n. */
void fake_sign(uint8_t n, struct hawser_view bytes,
               uint8_t out[FAKE_SIGNATURE_SIZE]);

/* The port's functions. */
int fake_verify_signature(void *ctx, const struct hawser_signature *signature);

#endif
