/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Session tickets: used when nothing has changed, and never when something has.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "tls/tls_test_library.h"
#include "tls/tls_test_server.h"

struct farm {
    struct farm_cert root, other_root, leaf, device, other_device;
    struct farm_file root_pem, both_pem, other_pem;
    struct farm_file device_pem, device_key, other_device_pem, other_device_key;
    SSL_CTX *server; /* its ticket keys live as long */
    struct hwi_tls_context *context;
    struct hawser_credentials credentials;
    struct hawser_stream_target target;
};

static int farm_setup(void **state)
{
    struct farm *farm = calloc(1, sizeof *farm);
    struct farm_spec ca = {.name = "Root", .basic = "critical,CA:TRUE"};
    const struct farm_cert *list[2];

    assert_non_null(farm);
    farm->root = farm_make(&ca, NULL);
    ca.name = "Other";
    farm->other_root = farm_make(&ca, NULL);
    farm->leaf =
        farm_make(&(struct farm_spec){.san = "DNS:broker.example,DNS:b.example",
                                      .until_s = 10 * FARM_DAY_S},
                  &farm->root);
    farm->device = farm_make(&(struct farm_spec){.name = "d1"}, &farm->root);
    farm->other_device =
        farm_make(&(struct farm_spec){.name = "d2"}, &farm->root);
    list[0] = &farm->root;
    list[1] = &farm->other_root;
    farm->root_pem = farm_pem(list, 1);
    farm->both_pem = farm_pem(list, 2);
    farm->other_pem = farm_pem(list + 1, 1);
    list[0] = &farm->device;
    farm->device_pem = farm_pem(list, 1);
    list[0] = &farm->other_device;
    farm->other_device_pem = farm_pem(list, 1);
    farm->device_key = farm_key_pem(&farm->device);
    farm->other_device_key = farm_key_pem(&farm->other_device);
    *state = farm;
    return 0;
}

static int farm_teardown(void **state)
{
    struct farm *farm = *state;

    farm_clear(&farm->root);
    farm_clear(&farm->other_root);
    farm_clear(&farm->leaf);
    farm_clear(&farm->device);
    farm_clear(&farm->other_device);
    farm_file_free(&farm->root_pem);
    farm_file_free(&farm->both_pem);
    farm_file_free(&farm->other_pem);
    farm_file_free(&farm->device_pem);
    farm_file_free(&farm->device_key);
    farm_file_free(&farm->other_device_pem);
    farm_file_free(&farm->other_device_key);
    free(farm);
    return 0;
}

/* A fresh server and context, and the usual target. */
static void start(struct farm *farm, int max_version)
{
    farm->server = test_server_context(&farm->leaf, NULL, 0);
    assert_true(SSL_CTX_set_max_proto_version(farm->server, max_version));
    farm->context = hwi_tls_context_create();
    farm->credentials =
        (struct hawser_credentials){.ca = farm_view(&farm->root_pem)};
    farm->target = test_target("broker.example", &farm->credentials);
}

static void stop(struct farm *farm)
{
    hwi_tls_context_destroy(farm->context);
    SSL_CTX_free(farm->server);
}

enum way { FULL, RESUMED, REFUSED };

/* Connects once, as farm->target says, and ends well. */
static enum way connect_once(struct farm *farm,
                             struct hawser_security *security)
{
    struct test_outcome outcome;
    struct test_peer peer;
    struct hwi_tls_failure why;
    struct hwi_tls *tls;

    *security = (struct hawser_security){0};
    test_peer_start(&peer, farm->server, NULL);
    tls = test_connect(farm->context, &farm->target, &peer, &outcome);
    if (tls != NULL) {
        hwi_tls_security(tls, security);
        assert_true(test_talk(tls, &peer, &why));
        assert_int_equal(SSL_session_reused(peer.ssl), security->resumed);
    }
    hwi_tls_close(tls);
    test_peer_stop(&peer);
    if (tls == NULL) {
        return REFUSED;
    }
    return security->resumed ? RESUMED : FULL;
}

/* Connects twice; between the two, change alters the target. How the second
 * went. */
static enum way connect_twice(struct farm *farm, int version,
                              void (*change)(struct farm *farm))
{
    struct hawser_security security;
    enum way way;

    start(farm, version);
    assert_int_equal(connect_once(farm, &security), FULL);
    if (change != NULL) {
        change(farm);
    }
    way = connect_once(farm, &security);
    stop(farm);
    return way;
}

