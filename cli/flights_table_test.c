/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of attempts: every member, none of them, and what strangers write.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "flights.h"

#define HEADING                                                         \
    "    N BOOT                 WHEN CLOCK BROKER  LINK  TIME   DNS   " \
    "TCP   TLS  CONN   SUB ENDED\n"

static char room[4096];

/* The table of a reply's text. */
static const char *table(const char *payload, bool *has_heading)
{
    struct hawser_cli_text t = hawser_cli_text_in(room, sizeof(room));
    struct hawser_cli_object reply;
    assert_true(hawser_cli_json_read(&reply, hawser_cli_view(payload)));
    hawser_cli_flights_add(&t, &reply, has_heading);
    return room;
}

static void test_add_shows_every_member(void **state)
{
    bool has_heading = false;
    (void)state;
    assert_string_equal(
        table("{\"result\":{\"flights\":["
              "{\"n\":417,\"boot\":52,\"uptime\":95,\"time\":1790000105,"
              "\"time_confidence\":2,\"broker\":1,\"ms\":[0,120,30,15,80,40,12]"
              ",\"cause\":\"mqtt_not_authorised\",\"reason\":135,"
              "\"detail\":\"no\"},"
              "{\"n\":418,\"boot\":52,\"uptime\":97,\"time_confidence\":1,"
              "\"broker\":2,\"ms\":[],\"cause\":\"closed\",\"online_s\":7300},"
              "{\"n\":419,\"cause\":\"none\",\"online_s\":0}"
              "]}}",
              &has_heading),
        HEADING "  417   52 2026-09-21T14:15:05Z     2      1     -   120    30"
                "    15    80    40    12 mqtt_not_authorised 135: no\n"
                "  418   52          boot + 97 s     1      2     -     -     -"
                "     -     -     -     - online for 2h, then closed\n"
                "  419    -            boot +  s     -      -     -     -     -"
                "     -     -     -     - online\n");
    assert_true(has_heading);
}

static void test_add_the_next_part_has_no_heading(void **state)
{
    bool has_heading = true;
    (void)state;
    assert_string_equal(table("{\"result\":{\"flights\":[]}}", &has_heading),
                        "");
}

static void test_add_none_yet_is_a_heading(void **state)
{
    bool has_heading = false;
    (void)state;
    assert_string_equal(table("{\"result\":{\"flights\":[]}}", &has_heading),
                        HEADING);
}

static void test_add_a_refusal_is_shown_as_it_is(void **state)
{
    bool has_heading = false;
    (void)state;
    assert_string_equal(
        table("{\"device\":\"d1\",\"command\":\"get_flights\",\"status\":"
              "\"rejected\",\"code\":\"unknown_command\"}",
              &has_heading),
        "d1: get_flights rejected\n  code: unknown_command\n");
    assert_false(has_heading);
}

static void test_add_a_strangers_bytes_are_harmless(void **state)
{
    bool has_heading = true;
    (void)state;
    const char *shown =
        table("{\"result\":{\"flights\":[7,\"x\",[1],{\"n\":{\"a\":[\"]\"]},"
              "\"ms\":7,\"time\":\"now\",\"cause\":\"\\u001b[2J\","
              "\"detail\":[\"\\\"\\\\\"]}]}}",
              &has_heading);
    assert_null(strchr(shown, '\x1b'));
    assert_non_null(strstr(shown, "\\x1b[2J"));
    assert_int_equal(strlen(shown) - 1, strcspn(shown, "\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_add_shows_every_member),
        cmocka_unit_test(test_add_the_next_part_has_no_heading),
        cmocka_unit_test(test_add_none_yet_is_a_heading),
        cmocka_unit_test(test_add_a_refusal_is_shown_as_it_is),
        cmocka_unit_test(test_add_a_strangers_bytes_are_harmless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
