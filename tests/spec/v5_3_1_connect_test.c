/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MQTT 5.0, chapter 3.1: what CONNECT says.
 */
#include "spec.h"

/* Protocol name and version, and the receive maximum as the only property: the
 * same in each. */
#define NAME  "00 04 4d 51 54 54 05 "
#define PROPS " 03 21 00 20"

/* A client with id "c" and keep-alive 10 s that asks for a clean start. */
static void prepare(struct rig *r)
{
    rig_prepare(r, HAWSER_MQTT_5);
}

static int init_answers(struct rig *r)
{
    return hawser_init(&r->c, &r->cfg);
}

static void mqtt5_3_1_0_1_connect_is_the_first_packet(void **state)
{
    const struct hawser_filter f = {.topic_filter = TEXT("a")};
    struct rig *r = *state;
    uint16_t id;

    for (int early = 0; early < 2; early++) {
        prepare(r);
        r->cfg.sends_early = early == 1;
        assert_int_equal(init_answers(r), 0);
        assert_int_equal(rig_publish(r, 0, "a", "", &id), HAWSER_E_STATE);
        assert_int_equal(hawser_subscribe(&r->c, 0, &f, 1, &id),
                         HAWSER_E_STATE);
        assert_int_equal(hawser_disconnect(&r->c, 0, 0), HAWSER_E_STATE);
        SENDS(r, "");
        assert_int_equal(hawser_opened(&r->c, r->now_ms), 0);
        assert_int_equal(rig_publish(r, 0, "a", "", &id),
                         early == 1 ? 0 : HAWSER_E_STATE);
        SENDS(r, early == 1 ? "10 11 " NAME "02 00 0a" PROPS " 00 01 63 "
                              "30 04 00 01 61 00"
                            : "10 11 " NAME "02 00 0a" PROPS " 00 01 63");
    }
}

static void mqtt5_3_1_0_2_connect_leaves_once_on_a_connection(void **state)
{
    struct rig *r = *state;

    prepare(r);
    CONNECTS(r, "10 11 " NAME "02 00 0a" PROPS " 00 01 63");
    assert_int_equal(hawser_opened(&r->c, r->now_ms), HAWSER_E_STATE);
    SENDS(r, "");
    TAKES(r, "20 03 00 00 00");
    assert_int_equal(hawser_opened(&r->c, r->now_ms), HAWSER_E_STATE);
    SENDS(r, "");
}

static void mqtt5_3_1_2_1_the_protocol_name_is_mqtt(void **state)
{
    const uint8_t *at;
    struct rig *r = *state;

    prepare(r);
    assert_int_equal(init_answers(r), 0);
    assert_int_equal(hawser_opened(&r->c, r->now_ms), 0);
    assert_true(hawser_out(&r->c, &at) > 8);
    assert_memory_equal(at + 2, "\0\4MQTT", 6);
}

static void mqtt5_3_1_2_2_the_version_is_5_and_its_refusal_is_reported(void **s)
{
    static const char *const refusals[] = {
        "20 03 00 84 00",
        "20 02 00 01", /* of a server that knows 3.1.1 alone */
    };
    struct rig *r = *s;

    for (size_t i = 0; i < 2; i++) {
        prepare(r);
        CONNECTS(r, "10 11 00 04 4d 51 54 54 05 02 00 0a" PROPS " 00 01 63");
        REFUSES(r, refusals[i], HAWSER_E_REFUSED);
        REPORTS(r, "REFUSED 84 props=\nERROR refused 00\n");
        /* The client does nothing by itself; the caller may configure 3.1.1. */
        SENDS(r, "");
        assert_true(hawser_deadline_ms(&r->c) == HAWSER_NEVER);
        hawser_lost(&r->c, r->now_ms);
        r->cfg.version = HAWSER_MQTT_3_1_1;
        assert_int_equal(hawser_opened(&r->c, r->now_ms), 0);
        SENDS(r, "10 0d 00 04 4d 51 54 54 04 02 00 0a 00 01 63");
    }
}

/* Flags ----------------------------------------------------------------------- */

/* Bits of the connect flags. */
enum {
    CLEAN = 0x02,
    WILL = 0x04,
    WILL_QOS = 0x18,
    WILL_RETAIN = 0x20,
    PASSWORD = 0x40,
    USERNAME = 0x80
};

/* The CONNECT that a configuration with these flags has to become: fields of
 * the payload only where their flag is set. */
