/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arguments. Numbers are read digit by digit and never rounded.
 */
#include "device/arguments.h"

#include "device/json_read.h"
#include "device/json_write.h"
#include "wire/memory.h"

#define DIGITS_MAX   18u /* below 2^63 */
#define DECIMALS_MAX 9u
#define NUMBER_MAX   INT64_C(1000000000) /* times 10^9 it is below 2^63 */

/* The table ----------------------------------------------------------------- */

static bool is_name(const char *name)
{
    size_t len = hwi_view(name).len;

    return len >= 1 && len <= HAWSER_ARG_NAME_MAX;
}

static bool is_range(const struct hawser_arg *a)
{
    switch (a->kind) {
    case HAWSER_ARG_INTEGER:
        return a->min <= a->max;
    case HAWSER_ARG_NUMBER:
        return -NUMBER_MAX <= a->min && a->min <= a->max &&
               a->max <= NUMBER_MAX;
    case HAWSER_ARG_TEXT:
        return 0 <= a->min && a->min <= a->max && a->max <= HAWSER_CALL_SIZE;
    case HAWSER_ARG_CHOICE:
        return a->choices != NULL && a->choice_count > 0;
    case HAWSER_ARG_BOOL:
        return true;
    }
    return false;
}

bool hwi_arguments_is_table(const struct hawser_arg *args, size_t count)
{
    if (count > HAWSER_ARGS_MAX || (count > 0 && args == NULL)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (!is_name(args[i].name) || !is_range(&args[i])) {
            return false;
        }
    }
    return true;
}

/* Values -------------------------------------------------------------------- */

/* -?digits(.digits)? as JSON has it. False: it has an exponent, or more digits
 * than fit. */
static bool read_number(struct hawser_view in, struct hawser_number *out)
{
    bool is_negative = in.len > 0 && in.at[0] == '-';
    bool has_point = false;
    unsigned digits = 0;

    *out = (struct hawser_number){0, 0};
    for (size_t i = is_negative ? 1 : 0; i < in.len; i++) {
        uint8_t c = in.at[i];
        if (c == '.' && !has_point) {
            has_point = true;
            continue;
        }
        if (c < '0' || c > '9' || ++digits > DIGITS_MAX) {
            return false;
        }
        out->mantissa = out->mantissa * 10 + (c - '0');
        out->decimals = (uint8_t)(out->decimals + (has_point ? 1 : 0));
    }
    out->mantissa = is_negative ? -out->mantissa : out->mantissa;
    return digits > 0 && out->decimals <= DECIMALS_MAX;
}

static bool read_integer(const struct hawser_arg *a, struct hawser_view in,
                         struct hawser_value *v)
{
    struct hawser_number n;

    if (!read_number(in, &n) || n.decimals > 0) {
        return false;
    }
    v->integer = n.mantissa;
    return a->min <= n.mantissa && n.mantissa <= a->max;
}

static bool read_decimal(const struct hawser_arg *a, struct hawser_view in,
                         struct hawser_value *v)
{
    int64_t scale = 1;

    if (!read_number(in, &v->number)) {
        return false;
    }
    for (unsigned i = 0; i < v->number.decimals; i++) {
        scale *= 10;
    }
    return a->min * scale <= v->number.mantissa &&
           v->number.mantissa <= a->max * scale;
}

static bool read_truth(struct hawser_view in, struct hawser_value *v)
{
    v->truth = in.len == 4 && memcmp(in.at, "true", 4) == 0;
    return v->truth || (in.len == 5 && memcmp(in.at, "false", 5) == 0);
}

static bool find_choice(const struct hawser_arg *a, struct hawser_value *v)
{
    for (size_t i = 0; i < a->choice_count; i++) {
        struct hawser_view word = hwi_view(a->choices[i]);
        if (word.len == v->text.len &&
            memcmp(word.at, v->text.at, word.len) == 0) {
            v->choice = i;
            return true;
        }
    }
    return false;
}

/* Reads a string into the room, which shrinks by it. */
static bool read_text(const struct hawser_arg *a, const struct hwi_arguments *x,
                      struct hawser_span *room, struct hawser_value *v)
{
    size_t len = 0;

