/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is no certificate, or not one that may be kept: each is refused before
 * anything is written, by its own code.
 */
#include "device/update_test.h"

#define NOW_S UINT64_C(1790000000)
#define DAY_S UINT64_C(86400)

static void start(struct rig *r)
{
    updatable(r);
    rig_online(r);
}

static void test_check_an_anchor_that_will_not_do(void **state)
{
    static const struct {
        struct fake_cert c;
        const char *code;
    } rows[] = {
        {{.name = "x", .is_leaf = true}, "not_a_ca"},
        {{.name = "x", .kind = HAWSER_KEY_RSA, .bits = 1024}, "weak_key"},
        {{.name = "x", .kind = HAWSER_KEY_EC, .bits = 224}, "weak_key"},
        {{.name = "x", .bits = 192}, "weak_key"},
        {{.name = "x", .kind = 9, .bits = 4096}, "weak_key"},
        {{.name = "x", .hash = 160}, "weak_signature"},
        {{.name = "x", .hash = 128}, "weak_signature"},
        {{.name = "x", .until_s = NOW_S - DAY_S}, "expired"},
        {{.name = "x", .until_s = NOW_S + 29 * DAY_S}, "ends_soon"},
        {{.name = "x", .from_s = NOW_S + DAY_S}, "not_yet_valid"},
    };
    struct rig *r = *state;

    start(r);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct file f = {.len = 0};
        add_cert(&f, &rows[i].c);
        send_ask(r, "u-1", &(struct ask){.generation = 1}, &f);
        assert_objected(r, rows[i].code);
        /* It is no better behind a good one. */
        f = file_of("good");
        add_cert(&f, &rows[i].c);
        send_ask(r, "u-1", &(struct ask){.generation = 1}, &f);
        assert_objected(r, rows[i].code);
    }
}

static void test_check_strong_keys_of_all_kinds_do(void **state)
{
    static const struct fake_cert certs[] = {
        {.name = "r", .kind = HAWSER_KEY_RSA, .bits = 2048},
        {.name = "e", .kind = HAWSER_KEY_EC, .bits = 384, .hash = 384},
        {.name = "d", .kind = HAWSER_KEY_EDWARDS, .bits = 253, .hash = 512},
        {.name = "s", .until_s = NOW_S + 31 * DAY_S},
    };
    struct rig *r = *state;
    struct file f = {.len = 0};

    start(r);
    for (size_t i = 0; i < sizeof(certs) / sizeof(certs[0]); i++) {
        add_cert(&f, &certs[i]);
    }
    send_ask(r, "u-1", &(struct ask){.generation = 1}, &f);
    assert_committed(r, "u-1", 1);
}

/* A clock that knows a floor only does not take "not yet" for an answer, but
 * knows what has ended. */
static void test_check_dates_without_the_time(void **state)
{
    struct rig *r = *state;
    struct file f = {.len = 0};

    updatable(r);
    r->config.time_server_count = 0;
    rig_online(r);
    add_cert(&f, &(struct fake_cert){.name = "x", .until_s = 1760000000});
    send_ask(r, "u-1", &(struct ask){.generation = 1}, &f);
    assert_objected(r, "expired");
    f.len = 0;
    add_cert(&f, &(struct fake_cert){.name = "x", .from_s = NOW_S + DAY_S});
    send_ask(r, "u-1", &(struct ask){.generation = 1}, &f);
    assert_committed(r, "u-1", 1);
}

static void test_check_files_that_are_none(void **state)
{
    static const struct {
        const char *text;
        const char *code;
    } rows[] = {
        {"hello", "empty"},
        {"-----BEGIN CERTIFICATE-----\nMIIB", "bad_file"},
        {"-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n",
         "private_key"},
        {"0\x03\x02\x01\x01", "private_key"},
        {"0\x03\x30\x01\x01", "bad_certificate"},
        {"0\x82\x10\x10 cut off", "bad_file"},
    };
    struct rig *r = *state;

    start(r);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct file f = {.len = strlen(rows[i].text)};
        memcpy(f.at, rows[i].text, f.len);
        send_ask(r, "u-1", &(struct ask){.generation = 1}, &f);
        assert_objected(r, rows[i].code);
    }
    assert_int_equal(r->fake.flash.erases, 1); /* the state's */
}

/* Makes a key; its number. */
static unsigned request_key(struct rig *r, const char *id, unsigned generation)
{
    char args[96];
    const struct hwi_vault_state *s = vault_of(r);

    (void)snprintf(args, sizeof(args),
                   "{\"kind\":\"identity\",\"op\":\"request\",\"generation\":%u"
                   "}",
                   generation);
    request(r, id, args);
    return fake_key_of((struct hawser_view){s->key, s->key_len});
}

static void test_check_an_identity_that_will_not_do(void **state)
{
    const struct ask ask = {
        .kind = "identity", .op = "install", .generation = 5};
    struct rig *r = *state;
    unsigned n;

    start(r);
    {
        struct file f = file_of(ID);
        send_ask(r, "u-1", &ask, &f);
        assert_objected(r, "no_request");
    }
    n = request_key(r, "u-2", 1);
    const struct {
        struct fake_cert c;
        const char *code;
    } rows[] = {
        {{.name = ID, .key = n + 1, .is_leaf = true}, "wrong_key"},
        {{.name = "x", .key = n, .is_leaf = true}, "wrong_name"},
        {{.name = "esp32_factory_002", .key = n, .is_leaf = true},
         "wrong_name"},
        {{.name = ID, .key = n}, "is_a_ca"},
        {{.name = ID, .key = n, .is_leaf = true, .hash = 160},
         "weak_signature"},
        {{.name = ID, .key = n, .is_leaf = true, .until_s = NOW_S - 1},
         "expired"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct file f = {.len = 0};
        add_cert(&f, &rows[i].c);
        send_ask(r, "u-3", &ask, &f);
        assert_objected(r, rows[i].code);
    }
    {
        struct file f = {.len = 0};
        add_cert(&f,
                 &(struct fake_cert){.name = ID, .key = n, .is_leaf = true});
        add_cert(&f, &(struct fake_cert){.name = "x", .is_leaf = true});
        send_ask(r, "u-4", &ask, &f);
        assert_objected(r, "not_a_ca");
    }
    /* A key that was asked for anew makes the first one's void. */
    assert_true(request_key(r, "u-5", 2) != n);
    {
        struct file f = {.len = 0};
        add_cert(&f,
                 &(struct fake_cert){.name = ID, .key = n, .is_leaf = true});
        send_ask(r, "u-6", &ask, &f);
        assert_objected(r, "wrong_key");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(test_check_an_anchor_that_will_not_do),
        STORY(test_check_strong_keys_of_all_kinds_do),
        STORY(test_check_dates_without_the_time),
        STORY(test_check_files_that_are_none),
        STORY(test_check_an_identity_that_will_not_do),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
