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

/* Bytes of the character at the start of at[0..left), 0 if there is none. */
static size_t character_len(const uint8_t *at, size_t left)
{
    size_t row = 0;

    while (at[0] > leads[row].last) {
        row++;
        if (row == sizeof leads / sizeof leads[0]) {
            return 0;
        }
    }
    if (at[0] < leads[row].first || leads[row].more >= left) {
        return 0;
    }
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
static bool is_plain(uint8_t byte)
{
    return (uint8_t)(byte - ',') <= 0x7F - ',';
}

/* is_name: no wildcards. */
static bool is_text(struct hawser_view text, bool is_name)
{
    const uint8_t *at = text.at;
    size_t left = text.len;

    if (text.len > UINT16_MAX) {
        return false;
    }
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
