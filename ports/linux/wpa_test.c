/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What wpa_supplicant's events and answers mean, as they were seen of version
 * 2.10, and what is refused to be told to it.
 */
#include "ports/linux/wpa.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void test_events_are_told_by_their_words(void **state)
{
    static const struct {
        const char *text;
        enum hwi_linux_wpa_event event;
    } rows[] = {
        {"OK\n", HWI_LINUX_WPA_ANSWER},
        {"", HWI_LINUX_WPA_ANSWER},
        {"<3", HWI_LINUX_WPA_ANSWER},
        {"<3>", HWI_LINUX_WPA_OTHER},
        {"<3>CTRL-EVENT-SCAN-STARTED ", HWI_LINUX_WPA_OTHER},
        {"<3>CTRL-EVENT-CONNECTED - Connection to 02:00:00:00:01:00 completed "
         "[id=0 id_str=hawser]",
         HWI_LINUX_WPA_CONNECTED},
        {"<3>CTRL-EVENT-DISCONNECTED bssid=02:00:00:00:01:00 reason=3 "
         "locally_generated=1",
         HWI_LINUX_WPA_LOST},
        {"<3>CTRL-EVENT-NETWORK-NOT-FOUND ", HWI_LINUX_WPA_NOT_FOUND},
        {"<3>CTRL-EVENT-SSID-TEMP-DISABLED id=0 ssid=\"shed\" "
         "auth_failures=1 duration=10 reason=WRONG_KEY",
         HWI_LINUX_WPA_REFUSED},
        {"<3>CTRL-EVENT-SSID-TEMP-DISABLED id=0 ssid=\"shed\" "
         "auth_failures=1 duration=10 reason=CONN_FAILED",
         HWI_LINUX_WPA_OTHER},
        {"<3>CTRL-EVENT-SSID-TEMP-DISABLED id=0 ssid=\"x reason=WRONG_KEY\" "
         "auth_failures=1 duration=10 reason=CONN_FAILED",
         HWI_LINUX_WPA_OTHER},
        {"<3>CTRL-EVENT-EAP-FAILURE EAP authentication failed",
         HWI_LINUX_WPA_REFUSED},
        {"<3>CTRL-EVENT-TERMINATING ", HWI_LINUX_WPA_ENDS},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(hwi_linux_wpa_event(rows[i].text), rows[i].event);
    }
}

static void test_number_is_read_or_there_is_none(void **state)
{
    int32_t n = 7;

    (void)state;
    assert_true(hwi_linux_wpa_number("RSSI=-61\nLINKSPEED=65\n", "RSSI", &n));
    assert_int_equal(n, -61);
    assert_true(hwi_linux_wpa_number("A=1\nRSSI=-9999", "RSSI", &n));
    assert_int_equal(n, -9999);
    n = 7;
    assert_false(hwi_linux_wpa_number("FAIL\n", "RSSI", &n));
    assert_false(hwi_linux_wpa_number("AVG_RSSI=-60\n", "RSSI", &n));
    assert_false(hwi_linux_wpa_number("RSSI=\n", "RSSI", &n));
    assert_false(hwi_linux_wpa_number("RSSI=", "RSSI", &n));
    assert_false(hwi_linux_wpa_number("RSSI=-\n", "RSSI", &n));
    assert_false(hwi_linux_wpa_number("RSSI=6x\n", "RSSI", &n));
    assert_false(hwi_linux_wpa_number("RSSI=99999999999\n", "RSSI", &n));
    assert_int_equal(n, 7);
}

static void test_says_compares_whole_values(void **state)
{
    static const char answer[] =
        "bssid=02:00:00:00:01:00\nssid=shed\nwpa_state=COMPLETED\n";

    (void)state;
    assert_true(hwi_linux_wpa_says(answer, "wpa_state", "COMPLETED"));
    assert_true(hwi_linux_wpa_says(answer, "ssid", "shed"));
    assert_false(hwi_linux_wpa_says(answer, "ssid", "she"));
    assert_false(hwi_linux_wpa_says(answer, "sid", "02"));
    assert_false(hwi_linux_wpa_says(answer, "state", "COMPLETED"));
}

