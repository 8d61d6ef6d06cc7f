/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CRC-32, four bits at a time: a table of 64 bytes instead of 1024, for
 * records that are short and rare.
 */
#include "wire/crc32.h"

uint32_t hwi_crc32_more(uint32_t crc, struct hawser_view v)
{
    static const uint32_t table[16] = {
        0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190, 0x6B6B51F4,
        0x4DB26158, 0x5005713C, 0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C,
        0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C};

    crc = ~crc;
    /*@ loop invariant i <= v.len;
        loop assigns i, crc;
        loop variant v.len - i;
    */
    for (size_t i = 0; i < v.len; i++) {
        crc ^= v.at[i];
        crc = crc >> 4 ^ table[crc & 0x0F];
        crc = crc >> 4 ^ table[crc & 0x0F];
    }
    return ~crc;
}

uint32_t hwi_crc32(struct hawser_view v)
{
    return hwi_crc32_more(0, v);
}