static void expect_connect(struct rig *r, unsigned flags)
{
    char expected[160];
    unsigned len = 17 + ((flags & WILL) != 0 ? 11u : 0) +
                   ((flags & USERNAME) != 0 ? 3u : 0) +
                   ((flags & PASSWORD) != 0 ? 3u : 0);

    (void)snprintf(
        expected, sizeof expected,
        "10 %02x " NAME "%02x 00 0a" PROPS " 00 01 63%s%s%s", len, flags,
        (flags & WILL) != 0 ? " 05 18 00 00 00 07 00 01 77 00 00" : "",
        (flags & USERNAME) != 0 ? " 00 01 75" : "",
        (flags & PASSWORD) != 0 ? " 00 01 70" : "");
    CONNECTS(r, expected);
}

/* Each configuration that is possible: what leaves is what its flags say. */
static void open_with_all_flags(struct rig *r)
{
    const struct hawser_property delay = {.id = HAWSER_PROP_WILL_DELAY,
                                          .number = 7};

    for (unsigned flags = 0; flags < 256; flags += 2) {
        struct hawser_message will = {.topic = TEXT("w"),
                                      .qos = (uint8_t)((flags & WILL_QOS) >> 3),
                                      .retain = (flags & WILL_RETAIN) != 0,
                                      .properties = &delay,
                                      .property_count = 1};
        bool has_will = (flags & WILL) != 0;

        if ((!has_will && (will.qos > 0 || will.retain)) || will.qos == 3) {
            continue; /* cannot be asked for, or is refused: see below */
        }
        prepare(r);
        r->cfg.clean_start = (flags & CLEAN) != 0;
        r->cfg.will = has_will ? &will : NULL;
        if ((flags & USERNAME) != 0) {
            r->cfg.username = TEXT("u");
        }
        if ((flags & PASSWORD) != 0) {
            r->cfg.password = TEXT("p");
        }
        expect_connect(r, flags);
    }
}

static void mqtt5_3_1_2_3_the_reserved_flag_is_0(void **state)
{
    open_with_all_flags(*state);
}

static void
mqtt5_3_1_2_9_a_will_has_its_properties_topic_and_payload(void **state)
{
    const struct hawser_property content = {.id = HAWSER_PROP_CONTENT_TYPE,
                                            .value = TEXT("t")};
    const struct hawser_message will = {.topic = TEXT("w/t"),
                                        .payload = TEXT("gone"),
                                        .properties = &content,
                                        .property_count = 1};
    struct rig *r = *state;

    prepare(r);
    r->cfg.will = &will;
    CONNECTS(r, "10 21 " NAME "06 00 0a" PROPS " 00 01 63 "
                "04 03 00 01 74 00 03 77 2f 74 00 04 67 6f 6e 65");
    open_with_all_flags(r);
}

static void mqtt5_3_1_2_11_without_a_will_its_qos_is_0(void **state)
{
    open_with_all_flags(*state);
}

static void mqtt5_3_1_2_12_a_will_of_qos_3_is_refused(void **state)
{
    struct hawser_message will = {.topic = TEXT("w")};
    struct rig *r = *state;

    open_with_all_flags(r); /* 0, 1 and 2 */
    for (unsigned qos = 3; qos < 256; qos++) {
        will.qos = (uint8_t)qos;
        prepare(r);
        r->cfg.will = &will;
        assert_int_equal(init_answers(r), HAWSER_E_ARG);
    }
}

static void mqtt5_3_1_2_13_without_a_will_its_retain_is_0(void **state)
{
    open_with_all_flags(*state);
}

static void mqtt5_3_1_2_16_without_its_flag_there_is_no_user_name(void **state)
{
    open_with_all_flags(*state);
}

static void mqtt5_3_1_2_17_with_its_flag_there_is_a_user_name(void **state)
{
    struct rig *r = *state;

    open_with_all_flags(r);
    prepare(r); /* empty, but there */
    r->cfg.username = TEXT("");
    CONNECTS(r, "10 13 " NAME "82 00 0a" PROPS " 00 01 63 00 00");
}

static void mqtt5_3_1_2_18_without_its_flag_there_is_no_password(void **state)
{
    open_with_all_flags(*state);
}

static void
mqtt5_3_1_2_19_with_its_flag_there_is_a_password_even_alone(void **state)
{
    struct rig *r = *state;

    open_with_all_flags(r);
    prepare(r); /* without a user name; empty, but there */
    r->cfg.password = TEXT("");
    CONNECTS(r, "10 13 " NAME "42 00 0a" PROPS " 00 01 63 00 00");
}

/* Payload --------------------------------------------------------------------- */

