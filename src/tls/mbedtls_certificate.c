/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Facts of a certificate for people and reports. All text comes out as printable
 * ASCII, whatever the certificate holds: it goes into logs and JSON.
 */
#include <mbedtls/oid.h>
#include <psa/crypto.h>
#include <stdio.h>
#include <string.h>

#include "tls/mbedtls_parts.h"

#define RSA_BITS_MIN 2048
#define EC_BITS_MIN  256

#define NAME_PARTS_MAX 8 /* of a subject, that are shown */

#define DAY_S          86400u
#define DAYS_TO_1970   719468u /* from 1 March of the year 0 */
#define DAYS_400_YEARS 146097u

/* Backwards, as RFC 4514 2.1 has it: so the common name comes first, and is what
 * is left when the text is cut. */
void hwi_tls_name_text(const mbedtls_x509_name *name, char *out, size_t size)
{
    mbedtls_x509_name back[NAME_PARTS_MAX];
    const mbedtls_x509_name *last = NULL;
    size_t i;

    for (i = 0; i < NAME_PARTS_MAX && name != NULL; i++, name = name->next) {
        back[i] = *name;
        back[i].next_merged = 0;
        back[i].next = (mbedtls_x509_name *)(uintptr_t)last;
        last = &back[i];
    }
    out[0] = '\0'; /* an empty name writes nothing */
    if (mbedtls_x509_dn_gets(out, size, last) < 0) {
        out[size - 1] = '\0'; /* cut */
    }
}

