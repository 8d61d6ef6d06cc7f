/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MQTT 5.0, chapters 3.4 to 3.7: PUBACK, PUBREC, PUBREL and PUBCOMP.
 */
#include "spec.h"

#define PUBACK  0x40u
#define PUBREC  0x50u
#define PUBREL  0x62u
#define PUBCOMP 0x70u

/* The server's packet of this kind for message 1 is due. maximum: of a packet
 * that comes; 0: none. */
static void wait_for(struct rig *r, unsigned kind, uint32_t maximum)
{
    rig_prepare(r, HAWSER_MQTT_5);
    r->cfg.maximum_packet_size = maximum;
    rig_go_online(r);
    if (kind == PUBREL) {
        TAKES(r, "34 06 00 01 61 00 01 00");
        ACCEPTS(r, 1);
    } else {
        PUBLISHES(r, kind == PUBACK ? 1 : 2, "a");
    }
    if (kind == PUBCOMP) {
        TAKES(r, "50 02 00 01");
    }
    (void)rig_out(r);
    (void)rig_log(r);
}

/* What the client has to say to a packet of this kind that it took. */
static const char *answer_to(unsigned kind, bool is_refusal)
{
    if (kind == PUBREC && !is_refusal) {
        return "62 02 00 01";
    }
    return kind == PUBREL ? "70 02 00 01" : "";
}

static bool is_in(unsigned code, const uint8_t *list)
{
    for (size_t i = 0; list[i] != 0xFF; i++) {
        if (list[i] == code) {
            return true;
        }
    }
    return false;
}

/* Those of a table are taken, all others are faults. */
static void expect_codes(struct rig *r, unsigned kind, const uint8_t *listed)
{
    char packet[40];

    for (unsigned code = 0; code < 256; code++) {
        wait_for(r, kind, 0);
        (void)snprintf(packet, sizeof packet, "%02x 03 00 01 %02x", kind, code);
        if (is_in(code, listed)) {
            TAKES(r, packet);
            SENDS(r, answer_to(kind, code >= 0x80));
        } else {
            REFUSES(r, packet, HAWSER_E_PROTOCOL);
            SENDS(r, "e0 01 82");
        }
    }
}

/* The tables of PUBACK and PUBREC. 0x10 is the server's alone. */
static const uint8_t published[] = {0x00, 0x10, 0x80, 0x83, 0x87,
                                    0x90, 0x91, 0x97, 0x99, 0xFF};

/* Those of PUBREL and PUBCOMP. */
static const uint8_t released[] = {0x00, 0x92, 0xFF};

/* Ours for a message of this QoS. */
static void expect_own_codes(struct rig *r, unsigned qos, unsigned kind)
{
    char packet[40];

    for (unsigned code = 0; code < 256; code++) {
        bool is_listed = code != 0x10 && is_in(code, published);

        rig_start(r, HAWSER_MQTT_5);
        (void)snprintf(packet, sizeof packet, "3%x 06 00 01 61 00 01 00",
                       qos << 1);
        TAKES(r, packet);
        assert_int_equal(hawser_accept(&r->c, 0, 1, (uint8_t)code),
                         is_listed ? 0 : HAWSER_E_ARG);
        (void)snprintf(packet, sizeof packet,
                       code == 0 ? "%x 02 00 01" : "%x 03 00 01 %02x", kind,
                       code);
        SENDS(r, is_listed ? packet : "");
    }
}

/* A property, as text for both directions. */
struct example {
    struct hawser_property p;
    const char *encoded;
    unsigned len;
};

static struct example reason_string(void)
{
    return (struct example){
        {.id = HAWSER_PROP_REASON_STRING, .value = TEXT("why")},
        "1f 00 03 77 68 79",
        6};
}

static struct example user_property(void)
{
    return (struct example){
        {.id = HAWSER_PROP_USER, .name = TEXT("k"), .value = TEXT("v")},
        "26 00 01 6b 00 01 76",
        7};
}

/* A packet of this kind with the property has 6 + len bytes: none above our
 * maximum is taken. */
static void expect_limit(struct rig *r, unsigned kind, struct example x)
{
    char packet[60];

    (void)snprintf(packet, sizeof packet, "%02x %02x 00 01 00 %02x %s", kind,
                   4 + x.len, x.len, x.encoded);
    wait_for(r, kind, 6 + x.len);
    TAKES(r, packet);
    SENDS(r, answer_to(kind, false));
    wait_for(r, kind, 6 + x.len - 1);
    REFUSES(r, packet, HAWSER_E_PROTOCOL);
    SENDS(r, "e0 01 95");
}

