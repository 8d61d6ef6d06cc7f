/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The handshake over a bad line: bytes one by one, stalls, an end, silence or a
 * changed byte at every place of the server's flight, and strangers that do
 * not speak TLS. Never a crash, never a hang, never a connection with a server
 * whose words were changed.
 */
#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "tls/tls_test_server.h"

static const int versions[] = {TLS1_3_VERSION, TLS1_2_VERSION};

/* What every connection of a test shares. A fresh context each time, so that no
 * ticket shortens the server's flight. */
struct line {
    struct farm_set *farm;
    SSL_CTX *server;
};

static struct line line_make(struct farm_set *farm, int version)
{
    struct line line = {farm, test_server_context(&farm->leaf, NULL, 0)};

    assert_true(SSL_CTX_set_max_proto_version(line.server, version));
    return line;
}

/* One try. What came and how many bytes the server's flight had. */
struct trial {
    struct test_outcome outcome;
    bool is_connected;
    bool has_talked; /* both ways, afterwards */
    size_t delivered;
};

static struct trial line_try(const struct line *line,
                             const struct test_faults *faults)
{
    struct hawser_stream_target target =
        test_target("broker.example", &line->farm->credentials);
    struct hwi_tls_context *context = hwi_tls_context_create();
    struct hwi_tls_failure why = {0};
    struct trial trial = {0};
    struct test_peer peer;
    struct hwi_tls *tls;

    test_peer_start(&peer, line->server, faults);
    tls = test_connect(context, &target, &peer, &trial.outcome);
    trial.is_connected = tls != NULL;
    trial.delivered = peer.delivered;
    if (tls != NULL && faults->cut_at == 0 && faults->silent_at == 0) {
        trial.has_talked = test_talk(tls, &peer, &why);
    }
    hwi_tls_close(tls);
    test_peer_stop(&peer);
    hwi_tls_context_destroy(context);
    return trial;
}

static void test_handshake_in_pieces_connects(void **state)
{
    static const struct test_faults lines[] = {
        {.chunk = 1},
        {.has_stalls = true},
        {.chunk = 1, .has_stalls = true},
        {.chunk = 7, .has_stalls = true},
    };
    size_t i;

    for (i = 0; i < 2 * sizeof lines / sizeof lines[0]; i++) {
        struct line line = line_make(*state, versions[i % 2]);
        struct trial trial = line_try(&line, &lines[i / 2]);

        assert_true(trial.is_connected);
        assert_true(trial.has_talked);
        SSL_CTX_free(line.server);
    }
}

static void test_handshake_cut_anywhere_is_closed(void **state)
{
    size_t v;

    for (v = 0; v < 2; v++) {
        struct line line = line_make(*state, versions[v]);
        struct trial whole = line_try(&line, &(struct test_faults){0});
        size_t refused = 0;
        size_t at;

        /* From 1: 0 is "no fault". Cut in the tickets of TLS 1.3 is after the
         * handshake: an end all the same. */
        for (at = 1; at < whole.delivered; at++) {
            struct trial trial =
                line_try(&line, &(struct test_faults){.cut_at = at});

            /* An ECDSA signature may be some bytes shorter this time. */
            if (trial.is_connected) {
                assert_true(trial.delivered < at);
                continue;
            }
            assert_int_equal(trial.outcome.failure.cause, HAWSER_CAUSE_CLOSED);
            refused++;
        }
        assert_true(refused + 8 > whole.delivered);
        printf("  TLS 1.%d: cut at each of %zu bytes: all closed\n",
               versions[v] - TLS1_VERSION, refused);
        SSL_CTX_free(line.server);
    }
}

/* Our own deadline ends a stall; here it must only never become a connection
 * before the server has proved itself. */
static void test_handshake_silent_anywhere_waits(void **state)
{
    size_t v;

    for (v = 0; v < 2; v++) {
        struct line line = line_make(*state, versions[v]);
        struct trial whole = line_try(&line, &(struct test_faults){0});
        size_t stalled = 0;
        size_t at;

        for (at = 1; at < whole.delivered; at += 97) {
            struct trial trial =
                line_try(&line, &(struct test_faults){.silent_at = at});

            assert_true(trial.outcome.is_stalled || trial.is_connected);
            stalled += trial.outcome.is_stalled;
        }
        assert_true(stalled > 5);
        SSL_CTX_free(line.server);
    }
}

