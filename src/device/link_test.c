/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The link's watch: what counts as up, since when it is down, and what the log
 * is told. What the device does about it stands in supervisor_test.c.
 */
#include "device/story_test.h"

#include "device/link.h"

/* A device with nothing but its link. */
static struct hawser_device *with_link(struct rig *r,
                                       enum hawser_link_state state)
{
    struct hawser_device *d = &r->device;

    d->port = &r->fake.port;
    d->now_ms = 1000;
    hwi_link_init(d);
    r->fake.link.state = state;
    hwi_link_step(d);
    return d;
}

static void test_init_counts_as_down_from_now(void **state)
{
    struct rig *r = *state;

    r->device.now_ms = 1000;
    hwi_link_init(&r->device);
    assert_false(hwi_link_is_up(&r->device));
    assert_int_equal(hwi_link_deadline_ms(&r->device), 16000);
}

static void test_step_only_up_is_up(void **state)
{
    static const enum hawser_link_state states[] = {
        HAWSER_LINK_DOWN, HAWSER_LINK_JOINING, HAWSER_LINK_REFUSED,
        HAWSER_LINK_NO_ADDRESS};
    struct rig *r = *state;

    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
        assert_false(hwi_link_is_up(with_link(r, states[i])));
    }
    assert_int_equal(r->fake.log_count, 0); /* it was down before */
    assert_true(hwi_link_is_up(with_link(r, HAWSER_LINK_UP)));
}

static void test_step_changes_are_logged_once(void **state)
{
    struct rig *r = *state;
    struct hawser_device *d = with_link(r, HAWSER_LINK_UP);

    hwi_link_step(d);
    assert_int_equal(r->fake.log_count, 1);
    assert_string_equal(r->fake.logs[0].text,
                        "link_up interface=wlan0 address=192.0.2.7");
    assert_int_equal(r->fake.logs[0].level, HAWSER_LOG_INFO);
    r->fake.link.state = HAWSER_LINK_JOINING;
    hwi_link_step(d);
    r->fake.link.state = HAWSER_LINK_DOWN;
    hwi_link_step(d);
    assert_int_equal(r->fake.log_count, 2);
    assert_string_equal(r->fake.logs[1].text, "link_down interface=wlan0");
    assert_int_equal(r->fake.logs[1].level, HAWSER_LOG_WARNING);
}

static void test_is_lost_after_fifteen_seconds_down(void **state)
{
    struct rig *r = *state;
    struct hawser_device *d = with_link(r, HAWSER_LINK_UP);

    assert_false(hwi_link_is_lost(d));
    assert_true(hwi_link_deadline_ms(d) == HAWSER_NEVER);
    d->now_ms = 50000;
    r->fake.link.state = HAWSER_LINK_DOWN;
    hwi_link_step(d);
    d->now_ms = 64999;
    r->fake.link.state = HAWSER_LINK_NO_ADDRESS; /* since when stays */
    hwi_link_step(d);
    assert_false(hwi_link_is_lost(d));
    assert_int_equal(hwi_link_deadline_ms(d), 65000);
    d->now_ms = 65000;
    assert_true(hwi_link_is_lost(d));
    r->fake.link.state = HAWSER_LINK_UP;
    hwi_link_step(d);
    assert_false(hwi_link_is_lost(d));
}

static void test_cause_follows_the_state(void **state)
{
    static const struct {
        enum hawser_link_state state;
        enum hawser_cause cause;
    } rows[] = {
        {HAWSER_LINK_DOWN, HAWSER_CAUSE_LINK_DOWN},
        {HAWSER_LINK_JOINING, HAWSER_CAUSE_LINK_DOWN},
        {HAWSER_LINK_REFUSED, HAWSER_CAUSE_LINK_REFUSED},
        {HAWSER_LINK_NO_ADDRESS, HAWSER_CAUSE_NO_ADDRESS},
        {HAWSER_LINK_UP, HAWSER_CAUSE_LINK_DOWN}, /* it has just come back */
    };
    struct rig *r = *state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(hwi_link_cause(with_link(r, rows[i].state)),
                         rows[i].cause);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(test_init_counts_as_down_from_now),
        STORY(test_step_only_up_is_up),
        STORY(test_step_changes_are_logged_once),
        STORY(test_is_lost_after_fifteen_seconds_down),
        STORY(test_cause_follows_the_state),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