/* Nor does one leave that is above the server's: without the property it does. */
static void expect_own_limit(struct rig *r, unsigned kind, struct example x)
{
    const struct hawser_properties list = {&x.p, 1};
    char text[60];

    for (unsigned limit = 6 + x.len - 1; limit <= 6 + x.len; limit++) {
        bool fits = limit == 6 + x.len;

        rig_prepare(r, HAWSER_MQTT_5);
        rig_open(r);
        (void)snprintf(text, sizeof text, "20 08 00 00 05 27 00 00 00 %02x",
                       limit);
        TAKES(r, text);
        TAKES(r, kind == PUBACK ? "32 06 00 01 61 00 01 00"
                                : "34 06 00 01 61 00 01 00");
        assert_int_equal(hawser_accept_with(&r->c, 0, 1, 0, &list) == 0, fits);
        (void)snprintf(text, sizeof text, "%02x %02x 00 01 00 %02x %s", kind,
                       4 + x.len, x.len, x.encoded);
        SENDS(r, fits ? text : "");
        if (!fits) {
            ACCEPTS(r, 1);
            SENDS(r, kind == PUBACK ? "40 02 00 01" : "50 02 00 01");
        }
    }
}

/* PUBREL and PUBCOMP of ours have no properties: four bytes are enough. */
static void expect_shortest(struct rig *r, unsigned kind)
{
    rig_prepare(r, HAWSER_MQTT_5);
    rig_open(r);
    TAKES(r, "20 08 00 00 05 27 00 00 00 08"); /* 8 bytes: a PUBLISH */
    if (kind == PUBREL) {
        assert_int_equal(rig_publish(r, 2, "a", "", NULL), 0);
        (void)rig_out(r);
        TAKES(r, "50 0A 00 01 00 06 1F 00 03 77 68 79");
        SENDS(r, "62 02 00 01");
    } else {
        TAKES(r, "34 06 00 01 61 00 01 00");
        ACCEPTS(r, 1);
        (void)rig_out(r);
        TAKES(r, "62 0A 00 01 00 06 1F 00 03 77 68 79");
        SENDS(r, "70 02 00 01");
    }
}

static void mqtt5_3_4_2_1_puback_has_a_code_of_its_table(void **state)
{
    expect_codes(*state, PUBACK, published);
    expect_own_codes(*state, 1, PUBACK);
}

static void mqtt5_3_4_2_2_a_reason_string_in_puback_keeps_the_limit(void **s)
{
    expect_limit(*s, PUBACK, reason_string());
    expect_own_limit(*s, PUBACK, reason_string());
}

static void mqtt5_3_4_2_3_user_properties_in_puback_keep_the_limit(void **s)
{
    expect_limit(*s, PUBACK, user_property());
    expect_own_limit(*s, PUBACK, user_property());
}

static void mqtt5_3_5_2_1_pubrec_has_a_code_of_its_table(void **state)
{
    expect_codes(*state, PUBREC, published);
    expect_own_codes(*state, 2, PUBREC);
}

static void mqtt5_3_5_2_2_a_reason_string_in_pubrec_keeps_the_limit(void **s)
{
    expect_limit(*s, PUBREC, reason_string());
    expect_own_limit(*s, PUBREC, reason_string());
}

static void mqtt5_3_5_2_3_user_properties_in_pubrec_keep_the_limit(void **s)
{
    expect_limit(*s, PUBREC, user_property());
    expect_own_limit(*s, PUBREC, user_property());
}

static void mqtt5_3_6_1_1_pubrel_has_the_flags_0010(void **state)
{
    struct rig *r = *state;
    char packet[20];

    wait_for(r, PUBREC, 0);
    TAKES(r, "50 02 00 01");
    SENDS(r, "62 02 00 01");
    for (unsigned flags = 0; flags < 16; flags++) {
        wait_for(r, PUBREL, 0);
        (void)snprintf(packet, sizeof packet, "6%x 02 00 01", flags);
        assert_int_equal(rig_feed(r, packet),
                         flags == 2 ? 0 : HAWSER_E_MALFORMED);
        SENDS(r, flags == 2 ? "70 02 00 01" : "e0 01 81");
    }
}

