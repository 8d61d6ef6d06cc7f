/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of sessions that outlive the program.
 */
#include "mqtt/client.h"
#include "mqtt/rig.h"
#include "wire/crc32.h"

#define KEPT "20 03 01 00 00"

static void start(struct rig *r)
{
    rig_prepare(r, HAWSER_MQTT_5);
    r->cfg.clean_start = false;
    rig_go_online(r);
}

struct saved {
    uint8_t bytes[1024];
    size_t len;
};

static void save(struct rig *r, struct saved *s)
{
    size_t size = hawser_save_size(&r->c);

    assert_true(size <= sizeof s->bytes);
    assert_int_equal(
        hawser_save(&r->c, (struct hawser_span){s->bytes, size}, &s->len), 0);
    assert_int_equal(s->len, size);
}

static int load(struct rig *r, const struct saved *s)
{
    return hawser_load(&r->c, (struct hawser_view){s->bytes, s->len});
}

/* Another program goes on with it. */
static void restart(struct rig *r, const struct saved *s, const char *connack)
{
    rig_prepare(r, HAWSER_MQTT_5);
    r->cfg.clean_start = false;
    assert_int_equal(hawser_init(&r->c, &r->cfg), 0);
    assert_int_equal(load(r, s), 0);
    assert_int_equal(hawser_opened(&r->c, r->now_ms), 0);
    (void)rig_out(r);
    assert_int_equal(rig_feed(r, connack), 0);
}

/* Two of QoS 2, the first released, one of QoS 1; two inbound of QoS 2, one of
 * them accepted. */
static void fill(struct rig *r)
{
    start(r);
    assert_int_equal(rig_publish(r, 2, "a", "x", NULL), 0);
    assert_int_equal(rig_publish(r, 2, "a", "y", NULL), 0);
    assert_int_equal(rig_publish(r, 1, "a", "z", NULL), 0);
    (void)rig_out(r);
    assert_int_equal(rig_feed(r, "50 02 00 01 34 06 00 01 61 00 07 00 "
                                 "34 06 00 01 61 00 08 00"),
                     0);
    assert_int_equal(hawser_accept(&r->c, r->now_ms, 7, 0), 0);
}

static void test_load_goes_on_where_save_was(void **state)
{
    struct saved s;
    struct rig r;

    (void)state;
    fill(&r);
    save(&r, &s);
    restart(&r, &s, KEPT);
    assert_string_equal(rig_out(&r), "62 02 00 01 3c 07 00 01 61 00 02 00 79 "
                                     "3a 07 00 01 61 00 03 00 7a");
    assert_int_equal(rig_feed(&r, "3C 06 00 01 61 00 07 00 "
                                  "3C 06 00 01 61 00 08 00"),
                     0);
    assert_string_equal(
        rig_log(&r), "CONNECTED session=1 props=\n"
                     "MESSAGE a id=8 qos=2 retain=0 dup=1 props= payload=\n");
    assert_string_equal(rig_out(&r), "50 02 00 07");
    /* Identifiers go on, too. */
    assert_int_equal(rig_publish(&r, 1, "b", "", NULL), 0);
    assert_string_equal(rig_out(&r), "32 06 00 01 62 00 04 00");
}

static void test_load_without_a_session_gives_back_what_had_left(void **state)
{
    struct saved s;
    struct rig r;

    (void)state;
    fill(&r);
    save(&r, &s);
    restart(&r, &s, "20 03 00 00 00");
    assert_string_equal(rig_log(&r), "CONNECTED session=0 props=\n"
                                     "PUBLISHED 1 92 props=\n"
                                     "PUBLISHED 2 92 props=\n");
    assert_string_equal(rig_out(&r), "32 07 00 01 61 00 03 00 7a");
}

static void test_save_of_nothing_is_short(void **state)
{
    struct saved s;
    struct rig r;

    (void)state;
    start(&r);
    save(&r, &s);
    assert_int_equal(s.len, 14);
    restart(&r, &s, KEPT);
    assert_string_equal(rig_out(&r), "");
    assert_int_equal(
        hawser_save(&r.c, (struct hawser_span){s.bytes, 13}, &s.len),
        HAWSER_E_FULL);
}

