/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading index.jsonl. A line issues ("issued") or revokes ("revoked"); lines
 * are only ever added, so the file is the history, too.
 */
#include "pki_records.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli.h"
#include "json.h"
#include "pki_file.h"
#include "text.h"

/* A name of 253 bytes with every byte escaped. */
#define QUOTED_SIZE 2048

static const char *const kinds[] = {
    [HWI_CERT_CA] = "ca",
    [HWI_CERT_SERVER] = "server",
    [HWI_CERT_DEVICE] = "device",
};
#define KIND_COUNT (sizeof(kinds) / sizeof(kinds[0]))

const char *hwi_cert_kind_name(enum hwi_cert_kind kind)
{
    return kinds[kind];
}

ASN1_TIME *hwi_date_read(const char *date)
{
    char digits[HWI_DATE_SIZE];
    size_t len = 0;
    for (; *date != '\0' && len + 1 < sizeof(digits); date++) {
        if (strchr("-:T", *date) == NULL) {
            digits[len++] = *date;
        }
    }
    digits[len] = '\0';
    ASN1_TIME *time = ASN1_TIME_new();
    /* sets UTCTime before 2050 and GeneralizedTime after, as RFC 5280 wants */
    if (time != NULL && ASN1_TIME_set_string_X509(time, digits) != 1) {
        ASN1_TIME_free(time);
        return NULL;
    }
    return time;
}

/* Copies a plain JSON string; false if it is none, or too long. */
static bool copy_plain(char *out, size_t size, struct hawser_view value)
{
    if (value.len < 2 || value.len - 2 >= size || value.at[0] != '"' ||
        memchr(value.at, '\\', value.len) != NULL) {
        return false;
    }
    memcpy(out, value.at + 1, value.len - 2);
    out[value.len - 2] = '\0';
    return true;
}

static bool is_same(struct hawser_view a, struct hawser_view b)
{
    return a.len == b.len && a.len > 0 && memcmp(a.at, b.at, a.len) == 0;
}

static bool read_kind(struct hawser_view value, enum hwi_cert_kind *out)
{
    for (size_t i = 0; i < KIND_COUNT; i++) {
        if (hawser_cli_json_is(value, kinds[i])) {
            *out = (enum hwi_cert_kind)i;
            return true;
        }
    }
    return false;
}

static bool is_serial(const char *serial)
{
    return serial[0] != '\0' &&
           serial[strspn(serial, "0123456789ABCDEF")] == '\0';
}

/* Takes an "issued" line. False: it is not one of ours. */
static bool take_issued(struct hwi_index *index,
                        const struct hawser_cli_object *line)
{
    struct hwi_record record = {
        .name = hawser_cli_json_get(line, "name"),
        .issuer = hawser_cli_json_get(line, "issuer"),
        .is_newest = true,
    };
    if (record.name.len < 2 ||
        !read_kind(hawser_cli_json_get(line, "kind"), &record.kind) ||
        !copy_plain(record.serial, sizeof(record.serial),
                    hawser_cli_json_get(line, "serial")) ||
        !is_serial(record.serial) ||
        !copy_plain(record.not_after, sizeof(record.not_after),
                    hawser_cli_json_get(line, "not_after"))) {
        return false;
    }
    ASN1_TIME *end = hwi_date_read(record.not_after);
    if (end == NULL) {
        return false;
    }
    record.days_left = hwi_days_left(end);
    ASN1_TIME_free(end);
    for (size_t i = 0; i < index->count; i++) {
        struct hwi_record *before = &index->records[i];
        if (before->kind == record.kind && is_same(before->name, record.name)) {
            before->is_newest = false;
        }
    }
    index->records[index->count++] = record;
    return true;
}

static bool take_revoked(struct hwi_index *index,
                         const struct hawser_cli_object *line)
{
    char serial[HWI_SERIAL_SIZE];
    char since[HWI_DATE_SIZE];
    if (!copy_plain(serial, sizeof(serial),
                    hawser_cli_json_get(line, "serial")) ||
        !copy_plain(since, sizeof(since),
                    hawser_cli_json_get(line, "revoked"))) {
        return false;
    }
    ASN1_TIME *time = hwi_date_read(since);
    if (time == NULL) {
        return false;
    }
    ASN1_TIME_free(time);
    for (size_t i = 0; i < index->count; i++) {
        struct hwi_record *record = &index->records[i];
        if (strcmp(record->serial, serial) == 0 && record->revoked[0] == '\0') {
            memcpy(record->revoked, since, sizeof(since));
            return true;
        }
    }
    return true; /* revoked twice */
}

