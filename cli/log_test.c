/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Both renderers, with the bytes that a log must not pass on.
 */
#include "log.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "text.h"
#include "when.h"

#define MOMENT 1795398600123u /* 2026-11-23T01:50:00.123Z */

static struct hawser_field text_field(const char *name, const char *text)
{
    return (struct hawser_field){.name = name, .text = hawser_cli_view(text)};
}

static void test_log_text_is_one_aligned_line(void **state)
{
    (void)state;
    char line[256];
    const struct hawser_field fields[] = {
        text_field("host", "b.example"),
        {.name = "port", .number = 8883},
        {.name = "resumed", .number = 1, .is_bool = true},
        text_field("detail", "it is \"x\""),
        text_field("empty", ""),
    };
    const struct hawser_log entry = {HAWSER_LOG_INFO, "tls", fields, 5};
    size_t len = hawser_cli_log_text(line, sizeof(line), &entry, MOMENT, false);
    assert_string_equal(line, "2026-11-23T01:50:00.123Z info  tls        "
                              "host=b.example port=8883 resumed=yes "
                              "detail=\"it is \\\"x\\\"\" empty=\"\"");
    assert_int_equal(len, strlen(line));
}

static void test_log_text_colours_only_when_asked(void **state)
{
    (void)state;
    char line[256];
    const struct hawser_log entry = {HAWSER_LOG_WARNING, "retry", NULL, 0};
    (void)hawser_cli_log_text(line, sizeof(line), &entry, MOMENT, true);
    assert_string_equal(line, "\x1b[2m2026-11-23T01:50:00.123Z\x1b[0m "
                              "\x1b[33mwarn  retry\x1b[0m");
    (void)hawser_cli_log_text(line, sizeof(line), &entry, MOMENT, false);
    assert_null(strchr(line, '\x1b'));
}

static void test_log_text_shows_control_bytes_escaped(void **state)
{
    (void)state;
    char line[256];
    const struct hawser_field fields[] = {
        text_field("a", "\x1b[2J\n\xff"),
        text_field("b", "x \x1b]0;t\x07"),
    };
    const struct hawser_log entry = {HAWSER_LOG_ERROR, "retry", fields, 2};
    (void)hawser_cli_log_text(line, sizeof(line), &entry, MOMENT, false);
    assert_non_null(strstr(line, "a=\\x1b[2J\\x0a\\xff "));
    assert_non_null(strstr(line, "b=\"x \\u001b]0;t\\u0007\""));
    for (const char *c = line; *c != '\0'; c++) {
        assert_true(*c >= ' ' && *c < 0x7F);
    }
}

static void test_log_text_long_line_is_cut_and_says_so(void **state)
{
    (void)state;
    char line[256];
    char value[400];
    memset(value, 'v', sizeof(value) - 1);
    value[sizeof(value) - 1] = '\0';
    const struct hawser_field field = text_field("a", value);
    const struct hawser_log entry = {HAWSER_LOG_INFO, "tls", &field, 1};
    size_t len = hawser_cli_log_text(line, sizeof(line), &entry, MOMENT, true);
    assert_true(len < sizeof(line));
    assert_string_equal(line + len - 8, " ...\x1b[0m");
}

static void test_log_json_is_one_object(void **state)
{
    (void)state;
    char line[256];
    const struct hawser_field fields[] = {
        text_field("host", "b\"\x1b\n\xc2\x9b"),
        {.name = "wait_ms", .number = -5},
        {.name = "resumed", .number = 0, .is_bool = true},
    };
    const struct hawser_log entry = {HAWSER_LOG_WARNING, "retry", fields, 3};
    size_t len = hawser_cli_log_json(line, sizeof(line), &entry, MOMENT);
    assert_string_equal(line, "{\"time\":\"2026-11-23T01:50:00.123Z\","
                              "\"level\":\"warning\",\"event\":\"retry\","
                              "\"host\":\"b\\\"\\u001b\\n\\u009b\","
                              "\"wait_ms\":-5,\"resumed\":false}");
    assert_int_equal(len, strlen(line));
}

static void test_log_json_leaves_out_whole_members_that_do_not_fit(void **state)
{
    (void)state;
    char line[256];
    char value[400];
    memset(value, '\n', sizeof(value) - 1);
    value[sizeof(value) - 1] = '\0';
    const struct hawser_field fields[] = {
        text_field("a", value),
        {.name = "b", .number = 2},
    };
    const struct hawser_log entry = {HAWSER_LOG_INFO, "tls", fields, 2};
    (void)hawser_cli_log_json(line, sizeof(line), &entry, MOMENT);
    assert_string_equal(line, "{\"time\":\"2026-11-23T01:50:00.123Z\","
                              "\"level\":\"info\",\"event\":\"tls\",\"b\":2,"
                              "\"truncated\":true}");
}

