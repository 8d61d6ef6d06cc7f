/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CRC-32 as in IEEE 802.3 (reflected, 0xEDB88320): tells a record that was
 * written whole from one that a power cut left behind.
 */
#ifndef HWI_WIRE_CRC32_H
#define HWI_WIRE_CRC32_H

#include "hawser/mqtt.h"
#include "wire/proof.h"

/* Of all of v; 0xCBF43926 for "123456789". */
/*@ requires hwi_is_readable(v);
    assigns \nothing;
*/
uint32_t hwi_crc32(struct hawser_view v);

/* Of bytes that come in parts: crc is that of the parts before, 0 at first. */
/*@ requires hwi_is_readable(v);
    assigns \nothing;
*/
uint32_t hwi_crc32_more(uint32_t crc, struct hawser_view v);

#endif
