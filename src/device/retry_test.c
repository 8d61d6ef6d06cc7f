/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The retry table: every cause has a sensible row, waits lie between 0 and the
 * window for any random number, windows double up to the cap.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "device/json_write.h"
#include "device/retry.h"

#define SECOND 1000u
#define MINUTE 60000u
#define HOUR   3600000u

/* The largest wait that the n-th failure may have: random numbers are chosen
 * so that the phase does not matter. */
static uint32_t longest_ms(enum hawser_cause cause, unsigned n)
{
    struct hwi_retry r;
    uint32_t longest = 0;

    for (uint32_t i = 0; i < 2 * HOUR; i += 997) {
        uint32_t wait;
        hwi_retry_init(&r, hwi_view("esp32_factory_001"));
        r.count[cause] = (uint8_t)n;
        wait = hwi_retry_wait_ms(&r, cause, i);
        longest = wait > longest ? wait : longest;
    }
    return longest;
}

static void test_rule_every_cause_has_a_sensible_row(void **state)
{
    (void)state;
    for (int i = 0; i < HAWSER_CAUSE_COUNT; i++) {
        const struct hwi_retry_rule *rule =
            hwi_retry_rule((enum hawser_cause)i);
        assert_in_range(rule->base_ms, SECOND, MINUTE);
        assert_in_range(rule->cap_ms, MINUTE, HOUR);
        assert_true(rule->base_ms < rule->cap_ms);
    }
}

static void test_rule_what_people_mend_is_slow_the_rest_quick(void **state)
{
    static const enum hawser_cause slow[] = {
        HAWSER_CAUSE_TLS_SETUP,           HAWSER_CAUSE_TLS_UNKNOWN_CA,
        HAWSER_CAUSE_TLS_SELF_SIGNED,     HAWSER_CAUSE_TLS_WRONG_NAME,
        HAWSER_CAUSE_TLS_EXPIRED,         HAWSER_CAUSE_TLS_CLIENT_CERT,
        HAWSER_CAUSE_MQTT_NOT_AUTHORISED, HAWSER_CAUSE_MQTT_PERMISSION};
    static const enum hawser_cause quick[] = {
        HAWSER_CAUSE_LINK_DOWN,   HAWSER_CAUSE_NO_ADDRESS,
        HAWSER_CAUSE_DNS,         HAWSER_CAUSE_TCP_REFUSED,
        HAWSER_CAUSE_TCP_TIMEOUT, HAWSER_CAUSE_TLS_TIMEOUT,
        HAWSER_CAUSE_PING_LOST,   HAWSER_CAUSE_CLOSED};

    (void)state;
    for (size_t i = 0; i < sizeof(slow) / sizeof(slow[0]); i++) {
        assert_int_equal(hwi_retry_rule(slow[i])->base_ms, MINUTE);
        assert_int_equal(hwi_retry_rule(slow[i])->cap_ms, HOUR);
    }
    for (size_t i = 0; i < sizeof(quick) / sizeof(quick[0]); i++) {
        assert_true(hwi_retry_rule(quick[i])->base_ms <= 2 * SECOND);
        assert_true(hwi_retry_rule(quick[i])->cap_ms <= 2 * MINUTE);
    }
}

static void test_rule_remedies_fit_their_causes(void **state)
{
    (void)state;
    for (int i = 0; i < HAWSER_CAUSE_COUNT; i++) {
        enum hawser_cause cause = (enum hawser_cause)i;
        uint8_t remedies = hwi_retry_rule(cause)->remedies;
        bool is_link = cause == HAWSER_CAUSE_LINK_DOWN ||
                       cause == HAWSER_CAUSE_LINK_REFUSED ||
                       cause == HAWSER_CAUSE_NO_ADDRESS;
        bool is_date = cause == HAWSER_CAUSE_TLS_EXPIRED ||
                       cause == HAWSER_CAUSE_TLS_NOT_YET_VALID;
        assert_int_equal((remedies & HWI_REMEDY_LINK_RECOVER) != 0, is_link);
        assert_int_equal((remedies & HWI_REMEDY_AT_ONCE) != 0,
                         cause == HAWSER_CAUSE_PING_LOST);
        if (is_date) {
            assert_true((remedies & HWI_REMEDY_RESYNC) != 0);
        }
        if (is_link || cause == HAWSER_CAUSE_MQTT_TAKEN_OVER) {
            /* Another broker would not help. */
            assert_int_equal(remedies & HWI_REMEDY_NEXT_BROKER, 0);
        }
    }
}

static void test_wait_any_random_stays_in_the_window(void **state)
{
    static const uint32_t randoms[] = {
        0, 1, 999, 1000, 1001, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF};
    static const char *const ids[] = {"", "a", "esp32_factory_001"};

    (void)state;
    for (int cause = 0; cause < HAWSER_CAUSE_COUNT; cause++) {
        for (size_t i = 0; i < 27; i++) {
            const struct hwi_retry_rule *rule =
                hwi_retry_rule((enum hawser_cause)cause);
            struct hwi_retry r;
            uint32_t window = rule->base_ms;
            hwi_retry_init(&r, hwi_view(ids[i % 3]));
            for (int n = 0; n < 300; n++) {
                assert_in_range(hwi_retry_wait_ms(&r, (enum hawser_cause)cause,
                                                  randoms[i / 3]),
                                0, window);
                window = 2 * window < rule->cap_ms ? 2 * window : rule->cap_ms;
            }
            assert_int_equal(r.in_a_row, 300);
        }
    }
}

