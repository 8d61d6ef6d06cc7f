/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Carrying out updates. Everything that can be known beforehand is checked
 * before flash is touched, and the reason of every no is told. What came is kept
 * in the second room, over a reconnect but not over a restart: its sender asks
 * what is missing and goes on.
 */
#include "device/update_cert.h"

#include "device/base64.h"
#include "device/certificate_file.h"
#include "device/credentials.h"
#include "device/goodbye.h"
#include "device/json_read.h"
#include "device/json_write.h"
#include "device/log.h"
#include "device/reply.h"
#include "device/session.h"
#include "device/trial.h"
#include "device/update_set.h"
#include "wire/memory.h"
#include "wire/utf8.h"

#define RECEIVE_MS 600000u

/* MQTT5 3.4.2.1: PUBACK reason code "quota exceeded". */
#define REASON_QUOTA 0x97

bool hwi_update_is_possible(const struct hawser_device *d)
{
    bool has_key = false;

    for (unsigned i = 0; i < HAWSER_UPDATE_KEYS; i++) {
        has_key = has_key || hwi_update_key(d, i).at != NULL;
    }
    return has_key && hwi_credentials_can_change(d);
}

static void object(struct hwi_reply *r, struct hwi_objection o)
{
    r->status = HWI_REPLY_REJECTED;
    r->code = o.code;
    r->message = o.text;
}

/* Trials -------------------------------------------------------------------- */

/* Would the broker that we are connected to still be accepted? If not, that
 * must have been announced. */
static struct hwi_objection preflight(const struct hawser_device *d,
                                      struct hwi_update *u,
                                      const struct hwi_set *set)
{
    struct hawser_stream_status status = {.stage = HAWSER_STREAM_CLOSED};
    struct hawser_view anchors = {hwi_credentials_room(d).at + HWI_SET_HEAD,
                                  set->anchors_len};
    bool is_same =
        u->act == HWI_ACT_IDENTITY_INSTALL ||
        d->port->stream_preflight(d->port->ctx, anchors, &status) == 0;

    if (!is_same && !u->is_switch) {
        return HWI_OBJECT("would_disconnect",
                          "the broker's certificate would not be accepted any "
                          "more; expect_switch says that it will change");
    }
    u->is_switch = !is_same;
    return HWI_FINE;
}

static struct hwi_objection begin_trial(struct hawser_device *d,
                                        const struct hwi_update *u,
                                        const struct hwi_set *set)
{
    struct hwi_vault *v = &d->credentials.vault;
    const struct hwi_trial trial = {
        .slot = v->state.active == HWI_SLOT_A ? HWI_SLOT_B : HWI_SLOT_A,
        .generation = u->generation,
        .seconds = u->trial_s,
        .is_switch = u->is_switch,
        .is_final = u->act == HWI_ACT_CA_REMOVE,
        .takes_key = u->act == HWI_ACT_IDENTITY_INSTALL,
        .id = {u->id, u->id_len},
    };
    int err = hwi_vault_write(v, trial.slot, set, hwi_credentials_room(d));

    if (err == HAWSER_E_FULL) {
        return HWI_OBJECT("too_large", "the set does not fit into flash");
    }
    if (err != 0 || hwi_trial_begin(d, &trial) != 0) {
        return HWI_OBJECT("storage", "flash failed");
    }
    if (!trial.is_switch) {
        hwi_goodbye_say(d, HWI_GOODBYE_RECONFIGURE);
    }
    return HWI_FINE;
}

/* From certificates to a trial. */
static struct hwi_objection stage(struct hawser_device *d, struct hwi_update *u,
                                  struct hawser_view certificates)
{
    struct hwi_set set;
    struct hwi_objection o = hwi_update_check(d, u, certificates);

    if (o.code == NULL) {
        o = hwi_update_compose(d, u, certificates, &set);
    }
    if (o.code == NULL) {
        o = preflight(d, u, &set);
    }
    if (o.code == NULL) {
        o = begin_trial(d, u, &set);
    }
    hwi_credentials_let_go(d); /* there may be a key in the room */
    return o;
}

/* Files --------------------------------------------------------------------- */

