/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stories of loss and return with a broker at the other end: refusals, silence,
 * closes, nonsense; each has its cause and its way back.
 */
#include "device/story_test.h"

static void test_connack_none_ends_after_thirty_seconds(void **state)
{
    struct rig *r = *state;

    r->fake.broker.ignores_connect = true;
    rig_start(r);
    rig_run(r, 30500);
    assert_int_equal(fake_logged(&r->fake, "offline", "cause=mqtt_timeout"), 1);
}

static void test_connack_refusals_have_their_causes(void **state)
{
    static const struct {
        uint8_t reason;
        const char *cause;
    } rows[] = {{0x86, "cause=mqtt_not_authorised"},
                {0x87, "cause=mqtt_not_authorised"},
                {0x8A, "cause=mqtt_not_authorised"},
                {0x88, "cause=mqtt_refused"},
                {0x97, "cause=mqtt_refused"}};
    struct rig *r = *state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        rig_init(r);
        r->fake.broker.connack = rows[i].reason;
        rig_start(r);
        rig_run(r, 200);
        assert_int_equal(fake_logged(&r->fake, "offline", rows[i].cause), 1);
    }
}

static void test_connack_unsupported_version_falls_back_at_once(void **state)
{
    struct rig *r = *state;

    r->fake.broker.refuses_5 = true;
    rig_online(r);
    assert_int_equal(r->fake.broker.version, 4);
    assert_int_equal(r->fake.broker.connections, 2);
    assert_int_equal(
        fake_logged(&r->fake, "retry", "cause=mqtt_version in_ms=0"), 1);
    assert_int_equal(fake_logged(&r->fake, "online", "mqtt=3.1.1"), 1);
    /* Remembered: the next session begins with it. */
    fake_broker_close(&r->fake.broker);
    rig_run(r, 10000);
    assert_int_equal(r->fake.broker.connections, 3);
    assert_false(r->fake.broker.clean_start);
    assert_int_equal(hawser_device_state(&r->device), HAWSER_DEVICE_ONLINE);
}

static void test_connack_close_falls_back_only_if_that_helps(void **state)
{
    struct rig *r = *state;

    r->fake.broker.closes_5 = true;
    r->fake.broker.connack = 3; /* 3.1.1: server unavailable */
    rig_start(r);
    rig_run(r, 200);
    assert_int_equal(r->fake.broker.connections, 2);
    assert_int_equal(r->fake.broker.version, 4);
    r->fake.broker.closes_5 = false;
    r->fake.broker.connack = 0;
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 60000));
    assert_int_equal(r->fake.broker.version, 5);
}

static void test_connack_will_refused_is_asked_for_less(void **state)
{
    struct rig *r = *state;

    r->fake.broker.refuses_will = true;
    r->fake.broker.maximum_qos = 0;
    r->fake.broker.retain_unavailable = true;
    rig_start(r);
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 600000));
    assert_int_equal(r->fake.broker.connections, 3);
    assert_int_equal(r->fake.broker.will.qos, 0);
    assert_false(r->fake.broker.will.retain);
    assert_int_equal(told(r, "/status", "online"), 1);
}

static void test_connack_close_once_is_no_verdict(void **state)
{
    struct rig *r = *state;

    r->fake.broker.closes_5 = true;
    rig_online(r);
    assert_int_equal(r->fake.broker.version, 4);
    /* It was a restart of the broker: 5.0 is tried again, and works. */
    r->fake.broker.closes_5 = false;
    rig_run(r, 61000);
    fake_broker_close(&r->fake.broker);
    rig_run(r, 20000);
    assert_int_equal(hawser_device_state(&r->device), HAWSER_DEVICE_ONLINE);
    assert_int_equal(r->fake.broker.version, 5);
}

static void test_connack_close_twice_is_remembered(void **state)
{
    struct rig *r = *state;

    r->fake.broker.closes_5 = true;
    rig_online(r);
    for (unsigned i = 0; i < 2; i++) {
        rig_run(r, 61000);
        fake_broker_close(&r->fake.broker);
        rig_run(r, 20000);
        assert_int_equal(hawser_device_state(&r->device), HAWSER_DEVICE_ONLINE);
    }
    /* 5.0, 3.1.1; the same; then 3.1.1 alone. */
    assert_int_equal(r->fake.broker.connections, 5);
}

static void test_connack_client_certificate_refused_is_no_version(void **state)
{
    struct rig *r = *state;

    r->fake.broker.ignores_connect = true;
    rig_start(r);
    assert_true(rig_run_until(r, HAWSER_DEVICE_CONNACK, 10000));
    r->fake.stream_cause = HAWSER_CAUSE_TLS_CLIENT_CERT;
    fake_broker_close(&r->fake.broker);
    rig_run(r, 100);
    assert_int_equal(fake_logged(&r->fake, "offline", "cause=tls_client_cert"),
                     1);
    assert_int_equal(fake_logged(&r->fake, "online", ""), 0);
}

