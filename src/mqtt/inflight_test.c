/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of what is kept until it is acknowledged, and sent again.
 */
#include "mqtt/client.h"
#include "mqtt/rig.h"

static void publish_some(struct rig *r, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        const char text[] = {(char)('0' + i), '\0'}; /* n is at most 10 */
        uint16_t id;

        assert_int_equal(rig_publish(r, 1, "a", text, &id), 0);
    }
}

static void connack(struct rig *r, const char *hex)
{
    assert_int_equal(rig_feed(r, hex), 0);
    (void)rig_log(r);
}

static void test_reopen_with_session_sends_again_with_dup(void **state)
{
    struct rig r;

    (void)state;
    rig_prepare(&r, HAWSER_MQTT_3_1_1);
    r.cfg.clean_start = false;
    rig_go_online(&r);
    publish_some(&r, 3);
    (void)rig_out(&r);
    assert_int_equal(rig_feed(&r, "40 02 00 02"), 0);
    rig_reopen(&r);
    connack(&r, "20 02 01 00");
    assert_string_equal(rig_out(&r),
                        "3a 06 00 01 61 00 01 30 3a 06 00 01 61 00 03 32");
    /* Not again without a new connection. */
    assert_string_equal(rig_out(&r), "");
    assert_int_equal(rig_feed(&r, "40 02 00 01 40 02 00 03"), 0);
    assert_string_equal(rig_log(&r),
                        "PUBLISHED 1 00 props=\nPUBLISHED 3 00 props=\n");
}

static void test_reopen_without_session_sends_as_new(void **state)
{
    struct rig r;

    (void)state;
    rig_prepare(&r, HAWSER_MQTT_3_1_1);
    r.cfg.clean_start = false;
    rig_go_online(&r);
    publish_some(&r, 2);
    rig_reopen(&r);
    connack(&r, "20 02 01 00");
    rig_reopen(&r);
    connack(&r, "20 02 00 00");
    assert_string_equal(rig_out(&r),
                        "32 06 00 01 61 00 01 30 32 06 00 01 61 00 02 31");
}

static void test_reopen_sends_again_before_the_event_is_taken(void **state)
{
    static const uint8_t accepted[] = {0x20, 2, 0, 0};
    struct rig r;
    const uint8_t *at;
    size_t used;

    (void)state;
    rig_start(&r, HAWSER_MQTT_3_1_1);
    publish_some(&r, 1);
    rig_reopen(&r);
    assert_int_equal(
        hawser_feed(&r.c, r.now_ms, accepted, sizeof accepted, &used), 0);
    assert_int_equal(hawser_out(&r.c, &at), 8);
}

static void test_reopen_before_connack_sends_nothing(void **state)
{
    struct rig r;

    (void)state;
    rig_start(&r, HAWSER_MQTT_5);
    publish_some(&r, 1);
    rig_reopen(&r);
    assert_string_equal(rig_out(&r), "");
    assert_int_equal(rig_feed(&r, "20 03 00 88 00"), HAWSER_E_REFUSED);
    assert_string_equal(rig_out(&r), "");
    rig_reopen(&r);
    connack(&r, "20 03 00 00 00");
    assert_string_equal(rig_out(&r), "32 07 00 01 61 00 01 00 30");
}

static void test_reopen_with_a_lower_receive_maximum_keeps_to_it(void **state)
{
    struct rig r;
    uint16_t id;

    (void)state;
    rig_start(&r, HAWSER_MQTT_5);
    publish_some(&r, 3);
    rig_reopen(&r);
    connack(&r, "20 06 00 00 03 21 00 01");
    assert_string_equal(rig_out(&r), "32 07 00 01 61 00 01 00 30");
    assert_int_equal(rig_publish(&r, 1, "a", "x", &id), HAWSER_E_LIMIT);
    /* An answer to what has not been sent yet is none. */
    assert_int_equal(rig_feed(&r, "40 02 00 02"), 0);
    assert_string_equal(rig_log(&r), "");
    assert_int_equal(rig_feed(&r, "40 02 00 01"), 0);
    assert_string_equal(rig_out(&r), "32 07 00 01 61 00 02 00 31");
    rig_reopen(&r);
    connack(&r, "20 03 00 00 00");
    assert_string_equal(
        rig_out(&r), "32 07 00 01 61 00 02 00 31 32 07 00 01 61 00 03 00 32");
}

