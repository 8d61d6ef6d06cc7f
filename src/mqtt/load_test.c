/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of loading sessions that no client saved: each rule of save.c on its own.
 */
#include "mqtt/client.h"
#include "mqtt/rig.h"
#include "wire/crc32.h"

#define KEPT "20 03 01 00 00"

/* Loads these bytes and the CRC that belongs to them. */
static int load(struct rig *r, const char *bytes)
{
    struct hex h;
    struct hawser_view v = hex_read(&h, bytes);
    uint32_t crc = hwi_crc32(v);

    for (unsigned i = 0; i < 4; i++) {
        h.bytes[v.len + i] = (uint8_t)(crc >> (24 - 8 * i));
    }
    return hawser_load(&r->c, (struct hawser_view){v.at, v.len + 4});
}

/* A client that has not been open. */
static void prepare(struct rig *r)
{
    rig_prepare(r, HAWSER_MQTT_5);
    r->cfg.clean_start = false;
    assert_int_equal(hawser_init(&r->c, &r->cfg), 0);
}

/* Goes on with the session, which the server kept. */
static void restart(struct rig *r, const char *bytes)
{
    prepare(r);
    assert_int_equal(load(r, bytes), 0);
    assert_int_equal(hawser_opened(&r->c, r->now_ms), 0);
    (void)rig_out(r);
    assert_int_equal(rig_feed(r, KEPT), 0);
}

static void expect_refusal(const char *bytes)
{
    struct rig r;

    prepare(&r);
    assert_int_equal(load(&r, bytes), HAWSER_E_MALFORMED);
    assert_int_equal(hawser_save_size(&r.c), 14);
}

/* Up to the last identifier, 5. Then: count and inbound identifiers, count and
 * slots: identifier, version, state, was_sent, length, packet. */
#define HEAD      "48 57 53 31 00 05 "
#define PUBLISH_1 "00 00 00 08 32 06 00 01 61 00 01 00 "
#define PUBLISH_2 "00 00 00 08 34 06 00 01 61 00 02 00 "
#define SLOT_1    HEAD "00 00 00 01 00 01 05 00 00 "

static void test_load_of_what_is_no_message_is_refused(void **state)
{
    static const char *const sessions[] = {
        /* none */
        SLOT_1 "00 00 00 00",
        /* PUBACK */
        SLOT_1 "00 00 00 04 40 02 00 01",
        /* QoS 0 */
        SLOT_1 "00 00 00 06 30 04 00 01 61 00",
        /* another identifier */
        SLOT_1 PUBLISH_2,
        /* longer than it says */
        SLOT_1 "00 00 00 09 32 06 00 01 61 00 01 00 00",
        /* an alias */
        SLOT_1 "00 00 00 0b 32 09 00 01 61 00 01 03 23 00 01",
        /* a packet of what is lost */
        HEAD "00 00 00 01 00 01 05 02 00 " PUBLISH_1,
    };
    struct rig r;

    (void)state;
    for (size_t i = 0; i < sizeof sessions / sizeof sessions[0]; i++) {
        expect_refusal(sessions[i]);
    }
    prepare(&r);
    assert_int_equal(load(&r, SLOT_1 PUBLISH_1), 0);
}

static void test_load_of_slots_out_of_order_is_refused(void **state)
{
    static const char *const sessions[] = {
        /* identifier 0 */
        HEAD "00 00 00 01 00 00 05 00 00 00 00 00 00",
        /* a version that is none */
        HEAD "00 00 00 01 00 01 06 00 00 " PUBLISH_1,
        /* a state that is none */
        HEAD "00 00 00 01 00 01 05 03 01 00 00 00 00",
        /* one identifier twice: the first, the second */
        HEAD "00 00 00 02 00 01 05 00 00 " PUBLISH_1
             "00 01 05 00 00 " PUBLISH_1,
        HEAD "00 00 00 03 00 01 05 00 00 " PUBLISH_1 "00 02 05 00 00 " PUBLISH_2
             "00 02 05 00 00 " PUBLISH_2,
        /* lost, though it is on its way */
        HEAD "00 00 00 01 00 01 05 02 01 00 00 00 00",
        /* released, but not sent */
        HEAD "00 00 00 01 00 01 05 01 00 00 00 00 00",
        /* released behind a message */
        HEAD "00 00 00 02 00 01 05 00 01 " PUBLISH_1
             "00 02 05 01 01 00 00 00 00",
        /* sent behind one that was not */
        HEAD "00 00 00 02 00 01 05 00 00 " PUBLISH_1
             "00 02 05 00 01 " PUBLISH_2,
        /* more than there is */
        HEAD "00 00 00 01 00 01 05 00 00 " PUBLISH_1 "00",
    };

    (void)state;
    for (size_t i = 0; i < sizeof sessions / sizeof sessions[0]; i++) {
        expect_refusal(sessions[i]);
    }
}

static void test_load_of_bad_inbound_identifiers_is_refused(void **state)
{
    static const char *const sessions[] = {
        HEAD "00 01 00 00 00 00",
        HEAD "00 03 00 05 00 06 00 06 00 00",
        HEAD "00 02 00 05 00 05 00 00",
    };
    struct rig r;

    (void)state;
    for (size_t i = 0; i < sizeof sessions / sizeof sessions[0]; i++) {
        expect_refusal(sessions[i]);
    }
    prepare(&r);
    assert_int_equal(load(&r, HEAD "00 02 00 01 00 02 00 00"), 0);
    assert_int_equal(r.c.inbound_used, 2);
}

