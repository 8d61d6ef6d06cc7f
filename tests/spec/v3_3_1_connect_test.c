/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MQTT 3.1.1, chapter 3.1: what CONNECT says.
 */
#include "spec.h"

/* Protocol name and level, the same in each. */
#define NAME "00 04 4d 51 54 54 04 "

/* A client with id "c" and keep-alive 10 s that asks for a clean session. */
static void prepare(struct rig *r)
{
    rig_prepare(r, HAWSER_MQTT_3_1_1);
}

/* Opens, and answers CONNECT as it is in the output. */
static const uint8_t *open_and_look(struct rig *r)
{
    const uint8_t *at;

    assert_int_equal(hawser_init(&r->c, &r->cfg), 0);
    assert_int_equal(hawser_opened(&r->c, r->now_ms), 0);
    assert_true(hawser_out(&r->c, &at) >= 12);
    return at;
}

static int init_answers(struct rig *r)
{
    return hawser_init(&r->c, &r->cfg);
}

static void mqtt3_3_1_0_1_connect_is_the_first_packet(void **state)
{
    const struct hawser_filter f = {.topic_filter = TEXT("a")};
    struct rig *r = *state;
    uint16_t id;

    for (int early = 0; early < 2; early++) {
        prepare(r);
        r->cfg.sends_early = early == 1;
        assert_int_equal(hawser_init(&r->c, &r->cfg), 0);
        assert_int_equal(rig_publish(r, 0, "a", "", &id), HAWSER_E_STATE);
        assert_int_equal(hawser_subscribe(&r->c, 0, &f, 1, &id),
                         HAWSER_E_STATE);
        assert_int_equal(hawser_disconnect(&r->c, 0, 0), HAWSER_E_STATE);
        SENDS(r, "");
        assert_int_equal(hawser_opened(&r->c, r->now_ms), 0);
        assert_int_equal(rig_publish(r, 0, "a", "", &id),
                         early == 1 ? 0 : HAWSER_E_STATE);
        SENDS(r, early == 1 ? "10 0d " NAME "02 00 0a 00 01 63 30 03 00 01 61"
                            : "10 0d " NAME "02 00 0a 00 01 63");
    }
}

static void mqtt3_3_1_0_2_connect_leaves_once_on_a_connection(void **state)
{
    struct rig *r = *state;

    prepare(r);
    CONNECTS(r, "10 0d " NAME "02 00 0a 00 01 63");
    assert_int_equal(hawser_opened(&r->c, r->now_ms), HAWSER_E_STATE);
    SENDS(r, "");
    TAKES(r, "20 02 00 00");
    assert_int_equal(hawser_opened(&r->c, r->now_ms), HAWSER_E_STATE);
    SENDS(r, "");
}

static void mqtt3_3_1_2_1_the_protocol_name_is_mqtt(void **state)
{
    struct rig *r = *state;

    prepare(r);
    assert_memory_equal(open_and_look(r) + 2, "\0\4MQTT", 6);
}

static void mqtt3_3_1_2_2_the_level_is_4_and_its_refusal_is_reported(void **s)
{
    struct rig *r = *s;

    prepare(r);
    assert_int_equal(open_and_look(r)[8], 4);
    (void)rig_out(r);
    REFUSES(r, "20 02 00 01", HAWSER_E_REFUSED);
    REPORTS(r, "REFUSED 84 props=\nERROR refused 00\n");
    /* The client does nothing by itself; the caller may change its level. */
    SENDS(r, "");
    assert_true(hawser_deadline_ms(&r->c) == HAWSER_NEVER);
    r->cfg.version = HAWSER_MQTT_5;
    hawser_lost(&r->c, r->now_ms);
    assert_int_equal(hawser_opened(&r->c, r->now_ms), 0);
    SENDS(r, "10 11 00 04 4d 51 54 54 05 02 00 0a 03 21 00 20 00 01 63");
}

/* Flags --------------------------------------------------------------------- */

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
    char expected[120];
    unsigned len = 13 + ((flags & WILL) != 0 ? 5u : 0) +
                   ((flags & USERNAME) != 0 ? 3u : 0) +
                   ((flags & PASSWORD) != 0 ? 3u : 0);

    (void)snprintf(expected, sizeof expected,
                   "10 %02x " NAME "%02x 00 0a 00 01 63%s%s%s", len, flags,
                   (flags & WILL) != 0 ? " 00 01 77 00 00" : "",
                   (flags & USERNAME) != 0 ? " 00 01 75" : "",
                   (flags & PASSWORD) != 0 ? " 00 01 70" : "");
    CONNECTS(r, expected);
}

