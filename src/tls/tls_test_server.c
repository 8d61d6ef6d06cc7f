/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test helper: an in-process TLS server. See tls_test_server.h.
 */
#include <openssl/err.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "tls/tls_test_server.h"

/* Rounds without news after which a connection counts as stalled. */
#define ROUNDS_MAX 20000
#define QUIET_MAX  8

SSL_CTX *test_server_context(const struct farm_cert *leaf,
                             const struct farm_cert *const chain[],
                             size_t chain_count)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    size_t i;

    assert_non_null(ctx);
    SSL_CTX_set_security_level(ctx, 0);
    assert_true(SSL_CTX_set_min_proto_version(ctx, TLS1_VERSION));
    assert_true(
        SSL_CTX_set_session_id_context(ctx, (const unsigned char *)"test", 4));
    assert_true(SSL_CTX_use_certificate(ctx, leaf->cert));
    assert_true(SSL_CTX_use_PrivateKey(ctx, leaf->key));
    SSL_CTX_set_mode(ctx, SSL_MODE_NO_AUTO_CHAIN);
    for (i = 0; i < chain_count; i++) {
        assert_true(SSL_CTX_add1_chain_cert(ctx, chain[i]->cert));
    }
    return ctx;
}

void test_server_ask(SSL_CTX *ctx, const struct farm_cert *ca, bool is_needed)
{
    X509_VERIFY_PARAM *param = SSL_CTX_get0_param(ctx);

    assert_true(X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), ca->cert));
    X509_VERIFY_PARAM_set_time(param, (time_t)FARM_NOW_S);
    SSL_CTX_set_verify(ctx,
                       SSL_VERIFY_PEER |
                           (is_needed ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
                       NULL);
}

void test_peer_start(struct test_peer *peer, SSL_CTX *ctx,
                     const struct test_faults *faults)
{
    memset(peer, 0, sizeof *peer);
    if (faults != NULL) {
        peer->faults = *faults;
    }
    peer->to_server = BIO_new(BIO_s_mem());
    peer->to_client = BIO_new(BIO_s_mem());
    assert_non_null(peer->to_server);
    assert_non_null(peer->to_client);
    BIO_set_mem_eof_return(peer->to_server, -1);
    BIO_set_mem_eof_return(peer->to_client, -1);
    if (ctx == NULL) {
        return;
    }
    peer->ssl = SSL_new(ctx);
    assert_non_null(peer->ssl);
    assert_true(BIO_up_ref(peer->to_server));
    assert_true(BIO_up_ref(peer->to_client));
    SSL_set_bio(peer->ssl, peer->to_server, peer->to_client);
    SSL_set_accept_state(peer->ssl);
}

void test_peer_say(struct test_peer *peer, const void *bytes, size_t len)
{
    if (peer->ssl != NULL) {
        assert_int_equal(SSL_write(peer->ssl, bytes, (int)len), (int)len);
    } else {
        assert_int_equal(BIO_write(peer->to_client, bytes, (int)len), (int)len);
    }
}

void test_peer_stop(struct test_peer *peer)
{
    SSL_free(peer->ssl);
    BIO_free(peer->to_server);
    BIO_free(peer->to_client);
    peer->ssl = NULL;
    peer->to_server = NULL;
    peer->to_client = NULL;
}

