/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Joining WiFi: which network has its turn, what ESP-IDF is told and in which
 * order, and what the device is told of it.
 */
#include "ports/esp-idf/wifi.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "esp_netif.h"
#include "esp_wifi.h"
#include "fake.h"
#include "ports/esp-idf/wifi_plan.h"

static const struct hwi_esp_network networks[] = {
    {"home", "pass-home"}, {"office", "pass-office"}, {"guests", ""}};

static unsigned news;

static void on_news(void)
{
    news++;
}

static int fresh(void **state)
{
    (void)state;
    fake_esp_init();
    news = 0;
    return 0;
}

static void start(void)
{
    assert_int_equal(hwi_esp_wifi_start(networks, 3, on_news), ESP_OK);
    fake_esp.calls[0] = '\0';
}

static enum hawser_link_state state_now(void)
{
    struct hawser_link_status status;

    hwi_esp_wifi_status(&status);
    return status.state;
}

/* The supervisor's remedy: asked for in its task, done in the event task. */
static void recover(uint32_t attempt)
{
    fake_esp.calls[0] = '\0';
    hwi_esp_wifi_recover(attempt);
    assert_string_equal(fake_esp.calls, "");
    fake_event_task();
}

static void assert_joins(const char *config)
{
    char wanted[128];

    (void)snprintf(wanted, sizeof wanted, "config=%s connect ", config);
    assert_string_equal(fake_esp.calls, wanted);
    fake_esp.calls[0] = '\0';
}

static void test_start_in_the_order_that_esp_idf_wants(void **state)
{
    static const char *const names[] = {"netif",   "init", "handler",
                                        "storage", "mode", "start"};

    (void)state;
    assert_int_equal(hwi_esp_wifi_start(networks, 3, on_news), ESP_OK);
    assert_string_equal(fake_esp.calls,
                        "netif init handler=WIFI_EVENT:-1 handler=IP_EVENT:-1 "
                        "handler=HAWSER_WIFI:-1 storage=1 mode=1 start ");
    assert_int_equal(state_now(), HAWSER_LINK_DOWN);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        fake_esp_init();
        fake_esp.fails = names[i];
        assert_int_not_equal(hwi_esp_wifi_start(networks, 3, on_news), ESP_OK);
        /* Nothing came behind what failed. */
        assert_string_equal(strrchr(fake_esp.calls, ' '), " ");
        assert_non_null(strstr(fake_esp.calls, names[i]));
    }
    assert_int_equal(hwi_esp_wifi_start(networks, 0, on_news),
                     ESP_ERR_INVALID_ARG);
    assert_int_equal(hwi_esp_wifi_start(networks, 6, on_news),
                     ESP_ERR_INVALID_ARG);
}

static void test_joined_and_lost_and_joined(void **state)
{
    struct hawser_link_status status;
    int32_t rssi = 0;

    (void)state;
    start();
    fake_wifi_event(WIFI_EVENT_STA_START, 0);
    assert_joins("home/pass-home/3");
    assert_int_equal(state_now(), HAWSER_LINK_JOINING);
    assert_false(hwi_esp_wifi_rssi(&rssi));
    fake_wifi_event(WIFI_EVENT_STA_CONNECTED, 0);
    assert_int_equal(state_now(), HAWSER_LINK_NO_ADDRESS);
    fake_ip_event(IP_EVENT_STA_GOT_IP, 0x0f02000a);
    hwi_esp_wifi_status(&status);
    assert_int_equal(status.state, HAWSER_LINK_UP);
    assert_string_equal(status.address, "10.0.2.15");
    assert_true(hwi_esp_wifi_rssi(&rssi));
    assert_int_equal(rssi, -61);
    fake_ip_event(IP_EVENT_STA_LOST_IP, 0);
    assert_int_equal(state_now(), HAWSER_LINK_NO_ADDRESS);
    fake_esp.calls[0] = '\0';
    /* Lost: the same network, at once. */
    fake_wifi_event(WIFI_EVENT_STA_DISCONNECTED, 8);
    assert_joins("home/pass-home/3");
    assert_int_equal(state_now(), HAWSER_LINK_JOINING);
    hwi_esp_wifi_status(&status);
    assert_string_equal(status.address, "");
    assert_true(news >= 5);
}

static void test_a_wrong_passphrase_gives_the_next_its_turn(void **state)
{
    (void)state;
    start();
    fake_wifi_event(WIFI_EVENT_STA_START, 0);
    fake_esp.calls[0] = '\0';
    fake_wifi_event(WIFI_EVENT_STA_DISCONNECTED, WIFI_REASON_AUTH_FAIL);
    assert_joins("office/pass-office/3");
    assert_int_equal(state_now(), HAWSER_LINK_JOINING);
    fake_wifi_event(WIFI_EVENT_STA_DISCONNECTED,
                    WIFI_REASON_4WAY_HANDSHAKE_TIMEOUT);
    assert_joins("guests//0");
    fake_wifi_event(WIFI_EVENT_STA_DISCONNECTED, WIFI_REASON_HANDSHAKE_TIMEOUT);
    assert_joins("home/pass-home/3");
    assert_int_equal(state_now(), HAWSER_LINK_REFUSED); /* by all of them */
    fake_wifi_event(WIFI_EVENT_STA_CONNECTED, 0);
    assert_int_equal(state_now(), HAWSER_LINK_NO_ADDRESS);
}

