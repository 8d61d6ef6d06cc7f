/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MQTT 5.0, chapter 3.1.2: what the two sides hold to because CONNECT said so:
 * the keep-alive, limits for the server, and what was not asked for.
 */
#include "spec.h"

#define METHOD "15 00 01 6d"

/* The fault that ends the connection, as it is told to the server. */
static void expect_fault(struct rig *r, int answer, const char *reason)
{
    char packet[20];

    assert_int_equal(answer, HAWSER_E_PROTOCOL);
    assert_false(hawser_is_connected(&r->c));
    (void)snprintf(packet, sizeof packet, "e0 01 %s", reason);
    SENDS(r, packet);
}

/* Keep-alive ------------------------------------------------------------------ */

/* Online at 1000 ms: this long after the last packet a PINGREQ leaves. */
static void expect_ping_after(struct rig *r, uint64_t ms)
{
    uint64_t now_ms = 1000 + ms;

    assert_true(hawser_deadline_ms(&r->c) == now_ms);
    assert_int_equal(hawser_tick(&r->c, now_ms - 1), 0);
    SENDS(r, "");
    assert_int_equal(hawser_tick(&r->c, now_ms), 0);
    r->now_ms = now_ms;
    SENDS(r, "c0 00");
    r->now_ms = now_ms + ms / 2;
    TAKES(r, "D0 00");
    PUBLISHES(r, 0, "a"); /* puts it off */
    SENDS(r, "30 05 00 01 61 00 78");
    assert_int_equal(hawser_tick(&r->c, r->now_ms + ms - 1), 0);
    SENDS(r, "");
    assert_int_equal(hawser_tick(&r->c, r->now_ms + ms), 0);
    SENDS(r, "c0 00");
}

static void mqtt5_3_1_2_20_a_silent_client_sends_pingreq_in_time(void **state)
{
    struct rig *r = *state;

    rig_start(r, HAWSER_MQTT_5);
    expect_ping_after(r, 10000);
    rig_prepare(r, HAWSER_MQTT_5);
    r->cfg.keep_alive_s = 65535;
    rig_go_online(r);
    expect_ping_after(r, 65535000);
    rig_prepare(r, HAWSER_MQTT_5);
    r->cfg.keep_alive_s = 0; /* off */
    rig_go_online(r);
    assert_true(hawser_deadline_ms(&r->c) == HAWSER_NEVER);
}

/* The server has another keep-alive: shorter, longer, or where ours is off. */
static void use_the_server_s_keep_alive(struct rig *r)
{
    static const struct {
        uint16_t ours_s;
        const char *connack;
        uint32_t then_s;
    } cases[] = {
        {10, "20 06 00 00 03 13 00 05", 5},
        {10, "20 06 00 00 03 13 01 2C", 300},
        {0, "20 06 00 00 03 13 00 05", 5},
        {10, "20 06 00 00 03 13 00 00", 0},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rig_prepare(r, HAWSER_MQTT_5);
        r->cfg.keep_alive_s = cases[i].ours_s;
        rig_open(r);
        TAKES(r, cases[i].connack);
        assert_int_equal(hawser_limits(&r->c)->keep_alive_s, cases[i].then_s);
        if (cases[i].then_s > 0) {
            expect_ping_after(r, cases[i].then_s * 1000u);
        } else {
            assert_true(hawser_deadline_ms(&r->c) == HAWSER_NEVER);
        }
    }
}

static void mqtt5_3_1_2_21_the_server_s_keep_alive_replaces_ours(void **state)
{
    struct rig *r = *state;

    use_the_server_s_keep_alive(r);
    /* On that connection: the next CONNECT offers ours. */
    rig_prepare(r, HAWSER_MQTT_5);
    rig_open(r);
    TAKES(r, "20 06 00 00 03 13 00 05");
    hawser_lost(&r->c, r->now_ms);
    assert_int_equal(hawser_opened(&r->c, r->now_ms), 0);
    SENDS(r, "10 11 00 04 4d 51 54 54 05 02 00 0a 03 21 00 20 00 01 63");
    TAKES(r, "20 03 00 00 00");
    expect_ping_after(r, 10000);
}

static void mqtt5_3_2_2_21_the_server_s_keep_alive_is_used(void **state)
{
    use_the_server_s_keep_alive(*state);
}

/* Limits ---------------------------------------------------------------------- */

