/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of the client as a whole: opening, losing, disconnecting, facts.
 */
#include "mqtt/rig.h"

static void test_opened_writes_connect_of_3_1_1(void **state)
{
    struct rig r;
    const uint8_t *at;

    (void)state;
    rig_prepare(&r, HAWSER_MQTT_3_1_1);
    assert_int_equal(hawser_init(&r.c, &r.cfg), 0);
    assert_int_equal(hawser_out(&r.c, &at), 0);
    assert_int_equal(hawser_opened(&r.c, r.now_ms), 0);
    assert_string_equal(rig_out(&r),
                        "10 0d 00 04 4d 51 54 54 04 02 00 0a 00 01 63");
    assert_false(hawser_is_connected(&r.c));
}

static void test_opened_writes_connect_of_5_with_own_properties(void **state)
{
    const struct hawser_property more = {
        .id = HAWSER_PROP_USER, .name = TEXT("k"), .value = TEXT("v")};
    struct rig r;

    (void)state;
    rig_prepare(&r, HAWSER_MQTT_5);
    r.cfg.session_expiry_s = 3600;
    r.cfg.receive_maximum = 5;
    r.cfg.maximum_packet_size = 1000;
    r.cfg.properties = &more;
    r.cfg.property_count = 1;
    assert_int_equal(hawser_init(&r.c, &r.cfg), 0);
    assert_int_equal(hawser_opened(&r.c, r.now_ms), 0);
    assert_string_equal(rig_out(&r), "10 22 00 04 4d 51 54 54 05 02 00 0a 14 "
                                     "11 00 00 0e 10 21 00 05 27 00 00 03 e8 "
                                     "26 00 01 6b 00 01 76 00 01 63");
}

static void test_opened_writes_connect_of_5_at_its_shortest(void **state)
{
    struct rig r;

    (void)state;
    rig_prepare(&r, HAWSER_MQTT_5);
    assert_int_equal(hawser_init(&r.c, &r.cfg), 0);
    assert_int_equal(hawser_limits(&r.c)->receive_maximum, 65535);
    assert_int_equal(hawser_opened(&r.c, r.now_ms), 0);
    assert_string_equal(rig_out(&r), "10 11 00 04 4d 51 54 54 05 02 00 0a "
                                     "03 21 00 20 00 01 63");
}

static void test_opened_after_parts_went_either_way_starts_afresh(void **state)
{
    static const uint8_t part[] = {0x30, 0x80, 0x01, 0, 1, 'a', 1};
    struct rig r;

    (void)state;
    rig_start(&r, HAWSER_MQTT_3_1_1);
    assert_int_equal(rig_publish(&r, 0, "a", "hi", NULL), 0);
    hawser_sent(&r.c, r.now_ms, 3);
    assert_int_equal(rig_feed_bytes(&r, part, sizeof part), 0);
    (void)rig_log(&r);
    r.payload_at = 0;
    hawser_lost(&r.c, r.now_ms);
    assert_int_equal(hawser_opened(&r.c, r.now_ms), 0);
    assert_memory_equal(rig_out(&r), "10 0d 00 04", 11);
    assert_int_equal(rig_feed(&r, "20 02 00 00"), 0);
    assert_string_equal(rig_log(&r), "CONNECTED session=0 props=\n");
}

static void test_opened_twice_is_refused(void **state)
{
    struct rig r;

    (void)state;
    rig_prepare(&r, HAWSER_MQTT_5);
    rig_open(&r);
    assert_int_equal(hawser_opened(&r.c, r.now_ms), HAWSER_E_STATE);
    assert_int_equal(rig_feed(&r, "20 03 00 00 00"), 0);
    assert_int_equal(hawser_opened(&r.c, r.now_ms), HAWSER_E_STATE);
}

