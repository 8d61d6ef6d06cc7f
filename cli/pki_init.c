/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hawser pki init` and `hawser pki server`: a CA, and certificates of brokers.
 */
#include "pki.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/rand.h>

#include "cli.h"
#include "pki_args.h"
#include "pki_file.h"
#include "pki_key.h"
#include "pki_name.h"

#define COMMAND "pki"

struct init {
    const char *dir; /* as it was typed */
    const char *const *hosts;
    int host_count;
    const char *organisation;
    int days;
    const char *passphrase; /* NULL: the CA's key stays in clear */
};

/* Every name is looked at before anything is made. */
static int check_hosts(const char *const *hosts, int count)
{
    unsigned char address[16];
    const char *why;
    for (int i = 0; i < count; i++) {
        if (hwi_host_kind(hosts[i], address, &why) == HWI_HOST_BAD) {
            return hwi_args_refuse(COMMAND, "the host name", hosts[i], why);
        }
    }
    return 0;
}

/* A CA's name has a random part, so that an old and a new CA of one owner can
 * stand in one file without being taken for each other. */
int hwi_ca_make(const char *organisation, struct hwi_ca *out)
{
    unsigned char tag[4];
    char name[32];
    *out = (struct hwi_ca){NULL, NULL};
    if (RAND_bytes(tag, sizeof(tag)) != 1) {
        return hwi_pki_fail(HAWSER_EXIT_FAILED, "no randomness: %s",
                            hwi_openssl_reason());
    }
    snprintf(name, sizeof(name), "hawser CA %02x%02x%02x%02x", tag[0], tag[1],
             tag[2], tag[3]);
    int code = hwi_key_make(&out->key);
    if (code != 0) {
        return code;
    }
    const struct hwi_cert_request request = {
        .kind = HWI_CERT_CA,
        .common_name = name,
        .organisation = organisation,
        .key = out->key,
        .days = HWI_CA_DAYS,
    };
    return hwi_cert_make(&request, NULL, &out->certificate);
}

static int make_folders(const char *stage)
{
    static const char *const folders[] = {"ca", "server", "device"};
    char path[HWI_PATH_SIZE];
    int code = 0;
    for (size_t i = 0; code == 0 && i < 3; i++) {
        code = hwi_pki_path(path, "%s/%s", stage, folders[i]);
        if (code == 0) {
            code = hwi_pki_make_dir(path);
        }
    }
    return code;
}

static int write_ca(const struct init *init, const char *stage,
                    const struct hwi_ca *ca)
{
    char path[HWI_PATH_SIZE];
    int code = hwi_pki_path(path, "%s/ca/ca.key", stage);
    if (code == 0) {
        code = hwi_key_write(path, ca->key, init->passphrase);
    }
    if (code == 0) {
        code = hwi_pki_path(path, "%s/ca/ca.crt", stage);
    }
    if (code == 0) {
        code = hwi_cert_write(path, ca->certificate);
    }
    if (code == 0) {
        code = hwi_index_add(stage, "ca", "ca", ca->certificate);
    }
    return code;
}

/* Fills the staged folder. */
static int fill(const struct init *init, const char *stage, struct hwi_ca *ca)
{
    const struct hwi_pki_order order = {
        .dir = stage,
        .kind = HWI_CERT_SERVER,
        .names = init->hosts,
        .name_count = init->host_count,
        .days = init->days,
    };
    int code = make_folders(stage);
    if (code == 0) {
        code = hwi_ca_make(init->organisation, ca);
    }
    if (code == 0) {
        code = write_ca(init, stage, ca);
    }
    if (code == 0) {
        code = hwi_pki_issue(&order, ca);
    }
    return code;
}

static int make(const struct init *init)
{
    char final[HWI_PATH_SIZE];
    char stage[HWI_PATH_SIZE];
    struct hwi_ca ca = {NULL, NULL};

    int code = hwi_pki_absolute(final, init->dir);
    if (code == 0) {
        code = hwi_pki_stage_begin(stage, final);
    }
    if (code != 0) {
        return code;
    }
    code = fill(init, stage, &ca);
    hwi_ca_free(&ca);
    if (code != 0) {
        hwi_pki_stage_abandon(stage);
        return code;
    }
    code = hwi_pki_stage_commit(stage, final);
    if (code == 0) {
        code = hwi_pki_tell(init->dir, "ca", "ca");
    }
    if (code == 0) {
        code = hwi_pki_tell(init->dir, "server", init->hosts[0]);
    }
    if (code == 0) {
        printf("\n%s/ca/ca.key signs for every device: keep it off the "
               "network.%s\n\nNext: hawser broker init BROKERDIR --pki %s\n",
               init->dir,
               init->passphrase == NULL
                   ? "\nIt is not encrypted; --passphrase-file does that."
                   : "",
               init->dir);
    }
    return code;
}

int hwi_pki_init(int argc, char **argv)
{
    const char *days = NULL;
    const char *passphrase_file = NULL;
    struct init init = {.days = HWI_SERVER_DAYS};
    const struct hwi_option options[] = {
        {"host", NULL, NULL},  {"org", &init.organisation, NULL},
        {"days", &days, NULL}, {"passphrase-file", &passphrase_file, NULL},
        {NULL, NULL, NULL},
    };
    int count = 0;
    char *passphrase = NULL;

    int code = hwi_args_parse(COMMAND, options, argc, argv, &count);
    if (code == 0 && count < 2) {
        code = hawser_cli_usage_error(
            COMMAND, "init needs DIR and, after it, --host NAME");
    }
    if (code == 0) {
        code = hwi_args_number(COMMAND, "--days", days, HWI_SERVER_DAYS,
                               &init.days);
    }
    if (code == 0) {
        init.dir = argv[0];
        init.hosts = (const char *const *)argv + 1;
        init.host_count = count - 1;
        code = check_hosts(init.hosts, init.host_count);
    }
    if (code == 0) {
        code = hwi_passphrase_read(passphrase_file, &passphrase);
        init.passphrase = passphrase;
    }
    if (code == 0) {
        code = make(&init);
    }
    if (passphrase != NULL) {
        hwi_pki_forget(passphrase, strlen(passphrase));
    }
    return code;
}

int hwi_pki_server(int argc, char **argv)
{
    const char *days = NULL;
    const char *passphrase_file = NULL;
    const struct hwi_option options[] = {
        {"host", NULL, NULL},
        {"days", &days, NULL},
        {"passphrase-file", &passphrase_file, NULL},
        {NULL, NULL, NULL},
    };
    struct hwi_pki_order order = {.kind = HWI_CERT_SERVER,
                                  .days = HWI_SERVER_DAYS};
    struct hwi_ca ca = {NULL, NULL};
    int count = 0;

    int code = hwi_args_parse(COMMAND, options, argc, argv, &count);
    if (code == 0 && count < 2) {
        code = hawser_cli_usage_error(COMMAND, "server needs DIR and a NAME");
    }
    if (code == 0) {
        code = hwi_args_number(COMMAND, "--days", days, HWI_SERVER_DAYS,
                               &order.days);
    }
    if (code == 0) {
        order.dir = argv[0];
        order.names = (const char *const *)argv + 1;
        order.name_count = count - 1;
        code = check_hosts(order.names, order.name_count);
    }
    if (code == 0) {
        code = hwi_ca_read(order.dir, HWI_CA_ACTIVE, passphrase_file, &ca);
    }
    if (code == 0) {
        code = hwi_pki_issue(&order, &ca);
    }
    if (code == 0) {
        code = hwi_pki_tell(order.dir, "server", order.names[0]);
    }
    if (code == 0) {
        printf("\nNext: hawser broker renew BROKERDIR --pki %s --host %s\n",
               order.dir, order.names[0]);
    }
    hwi_ca_free(&ca);
    return code;
}
