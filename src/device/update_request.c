/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading and authorising requests. Who may publish on control is the broker's
 * word; who may change what the broker is checked by is not.
 */
#include "device/update_request.h"

#include "device/base64.h"
#include "device/credentials.h"
#include "device/json_read.h"
#include "device/json_write.h"
#include "device/signed_request.h"
#include "wire/memory.h"

#define WORD_MAX     16u
#define TRIAL_MIN_S  60u
#define TRIAL_MAX_S  (30u * 86400u)
#define TRIAL_S      3600u
#define PART_MIN     64u
#define PART_MAX     1024u
#define PARTS_MAX    32u  /* bits of hwi_update.have */
#define KEY_TEXT_MAX 124u /* base64 of a public key */

struct kind {
    const char *kind;
    const char *op;
    enum hwi_act act;
};

static const struct kind kinds[] = {
    {"ca", "add", HWI_ACT_CA_ADD},
    {"ca", "replace", HWI_ACT_CA_REPLACE},
    {"ca", "remove", HWI_ACT_CA_REMOVE},
    {"identity", "request", HWI_ACT_IDENTITY_REQUEST},
    {"identity", "install", HWI_ACT_IDENTITY_INSTALL},
    {"key", "replace", HWI_ACT_KEY_REPLACE},
    {"all", "status", HWI_ACT_STATUS},
};

bool hwi_update_has_file(const struct hwi_update *u)
{
    return u->act == HWI_ACT_CA_ADD || u->act == HWI_ACT_CA_REPLACE ||
           u->act == HWI_ACT_IDENTITY_INSTALL;
}

/* A public key on P-256 as SubjectPublicKeyInfo, RFC 5480: always this, and the
 * point. */
static const uint8_t p256_head[] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a,
                                    0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
                                    0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03,
                                    0x01, 0x07, 0x03, 0x42, 0x00};

bool hwi_update_new_key(const struct hwi_command *c,
                        uint8_t point[HAWSER_POINT_SIZE])
{
    uint8_t text[KEY_TEXT_MAX];
    uint8_t key[sizeof(p256_head) + HAWSER_POINT_SIZE];
    size_t len = 0;

    if (hwi_json_get_text(c->args, "public_key",
                          (struct hawser_span){text, sizeof(text)},
                          &len) != 0 ||
        hwi_base64_decode((struct hawser_view){text, len}, false,
                          (struct hawser_span){key, sizeof(key)}, &len) != 0 ||
        len != sizeof(key) || memcmp(key, p256_head, sizeof(p256_head)) != 0) {
        return false;
    }
    memcpy(point, key + sizeof(p256_head), HAWSER_POINT_SIZE);
    return true;
}

/* Reading ------------------------------------------------------------------- */

/* Is the member this word? */
static bool is_word(struct hawser_view args, const char *key, const char *word)
{
    uint8_t text[WORD_MAX];
    struct hawser_view want = hwi_view(word);
    size_t len = 0;

    return hwi_json_get_text(args, key,
                             (struct hawser_span){text, sizeof(text)},
                             &len) == 0 &&
           len == want.len && memcmp(text, want.at, len) == 0;
}

static const struct kind *find_kind(struct hawser_view args)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (is_word(args, "kind", kinds[i].kind) &&
            is_word(args, "op", kinds[i].op)) {
            return &kinds[i];
        }
    }
    return NULL;
}

/* A number that must lie in a range; absent, it is left as it is. */
struct field {
    const char *key;
    uint32_t *value;
    uint32_t min;
    uint32_t max;
};

static bool read_field(struct hawser_view args, const struct field *f)
{
    uint64_t value = *f->value;
    int err = hwi_json_get_uint(args, f->key, &value);

    if (err == HAWSER_E_ARG || value < f->min || value > f->max) {
        return false;
    }
    *f->value = (uint32_t)value;
    return true;
}

