/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hawser pki revoke`: a name's certificates count no more. The index is told
 * first, then the list for brokers is written; cut off between the two,
 * `hawser pki crl` does the rest.
 */
#include "pki.h"

#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "pki_args.h"
#include "pki_crl.h"
#include "pki_file.h"

#define COMMAND "pki"

/* Revokes what is live under the kind and name of `newest`; without `newest`
 * itself if only what it replaced is meant. */
static int revoke_all(const char *dir, const struct hwi_index *index,
                      const struct hwi_record *newest, bool only_replaced,
                      int *revoked)
{
    int code = 0;
    *revoked = 0;
    for (size_t i = 0; code == 0 && i < index->count; i++) {
        const struct hwi_record *record = &index->records[i];
        if (record->kind != newest->kind ||
            record->name.len != newest->name.len ||
            memcmp(record->name.at, newest->name.at, newest->name.len) != 0 ||
            !hwi_record_is_live(record) ||
            (only_replaced && record == newest)) {
            continue;
        }
        code = hwi_index_revoke(dir, record);
        *revoked += code == 0;
    }
    return code;
}

static void tell(const char *dir, const char *name, enum hwi_cert_kind kind,
                 int revoked)
{
    printf("%s: %d certificate%s revoked; %s/ca/crl.pem lists them\n\n"
           "Next: hawser broker renew BROKERDIR --pki %s, then kill -HUP\n",
           name, revoked, revoked == 1 ? "" : "s", dir, dir);
    puts(kind == HWI_CERT_DEVICE
             ? "A connection that is open stays open: restart the broker to "
               "end it at once.\n"
               "A device that logs in by password: hawser broker user "
               "BROKERDIR ID --remove"
             : "Devices do not read the list: if the key was stolen, replace "
               "the CA, too\n(hawser pki rotate-ca).");
}

/* Reads the CA before anything is written: a wrong passphrase changes
 * nothing. */
static int revoke(const char *dir, const char *word, bool only_replaced,
                  const char *passphrase_file)
{
    struct hwi_ca ca = {NULL, NULL};
    struct hwi_index index = {NULL, 0, NULL, 0};
    const struct hwi_record *newest = NULL;
    const char *name = word;
    int revoked = 0;

    int code = hwi_ca_read(dir, HWI_CA_ACTIVE, passphrase_file, &ca);
    if (code == 0) {
        code = hwi_index_read(dir, &index);
    }
    if (code == 0) {
        code = hwi_index_find(&index, word, &newest, &name);
    }
    if (code == 0) {
        code = revoke_all(dir, &index, newest, only_replaced, &revoked);
    }
    if (code == 0) {
        code = hwi_crl_write(dir, passphrase_file, HWI_CRL_DAYS);
    }
    if (code == 0 && revoked == 0) {
        printf("%s: nothing to revoke; what there was has ended or is revoked "
               "already\n",
               name);
    } else if (code == 0) {
        tell(dir, name, newest->kind, revoked);
    }
    hwi_index_free(&index);
    hwi_ca_free(&ca);
    return code;
}

int hwi_pki_revoke(int argc, char **argv)
{
    const char *passphrase_file = NULL;
    bool only_replaced = false;
    const struct hwi_option options[] = {
        {"replaced", NULL, &only_replaced},
        {"passphrase-file", &passphrase_file, NULL},
        {NULL, NULL, NULL},
    };
    int count = 0;

    int code = hwi_args_parse(COMMAND, options, argc, argv, &count);
    if (code == 0 && count != 2) {
        code = hawser_cli_usage_error(COMMAND, "revoke needs DIR and one NAME");
    }
    return code == 0 ? revoke(argv[0], argv[1], only_replaced, passphrase_file)
                     : code;
}
