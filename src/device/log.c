/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Log entries are built on the stack; the port renders them.
 */
#include "device/log.h"

#include "device/json_write.h"

struct hwi_log hwi_log_of(enum hawser_log_level level, const char *event)
{
    return (struct hwi_log){.level = level, .event = event};
}

static void add(struct hwi_log *l, struct hawser_field field)
{
    if (l->count < HWI_LOG_FIELDS_MAX) {
        l->fields[l->count++] = field;
    }
}

void hwi_log_text(struct hwi_log *l, const char *name, struct hawser_view v)
{
    add(l, (struct hawser_field){.name = name, .text = v});
}

void hwi_log_word(struct hwi_log *l, const char *name, const char *text)
{
    hwi_log_text(l, name, hwi_view(text));
}

void hwi_log_number(struct hwi_log *l, const char *name, uint64_t number)
{
    add(l, (struct hawser_field){.name = name, .number = (int64_t)number});
}

void hwi_log_bool(struct hwi_log *l, const char *name, bool value)
{
    add(l, (struct hawser_field){
               .name = name, .number = value ? 1 : 0, .is_bool = true});
}

void hwi_log_send(const struct hwi_log *l, const struct hawser_port *port)
{
    const struct hawser_log entry = {.level = l->level,
                                     .event = l->event,
                                     .fields = l->fields,
                                     .field_count = l->count};

    port->log(port->ctx, &entry);
}

void hwi_log_alert(const struct hawser_port *port, const char *code,
                   const char *detail)
{
    struct hwi_log l = hwi_log_of(HAWSER_LOG_WARNING, "alert");

    hwi_log_word(&l, "code", code);
    hwi_log_word(&l, "detail", detail);
    hwi_log_send(&l, port);
}
