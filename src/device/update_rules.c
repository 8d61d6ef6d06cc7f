/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a certificate must be before it is kept: hwi_update_check().
 */
#include "device/update_set.h"

#include "device/certificate_file.h"
#include "device/clock.h"
#include "device/json_write.h"
#include "wire/memory.h"

#define LEFT_MIN_S (30u * 86400u)

static bool is_strong_key(const struct hawser_certificate *c)
{
    switch (c->key_kind) {
    case HAWSER_KEY_RSA:
        return c->key_bits >= 2048;
    case HAWSER_KEY_EC:
        return c->key_bits >= 256;
    case HAWSER_KEY_EDWARDS:
        return true;
    case HAWSER_KEY_OTHER:
        break;
    }
    return false;
}

static struct hwi_objection check_strength(const struct hawser_certificate *c)
{
    if (!is_strong_key(c)) {
        return HWI_OBJECT("weak_key", "a key is weaker than RSA 2048 or P-256");
    }
    if (c->hash_bits < 256) {
        return HWI_OBJECT("weak_signature",
                          "a certificate is signed over less than SHA-256");
    }
    return HWI_FINE;
}

/* What ended before the floor has ended. That it is not valid yet only a clock
 * that knows the time can say. */
static struct hwi_objection check_dates(const struct hawser_device *d,
                                        const struct hawser_certificate *c)
{
    struct hawser_date_policy now = hwi_clock_policy(&d->clock, d->now_ms);
    uint64_t now_s = now.has_now ? now.now_s : now.floor_s;

    if (c->not_after_s <= now_s) {
        return HWI_OBJECT("expired", "a certificate has ended");
    }
    if (c->not_after_s - now_s < LEFT_MIN_S) {
        return HWI_OBJECT("ends_soon",
                          "a certificate ends in less than 30 days");
    }
    if (now.has_now && c->not_before_s > now_s) {
        return HWI_OBJECT("not_yet_valid", "a certificate is not valid yet");
    }
    return HWI_FINE;
}

/* The first one of an identity is ours: for our key, in our name. */
static struct hwi_objection check_own(const struct hawser_device *d,
                                      const struct hawser_certificate *c,
                                      struct hawser_view der)
{
    const struct hwi_vault_state *s = &d->credentials.vault.state;
    struct hawser_view name = hwi_view(c->common_name);
    struct hawser_view id = hwi_view(d->cfg->id);

    if (s->key_len == 0) {
        return HWI_OBJECT("no_request", "no identity has been requested");
    }
    if (d->port->key_matches(
            d->port->ctx, (struct hawser_view){s->key, s->key_len}, der) != 0) {
        return HWI_OBJECT("wrong_key",
                          "the certificate is not for the key of the request");
    }
    if (name.len != id.len || memcmp(name.at, id.at, id.len) != 0) {
        return HWI_OBJECT("wrong_name",
                          "the certificate is not for this device's id");
    }
    if (c->is_ca) {
        return HWI_OBJECT("is_a_ca", "a device must not be a CA");
    }
    return HWI_FINE;
}

static struct hwi_objection check_one(const struct hawser_device *d,
                                      bool is_own, bool is_ca,
                                      struct hawser_view der)
{
    struct hawser_certificate c;
    struct hwi_objection o;

    if (d->port->certificate_inspect(d->port->ctx, der, &c) != 0) {
        return HWI_OBJECT("bad_certificate",
                          "the file holds what is no X.509 certificate");
    }
    if (is_ca && !c.is_ca) {
        return HWI_OBJECT("not_a_ca",
                          "a certificate is not that of a CA, or of one that "
                          "may not sign certificates");
    }
    o = is_own ? check_own(d, &c, der) : HWI_FINE;
    if (o.code == NULL) {
        o = check_strength(&c);
    }
    return o.code == NULL ? check_dates(d, &c) : o;
}

struct hwi_objection hwi_update_check(const struct hawser_device *d,
                                      const struct hwi_update *u,
                                      struct hawser_view certificates)
{
    bool is_identity = u->act == HWI_ACT_IDENTITY_INSTALL;
    struct hwi_objection o = HWI_FINE;
    struct hawser_view der;
    bool is_first = true;

    while (o.code == NULL && hwi_certificates_next(&certificates, &der)) {
        bool is_own = is_identity && is_first;
        o = check_one(d, is_own, !is_own, der);
        is_first = false;
    }
    return o;
}
