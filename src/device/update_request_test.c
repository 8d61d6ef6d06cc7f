/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests: each member that is missing or wrong, and signatures that are not
 * there, by somebody else, for somebody else, or of something else.
 */
#include "device/update_test.h"

#define ADD "\"kind\":\"ca\",\"op\":\"add\""
#define SHA                     \
    "\"sha256\":\"0123456789ab" \
    "cdef0123456789abcdef0123456789abcdef0123456789abcdef\""

static void start(struct rig *r)
{
    updatable(r);
    rig_online(r);
}

static void test_request_members_out_of_range_are_refused(void **state)
{
    static const struct {
        const char *args;
        const char *code;
    } rows[] = {
        {"{}", "bad_kind"},
        {"{\"kind\":\"ca\"}", "bad_kind"},
        {"{\"kind\":\"ca\",\"op\":\"install\"}", "bad_kind"},
        {"{\"kind\":1,\"op\":\"add\"}", "bad_kind"},
        {"{" ADD ",\"size\":100," SHA "}", "bad_number"},
        {"{" ADD ",\"generation\":0,\"size\":100," SHA "}", "bad_number"},
        {"{" ADD ",\"generation\":4294967296,\"size\":9," SHA "}",
         "bad_number"},
        {"{" ADD ",\"generation\":\"1\",\"size\":9," SHA "}", "bad_number"},
        {"{" ADD ",\"generation\":1," SHA "}", "bad_number"},
        {"{" ADD ",\"generation\":1,\"size\":0," SHA "}", "bad_number"},
        {"{" ADD ",\"generation\":1,\"size\":3145728," SHA "}", "bad_number"},
        {"{" ADD ",\"generation\":1,\"size\":2049,\"part\":64," SHA "}",
         "bad_number"},
        {"{" ADD ",\"generation\":1,\"size\":9,\"part\":1025," SHA "}",
         "bad_number"},
        {"{" ADD ",\"generation\":1,\"size\":9,\"trial_s\":59," SHA "}",
         "bad_number"},
        {"{" ADD ",\"generation\":1,\"size\":9}", "bad_sha256"},
        {"{" ADD ",\"generation\":1,\"size\":9,\"sha256\":\"ab\"}",
         "bad_sha256"},
        {"{" ADD ",\"generation\":1,\"size\":9,\"sha256\":\"0123456789AB"
         "cdef0123456789abcdef0123456789abcdef0123456789abcdef\"}",
         "bad_sha256"},
        {"{" ADD ",\"generation\":1,\"size\":9,\"sha256\":\"g123456789ab"
         "cdef0123456789abcdef0123456789abcdef0123456789abcdef\"}",
         "bad_sha256"},
        {"{" ADD ",\"generation\":1,\"size\":9,\"sha256\":\"0/23456789ab"
         "cdef0123456789abcdef0123456789abcdef0123456789abcdef\"}",
         "bad_sha256"},
        {"{\"kind\":\"ca\",\"op\":\"remove\",\"generation\":1}", "bad_sha256"},
        {"{" ADD ",\"generation\":1,\"size\":9,\"expect_switch\":1," SHA "}",
         "bad_switch"},
        {"{" ADD ",\"generation\":1,\"size\":4097," SHA "}", "too_large"},
        {"{" ADD ",\"generation\":1,\"size\":9,\"data\":\"Zm9v\"," SHA "}",
         "bad_data"},
        {"{" ADD ",\"generation\":1,\"size\":3,\"data\":\"Zm9_\"," SHA "}",
         "bad_data"},
        {"{" ADD ",\"generation\":1,\"size\":3,\"data\":7," SHA "}",
         "bad_data"},
        {"{" ADD ",\"generation\":1,\"size\":3,\"data\":\"Zm9v\"," SHA "}",
         "wrong_sha256"},
        {"{\"kind\":\"key\",\"op\":\"replace\",\"generation\":1,\"key\":3}",
         "bad_number"},
    };
    struct rig *r = *state;

    start(r);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        request(r, "u-1", rows[i].args);
        assert_objected(r, rows[i].code);
    }
    assert_int_equal(vault_of(r)->generation, 0);
}

static void test_request_without_id_is_refused(void **state)
{
    struct rig *r = *state;

    start(r);
    rig_command(r, "{\"command\":\"update_cert\",\"args\":{" ADD
                   ",\"generation\":1,\"size\":9," SHA "}}");
    assert_objected(r, "bad_id");
}

static void test_request_by_nobody_or_another_is_refused(void **state)
{
    struct rig *r = *state;
    struct file b = file_of("root-b");
    static struct text args;

    start(r);
    write_args(r, &(struct ask){.generation = 1}, &b, &args);
    request_by(r, 0, "u-1", args.at);
    assert_objected(r, "bad_signature");
    request_by(r, 9, "u-1", args.at);
    assert_objected(r, "bad_signature");
    request_by(r, 2, "u-1", args.at);
    assert_committed(r, "u-1", 1);
}

