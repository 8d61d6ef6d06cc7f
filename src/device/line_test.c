/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The line by itself: a flood is taken in portions, what a stream says is kept
 * short, brokers take turns. Stories of lines that fail: supervisor_test.c.
 */
#include "device/story_test.h"

#include "device/line.h"

static void test_next_long_detail_is_cut(void **state)
{
    char detail[HAWSER_DETAIL_SIZE + 50] = "";
    struct rig *r = *state;

    memset(detail, 'x', sizeof(detail) - 1);
    rig_start(r);
    hwi_line_begin(&r->device, 1);
    assert_false(hwi_line_next(&r->device, HAWSER_CAUSE_TLS_OTHER, detail));
    assert_int_equal(strlen(r->device.line.detail), HAWSER_DETAIL_SIZE - 1);
    assert_int_equal(r->device.line.cause, HAWSER_CAUSE_TLS_OTHER);
}

static void test_next_earlier_step_does_not_hide_a_later_one(void **state)
{
    struct rig *r = *state;

    rig_start(r);
    hwi_line_begin(&r->device, 1);
    assert_false(hwi_line_next(&r->device, HAWSER_CAUSE_TLS_OTHER, "a"));
    assert_false(hwi_line_next(&r->device, HAWSER_CAUSE_TCP_REFUSED, "b"));
    assert_string_equal(r->device.line.detail, "a");
    /* Of the same one the last is told. */
    assert_false(hwi_line_next(&r->device, HAWSER_CAUSE_TLS_OTHER, NULL));
    assert_string_equal(r->device.line.detail, "");
    hwi_line_forget(&r->device);
    assert_int_equal(r->device.line.cause, HAWSER_CAUSE_NONE);
}

static void test_pump_flood_is_taken_in_portions(void **state)
{
    /* QoS 0, to a topic that means nothing here. */
    static const uint8_t packet[] = {0x30, 4, 0, 1, 'x', 0};
    struct rig *r = *state;
    size_t left;

    rig_online(r);
    for (unsigned i = 0; i < 20000; i++) { /* 117 KiB */
        fake_broker_raw(&r->fake.broker, packet, sizeof(packet));
    }
    hawser_device_step(&r->device);
    left = r->fake.broker.out_len - r->fake.broker.out_at;
    assert_in_range(left, 60000, 119000); /* a step is short */
    assert_true(hawser_device_deadline_ms(&r->device) <= r->fake.now_ms);
    rig_run(r, 0);
    assert_int_equal(r->fake.broker.out_len, r->fake.broker.out_at);
    assert_int_equal(hawser_device_state(&r->device), HAWSER_DEVICE_ONLINE);
    assert_true(hawser_device_deadline_ms(&r->device) > r->fake.now_ms);
}

static void test_pump_stream_ends_without_cause_is_closed(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    r->fake.stage = HAWSER_STREAM_FAILED;
    r->fake.stream_cause = HAWSER_CAUSE_NONE;
    assert_int_equal(hwi_line_pump(&r->device), HAWSER_CAUSE_MQTT_KICKED);
    r->device.now_ms += 60000;
    assert_int_equal(hwi_line_pump(&r->device), HAWSER_CAUSE_CLOSED);
    hwi_line_forget(&r->device);
    r->fake.stream_cause = HAWSER_CAUSE_TLS_OTHER;
    assert_int_equal(hwi_line_pump(&r->device), HAWSER_CAUSE_TLS_OTHER);
    assert_string_equal(r->device.line.detail, "as scripted");
}

static int refuse_send(void *ctx, const uint8_t *bytes, size_t len)
{
    (void)ctx;
    (void)bytes;
    (void)len;
    return HAWSER_E_LINK;
}

static void test_pump_send_fails_ends_the_session(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    r->fake.port.stream_send = refuse_send;
    r->fake.stream_cause = HAWSER_CAUSE_TLS_OTHER;
    rig_run(r, 31000); /* telemetry */
    assert_int_equal(fake_logged(&r->fake, "offline", "cause=tls_other"), 1);
}

static void test_count_failure_five_in_a_row_change_the_broker(void **state)
{
    struct rig *r = *state;

    r->config.broker_count = 2;
    rig_start(r);
    for (int i = 1; i <= 20; i++) {
        hwi_line_count_failure(&r->device);
        assert_string_equal(hwi_line_broker(&r->device)->host,
                            r->brokers[i / 5 % 2].host);
    }
}

static void test_version_is_remembered_by_broker(void **state)
{
    struct rig *r = *state;
    struct hawser_device *d = &r->device;

    r->config.broker_count = 2;
    rig_start(r);
    d->state = HAWSER_DEVICE_CONNACK;
    assert_int_equal(hwi_line_version(d), HAWSER_MQTT_5);
    assert_false(hwi_line_falls_back(d, HAWSER_CAUSE_MQTT_REFUSED));
    assert_true(hwi_line_falls_back(d, HAWSER_CAUSE_MQTT_VERSION));
    assert_int_equal(hwi_line_version(d), HAWSER_MQTT_3_1_1);
    hwi_line_confirm_version(d);
    assert_int_equal(hwi_line_version(d), HAWSER_MQTT_3_1_1);
    assert_false(hwi_line_falls_back(d, HAWSER_CAUSE_MQTT_VERSION));
    d->line.broker = 1;
    assert_int_equal(hwi_line_version(d), HAWSER_MQTT_5);
    hwi_line_confirm_version(d);
    /* It can do 5.0: a close is no question of the version any more. */
    assert_false(hwi_line_falls_back(d, HAWSER_CAUSE_CLOSED));
}

static int take_none(void *ctx, uint8_t *out, size_t size)
{
    (void)ctx;
    (void)out;
    (void)size;
    return 0;
}

static int send_none(void *ctx, const uint8_t *bytes, size_t len)
{
    (void)ctx;
    (void)bytes;
    (void)len;
    return 0;
}

/* A port that says 0 for "none now": it is waited for, not asked for ever. */
static void test_pump_nothing_moved_is_waited_for(void **state)
{
    struct rig *r = *state;
    struct hawser_port port;
    unsigned messages;
    uint64_t steps;

    rig_online(r);
    port = r->fake.port;
    messages = r->fake.broker.message_count;
    steps = r->steps;
    r->fake.port.stream_receive = take_none;
    r->fake.port.stream_send = send_none;
    rig_run(r, 31000); /* a measurement is due */
    assert_in_range(r->steps - steps, 1, 100);
    assert_int_equal(r->fake.broker.message_count, messages);
    r->fake.port = port;
    r->fake.has_news = true;
    rig_run(r, 10);
    assert_int_equal(r->fake.broker.message_count, messages + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(test_next_long_detail_is_cut),
        STORY(test_next_earlier_step_does_not_hide_a_later_one),
        STORY(test_pump_flood_is_taken_in_portions),
        STORY(test_pump_stream_ends_without_cause_is_closed),
        STORY(test_pump_send_fails_ends_the_session),
        STORY(test_count_failure_five_in_a_row_change_the_broker),
        STORY(test_version_is_remembered_by_broker),
        STORY(test_pump_nothing_moved_is_waited_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
