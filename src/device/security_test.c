/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Alerts about TLS: weaker than last time, over restarts too, and certificates
 * that end soon.
 */
#include "device/story_test.h"

#include "device/alerts.h"
#include "device/security.h"

#define DOWNGRADE "/alert/downgrade"
#define PEER      "/alert/peer_certificate"
#define ANCHOR    "/alert/anchor_certificate"
#define OWN       "/alert/own_certificate"
#define DAY       UINT64_C(86400)

static void set(char *to, size_t size, const char *text)
{
    assert_true(strlen(text) < size);
    memset(to, 0, size);
    memcpy(to, text, strlen(text));
}

/* TLS as the next connection will have it. */
static void negotiate(struct rig *r, const char *version, const char *cipher,
                      const char *group)
{
    struct hawser_security *s = &r->fake.security;

    set(s->version, sizeof(s->version), version);
    set(s->cipher, sizeof(s->cipher), cipher);
    set(s->group, sizeof(s->group), group);
}

static void reconnect(struct rig *r)
{
    fake_broker_close(&r->fake.broker);
    rig_run(r, 10);
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 3600000));
    rig_run(r, 100);
}

/* Strength -------------------------------------------------------------------- */

static void test_strength_is_a_class(void **state)
{
    static const struct {
        const char *cipher;
        uint8_t value;
    } ciphers[] = {
        {"TLS_AES_256_GCM_SHA384", 3},
        {"TLS_CHACHA20_POLY1305_SHA256", 3},
        {"TLS_AES_128_GCM_SHA256", 2},
        {"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", 2},
        {"TLS_ECDHE_ECDSA_WITH_AES_256_CCM", 3},
        {"TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384", 1},
        {"", 0},
    };
    static const struct {
        const char *group;
        uint8_t value;
    } groups[] = {
        {"X25519MLKEM768", 3}, {"SecP256r1MLKEM768", 3},
        {"X25519", 2},         {"x25519", 2},
        {"P-256", 2},          {"secp384r1", 2},
        {"ffdhe2048", 1},      {"", 0},
    };
    struct hawser_security s = {.resumed = false};

    (void)state;
    for (size_t i = 0; i < sizeof(ciphers) / sizeof(ciphers[0]); i++) {
        set(s.cipher, sizeof(s.cipher), ciphers[i].cipher);
        assert_int_equal(hwi_security_strength(&s).cipher, ciphers[i].value);
    }
    for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
        set(s.group, sizeof(s.group), groups[i].group);
        assert_int_equal(hwi_security_strength(&s).group, groups[i].value);
    }
}

static void test_downgrade_is_found_row_by_row(void **state)
{
    static const struct {
        const char *version;
        const char *cipher;
        const char *group;
        const char *what; /* NULL: no downgrade */
    } rows[] = {
        {"TLSv1.3", "TLS_AES_256_GCM_SHA384", "X25519", NULL},
        {"TLSv1.3", "TLS_CHACHA20_POLY1305_SHA256", "P-256", NULL},
        {"TLSv1.3", "TLS_AES_256_GCM_SHA384", "X25519MLKEM768", NULL},
        {"TLSv1.3", "TLS_AES_256_GCM_SHA384", "", NULL},
        {"", "", "", NULL},
        {"TLSv1.2", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "X25519",
         "\"tls_version\""},
        {"TLSv1.3", "TLS_AES_128_GCM_SHA256", "X25519", "\"cipher\""},
        {"TLSv1.3", "TLS_AES_256_GCM_SHA384", "ffdhe2048", "\"group\""},
    };
    struct rig *r = *state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        rig_init(r);
        rig_online(r);
        negotiate(r, rows[i].version, rows[i].cipher, rows[i].group);
        reconnect(r);
        assert_int_equal(told(r, DOWNGRADE, ""), rows[i].what != NULL);
        if (rows[i].what != NULL) {
            assert_non_null(strstr(last(r, DOWNGRADE), rows[i].what));
            assert_non_null(strstr(last(r, DOWNGRADE), "\"session\":2"));
        }
    }
}