static void test_opened_with_a_connect_above_tx_changes_nothing(void **state)
{
    static uint8_t password[250];
    struct rig r;
    const uint8_t *at;

    (void)state;
    rig_prepare(&r, HAWSER_MQTT_5);
    assert_int_equal(hawser_init(&r.c, &r.cfg), 0);
    r.cfg.password = (struct hawser_view){password, sizeof password};
    assert_int_equal(hawser_opened(&r.c, r.now_ms), HAWSER_E_FULL);
    assert_int_equal(hawser_out(&r.c, &at), 0);
    /* A header of 3, 17 bytes without it, its length; 5 stay free. */
    r.cfg.password.len = sizeof r.tx - 3 - 17 - 2 - 5 + 1;
    assert_int_equal(hawser_opened(&r.c, r.now_ms), HAWSER_E_FULL);
    r.cfg.password.len--;
    assert_int_equal(hawser_opened(&r.c, r.now_ms), 0);
    assert_int_equal(hawser_out(&r.c, &at), sizeof r.tx - 5);
}

static void test_opened_with_too_little_tx_leaves_no_password(void **state)
{
    static const uint8_t nothing[sizeof((struct rig *)0)->tx];
    struct rig r;

    (void)state;
    rig_prepare(&r, HAWSER_MQTT_5);
    r.cfg.password = TEXT("sesame");
    assert_int_equal(hawser_init(&r.c, &r.cfg), 0);
    assert_int_equal(hawser_opened(&r.c, r.now_ms), 0);
    hawser_lost(&r.c, r.now_ms);
    r.cfg.properties = &(struct hawser_property){
        .id = HAWSER_PROP_USER, .value = {(const uint8_t *)r.log, sizeof r.tx}};
    r.cfg.property_count = 1;
    memset(r.log, 'x', sizeof r.tx);
    assert_int_equal(hawser_opened(&r.c, r.now_ms), HAWSER_E_FULL);
    assert_string_equal(rig_out(&r), "");
    assert_memory_equal(r.tx, nothing, sizeof r.tx);
}

static void test_opened_with_a_config_made_bad_is_refused(void **state)
{
    struct rig r;

    (void)state;
    rig_prepare(&r, HAWSER_MQTT_5);
    assert_int_equal(hawser_init(&r.c, &r.cfg), 0);
    r.cfg.client_id = TEXT("\xff");
    assert_int_equal(hawser_opened(&r.c, r.now_ms), HAWSER_E_ARG);
}

static void test_opened_clears_a_sticky_error(void **state)
{
    struct rig r;
    size_t used;
    uint8_t byte = 0;

    (void)state;
    rig_start(&r, HAWSER_MQTT_5);
    assert_int_equal(rig_feed(&r, "30 03 00 00 00"), HAWSER_E_PROTOCOL);
    assert_false(hawser_is_connected(&r.c));
    assert_int_equal(hawser_feed(&r.c, 0, &byte, 1, &used), HAWSER_E_PROTOCOL);
    assert_int_equal(used, 0);
    assert_int_equal(hawser_tick(&r.c, 0), HAWSER_E_PROTOCOL);
    hawser_lost(&r.c, r.now_ms);
    assert_int_equal(hawser_feed(&r.c, 0, &byte, 1, &used), HAWSER_E_PROTOCOL);
    assert_int_equal(hawser_opened(&r.c, r.now_ms), 0);
    (void)rig_out(&r);
    assert_int_equal(hawser_fault(&r.c)->reason, 0);
    assert_int_equal(rig_feed(&r, "20 03 00 00 00"), 0);
    assert_true(hawser_is_connected(&r.c));
}

static void test_opened_after_an_error_without_lost_starts_anew(void **state)
{
    struct rig r;

    (void)state;
    rig_start(&r, HAWSER_MQTT_5);
    assert_int_equal(rig_feed(&r, "00"), HAWSER_E_PROTOCOL);
    assert_int_equal(hawser_opened(&r.c, r.now_ms), 0);
    assert_memory_equal(rig_out(&r), "10 ", 3);
}

static void test_fault_names_packet_and_offset(void **state)
{
    struct rig r;

    (void)state;
    rig_start(&r, HAWSER_MQTT_5);
    assert_int_equal(rig_feed(&r, "D0 00 30 04 00 01 61 00 32 06 00 01"), 0);
    assert_int_equal(hawser_fault(&r.c)->reason, 0);
    assert_int_equal(rig_feed(&r, "61 00 00 00"), HAWSER_E_MALFORMED);
    assert_int_equal(hawser_fault(&r.c)->reason, 0x81);
    assert_int_equal(hawser_fault(&r.c)->header, 0x32);
    assert_int_equal(hawser_fault(&r.c)->offset, 5 + 2 + 6);
}

