/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What must last: records come back as they were saved, damage costs no more
 * than what is damaged, sectors wear evenly, and flash that fails is borne.
 * Cuts of the power: lasting_power_test.c.
 */
#include "device/lasting_test.h"

#include "device/journal.h"

/* Load and save -------------------------------------------------------------- */

static void test_load_erased_flash_is_all_zeros(void **state)
{
    struct rig *r = *state;
    struct hwi_lasting l = load(r);

    assert_record(&l, 0);
}

static void test_load_saved_record_is_the_same(void **state)
{
    static const uint32_t program_sizes[] = {1, 2, 4, 8, 16};
    struct rig *r = *state;

    for (size_t i = 0; i < 5; i++) {
        struct hwi_lasting l;
        rig_init(r);
        r->fake.regions[HAWSER_REGION_STATE].shape.program_size =
            program_sizes[i];
        l = load(r);
        for (uint32_t n = 1; n <= 100; n++) {
            struct hwi_lasting read;
            write_records(&l, n, n);
            read = load(r);
            assert_record(&read, n);
        }
    }
}

static void test_save_no_region_is_nothing_to_do(void **state)
{
    struct rig *r = *state;
    struct hwi_lasting l;

    for (uint32_t count = 0; count < 2; count++) {
        r->fake.regions[HAWSER_REGION_STATE].shape.sector_count = count;
        l = load(r);
        write_records(&l, 1, 3);
        l = load(r);
        assert_record(&l, 0);
    }
    assert_int_equal(r->fake.flash.programs, 0);
    assert_int_equal(r->fake.flash.erases, 0);
}

/* Corruption ------------------------------------------------------------------ */

static void
test_load_any_byte_wrong_falls_back_to_the_record_before(void **state)
{
    struct rig *r = *state;
    struct hwi_lasting l = load(r);
    uint32_t start;
    uint32_t end;

    write_records(&l, 1, 2);
    start = l.journal.offset;
    write_records(&l, 3, 3);
    end = start + 41;
    for (uint32_t i = start; i < end; i++) {
        for (int bit = 0; bit < 8; bit++) {
            struct hwi_lasting read;
            r->fake.regions[HAWSER_REGION_STATE].bytes[i] ^=
                (uint8_t)(1 << bit);
            read = load(r);
            assert_record(&read, 2);
            /* What cannot be read is not written over; its last unit may
             * look erased. */
            assert_in_range(read.journal.offset, l.journal.offset - 4,
                            l.journal.offset);
            r->fake.regions[HAWSER_REGION_STATE].bytes[i] ^=
                (uint8_t)(1 << bit);
        }
    }
    l = load(r);
    assert_record(&l, 3);
}

static void test_load_both_sectors_wrong_begins_anew(void **state)
{
    static const uint8_t fills[] = {0x00, 0x5A, 0x31};
    struct rig *r = *state;

    for (size_t i = 0; i < sizeof(fills); i++) {
        struct hwi_lasting l;
        memset(r->fake.regions[HAWSER_REGION_STATE].bytes, fills[i],
               sizeof(r->fake.regions[HAWSER_REGION_STATE].bytes));
        l = load(r);
        assert_record(&l, 0);
        write_records(&l, 1, 10);
        l = load(r);
        assert_record(&l, 10);
    }
}

/* Not of our type or length. */
static void test_load_other_records_are_no_state(void **state)
{
    static const struct {
        uint8_t type;
        uint16_t len;
        bool is_good;
    } rows[] = {
        {1, 29, true}, {2, 29, false}, {1, 28, false},
        {1, 0, false}, {1, 30, false}, {1, 191, false},
    };
    struct rig *r = *state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint8_t frame[HWI_JOURNAL_HEAD + 256 + HWI_JOURNAL_TAIL];
        struct hwi_record record = {.type = rows[i].type, .len = rows[i].len};
        struct hwi_lasting l;
        rig_init(r);
        l = load(r);
        memset(frame, 1, sizeof(frame));
        assert_int_equal(hwi_journal_append(&l.journal, &record, frame, 0), 0);
        l = load(r);
        assert_int_equal(l.boot, rows[i].is_good ? 0x01010101 : 0);
        write_records(&l, 1, 1);
        l = load(r);
        assert_record(&l, 1);
    }
}

/* Wear ------------------------------------------------------------------------ */

static void test_save_erases_alternate_and_are_rare(void **state)
{
    struct rig *r = *state;
    struct hwi_lasting l = load(r);
    uint32_t sector = 1; /* the first is 0 */
    unsigned erases = 0;

    for (uint32_t n = 1; n <= 1500; n++) {
        l.boot = n; /* 44 bytes: 11 fit a sector and its head */
        if (n % 3 == 0) {
            uint32_t offset = l.journal.offset;
            l = load(r); /* goes on where it was */
            assert_int_equal(l.journal.offset, offset);
            l.boot = n;
        }
        assert_int_equal(hwi_lasting_save(&l), 0);
        if (r->fake.flash.erases != erases) {
            assert_int_equal(r->fake.flash.erases, ++erases);
            assert_int_equal(l.journal.newest, sector ^ 1u);
            sector = l.journal.newest;
        }
    }
    assert_int_equal(erases, 137); /* 1500 / 11, rounded up */
    assert_int_equal(r->fake.flash.programs, 1500 + 137);
}

