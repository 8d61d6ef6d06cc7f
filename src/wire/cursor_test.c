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
    assert_int_equal(hwi_read_string(&r).len, 0);
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

static void test_write_of_each_type_is_exact(void **state)
{
    uint8_t bytes[32];
    struct hwi_writer w =
        hwi_writer_of((struct hawser_span){bytes, sizeof bytes});
    struct hex h;

    (void)state;
    write_all(&w);
    assert_false(w.is_bad || w.is_full);
    assert_string_equal(
        hex_text(&h, bytes, hwi_written(&w)),
        "01 02 03 04 05 06 07 00 80 01 ff ff ff 7f 00 02 61 62");
}

static void test_write_into_any_smaller_room_is_bad_and_stays_inside(void **s)
{
    (void)s;
    for (size_t size = 0; size < 18; size++) {
        uint8_t bytes[19];
        struct hwi_writer w = hwi_writer_of((struct hawser_span){bytes, size});

        memset(bytes, 0xAA, sizeof bytes);
        write_all(&w);
        assert_true(w.is_full && !w.is_bad);
        assert_int_equal(hwi_written(&w), size);
        for (size_t i = size; i < sizeof bytes; i++) {
            assert_int_equal(bytes[i], 0xAA);
        }
    }
}

/* n bytes of 'x' behind their length. */
static struct hwi_writer framed(uint8_t *bytes, size_t size, size_t n)
{
    static uint8_t text[300];
    struct hwi_writer w = hwi_writer_of((struct hawser_span){bytes, size});
    uint8_t *content = hwi_write_open(&w);

    memset(text, 'x', sizeof text);
    hwi_write_bytes(&w, (struct hawser_view){text, n});
    hwi_write_close(&w, content);
    return w;
}

static void test_close_of_any_length_puts_it_in_front(void **state)
{
    (void)state;
    for (size_t n = 0; n <= 300; n++) {
        uint8_t all[304]; /* a byte in front */
        uint8_t *bytes = all + 1;
        size_t front = n < 128 ? 1 : 2;
        struct hwi_writer w;

        memset(all, 0xAA, sizeof all);
        w = framed(bytes, n + front, n);
        assert_false(w.is_full || w.is_bad);
        assert_int_equal(hwi_written(&w), n + front);
        assert_int_equal(bytes[0], n < 128 ? n : (n & 127) | 128);
        assert_true(n < 128 || bytes[1] == n >> 7);
        assert_int_equal(bytes[front], n == 0 ? 0xAA : 'x');
        assert_int_equal(bytes[n + front - 1], n == 0 ? 0 : 'x');
        assert_int_equal(bytes[n + front], 0xAA);
        memset(all, 0xAA, sizeof all);
        w = framed(bytes, n + front - 1, n);
        assert_true(w.is_full && !w.is_bad);
        assert_int_equal(all[0], 0xAA);
        assert_int_equal(bytes[n + front - 1], 0xAA);
    }
}

static void test_write_binary_up_to_65535_bytes_is_possible(void **state)
{
    static uint8_t bytes[UINT16_MAX + 3];
    static uint8_t text[UINT16_MAX + 1];
    struct hwi_writer w =
        hwi_writer_of((struct hawser_span){bytes, sizeof bytes});

    (void)state;
    hwi_write_binary(&w, (struct hawser_view){text, 0x0102});
    assert_memory_equal(bytes, "\x01\x02", 2);
    w = hwi_writer_of((struct hawser_span){bytes, sizeof bytes});
    hwi_write_binary(&w, (struct hawser_view){text, UINT16_MAX});
    assert_false(w.is_bad || w.is_full);
    assert_int_equal(hwi_written(&w), UINT16_MAX + 2);
    w = hwi_writer_of((struct hawser_span){bytes, sizeof bytes});
    hwi_write_binary(&w, (struct hawser_view){text, UINT16_MAX + 1});
    assert_true(w.is_bad && !w.is_full);
}

static void test_close_of_more_than_the_format_holds_is_bad(void **state)
{
    /* The content is not touched, so it need not be there. */
    uint8_t bytes[8];
    struct hwi_writer w =
        hwi_writer_of((struct hawser_span){bytes, sizeof bytes});
    uint8_t *content = hwi_write_open_packet(&w, 0x10);

    (void)state;
    w.left = 0;
    w.at = (uint8_t *)((uintptr_t)content + HWI_VARINT_MAX + 1);
    hwi_write_close(&w, content);
    assert_true(w.is_bad && !w.is_full);
    w = hwi_writer_of((struct hawser_span){bytes, sizeof bytes});
    w.left = 0;
    w.at = (uint8_t *)((uintptr_t)content + HWI_VARINT_MAX);
    hwi_write_close(&w, content); /* no room for a longer length */
    assert_true(w.is_full && !w.is_bad);
}

static void test_header_has_first_byte_and_length(void **state)
{
    uint8_t bytes[8];
    struct hwi_writer w =
        hwi_writer_of((struct hawser_span){bytes, sizeof bytes});
    struct hex h;

    (void)state;
    hwi_write_header(&w, 0x30, 321);
    assert_string_equal(hex_text(&h, bytes, hwi_written(&w)), "30 c1 02");
    hwi_write_header(&w, 0x30, HWI_VARINT_MAX);
    assert_string_equal(hex_text(&h, bytes + 3, hwi_written(&w) - 3),
                        "30 ff ff ff 7f");
    hwi_write_header(&w, 0x30, (size_t)HWI_VARINT_MAX + 1);
    assert_true(w.is_bad);
    w = hwi_writer_of((struct hawser_span){bytes, 1});
    assert_true(hwi_write_open_packet(&w, 0x10) == w.at && w.is_full);
}

static void test_write_of_what_has_no_form_is_bad_for_good(void **state)
{
    static uint8_t big[UINT16_MAX + 1];
    uint8_t bytes[8];
    struct hwi_writer w =
        hwi_writer_of((struct hawser_span){bytes, sizeof bytes});
    uint8_t *content = hwi_write_open(&w);

    (void)state;
    hwi_write_varint(&w, HWI_VARINT_MAX + 1);
    assert_true(w.is_bad);
    hwi_write_close(&w, content);
    assert_true(w.is_bad && !w.is_full);
    w = hwi_writer_of((struct hawser_span){bytes, sizeof bytes});
    hwi_write_binary(&w, (struct hawser_view){big, sizeof big});
    assert_true(w.is_bad);
    hwi_write_u8(&w, 0);
    assert_true(w.is_bad && w.is_full);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read_of_each_type_answers_value),
        cmocka_unit_test(test_read_beyond_the_end_sets_fault_and_answers_zero),
        cmocka_unit_test(test_read_fail_twice_keeps_the_first_fault),
        cmocka_unit_test(test_write_of_each_type_is_exact),
        cmocka_unit_test(
            test_write_into_any_smaller_room_is_bad_and_stays_inside),
        cmocka_unit_test(test_close_of_any_length_puts_it_in_front),
        cmocka_unit_test(test_write_binary_up_to_65535_bytes_is_possible),
        cmocka_unit_test(test_close_of_more_than_the_format_holds_is_bad),
        cmocka_unit_test(test_header_has_first_byte_and_length),
        cmocka_unit_test(test_write_of_what_has_no_form_is_bad_for_good),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