static void test_reopen_with_more_than_tx_holds_sends_in_turns(void **state)
{
    static char big[101];
    struct rig r;
    uint16_t id;
    const char *out;

    (void)state;
    memset(big, 'x', sizeof big - 1);
    rig_prepare(&r, HAWSER_MQTT_3_1_1);
    r.cfg.tx.size = 128;
    rig_go_online(&r);
    assert_int_equal(rig_publish(&r, 1, "a", big, &id), 0);
    (void)rig_out(&r);
    assert_int_equal(rig_publish(&r, 1, "b", big, &id), 0);
    rig_reopen(&r);
    connack(&r, "20 02 00 00");
    /* The second waits: newer ones may not overtake it. */
    assert_int_equal(rig_publish(&r, 1, "c", "", &id), HAWSER_E_FULL);
    assert_int_equal(rig_publish(&r, 0, "c", "", &id), 0);
    out = rig_out(&r);
    assert_memory_equal(out, "32 69 00 01 61", 14);
    assert_non_null(strstr(out, "30 03 00 01 63"));
    out = rig_out(&r);
    assert_memory_equal(out, "32 69 00 01 62", 14);
}

static void test_reopen_in_the_other_version_translates(void **state)
{
    const struct hawser_property format = {.id = HAWSER_PROP_PAYLOAD_FORMAT,
                                           .number = 1};
    const struct hawser_message m = {.topic = TEXT("a"),
                                     .payload = TEXT("hi"),
                                     .qos = 1,
                                     .retain = true,
                                     .properties = &format,
                                     .property_count = 1};
    struct rig r;

    (void)state;
    rig_prepare(&r, HAWSER_MQTT_5);
    r.cfg.clean_start = false;
    rig_go_online(&r);
    assert_int_equal(hawser_publish(&r.c, r.now_ms, &m, NULL), 0);
    assert_string_equal(rig_out(&r), "33 0a 00 01 61 00 01 02 01 01 68 69");
    r.cfg.version = HAWSER_MQTT_3_1_1;
    rig_reopen(&r);
    connack(&r, "20 02 01 00");
    assert_string_equal(rig_out(&r), "3b 07 00 01 61 00 01 68 69");
    assert_int_equal(rig_publish(&r, 1, "b", "", NULL), 0);
    (void)rig_out(&r);
    r.cfg.version = HAWSER_MQTT_5;
    rig_reopen(&r);
    connack(&r, "20 03 00 00 00");
    assert_string_equal(rig_out(&r), "33 0a 00 01 61 00 01 02 01 01 68 69 "
                                     "32 06 00 01 62 00 02 00");
}

static void test_reopen_with_limits_below_the_stored_gives_them_up(void **state)
{
    struct hawser_message m = {
        .topic = TEXT("a"), .payload = TEXT("123456789"), .qos = 1};
    struct rig r;

    (void)state;
    rig_start(&r, HAWSER_MQTT_5);
    assert_int_equal(hawser_publish(&r.c, r.now_ms, &m, NULL), 0);
    publish_some(&r, 1);
    m.payload.len = 0;
    m.retain = true;
    assert_int_equal(hawser_publish(&r.c, r.now_ms, &m, NULL), 0);
    rig_reopen(&r);
    connack(&r, "20 0A 00 00 07 27 00 00 00 0A 25 00");
    assert_string_equal(rig_log(&r), "");
    rig_reopen(&r);
    assert_int_equal(rig_feed(&r, "20 03 00 00 00"), 0);
    assert_string_equal(rig_log(&r), "CONNECTED session=0 props=\n");
    assert_string_equal(rig_out(&r), "32 07 00 01 61 00 02 00 30");
}

