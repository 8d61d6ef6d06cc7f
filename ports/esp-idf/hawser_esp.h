/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A hawser device on an ESP32. One task of its own does all the work; the
 * functions here may be called from any other.
 *
 *  static const struct hawser_esp_config config = {.firmware = "1.0.0", ...};
 *
 *  void app_main(void)
 *  {
 *      ESP_ERROR_CHECK_WITHOUT_ABORT(hawser_esp_console_start());
 *      ESP_ERROR_CHECK(hawser_esp_start(&config));
 *  }
 *
 * WiFi, broker, credentials and all else that differs between devices stand in
 * NVS (stored.h), not in the program.
 */
#ifndef HAWSER_ESP_H
#define HAWSER_ESP_H

#include "esp_err.h"
#include "hawser/command.h"
#include "hawser/port.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A sensor: the member's name in telemetry, and a function that reads it and
 * does not wait. As struct hawser_port's sensor_read: 0, WAIT or ABSENT. */
struct hawser_esp_sensor {
    const char *name;
    int (*read)(struct hawser_reading *out);
};

/* Stays as long as the program. */
struct hawser_esp_config {
    const char *firmware; /* the product's version */
    const struct hawser_esp_sensor *sensors;
    size_t sensor_count;
    const struct hawser_command *commands;
    size_t command_count;
    /* Called for each command of the table, in the device's task: it must not
     * wait. NULL: there are none. */
    void (*call)(const struct hawser_call *call);
};

/*
 * Starts NVS, WiFi and the device's task. Where settings are missing or of no use
 * it starts nothing, says in the log which and how to give them, and answers
 * ESP_OK as well: the chip stays up for the console, and the functions below do
 * nothing. Else: ESP_ERR_INVALID_ARG (*config is outside the ranges of device.h),
 * ESP_ERR_NOT_FOUND or _INVALID_SIZE (there is no partition "hawser", or it is too
 * small), ESP_ERR_NO_MEM, or what ESP-IDF answered; a restart may help the last
 * two.
 */
esp_err_t hawser_esp_start(const struct hawser_esp_config *config);

/*
 * The serial console: stdin and stdout, in a task of its own, where a device is
 * given its settings (README.md). Start it before the device, so that it is there
 * whatever becomes of that; leave it out where strangers reach the port. ESP_OK,
 * ESP_ERR_NO_MEM, or what the driver of the port answered.
 */
esp_err_t hawser_esp_console_start(void);

/* As the device's functions of these names; device.h, command.h. Without a
 * device: nothing; HAWSER_E_STATE. */
void hawser_esp_measure(void);
int hawser_esp_answer(uint32_t token,
                      const struct hawser_answer *answer) HAWSER_CHECKED;

#ifdef __cplusplus
}
#endif

#endif
