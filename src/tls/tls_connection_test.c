/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A connection that has come up: the report, and what goes on after the
 * handshake.
 */
#include <string.h>

#include <openssl/err.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "tls/tls_test_library.h"
#include "tls/tls_test_server.h"

/* A connection that has come up, for the tests of what follows. */
struct line {
    struct hwi_tls_context *context;
    SSL_CTX *server;
    struct test_peer peer;
    struct hwi_tls *tls;
};

static void line_start(struct line *line, struct farm_set *farm, int version)
{
    struct hawser_stream_target target =
        test_target("broker.example", &farm->credentials);
    struct test_outcome outcome;

    line->context = hwi_tls_context_create();
    line->server = test_server_context(&farm->leaf, NULL, 0);
    assert_true(SSL_CTX_set_max_proto_version(line->server, version));
    test_peer_start(&line->peer, line->server, NULL);
    line->tls = test_connect(line->context, &target, &line->peer, &outcome);
    assert_non_null(line->tls);
}

static void line_stop(struct line *line)
{
    hwi_tls_close(line->tls);
    test_peer_stop(&line->peer);
    SSL_CTX_free(line->server);
    hwi_tls_context_destroy(line->context);
}

static void test_security_full_handshake_reports_all(void **state)
{
    struct farm_set *farm = *state;
    struct hawser_security security;
    struct line line;

    line_start(&line, farm, TLS1_3_VERSION);
    hwi_tls_security(line.tls, &security);
    assert_string_equal(security.version, "TLSv1.3");
    assert_string_equal(security.cipher, "TLS_AES_256_GCM_SHA384");
    assert_string_equal(security.group, test_library.group);
    assert_string_equal(security.alpn, "");
    assert_false(security.resumed);
    assert_false(security.dates_by_floor);
    assert_false(security.client_cert);
    assert_string_equal(security.peer_subject, "CN=leaf");
    assert_int_equal(strlen(security.peer_fingerprint), 64);
    assert_int_equal(security.peer_not_before_s, FARM_NOW_S - FARM_YEAR_S);
    assert_int_equal(security.peer_not_after_s, FARM_NOW_S + FARM_YEAR_S);
    assert_string_equal(security.anchor_subject, "CN=Root");
    assert_int_equal(strlen(security.anchor_fingerprint), 64);
    assert_string_not_equal(security.anchor_fingerprint,
                            security.peer_fingerprint);
    assert_int_equal(security.anchor_not_after_s, FARM_NOW_S + FARM_YEAR_S);
    assert_int_equal(security.own_not_after_s, 0);
    line_stop(&line);
}

static void test_open_alpn_of_wrong_length_refused(void **state)
{
    static const uint8_t name[256] = "x";
    static const size_t lens[] = {0, 256};
    struct farm_set *farm = *state;
    struct hawser_stream_target target =
        test_target("broker.example", &farm->credentials);
    struct hwi_tls_context *context = hwi_tls_context_create();
    struct hwi_tls_transport transport = {0};
    size_t i;

    for (i = 0; i < 2; i++) {
        struct hwi_tls_failure why = {0};

        target.alpn = (struct hawser_view){name, lens[i]};
        assert_null(hwi_tls_open(context, &target, &transport, &why));
        assert_int_equal(why.cause, HAWSER_CAUSE_TLS_SETUP);
    }
    hwi_tls_context_destroy(context);
    hwi_tls_context_destroy(NULL);
    hwi_tls_close(NULL);
}

/* Data waits for the handshake; the handshake, once done, stays done. */
static void test_send_before_handshake_waits(void **state)
{
    struct farm_set *farm = *state;
    struct hawser_stream_target target =
        test_target("broker.example", &farm->credentials);
    struct hwi_tls_context *context = hwi_tls_context_create();
    struct hwi_tls_transport transport;
    struct hwi_tls_failure why;
    struct test_peer peer;
    struct hwi_tls *tls;
    struct line line;
    uint8_t byte = 0;

    test_peer_start(&peer, NULL, NULL);
    transport = test_peer_transport(&peer);
    tls = hwi_tls_open(context, &target, &transport, &why);
    assert_non_null(tls);
    assert_int_equal(hwi_tls_send(tls, &byte, 1, &why), HAWSER_E_WAIT);
    assert_int_equal(hwi_tls_receive(tls, &byte, 1, &why), HAWSER_E_WAIT);
    assert_int_equal(BIO_pending(peer.to_server), 0);
    hwi_tls_close(tls);
    test_peer_stop(&peer);
    hwi_tls_context_destroy(context);

    line_start(&line, farm, TLS1_3_VERSION);
    assert_int_equal(hwi_tls_handshake(line.tls, &why), 0);
    line_stop(&line);
}