static void test_give_up_tells_each_with_its_reason(void **state)
{
    struct rig r;
    uint16_t id;

    (void)state;
    rig_start(&r, HAWSER_MQTT_5);
    publish_some(&r, 3);
    rig_reopen(&r);
    assert_int_equal(rig_feed(&r, "20 05 00 00 02 24 00"), 0);
    assert_string_equal(rig_log(&r),
                        "CONNECTED session=0 props=24 00\n"
                        "PUBLISHED 1 9b props=\nPUBLISHED 2 9b props=\n"
                        "PUBLISHED 3 9b props=\n");
    assert_string_equal(rig_out(&r), "");
    assert_int_equal(rig_publish(&r, 1, "a", "", &id), HAWSER_E_LIMIT);
}

static void test_give_up_of_what_grew_beyond_tx(void **state)
{
    static char big[54];
    struct rig r;
    uint16_t id;

    (void)state;
    memset(big, 'x', sizeof big - 1);
    rig_prepare(&r, HAWSER_MQTT_3_1_1);
    r.cfg.tx.size = 65;
    r.cfg.keep_alive_s = 0;
    rig_go_online(&r);
    assert_int_equal(rig_publish(&r, 1, "a", big, &id), 0);
    r.cfg.version = HAWSER_MQTT_5;
    rig_reopen(&r);
    assert_int_equal(rig_feed(&r, "20 03 00 00 00"), 0);
    assert_string_equal(rig_log(&r), "CONNECTED session=0 props=\n"
                                     "PUBLISHED 1 95 props=\n");
}

static void test_give_up_waits_while_a_payload_is_half_told(void **state)
{
    static uint8_t head[] = {0x20, 3, 0, 0, 0, 0x30, 0x80, 1, 0, 1, 'b', 0, 1};
    static uint8_t rest[123];
    struct rig r;
    char log[40];

    (void)state;
    rig_start(&r, HAWSER_MQTT_5);
    publish_some(&r, 1);
    rig_reopen(&r);
    /* Maximum QoS 0, and part of a large message behind CONNACK. */
    assert_int_equal(rig_feed(&r, "20 05 00 00 02 24 00"), 0);
    assert_string_equal(rig_log(&r), "CONNECTED session=0 props=24 00\n"
                                     "PUBLISHED 1 9b props=\n");
    rig_start(&r, HAWSER_MQTT_5);
    r.store[0] = 0;
    publish_some(&r, 1);
    assert_int_equal(rig_feed_bytes(&r, head + 5, sizeof head - 5), 0);
    /* As if the limits had changed: nothing may be told in between. */
    r.c.slot_sent = 0;
    r.c.limits.maximum_qos = 0;
    hawser_sent(&r.c, r.now_ms, 1);
    (void)snprintf(log, sizeof log, "%.9s", rig_log(&r));
    assert_string_equal(log, "MESSAGE b");
    assert_int_equal(rig_feed_bytes(&r, rest, sizeof rest), 0);
    assert_non_null(strstr(rig_log(&r), "\nPUBLISHED 1 9b props=\n"));
}

static void test_new_id_passes_zero_and_those_in_use(void **state)
{
    struct rig r;
    uint16_t id;

    (void)state;
    rig_start(&r, HAWSER_MQTT_3_1_1);
    r.c.last_id = 65534;
    assert_int_equal(rig_publish(&r, 1, "a", "", &id), 0);
    assert_int_equal(id, 65535);
    assert_int_equal(rig_subscribe(&r, "a", 0), 1);
    r.c.last_id = 65534;
    assert_int_equal(rig_publish(&r, 1, "a", "", &id), 0);
    assert_int_equal(id, 2);
}

