/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hawser send` without a broker: what it would publish and where, and what it
 * makes of replies.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include "send_reply.h"
#include "send_request.h"

#include <cmocka.h>

static struct hawser_cli_request request_of(const char *command, char **pairs,
                                            size_t count)
{
    return (struct hawser_cli_request){.device = "d1",
                                       .command = command,
                                       .id = "0f",
                                       .pairs = pairs,
                                       .pair_count = count,
                                       .layout = HAWSER_LAYOUT_DEVICE};
}

static bool build(const struct hawser_cli_request *request, char *room,
                  size_t size, char *words)
{
    struct hawser_cli_text t = hawser_cli_text_in(room, size);
    struct hawser_cli_text why = hawser_cli_text_in(words, 128);
    return hawser_cli_request_build(&t, request, &why);
}

static void test_build_without_arguments_has_no_args(void **state)
{
    (void)state;
    char room[256];
    char words[128];
    struct hawser_cli_request r = request_of("ping", NULL, 0);
    assert_true(build(&r, room, sizeof(room), words));
    assert_string_equal(room, "{\"command\":\"ping\",\"id\":\"0f\"}");
    r.layout = HAWSER_LAYOUT_FLAT;
    assert_true(build(&r, room, sizeof(room), words));
    assert_string_equal(room, "{\"command\":\"ping\",\"id\":\"0f\","
                              "\"device\":\"d1\"}");
}

static void test_build_gives_values_their_types(void **state)
{
    (void)state;
    char room[512];
    char words[128];
    char *pairs[] = {"a=10",   "b=-5",
                     "c=true", "d=false",
                     "e=on",   "f=",
                     "g=007",  "h=1.5",
                     "i=x=y",  "j=\"q\"",
                     "k=-",    "l=0",
                     "m=-0",   "n=1234567890123456789"};
    struct hawser_cli_request r =
        request_of("x", pairs, sizeof(pairs) / sizeof(pairs[0]));
    assert_true(build(&r, room, sizeof(room), words));
    assert_string_equal(
        room, "{\"command\":\"x\",\"id\":\"0f\",\"args\":{\"a\":10,\"b\":-5,"
              "\"c\":true,\"d\":false,\"e\":\"on\",\"f\":\"\",\"g\":\"007\","
              "\"h\":\"1.5\",\"i\":\"x=y\",\"j\":\"\\\"q\\\"\",\"k\":\"-\","
              "\"l\":0,\"m\":\"-0\",\"n\":\"1234567890123456789\"}}");
}

static void test_build_conditions_stand_beside_args(void **state)
{
    (void)state;
    char room[256];
    char words[128];
    char *only[] = {"if_boot=99"};
    char *both[] = {"a=1", "expires=1795398600", "b=2", "if_boot=7",
                    "if_boots=8"};
    char *twice[] = {"expires=1", "expires=2"};
    struct hawser_cli_request r = request_of("ping", only, 1);
    assert_true(build(&r, room, sizeof(room), words));
    assert_string_equal(room,
                        "{\"command\":\"ping\",\"id\":\"0f\",\"if_boot\":99}");
    r = request_of("x", both, 5);
    assert_true(build(&r, room, sizeof(room), words));
    assert_string_equal(
        room, "{\"command\":\"x\",\"id\":\"0f\",\"expires\":1795398600,"
              "\"if_boot\":7,\"args\":{\"a\":1,\"b\":2,\"if_boots\":8}}");
    r = request_of("x", twice, 2);
    assert_false(build(&r, room, sizeof(room), words));
    assert_string_equal(words, "given twice: expires");
}

static void test_build_bad_pair_is_named(void **state)
{
    (void)state;
    char room[256];
    char words[128];
    char *no_equals[] = {"seconds"};
    char *no_key[] = {"=5"};
    char *twice[] = {"a=1", "ab=1", "a=2"};
    struct hawser_cli_request r = request_of("x", no_equals, 1);
    assert_false(build(&r, room, sizeof(room), words));
    assert_string_equal(words, "an argument is KEY=VALUE, not \"seconds\"");
    r = request_of("x", no_key, 1);
    assert_false(build(&r, room, sizeof(room), words));
    r = request_of("x", twice, 3);
    assert_false(build(&r, room, sizeof(room), words));
    assert_string_equal(words, "given twice: a");
}

static void test_build_without_room_is_refused(void **state)
{
    (void)state;
    char room[32];
    char words[128];
    char *pairs[] = {"key=a value that does not fit"};
    struct hawser_cli_request r = request_of("x", pairs, 1);
    assert_false(build(&r, room, sizeof(room), words));
    assert_string_equal(words, "the arguments are too long");
}

static bool form(const struct hawser_cli_request *request, char *room,
                 size_t size, char *words)
{
    struct hawser_cli_text t = hawser_cli_text_in(room, size);
    struct hawser_cli_text why = hawser_cli_text_in(words, 128);
    return hawser_cli_request_form(&t, request, &why);
}

/* docs/commands.md, "Signed commands". */
static void test_form_is_what_devices_check(void **state)
{
    (void)state;
    char room[256];
    char words[128];
    char *pairs[] = {"b=2", "expires=99", "a=x", "if_boot=7"};
    struct hawser_cli_request r = request_of("x", pairs, 4);
    assert_true(form(&r, room, sizeof(room), words));
    assert_string_equal(room, "d1\nx\n0f\n99\n7\n{\"b\":2,\"a\":\"x\"}");
    assert_true(hawser_cli_request_is_bounded(&r));
    r.sig = "QQ==";
    assert_true(build(&r, room, sizeof(room), words));
    assert_string_equal(room, "{\"command\":\"x\",\"id\":\"0f\",\"expires\":99,"
                              "\"if_boot\":7,\"args\":{\"b\":2,\"a\":\"x\"},"
                              "\"sig\":\"QQ==\"}");
    r = request_of("x", NULL, 0);
    assert_true(form(&r, room, sizeof(room), words));
    assert_string_equal(room, "d1\nx\n0f\n\n\n");
    assert_false(hawser_cli_request_is_bounded(&r));
    r.args = "{ \"k\" : 1 }";
    assert_true(form(&r, room, sizeof(room), words));
    assert_string_equal(room, "d1\nx\n0f\n\n\n{ \"k\" : 1 }");
}

static void test_form_refuses_conditions_that_are_no_numbers(void **state)
{
    (void)state;
    char room[256];
    char words[128];
    char *pairs[] = {"expires=soon"};
    struct hawser_cli_request r = request_of("x", pairs, 1);
    assert_false(form(&r, room, sizeof(room), words));
    assert_string_equal(words, "expires and if_boot are numbers");
    assert_false(form(&r, room, 8, words));
}

static void test_topics_follow_the_layout(void **state)
{
    (void)state;
    struct hawser_cli_topics topics = {.control = ""};
    struct hawser_cli_request r = request_of("ping", NULL, 0);
    hawser_cli_request_topics(&topics, "hawser", &r);
    assert_string_equal(topics.control, "hawser/d1/control");
    assert_string_equal(topics.reply, "hawser/d1/reply");
    assert_string_equal(topics.reply_own, "hawser/d1/reply/0f");
    assert_string_equal(topics.status, "hawser/d1/status");
    r.layout = HAWSER_LAYOUT_FLAT;
    hawser_cli_request_topics(&topics, "esp32", &r);
    assert_string_equal(topics.control, "esp32/control");
    assert_string_equal(topics.reply_own, "");
}

static void test_is_device_id_refuses_what_steers_topics(void **state)
{
    (void)state;
    assert_true(hawser_cli_is_device_id("esp32_factory_001"));
    assert_true(hawser_cli_is_device_id("\xe6\xb8\xa9"));
    assert_false(hawser_cli_is_device_id(""));
    assert_false(hawser_cli_is_device_id("a/b"));
    assert_false(hawser_cli_is_device_id("+"));
    assert_false(hawser_cli_is_device_id("#"));
    assert_false(hawser_cli_is_device_id("a\nb"));
    assert_false(hawser_cli_is_device_id("\xff"));
    assert_false(hawser_cli_is_device_id(
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
}

static enum hawser_cli_reply_kind kind_of(const char *payload)
{
    struct hawser_cli_object reply;
    return hawser_cli_reply_read(&reply, hawser_cli_view(payload), "0f");
}

static void test_reply_read_tells_ours_and_its_outcome(void **state)
{
    (void)state;
    assert_int_equal(kind_of("{\"id\":\"0f\",\"status\":\"succeeded\"}"),
                     HAWSER_REPLY_SUCCEEDED);
    assert_int_equal(kind_of("{\"id\":\"0f\",\"status\":\"running\"}"),
                     HAWSER_REPLY_PROGRESS);
    assert_int_equal(kind_of("{\"id\":\"0f\",\"status\":\"accepted\"}"),
                     HAWSER_REPLY_PROGRESS);
    assert_int_equal(kind_of("{\"id\":\"0f\",\"status\":\"rejected\"}"),
                     HAWSER_REPLY_FAILED);
    assert_int_equal(kind_of("{\"id\":\"0f\"}"), HAWSER_REPLY_FAILED);
    assert_int_equal(kind_of("{\"id\":\"0f\",\"status\":\"duplicate\"}"),
                     HAWSER_REPLY_FAILED);
    assert_int_equal(kind_of("{\"id\":\"0f\",\"status\":\"duplicate\","
                             "\"answer\":{\"status\":\"succeeded\"}}"),
                     HAWSER_REPLY_SUCCEEDED);
    assert_int_equal(kind_of("{\"id\":\"0f\",\"status\":\"duplicate\","
                             "\"answer\":{\"status\":\"running\"}}"),
                     HAWSER_REPLY_PROGRESS);
    assert_int_equal(kind_of("{\"id\":\"0f\",\"status\":\"duplicate\","
                             "\"answer\":{\"status\":\"failed\"}}"),
                     HAWSER_REPLY_FAILED);
    assert_int_equal(kind_of("{\"id\":\"1f\",\"status\":\"succeeded\"}"),
                     HAWSER_REPLY_OTHER);
    assert_int_equal(kind_of("{\"status\":\"succeeded\"}"), HAWSER_REPLY_OTHER);
    assert_int_equal(kind_of("succeeded"), HAWSER_REPLY_OTHER);
}

static void test_reply_shown_is_safe_and_readable(void **state)
{
    (void)state;
    char room[256];
    struct hawser_cli_object reply;
    struct hawser_cli_text t = hawser_cli_text_in(room, sizeof(room));
    assert_true(hawser_cli_json_read(
        &reply, hawser_cli_view("{\"device\":\"d1\",\"id\":\"0f\","
                                "\"command\":\"ping\",\"status\":\"rejected\","
                                "\"code\":\"\\u001b[2J\",\"boot\":52,"
                                "\"result\":{\"a\":1,\"b\":{\"c\":2}}}")));
    hawser_cli_reply_add_shown(&t, &reply);
    assert_string_equal(room, "d1: ping rejected\n  code: \\x1b[2J\n"
                              "  boot: 52\n  result:\n    a: 1\n"
                              "    b: {\"c\":2}\n");
}

static void test_status_shown_says_what_is_known(void **state)
{
    (void)state;
    static const struct {
        const char *payload;
        const char *shown;
    } rows[] = {
        {NULL, "no device of this name has ever reported here"},
        {"x", "its last status is not readable"},
        {"{\"status\":\"offline\"}", "its last status is offline"},
        {"{\"status\":\"online\",\"time\":1795398600}",
         "its last status is online, reported at 2026-11-23T01:50:00.000Z"},
        {"{\"device\":\"d1\",\"status\":\"restarting\"}",
         "its last status is restarting"},
        {"{\"device\":\"d\\u001b\",\"status\":\"online\"}",
         "the last status here is of another device, d\\x1b"},
        {"{\"device\":7,\"status\":\"online\"}",
         "the last status here is of another device, 7"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char room[128];
        struct hawser_cli_text t = hawser_cli_text_in(room, sizeof(room));
        hawser_cli_status_add_shown(&t, hawser_cli_view(rows[i].payload), "d1");
        assert_string_equal(room, rows[i].shown);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_build_without_arguments_has_no_args),
        cmocka_unit_test(test_build_gives_values_their_types),
        cmocka_unit_test(test_build_conditions_stand_beside_args),
        cmocka_unit_test(test_build_bad_pair_is_named),
        cmocka_unit_test(test_build_without_room_is_refused),
        cmocka_unit_test(test_form_is_what_devices_check),
        cmocka_unit_test(test_form_refuses_conditions_that_are_no_numbers),
        cmocka_unit_test(test_topics_follow_the_layout),
        cmocka_unit_test(test_is_device_id_refuses_what_steers_topics),
        cmocka_unit_test(test_reply_read_tells_ours_and_its_outcome),
        cmocka_unit_test(test_reply_shown_is_safe_and_readable),
        cmocka_unit_test(test_status_shown_says_what_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
