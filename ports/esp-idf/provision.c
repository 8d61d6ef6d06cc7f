/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is there all that a device needs: provision.h.
 */
#include "ports/esp-idf/provision.h"

#include <stdio.h>

#include "device/settings.h"
#include "nvs.h"

#define LINE_SIZE 128

/* The program's part, on top of what is stored. */
static void complete(struct hwi_esp_provision *p)
{
    struct hawser_device_config *d = &p->stored.settings.device;
    size_t i;

    d->id = d->id != NULL ? d->id : p->chip_id;
    d->firmware = p->program->firmware;
    d->build_time_s = HAWSER_BUILD_TIME_S;
    d->commands = p->program->commands;
    d->command_count = p->program->command_count;
    for (i = 0; i < p->program->sensor_count && i < HAWSER_SENSORS_MAX; i++) {
        p->sensors[i] = p->program->sensors[i].name;
    }
    d->sensors = p->sensors;
    d->sensor_count = i;
}

bool hwi_esp_provision_init(struct hwi_esp_provision *p,
                            const struct hawser_esp_config *program,
                            const char *chip_id)
{
    p->program = program;
    p->chip_id = chip_id;
    if (program->firmware == NULL ||
        program->sensor_count > HAWSER_SENSORS_MAX) {
        return false;
    }
    hwi_settings_init(&p->stored.settings);
    complete(p);
    hwi_esp_settings_fill(&p->stored.settings);
    return hwi_settings_check(&p->stored.settings.device) == 0;
}

/* Whatever is missing is named, not only the first of it. False: nothing is. */
static bool tell_missing(void (*tell)(const char *line))
{
    char line[LINE_SIZE];
    bool is_missing = false;
    const char *how;
    unsigned i;

    for (i = 0; (how = hwi_esp_stored_missing(i)) != NULL; i++) {
        if (how[0] != '\0') {
            (void)snprintf(line, sizeof line, "missing: %s", how);
            tell(line);
            is_missing = true;
        }
    }
    return is_missing;
}

static void tell_error(esp_err_t err, const char *bad,
                       void (*tell)(const char *line))
{
    char line[LINE_SIZE];

    if (err == ESP_ERR_INVALID_ARG && bad[0] != '\0') {
        (void)snprintf(line, sizeof line,
                       "the setting \"%s\" in NVS is not usable: set it anew",
                       bad);
    } else if (err == ESP_ERR_INVALID_ARG) {
        (void)snprintf(line, sizeof line,
                       "a setting in NVS is out of its range: \"show\" at the "
                       "console, and set it anew");
    } else if (err == ESP_ERR_NO_MEM) {
        (void)snprintf(line, sizeof line,
                       "NVS has more than %u bytes of settings: \"clear\" some "
                       "at the console",
                       HWI_SETTINGS_ROOM);
    } else {
        (void)snprintf(line, sizeof line,
                       "NVS cannot be read: %s. \"erase\" at the console "
                       "empties it and makes it usable",
                       esp_err_to_name(err));
    }
    tell(line);
}

static esp_err_t read_all(struct hwi_esp_provision *p,
                          char bad[HWI_ESP_KEY_SIZE])
{
    esp_err_t err = hwi_esp_stored_read(&p->stored, bad);

    if (err != ESP_OK) {
        return err;
    }
    complete(p);
    return hwi_settings_check(&p->stored.settings.device) == 0
               ? ESP_OK
               : ESP_ERR_INVALID_ARG;
}

bool hwi_esp_provision_read(struct hwi_esp_provision *p, esp_err_t nvs,
                            void (*tell)(const char *line))
{
    char bad[HWI_ESP_KEY_SIZE] = "";
    esp_err_t err = nvs;
    bool is_missing = nvs == ESP_OK && tell_missing(tell);

    if (err == ESP_OK) {
        err = read_all(p, bad);
    }
    if (err == ESP_OK && !is_missing) {
        return true;
    }
    /* Where something is missing that is why the whole is out of its range. */
    if (!is_missing || bad[0] != '\0' ||
        (err != ESP_ERR_INVALID_ARG && err != ESP_ERR_NVS_NOT_FOUND)) {
        tell_error(err, bad, tell);
    }
    tell("the device waits for its settings: \"help\" at the serial console, "
         "if the program has one, or a factory image of NVS");
    return false;
}
