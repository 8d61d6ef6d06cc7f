/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random numbers for waiting times: the port's entropy if it has some already,
 * else something that at least differs from device to device. Never for keys.
 */
#ifndef HWI_DEVICE_RANDOM_H
#define HWI_DEVICE_RANDOM_H

#include "hawser/port.h"

/* FNV-1a: the same for the same text, far apart for similar ones ("esp-001",
 * "esp-002"). */
uint32_t hwi_hash(struct hawser_view text);

/* 32 bits. salt: the device's own, used while there is no entropy. */
uint32_t hwi_random(const struct hawser_port *port, uint32_t salt);

#endif
