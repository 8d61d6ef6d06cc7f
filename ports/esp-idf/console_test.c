/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The console, over a terminal of strings and NVS in memory: what is set is what
 * the device reads, what is wrong changes nothing, and no secret is shown.
 */
#include "ports/esp-idf/console.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake.h"
#include "ports/esp-idf/stored.h"

#define BEGIN_CERT "-----BEGIN CERTIFICATE-----\n"
#define END_CERT   "-----END CERTIFICATE-----\n"
/* DER of six bytes each: a SEQUENCE with "ca-a", "ca-b", "leaf" in it. */
#define CA_A BEGIN_CERT "MARjYS1h\n" END_CERT
#define CA_B BEGIN_CERT "MARjYS1i\n" END_CERT
#define LEAF BEGIN_CERT "MARsZWFm\n" END_CERT

static struct hwi_esp_console console;
static struct hwi_esp_stored stored;
static char screen[65536];
static int roll_back_answer;
static unsigned restarts;

static void say(const char *text)
{
    size_t len = strlen(screen);

    assert_true(len + strlen(text) < sizeof screen);
    memcpy(screen + len, text, strlen(text) + 1);
}

static bool is_anchor(struct hawser_view ca, char why[HAWSER_DETAIL_SIZE])
{
    assert_int_equal(ca.at[ca.len], 0);
    if (ca.len >= 6 && memcmp(ca.at + ca.len - 4, "leaf", 4) == 0) {
        (void)snprintf(why, HAWSER_DETAIL_SIZE, "it is not a CA");
        return false;
    }
    return true;
}

static const char *default_id(void)
{
    return "esp32c3-a4cf12345678";
}

static int roll_back(void)
{
    return roll_back_answer;
}

static esp_err_t erase(void)
{
    size_t room = fake_esp.nvs_room;
    const char *fails = fake_esp.fails;

    if (fails != NULL && strcmp(fails, "erase") == 0) {
        return ESP_FAIL;
    }
    fake_esp_init();
    fake_esp.nvs_room = room;
    return ESP_OK;
}

static void restart(void)
{
    restarts++;
}

static const struct hwi_esp_console_port port = {
    .say = say,
    .is_anchor = is_anchor,
    .default_id = default_id,
    .roll_back = roll_back,
    .erase = erase,
    .restart = restart,
};

static int fresh(void **state)
{
    (void)state;
    fake_esp_init();
    memset(screen, 0, sizeof screen);
    restarts = 0;
    roll_back_answer = 0;
    hwi_esp_console_start(&console, &port);
    return 0;
}

/* Types it, on a screen that is empty. */
static void type(const char *text)
{
    memset(screen, 0, sizeof screen);
    hwi_esp_console_feed(&console, (const uint8_t *)text, strlen(text));
}

static void assert_says(const char *typed, const char *answer)
{
    type(typed);
    if (strstr(screen, answer) == NULL) {
        print_error("\"%s\" is not in:\n%s\n", answer, screen);
        fail();
    }
}

/* It changes nothing, says so, and says why. */
static void assert_refused(const char *typed, const char *why)
{
    fake_esp.calls[0] = '\0';
    assert_says(typed, why);
    assert_non_null(strstr(screen, "nothing was changed"));
    assert_null(strstr(fake_esp.calls, "nvs_set_blob"));
    assert_null(strstr(fake_esp.calls, "nvs_erase_key"));
}

static void read_back(void)
{
    char bad[HWI_ESP_KEY_SIZE];

    assert_int_equal(hwi_esp_stored_read(&stored, bad), ESP_OK);
}

static bool is_in(const void *memory, size_t len, const char *text)
{
    for (size_t i = 0; i + strlen(text) <= len; i++) {
        if (memcmp((const char *)memory + i, text, strlen(text)) == 0) {
            return true;
        }
    }
    return false;
}

