/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Replies: where they go, what they carry, and what happens when they pile up
 * because the broker takes none. What stands in them: command_test.c.
 */
#include "device/command_test.h"

#include "device/reply.h"

/* Where answers go ------------------------------------------------------------ */

static void test_reply_also_to_the_response_topic(void **state)
{
    struct rig *r = *state;
    const struct fake_message *m;

    rig_online(r);
    say_to(r, "{'command':'ping','id':'i'}", OWN_TREE "answers/7", "c-7");
    assert_int_equal(replies(r, ""), 1);
    assert_int_equal(told(r, "/answers/7", ""), 1);
    assert_string_equal(last(r, "/answers/7"), last(r, "/reply"));
    m = fake_broker_find(&r->fake.broker, "/answers/7", "", 0);
    assert_string_equal(m->topic, OWN_TREE "answers/7");
    assert_string_equal(m->correlation, "c-7");
    assert_int_equal(m->qos, 1);
    m = fake_broker_find(&r->fake.broker, "/reply", "", 0);
    assert_string_equal(m->correlation, "c-7");
    say(r, "{'command':'ping'}");
    m = fake_broker_find(&r->fake.broker, "/reply", "", 1);
    assert_string_equal(m->correlation, "");
    assert_int_equal(told(r, "/answers/7", ""), 1);
}

static void test_reply_rejections_go_to_the_response_topic_too(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    say_to(r, "no JSON", OWN_TREE "answers", "c");
    assert_int_equal(told_quoted(r, "/answers", "'code':'bad_json'"), 1);
    assert_int_equal(replies(r, "'code':'bad_json'"), 1);
}

static void test_reply_to_the_reply_topic_is_told_once(void **state)
{
    struct rig *r = *state;
    const struct fake_message *m;

    rig_online(r);
    say_to(r, "{'command':'ping'}", OWN_TREE "reply", "c");
    assert_int_equal(replies(r, ""), 1);
    m = fake_broker_find(&r->fake.broker, "/reply", "", 0);
    assert_string_equal(m->correlation, "c");
    /* As long, but another. */
    say_to(r, "{'command':'ping'}", OWN_TREE "rreply", NULL);
    say_to(r, "{'command':'ping'}", OWN_TREE "repla", NULL);
    say_to(r, "{'command':'ping'}", OWN_TREE "reply/7", NULL);
    assert_int_equal(replies(r, ""), 4);
    assert_int_equal(told(r, "/rreply", ""), 1);
    assert_int_equal(told(r, "/reply/7", ""), 1);
    assert_int_equal(told(r, "/repla", ""), 1);
}

static void test_reply_not_out_of_the_own_tree(void **state)
{
    static const char *const topics[] = {
        "hawser/esp32_factory_002/reply", "hawser/esp32_factory_001",
        "elsewhere", OWN_TREE "control", OWN_TREE "status"};
    struct rig *r = *state;

    rig_online(r);
    for (size_t i = 0; i < sizeof(topics) / sizeof(topics[0]); i++) {
        unsigned before = r->fake.broker.message_count;
        say_to(r, "{'command':'get_status'}", topics[i], NULL);
        assert_int_equal(replies(r, ""), i + 1);
        assert_int_equal(r->fake.broker.message_count, before + 1);
    }
}

static void test_reply_correlation_of_any_sensible_length(void **state)
{
    char correlation[HWI_CORRELATION_MAX + 2];
    struct rig *r = *state;
    const struct fake_message *m;

    rig_online(r);
    memset(correlation, 'c', sizeof(correlation));
    correlation[HWI_CORRELATION_MAX] = '\0';
    say_to(r, "{'command':'ping'}", NULL, correlation);
    m = fake_broker_find(&r->fake.broker, "/reply", "", 0);
    assert_string_equal(m->correlation, correlation);
    correlation[HWI_CORRELATION_MAX] = 'c';
    correlation[HWI_CORRELATION_MAX + 1] = '\0';
    say_to(r, "{'command':'ping'}", NULL, correlation);
    m = fake_broker_find(&r->fake.broker, "/reply", "", 1);
    assert_non_null(m);
    assert_string_equal(m->correlation, "");
    say_to(r, "{'command':'ping'}", NULL, "");
    assert_int_equal(replies(r, "succeeded"), 3);
}

static void test_reply_with_mqtt_3_1_1(void **state)
{
    struct rig *r = *state;

    r->fake.broker.refuses_5 = true;
    rig_online(r);
    assert_int_equal(r->fake.broker.version, 4);
    say(r, "{'command':'ping','id':'i'}");
    assert_reply(r, "'id':'i','command':'ping','status':'succeeded'");
    assert_int_equal(r->fake.broker.pubacks, 1);
}

/* When answers pile up -------------------------------------------------------- */

/* One message at a time, and the broker acknowledges none. */
static void stop_window(struct rig *r)
{
    r->fake.broker.receive_maximum = 1;
    rig_online(r);
    r->fake.broker.ignores_publish = true;
}

static void acknowledge_all(struct rig *r, unsigned from)
{
    r->fake.broker.ignores_publish = false;
    acknowledge(r, &r->fake.broker.messages[from]);
}