static void test_receive_renegotiation_is_refused(void **state)
{
    struct hwi_tls_failure why = {0};
    struct line line;
    uint8_t byte;
    int i;

    line_start(&line, *state, TLS1_2_VERSION);
    assert_true(SSL_renegotiate(line.peer.ssl));
    (void)SSL_do_handshake(line.peer.ssl);
    for (i = 0; i < 10; i++) {
        (void)hwi_tls_receive(line.tls, &byte, 1, &why);
        test_peer_step(&line.peer);
    }
    /* The first handshake stays the only one; OpenSSL's server then gives up. */
    assert_int_equal(SSL_CTX_sess_accept_good(line.server), 1);
    assert_int_equal(why.cause, HAWSER_CAUSE_TLS_OTHER);
    line_stop(&line);
}

static void test_receive_key_update_is_survived(void **state)
{
    const int kinds[] = {SSL_KEY_UPDATE_NOT_REQUESTED,
                         SSL_KEY_UPDATE_REQUESTED};
    struct hwi_tls_failure why;
    struct line line;
    int i;

    if (!test_library.has_key_update) {
        skip();
    }
    line_start(&line, *state, TLS1_3_VERSION);
    for (i = 0; i < 6; i++) {
        assert_true(SSL_key_update(line.peer.ssl, kinds[i % 2]));
        assert_int_equal(SSL_do_handshake(line.peer.ssl), 1);
        assert_true(test_talk(line.tls, &line.peer, &why));
    }
    line_stop(&line);
}

/* A library that cannot do it ends the connection, and says so. */
static void test_receive_key_update_is_survived_or_told(void **state)
{
    struct hwi_tls_failure why = {0};
    struct line line;
    uint8_t byte;
    int result;

    line_start(&line, *state, TLS1_3_VERSION);
    assert_true(SSL_key_update(line.peer.ssl, SSL_KEY_UPDATE_NOT_REQUESTED));
    assert_int_equal(SSL_do_handshake(line.peer.ssl), 1);
    result = hwi_tls_receive(line.tls, &byte, 1, &why);
    assert_int_equal(result, test_library.has_key_update ? HAWSER_E_WAIT
                                                         : HAWSER_E_LINK);
    assert_int_equal(why.cause, test_library.has_key_update
                                    ? HAWSER_CAUSE_NONE
                                    : HAWSER_CAUSE_TLS_OTHER);
    line_stop(&line);
}

/* No amount of them holds the caller in one call, and none is answered without
 * bound while the way out is blocked. */
static void test_receive_key_update_flood_stays_bounded(void **state)
{
    struct hwi_tls_failure why;
    struct line line;
    uint8_t byte;
    size_t before;
    int i;

    if (!test_library.has_key_update) {
        skip();
    }
    line_start(&line, *state, TLS1_3_VERSION);
    line.peer.faults.is_send_blocked = true;
    for (i = 0; i < 2000; i++) {
        assert_true(SSL_key_update(line.peer.ssl, SSL_KEY_UPDATE_REQUESTED));
        assert_int_equal(SSL_do_handshake(line.peer.ssl), 1);
    }
    before = line.peer.delivered;
    assert_int_equal(hwi_tls_receive(line.tls, &byte, 1, &why), HAWSER_E_WAIT);
    assert_true(line.peer.delivered - before < 1000);
    for (i = 0; i < 4000; i++) {
        assert_int_equal(hwi_tls_receive(line.tls, &byte, 1, &why),
                         HAWSER_E_WAIT);
    }
    assert_true(hwi_tls_wants_send(line.tls));
    assert_true(BIO_pending(line.peer.to_client) > 0); /* stopped reading */
    line.peer.faults.is_send_blocked = false;
    assert_true(test_talk(line.tls, &line.peer, &why));
    line_stop(&line);
}

