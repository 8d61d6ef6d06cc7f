/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UTF-8 by the table of well-formed byte sequences (Unicode, table 3-7), which
 * leaves out surrogates and overlong forms by the range of the second byte.
 * [MQTT5 1.5.4, MQTT3 1.5.3]
 */
#include "wire/utf8.h"

/* Lead bytes first..last are followed by `more` bytes, the first of them in
 * low..high, the others in 0x80..0xBF. */
struct lead {
    uint8_t first, last, more, low, high;
};

static const struct lead leads[] = {
    /* [MQTT-1.5.4-2], MQTT3 [MQTT-1.5.3-2]: U+0000 has no row. */
    {0x01, 0x7F, 0, 0, 0},
    {0xC2, 0xDF, 1, 0x80, 0xBF},
    {0xE0, 0xE0, 2, 0xA0, 0xBF},
    {0xE1, 0xEC, 2, 0x80, 0xBF},
    /* [MQTT-1.5.4-1], MQTT3 [MQTT-1.5.3-1]: no U+D800..U+DFFF. */
    {0xED, 0xED, 2, 0x80, 0x9F},
    {0xEE, 0xEF, 2, 0x80, 0xBF},
    {0xF0, 0xF0, 3, 0x90, 0xBF},
    {0xF1, 0xF3, 3, 0x80, 0xBF},
    {0xF4, 0xF4, 3, 0x80, 0x8F},
};

#define LEADS (sizeof(leads) / sizeof(leads[0]))

/* Bytes of the character at the start of at[0..left), 0 if there is none. */
/*@ requires left >= 1 && \valid_read(at + (0 .. left - 1));
    assigns \nothing;
    ensures \result <= 4 && \result <= left;
    ensures \result >= 1 ==> at[0] != 0;
    ensures \result >= 2 ==> at[1] >= 0x80;
    ensures \result >= 3 ==> at[2] >= 0x80;
    ensures \result >= 4 ==> at[3] >= 0x80;
*/
static size_t character_len(const uint8_t *at, size_t left)
{
    size_t row = 0;

    /*@ loop invariant row < LEADS;
        loop assigns row;
        loop variant LEADS - row;
    */
    while (at[0] > leads[row].last) {
        row++;
        if (row == LEADS) {
            return 0;
        }
    }
    if (at[0] < leads[row].first || leads[row].more >= left) {
        return 0;
    }
    /*@ loop invariant 1 <= i <= leads[row].more + 1;
        loop invariant \forall integer k; 1 <= k < i ==> at[k] >= 0x80;
        loop assigns i;
        loop variant leads[row].more + 1 - i;
    */
    for (size_t i = 1; i <= leads[row].more; i++) {
        uint8_t low = i == 1 ? leads[row].low : 0x80;
        uint8_t high = i == 1 ? leads[row].high : 0xBF;

        if (at[i] < low || at[i] > high) {
            return 0;
        }
    }
    return (size_t)leads[row].more + 1;
}

/* Most of all text, and no wildcards: the table would say the same. */
/*@ assigns \nothing;
    ensures \result ==> ',' <= byte <= 0x7F;
*/
static bool is_plain(uint8_t byte)
{
    return (uint8_t)(byte - ',') <= 0x7F - ',';
}

/* is_name: no wildcards. */
/*@ requires hwi_is_readable(text);
    assigns \nothing;
    ensures \result ==> text.len <= UINT16_MAX;
    ensures \result ==> \forall integer i; 0 <= i < text.len ==>
            text.at[i] != 0 &&
            (is_name ==> text.at[i] != '+' && text.at[i] != '#');
*/
static bool is_text(struct hawser_view text, bool is_name)
{
    const uint8_t *at = text.at;
    size_t left = text.len;

    if (text.len > UINT16_MAX) {
        return false;
    }
    /*@ loop invariant left <= text.len && at == text.at + (text.len - left);
        loop invariant \forall integer i; 0 <= i < text.len - left ==>
            text.at[i] != 0 &&
            (is_name ==> text.at[i] != '+' && text.at[i] != '#');
        loop assigns at, left;
        loop variant left;
    */
    while (left > 0) {
        size_t len = is_plain(*at) ? 1 : character_len(at, left);

        if (len == 0 || (is_name && (*at == '+' || *at == '#'))) {
            return false;
        }
        at += len;
        left -= len;
    }
    return true;
}

bool hwi_utf8_is_valid(struct hawser_view text)
{
    return is_text(text, false);
}

bool hwi_utf8_is_name(struct hawser_view text)
{
    return is_text(text, true);
}
