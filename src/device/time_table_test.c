/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What time servers may do, and what comes of it: what the clock says, and
 * which certificates are then accepted. One row each, for a device that starts
 * without any knowledge and for one that had authenticated time before. The
 * rows are printed: `make time-table`.
 *
 * The port judges dates by the policy that it is given (port.h); how OpenSSL
 * does is in src/tls/tls_verify_test.c, for every kind of clock.
 */
#include "device/story_test.h"

#include "device/alerts.h"
#include "device/clock.h"

#define HOUR    INT64_C(3600000)
#define DAY     (24 * HOUR)
#define DAY_S   UINT64_C(86400)
#define ERA_1_S UINT64_C(2085978496) /* when 32 bits of seconds begin anew */

/* Which of four certificates are accepted: one that ended before the build, one
 * that ended 30 days ago, one that is valid, one that begins in 10 days. */
struct verdict {
    uint8_t confidence;
    int64_t wrong_days;
    const char *accepted; /* a + or - each */
    bool is_held;         /* the alert time_held stands */
};

struct row {
    const char *what;
    enum fake_time mode[3];
    int64_t wrong_days[3];
    bool is_2036;
    struct verdict fresh;
    struct verdict proven;
};

#define ALL(mode)                                            \
    {                                                        \
        FAKE_TIME_##mode, FAKE_TIME_##mode, FAKE_TIME_##mode \
    }