static struct hwi_objection objection_of(enum hwi_file_verdict verdict)
{
    static const struct hwi_objection objections[] = {
        [HWI_FILE_GOOD] = {NULL, NULL},
        [HWI_FILE_EMPTY] = {"empty", "the file holds no certificate"},
        [HWI_FILE_BROKEN] = {"bad_file",
                             "the file is neither PEM nor DER certificates, "
                             "or not whole"},
        [HWI_FILE_KEY] = {"private_key",
                          "the file holds a private key; it must be taken for "
                          "known to others now"},
        [HWI_FILE_LARGE] = {"too_large", "the certificates do not fit"},
    };

    return objections[verdict];
}

/* The file is there. */
static struct hwi_objection take_file(struct hawser_device *d)
{
    struct hwi_update u = d->update;
    struct hawser_span room = hwi_credentials_other_room(d);
    struct hawser_view file = {room.at, u.size};
    uint8_t digest[HAWSER_DIGEST_SIZE];
    struct hwi_objection o;
    size_t len = 0;

    d->update.id_len = 0;
    if (d->port->sha256(d->port->ctx, file, digest) != 0 ||
        memcmp(digest, u.digest, sizeof(digest)) != 0) {
        o = HWI_OBJECT("wrong_sha256", "the file has another hash");
    } else {
        o = objection_of(hwi_certificates_read(file, room, &len));
    }
    if (o.code == NULL) {
        o = stage(d, &u, (struct hawser_view){room.at, len});
    }
    memset(room.at, 0, room.size);
    return o;
}

static uint32_t part_count(const struct hwi_update *u)
{
    return (u->size + u->part_len - 1) / u->part_len;
}

static bool is_complete(const struct hwi_update *u)
{
    return u->have == UINT32_MAX >> (32 - part_count(u));
}

/* The text of a member, decoded to exactly len bytes at out; scratch: where the
 * text may stand. */
static bool take_data(struct hawser_view object, struct hawser_span scratch,
                      struct hawser_span out)
{
    size_t len = 0;

    return hwi_json_get_text(object, "data", scratch, &len) == 0 &&
           hwi_base64_decode((struct hawser_view){scratch.at, len}, false, out,
                             &len) == 0 &&
           len == out.size;
}

/* A request for a file: it is in the request, or will come in parts. */
static struct hwi_objection receive(struct hawser_device *d,
                                    const struct hwi_command *c,
                                    const struct hwi_update *u)
{
    struct hawser_span room = hwi_credentials_other_room(d);
    struct hwi_update *now = &d->update;
    bool is_resumed = now->id_len > 0 && now->generation == u->generation &&
                      now->size == u->size && now->part_len == u->part_len &&
                      memcmp(now->digest, u->digest, sizeof(u->digest)) == 0;
    uint32_t have = is_resumed ? now->have : 0;
    uint8_t byte = 0;
    size_t len = 0;

    if (u->size > room.size) {
        return HWI_OBJECT("too_large", "the file does not fit");
    }
    *now = *u;
    now->have = have;
    now->due_ms = d->now_ms + RECEIVE_MS;
    if (hwi_json_get_text(c->args, "data", (struct hawser_span){&byte, 1},
                          &len) == HAWSER_E_ABSENT) {
        return HWI_FINE;
    }
    if (!take_data(c->args, hwi_credentials_room(d),
                   (struct hawser_span){room.at, u->size})) {
        now->id_len = 0;
        return HWI_OBJECT("bad_data",
                          "data is not the base64 of size bytes, or too long");
    }
    return take_file(d);
}

/* Other requests ------------------------------------------------------------- */

/* Notes that a request which needs no trial has been carried out. */
static struct hwi_objection save_state(struct hawser_device *d,
                                       const struct hwi_update *u,
                                       const struct hwi_vault_state *before)
{
    struct hwi_vault_state *s = &d->credentials.vault.state;

    s->generation = u->generation;
    s->id_len = u->id_len;
    memcpy(s->id, u->id, u->id_len);
    if (hwi_vault_save(&d->credentials.vault) == 0) {
        return HWI_FINE;
    }
    d->credentials.vault.state = *before;
    return HWI_OBJECT("storage", "flash failed");
}

/* Makes a key that never leaves the device; the reply brings the request for
 * its certificate. */
