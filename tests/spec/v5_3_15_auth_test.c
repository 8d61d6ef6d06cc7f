/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MQTT 5.0, chapters 3.15 and 4.12: AUTH, enhanced authentication, and
 * re-authentication. The method is "m".
 */
#include "spec.h"

#define METHOD     "15 00 01 6d"
#define AUTH_18    "f0 06 18 04 " METHOD
#define AUTH_19    "f0 06 19 04 " METHOD
#define CONNACK_OK "20 07 00 00 04 " METHOD

static void prepare(struct rig *r)
{
    static const struct hawser_property method = {
        .id = HAWSER_PROP_AUTH_METHOD, .value = {(const uint8_t *)"m", 1}};

    rig_prepare(r, HAWSER_MQTT_5);
    r->cfg.properties = &method;
    r->cfg.property_count = 1;
}

/* CONNECT with the method has left. */
static void open_with_method(struct rig *r)
{
    prepare(r);
    CONNECTS(r, "10 15 00 04 4d 51 54 54 05 02 00 0a 07 21 00 20 " METHOD
                " 00 01 63");
}

static void go_online(struct rig *r)
{
    open_with_method(r);
    TAKES(r, CONNACK_OK);
    (void)rig_log(r);
}

static int auth_with(struct rig *r, uint8_t reason,
                     const struct hawser_property *p, size_t n)
{
    const struct hawser_properties list = {p, n};

    return hawser_auth(&r->c, r->now_ms, reason, &list);
}

static int auth(struct rig *r, uint8_t reason)
{
    return auth_with(r, reason, NULL, 0);
}

/* The server's AUTH ends the connection so. */
static void expect_refusal(struct rig *r, const char *packet, const char *out)
{
    (void)rig_feed(r, packet);
    assert_false(hawser_is_connected(&r->c));
    assert_null(strstr(rig_log(r), "AUTH "));
    SENDS(r, out);
}

/* AUTH ----------------------------------------------------------------------- */

static void mqtt5_3_15_1_1_auth_has_the_flags_0000(void **state)
{
    struct rig *r = *state;
    char packet[40];

    open_with_method(r);
    TAKES(r, AUTH_18);
    assert_int_equal(auth(r, 0x18), 0);
    SENDS(r, AUTH_18);
    for (unsigned flags = 1; flags < 16; flags++) {
        open_with_method(r);
        (void)snprintf(packet, sizeof packet, "f%x 06 18 04 " METHOD, flags);
        expect_refusal(r, packet, "e0 01 81");
    }
}

static void mqtt5_3_15_2_1_its_reason_is_one_that_its_sender_may_use(void **s)
{
    struct rig *r = *s;
    char packet[40];

    for (unsigned reason = 0; reason < 256; reason++) {
        bool may_continue = reason == 0x18;

        open_with_method(r); /* it is our turn: 0x18 alone */
        TAKES(r, AUTH_18);
        assert_int_equal(auth(r, (uint8_t)reason) == 0, may_continue);
        SENDS(r, may_continue ? AUTH_18 : "");
        go_online(r); /* ours to begin: 0x19 alone */
        assert_int_equal(auth(r, (uint8_t)reason) == 0, reason == 0x19);
        SENDS(r, reason == 0x19 ? AUTH_19 : "");
        if (reason != 0x19) {
            assert_int_equal(auth(r, 0x19), 0);
            (void)rig_out(r);
        }
        /* The server's turn: 0x00 or 0x18. */
        (void)snprintf(packet, sizeof packet, "f0 06 %02x 04 " METHOD, reason);
        if (reason == 0 || may_continue) {
            TAKES(r, packet);
        } else {
            expect_refusal(r, packet, "e0 01 82");
        }
    }
}

/* With this property AUTH has 6 + len bytes of body: no packet above a limit
 * leaves, and none is taken. */