static const struct row rows[] = {
    {"three are right",
     ALL(GOOD),
     {0},
     false,
     {2, 0, "--+-", false},
     {3, 0, "--+-", false}},
    {"one lies by 100 days, two are right",
     ALL(GOOD),
     {100, 0, 0},
     false,
     {2, 0, "--+-", false},
     {3, 0, "--+-", false}},
    {"two lie alike by 5 days, one is right",
     ALL(GOOD),
     {5, 5, 0},
     false,
     {2, 5, "--+-", false},
     {3, 0, "--+-", true}},
    {"two lie by 100 days, but not alike",
     ALL(GOOD),
     {100, 200, 0},
     false,
     {1, 0, "-+++", false},
     {3, 0, "--+-", false}},
    {"all lie: 5 years ahead",
     ALL(GOOD),
     {1826, 1826, 1826},
     false,
     {2, 1826, "----", false},
     {3, 0, "--+-", true}},
    {"all lie: 30 years ahead",
     ALL(GOOD),
     {10957, 10957, 10957},
     false,
     {1, 0, "-+++", false},
     {3, 0, "--+-", false}},
    {"all lie: 40 days back",
     ALL(GOOD),
     {-40, -40, -40},
     false,
     {2, -40, "-+--", false},
     {3, 0, "--+-", false}},
    {"all lie: back before the build",
     ALL(GOOD),
     {-400, -400, -400},
     false,
     {1, 0, "-+++", false},
     {3, 0, "--+-", false}},
    {"wrong origin (made blindly)",
     ALL(FORGED),
     {5, 5, 5},
     false,
     {1, 0, "-+++", false},
     {3, 0, "--+-", false}},
    {"from another port",
     ALL(ELSEWHERE),
     {5, 5, 5},
     false,
     {1, 0, "-+++", false},
     {3, 0, "--+-", false}},
    {"kiss-o'-death RATE",
     ALL(RATE),
     {0},
     false,
     {1, 0, "-+++", false},
     {3, 0, "--+-", false}},
    {"kiss-o'-death DENY",
     ALL(DENY),
     {0},
     false,
     {1, 0, "-+++", false},
     {3, 0, "--+-", false}},
    {"stratum 16",
     ALL(STRATUM),
     {0},
     false,
     {1, 0, "-+++", false},
     {3, 0, "--+-", false}},
    {"leap indicator 3 (alarm)",
     ALL(ALARM),
     {0},
     false,
     {1, 0, "-+++", false},
     {3, 0, "--+-", false}},
    {"no answer",
     ALL(SILENT),
     {0},
     false,
     {1, 0, "-+++", false},
     {3, 0, "--+-", false}},
    {"2036: the 32 bits have begun anew",
     ALL(GOOD),
     {0},
     true,
     {2, 0, "--+-", false},
     {3, 0, "--+-", false}},
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static uint64_t true_s(const struct rig *r)
{
    return (r->fake.unix_ms + r->fake.now_ms) / 1000;
}

/* The rule of struct hawser_date_policy. */
static bool accepts(const struct hawser_date_policy *p, uint64_t from_s,
                    uint64_t to_s)
{
    bool is_ended = to_s < p->floor_s || (p->has_now && to_s < p->now_s);

    return !is_ended && (!p->has_now || from_s <= p->now_s);
}

static void judge(const struct rig *r, char out[5])
{
    const uint64_t now_s = true_s(r);
    const uint64_t build_s = r->config.build_time_s;
    const uint64_t dates[4][2] = {
        {build_s - 100 * DAY_S, build_s - DAY_S},
        {now_s - 90 * DAY_S, now_s - 30 * DAY_S},
        {now_s - 20 * DAY_S, now_s + 90 * DAY_S},
        {now_s + 10 * DAY_S, now_s + 90 * DAY_S},
    };
    struct hawser_date_policy p =
        hwi_clock_policy(&r->device.clock, r->fake.now_ms);

    for (size_t i = 0; i < 4; i++) {
        out[i] = accepts(&p, dates[i][0], dates[i][1]) ? '+' : '-';
    }
    out[4] = '\0';
}

/* What the clock says, without a word about the direction of rounding. */
static int64_t wrong_days(const struct rig *r)
{
    int64_t wrong_ms =
        hwi_clock_is_known(&r->device.clock)
            ? (int64_t)(r->device.clock.offset_ms - r->fake.unix_ms)
            : 0;

    return (wrong_ms + (wrong_ms < 0 ? -HOUR : HOUR)) / DAY;
}

static void compare(const struct rig *r, const struct verdict *want,
                    char text[40])
{
    char accepted[5];
    const struct hwi_clock *c = &r->device.clock;

    judge(r, accepted);
    (void)snprintf(text, 40, "%u %6ld d  %s%s", c->confidence,
                   (long)wrong_days(r), accepted,
                   hwi_alert_stands(&r->device, HWI_ALERT_TIME_HELD) ? "  alert"
                                                                     : "");
    assert_int_equal(c->confidence, want->confidence);
    assert_true(wrong_days(r) == want->wrong_days);
    assert_string_equal(accepted, want->accepted);
    assert_int_equal(hwi_alert_stands(&r->device, HWI_ALERT_TIME_HELD),
                     want->is_held);
    /* Nothing of what servers say outlives a restart. */
    assert_true(c->floor_s <= true_s(r));
}

static void prepare(struct rig *r, const struct row *row)
{
    rig_init(r);
    r->config.interval_s = 86400;
    if (row->is_2036) {
        r->fake.unix_ms = (ERA_1_S + 100) * 1000;
    }
    r->fake.security.peer_not_before_s = 0; /* the floor is the build's */
    r->fake.security.peer_not_after_s = UINT64_C(4000000000);
    r->fake.security.anchor_not_after_s = UINT64_C(4000000000);
}

static void let_lie(struct rig *r, const struct row *row)
{
    for (unsigned i = 0; i < 3; i++) {
        r->fake.time[i].mode = row->mode[i];
        r->fake.time[i].error_ms = row->wrong_days[i] * DAY;
    }
}

static void authenticate(struct rig *r)
{
    const char *request =
        fake_broker_find(&r->fake.broker, "/event", "time_request", 0)->payload;
    char text[200];

    (void)snprintf(text, sizeof(text),
                   "{\"command\":\"set_time\",\"nonce\":\"%.32s\","
                   "\"unix_ms\":%llu}",
                   strstr(request, "nonce") + 8,
                   (unsigned long long)true_s(r) * 1000);
    rig_command(r, text);
    assert_int_equal(r->device.clock.confidence, 3);
}

static void test_table(void **state)
{
    struct rig *r = *state;

    print_message("%-38s| %-23s | %s\n", "what the time servers do",
                  "fresh: clock, accepts", "authenticated before");
    for (size_t i = 0; i < ROWS; i++) {
        char fresh[40];
        char proven[40];
        prepare(r, &rows[i]);
        let_lie(r, &rows[i]);
        rig_online(r);
        compare(r, &rows[i].fresh, fresh);
        prepare(r, &rows[i]);
        rig_online(r);
        authenticate(r);
        let_lie(r, &rows[i]);
        rig_run(r, 5 * HOUR); /* the next round */
        compare(r, &rows[i].proven, proven);
        print_message("%-38s| %-23s | %s\n", rows[i].what, fresh, proven);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(test_table),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
