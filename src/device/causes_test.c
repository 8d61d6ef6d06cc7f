/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of causes, row by row: each is provoked on a whole device, and what
 * the device does about it is held against this table, which is written down
 * here a second time, in seconds. What is not provoked says why.
 */
#include "device/story_test.h"

#include "device/retry.h"

#define MINUTE 60u
#define HOUR   3600u

/* What besides waiting is expected. */
#define NEXT    0x01u /* the next broker after five */
#define RECOVER 0x02u /* the link is joined again, each time */
#define RENEW   0x04u /* and after each five */
#define RESYNC  0x08u /* the time is asked for */
#define ONCE    0x10u /* the first retry does not wait */
#define SPREAD  0x20u /* over the fleet's window */
#define RESTART 0x40u /* after twenty and an hour */
#define LATE    0x80u /* only after a healthy minute: it is always the first */

struct row {
    enum hawser_cause cause;
    uint32_t base_s;
    uint32_t cap_s;
    unsigned does;
    void (*prepare)(struct rig *r);     /* before the start; may be NULL */
    void (*end_session)(struct rig *r); /* when it is online; NULL: never */
};

/* How ------------------------------------------------------------------------- */

/* To the next moment at which anything can happen. */
static void step_on(struct rig *r)
{
    uint64_t due_ms = hawser_device_deadline_ms(&r->device);
    uint64_t next_ms = fake_port_next_ms(&r->fake);

    due_ms = next_ms < due_ms ? next_ms : due_ms;
    rig_run(r, due_ms > r->fake.now_ms ? due_ms - r->fake.now_ms : 1);
}

static void link_down(struct rig *r)
{
    r->fake.link.state = HAWSER_LINK_DOWN;
}
static void link_refused(struct rig *r)
{
    r->fake.link.state = HAWSER_LINK_REFUSED;
}
static void no_address(struct rig *r)
{
    r->fake.link.state = HAWSER_LINK_NO_ADDRESS;
}
static void no_names(struct rig *r)
{
    r->fake.dns = HAWSER_E_LINK;
}
static void no_connack(struct rig *r)
{
    r->fake.broker.ignores_connect = true;
}
static void other_version(struct rig *r)
{
    r->fake.broker.refuses_5 = true;
    r->fake.broker.connack = 1; /* and 3.1.1, too */
}
static void no_login(struct rig *r)
{
    r->fake.broker.connack = 0x87;
}
static void busy(struct rig *r)
{
    r->fake.broker.connack = 0x97;
}
static void no_permission(struct rig *r)
{
    r->fake.broker.suback[0] = 0x80;
}
static void send_nonsense(struct rig *r)
{
    static const uint8_t reserved[] = {0x00, 0x00};

    fake_broker_raw(&r->fake.broker, reserved, sizeof(reserved));
}
static void take_over(struct rig *r)
{
    static const uint8_t taken_over[] = {0xE0, 0x02, 0x8E, 0x00};

    fake_broker_raw(&r->fake.broker, taken_over, sizeof(taken_over));
}
static void kick(struct rig *r)
{
    fake_broker_close(&r->fake.broker);
}
static void no_pings(struct rig *r)
{
    r->fake.broker.ignores_ping = true;
}
static void close_late(struct rig *r)
{
    rig_run(r, 100000);
    fake_broker_close(&r->fake.broker);
}

/* The table --------------------------------------------------------------------- */

#define STREAM(cause, base, cap, does)                    \
    {                                                     \
        HAWSER_CAUSE_##cause, base, cap, does, NULL, NULL \
    }

