/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files that come in parts: lost, reordered, twice, wrong, over a reconnect,
 * and the answers that say what is there.
 */
#include "device/update_test.h"

#include "device/json_read.h"

#define PART 100u

static void start(struct rig *r)
{
    updatable(r);
    rig_online(r);
}

/* A file of five parts, the last of them short. */
static struct file five_parts(void)
{
    struct file f = {.len = 0};

    add_cert(&f, &(struct fake_cert){.name = "root-b", .len = 450});
    return f;
}

static struct hawser_view part_of(const struct file *f, size_t n)
{
    size_t from = n * PART;
    size_t len = f->len - from < PART ? f->len - from : PART;

    return (struct hawser_view){f->at + from, len};
}

static void ask_parts(struct rig *r, const char *id, unsigned generation,
                      const struct file *f)
{
    send_ask(r, id, &(struct ask){.generation = generation, .part = PART}, f);
}

static void test_parts_in_any_order_make_the_file(void **state)
{
    static const size_t order[] = {3, 0, 4, 0, 2, 3, 1};
    struct rig *r = *state;
    struct file f = five_parts();

    start(r);
    assert_int_equal(r->fake.broker.subscribes, 1);
    assert_string_equal(r->fake.broker.filters[3], "hawser/" ID "/cert");
    ask_parts(r, "u-1", 1, &f);
    assert_told(r, "\"stage\":\"receiving\",\"request\":1,\"have\":\"00000\"");
    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
        send_part(r, "u-1", order[i], part_of(&f, order[i]));
        if (i == 3) {
            assert_told(r, "\"have\":\"10011\"");
        }
    }
    assert_committed(r, "u-1", 1);
}

static void test_parts_go_on_after_a_reconnect(void **state)
{
    struct rig *r = *state;
    struct file f = five_parts();

    start(r);
    ask_parts(r, "u-1", 1, &f);
    send_part(r, "u-1", 0, part_of(&f, 0));
    send_part(r, "u-1", 3, part_of(&f, 3));
    close_line(r);
    assert_true(comes_back(r, MINUTE));
    ask_parts(r, "u-2", 1, &f);
    assert_told(r, "\"have\":\"10010\"");
    send_part(r, "u-1", 1, part_of(&f, 1)); /* of a request that is no more */
    assert_told(r, "\"have\":\"10010\"");
    for (size_t i = 1; i < 5; i++) {
        send_part(r, "u-2", i, part_of(&f, i));
    }
    assert_committed(r, "u-2", 1);
}

static void test_parts_begin_anew_after_a_restart(void **state)
{
    struct rig *r = *state;
    struct file f = five_parts();

    start(r);
    ask_parts(r, "u-1", 1, &f);
    send_part(r, "u-1", 0, part_of(&f, 0));
    rig_reboot(r);
    assert_true(comes_back(r, MINUTE));
    send_part(r, "u-1", 1, part_of(&f, 1)); /* nobody waits for it */
    ask_parts(r, "u-2", 1, &f);
    assert_told(r, "\"have\":\"00000\"");
}

static void test_parts_for_another_file_begin_anew(void **state)
{
    struct rig *r = *state;
    struct file f = five_parts();

    start(r);
    ask_parts(r, "u-1", 1, &f);
    send_part(r, "u-1", 0, part_of(&f, 0));
    f.at[200] ^= 1;
    ask_parts(r, "u-2", 2, &f);
    assert_told(r, "\"have\":\"00000\"");
}

