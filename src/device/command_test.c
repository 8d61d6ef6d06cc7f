/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What each command does and answers. Restart: it takes place once, whatever is
 * delivered again, and its answer comes once, after it.
 */
#include "device/command_test.h"

#include "device/answer.h"
#include "device/command.h"
#include "device/json_write.h"
#include "device/ledger.h"

/* By name --------------------------------------------------------------------- */

static void test_find_by_the_whole_name(void **state)
{
    static const char *const known[] = {"ping", "get_status", "set_interval",
                                        "restart", "update_cert"};
    static const char *const unknown[] = {"",     "pin",      "pings", "PING",
                                          "pong", "restart ", "update"};

    (void)state;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        const struct hwi_command_row *row =
            hwi_command_find(hwi_view(known[i]));
        assert_non_null(row);
        assert_string_equal(row->name, known[i]);
    }
    for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
        assert_null(hwi_command_find(hwi_view(unknown[i])));
    }
}

static void test_ping_answers_pong_and_a_reply(void **state)
{
    struct rig *r = *state;
    const struct fake_message *m;
    char text[QUOTED_SIZE];

    rig_online(r);
    say(r, "{'command':'ping'}");
    m = fake_broker_find(&r->fake.broker, "/status", "pong", 0);
    assert_non_null(m);
    assert_string_equal(
        m->payload,
        quoted("{'device':'esp32_factory_001','status':'pong'}", text));
    assert_false(m->retain);
    m = fake_broker_find(&r->fake.broker, "/reply", "", 0);
    assert_non_null(m);
    assert_string_equal(m->topic, OWN_TREE "reply");
    assert_string_equal(m->payload,
                        quoted("{'device':'esp32_factory_001',"
                               "'command':'ping','status':'succeeded',"
                               "'boot':1}",
                               text));
    assert_int_equal(m->qos, 1);
    assert_false(m->retain);
    assert_int_equal(replies(r, ""), 1);
    assert_int_equal(r->fake.broker.pubacks, 1);
    assert_int_equal(r->fake.broker.last_puback_reason, 0);
    assert_int_equal(counters(r)->commands, 1);
    assert_int_equal(counters(r)->refused, 0);
    assert_int_equal(
        fake_logged(&r->fake, "command", "command=ping status=succeeded"), 1);
}

static void test_get_status_tells_the_facts(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    say(r, "{'command':'nothing'}");
    say(r, "{'command':'get_status','id':'g'}");
    assert_reply(r, "'id':'g','command':'get_status','status':'succeeded',"
                    "'result':{'status':'online','version':'2.1.0',"
                    "'session':1,'uptime':3605,'reset_reason':'unknown',"
                    "'tls_version':'TLSv1.3',"
                    "'cipher':'TLS_AES_256_GCM_SHA384','time':1790000005,"
                    "'time_confidence':2,'interval_s':30,'waiting':0,"
                    "'counters':{'connections':1,'failures':0,'published':1,"
                    "'dropped':0,'commands':1,'refused':1}},'boot':1}");
}

static void test_get_status_unknown_time_is_left_out(void **state)
{
    struct rig *r = *state;

    for (unsigned i = 0; i < 3; i++) {
        r->fake.time[i].mode = FAKE_TIME_SILENT;
    }
    rig_online(r);
    say(r, "{'command':'get_status'}");
    assert_reply(r, "SHA384','time_confidence':1,");
}

/* set_interval ---------------------------------------------------------------- */

static void test_set_interval_measures_so_often(void **state)
{
    struct rig *r = *state;
    unsigned before;

    rig_online(r);
    say(r, "{'command':'set_interval','id':'i','args':{'interval_s':2}}");
    assert_reply(r, "'id':'i','command':'set_interval','status':'succeeded',"
                    "'result':{'interval_s':2},'boot':1}");
    before = told(r, "/data", "");
    rig_run(r, 20000);
    assert_int_equal(told(r, "/data", ""), before + 10);
}

static void test_set_interval_bounds_and_both_places(void **state)
{
    static const char *const good[] = {
        "{'command':'set_interval','args':{'interval_s':1}}",
        "{'command':'set_interval','args':{'interval_s':86400}}",
        "{'command':'set_interval','interval_s':77}",
        "{'interval_s':5,'command':'set_interval','args':{'interval_s':6}}",
    };
    static const unsigned values[] = {1, 86400, 77, 6};
    struct rig *r = *state;

    rig_online(r);
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        char result[64];
        say(r, good[i]);
        (void)snprintf(result, sizeof(result), "'result':{'interval_s':%u}",
                       values[i]);
        assert_reply(r, result);
        assert_int_equal(r->device.telemetry.interval_s, values[i]);
    }
}

