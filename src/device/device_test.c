/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The public calls and the plain stories: first connect and what is said at it,
 * stop, reconfigure, two devices in one process.
 */
#include "device/story_test.h"

static const char *payload(struct rig *r, const char *topic_end, unsigned n)
{
    const struct fake_message *m =
        fake_broker_find(&r->fake.broker, topic_end, "", n);

    return m == NULL ? "" : m->payload;
}

/* Init ---------------------------------------------------------------------- */

static void test_init_bad_config_is_refused(void **state)
{
    struct rig *r = *state;

    r->config.id = "a/b";
    assert_int_equal(
        hawser_device_init(&r->device, &r->config, &r->memory, &r->fake.port),
        HAWSER_E_ARG);
}

static void test_init_small_memory_is_refused(void **state)
{
    struct rig *r = *state;

    r->memory.outbox.size = 1023;
    assert_int_equal(
        hawser_device_init(&r->device, &r->config, &r->memory, &r->fake.port),
        HAWSER_E_ARG);
}

static void test_init_client_that_cannot_be_is_refused(void **state)
{
    struct rig *r = *state;

    r->memory.slot_count = 70000; /* more than packet ids */
    assert_int_equal(
        hawser_device_init(&r->device, &r->config, &r->memory, &r->fake.port),
        HAWSER_E_ARG);
}

static void test_init_broken_flash_works_from_ram(void **state)
{
    struct rig *r = *state;

    r->fake.flash.is_broken = true;
    assert_int_equal(
        hawser_device_init(&r->device, &r->config, &r->memory, &r->fake.port),
        HAWSER_E_STORAGE);
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 60000));
    assert_true(fake_logged(&r->fake, "alert", "code=storage") > 0);
}

static void test_init_unreadable_flash_works_from_ram(void **state)
{
    struct rig *r = *state;

    r->fake.flash.is_unreadable = true;
    assert_int_equal(
        hawser_device_init(&r->device, &r->config, &r->memory, &r->fake.port),
        HAWSER_E_STORAGE);
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 60000));
}

static void test_init_no_flash_works_from_ram(void **state)
{
    struct rig *r = *state;

    r->fake.regions[HAWSER_REGION_STATE].shape.sector_count = 0;
    rig_online(r);
    assert_int_equal(r->device.lasting.boot, 1);
}

static void test_init_reset_reason_follows_last_end(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    rig_reboot(r); /* no stop */
    assert_int_equal(r->device.reset_reason, HAWSER_RESET_CRASH);
    hawser_device_stop(&r->device);
    assert_true(rig_run_until(r, HAWSER_DEVICE_STOPPED, 6000));
    rig_reboot(r);
    assert_int_equal(r->device.reset_reason, HAWSER_RESET_SOFTWARE);
    r->fake.system.reset_reason = HAWSER_RESET_WATCHDOG;
    rig_reboot(r);
    assert_int_equal(r->device.reset_reason, HAWSER_RESET_WATCHDOG);
    assert_int_equal(r->device.lasting.boot, 4);
}

/* First connect ------------------------------------------------------------- */

static void test_step_all_well_comes_online(void **state)
{
    struct rig *r = *state;
    const struct fake_broker *b = &r->fake.broker;

    rig_online(r);
    assert_int_equal(b->connections, 1);
    assert_int_equal(b->version, 5);
    assert_true(b->clean_start);
    assert_int_equal(b->keep_alive_s, 60);
    assert_string_equal(b->client_id, "esp32_factory_001");
    assert_string_equal(b->filters[0], "hawser/esp32_factory_001/control");
    assert_string_equal(b->filters[1], "hawser/esp32_factory_001/status");
    assert_string_equal(r->fake.target_host, "broker.example");
    assert_int_equal(r->fake.target.address.port, 8883);
    assert_true(r->fake.target.dates.has_now);
    assert_int_equal(fake_logged(&r->fake, "link_up", "address=192.0.2.7"), 1);
    assert_int_equal(fake_logged(&r->fake, "online", "mqtt=5.0"), 1);
    assert_int_equal(fake_logged(&r->fake, "tls", "version=TLSv1.3"), 1);
    assert_int_equal(fake_logged(&r->fake, "published", "seq=1"), 1);
    assert_int_equal(counters(r)->published, 1);
}