static void expect_limit(struct rig *r, const struct hawser_property *p,
                         const char *encoded, unsigned len)
{
    char packet[100];

    for (unsigned limit = 8 + len - 1; limit <= 8 + len; limit++) {
        bool fits = limit == 8 + len;

        open_with_method(r);
        (void)snprintf(packet, sizeof packet,
                       "20 0c 00 00 09 " METHOD " 27 00 00 00 %02x", limit);
        TAKES(r, packet);
        assert_int_equal(auth_with(r, 0x19, p, 1), fits ? 0 : HAWSER_E_LIMIT);
        (void)snprintf(packet, sizeof packet, "f0 %02x 19 %02x " METHOD " %s",
                       6 + len, 4 + len, encoded);
        SENDS(r, fits ? packet : "");
        /* The other way round. */
        prepare(r);
        r->cfg.maximum_packet_size = limit;
        rig_open(r);
        (void)snprintf(packet, sizeof packet, "f0 %02x 18 %02x " METHOD " %s",
                       6 + len, 4 + len, encoded);
        if (fits) {
            TAKES(r, packet);
        } else {
            expect_refusal(r, packet, "e0 01 95");
        }
    }
}

static void mqtt5_3_15_2_2_a_reason_string_stays_below_the_limit(void **state)
{
    const struct hawser_property why = {.id = HAWSER_PROP_REASON_STRING,
                                        .value = TEXT("why")};

    expect_limit(*state, &why, "1f 00 03 77 68 79", 6);
}

static void mqtt5_3_15_2_3_user_properties_stay_below_the_limit(void **state)
{
    const struct hawser_property user = {
        .id = HAWSER_PROP_USER, .name = TEXT("k"), .value = TEXT("v")};

    expect_limit(*state, &user, "26 00 01 6b 00 01 76", 7);
}

/* It is no malformed packet, but success without a method. That no AUTH may
 * leave the method out [MQTT-4.12.0-5] makes it a protocol error. */
static void mqtt5_3_15_2_1_u1_auth_of_length_0_is_read_as_success(void **state)
{
    struct rig *r = *state;

    go_online(r);
    assert_int_equal(auth(r, 0x19), 0);
    (void)rig_out(r);
    expect_refusal(r, "f0 00", "e0 01 82");
    go_online(r);
    assert_int_equal(auth(r, 0x19), 0);
    (void)rig_out(r);
    expect_refusal(r, "f0 02 00 00", "e0 01 82"); /* the same, written out */
    go_online(r);
    assert_int_equal(auth(r, 0x19), 0);
    (void)rig_out(r);
    expect_refusal(r, "f0 01 00", "e0 01 81"); /* malformed looks so */
}

/* Enhanced authentication ----------------------------------------------------- */

static void mqtt5_4_12_0_1_a_refused_method_is_reported_and_closes(void **state)
{
    struct rig *r = *state;

    open_with_method(r);
    REFUSES(r, "20 03 00 8C 00", HAWSER_E_REFUSED);
    REPORTS(r, "REFUSED 8c props=\nERROR refused 00\n");
    open_with_method(r);
    REFUSES(r, "20 03 00 87 00", HAWSER_E_REFUSED);
    REPORTS(r, "REFUSED 87 props=\nERROR refused 00\n");
}

/* A whole exchange of two rounds. */
static void exchange(struct rig *r)
{
    const struct hawser_property data = {.id = HAWSER_PROP_AUTH_DATA,
                                         .value = TEXT("d")};

    open_with_method(r);
    TAKES(r, "f0 0a 18 08 " METHOD " 16 00 01 31");
    REPORTS(r, "AUTH 18 props=15 00 01 6d 16 00 01 31\n");
    assert_int_equal(auth_with(r, 0x18, &data, 1), 0);
    SENDS(r, "f0 0a 18 08 " METHOD " 16 00 01 64");
    TAKES(r, AUTH_18);
    assert_int_equal(auth(r, 0x18), 0);
    SENDS(r, AUTH_18);
    TAKES(r, CONNACK_OK);
    REPORTS(r, "AUTH 18 props=15 00 01 6d\n"
               "CONNECTED session=0 props=15 00 01 6d\n");
}