static void test_new_id_passes_all_in_use_but_none_that_was(void **state)
{
    struct rig r;
    uint16_t id;

    (void)state;
    rig_start(&r, HAWSER_MQTT_5);
    (void)rig_subscribe(&r, "a", 0); /* 1 */
    assert_int_equal(rig_publish(&r, 1, "a", "", NULL), 0);
    assert_int_equal(rig_publish(&r, 1, "a", "", NULL), 0);
    r.c.last_id = 0;
    assert_int_equal(rig_publish(&r, 1, "a", "", &id), 0);
    assert_int_equal(id, 4);
    assert_int_equal(rig_feed(&r, "90 04 00 01 00 00"), 0);
    r.c.last_id = 0;
    assert_int_equal(rig_publish(&r, 1, "a", "", &id), 0);
    assert_int_equal(id, 1);
}

static void test_slots_full_refuse_and_free_up(void **state)
{
    struct rig r;
    uint16_t id;

    (void)state;
    rig_start(&r, HAWSER_MQTT_3_1_1);
    publish_some(&r, 4);
    assert_int_equal(rig_publish(&r, 1, "a", "", &id), HAWSER_E_FULL);
    assert_int_equal(rig_feed(&r, "40 02 00 03"), 0);
    assert_int_equal(rig_publish(&r, 1, "a", "", &id), 0);
    assert_int_equal(id, 5);
}

/* Two packets fill a store exactly, before and after they go round. */
static void test_store_is_used_to_the_last_byte(void **state)
{
    struct rig r;
    uint16_t id;

    (void)state;
    rig_prepare(&r, HAWSER_MQTT_3_1_1);
    r.cfg.store.size = 20;
    rig_go_online(&r);
    assert_int_equal(rig_publish(&r, 1, "a", "123", &id), 0);
    assert_int_equal(rig_publish(&r, 1, "a", "1234", &id), HAWSER_E_FULL);
    assert_int_equal(rig_publish(&r, 1, "a", "456", &id), 0);
    assert_int_equal(rig_publish(&r, 1, "a", "", &id), HAWSER_E_FULL);
    assert_int_equal(rig_feed(&r, "40 02 00 01"), 0);
    assert_int_equal(rig_publish(&r, 1, "a", "7890", &id), HAWSER_E_FULL);
    assert_int_equal(rig_publish(&r, 1, "a", "789", &id), 0);
    assert_int_equal(rig_publish(&r, 1, "a", "", &id), HAWSER_E_FULL);
    assert_int_equal(rig_feed(&r, "40 02 00 02"), 0);
    assert_int_equal(rig_publish(&r, 1, "a", "012", &id), 0);
    assert_memory_equal(r.store + 7, "789", 3);
    assert_memory_equal(r.store + 17, "012", 3);
}

static void test_store_gap_between_newer_and_older_is_used(void **state)
{
    struct rig r;
    uint16_t id;

    (void)state;
    rig_prepare(&r, HAWSER_MQTT_3_1_1);
    r.cfg.store.size = 30;
    rig_go_online(&r);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(rig_publish(&r, 1, "a", "123", &id), 0);
    }
    assert_int_equal(rig_feed(&r, "40 02 00 01 40 02 00 02"), 0);
    assert_int_equal(rig_publish(&r, 1, "a", "123", &id), 0);
    assert_int_equal(rig_publish(&r, 1, "a", "1234", &id), HAWSER_E_FULL);
    assert_int_equal(rig_publish(&r, 1, "a", "123", &id), 0);
    assert_int_equal(rig_publish(&r, 1, "a", "", &id), HAWSER_E_FULL);
}

