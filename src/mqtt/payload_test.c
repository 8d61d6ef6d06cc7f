/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of payloads that are given in parts: tx.c, stored.c.
 */
#include <stdlib.h>

#include "mqtt/client.h"
#include "mqtt/rig.h"
#include "wire/crc32.h"

/* "0123456789" again and again. */
static const uint8_t *digits(uint32_t offset)
{
    static uint8_t text[2000];

    for (size_t i = 0; i < sizeof text; i++) {
        text[i] = (uint8_t)('0' + i % 10);
    }
    return text + offset;
}

/* Publishes to topic "a" a payload of first + more digits. */
static int begin(struct rig *r, uint8_t qos, size_t first, uint32_t more)
{
    const struct hawser_message m = {.topic = rig_view("a"),
                                     .payload = {digits(0), first},
                                     .payload_more = more,
                                     .qos = qos};

    return hawser_publish(&r->c, r->now_ms, &m, NULL);
}

/* Gives what is wanted, at most `most` bytes at once, until nothing is: the bytes
 * that left, in sent. Answers their number. */
static size_t give(struct rig *r, uint16_t id, size_t most, uint8_t *sent)
{
    size_t len = 0;

    for (;;) {
        const uint8_t *at;
        size_t n = hawser_out(&r->c, &at);
        uint16_t wanted_id;
        uint32_t offset;

        memcpy(sent + len, at, n);
        len += n;
        hawser_sent(&r->c, r->now_ms, n);
        n = hawser_payload_wanted(&r->c, &wanted_id, &offset);
        if (n == 0 && hawser_out(&r->c, &at) == 0) {
            return len;
        }
        if (n > 0) {
            assert_int_equal(wanted_id, id);
            n = n < most ? n : most;
            assert_int_equal(
                hawser_payload(&r->c, r->now_ms, digits(offset), n), 0);
        }
    }
}

/* Online, with a session that may go on. */
static void start_lasting(struct rig *r, enum hawser_version version)
{
    rig_prepare(r, version);
    r->cfg.clean_start = false;
    rig_go_online(r);
}

static void test_payload_in_parts_of_any_size_is_one_packet(void **state)
{
    static const enum hawser_version versions[] = {HAWSER_MQTT_3_1_1,
                                                   HAWSER_MQTT_5};
    static const size_t parts[] = {1, 7, 100, 2000};

    (void)state;
    for (size_t v = 0; v < 2; v++) {
        for (size_t i = 0; i < 4; i++) {
            uint8_t sent[2000];
            struct rig r;
            struct hex h;
            size_t head = v == 0 ? 6 : 7;

            rig_start(&r, versions[v]);
            assert_int_equal(begin(&r, 0, 5, 995), 0);
            assert_int_equal(give(&r, 0, parts[i], sent), head + 1000);
            assert_string_equal(hex_text(&h, sent, head),
                                v == 0 ? "30 eb 07 00 01 61"
                                       : "30 ec 07 00 01 61 00");
            assert_memory_equal(sent + head, digits(0), 1000);
            assert_int_equal(rig_publish(&r, 0, "b", "", NULL), 0);
        }
    }
}

static void
test_payload_of_qos_1_is_wanted_again_after_a_reconnect(void **state)
{
    uint8_t sent[2000];
    struct rig r;
    struct hex h;
    uint16_t id;
    uint32_t offset;

    (void)state;
    start_lasting(&r, HAWSER_MQTT_5);
    assert_int_equal(begin(&r, 1, 3, 1497), 0);
    assert_int_equal(give(&r, 1, 64, sent), 9 + 1500);
    rig_reopen(&r);
    assert_int_equal(hawser_payload_wanted(&r.c, &id, &offset), 0);
    (void)rig_out(&r);
    assert_int_equal(rig_feed(&r, "20 03 01 00 00"), 0);
    assert_true(hawser_payload_wanted(&r.c, &id, &offset) > 0);
    assert_int_equal(id, 1);
    assert_int_equal(offset, 3);
    assert_int_equal(give(&r, 1, 64, sent), 9 + 1500);
    assert_string_equal(hex_text(&h, sent, 9), "3a e2 0b 00 01 61 00 01 00");
    assert_memory_equal(sent + 9, digits(0), 1500);
    (void)rig_log(&r);
    assert_int_equal(rig_feed(&r, "40 02 00 01"), 0);
    assert_string_equal(rig_log(&r), "PUBLISHED 1 00 props=\n");
}