#define LARGEST 40

/* This packet comes with a user property that makes it so long. */
static int feed_of_size(struct rig *r, const struct spec_packet *p, size_t size)
{
    static const char filling[] =
        "78 78 78 78 78 78 78 78 78 78 78 78 78 78 78 "
        "78 78 78 78 78 78 78 78 78 78 78 78 78 78 78 "
        "78 78 78 78 78 78 78 78 78 78";
    struct hex h;
    size_t others = 3 + hex_read(&h, p->before).len +
                    hex_read(&h, p->least).len + hex_read(&h, p->after).len + 6;
    char property[200];

    assert_true(size > others);
    (void)snprintf(property, sizeof property, "26 00 01 61 00 %02zx %.*s",
                   size - others, (int)(3 * (size - others)), filling);
    return spec_feed(r, p, property);
}

static void mqtt5_3_1_2_24_a_packet_above_our_maximum_is_refused(void **state)
{
    struct rig *r = *state;

    for (size_t i = 0; i < spec_packet_count; i++) {
        const struct spec_packet *p = &spec_packets[i];

        for (size_t more = 0; more < 2; more++) {
            spec_prepare(r, p);
            r->cfg.maximum_packet_size = LARGEST;
            spec_open(r, p);
            if (more == 0) {
                assert_int_equal(feed_of_size(r, p, LARGEST), 0);
            } else {
                expect_fault(r, feed_of_size(r, p, LARGEST + 1), "95");
            }
        }
    }
    /* By its length alone, before any of its content has come. */
    rig_prepare(r, HAWSER_MQTT_5);
    r->cfg.maximum_packet_size = LARGEST;
    rig_go_online(r);
    expect_fault(r, rig_feed(r, "30 FF FF FF 7F"), "95");
}

/* PUBLISH with this alias comes. */
static int feed_alias(struct rig *r, unsigned maximum, unsigned alias)
{
    static uint8_t aliases[3 * 40];
    char packet[60];

    rig_prepare(r, HAWSER_MQTT_5);
    r->cfg.alias_in_count = (uint16_t)maximum;
    r->cfg.aliases_in = (struct hawser_span){aliases, 40 * (size_t)maximum};
    rig_go_online(r);
    (void)snprintf(packet, sizeof packet, "30 07 00 01 61 03 23 %04x", alias);
    return rig_feed(r, packet);
}

static void mqtt5_3_1_2_26_an_alias_above_our_maximum_is_refused(void **state)
{
    struct rig *r = *state;

    for (unsigned maximum = 1; maximum <= 3; maximum++) {
        assert_int_equal(feed_alias(r, maximum, maximum), 0);
        expect_fault(r, feed_alias(r, maximum, maximum + 1), "94");
        expect_fault(r, feed_alias(r, maximum, 65535), "94");
    }
}

static void mqtt5_3_1_2_27_without_a_maximum_any_alias_is_refused(void **state)
{
    struct rig *r = *state;

    expect_fault(r, feed_alias(r, 0, 1), "94");
    expect_fault(r, feed_alias(r, 0, 2), "94");
    expect_fault(r, feed_alias(r, 0, 65535), "94");
}

/* What was not asked for ------------------------------------------------------ */

static void mqtt5_3_1_2_28_response_information_has_to_be_asked_for(void **s)
{
    struct hawser_property p = {.id = HAWSER_PROP_REQUEST_RESPONSE_INFO};
    struct rig *r = *s;

    for (unsigned asked = 0; asked < 3; asked++) { /* by 0, by 1, not at all */
        rig_prepare(r, HAWSER_MQTT_5);
        p.number = asked;
        r->cfg.properties = &p;
        r->cfg.property_count = asked < 2 ? 1 : 0;
        rig_open(r);
        if (asked == 1) {
            TAKES(r, "20 07 00 00 04 1A 00 01 78");
            REPORTS(r, "CONNECTED session=0 props=1a 00 01 78\n");
        } else {
            expect_fault(r, rig_feed(r, "20 07 00 00 04 1A 00 01 78"), "82");
        }
    }
}

/* What the client makes of these properties in each packet of a server: for 1
 * it asked for problem information, for 0 it declined. */
