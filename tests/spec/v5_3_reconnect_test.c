/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MQTT 5.0, chapter 3: rules of how connections follow each other. The client
 * opens none by itself; the device does.
 */
#include "device/story_test.h"

/* The server ends each connection that comes to this state, by these bytes and
 * a close. How many there are in an hour. */
static unsigned connections_in_an_hour(struct rig *r,
                                       enum hawser_device_state state,
                                       const uint8_t *bytes, size_t len)
{
    unsigned before = r->fake.broker.connections;

    for (unsigned step = 0; step < 36000; step++) {
        if (hawser_device_state(&r->device) == state &&
            !r->fake.broker.is_closed) {
            fake_broker_raw(&r->fake.broker, bytes, len);
            fake_broker_close(&r->fake.broker);
        }
        rig_run(r, 100);
    }
    return r->fake.broker.connections - before;
}

static void
mqtt5_3_1_4_2_a_close_instead_of_connack_is_a_failure_with_back_off(void **s)
{
    struct rig *r = *s;
    unsigned n;

    rig_online(r);
    assert_int_equal(r->fake.broker.version, 5);
    r->fake.broker.ignores_connect = true;
    fake_broker_close(&r->fake.broker);
    n = connections_in_an_hour(r, HAWSER_DEVICE_CONNACK, NULL, 0);
    assert_in_range(n, 20, 120); /* waits of up to two minutes */
    r->fake.broker.ignores_connect = false;
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 120000));
}

static void
mqtt5_3_1_4_3_session_taken_over_starts_no_war_between_two(void **state)
{
    static const uint8_t taken_over[] = {0xE0, 0x01, 0x8E};
    struct rig *r = *state;
    unsigned n;

    rig_online(r);
    n = connections_in_an_hour(r, HAWSER_DEVICE_ONLINE, taken_over,
                               sizeof(taken_over));
    assert_int_equal(r->fake.broker.version, 5);
    assert_true(fake_logged(&r->fake, "offline", "cause=mqtt_taken_over") > 0);
    assert_in_range(n, 1, 20); /* waits of up to an hour */
}

static void
mqtt5_3_14_4_2_the_connection_is_closed_behind_disconnect(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    assert_int_equal(r->fake.broker.version, 5);
    hawser_device_stop(&r->device);
    assert_true(rig_run_until(r, HAWSER_DEVICE_STOPPED, 1000));
    assert_int_equal(r->fake.broker.disconnects, 1);
    assert_false(r->fake.broker.is_connected); /* by the device */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(
            mqtt5_3_1_4_2_a_close_instead_of_connack_is_a_failure_with_back_off),
        STORY(mqtt5_3_1_4_3_session_taken_over_starts_no_war_between_two),
        STORY(mqtt5_3_14_4_2_the_connection_is_closed_behind_disconnect),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
