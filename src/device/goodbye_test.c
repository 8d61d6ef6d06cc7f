/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goodbyes: which one wins, what is still said, and that DISCONNECT leaves only
 * when the broker has the last status and the replies.
 */
#include "device/story_test.h"

#include "device/goodbye.h"
#include "device/outgoing.h"
#include "device/session.h"

static void restart_by_command(struct rig *r)
{
    rig_command(r, "{\"command\":\"restart\",\"id\":\"r1\"}");
}

static void test_say_stronger_ones_win(void **state)
{
    struct rig *r = *state;
    struct hawser_device *d = &r->device;

    rig_start(r);
    hwi_goodbye_say(d, HWI_GOODBYE_NONE);
    assert_false(d->is_goodbye_new);
    hwi_goodbye_say(d, HWI_GOODBYE_RESTART);
    assert_int_equal(d->goodbye, HWI_GOODBYE_RESTART);
    assert_true(d->is_goodbye_new);
    d->is_goodbye_new = false;
    hwi_goodbye_say(d, HWI_GOODBYE_RECONFIGURE);
    hwi_goodbye_say(d, HWI_GOODBYE_RESTART);
    assert_int_equal(d->goodbye, HWI_GOODBYE_RESTART);
    assert_false(d->is_goodbye_new);
    hwi_goodbye_say(d, HWI_GOODBYE_STOP);
    assert_int_equal(d->goodbye, HWI_GOODBYE_STOP);
    assert_true(d->is_goodbye_new);
}

static void test_begin_only_status_and_events_stay_due(void **state)
{
    struct rig *r = *state;
    struct hawser_device *d = &r->device;

    rig_start(r);
    d->session.due =
        HWI_DUE_SUBSCRIBE | HWI_DUE_SECURITY | HWI_DUE_PONG | HWI_DUE_EVENTS;
    d->goodbye = HWI_GOODBYE_STOP;
    hwi_goodbye_begin(d);
    assert_int_equal(d->session.due, HWI_DUE_STATUS | HWI_DUE_EVENTS);
    assert_string_equal(d->status_word, "offline");
    d->goodbye = HWI_GOODBYE_RESTART;
    hwi_goodbye_begin(d);
    assert_string_equal(d->status_word, "restarting");
}

static void test_step_without_session_is_over_at_once(void **state)
{
    struct rig *r = *state;

    r->fake.broker.ignores_connect = true;
    rig_start(r);
    assert_true(rig_run_until(r, HAWSER_DEVICE_CONNACK, 10000));
    hwi_goodbye_say(&r->device, HWI_GOODBYE_STOP);
    hawser_device_step(&r->device);
    assert_int_equal(hawser_device_state(&r->device), HAWSER_DEVICE_STOPPED);
    assert_int_equal(r->fake.broker.message_count, 0);
}

static void test_step_before_suback_still_says_offline(void **state)
{
    struct rig *r = *state;

    r->fake.broker.ignores_subscribe = true;
    rig_start(r);
    assert_true(rig_run_until(r, HAWSER_DEVICE_SUBACK, 10000));
    rig_run(r, 10);
    hawser_device_stop(&r->device);
    assert_true(rig_run_until(r, HAWSER_DEVICE_STOPPED, 1000));
    assert_int_equal(told(r, "/status", "\"offline\""), 1);
    assert_int_equal(r->fake.broker.disconnects, 1);
}

static void test_step_status_without_puback_is_waited_for(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    r->fake.broker.ignores_publish = true;
    hawser_device_stop(&r->device);
    rig_run(r, 4900);
    assert_int_equal(told(r, "/status", "\"offline\""), 1);
    assert_int_equal(hawser_device_state(&r->device), HAWSER_DEVICE_STOPPING);
    assert_int_equal(r->fake.broker.disconnects, 0);
}

static void test_step_reply_without_puback_is_waited_for(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    r->fake.broker.ignores_publish = true;
    rig_command(r, "{\"command\":\"get_status\",\"id\":\"g1\"}");
    assert_true(told(r, "/reply", "\"g1\"") > 0);
    r->fake.broker.ignores_publish = false; /* for the status */
    hawser_device_stop(&r->device);
    rig_run(r, 4900);
    assert_int_equal(told(r, "/status", "\"offline\""), 1);
    assert_int_equal(r->fake.broker.disconnects, 0);
    assert_true(rig_run_until(r, HAWSER_DEVICE_STOPPED, 200));
}