/*
 * One bit changed at every byte. The only bytes that may change unnoticed are
 * those that mean nothing: the old version number in the head of a record that
 * is not encrypted, and the ChangeCipherSpec of TLS 1.3, which RFC 8446 D.4
 * says to ignore. A change in what follows the handshake may be found out, or
 * stall (a length that grew), after it.
 */
static void test_handshake_changed_byte_anywhere_never_lies(void **state)
{
    static const uint8_t masks[] = {0x01, 0x80};
    size_t v;

    for (v = 0; v < 2; v++) {
        struct line line = line_make(*state, versions[v]);
        struct trial whole = line_try(&line, &(struct test_faults){0});
        size_t unnoticed = 0;
        size_t at;

        for (at = 0; at < whole.delivered; at++) {
            struct trial trial = line_try(
                &line, &(struct test_faults){.has_flip = true,
                                             .flip_at = at,
                                             .flip_mask = masks[at % 2]});

            if (trial.is_connected && trial.has_talked) {
                unnoticed += trial.delivered > at;
            } else if (!trial.outcome.is_stalled && !trial.is_connected) {
                assert_int_not_equal(trial.outcome.failure.cause,
                                     HAWSER_CAUSE_NONE);
            }
        }
        printf("  TLS 1.%d: a bit changed in each of %zu bytes: %zu without "
               "effect\n",
               versions[v] - TLS1_VERSION, whole.delivered, unnoticed);
        assert_true(unnoticed <= 8);
        SSL_CTX_free(line.server);
    }
}

static const struct {
    const char *name;
    const char *bytes;
    size_t len;
    enum hawser_cause cause;
    const char *detail;
} strangers[] = {
    {"HTTP server", "HTTP/1.0 400 Bad request\r\n\r\n", 28,
     HAWSER_CAUSE_TLS_NOT_TLS, "HTTP"},
    {"plain broker, MQTT 3.1.1", "\x20\x02\x00\x01", 4,
     HAWSER_CAUSE_TLS_NOT_TLS, "MQTT"},
    {"plain broker, MQTT 5", "\x20\x03\x00\x84\x00", 5,
     HAWSER_CAUSE_TLS_NOT_TLS, "MQTT"},
    {"SSH server", "SSH-2.0-x\r\n", 11, HAWSER_CAUSE_TLS_NOT_TLS, "SSH"},
    {"mail server", "220 mail ESMTP\r\n", 16, HAWSER_CAUSE_TLS_NOT_TLS, "mail"},
    {"random bytes", "\x99\x98\x97\x96\x95\x94", 6, HAWSER_CAUSE_TLS_NOT_TLS,
     "not TLS"},
    {"one wrong byte", "x", 1, HAWSER_CAUSE_TLS_NOT_TLS, "not TLS"},
    {"SSL 2 hello", "\x80\x2e\x04\x00\x01\x00\x02", 7, HAWSER_CAUSE_TLS_NOT_TLS,
     "not TLS"},
    {"alert: handshake failure", "\x15\x03\x01\x00\x02\x02\x28", 7,
     HAWSER_CAUSE_TLS_VERSION, "handshake failure"},
    {"alert: protocol version", "\x15\x03\x01\x00\x02\x02\x46", 7,
     HAWSER_CAUSE_TLS_VERSION, "no TLS 1.2"},
    {"alert: unrecognized name", "\x15\x03\x01\x00\x02\x02\x70", 7,
     HAWSER_CAUSE_TLS_WRONG_NAME, "broker.example"},
    {"alert: internal error", "\x15\x03\x01\x00\x02\x02\x50", 7,
     HAWSER_CAUSE_TLS_OTHER, "internal error"},
    {"alert: close notify", "\x15\x03\x01\x00\x02\x01\x00", 7,
     HAWSER_CAUSE_CLOSED, "ended"},
    {"a record too long", "\x16\x03\x03\xff\xff\x02\x00\x00", 8,
     HAWSER_CAUSE_TLS_OTHER, ""},
    {"data before the handshake", "\x17\x03\x03\x00\x01\x00", 6,
     HAWSER_CAUSE_TLS_NOT_TLS, "not TLS"},
    {"certificate first", "\x16\x03\x03\x00\x04\x0b\x00\x00\x00", 9,
     HAWSER_CAUSE_TLS_OTHER, ""},
};

