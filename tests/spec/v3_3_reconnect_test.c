/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MQTT 3.1.1, chapter 3: rules of how connections follow each other. The client
 * opens none by itself; the device does, against a broker that speaks 3.1.1.
 */
#include "device/story_test.h"

/* The device is online with 3.1.1, and knows that this broker has no more. */
static void start(struct rig *r)
{
    r->fake.broker.refuses_5 = true;
    rig_online(r);
    assert_int_equal(r->fake.broker.version, 4);
}

/* The server closes each connection that comes to this state. How many there
 * are in an hour. */
static unsigned connections_in_an_hour(struct rig *r,
                                       enum hawser_device_state state)
{
    unsigned before = r->fake.broker.connections;

    for (unsigned step = 0; step < 36000; step++) {
        if (hawser_device_state(&r->device) == state) {
            fake_broker_close(&r->fake.broker);
        }
        rig_run(r, 100);
    }
    assert_int_equal(r->fake.broker.version, 4);
    return r->fake.broker.connections - before;
}

static void
mqtt3_3_1_4_2_a_client_that_is_cut_off_again_and_again_backs_off(void **state)
{
    struct rig *r = *state;
    unsigned n;

    start(r);
    n = connections_in_an_hour(r, HAWSER_DEVICE_ONLINE);
    assert_in_range(n, 3, 30); /* waits of up to a quarter of an hour */
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 900000));
}

static void
mqtt3_3_2_2_6_a_close_instead_of_connack_is_a_failure_with_back_off(void **s)
{
    struct rig *r = *s;
    unsigned n;

    start(r);
    r->fake.broker.ignores_connect = true;
    fake_broker_close(&r->fake.broker);
    n = connections_in_an_hour(r, HAWSER_DEVICE_CONNACK);
    assert_in_range(n, 20, 120); /* of up to two minutes */
    r->fake.broker.ignores_connect = false;
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 120000));
}

static void
mqtt3_3_14_4_1_the_connection_is_closed_behind_disconnect(void **state)
{
    struct rig *r = *state;

    start(r);
    hawser_device_stop(&r->device);
    assert_true(rig_run_until(r, HAWSER_DEVICE_STOPPED, 1000));
    assert_int_equal(r->fake.broker.disconnects, 1);
    assert_false(r->fake.broker.is_connected); /* by the device */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(mqtt3_3_1_4_2_a_client_that_is_cut_off_again_and_again_backs_off),
        STORY(
            mqtt3_3_2_2_6_a_close_instead_of_connack_is_a_failure_with_back_off),
        STORY(mqtt3_3_14_4_1_the_connection_is_closed_behind_disconnect),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
