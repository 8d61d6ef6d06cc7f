/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests of update_cert: an operator with two update keys, who makes
 * certificates, signs requests and sends them, whole or in parts.
 */
#ifndef HWI_DEVICE_UPDATE_TEST_H
#define HWI_DEVICE_UPDATE_TEST_H

#include "device/credentials_test.h"

#include "device/base64.h"
#include "device/update_set.h"

#define TEXT_SIZE 8192
#define FILE_SIZE 6000
#define ID        "esp32_factory_001"

static uint8_t update_points[2][HAWSER_POINT_SIZE];
static uint8_t large_rx[TEXT_SIZE];

/* A device that can be updated, not yet started. */
static inline void updatable(struct rig *r)
{
    prepare(r);
    r->memory.rx = (struct hawser_span){large_rx, sizeof(large_rx)};
    for (uint8_t i = 0; i < 2; i++) {
        fake_point((uint8_t)(i + 1), update_points[i]);
        r->config.update_keys[i] =
            (struct hawser_view){update_points[i], HAWSER_POINT_SIZE};
    }
}

/* Texts --------------------------------------------------------------------- */

struct text {
    char at[TEXT_SIZE];
};

__attribute__((format(printf, 2, 3))) static inline size_t
print(struct text *t, const char *format, ...)
{
    va_list args;
    int len;

    va_start(args, format);
    len = vsnprintf(t->at, sizeof(t->at), format, args);
    va_end(args);
    assert_in_range(len, 0, sizeof(t->at) - 1);
    return (size_t)len;
}

static inline void encode(struct text *t, struct hawser_view bytes)
{
    size_t len = 0;

    assert_int_equal(
        hwi_base64_encode(
            bytes, (struct hawser_span){(uint8_t *)t->at, TEXT_SIZE - 1}, &len),
        0);
    t->at[len] = '\0';
}

/* The fake port's hash, in hexadecimal digits. */
static inline void hash_text(struct rig *r, struct hawser_view bytes,
                             char out[65])
{
    uint8_t digest[HAWSER_DIGEST_SIZE];

    assert_int_equal(r->fake.port.sha256(&r->fake, bytes, digest), 0);
    for (size_t i = 0; i < sizeof(digest); i++) {
        (void)snprintf(out + 2 * i, 3, "%02x", digest[i]);
    }
}

/* Files --------------------------------------------------------------------- */

struct file {
    uint8_t at[FILE_SIZE];
    size_t len;
};

static inline struct hawser_view view_of(const struct file *f)
{
    return (struct hawser_view){f->at, f->len};
}

static inline void add_cert(struct file *f, const struct fake_cert *c)
{
    f->len += fake_cert(c, f->at + f->len);
}

static inline struct file file_of(const char *root)
{
    struct file f = {.len = 0};

    add_cert(&f, &(struct fake_cert){.name = root});
    return f;
}

/* Requests ------------------------------------------------------------------ */

/* Signs what the device shall see as signed, by key n. */
static inline void sign_by(uint8_t n, const char *id, const char *args,
                           struct text *out)
{
    static struct text form;
    uint8_t value[FAKE_SIGNATURE_SIZE];
    size_t len = print(&form, ID "\nupdate_cert\n%s\n\n\n%s", id, args);

    fake_sign(n, (struct hawser_view){(uint8_t *)form.at, len}, value);
    encode(out, (struct hawser_view){value, sizeof(value)});
}

/* Sends a request that is signed by key n; 0: by none. */
static inline void request_by(struct rig *r, uint8_t n, const char *id,
                              const char *args)
{
    static struct text payload;
    static struct text sig;

    sign_by(n, id, args, &sig);
    (void)print(&payload,
                "{\"command\":\"update_cert\",\"id\":\"%s\",\"args\":%s%s%s%"
                "s}",
                id, args, n == 0 ? "" : ",\"sig\":\"", n == 0 ? "" : sig.at,
                n == 0 ? "" : "\"");
    rig_run(r, 1000);
    rig_command(r, payload.at);
}

static inline void request(struct rig *r, const char *id, const char *args)
{
    request_by(r, 1, id, args);
}

