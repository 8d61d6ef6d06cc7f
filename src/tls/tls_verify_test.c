/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The refusal table: one row a certificate, chain, host or clock, with the
 * cause it must lead to. Prints what was accepted and refused as a matrix.
 */
#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "tls/tls_test_library.h"
#include "tls/tls_test_server.h"
#include "tls/tls_verify_table.h"

static struct hawser_date_policy clock_policy(enum clock clock)
{
    const uint64_t late_s = 2524608000u; /* 2050 */
    const uint64_t now_s = (uint64_t)FARM_NOW_S;

    switch (clock) {
    case KNOWN:
        return (struct hawser_date_policy){now_s - 3600, now_s, true};
    case YEAR_1970:
        return (struct hawser_date_policy){0, 86400, true};
    case YEAR_2050:
        return (struct hawser_date_policy){0, late_s, true};
    case ONLY_FLOOR:
        return (struct hawser_date_policy){now_s - 86400, 0, false};
    case FLOOR_LATE:
        return (struct hawser_date_policy){late_s, 0, false};
    case FLOOR_ZERO:
        return (struct hawser_date_policy){0, 0, false};
    case BEHIND_FLOOR:
        return (struct hawser_date_policy){late_s, now_s - 86400, true};
    }
    return (struct hawser_date_policy){0};
}

static struct farm_cert made[AUTHORITY_COUNT];

static void authorities_make(void)
{
    int i;

    for (i = ROOT; i < AUTHORITY_COUNT; i++) {
        struct farm_spec spec = authorities[i].spec;
        enum authority parent = authorities[i].parent;

        if (i == SHA1_MIDDLE) {
            spec.hash = EVP_sha1();
        }
        made[i] = farm_make(&spec, parent == SELF ? NULL : &made[parent]);
    }
}

static void authorities_clear(void)
{
    int i;

    for (i = ROOT; i < AUTHORITY_COUNT; i++) {
        farm_clear(&made[i]);
    }
}

/* Makes the server of a row: its leaf, and all between it and the root. */
static SSL_CTX *row_server(const struct verify_row *row)
{
    const struct farm_cert *chain[AUTHORITY_COUNT];
    struct farm_cert leaf =
        farm_make(&row->leaf, row->issuer == SELF ? NULL : &made[row->issuer]);
    enum authority at = row->issuer;
    size_t count = 0;
    SSL_CTX *ctx;

    while (at != SELF && authorities[at].parent != SELF &&
           !row->leaves_out_middle) {
        chain[count++] = &made[at];
        at = authorities[at].parent;
    }
    ctx = test_server_context(&leaf, chain, count);
    farm_clear(&leaf);
    return ctx;
}

static void row_print(const struct verify_row *row,
                      const struct test_outcome *outcome)
{
    bool is_refused = outcome->failure.cause != HAWSER_CAUSE_NONE;

    printf("  %-42s %-7s %-18s %s\n", row->name,
           is_refused ? "refuse" : "accept",
           is_refused ? test_cause_word(outcome->failure.cause) : "",
           outcome->failure.detail);
}

/* What a library with gaps makes of a row: it refuses what it cannot judge. */
static enum hawser_cause row_cause(const struct verify_row *row, int version)
{
    if (!test_library.has_all_keys && row->leaf.key == FARM_ED25519) {
        return REFUSE(VERSION);
    }
    if (!test_library.has_name_constraints && row->issuer == CONSTRAINED) {
        return REFUSE(BAD_CHAIN);
    }
    /* Left out of the chain with TLS 1.2. */
    if (!test_library.has_sha1 && row->issuer == SHA1_MIDDLE &&
        version == TLS1_2_VERSION) {
        return REFUSE(UNKNOWN_CA);
    }
    return row->cause;
}

/* Whether the row came out as it should. */
static bool row_run(const struct verify_row *row,
                    const struct hawser_credentials *credentials,
                    int max_version)
{
    const char *host = row->host != NULL ? row->host : NAME;
    struct hawser_stream_target target = test_target(host, credentials);
    struct hwi_tls_context *context = hwi_tls_context_create();
    SSL_CTX *server = row_server(row);
    struct hawser_security security = {0};
    const enum hawser_cause cause = row_cause(row, max_version);
    struct test_outcome outcome;
    struct test_peer peer;
    struct hwi_tls *tls;
    bool is_good;

    assert_true(SSL_CTX_set_max_proto_version(server, max_version));
    target.dates = clock_policy(row->clock);
    test_peer_start(&peer, server, NULL);
    tls = test_connect(context, &target, &peer, &outcome);
    if (max_version == TLS1_3_VERSION) {
        row_print(row, &outcome);
    }
    if (tls != NULL) {
        hwi_tls_security(tls, &security);
    }
    is_good = !outcome.is_stalled && outcome.failure.cause == cause &&
              (tls != NULL) == (cause == ACCEPT) &&
              security.dates_by_floor == row->by_floor &&
              (cause == ACCEPT || outcome.failure.detail[0] != '\0');
    if (row->detail != NULL && !strstr(outcome.failure.detail, row->detail)) {
        is_good = false;
    }
    if (!is_good) {
        print_error("row \"%s\": cause %s, detail \"%s\"\n", row->name,
                    test_cause_word(outcome.failure.cause),
                    outcome.failure.detail);
    }
    hwi_tls_close(tls);
    test_peer_stop(&peer);
    hwi_tls_context_destroy(context);
    SSL_CTX_free(server);
    return is_good;
}