static void change_host(struct farm *farm)
{
    farm->target.host = "b.example";
}

static void change_port(struct farm *farm)
{
    farm->target.address.port = 8884;
}

static void change_address(struct farm *farm)
{
    farm->target.address.bytes[3] = 2;
}

static void change_alpn(struct farm *farm)
{
    farm->target.alpn = (struct hawser_view){(const uint8_t *)"mqtt", 4};
}

static void change_ca_to_more(struct farm *farm)
{
    farm->credentials.ca = farm_view(&farm->both_pem);
}

static void change_ca_to_other(struct farm *farm)
{
    farm->credentials.ca = farm_view(&farm->other_pem);
}

static void change_identity(struct farm *farm)
{
    farm->credentials.chain = farm_view(&farm->device_pem);
    farm->credentials.key = farm_view(&farm->device_key);
}

static void change_clock_lost(struct farm *farm)
{
    farm->target.dates.has_now = false;
}

static void change_time_hour_later(struct farm *farm)
{
    farm->target.dates.now_s += 3600;
}

static void change_time_hour_before(struct farm *farm)
{
    farm->target.dates.now_s -= 3600;
}

static void change_time_two_days_later(struct farm *farm)
{
    farm->target.dates.now_s += 2 * (uint64_t)FARM_DAY_S;
}

static void change_time_certificate_ended(struct farm *farm)
{
    farm->target.dates.now_s += 11 * (uint64_t)FARM_DAY_S;
}

static void change_floor_certificate_ended(struct farm *farm)
{
    farm->target.dates.floor_s = (uint64_t)(FARM_NOW_S + 11 * FARM_DAY_S);
}

static const struct {
    const char *name;
    void (*change)(struct farm *farm);
    enum way way;
} changes[] = {
    {"nothing", NULL, RESUMED},
    {"address behind the name", change_address, RESUMED},
    {"an hour later", change_time_hour_later, RESUMED},
    {"host", change_host, FULL},
    {"port", change_port, FULL},
    {"ALPN", change_alpn, FULL},
    {"one CA more", change_ca_to_more, FULL},
    {"another CA", change_ca_to_other, REFUSED},
    {"client certificate", change_identity, FULL},
    {"time no longer known", change_clock_lost, FULL},
    {"clock set back", change_time_hour_before, FULL},
    {"two days later", change_time_two_days_later, FULL},
    {"certificate has ended", change_time_certificate_ended, REFUSED},
    {"certificate ended before the floor", change_floor_certificate_ended,
     REFUSED},
};

static void changes_run(struct farm *farm, int version)
{
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        enum way way = connect_twice(farm, version, changes[i].change);

        if (way != changes[i].way) {
            fail_msg("%s: %d", changes[i].name, way);
        }
    }
}

static void test_open_after_change_resumes_only_if_same(void **state)
{
    changes_run(*state, TLS1_3_VERSION);
    changes_run(*state, TLS1_2_VERSION);
}

/* Each resumption brings a new ticket; none makes the proof younger. */
static void test_open_chain_of_resumptions_ends_after_a_day(void **state)
{
    static const enum way ways[] = {FULL, RESUMED, FULL, RESUMED, FULL};
    struct farm *farm = *state;
    struct hawser_security security;

    start(farm, TLS1_3_VERSION);
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        assert_int_equal(connect_once(farm, &security), ways[i]);
        farm->target.dates.now_s += (uint64_t)FARM_DAY_S * 2 / 3;
    }
    stop(farm);
}

/* The ticket is an hour old, but the certificate behind it has ended. */
static void test_open_certificate_ended_since_is_refused(void **state)
{
    const uint64_t end_s = (uint64_t)(FARM_NOW_S + 10 * FARM_DAY_S);
    struct farm *farm = *state;
    struct hawser_security security;

    for (int has_now = 0; has_now <= 1; has_now++) {
        start(farm, TLS1_3_VERSION);
        farm->target.dates = (struct hawser_date_policy){
            .has_now = has_now, .now_s = end_s - 900, .floor_s = end_s - 900};
        assert_int_equal(connect_once(farm, &security), FULL);
        farm->target.dates.now_s = end_s + 900;
        farm->target.dates.floor_s += has_now ? 0 : 1800;
        assert_int_equal(connect_once(farm, &security), REFUSED);
        stop(farm);
    }
}