/* What was signed is one request, for one device. */
static void test_request_any_changed_byte_is_refused(void **state)
{
    struct rig *r = *state;
    struct file b = file_of("root-b");
    static struct text args;
    static struct text payload;
    static struct text sig;

    start(r);
    write_args(r, &(struct ask){.generation = 1}, &b, &args);
    sign_by(1, "u-1", args.at, &sig);
    for (size_t i = 1; i + 1 < strlen(args.at); i++) {
        if (args.at[i] < '0' || args.at[i] > '8') {
            continue;
        }
        args.at[i]++;
        (void)print(&payload,
                    "{\"command\":\"update_cert\",\"id\":\"u-1\",\"args\":%s,"
                    "\"sig\":\"%s\"}",
                    args.at, sig.at);
        rig_run(r, 1000);
        rig_command(r, payload.at);
        assert_false(hwi_trial_is_on(&r->device));
        assert_int_equal(vault_of(r)->generation, 0);
        args.at[i]--;
    }
    (void)print(&payload,
                "{\"command\":\"update_cert\",\"id\":\"u-2\",\"args\":%s,"
                "\"sig\":\"%s\"}",
                args.at, sig.at);
    rig_run(r, 1000);
    rig_command(r, payload.at);
    assert_objected(r, "bad_signature");
}

static void test_request_retained_is_refused(void **state)
{
    struct rig *r = *state;
    struct file b = file_of("root-b");
    struct fake_publish p = {
        .topic = "hawser/" ID "/control", .packet_id = 9, .retain = true};
    static struct text args;
    static struct text payload;
    static struct text sig;

    start(r);
    write_args(r, &(struct ask){.generation = 1}, &b, &args);
    sign_by(1, "u-1", args.at, &sig);
    (void)print(&payload,
                "{\"command\":\"update_cert\",\"id\":\"u-1\",\"args\":%s,"
                "\"sig\":\"%s\"}",
                args.at, sig.at);
    p.payload = payload.at;
    fake_broker_publish(&r->fake.broker, &p);
    rig_run(r, 100);
    assert_int_equal(vault_of(r)->generation, 0);
    assert_int_equal(told(r, "/reply", ""), 0);
}

static void test_request_to_a_device_without_keys_is_refused(void **state)
{
    struct rig *r = *state;
    struct file b = file_of("root-b");

    updatable(r);
    memset(r->config.update_keys, 0, sizeof(r->config.update_keys));
    rig_online(r);
    send_ask(r, "u-1", &(struct ask){.generation = 1}, &b);
    assert_objected(r, "no_update_key");
}

/* Update keys --------------------------------------------------------------- */

/* Sends a request for a new key, signed by those who must, or not. */
static void send_key(struct rig *r, const char *args, const uint8_t by[3])
{
    static const char *const members[] = {"sig", "sig2", "sig_new"};
    static struct text payload;
    static struct text sig;
    size_t len =
        print(&payload, "{\"command\":\"update_cert\",\"id\":\"k\",\"args\":%s",
              args);

    for (size_t i = 0; i < 3; i++) {
        sign_by(by[i], "k", args, &sig);
        len += (size_t)snprintf(payload.at + len, TEXT_SIZE - len,
                                ",\"%s\":\"%s\"", members[i], sig.at);
    }
    (void)snprintf(payload.at + len, TEXT_SIZE - len, "}");
    rig_run(r, 1000);
    rig_command(r, payload.at);
}

/* A request for key n in a place. */
static void replace_key(struct rig *r, unsigned place, uint8_t n,
                        const uint8_t by[3])
{
    static const char head[] = "\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d"
                               "\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01"
                               "\x07\x03\x42";
    struct file key = {.len = sizeof(head)}; /* with the 00 behind */
    static struct text args;
    static struct text data;

    memcpy(key.at, head, sizeof(head));
    fake_point(n, key.at + key.len);
    key.len += HAWSER_POINT_SIZE;
    encode(&data, view_of(&key));
    (void)print(&args,
                "{\"kind\":\"key\",\"op\":\"replace\",\"generation\":%u,"
                "\"key\":%u,\"public_key\":\"%s\"}",
                vault_of(r)->generation + 1, place, data.at);
    send_key(r, args.at, by);
}