static void test_parts_that_are_wrong_are_refused(void **state)
{
    struct rig *r = *state;
    struct file f = five_parts();
    struct fake_publish junk = {
        .topic = "hawser/" ID "/cert", .payload = "junk", .packet_id = 60003};

    start(r);
    ask_parts(r, "u-1", 1, &f);
    send_part(r, "u-1", 5, part_of(&f, 0));
    assert_told(r, "\"code\":\"bad_part\"");
    send_part(r, "u-1", 4, part_of(&f, 0)); /* too long for the last one */
    assert_told(r, "\"code\":\"bad_data\"");
    send_part(r, "u-1", 0, part_of(&f, 4));
    assert_told(r, "\"code\":\"bad_data\"");
    fake_broker_publish(&r->fake.broker, &junk);
    junk.retain = true;
    fake_broker_publish(&r->fake.broker, &junk);
    rig_run(r, 100);
    assert_int_equal(r->fake.broker.last_puback_reason, 0);
    for (size_t i = 0; i < 5; i++) {
        send_part(r, "u-1", i, part_of(&f, i));
    }
    assert_committed(r, "u-1", 1);
}

static void send_raw(struct rig *r, const char *payload, bool retain)
{
    const struct fake_publish p = {.topic = "hawser/" ID "/cert",
                                   .payload = payload,
                                   .packet_id = 60004,
                                   .retain = retain};

    fake_broker_publish(&r->fake.broker, &p);
    rig_run(r, 10);
}

/* What is none of ours, or none at all, is taken from the broker and answered
 * by nothing. */
static void test_parts_of_others_are_let_pass(void **state)
{
    static const char *const foreign[] = {
        "{\"part\":0,\"data\":\"AAAA\"}",                 /* no id */
        "{\"id\":\"u-11\",\"part\":0,\"data\":\"AAAA\"}", /* longer */
        "{\"id\":\"u-2\",\"part\":0,\"data\":\"AAAA\"}",  /* another */
        "{\"id\":1,\"part\":0,\"data\":\"AAAA\"}",
        "[]",
    };
    struct rig *r = *state;
    struct file f = five_parts();
    unsigned replies;

    start(r);
    ask_parts(r, "u-1", 1, &f);
    replies = told(r, "/reply", "");
    for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
        send_raw(r, foreign[i], false);
    }
    send_raw(r, "{\"id\":\"u-1\",\"part\":0,\"data\":\"AAAA\"}", true);
    assert_int_equal(told(r, "/reply", ""), replies);
    assert_int_equal(r->fake.broker.last_puback_reason, 0);
    send_raw(r, "{\"id\":\"u-1\",\"data\":\"AAAA\"}", false);
    assert_told(r, "\"code\":\"bad_part\"");
    send_raw(r, "{\"id\":\"u-1\",\"part\":0}", false);
    assert_told(r, "\"code\":\"bad_data\"");
}

/* A part that is larger than any can be arrives in pieces. */
static void test_part_that_is_too_large_is_let_pass(void **state)
{
    static char payload[12000];
    struct rig *r = *state;
    struct file f = five_parts();
    unsigned replies;

    start(r);
    ask_parts(r, "u-1", 1, &f);
    replies = told(r, "/reply", "");
    memset(payload, 'x', sizeof(payload) - 1);
    send_raw(r, payload, false);
    assert_int_equal(told(r, "/reply", ""), replies);
    assert_int_equal(hawser_device_state(&r->device), HAWSER_DEVICE_ONLINE);
}

/* Only the very same request goes on with the parts that are there. */
static void test_parts_count_for_the_same_request_only(void **state)
{
    struct rig *r = *state;
    struct file f = five_parts();

    start(r);
    ask_parts(r, "u-1", 1, &f);
    send_part(r, "u-1", 0, part_of(&f, 0));
    ask_parts(r, "u-2", 1, &f);
    assert_told(r, "\"have\":\"10000\"");
    send_ask(r, "u-3",
             &(struct ask){.generation = 1, .part = PART, .size = 451}, &f);
    assert_told(r, "\"have\":\"00000\"");
    ask_parts(r, "u-4", 1, &f);
    send_part(r, "u-4", 0, part_of(&f, 0));
    send_ask(r, "u-5", &(struct ask){.generation = 1, .part = 64}, &f);
    assert_told(r, "\"have\":\"00000000\"");
    ask_parts(r, "u-6", 1, &f);
    send_part(r, "u-6", 0, part_of(&f, 0));
    f.at[200] ^= 1; /* another file of this size */
    ask_parts(r, "u-7", 1, &f);
    assert_told(r, "\"have\":\"00000\"");
}