static void mqtt5_4_12_0_2_an_auth_that_asks_has_0x18(void **state)
{
    struct rig *r = *state;

    exchange(r);
    open_with_method(r);
    expect_refusal(r, "f0 06 00 04 " METHOD, "e0 01 82");
    open_with_method(r);
    expect_refusal(r, AUTH_19, "e0 01 82");
}

static void mqtt5_4_12_0_3_an_auth_that_answers_has_0x18(void **state)
{
    struct rig *r = *state;

    exchange(r);
    open_with_method(r);
    TAKES(r, AUTH_18);
    assert_int_equal(auth(r, 0x00), HAWSER_E_ARG);
    assert_int_equal(auth(r, 0x19), HAWSER_E_STATE);
    SENDS(r, "");
}

static void mqtt5_4_12_0_4_the_server_may_refuse_at_any_step(void **state)
{
    struct rig *r = *state;

    for (int rounds = 0; rounds < 3; rounds++) {
        open_with_method(r);
        for (int i = 0; i < rounds; i++) {
            TAKES(r, AUTH_18);
            assert_int_equal(auth(r, 0x18), 0);
            (void)rig_out(r);
        }
        (void)rig_log(r);
        REFUSES(r, "20 03 00 87 00", HAWSER_E_REFUSED);
        REPORTS(r, "REFUSED 87 props=\nERROR refused 00\n");
    }
}

static void mqtt5_4_12_0_5_every_auth_and_connack_has_the_method(void **state)
{
    const struct hawser_property other = {.id = HAWSER_PROP_AUTH_METHOD,
                                          .value = TEXT("n")};
    static const char *const wrong[] = {
        "f0 06 18 04 15 00 01 6e",    /* another */
        "f0 07 18 05 15 00 02 6d 6d", /* a longer one */
        "f0 02 18 00",                /* none */
        "20 07 00 00 04 15 00 01 6e", /* another in CONNACK */
        "20 03 00 00 00",             /* none there */
    };
    struct rig *r = *state;

    exchange(r);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        open_with_method(r);
        expect_refusal(r, wrong[i], "e0 01 82");
    }
    go_online(r);
    assert_int_equal(auth_with(r, 0x19, &other, 1), HAWSER_E_ARG);
    SENDS(r, "");
}

static void mqtt5_4_12_0_6_without_a_method_the_server_has_none(void **state)
{
    struct rig *r = *state;

    rig_prepare(r, HAWSER_MQTT_5);
    rig_open(r);
    expect_refusal(r, AUTH_18, "e0 01 82");
    rig_prepare(r, HAWSER_MQTT_5);
    rig_open(r);
    expect_refusal(r, CONNACK_OK, "e0 01 82");
    rig_start(r, HAWSER_MQTT_5);
    expect_refusal(r, AUTH_18, "e0 01 82");
}

static void mqtt5_4_12_0_7_without_a_method_no_auth_leaves(void **state)
{
    struct rig *r = *state;

    rig_prepare(r, HAWSER_MQTT_5);
    rig_open(r);
    assert_int_equal(auth(r, 0x18), HAWSER_E_STATE);
    TAKES(r, "20 03 00 00 00");
    assert_int_equal(auth(r, 0x18), HAWSER_E_STATE);
    assert_int_equal(auth(r, 0x19), HAWSER_E_STATE);
    SENDS(r, "");
}

/* Re-authentication ----------------------------------------------------------- */

