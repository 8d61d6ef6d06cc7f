/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names that may stand in certificates, topics and file names.
 */
#include "pki_name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void test_host_kind_of_each_host_is_its_kind(void **state)
{
    static const struct {
        const char *name;
        enum hwi_host_kind kind;
    } hosts[] = {
        {"localhost", HWI_HOST_DNS},
        {"mqtt.example.com", HWI_HOST_DNS},
        {"a-b.x1", HWI_HOST_DNS},
        {"_mqtt.example", HWI_HOST_DNS},
        {"1.2.example", HWI_HOST_DNS},
        {"127.0.0.1", HWI_HOST_IPV4},
        {"::1", HWI_HOST_IPV6},
        {"2001:db8::8:800:200c:417a", HWI_HOST_IPV6},
        {"", HWI_HOST_BAD},
        {".", HWI_HOST_BAD},
        {"a..b", HWI_HOST_BAD},
        {"a.", HWI_HOST_BAD},
        {"-a.b", HWI_HOST_BAD},
        {"a-.b", HWI_HOST_BAD},
        {"*.example.com", HWI_HOST_BAD},
        {"a.*", HWI_HOST_BAD},
        {"300.1.1.1", HWI_HOST_BAD},
        {"1.2.3", HWI_HOST_BAD},
        {"[::1]", HWI_HOST_BAD},
        {"::1%eth0", HWI_HOST_BAD},
        {"host:8883", HWI_HOST_BAD},
        {"mqtts://host", HWI_HOST_BAD},
        {"a b", HWI_HOST_BAD},
        {"m\xc3\xbcnchen.example", HWI_HOST_BAD},
        {"a/../b", HWI_HOST_BAD},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
        unsigned char address[16];
        const char *why;
        if (hwi_host_kind(hosts[i].name, address, &why) != hosts[i].kind) {
            fail_msg("\"%s\"", hosts[i].name);
        }
        assert_int_equal(why != NULL, hosts[i].kind == HWI_HOST_BAD);
    }
}

static void test_host_kind_at_the_length_limits_is_exact(void **state)
{
    char name[300];
    unsigned char address[16];
    const char *why;
    (void)state;
    memset(name, 'a', sizeof(name));
    name[63] = '\0';
    assert_int_equal(hwi_host_kind(name, address, &why), HWI_HOST_DNS);
    name[63] = 'a';
    name[64] = '\0';
    assert_int_equal(hwi_host_kind(name, address, &why), HWI_HOST_BAD);
    memset(name, 'a', sizeof(name));
    for (size_t i = 50; i < 253; i += 51) {
        name[i] = '.';
    }
    name[253] = '\0';
    assert_int_equal(hwi_host_kind(name, address, &why), HWI_HOST_DNS);
    name[253] = 'a';
    name[254] = '\0';
    assert_int_equal(hwi_host_kind(name, address, &why), HWI_HOST_BAD);
}

static void test_id_problem_of_a_good_id_is_null(void **state)
{
    static const char *const ids[] = {
        "a",
        "esp32_factory_001",
        "a.b-c",
        "with space",
        "caf\xc3\xa9",
        "\xe6\xb8\xa9",
        "\xf0\x9f\x8c\xa1",
        "0123456789012345678901234567890123456789012345678901234567890123"};
    (void)state;
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        if (hwi_id_problem(ids[i]) != NULL) {
            fail_msg("\"%s\": %s", ids[i], hwi_id_problem(ids[i]));
        }
    }
}

static void test_id_problem_of_a_bad_id_is_named(void **state)
{
    static const char *const ids[] = {
        "",
        "+",
        "a+b",
        "#",
        "a/b",
        "/",
        "..",
        ".",
        ".hidden",
        "-x",
        "$SYS",
        " a",
        "a ",
        "a\tb",
        "a\nb",
        "\x1b[2J",
        "a\x7f",
        "\xc2\x85",
        "\xff",
        "\xc3",
        "\xc0\x80",
        "\xed\xa0\x80",
        "\xf4\x90\x80\x80",
        "01234567890123456789012345678901234567890123456789012345678901234"};
    (void)state;
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        if (hwi_id_problem(ids[i]) == NULL) {
            fail_msg("number %zu is taken for good", i);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_host_kind_of_each_host_is_its_kind),
        cmocka_unit_test(test_host_kind_at_the_length_limits_is_exact),
        cmocka_unit_test(test_id_problem_of_a_good_id_is_null),
        cmocka_unit_test(test_id_problem_of_a_bad_id_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
