/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The texts of errors and causes, from the lists in error.h.
 */
#include "hawser/error.h"

#include <stddef.h>

#define CAUSES ((unsigned)HAWSER_CAUSE_COUNT)

#define TEXT_CASE(name, code, text) \
    case HAWSER_E_##name:           \
        return text;

const char *hawser_error_text(int err)
{
    switch ((enum hawser_error)err) {
    case HAWSER_OK:
        return "no error";
        HAWSER_ERRORS(TEXT_CASE)
    }
    return "unknown error";
}

const char *hawser_cause_word(enum hawser_cause cause)
{
#define WORD(name, word, text) word,
    static const char *const words[] = {HAWSER_CAUSES(WORD)};

    return words[(unsigned)cause < CAUSES ? cause : HAWSER_CAUSE_NONE];
}

const char *hawser_cause_text(enum hawser_cause cause)
{
#define TEXT(name, word, text) text,
    static const char *const texts[] = {HAWSER_CAUSES(TEXT)};

    return texts[(unsigned)cause < CAUSES ? cause : HAWSER_CAUSE_NONE];
}