    if (hwi_json_get_text(x->object, a->name, *room, &len) != 0) {
        return false;
    }
    v->text = (struct hawser_view){room->at, len};
    room->at += len;
    room->size -= len;
    if (a->kind == HAWSER_ARG_CHOICE) {
        return find_choice(a, v);
    }
    return len >= (uint64_t)a->min && len <= (uint64_t)a->max;
}

static bool read_value(const struct hawser_arg *a,
                       const struct hwi_arguments *x, struct hawser_span *room,
                       struct hawser_value *v)
{
    struct hawser_view raw = {NULL, 0};
    int err = hwi_json_get_raw(x->object, a->name, &raw);

    *v = (struct hawser_value){.is_present = err == 0};
    if (err == HAWSER_E_ABSENT) {
        return a->is_optional;
    }
    if (err != 0) {
        return false;
    }
    switch (a->kind) {
    case HAWSER_ARG_INTEGER:
        return read_integer(a, raw, v);
    case HAWSER_ARG_NUMBER:
        return read_decimal(a, raw, v);
    case HAWSER_ARG_BOOL:
        return read_truth(raw, v);
    case HAWSER_ARG_TEXT:
    case HAWSER_ARG_CHOICE:
        return read_text(a, x, room, v);
    }
    return false;
}

/* Words --------------------------------------------------------------------- */

struct words {
    struct hawser_span out;
    size_t len;
};

static void say(struct words *w, const char *text)
{
    struct hawser_view v = hwi_view(text);

    v.len = v.len < w->out.size - w->len ? v.len : w->out.size - w->len;
    memcpy(w->out.at + w->len, v.at, v.len);
    w->len += v.len;
}

static void say_number(struct words *w, int64_t value)
{
    char text[21] = "";
    uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    size_t at = sizeof(text) - 1;

    do {
        text[--at] = (char)('0' + left % 10);
        left /= 10;
    } while (left > 0);
    if (value < 0) {
        text[--at] = '-';
    }
    say(w, text + at);
}

static void say_range(struct words *w, const struct hawser_arg *a,
                      const char *what, const char *unit)
{
    say(w, what);
    say_number(w, a->min);
    say(w, "..");
    say_number(w, a->max);
    say(w, unit);
}

/* What an argument should have been. */
static void say_expected(struct words *w, const struct hawser_arg *a)
{
    say(w, a->name);
    switch (a->kind) {
    case HAWSER_ARG_INTEGER:
        say_range(w, a, ": a whole number of ", "");
        break;
    case HAWSER_ARG_NUMBER:
        say_range(w, a, ": a number of ", "");
        break;
    case HAWSER_ARG_TEXT:
        say_range(w, a, ": a text of ", " bytes");
        break;
    case HAWSER_ARG_BOOL:
        say(w, ": true or false");
        break;
    case HAWSER_ARG_CHOICE:
        say(w, ": one of ");
        for (size_t i = 0; i < a->choice_count; i++) {
            say(w, i == 0 ? "" : ", ");
            say(w, a->choices[i]);
        }
        break;
    }
    say(w, a->is_optional ? "; or left out" : "");
}

int hwi_arguments_read(const struct hawser_command *command,
                       const struct hwi_arguments *a, struct hawser_span out,
                       struct hawser_view *why)
{
    struct words w = {.out = out};
    struct hawser_span room = a->room;
    size_t present = 0;
    size_t all = hwi_json_count(a->object);
    bool is_good = true;

    for (size_t i = 0; is_good && i < command->arg_count; i++) {
        is_good = read_value(&command->args[i], a, &room, &a->values[i]);
        present += a->values[i].is_present ? 1 : 0;
        if (!is_good) {
            say_expected(&w, &command->args[i]);
        }
    }
    if (is_good && present != all) {
        is_good = false;
        say(&w, "there is an argument that this command does not have, or one "
                "twice");
    }
    *why = (struct hawser_view){out.at, w.len};
    return is_good ? 0 : HAWSER_E_ARG;
}