static void test_reply_queue_full_holds_the_broker_back(void **state)
{
    struct rig *r = *state;
    unsigned first;

    stop_window(r);
    first = r->fake.broker.message_count;
    for (unsigned i = 0; i < 1 + HWI_REPLIES_MAX; i++) {
        say(r, "{'command':'get_status'}");
    }
    /* One is out, the queue is full: the last command has no PUBACK, so a
     * broker of 5.0, told a receive maximum of 1, sends no other. */
    assert_int_equal(counters(r)->commands, HWI_REPLIES_MAX + 1);
    assert_int_equal(r->fake.broker.pubacks, HWI_REPLIES_MAX);
    assert_int_equal(replies(r, ""), 1);

    acknowledge_all(r, first);
    assert_int_equal(r->fake.broker.pubacks, HWI_REPLIES_MAX + 1);
    assert_int_equal(r->fake.broker.last_puback_reason, 0);
    assert_int_equal(replies(r, "get_status"), HWI_REPLIES_MAX + 1);
    assert_int_equal(counters(r)->refused, 0);
}

/* 3.1.1 has no such word. */
static void test_reply_queue_full_command_is_not_obeyed(void **state)
{
    struct rig *r = *state;
    struct hwi_reply r_any = {.status = HWI_REPLY_SUCCEEDED};

    r->fake.broker.refuses_5 = true;
    rig_online(r);
    while (hwi_replies_add(&r->device, &r_any)) {
    }
    fake_broker_publish(
        &r->fake.broker,
        &(struct fake_publish){.topic = "hawser/esp32_factory_001/control",
                               .payload = "{\"command\":\"ping\"}",
                               .packet_id = 7});
    hawser_device_step(&r->device);
    assert_int_equal(counters(r)->refused, 1);
    assert_int_equal(fake_logged(&r->fake, "refused", "code=busy"), 1);
    assert_int_equal(told(r, "/status", "pong"), 0);
    rig_run(r, 100);
    assert_int_equal(r->fake.broker.pubacks, 1);
}

static void test_reply_queue_keeps_the_order_round_and_round(void **state)
{
    struct rig *r = *state;

    stop_window(r);
    for (unsigned round = 0; round < 3; round++) {
        unsigned first = r->fake.broker.message_count;
        r->fake.broker.ignores_publish = true;
        for (unsigned i = 0; i < HWI_REPLIES_MAX; i++) {
            char text[64];
            (void)snprintf(text, sizeof(text),
                           "{'command':'get_status','id':'%u.%u'}", round, i);
            say(r, text);
        }
        acknowledge_all(r, first);
        for (unsigned i = 0; i < HWI_REPLIES_MAX; i++) {
            char id[16];
            unsigned n = round * HWI_REPLIES_MAX + i;
            (void)snprintf(id, sizeof(id), "\"%u.%u\"", round, i);
            assert_non_null(strstr(
                fake_broker_find(&r->fake.broker, "/reply", "", n)->payload,
                id));
        }
    }
}

static void test_reply_half_told_only_the_rest_waits(void **state)
{
    struct rig *r = *state;
    unsigned first;

    stop_window(r);
    first = r->fake.broker.message_count;
    say_to(r, "{'command':'get_status'}", OWN_TREE "answers", "c");
    assert_int_equal(replies(r, ""), 1);
    assert_int_equal(told(r, "/answers", ""), 0);
    rig_run(r, 1000);
    assert_int_equal(replies(r, ""), 1);
    acknowledge_all(r, first);
    assert_int_equal(replies(r, ""), 1);
    assert_int_equal(told(r, "/answers", ""), 1);
    assert_int_equal(r->device.replies.count, 0);
}

static void test_reply_waits_for_the_next_connection(void **state)
{
    struct rig *r = *state;

    stop_window(r);
    say(r, "{'command':'get_status','id':'a'}");
    say(r, "{'command':'get_status','id':'b'}");
    assert_int_equal(replies(r, ""), 1);
    r->fake.broker.ignores_publish = false;
    fake_broker_close(&r->fake.broker);
    rig_run(r, 0);
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 60000));
    rig_run(r, 100);
    assert_int_equal(replies(r, "'id':'b'"), 1);
}

/* A broker that takes only small packets: the next reply is not held up. */
static void test_reply_that_never_fits_is_dropped(void **state)
{
    struct rig *r = *state;
    unsigned before;

    r->fake.broker.maximum_packet = 400;
    rig_online(r);
    before = fake_logged(&r->fake, "refused", "message_too_large");
    say_to(r, "{'command':'get_status'}", OWN_TREE "answers", NULL);
    assert_int_equal(replies(r, ""), 0);
    assert_int_equal(fake_logged(&r->fake, "refused", "message_too_large"),
                     before + 2);
    say(r, "{'command':'ping'}");
    assert_int_equal(replies(r, ""), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(test_reply_also_to_the_response_topic),
        STORY(test_reply_rejections_go_to_the_response_topic_too),
        STORY(test_reply_to_the_reply_topic_is_told_once),
        STORY(test_reply_not_out_of_the_own_tree),
        STORY(test_reply_correlation_of_any_sensible_length),
        STORY(test_reply_with_mqtt_3_1_1),
        STORY(test_reply_queue_full_holds_the_broker_back),
        STORY(test_reply_queue_full_command_is_not_obeyed),
        STORY(test_reply_queue_keeps_the_order_round_and_round),
        STORY(test_reply_half_told_only_the_rest_waits),
        STORY(test_reply_waits_for_the_next_connection),
        STORY(test_reply_that_never_fits_is_dropped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