static void test_step_send_blocked_is_waited_for(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    r->fake.is_send_blocked = true;
    hawser_device_stop(&r->device);
    rig_run(r, 3000);
    assert_int_equal(hawser_device_state(&r->device), HAWSER_DEVICE_STOPPING);
    r->fake.is_send_blocked = false;
    r->fake.has_news = true;
    assert_true(rig_run_until(r, HAWSER_DEVICE_STOPPED, 100));
    assert_int_equal(told(r, "/status", "\"offline\""), 1);
    assert_int_equal(r->fake.broker.disconnects, 1);
}

static void test_step_disconnect_in_pieces_leaves_whole(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    r->fake.send_chunk = 1;
    hawser_device_stop(&r->device);
    assert_true(rig_run_until(r, HAWSER_DEVICE_STOPPED, 1000));
    assert_int_equal(r->fake.broker.disconnects, 1);
}

/* No room for one more message. */
static void fill_flights(struct rig *r)
{
    for (size_t i = 0; i < HWI_FLIGHTS_MAX; i++) {
        r->device.flights[i] = (struct hwi_flight){
            .packet_id = (uint16_t)(60000 + i), .kind = HWI_KIND_DATA};
    }
}

static void test_step_status_that_cannot_go_is_waited_for(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    fill_flights(r);
    hawser_device_stop(&r->device);
    rig_run(r, 4900);
    assert_int_equal(hawser_device_state(&r->device), HAWSER_DEVICE_STOPPING);
    assert_int_equal(r->fake.broker.disconnects, 0);
    memset(r->device.flights, 0, sizeof(r->device.flights));
    assert_true(rig_run_until(r, HAWSER_DEVICE_STOPPED, 10));
    assert_int_equal(told(r, "/status", "\"offline\""), 1);
    assert_int_equal(r->fake.broker.disconnects, 1);
}

static void test_step_reply_that_cannot_go_is_waited_for(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    fill_flights(r);
    rig_command(r, "{\"command\":\"get_status\",\"id\":\"g1\"}");
    assert_int_equal(r->device.replies.count, 1);
    /* Room for the status, but for nothing else. */
    r->device.flights[0].packet_id = 0;
    r->fake.broker.ignores_publish = true;
    hawser_device_stop(&r->device);
    rig_run(r, 10);
    assert_int_equal(told(r, "/status", "\"offline\""), 1);
    memset(r->device.flights, 0, sizeof(r->device.flights));
    r->fake.broker.ignores_publish = false;
    assert_true(rig_run_until(r, HAWSER_DEVICE_STOPPED, 10000));
    assert_int_equal(told(r, "/reply", "\"g1\""), 1);
    assert_int_equal(r->fake.broker.disconnects, 1);
}

static void test_step_reply_before_suback_is_waited_for(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    fill_flights(r);
    rig_command(r, "{\"command\":\"get_status\",\"id\":\"g1\"}");
    memset(r->device.flights, 0, sizeof(r->device.flights));
    r->fake.broker.ignores_subscribe = true;
    fake_broker_close(&r->fake.broker);
    rig_run(r, 0);
    assert_true(rig_run_until(r, HAWSER_DEVICE_SUBACK, 5000));
    rig_run(r, 10);
    assert_int_equal(r->device.replies.count, 1);
    hawser_device_stop(&r->device);
    rig_run(r, 4000); /* replies go out when there is the SUBACK */
    assert_int_equal(told(r, "/status", "\"offline\""), 1);
    assert_int_equal(r->fake.broker.disconnects, 0);
}

/* Takes everything but DISCONNECT. */
static int take_no_disconnect(void *ctx, const uint8_t *bytes, size_t len)
{
    struct fake_port *f = ctx;

    if (bytes[0] == 0xE0) {
        return HAWSER_E_WAIT;
    }
    fake_broker_feed(&f->broker, bytes, len);
    f->has_news = true;
    return (int)len;
}

static void test_step_disconnect_blocked_is_waited_for(void **state)
{
    struct rig *r = *state;
    int (*send)(void *, const uint8_t *, size_t) = r->fake.port.stream_send;

    rig_online(r);
    r->fake.port.stream_send = take_no_disconnect;
    hawser_device_stop(&r->device);
    rig_run(r, 3000);
    assert_int_equal(told(r, "/status", "\"offline\""), 1);
    assert_int_equal(hawser_device_state(&r->device), HAWSER_DEVICE_STOPPING);
    assert_int_equal(r->fake.broker.disconnects, 0);
    r->fake.port.stream_send = send;
    hawser_device_step(&r->device);
    assert_int_equal(hawser_device_state(&r->device), HAWSER_DEVICE_STOPPED);
    assert_int_equal(r->fake.broker.disconnects, 1);
}

