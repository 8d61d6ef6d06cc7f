/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which files of WiFi networks are taken, and what is said of the others.
 */
#include "wifi_networks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct fixture {
    struct hawser_cli_networks networks;
    char words[256];
};

static bool read_text(struct fixture *f, const char *text)
{
    struct hawser_cli_text why = hawser_cli_text_in(f->words, sizeof(f->words));
    struct hawser_cli_file file = {(uint8_t *)text, strlen(text)};
    return hawser_cli_networks_read(&file, &f->networks, &why);
}

static void is_network(const struct fixture *f, size_t i, const char *ssid,
                       const char *passphrase)
{
    const struct hawser_linux_network *n = &f->networks.of[i];
    assert_int_equal(n->ssid.len, strlen(ssid));
    assert_memory_equal(n->ssid.at, ssid, n->ssid.len);
    assert_int_equal(n->passphrase.len, strlen(passphrase));
    assert_memory_equal(n->passphrase.at, passphrase, n->passphrase.len);
}

static void test_networks_stand_one_a_line(void **state)
{
    struct fixture f;
    (void)state;
    assert_true(read_text(&f, "the shed\tcorrect horse\n\nyard\tbattery "
                              "staple\r\nopen"));
    assert_int_equal(f.networks.count, 3);
    is_network(&f, 0, "the shed", "correct horse");
    is_network(&f, 2, "open", "");
}

static void test_mistakes_name_the_line_not_the_words(void **state)
{
    static const struct {
        const char *text;
        const char *words;
    } rows[] = {
        {"\n\n", "names no network"},
        {"a\tcorrect horse\nb\t\n", "line 2: no passphrase"},
        {"a\tcorrect horse\nb\tsecret\n", "line 2: a WiFi passphrase has 8"},
        {"\tcorrect horse\n", "line 1: a WiFi network's name has 1 to 32"},
        {"1\n2\n3\n4\n5\n6\n7\n8\n9\n", "line 9: there are more than 8"},
    };
    struct fixture f;
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_false(read_text(&f, rows[i].text));
        assert_non_null(strstr(f.words, rows[i].words));
        assert_null(strstr(f.words, "secret"));
        assert_null(strstr(f.words, "correct horse"));
    }
}

static void test_eight_networks_fit(void **state)
{
    struct fixture f;
    (void)state;
    assert_true(read_text(&f, "1\n2\n3\n4\n5\n6\n7\n8\n"));
    assert_int_equal(f.networks.count, 8);
    is_network(&f, 7, "8", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_networks_stand_one_a_line),
        cmocka_unit_test(test_mistakes_name_the_line_not_the_words),
        cmocka_unit_test(test_eight_networks_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