static void test_step_will_and_status_name_the_session(void **state)
{
    struct rig *r = *state;
    const struct fake_broker *b = &r->fake.broker;

    rig_online(r);
    assert_string_equal(b->will.topic, "hawser/esp32_factory_001/status");
    assert_string_equal(b->will.payload,
                        "{\"device\":\"esp32_factory_001\","
                        "\"status\":\"offline\",\"tls\":true,"
                        "\"version\":\"2.1.0\",\"session\":1,\"boot\":1}");
    assert_true(b->will.retain);
    assert_int_equal(b->will.qos, 1);
    assert_string_equal(
        payload(r, "/status", 0),
        "{\"device\":\"esp32_factory_001\",\"status\":\"online\","
        "\"tls\":true,\"version\":\"2.1.0\",\"session\":1,\"boot\":1,"
        "\"tls_version\":\"TLSv1.3\",\"cipher\":\"TLS_AES_256_GCM_SHA384\","
        "\"resumed\":false,\"time\":1790000005,\"time_confidence\":2,"
        "\"reset_reason\":\"unknown\",\"interval_s\":30}");
    assert_true(fake_broker_find(b, "/status", "", 0)->retain);
    assert_int_equal(fake_broker_find(b, "/status", "", 0)->qos, 1);
}

static void test_step_security_tells_what_was_negotiated(void **state)
{
    struct rig *r = *state;

    r->fake.security.client_cert = true;
    r->fake.security.own_not_after_s = 1790000005;
    rig_online(r);
    assert_string_equal(
        payload(r, "/security", 0),
        "{\"device\":\"esp32_factory_001\",\"broker\":\"broker.example\","
        "\"mqtt\":\"5.0\",\"tls_version\":\"TLSv1.3\","
        "\"cipher\":\"TLS_AES_256_GCM_SHA384\",\"group\":\"X25519\","
        "\"alpn\":\"\",\"resumed\":false,\"client_cert\":true,"
        "\"dates\":\"full\",\"time\":1790000005,\"time_confidence\":2,"
        "\"peer\":{\"subject\":\"CN=broker\",\"fingerprint\":\"aa\","
        "\"not_before\":1780000000,\"not_after\":1810000000,"
        "\"days_left\":231},\"anchor\":{\"subject\":\"CN=CA\","
        "\"fingerprint\":\"bb\",\"not_after\":2000000000,"
        "\"days_left\":2430},\"own\":{\"not_after\":1790000005,"
        "\"days_left\":0},\"credentials\":{\"in_use\":\"active\","
        "\"generation\":0},\"session\":1,\"boot\":1}");
    assert_true(fake_broker_find(&r->fake.broker, "/security", "", 0)->retain);
}

static void test_step_flat_layout_has_the_classic_topics(void **state)
{
    struct rig *r = *state;

    r->config.layout = HAWSER_LAYOUT_FLAT;
    r->config.root = "esp32";
    rig_online(r);
    assert_string_equal(r->fake.broker.filters[0], "esp32/control");
    assert_string_equal(r->fake.broker.will.topic, "esp32/status");
    assert_string_equal(
        fake_broker_find(&r->fake.broker, "", "online", 0)->topic,
        "esp32/status");
    assert_string_equal(
        fake_broker_find(&r->fake.broker, "", "temperature", 0)->topic,
        "esp32/data");
}

static void test_step_login_reaches_the_broker(void **state)
{
    struct rig *r = *state;

    r->config.username = (struct hawser_view){(const uint8_t *)"user", 4};
    r->config.password = (struct hawser_view){(const uint8_t *)"secret", 6};
    r->config.keep_alive_s = 5;
    rig_online(r);
    assert_string_equal(r->fake.broker.username, "user");
    assert_string_equal(r->fake.broker.password, "secret");
    assert_int_equal(r->fake.broker.keep_alive_s, 5);
    assert_int_equal(fake_logged(&r->fake, "online", "secret"), 0);
}

static void test_step_bytes_one_by_one_comes_online(void **state)
{
    struct rig *r = *state;

    r->fake.send_chunk = 1;
    rig_online(r);
    assert_int_equal(counters(r)->published, 1);
}

static void test_step_idle_keeps_alive_without_hurry(void **state)
{
    struct rig *r = *state;

    r->config.interval_s = 86400;
    rig_online(r);
    r->steps = 0;
    rig_run(r, 3600000);
    assert_int_equal(hawser_device_state(&r->device), HAWSER_DEVICE_ONLINE);
    assert_true(r->fake.broker.pings >= 59);
    assert_true(r->steps < 60 * 12);
}

/* Deadline ------------------------------------------------------------------ */

static void test_deadline_after_stop_is_never(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    hawser_device_stop(&r->device);
    assert_true(hawser_device_deadline_ms(&r->device) <= r->fake.now_ms);
    assert_true(rig_run_until(r, HAWSER_DEVICE_STOPPED, 6000));
    assert_true(hawser_device_deadline_ms(&r->device) == HAWSER_NEVER);
    hawser_device_stop(&r->device);
    hawser_device_step(&r->device);
    assert_int_equal(hawser_device_state(&r->device), HAWSER_DEVICE_STOPPED);
}

