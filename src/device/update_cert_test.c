/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Updates from request to answer: a CA that is rolled in the right order and in
 * every wrong one, an identity that is renewed, and what is refused beforehand.
 */
#include "device/update_test.h"

static void start(struct rig *r)
{
    updatable(r);
    rig_online(r);
}

static void test_update_adds_moves_and_removes_a_ca(void **state)
{
    struct rig *r = *state;
    struct file b = file_of("root-b");

    start(r);
    send_ask(r, "u-1", &(struct ask){.generation = 1}, &b);
    assert_int_equal(told(r, "/reply", "\"status\":\"running\""), 1);
    assert_int_equal(told(r, "/reply", "\"stage\":\"trial\""), 1);
    assert_committed(r, "u-1", 1);
    move_broker(r, "root-b");
    assert_true(comes_back(r, MINUTE));
    remove_root(r, "u-2", 2, "root-a");
    assert_committed(r, "u-2", 2);
    assert_true(vault_of(r)->is_barred);
    move_broker(r, "root-a"); /* it is not trusted any more, ever */
    assert_false(comes_back(r, 24 * HOUR));
    r->fake.pki.broker_ca = "root-b";
    assert_true(comes_back(r, 3 * HOUR));
}

/* Nothing is lost of what was waiting when the line was changed. */
static void test_update_says_goodbye_and_loses_nothing(void **state)
{
    struct rig *r = *state;
    struct file b = file_of("root-b");

    start(r);
    send_ask(r, "u-1", &(struct ask){.generation = 1}, &b);
    assert_committed(r, "u-1", 1);
    assert_int_equal(r->fake.broker.disconnects, 1);
    assert_int_equal(counters(r)->dropped, 0);
    assert_int_equal(counters(r)->failures, 0);
    assert_false(r->fake.broker.clean_start);
}

static void test_update_that_would_disconnect_is_refused(void **state)
{
    struct rig *r = *state;
    struct file b = file_of("root-b");

    start(r);
    send_ask(r, "u-1", &(struct ask){.generation = 1, .op = "replace"}, &b);
    assert_objected(r, "would_disconnect");
    send_ask(r, "u-2", &(struct ask){.generation = 1, .op = "add"}, &b);
    assert_committed(r, "u-2", 1);
    remove_root(r, "u-3", 2, "root-a");
    assert_told(r, "would_disconnect");
    assert_int_equal(hawser_device_state(&r->device), HAWSER_DEVICE_ONLINE);
}

static void test_update_with_a_switch_waits_for_the_broker(void **state)
{
    struct rig *r = *state;
    struct file b = file_of("root-b");

    start(r);
    send_ask(r, "u-1",
             &(struct ask){.generation = 1,
                           .op = "replace",
                           .more = ",\"expect_switch\":true"},
             &b);
    assert_told(r, "\"stage\":\"switch\"");
    assert_int_equal(hawser_device_state(&r->device), HAWSER_DEVICE_ONLINE);
    assert_int_equal(r->fake.broker.disconnects, 0);
    rig_run(r, 30 * MINUTE);
    move_broker(r, "root-b");
    assert_committed(r, "u-1", 1);
}

static void test_update_with_a_switch_that_never_comes_is_told(void **state)
{
    struct rig *r = *state;
    struct file b = file_of("root-b");

    start(r);
    send_ask(r, "u-1",
             &(struct ask){.generation = 1,
                           .op = "replace",
                           .more = ",\"expect_switch\":true,\"trial_s\":600"},
             &b);
    rig_run(r, 11 * MINUTE);
    assert_told(r, "\"status\":\"failed\",\"code\":\"rolled_back\"");
    assert_told(r, "\"outcome\":\"overdue\"");
    assert_int_equal(r->fake.broker.connections, 1);
}

/* The broker moved before its devices knew: they cannot be told any more, but
 * they come back when it does. */