static struct hwi_objection make_key(struct hawser_device *d,
                                     const struct hwi_update *u)
{
    struct hwi_vault_state *s = &d->credentials.vault.state;
    const struct hwi_vault_state before = *s;
    size_t len = 0;

    if (d->port->key_create(d->port->ctx,
                            (struct hawser_span){s->key, sizeof(s->key)},
                            &len) != 0) {
        *s = before;
        return HWI_OBJECT("no_key", "no key could be made; try again later");
    }
    s->key_len = (uint8_t)len;
    return save_state(d, u, &before);
}

static struct hwi_objection replace_key(struct hawser_device *d,
                                        const struct hwi_command *c,
                                        const struct hwi_update *u)
{
    struct hwi_vault_state *s = &d->credentials.vault.state;
    const struct hwi_vault_state before = *s;

    if (!hwi_update_new_key(c, s->points[u->key_at])) {
        return HWI_OBJECT("bad_key", "public_key is no key on P-256");
    }
    s->has_point[u->key_at] = true;
    return save_state(d, u, &before);
}

/* Runs an authorised request. */
static struct hwi_objection act(struct hawser_device *d, struct hwi_command *c,
                                struct hwi_update *u)
{
    switch ((enum hwi_act)u->act) {
    case HWI_ACT_IDENTITY_REQUEST:
        c->reply.result = HWI_RESULT_CSR;
        c->reply.status = HWI_REPLY_SUCCEEDED;
        return make_key(d, u);
    case HWI_ACT_KEY_REPLACE:
        c->reply.status = HWI_REPLY_SUCCEEDED;
        return replace_key(d, c, u);
    case HWI_ACT_CA_REMOVE:
        return stage(d, u, (struct hawser_view){NULL, 0});
    case HWI_ACT_CA_ADD:
    case HWI_ACT_CA_REPLACE:
    case HWI_ACT_IDENTITY_INSTALL:
        return receive(d, c, u);
    case HWI_ACT_STATUS:
        c->reply.result = HWI_RESULT_CREDENTIALS;
        c->reply.status = HWI_REPLY_SUCCEEDED;
        break;
    case HWI_ACT_NONE:
        break;
    }
    return HWI_FINE;
}

/* May it be carried out? What was taken before is told again instead. */
static struct hwi_objection admit(struct hawser_device *d,
                                  struct hwi_command *c,
                                  const struct hwi_update *u)
{
    const struct hwi_vault_state *s = &d->credentials.vault.state;
    struct hwi_objection o = hwi_update_authorise(d, c, u);

    if (o.code != NULL) {
        return o;
    }
    if (u->generation == s->generation && u->id_len == s->id_len &&
        memcmp(u->id, s->id, u->id_len) == 0) {
        c->reply.status = HWI_REPLY_DUPLICATE;
        c->reply.code = "duplicate";
        c->reply.message = "this request was taken before";
        c->reply.result = u->act == HWI_ACT_IDENTITY_REQUEST
                              ? HWI_RESULT_CSR
                              : HWI_RESULT_UPDATE;
        return HWI_FINE;
    }
    if (u->generation <= s->generation) {
        return HWI_OBJECT("old_generation",
                          "a request of this generation or a later one was "
                          "taken before");
    }
    if (hwi_trial_is_on(d) || s->is_answer_due) {
        return HWI_OBJECT("busy", "an update is on trial");
    }
    return HWI_FINE;
}

void hwi_update_run(struct hawser_device *d, struct hwi_command *c)
{
    struct hwi_update u;
    struct hwi_objection o = hwi_update_read(c, &u);

    c->reply.status = HWI_REPLY_RUNNING;
    c->reply.result = HWI_RESULT_UPDATE;
    if (!hwi_credentials_can_change(d)) {
        o = HWI_OBJECT("not_supported",
                       "this device has no room for other certificates");
    } else if (u.act != HWI_ACT_STATUS && !hwi_update_is_possible(d)) {
        o = HWI_OBJECT("no_update_key", "this device has no key that an "
                                        "update could be signed by");
    } else if (o.code == NULL && u.act != HWI_ACT_STATUS) {
        o = admit(d, c, &u);
    }
    if (o.code == NULL && c->reply.status == HWI_REPLY_RUNNING) {
        o = act(d, c, &u);
    }
    if (o.code != NULL) {
        c->reply.result = HWI_RESULT_NONE;
        object(&c->reply, o);
    }
    hwi_credentials_let_go(d);
}

