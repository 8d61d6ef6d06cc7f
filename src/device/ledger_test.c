/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ledger: what it remembers, for how long, and over restarts. Power cuts:
 * ledger_power_test.c.
 */
#include "device/ledger_test.h"

#include "device/journal.h"
#include "device/json_write.h"
#include "device/ledger_parts.h"

static void shape(struct rig *r, uint32_t size, uint32_t count)
{
    fake_flash_shape(&r->fake, HAWSER_REGION_COMMANDS,
                     (struct hawser_flash_geometry){size, count, 4});
}

/* One command --------------------------------------------------------------- */

static void test_begin_is_found_again_and_after_a_restart(void **state)
{
    struct rig *r = *state;
    struct hwi_ledger l = load(r);
    uint32_t seq = 0;
    uint32_t found = 0;

    assert_int_equal(find(&l, 1, &found), HAWSER_E_ABSENT);
    assert_int_equal(begin(&l, 1, &seq), 0);
    assert_int_equal(find(&l, 1, &found), 0);
    assert_int_equal(found, seq);
    assert_entry(&l, seq, 1, false);
    assert_int_equal(hwi_ledger_state_of(&l, seq), HWI_LEDGER_RUNNING);
    l = load(r);
    assert_int_equal(find(&l, 1, &found), 0);
    assert_entry(&l, found, 1, false);
    assert_int_equal(hwi_ledger_state_of(&l, found), HWI_LEDGER_LEFT);
    assert_int_equal(find(&l, 2, &found), HAWSER_E_ABSENT);
}

static void test_finish_is_found_until_told_and_after(void **state)
{
    struct rig *r = *state;
    struct hwi_ledger l = load(r);
    uint32_t seq = 0;

    assert_int_equal(begin(&l, 4, &seq), 0);
    assert_int_equal(finish(&l, seq, 4), 0);
    assert_int_equal(hwi_ledger_state_of(&l, seq), HWI_LEDGER_DONE);
    assert_entry(&l, seq, 4, true);
    l = load(r);
    assert_int_equal(hwi_ledger_state_of(&l, seq), HWI_LEDGER_DONE);
    hwi_ledger_sent(&l, seq);
    assert_int_equal(hwi_ledger_state_of(&l, seq), HWI_LEDGER_SENT);
    l = load(r);
    assert_int_equal(hwi_ledger_state_of(&l, seq), HWI_LEDGER_DONE);
    assert_int_equal(hwi_ledger_told(&l, seq), 0); /* it was not sent */
    assert_int_equal(hwi_ledger_state_of(&l, seq), HWI_LEDGER_DONE);
    hwi_ledger_sent(&l, seq);
    hwi_ledger_unsent(&l, seq);
    assert_int_equal(hwi_ledger_state_of(&l, seq), HWI_LEDGER_DONE);
    hwi_ledger_sent(&l, seq);
    assert_int_equal(hwi_ledger_told(&l, seq), 0);
    hwi_ledger_unsent(&l, seq);
    assert_int_equal(hwi_ledger_state_of(&l, seq), HWI_LEDGER_TOLD);
    l = load(r);
    assert_int_equal(hwi_ledger_state_of(&l, seq), HWI_LEDGER_TOLD);
    assert_entry(&l, seq, 4, true);
}

static void test_finish_only_once(void **state)
{
    struct rig *r = *state;
    struct hwi_ledger l = load(r);
    uint32_t seq = 0;

    assert_int_equal(begin(&l, 1, &seq), 0);
    assert_int_equal(finish(&l, seq + 1, 1), HAWSER_E_ABSENT);
    assert_int_equal(finish(&l, 0, 1), HAWSER_E_ABSENT);
    assert_int_equal(finish(&l, seq, 1), 0);
    assert_int_equal(finish(&l, seq, 1), HAWSER_E_ABSENT);
    assert_entry(&l, seq, 1, true);
}

static void test_finish_of_an_earlier_run(void **state)
{
    struct rig *r = *state;
    struct hwi_ledger l = load(r);
    uint32_t seq = 0;

    assert_int_equal(begin(&l, 1, &seq), 0);
    l = load(r);
    assert_int_equal(hwi_ledger_next(&l, HWI_LEDGER_LEFT, 0), seq);
    assert_int_equal(finish(&l, seq, 1), 0);
    l = load(r);
    assert_int_equal(hwi_ledger_state_of(&l, seq), HWI_LEDGER_DONE);
    assert_entry(&l, seq, 1, true);
}