static void test_fault_is_of_this_connection(void **state)
{
    struct rig r;

    (void)state;
    rig_start(&r, HAWSER_MQTT_5);
    assert_int_equal(rig_feed(&r, "D0 00 00"), HAWSER_E_PROTOCOL);
    rig_reopen(&r);
    assert_int_equal(hawser_fault(&r.c)->offset, 0);
    assert_int_equal(hawser_fault(&r.c)->header, 0);
    assert_int_equal(hawser_fault(&r.c)->reason, 0);
    assert_int_equal(rig_feed(&r, "20 03 00 00 00 D0 00 10"),
                     HAWSER_E_PROTOCOL);
    assert_int_equal(hawser_fault(&r.c)->offset, 7);
    assert_int_equal(hawser_fault(&r.c)->header, 0x10);
}

static void test_lost_forgets_half_a_packet_and_what_was_queued(void **state)
{
    struct rig r;
    const uint8_t *at;

    (void)state;
    rig_start(&r, HAWSER_MQTT_3_1_1);
    assert_int_equal(rig_publish(&r, 0, "a", "hi", NULL), 0);
    assert_int_equal(rig_feed(&r, "30 05 00 01"), 0);
    hawser_lost(&r.c, r.now_ms);
    assert_int_equal(hawser_out(&r.c, &at), 0);
    assert_int_equal(hawser_deadline_ms(&r.c), HAWSER_NEVER);
    assert_int_equal(hawser_tick(&r.c, r.now_ms), 0);
    rig_reopen(&r);
    assert_int_equal(rig_feed(&r, "20 02 00 00 30 03 00 01 62"), 0);
    assert_string_equal(rig_log(&r),
                        "CONNECTED session=0 props=\n"
                        "MESSAGE b id=0 qos=0 retain=0 dup=0 props= "
                        "payload=\n");
}

static void test_lost_takes_the_time_too(void **state)
{
    struct rig r;

    (void)state;
    rig_start(&r, HAWSER_MQTT_5);
    hawser_lost(&r.c, 5000);
    assert_int_equal(hawser_opened(&r.c, 1000), 0);
    assert_int_equal(hawser_deadline_ms(&r.c), 35000);
}

static void feed_undrained(struct rig *r, const char *hex)
{
    static struct hex h;
    struct hawser_view v = hex_read(&h, hex);
    size_t used;

    assert_int_equal(hawser_feed(&r->c, r->now_ms, v.at, v.len, &used), 0);
}

static void test_lost_keeps_published_without_its_views(void **state)
{
    struct rig r;
    uint16_t id;

    (void)state;
    rig_start(&r, HAWSER_MQTT_5);
    assert_int_equal(rig_publish(&r, 1, "a", "hi", &id), 0);
    feed_undrained(&r, "40 08 00 01 87 04 1F 00 01 6E");
    rig_reopen(&r);
    assert_string_equal(rig_log(&r), "PUBLISHED 1 87 props=\n");
}

static void test_lost_drops_other_events(void **state)
{
    struct rig r;

    (void)state;
    rig_start(&r, HAWSER_MQTT_5);
    feed_undrained(&r, "30 04 00 01 61 00");
    hawser_lost(&r.c, r.now_ms);
    assert_string_equal(rig_log(&r), "");
}

static void test_next_event_waits_until_it_is_taken(void **state)
{
    struct rig r;
    struct hawser_event ev;
    uint8_t more[] = {0xD0, 0};
    size_t used = 7;

    (void)state;
    rig_start(&r, HAWSER_MQTT_5);
    feed_undrained(&r, "30 04 00 01 61 00");
    assert_int_equal(hawser_feed(&r.c, 0, more, 2, &used), 0);
    assert_int_equal(used, 0);
    assert_true(hawser_next_event(&r.c, &ev));
    assert_false(hawser_next_event(&r.c, &ev));
    assert_int_equal(hawser_feed(&r.c, 0, more, 2, &used), 0);
    assert_int_equal(used, 2);
}

