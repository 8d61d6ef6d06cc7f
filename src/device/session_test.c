/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The session: the floor of the clock, messages on its topics, a stale status,
 * limits of the broker, and what the end of a connection means. Refusals and
 * losses: supervisor_mqtt_test.c.
 */
#include "device/story_test.h"

#include "device/control.h"
#include "device/session.h"

#define STATUS "hawser/esp32_factory_001/status"

/* Opening ------------------------------------------------------------------- */

static void test_open_state_cannot_be_saved_goes_on(void **state)
{
    struct rig *r = *state;

    rig_start(r);
    r->fake.flash.is_broken = true;
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 60000));
    assert_true(fake_logged(&r->fake, "alert", "code=storage") > 0);
}

static void test_open_first_is_clean_later_ones_resume(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    assert_true(r->fake.broker.clean_start);
    fake_broker_close(&r->fake.broker);
    rig_run(r, 0);
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 60000));
    assert_false(r->fake.broker.clean_start);
}

static void test_open_events_stay_due_the_rest_does_not(void **state)
{
    struct rig *r = *state;

    rig_start(r);
    r->device.retained_refused = 1;
    hwi_session_say(&r->device, HWI_DUE_RETAINED | HWI_DUE_PONG);
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 60000));
    rig_run(r, 100);
    assert_int_equal(told(r, "/event", "command_refused"), 1);
    assert_int_equal(told(r, "/status", "pong"), 0);
}

/* The floor ------------------------------------------------------------------ */

static void reconnect(struct rig *r)
{
    fake_broker_close(&r->fake.broker);
    rig_run(r, 0);
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 60000));
}

static void test_connected_checked_certificate_raises_the_floor(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    assert_int_equal(r->device.clock.floor_s, 1780000000);
    rig_reboot(r);
    assert_int_equal(r->device.clock.floor_s, 1780000000);
}

static void test_connected_dates_by_floor_leave_the_floor(void **state)
{
    struct rig *r = *state;

    r->config.time_server_count = 0;
    rig_online(r);
    assert_int_equal(r->device.clock.floor_s, r->config.build_time_s);
    assert_int_equal(r->device.lasting.floor_s, 0);
}

static void test_connected_time_lost_meanwhile_leaves_the_floor(void **state)
{
    struct rig *r = *state;

    r->fake.broker.ignores_connect = true;
    rig_start(r);
    assert_true(rig_run_until(r, HAWSER_DEVICE_CONNACK, 10000));
    rig_run(r, 10);
    r->device.clock.confidence = 1;
    fake_broker_raw(&r->fake.broker, (const uint8_t *)"\x20\x03\0\0\0", 5);
    rig_run(r, 10);
    assert_int_equal(counters(r)->connections, 1);
    assert_int_equal(r->device.lasting.floor_s, 0);
}

static void test_connected_time_found_meanwhile_leaves_the_floor(void **state)
{
    struct rig *r = *state;

    r->fake.broker.ignores_connect = true;
    rig_start(r);
    assert_true(rig_run_until(r, HAWSER_DEVICE_CONNACK, 10000));
    rig_run(r, 10);
    /* The handshake came before: nobody has checked the dates. */
    r->device.session.security.dates_by_floor = true;
    fake_broker_raw(&r->fake.broker, (const uint8_t *)"\x20\x03\0\0\0", 5);
    rig_run(r, 10);
    assert_int_equal(counters(r)->connections, 1);
    assert_int_equal(r->device.lasting.floor_s, 0);
}

static void test_connected_older_certificate_leaves_the_floor(void **state)
{
    struct rig *r = *state;

    r->fake.security.peer_not_before_s = 1760000000; /* the build time */
    rig_online(r);
    assert_int_equal(r->device.lasting.floor_s, 0);
}

static void test_connected_floor_is_saved_once_a_day(void **state)
{
    struct rig *r = *state;

    r->config.interval_s = 86400;
    rig_online(r);
    r->fake.security.peer_not_before_s = 1785000000;
    reconnect(r);
    assert_int_equal(r->device.lasting.floor_s, 1780000000);
    rig_run(r, 86400 * 1000);
    reconnect(r);
    assert_int_equal(r->device.lasting.floor_s, 1785000000);
}