/* What a request with a file says. Members of NULL or 0 are usual. */
struct ask {
    const char *kind;
    const char *op;
    unsigned generation;
    size_t size;        /* if not that of the file */
    const char *sha256; /* if not that of the file */
    size_t part;        /* the file comes in parts of this size */
    const char *more;   /* members, with a comma before them */
};

static inline void write_args(struct rig *r, const struct ask *a,
                              const struct file *f, struct text *out)
{
    static struct text data;
    char digest[65];
    char part[32];

    hash_text(r, view_of(f), digest);
    encode(&data, view_of(f));
    (void)snprintf(part, sizeof(part), ",\"part\":%zu", a->part);
    (void)print(out,
                "{\"kind\":\"%s\",\"op\":\"%s\",\"generation\":%u,"
                "\"size\":%zu,\"sha256\":\"%s\"%s%s%s%s%s}",
                a->kind == NULL ? "ca" : a->kind, a->op == NULL ? "add" : a->op,
                a->generation, a->size == 0 ? f->len : a->size,
                a->sha256 == NULL ? digest : a->sha256,
                a->part == 0 ? ",\"data\":\"" : "", a->part == 0 ? data.at : "",
                a->part == 0 ? "\"" : "", a->part == 0 ? "" : part,
                a->more == NULL ? "" : a->more);
}

static inline void send_ask(struct rig *r, const char *id, const struct ask *a,
                            const struct file *f)
{
    static struct text args;

    write_args(r, a, f, &args);
    request(r, id, args.at);
}

/* Removes the anchor with this name. */
static inline void remove_root(struct rig *r, const char *id,
                               unsigned generation, const char *root)
{
    struct file f = file_of(root);
    char digest[65];
    char args[256];

    hash_text(r, view_of(&f), digest);
    (void)snprintf(args, sizeof(args),
                   "{\"kind\":\"ca\",\"op\":\"remove\",\"generation\":%u,"
                   "\"sha256\":\"%s\"}",
                   generation, digest);
    request(r, id, args);
}

/* Sends a part, as base64. */
static inline void send_part(struct rig *r, const char *id, size_t part,
                             struct hawser_view bytes)
{
    static struct text data;
    static struct text payload;
    struct fake_publish p = {.topic = "hawser/" ID "/cert",
                             .payload = payload.at,
                             .packet_id = 60002};

    encode(&data, bytes);
    (void)print(&payload, "{\"id\":\"%s\",\"part\":%zu,\"data\":\"%s\"}", id,
                part, data.at);
    fake_broker_publish(&r->fake.broker, &p);
    rig_run(r, 10);
}

/* Looking ------------------------------------------------------------------- */

static inline void assert_told(const struct rig *r, const char *text)
{
    if (strstr(last(r, "/reply"), text) == NULL) {
        fail_msg("not %s but %s", text, last(r, "/reply"));
    }
}

/* The last request was refused by this code, nothing was kept, and the device
 * has stayed online. */
static inline void assert_objected(const struct rig *r, const char *code)
{
    char text[64];

    (void)snprintf(text, sizeof(text),
                   "\"status\":\"rejected\",\"code\":\"%s\"", code);
    assert_told(r, text);
    assert_false(hwi_trial_is_on(&r->device));
    assert_int_equal(vault_of(r)->active, HWI_SLOT_FACTORY);
    assert_int_equal(hawser_device_state(&r->device), HAWSER_DEVICE_ONLINE);
    for (size_t i = 0; i < sizeof(r->credentials) / 2; i++) {
        assert_int_equal(r->credentials[i], 0); /* nothing is left about */
    }
}

/* The update is through, and is told. */
static inline void assert_committed(struct rig *r, const char *id,
                                    unsigned generation)
{
    char text[96];

    assert_true(comes_back(r, HOUR));
    rig_run(r, 1000);
    (void)snprintf(text, sizeof(text),
                   "\"id\":\"%s\",\"command\":\"update_cert\",\"status\":"
                   "\"succeeded\"",
                   id);
    assert_told(r, text);
    assert_int_equal(vault_of(r)->generations[0], generation);
    assert_int_equal(vault_of(r)->outcome, HWI_OUTCOME_COMMITTED);
    assert_false(hwi_trial_is_on(&r->device));
}

#endif