static void test_payload_is_wanted_again_by_the_other_version(void **state)
{
    uint8_t sent[2000];
    struct rig r;
    struct hex h;

    (void)state;
    start_lasting(&r, HAWSER_MQTT_5);
    assert_int_equal(begin(&r, 2, 3, 97), 0);
    assert_int_equal(give(&r, 1, 64, sent), 8 + 100);
    hawser_lost(&r.c, r.now_ms);
    r.cfg.version = HAWSER_MQTT_3_1_1;
    assert_int_equal(hawser_opened(&r.c, r.now_ms), 0);
    (void)rig_out(&r);
    assert_int_equal(rig_feed(&r, "20 02 01 00"), 0);
    assert_int_equal(give(&r, 1, 64, sent), 7 + 100);
    assert_string_equal(hex_text(&h, sent, 7), "3c 69 00 01 61 00 01");
    assert_memory_equal(sent + 7, digits(0), 100);
}

static void test_payload_that_is_not_whole_lets_nothing_between(void **state)
{
    struct rig r;
    uint16_t id;
    uint32_t offset;
    uint8_t sent[2000];

    (void)state;
    rig_start(&r, HAWSER_MQTT_5);
    assert_int_equal(begin(&r, 1, 0, 10), 0);
    (void)rig_out(&r);
    assert_int_equal(rig_publish(&r, 0, "b", "", NULL), HAWSER_E_FULL);
    assert_int_equal(rig_publish(&r, 1, "b", "", NULL), HAWSER_E_FULL);
    assert_int_equal(hawser_disconnect(&r.c, 0, 0), HAWSER_E_FULL);
    assert_int_equal(rig_feed(&r, "32 07 00 01 61 00 07 00 68"), 0);
    assert_int_equal(hawser_accept(&r.c, 0, 7, 0), 0);
    assert_string_equal(rig_out(&r), "");
    assert_int_equal(hawser_payload_wanted(&r.c, &id, &offset), 10);
    assert_int_equal(hawser_payload(&r.c, 0, digits(0), 11), HAWSER_E_FULL);
    assert_int_equal(hawser_payload(&r.c, 0, digits(0), 9), 0);
    assert_string_equal(rig_out(&r), "30 31 32 33 34 35 36 37 38");
    assert_int_equal(give(&r, 1, 1, sent), 1 + 4);
    assert_memory_equal(sent, "9\x40\x02\x00\x07", 5);
    assert_int_equal(hawser_payload_wanted(&r.c, &id, &offset), 0);
    assert_int_equal(hawser_payload(&r.c, 0, digits(0), 0), HAWSER_E_STATE);
}

static void test_payload_cut_by_a_fault_says_no_goodbye(void **state)
{
    struct rig r;

    (void)state;
    rig_start(&r, HAWSER_MQTT_5);
    assert_int_equal(begin(&r, 0, 0, 10), 0);
    (void)rig_out(&r);
    assert_int_equal(rig_feed(&r, "00"), HAWSER_E_PROTOCOL);
    assert_string_equal(rig_out(&r), "");
    assert_int_equal(hawser_payload(&r.c, 0, digits(0), 1), HAWSER_E_STATE);
    rig_reopen(&r);
    assert_int_equal(rig_feed(&r, "20 03 00 00 00"), 0);
    assert_int_equal(rig_publish(&r, 0, "b", "", NULL), 0);
}