static void test_begin_longest_texts_fit(void **state)
{
    static const unsigned max[HWI_LEDGER_TEXTS] = {
        HWI_COMMAND_ID_MAX,  HWI_COMMAND_MAX, HWI_RESPONSE_MAX,
        HWI_CORRELATION_MAX, HWI_CODE_MAX,    HWI_MESSAGE_MAX,
        HWI_RESULT_MAX};
    uint8_t bytes[HWI_RESULT_MAX + 1];
    uint8_t room[HWI_LEDGER_RECORD_MAX];
    struct hawser_span span = {room, sizeof(room)};
    struct hwi_ledger_item item = {.boot = 1};
    struct rig *r = *state;
    uint32_t seq = 0;

    memset(bytes, 'x', sizeof(bytes));
    for (uint32_t size = 512; size <= 1024; size *= 2) {
        struct hwi_ledger l;
        shape(r, size, 4);
        l = load(r);
        for (unsigned i = 0; i < HWI_LEDGER_TEXTS; i++) {
            item.texts[i] = (struct hawser_view){bytes, max[i]};
        }
        assert_int_equal(hwi_ledger_begin(&l, &item, &seq), 0);
        item.status = HWI_REPLY_FAILED;
        item.texts[HWI_LEDGER_MESSAGE].len++; /* is cut */
        assert_int_equal(hwi_ledger_finish(&l, seq, &item), 0);
        l = load(r);
        assert_int_equal(hwi_ledger_read(&l, seq, span, &item), 0);
        for (unsigned i = 0; i < HWI_LEDGER_RESULT; i++) {
            assert_int_equal(item.texts[i].len, max[i]);
        }
        assert_int_equal(item.texts[HWI_LEDGER_RESULT].len,
                         size == 512 ? 0 : HWI_RESULT_MAX);
    }
}

static void test_finish_too_long_a_result_is_left_out(void **state)
{
    uint8_t bytes[HWI_RESULT_MAX + 1] = {0};
    uint8_t room[HWI_LEDGER_RECORD_MAX];
    struct rig *r = *state;
    struct hwi_ledger l = load(r);
    struct hwi_ledger_item item = {.status = HWI_REPLY_SUCCEEDED};
    uint32_t seq = 0;

    assert_int_equal(begin(&l, 1, &seq), 0);
    item.texts[HWI_LEDGER_RESULT] = (struct hawser_view){bytes, sizeof(bytes)};
    assert_int_equal(hwi_ledger_finish(&l, seq, &item), 0);
    assert_int_equal(hwi_ledger_read(&l, seq,
                                     (struct hawser_span){room, sizeof(room)},
                                     &item),
                     0);
    assert_int_equal(item.texts[HWI_LEDGER_RESULT].len, 0);
    assert_int_equal(item.status, HWI_REPLY_SUCCEEDED);
}

/* Many ---------------------------------------------------------------------- */

static void test_next_goes_by_age(void **state)
{
    struct rig *r = *state;
    struct hwi_ledger l = load(r);
    uint32_t seq[4];

    for (uint32_t n = 0; n < 4; n++) {
        assert_int_equal(begin(&l, n, &seq[n]), 0);
    }
    assert_int_equal(finish(&l, seq[2], 2), 0);
    assert_int_equal(finish(&l, seq[0], 0), 0);
    assert_int_equal(hwi_ledger_next(&l, HWI_LEDGER_DONE, 0), seq[0]);
    assert_int_equal(hwi_ledger_next(&l, HWI_LEDGER_DONE, seq[0]), seq[2]);
    assert_int_equal(hwi_ledger_next(&l, HWI_LEDGER_DONE, seq[2]), 0);
    assert_int_equal(hwi_ledger_next(&l, HWI_LEDGER_RUNNING, 0), seq[1]);
    assert_int_equal(hwi_ledger_next(&l, HWI_LEDGER_TOLD, 0), 0);
}

/* In RAM and on flash. */
static void test_begin_the_newest_are_remembered(void **state)
{
    struct rig *r = *state;
    struct hwi_ledger l;
    uint32_t seq = 0;

    shape(r, 2048, 4);
    l = load(r);
    for (uint32_t n = 1; n <= 400; n++) {
        uint32_t first = n > HWI_LEDGER_MAX ? n - HWI_LEDGER_MAX + 1 : 1;
        struct known k;
        make_known(&k, n);
        for (unsigned i = HWI_LEDGER_RESPONSE; i < HWI_LEDGER_TEXTS; i++) {
            k.item.texts[i].len = 0; /* so that 32 fit in three sectors */
        }
        assert_int_equal(hwi_ledger_begin(&l, &k.item, &seq), 0);
        assert_int_equal(hwi_ledger_finish(&l, seq, &k.item), 0);
        hwi_ledger_sent(&l, seq);
        assert_int_equal(hwi_ledger_told(&l, seq), 0);
        if (n % 3 == 0) {
            l = load(r);
        }
        for (uint32_t i = first; i <= n; i++) {
            assert_int_equal(find(&l, i, &seq), 0);
        }
    }
}

