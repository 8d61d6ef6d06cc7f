/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Publishing: what the broker's limits make of a message, which errors are for
 * now and which for ever, and what becomes of a message that is out.
 */
#include "device/outgoing.h"

#include "device/lasting.h"
#include "device/losses.h"
#include "device/outbox.h"
#include "device/session.h"
#include "device/status.h"
#include "device/telemetry_test.h"

static struct hawser_view view(const char *text)
{
    return (struct hawser_view){(const uint8_t *)text, strlen(text)};
}

static struct hwi_outgoing event(const char *payload)
{
    return (struct hwi_outgoing){.kind = HWI_KIND_EVENT,
                                 .word = "event",
                                 .payload = view(payload),
                                 .qos = 1};
}

/* Online, and from now on the broker keeps its PUBACKs to itself. */
static struct hawser_device *go_online(struct rig *r)
{
    r->config.interval_s = 86400;
    rig_online(r);
    r->fake.broker.ignores_publish = true;
    return &r->device;
}

static uint16_t packet_id(const struct hawser_device *d, enum hwi_kind kind)
{
    for (size_t i = 0; i < HWI_FLIGHTS_MAX; i++) {
        if (d->flights[i].packet_id != 0 && d->flights[i].kind == kind) {
            return d->flights[i].packet_id;
        }
    }
    return 0;
}

/* Sending ------------------------------------------------------------------- */

static void test_send_qos_1_is_out_until_its_puback(void **state)
{
    struct rig *r = *state;
    struct hawser_device *d = go_online(r);
    struct hwi_outgoing m = event("{}");

    m.retain = true;
    assert_int_equal(hwi_outgoing_send(d, &m), 0);
    assert_int_equal(hwi_outgoing_count(d, HWI_KIND_EVENT), 1);
    assert_int_equal(hwi_outgoing_count(d, HWI_KIND_STATUS), 0);
    rig_run(r, 10);
    assert_string_equal(last(r, "/esp32_factory_001/event"), "{}");
    assert_true(fake_broker_find(&r->fake.broker, "/event", "{}", 0)->retain);
    hwi_outgoing_acked(d, packet_id(d, HWI_KIND_EVENT), 0);
    assert_int_equal(hwi_outgoing_count(d, HWI_KIND_EVENT), 0);
}

static void test_send_qos_0_is_not_waited_for(void **state)
{
    struct rig *r = *state;
    struct hawser_device *d = go_online(r);
    struct hwi_outgoing m = event("{}");

    m.qos = 0;
    assert_int_equal(hwi_outgoing_send(d, &m), 0);
    assert_int_equal(hwi_outgoing_count(d, HWI_KIND_EVENT), 0);
}

static void test_send_keeps_to_what_the_broker_can(void **state)
{
    struct rig *r = *state;
    const struct fake_message *sent;
    struct hawser_device *d;
    struct hwi_outgoing m = event("{}");

    r->fake.broker.maximum_qos = 0;
    r->fake.broker.retain_unavailable = true;
    d = go_online(r);
    m.retain = true;
    assert_int_equal(hwi_outgoing_send(d, &m), 0);
    rig_run(r, 10);
    sent = fake_broker_find(&r->fake.broker, "/event", "", 0);
    assert_non_null(sent);
    assert_int_equal(sent->qos, 0);
    assert_false(sent->retain);
}

static void test_send_to_has_its_topic_and_correlation(void **state)
{
    struct rig *r = *state;
    struct hawser_device *d = go_online(r);
    struct hawser_property correlation = {.id = HAWSER_PROP_CORRELATION_DATA,
                                          .value = view("c-1")};
    struct hwi_outgoing m = event("{}");

    assert_int_equal(hwi_outgoing_send_to(d, &m, view("a/b"), &correlation), 0);
    rig_run(r, 10);
    assert_string_equal(
        fake_broker_find(&r->fake.broker, "/esp32_factory_001/a/b", "", 0)
            ->correlation,
        "c-1");
}

static void test_send_without_payload_never_goes(void **state)
{
    struct rig *r = *state;
    struct hawser_device *d = go_online(r);
    struct hwi_outgoing m = event("");

    m.payload.at = NULL; /* it did not fit where it was written */
    assert_int_equal(hwi_outgoing_send(d, &m), HAWSER_E_ARG);
    assert_int_equal(fake_logged(&r->fake, "refused", "code=message_invalid"),
                     1);
}

