/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files of certificates: PEM and DER, one and several, in place; and everything
 * that must not be taken for one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "device/base64.h"
#include "device/certificate_file.h"
#include "device/fake_pki.h"

#define ROOM 4096

struct file {
    uint8_t at[ROOM];
    size_t len;
};

static struct hawser_view view_of(const struct file *f)
{
    return (struct hawser_view){f->at, f->len};
}

static void add_der(struct file *f, const char *name, size_t len)
{
    f->len += fake_cert(&(struct fake_cert){.name = name, .len = len},
                        f->at + f->len);
}

static void add_text(struct file *f, const char *text)
{
    memcpy(f->at + f->len, text, strlen(text));
    f->len += strlen(text);
}

/* A PEM block; broken: so many characters are missing at its end. */
static void add_pem(struct file *f, const char *name, size_t len, size_t broken)
{
    uint8_t text[ROOM];
    struct file der = {.len = 0};
    size_t text_len = 0;
    size_t start = f->len;

    add_der(&der, name, len);
    assert_int_equal(hwi_base64_encode(view_of(&der),
                                       (struct hawser_span){text, sizeof(text)},
                                       &text_len),
                     0);
    add_text(f, "-----BEGIN CERTIFICATE-----\n");
    for (size_t i = 0; i < text_len; i += 64) {
        size_t line = text_len - i < 64 ? text_len - i : 64;
        memcpy(f->at + f->len, text + i, line);
        f->len += line;
        add_text(f, "\n");
    }
    add_text(f, "-----END CERTIFICATE-----\n");
    assert_true(f->len - start > broken);
    f->len -= broken;
}

static enum hwi_file_verdict read_file(struct file *f, size_t room)
{
    size_t len = 0;
    enum hwi_file_verdict v = hwi_certificates_read(
        view_of(f), (struct hawser_span){f->at, room}, &len);

    f->len = v == HWI_FILE_GOOD ? len : f->len;
    return v;
}

static void test_read_pem_and_der_are_the_same(void **state)
{
    struct file der = {.len = 0};
    struct file pem = {.len = 0};

    (void)state;
    add_der(&der, "one", 0);
    add_der(&der, "two", 700);
    add_text(&pem, "# CN=one, for people\n");
    add_pem(&pem, "one", 0, 0);
    add_text(&pem, "\nCN=two\n");
    add_pem(&pem, "two", 700, 0);
    assert_int_equal(read_file(&pem, ROOM), HWI_FILE_GOOD);
    assert_int_equal(pem.len, der.len);
    assert_memory_equal(pem.at, der.at, der.len);
    assert_int_equal(read_file(&der, ROOM), HWI_FILE_GOOD);
    assert_int_equal(pem.len, der.len);
}

static void test_next_walks_through_a_list(void **state)
{
    struct file der = {.len = 0};
    struct hawser_view list;
    struct hawser_view one;

    (void)state;
    add_der(&der, "one", 0);
    add_der(&der, "two", 300);
    list = view_of(&der);
    assert_true(hwi_certificates_next(&list, &one));
    assert_ptr_equal(one.at, der.at);
    assert_true(hwi_certificates_next(&list, &one));
    assert_int_equal(one.len, 300);
    assert_false(hwi_certificates_next(&list, &one));
}

static void test_read_every_cut_of_der_is_broken(void **state)
{
    (void)state;
    for (size_t n = 1; n < 300; n++) {
        struct file der = {.len = 0};
        add_der(&der, "one", 300);
        der.len = n;
        assert_int_equal(read_file(&der, ROOM), HWI_FILE_BROKEN);
    }
}

/* But for the line end after it, every byte of a block is needed. */
static void test_read_every_cut_of_pem_is_refused(void **state)
{
    (void)state;
    for (size_t n = 2; n < 400; n++) {
        struct file pem = {.len = 0};
        add_pem(&pem, "one", 300, n);
        assert_int_not_equal(read_file(&pem, ROOM), HWI_FILE_GOOD);
    }
}