static void test_begin_in_a_small_region_remembers_fewer(void **state)
{
    struct rig *r = *state;
    struct hwi_ledger l;
    uint32_t seq = 0;

    shape(r, 512, 2);
    l = load(r);
    for (uint32_t n = 1; n <= 100; n++) {
        do_all(&l, n);
        assert_int_equal(find(&l, n, &seq), 0);
        assert_entry(&l, seq, n, true);
        l = load(r);
        assert_int_equal(find(&l, n, &seq), 0);
        assert_entry(&l, seq, n, true);
    }
}

/* A long one stays, whatever comes and goes meanwhile. */
static void test_begin_what_is_under_way_is_not_forgotten(void **state)
{
    struct rig *r = *state;
    struct hwi_ledger l = load(r);
    uint32_t running = 0;
    uint32_t waiting = 0;

    assert_int_equal(begin(&l, 1, &running), 0);
    assert_int_equal(begin(&l, 2, &waiting), 0);
    assert_int_equal(finish(&l, waiting, 2), 0);
    for (uint32_t n = 3; n < 300; n++) {
        do_all(&l, n);
        if (n % 7 == 0) {
            l = load(r);
        }
        assert_entry(&l, running, 1, false);
        assert_entry(&l, waiting, 2, true);
    }
    assert_int_equal(hwi_ledger_state_of(&l, running), HWI_LEDGER_LEFT);
    assert_int_equal(hwi_ledger_state_of(&l, waiting), HWI_LEDGER_DONE);
    assert_int_equal(finish(&l, running, 1), 0);
    assert_entry(&l, running, 1, true);
}

static void test_begin_all_under_way_is_full(void **state)
{
    struct rig *r = *state;
    struct hwi_ledger l;
    uint32_t seq[HWI_LEDGER_MAX];
    uint32_t other = 0;

    shape(r, 2048, 2);
    l = load(r);
    for (uint32_t n = 0; n < HWI_LEDGER_MAX; n++) {
        struct hwi_ledger_item item = {.boot = n};
        assert_int_equal(hwi_ledger_is_crowded(&l), n >= HWI_LEDGER_MAX / 2);
        assert_int_equal(hwi_ledger_begin(&l, &item, &seq[n]), 0);
    }
    assert_int_equal(begin(&l, 99, &other), HAWSER_E_FULL);
    assert_int_equal(finish(&l, seq[7], 7), 0);
    assert_int_equal(begin(&l, 99, &other), HAWSER_E_FULL);
    hwi_ledger_sent(&l, seq[7]);
    assert_int_equal(hwi_ledger_told(&l, seq[7]), 0);
    assert_int_equal(begin(&l, 99, &other), 0);
    assert_int_equal(find(&l, 99, &other), 0);
}

static void test_find_of_two_with_one_hash_the_right_one(void **state)
{
    /* Their CRC-32 is the same. */
    struct hawser_view one = hwi_view("plumless");
    struct hawser_view two = hwi_view("buckeroo");
    struct hwi_ledger_item item = {.boot = 1};
    struct rig *r = *state;
    struct hwi_ledger l = load(r);
    uint32_t seq[2];
    uint32_t found = 0;

    item.texts[HWI_LEDGER_ID] = one;
    assert_int_equal(hwi_ledger_begin(&l, &item, &seq[0]), 0);
    assert_int_equal(hwi_ledger_find(&l, two, &found), HAWSER_E_ABSENT);
    item.texts[HWI_LEDGER_ID] = two;
    assert_int_equal(hwi_ledger_begin(&l, &item, &seq[1]), 0);
    assert_int_equal(l.entries[0].hash, l.entries[1].hash);
    assert_int_equal(hwi_ledger_find(&l, one, &found), 0);
    assert_int_equal(found, seq[0]);
    assert_int_equal(hwi_ledger_find(&l, two, &found), 0);
    assert_int_equal(found, seq[1]);
}

/* Failures ------------------------------------------------------------------ */

