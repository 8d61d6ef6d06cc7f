/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The link as the port shows it, with a memory of since when it is down.
 */
#include "device/link.h"

#include "device/log.h"

/* A roaming WiFi station is back by then, and TCP has survived it. */
#define LOST_MS 15000u

void hwi_link_init(struct hawser_device *d)
{
    d->link = (struct hwi_link_watch){.down_ms = d->now_ms};
}

static void log_change(struct hawser_device *d, bool is_up)
{
    struct hwi_log l = hwi_log_of(is_up ? HAWSER_LOG_INFO : HAWSER_LOG_WARNING,
                                  is_up ? "link_up" : "link_down");

    hwi_log_word(&l, "interface", d->link.status.name);
    if (is_up) {
        hwi_log_word(&l, "address", d->link.status.address);
    }
    hwi_log_send(&l, d->port);
}

void hwi_link_step(struct hawser_device *d)
{
    bool was_up = hwi_link_is_up(d);

    d->port->link_status(d->port->ctx, &d->link.status);
    if (d->link.status.state == HAWSER_LINK_UP) {
        d->link.down_ms = HAWSER_NEVER;
    } else if (was_up) {
        d->link.down_ms = d->now_ms;
    }
    if (was_up != hwi_link_is_up(d)) {
        log_change(d, !was_up);
    }
}

bool hwi_link_is_up(const struct hawser_device *d)
{
    return d->link.down_ms == HAWSER_NEVER;
}

bool hwi_link_is_lost(const struct hawser_device *d)
{
    return d->now_ms >= hwi_link_deadline_ms(d);
}

uint64_t hwi_link_deadline_ms(const struct hawser_device *d)
{
    return hwi_link_is_up(d) ? HAWSER_NEVER : d->link.down_ms + LOST_MS;
}

enum hawser_cause hwi_link_cause(const struct hawser_device *d)
{
    switch (d->link.status.state) {
    case HAWSER_LINK_REFUSED:
        return HAWSER_CAUSE_LINK_REFUSED;
    case HAWSER_LINK_NO_ADDRESS:
        return HAWSER_CAUSE_NO_ADDRESS;
    case HAWSER_LINK_DOWN:
    case HAWSER_LINK_JOINING:
    case HAWSER_LINK_UP:
        break;
    }
    return HAWSER_CAUSE_LINK_DOWN;
}
