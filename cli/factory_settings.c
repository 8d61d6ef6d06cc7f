/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a configuration to the settings of a chip: factory_settings.h.
 */
#include "factory_settings.h"

#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>

#include "broker.h"
#include "cli.h"
#include "ports/shared/settings.h"

/* What chips can share ------------------------------------------------------- */

static const char not_there[] = "a chip has no such thing";
static const char one_device[] = "chips cannot share it; --pki makes one each";

static void add_mistake(struct hawser_cli_mistakes *m, const char *path,
                        const char *key, const char *words)
{
    struct hawser_cli_text t;

    if (m->count == HAWSER_CLI_MISTAKES_MAX) {
        m->left_out++;
        return;
    }
    t = hawser_cli_text_in(m->text[m->count++], HAWSER_CLI_MISTAKE_SIZE);
    hawser_cli_text_add_shown(&t, hawser_cli_view(path));
    hawser_cli_text_addf(&t, ": %s: %s", key, words);
}

bool hwi_factory_check(const struct hawser_cli_config *c, const char *path,
                       struct hawser_cli_mistakes *m)
{
    const struct {
        bool is_wrong;
        const char *key;
        const char *words;
    } rules[] = {
        {c->device.id != NULL, "[device] id",
         "ids stand in the command line, one a chip"},
        {c->device.firmware != hawser_cli_version(), "[device] firmware",
         "the program that runs on the chip says it"},
        {c->state_dir != NULL, "[device] state_dir", not_there},
        {c->restart_program != NULL, "[device] restart_program", not_there},
        {c->username != NULL && strcmp(c->username, HWI_BROKER_OPERATOR) == 0,
         "[broker] username", "this login is the operator's, for no device"},
        {c->cert_path != NULL, "[broker] cert_file", one_device},
        {c->key_path != NULL, "[broker] key_file", one_device},
        {c->device.time_server_count == 0, "[time] servers",
         "a chip has no other clock; allowed: HOST[:PORT], up to 4"},
        {c->device.sensor_count > 0, "[sensors]",
         "a chip's sensors stand in its program"},
        {c->commands.count > 0, "[command]",
         "a chip's commands stand in its program"},
        {c->interface != NULL, "[network] interface", not_there},
        {c->wifi_control != NULL, "[network] wifi_control", not_there},
        {c->networks.count > HWI_SETTINGS_NETWORKS_MAX, "[network] wifi_file",
         "more than 5 networks"},
    };

    m->count = 0;
    m->left_out = 0;
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        if (rules[i].is_wrong) {
            add_mistake(m, path, rules[i].key, rules[i].words);
        }
    }
    return m->count == 0;
}

/* The table ------------------------------------------------------------------ */

struct table {
    struct hawser_cli_text *out;
    size_t room; /* that its values take on the chip */
};

static void put_hex(struct hawser_cli_text *out, struct hawser_view value)
{
    for (size_t i = 0; i < value.len; i++) {
        hawser_cli_text_addf(out, "%02x", value.at[i]);
    }
}

/* Number `at` of a list; an empty value is none. */
static void put_in_list(struct table *t, const char *name, size_t at,
                        struct hawser_view value)
{
    if (value.len == 0) {
        return;
    }
    hawser_cli_text_add(t->out, name);
    if (at > 0) {
        hawser_cli_text_addf(t->out, ".%zu", at);
    }
    hawser_cli_text_add(t->out, ",data,hex2bin,");
    put_hex(t->out, value);
    hawser_cli_text_add(t->out, "\n");
    t->room += value.len + 1;
}

static void put(struct table *t, const char *name, struct hawser_view value)
{
    put_in_list(t, name, 0, value);
}

static void put_number(struct table *t, const char *name, uint32_t value)
{
    char digits[12];

    (void)snprintf(digits, sizeof digits, "%u", (unsigned)value);
    put(t, name, hawser_cli_view(digits));
}

/* "HOST PORT" */
static void put_endpoints(struct table *t, const char *name,
                          const struct hawser_endpoint *list, size_t count)
{
    char text[HAWSER_HOST_SIZE + 8];

    for (size_t i = 0; i < count; i++) {
        (void)snprintf(text, sizeof text, "%s %u", list[i].host,
                       (unsigned)list[i].port);
        put_in_list(t, name, i, hawser_cli_view(text));
    }
}

/* "SSID\nPASSPHRASE", or an SSID alone. */
static void put_networks(struct table *t,
                         const struct hawser_cli_networks *networks)
{
    uint8_t both[32 + 1 + 64];

    for (size_t i = 0; i < networks->count; i++) {
        struct hawser_view ssid = networks->of[i].ssid;
        struct hawser_view passphrase = networks->of[i].passphrase;
        size_t len = ssid.len;

        memcpy(both, ssid.at, ssid.len);
        if (passphrase.len > 0) {
            both[len++] = '\n';
            memcpy(both + len, passphrase.at, passphrase.len);
            len += passphrase.len;
        }
        put_in_list(t, "wifi", i, (struct hawser_view){both, len});
    }
    OPENSSL_cleanse(both, sizeof both);
}

static void put_device(struct table *t, const struct hawser_device_config *c,
                       const struct hwi_factory_device *device)
{
    bool has_login = device->username.len > 0;

    put(t, "id", hawser_cli_view(device->id));
    put(t, "username", has_login ? device->username : c->username);
    put(t, "password", has_login ? device->password : c->password);
    put(t, "chain", device->chain);
    put(t, "key", device->key);
}

const char *hwi_factory_table(const struct hawser_cli_config *config,
                              const struct hwi_factory_device *device,
                              struct hawser_cli_text *out)
{
    const struct hawser_device_config *c = &config->device;
    struct table t = {out, 0};

    hawser_cli_text_add(out, "key,type,encoding,value\nhawser,namespace,,\n");
    put_device(&t, c, device);
    put_endpoints(&t, "broker", c->brokers, c->broker_count);
    put(&t, "ca", c->credentials.ca);
    for (size_t i = 0; i < HAWSER_UPDATE_KEYS; i++) {
        put_in_list(&t, "update_key", i, c->update_keys[i]);
    }
    put(&t, "command_key", c->command_key);
    put(&t, "alpn", c->alpn);
    put_number(&t, "keep_alive_s", c->keep_alive_s);
    put(&t, "root", hawser_cli_view(c->root));
    put_number(&t, "layout", (uint32_t)c->layout);
    put_endpoints(&t, "time_server", c->time_servers, c->time_server_count);
    put_number(&t, "interval_s", c->interval_s);
    put_number(&t, "qos", c->qos);
    put_number(&t, "outbox_policy", (uint32_t)c->outbox_policy);
    put_number(&t, "outbox_expiry_s", c->outbox_expiry_s);
    put_number(&t, "replay", c->replay_per_second);
    put_number(&t, "retry_speed", c->retry_speed);
    put_networks(&t, &config->networks);
    return out->cut || t.room > HWI_SETTINGS_ROOM
               ? "the settings, certificates above all, are more than the "
                 "12288 "
                 "bytes that a chip takes"
               : NULL;
}