static void test_set_interval_bad_is_rejected(void **state)
{
    static const char *const bad[] = {
        "'args':{'interval_s':0}",           "'args':{'interval_s':86401}",
        "'args':{'interval_s':-1}",          "'args':{'interval_s':1.5}",
        "'args':{'interval_s':'60'}",        "'args':{'interval_s':null}",
        "'args':{'interval_s':[60]}",        "'args':{'interval':60}",
        "'args':{},'interval_s':60",         "'args':{'interval_s':4294967356}",
        "'interval_s':18446744073709551676", "'x':1",
    };
    struct rig *r = *state;

    rig_online(r);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        char text[128];
        (void)snprintf(text, sizeof(text), "{'command':'set_interval',%s}",
                       bad[i]);
        assert_rejected(r, text, "bad_interval");
        assert_int_equal(r->device.telemetry.interval_s, 30);
    }
    assert_int_equal(replies(r, "result"), 0);
}

static void test_update_cert_is_not_supported(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    assert_rejected(r, "{'command':'update_cert','args':{'ca':'secret'}}",
                    "not_supported");
    assert_int_equal(told(r, "", "secret"), 0);
    assert_int_equal(
        fake_logged(&r->fake, "command", "command=update_cert status=rejected"),
        1);
}

/* restart --------------------------------------------------------------------- */

static void test_restart_is_answered_once_after_it(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    say(r, "{'command':'restart','id':'r1'}");
    assert_int_equal(hawser_device_state(&r->device), HAWSER_DEVICE_RESTARTING);
    assert_int_equal(r->fake.restarts, 1);
    assert_int_equal(r->fake.broker.pubacks, 1);
    assert_int_equal(r->fake.broker.last_puback_reason, 0);
    assert_int_equal(r->fake.broker.disconnects, 1);
    assert_int_equal(told_quoted(r, "/status", "'status':'restarting'"), 1);
    assert_int_equal(replies(r, ""), 0);
    assert_int_equal(fake_logged(&r->fake, "command", "id=r1 status=accepted"),
                     1);
    assert_int_equal(counters(r)->commands, 1);

    reboot(r);
    assert_int_equal(replies(r, ""), 1);
    assert_reply(r, "'id':'r1','command':'restart','status':'succeeded',"
                    "'result':{'reset_reason':'command'},'boot':2}");

    fake_broker_close(&r->fake.broker);
    rig_run(r, 0);
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 60000));
    reboot(r);
    assert_int_equal(replies(r, ""), 1);
}

static void test_restart_again_with_the_same_id_is_a_duplicate(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    say(r, "{'command':'restart','id':'r1'}");
    reboot(r);
    say(r, "{'command':'restart','id':'r1'}");
    assert_reply(r, "'id':'r1','command':'restart','status':'duplicate',"
                    "'code':'duplicate'");
    assert_reply(r, "'answer':{'status':'succeeded','result':{'reset_reason':"
                    "'command'},'boot':2},'boot':2}");
    assert_int_equal(counters(r)->refused, 1);
    assert_int_equal(r->fake.restarts, 1);
    assert_int_equal(hawser_device_state(&r->device), HAWSER_DEVICE_ONLINE);
    /* Another id, also if it only begins the same or is as long. */
    say(r, "{'command':'restart','id':'r11'}");
    assert_int_equal(r->fake.restarts, 2);
    reboot(r);
    assert_reply(r, "'id':'r11'");
    say(r, "{'command':'restart','id':'r12'}");
    assert_int_equal(r->fake.restarts, 3);
}

static void test_restart_without_id_is_never_a_duplicate(void **state)
{
    struct rig *r = *state;
    char text[QUOTED_SIZE];

    rig_online(r);
    for (unsigned n = 1; n <= 2; n++) {
        say(r, "{'command':'restart'}");
        assert_int_equal(r->fake.restarts, n);
        reboot(r);
        assert_int_equal(replies(r, "'reset_reason':'command'"), n);
        assert_null(strstr(last(r, "/reply"), quoted("'id'", text)));
    }
}

static void test_restart_answer_without_puback_comes_again(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    say(r, "{'command':'restart','id':'r1'}");
    r->fake.broker.ignores_publish = true;
    reboot(r);
    assert_int_equal(replies(r, "'r1'"), 1);
    /* In the same run it is delivered by the client, not asked for anew. */
    fake_broker_close(&r->fake.broker);
    rig_run(r, 0);
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 60000));
    assert_false(hwi_answers_are_due(&r->device));
    r->fake.broker.ignores_publish = false;
    reboot(r);
    assert_reply(r, "'id':'r1'");
    assert_reply(r, "'boot':2"); /* in which it was answered */
    reboot(r);
    assert_int_equal(replies(r, "'r1'"), 3);
}

static void test_restart_while_the_last_is_answered_has_its_own(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    say(r, "{'command':'restart','id':'r1'}");
    r->fake.broker.ignores_publish = true;
    reboot(r);
    assert_int_equal(replies(r, "'r1'"), 1);
    say(r, "{'command':'restart','id':'r2'}");
    assert_true(rig_run_until(r, HAWSER_DEVICE_RESTARTING, 6000));
    r->fake.broker.ignores_publish = false;
    reboot(r);
    assert_int_equal(replies(r, "'r1'"), 2);
    assert_reply(r, "'id':'r2','command':'restart','status':'succeeded'");
    assert_int_equal(r->fake.restarts, 2);
}

