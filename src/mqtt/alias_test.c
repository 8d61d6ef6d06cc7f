/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of topic aliases both ways. [MQTT5 3.3.2.3.4]
 */
#include "mqtt/rig.h"

struct bed {
    struct rig r;
    uint8_t in[2 * 16]; /* 8 bytes of topic each */
    uint8_t out[2 * 16];
};

static void prepare(struct bed *b)
{
    rig_prepare(&b->r, HAWSER_MQTT_5);
    b->r.cfg.aliases_in = (struct hawser_span){b->in, sizeof b->in};
    b->r.cfg.alias_in_count = 2;
    b->r.cfg.aliases_out = (struct hawser_span){b->out, sizeof b->out};
    b->r.cfg.alias_out_count = 2;
}

/* The server allows so many aliases. */
static void start(struct bed *b, const char *connack)
{
    prepare(b);
    rig_open(&b->r);
    assert_int_equal(rig_feed(&b->r, connack), 0);
    (void)rig_log(&b->r);
}

#define ALLOWS_2 "20 06 00 00 03 22 00 02"
#define ALLOWS_0 "20 03 00 00 00"

static const char *publish(struct bed *b, uint8_t qos, const char *topic)
{
    assert_int_equal(rig_publish(&b->r, qos, topic, "", NULL), 0);
    return rig_out(&b->r);
}

static int publish_alias(struct bed *b, const char *topic, uint16_t alias)
{
    const struct hawser_property p = {.id = HAWSER_PROP_TOPIC_ALIAS,
                                      .number = alias};
    const struct hawser_message m = {
        .topic = rig_view(topic), .properties = &p, .property_count = 1};

    return hawser_publish(&b->r.c, b->r.now_ms, &m, NULL);
}

/* Theirs -------------------------------------------------------------------- */

static void test_connect_says_how_many(void **state)
{
    struct bed b;

    (void)state;
    prepare(&b);
    assert_int_equal(hawser_init(&b.r.c, &b.r.cfg), 0);
    assert_int_equal(hawser_opened(&b.r.c, 0), 0);
    assert_non_null(strstr(rig_out(&b.r), "21 00 20 22 00 02"));
}

static void test_take_alias_stands_for_its_topic(void **state)
{
    struct bed b;

    (void)state;
    start(&b, ALLOWS_0);
    assert_int_equal(rig_feed(&b.r, "30 07 00 01 61 03 23 00 01 "
                                    "30 07 00 01 62 03 23 00 02 "
                                    "30 06 00 00 03 23 00 01 "
                                    "30 07 00 01 63 03 23 00 01 "
                                    "30 06 00 00 03 23 00 01 "
                                    "30 06 00 00 03 23 00 02"),
                     0);
#define LINE(topic, alias)                                            \
    "MESSAGE " topic " id=0 qos=0 retain=0 dup=0 props=23 00 0" alias \
    " payload=\n"
    assert_string_equal(rig_log(&b.r),
                        LINE("a", "1") LINE("b", "2") LINE("a", "1")
                            LINE("c", "1") LINE("c", "1") LINE("b", "2"));
}

static void expect_fault(struct bed *b, const char *hex, const char *out)
{
    start(b, ALLOWS_0);
    assert_int_equal(rig_feed(&b->r, hex), HAWSER_E_PROTOCOL);
    assert_string_equal(rig_out(&b->r), out);
}

static void test_take_of_what_cannot_be_is_a_fault(void **state)
{
    struct bed b;

    (void)state;
    expect_fault(&b, "30 07 00 01 61 03 23 00 03", "e0 01 94");
    expect_fault(&b, "30 06 00 00 03 23 00 02", "e0 01 82");
    /* Nine bytes of topic. */
    expect_fault(&b, "30 0f 00 09 61 61 61 61 61 61 61 61 61 03 23 00 01",
                 "e0 01 97");
    start(&b, ALLOWS_0);
    assert_int_equal(
        rig_feed(&b.r, "30 0e 00 08 61 61 61 61 61 61 61 61 03 23 00 01"), 0);
}

static void test_take_after_a_reconnect_knows_nothing(void **state)
{
    struct bed b;

    (void)state;
    start(&b, ALLOWS_0);
    assert_int_equal(rig_feed(&b.r, "30 07 00 01 61 03 23 00 01"), 0);
    rig_reopen(&b.r);
    assert_int_equal(rig_feed(&b.r, ALLOWS_0), 0);
    assert_int_equal(rig_feed(&b.r, "30 06 00 00 03 23 00 01"),
                     HAWSER_E_PROTOCOL);
}