static void test_send_larger_than_the_broker_takes_never_goes(void **state)
{
    static char text[700];
    struct rig *r = *state;
    struct hawser_property correlation = {.id = HAWSER_PROP_CORRELATION_DATA};
    struct hawser_device *d;
    struct hwi_outgoing m;

    r->fake.broker.maximum_packet = 600;
    d = go_online(r);
    memset(text, 'x', sizeof(text) - 1);
    m = event(text);
    assert_int_equal(hwi_outgoing_send(d, &m), HAWSER_E_LIMIT);
    m.payload.len = 500;
    correlation.value = (struct hawser_view){(const uint8_t *)text, 100};
    assert_int_equal(hwi_outgoing_send_to(d, &m, view("event"), &correlation),
                     HAWSER_E_LIMIT);
    assert_int_equal(fake_logged(&r->fake, "refused", "code=message_too_large"),
                     2);
    assert_int_equal(hwi_outgoing_send(d, &m), 0);
}

static void test_send_no_room_is_only_for_now(void **state)
{
    struct rig *r = *state;
    struct hawser_device *d;
    struct hwi_outgoing m = event("{}");

    r->fake.broker.receive_maximum = 2;
    d = go_online(r);
    assert_int_equal(hwi_outgoing_send(d, &m), 0);
    assert_int_equal(hwi_outgoing_send(d, &m), 0);
    assert_int_equal(hwi_outgoing_send(d, &m), HAWSER_E_FULL);
    assert_int_equal(hwi_outgoing_count(d, HWI_KIND_EVENT), 2);
    assert_int_equal(fake_logged(&r->fake, "refused", ""), 0);
}

static void test_send_no_flight_free_is_only_for_now(void **state)
{
    struct rig *r = *state;
    struct hawser_device *d = go_online(r);
    struct hwi_outgoing m = event("{}");

    for (uint16_t i = 0; i < HWI_FLIGHTS_MAX; i++) {
        d->flights[i] = (struct hwi_flight){.packet_id = (uint16_t)(100 + i)};
    }
    assert_int_equal(hwi_outgoing_send(d, &m), HAWSER_E_FULL);
}

/* Acknowledgements ---------------------------------------------------------- */

static void test_acked_unknown_packet_is_ignored(void **state)
{
    struct rig *r = *state;
    struct hawser_device *d = go_online(r);
    struct hwi_outgoing m = event("{}");

    assert_int_equal(hwi_outgoing_send(d, &m), 0);
    hwi_outgoing_acked(d, 999, 0);
    assert_int_equal(hwi_outgoing_count(d, HWI_KIND_EVENT), 1);
}

static void test_acked_refused_is_logged_and_gone(void **state)
{
    struct rig *r = *state;

    r->config.interval_s = 10;
    rig_online(r);
    r->fake.broker.puback = 0x97;
    rig_run(r, 10 * 1000);
    r->fake.broker.puback = 0x80;
    rig_run(r, 10 * 1000);
    r->fake.broker.puback = 0x10; /* nobody listens: that is no refusal */
    rig_run(r, 10 * 1000);
    assert_int_equal(
        fake_logged(&r->fake, "refused",
                    "code=message_refused reason=151 topic=data seq=2"),
        1);
    assert_int_equal(
        fake_logged(&r->fake, "refused", "reason=128 topic=data seq=3"), 1);
    assert_int_equal(fake_logged(&r->fake, "refused", "topic=data"), 2);
    assert_int_equal(hawser_device_state(&r->device), HAWSER_DEVICE_ONLINE);
    assert_seqs(r, 0, 1, 4);
    assert_int_equal(counters(r)->published, 2);
    assert_int_equal(hwi_outbox_count(&r->device.outbox), 0);
    /* Lost, and told so: as exactly as what memory had no room for. */
    assert_int_equal(counters(r)->dropped, 2);
    assert_int_equal(told(r, "/event", "telemetry_lost"), 2);
}

static void test_acked_not_authorised_names_the_acl(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    r->fake.broker.puback = 0x87;
    rig_command(r, "{\"command\":\"ping\"}");
    rig_run(r, 100);
    assert_true(fake_logged(&r->fake, "refused", "topic=status detail=the") >
                0);
    assert_true(fake_logged(&r->fake, "refused", "topic=reply detail=the") > 0);
}

