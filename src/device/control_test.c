/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands that come to the control topic: what they say, whether the
 * conditions hold and whom they are for. What is no command at all:
 * control_garbage_test.c.
 */
#include "device/command_test.h"

/* Members --------------------------------------------------------------------- */

static void test_take_id_is_echoed(void **state)
{
    static const char id_64[] = "0123456789abcdef0123456789abcdef"
                                "0123456789abcdef0123456789abcdef";
    struct rig *r = *state;
    char text[128];

    rig_online(r);
    say(r, "{'command':'ping','id':'a \\u00e9\\n\\\\'}");
    assert_reply(r, "'id':'a \xC3\xA9\\u000a\\\\','command':'ping'");
    (void)snprintf(text, sizeof(text), "{'command':'ping','id':'%s'}", id_64);
    say(r, text);
    (void)snprintf(text, sizeof(text), "'id':'%s','command'", id_64);
    assert_reply(r, text);
    assert_int_equal(counters(r)->commands, 2);
}

static void test_take_bad_id_is_rejected(void **state)
{
    struct rig *r = *state;
    char text[128];

    rig_online(r);
    assert_rejected(r, "{'command':'ping','id':7}", "bad_id");
    assert_rejected(r, "{'command':'ping','id':null}", "bad_id");
    assert_rejected(r, "{'command':'ping','id':''}", "bad_id");
    assert_rejected(r, "{'command':'ping','id':['a']}", "bad_id");
    assert_rejected(r, "{'command':'ping','id':'\\ud800'}", "bad_id");
    assert_rejected(r, "{'command':'ping','id':'a\\u0000'}", "bad_id");
    (void)snprintf(text, sizeof(text), "{'command':'ping','id':'%065d'}", 0);
    assert_rejected(r, text, "bad_id");
    assert_int_equal(replies(r, "'id'"), 0);
    assert_int_equal(told(r, "/status", "pong"), 0);
}

static void test_take_bad_command_is_rejected(void **state)
{
    static const struct {
        const char *text;
        const char *code;
    } rows[] = {
        {"{'id':'i'}", "missing_command"},
        {"{'Command':'ping','id':'i'}", "missing_command"},
        {"{'c\\u006fmmand':'ping','id':'i'}", "missing_command"},
        {"{'x':{'command':'ping'},'id':'i'}", "missing_command"},
        {"{'id':'i','command':7}", "bad_command"},
        {"{'id':'i','command':null}", "bad_command"},
        {"{'id':'i','command':['ping']}", "bad_command"},
        {"{'id':'i','command':{'command':'ping'}}", "bad_command"},
        {"{'id':'i','command':'\\udc00'}", "bad_command"},
        {"{'id':'i','command':'012345678901234567890123456789012'}",
         "bad_command"},
    };
    struct rig *r = *state;

    rig_online(r);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_rejected(r, rows[i].text, rows[i].code);
        assert_reply(r, "'device':'esp32_factory_001','id':'i',"
                        "'status':'rejected'");
    }
    assert_int_equal(replies(r, "'command'"), 0);
}

static void test_take_unknown_command_is_rejected_by_name(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    assert_rejected(r, "{'command':'reboot','id':'i'}", "unknown_command");
    assert_reply(r, "'id':'i','command':'reboot','status':'rejected',"
                    "'code':'unknown_command','message':'no such command',"
                    "'boot':1}");
    assert_rejected(r, "{'command':'01234567890123456789012345678901'}",
                    "unknown_command");
    assert_rejected(r, "{'command':''}", "unknown_command");
    assert_int_equal(fake_logged(&r->fake, "refused", "unknown_command"), 3);
    assert_int_equal(fake_logged(&r->fake, "command", ""), 0);
}

static void test_take_bad_args_are_rejected(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    assert_rejected(r, "{'command':'ping','args':[]}", "bad_args");
    assert_rejected(r, "{'command':'ping','args':null}", "bad_args");
    say(r, "{'command':'ping','args':{}}");
    assert_reply(r, "'status':'succeeded'");
}

static void test_take_members_twice_the_first_counts(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    say(r, "{'command':'ping','command':'restart','id':'a','id':'b'}");
    assert_reply(r, "'id':'a','command':'ping','status':'succeeded'");
    assert_int_equal(r->fake.restarts, 0);
}

static void test_take_unknown_members_are_left_alone(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    say(r, "{'x':'\\ud800','y':[1,{}],'command':'ping','z':null}");
    assert_reply(r, "'status':'succeeded'");
}

/* Conditions ------------------------------------------------------------------ */

static void test_take_if_boot_must_be_this_one(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    reboot(r);
    say(r, "{'command':'ping','if_boot':2}");
    assert_reply(r, "'status':'succeeded','boot':2");
    assert_rejected(r, "{'command':'restart','id':'i','if_boot':1}",
                    "wrong_boot");
    assert_reply(r, "'id':'i','command':'restart'");
    assert_rejected(r, "{'command':'restart','if_boot':3}", "wrong_boot");
    assert_rejected(r, "{'command':'restart','if_boot':'2'}", "bad_if_boot");
    assert_rejected(r, "{'command':'restart','if_boot':4294967298}",
                    "wrong_boot");
    assert_int_equal(r->fake.restarts, 0);
}

