/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ranges of device.h as code.
 */
#include "device/settings.h"

#include "device/calls.h"
#include "device/json_write.h"
#include "device/topics.h"
#include "wire/memory.h"
#include "wire/utf8.h"

#define KEEP_ALIVE_MIN_S 5u
#define INTERVAL_MAX_S   86400u
#define STRING_MAX       65535u /* MQTT5 1.5.4 */
#define RX_MIN           1024u
#define TX_MIN           4096u
#define STORE_MIN        4096u
#define SLOTS_MIN        4u
#define OUTBOX_MIN       1024u
#define REPLAY_MAX       1000u
#define CREDENTIALS_MIN  4096u

static bool is_text(const char *text, size_t min, size_t max)
{
    struct hawser_view v = hwi_view(text);

    return text != NULL && v.len >= min && v.len <= max && hwi_utf8_is_valid(v);
}

static bool are_endpoints(const struct hawser_endpoint *at, size_t count)
{
    if (at == NULL && count > 0) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (!is_text(at[i].host, 1, HAWSER_HOST_SIZE - 1) || at[i].port == 0) {
            return false;
        }
    }
    return true;
}

static bool is_same(const char *a, const char *b)
{
    struct hawser_view v = hwi_view(a);
    struct hawser_view w = hwi_view(b);

    return v.len == w.len && memcmp(v.at, w.at, v.len) == 0;
}

/* A sensor must not take the name of a member that data has anyway. */
static bool is_sensor_name(const char *name)
{
    static const char *const taken[] = {"device", "rssi", "heap",
                                        "uptime", "seq",  "boot",
                                        "time",   "hist", "simulated"};

    if (!is_text(name, 1, HAWSER_SENSOR_NAME_MAX)) {
        return false;
    }
    for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
        if (is_same(name, taken[i])) {
            return false;
        }
    }
    return true;
}

/* Is it a name, and none that an earlier sensor has? */
static bool is_sensor(const char *const *sensors, size_t at)
{
    if (!is_sensor_name(sensors[at])) {
        return false;
    }
    for (size_t i = 0; i < at; i++) {
        if (is_same(sensors[at], sensors[i])) {
            return false;
        }
    }
    return true;
}

static bool are_sensors(const struct hawser_device_config *cfg)
{
    if (cfg->sensor_count > HAWSER_SENSORS_MAX ||
        (cfg->sensors == NULL && cfg->sensor_count > 0)) {
        return false;
    }
    for (size_t i = 0; i < cfg->sensor_count; i++) {
        if (!is_sensor(cfg->sensors, i)) {
            return false;
        }
    }
    return true;
}

static bool is_login(const struct hawser_device_config *cfg)
{
    const struct hawser_credentials *c = &cfg->credentials;

    return c->ca.at != NULL && c->ca.len > 0 &&
           (c->chain.at == NULL) == (c->key.at == NULL) &&
           cfg->username.len <= STRING_MAX && cfg->password.len <= STRING_MAX &&
           hwi_utf8_is_valid(cfg->username);
}

static bool are_update_keys(const struct hawser_device_config *cfg)
{
    for (size_t i = 0; i < HAWSER_UPDATE_KEYS; i++) {
        if (cfg->update_keys[i].at != NULL &&
            cfg->update_keys[i].len != HAWSER_POINT_SIZE) {
            return false;
        }
    }
    return true;
}

static bool is_network(const struct hawser_device_config *cfg)
{
    return cfg->broker_count >= 1 && cfg->broker_count <= HAWSER_BROKERS_MAX &&
           are_endpoints(cfg->brokers, cfg->broker_count) &&
           cfg->time_server_count <= HAWSER_TIME_SERVERS_MAX &&
           are_endpoints(cfg->time_servers, cfg->time_server_count) &&
           (cfg->keep_alive_s == 0 || cfg->keep_alive_s >= KEEP_ALIVE_MIN_S);
}

static bool is_identity(const struct hawser_device_config *cfg)
{
    return cfg->id != NULL && hwi_topic_level_is_valid(hwi_view(cfg->id)) &&
           is_text(cfg->firmware, 0, HAWSER_FIRMWARE_MAX) &&
           (cfg->root == NULL || hwi_topic_root_is_valid(hwi_view(cfg->root)));
}

int hwi_settings_check(const struct hawser_device_config *cfg)
{
    bool is_good =
        is_identity(cfg) && is_network(cfg) && is_login(cfg) &&
        are_sensors(cfg) && are_update_keys(cfg) &&
        cfg->interval_s <= INTERVAL_MAX_S && cfg->qos <= 1 &&
        cfg->outbox_policy <= HAWSER_OUTBOX_LATEST_ONLY &&
        cfg->replay_per_second <= REPLAY_MAX &&
        hawser_device_is_command_table(cfg->commands, cfg->command_count) &&
        (cfg->command_key.len == 0 ||
         cfg->command_key.len == HAWSER_POINT_SIZE);

    return is_good ? 0 : HAWSER_E_ARG;
}

int hwi_settings_check_memory(const struct hawser_device_memory *memory)
{
    bool is_good = (memory->credentials.at == NULL ||
                    memory->credentials.size >= CREDENTIALS_MIN) &&
                   memory->rx.size >= RX_MIN && memory->tx.size >= TX_MIN &&
                   memory->store.size >= STORE_MIN &&
                   memory->outbox.size >= OUTBOX_MIN && memory->slots != NULL &&
                   memory->slot_count >= SLOTS_MIN;

    return is_good ? 0 : HAWSER_E_ARG;
}
