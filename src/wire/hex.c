/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes as text, for tests.
 */
#include "wire/hex.h"

#include <ctype.h>
#include <stdlib.h>

struct hawser_view hex_read(struct hex *h, const char *text)
{
    h->len = 0;
    while (*text != 0) {
        char digits[3] = {text[0], text[1], 0};

        if (isspace((unsigned char)*text)) {
            text++;
            continue;
        }
        assert_true(isxdigit((unsigned char)text[0]) &&
                    isxdigit((unsigned char)text[1]));
        assert_true(h->len < sizeof h->bytes);
        h->bytes[h->len++] = (uint8_t)strtoul(digits, NULL, 16);
        text += 2;
    }
    memset(h->bytes + h->len, 0xFF, sizeof h->bytes - h->len);
    return (struct hawser_view){h->bytes, h->len};
}

const char *hex_text(struct hex *h, const uint8_t *at, size_t len)
{
    char *out;

    h->len = 0;
    out = (char *)h->bytes;
    assert_true(3 * len < sizeof h->bytes);
    out[0] = 0;
    for (size_t i = 0; i < len; i++) {
        (void)sprintf(out + (i == 0 ? 0 : 3 * i - 1), i == 0 ? "%02x" : " %02x",
                      at[i]); /* room was checked above */
    }
    return out;
}

struct hwi_packet hex_packet(struct hex *h, uint8_t header,
                             enum hawser_version version, const char *body)
{
    return (struct hwi_packet){header, (uint8_t)version, hex_read(h, body)};
}