static const struct row rows[] = {
    {HAWSER_CAUSE_LINK_DOWN, 1, MINUTE, RECOVER, link_down, NULL},
    {HAWSER_CAUSE_LINK_REFUSED, 30, 15 * MINUTE, RECOVER, link_refused, NULL},
    {HAWSER_CAUSE_NO_ADDRESS, 2, 2 * MINUTE, RECOVER, no_address, NULL},
    {HAWSER_CAUSE_DNS, 2, 2 * MINUTE, NEXT | RENEW, no_names, NULL},
    STREAM(TCP_REFUSED, 1, 2 * MINUTE, NEXT),
    STREAM(TCP_TIMEOUT, 1, 2 * MINUTE, NEXT),
    STREAM(TCP_UNREACHABLE, 1, 2 * MINUTE, NEXT),
    STREAM(TLS_SETUP, MINUTE, HOUR, 0),
    STREAM(TLS_UNKNOWN_CA, MINUTE, HOUR, NEXT | RESYNC),
    STREAM(TLS_SELF_SIGNED, MINUTE, HOUR, NEXT | RESYNC),
    STREAM(TLS_WRONG_NAME, MINUTE, HOUR, NEXT | RESYNC),
    STREAM(TLS_EXPIRED, MINUTE, HOUR, NEXT | RESYNC),
    STREAM(TLS_NOT_YET_VALID, MINUTE, HOUR, NEXT | RESYNC),
    STREAM(TLS_REVOKED, MINUTE, HOUR, NEXT | RESYNC),
    STREAM(TLS_WRONG_USAGE, MINUTE, HOUR, NEXT | RESYNC),
    STREAM(TLS_WEAK, MINUTE, HOUR, NEXT | RESYNC),
    STREAM(TLS_BAD_CHAIN, MINUTE, HOUR, NEXT | RESYNC),
    STREAM(TLS_VERSION, MINUTE, HOUR, NEXT),
    STREAM(TLS_NOT_TLS, MINUTE, HOUR, NEXT),
    STREAM(TLS_CLIENT_CERT, MINUTE, HOUR, NEXT),
    STREAM(TLS_TIMEOUT, 1, 2 * MINUTE, NEXT),
    STREAM(TLS_MEMORY, 5, MINUTE, RESTART),
    STREAM(TLS_OTHER, 2, 2 * MINUTE, NEXT),
    {HAWSER_CAUSE_MQTT_TIMEOUT, 1, 2 * MINUTE, NEXT, no_connack, NULL},
    {HAWSER_CAUSE_MQTT_VERSION, MINUTE, HOUR, NEXT, other_version, NULL},
    {HAWSER_CAUSE_MQTT_NOT_AUTHORISED, MINUTE, HOUR, NEXT, no_login, NULL},
    {HAWSER_CAUSE_MQTT_REFUSED, 5, 15 * MINUTE, NEXT, busy, NULL},
    {HAWSER_CAUSE_MQTT_PERMISSION, MINUTE, HOUR, NEXT, no_permission, NULL},
    {HAWSER_CAUSE_MQTT_PROTOCOL, 5, 15 * MINUTE, NEXT, NULL, send_nonsense},
    {HAWSER_CAUSE_MQTT_KICKED, 2, 15 * MINUTE, NEXT | SPREAD, NULL, kick},
    {HAWSER_CAUSE_MQTT_TAKEN_OVER, 30, HOUR, 0, NULL, take_over},
    {HAWSER_CAUSE_PING_LOST, 1, 2 * MINUTE, ONCE | SPREAD | LATE, no_pings,
     step_on},
    {HAWSER_CAUSE_CLOSED, 1, 2 * MINUTE, SPREAD | LATE, NULL, close_late},
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

/* These end no attempt: NONE is none, for TIME the device goes on by the floor,
 * STOPPED was wanted. */
static bool is_never(enum hawser_cause cause)
{
    return cause == HAWSER_CAUSE_NONE || cause == HAWSER_CAUSE_TIME ||
           cause == HAWSER_CAUSE_STOPPED;
}

/* Running a row ------------------------------------------------------------------ */

static struct rig *prepare(struct rig *r, const struct row *row)
{
    enum hawser_stream_stage stage = row->cause < HAWSER_CAUSE_TLS_SETUP
                                         ? HAWSER_STREAM_TCP
                                         : HAWSER_STREAM_TLS;

    rig_init(r);
    r->config.interval_s = 86400;
    r->config.broker_count = 2;
    if (row->prepare != NULL) {
        row->prepare(r);
    } else if (row->end_session == NULL) {
        plan_all(r, (struct fake_plan){stage, row->cause});
    }
    rig_start(r);
    return r;
}

/* What the log says; the longest, as a fall-back to MQTT 3.1.1 does not wait. */
static uint64_t read_wait_ms(const struct rig *r, enum hawser_cause cause)
{
    unsigned longest_ms = 0;

    for (unsigned i = 0; i < r->fake.log_count; i++) {
        const char *text = r->fake.logs[i].text;
        const char *wait = strstr(text, " in_ms=");
        char begin[60];

        (void)snprintf(begin, sizeof begin,
                       "retry cause=%s in_ms=", hawser_cause_word(cause));
        if (strncmp(text, "retry cause=", 12) == 0 && wait != NULL) {
            unsigned wait_ms = (unsigned)strtoul(wait + 7, NULL, 10);

            assert_memory_equal(text, begin, strlen(begin));
            longest_ms = wait_ms > longest_ms ? wait_ms : longest_ms;
        }
    }
    return longest_ms;
}

/* Lets the wait before pass and the next attempt fail; answers how long the
 * device will wait now. */
static uint64_t fail_once(struct rig *r, const struct row *row)
{
    uint32_t failures = counters(r)->failures;

    r->fake.plan_at = 0; /* the plans are for ever */
    r->fake.log_count = 0;
    if (hawser_device_state(&r->device) == HAWSER_DEVICE_RETRY) {
        rig_run(r, r->device.state_due_ms - r->fake.now_ms);
    }
    rig_run(r, 0);
    while (counters(r)->failures == failures) {
        if (hawser_device_state(&r->device) == HAWSER_DEVICE_ONLINE) {
            row->end_session(r);
            rig_run(r, 0);
        } else {
            step_on(r);
        }
    }
    return read_wait_ms(r, row->cause);
}

static void test_each_cause_has_a_row(void **state)
{
    bool seen[HAWSER_CAUSE_COUNT] = {false};

    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        assert_false(seen[rows[i].cause]);
        seen[rows[i].cause] = true;
    }
    for (int i = 0; i < HAWSER_CAUSE_COUNT; i++) {
        assert_int_equal(seen[i], !is_never((enum hawser_cause)i));
    }
}

