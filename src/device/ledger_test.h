/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands for the tests of the ledger: the n-th one is known in every text, so
 * that a mixture of two shows.
 */
#ifndef HWI_DEVICE_LEDGER_TEST_H
#define HWI_DEVICE_LEDGER_TEST_H

#include "device/story_test.h"

#include "device/ledger.h"
#include "device/reply.h"

/* The n-th command and its answer. */
struct known {
    char texts[HWI_LEDGER_TEXTS][HWI_RESULT_MAX + 1];
    struct hwi_ledger_item item;
};

/* Lengths change, so that records end anywhere; no two ids are the same. */
static inline void make_known(struct known *k, uint32_t n)
{
    static const unsigned max[HWI_LEDGER_TEXTS] = {
        HWI_COMMAND_ID_MAX,  HWI_COMMAND_MAX, HWI_RESPONSE_MAX,
        HWI_CORRELATION_MAX, HWI_CODE_MAX,    HWI_MESSAGE_MAX,
        HWI_RESULT_MAX};

    memset(k, 0, sizeof(*k));
    k->item.boot = n;
    k->item.status =
        (uint8_t)(n % 2 == 0 ? HWI_REPLY_SUCCEEDED : HWI_REPLY_FAILED);
    for (unsigned i = 0; i < HWI_LEDGER_TEXTS; i++) {
        size_t len = (n * 7 + i * 5) % (max[i] / 2);
        memset(k->texts[i], (int)('a' + (n + i) % 26), len);
        k->item.texts[i] =
            (struct hawser_view){(const uint8_t *)k->texts[i], len};
    }
    k->item.texts[HWI_LEDGER_ID].len =
        (size_t)snprintf(k->texts[0], sizeof(k->texts[0]), "id-%u-%.*s",
                         (unsigned)n, (int)(n % 50), k->texts[6]);
}

static inline struct hwi_ledger load(struct rig *r)
{
    struct hwi_ledger l;

    memset(&l, 0xA5, sizeof(l));
    assert_int_equal(hwi_ledger_load(&l, &r->fake.port), 0);
    return l;
}

/* Enters the n-th command. 0, or an error. */
static inline int begin(struct hwi_ledger *l, uint32_t n, uint32_t *seq)
{
    struct known k;

    make_known(&k, n);
    k.item.status = HWI_REPLY_NONE;
    for (unsigned i = HWI_LEDGER_CODE; i < HWI_LEDGER_TEXTS; i++) {
        k.item.texts[i].len = 0;
    }
    return hwi_ledger_begin(l, &k.item, seq);
}

static inline int finish(struct hwi_ledger *l, uint32_t seq, uint32_t n)
{
    struct known k;

    make_known(&k, n);
    return hwi_ledger_finish(l, seq, &k.item);
}

static inline int find(const struct hwi_ledger *l, uint32_t n, uint32_t *seq)
{
    struct known k;

    make_known(&k, n);
    return hwi_ledger_find(l, k.item.texts[HWI_LEDGER_ID], seq);
}

/* Is the entry the n-th command in every text, with or without its answer? */
static inline void assert_entry(const struct hwi_ledger *l, uint32_t seq,
                                uint32_t n, bool has_ended)
{
    uint8_t room[HWI_LEDGER_RECORD_MAX];
    struct hwi_ledger_item item;
    struct known k;

    make_known(&k, n);
    assert_int_equal(hwi_ledger_read(l, seq,
                                     (struct hawser_span){room, sizeof(room)},
                                     &item),
                     0);
    assert_int_equal(item.boot, n);
    assert_int_equal(item.status, has_ended ? k.item.status : HWI_REPLY_NONE);
    for (unsigned i = 0; i < HWI_LEDGER_TEXTS; i++) {
        struct hawser_view want = k.item.texts[i];
        if (i >= HWI_LEDGER_CODE && !has_ended) {
            want.len = 0;
        }
        assert_int_equal(item.texts[i].len, want.len);
        assert_memory_equal(item.texts[i].at, want.at, want.len);
    }
}

/* The n-th command from beginning to end; its answer is told. */
static inline void do_all(struct hwi_ledger *l, uint32_t n)
{
    uint32_t seq = 0;

    assert_int_equal(begin(l, n, &seq), 0);
    assert_int_equal(finish(l, seq, n), 0);
    hwi_ledger_sent(l, seq);
    assert_int_equal(hwi_ledger_told(l, seq), 0);
}

#endif
