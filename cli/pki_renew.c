/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hawser pki renew`: the same name, a new key, a new certificate. The one
 * before stays valid until it ends or is revoked, so nothing breaks in between.
 */
#include "pki.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "pki_args.h"
#include "pki_file.h"
#include "pki_records.h"

#define COMMAND "pki"

struct renewal {
    const char *dir;
    const char *word; /* as it was typed */
    const char *days;
    const char *csr_file;
    const char *passphrase_file;
    bool is_quiet; /* says nothing of what was made */
};

/* With a request, a key in the folder would be left that fits nothing. */
static int check_request(const struct renewal *renewal,
                         const struct hwi_record *record, const char *name)
{
    char path[HWI_PATH_SIZE];
    if (renewal->csr_file == NULL) {
        return 0;
    }
    if (record->kind != HWI_CERT_DEVICE) {
        return hawser_cli_usage_error(COMMAND, "--csr is for a device");
    }
    int code = hwi_pki_path(path, "%s/device/%s.key", renewal->dir, name);
    if (code == 0 && access(path, F_OK) == 0) {
        code = hwi_pki_fail(HAWSER_EXIT_CONFIG,
                            "%s: the new certificate would not fit it; move "
                            "it away first",
                            path);
    }
    return code;
}

static int read_days(const struct renewal *renewal, struct hwi_pki_order *order)
{
    bool is_server = order->kind == HWI_CERT_SERVER;
    order->days = is_server ? HWI_SERVER_DAYS : HWI_DEVICE_DAYS;
    return hwi_args_number(COMMAND, "--days", renewal->days,
                           is_server ? HWI_SERVER_DAYS : HWI_DEVICE_DAYS_MAX,
                           &order->days);
}

/* A server's names are those it has; a device's follow from its id. */
static int read_old(const struct renewal *renewal, struct hwi_pki_order *order)
{
    char path[HWI_PATH_SIZE];
    if (order->kind == HWI_CERT_DEVICE) {
        return 0;
    }
    int code =
        hwi_pki_path(path, "%s/server/%s.crt", renewal->dir, order->names[0]);
    if (code == 0) {
        code = hwi_cert_read(path, &order->like);
    }
    return code;
}

/* Mosquitto goes on with the old certificate if the new key is of another
 * type. */
static bool has_other_key_type(X509 *old)
{
    const EVP_PKEY *key = X509_get0_pubkey(old);
    return key == NULL || !EVP_PKEY_is_a(key, "EC");
}

static void tell(const struct renewal *renewal,
                 const struct hwi_pki_order *order)
{
    const char *name = order->names[0];
    if (order->kind == HWI_CERT_SERVER) {
        printf("\nNext: hawser broker renew BROKERDIR --pki %s --host %s, "
               "then %s\n",
               renewal->dir, name,
               has_other_key_type(order->like)
                   ? "restart Mosquitto\n(the key is of another type)"
                   : "kill -HUP");
    } else {
        printf("%s\nNext: bring it to the device. When it is in use: hawser "
               "pki revoke %s %s --replaced\n",
               order->key == NULL ? "  and a new key beside it\n" : "",
               renewal->dir, renewal->word);
    }
}

static int make(const struct renewal *renewal, struct hwi_pki_order *order)
{
    struct hwi_ca ca = {NULL, NULL};
    int code =
        hwi_ca_read(renewal->dir, HWI_CA_ACTIVE, renewal->passphrase_file, &ca);
    if (code == 0 && renewal->csr_file != NULL) {
        code = hwi_pki_accept_request(renewal->csr_file, renewal->dir,
                                      order->names[0], &order->key);
    }
    if (code == 0) {
        code = hwi_pki_issue(order, &ca);
    }
    if (code == 0 && !renewal->is_quiet) {
        code = hwi_pki_tell(renewal->dir, hwi_cert_kind_name(order->kind),
                            order->names[0]);
    }
    if (code == 0 && !renewal->is_quiet) {
        tell(renewal, order);
    }
    EVP_PKEY_free(order->key);
    hwi_ca_free(&ca);
    return code;
}

static int renew(const struct renewal *renewal)
{
    struct hwi_index index = {NULL, 0, NULL, 0};
    const struct hwi_record *record = NULL;
    const char *name = NULL;
    struct hwi_pki_order order = {.dir = renewal->dir, .replaces = true};

    int code = hwi_index_read(renewal->dir, &index);
    if (code == 0) {
        code = hwi_index_find(&index, renewal->word, &record, &name);
    }
    if (code == 0) {
        order.kind = record->kind;
        order.names = &name;
        order.name_count = 1;
        code = check_request(renewal, record, name);
    }
    if (code == 0) {
        code = read_days(renewal, &order);
    }
    if (code == 0) {
        code = read_old(renewal, &order);
    }
    if (code == 0) {
        code = make(renewal, &order);
    }
    X509_free(order.like);
    hwi_index_free(&index);
    return code;
}

int hwi_pki_renew(int argc, char **argv)
{
    struct renewal renewal = {NULL, NULL, NULL, NULL, NULL, false};
    const struct hwi_option options[] = {
        {"days", &renewal.days, NULL},
        {"csr", &renewal.csr_file, NULL},
        {"passphrase-file", &renewal.passphrase_file, NULL},
        {NULL, NULL, NULL},
    };
    int count = 0;

    int code = hwi_args_parse(COMMAND, options, argc, argv, &count);
    if (code == 0 && count != 2) {
        code = hawser_cli_usage_error(COMMAND, "renew needs DIR and one NAME");
    }
    renewal.dir = argv[0];
    renewal.word = argv[1];
    return code == 0 ? renew(&renewal) : code;
}

int hwi_pki_renew_by_request(const char *dir, const char *id,
                             const char *csr_file, const char *passphrase_file)
{
    const struct renewal renewal = {.dir = dir,
                                    .word = id,
                                    .csr_file = csr_file,
                                    .passphrase_file = passphrase_file,
                                    .is_quiet = true};
    return renew(&renewal);
}
