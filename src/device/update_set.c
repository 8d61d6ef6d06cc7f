/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Putting a set together. While anchors come and go at the front of the room,
 * the identity waits at its end:
 *
 *  | head | anchors ->          <- chain key |
 */
#include "device/update_set.h"

#include "device/certificate_file.h"
#include "wire/memory.h"

#define OBJECTION(name, word, text) \
    static const struct hwi_objection name = {(word), (text)}

OBJECTION(no_room, "too_large", "the certificates do not fit");
OBJECTION(no_memory, "no_memory", "not enough memory");

/* A set in the making. */
struct work {
    const struct hawser_device *d;
    uint8_t *at;  /* the first anchor */
    size_t len;   /* of the anchors */
    size_t room;  /* from at on */
    size_t own;   /* of the identity, at the end of the room */
    size_t count; /* of the anchors */
};

static bool is_same(struct hawser_view a, struct hawser_view b)
{
    return a.len == b.len && memcmp(a.at, b.at, a.len) == 0;
}

/* Anchors ------------------------------------------------------------------- */

static bool has_anchor(const struct work *w, struct hawser_view der)
{
    struct hawser_view list = {w->at, w->len};
    struct hawser_view one;

    while (hwi_certificates_next(&list, &one)) {
        if (is_same(one, der)) {
            return true;
        }
    }
    return false;
}

static struct hwi_objection add_anchors(struct work *w, struct hawser_view list)
{
    size_t before = w->len;
    struct hawser_view one;

    while (hwi_certificates_next(&list, &one)) {
        if (has_anchor(w, one)) {
            continue;
        }
        if (one.len > w->room - w->own - w->len) {
            return no_room;
        }
        if (++w->count > HWI_ANCHORS_MAX) {
            return HWI_OBJECT("too_many", "there would be too many anchors");
        }
        memcpy(w->at + w->len, one.at, one.len);
        w->len += one.len;
    }
    return w->len == before
               ? HWI_OBJECT("unchanged", "all of these are there already")
               : HWI_FINE;
}

static struct hwi_objection remove_anchor(struct work *w,
                                          const struct hwi_update *u)
{
    struct hawser_view list = {w->at, w->len};
    uint8_t digest[HAWSER_DIGEST_SIZE];
    struct hawser_view one;

    while (hwi_certificates_next(&list, &one)) {
        if (w->d->port->sha256(w->d->port->ctx, one, digest) != 0) {
            return no_memory;
        }
        if (memcmp(digest, u->digest, sizeof(digest)) != 0) {
            continue;
        }
        if (w->count == 1) {
            return HWI_OBJECT("last_anchor", "it is the last one");
        }
        memmove(w->at + (one.at - w->at), list.at, list.len);
        w->len -= one.len;
        w->count--;
        return HWI_FINE;
    }
    return HWI_OBJECT("unknown_anchor", "there is no such anchor");
}

static struct hwi_objection change_anchors(struct work *w,
                                           const struct hwi_update *u,
                                           struct hawser_view certificates)
{
    if (u->act == HWI_ACT_CA_REMOVE) {
        return remove_anchor(w, u);
    }
    if (u->act == HWI_ACT_CA_REPLACE) {
        w->len = 0;
        w->count = 0;
    }
    return add_anchors(w, certificates);
}

/* Identity ------------------------------------------------------------------ */

/* What came takes the place of what waits at the end. */
static struct hwi_objection
change_identity(struct work *w, struct hawser_view chain, struct hwi_set *set)
{
    const struct hwi_vault_state *s = &w->d->credentials.vault.state;
    uint8_t *end = w->at + w->room;

    if (chain.len + s->key_len > w->room - w->len) {
        return no_room;
    }
    memcpy(end - s->key_len, s->key, s->key_len);
    memcpy(end - s->key_len - chain.len, chain.at, chain.len);
    set->chain_len = (uint16_t)chain.len;
    set->key_len = s->key_len;
    w->own = chain.len + s->key_len;
    return HWI_FINE;
}

/* The whole ----------------------------------------------------------------- */

/* The active set, its identity at the end of the room. */
static struct hwi_objection take_active(struct work *w, struct hwi_set *set)
{
    struct hawser_span room = {w->at, w->room};
    struct hawser_view list;
    struct hawser_view one;
    int err = hwi_credentials_read(w->d, set);

    if (err == HAWSER_E_ABSENT || err == HAWSER_E_STATE) {
        *set = (struct hwi_set){.generation = 0};
        if (hwi_certificates_read(w->d->cfg->credentials.ca, room, &w->len) !=
            HWI_FILE_GOOD) {
            return HWI_OBJECT("too_large",
                              "the anchors of the configuration do not fit");
        }
    } else if (err != 0) {
        return HWI_OBJECT("storage", "the active set cannot be read");
    } else {
        w->len = set->anchors_len;
    }
    w->own = (size_t)set->chain_len + set->key_len;
    memmove(w->at + w->room - w->own, w->at + w->len, w->own);
    list = (struct hawser_view){w->at, w->len};
    while (hwi_certificates_next(&list, &one)) {
        w->count++;
    }
    return HWI_FINE;
}

struct hwi_objection hwi_update_compose(const struct hawser_device *d,
                                        const struct hwi_update *u,
                                        struct hawser_view certificates,
                                        struct hwi_set *set)
{
    struct hawser_span room = hwi_credentials_room(d);
    struct work w = {.d = d,
                     .at = room.at + HWI_SET_HEAD,
                     .room = room.size - HWI_SET_HEAD - HWI_SET_TAIL};
    struct hwi_objection o = take_active(&w, set);

    if (o.code == NULL) {
        o = u->act == HWI_ACT_IDENTITY_INSTALL
                ? change_identity(&w, certificates, set)
                : change_anchors(&w, u, certificates);
    }
    if (o.code != NULL) {
        return o;
    }
    if (w.len > UINT16_MAX) {
        return no_room;
    }
    set->anchors_len = (uint16_t)w.len;
    memmove(w.at + w.len, w.at + w.room - w.own, w.own);
    set->generation = u->generation;
    return hwi_credentials_mark(d, set) == 0 ? HWI_FINE : no_memory;
}
