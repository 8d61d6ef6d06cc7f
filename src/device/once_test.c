/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 1,000 commands to a device whose connection, process and power fail in a
 * random schedule. The sender does what docs/commands.md tells it to: it sends
 * the same id until a final answer has come. Then each command has taken effect
 * exactly once, or is answered as interrupted and has taken effect once or not
 * at all, never twice.
 */
#include "device/command_test.h"

#include "device/json_write.h"
#include "device/ledger.h"

#define COMMANDS  1000u
#define ROUND_MS  20000u
#define TRIES_MAX 40u

static const struct hawser_arg count_args[] = {
    {.name = "n", .kind = HAWSER_ARG_INTEGER, .min = 0, .max = COMMANDS - 1},
};
static const struct hawser_command table[] = {
    {.name = "count", .args = count_args, .arg_count = 1},
};

/* The world outside the device: what really happened. */
struct world {
    struct rig *r;
    uint32_t random;
    unsigned effects[COMMANDS];
    uint8_t outcome[COMMANDS]; /* 0: none yet; 's': succeeded; 'i' */
    unsigned cuts;
    unsigned reboots;
    unsigned losses;
};

static uint32_t chance(struct world *w, uint32_t of)
{
    w->random = w->random * 1664525u + 1013904223u;
    return (w->random >> 8) % of;
}

static void restart_process(struct world *w)
{
    struct rig *r = w->r;

    fake_flash_power(&r->fake);
    rig_reboot(r);
    w->reboots++;
}

/* The application: does what it is told, and may die at any point of it. */
static void serve(struct world *w)
{
    static const struct hawser_answer done = {.outcome = HAWSER_SUCCEEDED};
    struct hawser_call call;

    while (hawser_device_next_call(&w->r->device, &call)) {
        uint32_t when = chance(w, 12);
        if (when == 0) {
            restart_process(w);
            return;
        }
        w->effects[call.args[0].integer]++;
        if (when == 1) {
            restart_process(w);
            return;
        }
        if (hawser_device_answer(&w->r->device, call.token, &done) != 0) {
            fail_msg("a call was not taken back");
        }
    }
}

/* Reads what the broker was told; the newest about each. */
static void listen(struct world *w)
{
    struct fake_broker *b = &w->r->fake.broker;

    for (unsigned i = 0; i < b->message_count; i++) {
        const char *text = b->messages[i].payload;
        const char *id = strstr(text, "\"id\":\"c");
        unsigned n;
        if (strstr(b->messages[i].topic, "/reply") == NULL || id == NULL) {
            continue;
        }
        n = (unsigned)strtoul(id + 7, NULL, 10);
        assert_true(n < COMMANDS);
        if (strstr(text, "succeeded") != NULL) {
            assert_int_not_equal(w->outcome[n], 'i');
            w->outcome[n] = 's';
        } else if (strstr(text, "interrupted") != NULL) {
            assert_int_not_equal(w->outcome[n], 's');
            w->outcome[n] = 'i';
        }
    }
    b->message_count = 0;
}

/* Something goes wrong, soon or at once. */
static void disturb(struct world *w)
{
    struct rig *r = w->r;

    switch (chance(w, 8)) {
    case 0:
        fake_broker_close(&r->fake.broker);
        w->losses++;
        break;
    case 1:
        r->fake.broker.ignores_publish = true;
        break;
    case 2:
        restart_process(w);
        break;
    case 3:
    case 4:
        r->fake.flash.power_left = (int)chance(w, 6);
        r->fake.flash.torn_bytes = chance(w, 400);
        r->fake.flash.leaves_garbage = chance(w, 2) == 0;
        break;
    default:
        break;
    }
}

static void repair(struct world *w)
{
    struct rig *r = w->r;

    if (r->fake.flash.is_cut) {
        w->cuts++;
        r->fake.broker.message_count = 0; /* some would not have left */
        restart_process(w);
    }
    r->fake.flash.power_left = -1;
    if (r->fake.broker.ignores_publish) {
        r->fake.broker.ignores_publish = false;
        fake_broker_close(&r->fake.broker);
        w->losses++;
    }
}

/* Sends the command once, to a device that may not be there. */
static void send_once(struct world *w, unsigned n)
{
    char text[96];
    struct rig *r = w->r;

    if (hawser_device_state(&r->device) != HAWSER_DEVICE_ONLINE) {
        (void)rig_run_until(r, HAWSER_DEVICE_ONLINE, ROUND_MS);
    }
    (void)snprintf(text, sizeof(text),
                   "{'command':'count','id':'c%u.','args':{'n':%u}}", n, n);
    disturb(w);
    if (r->fake.stage == HAWSER_STREAM_OPEN && r->fake.broker.is_connected) {
        say(r, text);
    }
    serve(w);
    rig_run(r, 10 + chance(w, 50));
    repair(w);
    (void)rig_run_until(r, HAWSER_DEVICE_ONLINE, ROUND_MS);
    rig_run(r, 10);
    listen(w);
}

static void test_a_thousand_commands_once_each(void **state)
{
    static struct world w;
    unsigned done = 0;
    unsigned interrupted = 0;

    memset(&w, 0, sizeof(w));
    w.r = *state;
    w.random = 20261123;
    w.r->config.commands = table;
    w.r->config.command_count = 1;
    rig_online(w.r);
    for (unsigned n = 0; n < COMMANDS; n++) {
        for (unsigned i = 0; w.outcome[n] == 0; i++) {
            assert_true(i < TRIES_MAX);
            send_once(&w, n);
            w.r->fake.log_count = 0;
        }
        assert_true(w.effects[n] <= 1);
        assert_true(w.outcome[n] != 's' || w.effects[n] == 1);
        done += w.outcome[n] == 's';
        interrupted += w.outcome[n] == 'i';
    }
    for (unsigned n = 0; n < COMMANDS; n++) {
        assert_true(w.effects[n] <= 1);
    }
    assert_int_equal(done + interrupted, COMMANDS);
    print_message("once: %u commands, %u succeeded, %u interrupted; %u power "
                  "cuts, %u restarts, %u lost connections\n",
                  COMMANDS, done, interrupted, w.cuts, w.reboots, w.losses);
    assert_true(w.cuts > 100 && w.reboots > 300 && w.losses > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(test_a_thousand_commands_once_each),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