/* Messages ------------------------------------------------------------------- */

static void publish(struct rig *r, const char *topic, const char *payload,
                    uint16_t packet_id)
{
    struct fake_publish p = {
        .topic = topic, .payload = payload, .packet_id = packet_id};

    fake_broker_publish(&r->fake.broker, &p);
    rig_run(r, 10);
}

static void test_message_stale_status_is_corrected(void **state)
{
    static const struct {
        const char *payload;
        unsigned corrections;
    } rows[] = {
        /* A will that came late; another client with our id. */
        {"{\"device\":\"esp32_factory_001\",\"status\":\"offline\","
         "\"session\":0}",
         1},
        {"{\"device\":\"esp32_factory_001\",\"status\":\"offline\"}", 1},
        {"{\"device\":\"esp32_factory_001\",\"status\":\"offline\","
         "\"session\":1}",
         1},
        {"{\"device\":\"esp32_factory_001\",\"status\":\"online\","
         "\"session\":0}",
         1},
        /* Ours, somebody else's, or nothing that can be read. */
        {"{\"device\":\"esp32_factory_001\",\"status\":\"online\","
         "\"session\":1}",
         0},
        {"{\"device\":\"esp32_factory_001\",\"status\":\"pong\"}", 0},
        {"{\"device\":\"esp32_factory_001\",\"status\":\"OFFLINE\"}", 0},
        {"{\"device\":\"esp32_factory_001\",\"session\":\"0\"}", 0},
        {"{\"device\":\"esp32_factory_001\"}", 0},
        {"{\"device\":\"esp32_factory_002\",\"status\":\"offline\"}", 0},
        {"{\"device\":\"esp32_factory_0011\",\"status\":\"offline\"}", 0},
        {"{\"device\":\"esp32_factory_00\",\"status\":\"offline\"}", 0},
        {"{\"device\":7,\"status\":\"offline\"}", 0},
        {"{\"status\":\"offline\"}", 0},
        {"offline", 0},
        {"{", 0},
    };
    struct rig *r = *state;

    rig_online(r);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        unsigned before = told(r, "/status", "\"online\"");
        unsigned pubacks = r->fake.broker.pubacks;
        publish(r, STATUS, rows[i].payload, (uint16_t)(100 + i));
        assert_int_equal(told(r, "/status", "\"online\"") - before,
                         rows[i].corrections);
        assert_int_equal(r->fake.broker.pubacks, pubacks + 1);
        assert_int_equal(r->fake.broker.last_puback_reason, 0);
    }
}

static void test_message_status_too_long_is_taken_and_ignored(void **state)
{
    static char text[3000];
    struct rig *r = *state;
    unsigned pubacks;

    /* Whole pieces of it would be stale statuses. */
    memset(text, ' ', sizeof(text) - 1);
    memcpy(text, "{\"device\":\"esp32_factory_001\",\"status\":\"offline\"}",
           strlen("{\"device\":\"esp32_factory_001\",\"status\":\"offline\"}"));
    memcpy(text + 2900,
           "{\"device\":\"esp32_factory_001\",\"status\":\"offline\"}",
           strlen("{\"device\":\"esp32_factory_001\",\"status\":\"offline\"}"));
    rig_online(r);
    pubacks = r->fake.broker.pubacks;
    publish(r, STATUS, text, 9);
    assert_int_equal(r->fake.broker.pubacks, pubacks + 1);
    assert_int_equal(told(r, "/status", "\"online\""), 1);
}

static void test_message_on_another_topic_is_taken_and_ignored(void **state)
{
    struct rig *r = *state;
    unsigned messages;

    rig_online(r);
    messages = r->fake.broker.message_count;
    publish(r, "hawser/esp32_factory_001/data",
            "{\"device\":\"esp32_factory_001\",\"status\":\"offline\"}", 9);
    assert_int_equal(r->fake.broker.pubacks, 1);
    publish(r, "hawser/reconnecu", "{\"window_s\":600}", 0);
    assert_int_equal(r->device.lasting.window_s, 0);
    publish(r, "hawser/esp32_factory_002/control", "{\"command\":\"ping\"}", 0);
    assert_int_equal(r->fake.broker.pubacks, 1);
    assert_int_equal(r->fake.broker.message_count, messages);
    assert_int_equal(counters(r)->commands, 0);
}