static void mqtt5_3_6_2_1_pubrel_has_a_code_of_its_table(void **state)
{
    struct rig *r = *state;

    expect_codes(r, PUBREL, released);
    rig_start(r, HAWSER_MQTT_5);
    TAKES(r, "50 02 00 09"); /* of a message that is not known */
    SENDS(r, "62 03 00 09 92");
}

static void mqtt5_3_6_2_2_a_reason_string_in_pubrel_keeps_the_limit(void **s)
{
    expect_limit(*s, PUBREL, reason_string());
    expect_shortest(*s, PUBREL);
}

static void mqtt5_3_6_2_3_user_properties_in_pubrel_keep_the_limit(void **s)
{
    expect_limit(*s, PUBREL, user_property());
    expect_shortest(*s, PUBREL);
}

static void mqtt5_3_7_2_1_pubcomp_has_a_code_of_its_table(void **state)
{
    struct rig *r = *state;

    expect_codes(r, PUBCOMP, released);
    rig_start(r, HAWSER_MQTT_5);
    TAKES(r, "62 02 00 09"); /* of a message that is not known */
    SENDS(r, "70 03 00 09 92");
}

static void mqtt5_3_7_2_2_a_reason_string_in_pubcomp_keeps_the_limit(void **s)
{
    expect_limit(*s, PUBCOMP, reason_string());
    expect_shortest(*s, PUBCOMP);
}

static void mqtt5_3_7_2_3_user_properties_in_pubcomp_keep_the_limit(void **s)
{
    expect_limit(*s, PUBCOMP, user_property());
    expect_shortest(*s, PUBCOMP);
}

/* 2 bytes: code 0 and no properties; 3: no properties; 4: an empty list. */
static void mqtt5_3_4_2_1_u1_code_and_list_may_be_left_out(void **state)
{
    static const unsigned kinds[] = {PUBACK, PUBREC, PUBREL, PUBCOMP};
    static const char *const ends[] = {"02 00 01", "03 00 01 00",
                                       "04 00 01 00 00"};
    struct rig *r = *state;
    char packet[20];

    for (size_t i = 0; i < 12; i++) {
        unsigned kind = kinds[i / 3];

        wait_for(r, kind, 0);
        (void)snprintf(packet, sizeof packet, "%02x %s", kind, ends[i % 3]);
        TAKES(r, packet);
        SENDS(r, answer_to(kind, false));
        REPORTS(r, kind == PUBACK || kind == PUBCOMP ? "PUBLISHED 1 00 props=\n"
                                                     : "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mqtt5_3_4_2_1_puback_has_a_code_of_its_table),
        cmocka_unit_test(
            mqtt5_3_4_2_2_a_reason_string_in_puback_keeps_the_limit),
        cmocka_unit_test(
            mqtt5_3_4_2_3_user_properties_in_puback_keep_the_limit),
        cmocka_unit_test(mqtt5_3_5_2_1_pubrec_has_a_code_of_its_table),
        cmocka_unit_test(
            mqtt5_3_5_2_2_a_reason_string_in_pubrec_keeps_the_limit),
        cmocka_unit_test(
            mqtt5_3_5_2_3_user_properties_in_pubrec_keep_the_limit),
        cmocka_unit_test(mqtt5_3_6_1_1_pubrel_has_the_flags_0010),
        cmocka_unit_test(mqtt5_3_6_2_1_pubrel_has_a_code_of_its_table),
        cmocka_unit_test(
            mqtt5_3_6_2_2_a_reason_string_in_pubrel_keeps_the_limit),
        cmocka_unit_test(
            mqtt5_3_6_2_3_user_properties_in_pubrel_keep_the_limit),
        cmocka_unit_test(mqtt5_3_7_2_1_pubcomp_has_a_code_of_its_table),
        cmocka_unit_test(
            mqtt5_3_7_2_2_a_reason_string_in_pubcomp_keeps_the_limit),
        cmocka_unit_test(
            mqtt5_3_7_2_3_user_properties_in_pubcomp_keep_the_limit),
        cmocka_unit_test(mqtt5_3_4_2_1_u1_code_and_list_may_be_left_out),
    };

    return cmocka_run_group_tests(tests, spec_set_up, NULL);
}
