/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of sensor.c and the kernel readers against a sysfs made by the test.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ports/linux/sensor.h"
#include "ports/linux/test_tree.h"
#include "ports/shared/simulated.h"

#define THERMAL "sys/class/thermal/"
#define HWMON   "sys/class/hwmon/"
#define IIO     "sys/bus/iio/devices/"

static int set_up(void **state)
{
    static struct test_tree tree; /* one test at a time */

    tree_make(&tree);
    *state = &tree;
    return 0;
}

static int tear_down(void **state)
{
    tree_remove(*state);
    return 0;
}

/* Reads a sensor of this name and source once. */
static int read_one(const struct test_tree *tree, const char *name,
                    const char *source, struct hawser_reading *out)
{
    const struct hawser_linux_sensor config = {name, source};
    struct hwi_linux_sensors sensors;
    char message[HAWSER_LINUX_MESSAGE_SIZE];
    int err;

    assert_int_equal(hwi_linux_sensors_make(&sensors, &config, 1, message), 0);
    err = hwi_linux_sensors_read(&sensors, tree->path, 0, out);
    hwi_linux_sensors_free(&sensors);
    return err;
}

static void assert_reads(const struct test_tree *tree, const char *name,
                         const char *source, int64_t mantissa, uint8_t decimals)
{
    struct hawser_reading reading = {.simulated = true};

    if (read_one(tree, name, source, &reading) != 0) {
        fail_msg("%s = %s: nothing", name, source);
    }
    if (reading.value.mantissa != mantissa ||
        reading.value.decimals != decimals) {
        fail_msg("%s = %s: %lld / 10^%u", name, source,
                 (long long)reading.value.mantissa, reading.value.decimals);
    }
    assert_false(reading.simulated);
}

static void assert_absent(const struct test_tree *tree, const char *name,
                          const char *source)
{
    struct hawser_reading reading;

    if (read_one(tree, name, source, &reading) != HAWSER_E_ABSENT) {
        fail_msg("%s = %s is not absent", name, source);
    }
}

static void test_sensors_read_empty_machine_absent(void **state)
{
    assert_absent(*state, "temperature", "auto");
    assert_absent(*state, "humidity", "auto");
    assert_absent(*state, "temperature", "thermal:0");
    assert_absent(*state, "temperature", "hwmon:a");
    assert_absent(*state, "temperature", "iio:a");
}

static void test_thermal_read_prefers_the_processor(void **state)
{
    const struct test_tree *tree = *state;

    tree_write(tree, THERMAL "thermal_zone0/type", "acpitz\n");
    tree_write(tree, THERMAL "thermal_zone0/temp", "27800\n");
    tree_write(tree, THERMAL "cooling_device0/type", "Processor\n");
    assert_reads(tree, "temperature", "auto", 278, 1);
    tree_write(tree, THERMAL "thermal_zone10/type", "x86_pkg_temp\n");
    tree_write(tree, THERMAL "thermal_zone10/temp", "45123\n");
    assert_reads(tree, "temperature", "auto", 45123, 3);
    /* One that cannot be read is passed over. */
    tree_write(tree, THERMAL "thermal_zone2/type", "CPU-thermal\n");
    tree_write(tree, THERMAL "thermal_zone2/temp", "\n");
    assert_reads(tree, "temperature_cpu", "auto", 45123, 3);
}

static void test_thermal_read_by_number_or_type(void **state)
{
    const struct test_tree *tree = *state;

    tree_write(tree, THERMAL "thermal_zone0/type", "acpitz\n");
    tree_write(tree, THERMAL "thermal_zone0/temp", "27800\n");
    tree_write(tree, THERMAL "thermal_zone1/type", "battery\n");
    tree_write(tree, THERMAL "thermal_zone1/temp", "-2500\n");
    assert_reads(tree, "any", "thermal:1", -25, 1);
    assert_reads(tree, "any", "thermal:acpitz", 278, 1);
    assert_absent(tree, "any", "thermal:2");
    assert_absent(tree, "any", "thermal:acpi");
    assert_absent(tree, "humidity", "auto");
    assert_absent(tree, "any", "auto");
}

