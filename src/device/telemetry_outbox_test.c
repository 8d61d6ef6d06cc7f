/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Telemetry through outages: kept in order, replayed at a limited rate, dropped
 * and counted when there is too much, and nothing told twice.
 */
#include "device/telemetry.h"

#include "device/outgoing.h"
#include "device/telemetry_test.h"

#define SECOND 1000u

/* Outages ------------------------------------------------------------------- */

static void test_outage_is_replayed_in_order_before_what_is_new(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    be_offline(r, 150 * SECOND); /* seq 2..6 */
    assert_int_equal(fake_logged(&r->fake, "stored", "seq=6 waiting="), 1);
    come_back(r);
    rig_run(r, 40 * SECOND);
    assert_true(data_count(r) >= 7);
    assert_seqs(r, 0, 1, data_count(r));
    assert_int_equal(counters(r)->published, data_count(r));
    assert_int_equal(counters(r)->dropped, 0);
    for (unsigned i = 0; i < data_count(r); i++) {
        assert_int_equal(is_hist(data(r, i)), i >= 1 && i <= 5);
    }
}

static void test_outage_measurements_keep_their_moment(void **state)
{
    struct rig *r = *state;

    r->fake.time_dns = HAWSER_E_LINK; /* nor is the time known */
    rig_start(r);
    be_offline(r, 65 * SECOND);
    r->fake.time_dns = 1;
    rig_run(r, 30 * SECOND);
    r->fake.unix_ms += 100 * SECOND; /* so late the truth comes out */
    come_back(r);
    rig_run(r, SECOND);
    assert_seqs(r, 0, 1, 3);
    /* The start is at 5 s; they were made each 30 s from then on. */
    assert_non_null(strstr(data(r, 0)->payload, "\"time\":1790000135,"));
    assert_non_null(strstr(data(r, 1)->payload, "\"time\":1790000165,"));
    assert_non_null(strstr(data(r, 2)->payload, "\"time\":1790000195,"));
    assert_true(is_hist(data(r, 0)));
}

static void test_outage_before_the_first_session_is_history(void **state)
{
    struct rig *r = *state;

    r->config.interval_s = 10;
    rig_start(r);
    be_offline(r, 35 * SECOND);
    come_back(r);
    rig_run(r, 10 * SECOND);
    assert_seqs(r, 0, 1, 4);
    assert_true(is_hist(data(r, 2)));
    assert_false(is_hist(data(r, 3)));
}

static void test_outage_replay_has_a_burst_and_a_rate(void **state)
{
    struct rig *r = *state;
    unsigned before;

    r->config.interval_s = 3;
    rig_online(r);
    be_offline(r, 115 * SECOND); /* some 35 fit */
    assert_int_equal(counters(r)->dropped, 0);
    before = data_count(r);
    come_back(r);
    assert_int_equal(data_count(r) - before, 16);
    rig_run(r, 50);
    assert_int_equal(data_count(r) - before, 17);
    rig_run(r, 500);
    assert_int_equal(data_count(r) - before, 27);
    rig_run(r, 3 * SECOND);
    assert_seqs(r, 0, 1, data_count(r));
    assert_int_equal(hwi_outbox_count(&r->device.outbox), 0);
}

static void test_outage_replay_meets_live_in_order(void **state)
{
    struct rig *r = *state;
    unsigned hist = 0;

    r->config.interval_s = 1;
    rig_online(r);
    be_offline(r, 35 * SECOND);
    come_back(r);
    rig_run(r, 10 * SECOND);
    assert_true(data_count(r) > 40);
    assert_seqs(r, 0, 1, data_count(r));
    assert_int_equal(hwi_outbox_count(&r->device.outbox), 0);
    for (unsigned i = 0; i < data_count(r); i++) {
        hist += is_hist(data(r, i)) ? 1 : 0;
    }
    assert_in_range(hist, 18, 36); /* a gap of 15 s is no outage yet */
}

/* Too much ------------------------------------------------------------------ */

static void test_full_offline_drops_the_oldest_and_counts(void **state)
{
    struct rig *r = *state;
    unsigned dropped;
    char lost[120];

    r->memory.outbox.size = 8192;
    rig_start(r);
    be_offline(r, 100 * 30 * SECOND);
    dropped = counters(r)->dropped;
    assert_in_range(dropped, 20, 50);
    (void)snprintf(lost, sizeof(lost),
                   "\"event\":\"telemetry_lost\",\"boot\":1,\"lost\":[{"
                   "\"boot\":1,\"from\":1,\"to\":%u,\"count\":%u}]",
                   dropped, dropped);
    come_back(r);
    rig_run(r, 10 * SECOND);
    assert_seqs(r, 0, dropped + 1, 100);
    assert_true(fake_logged(&r->fake, "lost", "count=") > 0);
    assert_int_equal(told(r, "/event", lost), 1);
    assert_int_equal(told(r, "/event", "telemetry_lost"), 1);
    assert_int_equal(counters(r)->published + counters(r)->dropped, 100);
}

