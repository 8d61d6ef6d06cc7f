/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Facts of a certificate for people and reports: subject, hosts, dates,
 * fingerprint. All text comes out as printable ASCII, whatever the certificate
 * holds: it goes into logs and JSON.
 */
#include <limits.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "tls/openssl_parts.h"

void hwi_tls_name_text(const X509_NAME *name, char *out, size_t size)
{
    BIO *memory = BIO_new(BIO_s_mem());
    int len = 0;

    /* RFC 2253 order has the common name first; the flags escape controls
     * and all that is not ASCII. */
    if (memory != NULL &&
        X509_NAME_print_ex(memory, name, 0, XN_FLAG_RFC2253) > 0) {
        len = BIO_read(memory, out, (int)size - 1);
    }
    out[len > 0 ? len : 0] = '\0';
    BIO_free(memory);
}

void hwi_tls_fingerprint(const X509 *certificate,
                         char out[HAWSER_FINGERPRINT_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    size_t i;

    out[0] = '\0';
    if (!X509_digest(certificate, EVP_sha256(), hash, &len)) {
        return;
    }
    for (i = 0; i < len && 2 * i + 2 < HAWSER_FINGERPRINT_SIZE; i++) {
        out[2 * i] = digits[hash[i] >> 4];
        out[2 * i + 1] = digits[hash[i] & 15];
    }
    out[2 * i] = '\0';
}

uint64_t hwi_tls_time_s(const ASN1_TIME *time)
{
    ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
    int days = 0;
    int seconds = 0;
    int64_t sum = 0;

    if (epoch != NULL && ASN1_TIME_diff(&days, &seconds, epoch, time)) {
        sum = (int64_t)days * 86400 + seconds;
    }
    ASN1_TIME_free(epoch);
    return sum > 0 ? (uint64_t)sum : 0;
}

void hwi_tls_day_text(uint64_t time_s, char out[HWI_TLS_DAY_SIZE])
{
    ASN1_TIME *time = NULL;
    struct tm parts;

    /* The year 9999 is the last that a certificate can name. */
    if (time_s <= 253402300799u) {
        time = ASN1_TIME_set(NULL, (time_t)time_s);
    }
    if (time != NULL && ASN1_TIME_to_tm(time, &parts)) {
        (void)strftime(out, HWI_TLS_DAY_SIZE, "%Y-%m-%d", &parts);
    } else {
        (void)snprintf(out, HWI_TLS_DAY_SIZE, "after 9999");
    }
    ASN1_TIME_free(time);
}

/* Appends a host to a list, with '?' for what is not printable. What does not
 * fit is cut. */
static void host_append(char *out, size_t size, const uint8_t *host,
                        size_t host_len)
{
    size_t at = strlen(out);
    size_t i;

    if (at > 0 && at + 2 < size) {
        out[at++] = ',';
        out[at++] = ' ';
    }
    for (i = 0; i < host_len && at + 1 < size; i++) {
        out[at++] = (char)(host[i] >= ' ' && host[i] < 0x7f ? host[i] : '?');
    }
    out[at] = '\0';
}

static void address_append(char *out, size_t size, const ASN1_STRING *address)
{
    const uint8_t *b = ASN1_STRING_get0_data(address);
    int len = ASN1_STRING_length(address);
    char text[48] = "IP ?";

    if (len == 4) {
        (void)snprintf(text, sizeof text, "IP %d.%d.%d.%d", b[0], b[1], b[2],
                       b[3]);
    }
    if (len == 16) {
        size_t at = strlen("IP ");
        int i;

        for (i = 0; i < len; i += 2) {
            at += (size_t)snprintf(text + at, sizeof text - at, "%s%x",
                                   i > 0 ? ":" : "", b[i] << 8 | b[i + 1]);
        }
    }
    host_append(out, size, (const uint8_t *)text, strlen(text));
}

void hwi_tls_hosts_text(const X509 *certificate, char *out, size_t size)
{
    GENERAL_NAMES *names =
        X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    int i;

    out[0] = '\0';
    for (i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        int kind;
        const ASN1_STRING *value =
            GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names, i), &kind);

        if (kind == GEN_DNS) {
            host_append(out, size, ASN1_STRING_get0_data(value),
                        (size_t)ASN1_STRING_length(value));
        } else if (kind == GEN_IPADD) {
            address_append(out, size, value);
        }
    }
    GENERAL_NAMES_free(names);
}

static enum hawser_key_kind kind_of(const EVP_PKEY *key)
{
    switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA:
    case EVP_PKEY_RSA_PSS:
        return HAWSER_KEY_RSA;
    case EVP_PKEY_EC:
        return HAWSER_KEY_EC;
    case EVP_PKEY_ED25519:
    case EVP_PKEY_ED448:
        return HAWSER_KEY_EDWARDS;
    default:
        return HAWSER_KEY_OTHER;
    }
}

/* Bits of the hash below a certificate's signature; 0: not known. */
static uint16_t hash_bits(X509 *certificate)
{
    const EVP_MD *hash;
    int hash_id = NID_undef;
    int key_id = NID_undef;

    if (!X509_get_signature_info(certificate, &hash_id, &key_id, NULL, NULL)) {
        return 0;
    }
    if (hash_id == NID_undef) {
        return key_id == NID_ED25519 || key_id == NID_ED448 ? 512 : 0;
    }
    hash = EVP_get_digestbynid(hash_id);
    return hash == NULL ? 0 : (uint16_t)(8 * EVP_MD_get_size(hash));
}

static void common_name_take(X509 *certificate, char *out, size_t size)
{
    X509_NAME *subject = X509_get_subject_name(certificate);
    int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    const ASN1_STRING *name;
    int len;

    out[0] = '\0';
    if (at < 0) {
        return;
    }
    name = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at));
    len = ASN1_STRING_length(name);
    if (len > 0 && (size_t)len < size &&
        memchr(ASN1_STRING_get0_data(name), 0, (size_t)len) == NULL) {
        memcpy(out, ASN1_STRING_get0_data(name), (size_t)len);
        out[len] = '\0';
    }
}

static int inspect(X509 *certificate, struct hawser_certificate *out)
{
    const EVP_PKEY *key = X509_get0_pubkey(certificate);
    uint32_t flags = X509_get_extension_flags(certificate);

    if (key == NULL || (flags & EXFLAG_INVALID) != 0) {
        return HAWSER_E_ARG;
    }
    *out = (struct hawser_certificate){
        .is_ca = X509_check_ca(certificate) == 1,
        .is_self_signed = (flags & EXFLAG_SS) != 0,
        .key_kind = kind_of(key),
        .key_bits = (uint16_t)EVP_PKEY_get_bits(key),
        .hash_bits = hash_bits(certificate),
        .not_before_s = hwi_tls_time_s(X509_get0_notBefore(certificate)),
        .not_after_s = hwi_tls_time_s(X509_get0_notAfter(certificate)),
    };
    hwi_tls_name_text(X509_get_subject_name(certificate), out->subject,
                      sizeof out->subject);
    common_name_take(certificate, out->common_name, sizeof out->common_name);
    hwi_tls_fingerprint(certificate, out->fingerprint);
    return 0;
}

int hwi_tls_certificate_inspect(struct hawser_view der,
                                struct hawser_certificate *out)
{
    const unsigned char *at = der.at;
    X509 *certificate =
        der.len <= INT_MAX ? d2i_X509(NULL, &at, (long)der.len) : NULL;
    int err = HAWSER_E_ARG;

    if (certificate != NULL && at == der.at + der.len) {
        err = inspect(certificate, out);
    }
    X509_free(certificate);
    ERR_clear_error();
    return err;
}
