/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exact decimal numbers: number.h. Mantissas have at most 18 digits, so that a
 * sign and one more digit always fit into 64 bits.
 */
#include "ports/linux/number.h"

#include <string.h>

#define DIGITS_MAX   18
#define DECIMALS_MAX 9
/* Nobody means a larger exponent; it keeps the sums below small. */
#define EXPONENT_MAX 99

/* One digit more and the mantissa would have too many. */
static const int64_t mantissa_full = INT64_C(100000000000000000);

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Moves the point by whole decimals: cuts what lies beyond the ninth, fills up
 * with zeros what lies before the point. decimals may be any number. */
static int settle(int64_t mantissa, int decimals, struct hawser_number *out)
{
    for (; decimals > DECIMALS_MAX; decimals--) {
        mantissa /= 10;
    }
    for (; decimals < 0 && mantissa != 0; decimals++) {
        if (mantissa >= mantissa_full || mantissa <= -mantissa_full) {
            return HAWSER_E_ABSENT;
        }
        mantissa *= 10;
    }
    out->mantissa = mantissa;
    out->decimals = (uint8_t)(decimals < 0 ? 0 : decimals);
    return 0;
}

/* What was read of a number so far. */
struct scan {
    const char *at;
    int64_t mantissa;
    int decimals;
    int digits; /* all of them */
};

/* Digits and at most one point. false: none, or too many to be exact. */
static bool scan_digits(struct scan *scan)
{
    bool is_fraction = false;

    for (;; scan->at++) {
        if (*scan->at == '.' && !is_fraction) {
            is_fraction = true;
            continue;
        }
        if (!is_digit(*scan->at)) {
            return scan->digits > 0;
        }
        scan->digits++;
        if (is_fraction && scan->decimals >= DECIMALS_MAX) {
            continue; /* cut */
        }
        if (scan->mantissa >= mantissa_full) {
            return false;
        }
        scan->mantissa = scan->mantissa * 10 + (*scan->at - '0');
        if (is_fraction) {
            scan->decimals++;
        }
    }
}

/* An exponent, if there is one: "e" alone may be a unit. */
static void scan_exponent(struct scan *scan)
{
    const char *at = scan->at;
    bool is_negative;
    int exponent = 0;

    if (*at != 'e' && *at != 'E') {
        return;
    }
    at++;
    is_negative = *at == '-';
    if (*at == '-' || *at == '+') {
        at++;
    }
    if (!is_digit(*at)) {
        return;
    }
    for (; is_digit(*at); at++) {
        exponent =
            exponent > EXPONENT_MAX ? exponent : exponent * 10 + (*at - '0');
    }
    scan->decimals += is_negative ? exponent : -exponent;
    scan->at = at;
}

/* Whether the number may end here, or is a piece of another thing. */
static bool is_end(const char *at)
{
    if (*at == '\0' || strchr("._xX", *at) != NULL) {
        return *at == '\0';
    }
    return strchr(",-:/", *at) == NULL || !is_digit(at[1]);
}

int hwi_linux_number_parse(const char *text, struct hawser_number *out)
{
    struct scan scan = {.at = text};
    bool is_negative = *text == '-';
    int err;

    if (*text == '-' || *text == '+') {
        scan.at++;
    }
    if (!scan_digits(&scan)) {
        return HAWSER_E_ABSENT;
    }
    scan_exponent(&scan);
    if (!is_end(scan.at)) {
        return HAWSER_E_ABSENT;
    }
    err = settle(is_negative ? -scan.mantissa : scan.mantissa, scan.decimals,
                 out);
    return err != 0 ? err : (int)(scan.at - text);
}

/* Whether a number that starts at `at` begins a word. */
static bool is_start(const char *text, const char *at)
{
    if (!is_digit(*at) &&
        !(strchr("+-.", *at) != NULL && (is_digit(at[1]) || at[1] == '.'))) {
        return false;
    }
    return at == text || !(is_letter(at[-1]) || is_digit(at[-1]) ||
                           strchr("_.-", at[-1]) != NULL);
}

int hwi_linux_number_find(const char *text, struct hawser_number *out)
{
    const char *at;

    for (at = text; *at != '\0' && *at != '\n'; at++) {
        if (is_start(text, at)) {
            return hwi_linux_number_parse(at, out) < 0 ? HAWSER_E_ABSENT : 0;
        }
    }
    return HAWSER_E_ABSENT;
}

int hwi_linux_number_add(struct hawser_number a, struct hawser_number b,
                         struct hawser_number *out)
{
    int64_t sum;

    for (; a.decimals < b.decimals; a.decimals++) {
        if (__builtin_mul_overflow(a.mantissa, 10, &a.mantissa)) {
            return HAWSER_E_ABSENT;
        }
    }
    for (; b.decimals < a.decimals; b.decimals++) {
        if (__builtin_mul_overflow(b.mantissa, 10, &b.mantissa)) {
            return HAWSER_E_ABSENT;
        }
    }
    if (__builtin_add_overflow(a.mantissa, b.mantissa, &sum)) {
        return HAWSER_E_ABSENT;
    }
    return settle(sum, a.decimals, out);
}

int hwi_linux_number_multiply(struct hawser_number a, struct hawser_number b,
                              struct hawser_number *out)
{
    int64_t product;

    /* Where all digits do not fit, the last decimals go first. */
    while (__builtin_mul_overflow(a.mantissa, b.mantissa, &product)) {
        struct hawser_number *finer = a.decimals > b.decimals ? &a : &b;

        if (finer->decimals == 0) {
            return HAWSER_E_ABSENT;
        }
        finer->decimals--;
        finer->mantissa /= 10;
    }
    return settle(product, a.decimals + b.decimals, out);
}

struct hawser_number hwi_linux_number_from_milli(struct hawser_number milli)
{
    int64_t rest = 0;

    for (; milli.decimals > 0; milli.decimals--) {
        rest = milli.mantissa % 10;
        milli.mantissa /= 10;
    }
    /* The last digit that was cut decides: half and more goes away from 0. */
    if (rest >= 5) {
        milli.mantissa++;
    }
    if (rest <= -5) {
        milli.mantissa--;
    }
    milli.decimals = 3;
    while (milli.decimals > 1 && milli.mantissa % 10 == 0) {
        milli.mantissa /= 10;
        milli.decimals--;
    }
    return milli;
}