static bool take_line(struct hwi_index *index, struct hawser_view text)
{
    struct hawser_cli_object line;
    if (!hawser_cli_json_read(&line, text)) {
        return false;
    }
    return hawser_cli_json_get(&line, "revoked").at != NULL
               ? take_revoked(index, &line)
               : take_issued(index, &line);
}

static size_t count_lines(const char *text)
{
    size_t lines = 1;
    for (; *text != '\0'; text++) {
        lines += *text == '\n';
    }
    return lines;
}

int hwi_index_read(const char *dir, struct hwi_index *out)
{
    char path[HWI_PATH_SIZE];
    *out = (struct hwi_index){NULL, 0, NULL, 0};
    int code = hwi_pki_path(path, "%s/index.jsonl", dir);
    if (code == 0) {
        code = hwi_pki_read(path, &out->text, &out->len);
    }
    if (code != 0) {
        return code;
    }
    out->records = calloc(count_lines(out->text), sizeof(*out->records));
    if (out->records == NULL) {
        return hwi_pki_fail(HAWSER_EXIT_FAILED, "no memory");
    }
    size_t number = 1;
    for (const char *at = out->text; *at != '\0'; number++) {
        size_t len = strcspn(at, "\n");
        const struct hawser_view line = {(const uint8_t *)at, len};
        if (len > 0 && !take_line(out, line)) {
            return hwi_pki_fail(HAWSER_EXIT_CONFIG,
                                "%s:%zu: not a line of an index; nothing is "
                                "done before it is put right",
                                path, number);
        }
        at += len + (at[len] == '\n');
    }
    return 0;
}

void hwi_index_free(struct hwi_index *index)
{
    hwi_pki_forget(index->text, index->len);
    free(index->records);
    *index = (struct hwi_index){NULL, 0, NULL, 0};
}

bool hwi_index_is(struct hawser_view quoted, const char *text)
{
    char room[QUOTED_SIZE];
    struct hawser_cli_text want = hawser_cli_text_in(room, sizeof(room));
    hawser_cli_text_add_json_string(&want, hawser_cli_view(text));
    return !want.cut && is_same(quoted, hawser_cli_view(room));
}

bool hwi_record_is_live(const struct hwi_record *record)
{
    return record->revoked[0] == '\0' && record->days_left >= 0;
}

int hwi_index_find(const struct hwi_index *index, const char *word,
                   const struct hwi_record **out, const char **name)
{
    bool wants[KIND_COUNT] = {false, true, true};
    const char *slash = strchr(word, '/');
    *out = NULL;
    *name = word;
    if (slash != NULL) { /* which no name has */
        for (size_t i = 0; i < KIND_COUNT; i++) {
            wants[i] = wants[i] && strlen(kinds[i]) == (size_t)(slash - word) &&
                       memcmp(kinds[i], word, (size_t)(slash - word)) == 0;
        }
        *name = slash + 1;
    }
    for (size_t i = 0; i < index->count; i++) {
        const struct hwi_record *record = &index->records[i];
        if (!record->is_newest || !wants[record->kind] ||
            !hwi_index_is(record->name, *name)) {
            continue;
        }
        if (*out != NULL) {
            return hwi_pki_fail(HAWSER_EXIT_CONFIG,
                                "%s is a server and a device; say server/%s "
                                "or device/%s",
                                word, word, word);
        }
        *out = record;
    }
    return *out != NULL
               ? 0
               : hwi_pki_fail(HAWSER_EXIT_CONFIG,
                              "%s: no certificate of this name was issued; "
                              "`hawser pki list` shows which were",
                              word);
}

int hwi_index_revoke(const char *dir, const struct hwi_record *record)
{
    char path[HWI_PATH_SIZE];
    char line[QUOTED_SIZE + 256];
    char now[HWI_DATE_SIZE];
    ASN1_TIME *time_now = ASN1_TIME_set(NULL, time(NULL));
    if (time_now == NULL) {
        return hwi_pki_fail(HAWSER_EXIT_FAILED, "no memory");
    }
    hwi_date(time_now, now);
    ASN1_TIME_free(time_now);
    int len = snprintf(line, sizeof(line),
                       "{\"revoked\":\"%s\",\"kind\":\"%s\",\"name\":%.*s,"
                       "\"serial\":\"%s\"}\n",
                       now, kinds[record->kind], (int)record->name.len,
                       (const char *)record->name.at, record->serial);
    if (len < 0 || (size_t)len >= sizeof(line)) {
        return hwi_pki_fail(HAWSER_EXIT_FAILED, "the name is too long");
    }
    int code = hwi_pki_path(path, "%s/index.jsonl", dir);
    return code == 0 ? hwi_pki_append(path, line) : code;
}
