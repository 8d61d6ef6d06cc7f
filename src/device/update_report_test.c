/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How things stand, as the device tells it: to whoever asks, without a
 * signature, and in the retained security message.
 */
#include "device/update_test.h"

#define QUESTION "{\"kind\":\"all\",\"op\":\"status\"}"

static void test_status_lists_the_anchors_in_force(void **state)
{
    struct rig *r = *state;
    struct file b = file_of("root-b");

    updatable(r);
    rig_online(r);
    request_by(r, 0, "q", QUESTION);
    assert_told(r, "\"in_use\":\"active\",\"generation\":0,\"anchors\":[{"
                   "\"subject\":\"CN=root-a\"");
    assert_told(r, "\"stage\":\"done\",\"request\":0,\"outcome\":\"none\"");
    send_ask(r, "u-1", &(struct ask){.generation = 3}, &b);
    assert_committed(r, "u-1", 3);
    request_by(r, 0, "q", QUESTION);
    assert_told(r, "\"generation\":3,\"anchors\":[{\"subject\":\"CN=root-a\"");
    assert_told(r, "{\"subject\":\"CN=root-b\"");
    assert_told(r, "\"not_after\":1990000000}]");
    assert_int_equal(told(r, "/security", "\"generation\":3"), 0);
    close_line(r);
    assert_true(comes_back(r, MINUTE));
    assert_int_equal(told(r, "/security",
                          "\"credentials\":{\"in_use\":\"active\","
                          "\"generation\":3}"),
                     1);
}

static void test_status_shows_the_own_certificate_but_no_key(void **state)
{
    static uint8_t own[FAKE_CERT_MAX];
    static uint8_t key[HAWSER_KEY_MAX];
    struct rig *r = *state;

    updatable(r);
    r->config.credentials.chain = (struct hawser_view){
        own,
        fake_cert(&(struct fake_cert){.name = ID, .key = 77, .is_leaf = true},
                  own)};
    r->config.credentials.key = (struct hawser_view){key, fake_key(77, key)};
    rig_online(r);
    request_by(r, 0, "q", QUESTION);
    assert_told(r, "\"own\":[{\"subject\":\"CN=" ID "\"");
    assert_int_equal(told(r, "", "KEY"), 0);
    assert_int_equal(r->credentials[0], 0);
}

static void test_status_of_a_degraded_device_says_so(void **state)
{
    struct rig *r = *state;
    struct file b = file_of("root-b");

    updatable(r);
    rig_online(r);
    send_ask(r, "u-1",
             &(struct ask){.generation = 3,
                           .op = "replace",
                           .more = ",\"expect_switch\":true"},
             &b);
    move_broker(r, "root-b");
    assert_committed(r, "u-1", 3);
    move_broker(r, "root-a");
    assert_true(comes_back(r, HOUR));
    assert_int_equal(told(r, "/security", "\"in_use\":\"previous\""), 1);
    assert_int_equal(told(r, "/alert/credentials", "previous"), 1);
}

static int inspect_nothing(void *ctx, struct hawser_view der,
                           struct hawser_certificate *out)
{
    (void)ctx;
    (void)der;
    (void)out;
    return HAWSER_E_ARG;
}

static int request_nothing(void *ctx, struct hawser_view key, const char *name,
                           struct hawser_span out, size_t *len)
{
    (void)ctx;
    (void)key;
    (void)name;
    (void)out;
    (void)len;
    return HAWSER_E_STATE;
}

/* What cannot be shown is left out; the rest is told. */
static void test_status_of_what_cannot_be_read_is_left_out(void **state)
{
    struct rig *r = *state;

    updatable(r);
    rig_online(r);
    r->fake.port.certificate_inspect = inspect_nothing;
    request_by(r, 0, "q", QUESTION);
    assert_told(r, "\"anchors\":[]");
    r->config.credentials.ca = (struct hawser_view){(const uint8_t *)"-", 1};
    request_by(r, 0, "q", QUESTION);
    assert_told(r, "\"anchors\":[]");
}

static void test_key_without_its_request_is_told_as_such(void **state)
{
    struct rig *r = *state;

    updatable(r);
    rig_online(r);
    r->fake.port.key_request = request_nothing;
    request(r, "u-1",
            "{\"kind\":\"identity\",\"op\":\"request\",\"generation\":1}");
    assert_int_equal(told(r, "/reply", "\"csr\""), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(test_status_lists_the_anchors_in_force),
        STORY(test_status_shows_the_own_certificate_but_no_key),
        STORY(test_status_of_a_degraded_device_says_so),
        STORY(test_status_of_what_cannot_be_read_is_left_out),
        STORY(test_key_without_its_request_is_told_as_such),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
