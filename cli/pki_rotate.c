/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hawser pki rotate-ca`: a new CA in the place of the old one, in three steps
 * with devices online all the time. In DIR/ca:
 *
 *           ca.*        next.*      old.*    bundle.crt
 *   begin   signs       waits       -        ca and next: devices trust both
 *   switch  (was next)  -           was ca   the same two
 *   drop    signs       -           -        -; old is now retired-XXXXXXXX
 *
 * Each step changes one file at a time, in an order that lets it be run again
 * when it was cut off. The bundle is there from the first to the last.
 */
#include "pki.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "cli.h"
#include "pki_args.h"
#include "pki_crl.h"
#include "pki_file.h"
#include "pki_key.h"

#define COMMAND "pki"

struct roll {
    const char *dir;
    const char *passphrase_file;
    bool force;
};

static bool has(const struct roll *roll, const char *name)
{
    char path[HWI_PATH_SIZE];
    return hwi_pki_path(path, "%s/ca/%s", roll->dir, name) == 0 &&
           access(path, F_OK) == 0;
}

/* Moves a file of the CA, unless that is done: `to` is there, or `from` not. */
static int move(const struct roll *roll, const char *from, const char *to)
{
    char old_path[HWI_PATH_SIZE];
    char new_path[HWI_PATH_SIZE];
    if (has(roll, to) || !has(roll, from)) {
        return 0;
    }
    int code = hwi_pki_path(old_path, "%s/ca/%s", roll->dir, from);
    if (code == 0) {
        code = hwi_pki_path(new_path, "%s/ca/%s", roll->dir, to);
    }
    if (code == 0 && rename(old_path, new_path) != 0) {
        code = hwi_pki_fail(HAWSER_EXIT_FAILED, "%s cannot be renamed: %s",
                            old_path, strerror(errno));
    }
    return code;
}

static int remove_file(const struct roll *roll, const char *name)
{
    char path[HWI_PATH_SIZE];
    int code = hwi_pki_path(path, "%s/ca/%s", roll->dir, name);
    if (code == 0 && unlink(path) != 0 && errno != ENOENT) {
        code = hwi_pki_fail(HAWSER_EXIT_FAILED, "%s cannot be removed: %s",
                            path, strerror(errno));
    }
    return code;
}

static int write_next(const struct roll *roll, const struct hwi_ca *next)
{
    char path[HWI_PATH_SIZE];
    char *passphrase = NULL;
    int code = remove_file(roll, "next.key"); /* of a try that was cut off */
    if (code == 0) {
        code = hwi_passphrase_read(roll->passphrase_file, &passphrase);
    }
    if (code == 0) {
        code = hwi_pki_path(path, "%s/ca/next.key", roll->dir);
    }
    if (code == 0) {
        code = hwi_key_write(path, next->key, passphrase);
    }
    if (passphrase != NULL) {
        hwi_pki_forget(passphrase, strlen(passphrase));
    }
    if (code == 0) {
        code = hwi_index_add(roll->dir, "ca", "ca", next->certificate);
    }
    if (code == 0) {
        code = hwi_pki_path(path, "%s/ca/next.crt", roll->dir);
    }
    return code == 0 ? hwi_cert_write(path, next->certificate) : code;
}

/* ca.crt and next.crt, one behind the other. */
static int write_bundle(const struct roll *roll)
{
    static const char *const names[] = {"ca", "next"};
    char path[HWI_PATH_SIZE];
    char both[2 * HWI_CA_PEM_MAX];
    size_t len = 0;
    int code = 0;
    for (size_t i = 0; code == 0 && i < 2; i++) {
        char *text = NULL;
        size_t text_len = 0;
        code = hwi_pki_path(path, "%s/ca/%s.crt", roll->dir, names[i]);
        if (code == 0) {
            code = hwi_pki_read(path, &text, &text_len);
        }
        if (code == 0 && text_len > HWI_CA_PEM_MAX) {
            code = hwi_pki_fail(HAWSER_EXIT_CONFIG, "%s is too large", path);
        }
        if (code == 0) {
            memcpy(both + len, text, text_len);
            len += text_len;
        }
        hwi_pki_forget(text, text_len);
    }
    if (code == 0) {
        code = hwi_pki_path(path, "%s/ca/bundle.crt", roll->dir);
    }
    return code == 0 ? hwi_pki_put(path, both, len, 0644) : code;
}

static int begin(const struct roll *roll)
{
    struct hwi_ca ca = {NULL, NULL};
    struct hwi_ca next = {NULL, NULL};
    if (has(roll, "old.crt") || has(roll, "old.key")) {
        return hwi_pki_fail(HAWSER_EXIT_CONFIG,
                            "%s: the CA before is not dropped yet: hawser pki "
                            "rotate-ca %s drop",
                            roll->dir, roll->dir);
    }
    int code =
        hwi_ca_read(roll->dir, HWI_CA_ACTIVE, roll->passphrase_file, &ca);
    if (code == 0 && !has(roll, "next.crt")) {
        char *organisation = hwi_ca_organisation(ca.certificate);
        code = hwi_ca_make(organisation, &next);
        OPENSSL_free(organisation);
        if (code == 0) {
            code = write_next(roll, &next);
        }
    }
    if (code == 0) {
        code = write_bundle(roll);
    }
    /* A broker that reads a list wants one of each CA it trusts. */
    if (code == 0) {
        code = hwi_crl_refresh(roll->dir, roll->passphrase_file);
    }
    hwi_ca_free(&next);
    hwi_ca_free(&ca);
    return code;
}

static int check_next(const struct roll *roll)
{
    struct hwi_ca next = {NULL, NULL};
    int code = 0;
    if (!has(roll, "next.crt")) {
        return hwi_pki_fail(HAWSER_EXIT_CONFIG,
                            "%s: there is no next CA: hawser pki rotate-ca %s "
                            "begin",
                            roll->dir, roll->dir);
    }
    if (!has(roll, "bundle.crt")) {
        return hwi_pki_fail(HAWSER_EXIT_CONFIG,
                            "%s: devices could not be told of it yet; finish "
                            "the step before: hawser pki rotate-ca %s begin",
                            roll->dir, roll->dir);
    }
    /* not when a switch goes on in which the key has moved already */
    if (has(roll, "next.key")) {
        code = hwi_ca_read(roll->dir, "next", roll->passphrase_file, &next);
    }
    hwi_ca_free(&next);
    return code;
}

static int switch_over(const struct roll *roll)
{
    int code = check_next(roll);
    if (code == 0) {
        code = move(roll, "ca.key", "old.key");
    }
    if (code == 0) {
        code = move(roll, "next.key", "ca.key");
    }
    if (code == 0) {
        code = move(roll, "ca.crt", "old.crt");
    }
    if (code == 0) {
        code = move(roll, "next.crt", "ca.crt");
    }
    return code == 0 ? hwi_crl_refresh(roll->dir, roll->passphrase_file) : code;
}

/* Names that live by the old CA alone; each is told. */
static int find_dependants(const struct roll *roll, const char *old_name,
                           int *count)
{
    struct hwi_index index = {NULL, 0, NULL, 0};
    int code = hwi_index_read(roll->dir, &index);
    *count = 0;
    for (size_t i = 0; code == 0 && i < index.count; i++) {
        const struct hwi_record *record = &index.records[i];
        if (record->kind != HWI_CERT_CA && record->is_newest &&
            hwi_record_is_live(record) &&
            (record->issuer.at == NULL ||
             hwi_index_is(record->issuer, old_name))) {
            hwi_pki_fail(0, "%s %.*s is signed by the old CA",
                         hwi_cert_kind_name(record->kind),
                         (int)record->name.len, (const char *)record->name.at);
            ++*count;
        }
    }
    hwi_index_free(&index);
    return code;
}

static int check_dependants(const struct roll *roll, const char *old_name)
{
    int count = 0;
    int code = roll->force ? 0 : find_dependants(roll, old_name, &count);
    return code == 0 && count > 0
               ? hwi_pki_fail(HAWSER_EXIT_CONFIG,
                              "%d name%s would be locked out: `hawser pki "
                              "renew` each, or `revoke` what is gone; --force "
                              "drops the CA all the same",
                              count, count == 1 ? "" : "s")
               : code;
}