static void test_load_without_a_region_nothing_can_begin(void **state)
{
    static const struct hawser_flash_geometry shapes[] = {
        {0, 0, 0}, {512, 1, 4}, {256, 8, 4}};
    struct rig *r = *state;
    uint32_t seq = 0;

    for (unsigned i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
        struct hwi_ledger l;
        fake_flash_shape(&r->fake, HAWSER_REGION_COMMANDS, shapes[i]);
        l = load(r);
        assert_int_equal(begin(&l, 1, &seq), HAWSER_E_STATE);
        assert_int_equal(find(&l, 1, &seq), HAWSER_E_ABSENT);
    }
}

static void test_load_unreadable_flash_is_told(void **state)
{
    struct rig *r = *state;
    struct hwi_ledger l = load(r);
    uint32_t seq = 0;

    do_all(&l, 1);
    r->fake.flash.is_unreadable = true;
    assert_int_equal(find(&l, 1, &seq), HAWSER_E_STORAGE);
    assert_int_equal(hwi_ledger_load(&l, &r->fake.port), HAWSER_E_STORAGE);
    assert_int_equal(begin(&l, 2, &seq), HAWSER_E_STATE);
    r->fake.flash.is_unreadable = false;
    l = load(r);
    assert_int_equal(find(&l, 1, &seq), 0);
}

static void test_begin_broken_flash_is_told(void **state)
{
    struct rig *r = *state;
    struct hwi_ledger l = load(r);
    uint32_t seq = 0;

    r->fake.flash.is_broken = true;
    assert_int_equal(begin(&l, 1, &seq), HAWSER_E_STORAGE);
    assert_int_equal(find(&l, 1, &seq), HAWSER_E_ABSENT);
    r->fake.flash.is_broken = false;
    assert_int_equal(begin(&l, 1, &seq), 0);
    r->fake.flash.is_broken = true;
    assert_int_equal(finish(&l, seq, 1), HAWSER_E_STORAGE);
    assert_int_equal(find(&l, 1, &seq), 0); /* it is not done again */
    assert_int_equal(finish(&l, seq, 1), HAWSER_E_ABSENT);
    r->fake.flash.is_broken = false;
    l = load(r);
    assert_int_equal(hwi_ledger_state_of(&l, seq), HWI_LEDGER_LEFT);
}

static void test_told_broken_flash_is_told_once_more(void **state)
{
    struct rig *r = *state;
    struct hwi_ledger l = load(r);
    uint32_t seq = 0;

    assert_int_equal(begin(&l, 1, &seq), 0);
    assert_int_equal(finish(&l, seq, 1), 0);
    hwi_ledger_sent(&l, seq);
    r->fake.flash.is_broken = true;
    assert_int_equal(hwi_ledger_told(&l, seq), HAWSER_E_STORAGE);
    assert_int_equal(hwi_ledger_state_of(&l, seq), HWI_LEDGER_TOLD);
    r->fake.flash.is_broken = false;
    l = load(r);
    assert_int_equal(hwi_ledger_state_of(&l, seq), HWI_LEDGER_DONE);
}

/* Whole records of ours, but with lengths that lie. */
static void test_load_records_that_lie_are_left_out(void **state)
{
    uint8_t frame[HWI_JOURNAL_HEAD + 64 + HWI_JOURNAL_TAIL];
    struct rig *r = *state;
    struct hwi_ledger l = load(r);
    uint32_t seq = 0;

    do_all(&l, 1);
    for (uint16_t len = 0; len <= 64; len++) {
        struct hwi_record record = {.type = len % 3 == 0 ? 2 : 1, .len = len};
        memset(frame, len % 2 == 0 ? 0x01 : 0xFF, sizeof(frame));
        if (hwi_journal_append(&l.journal, &record, frame, 0) != 0) {
            break;
        }
    }
    l = load(r);
    assert_int_equal(find(&l, 1, &seq), 0);
    for (unsigned i = 1; i < HWI_LEDGER_MAX; i++) {
        assert_int_equal(l.entries[i].seq, 0);
    }
}

/* What is not in it is over and done with, and nothing happens to it. */
static void test_strangers_are_over_and_done_with(void **state)
{
    struct rig *r = *state;
    struct hwi_ledger l = load(r);
    uint32_t seq = 0;

    assert_int_equal(begin(&l, 1, &seq), 0);
    assert_int_equal(hwi_ledger_state_of(&l, seq + 1), HWI_LEDGER_TOLD);
    hwi_ledger_sent(&l, seq + 1);
    hwi_ledger_sent(&l, seq); /* it has no answer yet */
    assert_int_equal(hwi_ledger_state_of(&l, seq), HWI_LEDGER_RUNNING);
    hwi_ledger_unsent(&l, seq + 1);
    hwi_ledger_unsent(&l, seq);
    assert_int_equal(hwi_ledger_told(&l, seq + 1), 0);
    assert_int_equal(hwi_ledger_told(&l, seq), 0);
    assert_int_equal(hwi_ledger_state_of(&l, seq), HWI_LEDGER_RUNNING);
}