static void test_full_online_tells_an_event(void **state)
{
    struct rig *r = *state;

    r->config.interval_s = 1;
    r->memory.outbox.size = 4096;
    rig_online(r);
    r->fake.broker.ignores_publish = true; /* too slow for us */
    rig_run(r, 60 * SECOND);
    assert_int_equal(hawser_device_state(&r->device), HAWSER_DEVICE_ONLINE);
    assert_true(counters(r)->dropped > 0);
    /* Eight are out and still the client's; the first that waited is lost. */
    assert_int_equal(data_count(r), 1 + 8);
    assert_int_equal(told(r, "/event",
                          "\"event\":\"telemetry_lost\",\"boot\":1,"
                          "\"lost\":[{\"boot\":1,\"from\":10,\"to\":"),
                     1);
    r->fake.broker.ignores_publish = false;
}

static void test_full_measurement_larger_than_the_outbox_is_lost(void **state)
{
    struct rig *r = *state;

    measure_much(r);
    r->memory.outbox.size = 4096;
    rig_online(r);
    assert_int_equal(data_count(r), 0);
    assert_int_equal(counters(r)->dropped, 1);
    assert_int_equal(
        told(r, "/event", "{\"boot\":1,\"from\":1,\"to\":1,\"count\":1}"), 1);
}

static void test_send_larger_than_the_broker_takes_is_lost(void **state)
{
    struct rig *r = *state;

    measure_much(r);
    r->fake.broker.maximum_packet = 800;
    rig_online(r);
    assert_int_equal(data_count(r), 0);
    assert_int_equal(counters(r)->dropped, 1);
    assert_int_equal(hwi_outbox_count(&r->device.outbox), 0);
    assert_int_equal(fake_logged(&r->fake, "refused", "code=message_too_large"),
                     1);
    assert_int_equal(
        told(r, "/event", "{\"boot\":1,\"from\":1,\"to\":1,\"count\":1}"), 1);
}

/* Room for a while ---------------------------------------------------------- */

static void test_send_window_leaves_room_for_the_rest(void **state)
{
    struct rig *r = *state;

    r->config.interval_s = 1;
    r->fake.broker.receive_maximum = 4;
    rig_online(r);
    r->fake.broker.ignores_publish = true;
    rig_run(r, 20 * SECOND);
    assert_seqs(r, 0, 1, 3); /* two are out */
    rig_command(r, "{\"command\":\"get_status\"}");
    assert_true(told(r, "/reply", "") > 0);
}

static void test_send_full_buffer_goes_on_in_order(void **state)
{
    struct rig *r = *state;

    measure_much(r);
    r->config.interval_s = 1;
    rig_online(r);
    r->fake.is_send_blocked = true;
    rig_run(r, 4 * SECOND); /* tx holds three */
    assert_int_equal(data_count(r), 1);
    assert_true(hwi_outbox_waiting(&r->device.outbox) > 0);
    r->fake.is_send_blocked = false;
    rig_run(r, 3 * SECOND);
    assert_seqs(r, 0, 1, data_count(r));
    assert_int_equal(counters(r)->published, data_count(r));
    assert_int_equal(counters(r)->dropped, 0);
}

static void test_send_seq_wraps_in_order(void **state)
{
    static const uint32_t seqs[] = {1, UINT32_MAX - 1, UINT32_MAX, 0, 1};
    struct rig *r = *state;

    rig_online(r);
    r->device.telemetry.seq = UINT32_MAX - 2;
    be_offline(r, 125 * SECOND);
    come_back(r);
    rig_run(r, 100);
    for (unsigned i = 0; i < 5; i++) {
        assert_int_equal(seq_of(data(r, i)), seqs[i]);
    }
    assert_int_equal(hwi_outbox_count(&r->device.outbox), 0);
}

/* Acknowledgements ---------------------------------------------------------- */

static void test_ack_lost_with_the_line_is_made_up_for(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    r->fake.broker.ignores_publish = true;
    rig_run(r, 65 * SECOND); /* 2 and 3 are out */
    assert_int_equal(counters(r)->published, 1);
    fake_broker_close(&r->fake.broker);
    assert_true(rig_run_until(r, HAWSER_DEVICE_RETRY, SECOND));
    r->fake.broker.ignores_publish = false;
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 20 * SECOND));
    rig_run(r, 100);
    assert_int_equal(told(r, "/data", "\"seq\":2,"), 2);
    assert_int_equal(told(r, "/data", "\"seq\":3,"), 2);
    assert_int_equal(counters(r)->published, 3);
    assert_int_equal(counters(r)->dropped, 0);
    assert_int_equal(hwi_outbox_count(&r->device.outbox), 0);
}

