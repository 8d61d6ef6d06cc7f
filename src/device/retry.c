/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The retry table. Causes that a person has to mend (certificates, passwords)
 * are slow, so that nothing is hammered, and never given up: the mending may
 * be a broker's, far from the device. Causes that pass by themselves are quick.
 */
#include "device/retry.h"

#include "device/random.h"
#include "wire/memory.h"

#define SECOND 1000u
#define MINUTE (60u * SECOND)
#define HOUR   (60u * MINUTE)

#define ROW(cause, base, cap, what) \
    [HAWSER_CAUSE_##cause] = {(base), (cap), (what)}

#define LINK_AGAIN HWI_REMEDY_LINK_RECOVER
#define OTHER      HWI_REMEDY_NEXT_BROKER
#define CLOCK      (HWI_REMEDY_NEXT_BROKER | HWI_REMEDY_RESYNC)
#define FLEET      (HWI_REMEDY_NEXT_BROKER | HWI_REMEDY_SPREAD)
#define AT_ONCE    (FLEET | HWI_REMEDY_AT_ONCE)
#define NAME       (HWI_REMEDY_NEXT_BROKER | HWI_REMEDY_RENEW)

static const struct hwi_retry_rule rules[HAWSER_CAUSE_COUNT] = {
    ROW(NONE, SECOND, MINUTE, 0),
    ROW(LINK_DOWN, SECOND, MINUTE, LINK_AGAIN),
    ROW(LINK_REFUSED, 30 * SECOND, 15 * MINUTE, LINK_AGAIN),
    ROW(NO_ADDRESS, 2 * SECOND, 2 * MINUTE, LINK_AGAIN),
    ROW(TIME, 2 * SECOND, 2 * MINUTE, 0),
    ROW(DNS, 2 * SECOND, 2 * MINUTE, NAME),
    ROW(TCP_REFUSED, SECOND, 2 * MINUTE, OTHER),
    ROW(TCP_TIMEOUT, SECOND, 2 * MINUTE, OTHER),
    ROW(TCP_UNREACHABLE, SECOND, 2 * MINUTE, OTHER),
    ROW(TLS_SETUP, MINUTE, HOUR, 0),
    ROW(TLS_UNKNOWN_CA, MINUTE, HOUR, CLOCK),
    ROW(TLS_SELF_SIGNED, MINUTE, HOUR, CLOCK),
    ROW(TLS_WRONG_NAME, MINUTE, HOUR, CLOCK),
    ROW(TLS_EXPIRED, MINUTE, HOUR, CLOCK),
    ROW(TLS_NOT_YET_VALID, MINUTE, HOUR, CLOCK),
    ROW(TLS_REVOKED, MINUTE, HOUR, CLOCK),
    ROW(TLS_WRONG_USAGE, MINUTE, HOUR, CLOCK),
    ROW(TLS_WEAK, MINUTE, HOUR, CLOCK),
    ROW(TLS_BAD_CHAIN, MINUTE, HOUR, CLOCK),
    ROW(TLS_VERSION, MINUTE, HOUR, OTHER),
    ROW(TLS_NOT_TLS, MINUTE, HOUR, OTHER),
    ROW(TLS_CLIENT_CERT, MINUTE, HOUR, OTHER),
    ROW(TLS_TIMEOUT, SECOND, 2 * MINUTE, OTHER),
    ROW(TLS_MEMORY, 5 * SECOND, MINUTE, HWI_REMEDY_RESTART),
    ROW(TLS_OTHER, 2 * SECOND, 2 * MINUTE, OTHER),
    ROW(MQTT_TIMEOUT, SECOND, 2 * MINUTE, OTHER),
    ROW(MQTT_VERSION, MINUTE, HOUR, OTHER),
    ROW(MQTT_NOT_AUTHORISED, MINUTE, HOUR, OTHER),
    ROW(MQTT_REFUSED, 5 * SECOND, 15 * MINUTE, OTHER),
    ROW(MQTT_PERMISSION, MINUTE, HOUR, OTHER),
    ROW(MQTT_PROTOCOL, 5 * SECOND, 15 * MINUTE, OTHER),
    ROW(MQTT_KICKED, 2 * SECOND, 15 * MINUTE, FLEET),
    ROW(MQTT_TAKEN_OVER, 30 * SECOND, HOUR, 0),
    ROW(PING_LOST, SECOND, 2 * MINUTE, AT_ONCE),
    ROW(CLOSED, SECOND, 2 * MINUTE, FLEET),
    ROW(STOPPED, SECOND, MINUTE, 0),
};

const struct hwi_retry_rule *hwi_retry_rule(enum hawser_cause cause)
{
    return &rules[cause];
}

void hwi_retry_init(struct hwi_retry *r, struct hawser_view id)
{
    hwi_retry_reset(r);
    r->phase = hwi_hash(id);
}

/* base * 2^n, at most cap. */
static uint32_t window_ms(const struct hwi_retry_rule *rule, unsigned n)
{
    uint32_t window = rule->base_ms;

    while (n-- > 0 && window < rule->cap_ms) {
        window *= 2;
    }
    return window < rule->cap_ms ? window : rule->cap_ms;
}

uint32_t hwi_retry_wait_ms(struct hwi_retry *r, enum hawser_cause cause,
                           uint32_t random)
{
    const struct hwi_retry_rule *rule = &rules[cause];
    unsigned n = r->count[cause];

    r->in_a_row++;
    if (r->count[cause] < UINT8_MAX) {
        r->count[cause]++;
    }
    if ((rule->remedies & HWI_REMEDY_AT_ONCE) != 0) {
        if (n == 0) {
            return 0;
        }
        n--;
    }
    return (random + r->phase) % (window_ms(rule, n) + 1);
}

void hwi_retry_reset(struct hwi_retry *r)
{
    memset(r->count, 0, sizeof(r->count));
    r->in_a_row = 0;
}
