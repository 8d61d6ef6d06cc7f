/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hawser watch` without a broker: messages into rows, rows onto a terminal.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "watch_table.h"

#include <cmocka.h>

#define NOW 1795398600000u

static bool take(struct hawser_cli_table *table,
                 enum hawser_cli_watched_kind kind, const char *id,
                 const char *payload, bool retain)
{
    const struct hawser_cli_sighting s = {
        kind,     hawser_cli_view(id), hawser_cli_view(payload), retain, NOW,
        {NULL, 0}};
    return hawser_cli_table_take(table, &s);
}

static void test_kind_of_reads_the_device_layout(void **state)
{
    (void)state;
    struct hawser_view id = {NULL, 0};
    const struct hawser_view none = {NULL, 0};
    assert_int_equal(hawser_cli_watched_kind_of(
                         "a/b", HAWSER_LAYOUT_DEVICE,
                         hawser_cli_view("a/b/d1/security"), none, &id),
                     HAWSER_WATCHED_SECURITY);
    assert_int_equal(id.len, 2);
    assert_memory_equal(id.at, "d1", 2);
    static const char *const others[] = {
        "a/b",          "a/b/",          "a/b/d1",         "a/b/d1/reply",
        "a/bd1/status", "x/b/d1/status", "a/b/d1/status/x"};
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        assert_int_equal(hawser_cli_watched_kind_of("a/b", HAWSER_LAYOUT_DEVICE,
                                                    hawser_cli_view(others[i]),
                                                    none, &id),
                         HAWSER_WATCHED_NOTHING);
    }
}

static void test_kind_of_flat_reads_the_message(void **state)
{
    (void)state;
    struct hawser_view id = {NULL, 0};
    assert_int_equal(
        hawser_cli_watched_kind_of("esp32", HAWSER_LAYOUT_FLAT,
                                   hawser_cli_view("esp32/data"),
                                   hawser_cli_view("{\"device\":\"d1\"}"), &id),
        HAWSER_WATCHED_DATA);
    assert_int_equal(id.len, 2);
    assert_int_equal(
        hawser_cli_watched_kind_of("esp32", HAWSER_LAYOUT_FLAT,
                                   hawser_cli_view("esp32/data"),
                                   hawser_cli_view("{\"device\":7}"), &id),
        HAWSER_WATCHED_NOTHING);
}

static void test_kind_of_ignores_an_id_that_is_too_long(void **state)
{
    (void)state;
    char topic[2 + HAWSER_ID_MAX + 1 + sizeof("/status")];
    char payload[32 + HAWSER_ID_MAX + 1];
    for (int len = HAWSER_ID_MAX; len <= HAWSER_ID_MAX + 1; len++) {
        struct hawser_view id = {NULL, 0};
        (void)snprintf(topic, sizeof(topic), "a/%0*d/status", len, 7);
        (void)snprintf(payload, sizeof(payload), "{\"device\":\"%0*d\"}", len,
                       7);
        enum hawser_cli_watched_kind kind = len == HAWSER_ID_MAX
                                                ? HAWSER_WATCHED_STATUS
                                                : HAWSER_WATCHED_NOTHING;
        assert_int_equal(hawser_cli_watched_kind_of(
                             "a", HAWSER_LAYOUT_DEVICE, hawser_cli_view(topic),
                             hawser_cli_view(payload), &id),
                         kind);
        assert_int_equal(hawser_cli_watched_kind_of("a", HAWSER_LAYOUT_FLAT,
                                                    hawser_cli_view("a/status"),
                                                    hawser_cli_view(payload),
                                                    &id),
                         kind);
    }
}

static void test_take_keeps_rows_sorted_and_bounded(void **state)
{
    (void)state;
    struct hawser_cli_table table = {NULL, 0, 0, 0};
    for (int i = HAWSER_CLI_WATCHED_MAX + 1; i >= 0; i--) {
        char id[16];
        (void)snprintf(id, sizeof(id), "d%05d", i);
        assert_true(take(&table, HAWSER_WATCHED_STATUS, id,
                         "{\"status\":\"online\"}", true));
    }
    assert_int_equal(table.count, HAWSER_CLI_WATCHED_MAX);
    assert_int_equal(table.left_out, 2);
    assert_string_equal(table.rows[0].id, "d00002");
    assert_true(strcmp(table.rows[1].id, table.rows[2].id) < 0);
    assert_true(take(&table, HAWSER_WATCHED_STATUS, "d00004", "", true));
    assert_null(hawser_cli_table_find(&table, "d00004"));
    assert_int_equal(table.count, HAWSER_CLI_WATCHED_MAX - 1);
    hawser_cli_table_free(&table);
}

static bool take_alert(struct hawser_cli_table *table, const char *topic,
                       const char *payload)
{
    const struct hawser_cli_sighting s = {
        HAWSER_WATCHED_ALERT,
        hawser_cli_view("d1"),
        hawser_cli_view(payload),
        true,
        NOW,
        hawser_cli_watched_alert(hawser_cli_view(topic))};
    return hawser_cli_table_take(table, &s);
}

static void test_kind_of_an_alert_has_a_name(void **state)
{
    (void)state;
    struct hawser_view id = {NULL, 0};
    const struct hawser_view none = {NULL, 0};
    const struct hawser_view topic = hawser_cli_view("a/d1/alert/outbox");
    assert_int_equal(
        hawser_cli_watched_kind_of("a", HAWSER_LAYOUT_DEVICE, topic, none, &id),
        HAWSER_WATCHED_ALERT);
    assert_int_equal(hawser_cli_watched_alert(topic).len, 6);
    static const char *const others[] = {"a/d1/alert", "a/d1/alert/",
                                         "a/d1/alert/x/y", "a/d1/alerts/x"};
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        assert_int_equal(hawser_cli_watched_kind_of("a", HAWSER_LAYOUT_DEVICE,
                                                    hawser_cli_view(others[i]),
                                                    none, &id),
                         HAWSER_WATCHED_NOTHING);
    }
}

static void test_take_alerts_stand_until_they_are_removed(void **state)
{
    (void)state;
    struct hawser_cli_table table = {NULL, 0, 0, 0};
    assert_false(take_alert(&table, "alert/outbox", "")); /* no such device */
    assert_true(take_alert(&table, "alert/outbox", "{}"));
    assert_true(take_alert(&table, "alert/downgrade", "{}"));
    assert_true(take_alert(&table, "alert/outbox", "{}"));
    assert_string_equal(table.rows[0].alerts, "downgrade outbox ");
    assert_true(take_alert(&table, "alert/downgrade", ""));
    assert_string_equal(table.rows[0].alerts, "outbox ");
    assert_true(take_alert(&table, "alert/out", ""));
    assert_string_equal(table.rows[0].alerts, "outbox ");
    assert_true(take_alert(&table, "alert/\x1b[2J two", "{}"));
    assert_string_equal(table.rows[0].alerts, "outbox ");
    for (int i = 0; i < 100; i++) {
        char topic[40];
        (void)snprintf(topic, sizeof(topic), "alert/number-%d", i);
        assert_true(take_alert(&table, topic, "{}"));
    }
    assert_true(strlen(table.rows[0].alerts) < sizeof(table.rows[0].alerts));
    assert_true(take_alert(&table, "alert/outbox", ""));
    assert_null(strstr(table.rows[0].alerts, "outbox"));
    hawser_cli_table_free(&table);
}

static void test_take_status_knows_since_when(void **state)
{
    (void)state;
    struct hawser_cli_table table = {NULL, 0, 0, 0};
    assert_true(take(&table, HAWSER_WATCHED_STATUS, "d1",
                     "{\"status\":\"online\",\"version\":\"2.1.0\","
                     "\"time\":1795398000}",
                     true));
    const struct hawser_cli_watched *row = hawser_cli_table_find(&table, "d1");
    assert_non_null(row);
    assert_int_equal(row->since_ms, 1795398000000u);
    assert_string_equal(row->firmware, "2.1.0");
    assert_true(take(&table, HAWSER_WATCHED_STATUS, "d1",
                     "{\"status\":\"pong\"}", false));
    assert_string_equal(row->state, "online");
    assert_true(take(&table, HAWSER_WATCHED_STATUS, "d1",
                     "{\"status\":\"offline\"}", false));
    assert_string_equal(row->state, "offline");
    assert_int_equal(row->since_ms, NOW);
    hawser_cli_table_free(&table);
}

static void test_take_what_is_no_message_changes_nothing(void **state)
{
    (void)state;
    struct hawser_cli_table table = {NULL, 0, 0, 0};
    char long_id[HAWSER_ID_MAX + 2];
    memset(long_id, 'd', sizeof(long_id) - 1);
    long_id[sizeof(long_id) - 1] = '\0';
    assert_false(take(&table, HAWSER_WATCHED_STATUS, "d1", "offline", false));
    assert_false(take(&table, HAWSER_WATCHED_STATUS, "d1", "[1]", false));
    assert_false(take(&table, HAWSER_WATCHED_STATUS, "", "{}", false));
    assert_false(take(&table, HAWSER_WATCHED_STATUS, long_id, "{}", false));
    assert_false(take(&table, HAWSER_WATCHED_STATUS, "d1", "", false));
    assert_int_equal(table.count, 0);
    hawser_cli_table_free(&table);
}

static void fill(struct hawser_cli_table *table)
{
    (void)take(table, HAWSER_WATCHED_STATUS, "esp32_factory_001",
               "{\"status\":\"online\",\"version\":\"2.1.0\","
               "\"time\":1795398000}",
               true);
    (void)take(
        table, HAWSER_WATCHED_SECURITY, "esp32_factory_001",
        "{\"tls_version\":\"TLSv1.3\",\"cipher\":\"TLS_AES_256_GCM_SHA384\"}",
        true);
    (void)take(table, HAWSER_WATCHED_DATA, "esp32_factory_001",
               "{\"device\":\"esp32_factory_001\",\"temperature\":24.5,"
               "\"humidity\":65.2,\"rssi\":-61,\"seq\":1,\"time\":2}",
               false);
    (void)take(table, HAWSER_WATCHED_DATA, "esp32_factory_001",
               "{\"temperature\":1,\"hist\":true}", false);
    (void)take(table, HAWSER_WATCHED_STATUS, "b\x1b[2J",
               "{\"status\":\"off\\u001b[2Jline\"}", true);
}

static unsigned draw(const struct hawser_cli_table *table, char *room,
                     size_t size, struct hawser_cli_canvas canvas)
{
    struct hawser_cli_text t = hawser_cli_text_in(room, size);
    canvas.now_ms = NOW + 5000;
    canvas.headline = "b.example:8883";
    unsigned lines = hawser_cli_table_draw(&t, table, &canvas);
    assert_false(t.cut);
    return lines;
}

static void test_draw_is_aligned_and_safe(void **state)
{
    (void)state;
    char room[4096];
    struct hawser_cli_table table = {NULL, 0, 0, 0};
    fill(&table);
    unsigned lines =
        draw(&table, room, sizeof(room),
             (struct hawser_cli_canvas){.columns = 100, .lines = 24});
    assert_int_equal(lines, 4);
    assert_string_equal(
        room,
        "2 devices, 1 online  b.example:8883\n"
        "DEVICE             STATE         SINCE  TLS      FIRMWARE  AGE  LAST "
        "TELEMETRY\n"
        "b\\x1b[2J           off\\x1b[2Jli  -      -        -         -    -\n"
        "esp32_factory_001  online        10m    TLSv1.3  2.1.0     5s   "
        "temperature=24.5 humidity=65.2 rssi=\n");
    hawser_cli_table_free(&table);
}

static void test_draw_wide_shows_the_cipher(void **state)
{
    (void)state;
    char room[4096];
    struct hawser_cli_table table = {NULL, 0, 0, 0};
    fill(&table);
    (void)draw(&table, room, sizeof(room),
               (struct hawser_cli_canvas){.columns = 120, .lines = 24});
    assert_non_null(strstr(room, "TLS_AES_256_GCM_SHA384"));
    (void)draw(&table, room, sizeof(room),
               (struct hawser_cli_canvas){.columns = 119, .lines = 24});
    assert_null(strstr(room, "TLS_AES_256_GCM_SHA384"));
    (void)draw(&table, room, sizeof(room),
               (struct hawser_cli_canvas){.columns = 200, .lines = 24});
    assert_non_null(strstr(room, "rssi=-61"));
    hawser_cli_table_free(&table);
}

static void test_draw_of_nothing_says_whether_it_waits(void **state)
{
    (void)state;
    char room[4096];
    struct hawser_cli_table table = {NULL, 0, 0, 0};
    struct hawser_cli_canvas canvas = {.columns = 80, .lines = 24};
    (void)draw(&table, room, sizeof(room), canvas);
    assert_non_null(strstr(room, "0 devices, 0 online  b.example"));
    canvas.is_waiting = true;
    (void)draw(&table, room, sizeof(room), canvas);
    assert_non_null(strstr(room, "waiting for the first message  b.example"));
    fill(&table);
    (void)draw(&table, room, sizeof(room), canvas);
    assert_non_null(strstr(room, "2 devices, 1 online"));
    hawser_cli_table_free(&table);
}

/* No line is wider than the terminal, whatever its width. */
static void test_draw_never_exceeds_the_terminal(void **state)
{
    (void)state;
    char room[8192];
    struct hawser_cli_table table = {NULL, 0, 0, 0};
    fill(&table);
    for (unsigned columns = 1; columns < 220; columns++) {
        (void)draw(&table, room, sizeof(room),
                   (struct hawser_cli_canvas){.columns = columns, .lines = 24});
        for (char *line = strtok(room, "\n"); line != NULL;
             line = strtok(NULL, "\n")) {
            assert_true(hawser_cli_text_columns(line) <= columns);
        }
    }
    hawser_cli_table_free(&table);
}

static void test_draw_colours_the_state(void **state)
{
    (void)state;
    char room[4096];
    struct hawser_cli_table table = {NULL, 0, 0, 0};
    (void)take(&table, HAWSER_WATCHED_STATUS, "a", "{\"status\":\"online\"}",
               true);
    (void)take(&table, HAWSER_WATCHED_STATUS, "b", "{\"status\":\"offline\"}",
               true);
    (void)draw(&table, room, sizeof(room),
               (struct hawser_cli_canvas){
                   .columns = 80, .lines = 24, .has_colour = true});
    assert_non_null(strstr(room, "\x1b[32monline"));
    assert_non_null(strstr(room, "\x1b[31moffline"));
    hawser_cli_table_free(&table);
}

static void test_draw_counts_what_a_low_terminal_hides(void **state)
{
    (void)state;
    char room[8192];
    struct hawser_cli_table table = {NULL, 0, 0, 0};
    for (int i = 0; i < 30; i++) {
        char id[16];
        (void)snprintf(id, sizeof(id), "d%02d", i);
        (void)take(&table, HAWSER_WATCHED_STATUS, id, "{\"status\":\"online\"}",
                   true);
    }
    unsigned lines =
        draw(&table, room, sizeof(room),
             (struct hawser_cli_canvas){.columns = 80, .lines = 10});
    assert_int_equal(lines, 9);
    assert_non_null(strstr(room, "and 24 more\n"));
    hawser_cli_table_free(&table);
}

/* What one of the printers writes. */
static void print(void (*printer)(FILE *out,
                                  const struct hawser_cli_sighting *s),
                  const char *payload, bool retain, char room[1024])
{
    const struct hawser_cli_sighting s = {HAWSER_WATCHED_STATUS,
                                          hawser_cli_view("d\x1b"),
                                          hawser_cli_view(payload),
                                          retain,
                                          NOW,
                                          {NULL, 0}};
    memset(room, 0, 1024);
    FILE *out = fmemopen(room, 1024, "w");
    assert_non_null(out);
    printer(out, &s);
    assert_int_equal(fclose(out), 0);
}

static void test_print_json_is_always_one_object(void **state)
{
    (void)state;
    static const struct {
        const char *payload;
        const char *message;
    } rows[] = {
        {"{ \"a\" : \"\x7f\"\n}", "{\"a\":\"\\u007f\"}"},
        {"{\"a\":", "\"{\\\"a\\\":\""},
        {"\x1b\xff", "\"\\u001b\\ufffd\""},
        {"", "null"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char room[1024];
        char line[1024];
        print(hawser_cli_sighting_print_json, rows[i].payload, true, room);
        (void)snprintf(line, sizeof(line),
                       "{\"received\":\"2026-11-23T01:50:00.000Z\","
                       "\"device\":\"d\\u001b\",\"kind\":\"status\","
                       "\"retained\":true,\"message\":%s}\n",
                       rows[i].message);
        assert_string_equal(room, line);
    }
}

static void test_print_json_of_a_long_id_is_whole(void **state)
{
    (void)state;
    static char id[3000];
    char *room = NULL;
    size_t len = 0;
    memset(id, 'a', sizeof(id));
    const struct hawser_cli_sighting s = {
        .id = {(const uint8_t *)id, sizeof(id)}, .now_ms = NOW};
    FILE *out = open_memstream(&room, &len);
    assert_non_null(out);
    hawser_cli_sighting_print_json(out, &s);
    assert_int_equal(fclose(out), 0);
    assert_true(len > sizeof(id));
    assert_string_equal(room + len - 16, "\"message\":null}\n");
    free(room);
}

static void test_print_is_one_safe_line(void **state)
{
    (void)state;
    char room[1024];
    print(hawser_cli_sighting_print, "{\"a\":\"\\u001b[2J\",\"b\":[1, 2]}",
          false, room);
    assert_string_equal(room, "2026-11-23T01:50:00.000Z d\\x1b status "
                              "a=\\x1b[2J b=[1, 2]\n");
    print(hawser_cli_sighting_print, "\x1b[2J", true, room);
    assert_string_equal(room, "2026-11-23T01:50:00.000Z d\\x1b status "
                              "(retained) \\x1b[2J\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kind_of_reads_the_device_layout),
        cmocka_unit_test(test_kind_of_flat_reads_the_message),
        cmocka_unit_test(test_kind_of_ignores_an_id_that_is_too_long),
        cmocka_unit_test(test_take_keeps_rows_sorted_and_bounded),
        cmocka_unit_test(test_kind_of_an_alert_has_a_name),
        cmocka_unit_test(test_take_alerts_stand_until_they_are_removed),
        cmocka_unit_test(test_take_status_knows_since_when),
        cmocka_unit_test(test_take_what_is_no_message_changes_nothing),
        cmocka_unit_test(test_draw_is_aligned_and_safe),
        cmocka_unit_test(test_draw_wide_shows_the_cipher),
        cmocka_unit_test(test_draw_of_nothing_says_whether_it_waits),
        cmocka_unit_test(test_draw_never_exceeds_the_terminal),
        cmocka_unit_test(test_draw_colours_the_state),
        cmocka_unit_test(test_draw_counts_what_a_low_terminal_hides),
        cmocka_unit_test(test_print_json_is_always_one_object),
        cmocka_unit_test(test_print_json_of_a_long_id_is_whole),
        cmocka_unit_test(test_print_is_one_safe_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
