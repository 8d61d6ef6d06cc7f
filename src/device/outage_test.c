/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The event that sums an outage up.
 */
#include "device/story_test.h"

#include "device/outage.h"

static const char *event(const struct rig *r)
{
    assert_int_equal(told(r, "/event", "reconnected"), 1);
    return fake_broker_find(&r->fake.broker, "/event", "reconnected", 0)
        ->payload;
}

static void come_online(struct rig *r)
{
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 7200000));
    rig_run(r, 100);
}

static void test_first_start_is_no_event(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    assert_int_equal(told(r, "/event", "reconnected"), 0);
}

static void test_long_outage_is_summed_up(void **state)
{
    struct rig *r = *state;
    uint64_t begin_ms;
    char want[300];

    rig_online(r);
    begin_ms = r->fake.now_ms;
    r->fake.dns = HAWSER_E_LINK;
    fake_broker_close(&r->fake.broker);
    while (counters(r)->failures < 403) { /* the session, then 402 */
        rig_run(r, 1000);
    }
    r->fake.dns = 1;
    r->fake.broker.connack = 0x87;
    while (counters(r)->failures < 404) {
        rig_run(r, 1000);
    }
    r->fake.broker.connack = 0;
    come_online(r);
    (void)snprintf(want, sizeof(want),
                   "{\"device\":\"esp32_factory_001\",\"event\":"
                   "\"reconnected\",\"boot\":1,\"offline_s\":%u,"
                   "\"lost\":\"mqtt_kicked\",\"attempts\":403,\"causes\":["
                   "{\"cause\":\"dns\",\"count\":402},{\"cause\":"
                   "\"mqtt_not_authorised\",\"reason\":135,\"count\":1}]}",
                   (unsigned)((r->fake.now_ms - 100 - begin_ms) / 1000));
    assert_string_equal(event(r), want);
    assert_true(r->fake.now_ms - begin_ms > 4 * 3600 * 1000);
}

static void test_every_outage_is_told_once(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    for (unsigned i = 1; i <= 3; i++) {
        rig_run(r, 100000);
        fake_broker_close(&r->fake.broker);
        rig_run(r, 10);
        come_online(r);
        assert_int_equal(told(r, "/event", "\"attempts\":0,\"causes\":[]"), i);
        assert_int_equal(told(r, "/event", "reconnected"), i);
    }
}

static void test_event_waits_for_a_broker_that_takes_it(void **state)
{
    struct rig *r = *state;

    r->fake.dns = HAWSER_E_LINK;
    rig_start(r);
    rig_run(r, 60000);
    r->fake.dns = 1;
    r->fake.broker.ignores_publish = true;
    come_online(r);
    rig_run(r, 200000); /* acknowledgements are lost: closed by the device */
    r->fake.broker.ignores_publish = false;
    come_online(r);
    rig_run(r, 100000);
    assert_true(told(r, "/event", "\"cause\":\"dns\"") >= 1);
}

static void test_outage_over_a_reboot_is_one(void **state)
{
    struct rig *r = *state;
    uint64_t lost_ms;
    unsigned offline_s = 0;

    fake_flash_shape(&r->fake, HAWSER_REGION_FLIGHTS,
                     (struct hawser_flash_geometry){4096, 4, 4});
    rig_online(r);
    rig_run(r, 100000);
    r->fake.dns = HAWSER_E_LINK;
    lost_ms = r->fake.now_ms;
    fake_broker_close(&r->fake.broker);
    while (counters(r)->failures < 17) {
        rig_run(r, 1000);
    }
    rig_reboot(r); /* 16 are on flash: the session's end, 15 of DNS */
    rig_run(r, 60000);
    r->fake.dns = 1;
    come_online(r);
    assert_non_null(strstr(event(r), "offline_s\":"));
    offline_s =
        (unsigned)strtoul(strstr(event(r), "offline_s\":") + 11, NULL, 10);
    assert_in_range(offline_s, (r->fake.now_ms - lost_ms) / 1000 - 2,
                    (r->fake.now_ms - lost_ms) / 1000);
    assert_non_null(strstr(event(r), "\"lost\":\"closed\""));
}

static void add(struct hwi_outage *o, enum hawser_cause cause, unsigned times)
{
    const struct hwi_attempt a = {.cause = (uint8_t)cause};

    for (unsigned i = 0; i < times; i++) {
        hwi_outage_add(o, &a);
    }
}

static void test_add_many_runs_keeps_the_first_and_the_newest(void **state)
{
    struct hwi_outage o;

    (void)state;
    hwi_outage_begin(&o, 0);
    assert_false(hwi_outage_is_worth_telling(&o));
    for (unsigned i = 0; i < 20; i++) {
        add(&o, HAWSER_CAUSE_LINK_DOWN + i, i + 1);
    }
    assert_int_equal(o.attempts, 210);
    assert_int_equal(o.run_count, HWI_RUNS_MAX);
    assert_int_equal(o.runs[0].cause, HAWSER_CAUSE_LINK_DOWN);
    for (unsigned i = 1; i < HWI_RUNS_MAX; i++) {
        assert_int_equal(o.runs[i].cause, HAWSER_CAUSE_LINK_DOWN + 14 + i);
        assert_int_equal(o.runs[i].count, 15 + i);
    }
    assert_int_equal(o.others, 210 - 1 - (16 + 17 + 18 + 19 + 20));
}

static void test_stop_that_was_wanted_is_not_worth_telling(void **state)
{
    struct hwi_attempt a = {.cause = HAWSER_CAUSE_STOPPED, .was_online = true};
    struct hwi_outage o;

    (void)state;
    hwi_outage_begin(&o, 0);
    hwi_outage_add(&o, &a);
    assert_false(hwi_outage_is_worth_telling(&o));
    a.cause = HAWSER_CAUSE_PING_LOST;
    hwi_outage_add(&o, &a);
    assert_true(hwi_outage_is_worth_telling(&o));
}

/* More changes of cause than an event has room for. */
static void test_outage_of_many_causes_counts_the_others(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    plan_all(r, (struct fake_plan){.stage = HAWSER_STREAM_TCP,
                                   .cause = HAWSER_CAUSE_TCP_REFUSED});
    fake_broker_close(&r->fake.broker);
    for (unsigned i = 0; i < 40; i++) {
        uint32_t failures = counters(r)->failures;
        r->fake.dns = i % 2 == 0 ? HAWSER_E_LINK : 1;
        while (counters(r)->failures == failures) {
            rig_run(r, 100);
        }
    }
    r->fake.dns = 1;
    plan_all(r, (struct fake_plan){.cause = HAWSER_CAUSE_NONE});
    come_online(r);
    assert_non_null(strstr(event(r), "],\"others\":"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(test_first_start_is_no_event),
        STORY(test_long_outage_is_summed_up),
        STORY(test_every_outage_is_told_once),
        STORY(test_event_waits_for_a_broker_that_takes_it),
        STORY(test_outage_over_a_reboot_is_one),
        cmocka_unit_test(test_add_many_runs_keeps_the_first_and_the_newest),
        cmocka_unit_test(test_stop_that_was_wanted_is_not_worth_telling),
        STORY(test_outage_of_many_causes_counts_the_others),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
