/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CRC-32 against vectors of others, and against a second, plain way to count
 * it: bit by bit.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "wire/crc32.h"

static void test_crc32_known_texts_have_known_values(void **state)
{
    static const struct {
        struct hawser_view text;
        uint32_t crc;
    } rows[] = {
        {{(const uint8_t *)"", 0}, 0x00000000},
        {{(const uint8_t *)"a", 1}, 0xE8B7BE43},
        {{(const uint8_t *)"abc", 3}, 0x352441C2},
        {{(const uint8_t *)"123456789", 9}, 0xCBF43926},
        {{(const uint8_t *)"message digest", 14}, 0x20159D7F},
        {{(const uint8_t *)"The quick brown fox jumps over the lazy dog", 43},
         0x414FA339},
        {{(const uint8_t *)"\0\0\0\0", 4}, 0x2144DF1C},
        {{(const uint8_t *)"\xFF\xFF\xFF\xFF", 4}, 0xFFFFFFFF},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(hwi_crc32(rows[i].text), rows[i].crc);
    }
}

static uint32_t bit_by_bit(const uint8_t *at, size_t len)
{
    uint32_t crc = 0xFFFFFFFF;

    for (size_t i = 0; i < 8 * len; i++) {
        uint32_t bit = ((uint32_t)at[i / 8] >> (i % 8) & 1u) ^ (crc & 1u);
        crc = crc >> 1 ^ (bit != 0 ? 0xEDB88320u : 0);
    }
    return ~crc;
}

static void test_crc32_every_byte_is_counted_as_bit_by_bit(void **state)
{
    uint8_t bytes[256];

    (void)state;
    for (size_t i = 0; i < sizeof(bytes); i++) {
        bytes[i] = (uint8_t)(i * 167 + 13); /* each value once */
    }
    for (size_t len = 0; len <= sizeof(bytes); len++) {
        assert_int_equal(hwi_crc32((struct hawser_view){bytes, len}),
                         bit_by_bit(bytes, len));
    }
}

static void test_crc32_one_wrong_bit_shows(void **state)
{
    uint8_t bytes[32] = "thirty-one bytes are protected.";
    uint32_t good = hwi_crc32((struct hawser_view){bytes, sizeof(bytes)});

    (void)state;
    for (size_t i = 0; i < 8 * sizeof(bytes); i++) {
        bytes[i / 8] ^= (uint8_t)(1u << (i % 8));
        assert_int_not_equal(
            hwi_crc32((struct hawser_view){bytes, sizeof(bytes)}), good);
        bytes[i / 8] ^= (uint8_t)(1u << (i % 8));
    }
}

static void test_crc32_parts_give_the_same_as_the_whole(void **state)
{
    static const uint8_t text[] = "The quick brown fox";

    (void)state;
    for (size_t cut = 0; cut <= sizeof(text); cut++) {
        uint32_t crc = hwi_crc32_more(0, (struct hawser_view){text, cut});
        crc = hwi_crc32_more(
            crc, (struct hawser_view){text + cut, sizeof(text) - cut});
        assert_int_equal(crc,
                         hwi_crc32((struct hawser_view){text, sizeof(text)}));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_crc32_known_texts_have_known_values),
        cmocka_unit_test(test_crc32_every_byte_is_counted_as_bit_by_bit),
        cmocka_unit_test(test_crc32_one_wrong_bit_shows),
        cmocka_unit_test(test_crc32_parts_give_the_same_as_the_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
