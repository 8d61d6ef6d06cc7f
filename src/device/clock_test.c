/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The clock: how the confidence rises, what cannot be the time, and which steps
 * a proven clock refuses.
 */
#include "device/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define BUILD_S UINT64_C(1760000000)
#define NOW_S   UINT64_C(1790000000)
#define NOW_MS  (NOW_S * 1000)
#define YEARS_S (UINT64_C(20) * 365 * 86400)
#define STEP_MS UINT64_C(900000)
#define AT_MS   UINT64_C(5000) /* monotonic, of most offers */

static struct hwi_clock started(void)
{
    struct hwi_clock c;

    hwi_clock_init(&c, BUILD_S, 0);
    return c;
}

/* A clock that was set right, and by which a certificate was found valid. */
static struct hwi_clock proven(void)
{
    struct hwi_clock c = started();

    assert_int_equal(hwi_clock_offer(&c, AT_MS, NOW_MS, false), HWI_CLOCK_SET);
    c.is_proven = true;
    return c;
}

/* The floor ----------------------------------------------------------------- */

static void test_init_nothing_known_has_no_confidence(void **state)
{
    struct hwi_clock c;

    (void)state;
    hwi_clock_init(&c, 0, 0);
    assert_int_equal(c.confidence, 0);
    assert_true(c.floor_s == 0);
    assert_false(hwi_clock_is_known(&c));
    assert_true(hwi_clock_unix_ms(&c, AT_MS) == 0);
}

static void test_init_floor_is_the_later_of_build_and_saved(void **state)
{
    struct hwi_clock c;

    (void)state;
    hwi_clock_init(&c, BUILD_S, BUILD_S + 1);
    assert_true(c.floor_s == BUILD_S + 1);
    assert_int_equal(c.confidence, 1);
    hwi_clock_init(&c, BUILD_S, BUILD_S - 1);
    assert_true(c.floor_s == BUILD_S);
    hwi_clock_init(&c, 0, BUILD_S);
    assert_true(c.floor_s == BUILD_S);
    assert_int_equal(c.confidence, 1);
    assert_false(hwi_clock_is_known(&c));
}

static void test_raise_floor_earlier_changes_nothing(void **state)
{
    struct hwi_clock c = started();

    (void)state;
    hwi_clock_raise_floor(&c, BUILD_S - 1);
    assert_true(c.floor_s == BUILD_S);
    hwi_clock_raise_floor(&c, BUILD_S + 9);
    assert_true(c.floor_s == BUILD_S + 9);
}

static void test_raise_floor_of_a_set_clock_keeps_the_confidence(void **state)
{
    struct hwi_clock c = proven();

    (void)state;
    hwi_clock_raise_floor(&c, NOW_S - 1);
    assert_int_equal(c.confidence, 2);
    assert_true(hwi_clock_unix_ms(&c, AT_MS) == NOW_MS);
}

/* What can be the time ------------------------------------------------------ */

static void test_is_plausible_has_a_beginning_and_an_end(void **state)
{
    struct hwi_clock c = started();

    (void)state;
    assert_false(hwi_clock_is_plausible(&c, 0));
    assert_false(hwi_clock_is_plausible(&c, BUILD_S * 1000 - 1));
    assert_true(hwi_clock_is_plausible(&c, BUILD_S * 1000));
    assert_true(hwi_clock_is_plausible(&c, (BUILD_S + YEARS_S) * 1000 - 1));
    assert_false(hwi_clock_is_plausible(&c, (BUILD_S + YEARS_S) * 1000));
    assert_false(hwi_clock_is_plausible(&c, UINT64_MAX));
}

static void test_is_plausible_end_is_twenty_years_after_the_build(void **state)
{
    struct hwi_clock c = started();

    (void)state;
    hwi_clock_raise_floor(&c, NOW_S);
    assert_false(hwi_clock_is_plausible(&c, (BUILD_S + YEARS_S) * 1000));
}

