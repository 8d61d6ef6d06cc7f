/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Log entries: every kind of field arrives as it was given, and a field too
 * many is left out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "device/log.h"

/* What the port was given. */
struct taken {
    unsigned count;
    struct hawser_log entry;
    struct hawser_field fields[HWI_LOG_FIELDS_MAX];
};

static void take(void *ctx, const struct hawser_log *entry)
{
    struct taken *t = ctx;

    assert_true(entry->field_count <= HWI_LOG_FIELDS_MAX);
    t->count++;
    t->entry = *entry;
    memcpy(t->fields, entry->fields, entry->field_count * sizeof(t->fields[0]));
}

static void test_send_every_kind_of_field_arrives(void **state)
{
    struct taken t = {.count = 0};
    const struct hawser_port port = {.ctx = &t, .log = take};
    struct hwi_log l = hwi_log_of(HAWSER_LOG_INFO, "online");

    (void)state;
    hwi_log_word(&l, "broker", "broker.example");
    hwi_log_text(&l, "id", (struct hawser_view){(const uint8_t *)"xyz", 2});
    hwi_log_number(&l, "session", UINT32_MAX);
    hwi_log_bool(&l, "resumed", true);
    hwi_log_bool(&l, "late", false);
    assert_int_equal(t.count, 0);
    hwi_log_send(&l, &port);
    assert_int_equal(t.count, 1);
    assert_int_equal(t.entry.level, HAWSER_LOG_INFO);
    assert_string_equal(t.entry.event, "online");
    assert_int_equal(t.entry.field_count, 5);
    assert_string_equal(t.fields[0].name, "broker");
    assert_int_equal(t.fields[0].text.len, 14);
    assert_memory_equal(t.fields[0].text.at, "broker.example", 14);
    assert_int_equal(t.fields[1].text.len, 2);
    assert_null(t.fields[2].text.at);
    assert_int_equal(t.fields[2].number, UINT32_MAX);
    assert_false(t.fields[2].is_bool);
    assert_true(t.fields[3].is_bool);
    assert_int_equal(t.fields[3].number, 1);
    assert_true(t.fields[4].is_bool);
    assert_int_equal(t.fields[4].number, 0);
}

static void test_send_too_many_fields_leaves_the_last_out(void **state)
{
    struct taken t = {.count = 0};
    const struct hawser_port port = {.ctx = &t, .log = take};
    struct hwi_log l = hwi_log_of(HAWSER_LOG_DEBUG, "published");

    (void)state;
    for (uint64_t i = 0; i < HWI_LOG_FIELDS_MAX + 3; i++) {
        hwi_log_number(&l, "n", i);
    }
    hwi_log_send(&l, &port);
    assert_int_equal(t.entry.field_count, HWI_LOG_FIELDS_MAX);
    assert_int_equal(t.fields[HWI_LOG_FIELDS_MAX - 1].number,
                     HWI_LOG_FIELDS_MAX - 1);
}

static void test_send_no_field_is_an_entry(void **state)
{
    struct taken t = {.count = 0};
    const struct hawser_port port = {.ctx = &t, .log = take};
    struct hwi_log l = hwi_log_of(HAWSER_LOG_ERROR, "stop");

    (void)state;
    hwi_log_send(&l, &port);
    assert_int_equal(t.count, 1);
    assert_int_equal(t.entry.level, HAWSER_LOG_ERROR);
    assert_int_equal(t.entry.field_count, 0);
}

static void test_alert_is_a_warning_with_code_and_detail(void **state)
{
    struct taken t = {.count = 0};
    const struct hawser_port port = {.ctx = &t, .log = take};

    (void)state;
    hwi_log_alert(&port, "storage", "it failed");
    assert_int_equal(t.entry.level, HAWSER_LOG_WARNING);
    assert_string_equal(t.entry.event, "alert");
    assert_int_equal(t.entry.field_count, 2);
    assert_string_equal(t.fields[0].name, "code");
    assert_memory_equal(t.fields[0].text.at, "storage", 7);
    assert_string_equal(t.fields[1].name, "detail");
    assert_memory_equal(t.fields[1].text.at, "it failed", 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_send_every_kind_of_field_arrives),
        cmocka_unit_test(test_send_too_many_fields_leaves_the_last_out),
        cmocka_unit_test(test_send_no_field_is_an_entry),
        cmocka_unit_test(test_alert_is_a_warning_with_code_and_detail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
