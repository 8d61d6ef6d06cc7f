/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The C++ class and the example, over a fake of hawser_esp.h: what is handed to
 * it, and what comes back.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <Arduino.h>

#include "Thermometer.ino"

FakeSerial Serial;
static unsigned lamp;

unsigned long millis()
{
    return 250;
}
void delay(unsigned long) {}
void pinMode(int, int) {}
void digitalWrite(int, int level)
{
    lamp += level == HIGH ? 1 : 0;
}

static const hawser_esp_config *started;
static hawser_answer answered;
static uint32_t token;
static unsigned measured;

esp_err_t hawser_esp_start(const hawser_esp_config *config)
{
    started = config;
    return ESP_OK;
}
void hawser_esp_measure()
{
    measured++;
}
int hawser_esp_answer(uint32_t t, const hawser_answer *a)
{
    token = t;
    answered = *a;
    return 0;
}

static int failed;

#define EXPECT(condition)                                     \
    do {                                                      \
        if (!(condition)) {                                   \
            printf("line %d: not %s\n", __LINE__, #condition); \
            failed = 1;                                       \
        }                                                     \
    } while (0)

static void test_example()
{
    hawser_reading reading = {};
    hawser_call call = {};

    setup();
    if (started == nullptr) {
        printf("the example starts nothing\n");
        exit(1);
    }
    EXPECT(strcmp(started->firmware, "1.0.0") == 0);
    EXPECT(started->sensor_count == 1);
    EXPECT(strcmp(started->sensors[0].name, "temperature") == 0);
    EXPECT(started->sensors[0].read(&reading) == 0);
    EXPECT(reading.value.mantissa == 2175 && reading.value.decimals == 2);
    EXPECT(reading.simulated);
    EXPECT(started->command_count == 1);
    EXPECT(strcmp(started->commands[0].name, "blink") == 0);
    EXPECT(started->commands[0].arg_count == 1);
    EXPECT(started->commands[0].args[0].max == 10);
    call.token = 7;
    call.args[0].integer = 3;
    started->call(&call);
    EXPECT(token == 7 && answered.outcome == HAWSER_SUCCEEDED);
    loop();
    loop();
    loop();
    loop();
    EXPECT(lamp == 3);
}

static float nothing()
{
    return NAN;
}
static float much()
{
    return 3e38f;
}
static float cold()
{
    return -0.25f;
}

static void test_second_object()
{
    static Hawser h("2");
    const hawser_esp_config *before = started;

    EXPECT(h.begin() == ESP_ERR_INVALID_STATE); /* the example has begun */
    EXPECT(started == before);
}

/* As begin() hands them over. */
static const hawser_esp_sensor *sensor_of(Hawser &h)
{
    return reinterpret_cast<const hawser_esp_sensor *>(
        reinterpret_cast<const char *>(&h) + sizeof(hawser_esp_config));
}

static void test_values()
{
    static Hawser h("2");
    hawser_reading out = {};

    h.sensor<nothing>("a");
    h.sensor<much>("b");
    h.sensor<cold, 1>("c");
    EXPECT(sensor_of(h)[0].read(&out) == HAWSER_E_ABSENT);
    EXPECT(sensor_of(h)[1].read(&out) == HAWSER_E_ABSENT);
    EXPECT(sensor_of(h)[2].read(&out) == 0);
    EXPECT(out.value.mantissa == -3 && out.value.decimals == 1);
    EXPECT(!out.simulated);
}

static void ignore(const HawserCall &) {}

static void test_too_many()
{
    static Hawser sensors("2");
    static Hawser commands("2");

    for (int i = 0; i <= HAWSER_SENSORS_MAX; i++) {
        sensors.sensor<cold>("x");
    }
    EXPECT(sensors.begin() == ESP_ERR_INVALID_SIZE);
    for (int i = 0; i <= HAWSER_COMMANDS_MAX; i++) {
        commands.command("x", ignore);
    }
    EXPECT(commands.begin() == ESP_ERR_INVALID_SIZE);
}

static void test_call()
{
    hawser_call call = {};
    HawserCall c(call);

    call.token = 9;
    call.args[1].number.mantissa = -125;
    call.args[1].number.decimals = 2;
    call.args[1].is_present = true;
    EXPECT(!c.has(0) && c.has(1));
    EXPECT(c.number(1) == -1.25);
    EXPECT(c.fail("no_paper", "out of paper") == 0);
    EXPECT(token == 9 && answered.outcome == HAWSER_FAILED);
    EXPECT(strcmp(answered.code, "no_paper") == 0);
    EXPECT(answered.message.len == 12);
    EXPECT(Hawser::optional(Hawser::text("t", 5)).is_optional);
    EXPECT(Hawser::text("t", 5).max == 5);
    device.measure();
    EXPECT(measured == 1);
}

int main()
{
    test_example();
    test_second_object();
    test_values();
    test_too_many();
    test_call();
    return failed;
}