/* Stop ---------------------------------------------------------------------- */

static void test_stop_online_says_offline_and_disconnects(void **state)
{
    struct rig *r = *state;
    uint64_t start_ms;

    rig_online(r);
    start_ms = r->fake.now_ms;
    hawser_device_stop(&r->device);
    assert_true(rig_run_until(r, HAWSER_DEVICE_STOPPED, 6000));
    assert_true(r->fake.now_ms - start_ms < 100);
    assert_string_equal(last(r, "/status"),
                        "{\"device\":\"esp32_factory_001\","
                        "\"status\":\"offline\",\"tls\":true,"
                        "\"version\":\"2.1.0\",\"session\":1,\"boot\":1}");
    assert_int_equal(r->fake.broker.disconnects, 1);
    assert_int_equal(r->fake.stage, HAWSER_STREAM_CLOSED);
    assert_int_equal(fake_logged(&r->fake, "stop", ""), 1);
}

static void test_stop_silent_broker_takes_five_seconds(void **state)
{
    struct rig *r = *state;
    uint64_t start_ms;

    rig_online(r);
    r->fake.broker.ignores_publish = true;
    start_ms = r->fake.now_ms;
    hawser_device_stop(&r->device);
    assert_true(rig_run_until(r, HAWSER_DEVICE_STOPPED, 6000));
    assert_true(r->fake.now_ms - start_ms == 5000);
    assert_int_equal(r->fake.broker.disconnects, 0);
}

static void test_stop_line_breaks_meanwhile_stops(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    r->fake.broker.closes_at = "/status";
    hawser_device_stop(&r->device);
    assert_true(rig_run_until(r, HAWSER_DEVICE_STOPPED, 6000));
}

static void test_stop_flash_fails_stops_and_says_so(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    r->fake.flash.is_broken = true;
    hawser_device_stop(&r->device);
    assert_true(rig_run_until(r, HAWSER_DEVICE_STOPPED, 6000));
    assert_int_equal(fake_logged(&r->fake, "alert", "code=storage"), 1);
}

static void test_stop_in_any_state_stops_at_once(void **state)
{
    static const struct fake_plan plans[] = {
        {HAWSER_STREAM_TCP, HAWSER_CAUSE_NONE},
        {HAWSER_STREAM_TLS, HAWSER_CAUSE_NONE},
        {HAWSER_STREAM_TCP, HAWSER_CAUSE_TCP_REFUSED}};
    struct rig *r = *state;

    for (size_t i = 0; i < sizeof(plans) / sizeof(plans[0]); i++) {
        rig_init(r);
        plan_all(r, plans[i]);
        rig_start(r);
        rig_run(r, 1000);
        hawser_device_stop(&r->device);
        hawser_device_step(&r->device);
        assert_int_equal(hawser_device_state(&r->device),
                         HAWSER_DEVICE_STOPPED);
        assert_int_equal(r->fake.stage, HAWSER_STREAM_CLOSED);
    }
}

/* Reconfigure --------------------------------------------------------------- */

static void test_reconfigure_moves_to_the_new_broker(void **state)
{
    struct rig *r = *state;
    struct hawser_device_config next = r->config;

    rig_online(r);
    next.brokers = r->brokers + 1;
    next.id = "esp32_factory_002";
    next.interval_s = 10;
    r->fake.broker.ignores_publish = false;
    assert_int_equal(hawser_device_reconfigure(&r->device, &next), 0);
    assert_true(hawser_device_is_reconfiguring(&r->device));
    assert_true(rig_run_until(r, HAWSER_DEVICE_LINK, 6000) ||
                hawser_device_state(&r->device) == HAWSER_DEVICE_ONLINE);
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 60000));
    assert_false(hawser_device_is_reconfiguring(&r->device));
    assert_int_equal(told(r, "001/status", "offline"), 1);
    assert_int_equal(r->fake.broker.disconnects, 1);
    assert_string_equal(r->fake.target_host, "backup.example");
    assert_string_equal(r->fake.broker.client_id, "esp32_factory_002");
    assert_true(r->fake.broker.clean_start); /* it knows of no session there */
    rig_run(r, 30500);
    assert_int_equal(told(r, "002/data", "\"seq\""), 3);
}