/* Before a step of which the list for brokers is a part. */
static int check_passphrase(const struct roll *roll)
{
    struct hwi_ca ca = {NULL, NULL};
    int code = has(roll, "crl.pem") ? hwi_ca_read(roll->dir, HWI_CA_ACTIVE,
                                                  roll->passphrase_file, &ca)
                                    : 0;
    hwi_ca_free(&ca);
    return code;
}

static int drop(const struct roll *roll)
{
    char path[HWI_PATH_SIZE];
    char name[HWI_COMMON_NAME_SIZE];
    char key[64];
    char certificate[64];
    X509 *old = NULL;

    if (has(roll, "next.crt") || !has(roll, "old.crt")) {
        return hwi_pki_fail(HAWSER_EXIT_CONFIG,
                            "%s: there is no old CA to drop; `hawser pki "
                            "rotate-ca %s` says where it stands",
                            roll->dir, roll->dir);
    }
    int code = check_passphrase(roll);
    if (code == 0) {
        code = hwi_pki_path(path, "%s/ca/old.crt", roll->dir);
    }
    if (code == 0) {
        code = hwi_cert_read(path, &old);
    }
    if (code == 0) {
        unsigned long tag = X509_subject_name_hash(old);
        hwi_common_name(X509_get_subject_name(old), name);
        snprintf(key, sizeof(key), "retired-%08lx.key", tag);
        snprintf(certificate, sizeof(certificate), "retired-%08lx.crt", tag);
        code = check_dependants(roll, name);
    }
    X509_free(old);
    if (code == 0) {
        code = remove_file(roll, "bundle.crt");
    }
    if (code == 0) {
        code = move(roll, "old.key", key);
    }
    if (code == 0) {
        code = move(roll, "old.crt", certificate);
    }
    return code == 0 ? hwi_crl_refresh(roll->dir, roll->passphrase_file) : code;
}

