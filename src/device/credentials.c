/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Roles take turns when they fail: active, on trial, previous, factory, and again.
 * A set counts only together with the factory's it was made for: who changes the
 * configuration by hand gets what stands there.
 */
#include "device/credentials.h"

#include "device/alerts.h"
#include "device/json_write.h"
#include "device/log.h"
#include "device/trial.h"
#include "wire/memory.h"

#define FAILURES 3u /* of the active set, before another one is tried */

static struct hwi_vault_state *state_of(struct hawser_device *d)
{
    return &d->credentials.vault.state;
}

static void save(struct hawser_device *d)
{
    if (hwi_vault_save(&d->credentials.vault) != 0) {
        hwi_log_alert(d->port, "storage",
                      "the state of credentials could not be written");
    }
}

const char *hwi_role_word(enum hwi_role role)
{
    static const char *const words[] = {
        [HWI_ROLE_ACTIVE] = "active",
        [HWI_ROLE_PREVIOUS] = "previous",
        [HWI_ROLE_FACTORY] = "factory",
        [HWI_ROLE_TRIAL] = "trial",
    };

    return words[role];
}

/* Rooms and sets ------------------------------------------------------------ */

struct hawser_span hwi_credentials_room(const struct hawser_device *d)
{
    struct hawser_span all = d->memory.credentials;

    return (struct hawser_span){all.at, all.size / 2};
}

struct hawser_span hwi_credentials_other_room(const struct hawser_device *d)
{
    struct hawser_span all = d->memory.credentials;

    return (struct hawser_span){all.at + all.size / 2, all.size / 2};
}

bool hwi_credentials_can_change(const struct hawser_device *d)
{
    return d->memory.credentials.at != NULL &&
           hwi_vault_is_usable(&d->credentials.vault);
}

/* The hash of the factory's parts that a set stands on: its anchors, and its
 * identity if that is replaced. */
static int base_of(const struct hawser_device *d, bool has_identity,
                   uint8_t out[HAWSER_DIGEST_SIZE])
{
    const struct hawser_credentials *factory = &d->cfg->credentials;
    const struct hawser_view parts[] = {factory->ca, factory->chain,
                                        factory->key};
    uint8_t digests[3][HAWSER_DIGEST_SIZE] = {{0}};
    int err = 0;

    for (size_t i = 0; i < (has_identity ? 3 : 1) && err == 0; i++) {
        err = d->port->sha256(d->port->ctx, parts[i], digests[i]);
    }
    if (err == 0) {
        err = d->port->sha256(d->port->ctx,
                              (struct hawser_view){digests[0], sizeof(digests)},
                              out);
    }
    return err;
}

int hwi_credentials_mark(const struct hawser_device *d, struct hwi_set *set)
{
    uint8_t base[HAWSER_DIGEST_SIZE];
    int err = base_of(d, set->key_len > 0, base);

    if (err == 0) {
        memcpy(set->base, base, HWI_BASE_LEN);
    }
    return err;
}

/* Reads a slot's set. ABSENT: it is not the one that is meant; STATE: the
 * factory's is another one by now. */
static int read_set(const struct hawser_device *d, enum hwi_slot slot,
                    uint32_t generation, struct hwi_set *set)
{
    uint8_t base[HAWSER_DIGEST_SIZE];
    int err = hwi_vault_read(&d->credentials.vault, slot,
                             hwi_credentials_room(d), set);

    if (err == 0) {
        err = base_of(d, set->key_len > 0, base);
    }
    if (err != 0) {
        return err;
    }
    if (set->generation != generation) {
        return HAWSER_E_ABSENT;
    }
    return memcmp(set->base, base, HWI_BASE_LEN) == 0 ? 0 : HAWSER_E_STATE;
}

int hwi_credentials_read(const struct hawser_device *d, struct hwi_set *set)
{
    const struct hwi_vault_state *s = &d->credentials.vault.state;

    if (s->active == HWI_SLOT_FACTORY) {
        return HAWSER_E_ABSENT;
    }
    return read_set(d, (enum hwi_slot)s->active, s->generations[0], set);
}

/* Roles --------------------------------------------------------------------- */

static enum hwi_slot slot_of(const struct hawser_device *d, enum hwi_role role)
{
    const struct hwi_vault_state *s = &d->credentials.vault.state;