static void test_read_says_what_is_wrong(void **state)
{
    uint8_t room[HWI_LEDGER_RECORD_MAX];
    struct hwi_ledger_item item;
    struct rig *r = *state;
    struct hwi_ledger l = load(r);
    uint32_t other = 0;
    uint32_t seq = 0;

    assert_int_equal(begin(&l, 3, &seq), 0);
    assert_int_equal(hwi_ledger_read(&l, seq + 1,
                                     (struct hawser_span){room, sizeof(room)},
                                     &item),
                     HAWSER_E_ABSENT);
    assert_int_equal(
        hwi_ledger_read(&l, seq, (struct hawser_span){room, 4}, &item),
        HAWSER_E_STORAGE);
    assert_int_equal(begin(&l, 4, &other), 0);
    l.entries[1].at = l.entries[0].at; /* another one stands there */
    assert_int_equal(hwi_ledger_read(&l, other,
                                     (struct hawser_span){room, sizeof(room)},
                                     &item),
                     HAWSER_E_STORAGE);
    r->fake.flash.is_unreadable = true;
    assert_int_equal(hwi_ledger_read(&l, seq,
                                     (struct hawser_span){room, sizeof(room)},
                                     &item),
                     HAWSER_E_STORAGE);
    /* Nor can it be ended, as its beginning cannot be read; it is not tried
     * for ever. */
    assert_int_equal(finish(&l, seq, 3), HAWSER_E_STORAGE);
    assert_int_equal(hwi_ledger_state_of(&l, seq), HWI_LEDGER_TOLD);
}

/* Records of a later firmware, and receipts for what is not there, or has no
 * answer yet. */
static void test_load_knows_its_own_records_only(void **state)
{
    uint8_t frame[HWI_JOURNAL_HEAD + HWI_LEDGER_RECORD_MAX + 8 +
                  HWI_JOURNAL_TAIL] = {0};
    const struct hwi_record foreign[] = {
        {.type = 9, .len = 12},
        {.type = HWI_LEDGER_ITEM, .len = HWI_LEDGER_RECORD_MAX + 8},
        {.type = HWI_LEDGER_SAID, .len = 5},
        {.type = HWI_LEDGER_SAID, .len = 4}, /* of number 0 */
    };
    struct hwi_record said = {.type = HWI_LEDGER_SAID, .len = 4};
    struct rig *r = *state;
    struct hwi_ledger l;
    uint32_t left = 0;
    uint32_t seq = 0;

    shape(r, 2048, 4);
    l = load(r);
    assert_int_equal(begin(&l, 1, &seq), 0);
    assert_int_equal(finish(&l, seq, 1), 0);
    for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
        struct hwi_record record = foreign[i];
        assert_int_equal(hwi_journal_append(&l.journal, &record, frame, 0), 0);
    }
    assert_int_equal(begin(&l, 2, &left), 0);
    frame[HWI_JOURNAL_HEAD] = (uint8_t)left;
    assert_int_equal(hwi_journal_append(&l.journal, &said, frame, 0), 0);
    l = load(r);
    assert_int_equal(hwi_ledger_state_of(&l, left), HWI_LEDGER_LEFT);
    assert_int_equal(hwi_ledger_state_of(&l, seq), HWI_LEDGER_DONE);
    assert_entry(&l, seq, 1, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(test_begin_is_found_again_and_after_a_restart),
        STORY(test_finish_is_found_until_told_and_after),
        STORY(test_finish_only_once),
        STORY(test_finish_of_an_earlier_run),
        STORY(test_begin_longest_texts_fit),
        STORY(test_finish_too_long_a_result_is_left_out),
        STORY(test_next_goes_by_age),
        STORY(test_begin_the_newest_are_remembered),
        STORY(test_begin_in_a_small_region_remembers_fewer),
        STORY(test_begin_what_is_under_way_is_not_forgotten),
        STORY(test_begin_all_under_way_is_full),
        STORY(test_find_of_two_with_one_hash_the_right_one),
        STORY(test_load_without_a_region_nothing_can_begin),
        STORY(test_load_unreadable_flash_is_told),
        STORY(test_begin_broken_flash_is_told),
        STORY(test_told_broken_flash_is_told_once_more),
        STORY(test_load_records_that_lie_are_left_out),
        STORY(test_strangers_are_over_and_done_with),
        STORY(test_read_says_what_is_wrong),
        STORY(test_load_knows_its_own_records_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
