/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Anchors come and go: what is there already, too many, too large, the last
 * one, and an identity that stays beside them.
 */
#include "device/update_test.h"

static void start(struct rig *r)
{
    updatable(r);
    rig_online(r);
}

static void add_root(struct rig *r, unsigned generation, const char *root)
{
    struct file f = file_of(root);

    send_ask(r, "u", &(struct ask){.generation = generation}, &f);
}

static void test_compose_adds_what_is_new_only(void **state)
{
    struct rig *r = *state;
    struct file f = file_of("root-a");

    start(r);
    send_ask(r, "u-1", &(struct ask){.generation = 1}, &f);
    assert_objected(r, "unchanged");
    add_cert(&f, &(struct fake_cert){.name = "root-b"});
    add_cert(&f, &(struct fake_cert){.name = "root-b"});
    send_ask(r, "u-2", &(struct ask){.generation = 1}, &f);
    assert_committed(r, "u-2", 1);
    add_root(r, 2, "root-b");
    assert_told(r, "\"code\":\"unchanged\"");
    remove_root(r, "u-3", 2, "root-b");
    assert_committed(r, "u-3", 2);
    remove_root(r, "u-4", 3, "root-b");
    assert_told(r, "\"code\":\"unknown_anchor\"");
}

static void test_compose_keeps_the_last_anchor(void **state)
{
    struct rig *r = *state;

    start(r);
    remove_root(r, "u-1", 1, "root-a");
    assert_objected(r, "last_anchor");
}

static void test_compose_of_too_many_is_refused(void **state)
{
    struct rig *r = *state;
    char name[] = "root-0";

    start(r);
    for (unsigned i = 1; i < HWI_ANCHORS_MAX; i++) {
        name[5]++;
        add_root(r, i, name);
        assert_committed(r, "u", i);
    }
    add_root(r, HWI_ANCHORS_MAX, "root-x");
    assert_told(r, "\"code\":\"too_many\"");
    assert_int_equal(vault_of(r)->generations[0], HWI_ANCHORS_MAX - 1);
}

static void test_compose_what_does_not_fit_is_refused(void **state)
{
    struct rig *r = *state;
    struct file f = {.len = 0};

    start(r);
    for (unsigned i = 0; i < 3; i++) {
        add_cert(&f, &(struct fake_cert){.name = i == 0   ? "x"
                                                 : i == 1 ? "y"
                                                          : "z",
                                         .len = 940});
    }
    send_ask(r, "u-1", &(struct ask){.generation = 1}, &f);
    assert_committed(r, "u-1", 1);
    f.len = 0;
    add_cert(&f, &(struct fake_cert){.name = "v", .len = 1200});
    send_ask(r, "u-2", &(struct ask){.generation = 2}, &f);
    assert_told(r, "\"code\":\"too_large\"");
    /* In place of the old ones it does. */
    add_cert(&f, &(struct fake_cert){.name = "root-a"});
    send_ask(r, "u-3", &(struct ask){.generation = 2, .op = "replace"}, &f);
    assert_committed(r, "u-3", 2);
}

static void test_compose_keeps_the_identity_beside_anchors(void **state)
{
    struct rig *r = *state;
    struct file f = {.len = 0};
    unsigned n;

    start(r);
    request(r, "u-1",
            "{\"kind\":\"identity\",\"op\":\"request\",\"generation\":1}");
    n = fake_key_of(
        (struct hawser_view){vault_of(r)->key, vault_of(r)->key_len});
    add_cert(&f,
             &(struct fake_cert){
                 .name = ID, .issuer = "own-ca", .key = n, .is_leaf = true});
    r->fake.pki.client_ca = "own-ca";
    send_ask(
        r, "u-2",
        &(struct ask){.kind = "identity", .op = "install", .generation = 2},
        &f);
    assert_committed(r, "u-2", 2);
    add_root(r, 3, "root-b");
    assert_committed(r, "u", 3);
    move_broker(r, "root-b");
    assert_true(comes_back(r, MINUTE));
    remove_root(r, "u-4", 4, "root-a");
    assert_committed(r, "u-4", 4);
    rig_reboot(r);
    assert_true(comes_back(r, MINUTE));
}

/* The factory's anchors may be PEM. */
static void test_compose_from_a_pem_of_the_configuration(void **state)
{
    static char pem[2048];
    struct rig *r = *state;
    struct file a = file_of("root-a");
    static struct text body;

    updatable(r);
    encode(&body, view_of(&a));
    (void)snprintf(pem, sizeof(pem),
                   "CN=root-a\n-----BEGIN CERTIFICATE-----\n%.1500s\n"
                   "-----END CERTIFICATE-----\n",
                   body.at);
    r->config.credentials.ca =
        (struct hawser_view){(const uint8_t *)pem, strlen(pem)};
    r->fake.pki.broker_ca = NULL; /* the fake handshake reads DER only */
    rig_online(r);
    r->fake.pki.presented = "root-a"; /* the pre-flight asks for it */
    add_root(r, 1, "root-b");
    r->fake.pki.broker_ca = "root-a";
    assert_committed(r, "u", 1);
    move_broker(r, "root-b");
    assert_true(comes_back(r, MINUTE));
}

/* Somebody gave the device another file: what was added to the first one does
 * not count any more, and the next update begins with the second. */
static void test_compose_on_new_files_begins_with_them(void **state)
{
    struct rig *r = *state;

    start(r);
    add_root(r, 1, "root-b");
    assert_committed(r, "u", 1);
    set_factory(r, "root-x");
    r->fake.pki.broker_ca = "root-x";
    rig_reboot(r);
    assert_true(comes_back(r, HOUR));
    add_root(r, 2, "root-c");
    assert_committed(r, "u", 2);
    request_by(r, 0, "q", "{\"kind\":\"all\",\"op\":\"status\"}");
    assert_told(r, "\"subject\":\"CN=root-x\"");
    assert_told(r, "\"subject\":\"CN=root-c\"");
    assert_null(strstr(last(r, "/reply"), "CN=root-b"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(test_compose_adds_what_is_new_only),
        STORY(test_compose_keeps_the_last_anchor),
        STORY(test_compose_of_too_many_is_refused),
        STORY(test_compose_what_does_not_fit_is_refused),
        STORY(test_compose_keeps_the_identity_beside_anchors),
        STORY(test_compose_from_a_pem_of_the_configuration),
        STORY(test_compose_on_new_files_begins_with_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
