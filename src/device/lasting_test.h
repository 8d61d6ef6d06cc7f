/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records for the tests of lasting.c: the n-th one is known in every field, so
 * that a mixture of two shows.
 */
#ifndef HWI_DEVICE_LASTING_TEST_H
#define HWI_DEVICE_LASTING_TEST_H

#include "device/story_test.h"

#include "device/lasting.h"

/* A life's n-th record. */
static inline void make_record(struct hwi_lasting *l, uint32_t n)
{
    l->boot = n;
    l->session = 1000 + n;
    l->floor_s = (UINT64_C(1) << 40) + n;
    l->is_clean = n % 2 != 0;
    l->short_restarts = (uint8_t)(n * 5);
    l->alerts = (uint16_t)(n * 257);
    l->window_s = (uint16_t)(n * 3);
    l->strength = (struct hwi_strength){
        .broker = ~n,
        .version = (uint8_t)n,
        .cipher = (uint8_t)(n + 1),
        .group = (uint8_t)(n + 2),
    };
}

/* Is it the n-th record in every field? */
static inline void assert_record(const struct hwi_lasting *l, uint32_t n)
{
    struct hwi_lasting want = {.boot = 0};

    if (n > 0) {
        make_record(&want, n);
    }
    assert_int_equal(l->boot, n);
    assert_int_equal(l->session, want.session);
    assert_true(l->floor_s == want.floor_s);
    assert_int_equal(l->is_clean, want.is_clean);
    assert_int_equal(l->short_restarts, want.short_restarts);
    assert_int_equal(l->alerts, want.alerts);
    assert_int_equal(l->window_s, want.window_s);
    assert_int_equal(l->strength.broker, want.strength.broker);
    assert_int_equal(l->strength.version, want.strength.version);
    assert_int_equal(l->strength.cipher, want.strength.cipher);
    assert_int_equal(l->strength.group, want.strength.group);
}

static inline struct hwi_lasting load(struct rig *r)
{
    struct hwi_lasting l;

    memset(&l, 0xA5, sizeof(l));
    assert_int_equal(hwi_lasting_load(&l, &r->fake.port), 0);
    return l;
}

/* Writes the records first..last. */
static inline void write_records(struct hwi_lasting *l, uint32_t first,
                                 uint32_t last_n)
{
    for (uint32_t n = first; n <= last_n; n++) {
        make_record(l, n);
        assert_int_equal(hwi_lasting_save(l), 0);
    }
}

#endif