static void test_is_unproven_until_the_first_of_a_kind_is_acked(void **state)
{
    struct rig *r = *state;
    struct hawser_device *d = go_online(r);
    struct hwi_outgoing m = event("{}");

    m.kind = HWI_KIND_REPLY; /* there has been none yet */
    assert_false(hwi_outgoing_is_unproven(d));
    assert_int_equal(hwi_outgoing_send(d, &m), 0);
    assert_true(hwi_outgoing_is_unproven(d));
    hwi_outgoing_acked(d, packet_id(d, HWI_KIND_REPLY), 0);
    assert_false(hwi_outgoing_is_unproven(d));
    assert_int_equal(hwi_outgoing_send(d, &m), 0);
    assert_false(hwi_outgoing_is_unproven(d)); /* one got through before */
}

/* The window ---------------------------------------------------------------- */

static void test_window_is_half_of_what_may_be_out(void **state)
{
    static const struct {
        uint16_t receive_maximum;
        size_t slots;
        unsigned window;
    } rows[] = {{0, 16, 8}, {10, 16, 5}, {3, 16, 1}, {1, 16, 1},
                {0, 4, 2},  {0, 24, 12}, {0, 99, 12}};
    struct rig *r = *state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        rig_init(r);
        r->fake.broker.receive_maximum = rows[i].receive_maximum;
        rig_online(r);
        r->device.memory.slot_count = rows[i].slots;
        assert_int_equal(hwi_outgoing_window(&r->device), rows[i].window);
    }
}

/* Reset --------------------------------------------------------------------- */

static void test_reset_gives_telemetry_back(void **state)
{
    struct rig *r = *state;
    struct hawser_device *d = go_online(r);
    struct hwi_entry entry = {.seq = 50};
    struct hwi_outgoing m = event("{}");

    hwi_outbox_add(&d->outbox, &entry);
    assert_true(hwi_outbox_next(&d->outbox, &entry));
    assert_true(hwi_outbox_mark(&d->outbox, entry.ticket, HWI_ENTRY_SENT));
    d->flights[3] = (struct hwi_flight){7, HWI_KIND_DATA, 50, entry.ticket};
    assert_int_equal(hwi_outgoing_send(d, &m), 0);
    hwi_outgoing_reset(d);
    assert_true(hwi_outbox_next(&d->outbox, &entry));
    assert_int_equal(entry.seq, 50);
    for (int kind = 0; kind < HWI_KINDS; kind++) {
        assert_int_equal(hwi_outgoing_count(d, (enum hwi_kind)kind), 0);
    }
}

static void test_reset_tells_again_what_was_lost(void **state)
{
    struct rig *r = *state;
    struct hawser_device *d = go_online(r);

    hwi_losses_add(&d->outbox.state.losses, 1, 7);
    assert_int_equal(hwi_status_send_lost(d), 0);
    assert_int_equal(hwi_outgoing_count(d, HWI_KIND_LOST), 1);
    assert_int_equal(hwi_status_send_lost(d), 0); /* not while it is out */
    assert_int_equal(hwi_outgoing_count(d, HWI_KIND_LOST), 1);
    hwi_outgoing_reset(d);
    assert_int_equal(hwi_status_send_lost(d), 0);
    hwi_outgoing_acked(d, packet_id(d, HWI_KIND_LOST), 0x87);
    assert_int_equal(d->outbox.state.losses.count, 1); /* it was refused */
    assert_int_equal(hwi_status_send_lost(d), 0);
    hwi_losses_add(&d->outbox.state.losses, 1, 8);
    hwi_outgoing_acked(d, packet_id(d, HWI_KIND_LOST), 0);
    assert_int_equal(d->outbox.state.losses.count, 1);
    assert_int_equal(d->outbox.state.losses.ranges[0].from, 8);
    assert_true((d->session.due & HWI_DUE_LOST) != 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(test_send_qos_1_is_out_until_its_puback),
        STORY(test_send_qos_0_is_not_waited_for),
        STORY(test_send_keeps_to_what_the_broker_can),
        STORY(test_send_to_has_its_topic_and_correlation),
        STORY(test_send_without_payload_never_goes),
        STORY(test_send_larger_than_the_broker_takes_never_goes),
        STORY(test_send_no_room_is_only_for_now),
        STORY(test_send_no_flight_free_is_only_for_now),
        STORY(test_acked_unknown_packet_is_ignored),
        STORY(test_acked_refused_is_logged_and_gone),
        STORY(test_acked_not_authorised_names_the_acl),
        STORY(test_is_unproven_until_the_first_of_a_kind_is_acked),
        STORY(test_window_is_half_of_what_may_be_out),
        STORY(test_reset_gives_telemetry_back),
        STORY(test_reset_tells_again_what_was_lost),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
