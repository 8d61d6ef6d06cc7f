/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hawser pki header`: CA certificates as a C header for firmware. They are
 * encoded anew, so that nothing else of a file comes along.
 */
#include "pki.h"

#include <stdio.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>

#include "cli.h"
#include "pki_args.h"
#include "pki_file.h"
#include "pki_key.h"

/* Adds the certificate to the anchors if it may be one. */
static int take(STACK_OF(X509) * anchors, const char *path, X509 *certificate)
{
    const char *problem = hwi_key_problem(X509_get0_pubkey(certificate));
    if (X509_check_ca(certificate) != 1) {
        problem = "it is not the certificate of a CA; firmware trusts the CA, "
                  "so that the broker's certificate can be renewed";
    } else if (X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0) {
        problem = "it has ended";
    }
    if (problem != NULL) {
        return hwi_pki_fail(HAWSER_EXIT_CONFIG, "%s: %s", path, problem);
    }
    if (X509_up_ref(certificate) != 1) {
        return hwi_pki_fail(HAWSER_EXIT_FAILED, "no memory");
    }
    if (sk_X509_push(anchors, certificate) <= 0) {
        X509_free(certificate);
        return hwi_pki_fail(HAWSER_EXIT_FAILED, "no memory");
    }
    return 0;
}

static int take_text(STACK_OF(X509) * anchors, const char *path,
                     const char *text, size_t len)
{
    if (strstr(text, "PRIVATE KEY") != NULL) {
        return hwi_pki_fail(HAWSER_EXIT_CONFIG,
                            "%s holds a private key, which does not belong "
                            "into firmware; give the CA's ca.crt",
                            path);
    }
    BIO *bio = BIO_new_mem_buf(text, (int)len);
    int before = sk_X509_num(anchors);
    int code = bio == NULL ? hwi_pki_fail(HAWSER_EXIT_FAILED, "no memory") : 0;
    while (code == 0) {
        X509 *certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);
        if (certificate == NULL) {
            break;
        }
        code = take(anchors, path, certificate);
        X509_free(certificate);
    }
    BIO_free(bio);
    ERR_clear_error(); /* the end of the file is one, too */
    if (code == 0 && sk_X509_num(anchors) == before) {
        code = hwi_pki_fail(HAWSER_EXIT_CONFIG,
                            "%s: there is no certificate (PEM) in it", path);
    }
    return code;
}

static int take_file(STACK_OF(X509) * anchors, const char *path)
{
    char *text = NULL;
    size_t len = 0;
    int code = hwi_pki_read(path, &text, &len);
    if (code == 0) {
        code = take_text(anchors, path, text, len);
    }
    hwi_pki_forget(text, len);
    return code;
}

/* Prints text of a certificate inside a comment, which it cannot close. */
static void put_comment(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        int ends = i > 0 && text[i - 1] == '*' && text[i] == '/';
        fputs(ends ? " " : "", stdout);
        putchar(text[i] == '\\' ? '/' : text[i]);
    }
}

static void put_about(BIO *scratch, X509 *certificate)
{
    char print[HWI_FINGERPRINT_SIZE];
    char end[HWI_DATE_SIZE];
    char *text = NULL;

    (void)BIO_reset(scratch);
    X509_NAME_print_ex(scratch, X509_get_subject_name(certificate), 0,
                       XN_FLAG_ONELINE);
    long len = BIO_get_mem_data(scratch, &text);
    hwi_cert_fingerprint(certificate, print);
    hwi_date(X509_get0_notAfter(certificate), end);
    fputs(" *\n *   ", stdout);
    put_comment(text, (size_t)len);
    printf("\n *   SHA-256 %.48s\n *           %s\n *   ends %s\n", print,
           print + 48, end);
}

static void put_pem(BIO *scratch, X509 *certificate)
{
    char *text = NULL;
    (void)BIO_reset(scratch);
    PEM_write_bio_X509(scratch, certificate);
    long len = BIO_get_mem_data(scratch, &text);
    for (const char *end = text + len; text < end;) {
        size_t line = strcspn(text, "\n");
        printf("\n    \"%.*s\\n\"", (int)line, text);
        text += line + 1;
    }
}

static void put_header(BIO *scratch, STACK_OF(X509) * anchors)
{
    int count = sk_X509_num(anchors);
    fputs(
        "/*\n * Made by `hawser pki header`. Whom the firmware trusts to name "
        "its broker:\n",
        stdout);
    for (int i = 0; i < count; i++) {
        put_about(scratch, sk_X509_value(anchors, i));
    }
    fputs(" */\n#ifndef HAWSER_CA_CERT_H\n#define HAWSER_CA_CERT_H\n\n"
          "static const char hawser_ca_pem[] =",
          stdout);
    for (int i = 0; i < count; i++) {
        put_pem(scratch, sk_X509_value(anchors, i));
    }
    fputs(";\n\n#endif\n", stdout);
}

int hwi_pki_header(int argc, char **argv)
{
    const struct hwi_option options[] = {{NULL, NULL, NULL}};
    int count = 0;
    int code = hwi_args_parse("pki", options, argc, argv, &count);
    if (code == 0 && count == 0) {
        code = hawser_cli_usage_error("pki", "header needs a FILE");
    }
    STACK_OF(X509) *anchors = sk_X509_new_null();
    BIO *scratch = BIO_new(BIO_s_mem());
    if (code == 0 && (anchors == NULL || scratch == NULL)) {
        code = hwi_pki_fail(HAWSER_EXIT_FAILED, "no memory");
    }
    for (int i = 0; code == 0 && i < count; i++) {
        code = take_file(anchors, argv[i]);
    }
    if (code == 0) {
        put_header(scratch, anchors);
    }
    BIO_free(scratch);
    sk_X509_pop_free(anchors, X509_free);
    return code;
}