static void test_wait_jitter_is_full(void **state)
{
    struct hwi_retry r;
    uint32_t first;

    (void)state;
    /* Random numbers that follow each other give waits that do: each wait
     * of the window comes once, 0 and the whole window too. */
    hwi_retry_init(&r, hwi_view("a"));
    first = (uint32_t)(0u - r.phase);
    for (uint32_t i = 0; i <= SECOND; i++) {
        hwi_retry_reset(&r);
        assert_int_equal(
            hwi_retry_wait_ms(&r, HAWSER_CAUSE_TCP_REFUSED, first + i), i);
    }
    hwi_retry_reset(&r);
    assert_int_equal(
        hwi_retry_wait_ms(&r, HAWSER_CAUSE_TCP_REFUSED, first + SECOND + 1), 0);
}

static void test_wait_windows_double_up_to_the_cap(void **state)
{
    static const uint32_t windows[] = {1000,  2000,  4000,   8000,   16000,
                                       32000, 64000, 120000, 120000, 120000};
    static const uint32_t slow[] = {60000,  120000,  240000,  480000,
                                    960000, 1920000, 3600000, 3600000};

    (void)state;
    for (unsigned n = 0; n < sizeof(windows) / sizeof(windows[0]); n++) {
        assert_in_range(longest_ms(HAWSER_CAUSE_TCP_REFUSED, n),
                        windows[n] - windows[n] / 10, windows[n]);
    }
    for (unsigned n = 0; n < sizeof(slow) / sizeof(slow[0]); n++) {
        assert_in_range(longest_ms(HAWSER_CAUSE_TLS_EXPIRED, n),
                        slow[n] - slow[n] / 10, slow[n]);
    }
    assert_in_range(longest_ms(HAWSER_CAUSE_TCP_REFUSED, 255), 108000, 120000);
}

static void test_wait_ping_lost_does_not_wait_the_first_time(void **state)
{
    struct hwi_retry r;

    (void)state;
    hwi_retry_init(&r, hwi_view("a"));
    assert_int_equal(hwi_retry_wait_ms(&r, HAWSER_CAUSE_PING_LOST, 999), 0);
    /* The second one has the first window. */
    assert_in_range(longest_ms(HAWSER_CAUSE_PING_LOST, 1), 900, 1000);
    assert_in_range(longest_ms(HAWSER_CAUSE_PING_LOST, 2), 1800, 2000);
}

static void test_wait_causes_count_for_themselves(void **state)
{
    struct hwi_retry r;

    (void)state;
    hwi_retry_init(&r, hwi_view("a"));
    for (int i = 0; i < 10; i++) {
        (void)hwi_retry_wait_ms(&r, HAWSER_CAUSE_TLS_EXPIRED, 7);
    }
    assert_in_range(hwi_retry_wait_ms(&r, HAWSER_CAUSE_DNS, 0xFFFFFFFF), 0,
                    2000);
    assert_int_equal(r.count[HAWSER_CAUSE_TLS_EXPIRED], 10);
    assert_int_equal(r.count[HAWSER_CAUSE_DNS], 1);
    assert_int_equal(r.in_a_row, 11);
}

static void test_init_ids_that_are_alike_have_phases_apart(void **state)
{
    uint32_t buckets[10] = {0};

    (void)state;
    for (int i = 0; i < 1000; i++) {
        uint8_t id[] = {'e',
                        's',
                        'p',
                        '-',
                        (uint8_t)('0' + i / 100),
                        (uint8_t)('0' + i / 10 % 10),
                        (uint8_t)('0' + i % 10)};
        struct hwi_retry r;
        hwi_retry_init(&r, (struct hawser_view){id, sizeof(id)});
        /* What would happen to a fleet whose random sources all agree. */
        buckets[hwi_retry_wait_ms(&r, HAWSER_CAUSE_TCP_REFUSED, 0) / 101]++;
    }
    for (int i = 0; i < 10; i++) {
        assert_in_range(buckets[i], 60, 140);
    }
}

static void test_reset_next_failure_is_a_first_one(void **state)
{
    struct hwi_retry r;
    uint32_t phase;

    (void)state;
    hwi_retry_init(&r, hwi_view("a"));
    phase = r.phase;
    for (int i = 0; i < 300; i++) {
        (void)hwi_retry_wait_ms(&r, HAWSER_CAUSE_TCP_REFUSED, 7);
    }
    assert_int_equal(r.count[HAWSER_CAUSE_TCP_REFUSED], 255);
    hwi_retry_reset(&r);
    assert_int_equal(r.in_a_row, 0);
    assert_int_equal(r.phase, phase);
    for (uint32_t i = 0; i < 5000; i++) {
        hwi_retry_reset(&r);
        assert_in_range(hwi_retry_wait_ms(&r, HAWSER_CAUSE_TCP_REFUSED, i), 0,
                        1000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rule_every_cause_has_a_sensible_row),
        cmocka_unit_test(test_rule_what_people_mend_is_slow_the_rest_quick),
        cmocka_unit_test(test_rule_remedies_fit_their_causes),
        cmocka_unit_test(test_wait_any_random_stays_in_the_window),
        cmocka_unit_test(test_wait_jitter_is_full),
        cmocka_unit_test(test_wait_windows_double_up_to_the_cap),
        cmocka_unit_test(test_wait_ping_lost_does_not_wait_the_first_time),
        cmocka_unit_test(test_wait_causes_count_for_themselves),
        cmocka_unit_test(test_init_ids_that_are_alike_have_phases_apart),
        cmocka_unit_test(test_reset_next_failure_is_a_first_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