static void test_accept_what_does_not_wait_is_only_logged(void **state)
{
    struct rig *r = *state;
    struct hawser_event ev = {
        .kind = HAWSER_EVENT_MESSAGE, .qos = 1, .packet_id = 77};

    rig_online(r);
    hwi_session_accept(&r->device, &ev, 0);
    assert_int_equal(fake_logged(&r->fake, "refused", "code=late"), 1);
    ev.qos = 0;
    hwi_session_accept(&r->device, &ev, 0);
    assert_int_equal(fake_logged(&r->fake, "refused", "code=late"), 1);
}

static void test_event_without_handler_is_ignored(void **state)
{
    const struct hawser_event ev = {.kind = HAWSER_EVENT_UNSUBSCRIBED};
    struct rig *r = *state;

    rig_online(r);
    hwi_session_event(&r->device, &ev);
    assert_int_equal(r->device.session.cause, HAWSER_CAUSE_NONE);
}

static void test_subscribed_no_code_is_permission(void **state)
{
    struct hawser_event ev = {.kind = HAWSER_EVENT_SUBSCRIBED};
    struct rig *r = *state;

    rig_online(r);
    hwi_session_event(&r->device, &ev);
    assert_int_equal(r->device.session.cause, HAWSER_CAUSE_MQTT_PERMISSION);
    r->device.session.cause = HAWSER_CAUSE_NONE;
    r->device.session.is_granted = false;
    ev.reasons = (struct hawser_view){(const uint8_t *)"\x01", 1};
    hwi_session_event(&r->device, &ev);
    assert_int_equal(r->device.session.cause, HAWSER_CAUSE_NONE);
    assert_true(r->device.session.is_granted);
}

static void test_refused_bad_method_is_a_login(void **state)
{
    const struct hawser_event ev = {.kind = HAWSER_EVENT_REFUSED,
                                    .reason = 0x8C};
    struct rig *r = *state;

    rig_start(r);
    hwi_session_event(&r->device, &ev);
    assert_int_equal(r->device.session.cause, HAWSER_CAUSE_MQTT_NOT_AUTHORISED);
}

/* Publishing ----------------------------------------------------------------- */

static void test_pump_receive_maximum_of_one_says_all(void **state)
{
    struct rig *r = *state;

    r->fake.broker.receive_maximum = 1;
    rig_online(r);
    assert_int_equal(told(r, "/status", "\"online\""), 1);
    assert_int_equal(told(r, "/security", ""), 1);
    assert_int_equal(told(r, "/data", ""), 1);
}

static void test_pump_without_qos_1_and_retain_says_all(void **state)
{
    struct rig *r = *state;

    r->fake.broker.maximum_qos = 0;
    r->fake.broker.retain_unavailable = true;
    rig_online(r);
    assert_int_equal(told(r, "/status", "\"online\""), 1);
    assert_int_equal(told(r, "/security", ""), 1);
    assert_int_equal(told(r, "/data", ""), 1);
    for (unsigned i = 0; i < r->fake.broker.message_count; i++) {
        assert_int_equal(r->fake.broker.messages[i].qos, 0);
        assert_false(r->fake.broker.messages[i].retain);
    }
}

static void test_pump_message_too_large_is_left_out(void **state)
{
    struct rig *r = *state;

    r->fake.broker.maximum_packet = 300; /* security is longer */
    rig_online(r);
    assert_int_equal(hawser_device_state(&r->device), HAWSER_DEVICE_ONLINE);
    assert_int_equal(told(r, "/security", ""), 0);
    assert_true(fake_logged(&r->fake, "refused", "code=message_too_large") > 0);
    assert_int_equal(told(r, "/data", "\"seq\":1,"), 1);
}