/* A chip out of the factory to one that the device takes. */
static void test_first_setup(void **state)
{
    (void)state;
    assert_non_null(strstr(screen, "help"));
    assert_says("show\r\n", "id        esp32c3-a4cf12345678 (the chip's)\n"
                            "missing: a WiFi network: set wifi NAME\n"
                            "missing: the broker: set broker HOST:PORT\n"
                            "missing: the CA");
    assert_says("set wifi Home of Ada\r\npass word\r\n", "missing: the broker");
    assert_null(strstr(screen, "missing: a WiFi"));
    assert_says("set broker b.example\r\n", "missing: the CA");
    assert_says("set ca\r\n" CA_A, "\"restart\" makes the device use it");
    assert_says("set user ada\n", "stored: user");
    assert_says("set password\nsecret one\n", "stored: password");
    assert_says("set id dev1\n", "stored: id");
    assert_says("set time a.example b.example:124\n", "stored: time");
    read_back();
    assert_string_equal(stored.networks[0].ssid, "Home of Ada");
    assert_string_equal(stored.networks[0].passphrase, "pass word");
    assert_string_equal(stored.settings.brokers[0].host, "b.example");
    assert_int_equal(stored.settings.brokers[0].port, 8883);
    assert_int_equal(stored.settings.time_servers[0].port, 123);
    assert_int_equal(stored.settings.time_servers[1].port, 124);
    assert_string_equal(stored.settings.device.id, "dev1");
    assert_memory_equal(stored.settings.device.username.at, "ada", 4);
    assert_memory_equal(stored.settings.device.password.at, "secret one", 11);
    assert_int_equal(stored.settings.device.credentials.ca.len, 6);
    assert_memory_equal(stored.settings.device.credentials.ca.at, "0\4ca-a", 6);
    assert_int_equal(restarts, 0);
    assert_says("restart\n", "restarting");
    assert_int_equal(restarts, 1);
}

static void test_secrets_are_not_shown_and_not_kept(void **state)
{
    (void)state;
    type("set wifi home\rtop-secret\rset password\rtop-secret\r");
    assert_null(strstr(screen, "top-secret"));
    assert_non_null(strstr(screen, "set wifi home\n"));
    assert_says("show\r", "wifi      home (its passphrase is set)");
    assert_non_null(strstr(screen, "password  is set"));
    assert_null(strstr(screen, "top-secret"));
    assert_false(is_in(&console, sizeof console, "top-secret"));
    /* Left, too long or cancelled: neither. */
    type("set password\rtop-secr\x03");
    assert_false(is_in(&console, sizeof console, "top-secr"));
    assert_refused("set password top-secret\r", "set password");
    assert_false(is_in(&console, sizeof console, "top-secret"));
    type("set ca\r-----BEGIN PRIVATE KEY-----\rtop-secret\r");
    assert_null(strstr(screen, "top-secret"));
    assert_refused("-----END PRIVATE KEY-----\r", "private key");
    assert_false(is_in(&console, sizeof console, "top-secret"));
}

static void test_lines_as_terminals_send_them(void **state)
{
    (void)state;
    assert_says("set idx\x7f dev\xc3\xa9\x08"
                "1\r",
                "set idx\b \b dev");
    read_back();
    assert_string_equal(stored.settings.device.id, "dev1");
    type("\x7f\x08\x7f\r\n\n\r");
    assert_null(strstr(screen, "no such"));
    /* CR LF is one end: the LF is no empty passphrase. */
    type("set wifi home\r\n");
    assert_int_equal(console.mode, HWI_ESP_CONSOLE_PASSPHRASE);
    assert_refused("\x03", "nothing was changed");
    assert_says("set\tid  dev2 \r", "stored: id");
    read_back();
    assert_string_equal(stored.settings.device.id, "dev2");
    assert_says("bogus\r", "no such command");
    assert_says("se\r", "no such command");
    assert_says("help\r", "rollback");
}

static void test_lines_that_are_too_long_or_noise(void **state)
{
    static char large[3000];

    (void)state;
    memset(large, 'x', sizeof large - 2);
    memcpy(large, "set id ", 7);
    large[sizeof large - 2] = '\r';
    assert_refused(large, "511 bytes");
    assert_refused("set id a\x01z\r", "no text");
    assert_refused("set id \xff\xfe\r", "no text");
    assert_refused("set wifi \x1b[A\r", "no text");
    assert_says("set id fine\r", "stored: id");
}

/* Any bytes at all: nothing is stored, nothing breaks, and it still obeys. */
static void test_random_noise(void **state)
{
    uint8_t noise[256];
    uint32_t x = 1;

    (void)state;
    for (unsigned n = 0; n < 2000; n++) {
        for (size_t i = 0; i < sizeof noise; i++) {
            x = x * 1664525u + 1013904223u;
            noise[i] = (uint8_t)(x >> 24);
        }
        memset(screen, 0, sizeof screen);
        hwi_esp_console_feed(&console, noise, sizeof noise);
    }
    assert_null(strstr(fake_esp.calls, "nvs_set_blob"));
    assert_says("\x03set id fine\r", "stored: id");
}