static void test_update_too_late_survives_until_the_broker_is_back(void **state)
{
    struct rig *r = *state;

    start(r);
    move_broker(r, "root-b");
    assert_false(comes_back(r, 24 * HOUR));
    r->fake.pki.broker_ca = "root-a";
    assert_true(comes_back(r, 3 * HOUR));
}

/* The broker takes the old set only, whatever it presents. */
static void test_update_that_the_broker_refuses_is_told(void **state)
{
    struct rig *r = *state;
    struct file b = file_of("root-b");

    start(r);
    r->fake.broker.connack = 0x87;
    send_ask(r, "u-1", &(struct ask){.generation = 1}, &b);
    while (hwi_trial_is_on(&r->device)) {
        rig_run(r, 100);
        assert_true(r->fake.now_ms < HOUR);
    }
    r->fake.broker.connack = 0;
    assert_true(comes_back(r, HOUR));
    rig_run(r, 1000);
    assert_told(r, "\"code\":\"rolled_back\",\"message\":\"login refused\"");
    assert_told(r, "\"cause\":\"mqtt_not_authorised\"");
    assert_told(r, "\"in_use\":\"active\",\"generation\":0");
}

/* The answer is due until it is given. */
static void test_update_rolled_back_offline_is_told_later(void **state)
{
    struct rig *r = *state;
    struct file b = file_of("root-b");

    start(r);
    r->fake.dns = HAWSER_E_LINK;
    send_ask(r, "u-1",
             &(struct ask){.generation = 1, .more = ",\"trial_s\":60"}, &b);
    rig_run(r, 10 * MINUTE);
    assert_false(hwi_trial_is_on(&r->device));
    rig_reboot(r);
    rig_run(r, MINUTE);
    r->fake.dns = 1;
    assert_true(comes_back(r, HOUR));
    rig_run(r, 1000);
    assert_told(r, "\"id\":\"u-1\"");
    assert_told(r, "\"outcome\":\"overdue\"");
    assert_int_equal(told(r, "/reply", "rolled_back"), 1);
    rig_reboot(r);
    assert_true(comes_back(r, MINUTE));
    assert_int_equal(told(r, "/reply", "rolled_back"), 1);
}

static void test_update_during_another_is_busy(void **state)
{
    struct rig *r = *state;
    struct file b = file_of("root-b");
    struct file c = file_of("root-c");

    start(r);
    send_ask(r, "u-1",
             &(struct ask){.generation = 1,
                           .op = "replace",
                           .more = ",\"expect_switch\":true"},
             &b);
    send_ask(r, "u-2", &(struct ask){.generation = 2}, &c);
    assert_told(r, "\"code\":\"busy\"");
    assert_int_equal(vault_of(r)->generation, 1);
}

/* The broker delivers it again: the answer is told again, and that is all. */
static void test_update_that_comes_twice_has_one_effect(void **state)
{
    struct rig *r = *state;
    struct file b = file_of("root-b");
    unsigned programs;

    start(r);
    send_ask(r, "u-1", &(struct ask){.generation = 7}, &b);
    assert_committed(r, "u-1", 7);
    programs = r->fake.flash.programs;
    send_ask(r, "u-1", &(struct ask){.generation = 7}, &b);
    assert_told(r, "\"status\":\"duplicate\",\"code\":\"duplicate\"");
    assert_told(r, "\"outcome\":\"committed\"");
    assert_int_equal(r->fake.flash.programs, programs);
}

static void test_update_of_an_old_generation_is_refused(void **state)
{
    struct rig *r = *state;
    struct file b = file_of("root-b");
    struct file c = file_of("root-c");

    start(r);
    send_ask(r, "u-1", &(struct ask){.generation = 7}, &b);
    assert_committed(r, "u-1", 7);
    for (unsigned i = 5; i <= 7; i++) {
        send_ask(r, "u-2", &(struct ask){.generation = i}, &c);
        assert_told(r, "\"code\":\"old_generation\"");
    }
    send_ask(r, "u-3", &(struct ask){.generation = 8}, &c);
    assert_committed(r, "u-3", 8);
}

