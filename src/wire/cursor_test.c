/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of the reader and the writer.
 */
#include "wire/cursor.h"
#include "wire/hex.h"
#include "wire/reason.h"
#include "wire/varint.h"

static struct hwi_reader reader(struct hex *h, const char *text)
{
    return hwi_reader_of(hex_read(h, text));
}

static void test_read_of_each_type_answers_value(void **state)
{
    struct hex h;
    struct hwi_reader r =
        reader(&h, "01 0203 04050607 8001 0002 00FF 0001 61 08");

    (void)state;
    assert_int_equal(hwi_read_u8(&r), 1);
    assert_int_equal(hwi_read_u16(&r), 0x0203);
    assert_int_equal(hwi_read_u32(&r), 0x04050607);
    assert_int_equal(hwi_read_varint(&r), 128);
    assert_int_equal(hwi_read_binary(&r).len, 2);
    assert_view(hwi_read_string(&r), "a");
    assert_int_equal(r.left, 1);
    assert_int_equal(r.fault, HWI_OK);
    assert_int_equal(hwi_read_end(&r), HWI_MALFORMED);
}

static void test_read_beyond_the_end_sets_fault_and_answers_zero(void **state)
{
    struct hex h;
    struct hwi_reader r;

    (void)state;
    r = reader(&h, "");
    assert_int_equal(hwi_read_u8(&r), 0);
    assert_int_equal(r.fault, HWI_MALFORMED);
    r = reader(&h, "01");
    assert_int_equal(hwi_read_u16(&r), 0);
    assert_int_equal(hwi_read_u8(&r), 0);
    assert_int_equal(r.fault, HWI_MALFORMED);
    r = reader(&h, "01 02 03");
    (void)hwi_read_u32(&r);
    assert_int_equal(r.fault, HWI_MALFORMED);
    r = reader(&h, "80");
    assert_int_equal(hwi_read_varint(&r), 0);
    assert_int_equal(r.fault, HWI_MALFORMED);
    r = reader(&h, "00 03 61 62");
    assert_null(hwi_read_binary(&r).at);
    assert_int_equal(r.fault, HWI_MALFORMED);
    r = reader(&h, "00 01 FF");
    assert_null(hwi_read_string(&r).at);
    assert_int_equal(hwi_read_end(&r), HWI_MALFORMED);
}

static void test_read_fail_twice_keeps_the_first_fault(void **state)
{
    struct hex h;
    struct hwi_reader r = reader(&h, "01");

    (void)state;
    hwi_read_fail(&r, HWI_PROTOCOL_ERROR);
    hwi_read_fail(&r, HWI_MALFORMED);
    assert_int_equal(hwi_read_end(&r), HWI_PROTOCOL_ERROR);
    assert_int_equal(r.left, 0);
}

static void write_all(struct hwi_writer *w)
{
    hwi_write_u8(w, 1);
    hwi_write_u16(w, 0x0203);
    hwi_write_u32(w, 0x04050607);
    hwi_write_varint(w, 0);
    hwi_write_varint(w, 128);
    hwi_write_varint(w, HWI_VARINT_MAX);
    hwi_write_binary(w, TEXT("ab"));
    hwi_write_bytes(w, (struct hawser_view){NULL, 0});
}

static void test_write_measures_and_writes_the_same(void **state)
{
    uint8_t bytes[32];
    struct hwi_writer measured = {.at = NULL};
    struct hwi_writer w = {.at = bytes, .size = sizeof bytes};
    struct hex h;

    (void)state;
    write_all(&measured);
    write_all(&w);
    assert_false(measured.is_bad);
    assert_false(w.is_bad);
    assert_int_equal(measured.len, w.len);
    assert_string_equal(
        hex_text(&h, bytes, w.len),
        "01 02 03 04 05 06 07 00 80 01 ff ff ff 7f 00 02 61 62");
}

static void test_write_into_any_smaller_room_is_bad_and_stays_inside(void **s)
{
    (void)s;
    for (size_t size = 0; size < 18; size++) {
        uint8_t bytes[19];
        struct hwi_writer w = {.at = bytes, .size = size};

        memset(bytes, 0xAA, sizeof bytes);
        write_all(&w);
        assert_true(w.is_bad);
        assert_true(w.len <= size);
        for (size_t i = size; i < sizeof bytes; i++) {
            assert_int_equal(bytes[i], 0xAA);
        }
    }
}

static void test_write_of_what_has_no_form_is_bad(void **state)
{
    static uint8_t big[UINT16_MAX + 1];
    struct hwi_writer w = {.at = NULL};
    struct hwi_writer packet = {.at = NULL};

    (void)state;
    hwi_write_varint(&w, HWI_VARINT_MAX + 1);
    assert_true(w.is_bad);
    hwi_write_header(&packet, 0x30, &w);
    assert_true(packet.is_bad);
    w = (struct hwi_writer){.at = NULL};
    hwi_write_binary(&w, (struct hawser_view){big, sizeof big});
    assert_true(w.is_bad);
    w = (struct hwi_writer){.at = NULL};
    hwi_write_u8(&w, 0);
    hwi_write_bytes(&w, (struct hawser_view){big, HWI_VARINT_MAX});
    assert_true(w.is_bad);
    hwi_write_u8(&w, 0);
    assert_int_equal(w.len, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read_of_each_type_answers_value),
        cmocka_unit_test(test_read_beyond_the_end_sets_fault_and_answers_zero),
        cmocka_unit_test(test_read_fail_twice_keeps_the_first_fault),
        cmocka_unit_test(test_write_measures_and_writes_the_same),
        cmocka_unit_test(
            test_write_into_any_smaller_room_is_bad_and_stays_inside),
        cmocka_unit_test(test_write_of_what_has_no_form_is_bad),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