static void test_restart_to_a_broker_of_qos_0_is_answered_once(void **state)
{
    struct rig *r = *state;

    r->fake.broker.maximum_qos = 0;
    rig_online(r);
    say(r, "{'command':'restart','id':'r1'}");
    reboot(r);
    assert_int_equal(replies(r, "'r1'"), 1);
    reboot(r);
    assert_int_equal(replies(r, "'r1'"), 1);
}

static void test_restart_not_supported_by_the_port_is_told(void **state)
{
    struct rig *r = *state;

    r->fake.restart_err = HAWSER_E_ABSENT;
    rig_online(r);
    say(r, "{'command':'restart','id':'r1'}");
    assert_int_equal(r->fake.restarts, 1);
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 60000));
    rig_run(r, 100);
    assert_int_equal(replies(r, ""), 1);
    assert_reply(r, "'id':'r1','command':'restart','status':'failed',"
                    "'code':'not_supported'");
    assert_reply(r, "'boot':1}");
    assert_int_equal(told_quoted(r, "/status", "'status':'online'"), 2);
    reboot(r);
    assert_int_equal(replies(r, ""), 1);
}

static void test_restart_that_cannot_be_remembered_fails(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    r->fake.flash.is_broken = true;
    say(r, "{'command':'restart','id':'r1'}");
    assert_reply(r, "'id':'r1','command':'restart','status':'failed',"
                    "'code':'storage'");
    assert_int_equal(r->fake.restarts, 0);
    assert_int_equal(hawser_device_state(&r->device), HAWSER_DEVICE_ONLINE);
    r->fake.flash.is_broken = false;
    fake_broker_close(&r->fake.broker);
    rig_run(r, 0);
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 60000));
    rig_run(r, 100);
    assert_int_equal(replies(r, ""), 1);
    /* It was not done: the same id may try again. */
    say(r, "{'command':'restart','id':'r1'}");
    assert_int_equal(r->fake.restarts, 1);
    reboot(r);
    assert_reply(r, "'status':'succeeded'");
}

static void test_restart_answer_goes_where_it_was_asked_for(void **state)
{
    struct rig *r = *state;
    const struct fake_message *m;

    rig_online(r);
    say_to(r, "{'command':'restart','id':'r1'}", OWN_TREE "answers/7", "c-7");
    reboot(r);
    assert_int_equal(replies(r, "'r1'"), 1);
    m = fake_broker_find(&r->fake.broker, "/answers/7", "reset_reason", 0);
    assert_non_null(m);
    assert_string_equal(m->topic, OWN_TREE "answers/7");
    assert_string_equal(m->correlation, "c-7");
    assert_string_equal(last(r, "/answers/7"), last(r, "/reply"));
}

/* The copy on the response topic is not what is waited for. */
static void test_restart_answer_is_due_until_its_own_puback(void **state)
{
    struct rig *r = *state;
    const struct fake_message *copy;

    rig_online(r);
    say_to(r, "{'command':'restart','id':'r1'}", OWN_TREE "answers", NULL);
    r->fake.broker.ignores_publish = true;
    reboot(r);
    copy = fake_broker_find(&r->fake.broker, "/answers", "", 0);
    assert_non_null(copy);
    acknowledge(r, copy);
    assert_true(hwi_ledger_next(&r->device.ledger, HWI_LEDGER_SENT, 0) != 0);
    acknowledge(r, fake_broker_find(&r->fake.broker, "/reply", "", 0));
    assert_int_equal(hwi_ledger_next(&r->device.ledger, HWI_LEDGER_SENT, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_find_by_the_whole_name),
        STORY(test_ping_answers_pong_and_a_reply),
        STORY(test_get_status_tells_the_facts),
        STORY(test_get_status_unknown_time_is_left_out),
        STORY(test_set_interval_measures_so_often),
        STORY(test_set_interval_bounds_and_both_places),
        STORY(test_set_interval_bad_is_rejected),
        STORY(test_update_cert_is_not_supported),
        STORY(test_restart_is_answered_once_after_it),
        STORY(test_restart_again_with_the_same_id_is_a_duplicate),
        STORY(test_restart_without_id_is_never_a_duplicate),
        STORY(test_restart_answer_without_puback_comes_again),
        STORY(test_restart_while_the_last_is_answered_has_its_own),
        STORY(test_restart_to_a_broker_of_qos_0_is_answered_once),
        STORY(test_restart_not_supported_by_the_port_is_told),
        STORY(test_restart_that_cannot_be_remembered_fails),
        STORY(test_restart_answer_goes_where_it_was_asked_for),
        STORY(test_restart_answer_is_due_until_its_own_puback),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