static void test_is_plausible_no_build_counts_from_the_floor(void **state)
{
    struct hwi_clock c;

    (void)state;
    hwi_clock_init(&c, 0, NOW_S);
    assert_false(hwi_clock_is_plausible(&c, NOW_MS - 1));
    assert_true(hwi_clock_is_plausible(&c, NOW_MS));
    assert_true(hwi_clock_is_plausible(&c, (NOW_S + YEARS_S) * 1000 - 1));
    /* What an SNTP time one second before the floor reads as. */
    assert_false(
        hwi_clock_is_plausible(&c, (NOW_S - 1 + (UINT64_C(1) << 32)) * 1000));
}

static void test_is_plausible_no_floor_all_but_1970(void **state)
{
    struct hwi_clock c;

    (void)state;
    hwi_clock_init(&c, 0, 0);
    assert_false(hwi_clock_is_plausible(&c, 0));
    assert_false(hwi_clock_is_plausible(&c, 999));
    assert_true(hwi_clock_is_plausible(&c, 1000));
    assert_true(hwi_clock_is_plausible(&c, NOW_MS * 100));
}

/* Offers -------------------------------------------------------------------- */

static void test_offer_sets_every_moment(void **state)
{
    struct hwi_clock c = started();

    (void)state;
    assert_int_equal(hwi_clock_offer(&c, AT_MS, NOW_MS, true), HWI_CLOCK_SET);
    assert_true(hwi_clock_is_known(&c));
    assert_int_equal(c.confidence, 2);
    assert_true(hwi_clock_unix_ms(&c, AT_MS) == NOW_MS);
    assert_true(hwi_clock_unix_ms(&c, AT_MS + 70) == NOW_MS + 70);
    assert_true(hwi_clock_unix_ms(&c, 1000) == NOW_MS - 4000);
}

static void test_offer_never_raises_the_floor(void **state)
{
    struct hwi_clock c = started();

    (void)state;
    assert_int_equal(hwi_clock_offer(&c, AT_MS, NOW_MS, true), HWI_CLOCK_SET);
    assert_true(c.floor_s == BUILD_S);
}

static void test_offer_machine_up_longer_than_1970_works(void **state)
{
    struct hwi_clock c;

    (void)state;
    hwi_clock_init(&c, 0, 0);
    assert_int_equal(hwi_clock_offer(&c, 90000, 60000, false), HWI_CLOCK_SET);
    assert_true(hwi_clock_unix_ms(&c, 90001) == 60001);
}

static void test_offer_implausible_changes_nothing(void **state)
{
    struct hwi_clock c = started();

    (void)state;
    assert_int_equal(hwi_clock_offer(&c, AT_MS, BUILD_S * 1000 - 1, true),
                     HWI_CLOCK_IMPLAUSIBLE);
    assert_int_equal(c.confidence, 1);
    c = proven();
    assert_int_equal(hwi_clock_offer(&c, AT_MS, 0, true),
                     HWI_CLOCK_IMPLAUSIBLE);
    assert_true(hwi_clock_unix_ms(&c, AT_MS) == NOW_MS);
}

static void test_offer_large_step_of_a_proven_clock_is_held(void **state)
{
    static const uint64_t later_ms = AT_MS + 1000; /* the true time is, too */
    struct hwi_clock c = proven();

    (void)state;
    assert_int_equal(
        hwi_clock_offer(&c, later_ms, NOW_MS + 1000 + STEP_MS + 1, false),
        HWI_CLOCK_HELD);
    assert_int_equal(
        hwi_clock_offer(&c, later_ms, NOW_MS + 1000 - STEP_MS - 1, false),
        HWI_CLOCK_HELD);
    assert_true(hwi_clock_unix_ms(&c, AT_MS) == NOW_MS);
    assert_int_equal(
        hwi_clock_offer(&c, later_ms, NOW_MS + 1000 + STEP_MS, false),
        HWI_CLOCK_SET);
    assert_int_equal(hwi_clock_offer(&c, later_ms, NOW_MS + 1000, false),
                     HWI_CLOCK_SET);
}

