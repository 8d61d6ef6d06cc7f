/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a change of anchors would lead to, asked on an open connection, which it
 * must not disturb.
 */
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "tls/tls_test_server.h"

struct line {
    struct hwi_tls_context *context;
    SSL_CTX *server;
    struct test_peer peer;
    struct hwi_tls *tls;
};

static void line_open(struct line *line, struct farm_set *farm)
{
    struct hawser_stream_target target =
        test_target("broker.example", &farm->credentials);
    struct test_outcome outcome;

    test_peer_start(&line->peer, line->server, NULL);
    line->tls = test_connect(line->context, &target, &line->peer, &outcome);
    assert_non_null(line->tls);
}

static void line_close(struct line *line)
{
    hwi_tls_close(line->tls);
    test_peer_stop(&line->peer);
}

static void line_start(struct line *line, struct farm_set *farm, int version)
{
    line->context = hwi_tls_context_create();
    line->server = test_server_context(&farm->leaf, NULL, 0);
    assert_true(SSL_CTX_set_max_proto_version(line->server, version));
    line_open(line, farm);
}

static void line_stop(struct line *line)
{
    line_close(line);
    SSL_CTX_free(line->server);
    hwi_tls_context_destroy(line->context);
}

static enum hawser_cause
ask(struct line *line, const struct farm_cert *const anchors[], size_t count)
{
    struct farm_file pem = farm_pem(anchors, count);
    struct hwi_tls_failure why = {.cause = HAWSER_CAUSE_NONE};
    int err = hwi_tls_preflight(line->tls, farm_view(&pem), &why);

    farm_file_free(&pem);
    assert_int_equal(err == 0, why.cause == HAWSER_CAUSE_NONE);
    assert_int_equal(err == 0, why.detail[0] == '\0');
    /* Judged by these anchors, not by those that the line is open with. */
    assert_null(strstr(why.detail, "another"));
    return why.cause;
}

static void ask_all(struct line *line, struct farm_set *farm)
{
    const struct farm_cert *const both[] = {&farm->other_root, &farm->root};
    struct hwi_tls_failure why;

    assert_int_equal(ask(line, both, 2), HAWSER_CAUSE_NONE);
    assert_int_equal(ask(line, both + 1, 1), HAWSER_CAUSE_NONE);
    assert_int_equal(ask(line, both, 1), HAWSER_CAUSE_TLS_UNKNOWN_CA);
    assert_int_equal(ask(line, both + 1, 1), HAWSER_CAUSE_NONE);
    assert_true(test_talk(line->tls, &line->peer, &why));
}

static void test_preflight_tells_who_would_be_accepted(void **state)
{
    static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
    struct line line;

    for (size_t i = 0; i < 2; i++) {
        line_start(&line, *state, versions[i]);
        ask_all(&line, *state);
        line_stop(&line);
    }
}

/* A resumed session presents nothing; what was presented then counts. */
static void test_preflight_after_resumption_tells_the_same(void **state)
{
    struct hawser_security security;
    struct hwi_tls_failure why;
    struct line line;

    line_start(&line, *state, TLS1_3_VERSION);
    assert_true(test_talk(line.tls, &line.peer, &why));
    line_close(&line);
    line_open(&line, *state);
    hwi_tls_security(line.tls, &security);
    assert_true(security.resumed);
    ask_all(&line, *state);
    line_stop(&line);
}

/* All that was presented, the intermediate too. */
static void test_preflight_after_resumption_knows_the_middle(void **state)
{
    struct farm_set *farm = *state;
    struct farm_cert middle = farm_make(
        &(struct farm_spec){.name = "Middle", .basic = "critical,CA:TRUE"},
        &farm->root);
    struct farm_cert leaf =
        farm_make(&(struct farm_spec){.san = "DNS:broker.example"}, &middle);
    const struct farm_cert *const between[] = {&middle};
    struct hawser_security security;
    struct line line = {.context = hwi_tls_context_create(),
                        .server = test_server_context(&leaf, between, 1)};

    for (int i = 0; i < 3; i++) {
        line_open(&line, farm);
        hwi_tls_security(line.tls, &security);
        assert_int_equal(security.resumed, i > 0);
        ask_all(&line, farm);
        line_close(&line);
    }
    SSL_CTX_free(line.server);
    hwi_tls_context_destroy(line.context);
    farm_clear(&leaf);
    farm_clear(&middle);
}

/* A ticket was offered, and another server answers, whose chain ends elsewhere:
 * nothing that is known of the first may be told of the second. */
static void test_security_of_a_refused_ticket_is_the_new_server(void **state)
{
    struct farm_set *farm = *state;
    const struct farm_cert *const both[] = {&farm->root, &farm->other_root};
    struct farm_file anchors = farm_pem(both, 2);
    struct farm_set two = *farm;
    struct farm_cert leaf = farm_make(
        &(struct farm_spec){.name = "new", .san = "DNS:broker.example"},
        &farm->other_root);
    struct hawser_security security;
    struct line line;

    two.credentials.ca = farm_view(&anchors);
    line_start(&line, &two, TLS1_3_VERSION);
    line_close(&line);
    SSL_CTX_free(line.server);
    line.server = test_server_context(&leaf, NULL, 0);
    line_open(&line, &two);
    hwi_tls_security(line.tls, &security);
    assert_false(security.resumed);
    assert_string_equal(security.peer_subject, "CN=new");
    assert_string_not_equal(security.anchor_subject, "CN=Root");
    assert_int_equal(ask(&line, both, 1), HAWSER_CAUSE_TLS_UNKNOWN_CA);
    assert_int_equal(ask(&line, both + 1, 1), HAWSER_CAUSE_NONE);
    line_stop(&line);
    farm_clear(&leaf);
    farm_file_free(&anchors);
}

static void test_preflight_of_no_anchor_fails(void **state)
{
    struct farm_set *farm = *state;
    struct hwi_tls_failure why = {.cause = HAWSER_CAUSE_NONE};
    const struct farm_cert *const leaf[] = {&farm->leaf};
    struct line line;

    line_start(&line, farm, TLS1_3_VERSION);
    assert_int_equal(
        hwi_tls_preflight(line.tls, (struct hawser_view){NULL, 0}, &why),
        HAWSER_E_LINK);
    assert_int_equal(why.cause, HAWSER_CAUSE_TLS_SETUP);
    assert_int_equal(ask(&line, leaf, 1), HAWSER_CAUSE_TLS_SETUP);
    line_stop(&line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_preflight_tells_who_would_be_accepted),
        cmocka_unit_test(test_preflight_after_resumption_tells_the_same),
        cmocka_unit_test(test_preflight_after_resumption_knows_the_middle),
        cmocka_unit_test(test_security_of_a_refused_ticket_is_the_new_server),
        cmocka_unit_test(test_preflight_of_no_anchor_fails),
    };

    return cmocka_run_group_tests(tests, farm_set_up, farm_tear_down);
}
