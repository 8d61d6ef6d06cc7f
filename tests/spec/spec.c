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
