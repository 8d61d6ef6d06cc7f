/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device's task: hawser_esp.h. It sleeps in select(2) until a socket, another
 * task or the device's deadline has something for it. The task watchdog is fed
 * only when a step left nothing undone that was due.
 */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <unistd.h>

#include "device/credentials.h"
#include "esp_event.h"
#include "esp_log.h"
#include "esp_netif.h"
#include "esp_system.h"
#include "esp_task_wdt.h"
#include "esp_vfs_eventfd.h"
#include "freertos/FreeRTOS.h"
#include "freertos/semphr.h"
#include "freertos/task.h"
#include "hawser/device.h"
#include "nvs_flash.h"
#include "ports/esp-idf/flash.h"
#include "ports/esp-idf/hawser_esp.h"
#include "ports/esp-idf/provision.h"
#include "ports/esp-idf/resolve.h"
#include "ports/esp-idf/sockets.h"
#include "ports/esp-idf/system.h"
#include "ports/esp-idf/table.h"
#include "ports/esp-idf/task.h"
#include "sdkconfig.h"

#define TAG          "hawser"
#define STACK_BYTES  8192
#define PRIORITY     5
#define SLEEP_MAX_MS 5000 /* so that the watchdog is fed */

static struct {
    struct hwi_esp_provision provision;
    struct hawser_device device;
    char chip_id[HWI_ESP_ID_SIZE];
    SemaphoreHandle_t lock; /* of device */
    atomic_bool is_running; /* device is there, and its task */
    int wake_fd;
    uint8_t rx[4096];
    uint8_t tx[8192];
    uint8_t store[8192];
    uint8_t credentials[8192];
    uint8_t outbox[4096];
    struct hawser_slot slots[16];
} self;