static void table_run(int max_version)
{
    const struct farm_cert *const roots[] = {&made[ROOT]};
    struct farm_file ca = farm_pem(roots, 1);
    struct hawser_credentials credentials = {.ca = farm_view(&ca)};
    unsigned wrong = 0;
    size_t i;

    for (i = 0; i < verify_row_count; i++) {
        wrong += !row_run(&verify_rows[i], &credentials, max_version);
    }
    farm_file_free(&ca);
    assert_int_equal(wrong, 0);
}

static void test_handshake_each_row_tls13_as_the_table_says(void **state)
{
    (void)state;
    table_run(TLS1_3_VERSION);
}

static void test_handshake_each_row_tls12_as_the_table_says(void **state)
{
    (void)state;
    table_run(TLS1_2_VERSION);
}

/* Leaves that a server cannot use with TLS 1.2 at all. */
static void test_handshake_leaf_for_tls13_only_is_refused(void **state)
{
    struct verify_row row = {"SHA-1 leaf", {GOOD}, ROOT, .cause = REFUSE(WEAK)};
    const struct farm_cert *const roots[] = {&made[ROOT]};
    struct farm_file ca = farm_pem(roots, 1);
    struct hawser_credentials credentials = {.ca = farm_view(&ca)};

    (void)state;
    row.leaf.hash = EVP_sha1();
    assert_true(row_run(&row, &credentials, TLS1_3_VERSION));
    row = (struct verify_row){"key usage: no signature",
                              {.san = SAN, .usage = "critical,cRLSign"},
                              ROOT,
                              .cause = REFUSE(WRONG_USAGE)};
    assert_true(row_run(&row, &credentials, TLS1_3_VERSION));
    farm_file_free(&ca);
}

/* The anchor itself as the server's certificate: whoever has its key is
 * trusted anyway, but it must carry the host. */
static void test_handshake_anchor_is_server_accepted_by_name(void **state)
{
    struct farm_spec spec = {.name = "Own root", .basic = CA_BASIC, .san = SAN};
    struct farm_cert root = farm_make(&spec, NULL);
    const struct farm_cert *const roots[] = {&root};
    struct farm_file ca = farm_pem(roots, 1);
    struct hawser_credentials credentials = {.ca = farm_view(&ca)};
    SSL_CTX *server = test_server_context(&root, NULL, 0);
    struct hwi_tls_context *context = hwi_tls_context_create();
    const char *const hosts[] = {NAME, "other.example"};
    size_t i;

    (void)state;
    for (i = 0; i < 2; i++) {
        struct hawser_stream_target target =
            test_target(hosts[i], &credentials);
        struct test_outcome outcome;
        struct test_peer peer;

        test_peer_start(&peer, server, NULL);
        hwi_tls_close(test_connect(context, &target, &peer, &outcome));
        assert_int_equal(outcome.failure.cause,
                         i == 0 ? ACCEPT : REFUSE(WRONG_NAME));
        test_peer_stop(&peer);
    }
    hwi_tls_context_destroy(context);
    SSL_CTX_free(server);
    farm_file_free(&ca);
    farm_clear(&root);
}

#define LONG_CHAIN 60

/* The cause of a chain of so many intermediates, each signing the next. */
static enum hawser_cause chain_cause(size_t intermediates)
{
    struct farm_spec spec = {.basic = CA_BASIC, .usage = CA_USAGE};
    struct farm_spec leaf_spec = {GOOD};
    struct farm_cert line[LONG_CHAIN + 1];
    const struct farm_cert *chain[LONG_CHAIN];
    const struct farm_cert *const roots[] = {&made[ROOT]};
    struct farm_file ca = farm_pem(roots, 1);
    struct hawser_credentials credentials = {.ca = farm_view(&ca)};
    struct hawser_stream_target target = test_target(NAME, &credentials);
    struct hwi_tls_context *context = hwi_tls_context_create();
    struct test_outcome outcome;
    struct test_peer peer;
    SSL_CTX *server;
    char name[16];
    size_t i;