/* The end -------------------------------------------------------------------- */

static void test_cause_disconnect_with_reason_is_no_permission(void **state)
{
    static const uint8_t packet[] = {0xE0, 2, 0x8B, 0}; /* shutting down */
    struct rig *r = *state;

    rig_online(r);
    rig_run(r, 29000);
    r->fake.broker.ignores_publish = true;
    rig_run(r, 2000); /* telemetry is out, nothing of a kind is unproven */
    fake_broker_raw(&r->fake.broker, packet, sizeof(packet));
    rig_run(r, 0);
    assert_int_equal(fake_logged(&r->fake, "offline", "cause=mqtt_kicked"), 1);
    assert_int_equal(fake_logged(&r->fake, "offline", "reason=139"), 1);
}

static void test_cause_unproven_but_disconnected_is_kicked(void **state)
{
    struct rig *r = *state;
    struct hwi_session *s = &r->device.session;

    rig_online(r);
    s->unanswered = HWI_DUE_SUBSCRIBE;
    assert_int_equal(hwi_session_cause(&r->device, HAWSER_CAUSE_CLOSED),
                     HAWSER_CAUSE_MQTT_PERMISSION);
    s->is_ended = true;
    assert_int_equal(hwi_session_cause(&r->device, HAWSER_CAUSE_CLOSED),
                     HAWSER_CAUSE_MQTT_KICKED);
    r->device.now_ms = s->connected_ms + 60000;
    assert_int_equal(hwi_session_cause(&r->device, HAWSER_CAUSE_CLOSED),
                     HAWSER_CAUSE_CLOSED);
    assert_int_equal(hwi_session_cause(&r->device, HAWSER_CAUSE_PING_LOST),
                     HAWSER_CAUSE_PING_LOST);
    s->cause = HAWSER_CAUSE_MQTT_TAKEN_OVER;
    assert_int_equal(hwi_session_cause(&r->device, HAWSER_CAUSE_CLOSED),
                     HAWSER_CAUSE_MQTT_TAKEN_OVER);
}

static int say_nothing_of_tls(void *ctx, struct hawser_security *out)
{
    (void)ctx;
    (void)out;
    return HAWSER_E_STATE;
}

/* What is not known of a line proves nothing, and ends no session. */
static void test_connected_port_tells_no_tls_leaves_the_floor(void **state)
{
    struct rig *r = *state;

    r->fake.port.stream_security = say_nothing_of_tls;
    rig_online(r);
    assert_int_equal(r->device.lasting.floor_s, 0);
    assert_false(r->device.clock.is_proven);
    assert_int_equal(told(r, "/status", "\"online\""), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(test_open_state_cannot_be_saved_goes_on),
        STORY(test_open_first_is_clean_later_ones_resume),
        STORY(test_open_events_stay_due_the_rest_does_not),
        STORY(test_connected_checked_certificate_raises_the_floor),
        STORY(test_connected_dates_by_floor_leave_the_floor),
        STORY(test_connected_time_lost_meanwhile_leaves_the_floor),
        STORY(test_connected_time_found_meanwhile_leaves_the_floor),
        STORY(test_connected_older_certificate_leaves_the_floor),
        STORY(test_connected_floor_is_saved_once_a_day),
        STORY(test_message_stale_status_is_corrected),
        STORY(test_message_status_too_long_is_taken_and_ignored),
        STORY(test_message_on_another_topic_is_taken_and_ignored),
        STORY(test_accept_what_does_not_wait_is_only_logged),
        STORY(test_event_without_handler_is_ignored),
        STORY(test_subscribed_no_code_is_permission),
        STORY(test_refused_bad_method_is_a_login),
        STORY(test_pump_receive_maximum_of_one_says_all),
        STORY(test_pump_without_qos_1_and_retain_says_all),
        STORY(test_pump_message_too_large_is_left_out),
        STORY(test_cause_disconnect_with_reason_is_no_permission),
        STORY(test_cause_unproven_but_disconnected_is_kicked),
        STORY(test_connected_port_tells_no_tls_leaves_the_floor),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