static void test_publish_of_three_letters_is_not_worth_an_alias(void **state)
{
    struct bed b;

    (void)state;
    start(&b, ALLOWS_2);
    assert_string_equal(publish(&b, 0, "abc"), "30 06 00 03 61 62 63 00");
    assert_string_equal(publish(&b, 0, "abcd"),
                        "30 0a 00 04 61 62 63 64 03 23 00 01");
    start(&b, ALLOWS_2);
    b.r.cfg.alias_out_count = 0;
    b.r.cfg.aliases_out = (struct hawser_span){NULL, 0};
    rig_open(&b.r);
    assert_int_equal(rig_feed(&b.r, ALLOWS_2), 0);
    assert_string_equal(publish(&b, 0, "abcd"), "30 07 00 04 61 62 63 64 00");
}

static void test_publish_takes_free_aliases_first_then_the_oldest(void **state)
{
    struct bed b;

    (void)state;
    start(&b, ALLOWS_2);
    assert_int_equal(publish_alias(&b, "x", 1), 0);
    (void)rig_out(&b.r);
    assert_string_equal(publish(&b, 0, "aaaa"),
                        "30 0a 00 04 61 61 61 61 03 23 00 02");
    assert_string_equal(publish(&b, 0, "bbbb"),
                        "30 0a 00 04 62 62 62 62 03 23 00 01");
    assert_string_equal(publish(&b, 0, "cccc"),
                        "30 0a 00 04 63 63 63 63 03 23 00 02");
}

static void test_publish_with_three_aliases_takes_the_oldest(void **state)
{
    uint8_t out[3 * 16];
    struct bed b;

    (void)state;
    prepare(&b);
    b.r.cfg.aliases_out = (struct hawser_span){out, sizeof out};
    b.r.cfg.alias_out_count = 3;
    rig_open(&b.r);
    assert_int_equal(rig_feed(&b.r, "20 06 00 00 03 22 00 03"), 0);
    (void)publish(&b, 0, "aaaa");
    (void)publish(&b, 0, "bbbb");
    (void)publish(&b, 0, "cccc");
    assert_string_equal(publish(&b, 0, "dddd"),
                        "30 0a 00 04 64 64 64 64 03 23 00 01");
}

static void test_publish_finds_an_alias_behind_other_properties(void **state)
{
    const struct hawser_property list[] = {
        {.id = HAWSER_PROP_PAYLOAD_FORMAT, .number = 1},
        {.id = HAWSER_PROP_TOPIC_ALIAS, .number = 2}};
    struct hawser_message m = {
        .topic = TEXT("x"), .properties = list, .property_count = 2};
    struct bed b;

    (void)state;
    start(&b, ALLOWS_2);
    assert_int_equal(hawser_publish(&b.r.c, 0, &m, NULL), 0);
    assert_string_equal(rig_out(&b.r), "30 09 00 01 78 05 23 00 02 01 01");
    m.topic.len = 0;
    assert_int_equal(hawser_publish(&b.r.c, 0, &m, NULL), 0);
    assert_string_equal(rig_out(&b.r), "30 08 00 00 05 23 00 02 01 01");
}

static void
test_publish_stored_with_an_alias_that_is_told_is_short(void **state)
{
    const struct hawser_property p = {.id = HAWSER_PROP_TOPIC_ALIAS,
                                      .number = 2};
    const struct hawser_message m = {
        .topic = TEXT("data"), .qos = 1, .properties = &p, .property_count = 1};
    struct bed b;

    (void)state;
    start(&b, ALLOWS_2);
    assert_int_equal(hawser_publish(&b.r.c, 0, &m, NULL), 0);
    assert_string_equal(rig_out(&b.r),
                        "32 0c 00 04 64 61 74 61 00 01 03 23 00 02");
    assert_int_equal(hawser_publish(&b.r.c, 0, &m, NULL), 0);
    assert_string_equal(rig_out(&b.r), "32 08 00 00 00 02 03 23 00 02");
}

/* Ours ---------------------------------------------------------------------- */

static void test_publish_uses_an_alias_from_the_second_on(void **state)
{
    struct bed b;

    (void)state;
    start(&b, ALLOWS_2);
    assert_string_equal(publish(&b, 0, "data"),
                        "30 0a 00 04 64 61 74 61 03 23 00 01");
    assert_string_equal(publish(&b, 0, "data"), "30 06 00 00 03 23 00 01");
    assert_string_equal(publish(&b, 1, "data"),
                        "32 08 00 00 00 01 03 23 00 01");
    /* Short or long topics have none. */
    assert_string_equal(publish(&b, 0, "a"), "30 04 00 01 61 00");
    assert_null(strstr(publish(&b, 0, "ninebytes"), "23 00"));
}