static void test_a_network_that_is_not_there_has_three_tries(void **state)
{
    (void)state;
    start();
    fake_wifi_event(WIFI_EVENT_STA_START, 0);
    fake_esp.calls[0] = '\0';
    fake_wifi_event(WIFI_EVENT_STA_DISCONNECTED, WIFI_REASON_NO_AP_FOUND);
    assert_joins("home/pass-home/3");
    fake_wifi_event(WIFI_EVENT_STA_DISCONNECTED, WIFI_REASON_NO_AP_FOUND);
    assert_joins("home/pass-home/3");
    fake_wifi_event(WIFI_EVENT_STA_DISCONNECTED, WIFI_REASON_NO_AP_FOUND);
    assert_joins("office/pass-office/3");
    assert_int_equal(state_now(), HAWSER_LINK_JOINING);
}

static void test_the_remedy_is_another_network(void **state)
{
    (void)state;
    start();
    fake_wifi_event(WIFI_EVENT_STA_START, 0);
    fake_wifi_event(WIFI_EVENT_STA_CONNECTED, 0);
    recover(1);
    assert_string_equal(fake_esp.calls, "disconnect ");
    fake_esp.calls[0] = '\0';
    fake_wifi_event(WIFI_EVENT_STA_DISCONNECTED, 8);
    assert_joins("office/pass-office/3");
    /* It ends an attempt, too. */
    recover(2);
    assert_string_equal(fake_esp.calls, "disconnect ");
    fake_esp.calls[0] = '\0';
    fake_wifi_event(WIFI_EVENT_STA_DISCONNECTED, WIFI_REASON_NO_AP_FOUND);
    assert_joins("guests//0");
}

/* A join that could not begin ends in no event: the remedy begins it again. */
static void test_a_join_that_could_not_begin_has_a_way_out(void **state)
{
    static const char *const fails[] = {"config", "connect"};

    (void)state;
    for (size_t i = 0; i < sizeof fails / sizeof fails[0]; i++) {
        fake_esp_init();
        start();
        fake_esp.fails = fails[i];
        fake_wifi_event(WIFI_EVENT_STA_START, 0);
        assert_int_equal(state_now(), HAWSER_LINK_DOWN);
        fake_esp.fails = NULL;
        recover(1);
        assert_joins("home/pass-home/3");
        assert_int_equal(state_now(), HAWSER_LINK_JOINING);
    }
}

/* A phase, and how it is reached. */
static void go_to(const char *phase)
{
    fake_esp_init();
    start();
    if (strcmp(phase, "off") == 0) {
        return;
    }
    fake_esp.fails = strcmp(phase, "idle") == 0 ? "connect" : NULL;
    fake_wifi_event(WIFI_EVENT_STA_START, 0);
    fake_esp.fails = NULL;
    if (strcmp(phase, "joined") == 0 || strcmp(phase, "address") == 0) {
        fake_wifi_event(WIFI_EVENT_STA_CONNECTED, 0);
    }
    if (strcmp(phase, "address") == 0) {
        fake_ip_event(IP_EVENT_STA_GOT_IP, 0x0f02000a);
    }
    if (strcmp(phase, "leaving") == 0) {
        recover(1);
    }
}

/* Two remedies, without an event of the radio's, lead out of every phase, also
 * if one call fails for ever: a join has begun, or the radio is started anew. */
static void test_every_phase_has_a_way_out(void **state)
{
    static const char *const phases[] = {"off",    "idle",    "joining",
                                         "joined", "address", "leaving"};
    static const char *const fails[] = {NULL, "config", "connect", "disconnect",
                                        "stop"};

    (void)state;
    for (size_t i = 0; i < 6; i++) {
        for (size_t j = 0; j < 5; j++) {
            bool is_out = false;

            go_to(phases[i]);
            fake_esp.fails = fails[j];
            for (unsigned n = 0; n < 2 && !is_out; n++) {
                recover(n);
                is_out = strstr(fake_esp.calls, "stop start ") != NULL ||
                         (strstr(fake_esp.calls, " connect ") != NULL &&
                          state_now() == HAWSER_LINK_JOINING);
            }
            assert_true(is_out);
        }
    }
}

