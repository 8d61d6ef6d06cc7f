/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Credentials on flash, without power cuts: what was written is read, what is
 * damaged is not, and a machine without the room works by the factory's.
 */
#include "device/vault_test.h"

#include "device/journal.h"

static const struct hawser_flash_geometry usual = {1024, 6, 4};

static void put_set(struct hwi_vault *v, enum hwi_slot slot, uint32_t n)
{
    struct filled f;

    fill_set(&f, n);
    assert_int_equal(hwi_vault_write(v, slot, &f.set, span_of(&f)), 0);
}

static void test_open_fresh_flash_is_the_factory(void **state)
{
    struct hwi_vault v;

    vault_chip(*state, usual);
    v = open_vault(*state);
    assert_true(hwi_vault_is_usable(&v));
    assert_int_equal(hwi_vault_room(&v), 2048);
    assert_int_equal(v.state.active, HWI_SLOT_FACTORY);
    assert_int_equal(v.state.previous, HWI_SLOT_NONE);
    assert_int_equal(v.state.pending, HWI_SLOT_NONE);
    assert_int_equal(v.state.generation, 0);
    assert_false(has_set(&v, HWI_SLOT_A, 1));
}

static void test_save_is_read_again(void **state)
{
    struct rig *r = *state;
    struct hwi_vault v;

    vault_chip(r, usual);
    v = open_vault(r);
    for (uint32_t n = 1; n < 40; n++) {
        fill_state(&v.state, n);
        v.state.active = (uint8_t)(n % 3);
        v.state.previous = (uint8_t)(n % 4);
        v.state.pending = (uint8_t)((n + 1) % 4);
        v.state.generation = 1000 + n;
        for (unsigned i = 0; i < 3; i++) {
            v.state.generations[i] = n + i;
        }
        assert_int_equal(hwi_vault_save(&v), 0);
        v = open_vault(r);
        assert_state(&v.state, n);
        assert_int_equal(v.state.active, n % 3);
        assert_int_equal(v.state.previous, n % 4);
        assert_int_equal(v.state.pending, (n + 1) % 4);
        assert_int_equal(v.state.generation, 1000 + n);
        assert_int_equal(v.state.generations[2], n + 2);
    }
}

static void test_write_slots_stand_side_by_side(void **state)
{
    struct rig *r = *state;
    struct hwi_vault v;

    vault_chip(r, (struct hawser_flash_geometry){1024, 7, 16});
    v = open_vault(r);
    for (uint32_t n = 1; n < 12; n++) {
        put_set(&v, HWI_SLOT_A, n);
        put_set(&v, HWI_SLOT_B, n + 20);
        assert_true(has_set(&v, HWI_SLOT_A, n));
        assert_true(has_set(&v, HWI_SLOT_B, n + 20));
    }
    fill_state(&v.state, 9);
    assert_int_equal(hwi_vault_save(&v), 0);
    v = open_vault(r);
    assert_state(&v.state, 9);
    assert_true(has_set(&v, HWI_SLOT_A, 11));
    assert_true(has_set(&v, HWI_SLOT_B, 31));
}

static void test_read_any_damaged_byte_is_noticed(void **state)
{
    struct rig *r = *state;
    struct fake_region *g = &r->fake.regions[HAWSER_REGION_CREDENTIALS];
    struct hwi_vault v;
    struct filled f;

    vault_chip(r, usual);
    v = open_vault(r);
    put_set(&v, HWI_SLOT_B, 5);
    fill_set(&f, 5);
    for (size_t i = 0; i < f.len; i++) {
        uint8_t *at = &g->bytes[(size_t)4 * 1024 + i];
        *at ^= 0x10;
        assert_int_equal(hwi_vault_read(&v, HWI_SLOT_B, span_of(&f), &f.set),
                         HAWSER_E_ABSENT);
        *at ^= 0x10;
    }
    assert_true(has_set(&v, HWI_SLOT_B, 5));
}

static void test_write_what_does_not_fit_changes_nothing(void **state)
{
    struct rig *r = *state;
    struct hwi_vault v;
    struct filled f;

    vault_chip(r, (struct hawser_flash_geometry){1024, 4, 4});
    v = open_vault(r);
    put_set(&v, HWI_SLOT_A, 1);
    fill_set(&f, 2);
    f.set.anchors_len = 1024;
    assert_int_equal(hwi_vault_write(&v, HWI_SLOT_A, &f.set, span_of(&f)),
                     HAWSER_E_FULL);
    fill_set(&f, 1);
    assert_int_equal(hwi_vault_write(&v, HWI_SLOT_A, &f.set,
                                     (struct hawser_span){f.at, f.len - 1}),
                     HAWSER_E_FULL);
    assert_int_equal(hwi_vault_read(&v, HWI_SLOT_A,
                                    (struct hawser_span){f.at, f.len - 1},
                                    &f.set),
                     HAWSER_E_FULL);
    assert_int_equal(
        hwi_vault_read(&v, HWI_SLOT_A, (struct hawser_span){f.at, 20}, &f.set),
        HAWSER_E_FULL);
    assert_true(has_set(&v, HWI_SLOT_A, 1));
}

