/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text of a bounded length, built piece by piece, and the two ways to put
 * bytes of strangers into it: so that no terminal obeys them, and so that they
 * are the inside of a JSON string.
 */
#ifndef HAWSER_CLI_TEXT_H
#define HAWSER_CLI_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hawser/mqtt.h"

/* Text in the caller's room; always NUL-terminated. What does not fit is left
 * out from the first whole character that did not fit, and cut says so; after
 * that nothing more is added. */
struct hawser_cli_text {
    char *at;
    size_t size; /* of the room, with the NUL */
    size_t len;
    bool cut;
};

/* Begins an empty text in room of size >= 1 bytes. */
struct hawser_cli_text hawser_cli_text_in(char *room, size_t size);

/* Adds a string of ours; all of it or nothing. */
void hawser_cli_text_add(struct hawser_cli_text *t, const char *string);

/* Adds formatted text of ours; all of it or nothing. */
void hawser_cli_text_addf(struct hawser_cli_text *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Adds bytes of anybody for a person's eyes: control characters, invalid UTF-8
 * and characters that steer the direction of writing become \x1b, \u202e. */
void hawser_cli_text_add_shown(struct hawser_cli_text *t,
                               struct hawser_view bytes);

/* Adds bytes of anybody as the inside of a JSON string (no quotes around it):
 * pure printable UTF-8, the rest escaped; invalid bytes become \ufffd. */
void hawser_cli_text_add_json(struct hawser_cli_text *t,
                              struct hawser_view bytes);

/* The same with quotes around it; all of it or nothing. */
void hawser_cli_text_add_json_string(struct hawser_cli_text *t,
                                     struct hawser_view bytes);

/* Forgets everything after the first len bytes, and the cut. */
void hawser_cli_text_back_to(struct hawser_cli_text *t, size_t len);

/*
 * The character that begins at bytes: how many bytes it has, and *code.
 * 0: none there, or not valid UTF-8 (overlong forms, surrogates and numbers
 * above U+10FFFF are not).
 */
size_t hawser_cli_utf8_next(struct hawser_view bytes, uint32_t *code);

/* Is it a character that a person can be shown as it is? False for controls
 * (C0, DEL, C1), direction marks, line separators and the byte order mark. */
bool hawser_cli_is_shown(uint32_t code);

/* Columns that shown text takes on a terminal. */
size_t hawser_cli_text_columns(const char *shown);

/* The view of a string; {NULL, 0} for NULL. */
struct hawser_view hawser_cli_view(const char *string);

#endif