    switch (role) {
    case HWI_ROLE_ACTIVE:
        return (enum hwi_slot)s->active;
    case HWI_ROLE_PREVIOUS:
        return (enum hwi_slot)s->previous;
    case HWI_ROLE_TRIAL:
        return (enum hwi_slot)s->pending;
    case HWI_ROLE_FACTORY:
        break;
    }
    /* Once is enough, and what was taken out of it stays out. */
    return s->is_barred || s->active == HWI_SLOT_FACTORY ||
                   s->previous == HWI_SLOT_FACTORY
               ? HWI_SLOT_NONE
               : HWI_SLOT_FACTORY;
}

static uint32_t generation_of(const struct hawser_device *d, enum hwi_role role)
{
    static const uint8_t at[] = {[HWI_ROLE_ACTIVE] = 0,
                                 [HWI_ROLE_PREVIOUS] = 1,
                                 [HWI_ROLE_FACTORY] = 0,
                                 [HWI_ROLE_TRIAL] = 2};

    return d->credentials.vault.state.generations[at[role]];
}

void hwi_credentials_play(struct hawser_device *d, enum hwi_role role)
{
    d->credentials.role = (uint8_t)role;
    d->credentials.failures = 0;
    d->credentials.is_proven = false;
    d->credentials.is_taken = false;
}

/* What comes behind the present role when that has failed. */
static enum hwi_role next_role(const struct hawser_device *d)
{
    static const enum hwi_role ring[] = {HWI_ROLE_ACTIVE, HWI_ROLE_TRIAL,
                                         HWI_ROLE_PREVIOUS, HWI_ROLE_FACTORY};
    size_t at = 0;

    while (ring[at] != (enum hwi_role)d->credentials.role) {
        at++;
    }
    do {
        at = (at + 1) % (sizeof(ring) / sizeof(ring[0]));
    } while (ring[at] != HWI_ROLE_ACTIVE &&
             slot_of(d, ring[at]) == HWI_SLOT_NONE);
    return ring[at];
}

/* Attempts ------------------------------------------------------------------ */

/* What the set in the room has goes before the factory's. */
static void use_set(struct hawser_device *d, const struct hwi_set *set)
{
    const uint8_t *at = hwi_credentials_room(d).at + HWI_SET_HEAD;
    struct hawser_credentials *c = &d->credentials.in_use;

    c->ca = (struct hawser_view){at, set->anchors_len};
    if (set->key_len > 0) {
        at += set->anchors_len;
        c->chain = (struct hawser_view){at, set->chain_len};
        c->key = (struct hawser_view){at + set->chain_len, set->key_len};
    }
}

/* The configuration has been changed by hand: what stands there counts. */
static void adopt_factory(struct hawser_device *d)
{
    struct hwi_vault_state *s = state_of(d);

    hwi_log_alert(d->port, "credentials",
                  "the configuration has others than the update was made for");
    s->active = HWI_SLOT_FACTORY;
    s->previous = HWI_SLOT_NONE;
    s->is_barred = false;
    hwi_credentials_play(d, HWI_ROLE_ACTIVE);
    save(d);
}

/* The role's set cannot be used; another role is on. If nothing else can be
 * read, then the factory's is, even where it was left behind: flash that fails
 * must not be the end of a device. */
static void give_up(struct hawser_device *d, enum hwi_role role, int err)
{
    enum hwi_role next = next_role(d);

    if (role == HWI_ROLE_TRIAL) {
        hwi_trial_end(d, HWI_OUTCOME_DAMAGED, HAWSER_CAUSE_TLS_SETUP);
    } else if (role == HWI_ROLE_ACTIVE && err == HAWSER_E_STATE) {
        adopt_factory(d);
    } else {
        hwi_credentials_play(d,
                             next == HWI_ROLE_ACTIVE ? HWI_ROLE_FACTORY : next);
    }
}

/* Reads the role's set into the room, or takes the factory's. */
static int take(struct hawser_device *d, enum hwi_role role)
{
    enum hwi_slot slot = slot_of(d, role);
    struct hwi_set set;
    int err;

    d->credentials.in_use = d->cfg->credentials;
    if (slot != HWI_SLOT_A && slot != HWI_SLOT_B) {
        return 0;
    }
    err = read_set(d, slot, generation_of(d, role), &set);
    if (err == 0 && !hwi_trial_count(d)) {
        err = HAWSER_E_STORAGE;
    }
    if (err == 0) {
        use_set(d, &set);
    }
    return err;
}

const struct hawser_credentials *hwi_credentials_take(struct hawser_device *d)
{
    int err;

    do {
        enum hwi_role role = (enum hwi_role)d->credentials.role;
        err = take(d, role);
        if (err != 0) {
            give_up(d, role, err);
        }
    } while (err != 0);
    d->credentials.is_taken = true;
    return &d->credentials.in_use;
}