static void test_publish_gives_up_the_least_recently_used(void **state)
{
    struct bed b;

    (void)state;
    start(&b, ALLOWS_2);
    (void)publish(&b, 0, "one!");
    (void)publish(&b, 0, "two!");
    (void)publish(&b, 0, "one!");
    assert_non_null(
        strstr(publish(&b, 0, "three"), "74 68 72 65 65 03 23 00 02"));
    assert_string_equal(publish(&b, 0, "one!"), "30 06 00 00 03 23 00 01");
    assert_non_null(strstr(publish(&b, 0, "two!"), "74 77 6f 21 03 23 00 02"));
}

static void test_publish_keeps_to_what_the_server_allows(void **state)
{
    struct bed b;

    (void)state;
    start(&b, ALLOWS_0);
    assert_string_equal(publish(&b, 0, "data"), "30 07 00 04 64 61 74 61 00");
    start(&b, "20 06 00 00 03 22 00 01");
    (void)publish(&b, 0, "data");
    assert_non_null(strstr(publish(&b, 0, "else"), "23 00 01"));
    /* 3.1.1 has none. */
    prepare(&b);
    b.r.cfg.version = HAWSER_MQTT_3_1_1;
    rig_go_online(&b.r);
    (void)publish(&b, 0, "data");
    assert_string_equal(publish(&b, 0, "data"), "30 06 00 04 64 61 74 61");
    assert_int_equal(publish_alias(&b, "data", 1), 0);
    assert_string_equal(rig_out(&b.r), "30 06 00 04 64 61 74 61");
    assert_int_equal(publish_alias(&b, "", 1), HAWSER_E_ARG);
}

static void test_resend_resolves_aliases(void **state)
{
    struct bed b;

    (void)state;
    start(&b, ALLOWS_2);
    b.r.cfg.clean_start = false;
    (void)publish(&b, 1, "data");
    assert_string_equal(publish(&b, 1, "data"),
                        "32 08 00 00 00 02 03 23 00 01");
    rig_reopen(&b.r);
    assert_int_equal(rig_feed(&b.r, "20 06 01 00 03 22 00 02"), 0);
    assert_string_equal(rig_out(&b.r),
                        "3a 0c 00 04 64 61 74 61 00 01 03 23 00 01 "
                        "3a 08 00 00 00 02 03 23 00 01");
    rig_reopen(&b.r);
    assert_int_equal(rig_feed(&b.r, "20 03 01 00 00"), 0);
    assert_string_equal(rig_out(&b.r), "3a 09 00 04 64 61 74 61 00 01 00 "
                                       "3a 09 00 04 64 61 74 61 00 02 00");
}

static void test_resend_keeps_properties_beside_an_alias(void **state)
{
    const struct hawser_property p = {.id = HAWSER_PROP_PAYLOAD_FORMAT,
                                      .number = 1};
    const struct hawser_message m = {.topic = TEXT("data"),
                                     .payload = TEXT("x"),
                                     .qos = 1,
                                     .properties = &p,
                                     .property_count = 1};
    struct bed b;

    (void)state;
    start(&b, ALLOWS_2);
    assert_int_equal(hawser_publish(&b.r.c, 0, &m, NULL), 0);
    assert_string_equal(rig_out(&b.r),
                        "32 0f 00 04 64 61 74 61 00 01 05 23 00 01 01 01 78");
}

static void test_publish_near_the_maximum_goes_without_a_new_alias(void **s)
{
    struct bed b;

    (void)s;
    /* Maximum packet size 10: with a new alias it would be 12. */
    start(&b, "20 0b 00 00 08 22 00 02 27 00 00 00 0a");
    assert_string_equal(publish(&b, 0, "data"), "30 07 00 04 64 61 74 61 00");
    assert_string_equal(publish(&b, 0, "data"), "30 07 00 04 64 61 74 61 00");
    start(&b, "20 0b 00 00 08 22 00 02 27 00 00 00 0b");
    assert_string_equal(publish(&b, 1, "data"),
                        "32 09 00 04 64 61 74 61 00 01 00");
}

