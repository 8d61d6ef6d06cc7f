/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Base64: the vectors of RFC 4648, every length both ways, in place, and what
 * is none.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "device/base64.h"

static struct hawser_view view_of(const char *text)
{
    return (struct hawser_view){(const uint8_t *)text, strlen(text)};
}

static int decode(const char *text, bool is_wrapped, char out[64])
{
    size_t len = 0;
    int err = hwi_base64_decode(view_of(text), is_wrapped,
                                (struct hawser_span){(uint8_t *)out, 63}, &len);

    out[len] = '\0';
    return err;
}

static void test_base64_vectors_both_ways(void **state)
{
    /* RFC 4648 10. */
    static const char *const vectors[][2] = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
        {"\xfb\xff\xbe", "+/++"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        char out[64];
        size_t len = 0;
        assert_int_equal(decode(vectors[i][1], false, out), 0);
        assert_string_equal(out, vectors[i][0]);
        assert_int_equal(
            hwi_base64_encode(view_of(vectors[i][0]),
                              (struct hawser_span){(uint8_t *)out, 63}, &len),
            0);
        out[len] = '\0';
        assert_string_equal(out, vectors[i][1]);
    }
}

static void test_base64_every_length_comes_back_in_place(void **state)
{
    uint8_t bytes[48];
    uint8_t text[64];

    (void)state;
    for (size_t i = 0; i < sizeof(bytes); i++) {
        bytes[i] = (uint8_t)(i * 89 + 7);
    }
    for (size_t n = 0; n <= sizeof(bytes); n++) {
        size_t len = 0;
        size_t back = 0;
        assert_int_equal(hwi_base64_encode((struct hawser_view){bytes, n},
                                           (struct hawser_span){text, 64},
                                           &len),
                         0);
        assert_int_equal(len, (n + 2) / 3 * 4);
        assert_int_equal(hwi_base64_decode((struct hawser_view){text, len},
                                           false, (struct hawser_span){text, n},
                                           &back),
                         0);
        assert_int_equal(back, n);
        assert_memory_equal(text, bytes, n);
    }
}

static void test_base64_decode_what_is_none_is_refused(void **state)
{
    static const char *const texts[] = {
        "Z",     "Zg",       "Zg=",    "Zg===",   "=Zg=",  "Z===",  "====",
        "Zg==Z", "Zg==Zg==", "Zm9v\n", "Zm 9v",   "Zm9-",  "Zm9_",  "Zh==",
        "Zm9=",  "Zm9vYmE",  "Zg=a",   "Zm\x80v", "Zm9v ", "Zm9v=", "Zm\tv"};
    char out[64];

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_int_equal(decode(texts[i], false, out), HAWSER_E_ARG);
    }
}

static void test_base64_decode_wrapped_skips_line_ends(void **state)
{
    char out[64];

    (void)state;
    assert_int_equal(decode(" Zm9v\r\nYm\tFy\n", true, out), 0);
    assert_string_equal(out, "foobar");
    assert_int_equal(decode("Zg=\n=\n", true, out), 0);
    assert_string_equal(out, "f");
    assert_int_equal(decode("Zg==\nZg==", true, out), HAWSER_E_ARG);
}

static void test_base64_without_room_is_full(void **state)
{
    uint8_t out[8];
    size_t len = 0;

    (void)state;
    assert_int_equal(hwi_base64_decode(view_of("Zm9vYmFy"), false,
                                       (struct hawser_span){out, 5}, &len),
                     HAWSER_E_FULL);
    assert_int_equal(
        hwi_base64_encode(view_of("foob"), (struct hawser_span){out, 7}, &len),
        HAWSER_E_FULL);
    assert_int_equal(
        hwi_base64_encode(view_of("foob"), (struct hawser_span){out, 8}, &len),
        0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_base64_vectors_both_ways),
        cmocka_unit_test(test_base64_every_length_comes_back_in_place),
        cmocka_unit_test(test_base64_decode_what_is_none_is_refused),
        cmocka_unit_test(test_base64_decode_wrapped_skips_line_ends),
        cmocka_unit_test(test_base64_without_room_is_full),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