void hwi_credentials_let_go(struct hawser_device *d)
{
    struct hawser_span room = hwi_credentials_room(d);

    d->credentials.in_use = (struct hawser_credentials){.ca = {NULL, 0}};
    if (room.size > 0) {
        memset(room.at, 0, room.size); /* a key */
    }
}

/* Can the credentials be to blame? */
static bool is_credential_cause(const struct hawser_device *d,
                                enum hawser_cause cause)
{
    bool is_verdict = cause >= HAWSER_CAUSE_TLS_SETUP &&
                      cause <= HAWSER_CAUSE_TLS_CLIENT_CERT &&
                      cause != HAWSER_CAUSE_TLS_VERSION &&
                      cause != HAWSER_CAUSE_TLS_NOT_TLS;

    if (is_verdict || d->credentials.role != HWI_ROLE_TRIAL) {
        return is_verdict;
    }
    /* Brokers say it later, too, and some just close. */
    return cause == HAWSER_CAUSE_MQTT_NOT_AUTHORISED ||
           cause == HAWSER_CAUSE_MQTT_PERMISSION ||
           (cause == HAWSER_CAUSE_CLOSED && d->state == HAWSER_DEVICE_CONNACK);
}

/* Where a session was proven, the next failure is a first one, and if it was
 * not the active set, that one gets its chance. */
static void forget_proof(struct hawser_device *d)
{
    if (!d->credentials.is_proven) {
        return;
    }
    d->credentials.is_proven = false;
    if (d->credentials.role != HWI_ROLE_ACTIVE) {
        hwi_credentials_play(d, HWI_ROLE_ACTIVE);
        d->credentials.failures = FAILURES - 1;
    }
}

bool hwi_credentials_failed(struct hawser_device *d, enum hawser_cause cause)
{
    const struct hwi_vault_state *s = &d->credentials.vault.state;
    bool is_blamed = is_credential_cause(d, cause);

    forget_proof(d);
    if (!is_blamed || !d->credentials.is_taken) {
        return false;
    }
    if (d->credentials.role == HWI_ROLE_TRIAL) {
        return hwi_trial_failed(d, cause);
    }
    d->credentials.failures++;
    if (d->credentials.role != HWI_ROLE_ACTIVE ||
        d->credentials.failures >= FAILURES ||
        (s->pending != HWI_SLOT_NONE && s->is_switch)) {
        hwi_credentials_play(d, next_role(d));
    }
    /* A switch that was announced needs no waiting. */
    return d->credentials.role == HWI_ROLE_TRIAL;
}

static void tell_degraded(struct hawser_device *d)
{
    enum hwi_role role = (enum hwi_role)d->credentials.role;

    if (role == HWI_ROLE_ACTIVE) {
        hwi_alert_clear(d, HWI_ALERT_CREDENTIALS);
    } else {
        hwi_alert_raise(d, HWI_ALERT_CREDENTIALS, hwi_role_word(role), 0);
    }
}

void hwi_credentials_proven(struct hawser_device *d)
{
    if (d->credentials.is_proven || !d->credentials.is_taken) {
        return;
    }
    if (d->credentials.role == HWI_ROLE_TRIAL) {
        hwi_trial_commit(d);
        d->credentials.is_taken = true; /* the same, in another role */
    }
    d->credentials.is_proven = true;
    d->credentials.failures = 0;
    tell_degraded(d);
}

/* By hand ------------------------------------------------------------------- */

int hwi_credentials_roll_back(struct hawser_device *d)
{
    struct hwi_vault_state *s = state_of(d);
    const struct hwi_vault_state before = *s;

    if (hwi_trial_is_on(d)) {
        return HAWSER_E_STATE;
    }
    if (s->previous == HWI_SLOT_NONE) {
        return HAWSER_E_ABSENT;
    }
    s->active = before.previous;
    s->previous = before.active;
    s->generations[0] = before.generations[1];
    s->generations[1] = before.generations[0];
    if (hwi_vault_save(&d->credentials.vault) != 0) {
        *s = before;
        return HAWSER_E_STORAGE;
    }
    hwi_credentials_play(d, HWI_ROLE_ACTIVE);
    return 0;
}

/* Beginning ----------------------------------------------------------------- */

int hwi_credentials_init(struct hawser_device *d)
{
    int err = hwi_vault_open(&d->credentials.vault, d->port);

    hwi_credentials_play(d, HWI_ROLE_ACTIVE);
    hwi_trial_resume(d);
    return err;
}