static void test_take_expired_is_not_obeyed(void **state)
{
    struct rig *r = *state;

    rig_online(r); /* 1790000005 and a little */
    say(r, "{'command':'ping','id':'i','expires':1790000005}");
    assert_reply(r, "'status':'succeeded'");
    say(r, "{'command':'restart','id':'i','expires':1790000004}");
    assert_reply(r, "'id':'i','command':'restart','status':'expired',"
                    "'code':'expired'");
    assert_int_equal(counters(r)->refused, 1);
    assert_int_equal(r->fake.restarts, 0);
    assert_rejected(r, "{'command':'restart','expires':'never'}",
                    "bad_expires");
}

static void test_take_expiry_without_a_clock_is_not_trusted(void **state)
{
    struct rig *r = *state;

    for (unsigned i = 0; i < 3; i++) {
        r->fake.time[i].mode = FAKE_TIME_SILENT;
    }
    rig_online(r);
    assert_rejected(r, "{'command':'restart','expires':1800000000}",
                    "time_unknown");
    say(r, "{'command':'restart','expires':1}"); /* before the build */
    assert_reply(r, "'status':'expired'");
    say(r, "{'command':'ping'}");
    assert_reply(r, "'status':'succeeded'");
    assert_int_equal(r->fake.restarts, 0);
}

/* As after an outage: in one go, before any answer can leave. */
static void test_take_many_at_once_answers_all(void **state)
{
    static const char ping[] = "{\"command\":\"ping\"}";
    struct fake_publish p = {.topic = "hawser/esp32_factory_001/control",
                             .payload = ping};
    struct rig *r = *state;

    rig_online(r);
    for (uint16_t i = 1; i <= 10; i++) {
        p.packet_id = i;
        fake_broker_publish(&r->fake.broker, &p);
    }
    rig_run(r, 100);
    assert_int_equal(told(r, "/reply", "\"succeeded\""), 10);
    assert_int_equal(counters(r)->commands, 10);
    assert_int_equal(fake_logged(&r->fake, "refused", ""), 0);
}

/* Whom it is for -------------------------------------------------------------- */

static void test_take_for_another_device_is_rejected(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    say(r, "{'command':'ping','device':'esp32_factory_001'}");
    assert_reply(r, "'status':'succeeded'");
    assert_rejected(r, "{'command':'restart','device':'esp32_factory_002'}",
                    "wrong_device");
    assert_rejected(r, "{'command':'restart','device':'esp32_factory_00'}",
                    "wrong_device");
    assert_rejected(r, "{'command':'restart','device':1}", "wrong_device");
    assert_int_equal(r->fake.restarts, 0);
}

static void say_flat(struct rig *r, const char *text)
{
    char out[QUOTED_SIZE];
    struct fake_publish p = {.topic = "esp32/control",
                             .payload = quoted(text, out),
                             .packet_id = 60002};

    fake_broker_publish(&r->fake.broker, &p);
    rig_run(r, 10);
}

static void test_take_flat_for_another_device_is_not_our_business(void **state)
{
    struct rig *r = *state;

    r->config.layout = HAWSER_LAYOUT_FLAT;
    r->config.root = "esp32";
    rig_online(r);
    say_flat(r, "{'command':'restart','device':'esp32_factory_002'}");
    assert_int_equal(replies(r, ""), 0);
    assert_int_equal(counters(r)->refused, 0);
    assert_int_equal(r->fake.broker.pubacks, 1);
    assert_int_equal(r->fake.restarts, 0);
    say_flat(r, "{'command':'ping','device':7}");
    assert_reply(r, "'code':'wrong_device'");
    say_flat(r, "{'command':'ping','device':'esp32_factory_001'}");
    assert_reply(r, "'status':'succeeded'");
    say_flat(r, "{'command':'ping'}");
    assert_int_equal(replies(r, "'status':'succeeded'"), 2);
    assert_int_equal(told(r, "esp32/status", "pong"), 2);
    assert_int_equal(told(r, "esp32/reply", ""), 3);
}

/* Quality of service ---------------------------------------------------------- */

static void test_take_qos_0_is_obeyed_without_puback(void **state)
{
    struct rig *r = *state;
    struct fake_publish p = {.topic = CONTROL,
                             .payload = "{\"command\":\"ping\"}"};

    rig_online(r);
    fake_broker_publish(&r->fake.broker, &p);
    rig_run(r, 10);
    assert_reply(r, "'status':'succeeded'");
    assert_int_equal(r->fake.broker.pubacks, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(test_take_id_is_echoed),
        STORY(test_take_bad_id_is_rejected),
        STORY(test_take_bad_command_is_rejected),
        STORY(test_take_unknown_command_is_rejected_by_name),
        STORY(test_take_bad_args_are_rejected),
        STORY(test_take_members_twice_the_first_counts),
        STORY(test_take_unknown_members_are_left_alone),
        STORY(test_take_if_boot_must_be_this_one),
        STORY(test_take_expired_is_not_obeyed),
        STORY(test_take_expiry_without_a_clock_is_not_trusted),
        STORY(test_take_many_at_once_answers_all),
        STORY(test_take_for_another_device_is_rejected),
        STORY(test_take_flat_for_another_device_is_not_our_business),
        STORY(test_take_qos_0_is_obeyed_without_puback),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
