/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The signed form to the byte, and that a signature counts for nothing but the
 * command, device and key that it was made for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "device/fake_pki.h"
#include "device/fake_port.h"
#include "device/json_write.h"
#include "device/signed_request.h"

static uint8_t room[HWI_SIGNED_SIZE];
static uint8_t point[HAWSER_POINT_SIZE];

static struct hwi_signed_request request(const char *payload)
{
    fake_point(1, point);
    return (struct hwi_signed_request){.payload = hwi_view(payload),
                                       .device = hwi_view("d1"),
                                       .key = {point, sizeof(point)},
                                       .room = {room, sizeof(room)}};
}

static void assert_form(const char *payload, const char *form)
{
    struct hwi_signed_request r = request(payload);
    struct hawser_view bytes;

    assert_int_equal(hwi_signed_request_bytes(&r, &bytes), 0);
    assert_int_equal(bytes.len, strlen(form));
    assert_memory_equal(bytes.at, form, bytes.len);
}

static void test_bytes_of_all_members(void **state)
{
    (void)state;
    assert_form("{\"command\":\"open\",\"id\":\"7\\u0041\",\"expires\":1790000"
                "060,\"if_boot\":0,\"args\":{ \"gate\" : 2 },\"sig\":\"x\"}",
                "d1\nopen\n7A\n1790000060\n0\n{ \"gate\" : 2 }");
}

static void test_bytes_order_does_not_matter(void **state)
{
    (void)state;
    assert_form("{\"args\":{},\"if_boot\":52,\"id\":\"i\",\"other\":[1],"
                "\"command\":\"c\"}",
                "d1\nc\ni\n\n52\n{}");
}

static void test_bytes_of_what_is_absent_are_none(void **state)
{
    (void)state;
    assert_form("{}", "d1\n\n\n\n\n");
}

static void test_bytes_other_types_are_refused(void **state)
{
    static const char *const rows[] = {
        "{\"command\":1}",       "{\"id\":null}",
        "{\"expires\":\"1\"}",   "{\"expires\":-1}",
        "{\"if_boot\":1.5}",     "{\"args\":[]}",
        "{\"id\":\"a\\nb\"}",    "{\"command\":\"a\\u000ab\"}",
        "{\"id\":\"a\\u007f\"}", "[]",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct hwi_signed_request r = request(rows[i]);
        struct hawser_view bytes;
        if (hwi_signed_request_bytes(&r, &bytes) != HAWSER_E_ARG) {
            fail_msg("%s was taken", rows[i]);
        }
    }
}

static void test_bytes_room_too_small_is_refused(void **state)
{
    struct hwi_signed_request r = request("{\"command\":\"c\",\"args\":{}}");
    struct hawser_view bytes;

    (void)state;
    for (size_t size = 0; size < 10; size++) {
        r.room.size = size;
        assert_int_equal(hwi_signed_request_bytes(&r, &bytes), HAWSER_E_LIMIT);
    }
    r.room.size = 10;
    assert_int_equal(hwi_signed_request_bytes(&r, &bytes), 0);
}

/* Verify -------------------------------------------------------------------- */

#define MEMBERS                                                      \
    "\"command\":\"open\",\"id\":\"i\",\"expires\":5,\"if_boot\":6," \
    "\"args\":{\"gate\":2}"
#define FORM "d1\nopen\ni\n5\n6\n{\"gate\":2}"

/* The payload with a signature over form by key n. */
static const char *signed_by(uint8_t n, const char *members, const char *form)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    static char payload[1024];
    uint8_t value[FAKE_SIGNATURE_SIZE + 2] = {0};
    char text[(FAKE_SIGNATURE_SIZE + 2) / 3 * 4 + 1] = "";
    size_t len = 0;

    fake_sign(n, hwi_view(form), value);
    for (size_t i = 0; i < FAKE_SIGNATURE_SIZE; i += 3) {
        uint32_t bits = (uint32_t)value[i] << 16 | (uint32_t)value[i + 1] << 8 |
                        value[i + 2];
        for (uint32_t shift = 18; shift <= 18; shift -= 6) {
            text[len++] = letters[bits >> shift & 63];
        }
    }
    memset(text + len - 2, '=', 2); /* 70 bytes: one in the last group */
    (void)snprintf(payload, sizeof(payload), "{%s,\"sig\":\"%s\"}", members,
                   text);
    return payload;
}

static int verify(const char *payload)
{
    static struct fake_port f;
    struct hwi_signed_request r = request(payload);

    fake_port_init(&f);
    return hwi_signed_request_verify(&f.port, &r);
}

static void test_verify_by_the_key_is_taken(void **state)
{
    (void)state;
    assert_int_equal(verify(signed_by(1, MEMBERS, FORM)), 0);
}

static void test_verify_by_another_key_is_refused(void **state)
{
    (void)state;
    assert_int_equal(verify(signed_by(2, MEMBERS, FORM)), HAWSER_E_ARG);
}

static void test_verify_any_other_form_is_refused(void **state)
{
    static const char *const forms[] = {
        "d2\nopen\ni\n5\n6\n{\"gate\":2}",  "d1\nshut\ni\n5\n6\n{\"gate\":2}",
        "d1\nopen\nj\n5\n6\n{\"gate\":2}",  "d1\nopen\ni\n4\n6\n{\"gate\":2}",
        "d1\nopen\ni\n5\n7\n{\"gate\":2}",  "d1\nopen\ni\n5\n6\n{\"gate\":3}",
        "d1\nopen\ni\n5\n6\n{\"gate\": 2}", "d1\nopen\ni\n5\n6\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        assert_int_equal(verify(signed_by(1, MEMBERS, forms[i])), HAWSER_E_ARG);
    }
}

static void test_verify_without_a_signature_is_absent(void **state)
{
    (void)state;
    assert_int_equal(verify("{" MEMBERS "}"), HAWSER_E_ABSENT);
}

static void test_verify_what_is_no_signature_is_refused(void **state)
{
    static const char *const rows[] = {"1",     "\"\"", "\"AAAA\"",
                                       "\"A\"", "null", "{}"};
    char payload[512];
    char longer[200] = "";

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        (void)snprintf(payload, sizeof(payload), "{" MEMBERS ",\"sig\":%s}",
                       rows[i]);
        assert_int_equal(verify(payload), HAWSER_E_ARG);
    }
    memset(longer, 'A', 100);
    (void)snprintf(payload, sizeof(payload), "{" MEMBERS ",\"sig\":\"%s\"}",
                   longer);
    assert_int_equal(verify(payload), HAWSER_E_ARG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytes_of_all_members),
        cmocka_unit_test(test_bytes_order_does_not_matter),
        cmocka_unit_test(test_bytes_of_what_is_absent_are_none),
        cmocka_unit_test(test_bytes_other_types_are_refused),
        cmocka_unit_test(test_bytes_room_too_small_is_refused),
        cmocka_unit_test(test_verify_by_the_key_is_taken),
        cmocka_unit_test(test_verify_by_another_key_is_refused),
        cmocka_unit_test(test_verify_any_other_form_is_refused),
        cmocka_unit_test(test_verify_without_a_signature_is_absent),
        cmocka_unit_test(test_verify_what_is_no_signature_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