/* The client certificate changes into another one. */
static void test_open_other_identity_is_full_handshake(void **state)
{
    struct farm *farm = *state;
    struct hawser_security security;

    start(farm, TLS1_3_VERSION);
    test_server_ask(farm->server, &farm->root, true);
    change_identity(farm);
    assert_int_equal(connect_once(farm, &security), FULL);
    assert_true(security.client_cert);
    assert_int_equal(connect_once(farm, &security), RESUMED);
    assert_true(security.client_cert);
    farm->credentials.chain = farm_view(&farm->other_device_pem);
    farm->credentials.key = farm_view(&farm->other_device_key);
    assert_int_equal(connect_once(farm, &security), FULL);
    stop(farm);
}

/* What the first handshake found out stays true of the resumed ones. */
static void test_security_resumed_reports_peer_and_anchor(void **state)
{
    struct farm *farm = *state;
    struct hawser_security first;
    struct hawser_security later;

    start(farm, TLS1_3_VERSION);
    assert_int_equal(connect_once(farm, &first), FULL);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(connect_once(farm, &later), RESUMED);
        assert_true(later.resumed);
        assert_string_equal(later.peer_subject, "CN=leaf");
        assert_string_equal(later.peer_fingerprint, first.peer_fingerprint);
        assert_string_equal(later.anchor_subject, "CN=Root");
        assert_string_equal(later.anchor_fingerprint, first.anchor_fingerprint);
        assert_int_equal(later.peer_not_after_s, first.peer_not_after_s);
        assert_string_equal(later.group, test_library.group);
    }
    stop(farm);
}

/* While time is not known, tickets work too, and say so again. */
static void test_security_resumed_by_floor_reports_it(void **state)
{
    struct farm *farm = *state;
    struct hawser_security security;

    start(farm, TLS1_3_VERSION);
    farm->target.dates = (struct hawser_date_policy){0};
    assert_int_equal(connect_once(farm, &security), FULL);
    assert_true(security.dates_by_floor);
    assert_int_equal(connect_once(farm, &security), RESUMED);
    assert_true(security.dates_by_floor);
    farm->target.dates =
        (struct hawser_date_policy){.has_now = true, .now_s = FARM_NOW_S};
    assert_int_equal(connect_once(farm, &security), FULL);
    assert_false(security.dates_by_floor);
    stop(farm);
}

/* A broker that restarted has other ticket keys. */
static void test_open_server_forgot_is_full_handshake(void **state)
{
    struct farm *farm = *state;
    struct hawser_security security;
    struct farm first;

    start(farm, TLS1_3_VERSION);
    assert_int_equal(connect_once(farm, &security), FULL);
    first = *farm;
    farm->server = test_server_context(&farm->leaf, NULL, 0);
    SSL_CTX_free(first.server);
    assert_int_equal(connect_once(farm, &security), FULL);
    assert_int_equal(security.peer_not_after_s, FARM_NOW_S + 10 * FARM_DAY_S);
    assert_int_equal(connect_once(farm, &security), RESUMED);
    stop(farm);
}

/* The ticket is for another server, which does not know it and has a bad
 * certificate: the full handshake refuses it, and the tickets are gone. */
static void test_open_ticket_other_server_is_verified(void **state)
{
    struct farm *farm = *state;
    struct farm_cert fake = farm_make(
        &(struct farm_spec){.san = "DNS:broker.example"}, &farm->other_root);
    struct hawser_security security;
    SSL_CTX *good;

    start(farm, TLS1_3_VERSION);
    assert_int_equal(connect_once(farm, &security), FULL);
    good = farm->server;
    farm->server = test_server_context(&fake, NULL, 0);
    assert_int_equal(connect_once(farm, &security), REFUSED);
    SSL_CTX_free(farm->server);
    farm->server = good;
    assert_int_equal(connect_once(farm, &security), FULL);
    stop(farm);
    farm_clear(&fake);
}

/* Breaks the line without close_notify; the session goes on. */
static enum way connect_and_break(struct farm *farm)
{
    struct test_outcome outcome;
    struct test_peer peer;
    struct hwi_tls_failure why;
    struct hawser_security security;
    struct hwi_tls *tls;
    uint8_t byte;

