/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guard. It counts only what commands ended: a device that crashes or
 * loses its power shall take the restart that may be its remedy.
 */
#include "device/reboot_guard.h"

#include "device/alerts.h"
#include "device/json_write.h"
#include "device/lasting.h"
#include "device/log.h"
#include "wire/memory.h"

#define SHORT_MS   60000u
#define SHORTS_MAX 5u
#define HELD_MS    600000u

static uint64_t up_ms(const struct hawser_device *d)
{
    return d->now_ms - d->started_ms;
}

void hwi_reboot_guard_init(struct hawser_device *d)
{
    if (d->lasting.short_restarts >= SHORTS_MAX) {
        hwi_alert_raise(d, HWI_ALERT_REBOOT_LOOP, NULL,
                        d->lasting.short_restarts);
    }
}

bool hwi_reboot_guard_holds(const struct hawser_device *d)
{
    return d->lasting.short_restarts >= SHORTS_MAX && up_ms(d) < HELD_MS;
}

static void set_count(struct hawser_device *d, uint8_t count)
{
    if (d->lasting.short_restarts == count) {
        return;
    }
    d->lasting.short_restarts = count;
    if (hwi_lasting_save(&d->lasting) != 0) {
        hwi_log_alert(d->port, "storage", "the state could not be written");
    }
}

void hwi_reboot_guard_note(struct hawser_device *d)
{
    bool is_short = up_ms(d) < SHORT_MS;

    set_count(d, is_short ? (uint8_t)(d->lasting.short_restarts + 1) : 0);
}

void hwi_reboot_guard_release(struct hawser_device *d, struct hawser_view alert)
{
    struct hawser_view ours = hwi_view("reboot_loop");
    bool is_ours =
        alert.at == NULL ||
        (alert.len == ours.len && memcmp(alert.at, ours.at, ours.len) == 0);

    if (is_ours) {
        set_count(d, 0);
    }
}
