/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests: bytes written as text ("30 03 00 01 61"), and what a cmocka file
 * needs. Included by tests only.
 */
#ifndef HWI_WIRE_HEX_H
#define HWI_WIRE_HEX_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "hawser/mqtt.h"
#include "wire/packet.h"

#define HEX_BYTES_MAX 8192

/* Room for the bytes of one text. */
struct hex {
    uint8_t bytes[HEX_BYTES_MAX];
    size_t len;
};

/* A view of a string literal, without its NUL. */
#define TEXT(s) ((struct hawser_view){(const uint8_t *)(s), sizeof(s) - 1})

/* Reads pairs of digits; blanks are skipped; a test fails on anything else.
 * Behind them stands rubbish, so that reading too far is seen. */
struct hawser_view hex_read(struct hex *h, const char *text);

/* The bytes as "30 03 00", in *h, as a C string. */
const char *hex_text(struct hex *h, const uint8_t *at, size_t len);

/* A packet of this first byte whose body is text, in *h. */
struct hwi_packet hex_packet(struct hex *h, uint8_t header,
                             enum hawser_version version, const char *body);

/* Fails the test unless v is the text. */
#define assert_view(v, text)                      \
    do {                                          \
        struct hawser_view v_ = (v);              \
        assert_int_equal(v_.len, strlen(text));   \
        assert_memory_equal(v_.at, text, v_.len); \
    } while (0)

#endif
