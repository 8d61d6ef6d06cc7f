/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fleet's window: taken, kept, obeyed after what hits a fleet, bounded.
 */
#include "device/story_test.h"

#include "device/fleet.h"

#define TOPIC "hawser/reconnect"

static void publish(struct rig *r, const char *payload)
{
    static uint16_t packet_id = 30000;
    struct fake_publish p = {
        .topic = TOPIC, .payload = payload, .retain = true};

    p.packet_id = ++packet_id;
    fake_broker_publish(&r->fake.broker, &p);
    rig_run(r, 10);
}

/* How long it takes from now on until it is online. */
static uint64_t back_after_ms(struct rig *r)
{
    uint64_t begin_ms = r->fake.now_ms;

    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 7200000));
    rig_run(r, 100);
    return r->fake.now_ms - begin_ms;
}

static void test_topic_is_the_same_for_all_devices(void **state)
{
    uint8_t out[HWI_TOPIC_SIZE];
    struct rig *r = *state;
    struct hawser_view v = hwi_fleet_topic(&r->config, out);

    assert_int_equal(v.len, strlen(TOPIC));
    assert_memory_equal(v.at, TOPIC, v.len);
    r->config.layout = HAWSER_LAYOUT_FLAT;
    v = hwi_fleet_topic(&r->config, out);
    assert_int_equal(v.len, strlen(TOPIC));
    rig_online(r);
    assert_string_equal(r->fake.broker.filters[2], TOPIC);
}

static void test_window_is_kept_and_written_once(void **state)
{
    struct rig *r = *state;
    unsigned programs;

    rig_online(r);
    programs = r->fake.flash.programs;
    publish(r, "{\"window_s\":600}");
    publish(r, "{\"window_s\":600}");
    assert_int_equal(r->device.lasting.window_s, 600);
    assert_int_equal(r->fake.flash.programs, programs + 1);
    assert_int_equal(r->fake.broker.last_puback_reason, 0);
    rig_reboot(r);
    assert_int_equal(r->device.lasting.window_s, 600);
}

static void test_window_that_is_none_changes_nothing(void **state)
{
    static const char *const texts[] = {
        "{}",   "x",    "{\"window_s\":\"9\"}", "{\"window_s\":3601}",
        "null", "[600]"};
    struct rig *r = *state;

    rig_online(r);
    publish(r, "{\"window_s\":60}");
    for (unsigned i = 0; i < 6; i++) {
        publish(r, texts[i]);
        assert_int_equal(r->device.lasting.window_s, 60);
        assert_int_equal(fake_logged(&r->fake, "alert", "code=reconnect"),
                         i + 1);
    }
    publish(r, "{\"window_s\":3600}");
    assert_int_equal(r->device.lasting.window_s, 3600);
}

static void test_window_ends_with_an_empty_message(void **state)
{
    struct fake_publish p = {.topic = TOPIC, .payload = ""};
    struct rig *r = *state;

    rig_online(r);
    publish(r, "{\"window_s\":60}");
    fake_broker_publish(&r->fake.broker, &p);
    rig_run(r, 10);
    assert_int_equal(r->device.lasting.window_s, 0);
}

static void test_window_refused_by_the_broker_is_no_failure(void **state)
{
    struct rig *r = *state;

    r->fake.broker.suback[2] = 0x87;
    rig_online(r);
    assert_int_equal(counters(r)->failures, 0);
}

/* A planned restart: many devices, each loses its session at the same moment.
 * They come back over the whole window, and no quarter of it is empty. */
static void test_lost_sessions_spread_over_the_window(void **state)
{
    struct rig *r = *state;
    unsigned quarters[4] = {0};
    char id[20];

    for (unsigned i = 0; i < 60; i++) {
        uint64_t after_ms;
        rig_init(r);
        (void)snprintf(id, sizeof(id), "device-%u", i);
        r->config.id = id;
        r->fake.random = 1; /* as if none had any entropy of its own */
        rig_online(r);
        publish(r, "{\"window_s\":600}");
        rig_run(r, 120000);
        fake_broker_close(&r->fake.broker);
        rig_run(r, 1);
        after_ms = back_after_ms(r);
        assert_in_range(after_ms, 0, 601000);
        quarters[after_ms / 150250]++;
    }
    print_message("back in each quarter of ten minutes: %u %u %u %u of 60\n",
                  quarters[0], quarters[1], quarters[2], quarters[3]);
    for (unsigned i = 0; i < 4; i++) {
        assert_in_range(quarters[i], 6, 30);
    }
}

static void test_without_a_window_it_is_back_soon(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    rig_run(r, 120000);
    fake_broker_close(&r->fake.broker);
    rig_run(r, 1);
    assert_in_range(back_after_ms(r), 0, 1200);
}

/* What only this device has is no reason to wait for others. */
static void test_own_causes_do_not_wait_for_the_window(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    publish(r, "{\"window_s\":3600}");
    rig_run(r, 120000);
    r->fake.link.state = HAWSER_LINK_DOWN;
    rig_run(r, 16000);
    r->fake.link.state = HAWSER_LINK_UP;
    assert_in_range(back_after_ms(r), 0, 1000);
}

static void test_power_cut_waits_a_part_of_the_window(void **state)
{
    static const struct {
        enum hawser_reset_reason reason;
        bool waits;
    } rows[] = {{HAWSER_RESET_POWER_ON, true},
                {HAWSER_RESET_CRASH, true},
                {HAWSER_RESET_WATCHDOG, true},
                {HAWSER_RESET_SOFTWARE, false},
                {HAWSER_RESET_COMMAND, false}};
    struct rig *r = *state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        rig_init(r);
        rig_online(r);
        publish(r, "{\"window_s\":3000}");
        r->fake.system.reset_reason = rows[i].reason;
        rig_reboot(r);
        assert_int_equal(hawser_device_state(&r->device) == HAWSER_DEVICE_RETRY,
                         rows[i].waits);
        assert_in_range(back_after_ms(r), 0, 3001000);
    }
}

static void test_speed_divides_the_window_too(void **state)
{
    struct rig *r = *state;

    r->config.retry_speed = 100;
    rig_online(r);
    publish(r, "{\"window_s\":3600}");
    rig_run(r, 120000);
    fake_broker_close(&r->fake.broker);
    rig_run(r, 1);
    assert_in_range(back_after_ms(r), 0, 36200);
}

/* The window counts in this run all the same. */
static void test_window_that_cannot_be_written_is_told(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    r->fake.flash.is_broken = true;
    publish(r, "{\"window_s\":600}");
    assert_int_equal(r->device.lasting.window_s, 600);
    assert_int_equal(fake_logged(&r->fake, "alert", "code=storage"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(test_topic_is_the_same_for_all_devices),
        STORY(test_window_is_kept_and_written_once),
        STORY(test_window_that_is_none_changes_nothing),
        STORY(test_window_ends_with_an_empty_message),
        STORY(test_window_refused_by_the_broker_is_no_failure),
        STORY(test_lost_sessions_spread_over_the_window),
        STORY(test_without_a_window_it_is_back_soon),
        STORY(test_own_causes_do_not_wait_for_the_window),
        STORY(test_power_cut_waits_a_part_of_the_window),
        STORY(test_speed_divides_the_window_too),
        STORY(test_window_that_cannot_be_written_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
