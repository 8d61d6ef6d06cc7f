/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of address.c.
 */
#include <net/if.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ports/linux/address.h"

static void test_address_parse_good_ones_come_back(void **state)
{
    static const char *const texts[] = {"192.0.2.1", "2001:db8::1", "::1",
                                        "::ffff:192.0.2.1"};
    size_t i;

    (void)state;
    for (i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct hawser_address address;
        struct hawser_address back;
        struct sockaddr_storage kernel;
        char text[HAWSER_ADDRESS_TEXT_SIZE];

        assert_true(hwi_linux_address_parse(texts[i], &address));
        assert_int_equal(address.port, 0);
        address.port = 8883;
        hwi_linux_address_text(&address, text);
        assert_memory_equal(text, texts[i], strlen(texts[i]));
        assert_string_equal(text + strlen(texts[i]), " port 8883");
        assert_true(hwi_linux_address_to_kernel(&address, &kernel) > 0);
        assert_true(hwi_linux_address_from_kernel(
            (const struct sockaddr *)&kernel, &back));
        assert_int_equal(back.family, address.family);
        assert_int_equal(back.port, 8883);
        assert_memory_equal(back.bytes, address.bytes, sizeof back.bytes);
    }
}

static void test_address_parse_zone_becomes_scope(void **state)
{
    struct hawser_address address;

    (void)state;
    assert_true(hwi_linux_address_parse("fe80::1%lo", &address));
    assert_int_equal(address.family, 6);
    assert_int_equal(address.scope, if_nametoindex("lo"));
}

static void test_address_parse_bad_ones_refused(void **state)
{
    static const char *const texts[] = {
        "",
        "localhost",
        "192.0.2",
        "192.0.2.1.",
        "192.0.2.1%lo",
        "fe80::1%nosuch0",
        "[::1]",
        "::1 ",
        "1234:1234:1234:1234:1234:1234:1234:1234:1234:1234:1234:1234"};
    size_t i;

    (void)state;
    for (i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct hawser_address address = {.family = 77};

        if (hwi_linux_address_parse(texts[i], &address)) {
            fail_msg("\"%s\" passed", texts[i]);
        }
        assert_int_equal(address.family, 77);
    }
}

static void test_address_of_other_family_refused(void **state)
{
    const struct sockaddr local = {.sa_family = AF_UNIX};
    const struct hawser_address none = {.family = 5};
    struct hawser_address address = {.family = 77};
    struct sockaddr_storage kernel;

    (void)state;
    assert_false(hwi_linux_address_from_kernel(&local, &address));
    assert_int_equal(address.family, 77);
    assert_int_equal(hwi_linux_address_to_kernel(&none, &kernel), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_address_parse_good_ones_come_back),
        cmocka_unit_test(test_address_parse_zone_becomes_scope),
        cmocka_unit_test(test_address_parse_bad_ones_refused),
        cmocka_unit_test(test_address_of_other_family_refused),
    };

    return cmocka_run_group_tests_name("linux address", tests, NULL, NULL);
}