static void test_hwmon_read_by_name_label_and_channel(void **state)
{
    const struct test_tree *tree = *state;

    tree_write(tree, HWMON "hwmon0/name", "nvme\n");
    tree_write(tree, HWMON "hwmon0/temp1_input", "35850\n");
    tree_write(tree, HWMON "hwmon1/name", "k10temp\n");
    tree_write(tree, HWMON "hwmon1/temp1_input", "50125\n");
    tree_write(tree, HWMON "hwmon1/temp1_label", "Tctl\n");
    tree_write(tree, HWMON "hwmon1/temp3_input", "48000\n");
    tree_write(tree, HWMON "hwmon1/temp3_label", "Tccd1\n");
    tree_write(tree, HWMON "hwmon1/temp3_crit", "95000\n");
    assert_reads(tree, "temperature", "auto", 3585, 2);
    assert_reads(tree, "temperature", "hwmon:k10temp", 50125, 3);
    assert_reads(tree, "any", "hwmon:k10temp/Tccd1", 480, 1);
    assert_reads(tree, "any", "hwmon:k10temp/temp3", 480, 1);
    assert_absent(tree, "any", "hwmon:k10temp/Tccd2");
    assert_absent(tree, "any", "hwmon:k10");
    assert_absent(tree, "humidity", "hwmon:k10temp");
    assert_absent(tree, "pressure", "hwmon:k10temp");
}

static void test_hwmon_read_humidity(void **state)
{
    const struct test_tree *tree = *state;

    tree_write(tree, HWMON "hwmon0/name", "sht3x\n");
    tree_write(tree, HWMON "hwmon0/temp1_input", "21000\n");
    tree_write(tree, HWMON "hwmon0/humidity1_input", "48250\n");
    assert_reads(tree, "humidity", "auto", 4825, 2);
    assert_reads(tree, "humidity", "hwmon:sht3x", 4825, 2);
}

static void test_iio_read_ready_value(void **state)
{
    const struct test_tree *tree = *state;

    tree_write(tree, IIO "iio:device0/name", "bme280\n");
    tree_write(tree, IIO "iio:device0/in_temp_input", "21450\n");
    tree_write(tree, IIO "iio:device0/in_temp_raw", "1\n");
    tree_write(tree, IIO "iio:device0/in_humidityrelative_input",
               "65238.281250\n");
    tree_write(tree, IIO "iio:device0/in_pressure_input", "100.123\n");
    assert_reads(tree, "temperature", "auto", 2145, 2);
    assert_reads(tree, "humidity", "auto", 65238, 3);
    assert_reads(tree, "pressure", "iio:bme280", 100123, 3);
    assert_reads(tree, "any", "iio:bme280/in_temp", 2145, 2);
    assert_absent(tree, "any", "iio:bme280");
    assert_absent(tree, "any", "iio:bme280/");
    assert_absent(tree, "temperature", "iio:bme");
    assert_absent(tree, "illuminance", "iio:bme280");
}

static void test_iio_read_raw_with_offset_and_scale(void **state)
{
    const struct test_tree *tree = *state;

    tree_write(tree, IIO "iio:device1/name", "si7020\n");
    tree_write(tree, IIO "iio:device1/in_temp_raw", "6000\n");
    tree_write(tree, IIO "iio:device1/in_temp_offset", "-4368\n");
    tree_write(tree, IIO "iio:device1/in_temp_scale", "10.725097656\n");
    tree_write(tree, IIO "iio:device1/in_humidityrelative_raw", "48500\n");
    /* 1632 * 10.725097656 = 17503.359374592 thousandths */
    assert_reads(tree, "temperature", "iio:si7020", 17503, 3);
    assert_reads(tree, "humidity", "iio:si7020", 485, 1);
}

static void test_iio_read_channel_shares_the_scale_of_its_type(void **state)
{
    const struct test_tree *tree = *state;

    tree_write(tree, IIO "iio:device0/name", "mlx90614\n");
    tree_write(tree, IIO "iio:device0/in_temp_ambient_raw", "14786\n");
    tree_write(tree, IIO "iio:device0/in_temp_offset", "-13657.500000\n");
    tree_write(tree, IIO "iio:device0/in_temp_scale", "20\n");
    assert_reads(tree, "temperature", "auto", 2257, 2);
}

