/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where braces, brackets, colons and commas may stand. jsmn takes text for JSON
 * that is none, and finds values in it which no other reader would: what is not
 * of this form is refused before anything is looked for. [RFC 8259 2, 4, 5]
 */
#ifndef HWI_DEVICE_JSON_GRAMMAR_H
#define HWI_DEVICE_JSON_GRAMMAR_H

#include "hawser/mqtt.h"

/*
 * Is it one object, as far as its structure goes? What stands in strings, and
 * which words and numbers there are, is not looked at. 0; ARG: it is not; LIMIT:
 * deeper than HWI_JSON_DEPTH_MAX.
 */
int hwi_json_grammar(struct hawser_view text) HAWSER_CHECKED;

#endif
