/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What tests see of the fake ESP-IDF: a partition, NVS, a radio. Calls are noted
 * in their order, with what matters of their arguments.
 */
#ifndef FAKE_ESP_H
#define FAKE_ESP_H

#include "esp_event.h"
#include "esp_partition.h"

#define FAKE_FLASH_SIZE (160u * 1024u)

struct fake_esp {
    bool has_partition;
    esp_partition_t partition;
    uint8_t flash[FAKE_FLASH_SIZE]; /* as it is on the chip */
    bool is_flash_broken;
    char calls[1024];  /* "init storage=1 mode=1 ... " */
    const char *fails; /* calls whose note begins so fail; NULL: none */
    size_t nvs_room;   /* for values, in bytes */
    esp_event_handler_t on_wifi;
    esp_event_handler_t on_ip;
    esp_event_handler_t on_own; /* of the port's own events */
};

extern struct fake_esp fake_esp;

/* All as it is in a new chip; NVS is empty. */
void fake_esp_init(void);

/* What was posted comes in the event task, later: now. */
void fake_event_task(void);

/* Events, as ESP-IDF sends them. */
void fake_wifi_event(int32_t id, uint8_t reason);
void fake_ip_event(int32_t id, uint32_t address);

#endif
