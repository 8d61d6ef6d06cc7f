/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MQTT 5.0, chapters 1 and 2, rules without a number: lengths, properties and
 * packet types that make a packet malformed, or the server's a fault.
 */
#include "spec.h"

#define METHOD "15 00 01 6d"

/* A kind of packet that a server sends, up to its properties, and behind. */
struct kind {
    const char *name;
    unsigned header;
    const char *before;
    const char *behind;
};

static const struct kind kinds[] = {
    {"CONNACK", 0x20, "00 00", ""},   {"PUBLISH", 0x30, "00 01 61", ""},
    {"PUBACK", 0x40, "00 01 00", ""}, {"PUBREC", 0x50, "00 02 00", ""},
    {"PUBREL", 0x62, "00 07 00", ""}, {"PUBCOMP", 0x70, "00 03 00", ""},
    {"SUBACK", 0x90, "00 04", "00"},  {"UNSUBACK", 0xB0, "00 05", "00"},
    {"DISCONNECT", 0xE0, "8B", ""},   {"AUTH", 0xF0, "18", ""},
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

/* A client for which this kind of packet is due. With a method, if need be. */
static void wait_for(struct rig *r, const struct kind *k, bool has_method)
{
    static const struct hawser_property both[] = {
        {.id = HAWSER_PROP_REQUEST_RESPONSE_INFO, .number = 1},
        {.id = HAWSER_PROP_AUTH_METHOD, .value = {(const uint8_t *)"m", 1}}};
    static uint8_t aliases[64];

    rig_prepare(r, HAWSER_MQTT_5);
    r->cfg.properties = both;
    r->cfg.property_count = has_method ? 2 : 1;
    r->cfg.aliases_in = (struct hawser_span){aliases, sizeof aliases};
    r->cfg.alias_in_count = 1;
    rig_open(r);
    if (k->header == 0x20 || k->header == 0xF0) {
        return;
    }
    TAKES(r, has_method ? "20 07 00 00 04 " METHOD : "20 03 00 00 00");
    PUBLISHES(r, 1, "a");           /* 1 */
    PUBLISHES(r, 2, "a");           /* 2 */
    PUBLISHES(r, 2, "a");           /* 3 */
    (void)rig_subscribe(r, "a", 0); /* 4 */
    TAKES(r, "34 06 00 01 61 00 07 00 50 02 00 03");
    ACCEPTS(r, 7);
    if (k->header == 0xB0) {
        TAKES(r, "90 04 00 04 00 00");
        (void)rig_unsubscribe(r, "a"); /* 5 */
    }
    (void)rig_out(r);
    (void)rig_log(r);
}

/* That packet, with these properties of which the length says so much more. */
static int receive(struct rig *r, const struct kind *k, const char *properties,
                   unsigned more)
{
    struct hex h;
    unsigned len = (unsigned)hex_read(&h, properties).len;
    unsigned body = len + 1 + (unsigned)hex_read(&h, k->before).len +
                    (unsigned)hex_read(&h, k->behind).len;
    char packet[200];

    (void)snprintf(packet, sizeof packet, "%02x %02x %s %02x %s %s", k->header,
                   body, k->before, len + more, properties, k->behind);
    return rig_feed(r, packet);
}

static void expect_malformed(struct rig *r, const struct kind *k,
                             const char *properties, unsigned more)
{
    wait_for(r, k, k->header == 0xF0);
    assert_int_equal(receive(r, k, properties, more), HAWSER_E_MALFORMED);
    assert_false(hawser_is_connected(&r->c));
    SENDS(r, "e0 01 81");
}

/* Variable byte integers and packet types -------------------------------------- */

static void mqtt5_1_5_5_u1_an_integer_of_five_bytes_is_malformed(void **state)
{
    struct rig *r = *state;

    rig_start(r, HAWSER_MQTT_5);
    REFUSES(r, "30 80 80 80 80 01", HAWSER_E_MALFORMED); /* of a packet */
    SENDS(r, "e0 01 81");
    rig_start(r, HAWSER_MQTT_5);
    REFUSES(r, "30 08 00 01 61 80 80 80 80 01",
            HAWSER_E_MALFORMED); /* a list */
    SENDS(r, "e0 01 81");
    rig_start(r, HAWSER_MQTT_5); /* a subscription identifier */
    REFUSES(r, "30 0A 00 01 61 06 0B 81 80 80 80 01", HAWSER_E_MALFORMED);
    SENDS(r, "e0 01 81");
    rig_start(r, HAWSER_MQTT_5);
    TAKES(r, "30 09 00 01 61 05 0B FF FF FF 7F"); /* four are the most */
}

static void mqtt5_2_1_2_u1_what_only_a_client_sends_is_a_fault(void **state)
{
    static const char *const packets[] = {
        "00 00",
        "10 0E 00 04 4D 51 54 54 05 02 00 0A 00 00 01 63",
        "82 07 00 01 00 00 01 61 00",
        "A2 06 00 01 00 00 01 61",
        "C0 00",
    };
    struct rig *r = *state;

    for (size_t i = 0; i < 5; i++) {
        rig_start(r, HAWSER_MQTT_5);
        REFUSES(r, packets[i], HAWSER_E_PROTOCOL);
        SENDS(r, "e0 01 82");
        rig_prepare(r, HAWSER_MQTT_5); /* nor before CONNACK */
        rig_open(r);
        REFUSES(r, packets[i], HAWSER_E_PROTOCOL);
    }
}

static void mqtt5_2_1_4_u1_bytes_behind_the_end_are_malformed(void **state)
{
    static const struct kind ping = {"PINGRESP", 0xD0, "", ""};
    struct rig *r = *state;
    char packet[60];

    wait_for(r, &ping, false);
    REFUSES(r, "D0 01 00", HAWSER_E_MALFORMED);
    SENDS(r, "e0 01 81");
    for (size_t i = 0; i < KINDS; i++) {
        const struct kind *k = &kinds[i];
        unsigned header = k->header;

        if (header == 0x30 || header == 0x90 || header == 0xB0) {
            continue; /* what is behind is a payload, or codes */
        }
        wait_for(r, k, header == 0xF0);
        (void)snprintf(packet, sizeof packet, "%02x %02x %s %s 00", header,
                       header == 0xF0   ? 7u
                       : header == 0xE0 ? 3u
                       : header == 0x20 ? 4u
                                        : 5u,
                       k->before, header == 0xF0 ? "04 " METHOD : "00");
        REFUSES(r, packet, HAWSER_E_MALFORMED);
        SENDS(r, "e0 01 81");
    }
}

/* Properties ------------------------------------------------------------------- */

/* Each property with a value that it may have, and where a server may send it:
 * 2.2.2.2, without what binds clients. */
static const struct {
    const char *encoded;
    const char *places;
} properties[] = {
    {"01 01", "PUBLISH"},
    {"02 00 00 00 01", "PUBLISH"},
    {"03 00 01 61", "PUBLISH"},
    {"08 00 01 61", "PUBLISH"},
    {"09 00 01 61", "PUBLISH"},
    {"0B 01", "PUBLISH"},
    {"11 00 00 00 01", "CONNACK"},
    {"12 00 01 61", "CONNACK"},
    {"13 00 01", "CONNACK"},
    {METHOD, "CONNACK AUTH"},
    {METHOD " 16 00 01 61", "CONNACK AUTH"},
    {"17 01", ""},
    {"18 00 00 00 01", ""},
    {"19 01", ""},
    {"1A 00 01 61", "CONNACK"},
    {"1C 00 01 61", "CONNACK DISCONNECT"},
    {"1F 00 01 61", "CONNACK PUBACK PUBREC PUBREL PUBCOMP SUBACK UNSUBACK "
                    "DISCONNECT AUTH"},
    {"21 00 01", "CONNACK"},
    {"22 00 01", "CONNACK"},
    {"23 00 01", "PUBLISH"},
    {"24 01", "CONNACK"},
    {"25 01", "CONNACK"},
    {"26 00 01 61 00 01 61", "CONNACK PUBLISH PUBACK PUBREC PUBREL PUBCOMP "
                             "SUBACK UNSUBACK DISCONNECT AUTH"},
    {"27 00 00 00 64", "CONNACK"},
    {"28 01", "CONNACK"},
    {"29 01", "CONNACK"},
    {"2A 01", "CONNACK"},
};
enum { PROPERTIES = sizeof properties / sizeof properties[0] };

static bool has_place(const char *places, const char *name)
{
    const char *at = strstr(places, name);

    while (at != NULL && at != places && at[-1] != ' ') { /* CONNACK, ACK */
        at = strstr(at + 1, name);
    }
    return at != NULL;
}

static void
mqtt5_2_2_2_2_u1_a_property_of_another_packet_is_malformed(void **state)
{
    struct rig *r = *state;
    struct hex h;
    char list[60];

    for (size_t i = 0; i < KINDS * PROPERTIES; i++) {
        const struct kind *k = &kinds[i / PROPERTIES];
        const char *encoded = properties[i % PROPERTIES].encoded;
        bool is_method = strncmp(encoded, "15", 2) == 0;
        bool has_method = is_method || k->header == 0xF0;

        if (!has_place(properties[i % PROPERTIES].places, k->name)) {
            expect_malformed(r, k, encoded, 0);
            continue;
        }
        (void)snprintf(list, sizeof list, "%s %s",
                       has_method && !is_method ? METHOD : "", encoded);
        wait_for(r, k, has_method);
        assert_int_equal(receive(r, k, list, 0), 0);
    }
    for (unsigned id = 0; id < 128; id++) { /* those that do not exist */
        bool exists = false;

        for (size_t i = 0; i < PROPERTIES; i++) {
            struct hawser_view known = hex_read(&h, properties[i].encoded);

            exists = exists || known.at[0] == id || id == 0x16;
        }
        (void)snprintf(list, sizeof list, "%02x 00 01 61", id);
        if (!exists) {
            expect_malformed(r, &kinds[0], list, 0);
        }
    }
}

static void mqtt5_2_2_2_2_u2_a_value_that_is_cut_off_is_malformed(void **state)
{
    static const char *const cut[] = {
        "01",          /* a byte */
        "23 00",       /* two */
        "02 00 00 00", /* four */
        "0B",          /* a variable integer */
        "0B 80",       /* its second byte */
        "03 00",       /* the length of a string */
        "03 00 02 61", /* its bytes */
        "09 00 02 61", /* those of binary data */
        "26 00 01 61", /* the second of a pair */
        "26 00 01 61 00 01",
    };
    struct rig *r = *state;

    for (size_t i = 0; i < sizeof cut / sizeof cut[0]; i++) {
        expect_malformed(r, &kinds[1], cut[i], 0);
    }
}

static void mqtt5_2_2_2_u1_a_list_beyond_its_packet_is_malformed(void **state)
{
    struct rig *r = *state;

    for (size_t i = 0; i < KINDS; i++) {
        unsigned behind = kinds[i].behind[0] == 0 ? 0 : 1;

        expect_malformed(r, &kinds[i], "26 00 01 61 00 01 61", behind + 1);
        expect_malformed(r, &kinds[i], "", 127);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mqtt5_1_5_5_u1_an_integer_of_five_bytes_is_malformed),
        cmocka_unit_test(mqtt5_2_1_2_u1_what_only_a_client_sends_is_a_fault),
        cmocka_unit_test(mqtt5_2_1_4_u1_bytes_behind_the_end_are_malformed),
        cmocka_unit_test(
            mqtt5_2_2_2_2_u1_a_property_of_another_packet_is_malformed),
        cmocka_unit_test(mqtt5_2_2_2_2_u2_a_value_that_is_cut_off_is_malformed),
        cmocka_unit_test(mqtt5_2_2_2_u1_a_list_beyond_its_packet_is_malformed),
    };

    return cmocka_run_group_tests(tests, spec_set_up, NULL);
}