static void test_step_line_ends_is_over(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    r->fake.broker.ignores_publish = true;
    hawser_device_stop(&r->device);
    rig_run(r, 100);
    fake_broker_close(&r->fake.broker);
    assert_true(rig_run_until(r, HAWSER_DEVICE_STOPPED, 10));
    assert_int_equal(r->fake.stage, HAWSER_STREAM_CLOSED);
    /* The will is the broker's to publish: no DISCONNECT. */
    assert_int_equal(r->fake.broker.disconnects, 0);
}

static void test_restart_says_restarting_then_the_port_restarts(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    restart_by_command(r);
    assert_true(rig_run_until(r, HAWSER_DEVICE_RESTARTING, 6000));
    assert_int_equal(r->fake.restarts, 1);
    assert_int_equal(told(r, "/status", "\"restarting\""), 1);
    assert_int_equal(told(r, "/status", "\"offline\""), 0);
    assert_int_equal(r->fake.broker.disconnects, 1);
    assert_int_equal(fake_logged(&r->fake, "restart", ""), 1);
    assert_true(hawser_device_deadline_ms(&r->device) == HAWSER_NEVER);
    hawser_device_stop(&r->device); /* too late to change that */
    hawser_device_step(&r->device);
    assert_int_equal(hawser_device_state(&r->device), HAWSER_DEVICE_RESTARTING);
    rig_reboot(r);
    assert_int_equal(r->device.reset_reason, HAWSER_RESET_COMMAND);
}

static void test_restart_port_cannot_comes_back_and_says_so(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    r->fake.restart_err = HAWSER_E_ABSENT;
    restart_by_command(r);
    rig_run(r, 1000);
    assert_int_equal(hawser_device_state(&r->device), HAWSER_DEVICE_ONLINE);
    assert_int_equal(r->fake.broker.connections, 2);
    assert_int_equal(fake_logged(&r->fake, "alert", "code=restart"), 1);
    assert_non_null(strstr(last(r, "/status"), "\"online\""));
    assert_true(told(r, "/reply", "\"r1\"") > 0);
}

static void test_restart_then_stop_stops(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    r->fake.broker.ignores_publish = true;
    restart_by_command(r);
    rig_run(r, 100);
    assert_int_equal(hawser_device_state(&r->device), HAWSER_DEVICE_STOPPING);
    hawser_device_stop(&r->device);
    assert_true(rig_run_until(r, HAWSER_DEVICE_STOPPED, 6000));
    assert_int_equal(r->fake.restarts, 0);
}

static void test_command_during_goodbye_is_not_taken(void **state)
{
    struct rig *r = *state;
    unsigned pubacks;

    rig_online(r);
    r->fake.broker.ignores_publish = true;
    hawser_device_stop(&r->device);
    rig_run(r, 10);
    pubacks = r->fake.broker.pubacks;
    rig_command(r, "{\"command\":\"ping\"}");
    /* Without PUBACK the broker sends it again to the next run. */
    assert_int_equal(r->fake.broker.pubacks, pubacks);
    assert_int_equal(told(r, "/status", "pong"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(test_say_stronger_ones_win),
        STORY(test_begin_only_status_and_events_stay_due),
        STORY(test_step_without_session_is_over_at_once),
        STORY(test_step_before_suback_still_says_offline),
        STORY(test_step_status_without_puback_is_waited_for),
        STORY(test_step_reply_without_puback_is_waited_for),
        STORY(test_step_send_blocked_is_waited_for),
        STORY(test_step_disconnect_in_pieces_leaves_whole),
        STORY(test_step_status_that_cannot_go_is_waited_for),
        STORY(test_step_reply_that_cannot_go_is_waited_for),
        STORY(test_step_reply_before_suback_is_waited_for),
        STORY(test_step_disconnect_blocked_is_waited_for),
        STORY(test_step_line_ends_is_over),
        STORY(test_restart_says_restarting_then_the_port_restarts),
        STORY(test_restart_port_cannot_comes_back_and_says_so),
        STORY(test_restart_then_stop_stops),
        STORY(test_command_during_goodbye_is_not_taken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
