/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers in records on flash: little-endian, at any address.
 */
#ifndef HWI_DEVICE_BYTES_H
#define HWI_DEVICE_BYTES_H

#include <stdint.h>

static inline void hwi_put_u16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)value;
    at[1] = (uint8_t)(value >> 8);
}

static inline uint16_t hwi_get_u16(const uint8_t *at)
{
    return (uint16_t)((uint32_t)at[0] | (uint32_t)at[1] << 8);
}

static inline void hwi_put_u32(uint8_t *at, uint32_t value)
{
    hwi_put_u16(at, (uint16_t)value);
    hwi_put_u16(at + 2, (uint16_t)(value >> 16));
}

static inline uint32_t hwi_get_u32(const uint8_t *at)
{
    return hwi_get_u16(at) | (uint32_t)hwi_get_u16(at + 2) << 16;
}

static inline void hwi_put_u64(uint8_t *at, uint64_t value)
{
    hwi_put_u32(at, (uint32_t)value);
    hwi_put_u32(at + 4, (uint32_t)(value >> 32));
}

static inline uint64_t hwi_get_u64(const uint8_t *at)
{
    return hwi_get_u32(at) | (uint64_t)hwi_get_u32(at + 4) << 32;
}

#endif
