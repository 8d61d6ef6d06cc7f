/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hawser pki show`: what stands in certificates and requests, in words. The
 * files may come from anybody: every text is escaped before it is printed.
 */
#include "pki.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>

#include "cli.h"
#include "pki_args.h"
#include "pki_file.h"
#include "pki_key.h"

/* Control characters and invalid UTF-8 come out as \XX. */
#define TEXT_FLAGS (ASN1_STRFLGS_ESC_CTRL | ASN1_STRFLGS_UTF8_CONVERT)
#define NAME_FLAGS (XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB)

static void put_subject(BIO *out, const char *label, const X509_NAME *name)
{
    BIO_printf(out, "  %-9s", label);
    if (X509_NAME_entry_count(name) == 0) {
        BIO_printf(out, "(empty)");
    } else {
        X509_NAME_print_ex(out, name, 0, NAME_FLAGS);
    }
    BIO_printf(out, "\n");
}

static void put_address(BIO *out, const ASN1_OCTET_STRING *value)
{
    char text[INET6_ADDRSTRLEN] = "(malformed address)";
    int len = ASN1_STRING_length(value);
    if (len == 4 || len == 16) {
        inet_ntop(len == 4 ? AF_INET : AF_INET6, ASN1_STRING_get0_data(value),
                  text, sizeof(text));
    }
    BIO_printf(out, "%s", text);
}

static void put_name(BIO *out, const GENERAL_NAME *name)
{
    int type;
    const void *value = GENERAL_NAME_get0_value(name, &type);
    switch (type) {
    case GEN_IPADD:
        put_address(out, value);
        break;
    case GEN_DNS:
    case GEN_URI:
    case GEN_EMAIL:
        ASN1_STRING_print_ex(out, value, TEXT_FLAGS);
        break;
    default:
        BIO_printf(out, "(another kind of name)");
    }
}

static void put_names(BIO *out, const GENERAL_NAMES *names)
{
    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        BIO_printf(out, i == 0 ? "  names    " : ", ");
        put_name(out, sk_GENERAL_NAME_value(names, i));
    }
    if (sk_GENERAL_NAME_num(names) > 0) {
        BIO_printf(out, "\n");
    }
}

static void put_key(BIO *out, EVP_PKEY *key)
{
    char group[64] = "";
    if (key == NULL) {
        BIO_printf(out, "  key      (not understood)\n");
        return;
    }
    const char *problem = hwi_key_problem(key);
    (void)EVP_PKEY_get_group_name(key, group, sizeof(group), NULL);
    BIO_printf(
        out, "  key      %s %d bits%s%s%s%s\n", EVP_PKEY_get0_type_name(key),
        EVP_PKEY_get_bits(key), group[0] == '\0' ? "" : ", ", group,
        problem == NULL ? "" : "; WEAK: ", problem == NULL ? "" : problem);
}

static void put_usage(BIO *out, X509 *certificate)
{
    static const struct {
        uint32_t bit;
        const char *word;
    } words[] = {
        {XKU_SSL_SERVER, "server"},
        {XKU_SSL_CLIENT, "client"},
        {XKU_CODE_SIGN, "code signing"},
        {XKU_SMIME, "mail"},
    };
    BIO_printf(out, "  usage    ");
    if (X509_check_ca(certificate) == 1) {
        long depth = X509_get_pathlen(certificate);
        BIO_printf(out, depth == 0 ? "CA of leaves\n" : "CA\n");
        return;
    }
    uint32_t usage = X509_get_extended_key_usage(certificate);
    if (usage == UINT32_MAX) {
        BIO_printf(out, "any: it is not limited\n");
        return;
    }
    const char *between = "";
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if ((usage & words[i].bit) != 0) {
            BIO_printf(out, "%s%s", between, words[i].word);
            between = ", ";
        }
    }
    BIO_printf(out, "\n");
}

/* Prints the dates; answers whether it is valid now. */
static bool put_dates(BIO *out, X509 *certificate)
{
    const ASN1_TIME *begin = X509_get0_notBefore(certificate);
    const ASN1_TIME *end = X509_get0_notAfter(certificate);
    char text[HWI_DATE_SIZE];
    int left = hwi_days_left(end);
    bool begun = X509_cmp_current_time(begin) < 0;
    bool ended = X509_cmp_current_time(end) < 0;

    hwi_date(begin, text);
    BIO_printf(out, "  from     %s%s\n", text, begun ? "" : " NOT YET VALID");
    hwi_date(end, text);
    if (ended) {
        BIO_printf(out, "  to       %s ENDED %d days ago\n", text, -left);
    } else {
        BIO_printf(out, "  to       %s (%d days left)\n", text, left);
    }
    return begun && !ended;
}

static bool put_certificate(BIO *out, X509 *certificate)
{
    char print[HWI_FINGERPRINT_SIZE];
    int nid = X509_get_signature_nid(certificate);
    const char *problem = hwi_signature_problem(nid);
    GENERAL_NAMES *names =
        X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);

    put_subject(out, "subject", X509_get_subject_name(certificate));
    put_names(out, names);
    GENERAL_NAMES_free(names);
    put_subject(out, "issuer", X509_get_issuer_name(certificate));
    bool valid = put_dates(out, certificate);
    put_key(out, X509_get0_pubkey(certificate));
    put_usage(out, certificate);
    BIO_printf(
        out, "  signed   %s%s%s\n", OBJ_nid2ln(nid),
        problem == NULL ? "" : "; WEAK: ", problem == NULL ? "" : problem);
    hwi_cert_fingerprint(certificate, print);
    BIO_printf(out, "  SHA-256  %s\n", print);
    return valid;
}

static void put_request(BIO *out, X509_REQ *request)
{
    EVP_PKEY *key = X509_REQ_get0_pubkey(request);
    bool good = key != NULL && X509_REQ_verify(request, key) == 1;

    put_subject(out, "subject", X509_REQ_get_subject_name(request));
    put_key(out, key);
    BIO_printf(out, "  signed   %s\n",
               good ? "by this key" : "NOT by this key");
    ERR_clear_error();
}

static int show_block(BIO *out, const char *path, const char *kind,
                      const unsigned char *der, long len)
{
    int code = 0;
    if (strstr(kind, "PRIVATE KEY") != NULL) {
        return hwi_pki_fail(HAWSER_EXIT_CONFIG,
                            "%s holds a private key, which is never shown; "
                            "give the certificate (.crt) beside it",
                            path);
    }
    if (strcmp(kind, PEM_STRING_X509) == 0) {
        X509 *certificate = d2i_X509(NULL, &der, len);
        if (certificate == NULL) {
            return hwi_pki_fail(HAWSER_EXIT_CONFIG,
                                "%s: a certificate in it is malformed", path);
        }
        BIO_printf(out, "%s: certificate\n", path);
        code = put_certificate(out, certificate) ? 0 : HAWSER_EXIT_FAILED;
        X509_free(certificate);
    } else if (strstr(kind, "CERTIFICATE REQUEST") != NULL) {
        X509_REQ *request = d2i_X509_REQ(NULL, &der, len);
        if (request == NULL) {
            return hwi_pki_fail(HAWSER_EXIT_CONFIG,
                                "%s: a request in it is malformed", path);
        }
        BIO_printf(out, "%s: request\n", path);
        put_request(out, request);
        X509_REQ_free(request);
    } else {
        BIO_printf(out, "%s: (something else)\n", path);
    }
    return code;
}

/* The worst of two exit codes, a file error before an ended certificate. */
static int worse(int a, int b)
{
    return a > b ? a : b;
}

static int show_blocks(BIO *out, BIO *in, const char *path)
{
    int code = 0;
    int count = 0;
    char *kind = NULL;
    char *header = NULL;
    unsigned char *der = NULL;
    long len = 0;

    while (code <= HAWSER_EXIT_FAILED &&
           PEM_read_bio(in, &kind, &header, &der, &len) == 1) {
        code = worse(code, show_block(out, path, kind, der, len));
        OPENSSL_free(kind);
        OPENSSL_free(header);
        OPENSSL_clear_free(der, (size_t)len);
        count++;
    }
    ERR_clear_error(); /* the end of the file is one, too */
    if (count == 0) {
        return hwi_pki_fail(HAWSER_EXIT_CONFIG,
                            "%s: there is no certificate (PEM) in it", path);
    }
    return code;
}

static int show_file(BIO *out, const char *path)
{
    char *text = NULL;
    size_t len = 0;
    int code = hwi_pki_read(path, &text, &len);
    if (code != 0) {
        return code;
    }
    BIO *in = BIO_new_mem_buf(text, (int)len);
    code = in == NULL ? hwi_pki_fail(HAWSER_EXIT_FAILED, "no memory")
                      : show_blocks(out, in, path);
    BIO_free(in);
    hwi_pki_forget(text, len);
    return code;
}

int hwi_pki_show(int argc, char **argv)
{
    const struct hwi_option options[] = {{NULL, NULL, NULL}};
    int count = 0;
    int code = hwi_args_parse("pki", options, argc, argv, &count);
    if (code == 0 && count == 0) {
        code = hawser_cli_usage_error("pki", "show needs a FILE");
    }
    if (code != 0) {
        return code;
    }
    BIO *out = BIO_new_fp(stdout, BIO_NOCLOSE);
    if (out == NULL) {
        return hwi_pki_fail(HAWSER_EXIT_FAILED, "no memory");
    }
    for (int i = 0; i < count; i++) {
        code = worse(code, show_file(out, argv[i]));
    }
    BIO_free(out);
    return code;
}