static void test_load_after_a_refusal_starts_from_nothing(void **state)
{
    struct rig r;

    (void)state;
    prepare(&r);
    assert_int_equal(load(&r,
                          HEAD "00 01 00 07 00 03 00 03 05 01 01 00 00 00 00 "
                               "00 02 05 00 01 " PUBLISH_2 "00 01 05 00 00 "),
                     HAWSER_E_MALFORMED);
    assert_int_equal(hawser_save_size(&r.c), 14);
    assert_int_equal(r.c.last_id, 0);
    assert_int_equal(
        load(&r, HEAD "00 01 00 07 00 01 00 01 05 00 00 " PUBLISH_1), 0);
    assert_int_equal(hawser_opened(&r.c, 0), 0);
    (void)rig_out(&r);
    assert_int_equal(rig_feed(&r, KEPT), 0);
    assert_string_equal(rig_out(&r), "32 06 00 01 61 00 01 00"); /* no DUP */
    assert_int_equal(rig_publish(&r, 1, "a", "", NULL), 0);
    assert_string_equal(rig_out(&r), "32 06 00 01 61 00 06 00");
}

static void
test_load_keeps_what_was_sent_lost_and_of_which_version(void **state)
{
    struct rig r;

    (void)state;
    restart(&r, HEAD "00 00 00 02 00 02 04 00 01 "
                     "00 00 00 07 34 05 00 01 61 00 02 "
                     "00 01 05 00 00 " PUBLISH_1);
    assert_string_equal(rig_out(&r), "3c 06 00 01 61 00 02 00 "
                                     "32 06 00 01 61 00 01 00");
    restart(&r, HEAD "00 00 00 01 00 01 05 02 00 00 00 00 00");
    assert_string_equal(rig_log(&r), "CONNECTED session=1 props=\n"
                                     "PUBLISHED 1 92 props=\n");
}

static void test_load_into_a_store_of_just_that_size_is_possible(void **state)
{
    static const char two[] = HEAD "00 00 00 02 00 01 05 00 00 " PUBLISH_1
                                   "00 02 05 00 00 " PUBLISH_2;
    struct rig r;

    (void)state;
    rig_prepare(&r, HAWSER_MQTT_5);
    r.cfg.store.size = 16;
    assert_int_equal(hawser_init(&r.c, &r.cfg), 0);
    assert_int_equal(load(&r, two), 0);
    assert_int_equal(load(&r, two), HAWSER_E_STATE);
}

#define FIFTY "12345678901234567890123456789012345678901234567890"

/* 64 bytes, of which a PINGREQ and a DISCONNECT need 5. */
static void test_load_of_a_message_that_never_fits_tx_is_refused(void **state)
{
    struct rig r;
    struct rig small;
    uint8_t saved[256];
    size_t len;

    (void)state;
    for (size_t n = 51; n <= 52; n++) {
        rig_start(&r, HAWSER_MQTT_5);
        assert_int_equal(
            rig_publish(&r, 1, "a", n == 51 ? FIFTY "x" : FIFTY "xy", NULL), 0);
        assert_int_equal(
            hawser_save(&r.c, (struct hawser_span){saved, sizeof saved}, &len),
            0);
        prepare(&small);
        small.cfg.tx.size = 64;
        assert_int_equal(hawser_init(&small.c, &small.cfg), 0);
        assert_int_equal(
            hawser_load(&small.c, (struct hawser_view){saved, len}),
            n == 51 ? 0 : HAWSER_E_FULL);
    }
}

static void test_load_after_a_connection_is_refused(void **state)
{
    struct rig r;

    (void)state;
    rig_start(&r, HAWSER_MQTT_5);
    hawser_lost(&r.c, r.now_ms);
    assert_int_equal(load(&r, SLOT_1 PUBLISH_1), HAWSER_E_STATE);
}

static void test_load_into_an_open_client_is_refused(void **state)
{
    struct rig r;

    (void)state;
    rig_prepare(&r, HAWSER_MQTT_5);
    rig_open(&r);
    assert_int_equal(load(&r, SLOT_1 PUBLISH_1), HAWSER_E_STATE);
    assert_int_equal(hawser_init(&r.c, &r.cfg), 0);
    assert_int_equal(load(&r, SLOT_1 PUBLISH_1), 0);
    assert_int_equal(load(&r, SLOT_1 PUBLISH_1),
                     HAWSER_E_STATE); /* one is enough */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_load_of_what_is_no_message_is_refused),
        cmocka_unit_test(test_load_of_slots_out_of_order_is_refused),
        cmocka_unit_test(test_load_of_bad_inbound_identifiers_is_refused),
        cmocka_unit_test(test_load_after_a_refusal_starts_from_nothing),
        cmocka_unit_test(
            test_load_keeps_what_was_sent_lost_and_of_which_version),
        cmocka_unit_test(test_load_into_a_store_of_just_that_size_is_possible),
        cmocka_unit_test(test_load_of_a_message_that_never_fits_tx_is_refused),
        cmocka_unit_test(test_load_after_a_connection_is_refused),
        cmocka_unit_test(test_load_into_an_open_client_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