static void test_parts_of_a_changed_file_are_refused_at_the_end(void **state)
{
    struct rig *r = *state;
    struct file f = five_parts();

    start(r);
    ask_parts(r, "u-1", 1, &f);
    f.at[320] ^= 1;
    for (size_t i = 0; i < 5; i++) {
        send_part(r, "u-1", i, part_of(&f, i));
    }
    assert_objected(r, "wrong_sha256");
    for (size_t i = 0; i < sizeof(r->credentials); i++) {
        assert_int_equal(r->credentials[i], 0);
    }
}

static void test_parts_too_late_are_not_taken(void **state)
{
    struct rig *r = *state;
    struct file f = five_parts();
    unsigned replies;

    start(r);
    ask_parts(r, "u-1", 1, &f);
    replies = told(r, "/reply", "");
    rig_run(r, 11 * MINUTE);
    send_part(r, "u-1", 0, part_of(&f, 0));
    assert_int_equal(told(r, "/reply", ""), replies);
}

static void test_parts_are_not_asked_for_without_a_key(void **state)
{
    struct rig *r = *state;

    updatable(r);
    memset(r->config.update_keys, 0, sizeof(r->config.update_keys));
    rig_online(r);
    assert_string_equal(r->fake.broker.filters[3], "");
}

static void test_parts_that_the_broker_forbids_are_an_alert(void **state)
{
    struct rig *r = *state;

    updatable(r);
    r->fake.broker.suback[3] = 0x87;
    rig_online(r);
    assert_int_equal(fake_logged(&r->fake, "alert", "parts"), 1);
    assert_int_equal(hawser_device_state(&r->device), HAWSER_DEVICE_ONLINE);
}

/* In the flat layout there are other devices' parts, and anybody's bytes. */
static void test_parts_that_are_no_part_of_ours_change_nothing(void **state)
{
    static char large[HWI_JSON_SIZE_MAX + 64];
    struct rig *r = *state;
    struct file f = five_parts();
    struct fake_publish p = {
        .topic = "hawser/" ID "/cert", .payload = large, .packet_id = 60003};

    start(r);
    ask_parts(r, "u-1", 1, &f);
    (void)snprintf(large, sizeof(large),
                   "{\"id\":\"u-1\",\"part\":0,\"data\":\"%0*d\"}",
                   HWI_JSON_SIZE_MAX, 0);
    fake_broker_publish(&r->fake.broker, &p);
    rig_run(r, 10);
    assert_int_equal(r->fake.broker.last_puback_reason, 0);
    send_part(r, "u-1", 0, part_of(&f, 0));
    assert_told(r, "\"have\":\"10000\"");
}

static void test_parts_that_never_come_are_given_up(void **state)
{
    struct rig *r = *state;
    struct file f = five_parts();

    start(r);
    ask_parts(r, "u-1", 1, &f);
    send_part(r, "u-1", 0, part_of(&f, 0));
    rig_run(r, 25 * HOUR);
    request_by(r, 0, "q", "{\"kind\":\"all\",\"op\":\"status\"}");
    assert_told(r, "\"stage\":\"done\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(test_parts_in_any_order_make_the_file),
        STORY(test_parts_go_on_after_a_reconnect),
        STORY(test_parts_begin_anew_after_a_restart),
        STORY(test_parts_for_another_file_begin_anew),
        STORY(test_parts_that_are_wrong_are_refused),
        STORY(test_parts_of_others_are_let_pass),
        STORY(test_part_that_is_too_large_is_let_pass),
        STORY(test_parts_count_for_the_same_request_only),
        STORY(test_parts_of_a_changed_file_are_refused_at_the_end),
        STORY(test_parts_too_late_are_not_taken),
        STORY(test_parts_are_not_asked_for_without_a_key),
        STORY(test_parts_that_the_broker_forbids_are_an_alert),
        STORY(test_parts_that_are_no_part_of_ours_change_nothing),
        STORY(test_parts_that_never_come_are_given_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