static void test_save_of_what_went_early_says_that_it_may_be_there(void **state)
{
    struct saved s;
    struct rig r;

    (void)state;
    rig_prepare(&r, HAWSER_MQTT_5);
    r.cfg.sends_early = true;
    assert_int_equal(hawser_init(&r.c, &r.cfg), 0);
    assert_int_equal(hawser_opened(&r.c, 0), 0);
    assert_int_equal(rig_publish(&r, 2, "a", "", NULL), 0);
    save(&r, &s);
    restart(&r, &s, KEPT);
    assert_string_equal(rig_out(&r), "3c 06 00 01 61 00 01 00");
}

static void test_load_into_a_used_client_is_refused(void **state)
{
    struct saved s;
    struct rig r;

    (void)state;
    fill(&r);
    save(&r, &s);
    assert_int_equal(load(&r, &s), HAWSER_E_STATE);
    hawser_lost(&r.c, 0);
    assert_int_equal(load(&r, &s), HAWSER_E_STATE);
}

static void expect_refusal(const struct saved *s, int err)
{
    struct rig r;

    rig_prepare(&r, HAWSER_MQTT_5);
    assert_int_equal(hawser_init(&r.c, &r.cfg), 0);
    assert_int_equal(load(&r, s), err);
    assert_int_equal(r.c.slot_used, 0);
    assert_int_equal(r.c.inbound_used, 0);
    assert_int_equal(hawser_opened(&r.c, 0), 0);
}

static void test_load_damaged_is_refused(void **state)
{
    struct saved s;
    struct saved bad;
    struct rig r;

    (void)state;
    fill(&r);
    save(&r, &s);
    for (size_t i = 0; i < s.len * 8; i++) {
        bad = s;
        bad.bytes[i / 8] = (uint8_t)(bad.bytes[i / 8] ^ 1u << i % 8);
        expect_refusal(&bad, HAWSER_E_MALFORMED);
    }
    for (size_t len = 0; len < s.len; len++) {
        bad = s;
        bad.len = len;
        expect_refusal(&bad, HAWSER_E_MALFORMED);
    }
}

static void make_crc_right(struct saved *s)
{
    uint32_t crc = hwi_crc32((struct hawser_view){s->bytes, s->len - 4});

    for (unsigned i = 0; i < 4; i++) {
        s->bytes[s->len - 4 + i] = (uint8_t)(crc >> (24 - 8 * i));
    }
}

static void test_load_of_an_identifier_twice_is_refused(void **state)
{
    struct saved s;
    struct rig r;

    (void)state;
    start(&r);
    assert_int_equal(rig_feed(&r, "34 06 00 01 61 00 07 00 "
                                  "34 06 00 01 61 00 08 00"),
                     0);
    assert_int_equal(hawser_accept(&r.c, 0, 7, 0), 0);
    assert_int_equal(hawser_accept(&r.c, 0, 8, 0), 0);
    save(&r, &s);
    s.bytes[11] = 7; /* the second's low byte */
    make_crc_right(&s);
    expect_refusal(&s, HAWSER_E_MALFORMED);
}

/* With a CRC that is right: every byte changed to every value that may matter.
 * What is taken must work. */
static void test_load_of_forged_bytes_is_safe(void **state)
{
    static const uint8_t values[] = {0, 1, 2, 4, 5, 0x30, 0x34, 0x7F, 0xFF};
    unsigned refused = 0;
    struct saved s;
    struct rig r;

    (void)state;
    fill(&r);
    save(&r, &s);
    for (size_t i = 0; i < (s.len - 4) * sizeof values; i++) {
        struct saved bad = s;

        bad.bytes[i / sizeof values] = values[i % sizeof values];
        make_crc_right(&bad);
        rig_prepare(&r, HAWSER_MQTT_5);
        assert_int_equal(hawser_init(&r.c, &r.cfg), 0);
        if (load(&r, &bad) == 0) {
            assert_int_equal(hawser_opened(&r.c, 0), 0);
            (void)rig_out(&r);
            r.cfg.clean_start = false;
            assert_int_equal(rig_feed(&r, KEPT), 0);
            (void)rig_out(&r);
        } else {
            refused++;
        }
    }
    assert_true(refused > s.len * 4);
}