void hwi_tls_fingerprint(const mbedtls_x509_crt *certificate,
                         char out[HAWSER_FINGERPRINT_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    const struct hawser_view raw = {certificate->raw.p, certificate->raw.len};
    uint8_t hash[HAWSER_DIGEST_SIZE];
    size_t i;

    out[0] = '\0';
    if (hwi_tls_sha256(raw, hash) != 0) {
        return;
    }
    for (i = 0; i < sizeof hash; i++) {
        out[2 * i] = digits[hash[i] >> 4];
        out[2 * i + 1] = digits[hash[i] & 15];
    }
    out[2 * i] = '\0';
}

/* Days since 1970 by the Gregorian calendar, in which a year begins in March:
 * so a leap day is the last of its year. */
static int64_t days_of(unsigned year, unsigned month, unsigned day)
{
    unsigned from_march = (month + 9) % 12;
    unsigned years = month <= 2 ? year - 1 : year;

    return (int64_t)years * 365 + years / 4 - years / 100 + years / 400 +
           (153 * from_march + 2) / 5 + day - 1 - DAYS_TO_1970;
}

uint64_t hwi_tls_time_s(const mbedtls_x509_time *time)
{
    int64_t days;

    if (time->year < 1970 || time->year > 9999 || time->mon < 1 ||
        time->mon > 12) {
        return 0;
    }
    days =
        days_of((unsigned)time->year, (unsigned)time->mon, (unsigned)time->day);
    return (uint64_t)(days * (int64_t)DAY_S + time->hour * 3600 +
                      time->min * 60 + time->sec);
}

void hwi_tls_day_text(uint64_t time_s, char out[HWI_TLS_DAY_SIZE])
{
    uint64_t days = time_s / DAY_S + DAYS_TO_1970;
    unsigned era = (unsigned)(days / DAYS_400_YEARS);
    unsigned of_era = (unsigned)(days % DAYS_400_YEARS);
    unsigned year = (of_era - of_era / 1460 + of_era / 36524 -
                     of_era / (DAYS_400_YEARS - 1)) /
                    365;
    unsigned of_year = of_era - (365 * year + year / 4 - year / 100);
    unsigned from_march = (5 * of_year + 2) / 153;
    unsigned month = from_march < 10 ? from_march + 3 : from_march - 9;

    if (time_s > 253402300799u) {
        (void)snprintf(out, HWI_TLS_DAY_SIZE, "after 9999");
        return;
    }
    (void)snprintf(out, HWI_TLS_DAY_SIZE, "%04u-%02u-%02u",
                   (year + era * 400 + (month <= 2 ? 1 : 0)) % 10000,
                   month % 100,
                   (of_year - (153 * from_march + 2) / 5 + 1) % 100);
}

bool hwi_tls_is_ca(const mbedtls_x509_crt *certificate)
{
    return certificate->ca_istrue != 0 &&
           mbedtls_x509_crt_check_key_usage(certificate,
                                            MBEDTLS_X509_KU_KEY_CERT_SIGN) == 0;
}

bool hwi_tls_is_named_alike(const mbedtls_x509_buf *a,
                            const mbedtls_x509_buf *b)
{
    return a->len == b->len && (a->len == 0 || memcmp(a->p, b->p, a->len) == 0);
}

static enum hawser_key_kind kind_of(const mbedtls_pk_context *key)
{
    if (mbedtls_pk_can_do(key, MBEDTLS_PK_RSA)) {
        return HAWSER_KEY_RSA;
    }
    return mbedtls_pk_can_do(key, MBEDTLS_PK_ECKEY) ? HAWSER_KEY_EC
                                                    : HAWSER_KEY_OTHER;
}

const char *hwi_tls_key_fault(const mbedtls_pk_context *key)
{
    size_t bits = mbedtls_pk_get_bitlen(key);

    switch (kind_of(key)) {
    case HAWSER_KEY_RSA:
        return bits >= RSA_BITS_MIN ? NULL : "its RSA key has under 2048 bits";
    case HAWSER_KEY_EC:
        return bits >= EC_BITS_MIN ? NULL : "its EC key has under 256 bits";
    case HAWSER_KEY_EDWARDS:
    case HAWSER_KEY_OTHER:
        break;
    }
    return "its key is neither RSA nor EC";
}

static void common_name_take(const mbedtls_x509_crt *certificate, char *out,
                             size_t size)
{
    const mbedtls_x509_name *at = &certificate->subject;

    out[0] = '\0';
    while (at != NULL && MBEDTLS_OID_CMP(MBEDTLS_OID_AT_CN, &at->oid) != 0) {
        at = at->next;
    }
    if (at != NULL && at->val.len > 0 && at->val.len < size &&
        memchr(at->val.p, 0, at->val.len) == NULL) {
        memcpy(out, at->val.p, at->val.len);
        out[at->val.len] = '\0';
    }
}

static void facts_take(const mbedtls_x509_crt *certificate,
                       struct hawser_certificate *out)
{
    const mbedtls_md_info_t *hash =
        mbedtls_md_info_from_type(certificate->sig_md);

    *out = (struct hawser_certificate){
        .is_ca = hwi_tls_is_ca(certificate),
        .is_self_signed = hwi_tls_is_named_alike(&certificate->issuer_raw,
                                                 &certificate->subject_raw),
        .key_kind = kind_of(&certificate->pk),
        .key_bits = (uint16_t)mbedtls_pk_get_bitlen(&certificate->pk),
        .hash_bits = (uint16_t)(8 * mbedtls_md_get_size(hash)),
        .not_before_s = hwi_tls_time_s(&certificate->valid_from),
        .not_after_s = hwi_tls_time_s(&certificate->valid_to),
    };
    hwi_tls_name_text(&certificate->subject, out->subject, sizeof out->subject);
    common_name_take(certificate, out->common_name, sizeof out->common_name);
    hwi_tls_fingerprint(certificate, out->fingerprint);
}

int hwi_tls_certificate_inspect(struct hawser_view der,
                                struct hawser_certificate *out)
{
    mbedtls_x509_crt certificate;
    int err = HAWSER_E_ARG;

    mbedtls_x509_crt_init(&certificate);
    if (mbedtls_x509_crt_parse_der(&certificate, der.at, der.len) == 0 &&
        certificate.raw.len == der.len) {
        facts_take(&certificate, out);
        err = 0;
    }
    mbedtls_x509_crt_free(&certificate);
    return err;
}