static void test_file_read_first_number_of_first_line(void **state)
{
    const struct test_tree *tree = *state;
    char source[TREE_COMMAND_SIZE];

    (void)snprintf(source, sizeof source, "file:%s/room", tree->path);
    assert_absent(tree, "room", source);
    tree_write(tree, "room", "21.50 C\n99\n");
    assert_reads(tree, "room", source, 2150, 2);
    tree_write(tree, "room", "broken\n");
    assert_absent(tree, "room", source);
}

static void test_simulated_read_says_so_and_stays_inside(void **state)
{
    static const struct {
        const char *name;
        const char *source;
        int64_t min;
        int64_t max;
    } rows[] = {
        {"temperature", "simulated", 180, 260},
        {"humidity_a", "simulated", 400, 600},
        {"other", "simulated", 0, 1000},
        {"temperature", "simulated:-2.5..-1", -25, -10},
    };
    size_t i;

    for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct hawser_reading reading;

        assert_int_equal(
            read_one(*state, rows[i].name, rows[i].source, &reading), 0);
        assert_true(reading.simulated);
        assert_int_equal(reading.value.decimals, 1);
        assert_true(reading.value.mantissa >= rows[i].min);
        assert_true(reading.value.mantissa <= rows[i].max);
    }
}

static void test_simulated_value_is_smooth_and_uses_the_range(void **state)
{
    const struct hawser_number min = {-1000, 1};
    const struct hawser_number max = {1000, 1};
    int64_t lowest = 0;
    int64_t highest = 0;
    int64_t last = hwi_simulated_value(min, max, 0).mantissa;
    uint64_t at_ms;

    (void)state;
    for (at_ms = 0; at_ms <= 1200000; at_ms += 1000) {
        int64_t now = hwi_simulated_value(min, max, at_ms).mantissa;

        assert_true(now - last <= 15 && last - now <= 15);
        lowest = now < lowest ? now : lowest;
        highest = now > highest ? now : highest;
        last = now;
    }
    assert_int_equal(lowest, -1000);
    assert_int_equal(highest, 1000);
}

static void test_sensors_make_wrong_source_refused(void **state)
{
    const struct hawser_linux_sensor config[] = {{"a", "auto"}, {"b", "no"}};
    struct hwi_linux_sensors sensors;
    char message[HAWSER_LINUX_MESSAGE_SIZE] = "";

    (void)state;
    assert_int_equal(hwi_linux_sensors_make(&sensors, config, 2, message),
                     HAWSER_E_ARG);
    assert_null(sensors.list);
    assert_non_null(strstr(message, "\"no\""));
    assert_int_equal(hwi_linux_sensors_make(&sensors, config,
                                            HWI_LINUX_SENSORS_MAX + 1, message),
                     HAWSER_E_ARG);
}

static void test_sensors_read_wrong_index_absent(void **state)
{
    struct hwi_linux_sensors sensors = {NULL, 0};
    struct hawser_reading reading;

    (void)state;
    assert_int_equal(hwi_linux_sensors_read(&sensors, "", 0, &reading),
                     HAWSER_E_ABSENT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_sensors_read_empty_machine_absent),
        TEST(test_thermal_read_prefers_the_processor),
        TEST(test_thermal_read_by_number_or_type),
        TEST(test_hwmon_read_by_name_label_and_channel),
        TEST(test_hwmon_read_humidity),
        TEST(test_iio_read_ready_value),
        TEST(test_iio_read_raw_with_offset_and_scale),
        TEST(test_iio_read_channel_shares_the_scale_of_its_type),
        TEST(test_file_read_first_number_of_first_line),
        TEST(test_simulated_read_says_so_and_stays_inside),
        TEST(test_simulated_value_is_smooth_and_uses_the_range),
        TEST(test_sensors_make_wrong_source_refused),
        TEST(test_sensors_read_wrong_index_absent),
    };

    return cmocka_run_group_tests_name("linux sensor", tests, NULL, NULL);
}
