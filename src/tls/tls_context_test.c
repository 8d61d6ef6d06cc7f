/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which servers are spoken to at all (versions, ciphers, groups, ALPN), and
 * client certificates. Prints both as a matrix.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "tls/tls_test_library.h"
#include "tls/tls_test_server.h"

/* What a server may be like; 0 and NULL are OpenSSL's usual. */
struct server_row {
    const char *name;
    int min_version;
    int max_version;
    const char *ciphers;      /* TLS 1.2 and older */
    const char *ciphersuites; /* TLS 1.3 */
    const char *groups;
    const char *signatures;
    bool is_rsa;
    bool has_no_certificate;
    const char *server_alpn; /* what it chooses; "!": alert */
    const char *client_alpn;
    enum hawser_cause cause;
    const char *detail;
    const char *version; /* in the report */
    const char *cipher;
    const char *group;
};

#define TLS12   .max_version = TLS1_2_VERSION
#define TLS13   .min_version = TLS1_3_VERSION
#define VERSION HAWSER_CAUSE_TLS_VERSION
#define LIKED   "(the library's)" /* group */

static const struct server_row servers[] = {
    {"as usual", .version = "TLSv1.3", .cipher = "TLS_AES_256_GCM_SHA384",
     .group = LIKED},
    {"TLS 1.3, AES-128", TLS13, .ciphersuites = "TLS_AES_128_GCM_SHA256",
     .version = "TLSv1.3", .cipher = "TLS_AES_128_GCM_SHA256"},
    {"TLS 1.3, ChaCha20", TLS13, .ciphersuites = "TLS_CHACHA20_POLY1305_SHA256",
     .cipher = "TLS_CHACHA20_POLY1305_SHA256"},
    {"TLS 1.3, AES-CCM only", TLS13, .ciphersuites = "TLS_AES_128_CCM_SHA256",
     .cause = VERSION},
    {"TLS 1.3, P-256", TLS13, .groups = "P-256", .group = "P-256"},
    {"TLS 1.3, P-384", TLS13, .groups = "P-384", .group = "P-384"},
    {"TLS 1.3, P-521 only", TLS13, .groups = "P-521", .cause = VERSION},
    {"TLS 1.3, X448 only", TLS13, .groups = "X448", .cause = VERSION},
    {"TLS 1.2, ECDSA", TLS12, .version = "TLSv1.2",
     .cipher = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", .group = LIKED},
    {"TLS 1.2, RSA", TLS12, .is_rsa = true, .version = "TLSv1.2",
     .cipher = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"},
    {"TLS 1.2, P-256", TLS12, .groups = "P-256", .group = "P-256"},
    {"TLS 1.2, ChaCha20", TLS12, .ciphers = "ECDHE-ECDSA-CHACHA20-POLY1305",
     .cipher = "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"},
    {"TLS 1.2, CBC", TLS12, .ciphers = "ECDHE-ECDSA-AES128-SHA256",
     .cause = VERSION, .detail = "no cipher"},
    {"TLS 1.2, CBC with SHA-1", TLS12, .is_rsa = true,
     .ciphers = "ECDHE-RSA-AES128-SHA", .cause = VERSION},
    {"TLS 1.2, static RSA", TLS12, .is_rsa = true,
     .ciphers = "AES128-GCM-SHA256", .cause = VERSION},
    {"TLS 1.2, DHE", TLS12, .is_rsa = true,
     .ciphers = "DHE-RSA-AES128-GCM-SHA256", .cause = VERSION},
    {"TLS 1.2, no encryption", TLS12, .is_rsa = true,
     .ciphers = "eNULL:@SECLEVEL=0", .cause = VERSION},
    {"TLS 1.2, anonymous", TLS12, .has_no_certificate = true,
     .ciphers = "aNULL:@SECLEVEL=0", .cause = VERSION},
    {"TLS 1.2, SHA-1 signatures", TLS12, .is_rsa = true,
     .signatures = "RSA+SHA1", .cause = VERSION},
    {"TLS 1.2, SHA-224 signatures", TLS12, .is_rsa = true,
     .signatures = "RSA+SHA224", .cause = VERSION},
    {"TLS 1.1 only", .max_version = TLS1_1_VERSION, .is_rsa = true,
     .ciphers = "DEFAULT:@SECLEVEL=0", .cause = VERSION},
    {"TLS 1.0 only", .max_version = TLS1_VERSION, .is_rsa = true,
     .ciphers = "DEFAULT:@SECLEVEL=0", .cause = VERSION},
    {"ALPN: same", .server_alpn = "mqtt", .client_alpn = "mqtt"},
    {"ALPN: server has none", .client_alpn = "mqtt"},
    {"ALPN: client has none", .server_alpn = "mqtt"},
    {"ALPN: server refuses", .server_alpn = "!", .client_alpn = "mqtt",
     .cause = HAWSER_CAUSE_TLS_OTHER, .detail = "ALPN protocol \"mqtt\""},
    {"ALPN: server chooses another", .server_alpn = "http",
     .client_alpn = "mqtt", .cause = HAWSER_CAUSE_TLS_OTHER},
};

/* A callback: its parameters are OpenSSL's. */
static int alpn_choose(SSL *ssl, const unsigned char **out, unsigned char *len,
                       const unsigned char *offer, unsigned offer_len,
                       void *choice)
{
    (void)ssl;
    (void)offer;
    (void)offer_len;
    if (strcmp(choice, "!") == 0) {
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    }
    *out = choice;
    *len = (unsigned char)strlen(choice);
    return SSL_TLSEXT_ERR_OK;
}

static SSL_CTX *row_server(const struct farm_set *farm,
                           const struct server_row *row)
{
    SSL_CTX *ctx = test_server_context(
        row->is_rsa ? &farm->rsa_leaf : &farm->leaf, NULL, 0);

    if (row->has_no_certificate) {
        SSL_CTX_free(ctx);
        ctx = SSL_CTX_new(TLS_server_method());
        SSL_CTX_set_dh_auto(ctx, 1);
    }
    if (row->min_version != 0) {
        assert_true(SSL_CTX_set_min_proto_version(ctx, row->min_version));
    }
    if (row->max_version != 0) {
        assert_true(SSL_CTX_set_max_proto_version(ctx, row->max_version));
    }
    if (row->ciphers != NULL) {
        assert_true(SSL_CTX_set_cipher_list(ctx, row->ciphers));
    }
    if (row->ciphersuites != NULL) {
        assert_true(SSL_CTX_set_ciphersuites(ctx, row->ciphersuites));
    }
    if (row->groups != NULL) {
        assert_true(SSL_CTX_set1_groups_list(ctx, row->groups));
    }
    if (row->signatures != NULL) {
        assert_true(SSL_CTX_set1_sigalgs_list(ctx, row->signatures));
    }
    if (row->server_alpn != NULL) {
        SSL_CTX_set_alpn_select_cb(ctx, alpn_choose,
                                   (void *)(uintptr_t)row->server_alpn);
    }
    SSL_CTX_set_dh_auto(ctx, 1);
    return ctx;
}

static bool is_same(const char *wanted, const char *got)
{
    if (wanted != NULL && strcmp(wanted, LIKED) == 0) {
        wanted = test_library.group;
    }
    return wanted == NULL || strcmp(wanted, got) == 0;
}

static bool row_run(struct farm_set *farm, const struct server_row *row)
{
    struct hawser_stream_target target =
        test_target("broker.example", &farm->credentials);
    struct hwi_tls_context *context = hwi_tls_context_create();
    SSL_CTX *server = row_server(farm, row);
    struct hawser_security security = {0};
    struct test_outcome outcome;
    struct hwi_tls_failure why;
    struct test_peer peer;
    struct hwi_tls *tls;
    bool is_good;

    if (row->client_alpn != NULL) {
        target.alpn = (struct hawser_view){(const uint8_t *)row->client_alpn,
                                           strlen(row->client_alpn)};
    }
    test_peer_start(&peer, server, NULL);
    tls = test_connect(context, &target, &peer, &outcome);
    if (tls != NULL) {
        hwi_tls_security(tls, &security);
    }
    printf("  %-30s %-7s %-12s %s %s %s\n", row->name,
           tls != NULL ? "accept" : "refuse",
           tls != NULL ? "" : test_cause_word(outcome.failure.cause),
           outcome.failure.detail, security.cipher, security.group);
    is_good = outcome.failure.cause == row->cause &&
              (row->detail == NULL ||
               strstr(outcome.failure.detail, row->detail) != NULL) &&
              is_same(row->version, security.version) &&
              is_same(row->cipher, security.cipher) &&
              is_same(row->group, security.group);
    if (tls != NULL && (row->client_alpn == NULL || row->server_alpn != NULL)) {
        is_good = is_good &&
                  strcmp(security.alpn,
                         row->client_alpn != NULL ? row->server_alpn : "") == 0;
    }
    is_good = is_good && (tls == NULL || test_talk(tls, &peer, &why));
    hwi_tls_close(tls);
    test_peer_stop(&peer);
    hwi_tls_context_destroy(context);
    SSL_CTX_free(server);
    return is_good;
}

/* A server that has only what this library lacks is one without a cipher in
 * common. */
static struct server_row row_here(const struct server_row *row)
{
    static const struct server_row refused = {.cause = VERSION,
                                              .detail = "no cipher"};
    struct server_row here = *row;

    if (!test_library.has_chacha20 && strstr(row->name, "ChaCha20") != NULL) {
        here = refused;
        here.name = row->name;
        here.min_version = row->min_version;
        here.max_version = row->max_version;
        here.ciphers = row->ciphers;
        here.ciphersuites = row->ciphersuites;
    }
    return here;
}

static void test_handshake_each_server_as_the_table_says(void **state)
{
    unsigned wrong = 0;
    size_t i;

    for (i = 0; i < sizeof servers / sizeof servers[0]; i++) {
        struct server_row row = row_here(&servers[i]);

        wrong += !row_run(*state, &row);
    }
    assert_int_equal(wrong, 0);
}

/* A server that does not look at what was offered. */
static void test_handshake_tls11_server_hello_refused(void **state)
{
    struct farm_set *farm = *state;
    struct hawser_stream_target target =
        test_target("broker.example", &farm->credentials);
    struct hwi_tls_context *context = hwi_tls_context_create();
    uint8_t hello[5 + 4 + 2 + 32 + 1 + 2 + 1] = {
        22, 3, 2, 0, sizeof hello - 5, 2, 0, 0, sizeof hello - 9, 3, 2};
    struct test_outcome outcome;
    struct test_peer peer;

    hello[sizeof hello - 3] = 0xc0; /* TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA */
    hello[sizeof hello - 2] = 0x13;
    test_peer_start(&peer, NULL, NULL);
    test_peer_say(&peer, hello, sizeof hello);
    assert_null(test_connect(context, &target, &peer, &outcome));
    assert_int_equal(outcome.failure.cause, HAWSER_CAUSE_TLS_VERSION);
    assert_non_null(strstr(outcome.failure.detail, "no TLS 1.2 or 1.3"));
    test_peer_stop(&peer);
    hwi_tls_context_destroy(context);
}

static void test_handshake_downgrade_in_between_refused(void **state)
{
    struct farm_set *farm = *state;
    struct hawser_stream_target target =
        test_target("broker.example", &farm->credentials);
    struct test_faults faults = {.hides_versions = true};
    struct hwi_tls_context *context = hwi_tls_context_create();
    SSL_CTX *server = test_server_context(&farm->leaf, NULL, 0);
    struct test_outcome outcome;
    struct test_peer peer;

    test_peer_start(&peer, server, &faults);
    assert_null(test_connect(context, &target, &peer, &outcome));
    assert_int_equal(outcome.failure.cause, HAWSER_CAUSE_TLS_VERSION);
    assert_non_null(strstr(outcome.failure.detail, "in between"));
    test_peer_stop(&peer);
    SSL_CTX_free(server);
    hwi_tls_context_destroy(context);
}

/* An RSA server whose own order of signatures counts, and has PSS first: a
 * library that cannot check that with TLS 1.2 gets there the next time. */
static void test_handshake_server_that_likes_pss_is_reached(void **state)
{
    static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION,
                                   TLS1_2_VERSION};
    struct farm_set *farm = *state;
    struct hawser_stream_target target =
        test_target("broker.example", &farm->credentials);
    struct hwi_tls_context *context = hwi_tls_context_create();
    size_t i;

    for (i = 0; i < sizeof versions / sizeof versions[0]; i++) {
        SSL_CTX *server = test_server_context(&farm->rsa_leaf, NULL, 0);
        struct test_outcome outcome;
        struct hwi_tls *tls = NULL;
        int tries;

        (void)SSL_CTX_set_options(server, SSL_OP_CIPHER_SERVER_PREFERENCE);
        assert_true(SSL_CTX_set_max_proto_version(server, versions[i]));
        for (tries = 0; tries < 2 && tls == NULL; tries++) {
            struct test_peer peer;

            test_peer_start(&peer, server, NULL);
            tls = test_connect(context, &target, &peer, &outcome);
            hwi_tls_close(tls);
            test_peer_stop(&peer);
        }
        assert_non_null(tls);
        assert_true(tries == 1 || !test_library.has_pss_in_tls12);
        SSL_CTX_free(server);
    }
    hwi_tls_context_destroy(context);
}

/* What is sent to find the host: a name goes into SNI, an address does not. */
static void test_handshake_sni_is_sent_for_names_only(void **state)
{
    static const char *const hosts[] = {"broker.example", "broker.example.",
                                        "127.0.0.1", "::1"};
    struct farm_set *farm = *state;
    SSL_CTX *server = test_server_context(&farm->leaf, NULL, 0);
    size_t i;

    for (i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
        struct hawser_stream_target target =
            test_target(hosts[i], &farm->credentials);
        struct hwi_tls_context *context = hwi_tls_context_create();
        struct hwi_tls_transport transport;
        struct hwi_tls_failure why;
        struct test_peer peer;
        struct hwi_tls *tls;
        const char *sni;

        test_peer_start(&peer, server, NULL);
        transport = test_peer_transport(&peer);
        tls = hwi_tls_open(context, &target, &transport, &why);
        assert_int_equal(hwi_tls_handshake(tls, &why), HAWSER_E_WAIT);
        test_peer_step(&peer);
        sni = SSL_get_servername(peer.ssl, TLSEXT_NAMETYPE_host_name);
        if (i < 2) {
            assert_string_equal(sni, "broker.example");
        } else {
            assert_null(sni);
        }
        hwi_tls_close(tls);
        test_peer_stop(&peer);
        hwi_tls_context_destroy(context);
    }
    SSL_CTX_free(server);
}

/* Client certificates. */
enum own {
    OWN_NONE,
    OWN_GOOD,
    OWN_STRANGER /* by a CA that the server does not trust */
};

static const struct {
    const char *name;
    enum own own;
    bool is_asked;
    bool is_needed;
    enum hawser_cause cause;
    const char *detail;
    bool client_cert;
} owns[] = {
    {"not asked, none", OWN_NONE, false, false, HAWSER_CAUSE_NONE, NULL, false},
    {"not asked, there", OWN_GOOD, false, false, HAWSER_CAUSE_NONE, NULL,
     false},
    {"asked, none", OWN_NONE, true, false, HAWSER_CAUSE_NONE, NULL, false},
    {"needed, there", OWN_GOOD, true, true, HAWSER_CAUSE_NONE, NULL, true},
    {"needed, none", OWN_NONE, true, true, HAWSER_CAUSE_TLS_CLIENT_CERT,
     "none is configured", false},
    {"needed, by another CA", OWN_STRANGER, true, true,
     HAWSER_CAUSE_TLS_CLIENT_CERT,
     "the server refused the device's certificate \"CN=device-2\": unknown CA",
     false},
};

static bool own_run(struct farm_set *farm, size_t row, int version)
{
    const struct farm_cert *own =
        owns[row].own == OWN_GOOD ? &farm->device : &farm->stranger;
    struct farm_file pem = farm_pem(&own, 1);
    struct farm_file key = farm_key_pem(own);
    struct hawser_credentials credentials = farm->credentials;
    struct hawser_stream_target target =
        test_target("broker.example", &credentials);
    struct hwi_tls_context *context = hwi_tls_context_create();
    SSL_CTX *server = test_server_context(&farm->leaf, NULL, 0);
    struct hawser_security security = {0};
    struct test_outcome outcome;
    struct test_peer peer;
    struct hwi_tls *tls;
    bool is_good;

    if (owns[row].own != OWN_NONE) {
        credentials.chain = farm_view(&pem);
        credentials.key = farm_view(&key);
    }
    assert_true(SSL_CTX_set_max_proto_version(server, version));
    if (owns[row].is_asked) {
        test_server_ask(server, &farm->root, owns[row].is_needed);
    }
    test_peer_start(&peer, server, NULL);
    tls = test_connect(context, &target, &peer, &outcome);
    if (tls != NULL) {
        hwi_tls_security(tls, &security);
    }
    printf("  TLS 1.%d, %-24s %-16s %s\n", version - TLS1_VERSION,
           owns[row].name, test_cause_word(outcome.failure.cause),
           outcome.failure.detail);
    is_good = outcome.failure.cause == owns[row].cause &&
              security.client_cert == owns[row].client_cert &&
              (owns[row].detail == NULL ||
               strstr(outcome.failure.detail, owns[row].detail) != NULL);
    if (tls != NULL && owns[row].own != OWN_NONE) {
        is_good = is_good && security.own_not_after_s ==
                                 (uint64_t)(FARM_NOW_S + FARM_YEAR_S);
    }
    hwi_tls_close(tls);
    test_peer_stop(&peer);
    hwi_tls_context_destroy(context);
    SSL_CTX_free(server);
    farm_file_free(&pem);
    farm_file_free(&key);
    return is_good;
}

static void test_handshake_client_certificate_as_the_table_says(void **state)
{
    unsigned wrong = 0;
    size_t i;

    for (i = 0; i < sizeof owns / sizeof owns[0]; i++) {
        wrong += !own_run(*state, i, TLS1_3_VERSION);
        wrong += !own_run(*state, i, TLS1_2_VERSION);
    }
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_handshake_each_server_as_the_table_says),
        cmocka_unit_test(test_handshake_tls11_server_hello_refused),
        cmocka_unit_test(test_handshake_downgrade_in_between_refused),
        cmocka_unit_test(test_handshake_server_that_likes_pss_is_reached),
        cmocka_unit_test(test_handshake_sni_is_sent_for_names_only),
        cmocka_unit_test(test_handshake_client_certificate_as_the_table_says),
    };

    return cmocka_run_group_tests(tests, farm_set_up, farm_tear_down);
}