static void test_offer_large_step_that_two_agree_on_is_made(void **state)
{
    struct hwi_clock c = proven();

    (void)state;
    assert_int_equal(hwi_clock_offer(&c, AT_MS, NOW_MS + STEP_MS + 1, true),
                     HWI_CLOCK_SET);
    assert_true(hwi_clock_unix_ms(&c, AT_MS) == NOW_MS + STEP_MS + 1);
}

static void test_offer_large_step_of_an_unproven_clock_is_made(void **state)
{
    struct hwi_clock c = proven();

    (void)state;
    c.is_proven = false;
    assert_int_equal(hwi_clock_offer(&c, AT_MS, NOW_MS + STEP_MS + 1, false),
                     HWI_CLOCK_SET);
}

static void test_offer_first_time_is_no_step(void **state)
{
    struct hwi_clock c = started();

    (void)state;
    c.is_proven = true; /* in the life before, so to speak */
    assert_int_equal(hwi_clock_offer(&c, AT_MS, NOW_MS, false), HWI_CLOCK_SET);
}

/* Authenticated time -------------------------------------------------------- */

static struct hwi_clock authenticated(void)
{
    struct hwi_clock c = started();

    assert_int_equal(hwi_clock_authenticate(&c, AT_MS, NOW_MS), HWI_CLOCK_SET);
    assert_int_equal(c.confidence, 3);
    return c;
}

static void test_authenticate_sets_the_clock_not_the_floor(void **state)
{
    struct hwi_clock c = authenticated();

    (void)state;
    assert_true(hwi_clock_unix_ms(&c, AT_MS) == NOW_MS);
    assert_true(c.floor_s == BUILD_S);
}

static void test_authenticate_implausible_changes_nothing(void **state)
{
    struct hwi_clock c = started();

    (void)state;
    assert_int_equal(hwi_clock_authenticate(&c, AT_MS, BUILD_S * 1000 - 1),
                     HWI_CLOCK_IMPLAUSIBLE);
    assert_int_equal(
        hwi_clock_authenticate(&c, AT_MS, (BUILD_S + YEARS_S) * 1000),
        HWI_CLOCK_IMPLAUSIBLE);
    assert_int_equal(c.confidence, 1);
}

static void test_authenticate_against_a_known_time_says_so(void **state)
{
    struct hwi_clock c = proven();

    (void)state;
    assert_int_equal(hwi_clock_authenticate(&c, AT_MS, NOW_MS + STEP_MS),
                     HWI_CLOCK_SET);
    c = proven();
    assert_int_equal(hwi_clock_authenticate(&c, AT_MS, NOW_MS + STEP_MS + 1),
                     HWI_CLOCK_CONTRADICTED);
    assert_true(hwi_clock_unix_ms(&c, AT_MS) == NOW_MS + STEP_MS + 1);
}

static void test_offer_to_authenticated_time_is_near_or_held(void **state)
{
    struct hwi_clock c = authenticated();

    (void)state;
    assert_int_equal(hwi_clock_offer(&c, AT_MS, NOW_MS + STEP_MS + 1, true),
                     HWI_CLOCK_HELD);
    assert_int_equal(hwi_clock_offer(&c, AT_MS, NOW_MS + STEP_MS, false),
                     HWI_CLOCK_SET);
    assert_int_equal(c.confidence, 3);
    /* The next step counts from what was authenticated. */
    assert_int_equal(hwi_clock_offer(&c, AT_MS, NOW_MS + STEP_MS + 1, true),
                     HWI_CLOCK_HELD);
    /* 10000 s later the crystal may be wrong by one more. */
    assert_int_equal(hwi_clock_offer(&c, AT_MS + 10000000,
                                     NOW_MS + 10000000 + STEP_MS + 1000, true),
                     HWI_CLOCK_SET);
    assert_int_equal(hwi_clock_offer(&c, AT_MS + 10000000,
                                     NOW_MS + 10000000 + STEP_MS + 1001, true),
                     HWI_CLOCK_HELD);
}

