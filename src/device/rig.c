/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rig. More steps at one moment than any story needs mean that a deadline
 * lies in the past: a busy loop on a real machine.
 */
#include "device/rig.h"

#include "device/fake_check.h"

#include <string.h>

#define STEPS_AT_ONCE_MAX 2000u

void rig_init(struct rig *r)
{
    static const char ca[] = "a CA";

    memset(r, 0, sizeof(*r));
    fake_port_init(&r->fake);
    r->brokers[0] = (struct hawser_endpoint){"broker.example", 8883};
    r->brokers[1] = (struct hawser_endpoint){"backup.example", 8884};
    for (unsigned i = 0; i < HAWSER_TIME_SERVERS_MAX; i++) {
        r->time_servers[i] = (struct hawser_endpoint){"time.example", 123};
    }
    r->sensors[0] = "temperature";
    r->sensors[1] = "humidity";
    r->fake.readings[0] = (struct hawser_reading){.value = {245, 1}};
    r->fake.readings[1] = (struct hawser_reading){.value = {652, 1}};
    r->config = (struct hawser_device_config){
        .id = "esp32_factory_001",
        .firmware = "2.1.0",
        .brokers = r->brokers,
        .broker_count = 1,
        .credentials = {.ca = {(const uint8_t *)ca, sizeof(ca)}},
        .time_servers = r->time_servers,
        .time_server_count = 3,
        .build_time_s = 1760000000,
        .qos = 1,
        .sensors = r->sensors,
        .sensor_count = 2,
    };
    r->memory = (struct hawser_device_memory){
        .rx = {r->rx, sizeof(r->rx)},
        .tx = {r->tx, sizeof(r->tx)},
        .store = {r->store, sizeof(r->store)},
        .slots = r->slots,
        .slot_count = sizeof(r->slots) / sizeof(r->slots[0]),
        .outbox = {r->outbox, sizeof(r->outbox)},
    };
}

void rig_start(struct rig *r)
{
    int err =
        hawser_device_init(&r->device, &r->config, &r->memory, &r->fake.port);

    FAKE_CHECK(err == 0);
}

void rig_reboot(struct rig *r)
{
    if (r->fake.stage == HAWSER_STREAM_OPEN) {
        fake_broker_lose(&r->fake.broker);
    }
    r->fake.stage = HAWSER_STREAM_CLOSED;
    memset(&r->device, 0xA5, sizeof(r->device));
    memset(r->outbox, 0xA5, sizeof(r->outbox));
    rig_start(r);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static bool has_news(struct rig *r)
{
    struct fake_port *f = &r->fake;
    bool has_bytes =
        f->stage == HAWSER_STREAM_OPEN && !f->is_cut_off &&
        (f->broker.out_len > f->broker.out_at || f->broker.is_closed);

    if (has_bytes || f->has_news) {
        f->has_news = false;
        return true;
    }
    return fake_port_next_ms(f) <= f->now_ms;
}

static bool is_reached(const struct rig *r, int state)
{
    return (int)hawser_device_state(&r->device) == state;
}

static bool run(struct rig *r, int state, uint64_t end_ms)
{
    unsigned at_once = 0;

    hawser_device_step(&r->device);
    while (!is_reached(r, state)) {
        uint64_t due_ms = earlier(hawser_device_deadline_ms(&r->device),
                                  fake_port_next_ms(&r->fake));
        if (!has_news(r) && due_ms > r->fake.now_ms) {
            if (due_ms > end_ms) {
                r->fake.now_ms = end_ms;
                return false;
            }
            r->fake.now_ms = due_ms;
            at_once = 0;
        }
        hawser_device_step(&r->device);
        r->steps++;
        FAKE_CHECK(++at_once < STEPS_AT_ONCE_MAX);
    }
    return true;
}

void rig_run(struct rig *r, uint64_t ms)
{
    (void)run(r, -1, r->fake.now_ms + ms); /* no state is -1 */
}

bool rig_run_until(struct rig *r, enum hawser_device_state state, uint64_t ms)
{
    return run(r, (int)state, r->fake.now_ms + ms);
}

void rig_online(struct rig *r)
{
    bool is_online;

    rig_start(r);
    is_online = rig_run_until(r, HAWSER_DEVICE_ONLINE, 60000);
    FAKE_CHECK(is_online);
    rig_run(r, 100);
}

void rig_command(struct rig *r, const char *payload)
{
    static uint16_t packet_id;
    struct fake_publish p = {.topic = "hawser/esp32_factory_001/control",
                             .payload = payload};

    packet_id = (uint16_t)(packet_id % 60000 + 1);
    p.packet_id = packet_id;
    fake_broker_publish(&r->fake.broker, &p);
    rig_run(r, 10);
}