/* Each configuration that is possible: what leaves is what its flags say. */
static void open_with_all_flags(struct rig *r)
{
    for (unsigned flags = 0; flags < 256; flags += 2) {
        struct hawser_message will = {.topic = TEXT("w"),
                                      .qos = (uint8_t)((flags & WILL_QOS) >> 3),
                                      .retain = (flags & WILL_RETAIN) != 0};
        bool has_will = (flags & WILL) != 0;
        bool has_username = (flags & USERNAME) != 0;
        bool has_password = (flags & PASSWORD) != 0;

        if ((!has_will && (will.qos > 0 || will.retain)) || will.qos == 3 ||
            (!has_username && has_password)) {
            continue; /* cannot be asked for, or is refused: see below */
        }
        prepare(r);
        r->cfg.clean_start = (flags & CLEAN) != 0;
        r->cfg.will = has_will ? &will : NULL;
        r->cfg.username = has_username ? TEXT("u") : r->cfg.username;
        r->cfg.password = has_password ? TEXT("p") : r->cfg.password;
        expect_connect(r, flags);
    }
}

static void mqtt3_3_1_2_3_the_reserved_flag_is_0(void **state)
{
    open_with_all_flags(*state);
}

static void mqtt3_3_1_2_9_a_will_has_its_topic_and_message(void **state)
{
    const struct hawser_message will = {.topic = TEXT("w/t"),
                                        .payload = TEXT("gone")};
    struct rig *r = *state;

    prepare(r);
    r->cfg.will = &will;
    CONNECTS(r, "10 18 " NAME "06 00 0a 00 01 63 "
                "00 03 77 2f 74 00 04 67 6f 6e 65");
    open_with_all_flags(r);
}

static void
mqtt3_3_1_2_11_without_a_will_its_flags_and_fields_are_absent(void **state)
{
    open_with_all_flags(*state);
}

static void mqtt3_3_1_2_13_without_a_will_its_qos_is_0(void **state)
{
    open_with_all_flags(*state);
}

static void mqtt3_3_1_2_14_a_will_of_qos_3_is_refused(void **state)
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

static void mqtt3_3_1_2_15_without_a_will_its_retain_is_0(void **state)
{
    open_with_all_flags(*state);
}

static void mqtt3_3_1_2_18_without_its_flag_there_is_no_user_name(void **state)
{
    open_with_all_flags(*state);
}

static void mqtt3_3_1_2_19_with_its_flag_there_is_a_user_name(void **state)
{
    struct rig *r = *state;

    open_with_all_flags(r);
    prepare(r); /* empty, but there */
    r->cfg.username = TEXT("");
    CONNECTS(r, "10 0f " NAME "82 00 0a 00 01 63 00 00");
}

static void mqtt3_3_1_2_20_without_its_flag_there_is_no_password(void **state)
{
    open_with_all_flags(*state);
}

static void mqtt3_3_1_2_21_with_its_flag_there_is_a_password(void **state)
{
    struct rig *r = *state;

    open_with_all_flags(r);
    prepare(r); /* empty, but there */
    r->cfg.username = TEXT("u");
    r->cfg.password = TEXT("");
    CONNECTS(r, "10 12 " NAME "c2 00 0a 00 01 63 00 01 75 00 00");
}

static void mqtt3_3_1_2_22_a_password_without_a_user_name_is_refused(void **s)
{
    struct rig *r = *s;

    prepare(r);
    r->cfg.password = TEXT("p");
    assert_int_equal(init_answers(r), HAWSER_E_ARG);
    r->cfg.username = TEXT("u");
    assert_int_equal(init_answers(r), 0);
}

/* Payload ------------------------------------------------------------------- */

static void mqtt3_3_1_3_1_the_fields_stand_in_their_order(void **state)
{
    const struct hawser_message will = {
        .topic = TEXT("w"), .payload = TEXT("m"), .qos = 1, .retain = true};
    struct rig *r = *state;

    prepare(r);
    r->cfg.will = &will;
    r->cfg.username = TEXT("u");
    r->cfg.password = TEXT("p");
    CONNECTS(r, "10 19 " NAME "ee 00 0a 00 01 63 00 01 77 00 01 6d 00 01 75 "
                "00 01 70");
}

static void mqtt3_3_1_3_3_the_client_identifier_is_first(void **state)
{
    struct rig *r = *state;

    open_with_all_flags(r); /* with every payload */
    prepare(r);
    r->cfg.client_id = TEXT("");
    CONNECTS(r, "10 0c " NAME "02 00 0a 00 00");
}

