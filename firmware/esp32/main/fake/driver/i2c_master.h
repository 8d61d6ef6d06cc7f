/* SPDX-License-Identifier: Apache-2.0 */
/* For tests on the host: what sht3x.c uses of ESP-IDF's header. */
#ifndef FAKE_I2C_MASTER_H
#define FAKE_I2C_MASTER_H

#include <stddef.h>
#include <stdint.h>

#include "esp_err.h"

#define I2C_CLK_SRC_DEFAULT 0
#define I2C_ADDR_BIT_LEN_7  0

typedef struct fake_bus *i2c_master_bus_handle_t;
typedef struct fake_device *i2c_master_dev_handle_t;

typedef struct {
    int i2c_port;
    int sda_io_num;
    int scl_io_num;
    int clk_source;
    uint8_t glitch_ignore_cnt;
    struct {
        uint32_t enable_internal_pullup : 1;
    } flags;
} i2c_master_bus_config_t;

typedef struct {
    int dev_addr_length;
    uint16_t device_address;
    uint32_t scl_speed_hz;
} i2c_device_config_t;

esp_err_t i2c_new_master_bus(const i2c_master_bus_config_t *config,
                             i2c_master_bus_handle_t *out);
esp_err_t i2c_master_bus_add_device(i2c_master_bus_handle_t bus,
                                    const i2c_device_config_t *config,
                                    i2c_master_dev_handle_t *out);
esp_err_t i2c_master_transmit(i2c_master_dev_handle_t device,
                              const uint8_t *bytes, size_t len, int timeout_ms);
esp_err_t i2c_master_receive(i2c_master_dev_handle_t device, uint8_t *out,
                             size_t len, int timeout_ms);

#endif
