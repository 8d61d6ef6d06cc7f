/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records for the tests of journal.c: each is known from its number in every
 * byte, so that a mixture of two shows.
 */
#ifndef HWI_DEVICE_JOURNAL_TEST_H
#define HWI_DEVICE_JOURNAL_TEST_H

#include "device/story_test.h"

#include "device/journal.h"
#include "device/medium.h"

#define PAYLOAD_MAX 80u

static inline uint16_t len_of(uint32_t number)
{
    return (uint16_t)(number * 37 % (PAYLOAD_MAX + 1));
}

static inline uint8_t type_of(uint32_t number)
{
    return (uint8_t)(number * 3);
}

/* 0xFF, the byte of erased flash, is common in some of them. */
static inline uint8_t byte_of(uint32_t number, uint32_t i)
{
    return number % 4 == 0 ? 0xFF : (uint8_t)(number * 7 + i);
}

static inline struct hwi_journal open_journal(struct rig *r)
{
    struct hwi_journal j;

    memset(&j, 0xA5, sizeof(j));
    assert_int_equal(
        hwi_journal_open(&j,
                         hwi_medium_flash(&r->fake.port, HAWSER_REGION_OUTBOX)),
        0);
    return j;
}

/* Appends the record that comes next. */
static inline int append_next(struct hwi_journal *j, uint32_t reserve)
{
    uint8_t frame[HWI_JOURNAL_HEAD + PAYLOAD_MAX + HWI_JOURNAL_TAIL];
    uint32_t number = j->number + 1;
    struct hwi_record record = {.type = type_of(number), .len = len_of(number)};
    int err;

    memset(frame, 0xA5, sizeof(frame));
    for (uint32_t i = 0; i < record.len; i++) {
        frame[HWI_JOURNAL_HEAD + i] = byte_of(number, i);
    }
    err = hwi_journal_append(j, &record, frame, reserve);
    if (err == 0) {
        assert_int_equal(record.number, number);
    }
    return err;
}

/* The same, giving up the oldest sector for it. */
static inline int append_over(struct hwi_journal *j)
{
    int err = append_next(j, 0);

    if (err == HAWSER_E_FULL) {
        hwi_journal_drop_oldest(j);
        err = append_next(j, 0);
    }
    return err;
}

/* Reads the next record and looks at every byte. 0: there is none. */
static inline uint32_t read_next(const struct hwi_journal *j,
                                 struct hwi_cursor *at)
{
    uint8_t bytes[PAYLOAD_MAX];
    struct hwi_record record;
    int err = hwi_journal_read(j, at, &record,
                               (struct hawser_span){bytes, sizeof(bytes)});

    if (err == HAWSER_E_ABSENT) {
        return 0;
    }
    assert_int_equal(err, 0);
    assert_int_equal(record.type, type_of(record.number));
    assert_int_equal(record.len, len_of(record.number));
    for (uint32_t i = 0; i < record.len; i++) {
        assert_int_equal(bytes[i], byte_of(record.number, i));
    }
    return record.number;
}

/* What is there is first..last without a gap; {0, 0}: nothing is. */
struct range {
    uint32_t first;
    uint32_t last;
};

static inline struct range read_all(const struct hwi_journal *j)
{
    struct hwi_cursor at = {.generation = 0};
    struct range all = {read_next(j, &at), 0};
    uint32_t number = all.first;

    while (number != 0) {
        assert_true(all.last == 0 || number == all.last + 1);
        all.last = number;
        number = read_next(j, &at);
    }
    return all;
}

#endif