static void test_save_four_sectors_take_turns(void **state)
{
    struct rig *r = *state;
    struct hwi_lasting l;

    r->fake.regions[HAWSER_REGION_STATE].shape.sector_count = 4;
    l = load(r);
    for (uint32_t n = 0; n < 11 * 12; n++) {
        assert_int_equal(hwi_lasting_save(&l), 0);
        assert_int_equal(l.journal.newest, n / 11 % 4);
    }
    assert_int_equal(r->fake.flash.erases, 12);
}

/* Failures -------------------------------------------------------------------- */

static void test_save_broken_flash_keeps_the_record_before(void **state)
{
    struct rig *r = *state;
    struct hwi_lasting l = load(r);
    struct hwi_lasting read;

    write_records(&l, 1, 5);
    r->fake.flash.is_broken = true;
    for (uint32_t n = 6; n < 20; n++) { /* programs and erases fail */
        make_record(&l, n);
        assert_int_equal(hwi_lasting_save(&l), HAWSER_E_STORAGE);
    }
    read = load(r);
    assert_record(&read, 5);
    r->fake.flash.is_broken = false;
    write_records(&l, 20, 20);
    read = load(r);
    assert_record(&read, 20);
}

static void test_save_failed_erase_is_tried_again(void **state)
{
    struct rig *r = *state;
    struct hwi_lasting l = load(r);
    struct hwi_lasting read;

    for (uint32_t n = 1; n <= 15; n++) {
        l.boot = n;
        assert_int_equal(hwi_lasting_save(&l), 0);
    }
    r->fake.flash.is_broken = true;
    l.boot = 16;
    assert_int_equal(hwi_lasting_save(&l), HAWSER_E_STORAGE);
    r->fake.flash.is_broken = false;
    assert_int_equal(hwi_lasting_save(&l), 0);
    assert_int_equal(r->fake.flash.erases, 2);
    read = load(r);
    assert_int_equal(read.boot, 16);
}

static void test_save_after_failed_load_leaves_flash_alone(void **state)
{
    struct rig *r = *state;
    struct hwi_lasting l = load(r);

    write_records(&l, 1, 5);
    r->fake.flash.is_unreadable = true;
    assert_int_equal(hwi_lasting_load(&l, &r->fake.port), HAWSER_E_STORAGE);
    assert_record(&l, 0);
    /* It may be readable again: then what is there still counts. */
    r->fake.flash.is_unreadable = false;
    l.boot = 1;
    assert_int_equal(hwi_lasting_save(&l), HAWSER_E_STORAGE);
    l = load(r);
    assert_record(&l, 5);
    write_records(&l, 6, 6);
}

/* Reads fail from the n-th on. */
struct failing {
    const struct hawser_port *port;
    int reads_left;
};

static void failing_geometry(void *ctx, enum hawser_region region,
                             struct hawser_flash_geometry *out)
{
    struct failing *f = ctx;

    f->port->flash_geometry(f->port->ctx, region, out);
}

static int failing_read(void *ctx, enum hawser_region region, uint32_t offset,
                        uint8_t *out, size_t len)
{
    struct failing *f = ctx;

    return f->reads_left-- <= 0
               ? HAWSER_E_STORAGE
               : f->port->flash_read(f->port->ctx, region, offset, out, len);
}

static void test_load_any_read_fails_is_zeros(void **state)
{
    struct rig *r = *state;
    struct hwi_lasting l = load(r);
    struct failing f = {.port = &r->fake.port};
    const struct hawser_port port = {.ctx = &f,
                                     .flash_geometry = failing_geometry,
                                     .flash_read = failing_read};
    int reads = 0;
    int err;

    write_records(&l, 1, 3);
    do {
        f.reads_left = reads++;
        err = hwi_lasting_load(&l, &port);
        assert_record(&l, err == 0 ? 3 : 0);
    } while (err == HAWSER_E_STORAGE);
    assert_int_equal(err, 0);
    assert_true(reads > 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(test_load_erased_flash_is_all_zeros),
        STORY(test_load_saved_record_is_the_same),
        STORY(test_save_no_region_is_nothing_to_do),
        STORY(test_load_any_byte_wrong_falls_back_to_the_record_before),
        STORY(test_load_both_sectors_wrong_begins_anew),
        STORY(test_load_other_records_are_no_state),
        STORY(test_save_erases_alternate_and_are_rare),
        STORY(test_save_four_sectors_take_turns),
        STORY(test_save_broken_flash_keeps_the_record_before),
        STORY(test_save_failed_erase_is_tried_again),
        STORY(test_save_after_failed_load_leaves_flash_alone),
        STORY(test_load_any_read_fails_is_zeros),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