static void test_open_too_small_a_region_is_not_usable(void **state)
{
    static const struct hawser_flash_geometry shapes[] = {
        {1024, 0, 4}, {1024, 3, 4}, {512, 16, 4}};
    struct filled f;

    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
        struct hwi_vault v;
        vault_chip(*state, shapes[i]);
        v = open_vault(*state);
        assert_false(hwi_vault_is_usable(&v));
        assert_int_equal(v.state.active, HWI_SLOT_FACTORY);
        assert_int_equal(hwi_vault_save(&v), HAWSER_E_STORAGE);
        assert_int_equal(hwi_vault_read(&v, HWI_SLOT_A, span_of(&f), &f.set),
                         HAWSER_E_ABSENT);
    }
}

static void test_open_unreadable_flash_is_left_alone(void **state)
{
    struct rig *r = *state;
    struct hwi_vault v;

    vault_chip(r, usual);
    v = open_vault(r);
    fill_state(&v.state, 3);
    assert_int_equal(hwi_vault_save(&v), 0);
    r->fake.flash.is_unreadable = true;
    assert_int_equal(hwi_vault_open(&v, &r->fake.port), HAWSER_E_STORAGE);
    assert_int_equal(v.state.active, HWI_SLOT_FACTORY);
    assert_int_equal(hwi_vault_save(&v), HAWSER_E_STORAGE);
    r->fake.flash.is_unreadable = false;
    v = open_vault(r);
    assert_state(&v.state, 3);
}

/* What a later firmware has written, found by an older one. */
static void test_open_a_later_layout_is_the_factory(void **state)
{
    uint8_t frame[HWI_JOURNAL_HEAD + 100 + HWI_JOURNAL_TAIL] = {0};
    struct hwi_record record = {.type = 2, .len = 100};
    struct rig *r = *state;
    struct hwi_vault v;

    vault_chip(r, usual);
    v = open_vault(r);
    put_set(&v, HWI_SLOT_A, 1);
    r->fake.regions[HAWSER_REGION_CREDENTIALS].bytes[2 * 1024] ^= 3; /* HWC2 */
    assert_int_equal(hwi_journal_append(&v.journal, &record, frame, 0), 0);
    v = open_vault(r);
    assert_true(hwi_vault_is_usable(&v));
    assert_int_equal(v.state.active, HWI_SLOT_FACTORY);
    assert_false(has_set(&v, HWI_SLOT_A, 1));
    put_set(&v, HWI_SLOT_A, 2);
    assert_int_equal(hwi_vault_save(&v), 0);
    v = open_vault(r);
    assert_true(has_set(&v, HWI_SLOT_A, 2));
}

/* The last state's payload, as it stands in the log. */
static struct hwi_record last_state(struct hwi_vault *v, uint8_t *out,
                                    size_t size)
{
    struct hwi_cursor at = {.generation = 0};
    struct hwi_record record = {.len = 0};
    struct hwi_record found = {.len = 0};

    while (hwi_journal_read(&v->journal, &at, &record,
                            (struct hawser_span){out, size}) == 0) {
        found = record;
    }
    return found;
}

/* Whole by its CRC, and yet no state: none of a value that there is not counts,
 * and the one before it does. */
static void test_open_states_that_cannot_be_do_not_count(void **state)
{
    static const struct {
        uint8_t at;
        uint8_t value;
    } wrong[] = {
        {0, HWI_SLOT_B + 1},         /* active */
        {1, HWI_SLOT_NONE + 1},      /* previous */
        {2, HWI_SLOT_NONE + 1},      /* pending */
        {6, HAWSER_CAUSE_COUNT},     /* cause */
        {7, HWI_COMMAND_ID_MAX + 1}, /* length of the id */
        {7, 0},                      /* lengths that do not add up */
        {8, HAWSER_KEY_MAX + 1},     /* length of the key */
    };
    uint8_t frame[HWI_JOURNAL_HEAD + 600 + HWI_JOURNAL_TAIL];
    uint8_t *payload = frame + HWI_JOURNAL_HEAD;
    struct rig *r = *state;
    struct hwi_record record;
    struct hwi_vault v;

    for (size_t i = 0; i <= sizeof(wrong) / sizeof(wrong[0]); i++) {
        vault_chip(r, usual);
        v = open_vault(r);
        fill_state(&v.state, 7);
        assert_int_equal(hwi_vault_save(&v), 0);
        record = last_state(&v, payload, 600);
        if (i < sizeof(wrong) / sizeof(wrong[0])) {
            assert_int_not_equal(payload[wrong[i].at], wrong[i].value);
            payload[wrong[i].at] = wrong[i].value;
        } else {
            record.len = 40; /* too short for one */
        }
        payload[12] ^= 0xFF; /* the generation: would it count, it showed */
        assert_int_equal(hwi_journal_append(&v.journal, &record, frame, 0), 0);
        v = open_vault(r);
        assert_state(&v.state, 7);
    }
}