/* Identities ---------------------------------------------------------------- */

/* Asks for a key; its number. */
static unsigned get_key(struct rig *r, const char *id, unsigned generation)
{
    char args[96];
    uint8_t csr[HAWSER_REQUEST_MAX];
    const char *at;
    size_t len = 0;

    (void)snprintf(args, sizeof(args),
                   "{\"kind\":\"identity\",\"op\":\"request\",\"generation\":%u"
                   "}",
                   generation);
    request(r, id, args);
    at = strstr(last(r, "/reply"), "\"csr\":\"");
    assert_non_null(at);
    at += 7;
    assert_int_equal(
        hwi_base64_decode(
            (struct hawser_view){(const uint8_t *)at, strcspn(at, "\"")}, false,
            (struct hawser_span){csr, sizeof(csr)}, &len),
        0);
    return fake_key_of((struct hawser_view){csr, len});
}

static void test_update_renews_an_identity(void **state)
{
    static uint8_t own[FAKE_CERT_MAX];
    static uint8_t key[HAWSER_KEY_MAX];
    struct rig *r = *state;
    struct file f = {.len = 0};
    unsigned n;

    updatable(r);
    r->config.credentials.chain = (struct hawser_view){
        own, fake_cert(&(struct fake_cert){.name = ID,
                                           .issuer = "old-ca",
                                           .key = 77,
                                           .is_leaf = true},
                       own)};
    r->config.credentials.key = (struct hawser_view){key, fake_key(77, key)};
    r->fake.pki.client_ca = "old-ca";
    rig_online(r);
    n = get_key(r, "u-1", 1);
    assert_true(n != 0 && n != 77);
    assert_int_equal(get_key(r, "u-1", 1), n); /* the same one again */
    assert_int_equal(told(r, "", "KEY"), 0);
    add_cert(&f,
             &(struct fake_cert){
                 .name = ID, .issuer = "new-ca", .key = n, .is_leaf = true});
    add_cert(&f, &(struct fake_cert){.name = "new-ca", .issuer = "root"});
    rig_reboot(r); /* the key outlives it */
    assert_true(comes_back(r, HOUR));
    r->fake.pki.client_ca = "new-ca";
    send_ask(
        r, "u-2",
        &(struct ask){.kind = "identity", .op = "install", .generation = 2},
        &f);
    r->fake.pki.client_ca = "new-ca";
    assert_committed(r, "u-2", 2);
    assert_int_equal(vault_of(r)->key_len, 0);
    rig_reboot(r);
    assert_true(comes_back(r, MINUTE));
}

static void test_update_to_an_identity_that_is_refused_goes_back(void **state)
{
    struct rig *r = *state;
    struct file f = {.len = 0};
    unsigned n;

    start(r);
    n = get_key(r, "u-1", 1);
    add_cert(&f,
             &(struct fake_cert){
                 .name = ID, .issuer = "new-ca", .key = n, .is_leaf = true});
    r->fake.pki.client_ca = "another-ca";
    send_ask(
        r, "u-2",
        &(struct ask){.kind = "identity", .op = "install", .generation = 2},
        &f);
    while (hwi_trial_is_on(&r->device)) {
        rig_run(r, 100);
        assert_true(r->fake.now_ms < HOUR);
    }
    r->fake.pki.client_ca = NULL;
    assert_true(comes_back(r, HOUR));
    rig_run(r, 1000);
    assert_told(r, "\"cause\":\"tls_client_cert\"");
}

static void test_update_without_entropy_makes_no_key(void **state)
{
    struct rig *r = *state;

    start(r);
    r->fake.pki.is_key_refused = true;
    request(r, "u-1",
            "{\"kind\":\"identity\",\"op\":\"request\",\"generation\":1}");
    assert_objected(r, "no_key");
    r->fake.pki.is_key_refused = false;
    (void)get_key(r, "u-2", 1);
}

