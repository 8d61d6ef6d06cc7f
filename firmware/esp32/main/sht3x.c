/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHT3x: sht3x.h. Nobody waits: a call begins a measurement, a later one fetches
 * it. What was fetched, or failed, is good for a second, so that both readings
 * of a message are of one measurement.
 */
#include "sht3x.h"

#include "driver/i2c_master.h"
#include "esp_timer.h"
#include "hawser/error.h"

#define ADDRESS     0x44
#define SPEED_HZ    100000
#define BUS_MS      10    /* for a few bytes */
#define MEASURE_US  16000 /* high repeatability: 15.5 ms */
#define GOOD_FOR_US 1000000

static struct {
    i2c_master_dev_handle_t device;
    bool is_measuring;
    bool is_good;
    bool is_there;    /* values, or that there are none */
    int64_t since_us; /* it measures, or the values are there */
    struct sht3x_values values;
} self;

/* CRC-8, polynomial 0x31, from 0xFF. */
static uint8_t checksum(const uint8_t *at)
{
    uint8_t crc = 0xFF;

    for (unsigned i = 0; i < 2; i++) {
        crc ^= at[i];
        for (unsigned bit = 0; bit < 8; bit++) {
            crc = (uint8_t)(crc & 0x80 ? crc << 1 ^ 0x31 : crc << 1);
        }
    }
    return crc;
}

/* -45 + 175 * word / 65535 degrees, and 100 * word / 65535 per cent. */
bool sht3x_decode(const uint8_t raw[SHT3X_RAW], struct sht3x_values *out)
{
    int32_t t = raw[0] << 8 | raw[1];
    int32_t h = raw[3] << 8 | raw[4];

    if (checksum(raw) != raw[2] || checksum(raw + 3) != raw[5]) {
        return false;
    }
    out->temperature =
        (struct hawser_number){((int64_t)17500 * t + 32767) / 65535 - 4500, 2};
    out->humidity =
        (struct hawser_number){((int64_t)10000 * h + 32767) / 65535, 2};
    return true;
}

esp_err_t sht3x_begin(int sda_pin, int scl_pin)
{
    const i2c_master_bus_config_t bus_config = {
        .i2c_port = -1, /* any */
        .sda_io_num = sda_pin,
        .scl_io_num = scl_pin,
        .clk_source = I2C_CLK_SRC_DEFAULT,
        .glitch_ignore_cnt = 7,
        .flags.enable_internal_pullup = true,
    };
    const i2c_device_config_t config = {
        .dev_addr_length = I2C_ADDR_BIT_LEN_7,
        .device_address = ADDRESS,
        .scl_speed_hz = SPEED_HZ,
    };
    i2c_master_bus_handle_t bus;
    esp_err_t err = i2c_new_master_bus(&bus_config, &bus);

    return err == ESP_OK ? i2c_master_bus_add_device(bus, &config, &self.device)
                         : err;
}

static void finish(bool is_good)
{
    self.is_measuring = false;
    self.is_there = true;
    self.is_good = is_good;
    self.since_us = esp_timer_get_time();
}

/* Single shot, high repeatability, without holding the clock. */
static void begin(void)
{
    static const uint8_t measure[] = {0x24, 0x00};

    self.is_measuring = true;
    self.since_us = esp_timer_get_time();
    if (i2c_master_transmit(self.device, measure, sizeof measure, BUS_MS) !=
        ESP_OK) {
        finish(false);
    }
}

static void fetch(void)
{
    uint8_t raw[SHT3X_RAW];

    finish(i2c_master_receive(self.device, raw, sizeof raw, BUS_MS) == ESP_OK &&
           sht3x_decode(raw, &self.values));
}

/* 0: self.values are of now. */
static int update(void)
{
    int64_t age_us = esp_timer_get_time() - self.since_us;

    if (self.device == NULL) {
        return HAWSER_E_ABSENT; /* sht3x_begin() failed */
    }
    if (self.is_measuring) {
        if (age_us < MEASURE_US) {
            return HAWSER_E_WAIT;
        }
        fetch();
    } else if (!self.is_there || age_us >= GOOD_FOR_US) {
        begin();
        if (self.is_measuring) {
            return HAWSER_E_WAIT;
        }
    }
    return self.is_good ? 0 : HAWSER_E_ABSENT;
}

int sht3x_temperature(struct hawser_reading *out)
{
    int err = update();

    if (err == 0) {
        *out = (struct hawser_reading){.value = self.values.temperature};
    }
    return err;
}

int sht3x_humidity(struct hawser_reading *out)
{
    int err = update();

    if (err == 0) {
        *out = (struct hawser_reading){.value = self.values.humidity};
    }
    return err;
}