static struct test_outcome meet(struct farm_set *farm, const void *bytes,
                                size_t len, bool goes)
{
    struct hawser_stream_target target =
        test_target("broker.example", &farm->credentials);
    struct hwi_tls_context *context = hwi_tls_context_create();
    struct test_outcome outcome;
    struct test_peer peer;

    test_peer_start(&peer, NULL, NULL);
    if (len > 0) {
        test_peer_say(&peer, bytes, len);
    }
    peer.is_gone = goes;
    assert_null(test_connect(context, &target, &peer, &outcome));
    test_peer_stop(&peer);
    hwi_tls_context_destroy(context);
    return outcome;
}

/* A stranger is known by its first bytes, also if it stays and waits. */
static void test_handshake_stranger_is_named(void **state)
{
    size_t i;
    int goes;

    for (i = 0; i < sizeof strangers / sizeof strangers[0]; i++) {
        for (goes = 0; goes < 2; goes++) {
            struct test_outcome outcome =
                meet(*state, strangers[i].bytes, strangers[i].len, goes);

            if (goes == 0) {
                printf("  %-26s %-14s %s\n", strangers[i].name,
                       test_cause_word(outcome.failure.cause),
                       outcome.failure.detail);
            }
            assert_false(outcome.is_stalled);
            assert_int_equal(outcome.failure.cause, strangers[i].cause);
            assert_non_null(
                strstr(outcome.failure.detail, strangers[i].detail));
        }
    }
}

/* Hangs up on a client. */
static enum hawser_cause hang_up(struct hwi_tls_context *context,
                                 const struct hawser_stream_target *target)
{
    struct test_outcome outcome;
    struct test_peer peer;

    test_peer_start(&peer, NULL, NULL);
    peer.is_gone = true;
    assert_null(test_connect(context, target, &peer, &outcome));
    assert_non_null(strstr(outcome.failure.detail, "without a word of TLS"));
    test_peer_stop(&peer);
    return outcome.failure.cause;
}

/* At first contact it is not TLS; from a server that we know it is an end; from
 * another port of it we know nothing. */
static void test_handshake_hung_up_unanswered_is_judged_by_past(void **state)
{
    struct line line = line_make(*state, TLS1_3_VERSION);
    struct hawser_stream_target target =
        test_target("broker.example", &line.farm->credentials);
    struct hwi_tls_context *context = hwi_tls_context_create();
    struct test_outcome outcome;
    struct test_peer peer;

    assert_int_equal(hang_up(context, &target), HAWSER_CAUSE_TLS_NOT_TLS);
    test_peer_start(&peer, line.server, NULL);
    hwi_tls_close(test_connect(context, &target, &peer, &outcome));
    test_peer_stop(&peer);
    assert_int_equal(outcome.failure.cause, HAWSER_CAUSE_NONE);
    assert_int_equal(hang_up(context, &target), HAWSER_CAUSE_CLOSED);
    target.address.port = 1883;
    assert_int_equal(hang_up(context, &target), HAWSER_CAUSE_TLS_NOT_TLS);
    hwi_tls_context_destroy(context);
    SSL_CTX_free(line.server);
}

static void test_handshake_silent_server_only_waits(void **state)
{
    assert_true(meet(*state, NULL, 0, false).is_stalled);
}

/* The way out breaks in the middle: nothing to be told from the way in. */
static void test_handshake_send_broken_ends_it(void **state)
{
    struct line line = line_make(*state, TLS1_3_VERSION);
    struct trial trial =
        line_try(&line, &(struct test_faults){.is_send_broken = true});

    assert_false(trial.is_connected);
    assert_false(trial.outcome.is_stalled);
    assert_int_equal(trial.outcome.failure.cause, HAWSER_CAUSE_TLS_NOT_TLS);
    SSL_CTX_free(line.server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_handshake_in_pieces_connects),
        cmocka_unit_test(test_handshake_cut_anywhere_is_closed),
        cmocka_unit_test(test_handshake_silent_anywhere_waits),
        cmocka_unit_test(test_handshake_changed_byte_anywhere_never_lies),
        cmocka_unit_test(test_handshake_stranger_is_named),
        cmocka_unit_test(test_handshake_hung_up_unanswered_is_judged_by_past),
        cmocka_unit_test(test_handshake_silent_server_only_waits),
        cmocka_unit_test(test_handshake_send_broken_ends_it),
    };

    return cmocka_run_group_tests(tests, farm_set_up, farm_tear_down);
}