static void test_receive_close_notify_is_closed(void **state)
{
    struct hwi_tls_failure why = {0};
    struct line line;
    uint8_t byte;

    line_start(&line, *state, TLS1_3_VERSION);
    (void)SSL_shutdown(line.peer.ssl);
    assert_int_equal(hwi_tls_receive(line.tls, &byte, 1, &why), HAWSER_E_LINK);
    assert_int_equal(why.cause, HAWSER_CAUSE_CLOSED);
    assert_non_null(strstr(why.detail, "ended the TLS session"));
    why = (struct hwi_tls_failure){0};
    assert_int_equal(hwi_tls_send(line.tls, &byte, 1, &why), HAWSER_E_LINK);
    assert_int_equal(why.cause, HAWSER_CAUSE_CLOSED);
    line_stop(&line);
}

static void test_receive_end_without_close_notify_is_closed(void **state)
{
    struct hwi_tls_failure why = {0};
    struct line line;
    uint8_t byte;

    line_start(&line, *state, TLS1_3_VERSION);
    line.peer.is_gone = true;
    assert_int_equal(hwi_tls_receive(line.tls, &byte, 1, &why), HAWSER_E_LINK);
    assert_int_equal(why.cause, HAWSER_CAUSE_CLOSED);
    assert_non_null(strstr(why.detail, "without a TLS goodbye"));
    line_stop(&line);
}

static void test_close_open_connection_says_goodbye(void **state)
{
    struct line line;

    line_start(&line, *state, TLS1_3_VERSION);
    hwi_tls_close(line.tls);
    line.tls = NULL;
    test_peer_step(&line.peer);
    assert_true(SSL_get_shutdown(line.peer.ssl) & SSL_RECEIVED_SHUTDOWN);
    line_stop(&line);
}

/* A caller who was told that bytes were taken never has to bring them again; one
 * who was told WAIT may come back with others. */
static void test_send_blocked_takes_one_record_then_waits(void **state)
{
    struct hwi_tls_failure why;
    struct line line;
    uint8_t first[300], second[200], third[100], byte;

    memset(first, 'a', sizeof first);
    memset(second, 'b', sizeof second);
    memset(third, 'c', sizeof third);
    line_start(&line, *state, TLS1_3_VERSION);
    line.peer.faults.is_send_blocked = true;
    assert_int_equal(hwi_tls_send(line.tls, first, sizeof first, &why), 300);
    assert_true(hwi_tls_wants_send(line.tls));
    assert_int_equal(hwi_tls_send(line.tls, second, sizeof second, &why),
                     HAWSER_E_WAIT);
    line.peer.faults.is_send_blocked = false;
    assert_int_equal(hwi_tls_receive(line.tls, &byte, 1, &why), HAWSER_E_WAIT);
    assert_false(hwi_tls_wants_send(line.tls));
    assert_int_equal(hwi_tls_send(line.tls, third, sizeof third, &why), 100);
    test_peer_step(&line.peer);
    assert_int_equal(line.peer.received_len, 400);
    assert_memory_equal(line.peer.received, first, 300);
    assert_memory_equal(line.peer.received + 300, third, 100);
    line_stop(&line);
}

static void test_send_long_takes_one_record_a_call(void **state)
{
    static uint8_t bytes[40000];
    struct hwi_tls_failure why;
    struct line line;

    line_start(&line, *state, TLS1_3_VERSION);
    memset(bytes, 'x', sizeof bytes);
    assert_int_equal(hwi_tls_send(line.tls, bytes, 0, &why), 0);
    assert_int_equal(hwi_tls_send(line.tls, bytes, sizeof bytes, &why),
                     test_library.record_max);
    test_peer_step(&line.peer);
    assert_int_equal(line.peer.received_len, test_library.record_max);
    line_stop(&line);
}

/* The server refuses and closes while we still send: the alert that waits to be
 * read says more than the broken pipe. */
