/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The console's task: stdin and stdout, whatever ESP-IDF has put there (a UART, or
 * the chip's USB). The driver below stdin buffers a paste.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "esp_idf_version.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "nvs_flash.h"
#include "ports/esp-idf/console.h"
#include "ports/esp-idf/hawser_esp.h"
#include "ports/esp-idf/system.h"
#include "ports/esp-idf/task.h"
#include "sdkconfig.h"
#include "tls/tls.h"

#if CONFIG_ESP_CONSOLE_UART
#include <driver/uart.h>
#if ESP_IDF_VERSION >= ESP_IDF_VERSION_VAL(5, 3, 0)
#include <driver/uart_vfs.h>
#else
#include "esp_vfs_dev.h"
#define uart_vfs_dev_use_driver esp_vfs_dev_uart_use_driver
#define uart_vfs_dev_port_set_rx_line_endings \
    esp_vfs_dev_uart_port_set_rx_line_endings
#endif
#elif CONFIG_ESP_CONSOLE_USB_SERIAL_JTAG
#include <driver/usb_serial_jtag.h>
#if ESP_IDF_VERSION >= ESP_IDF_VERSION_VAL(5, 3, 0)
#include <driver/usb_serial_jtag_vfs.h>
#else
#include "esp_vfs_dev.h"
#include "esp_vfs_usb_serial_jtag.h"
#define usb_serial_jtag_vfs_use_driver esp_vfs_usb_serial_jtag_use_driver
#define usb_serial_jtag_vfs_set_rx_line_endings \
    esp_vfs_dev_usb_serial_jtag_set_rx_line_endings
#endif
#endif

#define STACK_BYTES 6144 /* a certificate is parsed in it */
#define PRIORITY    2    /* below the device's */
#define INPUT_SIZE  2048 /* of a paste, while NVS is being written */
#define IDLE_MS     50   /* where reading does not wait */

static struct hwi_esp_console console;

static void say(const char *text)
{
    (void)fputs(text, stdout);
    (void)fflush(stdout);
}

/* The device waits meanwhile: mbedTLS is in its hands. */
static bool is_anchor(struct hawser_view ca, char why[HAWSER_DETAIL_SIZE])
{
    struct hwi_tls_failure failure = {.detail = ""};
    bool is_locked = hwi_esp_device_lock();
    bool is_good = hwi_tls_anchors_check(ca, &failure) == 0;

    if (is_locked) {
        hwi_esp_device_unlock();
    }
    (void)snprintf(why, HAWSER_DETAIL_SIZE, "%s", failure.detail);
    return is_good;
}

static const char *default_id(void)
{
    static char id[HWI_ESP_ID_SIZE];

    hwi_esp_id(id);
    return id;
}

static esp_err_t erase(void)
{
    esp_err_t err = nvs_flash_erase();

    return err == ESP_OK ? nvs_flash_init() : err;
}

/* A driver with a buffer below stdin, and lines as the terminal ends them. */
static esp_err_t input_open(void)
{
    esp_err_t err = ESP_OK;

#if CONFIG_ESP_CONSOLE_UART
    if (!uart_is_driver_installed(CONFIG_ESP_CONSOLE_UART_NUM)) {
        err = uart_driver_install(CONFIG_ESP_CONSOLE_UART_NUM, INPUT_SIZE, 0, 0,
                                  NULL, 0);
    }
    if (err == ESP_OK) {
        uart_vfs_dev_use_driver(CONFIG_ESP_CONSOLE_UART_NUM);
        (void)uart_vfs_dev_port_set_rx_line_endings(CONFIG_ESP_CONSOLE_UART_NUM,
                                                    ESP_LINE_ENDINGS_LF);
    }
#elif CONFIG_ESP_CONSOLE_USB_SERIAL_JTAG
    usb_serial_jtag_driver_config_t config = {
        .tx_buffer_size = 256,
        .rx_buffer_size = INPUT_SIZE,
    };

    err = usb_serial_jtag_driver_install(&config);
    if (err == ESP_ERR_INVALID_STATE) {
        err = ESP_OK; /* the program has installed it */
    }
    if (err == ESP_OK) {
        usb_serial_jtag_vfs_use_driver();
        usb_serial_jtag_vfs_set_rx_line_endings(ESP_LINE_ENDINGS_LF);
    }
#endif
    return err;
}

static void run(void *unused)
{
    static const struct hwi_esp_console_port port = {
        .say = say,
        .is_anchor = is_anchor,
        .default_id = default_id,
        .roll_back = hwi_esp_device_roll_back,
        .erase = erase,
        .restart = hwi_esp_device_restart,
    };
    uint8_t byte;

    (void)unused;
    hwi_esp_console_start(&console, &port);
    for (;;) {
        /* One at a time: what a driver has beyond that comes with the next. */
        if (read(fileno(stdin), &byte, 1) == 1) {
            hwi_esp_console_feed(&console, &byte, 1);
        } else {
            vTaskDelay(pdMS_TO_TICKS(IDLE_MS));
        }
    }
}

esp_err_t hawser_esp_console_start(void)
{
    esp_err_t err = input_open();

    if (err != ESP_OK) {
        return err;
    }
    return xTaskCreate(run, "console", STACK_BYTES, NULL, PRIORITY, NULL) ==
                   pdPASS
               ? ESP_OK
               : ESP_ERR_NO_MEM;
}
