/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strength is a class, not a score: a change within a class (AES-256 to
 * ChaCha20, X25519 to P-256) is no downgrade.
 */
#include "device/security.h"

#include "device/alerts.h"
#include "device/clock.h"
#include "device/json_write.h"
#include "device/line.h"
#include "device/random.h"
#include "wire/memory.h"

#define DAY_S 86400

static bool has_word(const char *name, const char *word)
{
    struct hawser_view n = hwi_view(name);
    struct hawser_view w = hwi_view(word);

    for (size_t at = 0; at + w.len <= n.len; at++) {
        if (memcmp(n.at + at, w.at, w.len) == 0) {
            return true;
        }
    }
    return false;
}

/* Strength -------------------------------------------------------------------- */

/* The class of the first word that the name holds; 1 if it holds none. */
struct class
{
    const char *word;
    uint8_t value;
};

static uint8_t class_of(const char *name, const struct class *classes,
                        size_t count)
{
    if (name[0] == '\0') {
        return 0;
    }
    for (size_t i = 0; i < count; i++) {
        if (has_word(name, classes[i].word)) {
            return classes[i].value;
        }
    }
    return 1;
}

struct hwi_strength hwi_security_strength(const struct hawser_security *s)
{
    static const struct class versions[] = {{"TLSv1.3", 3}, {"TLSv1.2", 2}};
    static const struct class ciphers[] = {
        {"CHACHA20", 3},    {"AES_256_GCM", 3}, {"AES_256_CCM", 3},
        {"AES_128_GCM", 2}, {"AES_128_CCM", 2},
    };
    static const struct class groups[] = {
        {"MLKEM", 3}, {"X25519", 2}, {"x25519", 2},
        {"X448", 2},  {"x448", 2},   {"secp", 2},
        {"P-", 2},    {"prime", 2},  {"brainpool", 2},
    };

    return (struct hwi_strength){
        .version = class_of(s->version, versions, 2),
        .cipher = class_of(s->cipher, ciphers, 5),
        .group = class_of(s->group, groups, 9),
    };
}

/* What became weaker; NULL: nothing. What is unknown is not compared. */
static const char *find_weaker(const struct hwi_strength *before,
                               const struct hwi_strength *now)
{
    if (now->version != 0 && now->version < before->version) {
        return "tls_version";
    }
    if (now->cipher != 0 && now->cipher < before->cipher) {
        return "cipher";
    }
    if (now->group != 0 && now->group < before->group) {
        return "group";
    }
    return NULL;
}

static void compare(struct hawser_device *d)
{
    struct hwi_strength *before = &d->lasting.strength;
    struct hwi_strength now = hwi_security_strength(&d->session.security);
    bool is_same;

    now.broker = hwi_hash(hwi_view(hwi_line_broker(d)->host));
    is_same = now.broker == before->broker;
    if (is_same && now.group == 0) { /* a resumed session need not tell it */
        now.group = before->group;
    }
    if (is_same && find_weaker(before, &now) != NULL) {
        const char *what = find_weaker(before, &now);
        *before = now;
        hwi_alert_raise(d, HWI_ALERT_DOWNGRADE, what, d->lasting.session + 1);
    }
    *before = now;
}

/* Certificates ---------------------------------------------------------------- */

/*
 * 60, 30 and 7 days before its end, but not before two thirds of its life are
 * over: one that lives for 90 days is renewed when 30 are left, and that is no
 * reason for an alert. life_s 0: unknown.
 */
static const char *stage_of(int64_t days, uint64_t life_s)
{
    static const struct {
        int64_t days;
        const char *code;
    } stages[] = {{7, "7_days"}, {30, "30_days"}, {60, "60_days"}};

    if (days < 0) {
        return "ended";
    }
    for (size_t i = 0; i < sizeof(stages) / sizeof(stages[0]); i++) {
        bool is_late =
            life_s == 0 || life_s >= (uint64_t)stages[i].days * 3 * DAY_S;
        if (days < stages[i].days && is_late) {
            return stages[i].code;
        }
    }
    return NULL;
}

/* end_s 0: there is no such certificate. */
static void look_at(struct hawser_device *d, enum hwi_alert alert,
                    uint64_t end_s, uint64_t life_s)
{
    /* By the floor an end that is near is near; it may be nearer. */
    uint64_t now_s = hwi_clock_is_known(&d->clock)
                         ? hwi_clock_unix_ms(&d->clock, d->now_ms) / 1000
                         : d->clock.floor_s;
    int64_t left_s = (int64_t)(end_s - now_s);
    int64_t days = left_s < 0 ? -1 : left_s / DAY_S;
    const char *code = end_s == 0 ? NULL : stage_of(days, life_s);

    if (code == NULL) {
        hwi_alert_clear(d, alert);
    } else {
        hwi_alert_raise(d, alert, code, days < 0 ? 0 : (uint32_t)days);
    }
}

void hwi_security_look(struct hawser_device *d)
{
    const struct hawser_security *s = &d->session.security;

    look_at(d, HWI_ALERT_PEER_CERTIFICATE, s->peer_not_after_s,
            s->peer_not_after_s - s->peer_not_before_s);
    look_at(d, HWI_ALERT_ANCHOR_CERTIFICATE, s->anchor_not_after_s, 0);
    look_at(d, HWI_ALERT_OWN_CERTIFICATE, s->own_not_after_s, 0);
}

void hwi_security_begin(struct hawser_device *d)
{
    compare(d);
    hwi_security_look(d);
}
