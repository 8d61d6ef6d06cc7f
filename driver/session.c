/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The client and its socket: bytes to and fro, events told and counted.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "driver.h"

uint64_t driver_now_ms(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* Events ---------------------------------------------------------------------- */

int driver_index_of(struct driver *d, const char *name)
{
    for (size_t i = 0; i < d->name_count; i++) {
        if (strcmp(d->names[i], name) == 0) {
            return (int)i;
        }
    }
    if (d->name_count == DRIVER_NAMES_MAX) {
        return -1;
    }
    d->names[d->name_count] = strdup(name);
    return d->names[d->name_count] == NULL ? -1 : (int)d->name_count++;
}

void driver_came(struct driver *d, const char *name)
{
    int i = driver_index_of(d, name);

    if (i >= 0) {
        d->came[i]++;
    }
}

void driver_say(struct driver *d, const char *name, const char *detail,
                int64_t number)
{
    driver_print(name, "detail", detail, number);
    driver_came(d, name);
}

void driver_close(struct driver *d, const char *why)
{
    if (d->line.fd < 0) {
        return;
    }
    driver_line_close(&d->line);
    if (d->has_client) {
        hawser_lost(&d->c, driver_now_ms());
    }
    d->is_open = false;
    driver_say(d, "closed", why, -1);
}

static void drain(struct driver *d)
{
    struct hawser_event ev;

    while (hawser_next_event(&d->c, &ev)) {
        driver_print_event(&ev);
        driver_came(d, driver_event_name(&ev));
        if (ev.kind == HAWSER_EVENT_MESSAGE && ev.qos > 0 &&
            ev.payload_left == 0 && !d->is_manual) {
            int err = hawser_accept(&d->c, driver_now_ms(), ev.packet_id, 0);
            if (err != 0) {
                driver_say(d, "error", hawser_error_text(err), ev.packet_id);
            }
        }
    }
}

/* The line -------------------------------------------------------------------- */

/* How long the first packet of these bytes is; all of them if that is unclear. */
static size_t packet_len(const uint8_t *at, size_t len)
{
    size_t body = 0;

    for (size_t i = 1; i < 5 && i < len; i++) {
        body |= (size_t)(at[i] & 0x7F) << (7 * (i - 1));
        if ((at[i] & 0x80) == 0) {
            size_t whole = i + 1 + body;
            return whole < len ? whole : len;
        }
    }
    return len;
}

/* The rest of a payload (more=N): the alphabet, again and again. */
static void give_payload(struct driver *d)
{
    uint16_t id;
    uint32_t offset;
    size_t len = hawser_payload_wanted(&d->c, &id, &offset);

    len = len < sizeof(d->part) ? len : sizeof(d->part);
    for (size_t i = 0; i < len; i++) {
        d->part[i] = (uint8_t)('a' + (offset + i) % 26);
    }
    if (len > 0 && hawser_payload(&d->c, driver_now_ms(), d->part, len) != 0) {
        driver_say(d, "error", "what was wanted is not taken", id);
    }
}

/* What the client has to send now. */
static size_t next_out(struct driver *d, const uint8_t **at)
{
    if (!d->is_open) {
        return 0;
    }
    give_payload(d);
    return hawser_out(&d->c, at);
}

/* One write a packet, as long as the socket takes them. */
void driver_send_out(struct driver *d)
{
    const uint8_t *at;
    size_t len = next_out(d, &at);

    while (len > 0) {
        int n = driver_line_send(&d->line, at, packet_len(at, len));
        if (n == HAWSER_E_WAIT) {
            return;
        }
        if (n < 0) {
            driver_close(d, "the connection broke while sending");
            return;
        }
        hawser_sent(&d->c, driver_now_ms(), (size_t)n);
        len = next_out(d, &at);
    }
}

static void feed(struct driver *d, size_t len)
{
    size_t at = 0;

    while (at < len && d->is_open) {
        size_t used = 0;
        int err =
            hawser_feed(&d->c, driver_now_ms(), d->in + at, len - at, &used);
        drain(d);
        at += used;
        if (err != 0) {
            driver_say(d, "error", hawser_error_text(err),
                       hawser_fault(&d->c)->reason);
            driver_send_out(d);
            driver_close(d, "by the client");
        }
    }
}

static void receive(struct driver *d)
{
    int n = 1;

    while (n > 0 && d->is_open) {
        n = driver_line_receive(&d->line, d->in, DRIVER_IN_SIZE);
        if (n > 0) {
            feed(d, (size_t)n);
            driver_send_out(d);
        } else if (n == HAWSER_E_LINK) {
            driver_close(d, "by the server");
        }
    }
}

void driver_step(struct driver *d)
{
    if (d->line.fd < 0) {
        return;
    }
    if (!driver_line_step(&d->line)) {
        char why[256];
        (void)snprintf(why, sizeof(why), "%s", d->line.why);
        driver_close(d, why);
        return;
    }
    if (d->line.is_ready && !d->is_open) {
        int err = hawser_opened(&d->c, driver_now_ms());
        if (err != 0) {
            driver_close(d, hawser_error_text(err));
            return;
        }
        d->is_open = true;
    }
    if (d->is_open) {
        int err = hawser_tick(&d->c, driver_now_ms());
        drain(d);
        driver_send_out(d);
        receive(d);
        if (err != 0 && d->is_open) {
            driver_say(d, "error", hawser_error_text(err), -1);
            driver_close(d, "by the client");
        }
    }
}