static void test_request_replaces_an_update_key_by_all(void **state)
{
    struct rig *r = *state;
    struct file b = file_of("root-b");

    start(r);
    replace_key(r, 2, 7, (const uint8_t[]){1, 2, 7});
    assert_told(r, "\"status\":\"succeeded\"");
    rig_reboot(r);
    assert_true(comes_back(r, MINUTE));
    rig_run(r, 1000);
    {
        static struct text args;
        write_args(r, &(struct ask){.generation = 2}, &b, &args);
        request_by(r, 2, "u-1", args.at);
        assert_objected(r, "bad_signature");
        request_by(r, 7, "u-1", args.at);
        assert_committed(r, "u-1", 2);
    }
    replace_key(r, 1, 8, (const uint8_t[]){1, 7, 8});
    assert_told(r, "\"status\":\"succeeded\"");
}

static void test_request_for_a_key_lacking_one_hand_is_refused(void **state)
{
    static const uint8_t by[][3] = {{1, 1, 7}, {2, 2, 7}, {2, 1, 7},
                                    {1, 9, 7}, {1, 2, 8}, {7, 7, 7}};
    struct rig *r = *state;

    start(r);
    for (size_t i = 0; i < sizeof(by) / sizeof(by[0]); i++) {
        replace_key(r, 2, 7, by[i]);
        assert_objected(r, "bad_signature");
    }
    assert_false(vault_of(r)->has_point[1]);
}

/* As many bytes as a key on P-256 has, 91, all of them 0. */
#define A30        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define OTHER_KIND A30 A30 A30 A30 "AA=="

/* Signed by all who must, and still nothing that could check a signature. */
static void test_request_for_what_is_no_key_is_refused(void **state)
{
    static const char *const keys[] = {
        "", ",\"public_key\":7", ",\"public_key\":\"Zm9\"",
        ",\"public_key\":\"Zm9v\"", ",\"public_key\":\"" OTHER_KIND "\""};
    struct rig *r = *state;
    char args[256];

    start(r);
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        (void)snprintf(args, sizeof(args),
                       "{\"kind\":\"key\",\"op\":\"replace\",\"generation\":1,"
                       "\"key\":1%s}",
                       keys[i]);
        send_key(r, args, (const uint8_t[]){1, 2, 7});
        assert_objected(r, "bad_signature");
    }
    {
        /* The right point of the one who signs, but not named as P-256's. */
        static struct text data;
        static struct text longer;
        struct file key = {.len = 0};
        fake_point(7, key.at + 26);
        key.len = 26 + HAWSER_POINT_SIZE;
        encode(&data, view_of(&key));
        (void)print(&longer,
                    "{\"kind\":\"key\",\"op\":\"replace\",\"generation\":1,"
                    "\"key\":1,\"public_key\":\"%s\"}",
                    data.at);
        send_key(r, longer.at, (const uint8_t[]){1, 2, 7});
        assert_objected(r, "bad_signature");
    }
    assert_false(vault_of(r)->has_point[0]);
}

/* With one key alone nobody could vouch for the next one. */
static void test_request_for_a_key_by_one_key_alone_is_refused(void **state)
{
    struct rig *r = *state;

    updatable(r);
    r->config.update_keys[1] = (struct hawser_view){NULL, 0};
    rig_online(r);
    replace_key(r, 1, 7, (const uint8_t[]){1, 1, 7});
    assert_objected(r, "bad_signature");
    assert_false(vault_of(r)->has_point[0]);
}

/* Nowhere to put what comes: the keys alone do not help. */
static void test_request_without_room_for_credentials_is_refused(void **state)
{
    struct rig *r = *state;
    struct file b = file_of("root-b");

    updatable(r);
    r->memory.credentials = (struct hawser_span){NULL, 0};
    rig_online(r);
    assert_int_equal(r->fake.broker.filters[3][0], '\0');
    send_ask(r, "u-1", &(struct ask){.generation = 1}, &b);
    assert_told(r, "\"code\":\"not_supported\"");
}

static void
test_request_without_a_region_for_credentials_is_refused(void **state)
{
    struct rig *r = *state;
    struct file b = file_of("root-b");

    updatable(r);
    r->fake.regions[HAWSER_REGION_CREDENTIALS].shape.sector_count = 0;
    rig_online(r);
    send_ask(r, "u-1", &(struct ask){.generation = 1}, &b);
    assert_told(r, "\"code\":\"not_supported\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(test_request_members_out_of_range_are_refused),
        STORY(test_request_without_id_is_refused),
        STORY(test_request_by_nobody_or_another_is_refused),
        STORY(test_request_any_changed_byte_is_refused),
        STORY(test_request_retained_is_refused),
        STORY(test_request_to_a_device_without_keys_is_refused),
        STORY(test_request_replaces_an_update_key_by_all),
        STORY(test_request_for_a_key_lacking_one_hand_is_refused),
        STORY(test_request_for_what_is_no_key_is_refused),
        STORY(test_request_for_a_key_by_one_key_alone_is_refused),
        STORY(test_request_without_room_for_credentials_is_refused),
        STORY(test_request_without_a_region_for_credentials_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