static void mqtt5_3_1_3_1_the_fields_stand_in_their_order(void **state)
{
    const struct hawser_property delay = {.id = HAWSER_PROP_WILL_DELAY,
                                          .number = 7};
    const struct hawser_message will = {.topic = TEXT("w"),
                                        .payload = TEXT("m"),
                                        .qos = 1,
                                        .retain = true,
                                        .properties = &delay,
                                        .property_count = 1};
    struct rig *r = *state;

    prepare(r);
    r->cfg.will = &will;
    r->cfg.username = TEXT("u");
    r->cfg.password = TEXT("p");
    CONNECTS(r, "10 23 " NAME "ee 00 0a" PROPS " 00 01 63 "
                "05 18 00 00 00 07 00 01 77 00 01 6d 00 01 75 00 01 70");
}

static void mqtt5_3_1_3_3_the_client_identifier_is_there_and_first(void **state)
{
    struct rig *r = *state;

    open_with_all_flags(r); /* with every payload */
    prepare(r);
    r->cfg.client_id = TEXT("");
    CONNECTS(r, "10 10 " NAME "02 00 0a" PROPS " 00 00");
    prepare(r); /* absent in the configuration is empty on the wire */
    r->cfg.client_id = (struct hawser_view){NULL, 0};
    CONNECTS(r, "10 10 " NAME "02 00 0a" PROPS " 00 00");
}

/* A string of the configuration must be UTF-8; *field is it, or its will's. */
static void expect_utf_8(struct rig *r, struct hawser_view *field)
{
    struct hex h;

    for (size_t i = 0; spec_ill_formed[i] != NULL; i++) {
        *field = hex_read(&h, spec_ill_formed[i]);
        assert_int_equal(init_answers(r), HAWSER_E_ARG);
    }
    *field = TEXT("\xC3\xA9");
}

static void mqtt5_3_1_3_4_the_client_identifier_is_utf_8(void **state)
{
    struct rig *r = *state;

    prepare(r);
    expect_utf_8(r, &r->cfg.client_id);
    CONNECTS(r, "10 12 " NAME "02 00 0a" PROPS " 00 02 c3 a9");
}

static void mqtt5_3_1_3_11_the_will_topic_is_utf_8(void **state)
{
    struct hawser_message will = {.qos = 0};
    struct rig *r = *state;

    prepare(r);
    r->cfg.will = &will;
    expect_utf_8(r, &will.topic);
    CONNECTS(r,
             "10 18 " NAME "06 00 0a" PROPS " 00 01 63 00 00 02 c3 a9 00 00");
}

static void mqtt5_3_1_3_12_the_user_name_is_utf_8(void **state)
{
    struct rig *r = *state;

    prepare(r);
    expect_utf_8(r, &r->cfg.username);
    CONNECTS(r, "10 15 " NAME "82 00 0a" PROPS " 00 01 63 00 02 c3 a9");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mqtt5_3_1_0_1_connect_is_the_first_packet),
        cmocka_unit_test(mqtt5_3_1_0_2_connect_leaves_once_on_a_connection),
        cmocka_unit_test(mqtt5_3_1_2_1_the_protocol_name_is_mqtt),
        cmocka_unit_test(
            mqtt5_3_1_2_2_the_version_is_5_and_its_refusal_is_reported),
        cmocka_unit_test(mqtt5_3_1_2_3_the_reserved_flag_is_0),
        cmocka_unit_test(
            mqtt5_3_1_2_9_a_will_has_its_properties_topic_and_payload),
        cmocka_unit_test(mqtt5_3_1_2_11_without_a_will_its_qos_is_0),
        cmocka_unit_test(mqtt5_3_1_2_12_a_will_of_qos_3_is_refused),
        cmocka_unit_test(mqtt5_3_1_2_13_without_a_will_its_retain_is_0),
        cmocka_unit_test(mqtt5_3_1_2_16_without_its_flag_there_is_no_user_name),
        cmocka_unit_test(mqtt5_3_1_2_17_with_its_flag_there_is_a_user_name),
        cmocka_unit_test(mqtt5_3_1_2_18_without_its_flag_there_is_no_password),
        cmocka_unit_test(
            mqtt5_3_1_2_19_with_its_flag_there_is_a_password_even_alone),
        cmocka_unit_test(mqtt5_3_1_3_1_the_fields_stand_in_their_order),
        cmocka_unit_test(
            mqtt5_3_1_3_3_the_client_identifier_is_there_and_first),
        cmocka_unit_test(mqtt5_3_1_3_4_the_client_identifier_is_utf_8),
        cmocka_unit_test(mqtt5_3_1_3_11_the_will_topic_is_utf_8),
        cmocka_unit_test(mqtt5_3_1_3_12_the_user_name_is_utf_8),
    };

    return cmocka_run_group_tests(tests, spec_set_up, NULL);
}