static void test_suback_none_ends_after_thirty_seconds(void **state)
{
    struct rig *r = *state;

    r->fake.broker.ignores_subscribe = true;
    rig_start(r);
    rig_run(r, 31000);
    assert_int_equal(fake_logged(&r->fake, "offline", "cause=mqtt_timeout"), 1);
}

static void test_suback_control_refused_is_permission(void **state)
{
    static const uint8_t codes[] = {0x80, 0x87, 0x8F, 0xFF};
    struct rig *r = *state;

    for (size_t i = 0; i < sizeof(codes); i++) {
        rig_init(r);
        r->fake.broker.suback[0] = codes[i];
        rig_start(r);
        rig_run(r, 200);
        if (codes[i] != 0xFF) { /* no reason code at all: a protocol error */
            assert_int_equal(
                fake_logged(&r->fake, "offline", "cause=mqtt_permission"), 1);
        }
        assert_int_equal(counters(r)->failures, 1);
    }
}

static void test_suback_own_status_refused_is_only_logged(void **state)
{
    struct rig *r = *state;

    r->fake.broker.suback[1] = 0x87;
    rig_online(r);
    assert_int_equal(fake_logged(&r->fake, "alert", "code=own_status"), 1);
}

static void test_close_at_subscribe_is_permission(void **state)
{
    struct rig *r = *state;

    r->fake.broker.closes_at_subscribe = true;
    r->fake.broker.ignores_publish = false;
    rig_start(r);
    rig_run(r, 200);
    assert_int_equal(fake_logged(&r->fake, "offline", "cause=mqtt_permission"),
                     1);
}

static void test_close_at_publish_is_permission(void **state)
{
    struct rig *r = *state;

    r->fake.broker.closes_at = "/data";
    rig_start(r);
    rig_run(r, 500);
    assert_int_equal(fake_logged(&r->fake, "offline", "cause=mqtt_permission"),
                     1);
    assert_true(r->device.session.is_granted == false);
}

static void test_close_soon_is_kicked_and_backoff_grows(void **state)
{
    struct rig *r = *state;

    rig_start(r);
    for (unsigned i = 0; i < 6; i++) {
        assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 1000000));
        rig_run(r, 1000);
        fake_broker_close(&r->fake.broker);
        rig_run(r, 0);
    }
    assert_int_equal(fake_logged(&r->fake, "offline", "cause=mqtt_kicked"), 6);
    assert_int_equal(r->device.retry.in_a_row, 6);
}

static void test_close_late_is_closed_and_backoff_is_reset(void **state)
{
    struct rig *r = *state;

    plan_all(r,
             (struct fake_plan){HAWSER_STREAM_TCP, HAWSER_CAUSE_TCP_REFUSED});
    r->fake.plans[3] = (struct fake_plan){0};
    rig_start(r);
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 100000));
    assert_int_equal(r->device.retry.in_a_row, 3);
    rig_run(r, 61000);
    assert_int_equal(r->device.retry.in_a_row, 0);
    fake_broker_close(&r->fake.broker);
    rig_run(r, 0);
    assert_int_equal(fake_logged(&r->fake, "offline", "cause=closed"), 1);
    assert_int_equal(fake_logged(&r->fake, "retry", "attempt=1"), 2);
}

static void test_close_late_broker_is_not_changed_for_old_failures(void **state)
{
    struct rig *r = *state;

    r->config.broker_count = 2;
    plan_all(r,
             (struct fake_plan){HAWSER_STREAM_TCP, HAWSER_CAUSE_TCP_REFUSED});
    r->fake.plans[3] = (struct fake_plan){0};
    rig_start(r);
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 100000));
    rig_run(r, 61000);
    fake_broker_close(&r->fake.broker);
    for (unsigned i = 0; i < 1000 && r->fake.plan_at < 6; i++) {
        rig_run(r, 20);
    }
    /* Three failures before the healthy minute, two after it. */
    assert_int_equal(r->fake.plan_at, 6);
    assert_string_equal(r->fake.target_host, "broker.example");
}

static void test_disconnect_reasons_have_their_causes(void **state)
{
    static const struct {
        uint8_t reason;
        const char *cause;
    } rows[] = {{0x8E, "cause=mqtt_taken_over"},
                {0x87, "cause=mqtt_permission"},
                {0x8B, "cause=mqtt_kicked"}};
    struct rig *r = *state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const uint8_t packet[] = {0xE0, 2, rows[i].reason, 0};
        rig_init(r);
        rig_online(r);
        fake_broker_raw(&r->fake.broker, packet, sizeof(packet));
        rig_run(r, 10);
        assert_int_equal(fake_logged(&r->fake, "offline", rows[i].cause), 1);
    }
}

