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
    assert_int_equal(r->device.outbox.count, 0);
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
    assert_int_equal(r->device.outbox.count, 0);
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
    char lost[80];

    rig_start(r);
    be_offline(r, 60 * 30 * SECOND);
    dropped = counters(r)->dropped;
    assert_in_range(dropped, 10, 40);
    (void)snprintf(lost, sizeof(lost),
                   "\"lost\":[{\"from\":1,\"to\":%u,\"count\":%u}]", dropped,
                   dropped);
    come_back(r);
    rig_run(r, 5 * SECOND);
    assert_seqs(r, 0, dropped + 1, 60);
    assert_int_equal(told(r, "/status", lost), 1);
    assert_int_equal(told(r, "/event", "telemetry_lost"), 0);
    assert_int_equal(counters(r)->published + counters(r)->dropped, 60);
}

static void test_full_online_tells_an_event(void **state)
{
    struct rig *r = *state;

    r->config.interval_s = 1;
    rig_online(r);
    r->fake.broker.ignores_publish = true; /* too slow for us */
    rig_run(r, 60 * SECOND);
    assert_int_equal(hawser_device_state(&r->device), HAWSER_DEVICE_ONLINE);
    assert_true(counters(r)->dropped > 0);
    /* Eight are out and still the client's; the first that waited is lost. */
    assert_int_equal(data_count(r), 1 + 8);
    assert_int_equal(told(r, "/event",
                          "\"event\":\"telemetry_lost\",\"boot\":1,"
                          "\"lost\":[{\"from\":10,\"to\":10,\"count\":1}]"),
                     1);
}

static void test_full_measurement_larger_than_the_outbox_is_lost(void **state)
{
    struct rig *r = *state;

    measure_much(r);
    r->memory.outbox.size = 1024;
    rig_online(r); /* it fits, though hardly anything else does */
    assert_seqs(r, 0, 1, 1);
    r->device.outbox.room.size = 500;
    rig_run(r, 30 * SECOND);
    assert_int_equal(data_count(r), 1);
    assert_int_equal(counters(r)->dropped, 1);
    assert_int_equal(told(r, "/event", "{\"from\":2,\"to\":2,\"count\":1}"), 1);
}

static void test_send_larger_than_the_broker_takes_is_lost(void **state)
{
    struct rig *r = *state;

    measure_much(r);
    r->fake.broker.maximum_packet = 800;
    rig_online(r);
    assert_int_equal(data_count(r), 0);
    assert_int_equal(counters(r)->dropped, 1);
    assert_int_equal(r->device.outbox.count, 0);
    assert_int_equal(fake_logged(&r->fake, "refused", "code=message_too_large"),
                     1);
    assert_int_equal(told(r, "/event", "{\"from\":1,\"to\":1,\"count\":1}"), 1);
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
    assert_true(r->device.outbox.waiting > 0);
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
    assert_int_equal(r->device.outbox.count, 0);
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
    assert_int_equal(r->device.outbox.count, 0);
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
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