static void test_disconnect_ends_the_connection(void **state)
{
    struct rig r;
    uint16_t id;

    (void)state;
    rig_start(&r, HAWSER_MQTT_5);
    assert_int_equal(hawser_disconnect(&r.c, r.now_ms, 0x8B), HAWSER_E_ARG);
    assert_int_equal(hawser_disconnect(&r.c, r.now_ms, 0x04), 0);
    assert_int_equal(hawser_disconnect(&r.c, r.now_ms, 0), HAWSER_E_STATE);
    assert_false(hawser_is_connected(&r.c));
    assert_int_equal(rig_publish(&r, 0, "a", "", &id), HAWSER_E_STATE);
    assert_string_equal(rig_out(&r), "e0 01 04");
    assert_int_equal(rig_feed(&r, "30 04 00 01 61 00 FF FF"), 0);
    assert_string_equal(rig_log(&r), "");
    assert_int_equal(hawser_tick(&r.c, 1000000), 0);
    assert_int_equal(hawser_deadline_ms(&r.c), HAWSER_NEVER);
}

static void test_disconnect_before_connack_and_with_full_tx_fits(void **state)
{
    struct rig r;

    (void)state;
    rig_prepare(&r, HAWSER_MQTT_3_1_1);
    rig_open(&r);
    assert_int_equal(hawser_disconnect(&r.c, r.now_ms, 0), 0);
    assert_string_equal(rig_out(&r), "e0 00");
    rig_start(&r, HAWSER_MQTT_5);
    while (rig_publish(&r, 0, "a", "", NULL) == 0) {
    }
    assert_int_equal(hawser_disconnect(&r.c, r.now_ms, 0x04), 0);
    assert_non_null(strstr(rig_out(&r), " e0 01 04"));
}

static void test_disconnect_when_closed_is_refused(void **state)
{
    struct rig r;
    size_t used;

    (void)state;
    rig_prepare(&r, HAWSER_MQTT_5);
    assert_int_equal(hawser_init(&r.c, &r.cfg), 0);
    assert_int_equal(hawser_disconnect(&r.c, 0, 0), HAWSER_E_STATE);
    assert_int_equal(hawser_feed(&r.c, 0, r.rx, 1, &used), HAWSER_E_STATE);
    assert_int_equal(used, 0);
}

static void test_clients_side_by_side_share_nothing(void **state)
{
    static struct rig a;
    static struct rig b;

    (void)state;
    rig_start(&a, HAWSER_MQTT_5);
    rig_start(&b, HAWSER_MQTT_3_1_1);
    assert_int_equal(rig_feed(&a, "00"), HAWSER_E_PROTOCOL);
    assert_int_equal(rig_publish(&b, 0, "a", "hi", NULL), 0);
    assert_string_equal(rig_out(&b), "30 05 00 01 61 68 69");
    assert_string_equal(rig_out(&a), "e0 01 82");
}

