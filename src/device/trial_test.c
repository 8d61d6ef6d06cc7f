/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trials: what commits one, what uses up its tries, what ends it, and that the
 * device is back by the old set whenever it fails.
 */
#include "device/credentials_test.h"

#include "device/clock.h"

static void start(struct rig *r)
{
    prepare(r);
    rig_online(r);
}

static void test_trial_commits_what_the_broker_takes(void **state)
{
    struct rig *r = *state;

    start(r);
    begin(r, "root-b", (struct hwi_trial){.generation = 5});
    rig_run(r, 100); /* the old session goes on, and proves nothing */
    assert_true(hwi_trial_is_on(&r->device));
    move_broker(r, "root-b");
    assert_true(comes_back(r, MINUTE));
    assert_false(hwi_trial_is_on(&r->device));
    assert_int_equal(vault_of(r)->active, HWI_SLOT_A);
    assert_int_equal(vault_of(r)->previous, HWI_SLOT_FACTORY);
    assert_int_equal(vault_of(r)->outcome, HWI_OUTCOME_COMMITTED);
    assert_int_equal(told(r, "/reply", "\"id\":\"u-1\""), 1);
    rig_reboot(r);
    assert_true(comes_back(r, MINUTE));
    assert_int_equal(vault_of(r)->generations[0], 5);
}

/* Neither TLS nor CONNACK nor SUBACK is enough. */
static void test_trial_is_not_proven_before_the_puback(void **state)
{
    struct rig *r = *state;

    start(r);
    begin(r, "root-b", (struct hwi_trial){.generation = 1});
    r->fake.broker.ignores_publish = true;
    move_broker(r, "root-b");
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, MINUTE));
    rig_run(r, 10000);
    assert_true(hwi_trial_is_on(&r->device));
    r->fake.broker.ignores_publish = false;
    close_line(r);
    assert_true(comes_back(r, HOUR));
    assert_int_equal(vault_of(r)->outcome, HWI_OUTCOME_COMMITTED);
}

static void test_trial_refused_three_times_is_rolled_back(void **state)
{
    struct rig *r = *state;
    unsigned opened;

    start(r);
    begin(r, "root-b", (struct hwi_trial){.generation = 2});
    opened = r->fake.plan_at;
    close_line(r);
    assert_true(comes_back(r, HOUR));
    assert_int_equal(r->fake.plan_at - opened, 4);
    assert_int_equal(vault_of(r)->outcome, HWI_OUTCOME_REFUSED);
    assert_int_equal(vault_of(r)->cause, HAWSER_CAUSE_TLS_UNKNOWN_CA);
    assert_int_equal(vault_of(r)->active, HWI_SLOT_FACTORY);
    assert_int_equal(vault_of(r)->generation, 2); /* is not taken again */
    assert_int_equal(told(r, "/reply", "\"code\":\"rolled_back\""), 1);
}

static void refuse_by(struct rig *r, uint8_t connack, uint8_t suback)
{
    r->fake.broker.connack = connack;
    r->fake.broker.suback[0] = suback;
}

static void test_trial_refused_by_mqtt_is_rolled_back(void **state)
{
    static const struct {
        uint8_t connack;
        uint8_t suback;
        enum hawser_cause cause;
    } rows[] = {{0x87, 1, HAWSER_CAUSE_MQTT_NOT_AUTHORISED},
                {0, 0x87, HAWSER_CAUSE_MQTT_PERMISSION}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct rig *r = *state;
        rig_init(r);
        start(r);
        begin(r, "root-b", (struct hwi_trial){.generation = 3});
        refuse_by(r, rows[i].connack, rows[i].suback);
        move_broker(r, "root-b");
        while (hwi_trial_is_on(&r->device)) {
            rig_run(r, 100);
            assert_true(r->fake.now_ms < HOUR);
        }
        assert_int_equal(vault_of(r)->cause, rows[i].cause);
        refuse_by(r, 0, 1);
        r->fake.pki.broker_ca = "root-a";
        assert_true(comes_back(r, HOUR));
        assert_int_equal(vault_of(r)->outcome, HWI_OUTCOME_REFUSED);
    }
}

static void test_trial_network_failures_use_up_no_try(void **state)
{
    struct rig *r = *state;

    start(r);
    begin(r, "root-b", (struct hwi_trial){.generation = 4, .seconds = 7200});
    plan_all(r,
             (struct fake_plan){HAWSER_STREAM_TCP, HAWSER_CAUSE_TCP_REFUSED});
    move_broker(r, "root-b");
    rig_run(r, 20 * MINUTE);
    assert_true(r->fake.plan_at > 10);
    assert_true(hwi_trial_is_on(&r->device));
    assert_int_equal(vault_of(r)->tries, 2); /* the first is under way */
    memset(r->fake.plans, 0, sizeof(r->fake.plans));
    assert_true(comes_back(r, HOUR));
    assert_int_equal(vault_of(r)->outcome, HWI_OUTCOME_COMMITTED);
}