/* Parts --------------------------------------------------------------------- */

/* A reply about the update that is being received. */
static struct hwi_reply reply_of(const uint8_t *id, uint8_t id_len)
{
    struct hwi_reply r = {.status = HWI_REPLY_RUNNING,
                          .result = HWI_RESULT_UPDATE,
                          .has_id = id_len > 0,
                          .id_len = id_len};
    struct hawser_view command = hwi_view("update_cert");

    memcpy(r.id, id, id_len);
    memcpy(r.command, command.at, command.len);
    r.command_len = (uint8_t)command.len;
    return r;
}

/* Is it for the update that is being received? */
static bool is_ours(const struct hawser_device *d, struct hawser_view payload)
{
    const struct hwi_update *u = &d->update;
    uint8_t id[HWI_COMMAND_ID_MAX];
    size_t len = 0;

    return u->id_len > 0 && d->now_ms < u->due_ms &&
           hwi_json_get_text(payload, "id",
                             (struct hawser_span){id, sizeof(id)}, &len) == 0 &&
           len == u->id_len && memcmp(id, u->id, len) == 0;
}

static struct hwi_objection take_part(struct hawser_device *d,
                                      struct hawser_view payload)
{
    struct hwi_update *u = &d->update;
    struct hawser_span room = hwi_credentials_other_room(d);
    uint64_t part = UINT64_MAX;
    size_t from;
    size_t len;

    if (hwi_json_get_uint(payload, "part", &part) != 0 ||
        part >= part_count(u)) {
        return HWI_OBJECT("bad_part", "there is no part of this number");
    }
    from = (size_t)part * u->part_len;
    len = u->size - from < u->part_len ? u->size - from : u->part_len;
    if (!take_data(payload, hwi_credentials_room(d),
                   (struct hawser_span){room.at + from, len})) {
        u->have &= ~(UINT32_C(1) << part);
        return HWI_OBJECT("bad_data", "data is not the base64 of this part");
    }
    u->have |= UINT32_C(1) << part;
    return is_complete(u) ? take_file(d) : HWI_FINE;
}

void hwi_update_take_part(struct hawser_device *d,
                          const struct hawser_event *ev)
{
    bool is_whole = ev->payload_offset == 0 && ev->payload_left == 0 &&
                    ev->payload.len <= HWI_JSON_SIZE_MAX;
    struct hwi_reply r = reply_of(d->update.id, d->update.id_len);
    struct hwi_objection o;
    uint8_t reason = 0;

    if (ev->payload_left > 0) {
        return;
    }
    /* In the flat layout it may well be for somebody else. */
    if (hwi_replies_are_full(d)) {
        reason = REASON_QUOTA;
    } else if (is_whole && !ev->retain && hwi_json_check(ev->payload) == 0 &&
               is_ours(d, ev->payload)) {
        o = take_part(d, ev->payload);
        hwi_credentials_let_go(d);
        if (o.code != NULL) {
            r.result = HWI_RESULT_NONE;
            object(&r, o);
        }
        reason = hwi_replies_add(d, &r) ? 0 : REASON_QUOTA;
    }
    hwi_session_accept(d, ev, reason);
}

/* The end ------------------------------------------------------------------- */

void hwi_update_answer(struct hawser_device *d)
{
    struct hwi_vault_state *s = &d->credentials.vault.state;
    struct hwi_reply r;

    if (!s->is_answer_due) {
        return;
    }
    r = reply_of(s->id, s->id_len);
    r.status = HWI_REPLY_SUCCEEDED;
    if (s->outcome != HWI_OUTCOME_COMMITTED) {
        r.status = HWI_REPLY_FAILED;
        r.code = "rolled_back";
        r.message = hawser_cause_text((enum hawser_cause)s->cause);
    }
    if (!hwi_replies_add(d, &r)) {
        return; /* later */
    }
    s->is_answer_due = false;
    if (hwi_vault_save(&d->credentials.vault) != 0) {
        hwi_log_alert(d->port, "storage", "an answer may be given twice");
    }
}