/* A log into a pipe; its reading end. */
static struct hawser_cli_log log_to_pipe(int *reader, FILE **out)
{
    int ends[2];
    assert_int_equal(pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0);
    /* Only the reader's end must not wait: a log's may be a terminal. */
    assert_int_equal(fcntl(ends[1], F_SETFL, 0), 0);
    *out = fdopen(ends[1], "w");
    assert_non_null(*out);
    *reader = ends[0];
    return hawser_cli_log_to(*out, HAWSER_CLI_LOG_JSON);
}

static void test_log_write_is_on_its_way_at_once(void **state)
{
    (void)state;
    char written[512] = "";
    int reader = -1;
    FILE *out = NULL;
    struct hawser_cli_log log = log_to_pipe(&reader, &out);
    hawser_cli_log_say(&log, HAWSER_LOG_ERROR, "config", "words");
    assert_true(read(reader, written, sizeof(written) - 1) > 0);
    assert_non_null(strstr(written, "\"event\":\"config\",\"detail\":"
                                    "\"words\"}\n"));
    (void)fclose(out);
    (void)close(reader);
}

static void test_log_write_drops_and_counts_what_nobody_reads(void **state)
{
    (void)state;
    static char written[1024 * 1024];
    int reader = -1;
    FILE *out = NULL;
    struct hawser_cli_log log = log_to_pipe(&reader, &out);
    while (log.lost < 3) { /* it fills, and nothing waits */
        hawser_cli_log_say(&log, HAWSER_LOG_INFO, "config", "words");
    }
    assert_true(read(reader, written, sizeof(written) - 1) > 0);
    hawser_cli_log_say(&log, HAWSER_LOG_INFO, "config", "last");
    assert_int_equal(log.lost, 0);
    memset(written, 0, sizeof(written));
    assert_true(read(reader, written, sizeof(written) - 1) > 0);
    assert_non_null(strstr(written, "\"event\":\"log_lost\",\"lines\":3}\n"));
    assert_non_null(strstr(written, "\"detail\":\"last\"}\n"));
    (void)fclose(out);
    (void)close(reader);
}

/* Its room ends in the middle of a line, which poll() does not tell. */
static void test_log_write_never_waits_for_a_terminal(void **state)
{
    (void)state;
    int reader = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(reader >= 0 && grantpt(reader) == 0 && unlockpt(reader) == 0);
    int terminal = open(ptsname(reader), O_WRONLY | O_NOCTTY | O_CLOEXEC);
    FILE *out = fdopen(terminal, "w");
    assert_non_null(out);
    struct hawser_cli_log log = hawser_cli_log_to(out, HAWSER_CLI_LOG_JSON);
    (void)alarm(30); /* a write that waits would wait for ever */
    while (log.lost < 3) {
        hawser_cli_log_say(&log, HAWSER_LOG_INFO, "config", "words");
    }
    (void)alarm(0);
    /* Who shares the terminal with us may wait for it as before. */
    assert_int_equal(fcntl(terminal, F_GETFL) & O_NONBLOCK, 0);
    (void)fclose(out);
    (void)close(log.fd);
    (void)close(reader);
}

static void test_add_span_takes_the_largest_unit(void **state)
{
    (void)state;
    static const struct {
        uint64_t seconds;
        const char *text;
    } spans[] = {{0, "0s"},     {59, "59s"},      {60, "1m"},
                 {3599, "59m"}, {3600, "1h"},     {86399, "23h"},
                 {86400, "1d"}, {8640000, "100d"}};
    for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++) {
        char room[32];
        struct hawser_cli_text t = hawser_cli_text_in(room, sizeof(room));
        hawser_cli_text_add_span(&t, spans[i].seconds);
        assert_string_equal(room, spans[i].text);
    }
}

static void test_add_moment_far_future_stays_a_date(void **state)
{
    (void)state;
    char room[32];
    struct hawser_cli_text t = hawser_cli_text_in(room, sizeof(room));
    hawser_cli_text_add_moment(&t, UINT64_MAX);
    assert_string_equal(room, "9999-12-31T23:59:59.999Z");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_log_text_is_one_aligned_line),
        cmocka_unit_test(test_log_text_colours_only_when_asked),
        cmocka_unit_test(test_log_text_shows_control_bytes_escaped),
        cmocka_unit_test(test_log_text_long_line_is_cut_and_says_so),
        cmocka_unit_test(test_log_json_is_one_object),
        cmocka_unit_test(
            test_log_json_leaves_out_whole_members_that_do_not_fit),
        cmocka_unit_test(test_log_write_is_on_its_way_at_once),
        cmocka_unit_test(test_log_write_drops_and_counts_what_nobody_reads),
        cmocka_unit_test(test_log_write_never_waits_for_a_terminal),
        cmocka_unit_test(test_add_span_takes_the_largest_unit),
        cmocka_unit_test(test_add_moment_far_future_stays_a_date),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