static void test_trial_without_a_network_ends_with_its_time(void **state)
{
    struct rig *r = *state;

    start(r);
    begin(r, "root-b", (struct hwi_trial){.generation = 4, .seconds = 600});
    r->fake.dns = HAWSER_E_LINK;
    close_line(r);
    rig_run(r, 9 * MINUTE);
    assert_true(hwi_trial_is_on(&r->device));
    rig_run(r, 2 * MINUTE);
    assert_false(hwi_trial_is_on(&r->device));
    assert_int_equal(vault_of(r)->outcome, HWI_OUTCOME_OVERDUE);
    assert_int_equal(vault_of(r)->cause, HAWSER_CAUSE_DNS);
    r->fake.dns = 1;
    assert_true(comes_back(r, HOUR));
    assert_int_equal(vault_of(r)->active, HWI_SLOT_FACTORY);
}

/* A device that dies in each try does not die for ever. */
static void test_trial_cut_three_times_is_rolled_back(void **state)
{
    struct rig *r = *state;

    start(r);
    begin(r, "root-b", (struct hwi_trial){.generation = 6});
    r->fake.pki.broker_ca = "root-b";
    plan_all(r, (struct fake_plan){HAWSER_STREAM_TLS, HAWSER_CAUSE_NONE});
    for (unsigned i = 0; i < 3; i++) {
        rig_reboot(r);
        assert_true(rig_run_until(r, HAWSER_DEVICE_TLS, MINUTE));
        assert_int_equal(vault_of(r)->tries, 2 - i);
    }
    memset(r->fake.plans, 0, sizeof(r->fake.plans));
    r->fake.pki.broker_ca = "root-a";
    rig_reboot(r);
    assert_true(comes_back(r, MINUTE));
    assert_int_equal(vault_of(r)->outcome, HWI_OUTCOME_CUT);
    assert_int_equal(vault_of(r)->active, HWI_SLOT_FACTORY);
}

static void test_trial_deadline_counts_over_restarts(void **state)
{
    struct rig *r = *state;

    start(r);
    begin(r, "root-b", (struct hwi_trial){.generation = 6, .seconds = 600});
    r->fake.dns = HAWSER_E_LINK;
    for (unsigned i = 0; i < 3; i++) {
        rig_reboot(r);
        rig_run(r, 4 * MINUTE);
    }
    assert_int_equal(vault_of(r)->outcome, HWI_OUTCOME_OVERDUE);
}

/* The broker moves some day: until then the old set is in use, and online. */
static void test_switch_waits_for_the_broker(void **state)
{
    struct rig *r = *state;

    start(r);
    begin(r, "root-b",
          (struct hwi_trial){
              .generation = 7, .is_switch = true, .seconds = 40000});
    for (unsigned i = 0; i < 5; i++) {
        close_line(r);
        assert_true(comes_back(r, HOUR));
        assert_true(hwi_trial_is_on(&r->device));
        rig_run(r, HOUR);
    }
    move_broker(r, "root-b");
    assert_true(comes_back(r, 10 * MINUTE));
    assert_int_equal(vault_of(r)->outcome, HWI_OUTCOME_COMMITTED);
    assert_int_equal(vault_of(r)->active, HWI_SLOT_A);
}

static void test_switch_that_does_not_come_is_overdue(void **state)
{
    struct rig *r = *state;

    start(r);
    begin(r, "root-b",
          (struct hwi_trial){
              .generation = 8, .is_switch = true, .seconds = 7200});
    rig_run(r, HOUR);
    assert_true(hwi_trial_is_on(&r->device));
    rig_run(r, HOUR);
    assert_int_equal(vault_of(r)->outcome, HWI_OUTCOME_OVERDUE);
    assert_int_equal(hawser_device_state(&r->device), HAWSER_DEVICE_ONLINE);
}

/* A stranger in between presents a third CA: nothing is believed, and both are
 * tried again. */
static void test_switch_survives_a_wrong_broker(void **state)
{
    struct rig *r = *state;

    start(r);
    begin(r, "root-b",
          (struct hwi_trial){
              .generation = 8, .is_switch = true, .seconds = 400000});
    move_broker(r, "root-evil");
    assert_false(comes_back(r, 24 * HOUR));
    assert_true(hwi_trial_is_on(&r->device));
    r->fake.pki.broker_ca = "root-b";
    assert_true(comes_back(r, 3 * HOUR));
    assert_int_equal(vault_of(r)->outcome, HWI_OUTCOME_COMMITTED);
}

