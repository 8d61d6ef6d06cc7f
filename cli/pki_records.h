/* SPDX-License-Identifier: Apache-2.0 */
/*
 * index.jsonl as it is read: one record a certificate that was issued, with
 * what later lines said about it.
 *
 * Answers as in pki_file.h: 0 or an exit code, the message is said.
 */
#ifndef HWI_PKI_RECORDS_H
#define HWI_PKI_RECORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "hawser/mqtt.h"
#include "pki_cert.h"

/* 20 bytes (RFC 5280 4.1.2.2) in hexadecimal, and a NUL. */
#define HWI_SERIAL_SIZE 41

/* A certificate. The views are JSON strings, with their quotes, within the
 * index's text. */
struct hwi_record {
    enum hwi_cert_kind kind;
    struct hawser_view name;
    struct hawser_view issuer; /* {NULL, 0}: not said */
    char serial[HWI_SERIAL_SIZE];
    char not_after[HWI_DATE_SIZE];
    int days_left;               /* negative: it has ended */
    char revoked[HWI_DATE_SIZE]; /* since when; "": it is not */
    bool is_newest;              /* of its kind and name */
};

struct hwi_index {
    char *text;
    size_t len;
    struct hwi_record *records; /* the oldest first */
    size_t count;
};

/* Reads DIR/index.jsonl; to be given to hwi_index_free(), also after a failure.
 * CONFIG: it is missing, or a line (which is named) is not understood. */
int hwi_index_read(const char *dir, struct hwi_index *out);
void hwi_index_free(struct hwi_index *index);

/* "ca", "server" or "device". */
const char *hwi_cert_kind_name(enum hwi_cert_kind kind);

/* Is a JSON string this text? */
bool hwi_index_is(struct hawser_view quoted, const char *text);

/* Does it count: neither revoked nor ended? */
bool hwi_record_is_live(const struct hwi_record *record);

/*
 * The newest certificate of a name as a person types it: "esp-001", or
 * "device/esp-001" where a server has that name, too. *name is the part behind
 * the kind. CONFIG: there is none, or there are two.
 */
int hwi_index_find(const struct hwi_index *index, const char *word,
                   const struct hwi_record **out, const char **name);

/* Adds a line to DIR/index.jsonl: this one is revoked now. FAILED. */
int hwi_index_revoke(const char *dir, const struct hwi_record *record);

/* "2026-11-23T01:50:00Z" as ASN.1, the caller frees it; NULL: it is no date. */
ASN1_TIME *hwi_date_read(const char *date);

#endif
