/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON that devices sent: checked strictly, copied safely, and its members
 * read. Nesting is bounded and costs no stack.
 */
#ifndef HAWSER_CLI_JSON_H
#define HAWSER_CLI_JSON_H

#include <stdbool.h>

#include "text.h"

#define HAWSER_CLI_JSON_DEPTH_MAX   32
#define HAWSER_CLI_JSON_MEMBERS_MAX 64

/* One member of an object. Both are views into the text that was read: name
 * without its quotes and still escaped, value as it stands (a string with its
 * quotes). */
struct hawser_cli_member {
    struct hawser_view name;
    struct hawser_view value;
};

/* The members of one object, in order. */
struct hawser_cli_object {
    struct hawser_cli_member members[HAWSER_CLI_JSON_MEMBERS_MAX];
    size_t count;
};

/*
 * Adds a JSON value to *t on one line: without white space, and with every
 * character escaped that a person should not be shown. False if it is not one
 * valid value (RFC 8259) nested 32 deep at most, or does not fit; *t is then
 * as it was.
 */
bool hawser_cli_json_copy(struct hawser_cli_text *t, struct hawser_view json);

/* Reads the members of an object. False if it is not a valid one, nested too
 * deeply, or has more than 64 members. */
bool hawser_cli_json_read(struct hawser_cli_object *out,
                          struct hawser_view json);

/* The value of a member, {NULL, 0} if there is none. Of several with one name
 * the first. */
struct hawser_view hawser_cli_json_get(const struct hawser_cli_object *o,
                                       const char *name);

/* Takes the first element off an array that was read as a member; *rest begins
 * as its value. False: there is none, or it is no array. */
bool hawser_cli_json_next(struct hawser_view *rest, struct hawser_view *out);

/* Is it a string of exactly these (unescaped, plain) characters? */
bool hawser_cli_json_is(struct hawser_view value, const char *string);

/* Adds a value for a person's eyes: a string without quotes, its escapes
 * undone and then shown safely; anything else as it stands. */
void hawser_cli_json_add_shown(struct hawser_cli_text *t,
                               struct hawser_view value);

#endif