static void test_downgrade_over_a_reboot_is_found(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    negotiate(r, "TLSv1.2", "TLS_AES_256_GCM_SHA384", "X25519");
    rig_reboot(r);
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 60000));
    rig_run(r, 100);
    assert_int_equal(told(r, DOWNGRADE, "tls_version"), 1);
    /* It stays so: that is no news, and the alert stays. */
    rig_reboot(r);
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 60000));
    rig_run(r, 100);
    assert_int_equal(told(r, DOWNGRADE, ""), 1);
    assert_true(hwi_alert_stands(&r->device, HWI_ALERT_DOWNGRADE));
}

/* A resumed session may not tell its group: the one before counts. */
static void
test_downgrade_behind_a_session_without_a_group_is_found(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    negotiate(r, "TLSv1.3", "TLS_AES_256_GCM_SHA384", "");
    reconnect(r);
    negotiate(r, "TLSv1.3", "TLS_AES_256_GCM_SHA384", "ffdhe2048");
    reconnect(r);
    assert_int_equal(told(r, DOWNGRADE, "group"), 1);
}

static void test_downgrade_at_another_broker_is_none(void **state)
{
    struct rig *r = *state;

    r->config.broker_count = 2;
    rig_online(r);
    negotiate(r, "TLSv1.2", "TLS_AES_128_GCM_SHA256", "P-256");
    r->fake.lost_host = "broker.example";
    fake_broker_close(&r->fake.broker);
    rig_run(r, 10);
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 3600000));
    rig_run(r, 100);
    assert_non_null(strstr(last(r, "/security"), "backup.example"));
    assert_int_equal(told(r, DOWNGRADE, ""), 0);
}

/* Certificates ---------------------------------------------------------------- */

static uint64_t true_s(const struct rig *r)
{
    return (r->fake.unix_ms + r->fake.now_ms) / 1000;
}

static void test_ends_are_told_at_60_30_and_7_days(void **state)
{
    static const struct {
        uint64_t days;
        const char *code; /* NULL: none */
    } rows[] = {{61, NULL},          {59, "\"60_days\""}, {31, "\"60_days\""},
                {29, "\"30_days\""}, {8, "\"30_days\""},  {6, "\"7_days\""},
                {0, "\"7_days\""}};
    struct rig *r = *state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *topics[] = {PEER, ANCHOR, OWN};
        uint64_t end_s;
        rig_init(r);
        end_s = true_s(r) + rows[i].days * DAY + 3600;
        r->fake.security.peer_not_after_s = end_s;
        r->fake.security.peer_not_before_s = end_s - 365 * DAY;
        r->fake.security.anchor_not_after_s = end_s;
        r->fake.security.client_cert = true;
        r->fake.security.own_not_after_s = end_s;
        rig_online(r);
        for (size_t k = 0; k < 3; k++) {
            assert_int_equal(told(r, topics[k], ""), rows[i].code != NULL);
            assert_true(rows[i].code == NULL ||
                        strstr(last(r, topics[k]), rows[i].code) != NULL);
        }
    }
}

static void test_ends_come_nearer_within_one_session(void **state)
{
    struct rig *r = *state;

    r->config.interval_s = 86400;
    r->config.keep_alive_s = 65535;
    r->fake.security.anchor_not_after_s = true_s(r) + 62 * DAY;
    rig_online(r);
    r->device.time_ask.due_ms = HAWSER_NEVER; /* not 280 times */
    rig_run(r, 70 * DAY * 1000);
    assert_int_equal(counters(r)->connections, 1);
    assert_int_equal(told(r, ANCHOR, ""), 4);
    assert_non_null(fake_broker_find(&r->fake.broker, ANCHOR, "60_days", 0));
    assert_non_null(fake_broker_find(&r->fake.broker, ANCHOR, "30_days", 0));
    assert_non_null(fake_broker_find(&r->fake.broker, ANCHOR, "7_days", 0));
    assert_non_null(strstr(last(r, ANCHOR), "\"ended\""));
    assert_non_null(
        fake_broker_find(&r->fake.broker, ANCHOR, "\"days_left\":59", 0));
}

static void test_new_certificate_clears_the_alert(void **state)
{
    struct rig *r = *state;

    r->fake.security.peer_not_after_s = true_s(r) + 20 * DAY;
    rig_online(r);
    assert_non_null(strstr(last(r, PEER), "30_days"));
    r->fake.security.peer_not_after_s = true_s(r) + 400 * DAY;
    rig_reboot(r);
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 60000));
    rig_run(r, 100);
    assert_string_equal(last(r, PEER), "");
    assert_int_equal(told(r, PEER, ""), 2);
}