static void test_a_radio_that_says_nothing_is_started_anew(void **state)
{
    struct hawser_link_status status;

    (void)state;
    go_to("address");
    recover(1);
    assert_string_equal(fake_esp.calls, "disconnect ");
    recover(2); /* and it did not end */
    assert_string_equal(fake_esp.calls, "stop start ");
    hwi_esp_wifi_status(&status);
    assert_int_equal(status.state, HAWSER_LINK_DOWN);
    assert_string_equal(status.address, "");
    /* Late news of before count for nothing. */
    fake_esp.calls[0] = '\0';
    fake_wifi_event(WIFI_EVENT_STA_DISCONNECTED, 8);
    fake_wifi_event(WIFI_EVENT_STA_CONNECTED, 0);
    fake_ip_event(IP_EVENT_STA_GOT_IP, 0x0f02000a);
    assert_string_equal(fake_esp.calls, "");
    assert_int_equal(state_now(), HAWSER_LINK_DOWN);
    /* It could not be started, or did not say so: again. */
    fake_esp.fails = "start";
    recover(3);
    assert_string_equal(fake_esp.calls, "stop start ");
    fake_esp.fails = NULL;
    recover(4);
    assert_string_equal(fake_esp.calls, "stop start ");
    fake_esp.calls[0] = '\0';
    fake_wifi_event(WIFI_EVENT_STA_START, 0);
    assert_int_equal(state_now(), HAWSER_LINK_JOINING);
    fake_esp.calls[0] = '\0';
    fake_wifi_event(WIFI_EVENT_STA_START, 0); /* once is enough */
    assert_string_equal(fake_esp.calls, "");
}

/* One that the radio does not take (a passphrase it does not like) is no reason
 * to leave the others alone. */
static void
test_a_network_that_cannot_be_set_gives_the_next_its_turn(void **state)
{
    (void)state;
    start();
    fake_esp.fails = "config=home";
    fake_wifi_event(WIFI_EVENT_STA_START, 0);
    assert_string_equal(
        fake_esp.calls,
        "config=home/pass-home/3 config=office/pass-office/3 connect ");
    assert_int_equal(state_now(), HAWSER_LINK_JOINING);
}

static void test_a_full_queue_is_asked_again(void **state)
{
    (void)state;
    go_to("idle");
    hwi_esp_wifi_recover(1);
    hwi_esp_wifi_recover(2);
    fake_event_task();
    assert_int_equal(state_now(), HAWSER_LINK_JOINING);
    recover(3);
    assert_string_equal(fake_esp.calls, "disconnect ");
}

static void test_an_address_is_worth_as_much_as_its_network(void **state)
{
    (void)state;
    go_to("address");
    fake_wifi_event(WIFI_EVENT_STA_DISCONNECTED, 8);
    assert_int_equal(state_now(), HAWSER_LINK_JOINING);
    fake_ip_event(IP_EVENT_STA_LOST_IP, 0); /* two minutes later */
    assert_int_equal(state_now(), HAWSER_LINK_JOINING);
    fake_ip_event(IP_EVENT_STA_GOT_IP, 0x0f02000a); /* it was on its way */
    assert_int_equal(state_now(), HAWSER_LINK_JOINING);
}

static void test_a_radio_that_does_not_obey_is_down(void **state)
{
    (void)state;
    start();
    fake_esp.fails = "connect";
    fake_wifi_event(WIFI_EVENT_STA_START, 0);
    assert_int_equal(state_now(), HAWSER_LINK_DOWN);
    fake_esp.fails = "config";
    fake_wifi_event(WIFI_EVENT_STA_DISCONNECTED, WIFI_REASON_NO_AP_FOUND);
    assert_int_equal(state_now(), HAWSER_LINK_DOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_start_in_the_order_that_esp_idf_wants,
                               fresh),
        cmocka_unit_test_setup(test_joined_and_lost_and_joined, fresh),
        cmocka_unit_test_setup(test_a_wrong_passphrase_gives_the_next_its_turn,
                               fresh),
        cmocka_unit_test_setup(test_a_network_that_is_not_there_has_three_tries,
                               fresh),
        cmocka_unit_test_setup(test_the_remedy_is_another_network, fresh),
        cmocka_unit_test_setup(test_a_join_that_could_not_begin_has_a_way_out,
                               fresh),
        cmocka_unit_test_setup(test_every_phase_has_a_way_out, fresh),
        cmocka_unit_test_setup(test_a_radio_that_says_nothing_is_started_anew,
                               fresh),
        cmocka_unit_test_setup(
            test_a_network_that_cannot_be_set_gives_the_next_its_turn, fresh),
        cmocka_unit_test_setup(test_a_full_queue_is_asked_again, fresh),
        cmocka_unit_test_setup(test_an_address_is_worth_as_much_as_its_network,
                               fresh),
        cmocka_unit_test_setup(test_a_radio_that_does_not_obey_is_down, fresh),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