static void mqtt5_4_12_1_1_it_begins_with_0x19_and_the_same_method(void **state)
{
    struct rig *r = *state;

    go_online(r);
    assert_int_equal(auth(r, 0x19), 0);
    SENDS(r, AUTH_19);
    PUBLISHES(r, 0, "a"); /* others go on with what was proved before */
    SENDS(r, "30 05 00 01 61 00 78");
    TAKES(r, AUTH_18);
    assert_int_equal(auth(r, 0x18), 0);
    SENDS(r, AUTH_18);
    TAKES(r, "f0 06 00 04 " METHOD);
    REPORTS(r, "AUTH 18 props=15 00 01 6d\nAUTH 00 props=15 00 01 6d\n");
}

static void mqtt5_4_12_1_2_a_failed_one_ends_in_disconnect(void **state)
{
    struct rig *r = *state;

    go_online(r); /* found by the client: another method */
    assert_int_equal(auth(r, 0x19), 0);
    (void)rig_out(r);
    expect_refusal(r, "f0 06 18 04 15 00 01 6e", "e0 01 82");
    go_online(r); /* by the application: it does not trust the answer */
    assert_int_equal(auth(r, 0x19), 0);
    (void)rig_out(r);
    TAKES(r, AUTH_18);
    assert_int_equal(hawser_disconnect(&r->c, r->now_ms, 0x80), 0);
    SENDS(r, "e0 01 80");
    assert_false(hawser_is_connected(&r->c));
    go_online(r); /* by the server */
    assert_int_equal(auth(r, 0x19), 0);
    (void)rig_out(r);
    TAKES(r, "e0 01 87");
    REPORTS(r, "DISCONNECTED 87 props=\n");
    assert_false(hawser_is_connected(&r->c));
}

static void mqtt5_4_12_1_u1_auth_that_answers_nothing_is_a_fault(void **state)
{
    struct rig *r = *state;

    go_online(r);
    expect_refusal(r, AUTH_18, "e0 01 82");
    go_online(r);
    expect_refusal(r, "f0 06 00 04 " METHOD, "e0 01 82");
    go_online(r); /* nor a second time */
    assert_int_equal(auth(r, 0x19), 0);
    (void)rig_out(r);
    TAKES(r, "f0 06 00 04 " METHOD);
    (void)rig_log(r);
    expect_refusal(r, "f0 06 00 04 " METHOD, "e0 01 82");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mqtt5_3_15_1_1_auth_has_the_flags_0000),
        cmocka_unit_test(
            mqtt5_3_15_2_1_its_reason_is_one_that_its_sender_may_use),
        cmocka_unit_test(mqtt5_3_15_2_2_a_reason_string_stays_below_the_limit),
        cmocka_unit_test(mqtt5_3_15_2_3_user_properties_stay_below_the_limit),
        cmocka_unit_test(mqtt5_3_15_2_1_u1_auth_of_length_0_is_read_as_success),
        cmocka_unit_test(
            mqtt5_4_12_0_1_a_refused_method_is_reported_and_closes),
        cmocka_unit_test(mqtt5_4_12_0_2_an_auth_that_asks_has_0x18),
        cmocka_unit_test(mqtt5_4_12_0_3_an_auth_that_answers_has_0x18),
        cmocka_unit_test(mqtt5_4_12_0_4_the_server_may_refuse_at_any_step),
        cmocka_unit_test(mqtt5_4_12_0_5_every_auth_and_connack_has_the_method),
        cmocka_unit_test(mqtt5_4_12_0_6_without_a_method_the_server_has_none),
        cmocka_unit_test(mqtt5_4_12_0_7_without_a_method_no_auth_leaves),
        cmocka_unit_test(
            mqtt5_4_12_1_1_it_begins_with_0x19_and_the_same_method),
        cmocka_unit_test(mqtt5_4_12_1_2_a_failed_one_ends_in_disconnect),
        cmocka_unit_test(mqtt5_4_12_1_u1_auth_that_answers_nothing_is_a_fault),
    };

    return cmocka_run_group_tests(tests, spec_set_up, NULL);
}
