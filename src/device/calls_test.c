/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls of the application's commands: handed over once, answered once, now or
 * later, and bounded in number and time.
 */
#include "device/command_test.h"

#include "device/calls.h"
#include "device/json_write.h"
#include "device/ledger.h"

static const struct hawser_arg gate_args[] = {
    {.name = "level", .kind = HAWSER_ARG_INTEGER, .min = 0, .max = 100},
    {.name = "why", .kind = HAWSER_ARG_TEXT, .is_optional = true, .max = 40},
};
static const struct hawser_command table[] = {
    {.name = "gate", .args = gate_args, .arg_count = 2},
    {.name = "long-job", .timeout_s = 600},
    {.name = "measure"},
};

static void begin(struct rig *r)
{
    r->config.commands = table;
    r->config.command_count = 3;
    rig_online(r);
}

/* The next call, which must be there. */
static void fetch(struct rig *r, struct hawser_call *call)
{
    assert_true(hawser_device_next_call(&r->device, call));
}

static void answer(struct rig *r, uint32_t token, struct hawser_answer a)
{
    assert_int_equal(hawser_device_answer(&r->device, token, &a), 0);
    assert_int_equal(hawser_device_deadline_ms(&r->device), r->device.now_ms);
    rig_run(r, 10);
}

static const struct hawser_answer succeeded = {.outcome = HAWSER_SUCCEEDED};

static void test_call_from_accepted_to_succeeded(void **state)
{
    struct rig *r = *state;
    struct hawser_call call;

    begin(r);
    assert_false(hawser_device_next_call(&r->device, &call));
    say(r, "{'command':'gate','id':'g','args':{'why':'a\\u00e9','level':7}}");
    assert_reply(r, "'id':'g','command':'gate','status':'accepted','boot':1}");
    fetch(r, &call);
    assert_int_equal(call.command, 0);
    assert_int_equal(call.args[0].integer, 7);
    assert_int_equal(call.args[1].text.len, 3);
    assert_memory_equal(call.args[1].text.at, "a\xC3\xA9", 3);
    assert_false(hawser_device_next_call(&r->device, &call));
    assert_int_equal(hawser_device_progress(&r->device, call.token, 40), 0);
    rig_run(r, 10);
    assert_reply(r, "'id':'g','command':'gate','status':'running',"
                    "'percent':40,'boot':1}");
    assert_int_equal(hawser_device_progress(&r->device, call.token, 255), 0);
    rig_run(r, 10);
    assert_reply(r, "'status':'running','boot':1}");
    answer(r, call.token,
           (struct hawser_answer){.outcome = HAWSER_SUCCEEDED,
                                  .message = hwi_view("it is open"),
                                  .result = hwi_view(" { \"level\" : 7 } ")});
    assert_reply(r, "'id':'g','command':'gate','status':'succeeded','message':"
                    "'it is open','result':{ 'level' : 7 },'boot':1}");
    assert_int_equal(counters(r)->commands, 1);
    assert_int_equal(hawser_device_answer(&r->device, call.token, &succeeded),
                     HAWSER_E_ABSENT);
    assert_int_equal(hawser_device_progress(&r->device, call.token, 1),
                     HAWSER_E_ABSENT);
}

static void test_call_outcomes(void **state)
{
    struct rig *r = *state;
    struct hawser_answer bad = {.outcome = HAWSER_SUCCEEDED,
                                .result = hwi_view("[1]")};
    struct hawser_call call;

    begin(r);
    say(r, "{'command':'long-job','id':'a'}");
    fetch(r, &call);
    assert_int_equal(call.command, 1);
    assert_int_equal(hawser_device_answer(&r->device, call.token, &bad),
                     HAWSER_E_ARG);
    bad = (struct hawser_answer){.outcome = (enum hawser_outcome)3};
    assert_int_equal(hawser_device_answer(&r->device, call.token, &bad),
                     HAWSER_E_ARG);
    assert_int_equal(hawser_device_answer(&r->device, 0, &succeeded),
                     HAWSER_E_ABSENT);
    assert_int_equal(hawser_device_progress(&r->device, 0, 1), HAWSER_E_ABSENT);
    assert_int_equal(
        hawser_device_answer(&r->device, call.token + 1, &succeeded),
        HAWSER_E_ABSENT);
    answer(r, call.token,
           (struct hawser_answer){.outcome = HAWSER_FAILED,
                                  .code = "jammed",
                                  .message = hwi_view("the gate is jammed"),
                                  .result = hwi_view("{}")});
    assert_reply(r, "'status':'failed','code':'jammed','message':'the gate is "
                    "jammed','boot':1}");
    say(r, "{'command':'long-job','id':'b','args':{}}");
    fetch(r, &call);
    answer(r, call.token,
           (struct hawser_answer){.outcome = HAWSER_REJECTED, .code = "no"});
    assert_reply(r, "'status':'rejected','code':'no','boot':1}");
}