static void test_hosts(void **state)
{
    (void)state;
    assert_says("set broker mqtts://a.example:8884 [2001:db8::1]:8885 "
                "[2001:db8::2] 10.0.0.1\r",
                "stored: broker");
    read_back();
    assert_int_equal(stored.settings.device.broker_count, 4);
    assert_string_equal(stored.settings.brokers[0].host, "a.example");
    assert_int_equal(stored.settings.brokers[0].port, 8884);
    assert_string_equal(stored.settings.brokers[1].host, "2001:db8::1");
    assert_int_equal(stored.settings.brokers[1].port, 8885);
    assert_int_equal(stored.settings.brokers[2].port, 8883);
    assert_string_equal(stored.settings.brokers[3].host, "10.0.0.1");
    /* Fewer take the place of all, for good. */
    type("set broker a b c d e f g h\r");
    assert_says("set broker b.example\r", "stored: broker");
    read_back();
    assert_int_equal(stored.settings.device.broker_count, 1);
    type("set broker a b c d\r");
    read_back();
    assert_int_equal(stored.settings.device.broker_count, 4);
    type("set broker b.example\r");
    assert_refused("set broker\r", "HOST");
    assert_refused("set broker mqtt://a.example\r", "without TLS");
    assert_refused("set broker a.example:0\r", "HOST");
    assert_refused("set broker a.example:65536\r", "HOST");
    assert_refused("set broker a.example:74419\r", "HOST");
    assert_refused("set broker a.example:\r", "HOST");
    assert_refused("set broker a.example:12x\r", "HOST");
    assert_refused("set broker a/b\r", "HOST");
    assert_refused("set broker 2001:db8::1\r", "HOST");
    assert_refused("set broker [2001:db8::1\r", "HOST");
    assert_refused("set broker []\r", "HOST");
    assert_refused("set broker [2001:db8::1x:1\r", "HOST");
    assert_refused("set broker good.example bad/example\r", "bad/example");
    assert_refused("set broker a a a a a a a a a\r", "8 of them");
    assert_refused("set time a a a a a\r", "4 of them");
    read_back();
    assert_string_equal(stored.settings.brokers[0].host, "b.example");
}

static void test_networks(void **state)
{
    (void)state;
    type("set wifi n0\rpassphrase\rset wifi n1\r\rset wifi n2\rpassphrase\r"
         "set wifi n3\rpassphrase\rset wifi n4\rpassphrase\r");
    assert_refused("set wifi n5\rpassphrase\r", "five networks");
    assert_refused("set wifi n\rpassphrase\r", "five networks");
    assert_says("set wifi n0\rother phrase\r", "stored: wifi");
    assert_says("show\r", "wifi      n1 (open)");
    read_back();
    assert_int_equal(stored.network_count, 5);
    assert_string_equal(stored.networks[0].passphrase, "other phrase");
    assert_string_equal(stored.networks[1].passphrase, "");
    assert_refused("set wifi\r", "1 to 32");
    assert_refused("set wifi 123456789012345678901234567890123\r", "1 to 32");
    assert_refused("set wifi n0\rshort\r", "8 to 63");
    assert_refused(
        "set wifi n0\r"
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdeg\r",
        "8 to 63");
    assert_says(
        "set wifi n0\r"
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\r",
        "stored: wifi");
    assert_says("clear wifi\r", "missing: a WiFi network");
    /* Nothing of the list comes back with a new first one. */
    type("set wifi n9\rpassphrase\r");
    read_back();
    assert_int_equal(stored.network_count, 1);
}

static void test_texts(void **state)
{
    (void)state;
    assert_refused("set id\r", "clear id");
    assert_refused("set id a/b\r", "without + # /");
    assert_refused(
        "set id "
        "12345678901234567890123456789012345678901234567890123456789012345\r",
        "1 to 64");
    assert_refused("set password\r\r", "clear password");
    assert_refused("set colour blue\r", "there is wifi");
    assert_refused("set\r", "there is wifi");
    assert_refused("clear\r", "there is wifi");
    assert_refused("clear wifi now\r", "there is wifi");
    type("set password\rsecret one\rset user ada\r");
    assert_says("clear password\r", "stored: password");
    assert_says("show\r", "user      ada");
    assert_null(strstr(screen, "password"));
}