void test_peer_step(struct test_peer *peer)
{
    int count = 1;

    ERR_clear_error();
    if (peer->ssl == NULL) {
        return;
    }
    if (!SSL_is_init_finished(peer->ssl)) {
        count = SSL_do_handshake(peer->ssl);
    }
    while (count > 0) {
        size_t room = sizeof peer->received - peer->received_len;

        count =
            SSL_read(peer->ssl, peer->received + peer->received_len, (int)room);
        if (count > 0) {
            peer->received_len += (size_t)count;
        }
    }
    if (SSL_get_error(peer->ssl, count) == SSL_ERROR_SSL) {
        peer->is_gone = true;
    }
    ERR_clear_error();
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* The man in the middle: extension 43 (supported_versions) becomes one that
 * nobody knows. */
static void versions_hide(uint8_t *bytes, size_t len)
{
    static const uint8_t offer[] = {0, 43, 0, 5, 4, 3, 4, 3, 3};
    size_t i;

    for (i = 0; i + sizeof offer <= len; i++) {
        if (memcmp(bytes + i, offer, sizeof offer) == 0) {
            bytes[i] = 0x7f;
        }
    }
}

static int peer_send(void *ctx, const uint8_t *bytes, size_t len)
{
    struct test_peer *peer = ctx;
    const struct test_faults *faults = &peer->faults;
    uint8_t copy[20000];

    if (faults->is_send_broken) {
        return HAWSER_E_LINK;
    }
    if (faults->is_send_blocked ||
        (faults->has_stalls && peer->send_calls++ % 2 == 0)) {
        return HAWSER_E_WAIT;
    }
    len = smaller(len, sizeof copy);
    if (faults->chunk != 0) {
        len = smaller(len, faults->chunk);
    }
    memcpy(copy, bytes, len);
    if (faults->hides_versions) {
        versions_hide(copy, len);
    }
    assert_int_equal(BIO_write(peer->to_server, copy, (int)len), (int)len);
    return (int)len;
}

/* How many bytes may still come before a fault that stops the stream. */
static size_t allowance(const struct test_peer *peer, size_t stop_at)
{
    if (stop_at == 0) {
        return SIZE_MAX;
    }
    return stop_at > peer->delivered ? stop_at - peer->delivered : 0;
}

static int peer_receive(void *ctx, uint8_t *out, size_t size)
{
    struct test_peer *peer = ctx;
    const struct test_faults *faults = &peer->faults;
    size_t room = size;
    int count;

    if (faults->has_stalls && peer->receive_calls++ % 2 == 0) {
        return HAWSER_E_WAIT;
    }
    if (faults->chunk != 0) {
        room = smaller(room, faults->chunk);
    }
    room = smaller(room, allowance(peer, faults->silent_at));
    if (room == 0) {
        return HAWSER_E_WAIT;
    }
    room = smaller(room, allowance(peer, faults->cut_at));
    if (room == 0) {
        return HAWSER_E_LINK;
    }
    count = BIO_read(peer->to_client, out, (int)room);
    if (count <= 0) {
        return peer->is_gone ? HAWSER_E_LINK : HAWSER_E_WAIT;
    }
    if (faults->has_flip && faults->flip_at >= peer->delivered &&
        faults->flip_at < peer->delivered + (size_t)count) {
        out[faults->flip_at - peer->delivered] ^= faults->flip_mask;
    }
    peer->delivered += (size_t)count;
    return count;
}

struct hwi_tls_transport test_peer_transport(struct test_peer *peer)
{
    return (struct hwi_tls_transport){peer, peer_send, peer_receive};
}

/* Reads until nothing has come for a while: tickets and late alerts. */
static int drain(struct hwi_tls *tls, struct test_peer *peer,
                 struct hwi_tls_failure *why)
{
    int quiet = 0;
    uint8_t byte;
    int result = HAWSER_E_WAIT;

    while (quiet < QUIET_MAX && result == HAWSER_E_WAIT) {
        size_t before = peer->delivered;

        test_peer_step(peer);
        result = hwi_tls_receive(tls, &byte, 1, why);
        quiet = peer->delivered == before ? quiet + 1 : 0;
    }
    return result == HAWSER_E_WAIT ? 0 : result;
}

struct hwi_tls *test_connect(struct hwi_tls_context *context,
                             const struct hawser_stream_target *target,
                             struct test_peer *peer,
                             struct test_outcome *outcome)
{
    struct hwi_tls_transport transport = test_peer_transport(peer);
    struct hwi_tls *tls;
    int result = HAWSER_E_WAIT;
    int rounds;

    *outcome = (struct test_outcome){0};
    tls = hwi_tls_open(context, target, &transport, &outcome->failure);
    if (tls == NULL) {
        return NULL;
    }
    for (rounds = 0; rounds < ROUNDS_MAX && result == HAWSER_E_WAIT; rounds++) {
        result = hwi_tls_handshake(tls, &outcome->failure);
        test_peer_step(peer);
    }
    outcome->is_stalled = result == HAWSER_E_WAIT;
    if (result == 0) {
        result = drain(tls, peer, &outcome->failure);
    }
    if (result == 0) {
        return tls;
    }
    hwi_tls_close(tls);
    return NULL;
}

/* Sends text from the client and waits for it at the server. */
static int talk_up(struct hwi_tls *tls, struct test_peer *peer,
                   const char *text, struct hwi_tls_failure *why)
{
    size_t len = strlen(text);
    size_t sent = 0;
    uint8_t byte;
    int rounds;

    peer->received_len = 0;
    for (rounds = 0; rounds < ROUNDS_MAX && peer->received_len < len;
         rounds++) {
        int result = HAWSER_E_WAIT;

        if (sent < len) {
            result = hwi_tls_send(tls, (const uint8_t *)text + sent, len - sent,
                                  why);
        } else if (hwi_tls_wants_send(tls)) {
            result = hwi_tls_receive(tls, &byte, 1, why);
        }
        if (result < 0 && result != HAWSER_E_WAIT) {
            return result;
        }
        sent += result > 0 ? (size_t)result : 0;
        test_peer_step(peer);
        if (peer->is_gone) {
            return hwi_tls_receive(tls, &byte, 1, why);
        }
    }
    if (peer->received_len < len) {
        return HAWSER_E_TIMEOUT;
    }
    assert_memory_equal(peer->received, text, len);
    return 0;
}

bool test_talk(struct hwi_tls *tls, struct test_peer *peer,
               struct hwi_tls_failure *why)
{
    static const char text[] = "twenty bytes of text";
    uint8_t got[sizeof text];
    size_t got_len = 0;
    int rounds;

    if (talk_up(tls, peer, text, why) != 0) {
        return false;
    }
    test_peer_say(peer, text, sizeof text);
    for (rounds = 0; rounds < ROUNDS_MAX && got_len < sizeof text; rounds++) {
        int result =
            hwi_tls_receive(tls, got + got_len, sizeof got - got_len, why);

        if (result < 0 && result != HAWSER_E_WAIT) {
            return false;
        }
        got_len += result > 0 ? (size_t)result : 0;
        test_peer_step(peer);
    }
    if (got_len < sizeof text) {
        return false;
    }
    assert_memory_equal(got, text, sizeof text);
    return true;
}

struct hawser_stream_target
test_target(const char *host, const struct hawser_credentials *credentials)
{
    return (struct hawser_stream_target){
        .host = host,
        .address = {.family = 4, .bytes = {127, 0, 0, 1}, .port = 8883},
        .credentials = credentials,
        .dates = {.floor_s = FARM_NOW_S - FARM_YEAR_S,
                  .now_s = FARM_NOW_S,
                  .has_now = true},
    };
}

const char *test_cause_word(enum hawser_cause cause)
{
    static const char *const words[] = {
#define CAUSE_WORD(name, word, text) word,
        HAWSER_CAUSES(CAUSE_WORD)
#undef CAUSE_WORD
    };

    return words[cause];
}