/* 0..15; -1: no hexadecimal digit in lower case. */
static int digit_of(uint8_t c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_digest(struct hawser_view args, uint8_t *out)
{
    uint8_t text[2 * HAWSER_DIGEST_SIZE];
    size_t len = 0;

    if (hwi_json_get_text(args, "sha256",
                          (struct hawser_span){text, sizeof(text)},
                          &len) != 0 ||
        len != sizeof(text)) {
        return false;
    }
    for (size_t i = 0; i < HAWSER_DIGEST_SIZE; i++) {
        int high = digit_of(text[2 * i]);
        int low = digit_of(text[2 * i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        out[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

/* The numbers; part and size only where there is a file. */
static struct hwi_objection read_numbers(struct hawser_view args,
                                         struct hwi_update *u)
{
    bool has_file = hwi_update_has_file(u);
    uint32_t key = 1;
    uint32_t part_len = PART_MAX;
    const struct field fields[] = {
        {"generation", &u->generation, 1, UINT32_MAX},
        {"trial_s", &u->trial_s, TRIAL_MIN_S, TRIAL_MAX_S},
        {"size", &u->size, has_file ? 1 : 0, PART_MAX * PARTS_MAX},
        {"part", &part_len, PART_MIN, PART_MAX},
        {"key", &key, 1, HAWSER_UPDATE_KEYS},
    };

    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        if (!read_field(args, &fields[i])) {
            return HWI_OBJECT("bad_number",
                              "generation, size, trial_s, part or key is "
                              "missing or out of its range");
        }
    }
    if (u->size > (uint32_t)PARTS_MAX * part_len) {
        return HWI_OBJECT("bad_number", "size needs more than 32 parts");
    }
    u->part_len = (uint16_t)part_len;
    u->key_at = (uint8_t)(key - 1);
    return HWI_FINE;
}

struct hwi_objection hwi_update_read(const struct hwi_command *c,
                                     struct hwi_update *u)
{
    const struct kind *kind = find_kind(c->args);
    struct hwi_objection o = HWI_FINE;

    *u = (struct hwi_update){.trial_s = TRIAL_S};
    if (kind == NULL) {
        return HWI_OBJECT("bad_kind", "kind and op are no pair that is known");
    }
    u->act = (uint8_t)kind->act;
    if (u->act == HWI_ACT_STATUS) {
        return o;
    }
    if (!c->reply.has_id) {
        return HWI_OBJECT("bad_id", "an update needs an id");
    }
    u->id_len = c->reply.id_len;
    memcpy(u->id, c->reply.id, c->reply.id_len);
    o = read_numbers(c->args, u);
    if (o.code == NULL && hwi_json_get_bool(c->args, "expect_switch",
                                            &u->is_switch) == HAWSER_E_ARG) {
        o = HWI_OBJECT("bad_switch", "expect_switch is neither true nor false");
    }
    if (o.code == NULL &&
        (hwi_update_has_file(u) || u->act == HWI_ACT_CA_REMOVE) &&
        !read_digest(c->args, u->digest)) {
        o = HWI_OBJECT("bad_sha256",
                       "sha256 is not 64 hexadecimal digits in lower case");
    }
    return o;
}

/* Authorising --------------------------------------------------------------- */

struct hawser_view hwi_update_key(const struct hawser_device *d, unsigned n)
{
    const struct hwi_vault_state *s = &d->credentials.vault.state;

    return s->has_point[n]
               ? (struct hawser_view){s->points[n], HAWSER_POINT_SIZE}
               : d->cfg->update_keys[n];
}

static bool is_signed(const struct hawser_device *d,
                      const struct hwi_command *c, const char *member,
                      struct hawser_view key)
{
    const struct hwi_signed_request r = {.payload = c->payload,
                                         .device = hwi_view(d->cfg->id),
                                         .key = key,
                                         .member = member,
                                         .room = hwi_credentials_room(d)};

    return key.at != NULL && hwi_signed_request_verify(d->port, &r) == 0;
}

/* The new key has to sign, too: one that nobody has could never be replaced. */
static bool is_signed_by_all(const struct hawser_device *d,
                             const struct hwi_command *c)
{
    uint8_t point[HAWSER_POINT_SIZE];

    return is_signed(d, c, "sig", hwi_update_key(d, 0)) &&
           is_signed(d, c, "sig2", hwi_update_key(d, 1)) &&
           hwi_update_new_key(c, point) &&
           is_signed(d, c, "sig_new",
                     (struct hawser_view){point, sizeof(point)});
}

struct hwi_objection hwi_update_authorise(const struct hawser_device *d,
                                          const struct hwi_command *c,
                                          const struct hwi_update *u)
{
    bool is_good = false;

    for (unsigned i = 0; i < HAWSER_UPDATE_KEYS; i++) {
        is_good = is_good || is_signed(d, c, "sig", hwi_update_key(d, i));
    }
    if (u->act == HWI_ACT_KEY_REPLACE) {
        is_good = is_signed_by_all(d, c);
    }
    if (!is_good) {
        return HWI_OBJECT("bad_signature",
                          "the request is not signed by an update key, or not "
                          "by all that it takes");
    }
    return HWI_FINE;
}