static void test_disconnect_carries_properties(void **state)
{
    const struct hawser_property expiry = {.id = HAWSER_PROP_SESSION_EXPIRY,
                                           .number = 5};
    const struct hawser_property wrong = {.id = HAWSER_PROP_AUTH_METHOD,
                                          .value = TEXT("m")};
    const struct hawser_property none = {.id = HAWSER_PROP_SESSION_EXPIRY};
    const struct hawser_property why[] = {
        {.id = HAWSER_PROP_REASON_STRING, .value = TEXT("moving house")}, none};
    struct hawser_properties list = {&expiry, 1};
    struct rig r;

    (void)state;
    rig_start(&r, HAWSER_MQTT_5);
    /* CONNECT gave the session no time to live. */
    assert_int_equal(hawser_disconnect_with(&r.c, 0, 0, &list), HAWSER_E_ARG);
    list.at = &wrong;
    assert_int_equal(hawser_disconnect_with(&r.c, 0, 0, &list), HAWSER_E_ARG);
    while (rig_publish(&r, 0, "a", "", NULL) == 0) {
    }
    list = (struct hawser_properties){why, 2};
    assert_int_equal(hawser_disconnect_with(&r.c, 0, 4, &list), HAWSER_E_FULL);
    (void)rig_out(&r);
    list = (struct hawser_properties){&none, 1};
    assert_int_equal(hawser_disconnect_with(&r.c, 0, 4, &list), 0);
    assert_string_equal(rig_out(&r), "e0 07 04 05 11 00 00 00 00");
    rig_prepare(&r, HAWSER_MQTT_5);
    r.cfg.session_expiry_s = 9;
    rig_go_online(&r);
    list.at = &expiry;
    assert_int_equal(hawser_disconnect_with(&r.c, 0, 0, &list), 0);
    assert_string_equal(rig_out(&r), "e0 07 00 05 11 00 00 00 05");
    /* 3.1.1 has no place for them. */
    rig_start(&r, HAWSER_MQTT_3_1_1);
    list.at = &none;
    assert_int_equal(hawser_disconnect_with(&r.c, 0, 0, &list), 0);
    assert_string_equal(rig_out(&r), "e0 00");
}

static void test_disconnect_revives_no_session(void **state)
{
    const struct hawser_property list[] = {
        {.id = HAWSER_PROP_USER, .name = TEXT("n"), .value = TEXT("v")},
        {.id = HAWSER_PROP_SESSION_EXPIRY, .number = 1}};
    const struct hawser_properties both = {list, 2};
    struct rig r;

    (void)state;
    rig_start(&r, HAWSER_MQTT_5);
    assert_int_equal(hawser_disconnect_with(&r.c, 0, 0, &both), HAWSER_E_ARG);
    assert_int_equal(rig_feed(&r, "D0 00"), 0);
    r.cfg.session_expiry_s = 1;
    assert_int_equal(hawser_disconnect_with(&r.c, 0, 0, &both), 0);
}

static void test_disconnect_takes_the_time(void **state)
{
    struct rig r;

    (void)state;
    rig_start(&r, HAWSER_MQTT_5);
    assert_int_equal(hawser_disconnect(&r.c, 9000, 0), 0);
    rig_reopen(&r); /* is late */
    assert_int_equal(hawser_deadline_ms(&r.c), 9000 + 30000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_opened_with_too_little_tx_leaves_no_password),
        cmocka_unit_test(test_opened_after_parts_went_either_way_starts_afresh),
        cmocka_unit_test(test_opened_writes_connect_of_5_at_its_shortest),
        cmocka_unit_test(test_opened_writes_connect_of_3_1_1),
        cmocka_unit_test(test_opened_writes_connect_of_5_with_own_properties),
        cmocka_unit_test(test_opened_twice_is_refused),
        cmocka_unit_test(test_opened_with_a_connect_above_tx_changes_nothing),
        cmocka_unit_test(test_opened_with_a_config_made_bad_is_refused),
        cmocka_unit_test(test_opened_clears_a_sticky_error),
        cmocka_unit_test(test_opened_after_an_error_without_lost_starts_anew),
        cmocka_unit_test(test_fault_names_packet_and_offset),
        cmocka_unit_test(test_fault_is_of_this_connection),
        cmocka_unit_test(test_lost_forgets_half_a_packet_and_what_was_queued),
        cmocka_unit_test(test_lost_takes_the_time_too),
        cmocka_unit_test(test_lost_keeps_published_without_its_views),
        cmocka_unit_test(test_lost_drops_other_events),
        cmocka_unit_test(test_next_event_waits_until_it_is_taken),
        cmocka_unit_test(test_disconnect_ends_the_connection),
        cmocka_unit_test(test_disconnect_before_connack_and_with_full_tx_fits),
        cmocka_unit_test(test_disconnect_when_closed_is_refused),
        cmocka_unit_test(test_clients_side_by_side_share_nothing),
        cmocka_unit_test(test_disconnect_carries_properties),
        cmocka_unit_test(test_disconnect_revives_no_session),
        cmocka_unit_test(test_disconnect_takes_the_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