static void test_reopen_with_session_keeps_the_unsent_as_new(void **state)
{
    struct rig r;

    (void)state;
    rig_prepare(&r, HAWSER_MQTT_5);
    r.cfg.clean_start = false;
    rig_go_online(&r);
    publish_some(&r, 2);
    rig_reopen(&r);
    connack(&r, "20 06 00 00 03 21 00 01");
    assert_string_equal(rig_out(&r), "32 07 00 01 61 00 01 00 30");
    rig_reopen(&r);
    connack(&r, "20 03 01 00 00");
    assert_string_equal(
        rig_out(&r), "3a 07 00 01 61 00 01 00 30 32 07 00 01 61 00 02 00 31");
}

/* Packets of changing size, acknowledged in a changing order, for long: the
 * store must hold each one unharmed. */
static void test_store_over_many_rounds_keeps_every_packet(void **state)
{
    struct rig r;
    uint16_t waiting[4];
    size_t n = 0;
    uint32_t seed = 1;

    (void)state;
    rig_prepare(&r, HAWSER_MQTT_3_1_1);
    r.cfg.clean_start = false;
    rig_go_online(&r);
    for (unsigned round = 0; round < 3000; round++) {
        char text[100];
        uint16_t id;

        seed = seed * 1664525u + 1013904223u;
        memset(text, 'a' + (int)(seed >> 16 & 15), sizeof text);
        text[seed >> 24 & 63] = 0;
        if (n < 4 && rig_publish(&r, 1, "t", text, &id) == 0) {
            waiting[n++] = id;
        } else if (n > 0) {
            size_t k = (seed >> 20) % n;
            uint8_t ack[] = {0x40, 2, (uint8_t)(waiting[k] >> 8),
                             (uint8_t)waiting[k]};

            assert_int_equal(rig_feed_bytes(&r, ack, sizeof ack), 0);
            memmove(waiting + k, waiting + k + 1,
                    (n - k - 1) * sizeof waiting[0]);
            n--;
        }
        (void)rig_out(&r);
        (void)rig_log(&r);
        for (size_t k = 0; k < n; k++) {
            const struct hawser_slot *slot = &r.slots[(r.c.slot_first + k) % 4];
            const uint8_t *p = r.store + slot->at;

            assert_int_equal(slot->packet_id, waiting[k]);
            assert_true(slot->at + slot->len <= sizeof r.store);
            assert_int_equal(p[0], 0x32);
            assert_int_equal(p[1], slot->len - 2);
            assert_int_equal(p[5] << 8 | p[6], waiting[k]);
            for (size_t i = 8; i < slot->len; i++) {
                assert_int_equal(p[i], p[7]);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reopen_sends_again_before_the_event_is_taken),
        cmocka_unit_test(test_store_gap_between_newer_and_older_is_used),
        cmocka_unit_test(test_reopen_with_session_sends_again_with_dup),
        cmocka_unit_test(test_reopen_without_session_sends_as_new),
        cmocka_unit_test(test_reopen_before_connack_sends_nothing),
        cmocka_unit_test(test_reopen_with_a_lower_receive_maximum_keeps_to_it),
        cmocka_unit_test(test_reopen_with_more_than_tx_holds_sends_in_turns),
        cmocka_unit_test(test_reopen_in_the_other_version_translates),
        cmocka_unit_test(
            test_reopen_with_limits_below_the_stored_gives_them_up),
        cmocka_unit_test(test_give_up_tells_each_with_its_reason),
        cmocka_unit_test(test_give_up_of_what_grew_beyond_tx),
        cmocka_unit_test(test_give_up_waits_while_a_payload_is_half_told),
        cmocka_unit_test(test_new_id_passes_zero_and_those_in_use),
        cmocka_unit_test(test_new_id_passes_all_in_use_but_none_that_was),
        cmocka_unit_test(test_slots_full_refuse_and_free_up),
        cmocka_unit_test(test_store_is_used_to_the_last_byte),
        cmocka_unit_test(test_reopen_with_session_keeps_the_unsent_as_new),
        cmocka_unit_test(test_store_over_many_rounds_keeps_every_packet),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
