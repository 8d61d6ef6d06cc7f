/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The chip: what its facts become, and log entries as lines.
 */
#include "ports/esp-idf/system.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "esp_heap_caps.h"
#include "esp_log.h"
#include "esp_mac.h"
#include "esp_random.h"
#include "esp_system.h"
#include "esp_timer.h"
#include "ports/esp-idf/wifi.h"
#include "tls/mbedtls.h"

static struct {
    int64_t now_us;
    esp_reset_reason_t reason;
    bool has_rssi;
    esp_log_level_t level;
    char line[1024];
} fake;

int64_t esp_timer_get_time(void)
{
    return fake.now_us;
}
esp_reset_reason_t esp_reset_reason(void)
{
    return fake.reason;
}
size_t heap_caps_get_free_size(uint32_t caps)
{
    assert_int_equal(caps, MALLOC_CAP_DEFAULT);
    return 123456;
}
esp_err_t esp_efuse_mac_get_default(uint8_t *mac)
{
    static const uint8_t own[] = {0xa4, 0xcf, 0x12, 0x0b, 0x00, 0xff};

    memcpy(mac, own, sizeof own);
    return ESP_OK;
}
void esp_fill_random(void *out, size_t len)
{
    memset(out, 0x5a, len);
}
bool hwi_esp_wifi_rssi(int32_t *out)
{
    *out = -61;
    return fake.has_rssi;
}
void fake_log(esp_log_level_t level, const char *tag, const char *format, ...)
{
    va_list args;

    assert_string_equal(tag, "hawser");
    fake.level = level;
    va_start(args, format);
    (void)vsnprintf(fake.line, sizeof fake.line, format, args);
    va_end(args);
}

static void test_system_facts(void **state)
{
    struct hawser_system out;

    (void)state;
    fake.has_rssi = true;
    fake.now_us = INT64_C(5000000000000); /* more than 2^32 ms */
    hwi_esp_system(&out);
    assert_true(out.has_rssi && out.has_heap);
    assert_int_equal(out.rssi_dbm, -61);
    assert_int_equal(out.heap_bytes, 123456);
    assert_int_equal(out.uptime_s, 5000000);
    assert_true(hwi_esp_now_ms() == UINT64_C(5000000000));
    assert_true(hwi_tls_port_now_ms() == hwi_esp_now_ms());
    fake.has_rssi = false;
    hwi_esp_system(&out);
    assert_false(out.has_rssi);
}

static void test_reset_reasons(void **state)
{
    static const struct {
        esp_reset_reason_t chip;
        enum hawser_reset_reason ours;
    } rows[] = {
        {ESP_RST_POWERON, HAWSER_RESET_POWER_ON},
        {ESP_RST_SW, HAWSER_RESET_COMMAND},
        {ESP_RST_PANIC, HAWSER_RESET_CRASH},
        {ESP_RST_BROWNOUT, HAWSER_RESET_CRASH},
        {ESP_RST_INT_WDT, HAWSER_RESET_WATCHDOG},
        {ESP_RST_TASK_WDT, HAWSER_RESET_WATCHDOG},
        {ESP_RST_WDT, HAWSER_RESET_WATCHDOG},
        {ESP_RST_DEEPSLEEP, HAWSER_RESET_UNKNOWN},
        {ESP_RST_EXT, HAWSER_RESET_UNKNOWN},
    };
    struct hawser_system out;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        fake.reason = rows[i].chip;
        hwi_esp_system(&out);
        assert_int_equal(out.reset_reason, rows[i].ours);
    }
}

static void test_id_is_the_whole_mac(void **state)
{
    char id[HWI_ESP_ID_SIZE];

    (void)state;
    hwi_esp_id(id);
    assert_string_equal(id, "esp32c3-a4cf120b00ff");
}

static void test_log_line(void **state)
{
    const struct hawser_field fields[] = {
        {.name = "cause", .text = {(const uint8_t *)"tls\x1b[2J\xff", 8}},
        {.name = "in_ms", .number = -5},
        {.name = "is_on", .number = 1, .is_bool = true},
        {.name = "is_off", .number = 0, .is_bool = true},
    };
    struct hawser_log entry = {HAWSER_LOG_WARNING, "retry", fields, 4};

    (void)state;
    hwi_esp_log(&entry);
    assert_int_equal(fake.level, ESP_LOG_WARN);
    assert_string_equal(fake.line,
                        "retry cause=tls?[2J? in_ms=-5 is_on=yes is_off=no");
    entry = (struct hawser_log){HAWSER_LOG_ERROR, "bare", NULL, 0};
    hwi_esp_log(&entry);
    assert_int_equal(fake.level, ESP_LOG_ERROR);
    assert_string_equal(fake.line, "bare");
}

/* Whatever is too long is cut, wherever the end of the line falls. */
static void test_log_line_is_bounded(void **state)
{
    static uint8_t text[600];
    struct hawser_field fields[] = {
        {.name = "text", .text = {text, 0}},
        {.name = "number", .number = INT64_MIN},
        {.name = "more", .text = {text, 3}},
    };
    const struct hawser_log entry = {HAWSER_LOG_INFO, "e", fields, 3};

    (void)state;
    memset(text, 'x', sizeof text);
    for (size_t len = 0; len <= sizeof text; len++) {
        fields[0].text.len = len;
        hwi_esp_log(&entry);
        assert_true(strlen(fake.line) <= 1 + 383);
        assert_true(len < 300 || strlen(fake.line) > 300);
    }
}

static void test_random_comes_from_the_chip(void **state)
{
    uint8_t bytes[3] = {0};

    (void)state;
    assert_int_equal(hwi_tls_port_random(bytes, 2), 0);
    assert_int_equal(bytes[1], 0x5a);
    assert_int_equal(bytes[2], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_system_facts),
        cmocka_unit_test(test_reset_reasons),
        cmocka_unit_test(test_id_is_the_whole_mac),
        cmocka_unit_test(test_log_line),
        cmocka_unit_test(test_log_line_is_bounded),
        cmocka_unit_test(test_random_comes_from_the_chip),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