static void test_read_what_is_no_certificate(void **state)
{
    static const struct {
        const char *text;
        enum hwi_file_verdict verdict;
    } rows[] = {
        {"", HWI_FILE_EMPTY},
        {"hello", HWI_FILE_EMPTY},
        {"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
         HWI_FILE_BROKEN},
        {"-----BEGIN CERTIFICATE-----\nZm9v\n-----END CERTIFICATE-----\n",
         HWI_FILE_BROKEN},
        {"-----BEGIN CERTIFICATE-----\nMAA=\n-----END X509 CRL-----\n",
         HWI_FILE_BROKEN},
        {"-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n",
         HWI_FILE_BROKEN},
        {"-----BEGIN CERTIFICATE", HWI_FILE_BROKEN},
        {"-----BEGIN CERTIFICATE-----\nMAA=\n", HWI_FILE_BROKEN},
        {"-----BEGIN CERTIFICATF-----\nMAA=\n-----END CERTIFICATF-----\n",
         HWI_FILE_BROKEN},
        {"-----BEGIN CERTIFICATE-----\nMAA=\n-----END A CERTIFICATE-----\n",
         HWI_FILE_BROKEN},
        {"-----BEGIN CERTIFICATE-----\nMA\x80=\n-----END CERTIFICATE-----\n",
         HWI_FILE_BROKEN},
        {"-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n",
         HWI_FILE_KEY},
        {"-----BEGIN EC PRIVATE KEY-----\n", HWI_FILE_KEY},
        {"-----BEGIN ENCRYPTED PRIVATE KEY-----\n", HWI_FILE_KEY},
        {"0\x03\x02\x01\x01", HWI_FILE_KEY}, /* PKCS #1, PKCS #8, SEC 1 */
        {"0\x85\x01\x01\x01\x01\x01", HWI_FILE_BROKEN},
        {"0\x80", HWI_FILE_BROKEN},
        {"0", HWI_FILE_BROKEN},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct file f = {.len = 0};
        add_text(&f, rows[i].text);
        assert_int_equal(read_file(&f, ROOM), rows[i].verdict);
    }
}

static void test_read_a_key_behind_certificates_is_seen(void **state)
{
    struct file der = {.len = 0};
    struct file pem = {.len = 0};

    (void)state;
    add_der(&der, "one", 0);
    add_text(&der, "0\x03\x02\x01\x01");
    assert_int_equal(read_file(&der, ROOM), HWI_FILE_KEY);
    add_pem(&pem, "one", 0, 0);
    add_text(&pem, "-----BEGIN PRIVATE KEY-----\n");
    assert_int_equal(read_file(&pem, ROOM), HWI_FILE_KEY);
}

static void test_read_without_room_is_large(void **state)
{
    struct file der = {.len = 0};
    struct file pem = {.len = 0};

    (void)state;
    add_der(&der, "one", 300);
    assert_int_equal(read_file(&der, 299), HWI_FILE_LARGE);
    add_pem(&pem, "one", 300, 0);
    assert_int_equal(read_file(&pem, 299), HWI_FILE_LARGE);
}

/* The length of a certificate of 128 to 255 bytes takes one byte. */
static void test_read_length_of_one_byte_is_taken(void **state)
{
    struct file der = {.at = {0x30, 0x81, 0x80, 0x30, 0x7E}, .len = 131};

    (void)state;
    assert_int_equal(read_file(&der, ROOM), HWI_FILE_GOOD);
    assert_int_equal(der.len, 131);
    der.len--;
    assert_int_equal(read_file(&der, ROOM), HWI_FILE_BROKEN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read_pem_and_der_are_the_same),
        cmocka_unit_test(test_next_walks_through_a_list),
        cmocka_unit_test(test_read_every_cut_of_der_is_broken),
        cmocka_unit_test(test_read_every_cut_of_pem_is_refused),
        cmocka_unit_test(test_read_what_is_no_certificate),
        cmocka_unit_test(test_read_a_key_behind_certificates_is_seen),
        cmocka_unit_test(test_read_without_room_is_large),
        cmocka_unit_test(test_read_length_of_one_byte_is_taken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
