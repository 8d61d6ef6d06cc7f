/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The product's sensors: an SHT3x, or a made-up temperature (menuconfig, "Product").
 */
#include "sensors.h"

#include "esp_random.h"
#include "sdkconfig.h"
#include "sht3x.h"

#if CONFIG_PRODUCT_SHT3X
const struct hawser_esp_sensor sensors[] = {
    {"temperature", sht3x_temperature},
    {"humidity", sht3x_humidity},
};

esp_err_t sensors_begin(void)
{
    return sht3x_begin(CONFIG_PRODUCT_SDA_PIN, CONFIG_PRODUCT_SCL_PIN);
}
#else
/* Each message says that it is made up. */
static int temperature(struct hawser_reading *out)
{
    out->value = (struct hawser_number){215 + (esp_random() & 7), 1};
    out->simulated = true;
    return 0;
}

const struct hawser_esp_sensor sensors[] = {
    {"temperature", temperature},
};

esp_err_t sensors_begin(void)
{
    return ESP_OK;
}
#endif

const size_t sensor_count = sizeof sensors / sizeof sensors[0];