    for (i = 0; i <= intermediates; i++) {
        (void)snprintf(name, sizeof name, "CA %zu", i);
        spec.name = name;
        line[i] = farm_make(i < intermediates ? &spec : &leaf_spec,
                            i == 0 ? &made[ROOT] : &line[i - 1]);
        if (i > 0) {
            chain[intermediates - i] = &line[i - 1];
        }
    }
    server = test_server_context(&line[intermediates], chain, intermediates);
    test_peer_start(&peer, server, NULL);
    hwi_tls_close(test_connect(context, &target, &peer, &outcome));
    printf("  %2zu intermediates                           %s %s\n",
           intermediates, test_cause_word(outcome.failure.cause),
           outcome.failure.detail);
    for (i = 0; i <= intermediates; i++) {
        farm_clear(&line[i]);
    }
    test_peer_stop(&peer);
    hwi_tls_context_destroy(context);
    SSL_CTX_free(server);
    farm_file_free(&ca);
    return outcome.failure.cause;
}

static void test_handshake_long_chain_is_refused_above_the_limit(void **state)
{
    (void)state;
    assert_int_equal(chain_cause(6), ACCEPT);
    assert_int_equal(chain_cause(7), REFUSE(BAD_CHAIN));
    assert_int_equal(chain_cause(11), REFUSE(BAD_CHAIN));
    assert_int_equal(chain_cause(LONG_CHAIN), REFUSE(BAD_CHAIN));
}

/* A good chain, and many certificates that have nothing to do with it. */
static void test_handshake_many_unrelated_certificates_refused(void **state)
{
    struct farm_spec spec = {GOOD};
    struct farm_cert leaf = farm_make(&spec, &made[ROOT]);
    const struct farm_cert *chain[10];
    const struct farm_cert *const roots[] = {&made[ROOT]};
    struct farm_file ca = farm_pem(roots, 1);
    struct hawser_credentials credentials = {.ca = farm_view(&ca)};
    struct hawser_stream_target target = test_target(NAME, &credentials);
    struct hwi_tls_context *context = hwi_tls_context_create();
    size_t count;

    (void)state;
    for (count = 0; count < 10; count++) {
        chain[count] = &made[OTHER_ROOT];
    }
    for (count = 9; count <= 10; count++) {
        SSL_CTX *server = test_server_context(&leaf, chain, count);
        struct test_outcome outcome;
        struct test_peer peer;

        test_peer_start(&peer, server, NULL);
        hwi_tls_close(test_connect(context, &target, &peer, &outcome));
        assert_int_equal(outcome.failure.cause,
                         count == 9 ? ACCEPT : REFUSE(BAD_CHAIN));
        target.address.port++; /* no ticket for the next */
        test_peer_stop(&peer);
        SSL_CTX_free(server);
    }
    hwi_tls_context_destroy(context);
    farm_file_free(&ca);
    farm_clear(&leaf);
}

/* A certificate message above the limit in bytes. */
static void test_handshake_huge_certificate_is_refused(void **state)
{
    static char san[40001];
    struct verify_row row = {"huge certificate",
                             {.san = san},
                             ROOT,
                             .cause = REFUSE(BAD_CHAIN),
                             .detail = "more certificates than"};
    const struct farm_cert *const roots[] = {&made[ROOT]};
    struct farm_file ca = farm_pem(roots, 1);
    struct hawser_credentials credentials = {.ca = farm_view(&ca)};
    size_t len = 0;
    unsigned i;

    (void)state;
    for (i = 0; len + 30 < sizeof san; i++) {
        len += (size_t)snprintf(san + len, sizeof san - len,
                                "%sDNS:a%u.example", i > 0 ? "," : "", i);
    }
    assert_true(row_run(&row, &credentials, TLS1_3_VERSION));
    farm_file_free(&ca);
}

/* Two anchors, of which each signs for itself: a CA that is being replaced. */
static void test_handshake_two_anchors_each_accepted(void **state)
{
    const struct farm_cert *const roots[] = {&made[OTHER_ROOT], &made[ROOT]};
    struct farm_file ca = farm_pem(roots, 2);
    struct hawser_credentials credentials = {.ca = farm_view(&ca)};
    struct verify_row row = {"of two anchors", {GOOD}, .issuer = ROOT};

    (void)state;
    assert_true(row_run(&row, &credentials, TLS1_3_VERSION));
    row.issuer = OTHER_ROOT;
    assert_true(row_run(&row, &credentials, TLS1_3_VERSION));
    farm_file_free(&ca);
}

static int group_setup(void **state)
{
    (void)state;
    authorities_make();
    return 0;
}

static int group_teardown(void **state)
{
    (void)state;
    authorities_clear();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_handshake_each_row_tls13_as_the_table_says),
        cmocka_unit_test(test_handshake_each_row_tls12_as_the_table_says),
        cmocka_unit_test(test_handshake_leaf_for_tls13_only_is_refused),
        cmocka_unit_test(test_handshake_anchor_is_server_accepted_by_name),
        cmocka_unit_test(test_handshake_long_chain_is_refused_above_the_limit),
        cmocka_unit_test(test_handshake_many_unrelated_certificates_refused),
        cmocka_unit_test(test_handshake_huge_certificate_is_refused),
        cmocka_unit_test(test_handshake_two_anchors_each_accepted),
    };

    return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