static void test_qos_0_waits_through_an_outage_too(void **state)
{
    struct rig *r = *state;

    r->config.qos = 0;
    rig_online(r);
    rig_run(r, 20 * SECOND);
    be_offline(r, 100 * SECOND);
    come_back(r);
    rig_run(r, SECOND);
    assert_true(counters(r)->published >= 4);
    assert_seqs(r, 0, 1, counters(r)->published);
}

/* Restarts ------------------------------------------------------------------ */

static void give_flash(struct rig *r)
{
    fake_flash_shape(&r->fake, HAWSER_REGION_OUTBOX,
                     (struct hawser_flash_geometry){1024, 4, 4});
}

static void test_restart_sends_what_was_not_acknowledged(void **state)
{
    struct rig *r = *state;

    give_flash(r);
    rig_online(r);
    r->fake.broker.ignores_publish = true;
    rig_run(r, 65 * SECOND); /* 2 and 3 are out, and not acknowledged */
    be_offline(r, 30 * SECOND);
    rig_reboot(r);
    r->fake.broker.ignores_publish = false;
    come_back(r);
    rig_run(r, SECOND);
    assert_int_equal(data_count(r), 3 + 4);
    for (unsigned i = 0; i < 4; i++) {
        const struct fake_message *m = data(r, 3 + i);
        bool is_old = i < 3;
        assert_int_equal(is_hist(m), is_old);
        assert_int_equal(seq_of(m), is_old ? 2 + i : 1);
        assert_non_null(
            strstr(m->payload, is_old ? "\"boot\":1," : "\"boot\":2,"));
        assert_non_null(strstr(m->payload, "\"time\":1790000"));
    }
    assert_int_equal(hwi_outbox_count(&r->device.outbox), 0);
}

static void test_restart_after_a_stop_sends_nothing_twice(void **state)
{
    struct rig *r = *state;

    give_flash(r);
    rig_online(r);
    rig_run(r, 65 * SECOND);
    hawser_device_stop(&r->device);
    assert_true(rig_run_until(r, HAWSER_DEVICE_STOPPED, 5 * SECOND));
    assert_int_equal(data_count(r), 3);
    rig_reboot(r);
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 60 * SECOND));
    rig_run(r, SECOND);
    assert_int_equal(data_count(r), 4);
    assert_false(is_hist(data(r, 3)));
}

static void test_restart_time_that_came_late_is_filled_in(void **state)
{
    struct rig *r = *state;

    give_flash(r);
    r->fake.time_dns = HAWSER_E_LINK;
    rig_start(r);
    r->fake.broker.ignores_publish = true;
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 60 * SECOND));
    rig_run(r, 40 * SECOND);
    assert_null(strstr(data(r, 0)->payload, "\"time\""));
    r->fake.time_dns = 1;
    rig_run(r, 120 * SECOND);
    set_link(r, false);
    rig_reboot(r);
    r->fake.time_dns = HAWSER_E_LINK; /* and now nobody knows it again */
    r->fake.broker.ignores_publish = false;
    come_back(r);
    rig_run(r, SECOND);
    assert_non_null(fake_broker_find(
        &r->fake.broker, "/data", "\"seq\":1,\"boot\":1,\"time\":1790000", 0));
}

static void test_restart_tells_what_was_lost_before(void **state)
{
    struct rig *r = *state;
    char lost[80];

    give_flash(r);
    rig_start(r);
    be_offline(r, 80 * 30 * SECOND);
    (void)snprintf(lost, sizeof(lost),
                   "\"lost\":[{\"boot\":1,\"from\":1,\"to\":%u,\"count\":%u}]",
                   counters(r)->dropped, counters(r)->dropped);
    assert_true(counters(r)->dropped > 0);
    rig_reboot(r);
    come_back(r);
    rig_run(r, 100);
    assert_int_equal(told(r, "/event", lost), 1);
    rig_run(r, 40 * SECOND);
    rig_reboot(r);
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 60 * SECOND));
    rig_run(r, SECOND);
    assert_int_equal(told(r, "/event", "telemetry_lost"), 1);
}

