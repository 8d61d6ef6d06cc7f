/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MQTT 5 properties by name.
 */
#include <stdlib.h>
#include <string.h>

#include "driver.h"

enum kind { NUMBER, TEXT, PAIR };

static const struct {
    const char *name;
    enum hawser_property_id id;
    enum kind kind;
    bool is_field; /* of struct hawser_config */
} rows[] = {
    {"payload_format", HAWSER_PROP_PAYLOAD_FORMAT, NUMBER, false},
    {"message_expiry", HAWSER_PROP_MESSAGE_EXPIRY, NUMBER, false},
    {"content_type", HAWSER_PROP_CONTENT_TYPE, TEXT, false},
    {"response_topic", HAWSER_PROP_RESPONSE_TOPIC, TEXT, false},
    {"correlation_data", HAWSER_PROP_CORRELATION_DATA, TEXT, false},
    {"subscription_id", HAWSER_PROP_SUBSCRIPTION_ID, NUMBER, false},
    {"session_expiry", HAWSER_PROP_SESSION_EXPIRY, NUMBER, true},
    {"assigned_client_id", HAWSER_PROP_ASSIGNED_CLIENT_ID, TEXT, false},
    {"server_keep_alive", HAWSER_PROP_SERVER_KEEP_ALIVE, NUMBER, false},
    {"auth_method", HAWSER_PROP_AUTH_METHOD, TEXT, false},
    {"auth_data", HAWSER_PROP_AUTH_DATA, TEXT, false},
    {"request_problem_info", HAWSER_PROP_REQUEST_PROBLEM_INFO, NUMBER, false},
    {"will_delay", HAWSER_PROP_WILL_DELAY, NUMBER, false},
    {"request_response_info", HAWSER_PROP_REQUEST_RESPONSE_INFO, NUMBER, false},
    {"response_info", HAWSER_PROP_RESPONSE_INFO, TEXT, false},
    {"server_reference", HAWSER_PROP_SERVER_REFERENCE, TEXT, false},
    {"reason_string", HAWSER_PROP_REASON_STRING, TEXT, false},
    {"receive_maximum", HAWSER_PROP_RECEIVE_MAXIMUM, NUMBER, true},
    {"topic_alias_maximum", HAWSER_PROP_TOPIC_ALIAS_MAXIMUM, NUMBER, true},
    {"topic_alias", HAWSER_PROP_TOPIC_ALIAS, NUMBER, false},
    {"maximum_qos", HAWSER_PROP_MAXIMUM_QOS, NUMBER, false},
    {"retain_available", HAWSER_PROP_RETAIN_AVAILABLE, NUMBER, false},
    {"user", HAWSER_PROP_USER, PAIR, false},
    {"maximum_packet_size", HAWSER_PROP_MAXIMUM_PACKET_SIZE, NUMBER, true},
    {"wildcard_available", HAWSER_PROP_WILDCARD_AVAILABLE, NUMBER, false},
    {"subscription_id_available", HAWSER_PROP_SUBSCRIPTION_ID_AVAILABLE, NUMBER,
     false},
    {"shared_available", HAWSER_PROP_SHARED_AVAILABLE, NUMBER, false},
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

const char *driver_property_name(enum hawser_property_id id)
{
    for (size_t i = 0; i < ROWS; i++) {
        if (rows[i].id == id) {
            return rows[i].name;
        }
    }
    return NULL;
}

bool driver_property_is_number(enum hawser_property_id id)
{
    for (size_t i = 0; i < ROWS; i++) {
        if (rows[i].id == id) {
            return rows[i].kind == NUMBER;
        }
    }
    return false;
}

static struct hawser_property make(size_t row, struct driver_words *w,
                                   const struct driver_word *word)
{
    struct hawser_property p = {.id = rows[row].id};
    const uint8_t *colon = NULL;

    if (rows[row].kind == NUMBER) {
        p.number = driver_number(w, word->key, 0);
        return p;
    }
    p.value = word->value;
    if (rows[row].kind == PAIR) {
        colon = memchr(p.value.at, ':', p.value.len);
        if (colon == NULL) {
            w->mistake = "a user property is name:value";
            return p;
        }
        p.name = (struct hawser_view){p.value.at, (size_t)(colon - p.value.at)};
        p.value.at = colon + 1;
        p.value.len -= p.name.len + 1;
    }
    return p;
}

void driver_properties(struct driver_words *w, const char *prefix,
                       bool is_connect, struct driver_list *out)
{
    size_t len = strlen(prefix);

    out->count = 0;
    for (size_t i = 0; i < w->count; i++) {
        const char *name = w->at[i].key + len;
        size_t row = 0;

        if (strncmp(w->at[i].key, prefix, len) != 0) {
            continue;
        }
        while (row < ROWS && strcmp(rows[row].name, name) != 0) {
            row++;
        }
        if (row == ROWS || out->count == DRIVER_LIST_MAX) {
            w->mistake = "no such property, or too many";
            return;
        }
        if (!is_connect || !rows[row].is_field) {
            out->at[out->count++] = make(row, w, &w->at[i]);
        }
    }
}