static void test_paste(void **state)
{
    static char large[6000];
    size_t len;

    (void)state;
    assert_says("set ca\r\r\nSubject: CN=a\r\n" CA_A, "stored: ca");
    assert_null(strstr(screen, "MARj"));
    assert_says("show\r", "ca        6 bytes");
    /* A further one right behind is added. */
    assert_says("set ca\r" CA_A CA_B, "stored: ca");
    read_back();
    assert_int_equal(stored.settings.device.credentials.ca.len, 12);
    assert_memory_equal(stored.settings.device.credentials.ca.at,
                        "0\4ca-a0\4ca-b", 12);
    assert_says("show\r", "12 bytes");
    /* Not behind another command. */
    assert_refused(CA_B, "after \"set ca\"");
    assert_refused("set ca\r" LEAF, "it is not a CA");
    assert_refused("set ca\r" BEGIN_CERT "MARj!!!!\n" END_CERT, "no whole");
    assert_refused("set ca\r" BEGIN_CERT "MARjYS1hYWE=\n" END_CERT, "no whole");
    assert_refused("set ca\r" BEGIN_CERT END_CERT, "no whole");
    assert_refused("set ca\r" END_CERT, "no whole");
    assert_refused("set ca\r-----BEGIN PUBLIC KEY-----\nMARjYS1h\n"
                   "-----END PUBLIC KEY-----\n",
                   "no whole");
    assert_refused("set ca\r" BEGIN_CERT "MA\x01RjYS1h\n" END_CERT, "no text");
    len = (size_t)snprintf(large, sizeof large, "set ca\r");
    while (len < 5000) {
        large[len] = len % 64 == 0 ? '\n' : 'x';
        len++;
    }
    (void)snprintf(large + len, sizeof large - len, "\n" END_CERT);
    assert_refused(large, "4096");
    /* Its lines are no commands, and it can be left. */
    type("set ca\rrestart\r");
    assert_int_equal(restarts, 0);
    assert_refused("\x03", "nothing was changed");
    read_back();
    assert_int_equal(stored.settings.device.credentials.ca.len, 12);
    assert_says("help\r", "set wifi");
}

static void test_nvs_that_does_not_obey(void **state)
{
    (void)state;
    type("set id old\rset broker old.example\r");
    fake_esp.nvs_room = 25;
    assert_says("set id brand-new\r", "NVS is full");
    assert_says("set broker a.example\r", "NVS is full");
    read_back();
    assert_string_equal(stored.settings.device.id, "old");
    assert_string_equal(stored.settings.brokers[0].host, "old.example");
    fake_esp.nvs_room = 4096;
    fake_esp.fails = "nvs_open";
    assert_says("set id new\r", "NVS answered ESP_FAIL");
    assert_says("show\r", "NVS cannot be read: it answered ESP_FAIL");
    fake_esp.fails = "nvs_set_blob=ca";
    assert_says("set ca\r" CA_A, "NVS answered ESP_FAIL");
    fake_esp.fails = NULL;
    assert_refused(CA_B, "after \"set ca\"");
}

static void test_erase_asks_first(void **state)
{
    (void)state;
    type("set id dev1\r");
    assert_says("erase\rno\r", "nothing was erased");
    assert_says("erase\ryes please\r", "nothing was erased");
    type("erase\r\x03yes\r");
    fake_esp.fails = "erase";
    assert_says("erase\ryes\r", "not erased: it answered ESP_FAIL");
    fake_esp.fails = NULL;
    read_back();
    assert_says("erase\ryes\r", "erased\nmissing: a WiFi");
    assert_says("show\r", "(the chip's)");
}

static void test_rollback(void **state)
{
    (void)state;
    assert_says("rollback\r", "restarts");
    assert_int_equal(restarts, 1);
    roll_back_answer = HAWSER_E_ABSENT;
    assert_refused("rollback\r", "none to go back to");
    roll_back_answer = HAWSER_E_STATE;
    assert_refused("rollback\r", "on trial");
    roll_back_answer = HAWSER_E_LINK;
    assert_refused("rollback\r", "does not run");
    roll_back_answer = HAWSER_E_STORAGE;
    assert_refused("rollback\r", "flash");
    assert_int_equal(restarts, 1);
}

/* What others have written tells the terminal nothing. */
static void test_show_tames_what_it_shows(void **state)
{
    static char large[600];

    (void)state;
    memset(large, 'u', sizeof large - 1);
    assert_int_equal(hwi_esp_stored_write("wifi", "a\x1b[2Jb\nsecret", 13), 0);
    assert_int_equal(hwi_esp_stored_write("username", large, 599), 0);
    assert_says("show\r", "wifi      a?[2Jb (its passphrase is set)");
    assert_non_null(strstr(screen, "user      599 bytes"));
    assert_null(strstr(screen, "secret"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_first_setup, fresh),
        cmocka_unit_test_setup(test_secrets_are_not_shown_and_not_kept, fresh),
        cmocka_unit_test_setup(test_lines_as_terminals_send_them, fresh),
        cmocka_unit_test_setup(test_lines_that_are_too_long_or_noise, fresh),
        cmocka_unit_test_setup(test_random_noise, fresh),
        cmocka_unit_test_setup(test_hosts, fresh),
        cmocka_unit_test_setup(test_networks, fresh),
        cmocka_unit_test_setup(test_texts, fresh),
        cmocka_unit_test_setup(test_paste, fresh),
        cmocka_unit_test_setup(test_nvs_that_does_not_obey, fresh),
        cmocka_unit_test_setup(test_erase_asks_first, fresh),
        cmocka_unit_test_setup(test_rollback, fresh),
        cmocka_unit_test_setup(test_show_tames_what_it_shows, fresh),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