static void test_payload_that_stalls_ends_by_keep_alive(void **state)
{
    struct rig r;

    (void)state;
    rig_start(&r, HAWSER_MQTT_5); /* keep-alive 10 s */
    assert_int_equal(begin(&r, 0, 0, 20), 0);
    (void)rig_out(&r);
    for (int i = 0; i < 9; i++) { /* nothing comes, but bytes leave */
        r.now_ms += 9000;
        assert_int_equal(hawser_tick(&r.c, r.now_ms), 0);
        assert_int_equal(hawser_payload(&r.c, r.now_ms, digits(0), 1), 0);
        assert_string_equal(rig_out(&r), "30");
    }
    assert_int_equal(hawser_deadline_ms(&r.c), r.now_ms + 10000);
    assert_int_equal(hawser_tick(&r.c, r.now_ms + 9999), 0);
    assert_int_equal(hawser_tick(&r.c, r.now_ms + 10000), HAWSER_E_KEEPALIVE);
}

static void test_payload_that_stalls_at_its_last_byte_ends_too(void **state)
{
    struct rig r;

    (void)state;
    rig_start(&r, HAWSER_MQTT_5);
    assert_int_equal(begin(&r, 0, 0, 2), 0);
    (void)rig_out(&r);
    r.now_ms += 4000; /* of which nothing came */
    assert_int_equal(hawser_payload(&r.c, r.now_ms, digits(0), 1), 0);
    (void)rig_out(&r);
    assert_int_equal(hawser_deadline_ms(&r.c), r.now_ms + 10000);
    assert_int_equal(hawser_tick(&r.c, r.now_ms + 10000), HAWSER_E_KEEPALIVE);
}

static void test_payload_answer_is_awaited_from_its_end_on(void **state)
{
    struct rig r;

    (void)state;
    rig_prepare(&r, HAWSER_MQTT_5);
    r.cfg.keep_alive_s = 0;
    r.cfg.ack_timeout_ms = 5000;
    rig_go_online(&r);
    assert_int_equal(begin(&r, 1, 0, 2), 0);
    (void)rig_out(&r);
    for (int i = 0; i < 2; i++) {
        r.now_ms += 4000;
        assert_int_equal(hawser_payload(&r.c, r.now_ms, digits(0), 1), 0);
        (void)rig_out(&r);
    }
    assert_int_equal(hawser_deadline_ms(&r.c), r.now_ms + 5000);
    assert_int_equal(hawser_tick(&r.c, r.now_ms + 5000), HAWSER_E_KEEPALIVE);
}

static void test_payload_beyond_the_room_is_full(void **state)
{
    struct rig r;
    uint16_t id;
    uint32_t offset;
    size_t n;

    (void)state;
    rig_start(&r, HAWSER_MQTT_5);
    assert_int_equal(begin(&r, 0, 0, 1000), 0);
    n = hawser_payload_wanted(&r.c, &id, &offset);
    assert_int_equal(n, sizeof r.tx - HWI_TX_RESERVE - 7);
    assert_int_equal(hawser_payload(&r.c, 0, digits(0), n + 1), HAWSER_E_FULL);
    assert_int_equal(hawser_payload(&r.c, 0, digits(0), n), 0);
    assert_int_equal(hawser_payload_wanted(&r.c, &id, &offset), 0);
    assert_int_equal(offset, n);
    assert_int_equal(hawser_payload(&r.c, 0, digits(0), 1), HAWSER_E_FULL);
}

static void
test_payload_of_another_message_does_not_prolong_an_answer(void **state)
{
    struct rig r;

    (void)state;
    rig_prepare(&r, HAWSER_MQTT_5);
    r.cfg.keep_alive_s = 0;
    r.cfg.ack_timeout_ms = 5000;
    rig_go_online(&r);
    assert_int_equal(rig_publish(&r, 1, "a", "", NULL), 0);
    assert_int_equal(begin(&r, 0, 0, 2), 0);
    r.now_ms += 4000;
    assert_int_equal(hawser_payload(&r.c, r.now_ms, digits(0), 1), 0);
    assert_int_equal(hawser_deadline_ms(&r.c), r.now_ms + 1000);
}