static void expect_silence(struct rig *r, const char *properties,
                           uint32_t asked)
{
    const struct hawser_property all[] = {
        {.id = HAWSER_PROP_REQUEST_PROBLEM_INFO, .number = asked},
        {.id = HAWSER_PROP_AUTH_METHOD, .value = TEXT("m")}};

    for (size_t i = 0; i < spec_packet_count; i++) {
        const struct spec_packet *p = &spec_packets[i];
        bool may_say = p->first == 0x20 || p->first == 0x30 || p->first == 0xE0;

        spec_prepare(r, p);
        r->cfg.properties = all;
        r->cfg.property_count = p->first == 0xF0 ? 2 : 1;
        spec_open(r, p);
        if (p->first == 0x30 && properties[1] == 'F') {
            continue; /* PUBLISH has no reason string at all */
        }
        if (may_say || asked == 1) {
            assert_int_equal(spec_feed(r, p, properties), 0);
        } else {
            expect_fault(r, spec_feed(r, p, properties), "82");
        }
    }
}

static void
mqtt5_3_1_2_29_problem_information_that_was_declined_is_refused(void **state)
{
    struct rig *r = *state;

    for (uint32_t asked = 0; asked < 2; asked++) {
        expect_silence(r, "1F 00 01 78", asked);
        expect_silence(r, "26 00 01 61 00 01 78", asked);
    }
}

static void
mqtt5_3_1_2_30_with_a_method_only_auth_and_disconnect_are_early(void **state)
{
    const struct hawser_property method = {.id = HAWSER_PROP_AUTH_METHOD,
                                           .value = TEXT("m")};
    const struct hawser_properties none = {NULL, 0};
    const struct hawser_filter f = {.topic_filter = TEXT("a")};
    struct rig *r = *state;
    uint16_t id;

    for (int is_ended = 0; is_ended < 2; is_ended++) {
        rig_prepare(r, HAWSER_MQTT_5);
        r->cfg.sends_early = true; /* which a method overrules */
        r->cfg.properties = &method;
        r->cfg.property_count = 1;
        rig_open(r);
        for (int asked = 0; asked < 2; asked++) {
            for (uint8_t qos = 0; qos < 3; qos++) {
                assert_int_equal(rig_publish(r, qos, "a", "", &id),
                                 HAWSER_E_STATE);
            }
            assert_int_equal(hawser_subscribe(&r->c, 0, &f, 1, &id),
                             HAWSER_E_STATE);
            assert_int_equal(
                hawser_unsubscribe(&r->c, 0, &f.topic_filter, 1, &id),
                HAWSER_E_STATE);
            assert_int_equal(hawser_tick(&r->c, r->now_ms + 10000), 0);
            SENDS(r, ""); /* no PINGREQ either */
            if (asked == 0) {
                TAKES(r, "F0 06 18 04 " METHOD);
            }
        }
        if (is_ended == 1) {
            assert_int_equal(hawser_disconnect(&r->c, r->now_ms, 0), 0);
            SENDS(r, "e0 00");
            continue;
        }
        assert_int_equal(hawser_auth(&r->c, r->now_ms, 0x18, &none), 0);
        SENDS(r, "f0 06 18 04 " METHOD);
        TAKES(r, "20 07 00 00 04 " METHOD);
        PUBLISHES(r, 0, "a"); /* from now on */
        SENDS(r, "30 05 00 01 61 00 78");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mqtt5_3_1_2_20_a_silent_client_sends_pingreq_in_time),
        cmocka_unit_test(mqtt5_3_1_2_21_the_server_s_keep_alive_replaces_ours),
        cmocka_unit_test(mqtt5_3_2_2_21_the_server_s_keep_alive_is_used),
        cmocka_unit_test(mqtt5_3_1_2_24_a_packet_above_our_maximum_is_refused),
        cmocka_unit_test(mqtt5_3_1_2_26_an_alias_above_our_maximum_is_refused),
        cmocka_unit_test(mqtt5_3_1_2_27_without_a_maximum_any_alias_is_refused),
        cmocka_unit_test(
            mqtt5_3_1_2_28_response_information_has_to_be_asked_for),
        cmocka_unit_test(
            mqtt5_3_1_2_29_problem_information_that_was_declined_is_refused),
        cmocka_unit_test(
            mqtt5_3_1_2_30_with_a_method_only_auth_and_disconnect_are_early),
    };

    return cmocka_run_group_tests(tests, spec_set_up, NULL);
}
