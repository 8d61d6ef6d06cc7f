/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One pass over the text, with a place to remember for each level: no recursion.
 */
#include "device/json_grammar.h"

#include "device/json_read.h"

/* What may come next. */
enum next {
    OBJECT, /* the outermost */
    VALUE,
    VALUE_OR_END, /* right behind [ */
    KEY,
    KEY_OR_END, /* right behind { */
    COLON,
    COMMA_OR_END,
    NOTHING /* the outermost has ended */
};

struct grammar {
    struct hawser_view text;
    size_t at;
    enum next next;
    unsigned depth;
    bool is_object[HWI_JSON_DEPTH_MAX]; /* else an array, by level */
};

static bool is_value_due(const struct grammar *g)
{
    return g->next == VALUE || g->next == VALUE_OR_END;
}

/* A value has ended. */
static void go_on(struct grammar *g)
{
    g->next = g->depth > 0 ? COMMA_OR_END : NOTHING;
}

static int open_level(struct grammar *g, bool is_object)
{
    if (!is_value_due(g) && (g->next != OBJECT || !is_object)) {
        return HAWSER_E_ARG;
    }
    if (g->depth == HWI_JSON_DEPTH_MAX) {
        return HAWSER_E_LIMIT;
    }
    g->is_object[g->depth++] = is_object;
    g->next = is_object ? KEY_OR_END : VALUE_OR_END;
    return 0;
}

static int close_level(struct grammar *g, bool is_object)
{
    enum next empty = is_object ? KEY_OR_END : VALUE_OR_END;

    if ((g->next != empty && g->next != COMMA_OR_END) ||
        g->is_object[g->depth - 1] != is_object) {
        return HAWSER_E_ARG;
    }
    g->depth--;
    go_on(g);
    return 0;
}

static int take_comma(struct grammar *g)
{
    if (g->next != COMMA_OR_END) {
        return HAWSER_E_ARG;
    }
    g->next = g->is_object[g->depth - 1] ? KEY : VALUE;
    return 0;
}

static int take_colon(struct grammar *g)
{
    if (g->next != COLON) {
        return HAWSER_E_ARG;
    }
    g->next = VALUE;
    return 0;
}

/* A key or a value; at stands behind the first quote. */
static int take_string(struct grammar *g)
{
    bool is_key = g->next == KEY || g->next == KEY_OR_END;

    if (!is_key && !is_value_due(g)) {
        return HAWSER_E_ARG;
    }
    while (g->at < g->text.len && g->text.at[g->at] != '"') {
        g->at += g->text.at[g->at] == '\\' ? 2 : 1;
    }
    if (g->at >= g->text.len) {
        return HAWSER_E_ARG;
    }
    g->at++;
    if (is_key) {
        g->next = COLON;
    } else {
        go_on(g);
    }
    return 0;
}

static bool is_of_word(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z') || c == '-' || c == '+' || c == '.';
}

/* A number, true, false or null; at stands behind its first character. */
static int take_word(struct grammar *g, uint8_t first)
{
    if (!is_value_due(g) || !is_of_word(first)) {
        return HAWSER_E_ARG;
    }
    while (g->at < g->text.len && is_of_word(g->text.at[g->at])) {
        g->at++;
    }
    go_on(g);
    return 0;
}

static int take(struct grammar *g)
{
    uint8_t c = g->text.at[g->at++];

    switch (c) {
    case ' ':
    case '\t':
    case '\n':
    case '\r':
        return 0;
    case '{':
    case '[':
        return open_level(g, c == '{');
    case '}':
    case ']':
        return close_level(g, c == '}');
    case ',':
        return take_comma(g);
    case ':':
        return take_colon(g);
    case '"':
        return take_string(g);
    default:
        return take_word(g, c);
    }
}

int hwi_json_grammar(struct hawser_view text)
{
    struct grammar g = {.text = text, .next = OBJECT};

    while (g.at < text.len) {
        int err = take(&g);

        if (err != 0) {
            return err;
        }
    }
    return g.next == NOTHING ? 0 : HAWSER_E_ARG;
}
