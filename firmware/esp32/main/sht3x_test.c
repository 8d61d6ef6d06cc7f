/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHT3x over a fake bus: what is sent and when, and what comes of each answer.
 */
#include "sht3x.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "driver/i2c_master.h"
#include "esp_timer.h"
#include "hawser/error.h"

/* 0x6666: 25.00 degrees, 0x8000: 50.00 per cent. */
static const uint8_t answer[] = {0x66, 0x66, 0x93, 0x80, 0x00, 0xA2};

static struct {
    int64_t now_us;
    esp_err_t transmit_err;
    esp_err_t receive_err;
    unsigned transmits;
    unsigned receives;
    uint8_t raw[SHT3X_RAW];
} fake;

int64_t esp_timer_get_time(void)
{
    return fake.now_us;
}

esp_err_t i2c_new_master_bus(const i2c_master_bus_config_t *config,
                             i2c_master_bus_handle_t *out)
{
    static int bus;

    assert_int_equal(config->sda_io_num, 8);
    assert_int_equal(config->scl_io_num, 9);
    *out = (i2c_master_bus_handle_t)&bus;
    return ESP_OK;
}

esp_err_t i2c_master_bus_add_device(i2c_master_bus_handle_t bus,
                                    const i2c_device_config_t *config,
                                    i2c_master_dev_handle_t *out)
{
    assert_non_null(bus);
    assert_int_equal(config->device_address, 0x44);
    *out = (i2c_master_dev_handle_t)bus;
    return ESP_OK;
}

esp_err_t i2c_master_transmit(i2c_master_dev_handle_t device,
                              const uint8_t *bytes, size_t len, int timeout_ms)
{
    assert_non_null(device);
    assert_int_equal(len, 2);
    assert_memory_equal(bytes, "\x24\x00", 2);
    assert_in_range(timeout_ms, 1, 20);
    fake.transmits++;
    return fake.transmit_err;
}

esp_err_t i2c_master_receive(i2c_master_dev_handle_t device, uint8_t *out,
                             size_t len, int timeout_ms)
{
    assert_non_null(device);
    assert_int_equal(len, SHT3X_RAW);
    assert_in_range(timeout_ms, 1, 20);
    fake.receives++;
    memcpy(out, fake.raw, len);
    return fake.receive_err;
}

/* What was fetched by the test before is old by now. */
static int begin(void **state)
{
    int64_t now_us = fake.now_us + 10000000;

    (void)state;
    memset(&fake, 0, sizeof fake);
    fake.now_us = now_us;
    memcpy(fake.raw, answer, sizeof answer);
    return 0;
}

static void test_before_begin_there_is_none(void **state)
{
    struct hawser_reading out;

    (void)state;
    assert_int_equal(sht3x_temperature(&out), HAWSER_E_ABSENT);
    assert_int_equal(fake.transmits, 0);
    assert_int_equal(sht3x_begin(8, 9), ESP_OK);
}

static void test_one_measurement_gives_both(void **state)
{
    struct hawser_reading out;

    (void)state;
    assert_int_equal(sht3x_temperature(&out), HAWSER_E_WAIT);
    assert_int_equal(sht3x_humidity(&out), HAWSER_E_WAIT);
    fake.now_us += 15999;
    assert_int_equal(sht3x_temperature(&out), HAWSER_E_WAIT);
    assert_int_equal(fake.receives, 0);
    fake.now_us += 1;
    assert_int_equal(sht3x_temperature(&out), 0);
    assert_int_equal(out.value.mantissa, 2500);
    assert_int_equal(out.value.decimals, 2);
    assert_false(out.simulated);
    assert_int_equal(sht3x_humidity(&out), 0);
    assert_int_equal(out.value.mantissa, 5000);
    assert_int_equal(fake.transmits, 1);
    assert_int_equal(fake.receives, 1);
    fake.now_us += 1000000; /* too old */
    assert_int_equal(sht3x_humidity(&out), HAWSER_E_WAIT);
    assert_int_equal(fake.transmits, 2);
}

static void test_sensor_that_does_not_answer_is_absent(void **state)
{
    struct hawser_reading out;

    (void)state;
    fake.transmit_err = ESP_FAIL;
    fake.now_us += 16000; /* ends what the test before began */
    (void)sht3x_temperature(&out);
    fake.now_us += 1000000;
    assert_int_equal(sht3x_temperature(&out), HAWSER_E_ABSENT);
    assert_int_equal(sht3x_humidity(&out), HAWSER_E_ABSENT);
    assert_int_equal(fake.transmits, 1); /* not asked twice for one message */
    fake.now_us += 1000000;
    fake.transmit_err = ESP_OK;
    fake.receive_err = ESP_FAIL;
    assert_int_equal(sht3x_temperature(&out), HAWSER_E_WAIT);
    fake.now_us += 16000;
    assert_int_equal(sht3x_temperature(&out), HAWSER_E_ABSENT);
    fake.now_us += 1000000; /* it is back */
    fake.receive_err = ESP_OK;
    assert_int_equal(sht3x_temperature(&out), HAWSER_E_WAIT);
    fake.now_us += 16000;
    assert_int_equal(sht3x_temperature(&out), 0);
}

static void test_each_bit_that_flips_is_seen(void **state)
{
    struct sht3x_values values;
    uint8_t raw[SHT3X_RAW];

    (void)state;
    for (unsigned bit = 0; bit < 8 * SHT3X_RAW; bit++) {
        memcpy(raw, answer, sizeof raw);
        raw[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_false(sht3x_decode(raw, &values));
    }
    assert_true(sht3x_decode(answer, &values));
}

static void test_ends_of_the_scale(void **state)
{
    static const uint8_t lowest[] = {0x00, 0x00, 0x81, 0x00, 0x00, 0x81};
    static const uint8_t highest[] = {0xFF, 0xFF, 0xAC, 0xFF, 0xFF, 0xAC};
    struct sht3x_values values;

    (void)state;
    assert_true(sht3x_decode(lowest, &values));
    assert_int_equal(values.temperature.mantissa, -4500);
    assert_int_equal(values.humidity.mantissa, 0);
    assert_true(sht3x_decode(highest, &values));
    assert_int_equal(values.temperature.mantissa, 13000);
    assert_int_equal(values.humidity.mantissa, 10000);
}

#define TEST(f) cmocka_unit_test_setup(f, begin)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_before_begin_there_is_none),
        TEST(test_one_measurement_gives_both),
        TEST(test_sensor_that_does_not_answer_is_absent),
        TEST(test_each_bit_that_flips_is_seen),
        TEST(test_ends_of_the_scale),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