static void test_load_with_too_little_memory_is_full(void **state)
{
    struct saved s;
    struct rig r;

    (void)state;
    fill(&r);
    save(&r, &s);
    for (unsigned i = 0; i < 3; i++) {
        rig_prepare(&r, HAWSER_MQTT_5);
        if (i == 0) {
            r.cfg.slot_count = 2;
        } else if (i == 1) {
            r.cfg.store.size = 17;
        } else {
            r.cfg.inbound_count = 1;
        }
        assert_int_equal(hawser_init(&r.c, &r.cfg), 0);
        assert_int_equal(load(&r, &s), i < 2 ? HAWSER_E_FULL : 0);
    }
    start(&r);
    assert_int_equal(rig_feed(&r, "34 06 00 01 61 00 07 00 "
                                  "34 06 00 01 61 00 08 00"),
                     0);
    assert_int_equal(hawser_accept(&r.c, 0, 7, 0), 0);
    assert_int_equal(hawser_accept(&r.c, 0, 8, 0), 0);
    save(&r, &s);
    rig_prepare(&r, HAWSER_MQTT_5);
    r.cfg.inbound_count = 1;
    assert_int_equal(hawser_init(&r.c, &r.cfg), 0);
    assert_int_equal(load(&r, &s), HAWSER_E_FULL);
}

static void test_load_of_inbound_alone_makes_a_client_used(void **state)
{
    struct saved s;
    struct rig r;

    (void)state;
    start(&r);
    assert_int_equal(rig_feed(&r, "34 06 00 01 61 00 07 00"), 0);
    assert_int_equal(hawser_accept(&r.c, 0, 7, 0), 0);
    save(&r, &s);
    rig_prepare(&r, HAWSER_MQTT_5);
    assert_int_equal(hawser_init(&r.c, &r.cfg), 0);
    assert_int_equal(load(&r, &s), 0);
    assert_int_equal(load(&r, &s), HAWSER_E_STATE);
}

static void test_save_of_what_is_complete_is_short(void **state)
{
    struct saved s;
    struct rig r;

    (void)state;
    start(&r);
    for (int id = '1'; id < '6'; id++) { /* more than there are slots */
        char ack[] = "40 02 00 0x";

        ack[10] = (char)id;
        assert_int_equal(rig_publish(&r, 1, "a", "", NULL), 0);
        (void)rig_out(&r);
        assert_int_equal(rig_feed(&r, ack), 0);
    }
    assert_int_equal(rig_feed(&r, "34 06 00 01 61 00 07 00"), 0);
    assert_int_equal(hawser_accept(&r.c, 0, 7, 0), 0);
    assert_int_equal(rig_feed(&r, "62 02 00 07"), 0);
    save(&r, &s);
    assert_int_equal(s.len, 14);
    restart(&r, &s, KEPT);
    assert_int_equal(r.c.inbound_used, 0);
}

static void test_save_of_a_loss_that_was_not_told_can_be_loaded(void **state)
{
    static const uint8_t connack[] = {0x20, 3, 0, 0, 0};
    struct saved s;
    struct rig r;
    size_t used;

    (void)state;
    start(&r);
    assert_int_equal(rig_publish(&r, 2, "a", "", NULL), 0);
    rig_reopen(&r);
    assert_int_equal(
        hawser_feed(&r.c, r.now_ms, connack, sizeof connack, &used), 0);
    save(&r, &s);
    restart(&r, &s, KEPT);
    assert_string_equal(rig_log(&r), "CONNECTED session=1 props=\n"
                                     "PUBLISHED 1 92 props=\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_save_of_what_is_complete_is_short),
        cmocka_unit_test(test_save_of_a_loss_that_was_not_told_can_be_loaded),
        cmocka_unit_test(test_load_of_inbound_alone_makes_a_client_used),
        cmocka_unit_test(test_load_goes_on_where_save_was),
        cmocka_unit_test(test_load_without_a_session_gives_back_what_had_left),
        cmocka_unit_test(test_save_of_nothing_is_short),
        cmocka_unit_test(
            test_save_of_what_went_early_says_that_it_may_be_there),
        cmocka_unit_test(test_load_into_a_used_client_is_refused),
        cmocka_unit_test(test_load_damaged_is_refused),
        cmocka_unit_test(test_load_of_an_identifier_twice_is_refused),
        cmocka_unit_test(test_load_of_forged_bytes_is_safe),
        cmocka_unit_test(test_load_with_too_little_memory_is_full),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