static void test_trial_that_cannot_be_written_changes_nothing(void **state)
{
    struct rig *r = *state;
    struct hwi_trial trial = {
        .generation = 9, .seconds = 600, .id = {(const uint8_t *)"u-1", 3}};

    start(r);
    trial.slot = put_set(r, "root-b", 9);
    r->fake.flash.is_broken = true;
    assert_int_equal(hwi_trial_begin(&r->device, &trial), HAWSER_E_STORAGE);
    assert_false(hwi_trial_is_on(&r->device));
    assert_int_equal(vault_of(r)->generation, 0);
    r->fake.flash.is_broken = false;
    close_line(r);
    assert_true(comes_back(r, MINUTE));
    assert_int_equal(vault_of(r)->outcome, HWI_OUTCOME_NONE);
}

/* A try that could not be counted is not made. */
static void test_trial_that_cannot_be_counted_is_not_made(void **state)
{
    struct rig *r = *state;

    start(r);
    begin(r, "root-b", (struct hwi_trial){.generation = 10});
    r->fake.flash.is_broken = true;
    close_line(r);
    assert_true(comes_back(r, HOUR));
    assert_int_equal(vault_of(r)->outcome, HWI_OUTCOME_DAMAGED);
}

/* No date without a clock: each start has all of the time again, and the tries
 * end it if nothing else does. */
static void test_trial_deadline_without_the_time_is_each_runs_own(void **state)
{
    struct rig *r = *state;

    start(r);
    begin(r, "root-b", (struct hwi_trial){.generation = 6, .seconds = 600});
    r->fake.dns = HAWSER_E_LINK;
    r->config.time_server_count = 0;
    for (unsigned i = 0; i < 3; i++) {
        rig_reboot(r);
        rig_run(r, 4 * MINUTE);
        assert_true(hwi_trial_is_on(&r->device));
    }
    rig_run(r, 7 * MINUTE);
    assert_int_equal(vault_of(r)->outcome, HWI_OUTCOME_OVERDUE);
}

/* What began without a clock has no date to end at, only a time to run. */
static void test_trial_begun_without_the_time_ends_with_its_time(void **state)
{
    struct rig *r = *state;

    prepare(r);
    for (unsigned i = 0; i < 3; i++) {
        r->fake.time[i].mode = FAKE_TIME_SILENT;
    }
    rig_online(r);
    begin(r, "root-b", (struct hwi_trial){.generation = 6, .seconds = 600});
    r->fake.dns = HAWSER_E_LINK;
    for (unsigned i = 0; i < 3; i++) {
        r->fake.time[i].mode = FAKE_TIME_GOOD; /* from now on it has one */
    }
    close_line(r);
    rig_run(r, 9 * MINUTE);
    assert_true(hwi_clock_is_known(&r->device.clock));
    assert_true(hwi_trial_is_on(&r->device));
    rig_run(r, 2 * MINUTE);
    assert_int_equal(vault_of(r)->outcome, HWI_OUTCOME_OVERDUE);
}

/* Some brokers do not say that they know no such device, they just close. */
static void test_trial_closed_at_connect_is_rolled_back(void **state)
{
    struct rig *r = *state;

    start(r);
    begin(r, "root-b", (struct hwi_trial){.generation = 5});
    r->fake.broker.closes_5 = true;
    move_broker(r, "root-b");
    while (hwi_trial_is_on(&r->device)) {
        rig_run(r, 100);
        assert_true(r->fake.now_ms < HOUR);
    }
    assert_int_equal(vault_of(r)->outcome, HWI_OUTCOME_REFUSED);
    assert_int_equal(vault_of(r)->cause, HAWSER_CAUSE_CLOSED);
    r->fake.broker.closes_5 = false;
    r->fake.pki.broker_ca = "root-a";
    assert_true(comes_back(r, HOUR));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(test_trial_commits_what_the_broker_takes),
        STORY(test_trial_is_not_proven_before_the_puback),
        STORY(test_trial_refused_three_times_is_rolled_back),
        STORY(test_trial_refused_by_mqtt_is_rolled_back),
        STORY(test_trial_network_failures_use_up_no_try),
        STORY(test_trial_without_a_network_ends_with_its_time),
        STORY(test_trial_cut_three_times_is_rolled_back),
        STORY(test_trial_deadline_counts_over_restarts),
        STORY(test_switch_waits_for_the_broker),
        STORY(test_switch_that_does_not_come_is_overdue),
        STORY(test_switch_survives_a_wrong_broker),
        STORY(test_trial_that_cannot_be_written_changes_nothing),
        STORY(test_trial_that_cannot_be_counted_is_not_made),
        STORY(test_trial_deadline_without_the_time_is_each_runs_own),
        STORY(test_trial_begun_without_the_time_ends_with_its_time),
        STORY(test_trial_closed_at_connect_is_rolled_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