static void test_call_bad_arguments_are_rejected_in_words(void **state)
{
    struct rig *r = *state;
    struct hawser_call call;
    char text[QUOTED_SIZE];

    begin(r);
    say(r, "{'command':'gate','id':'g','args':{'level':101}}");
    assert_reply(r, "'status':'rejected','code':'bad_args','message':'level: a "
                    "whole number of 0..100','boot':1}");
    say(r, "{'command':'gate','id':'h','level':7}"); /* not in args */
    assert_reply(r, "'id':'h','command':'gate','status':'rejected'");
    (void)snprintf(
        text, sizeof(text),
        "{'command':'gate','id':'i','args':{'level':7,'why':'%0*d'}}",
        HAWSER_CALL_SIZE, 0);
    say(r, text);
    assert_reply(r, "'code':'bad_args','message':'the arguments are too long'");
    assert_false(hawser_device_next_call(&r->device, &call));
    say(r, "{'command':'gate','id':'g','args':{'level':100}}");
    assert_reply(r, "'status':'duplicate'");
    assert_int_equal(counters(r)->refused, 4);
}

static void test_call_duplicate_says_that_it_runs(void **state)
{
    struct rig *r = *state;
    struct hawser_call call;

    begin(r);
    say(r, "{'command':'long-job','id':'a'}");
    fetch(r, &call);
    say(r, "{'command':'long-job','id':'a'}");
    assert_reply(r, "'status':'duplicate'");
    assert_reply(r, "'answer':{'status':'running','boot':1},'boot':1}");
    assert_false(hawser_device_next_call(&r->device, &call));
    answer(r, call.token, succeeded);
    assert_int_equal(replies(r, "'status':'succeeded'"), 1);
}

static void test_call_too_many_are_busy_and_may_come_again(void **state)
{
    struct rig *r = *state;
    struct hawser_call call;
    char text[64];

    begin(r);
    for (unsigned i = 0; i <= HAWSER_CALLS_MAX; i++) {
        (void)snprintf(text, sizeof(text), "{'command':'long-job','id':'%u'}",
                       i);
        say(r, text);
    }
    assert_reply(r, "'id':'4','command':'long-job','status':'rejected',"
                    "'code':'busy'");
    fetch(r, &call);
    answer(r, call.token, succeeded);
    assert_reply(r, "'id':'0','command':'long-job','status':'succeeded'");
    say(r, text);
    assert_reply(r, "'id':'4','command':'long-job','status':'accepted'");
    for (uint32_t i = 1; i <= HAWSER_CALLS_MAX; i++) {
        struct hawser_call next;
        fetch(r, &next);
        assert_int_equal(next.token, call.token + i); /* in their order */
    }
}

static void test_call_without_answer_times_out(void **state)
{
    struct rig *r = *state;
    struct hawser_call call;

    begin(r);
    say(r, "{'command':'gate','id':'g','args':{'level':7}}");
    say(r, "{'command':'long-job','id':'l'}");
    fetch(r, &call);
    rig_run(r, 59000);
    assert_int_equal(replies(r, "timeout"), 0);
    rig_run(r, 1000);
    assert_reply(r, "'id':'g','command':'gate','status':'failed',"
                    "'code':'timeout'");
    assert_int_equal(hawser_device_answer(&r->device, call.token, &succeeded),
                     HAWSER_E_ABSENT);
    rig_run(r, 530000);
    assert_int_equal(replies(r, "timeout"), 1);
    rig_run(r, 10000);
    assert_reply(r, "'id':'l','command':'long-job','status':'failed',"
                    "'code':'timeout'");
    assert_false(hawser_device_next_call(&r->device, &call));
}

/* Also while there is no line: the answer waits on flash. */
static void test_call_answered_offline_is_told_later(void **state)
{
    struct rig *r = *state;
    struct hawser_call call;

    begin(r);
    say(r, "{'command':'long-job','id':'l'}");
    fetch(r, &call);
    r->fake.link.state = HAWSER_LINK_DOWN;
    fake_broker_close(&r->fake.broker);
    r->fake.has_news = true;
    rig_run(r, 5000);
    answer(r, call.token, succeeded);
    assert_int_equal(replies(r, "succeeded"), 0);
    r->fake.link.state = HAWSER_LINK_UP;
    reboot(r);
    assert_int_equal(replies(r, "succeeded"), 1);
    assert_reply(r, "'id':'l','command':'long-job','status':'succeeded'");
}

static void test_call_that_a_restart_ends_is_interrupted(void **state)
{
    struct rig *r = *state;
    struct hawser_call call;

    begin(r);
    say(r, "{'command':'long-job','id':'l'}");
    say(r, "{'command':'gate','id':'g','args':{'level':7}}");
    say(r, "{'command':'measure','id':'m'}");
    fetch(r, &call);
    assert_int_equal(call.command, 1);
    say(r, "{'command':'restart','id':'r'}");
    reboot(r);
    assert_int_equal(replies(r, "'id':'l','command':'long-job','status':"
                                "'failed','code':'interrupted'"),
                     1);
    assert_int_equal(replies(r, "'id':'g','command':'gate','status':'failed',"
                                "'code':'interrupted'"),
                     1);
    assert_int_equal(replies(r, "'id':'m','command':'measure','status':"
                                "'failed','code':'interrupted'"),
                     1);
    assert_reply(r, "'id':'r','command':'restart','status':'succeeded'");
    assert_false(hawser_device_next_call(&r->device, &call));
    say(r, "{'command':'gate','id':'g','args':{'level':7}}");
    assert_reply(r, "'status':'duplicate'");
    assert_false(hawser_device_next_call(&r->device, &call));
}