static void test_doubt_lets_those_who_agree_set_it(void **state)
{
    struct hwi_clock c = authenticated();

    (void)state;
    c.is_proven = true;
    hwi_clock_doubt(&c);
    assert_int_equal(c.confidence, 2);
    assert_false(c.is_proven);
    assert_int_equal(hwi_clock_offer(&c, AT_MS, NOW_MS + 9 * STEP_MS, true),
                     HWI_CLOCK_SET);
    c = started();
    hwi_clock_doubt(&c);
    assert_int_equal(c.confidence, 1);
}

static void test_lower_floor_stops_at_the_build(void **state)
{
    struct hwi_clock c = started();

    (void)state;
    hwi_clock_raise_floor(&c, NOW_S);
    hwi_clock_lower_floor(&c, NOW_S + 1);
    assert_true(c.floor_s == NOW_S);
    hwi_clock_lower_floor(&c, BUILD_S + 5);
    assert_true(c.floor_s == BUILD_S + 5);
    hwi_clock_lower_floor(&c, 0);
    assert_true(c.floor_s == BUILD_S);
}

/* Dates of certificates ----------------------------------------------------- */

static void test_policy_says_what_is_known(void **state)
{
    struct hwi_clock c = started();
    struct hawser_date_policy p = hwi_clock_policy(&c, AT_MS);

    (void)state;
    assert_true(p.floor_s == BUILD_S);
    assert_false(p.has_now);
    assert_true(p.now_s == 0);
    c = proven();
    p = hwi_clock_policy(&c, AT_MS + 1999);
    assert_true(p.floor_s == BUILD_S);
    assert_true(p.has_now);
    assert_true(p.now_s == NOW_S + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_init_nothing_known_has_no_confidence),
        cmocka_unit_test(test_init_floor_is_the_later_of_build_and_saved),
        cmocka_unit_test(test_raise_floor_earlier_changes_nothing),
        cmocka_unit_test(test_raise_floor_of_a_set_clock_keeps_the_confidence),
        cmocka_unit_test(test_is_plausible_has_a_beginning_and_an_end),
        cmocka_unit_test(test_is_plausible_end_is_twenty_years_after_the_build),
        cmocka_unit_test(test_is_plausible_no_build_counts_from_the_floor),
        cmocka_unit_test(test_is_plausible_no_floor_all_but_1970),
        cmocka_unit_test(test_offer_sets_every_moment),
        cmocka_unit_test(test_offer_never_raises_the_floor),
        cmocka_unit_test(test_offer_machine_up_longer_than_1970_works),
        cmocka_unit_test(test_offer_implausible_changes_nothing),
        cmocka_unit_test(test_offer_large_step_of_a_proven_clock_is_held),
        cmocka_unit_test(test_offer_large_step_that_two_agree_on_is_made),
        cmocka_unit_test(test_offer_large_step_of_an_unproven_clock_is_made),
        cmocka_unit_test(test_offer_first_time_is_no_step),
        cmocka_unit_test(test_authenticate_sets_the_clock_not_the_floor),
        cmocka_unit_test(test_authenticate_implausible_changes_nothing),
        cmocka_unit_test(test_authenticate_against_a_known_time_says_so),
        cmocka_unit_test(test_offer_to_authenticated_time_is_near_or_held),
        cmocka_unit_test(test_doubt_lets_those_who_agree_set_it),
        cmocka_unit_test(test_lower_floor_stops_at_the_build),
        cmocka_unit_test(test_policy_says_what_is_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