    test_peer_start(&peer, farm->server, NULL);
    tls = test_connect(farm->context, &farm->target, &peer, &outcome);
    assert_non_null(tls);
    hwi_tls_security(tls, &security);
    peer.is_gone = true;
    assert_int_equal(hwi_tls_receive(tls, &byte, 1, &why), HAWSER_E_LINK);
    assert_int_equal(why.cause, HAWSER_CAUSE_CLOSED);
    hwi_tls_close(tls);
    test_peer_stop(&peer);
    return security.resumed ? RESUMED : FULL;
}

static void test_receive_line_broken_keeps_tickets(void **state)
{
    struct farm *farm = *state;
    const int versions[] = {TLS1_3_VERSION, TLS1_2_VERSION};

    for (size_t i = 0; i < 2; i++) {
        start(farm, versions[i]);
        assert_int_equal(connect_and_break(farm), FULL);
        assert_int_equal(connect_and_break(farm), RESUMED);
        assert_int_equal(connect_and_break(farm), RESUMED);
        stop(farm);
    }
}

/* Greets a server that never answers. */
static void greet_silence(struct farm *farm)
{
    struct hwi_tls_transport transport;
    struct hwi_tls_failure why;
    struct test_peer peer;
    struct hwi_tls *tls;

    test_peer_start(&peer, NULL, NULL);
    transport = test_peer_transport(&peer);
    tls = hwi_tls_open(farm->context, &farm->target, &transport, &why);
    assert_non_null(tls);
    assert_int_equal(hwi_tls_handshake(tls, &why), HAWSER_E_WAIT);
    hwi_tls_close(tls);
    test_peer_stop(&peer);
}

/* TLS 1.3: each ticket that is kept serves once. */
static void test_open_tls13_ticket_serves_once(void **state)
{
    struct farm *farm = *state;
    struct hawser_security security;

    for (int greetings = 1, kept = test_library.tickets_kept; greetings <= kept;
         greetings++) {
        start(farm, TLS1_3_VERSION);
        assert_int_equal(connect_once(farm, &security), FULL);
        for (int i = 0; i < greetings; i++) {
            greet_silence(farm);
        }
        assert_int_equal(connect_once(farm, &security),
                         greetings < kept ? RESUMED : FULL);
        stop(farm);
    }
}

/* Tickets of a connection that is older than a change of credentials. */
static void test_receive_ticket_of_old_binding_is_not_kept(void **state)
{
    struct farm *farm = *state;
    struct hawser_security security;
    struct hwi_tls_failure why = {0};
    struct hwi_tls_transport transport;
    struct test_peer peer;
    struct hwi_tls *tls;
    uint8_t byte;

    start(farm, TLS1_3_VERSION);
    test_peer_start(&peer, farm->server, NULL);
    transport = test_peer_transport(&peer);
    tls = hwi_tls_open(farm->context, &farm->target, &transport, &why);
    assert_non_null(tls);
    assert_int_equal(hwi_tls_handshake(tls, &why), HAWSER_E_WAIT);
    test_peer_step(&peer);
    assert_int_equal(hwi_tls_handshake(tls, &why), 0);
    change_ca_to_more(farm);
    greet_silence(farm);
    test_peer_step(&peer); /* now the first server sends its tickets */
    for (int i = 0; i < 4; i++) {
        assert_int_equal(hwi_tls_receive(tls, &byte, 1, &why), HAWSER_E_WAIT);
    }
    hwi_tls_close(tls);
    test_peer_stop(&peer);
    assert_int_equal(connect_once(farm, &security), FULL);
    stop(farm);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_open_after_change_resumes_only_if_same),
        cmocka_unit_test(test_open_certificate_ended_since_is_refused),
        cmocka_unit_test(test_open_other_identity_is_full_handshake),
        cmocka_unit_test(test_security_resumed_reports_peer_and_anchor),
        cmocka_unit_test(test_open_chain_of_resumptions_ends_after_a_day),
        cmocka_unit_test(test_security_resumed_by_floor_reports_it),
        cmocka_unit_test(test_open_server_forgot_is_full_handshake),
        cmocka_unit_test(test_open_ticket_other_server_is_verified),
        cmocka_unit_test(test_receive_line_broken_keeps_tickets),
        cmocka_unit_test(test_open_tls13_ticket_serves_once),
        cmocka_unit_test(test_receive_ticket_of_old_binding_is_not_kept),
    };

    return cmocka_run_group_tests(tests, farm_setup, farm_teardown);
}
