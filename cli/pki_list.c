/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hawser pki list` and `check`: what was issued, what ends when, and what
 * somebody has to do about it.
 */
#include "pki.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli.h"
#include "json.h"
#include "pki_args.h"
#include "pki_crl.h"
#include "pki_file.h"
#include "text.h"

#define COMMAND    "pki"
#define CHECK_DAYS 30

static const char *state_of(const struct hwi_record *record)
{
    if (record->revoked[0] != '\0') {
        return "revoked";
    }
    if (record->days_left < 0) {
        return "ended";
    }
    return record->is_newest ? "valid" : "replaced";
}

static int by_end(const void *a, const void *b)
{
    const struct hwi_record *one = a;
    const struct hwi_record *two = b;
    return strcmp(one->not_after, two->not_after);
}

static void put_row(const struct hwi_record *record)
{
    char room[1024];
    struct hawser_cli_text name = hawser_cli_text_in(room, sizeof(room));
    hawser_cli_json_add_shown(&name, record->name);
    printf("%-8s  %-6s  %5d  %-10.10s  %s\n", state_of(record),
           hwi_cert_kind_name(record->kind), record->days_left,
           record->not_after, room);
}

static void put_json(const struct hwi_record *record)
{
    printf("{\"state\":\"%s\",\"kind\":\"%s\",\"name\":%.*s,"
           "\"not_after\":\"%s\",\"days_left\":%d,\"serial\":\"%s\"}\n",
           state_of(record), hwi_cert_kind_name(record->kind),
           (int)record->name.len, (const char *)record->name.at,
           record->not_after, record->days_left, record->serial);
}

static void put_list(struct hwi_index *index, bool all, bool as_json)
{
    qsort(index->records, index->count, sizeof(*index->records), by_end);
    if (!as_json) {
        printf("%-8s  %-6s  %5s  %-10s  %s\n", "STATE", "KIND", "DAYS", "ENDS",
               "NAME");
    }
    for (size_t i = 0; i < index->count; i++) {
        const struct hwi_record *record = &index->records[i];
        if (all || hwi_record_is_live(record)) {
            (as_json ? put_json : put_row)(record);
        }
    }
}

int hwi_pki_list(int argc, char **argv)
{
    bool all = false;
    bool as_json = false;
    const struct hwi_option options[] = {
        {"all", NULL, &all},
        {"json", NULL, &as_json},
        {NULL, NULL, NULL},
    };
    struct hwi_index index = {NULL, 0, NULL, 0};
    int count = 0;

    int code = hwi_args_parse(COMMAND, options, argc, argv, &count);
    if (code == 0 && count != 1) {
        code = hawser_cli_usage_error(COMMAND, "list needs DIR");
    }
    if (code == 0) {
        code = hwi_index_read(argv[0], &index);
    }
    if (code == 0) {
        put_list(&index, all, as_json);
    }
    hwi_index_free(&index);
    return code;
}

/* What `check` found; a line each. */
struct findings {
    const char *dir;
    int days; /* what ends within them is told */
    int count;
};

static void find_record(struct findings *findings,
                        const struct hwi_record *record)
{
    char room[1024];
    struct hawser_cli_text name = hawser_cli_text_in(room, sizeof(room));
    /* A CA's end is told by its file: an index does not know which is used. */
    if (record->kind == HWI_CERT_CA || !record->is_newest ||
        record->revoked[0] != '\0' || record->days_left >= findings->days) {
        return;
    }
    hawser_cli_json_add_shown(&name, record->name);
    printf("%s %s %s %.10s: hawser pki renew %s %s/%s\n",
           hwi_cert_kind_name(record->kind), room,
           record->days_left < 0 ? "ended" : "ends", record->not_after,
           findings->dir, hwi_cert_kind_name(record->kind), room);
    findings->count++;
}

/* A CA must live as long as what it signs: it is replaced a year before. */
static int find_ca(struct findings *findings)
{
    char path[HWI_PATH_SIZE];
    char end[HWI_DATE_SIZE];
    struct stat info;
    X509 *ca = NULL;

    int code = hwi_pki_path(path, "%s/ca/ca.crt", findings->dir);
    if (code == 0) {
        code = hwi_cert_read(path, &ca);
    }
    if (code != 0) {
        return code;
    }
    const ASN1_TIME *not_after = X509_get0_notAfter(ca);
    if (hwi_days_left(not_after) < HWI_SERVER_DAYS + findings->days) {
        hwi_date(not_after, end);
        printf("the CA ends %.10s, and signs nothing that outlives it: hawser "
               "pki rotate-ca %s\n",
               end, findings->dir);
        findings->count++;
    }
    X509_free(ca);
    code = hwi_pki_path(path, "%s/ca/ca.key", findings->dir);
    if (code == 0 && stat(path, &info) == 0 && (info.st_mode & 077) != 0) {
        printf("%s is open to others: chmod 600\n", path);
        findings->count++;
    }
    return code;
}

static int find_crl(struct findings *findings, const struct hwi_index *index)
{
    bool exists = false;
    bool is_needed = false;
    int days = 0;
    int code = hwi_crl_days_left(findings->dir, &exists, &days);
    for (size_t i = 0; i < index->count; i++) {
        const struct hwi_record *record = &index->records[i];
        is_needed =
            is_needed || (record->revoked[0] != '\0' && record->days_left >= 0);
    }
    if (code == 0 && !exists && is_needed) {
        printf("something is revoked and there is no list of it: hawser pki "
               "crl %s\n",
               findings->dir);
        findings->count++;
    } else if (code == 0 && exists && days < findings->days) {
        printf("the revocation list %s, and with one that has ended a broker "
               "lets nobody in: hawser pki crl %s\n",
               days < 0 ? "has ended" : "ends soon", findings->dir);
        findings->count++;
    }
    return code;
}

static int check(struct findings *findings)
{
    struct hwi_index index = {NULL, 0, NULL, 0};
    int code = hwi_index_read(findings->dir, &index);
    if (code == 0) {
        code = find_ca(findings);
    }
    if (code == 0) {
        code = find_crl(findings, &index);
    }
    for (size_t i = 0; code == 0 && i < index.count; i++) {
        find_record(findings, &index.records[i]);
    }
    hwi_index_free(&index);
    if (code == 0 && findings->count == 0) {
        printf("nothing ends within %d days\n", findings->days);
    }
    return code == 0 && findings->count > 0 ? HAWSER_EXIT_FAILED : code;
}

int hwi_pki_check(int argc, char **argv)
{
    const char *days = NULL;
    const struct hwi_option options[] = {
        {"days", &days, NULL},
        {NULL, NULL, NULL},
    };
    struct findings findings = {.days = CHECK_DAYS};
    int count = 0;

    int code = hwi_args_parse(COMMAND, options, argc, argv, &count);
    if (code == 0 && count != 1) {
        code = hawser_cli_usage_error(COMMAND, "check needs DIR");
    }
    if (code == 0) {
        code = hwi_args_number(COMMAND, "--days", days, HWI_CA_DAYS,
                               &findings.days);
    }
    findings.dir = argv[0];
    return code == 0 ? check(&findings) : code;
}
