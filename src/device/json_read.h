/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Typed getters for the JSON of commands, over jsmn. Bytes come from strangers:
 * size, depth and number of values are bounded, types are checked, nothing is
 * converted in silence. A key that stands twice counts where it stands first,
 * and keys are compared as they are written, escapes unresolved. [RFC 8259]
 */
#ifndef HWI_DEVICE_JSON_READ_H
#define HWI_DEVICE_JSON_READ_H

#include "hawser/mqtt.h"

#define HWI_JSON_DEPTH_MAX 6 /* the outermost object is 1 */
#define HWI_JSON_SIZE_MAX  4096

/*
 * Is it one well-formed JSON object that the getters can read? 0; ARG (it is
 * not); LIMIT (deeper than HWI_JSON_DEPTH_MAX); FULL (longer than
 * HWI_JSON_SIZE_MAX, or too many values). Not UTF-8 is ARG.
 */
int hwi_json_check(struct hawser_view object) HAWSER_CHECKED;

/*
 * The getters take the text of an object and a key. 0 and *out; ABSENT (no such
 * key; *out is untouched); ARG (a value of another type or range, or what is
 * read is no object).
 */

/* A string, its escapes resolved: *len bytes of UTF-8 without U+0000 in out,
 * at most size; longer is ARG. */
int hwi_json_get_text(struct hawser_view object, const char *key,
                      struct hawser_span out, size_t *len) HAWSER_CHECKED;

/* A whole number of up to 18 digits, without sign, fraction or exponent. */
int hwi_json_get_uint(struct hawser_view object, const char *key,
                      uint64_t *out) HAWSER_CHECKED;

/* true or false. */
int hwi_json_get_bool(struct hawser_view object, const char *key,
                      bool *out) HAWSER_CHECKED;

/* The text of an inner object. */
int hwi_json_get_object(struct hawser_view object, const char *key,
                        struct hawser_view *out) HAWSER_CHECKED;

/* A number, true, false, null or a string, as it is written. */
int hwi_json_get_raw(struct hawser_view object, const char *key,
                     struct hawser_view *out) HAWSER_CHECKED;

/* How many members the outermost object has; 0: it is none. */
size_t hwi_json_count(struct hawser_view object);

#endif