static void test_protocol_error_is_answered_and_closed(void **state)
{
    static const uint8_t nonsense[] = {0xF7, 0x03, 1, 2, 3};
    struct rig *r = *state;

    rig_online(r);
    fake_broker_raw(&r->fake.broker, nonsense, sizeof(nonsense));
    rig_run(r, 10);
    assert_int_equal(fake_logged(&r->fake, "offline", "cause=mqtt_protocol"),
                     1);
    assert_int_equal(r->fake.broker.disconnects, 1);
}

static void test_ping_lost_retries_at_once(void **state)
{
    struct rig *r = *state;

    r->config.interval_s = 86400;
    rig_online(r);
    rig_run(r, 61000);
    r->fake.is_cut_off = true;
    rig_run(r, 100000);
    assert_int_equal(fake_logged(&r->fake, "offline", "cause=ping_lost"), 1);
    assert_int_equal(fake_logged(&r->fake, "retry", "cause=ping_lost in_ms=0"),
                     1);
}

static void test_puback_lost_is_ping_lost(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    r->fake.broker.ignores_publish = true;
    rig_run(r, 30000 + 89000);
    assert_int_equal(counters(r)->failures, 0);
    rig_run(r, 2000);
    assert_int_equal(fake_logged(&r->fake, "offline", "cause=ping_lost"), 1);
}

static void test_send_fails_ends_the_session(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    r->fake.is_cut_off = true; /* nothing is received, so sending notices */
    rig_run(r, 0);
    r->fake.stage = HAWSER_STREAM_FAILED;
    rig_run(r, 31000);
    assert_true(counters(r)->failures >= 1);
}

static void test_connect_too_long_for_memory_is_a_failure(void **state)
{
    static uint8_t password[5000];
    struct rig *r = *state;

    r->config.username = (struct hawser_view){(const uint8_t *)"u", 1};
    r->config.password = (struct hawser_view){password, sizeof(password)};
    rig_start(r);
    rig_run(r, 500);
    assert_int_equal(fake_logged(&r->fake, "offline", "CONNECT does not fit"),
                     1);
}

static void test_session_number_counts_up_over_reboots(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    fake_broker_close(&r->fake.broker);
    rig_run(r, 20000);
    assert_int_equal(r->device.lasting.session, 2);
    rig_reboot(r);
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 60000));
    assert_int_equal(r->device.lasting.session, 3);
    assert_true(r->fake.broker.clean_start);
}

/* It asks for less by degrees, and what was given up stays so. */
static void test_connack_will_once_refused_stays_unretained(void **state)
{
    struct rig *r = *state;

    r->fake.broker.connack = 0x9A;
    rig_start(r);
    while (r->fake.broker.connections < 1) {
        rig_run(r, 1000);
    }
    r->fake.broker.connack = 0x89; /* for another reason */
    while (r->fake.broker.connections < 3) {
        rig_run(r, 1000);
    }
    r->fake.broker.connack = 0;
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 7200000));
    assert_false(r->fake.broker.will.retain);
    assert_int_equal(r->fake.broker.will.qos, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(test_connack_none_ends_after_thirty_seconds),
        STORY(test_connack_refusals_have_their_causes),
        STORY(test_connack_unsupported_version_falls_back_at_once),
        STORY(test_connack_close_falls_back_only_if_that_helps),
        STORY(test_connack_will_refused_is_asked_for_less),
        STORY(test_connack_close_once_is_no_verdict),
        STORY(test_connack_close_twice_is_remembered),
        STORY(test_connack_client_certificate_refused_is_no_version),
        STORY(test_suback_none_ends_after_thirty_seconds),
        STORY(test_suback_control_refused_is_permission),
        STORY(test_suback_own_status_refused_is_only_logged),
        STORY(test_close_at_subscribe_is_permission),
        STORY(test_close_at_publish_is_permission),
        STORY(test_close_soon_is_kicked_and_backoff_grows),
        STORY(test_close_late_is_closed_and_backoff_is_reset),
        STORY(test_close_late_broker_is_not_changed_for_old_failures),
        STORY(test_disconnect_reasons_have_their_causes),
        STORY(test_protocol_error_is_answered_and_closed),
        STORY(test_ping_lost_retries_at_once),
        STORY(test_puback_lost_is_ping_lost),
        STORY(test_send_fails_ends_the_session),
        STORY(test_connect_too_long_for_memory_is_a_failure),
        STORY(test_session_number_counts_up_over_reboots),
        STORY(test_connack_will_once_refused_stays_unretained),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
