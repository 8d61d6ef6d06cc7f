/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the stories about telemetry have in common: a broker that comes and
 * goes, large measurements, and the order in which they arrived.
 */
#ifndef HWI_DEVICE_TELEMETRY_TEST_H
#define HWI_DEVICE_TELEMETRY_TEST_H

#include "device/outbox.h"
#include "device/story_test.h"

static inline unsigned data_count(const struct rig *r)
{
    return told(r, "/data", "");
}

/* The n-th data message, from 0. */
static inline const struct fake_message *data(const struct rig *r, unsigned n)
{
    const struct fake_message *m =
        fake_broker_find(&r->fake.broker, "/data", "", n);

    assert_non_null(m);
    return m;
}

static inline uint32_t seq_of(const struct fake_message *m)
{
    const char *at = strstr(m->payload, "\"seq\":");

    assert_non_null(at);
    return (uint32_t)strtoul(at + 6, NULL, 10);
}

static inline bool is_hist(const struct fake_message *m)
{
    return strstr(m->payload, "\"hist\":true") != NULL;
}

/* The data messages from the n-th on are these, in this order, and no more. */
static inline void assert_seqs(const struct rig *r, unsigned n, uint32_t from,
                               uint32_t to)
{
    for (uint32_t seq = from; seq <= to; seq++) {
        assert_int_equal(seq_of(data(r, n + seq - from)), seq);
    }
    assert_int_equal(data_count(r), n + to - from + 1);
}

static inline void set_link(struct rig *r, bool is_up)
{
    r->fake.link.state = is_up ? HAWSER_LINK_UP : HAWSER_LINK_DOWN;
    r->fake.has_news = true;
}

/* Takes the network away for so long. */
static inline void be_offline(struct rig *r, uint64_t ms)
{
    set_link(r, false);
    rig_run(r, ms);
    assert_int_not_equal(hawser_device_state(&r->device), HAWSER_DEVICE_ONLINE);
}

static inline void come_back(struct rig *r)
{
    set_link(r, true);
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 60000));
}

/* As many sensors as there can be, with names and values as long as can be: a
 * message of more than 900 bytes. */
static inline void measure_much(struct rig *r)
{
    static char names[HAWSER_SENSORS_MAX][HAWSER_SENSOR_NAME_MAX + 1];
    static const char *sensors[HAWSER_SENSORS_MAX];

    for (unsigned i = 0; i < HAWSER_SENSORS_MAX; i++) {
        (void)snprintf(names[i], sizeof(names[i]), "sensor_%02u_%s", i,
                       "with_a_name_as_long_as");
        assert_int_equal(strlen(names[i]), HAWSER_SENSOR_NAME_MAX);
        sensors[i] = names[i];
        r->fake.readings[i].value = (struct hawser_number){INT64_MIN, 9};
    }
    r->config.sensors = sensors;
    r->config.sensor_count = HAWSER_SENSORS_MAX;
}

#endif
