/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A key is its number, a signature is a hash over the key's point and the
 * bytes, a digest is a hash spread out.
 */
#include "device/fake_pki.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device/fake_check.h"
#include "device/fake_port.h"

#define HEAD 4u /* SEQUENCE, length in two bytes */

/* Hashes -------------------------------------------------------------------- */

/* FNV-1a, 64 bits, over what came before and these bytes. */
static uint64_t hash(uint64_t value, const uint8_t *at, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        value = (value ^ at[i]) * UINT64_C(1099511628211);
    }
    return value;
}

/* Fills out with bytes that follow from a hash. */
static void spread(uint64_t value, uint8_t *out, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        value = hash(value, (const uint8_t[]){(uint8_t)i}, 1);
        out[i] = (uint8_t)(value >> 56);
    }
}

static int sha256(void *ctx, struct hawser_view bytes,
                  uint8_t out[HAWSER_DIGEST_SIZE])
{
    struct fake_pki *pki = &((struct fake_port *)ctx)->pki;

    if (pki->hash_fails > 0 && --pki->hash_fails == 0) {
        return HAWSER_E_FULL;
    }
    spread(hash(7, bytes.at, bytes.len), out, HAWSER_DIGEST_SIZE);
    return 0;
}

/* Signatures ---------------------------------------------------------------- */

void fake_point(uint8_t n, uint8_t out[HAWSER_POINT_SIZE])
{
    spread(n, out, HAWSER_POINT_SIZE);
    out[0] = 0x04;
}

static void sign(const uint8_t *point, struct hawser_view bytes,
                 uint8_t out[FAKE_SIGNATURE_SIZE])
{
    spread(hash(hash(1, point, HAWSER_POINT_SIZE), bytes.at, bytes.len), out,
           FAKE_SIGNATURE_SIZE);
}

void fake_sign(uint8_t n, struct hawser_view bytes,
               uint8_t out[FAKE_SIGNATURE_SIZE])
{
    uint8_t point[HAWSER_POINT_SIZE];

    fake_point(n, point);
    sign(point, bytes, out);
}

static int verify_signature(void *ctx, const struct hawser_signature *signature)
{
    uint8_t wanted[FAKE_SIGNATURE_SIZE];

    (void)ctx;
    if (signature->key.len != HAWSER_POINT_SIZE ||
        signature->value.len != FAKE_SIGNATURE_SIZE) {
        return HAWSER_E_ARG;
    }
    sign(signature->key.at, signature->bytes, wanted);
    return memcmp(wanted, signature->value.at, sizeof(wanted)) == 0
               ? 0
               : HAWSER_E_ARG;
}

/* Certificates -------------------------------------------------------------- */

/* Puts the head of a SEQUENCE before len bytes. */
static size_t put_head(uint8_t *out, size_t len)
{
    out[0] = 0x30;
    out[1] = 0x82;
    out[2] = (uint8_t)(len >> 8);
    out[3] = (uint8_t)len;
    return HEAD + len;
}

static unsigned or_else(unsigned value, unsigned usual)
{
    return value == 0 ? usual : value;
}

size_t fake_cert(const struct fake_cert *c, uint8_t out[FAKE_CERT_MAX])
{
    int len = snprintf(
        (char *)out + HEAD, FAKE_CERT_MAX - HEAD,
        "CERT %s %s %u %d %u %u %u %llu %llu ", c->name,
        c->issuer == NULL ? c->name : c->issuer, c->key, !c->is_leaf,
        or_else(c->kind, HAWSER_KEY_EC), or_else(c->bits, 256),
        or_else(c->hash, 256),
        (unsigned long long)(c->from_s == 0 ? 1700000000 : c->from_s),
        (unsigned long long)(c->until_s == 0 ? 1990000000 : c->until_s));
    size_t text_len = (size_t)len;

    FAKE_CHECK(c->len <= FAKE_CERT_MAX);
    while (text_len + HEAD < c->len) {
        out[HEAD + text_len++] = '.';
    }
    return put_head(out, text_len);
}

/* What a certificate says. */
struct facts {
    char name[HAWSER_COMMON_NAME_SIZE];
    char issuer[HAWSER_COMMON_NAME_SIZE];
    unsigned key;
    unsigned is_ca;
    unsigned kind;
    unsigned bits;
    unsigned hash;
    unsigned long long from_s;
    unsigned long long until_s;
};

static bool read_cert(struct hawser_view der, struct facts *f)
{
    char text[FAKE_CERT_MAX + 1];

    if (der.len < HEAD || der.len > FAKE_CERT_MAX || der.at[0] != 0x30 ||
        (size_t)(der.at[2] << 8 | der.at[3]) != der.len - HEAD) {
        return false;
    }
    memcpy(text, der.at + HEAD, der.len - HEAD);
    text[der.len - HEAD] = '\0';
    /* NOLINTNEXTLINE(cert-err34-c): written by this file, or by a fuzzer */
    return sscanf(text, "CERT %64s %64s %u %u %u %u %u %llu %llu", f->name,
                  f->issuer, &f->key, &f->is_ca, &f->kind, &f->bits, &f->hash,
                  &f->from_s, &f->until_s) == 9;
}

static int certificate_inspect(void *ctx, struct hawser_view der,
                               struct hawser_certificate *out)
{
    uint8_t digest[HAWSER_DIGEST_SIZE] = {0};
    struct facts f;

