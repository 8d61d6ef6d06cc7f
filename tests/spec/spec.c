/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests of the standards' rules share. [spec.h]
 */
#include "spec.h"

int spec_set_up(void **state)
{
    static struct rig r;

    *state = &r;
    return 0;
}

const char *const spec_ill_formed[] = {
    "61 FF",       /* no byte of UTF-8 */
    "80",          /* continues nothing */
    "C3",          /* ends too early */
    "E2 82 61",    /* the same, before another */
    "C0 80",       /* U+0000 in two bytes */
    "E0 80 AF",    /* a slash in three */
    "ED A0 80",    /* U+D800, a surrogate */
    "ED BF BF",    /* U+DFFF, the last of them */
    "F4 90 80 80", /* above U+10FFFF */
    NULL,
};

int spec_receive_topic(struct rig *r, const char *topic)
{
    bool is_v5 = r->cfg.version == HAWSER_MQTT_5;
    struct hex h;
    size_t len = hex_read(&h, topic).len;
    char packet[200];

    (void)snprintf(packet, sizeof packet, "30 %02zx 00 %02zx %s %s",
                   len + (is_v5 ? 3 : 2), len, topic, is_v5 ? "00" : "");
    return rig_feed(r, packet);
}

/* A configuration with this string in one field: 0 id, 1 user name, 2 will. */
static void expect_no_client(struct rig *r, enum hawser_version version,
                             struct hawser_view text, int field)
{
    const struct hawser_message will = {.topic = text};

    rig_prepare(r, version);
    if (field == 0) {
        r->cfg.client_id = text;
    } else if (field == 1) {
        r->cfg.username = text;
    } else {
        r->cfg.will = &will;
    }
    assert_int_equal(hawser_init(&r->c, &r->cfg), HAWSER_E_ARG);
}

void spec_refuses_string(struct rig *r, enum hawser_version version,
                         const char *string)
{
    struct hex h;
    const struct hawser_view text = hex_read(&h, string);
    const struct hawser_filter filter = {.topic_filter = text};
    const struct hawser_message m = {.topic = text};
    uint16_t id;

    for (int field = 0; field < 3; field++) {
        expect_no_client(r, version, text, field);
    }
    rig_start(r, version);
    assert_int_equal(hawser_publish(&r->c, 0, &m, &id), HAWSER_E_ARG);
    assert_int_equal(hawser_subscribe(&r->c, 0, &filter, 1, &id), HAWSER_E_ARG);
    assert_int_equal(hawser_unsubscribe(&r->c, 0, &text, 1, &id), HAWSER_E_ARG);
    SENDS(r, "");
    assert_int_equal(spec_receive_topic(r, string), HAWSER_E_MALFORMED);
    assert_false(hawser_is_connected(&r->c));
}

/* Packets of 5.0 with properties ---------------------------------------------- */

#define METHOD "15 00 01 6d"

const struct spec_packet spec_packets[] = {
    {0x20, "00 00", "", ""},    {0x30, "00 01 61", "", "68"},
    {0x40, "00 01 00", "", ""}, {0x50, "00 02 00", "", ""},
    {0x62, "00 07 00", "", ""}, {0x70, "00 02 00", "", ""},
    {0x90, "00 03", "", "01"},  {0xB0, "00 04", "", "00"},
    {0xE0, "8B", "", ""},       {0xF0, "18", METHOD, ""},
};
const size_t spec_packet_count = sizeof spec_packets / sizeof spec_packets[0];

void spec_prepare(struct rig *r, const struct spec_packet *p)
{
    static const struct hawser_property asked[] = {
        {.id = HAWSER_PROP_REQUEST_RESPONSE_INFO, .number = 1},
        {.id = HAWSER_PROP_AUTH_METHOD, .value = {(const uint8_t *)"m", 1}}};
    static uint8_t aliases[60];

    rig_prepare(r, HAWSER_MQTT_5);
    r->cfg.properties = asked;
    r->cfg.property_count = p->first == 0xF0 ? 2 : 1;
    r->cfg.alias_in_count = 3;
    r->cfg.aliases_in = (struct hawser_span){aliases, sizeof aliases};
}

void spec_await(struct rig *r, const struct spec_packet *p)
{
    spec_prepare(r, p);
    spec_open(r, p);
}

void spec_open(struct rig *r, const struct spec_packet *p)
{
    rig_open(r);
    if (p->first == 0x20 || p->first == 0xF0) {
        return;
    }
    TAKES(r, "20 03 00 00 00");
    PUBLISHES(r, 1, "a");           /* 1 */
    PUBLISHES(r, 2, "a");           /* 2 */
    (void)rig_subscribe(r, "a", 1); /* 3 */
    if (p->first == 0x62) {
        TAKES(r, "34 06 00 01 61 00 07 00");
        ACCEPTS(r, 7);
    } else if (p->first == 0x70) {
        TAKES(r, "50 02 00 02");
    } else if (p->first == 0xB0) {
        TAKES(r, "90 04 00 03 00 01");
        (void)rig_unsubscribe(r, "a"); /* 4 */
    }
    (void)rig_out(r);
    (void)rig_log(r);
}

static size_t bytes_in(const char *hex)
{
    struct hex h;

    return hex_read(&h, hex).len;
}

int spec_feed(struct rig *r, const struct spec_packet *p,
              const char *properties)
{
    size_t len = bytes_in(p->least) + bytes_in(properties);
    size_t whole = bytes_in(p->before) + 1 + len + bytes_in(p->after);
    char packet[1200];

    assert_true(whole < 128);
    (void)snprintf(packet, sizeof packet, "%02x %02zx %s %02zx %s %s %s",
                   p->first, whole, p->before, len, p->least, properties,
                   p->after);
    return rig_feed(r, packet);
}

int spec_connack(struct rig *r, const char *properties)
{
    return spec_feed(r, &spec_packets[0], properties);
}