static void test_list_has_the_numbers_of_the_networks(void **state)
{
    uint32_t ids[3];

    (void)state;
    assert_int_equal(
        hwi_linux_wpa_list("network id / ssid / bssid / flags\n"
                           "0\tshed\tany\t[CURRENT]\n12\tx\tany\t\nnone\n",
                           ids, 3),
        2);
    assert_int_equal(ids[0], 0);
    assert_int_equal(ids[1], 12);
    assert_int_equal(hwi_linux_wpa_list("h\n1\ta\n2\tb\n3\tc\n4\td\n", ids, 3),
                     3);
    assert_int_equal(hwi_linux_wpa_list("", ids, 3), 0);
    assert_int_equal(hwi_linux_wpa_list("FAIL\n", ids, 3), 0);
}

static struct hawser_linux_network network(const char *ssid,
                                           const char *passphrase)
{
    return (struct hawser_linux_network){
        .ssid = {(const uint8_t *)ssid, strlen(ssid)},
        .passphrase = {(const uint8_t *)passphrase, strlen(passphrase)}};
}

static void test_set_says_each_field(void **state)
{
    char out[HWI_LINUX_WPA_COMMAND_SIZE];
    struct hawser_linux_network n = network("a \"b\n", "say \"friend\"");

    (void)state;
    hwi_linux_wpa_set(out, 3, HWI_LINUX_WPA_OWNER, &n, 2);
    assert_string_equal(out, "SET_NETWORK 3 id_str \"hawser\"");
    hwi_linux_wpa_set(out, 3, HWI_LINUX_WPA_SSID, &n, 2);
    assert_string_equal(out, "SET_NETWORK 3 ssid 612022620a");
    hwi_linux_wpa_set(out, 3, HWI_LINUX_WPA_SECRET, &n, 2);
    assert_string_equal(out, "SET_NETWORK 3 psk \"say \"friend\"\"");
    hwi_linux_wpa_set(out, 3, HWI_LINUX_WPA_PRIORITY, &n, 2);
    assert_string_equal(out, "SET_NETWORK 3 priority 2");
}

static void test_set_of_the_longest_and_of_none(void **state)
{
    static const char key[] =
        "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF";
    char out[HWI_LINUX_WPA_COMMAND_SIZE];
    char ssid[33];
    struct hawser_linux_network n;

    (void)state;
    memset(ssid, 'x', 32);
    ssid[32] = '\0';
    n = network(ssid, key);
    hwi_linux_wpa_set(out, UINT32_MAX, HWI_LINUX_WPA_SSID, &n, 2);
    assert_int_equal(strlen(out), strlen("SET_NETWORK 4294967295 ssid ") + 64);
    hwi_linux_wpa_set(out, 3, HWI_LINUX_WPA_SECRET, &n, 2);
    assert_memory_equal(out, "SET_NETWORK 3 psk 0011", 22);
    n = network("open", "");
    hwi_linux_wpa_set(out, 3, HWI_LINUX_WPA_SECRET, &n, 2);
    assert_string_equal(out, "SET_NETWORK 3 key_mgmt NONE");
}

static void test_check_refuses_what_no_network_has(void **state)
{
    static const struct {
        const char *ssid;
        const char *passphrase;
        int err;
    } rows[] = {
        {"x", "12345678", 0},
        {"x", "", 0},
        {"", "12345678", HAWSER_E_ARG},
        {"123456789012345678901234567890123", "12345678", HAWSER_E_ARG},
        {"x", "1234567", HAWSER_E_ARG},
        {"x", "1234567\n", HAWSER_E_ARG},
        {"x", "1234567\xc3\xa9", HAWSER_E_ARG},
        {"x",
         "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFx",
         HAWSER_E_ARG},
        {"x",
         "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF0",
         HAWSER_E_ARG},
    };
    char message[HAWSER_LINUX_MESSAGE_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct hawser_linux_network n =
            network(rows[i].ssid, rows[i].passphrase);

        assert_int_equal(hawser_linux_network_check(&n, message), rows[i].err);
        assert_true(rows[i].err == 0 || strlen(rows[i].passphrase) < 7 ||
                    strstr(message, rows[i].passphrase) == NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_events_are_told_by_their_words),
        cmocka_unit_test(test_number_is_read_or_there_is_none),
        cmocka_unit_test(test_says_compares_whole_values),
        cmocka_unit_test(test_list_has_the_numbers_of_the_networks),
        cmocka_unit_test(test_set_says_each_field),
        cmocka_unit_test(test_set_of_the_longest_and_of_none),
        cmocka_unit_test(test_check_refuses_what_no_network_has),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
