/* SPDX-License-Identifier: Apache-2.0 */
/*
 * index.jsonl: what a CA has issued, one JSON object a line. It is what a
 * revocation, a renewal and an audit start from.
 */
#include "pki.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <openssl/bn.h>

#include "cli.h"
#include "pki_file.h"
#include "text.h"

/* A name of 253 bytes, every byte escaped, and the rest of the line. */
#define LINE_SIZE 2048

/* A name as a JSON string. */
static void quote(char *out, size_t size, const char *name)
{
    struct hawser_cli_text text = hawser_cli_text_in(out, size);
    hawser_cli_text_add_json_string(&text, hawser_cli_view(name));
}

int hwi_index_add(const char *dir, const char *kind, const char *name,
                  X509 *certificate)
{
    char path[HWI_PATH_SIZE];
    char line[LINE_SIZE];
    char quoted[LINE_SIZE / 2];
    char now[HWI_DATE_SIZE];
    char end[HWI_DATE_SIZE];
    char print[HWI_FINGERPRINT_SIZE];
    char key_print[HWI_FINGERPRINT_SIZE];
    char issuer[HWI_COMMON_NAME_SIZE];
    char quoted_issuer[LINE_SIZE / 4];

    ASN1_TIME *time_now = ASN1_TIME_set(NULL, time(NULL));
    BIGNUM *number =
        ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), NULL);
    char *serial = number == NULL ? NULL : BN_bn2hex(number);
    hwi_date(time_now, now);
    hwi_date(X509_get0_notAfter(certificate), end);
    hwi_cert_fingerprint(certificate, print);
    hwi_key_fingerprint(X509_get_X509_PUBKEY(certificate), key_print);
    quote(quoted, sizeof(quoted), name);
    hwi_common_name(X509_get_issuer_name(certificate), issuer);
    quote(quoted_issuer, sizeof(quoted_issuer), issuer);
    int len = snprintf(line, sizeof(line),
                       "{\"issued\":\"%s\",\"kind\":\"%s\",\"name\":%s,"
                       "\"not_after\":\"%s\",\"serial\":\"%s\","
                       "\"issuer\":%s,"
                       "\"sha256\":\"%s\",\"key_sha256\":\"%s\"}\n",
                       now, kind, quoted, end, serial == NULL ? "" : serial,
                       quoted_issuer, print, key_print);
    bool good = time_now != NULL && serial != NULL && len > 0 &&
                (size_t)len < sizeof(line);
    ASN1_TIME_free(time_now);
    BN_free(number);
    OPENSSL_free(serial);
    if (!good) {
        return hwi_pki_fail(HAWSER_EXIT_FAILED, "%s: no memory", name);
    }
    int code = hwi_pki_path(path, "%s/index.jsonl", dir);
    return code == 0 ? hwi_pki_append(path, line) : code;
}

/* Does the index have this key under another name? Looks line by line for the
 * two members as hwi_index_add() writes them. */
static bool has_key_of_another(const char *text, const char *key_member,
                               const char *name_member)
{
    while (*text != '\0') {
        size_t len = strcspn(text, "\n");
        if (memmem(text, len, key_member, strlen(key_member)) != NULL &&
            memmem(text, len, name_member, strlen(name_member)) == NULL) {
            return true;
        }
        text += len + (text[len] == '\n');
    }
    return false;
}

int hwi_index_check_key(const char *dir, const char *name, X509_PUBKEY *key)
{
    char path[HWI_PATH_SIZE];
    char print[HWI_FINGERPRINT_SIZE];
    char key_member[HWI_FINGERPRINT_SIZE + 32];
    char quoted[LINE_SIZE / 2];
    char name_member[LINE_SIZE / 2 + 16];
    struct stat info;
    char *text = NULL;
    size_t len = 0;

    int code = hwi_pki_path(path, "%s/index.jsonl", dir);
    if (code != 0 || stat(path, &info) != 0) {
        return code; /* no index, nothing known */
    }
    code = hwi_pki_read(path, &text, &len);
    if (code != 0) {
        return code;
    }
    hwi_key_fingerprint(key, print);
    snprintf(key_member, sizeof(key_member), "\"key_sha256\":\"%s\"", print);
    quote(quoted, sizeof(quoted), name);
    snprintf(name_member, sizeof(name_member), "\"name\":%s,", quoted);
    if (has_key_of_another(text, key_member, name_member)) {
        code = hwi_pki_fail(HAWSER_EXIT_CONFIG,
                            "%s: this key was certified under another name "
                            "already; each device needs a key of its own",
                            name);
    }
    hwi_pki_forget(text, len);
    return code;
}
