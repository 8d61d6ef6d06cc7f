/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The window is bounded to an hour: a message of somebody who may write there
 * must not be able to keep a fleet away.
 */
#include "device/fleet.h"

#include "device/json_read.h"
#include "device/json_write.h"
#include "device/lasting.h"
#include "device/log.h"
#include "device/random.h"
#include "device/topics.h"

static const char word[] = "reconnect";

struct hawser_view hwi_fleet_topic(const struct hawser_device_config *cfg,
                                   uint8_t out[HWI_TOPIC_SIZE])
{
    struct hawser_device_config fleet = *cfg;

    fleet.layout = HAWSER_LAYOUT_FLAT; /* no device's own */
    return hwi_topic(&fleet, hwi_view(word), out);
}

void hwi_fleet_take(struct hawser_device *d, struct hawser_view payload)
{
    struct hwi_log l = hwi_log_of(HAWSER_LOG_INFO, "config");
    uint64_t window_s = 0;

    if (payload.len > 0 &&
        (hwi_json_check(payload) != 0 ||
         hwi_json_get_uint(payload, "window_s", &window_s) != 0 ||
         window_s > HWI_FLEET_WINDOW_MAX_S)) {
        hwi_log_alert(d->port, "reconnect",
                      "the fleet's window is no number of 0..3600 seconds");
        return;
    }
    if (window_s == d->lasting.window_s) {
        return;
    }
    d->lasting.window_s = (uint16_t)window_s;
    hwi_log_number(&l, "reconnect_window_s", window_s);
    hwi_log_send(&l, d->port);
    if (hwi_lasting_save(&d->lasting) != 0) {
        hwi_log_alert(d->port, "storage", "the state could not be written");
    }
}

static uint32_t spread_ms(const struct hawser_device *d)
{
    uint32_t speed = d->cfg->retry_speed == 0 ? 1 : d->cfg->retry_speed;
    uint32_t window_ms = d->lasting.window_s * 1000u / speed;

    return (hwi_random(d->port, d->retry.phase) + d->retry.phase) %
           (window_ms + 1);
}

uint32_t hwi_fleet_wait_ms(const struct hawser_device *d)
{
    return d->session.is_granted && d->lasting.window_s > 0 ? spread_ms(d) : 0;
}

uint32_t hwi_fleet_boot_wait_ms(const struct hawser_device *d)
{
    bool is_wanted = d->reset_reason == HAWSER_RESET_COMMAND ||
                     d->reset_reason == HAWSER_RESET_SOFTWARE;

    return is_wanted || d->lasting.window_s == 0 ? 0 : spread_ms(d);
}