static void test_publish_with_an_alias_of_the_callers(void **state)
{
    struct bed b;

    (void)state;
    start(&b, ALLOWS_2);
    assert_int_equal(publish_alias(&b, "", 2), HAWSER_E_ARG);
    assert_int_equal(publish_alias(&b, "", 3), HAWSER_E_ARG);
    assert_int_equal(publish_alias(&b, "data", 3), HAWSER_E_LIMIT);
    assert_int_equal(publish_alias(&b, "ninebytes", 2), HAWSER_E_LIMIT);
    assert_int_equal(publish_alias(&b, "a/+", 2), HAWSER_E_ARG);
    assert_int_equal(publish_alias(&b, "data", 2), 0);
    assert_string_equal(rig_out(&b.r), "30 0a 00 04 64 61 74 61 03 23 00 02");
    assert_int_equal(publish_alias(&b, "", 2), 0);
    assert_string_equal(rig_out(&b.r), "30 06 00 00 03 23 00 02");
    assert_int_equal(publish_alias(&b, "data", 2), 0);
    assert_string_equal(rig_out(&b.r), "30 06 00 00 03 23 00 02");
    assert_int_equal(publish_alias(&b, "a", 2), 0);
    assert_string_equal(rig_out(&b.r), "30 07 00 01 61 03 23 00 02");
}

/* All or nothing: what 2 stands for stays as it was. */
static void test_publish_that_fails_leaves_the_aliases(void **state)
{
    static const uint8_t large[300];
    const struct hawser_property alias = {.id = HAWSER_PROP_TOPIC_ALIAS,
                                          .number = 2};
    struct hawser_message m = {.topic = TEXT("other"),
                               .payload = {large, sizeof large},
                               .properties = &alias,
                               .property_count = 1};
    struct bed b;

    (void)state;
    start(&b, ALLOWS_2);
    assert_int_equal(publish_alias(&b, "data", 2), 0);
    (void)rig_out(&b.r);
    for (m.qos = 0; m.qos < 3; m.qos++) { /* above tx, and the store */
        assert_int_equal(hawser_publish(&b.r.c, 0, &m, NULL), HAWSER_E_FULL);
        assert_int_equal(publish_alias(&b, "", 2), 0);
        assert_string_equal(rig_out(&b.r), "30 06 00 00 03 23 00 02");
    }
    m.payload.len = 0;
    m.qos = 1;
    assert_int_equal(hawser_publish(&b.r.c, 0, &m, NULL), 0);
    assert_string_equal(rig_out(&b.r),
                        "32 0d 00 05 6f 74 68 65 72 00 01 03 23 00 02");
    assert_int_equal(hawser_publish(&b.r.c, 0, &m, NULL), 0);
    assert_string_equal(rig_out(&b.r), "32 08 00 00 00 02 03 23 00 02");
    assert_int_equal(publish_alias(&b, "", 2), 0);
    assert_string_equal(rig_out(&b.r), "30 06 00 00 03 23 00 02");
}

static void test_init_with_parts_too_small_is_refused(void **state)
{
    struct bed b;

    (void)state;
    prepare(&b);
    b.r.cfg.aliases_in.size = 17;
    assert_int_equal(hawser_init(&b.r.c, &b.r.cfg), HAWSER_E_ARG);
    b.r.cfg.aliases_in.size = 18;
    assert_int_equal(hawser_init(&b.r.c, &b.r.cfg), 0);
    b.r.cfg.aliases_out.at = NULL;
    assert_int_equal(hawser_init(&b.r.c, &b.r.cfg), HAWSER_E_ARG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_connect_says_how_many),
        cmocka_unit_test(test_take_alias_stands_for_its_topic),
        cmocka_unit_test(test_take_of_what_cannot_be_is_a_fault),
        cmocka_unit_test(test_take_after_a_reconnect_knows_nothing),
        cmocka_unit_test(test_publish_of_three_letters_is_not_worth_an_alias),
        cmocka_unit_test(test_publish_takes_free_aliases_first_then_the_oldest),
        cmocka_unit_test(test_publish_with_three_aliases_takes_the_oldest),
        cmocka_unit_test(test_publish_finds_an_alias_behind_other_properties),
        cmocka_unit_test(
            test_publish_stored_with_an_alias_that_is_told_is_short),
        cmocka_unit_test(test_publish_uses_an_alias_from_the_second_on),
        cmocka_unit_test(test_publish_gives_up_the_least_recently_used),
        cmocka_unit_test(test_publish_keeps_to_what_the_server_allows),
        cmocka_unit_test(test_resend_resolves_aliases),
        cmocka_unit_test(test_resend_keeps_properties_beside_an_alias),
        cmocka_unit_test(
            test_publish_near_the_maximum_goes_without_a_new_alias),
        cmocka_unit_test(test_publish_with_an_alias_of_the_callers),
        cmocka_unit_test(test_publish_that_fails_leaves_the_aliases),
        cmocka_unit_test(test_init_with_parts_too_small_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
