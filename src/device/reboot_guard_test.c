/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guard against reboot loops: five short runs are borne, the sixth restart
 * is held until time has passed or somebody has looked.
 */
#include "device/command_test.h"

/* A restart command in a run that was so long; is it obeyed? */
static bool restarts_after(struct rig *r, uint64_t ms)
{
    static unsigned n;
    unsigned before = r->fake.restarts;
    char text[64];

    rig_run(r, ms);
    (void)snprintf(text, sizeof(text), "{'command':'restart','id':'r%u'}", ++n);
    say(r, text);
    (void)rig_run_until(r, HAWSER_DEVICE_RESTARTING, 100);
    if (r->fake.restarts == before) {
        return false;
    }
    r->fake.broker.message_count = 0; /* room for more */
    reboot(r);
    return true;
}

/* Until the guard holds. */
static void loop(struct rig *r)
{
    rig_online(r);
    for (unsigned i = 0; i < 5; i++) {
        assert_true(restarts_after(r, 1000));
    }
    assert_false(restarts_after(r, 1000));
}

static void test_guard_holds_after_five_short_runs(void **state)
{
    struct rig *r = *state;

    loop(r);
    assert_reply(r, "'status':'rejected','code':'held'");
    assert_int_equal(told_quoted(r, "/alert/reboot_loop", "5"), 1);
    assert_int_equal(hawser_device_state(&r->device), HAWSER_DEVICE_ONLINE);
    say(r, "{'command':'set_interval','id':'s','args':{'interval_s':60}}");
    assert_reply(r, "'status':'succeeded'"); /* others are not held */
}

static void test_guard_holds_over_a_power_cut(void **state)
{
    struct rig *r = *state;

    loop(r);
    reboot(r);
    assert_false(restarts_after(r, 1000));
}

static void test_guard_lets_go_after_ten_minutes(void **state)
{
    struct rig *r = *state;

    loop(r);
    assert_false(restarts_after(r, 590000));
    assert_true(restarts_after(r, 10000));
    assert_true(restarts_after(r, 1000)); /* it counts from one again */
}

static void test_guard_lets_go_when_the_alert_is_cleared(void **state)
{
    struct rig *r = *state;

    loop(r);
    say(r, "{'command':'clear_alert','id':'c','args':{'alert':'downgrade'}}");
    assert_false(restarts_after(r, 1000));
    say(r, "{'command':'clear_alert','id':'e','args':{'alert':'credentials'}}");
    assert_false(restarts_after(r, 1000));
    say(r, "{'command':'clear_alert','id':'d','args':{'alert':'reboot_loop'}}");
    assert_reply(r, "'status':'succeeded'");
    for (unsigned i = 0; i < 5; i++) {
        assert_true(restarts_after(r, 1000));
    }
    assert_false(restarts_after(r, 1000));
}

static void test_guard_does_not_count_long_runs(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    for (unsigned i = 0; i < 12; i++) {
        assert_true(restarts_after(r, i % 5 == 4 ? 60000 : 1000));
    }
}

/* Crashes and power cuts are not by a command. */
static void test_guard_does_not_count_other_ends(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    for (unsigned i = 0; i < 10; i++) {
        reboot(r);
    }
    assert_true(restarts_after(r, 1000));
    assert_int_equal(r->device.lasting.short_restarts, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(test_guard_holds_after_five_short_runs),
        STORY(test_guard_holds_over_a_power_cut),
        STORY(test_guard_lets_go_after_ten_minutes),
        STORY(test_guard_lets_go_when_the_alert_is_cleared),
        STORY(test_guard_does_not_count_long_runs),
        STORY(test_guard_does_not_count_other_ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