static void mqtt3_3_1_3_4_the_client_identifier_is_utf_8(void **state)
{
    struct rig *r = *state;
    struct hex h;

    for (size_t i = 0; spec_ill_formed[i] != NULL; i++) {
        prepare(r);
        r->cfg.client_id = hex_read(&h, spec_ill_formed[i]);
        assert_int_equal(init_answers(r), HAWSER_E_ARG);
    }
    prepare(r);
    r->cfg.client_id = TEXT("\xC3\xA9");
    CONNECTS(r, "10 0e " NAME "02 00 0a 00 02 c3 a9");
}

static void mqtt3_3_1_3_7_no_identifier_only_with_a_clean_session(void **state)
{
    struct rig *r = *state;

    prepare(r);
    r->cfg.client_id = TEXT("");
    r->cfg.clean_start = false;
    assert_int_equal(init_answers(r), HAWSER_E_ARG);
    r->cfg.clean_start = true;
    CONNECTS(r, "10 0c " NAME "02 00 0a 00 00");
    /* Nor on a later connection. */
    r->cfg.clean_start = false;
    hawser_lost(&r->c, r->now_ms);
    assert_int_equal(hawser_opened(&r->c, r->now_ms), HAWSER_E_ARG);
    SENDS(r, "");
}

static void mqtt3_3_1_3_10_the_will_topic_is_utf_8(void **state)
{
    struct hawser_message will = {.qos = 0};
    struct rig *r = *state;
    struct hex h;

    for (size_t i = 0; spec_ill_formed[i] != NULL; i++) {
        prepare(r);
        will.topic = hex_read(&h, spec_ill_formed[i]);
        r->cfg.will = &will;
        assert_int_equal(init_answers(r), HAWSER_E_ARG);
    }
    will.topic = TEXT("\xC3\xA9");
    CONNECTS(r, "10 13 " NAME "06 00 0a 00 01 63 00 02 c3 a9 00 00");
}

static void mqtt3_3_1_3_11_the_user_name_is_utf_8(void **state)
{
    struct rig *r = *state;
    struct hex h;

    for (size_t i = 0; spec_ill_formed[i] != NULL; i++) {
        prepare(r);
        r->cfg.username = hex_read(&h, spec_ill_formed[i]);
        assert_int_equal(init_answers(r), HAWSER_E_ARG);
    }
    r->cfg.username = TEXT("\xC3\xA9");
    CONNECTS(r, "10 11 " NAME "82 00 0a 00 01 63 00 02 c3 a9");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mqtt3_3_1_0_1_connect_is_the_first_packet),
        cmocka_unit_test(mqtt3_3_1_0_2_connect_leaves_once_on_a_connection),
        cmocka_unit_test(mqtt3_3_1_2_1_the_protocol_name_is_mqtt),
        cmocka_unit_test(
            mqtt3_3_1_2_2_the_level_is_4_and_its_refusal_is_reported),
        cmocka_unit_test(mqtt3_3_1_2_3_the_reserved_flag_is_0),
        cmocka_unit_test(mqtt3_3_1_2_9_a_will_has_its_topic_and_message),
        cmocka_unit_test(
            mqtt3_3_1_2_11_without_a_will_its_flags_and_fields_are_absent),
        cmocka_unit_test(mqtt3_3_1_2_13_without_a_will_its_qos_is_0),
        cmocka_unit_test(mqtt3_3_1_2_14_a_will_of_qos_3_is_refused),
        cmocka_unit_test(mqtt3_3_1_2_15_without_a_will_its_retain_is_0),
        cmocka_unit_test(mqtt3_3_1_2_18_without_its_flag_there_is_no_user_name),
        cmocka_unit_test(mqtt3_3_1_2_19_with_its_flag_there_is_a_user_name),
        cmocka_unit_test(mqtt3_3_1_2_20_without_its_flag_there_is_no_password),
        cmocka_unit_test(mqtt3_3_1_2_21_with_its_flag_there_is_a_password),
        cmocka_unit_test(
            mqtt3_3_1_2_22_a_password_without_a_user_name_is_refused),
        cmocka_unit_test(mqtt3_3_1_3_1_the_fields_stand_in_their_order),
        cmocka_unit_test(mqtt3_3_1_3_3_the_client_identifier_is_first),
        cmocka_unit_test(mqtt3_3_1_3_4_the_client_identifier_is_utf_8),
        cmocka_unit_test(mqtt3_3_1_3_7_no_identifier_only_with_a_clean_session),
        cmocka_unit_test(mqtt3_3_1_3_10_the_will_topic_is_utf_8),
        cmocka_unit_test(mqtt3_3_1_3_11_the_user_name_is_utf_8),
    };

    return cmocka_run_group_tests(tests, spec_set_up, NULL);
}
