/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes one JSON text into a bounded buffer: commas, quotes and escapes are
 * right by construction, and what does not fit is noticed once, at the end.
 * [RFC 8259]
 */
#ifndef HWI_DEVICE_JSON_WRITE_H
#define HWI_DEVICE_JSON_WRITE_H

#include <stdbool.h>

#include "hawser/mqtt.h"
#include "hawser/port.h"

struct hwi_json {
    struct hawser_span out;
    size_t len;
    bool needs_comma;
    bool is_bad; /* it did not fit */
};

/* The view of a NUL-terminated text; {NULL, 0} for NULL. */
struct hawser_view hwi_view(const char *text);

/* A writer to all of out. */
struct hwi_json hwi_json_to(struct hawser_span out);

/* Objects and arrays. key: NULL inside an array and at the top. */
void hwi_json_open(struct hwi_json *j, const char *key, char bracket);
void hwi_json_close(struct hwi_json *j, char bracket);

/* A text. What is not UTF-8 is written as '?', so the result always is. */
void hwi_json_text(struct hwi_json *j, const char *key, struct hawser_view v);
void hwi_json_word(struct hwi_json *j, const char *key, const char *text);

void hwi_json_uint(struct hwi_json *j, const char *key, uint64_t value);
void hwi_json_int(struct hwi_json *j, const char *key, int64_t value);
void hwi_json_bool(struct hwi_json *j, const char *key, bool value);

/* A decimal number, digit by digit as the sensor gave it. Nothing is written
 * if it has more than 9 decimals. */
void hwi_json_number(struct hwi_json *j, const char *key,
                     struct hawser_number value);

/* Members that were written before, without their braces; may be empty. */
void hwi_json_members(struct hwi_json *j, struct hawser_view members);

/* What was written; {NULL, 0} if it did not fit. */
struct hawser_view hwi_json_end(const struct hwi_json *j);

#endif