static void test_payload_above_the_limits_is_refused(void **state)
{
    struct rig r;
    uint8_t sent[2000];

    (void)state;
    rig_prepare(&r, HAWSER_MQTT_5);
    rig_open(&r);
    assert_int_equal(rig_feed(&r, "20 08 00 00 05 27 00 00 00 64"), 0);
    for (uint8_t qos = 0; qos < 2; qos++) { /* 100 bytes; the head takes 6, 8 */
        uint32_t most = qos == 0 ? 94 : 92;

        assert_int_equal(begin(&r, qos, 0, most + 1), HAWSER_E_LIMIT);
        assert_int_equal(begin(&r, qos, 0, 268435456), HAWSER_E_ARG);
        assert_int_equal(begin(&r, qos, 268435456, 0), HAWSER_E_ARG);
        assert_int_equal(begin(&r, qos, 0, most), 0);
        assert_int_equal(give(&r, qos, 100, sent), 100);
    }
    rig_start(&r, HAWSER_MQTT_3_1_1);
    assert_int_equal(begin(&r, 0, 0, 268435455 - 2), HAWSER_E_ARG);
    assert_int_equal(begin(&r, 0, 0, 268435455 - 3), 0);
}

static void test_payload_is_wanted_after_save_and_load(void **state)
{
    uint8_t saved[256];
    uint8_t sent[2000];
    struct rig r;
    size_t len;

    (void)state;
    start_lasting(&r, HAWSER_MQTT_3_1_1);
    assert_int_equal(begin(&r, 1, 4, 96), 0);
    (void)rig_out(&r);
    assert_int_equal(
        hawser_save(&r.c, (struct hawser_span){saved, sizeof saved}, &len), 0);
    assert_int_equal(hawser_init(&r.c, &r.cfg), 0);
    assert_int_equal(hawser_load(&r.c, (struct hawser_view){saved, len}), 0);
    assert_int_equal(hawser_opened(&r.c, r.now_ms), 0);
    (void)rig_out(&r);
    assert_int_equal(rig_feed(&r, "20 02 01 00"), 0);
    assert_int_equal(give(&r, 1, 10, sent), 7 + 100);
    assert_memory_equal(sent + 7, digits(0), 100);
}

/* A length in the packet's head that leads beyond what was saved. */
static void test_load_of_a_head_that_is_cut_reads_nothing_behind(void **state)
{
    struct rig r;
    struct hex h;
    struct hawser_view saved =
        hex_read(&h, "48 57 53 31 00 03 00 00 00 01" /* one slot */
                     "00 01 05 00 01 00 00 00 08"    /* of 8 bytes */
                     "33 FF FF FF 29 FF FF FF"       /* a topic of 65535 */
                     "00 00 00 00");
    uint32_t crc = hwi_crc32((struct hawser_view){saved.at, saved.len - 4});
    uint8_t *copy = malloc(saved.len);

    (void)state;
    assert_non_null(copy);
    memcpy(copy, saved.at, saved.len);
    for (unsigned i = 0; i < 4; i++) {
        copy[saved.len - 4 + i] = (uint8_t)(crc >> (24 - 8 * i));
    }
    rig_prepare(&r, HAWSER_MQTT_5);
    assert_int_equal(hawser_init(&r.c, &r.cfg), 0);
    assert_int_equal(hawser_load(&r.c, (struct hawser_view){copy, saved.len}),
                     HAWSER_E_MALFORMED);
    free(copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_payload_in_parts_of_any_size_is_one_packet),
        cmocka_unit_test(
            test_payload_of_qos_1_is_wanted_again_after_a_reconnect),
        cmocka_unit_test(test_payload_is_wanted_again_by_the_other_version),
        cmocka_unit_test(test_payload_that_is_not_whole_lets_nothing_between),
        cmocka_unit_test(test_payload_cut_by_a_fault_says_no_goodbye),
        cmocka_unit_test(test_payload_that_stalls_ends_by_keep_alive),
        cmocka_unit_test(test_payload_that_stalls_at_its_last_byte_ends_too),
        cmocka_unit_test(test_payload_answer_is_awaited_from_its_end_on),
        cmocka_unit_test(test_payload_beyond_the_room_is_full),
        cmocka_unit_test(
            test_payload_of_another_message_does_not_prolong_an_answer),
        cmocka_unit_test(test_payload_above_the_limits_is_refused),
        cmocka_unit_test(test_payload_is_wanted_after_save_and_load),
        cmocka_unit_test(test_load_of_a_head_that_is_cut_reads_nothing_behind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