/* Where it stands, and what comes next. */
static int tell(const struct roll *roll)
{
    const char *dir = roll->dir;
    if (has(roll, "next.crt") &&
        (has(roll, "old.crt") || has(roll, "old.key"))) {
        printf("the switch was cut off; run it again: hawser pki rotate-ca %s "
               "switch\n",
               dir);
    } else if (has(roll, "next.crt")) {
        printf("step 1 of 3: the next CA is made, the old one signs\n"
               "  devices  give each %s/ca/bundle.crt in the place of its CA,"
               "\n           or add %s/ca/next.crt by update_cert\n"
               "  broker   hawser broker renew BROKERDIR --pki %s, then kill "
               "-HUP\n"
               "Then, when every device trusts both: hawser pki rotate-ca %s "
               "switch\n",
               dir, dir, dir, dir);
    } else if (has(roll, "old.crt")) {
        printf("step 2 of 3: the new CA signs\n"
               "  broker   hawser pki renew %s HOST,\n"
               "           hawser broker renew BROKERDIR --pki %s, then kill "
               "-HUP\n"
               "  devices  that log in by certificate: hawser pki renew %s ID\n"
               "Then, when all run on the new one: hawser pki rotate-ca %s "
               "drop\n",
               dir, dir, dir, dir);
    } else {
        printf("one CA, which signs: %s/ca/ca.crt\n"
               "  devices  may drop every other one now; give each this alone"
               "\n"
               "  broker   hawser broker renew BROKERDIR --pki %s, then kill "
               "-HUP\n"
               "To replace it: hawser pki rotate-ca %s begin\n",
               dir, dir, dir);
    }
    return 0;
}

static int take_step(const struct roll *roll, const char *step)
{
    char path[HWI_PATH_SIZE];
    static const struct {
        const char *name;
        int (*run)(const struct roll *roll);
    } steps[] = {{"begin", begin}, {"switch", switch_over}, {"drop", drop}};
    int code = hwi_pki_path(path, "%s/ca", roll->dir);
    if (code == 0 && access(path, X_OK) != 0) {
        code = hwi_pki_fail(HAWSER_EXIT_CONFIG,
                            "%s: %s; `hawser pki init` makes it", path,
                            strerror(errno));
    }
    if (code != 0 || step == NULL) {
        return code;
    }
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        if (strcmp(step, steps[i].name) == 0) {
            return steps[i].run(roll);
        }
    }
    return hwi_args_refuse(COMMAND, "the step", step, "begin, switch or drop");
}

int hwi_pki_rotate_ca(int argc, char **argv)
{
    struct roll roll = {NULL, NULL, false};
    const struct hwi_option options[] = {
        {"passphrase-file", &roll.passphrase_file, NULL},
        {"force", NULL, &roll.force},
        {NULL, NULL, NULL},
    };
    int count = 0;

    int code = hwi_args_parse(COMMAND, options, argc, argv, &count);
    if (code == 0 && (count < 1 || count > 2)) {
        code = hawser_cli_usage_error(
            COMMAND, "rotate-ca needs DIR and, to do something, a step");
    }
    if (code == 0) {
        roll.dir = argv[0];
        code = take_step(&roll, count == 2 ? argv[1] : NULL);
    }
    return code == 0 ? tell(&roll) : code;
}