    if (!read_cert(der, &f)) {
        return HAWSER_E_ARG;
    }
    *out = (struct hawser_certificate){
        .is_ca = f.is_ca,
        .is_self_signed = strcmp(f.name, f.issuer) == 0,
        .key_kind = (enum hawser_key_kind)f.kind,
        .key_bits = (uint16_t)f.bits,
        .hash_bits = (uint16_t)f.hash,
        .not_before_s = f.from_s,
        .not_after_s = f.until_s,
    };
    (void)snprintf(out->subject, sizeof(out->subject), "CN=%s", f.name);
    (void)snprintf(out->common_name, sizeof(out->common_name), "%s", f.name);
    (void)sha256(ctx, der, digest);
    for (size_t i = 0; i < sizeof(digest); i++) {
        (void)snprintf(out->fingerprint + 2 * i, 3, "%02x", digest[i]);
    }
    return 0;
}

/* Keys ---------------------------------------------------------------------- */

size_t fake_key(unsigned n, uint8_t out[HAWSER_KEY_MAX])
{
    int len = snprintf((char *)out + HEAD, HAWSER_KEY_MAX - HEAD, "KEY %u ", n);

    return put_head(out, (size_t)len);
}

unsigned fake_key_of(struct hawser_view bytes)
{
    char text[HAWSER_REQUEST_MAX + 1];
    unsigned n = 0;

    if (bytes.len < HEAD || bytes.len > HAWSER_REQUEST_MAX) {
        return 0;
    }
    memcpy(text, bytes.at + HEAD, bytes.len - HEAD);
    text[bytes.len - HEAD] = '\0';
    /* NOLINTNEXTLINE(cert-err34-c): written by this file */
    if (sscanf(text, "KEY %u", &n) != 1 && sscanf(text, "REQ %u", &n) != 1) {
        return 0;
    }
    return n;
}

static int key_create(void *ctx, struct hawser_span out, size_t *len)
{
    struct fake_port *f = ctx;
    uint8_t key[HAWSER_KEY_MAX];
    size_t key_len;

    if (f->pki.is_key_refused) {
        return HAWSER_E_WAIT;
    }
    f->random = f->random * 1664525u + 1013904223u;
    key_len = fake_key(f->random >> 8 | 1, key);
    FAKE_CHECK(key_len <= out.size);
    memcpy(out.at, key, key_len);
    *len = key_len;
    return 0;
}

static int key_request(void *ctx, struct hawser_view key,
                       const char *common_name, struct hawser_span out,
                       size_t *len)
{
    unsigned n = fake_key_of(key);
    int text_len = snprintf((char *)out.at + HEAD, out.size - HEAD, "REQ %u %s",
                            n, common_name);

    (void)ctx;
    *len = put_head(out.at, (size_t)text_len);
    return n == 0 ? HAWSER_E_ARG : 0;
}

static int key_matches(void *ctx, struct hawser_view key,
                       struct hawser_view certificate)
{
    struct facts f;

    (void)ctx;
    return read_cert(certificate, &f) && f.key != 0 && f.key == fake_key_of(key)
               ? 0
               : HAWSER_E_ARG;
}

/* The handshake ------------------------------------------------------------- */

/* The length of the first certificate of a list; 0: none. */
static size_t first_len(struct hawser_view list)
{
    size_t len =
        list.len < HEAD ? 0 : HEAD + (size_t)(list.at[2] << 8 | list.at[3]);

    return len <= list.len ? len : 0;
}

static bool has_anchor(struct hawser_view list, const char *name)
{
    size_t len;
    struct facts f;

    while ((len = first_len(list)) > 0) {
        if (read_cert((struct hawser_view){list.at, len}, &f) &&
            strcmp(f.name, name) == 0) {
            return true;
        }
        list = (struct hawser_view){list.at + len, list.len - len};
    }
    return false;
}

enum hawser_cause fake_pki_judge(struct fake_pki *pki,
                                 const struct hawser_stream_target *target)
{
    const struct hawser_credentials *c = target->credentials;
    struct hawser_view own = {c->chain.at, first_len(c->chain)};
    struct facts f;

    pki->presented = pki->broker_ca;
    if (pki->broker_ca != NULL && !has_anchor(c->ca, pki->broker_ca)) {
        return HAWSER_CAUSE_TLS_UNKNOWN_CA;
    }
    if (pki->client_ca == NULL) {
        return HAWSER_CAUSE_NONE;
    }
    if (!read_cert(own, &f) || strcmp(f.issuer, pki->client_ca) != 0 ||
        f.key != fake_key_of(c->key)) {
        return HAWSER_CAUSE_TLS_CLIENT_CERT;
    }
    return HAWSER_CAUSE_NONE;
}

static int stream_preflight(void *ctx, struct hawser_view anchors,
                            struct hawser_stream_status *out)
{
    struct fake_port *f = ctx;

    if (f->stage != HAWSER_STREAM_OPEN) {
        return HAWSER_E_STATE;
    }
    *out = (struct hawser_stream_status){.stage = f->stage};
    if (f->pki.presented == NULL || has_anchor(anchors, f->pki.presented)) {
        return 0;
    }
    out->cause = HAWSER_CAUSE_TLS_UNKNOWN_CA;
    return HAWSER_E_LINK;
}

void fake_pki_fill(struct hawser_port *port)
{
    port->certificate_inspect = certificate_inspect;
    port->sha256 = sha256;
    port->key_create = key_create;
    port->key_request = key_request;
    port->key_matches = key_matches;
    port->verify_signature = verify_signature;
    port->stream_preflight = stream_preflight;
}