static void test_reconfigure_keeps_telemetry_that_waits(void **state)
{
    struct rig *r = *state;
    struct hawser_device_config next = r->config;

    rig_online(r);
    r->fake.broker.ignores_publish = true;
    rig_run(r, 65000); /* seq 2, 3 are out, without PUBACK */
    assert_int_equal(hawser_device_reconfigure(&r->device, &next), 0);
    rig_run(r, 4900); /* the goodbye has 5 s */
    r->fake.broker.ignores_publish = false;
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 60000));
    rig_run(r, 1000);
    assert_int_equal(told(r, "/data", "\"seq\":2,"), 2);
    assert_int_equal(told(r, "/data", "\"seq\":3,"), 2);
    assert_int_equal(counters(r)->published, 3);
    assert_int_equal(counters(r)->dropped, 0);
}

static void test_reconfigure_bad_or_late_changes_nothing(void **state)
{
    struct rig *r = *state;
    struct hawser_device_config next = r->config;

    rig_online(r);
    next.qos = 2;
    assert_int_equal(hawser_device_reconfigure(&r->device, &next),
                     HAWSER_E_ARG);
    next.qos = 1;
    hawser_device_stop(&r->device);
    assert_int_equal(hawser_device_reconfigure(&r->device, &next),
                     HAWSER_E_STATE);
    assert_true(rig_run_until(r, HAWSER_DEVICE_STOPPED, 6000));
    assert_int_equal(hawser_device_reconfigure(&r->device, &next),
                     HAWSER_E_STATE);
    assert_false(hawser_device_is_reconfiguring(&r->device));
}

static void test_reconfigure_then_stop_stops(void **state)
{
    struct rig *r = *state;
    struct hawser_device_config next = r->config;

    rig_online(r);
    r->fake.broker.ignores_publish = true;
    assert_int_equal(hawser_device_reconfigure(&r->device, &next), 0);
    rig_run(r, 1000);
    hawser_device_stop(&r->device);
    assert_true(rig_run_until(r, HAWSER_DEVICE_STOPPED, 6000));
    assert_false(hawser_device_is_reconfiguring(&r->device));
}

/* Many ---------------------------------------------------------------------- */

static void test_step_two_devices_share_nothing(void **state)
{
    struct rig *r = *state;
    struct rig *other = malloc(sizeof(*other));

    rig_init(other);
    other->config.id = "esp32_factory_002";
    other->fake.broker.closes_5 = true;
    rig_online(r);
    rig_online(other);
    rig_run(r, 31000);
    rig_run(other, 31000);
    assert_string_equal(r->fake.broker.client_id, "esp32_factory_001");
    assert_string_equal(other->fake.broker.client_id, "esp32_factory_002");
    assert_int_equal(r->fake.broker.version, 5);
    assert_int_equal(other->fake.broker.version, 4);
    assert_int_equal(told(r, "/data", "_002"), 0);
    free(other);
}

static void test_state_word_every_state_has_one(void **state)
{
    (void)state;
    for (int i = HAWSER_DEVICE_LINK; i <= HAWSER_DEVICE_RESTARTING; i++) {
        assert_true(
            strlen(hawser_device_state_word((enum hawser_device_state)i)) > 2);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(test_init_bad_config_is_refused),
        STORY(test_init_small_memory_is_refused),
        STORY(test_init_client_that_cannot_be_is_refused),
        STORY(test_init_broken_flash_works_from_ram),
        STORY(test_init_unreadable_flash_works_from_ram),
        STORY(test_init_no_flash_works_from_ram),
        STORY(test_init_reset_reason_follows_last_end),
        STORY(test_step_all_well_comes_online),
        STORY(test_step_will_and_status_name_the_session),
        STORY(test_step_security_tells_what_was_negotiated),
        STORY(test_step_flat_layout_has_the_classic_topics),
        STORY(test_step_login_reaches_the_broker),
        STORY(test_step_bytes_one_by_one_comes_online),
        STORY(test_step_idle_keeps_alive_without_hurry),
        STORY(test_deadline_after_stop_is_never),
        STORY(test_stop_online_says_offline_and_disconnects),
        STORY(test_stop_silent_broker_takes_five_seconds),
        STORY(test_stop_line_breaks_meanwhile_stops),
        STORY(test_stop_flash_fails_stops_and_says_so),
        STORY(test_stop_in_any_state_stops_at_once),
        STORY(test_reconfigure_moves_to_the_new_broker),
        STORY(test_reconfigure_keeps_telemetry_that_waits),
        STORY(test_reconfigure_bad_or_late_changes_nothing),
        STORY(test_reconfigure_then_stop_stops),
        STORY(test_step_two_devices_share_nothing),
        STORY(test_state_word_every_state_has_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