static void test_update_without_flash_changes_nothing(void **state)
{
    struct rig *r = *state;
    struct file b = file_of("root-b");

    start(r);
    r->fake.flash.is_broken = true;
    request(r, "u-1",
            "{\"kind\":\"identity\",\"op\":\"request\",\"generation\":1}");
    assert_objected(r, "storage");
    assert_int_equal(vault_of(r)->key_len, 0);
    send_ask(r, "u-2", &(struct ask){.generation = 1}, &b);
    assert_objected(r, "storage");
    r->fake.flash.is_broken = false;
    send_ask(r, "u-3", &(struct ask){.generation = 1}, &b);
    assert_committed(r, "u-3", 1);
}

/* Memory for a hash is missing, once, wherever in an update: it is refused or
 * goes through, and whatever happens the device is online at the end, by the
 * set that it says. */
static void without_memory(struct rig *r, unsigned n, bool removes)
{
    struct file b = file_of("root-b");

    rig_init(r);
    start(r);
    if (removes) {
        send_ask(r, "u-1", &(struct ask){.generation = 1}, &b);
        assert_committed(r, "u-1", 1);
        move_broker(r, "root-b");
        assert_true(comes_back(r, MINUTE));
        rig_run(r, 1000);
    }
    r->fake.pki.hash_fails = n + 1; /* the operator makes the first */
    if (removes) {
        remove_root(r, "u-2", 2, "root-a");
    } else {
        send_ask(r, "u-2", &(struct ask){.generation = 2}, &b);
    }
    rig_run(r, 10 * MINUTE);
    r->fake.pki.hash_fails = 0;
    assert_true(comes_back(r, 12 * HOUR));
    assert_false(hwi_trial_is_on(&r->device));
    send_ask(r, "u-9", &(struct ask){.generation = 9}, &b);
    rig_run(r, 10 * MINUTE);
    assert_true(comes_back(r, 12 * HOUR));
}

static void test_update_without_memory_for_a_hash_locks_nobody_out(void **state)
{
    for (unsigned n = 1; n <= 40; n++) {
        without_memory(*state, n, false);
        without_memory(*state, n, true);
    }
}

/* Another request with the generation that was taken is none that came twice. */
static void test_update_by_another_id_of_the_same_generation(void **state)
{
    struct rig *r = *state;
    struct file b = file_of("root-b");

    start(r);
    send_ask(r, "u-1", &(struct ask){.generation = 1}, &b);
    assert_committed(r, "u-1", 1);
    send_ask(r, "u-2", &(struct ask){.generation = 1}, &b);
    assert_told(r, "\"code\":\"old_generation\"");
    send_ask(r, "u-11", &(struct ask){.generation = 1}, &b);
    assert_told(r, "\"code\":\"old_generation\"");
    send_ask(r, "u-1", &(struct ask){.generation = 1}, &b);
    assert_told(r, "\"status\":\"duplicate\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(test_update_adds_moves_and_removes_a_ca),
        STORY(test_update_says_goodbye_and_loses_nothing),
        STORY(test_update_that_would_disconnect_is_refused),
        STORY(test_update_with_a_switch_waits_for_the_broker),
        STORY(test_update_with_a_switch_that_never_comes_is_told),
        STORY(test_update_too_late_survives_until_the_broker_is_back),
        STORY(test_update_that_the_broker_refuses_is_told),
        STORY(test_update_rolled_back_offline_is_told_later),
        STORY(test_update_during_another_is_busy),
        STORY(test_update_that_comes_twice_has_one_effect),
        STORY(test_update_of_an_old_generation_is_refused),
        STORY(test_update_renews_an_identity),
        STORY(test_update_to_an_identity_that_is_refused_goes_back),
        STORY(test_update_without_entropy_makes_no_key),
        STORY(test_update_without_flash_changes_nothing),
        STORY(test_update_without_memory_for_a_hash_locks_nobody_out),
        STORY(test_update_by_another_id_of_the_same_generation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