static void test_expiry_loses_what_is_too_old(void **state)
{
    struct rig *r = *state;

    give_flash(r);
    r->config.outbox_expiry_s = 100;
    rig_online(r);
    be_offline(r, 295 * SECOND); /* 2..10 */
    rig_reboot(r);
    rig_run(r, 5 * SECOND);
    come_back(r);
    rig_run(r, SECOND);
    assert_int_equal(
        told(r, "/event",
             "\"lost\":[{\"boot\":1,\"from\":2,\"to\":7,\"count\":6}]"),
        1);
    assert_int_equal(seq_of(data(r, 1)), 8);
    be_offline(r, 195 * SECOND); /* the same in one run */
    come_back(r);
    rig_run(r, SECOND);
    assert_int_equal(told(r, "/event", "\"lost\":[{\"boot\":2,"), 1);
}

static void test_flash_fails_telemetry_goes_on_and_says_so(void **state)
{
    struct rig *r = *state;

    give_flash(r);
    rig_online(r);
    r->fake.flash.is_broken = true;
    rig_run(r, 60 * SECOND);
    assert_seqs(r, 0, 1, 3);
    assert_int_equal(fake_logged(&r->fake, "alert", "code=outbox kind=flash"),
                     1);
    assert_int_equal(told(r, "/alert/outbox", "\"code\":\"flash\""), 1);
    rig_command(r, "{\"command\":\"get_status\"}");
    assert_int_equal(told(r, "/reply", "\"failing\":true}"), 1);
    r->fake.flash.is_broken = false;
    rig_run(r, 60 * SECOND);
    assert_seqs(r, 0, 1, 5);
    assert_false(r->device.outbox.is_failing);
    assert_string_equal(last(r, "/alert/outbox"), ""); /* taken away */
}

static void test_flash_unreadable_is_an_alert(void **state)
{
    struct rig *r = *state;

    give_flash(r);
    r->fake.flash.is_unreadable = true;
    assert_int_equal(
        hawser_device_init(&r->device, &r->config, &r->memory, &r->fake.port),
        HAWSER_E_STORAGE);
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 60 * SECOND));
    rig_run(r, 40 * SECOND);
    assert_seqs(r, 0, 1, 2);
    assert_int_equal(told(r, "/alert/outbox", "\"code\":\"flash\""), 1);
}

static void test_replay_rate_is_as_configured(void **state)
{
    struct rig *r = *state;
    unsigned before;

    r->config.replay_per_second = 2;
    r->config.interval_s = 3;
    rig_online(r);
    be_offline(r, 100 * SECOND);
    before = data_count(r);
    come_back(r);
    rig_run(r, 3 * SECOND);
    assert_in_range(data_count(r) - before, 16 + 5, 16 + 7);
}

/* How old it is cannot be known: better late than lost. */
static void test_expiry_without_the_time_loses_nothing(void **state)
{
    struct rig *r = *state;

    give_flash(r);
    r->config.outbox_expiry_s = 100;
    r->config.time_server_count = 0;
    rig_online(r);
    be_offline(r, 295 * SECOND);
    r->config.time_server_count = 3; /* now it knows the time */
    rig_reboot(r);
    rig_run(r, 5 * SECOND);
    come_back(r);
    rig_run(r, 5 * SECOND);
    assert_int_equal(told(r, "/event", "\"lost\""), 0);
    assert_int_equal(seq_of(data(r, 1)), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(test_outage_is_replayed_in_order_before_what_is_new),
        STORY(test_outage_measurements_keep_their_moment),
        STORY(test_outage_before_the_first_session_is_history),
        STORY(test_outage_replay_has_a_burst_and_a_rate),
        STORY(test_outage_replay_meets_live_in_order),
        STORY(test_full_offline_drops_the_oldest_and_counts),
        STORY(test_full_online_tells_an_event),
        STORY(test_full_measurement_larger_than_the_outbox_is_lost),
        STORY(test_send_larger_than_the_broker_takes_is_lost),
        STORY(test_send_window_leaves_room_for_the_rest),
        STORY(test_send_full_buffer_goes_on_in_order),
        STORY(test_send_seq_wraps_in_order),
        STORY(test_ack_lost_with_the_line_is_made_up_for),
        STORY(test_qos_0_waits_through_an_outage_too),
        STORY(test_restart_sends_what_was_not_acknowledged),
        STORY(test_restart_after_a_stop_sends_nothing_twice),
        STORY(test_restart_time_that_came_late_is_filled_in),
        STORY(test_restart_tells_what_was_lost_before),
        STORY(test_expiry_loses_what_is_too_old),
        STORY(test_flash_fails_telemetry_goes_on_and_says_so),
        STORY(test_flash_unreadable_is_an_alert),
        STORY(test_replay_rate_is_as_configured),
        STORY(test_expiry_without_the_time_loses_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