/* From any task. */
static void wake(void)
{
    const uint64_t one = 1;

    (void)write(self.wake_fd, &one, sizeof one);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Sleeps; answers at once if there is something to do. */
static void sleep_until(uint64_t deadline_ms)
{
    uint64_t now_ms = hwi_esp_now_ms();
    uint64_t ms = deadline_ms > now_ms ? deadline_ms - now_ms : 0;
    struct timeval time;
    bool is_due = false;
    uint64_t ignored;
    fd_set in;
    fd_set out;
    int highest;

    FD_ZERO(&in);
    FD_ZERO(&out);
    FD_SET(self.wake_fd, &in);
    highest = hwi_esp_sockets_wait_for(&in, &out, self.wake_fd, &is_due);
    ms = is_due ? 0 : earlier(ms, SLEEP_MAX_MS);
    time.tv_sec = (time_t)(ms / 1000);
    time.tv_usec = (suseconds_t)(ms % 1000 * 1000);
    if (select(highest + 1, &in, &out, NULL, &time) > 0 &&
        FD_ISSET(self.wake_fd, &in)) {
        (void)read(self.wake_fd, &ignored, sizeof ignored);
    }
}

static void calls_hand_over(void)
{
    struct hawser_call call;

    while (self.provision.program->call != NULL &&
           hawser_device_next_call(&self.device, &call)) {
        self.provision.program->call(&call);
    }
}

static void run(void *unused)
{
    (void)unused;
    (void)esp_task_wdt_add(NULL);
    for (;;) {
        uint64_t deadline_ms;

        (void)xSemaphoreTakeRecursive(self.lock, portMAX_DELAY);
        hawser_device_step(&self.device);
        calls_hand_over();
        deadline_ms = hawser_device_deadline_ms(&self.device);
        (void)xSemaphoreGiveRecursive(self.lock);
        if (hwi_esp_restart_wanted() ||
            hawser_device_state(&self.device) == HAWSER_DEVICE_STOPPED) {
            esp_restart();
        }
        if (deadline_ms > hwi_esp_now_ms()) {
            (void)esp_task_wdt_reset();
        }
        sleep_until(deadline_ms);
    }
}

static void warn(const char *line)
{
    ESP_LOGW(TAG, "%s", line);
}

static esp_err_t device_init(void)
{
    const struct hawser_device_memory memory = {
        .rx = {self.rx, sizeof self.rx},
        .tx = {self.tx, sizeof self.tx},
        .store = {self.store, sizeof self.store},
        .slots = self.slots,
        .slot_count = sizeof self.slots / sizeof self.slots[0],
        .credentials = {self.credentials, sizeof self.credentials},
        .outbox = {self.outbox, sizeof self.outbox},
    };

    if (hwi_esp_stream_init() != 0) {
        return ESP_ERR_NO_MEM;
    }
    /* ARG cannot be: provision.c has looked. After STORAGE it works. */
    return hawser_device_init(
               &self.device, &self.provision.stored.settings.device, &memory,
               hwi_esp_port(self.provision.program)) == HAWSER_E_ARG
               ? ESP_ERR_INVALID_ARG
               : ESP_OK;
}

static esp_err_t network_start(void)
{
    const esp_vfs_eventfd_config_t events = {.max_fds = 1};
    esp_err_t err = esp_netif_init();

    if (err == ESP_OK) {
        err = esp_event_loop_create_default();
    }
    if (err == ESP_OK) {
        err = esp_vfs_eventfd_register(&events);
    }
    if (err == ESP_OK) {
        self.wake_fd = eventfd(0, 0);
        err = self.wake_fd >= 0 ? ESP_OK : ESP_ERR_NO_MEM;
    }
    hwi_esp_resolve_init(wake);
    return err == ESP_OK
               ? hwi_esp_wifi_start(self.provision.stored.networks,
                                    self.provision.stored.network_count, wake)
               : err;
}

static esp_err_t flash_open(void)
{
    esp_err_t err = hwi_esp_flash_open();

    if (err != ESP_OK) {
        ESP_LOGE(TAG,
                 "there is no partition \"hawser\" of 144 KiB or more: see "
                 "firmware/esp32/partitions.csv");
    }
    return err;
}

esp_err_t hawser_esp_start(const struct hawser_esp_config *config)
{
    esp_err_t err;

    hwi_esp_id(self.chip_id);
    if (!hwi_esp_provision_init(&self.provision, config, self.chip_id)) {
        ESP_LOGE(TAG, "the program's firmware, sensors or commands are outside "
                      "the ranges of hawser/device.h");
        return ESP_ERR_INVALID_ARG;
    }
    self.lock = xSemaphoreCreateRecursiveMutex();
    if (self.lock == NULL) {
        return ESP_ERR_NO_MEM;
    }
    if (!hwi_esp_provision_read(&self.provision, nvs_flash_init(), warn)) {
        return ESP_OK; /* it is a device's first state, and no failure */
    }
    err = flash_open();
    if (err == ESP_OK) {
        err = network_start();
    }
    if (err == ESP_OK) {
        err = device_init();
    }
    if (err != ESP_OK) {
        return err;
    }
    atomic_store(&self.is_running, true);
    return xTaskCreate(run, "hawser", STACK_BYTES, NULL, PRIORITY, NULL) ==
                   pdPASS
               ? ESP_OK
               : ESP_ERR_NO_MEM;
}

/* From other tasks ---------------------------------------------------------- */

bool hwi_esp_device_lock(void)
{
    return atomic_load(&self.is_running) &&
           xSemaphoreTakeRecursive(self.lock, portMAX_DELAY) == pdTRUE;
}

void hwi_esp_device_unlock(void)
{
    (void)xSemaphoreGiveRecursive(self.lock);
    wake();
}

int hwi_esp_device_roll_back(void)
{
    int err;

    if (!hwi_esp_device_lock()) {
        return HAWSER_E_LINK;
    }
    err = hwi_credentials_roll_back(&self.device);
    hwi_esp_device_unlock();
    return err;
}

void hwi_esp_device_restart(void)
{
    if (hwi_esp_device_lock()) {
        hawser_device_stop(&self.device);
        hwi_esp_device_unlock();
    } else {
        esp_restart();
    }
}

void hawser_esp_measure(void)
{
    if (hwi_esp_device_lock()) {
        hawser_device_measure(&self.device);
        hwi_esp_device_unlock();
    }
}

int hawser_esp_answer(uint32_t token, const struct hawser_answer *answer)
{
    int err;

    if (!hwi_esp_device_lock()) {
        return HAWSER_E_STATE;
    }
    err = hawser_device_answer(&self.device, token, answer);
    hwi_esp_device_unlock();
    return err;
}
