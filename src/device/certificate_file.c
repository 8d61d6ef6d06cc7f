/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PEM [RFC 7468] to DER, in place if need be: a block's bytes are fewer than
 * its text.
 */
#include "device/certificate_file.h"

#include "device/base64.h"
#include "device/json_write.h"
#include "wire/memory.h"

#define SEQUENCE 0x30
#define INTEGER  0x02

#define BEGIN "-----BEGIN "
#define END   "-----END "
#define DASH  "-----"

/* DER ----------------------------------------------------------------------- */

/* Bytes of the head and body of the DER value that v begins with; 0: there is
 * none that is whole. X.690 8.1.3; longer than 65535 bytes is refused. */
static size_t der_len(struct hawser_view v, size_t *head_len)
{
    size_t body_len;

    if (v.len < 2 || v.at[0] != SEQUENCE) {
        return 0;
    }
    *head_len = 2;
    body_len = v.at[1];
    if (body_len >= 0x80) {
        size_t bytes = body_len - 0x80;
        if (bytes < 1 || bytes > 2 || v.len < 2 + bytes) {
            return 0;
        }
        *head_len += bytes;
        body_len = bytes == 1 ? v.at[2] : (size_t)(v.at[2] << 8 | v.at[3]);
    }
    return body_len <= v.len - *head_len ? *head_len + body_len : 0;
}

bool hwi_certificates_next(struct hawser_view *list, struct hawser_view *one)
{
    size_t head_len = 0;
    size_t len = der_len(*list, &head_len);

    if (len == 0) {
        return false;
    }
    *one = (struct hawser_view){list->at, len};
    *list = (struct hawser_view){list->at + len, list->len - len};
    return true;
}

/* A certificate begins with a SEQUENCE, a private key with its version. */
static bool is_key(struct hawser_view der)
{
    size_t head_len = 0;
    size_t len = der_len(der, &head_len);

    return len > head_len && der.at[head_len] == INTEGER;
}

static enum hwi_file_verdict read_der(struct hawser_view file,
                                      struct hawser_span out, size_t *len)
{
    struct hawser_view left = file;
    struct hawser_view one;

    while (left.len > 0) {
        if (!hwi_certificates_next(&left, &one)) {
            return HWI_FILE_BROKEN;
        }
        if (is_key(one)) {
            return HWI_FILE_KEY;
        }
    }
    if (file.len > out.size) {
        return HWI_FILE_LARGE;
    }
    memmove(out.at, file.at, file.len);
    *len = file.len;
    return HWI_FILE_GOOD;
}

/* PEM ----------------------------------------------------------------------- */

/* Where a word stands in a text; its length: nowhere. */
static size_t find(struct hawser_view text, const char *word)
{
    struct hawser_view w = hwi_view(word);

    for (size_t i = 0; i + w.len <= text.len; i++) {
        if (memcmp(text.at + i, w.at, w.len) == 0) {
            return i;
        }
    }
    return text.len;
}

static void skip(struct hawser_view *text, size_t len)
{
    text->at += len;
    text->len -= len;
}

/* Cuts off what stands before a word, and the word. False: it is not there. */
static bool cut(struct hawser_view *text, const char *word,
                struct hawser_view *before)
{
    size_t at = find(*text, word);

    if (at == text->len) {
        return false;
    }
    *before = (struct hawser_view){text->at, at};
    skip(text, at + hwi_view(word).len);
    return true;
}

static bool is_word(struct hawser_view text, const char *word)
{
    struct hawser_view w = hwi_view(word);

    return text.len == w.len && memcmp(text.at, w.at, w.len) == 0;
}

static enum hwi_file_verdict take_block(struct hawser_view body,
                                        struct hawser_span out, size_t *len)
{
    size_t head_len = 0;
    size_t block_len = 0;
    struct hawser_span room = {out.at + *len, out.size - *len};
    int err = hwi_base64_decode(body, true, room, &block_len);

    if (err != 0) {
        return err == HAWSER_E_FULL ? HWI_FILE_LARGE : HWI_FILE_BROKEN;
    }
    if (block_len == 0 || der_len((struct hawser_view){room.at, block_len},
                                  &head_len) != block_len) {
        return HWI_FILE_BROKEN;
    }
    *len += block_len;
    return HWI_FILE_GOOD;
}

static enum hwi_file_verdict read_pem(struct hawser_view text,
                                      struct hawser_span out, size_t *len)
{
    enum hwi_file_verdict v = HWI_FILE_GOOD;
    struct hawser_view ignored;
    struct hawser_view label;
    struct hawser_view body;

    while (v == HWI_FILE_GOOD && cut(&text, BEGIN, &ignored)) {
        if (!cut(&text, DASH, &label) || !cut(&text, END, &body) ||
            !is_word(label, "CERTIFICATE") ||
            !cut(&text, "CERTIFICATE" DASH, &ignored) || ignored.len > 0) {
            return HWI_FILE_BROKEN;
        }
        v = take_block(body, out, len);
    }
    return v == HWI_FILE_GOOD && *len == 0 ? HWI_FILE_EMPTY : v;
}

enum hwi_file_verdict hwi_certificates_read(struct hawser_view file,
                                            struct hawser_span out, size_t *len)
{
    *len = 0;
    if (file.len == 0) {
        return HWI_FILE_EMPTY;
    }
    if (find(file, "PRIVATE KEY") < file.len) {
        return HWI_FILE_KEY;
    }
    return file.at[0] == SEQUENCE ? read_der(file, out, len)
                                  : read_pem(file, out, len);
}
