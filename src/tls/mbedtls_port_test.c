/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the adapter of mbedTLS makes of its port: a clock by which proofs grow
 * old, and random bytes that are not there.
 */
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "tls/mbedtls_test_port.h"
#include "tls/tls_test_server.h"

#define DAY_MS ((uint64_t)86400 * 1000)

/* Connects and ends well; whether the session was resumed. */
static bool connect_once(struct hwi_tls_context *context, SSL_CTX *server,
                         const struct hawser_stream_target *target)
{
    struct hawser_security security;
    struct test_outcome outcome;
    struct test_peer peer;
    struct hwi_tls *tls;

    test_peer_start(&peer, server, NULL);
    tls = test_connect(context, target, &peer, &outcome);
    assert_non_null(tls);
    hwi_tls_security(tls, &security);
    hwi_tls_close(tls);
    test_peer_stop(&peer);
    return security.resumed;
}

/* While the time of day is not known the port's clock counts alone; and however
 * often a session is resumed, its proof grows no younger. */
static void test_open_ticket_serves_for_a_day_of_the_port(void **state)
{
    struct farm_set *farm = *state;
    struct hwi_tls_context *context = hwi_tls_context_create();
    SSL_CTX *server = test_server_context(&farm->leaf, NULL, 0);
    struct hawser_stream_target target =
        test_target("broker.example", &farm->credentials);

    (void)SSL_CTX_set_timeout(server, 7L * 86400);
    target.dates = (struct hawser_date_policy){.has_now = false};
    assert_false(connect_once(context, server, &target));
    test_port.now_ms += DAY_MS * 2 / 3;
    assert_true(connect_once(context, server, &target));
    test_port.now_ms += DAY_MS * 2 / 3;
    assert_false(connect_once(context, server, &target));
    hwi_tls_context_destroy(context);
    SSL_CTX_free(server);
}

static void test_key_create_without_random_bytes_waits(void **state)
{
    uint8_t bytes[HAWSER_KEY_MAX];
    size_t len = 0;

    (void)state;
    test_port.has_no_random = true;
    assert_int_equal(
        hwi_tls_key_create((struct hawser_span){bytes, sizeof bytes}, &len),
        HAWSER_E_WAIT);
    test_port.has_no_random = false;
    assert_int_equal(
        hwi_tls_key_create((struct hawser_span){bytes, sizeof bytes}, &len), 0);
}

/* Nothing leaves the device that was to be secret and could be guessed. */
static void test_handshake_without_random_bytes_fails_unsent(void **state)
{
    struct farm_set *farm = *state;
    struct hwi_tls_context *context = hwi_tls_context_create();
    struct hawser_stream_target target =
        test_target("broker.example", &farm->credentials);
    struct hwi_tls_failure why = {.cause = HAWSER_CAUSE_NONE};
    struct hwi_tls_transport transport;
    struct test_peer peer;
    struct hwi_tls *tls;

    test_peer_start(&peer, NULL, NULL);
    transport = test_peer_transport(&peer);
    tls = hwi_tls_open(context, &target, &transport, &why);
    assert_non_null(tls);
    test_port.has_no_random = true;
    assert_int_equal(hwi_tls_handshake(tls, &why), HAWSER_E_LINK);
    test_port.has_no_random = false;
    assert_int_equal(why.cause, HAWSER_CAUSE_TLS_SETUP);
    assert_non_null(strstr(why.detail, "random"));
    assert_int_equal(BIO_pending(peer.to_server), 0);
    hwi_tls_close(tls);
    test_peer_stop(&peer);
    hwi_tls_context_destroy(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_open_ticket_serves_for_a_day_of_the_port),
        cmocka_unit_test(test_key_create_without_random_bytes_waits),
        cmocka_unit_test(test_handshake_without_random_bytes_fails_unsent),
    };

    return cmocka_run_group_tests(tests, farm_set_up, farm_tear_down);
}