static void test_call_ends_with_its_configuration(void **state)
{
    struct rig *r = *state;
    struct hawser_device_config other;
    struct hawser_call call;

    begin(r);
    say(r, "{'command':'long-job','id':'l'}");
    say(r, "{'command':'gate','id':'g','args':{'level':7}}");
    fetch(r, &call);
    other = r->config;
    other.command_count = 0;
    assert_int_equal(hawser_device_reconfigure(&r->device, &other), 0);
    rig_run(r, 10000);
    assert_false(hawser_device_is_reconfiguring(&r->device));
    assert_int_equal(replies(r, "'code':'interrupted'"), 2);
    assert_int_equal(hawser_device_answer(&r->device, call.token, &succeeded),
                     HAWSER_E_ABSENT);
    say(r, "{'command':'gate','id':'h','args':{'level':7}}");
    assert_reply(r, "'code':'unknown_command'");
}

static void test_is_table_nonsense_is_refused(void **state)
{
    static const struct hawser_arg bad_arg = {.name = ""};
    static const struct hawser_command bad[] = {
        {.name = NULL},
        {.name = ""},
        {.name = "Gate"},
        {.name = "gate 1"},
        {.name = "gate{"},
        {.name = "ping"},
        {.name = "update_cert"},
        {.name = "012345678901234567890123456789012"},
        {.name = "x", .timeout_s = HAWSER_CALL_MAX_S + 1},
        {.name = "x", .args = &bad_arg, .arg_count = 1},
    };
    static const struct hawser_command twice[] = {{.name = "x"}, {.name = "x"}};
    static const struct hawser_command alike[] = {{.name = "x"}, {.name = "y"}};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(hawser_device_is_command_table(&bad[i], 1));
    }
    assert_false(hawser_device_is_command_table(twice, 2));
    assert_true(hawser_device_is_command_table(twice, 1));
    assert_true(hawser_device_is_command_table(alike, 2));
    assert_true(hawser_device_is_command_table(table, 2));
    assert_true(hawser_device_is_command_table(NULL, 0));
    assert_false(hawser_device_is_command_table(NULL, 1));
    assert_false(
        hawser_device_is_command_table(table, HAWSER_COMMANDS_MAX + 1));
}

/* More than the broker takes: progress is left out, commands get no answer, and
 * whoever sent one with QoS 1 is told so by its PUBACK. */
static void test_call_with_more_to_say_than_can_leave(void **state)
{
    static const char *const lost[] = {
        "{\"command\":\"ping\",\"id\":\"lost\"}",
        "{\"command\":\"no-such\",\"id\":\"lost\"}",
        "{\"command\":\"measure\",\"id\":\"l\"}", /* an id that was taken */
        "{\"command\":\"ping\",\"id\":\"lost\",\"if_boot\":9}"};
    struct rig *r = *state;
    struct hawser_call call;
    int err = 0;

    begin(r);
    say(r, "{'command':'long-job','id':'l'}");
    fetch(r, &call);
    r->fake.broker.ignores_publish = true;
    for (unsigned i = 0; i < 100 && err == 0; i++) {
        err = hawser_device_progress(&r->device, call.token, 1);
        rig_run(r, 10);
    }
    assert_int_equal(err, HAWSER_E_FULL);
    for (size_t i = 0; i < sizeof(lost) / sizeof(lost[0]); i++) {
        fake_broker_publish(
            &r->fake.broker,
            &(struct fake_publish){.topic = CONTROL, .payload = lost[i]});
        rig_run(r, 10);
    }
    say(r, "{'command':'ping','id':'lost'}");
    assert_int_equal(r->fake.broker.last_puback_reason, 0x97);
    answer(r, call.token, succeeded);
    r->fake.broker.ignores_publish = false;
    fake_broker_close(&r->fake.broker);
    rig_run(r, 0);
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 600000));
    rig_run(r, 1000);
    assert_int_equal(replies(r, "'lost'"), 0);
    assert_true(replies(r, "'id':'l','command':'long-job','status':"
                           "'succeeded'") > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(test_call_from_accepted_to_succeeded),
        STORY(test_call_outcomes),
        STORY(test_call_bad_arguments_are_rejected_in_words),
        STORY(test_call_duplicate_says_that_it_runs),
        STORY(test_call_too_many_are_busy_and_may_come_again),
        STORY(test_call_without_answer_times_out),
        STORY(test_call_answered_offline_is_told_later),
        STORY(test_call_that_a_restart_ends_is_interrupted),
        STORY(test_call_ends_with_its_configuration),
        STORY(test_is_table_nonsense_is_refused),
        STORY(test_call_with_more_to_say_than_can_leave),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
