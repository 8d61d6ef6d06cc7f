/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A product on an ESP32: its sensors and one command. Everything that differs
 * between devices (WiFi, broker, credentials) stands in NVS.
 */
#include "esp_err.h"
#include "esp_log.h"
#include "hawser/device.h"
#include "ports/esp-idf/hawser_esp.h"
#include "sensors.h"

/* {"command":"blink","args":{"times":3}} */
static const struct hawser_arg blink_args[] = {
    {.name = "times", .kind = HAWSER_ARG_INTEGER, .min = 1, .max = 10},
};
static const struct hawser_command commands[] = {
    {.name = "blink", .args = blink_args, .arg_count = 1},
};

static void call(const struct hawser_call *call)
{
    const struct hawser_answer answer = {.outcome = HAWSER_SUCCEEDED};

    /* ... call->args[0].integer times ... */
    if (hawser_esp_answer(call->token, &answer) != 0) {
        ESP_LOGW("product", "nobody waits for this answer any more");
    }
}

void app_main(void)
{
    static struct hawser_esp_config config = {
        .firmware = "1.0.0",
        .sensors = sensors,
        .commands = commands,
        .command_count = sizeof commands / sizeof commands[0],
        .call = call,
    };

    /* A new chip waits here for "set wifi", "set broker", "set ca". */
    ESP_ERROR_CHECK_WITHOUT_ABORT(hawser_esp_console_start());
    config.sensor_count = sensor_count;
    ESP_ERROR_CHECK_WITHOUT_ABORT(sensors_begin()); /* else they are absent */
    ESP_ERROR_CHECK(hawser_esp_start(&config));
}