/* A slot whose head names more than there is, or another layout. */
static void test_read_heads_that_cannot_be_are_absent(void **state)
{
    struct rig *r = *state;
    struct fake_region *g = &r->fake.regions[HAWSER_REGION_CREDENTIALS];
    uint8_t *head = g->bytes + (size_t)4 * 1024;
    struct hwi_vault v;
    struct filled f;

    vault_chip(r, usual);
    v = open_vault(r);
    put_set(&v, HWI_SLOT_B, 5);
    fill_set(&f, 5);
    head[9] = 0xFF; /* anchors of 65280 bytes and more */
    assert_int_equal(hwi_vault_read(&v, HWI_SLOT_B, span_of(&f), &f.set),
                     HAWSER_E_ABSENT);
    r->fake.flash.is_unreadable = true;
    assert_int_equal(hwi_vault_read(&v, HWI_SLOT_B, span_of(&f), &f.set),
                     HAWSER_E_STORAGE);
}

/* The n-th of them fails, once. */
static unsigned programs_left;

static int program_but_one(void *ctx, enum hawser_region region,
                           uint32_t offset, const uint8_t *bytes, size_t len)
{
    return programs_left-- == 0
               ? HAWSER_E_STORAGE
               : fake_flash_program(ctx, region, offset, bytes, len);
}

/* The first sector is written, the second one fails: nothing is there. */
static void test_write_that_fails_half_way_leaves_no_set(void **state)
{
    struct rig *r = *state;
    struct hwi_vault v;
    struct filled f;
    int err = HAWSER_E_STORAGE;
    unsigned changes;

    vault_chip(r, usual);
    v = open_vault(r);
    fill_set(&f, 19); /* two sectors */
    r->fake.port.flash_program = program_but_one;
    for (changes = 0; err != 0; changes++) {
        assert_true(changes < 20);
        programs_left = changes;
        err = hwi_vault_write(&v, HWI_SLOT_A, &f.set, span_of(&f));
        assert_int_equal(has_set(&v, HWI_SLOT_A, 19), err == 0);
        fill_set(&f, 19);
    }
    assert_true(changes > 2);
}

/* The n-th of them fails, once. */
static unsigned reads_left;

static int read_but_one(void *ctx, enum hawser_region region, uint32_t offset,
                        uint8_t *out, size_t len)
{
    return reads_left-- == 0 ? HAWSER_E_STORAGE
                             : fake_flash_read(ctx, region, offset, out, len);
}

static void test_read_that_fails_half_way_is_an_error(void **state)
{
    struct rig *r = *state;
    struct hwi_vault v;
    struct filled f;
    int err = HAWSER_E_STORAGE;
    unsigned reads;

    vault_chip(r, usual);
    v = open_vault(r);
    put_set(&v, HWI_SLOT_A, 19); /* two sectors */
    r->fake.port.flash_read = read_but_one;
    for (reads = 0; err != 0; reads++) {
        assert_true(reads < 20);
        reads_left = reads;
        err = hwi_vault_read(&v, HWI_SLOT_A, span_of(&f), &f.set);
        assert_true(err == 0 || err == HAWSER_E_STORAGE);
    }
    assert_true(reads > 2);
    reads_left = 1000;
    assert_true(has_set(&v, HWI_SLOT_A, 19));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(test_open_fresh_flash_is_the_factory),
        STORY(test_save_is_read_again),
        STORY(test_write_slots_stand_side_by_side),
        STORY(test_read_any_damaged_byte_is_noticed),
        STORY(test_write_what_does_not_fit_changes_nothing),
        STORY(test_open_too_small_a_region_is_not_usable),
        STORY(test_open_a_later_layout_is_the_factory),
        STORY(test_open_unreadable_flash_is_left_alone),
        STORY(test_open_states_that_cannot_be_do_not_count),
        STORY(test_read_heads_that_cannot_be_are_absent),
        STORY(test_write_that_fails_half_way_leaves_no_set),
        STORY(test_read_that_fails_half_way_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
