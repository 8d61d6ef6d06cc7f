/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records of the outbox: what was written is read, and what is whole by its CRC
 * but cannot be is not believed.
 */
#include "device/outbox_record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define JSON "\"t\":1"

static uint16_t data_of(uint8_t *out)
{
    const struct hwi_entry entry = {
        .boot = 7,
        .seq = 9,
        .measured_ms = UINT64_C(1) << 40,
        .unix_ms = 1700000000123u,
        .is_simulated = true,
        .is_stored = true,
        .json = {(const uint8_t *)JSON, sizeof(JSON) - 1}};

    return hwi_outbox_encode_data(out, &entry, 41);
}

static void test_data_is_read_as_written(void **state)
{
    uint8_t bytes[HWI_DATA_FIXED + 64];
    struct hwi_record record = {42, HWI_OUTBOX_DATA, data_of(bytes)};
    struct hwi_entry entry;
    uint32_t done = 0;

    (void)state;
    assert_true(hwi_outbox_decode_data(&record, bytes, &entry, &done));
    assert_int_equal(done, 41);
    assert_int_equal(entry.boot, 7);
    assert_int_equal(entry.seq, 9);
    assert_true(entry.measured_ms == UINT64_C(1) << 40);
    assert_true(entry.unix_ms == 1700000000123u);
    assert_true(entry.is_simulated && entry.is_stored);
    assert_int_equal(entry.json.len, sizeof(JSON) - 1);
    assert_memory_equal(entry.json.at, JSON, sizeof(JSON) - 1);
}

static void test_data_that_cannot_be_is_none(void **state)
{
    uint8_t bytes[HWI_DATA_FIXED + 64];
    const struct hwi_record good = {42, HWI_OUTBOX_DATA, data_of(bytes)};
    const struct hwi_record wrong[] = {
        {42, HWI_OUTBOX_STATE, good.len},
        {42, HWI_OUTBOX_DATA, HWI_DATA_FIXED - 1},
        {42, HWI_OUTBOX_DATA, HWI_DATA_FIXED + HWI_ENTRY_MAX + 1},
        {41, HWI_OUTBOX_DATA, good.len}, /* done reaches itself */
    };
    struct hwi_entry entry;
    uint32_t done = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_false(hwi_outbox_decode_data(&wrong[i], bytes, &entry, &done));
    }
    assert_true(hwi_outbox_decode_data(&good, bytes, &entry, &done));
}

static uint16_t state_of(uint8_t out[HWI_STATE_MAX])
{
    struct hwi_outbox_state s = {.done = 5, .time_count = 2};

    s.losses.count = 1;
    s.losses.ranges[0] = (struct hwi_lost){3, 4, 3, 9, 6};
    s.times[0].boot = 2;
    s.times[0].offset_ms = 77;
    s.times[1].boot = 3;
    s.times[1].offset_ms = UINT64_C(1) << 50;
    return hwi_outbox_encode_state(out, &s);
}

static void test_state_is_read_as_written(void **state)
{
    uint8_t bytes[HWI_STATE_MAX];
    const struct hwi_record record = {6, HWI_OUTBOX_STATE, state_of(bytes)};
    struct hwi_outbox_state s;

    (void)state;
    assert_true(hwi_outbox_decode_state(&record, bytes, &s));
    assert_int_equal(s.done, 5);
    assert_int_equal(s.losses.count, 1);
    assert_int_equal(s.losses.ranges[0].to, 9);
    assert_int_equal(s.losses.ranges[0].count, 6);
    assert_int_equal(s.time_count, 2);
    assert_true(s.times[1].offset_ms == UINT64_C(1) << 50);
}

static void test_state_that_cannot_be_is_none(void **state)
{
    uint8_t bytes[HWI_STATE_MAX];
    const struct hwi_record good = {6, HWI_OUTBOX_STATE, state_of(bytes)};
    const struct {
        struct hwi_record record;
        uint8_t losses;
        uint8_t times;
    } wrong[] = {
        {{6, HWI_OUTBOX_DATA, good.len}, 1, 2},
        {{6, HWI_OUTBOX_STATE, 5}, 1, 2},
        {good, HWI_LOST_MAX + 1, 2},
        {good, 1, HWI_BOOT_TIMES_MAX + 1},
        {good, 1, 1},                            /* the length is another */
        {{5, HWI_OUTBOX_STATE, good.len}, 1, 2}, /* done reaches itself */
    };
    struct hwi_outbox_state s;

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        bytes[4] = wrong[i].losses;
        bytes[5] = wrong[i].times;
        assert_false(hwi_outbox_decode_state(&wrong[i].record, bytes, &s));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_data_is_read_as_written),
        cmocka_unit_test(test_data_that_cannot_be_is_none),
        cmocka_unit_test(test_state_is_read_as_written),
        cmocka_unit_test(test_state_that_cannot_be_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
