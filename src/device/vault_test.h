/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sets and states for the tests of vault.c: the n-th one is known in every
 * byte, so that a mixture of two shows.
 */
#ifndef HWI_DEVICE_VAULT_TEST_H
#define HWI_DEVICE_VAULT_TEST_H

#include "device/story_test.h"

#include "device/vault.h"

#define BLOB_MAX 2048u

/* A blob and its set. */
struct filled {
    struct hwi_set set;
    uint8_t at[BLOB_MAX];
    size_t len; /* without the tail */
};

static inline struct hawser_span span_of(struct filled *f)
{
    return (struct hawser_span){f->at, sizeof(f->at)};
}

static inline void fill_set(struct filled *f, uint32_t n)
{
    f->set = (struct hwi_set){
        .generation = n,
        .anchors_len = (uint16_t)(300 + n * 37 % 900),
        .chain_len = (uint16_t)(n % 3 == 0 ? 0 : 200 + n * 11 % 300),
        .key_len = (uint16_t)(n % 3 == 0 ? 0 : 121),
    };
    memset(f->set.base, (int)n, sizeof(f->set.base));
    f->len = HWI_SET_HEAD + (size_t)f->set.anchors_len + f->set.chain_len +
             f->set.key_len;
    for (size_t i = HWI_SET_HEAD; i < f->len; i++) {
        f->at[i] = n % 4 == 0 ? 0xFF : (uint8_t)(n * 7 + i);
    }
}

/* Is the n-th set in this slot? */
static inline bool has_set(const struct hwi_vault *v, enum hwi_slot slot,
                           uint32_t n)
{
    struct filled want;
    struct filled got;

    fill_set(&want, n);
    memset(&got, 0xA5, sizeof(got));
    if (hwi_vault_read(v, slot, span_of(&got), &got.set) != 0 ||
        got.set.generation != n) {
        return false;
    }
    assert_memory_equal(got.set.base, want.set.base, sizeof(want.set.base));
    assert_int_equal(got.set.anchors_len, want.set.anchors_len);
    assert_int_equal(got.set.chain_len, want.set.chain_len);
    assert_int_equal(got.set.key_len, want.set.key_len);
    assert_memory_equal(got.at + HWI_SET_HEAD, want.at + HWI_SET_HEAD,
                        want.len - HWI_SET_HEAD);
    return true;
}

/* All but active, previous, pending and the generations. */
static inline void fill_state(struct hwi_vault_state *s, uint32_t n)
{
    s->tries = (uint8_t)(n % 4);
    s->is_switch = n % 2 != 0;
    s->is_barred = n % 3 == 1;
    s->is_answer_due = n % 5 < 2;
    s->is_final = n % 7 < 3;
    s->outcome = (uint8_t)(n % 4);
    s->cause = (uint8_t)(n % HAWSER_CAUSE_COUNT);
    s->trial_s = n * 3;
    s->deadline_s = (UINT64_C(1) << 40) + n;
    s->id_len = (uint8_t)(n * 7 % (HWI_COMMAND_ID_MAX + 1));
    s->key_len = (uint8_t)(n * 13 % (HAWSER_KEY_MAX + 1));
    memset(s->id, (int)('a' + n % 26), s->id_len);
    memset(s->key, (int)(n + 1), s->key_len);
    for (unsigned i = 0; i < HAWSER_UPDATE_KEYS; i++) {
        s->has_point[i] = (n >> i & 1) != 0;
        memset(s->points[i], (int)(n + i), HAWSER_POINT_SIZE);
    }
}

static inline void assert_state(const struct hwi_vault_state *s, uint32_t n)
{
    struct hwi_vault_state want;

    memset(&want, 0, sizeof(want));
    fill_state(&want, n);
    assert_int_equal(s->tries, want.tries);
    assert_int_equal(s->is_switch, want.is_switch);
    assert_int_equal(s->is_barred, want.is_barred);
    assert_int_equal(s->is_answer_due, want.is_answer_due);
    assert_int_equal(s->is_final, want.is_final);
    assert_int_equal(s->outcome, want.outcome);
    assert_int_equal(s->cause, want.cause);
    assert_int_equal(s->trial_s, want.trial_s);
    assert_true(s->deadline_s == want.deadline_s);
    assert_int_equal(s->id_len, want.id_len);
    assert_int_equal(s->key_len, want.key_len);
    assert_memory_equal(s->id, want.id, want.id_len);
    assert_memory_equal(s->key, want.key, want.key_len);
    assert_memory_equal(s->points, want.points, sizeof(want.points));
    assert_memory_equal(s->has_point, want.has_point, sizeof(want.has_point));
}

static inline void vault_chip(struct rig *r, struct hawser_flash_geometry shape)
{
    fake_flash_shape(&r->fake, HAWSER_REGION_CREDENTIALS, shape);
    r->fake.flash = (struct fake_flash){.power_left = -1};
}

static inline struct hwi_vault open_vault(struct rig *r)
{
    struct hwi_vault v;

    memset(&v, 0xA5, sizeof(v));
    assert_int_equal(hwi_vault_open(&v, &r->fake.port), 0);
    return v;
}

#endif