static void test_send_broken_finds_the_alert(void **state)
{
    struct farm_set *farm = *state;
    struct hawser_stream_target target =
        test_target("broker.example", &farm->credentials);
    struct hwi_tls_context *context = hwi_tls_context_create();
    SSL_CTX *server = test_server_context(&farm->leaf, NULL, 0);
    struct hwi_tls_transport transport;
    struct hwi_tls_failure why = {0};
    struct test_peer peer;
    struct hwi_tls *tls;
    int i;

    test_server_ask(server, &farm->root, true);
    test_peer_start(&peer, server, NULL);
    transport = test_peer_transport(&peer);
    tls = hwi_tls_open(context, &target, &transport, &why);
    for (i = 0; i < 10 && hwi_tls_handshake(tls, &why) != 0; i++) {
        test_peer_step(&peer);
    }
    test_peer_step(&peer); /* reads our empty certificate, alerts, goes */
    peer.faults.is_send_broken = true;
    assert_int_equal(hwi_tls_send(tls, (const uint8_t *)"x", 1, &why),
                     HAWSER_E_LINK);
    assert_int_equal(why.cause, HAWSER_CAUSE_TLS_CLIENT_CERT);
    hwi_tls_close(tls);
    test_peer_stop(&peer);
    SSL_CTX_free(server);
    hwi_tls_context_destroy(context);
}

static void test_send_broken_without_alert_is_closed(void **state)
{
    struct hwi_tls_failure why = {0};
    struct line line;

    line_start(&line, *state, TLS1_3_VERSION);
    line.peer.faults.is_send_broken = true;
    assert_int_equal(hwi_tls_send(line.tls, (const uint8_t *)"x", 1, &why),
                     HAWSER_E_LINK);
    assert_int_equal(why.cause, HAWSER_CAUSE_CLOSED);
    line_stop(&line);
}

static void test_has_pending_part_of_a_record_read_is_true(void **state)
{
    struct hwi_tls_failure why;
    struct line line;
    uint8_t out[10];

    line_start(&line, *state, TLS1_3_VERSION);
    assert_false(hwi_tls_has_pending(line.tls));
    test_peer_say(&line.peer, "0123456789", 10);
    assert_int_equal(hwi_tls_receive(line.tls, out, 4, &why), 4);
    assert_true(hwi_tls_has_pending(line.tls));
    assert_int_equal(hwi_tls_receive(line.tls, out, 10, &why), 6);
    assert_false(hwi_tls_has_pending(line.tls));
    line_stop(&line);
}

/* A thread's error queue that somebody else left full is no fault of ours. */
static void test_handshake_foreign_errors_in_queue_are_ignored(void **state)
{
    struct hwi_tls_failure why;
    struct line line;
    uint8_t byte;

    ERR_raise(ERR_LIB_SSL, ERR_R_INTERNAL_ERROR);
    line_start(&line, *state, TLS1_3_VERSION);
    ERR_raise(ERR_LIB_SSL, ERR_R_INTERNAL_ERROR);
    assert_int_equal(hwi_tls_receive(line.tls, &byte, 1, &why), HAWSER_E_WAIT);
    ERR_raise(ERR_LIB_SSL, ERR_R_INTERNAL_ERROR);
    assert_true(test_talk(line.tls, &line.peer, &why));
    line_stop(&line);
    assert_int_equal(ERR_peek_error(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_security_full_handshake_reports_all),
        cmocka_unit_test(test_open_alpn_of_wrong_length_refused),
        cmocka_unit_test(test_send_before_handshake_waits),
        cmocka_unit_test(test_receive_renegotiation_is_refused),
        cmocka_unit_test(test_receive_key_update_is_survived),
        cmocka_unit_test(test_receive_key_update_is_survived_or_told),
        cmocka_unit_test(test_receive_key_update_flood_stays_bounded),
        cmocka_unit_test(test_receive_close_notify_is_closed),
        cmocka_unit_test(test_receive_end_without_close_notify_is_closed),
        cmocka_unit_test(test_close_open_connection_says_goodbye),
        cmocka_unit_test(test_send_blocked_takes_one_record_then_waits),
        cmocka_unit_test(test_send_long_takes_one_record_a_call),
        cmocka_unit_test(test_send_broken_finds_the_alert),
        cmocka_unit_test(test_send_broken_without_alert_is_closed),
        cmocka_unit_test(test_has_pending_part_of_a_record_read_is_true),
        cmocka_unit_test(test_handshake_foreign_errors_in_queue_are_ignored),
    };

    return cmocka_run_group_tests(tests, farm_set_up, farm_tear_down);
}
