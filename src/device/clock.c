/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The clock. One number, the distance between Unix time and monotonic time, is
 * all there is to set; everything measured before it was known gets its time
 * from it afterwards.
 */
#include "device/clock.h"

#define STEP_MAX_MS  (15u * 60u * 1000u)
#define DRIFT        10000u /* a crystal is right to one part in so many */
#define LIFE_YEARS_S (UINT64_C(20) * 365 * 86400)

enum {
    CONFIDENCE_NONE,
    CONFIDENCE_FLOOR,
    CONFIDENCE_AGREED,
    CONFIDENCE_AUTHENTICATED
};

void hwi_clock_init(struct hwi_clock *c, uint64_t build_s, uint64_t saved_s)
{
    *c = (struct hwi_clock){.build_s = build_s};
    hwi_clock_raise_floor(c, build_s);
    hwi_clock_raise_floor(c, saved_s);
}

void hwi_clock_raise_floor(struct hwi_clock *c, uint64_t unix_s)
{
    if (unix_s > c->floor_s) {
        c->floor_s = unix_s;
        if (c->confidence == CONFIDENCE_NONE) {
            c->confidence = CONFIDENCE_FLOOR;
        }
    }
}

void hwi_clock_lower_floor(struct hwi_clock *c, uint64_t unix_s)
{
    if (unix_s < c->floor_s) {
        c->floor_s = unix_s > c->build_s ? unix_s : c->build_s;
    }
}

bool hwi_clock_is_plausible(const struct hwi_clock *c, uint64_t unix_ms)
{
    uint64_t unix_s = unix_ms / 1000;
    uint64_t start_s = c->build_s > 0 ? c->build_s : c->floor_s;

    /* An SNTP time just before the floor reads as 136 years after it. */
    return unix_s > 0 && unix_s >= c->floor_s &&
           (start_s == 0 || unix_s - start_s < LIFE_YEARS_S);
}

static uint64_t distance(uint64_t a, uint64_t b)
{
    return a > b ? a - b : b - a;
}

/* Is it too far from authenticated time? From what that was when it came, so
 * that nobody can lead it away in small steps. */
static bool is_strange(const struct hwi_clock *c, uint64_t now_ms,
                       uint64_t unix_ms)
{
    uint64_t drift_ms = (now_ms - c->authenticated_ms) / DRIFT;

    return distance(now_ms + c->authenticated_offset_ms, unix_ms) >
           STEP_MAX_MS + drift_ms;
}

enum hwi_clock_answer hwi_clock_offer(struct hwi_clock *c, uint64_t now_ms,
                                      uint64_t unix_ms, bool agreed)
{
    bool is_held;

    if (!hwi_clock_is_plausible(c, unix_ms)) {
        return HWI_CLOCK_IMPLAUSIBLE;
    }
    if (c->confidence == CONFIDENCE_AUTHENTICATED) {
        is_held = is_strange(c, now_ms, unix_ms);
    } else {
        is_held = hwi_clock_is_known(c) && c->is_proven && !agreed &&
                  distance(hwi_clock_unix_ms(c, now_ms), unix_ms) > STEP_MAX_MS;
    }
    if (is_held) {
        return HWI_CLOCK_HELD;
    }
    c->offset_ms = unix_ms - now_ms;
    if (c->confidence < CONFIDENCE_AGREED) {
        c->confidence = CONFIDENCE_AGREED;
    }
    return HWI_CLOCK_SET;
}

enum hwi_clock_answer hwi_clock_authenticate(struct hwi_clock *c,
                                             uint64_t now_ms, uint64_t unix_ms)
{
    bool is_contradicted;

    if (!hwi_clock_is_plausible(c, unix_ms)) {
        return HWI_CLOCK_IMPLAUSIBLE;
    }
    is_contradicted =
        hwi_clock_is_known(c) &&
        distance(hwi_clock_unix_ms(c, now_ms), unix_ms) > STEP_MAX_MS;
    c->offset_ms = unix_ms - now_ms;
    c->authenticated_offset_ms = c->offset_ms;
    c->authenticated_ms = now_ms;
    c->confidence = CONFIDENCE_AUTHENTICATED;
    return is_contradicted ? HWI_CLOCK_CONTRADICTED : HWI_CLOCK_SET;
}

void hwi_clock_doubt(struct hwi_clock *c)
{
    c->is_proven = false;
    if (c->confidence == CONFIDENCE_AUTHENTICATED) {
        c->confidence = CONFIDENCE_AGREED;
    }
}

bool hwi_clock_is_known(const struct hwi_clock *c)
{
    return c->confidence >= CONFIDENCE_AGREED;
}

uint64_t hwi_clock_unix_ms(const struct hwi_clock *c, uint64_t at_ms)
{
    return hwi_clock_is_known(c) ? at_ms + c->offset_ms : 0;
}

struct hawser_date_policy hwi_clock_policy(const struct hwi_clock *c,
                                           uint64_t now_ms)
{
    return (struct hawser_date_policy){
        .floor_s = c->floor_s,
        .now_s = hwi_clock_unix_ms(c, now_ms) / 1000,
        .has_now = hwi_clock_is_known(c),
    };
}