static void test_short_lives_are_no_reason_to_worry(void **state)
{
    static const struct {
        uint64_t life;
        uint64_t left;
        const char *code;
    } rows[] = {
        {90, 59, NULL}, {90, 31, NULL},  {90, 29, "30_days"},
        {47, 29, NULL}, {47, 8, NULL},   {47, 6, "7_days"},
        {6, 2, NULL},   {150, 59, NULL}, {180, 59, "60_days"},
    };
    struct rig *r = *state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        rig_init(r);
        r->fake.security.peer_not_after_s =
            true_s(r) + rows[i].left * DAY + 3600;
        r->fake.security.peer_not_before_s =
            r->fake.security.peer_not_after_s - rows[i].life * DAY;
        rig_online(r);
        assert_int_equal(told(r, PEER, ""), rows[i].code != NULL);
        assert_true(rows[i].code == NULL ||
                    strstr(last(r, PEER), rows[i].code) != NULL);
    }
}

static void test_without_time_the_floor_shows_what_is_near(void **state)
{
    struct rig *r = *state;

    r->config.time_server_count = 0;
    r->fake.security.anchor_not_after_s = r->config.build_time_s + 20 * DAY;
    rig_online(r);
    assert_int_equal(told(r, ANCHOR, "30_days"), 1);
    assert_int_equal(told(r, PEER, ""), 0);
}

/* A second device with our id ------------------------------------------------- */

static void test_kicked_five_times_is_a_suspicion(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    for (unsigned i = 0; i < 4; i++) {
        rig_run(r, 1000);
        reconnect(r);
    }
    assert_int_equal(told(r, "/alert/duplicate_id", ""), 0);
    rig_run(r, 1000);
    reconnect(r);
    assert_int_equal(told(r, "/alert/duplicate_id", "mqtt_kicked"), 1);
    assert_non_null(strstr(last(r, "/alert/duplicate_id"), "\"count\":5"));
}

static void test_taken_over_after_minutes_is_one_too(void **state)
{
    static const uint8_t taken_over[] = {0xE0, 0x02, 0x8E, 0x00};
    struct rig *r = *state;

    rig_online(r);
    for (unsigned i = 0; i < 5; i++) {
        rig_run(r, 600000);
        fake_broker_raw(&r->fake.broker, taken_over, sizeof(taken_over));
        rig_run(r, 10);
        assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 3600000));
        rig_run(r, 100);
    }
    assert_int_equal(told(r, "/alert/duplicate_id", "mqtt_taken_over"), 1);
}

static void test_an_hour_in_peace_ends_the_suspicion(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    for (unsigned i = 0; i < 4; i++) {
        rig_run(r, 1000);
        reconnect(r);
    }
    rig_run(r, 3700000);
    for (unsigned i = 0; i < 4; i++) {
        reconnect(r);
        rig_run(r, 1000);
    }
    assert_int_equal(told(r, "/alert/duplicate_id", ""), 0);
}

/* A port whose TLS never tells a group: no group is weaker than another. */
static void test_downgrade_without_any_group_is_none(void **state)
{
    struct rig *r = *state;

    negotiate(r, "TLSv1.3", "TLS_AES_256_GCM_SHA384", "");
    rig_online(r);
    reconnect(r);
    assert_int_equal(told(r, DOWNGRADE, ""), 0);
    negotiate(r, "TLSv1.2", "TLS_AES_256_GCM_SHA384", "");
    reconnect(r);
    assert_int_equal(told(r, DOWNGRADE, "tls_version"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_strength_is_a_class),
        STORY(test_downgrade_is_found_row_by_row),
        STORY(test_downgrade_over_a_reboot_is_found),
        STORY(test_downgrade_behind_a_session_without_a_group_is_found),
        STORY(test_downgrade_at_another_broker_is_none),
        STORY(test_ends_are_told_at_60_30_and_7_days),
        STORY(test_ends_come_nearer_within_one_session),
        STORY(test_new_certificate_clears_the_alert),
        STORY(test_short_lives_are_no_reason_to_worry),
        STORY(test_without_time_the_floor_shows_what_is_near),
        STORY(test_kicked_five_times_is_a_suspicion),
        STORY(test_taken_over_after_minutes_is_one_too),
        STORY(test_an_hour_in_peace_ends_the_suspicion),
        STORY(test_downgrade_without_any_group_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
