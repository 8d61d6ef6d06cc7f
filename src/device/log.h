/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Builds one log entry, field by field, and hands it to the port. Entries never
 * hold a secret or the payload of a command.
 */
#ifndef HWI_DEVICE_LOG_H
#define HWI_DEVICE_LOG_H

#include "hawser/device.h"

#define HWI_LOG_FIELDS_MAX 8

struct hwi_log {
    enum hawser_log_level level;
    const char *event;
    size_t count;
    struct hawser_field fields[HWI_LOG_FIELDS_MAX];
};

/* An entry without fields. event: static. */
struct hwi_log hwi_log_of(enum hawser_log_level level, const char *event);

/* Each adds a field; names are static, views stay until hwi_log_send(). What
 * is above HWI_LOG_FIELDS_MAX is left out. */
void hwi_log_text(struct hwi_log *l, const char *name, struct hawser_view v);
void hwi_log_word(struct hwi_log *l, const char *name, const char *text);
void hwi_log_number(struct hwi_log *l, const char *name, uint64_t number);
void hwi_log_bool(struct hwi_log *l, const char *name, bool value);

void hwi_log_send(const struct hwi_log *l, const struct hawser_port *port);

/* An alert with one word for programs and a text for people. */
void hwi_log_alert(const struct hawser_port *port, const char *code,
                   const char *detail);

#endif