static void check_windows(struct rig *r, const struct row *row)
{
    uint64_t window_ms = row->base_s * UINT64_C(1000);
    uint64_t longest_ms = 0;

    assert_int_equal(hwi_retry_rule(row->cause)->base_ms, window_ms);
    assert_int_equal(hwi_retry_rule(row->cause)->cap_ms, row->cap_s * 1000);
    (void)prepare(r, row);
    for (unsigned n = 0; n < 14; n++) {
        uint64_t wait_ms = fail_once(r, row);
        bool is_at_once = (row->does & ONCE) != 0;
        assert_in_range(wait_ms, 0, is_at_once ? 0 : window_ms);
        longest_ms = wait_ms > longest_ms ? wait_ms : longest_ms;
        if ((row->does & LATE) == 0) {
            window_ms = 2 * window_ms < row->cap_s * UINT64_C(1000)
                            ? 2 * window_ms
                            : row->cap_s * UINT64_C(1000);
        }
    }
    if ((row->does & (LATE | ONCE)) == 0) { /* it does grow */
        assert_true(longest_ms > row->base_s * UINT64_C(1000));
    }
}

static void check_remedies(struct rig *r, const struct row *row)
{
    bool is_link = (row->does & RECOVER) != 0;

    (void)prepare(r, row);
    (void)fail_once(r, row);
    assert_int_equal(r->fake.recovers, is_link ? 1 : 0);
    rig_run(r, 0);
    assert_int_equal(r->fake.time[0].asked > 1, (row->does & RESYNC) != 0);
    for (unsigned n = 2; n <= 5; n++) {
        (void)fail_once(r, row);
        assert_true(r->fake.last_host == NULL ||
                    strcmp(r->fake.last_host, "broker.example") == 0);
    }
    assert_int_equal(r->fake.recovers, is_link                    ? 5
                                       : (row->does & RENEW) != 0 ? 1
                                                                  : 0);
    assert_int_equal(r->device.line.broker, (row->does & NEXT) != 0 ? 1 : 0);
}

static void check_restart(struct rig *r, const struct row *row)
{
    uint64_t begin_ms;

    (void)prepare(r, row);
    begin_ms = r->fake.now_ms;
    for (unsigned n = 0; n < 200 && r->fake.restarts == 0; n++) {
        (void)fail_once(r, row);
        if ((row->does & RESTART) == 0 && n > 40) {
            break;
        }
    }
    if ((row->does & RESTART) == 0) {
        assert_int_equal(r->fake.restarts, 0);
    } else {
        assert_int_equal(r->fake.restarts, 1);
        assert_in_range(r->fake.now_ms - begin_ms, HOUR * 1000,
                        (HOUR + 2 * MINUTE) * 1000);
    }
}

static void check_spread(struct rig *r, const struct row *row)
{
    uint64_t longest_ms = 0;

    (void)prepare(r, row);
    for (unsigned n = 0; n < 4; n++) {
        uint64_t wait_ms;
        r->device.lasting.window_s = HOUR;
        wait_ms = fail_once(r, row);
        longest_ms = wait_ms > longest_ms ? wait_ms : longest_ms;
        if (row->end_session == NULL) {
            break; /* it never had a session */
        }
    }
    assert_int_equal(longest_ms > 16 * row->base_s * UINT64_C(1000) &&
                         row->end_session != NULL,
                     (row->does & SPREAD) != 0);
}

static void test_rows(void **state)
{
    struct rig *r = *state;

    for (size_t i = 0; i < ROWS; i++) {
        const struct row *row = &rows[i];
        print_message("%-20s %4u s .. %4u s%s%s%s%s%s%s%s\n",
                      hawser_cause_word(row->cause), row->base_s, row->cap_s,
                      (row->does & NEXT) != 0 ? ", next broker" : "",
                      (row->does & RECOVER) != 0 ? ", join again" : "",
                      (row->does & RENEW) != 0 ? ", renew" : "",
                      (row->does & RESYNC) != 0 ? ", time" : "",
                      (row->does & ONCE) != 0 ? ", first at once" : "",
                      (row->does & SPREAD) != 0 ? ", spread" : "",
                      (row->does & RESTART) != 0 ? ", restart" : "");
        check_windows(r, row);
        check_remedies(r, row);
        check_spread(r, row);
        check_restart(r, row);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(test_each_cause_has_a_row),
        STORY(test_rows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
