/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers of commands: told until the broker has them, over reconnects,
 * restarts and power cuts, and given again to whoever asks again. What each
 * command answers: command_test.c.
 */
#include "device/command_test.h"

#include "device/answer.h"
#include "device/ledger.h"

#define SET_7 "{'command':'set_interval','id':'s','args':{'interval_s':7}}"

/* The power goes at the n-th change of flash, as far as flash can tell; the
 * machine goes with it. */
static void cut_at(struct rig *r, int n, const char *text)
{
    r->fake.flash.power_left = n;
    say(r, text);
    assert_true(r->fake.flash.is_cut);
    fake_flash_power(&r->fake);
}

/* Once ---------------------------------------------------------------------- */

static void test_answer_again_is_the_old_one(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    say(r, SET_7);
    assert_reply(r, "'id':'s','command':'set_interval','status':'succeeded',"
                    "'result':{'interval_s':7},'boot':1}");
    say(r, "{'command':'set_interval','args':{'interval_s':9}}");
    say(r, SET_7);
    assert_reply(r,
                 "'id':'s','command':'set_interval','status':'duplicate',"
                 "'code':'duplicate','message':'this id was taken before; "
                 "answer says what came of it','answer':{'status':"
                 "'succeeded','result':{'interval_s':7},'boot':1},'boot':1}");
    assert_int_equal(r->device.telemetry.interval_s, 9);
    assert_int_equal(counters(r)->commands, 2);
    assert_int_equal(counters(r)->refused, 1);
    reboot(r);
    say(r, SET_7);
    assert_reply(r, "'answer':{'status':'succeeded','result':{'interval_s':7},"
                    "'boot':1},'boot':2}");
    assert_int_equal(r->device.telemetry.interval_s, 30);
    assert_int_equal(replies(r, "'id':'s'"), 3);
}

/* The id says it, whatever else does or does not hold any more. */
static void test_answer_again_before_any_condition(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    say(r, "{'command':'set_interval','id':'s','expires':1790000006,"
           "'if_boot':1,'args':{'interval_s':7}}");
    assert_reply(r, "'status':'succeeded'");
    rig_run(r, 10000);
    say(r, "{'command':'set_interval','id':'s','expires':1790000006,"
           "'if_boot':1,'args':{'interval_s':7}}");
    assert_reply(r, "'status':'duplicate'");
    reboot(r);
    say(r, "{'command':'restart','id':'s','if_boot':1}");
    assert_reply(r, "'status':'duplicate'");
    assert_int_equal(r->fake.restarts, 0);
}

static void test_answer_again_also_a_rejection_by_the_command(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    say(r, "{'command':'set_interval','id':'s','args':{'interval_s':0}}");
    assert_reply(r, "'status':'rejected','code':'bad_interval'");
    say(r, SET_7);
    assert_reply(r, "'status':'duplicate'");
    assert_reply(r, "'answer':{'status':'rejected','code':'bad_interval'");
    assert_int_equal(r->device.telemetry.interval_s, 30);
}

/* What did not begin may be sent again. */
static void test_answer_rejected_by_condition_may_come_again(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    say(r, "{'command':'set_interval','id':'s','if_boot':2,"
           "'args':{'interval_s':7}}");
    assert_reply(r, "'code':'wrong_boot'");
    say(r, SET_7);
    assert_reply(r, "'status':'succeeded'");
}

static void test_answer_harmless_ones_are_done_again(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    for (unsigned i = 1; i <= 40; i++) {
        say(r, "{'command':'ping','id':'p'}");
        assert_int_equal(replies(r, "'id':'p','command':'ping',"
                                    "'status':'succeeded'"),
                         i);
    }
    assert_int_equal(r->device.ledger.seq, 0);
}

/* Told ---------------------------------------------------------------------- */

static void test_answers_without_puback_come_again_after_a_restart(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    r->fake.broker.ignores_publish = true;
    say(r, SET_7);
    assert_int_equal(replies(r, "'id':'s'"), 1);
    assert_int_equal(r->fake.broker.pubacks, 1); /* it has been taken */
    reboot(r);
    assert_int_equal(replies(r, "'id':'s'"), 2);
    r->fake.broker.ignores_publish = false;
    reboot(r);
    assert_int_equal(replies(r, "'id':'s'"), 3);
    assert_reply(r, "'status':'succeeded','result':{'interval_s':7},'boot':1}");
    reboot(r);
    assert_int_equal(replies(r, "'id':'s'"), 3);
}

static void test_answers_wait_for_room_and_keep_their_order(void **state)
{
    struct rig *r = *state;
    unsigned first;

    r->fake.broker.receive_maximum = 1;
    rig_online(r);
    r->fake.broker.ignores_publish = true;
    first = r->fake.broker.message_count;
    for (unsigned i = 0; i < 5; i++) {
        char text[96];
        (void)snprintf(text, sizeof(text),
                       "{'command':'set_interval','id':'i%u',"
                       "'args':{'interval_s':7}}",
                       i);
        say(r, text);
    }
    assert_int_equal(replies(r, ""), 1);
    assert_int_equal(r->fake.broker.pubacks, 5);
    r->fake.broker.ignores_publish = false;
    acknowledge(r, &r->fake.broker.messages[first]);
    assert_int_equal(replies(r, ""), 5);
    for (unsigned i = 0; i < 5; i++) {
        char id[8];
        (void)snprintf(id, sizeof(id), "\"i%u\"", i);
        assert_non_null(strstr(
            fake_broker_find(&r->fake.broker, "/reply", "", i)->payload, id));
    }
}

static void test_answers_half_told_only_the_rest_waits(void **state)
{
    struct rig *r = *state;
    unsigned first;

    r->fake.broker.receive_maximum = 1;
    rig_online(r);
    r->fake.broker.ignores_publish = true;
    first = r->fake.broker.message_count;
    say_to(r, SET_7, OWN_TREE "answers", "c");
    assert_int_equal(replies(r, ""), 1);
    assert_int_equal(told(r, "/answers", ""), 0);
    assert_true(hwi_answers_are_due(&r->device));
    r->fake.broker.ignores_publish = false;
    acknowledge(r, &r->fake.broker.messages[first]);
    assert_int_equal(replies(r, ""), 1);
    assert_int_equal(told(r, "/answers", ""), 1);
    assert_string_equal(last(r, "/answers"), last(r, "/reply"));
    assert_false(hwi_answers_are_due(&r->device));
    reboot(r);
    assert_int_equal(replies(r, ""), 1);
}

/* Too many that were not told: the broker is held back until they are. */
static void test_answers_not_told_hold_the_broker_back(void **state)
{
    struct rig *r = *state;
    char text[96];

    rig_online(r);
    r->fake.broker.ignores_publish = true;
    for (unsigned i = 0; i < HWI_LEDGER_MAX / 2; i++) {
        (void)snprintf(text, sizeof(text),
                       "{'command':'set_interval','id':'i%u',"
                       "'args':{'interval_s':7}}",
                       i);
        say(r, text);
    }
    assert_int_equal(r->fake.broker.pubacks, HWI_LEDGER_MAX / 2 - 1);
    assert_int_equal(counters(r)->commands, HWI_LEDGER_MAX / 2);
    say(r, "{'command':'ping','id':'p'}");
    assert_int_equal(r->fake.broker.pubacks, HWI_LEDGER_MAX / 2 - 1);
    assert_int_equal(counters(r)->commands, HWI_LEDGER_MAX / 2);
    r->fake.broker.ignores_publish = false;
    fake_broker_close(&r->fake.broker);
    rig_run(r, 0);
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 60000));
    rig_run(r, 100);
    assert_int_equal(hwi_ledger_next(&r->device.ledger, HWI_LEDGER_SENT, 0), 0);
    assert_false(hwi_answers_are_due(&r->device));
}

static void test_answer_that_never_fits_is_dropped(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    r->fake.broker.maximum_packet = 100;
    fake_broker_close(&r->fake.broker);
    rig_run(r, 0);
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 60000));
    say(r, SET_7);
    assert_int_equal(replies(r, ""), 0);
    assert_int_equal(r->device.telemetry.interval_s, 7);
    assert_false(hwi_answers_are_due(&r->device));
    assert_int_equal(hwi_ledger_next(&r->device.ledger, HWI_LEDGER_SENT, 0), 0);
}

/* Power --------------------------------------------------------------------- */

static void test_settle_what_was_cut_is_interrupted(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    cut_at(r, 3, SET_7); /* a sector, its head, the beginning */
    reboot(r);
    assert_reply(r, "'id':'s','command':'set_interval','status':'failed',"
                    "'code':'interrupted'");
    assert_reply(r, "'boot':2}");
    say(r, SET_7);
    assert_reply(r, "'status':'duplicate'");
    assert_reply(r, "'answer':{'status':'failed','code':'interrupted'");
    assert_int_equal(r->device.telemetry.interval_s, 30);
    reboot(r);
    assert_int_equal(replies(r, "'status':'failed'"), 1 + 1); /* + in answer */
}

/* Not begun, no effect: the same id may try again. */
static void test_begin_that_was_cut_is_no_effect(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    r->fake.flash.torn_bytes = 3;
    cut_at(r, 2, SET_7);
    assert_reply(r, "'status':'failed','code':'storage'");
    assert_int_equal(r->device.telemetry.interval_s, 30);
    reboot(r);
    assert_int_equal(replies(r, ""), 1);
    say(r, SET_7);
    assert_reply(r, "'status':'succeeded'");
    assert_int_equal(r->device.telemetry.interval_s, 7);
}

static void test_finish_that_cannot_be_kept_is_told_all_the_same(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    r->fake.flash.power_left = 3;
    say_to(r, SET_7, OWN_TREE "answers", "c");
    assert_reply(r, "'id':'s','command':'set_interval','status':'succeeded',"
                    "'code':'not_kept'");
    assert_string_equal(last(r, "/answers"), last(r, "/reply"));
    assert_int_equal(r->device.telemetry.interval_s, 7);
    say(r, SET_7);
    assert_reply(r, "'status':'duplicate'"); /* no second effect */
}

static void test_flash_that_cannot_be_read_obeys_nothing(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    say(r, SET_7);
    r->fake.flash.is_unreadable = true;
    say(r, SET_7);
    assert_reply(r, "'status':'failed','code':'storage'");
    say(r, "{'command':'ping'}");
    assert_reply(r, "'status':'succeeded'");
    r->fake.flash.is_unreadable = false;
    say(r, SET_7);
    assert_reply(r, "'status':'duplicate'");
}

static void test_without_a_region_only_harmless_ones_are_obeyed(void **state)
{
    struct rig *r = *state;

    r->fake.regions[HAWSER_REGION_COMMANDS].shape.sector_count = 0;
    rig_online(r);
    say(r, SET_7);
    assert_reply(r, "'status':'failed','code':'storage'");
    assert_int_equal(r->device.telemetry.interval_s, 30);
    say(r, "{'command':'get_status'}");
    assert_reply(r, "'status':'succeeded'");
}

/* Its text is on flash: it cannot be told, and is not forgotten. */
static void test_answer_that_cannot_be_read_waits_for_the_next_run(void **state)
{
    struct rig *r = *state;
    unsigned first;

    r->fake.broker.receive_maximum = 1;
    rig_online(r);
    r->fake.broker.ignores_publish = true;
    first = r->fake.broker.message_count;
    say(r, "{'command':'set_interval','id':'a','args':{'interval_s':7}}");
    say(r, "{'command':'set_interval','id':'b','args':{'interval_s':8}}");
    r->fake.flash.is_unreadable = true;
    r->fake.broker.ignores_publish = false;
    acknowledge(r, &r->fake.broker.messages[first]);
    rig_run(r, 1000);
    assert_int_equal(replies(r, "'id':'b'"), 0);
    assert_int_equal(
        fake_logged(&r->fake, "alert", "an answer could not be read"), 1);
    r->fake.flash.is_unreadable = false;
    reboot(r);
    assert_int_equal(replies(r, "'id':'b'"), 1);
    assert_reply(r, "'result':{'interval_s':8},'boot':1}");
}

/* The session ends with it, and so does what was under way there. */
static void
test_answers_without_puback_come_again_with_a_new_session(void **state)
{
    struct rig *r = *state;
    struct hawser_device_config other;

    rig_online(r);
    r->fake.broker.ignores_publish = true;
    say(r, SET_7);
    assert_int_equal(replies(r, "'id':'s'"), 1);
    other = r->config;
    assert_int_equal(hawser_device_reconfigure(&r->device, &other), 0);
    rig_run(r, 60000);
    r->fake.broker.ignores_publish = false;
    rig_run(r, 600000);
    assert_int_equal(hwi_ledger_next(&r->device.ledger, HWI_LEDGER_SENT, 0), 0);
    assert_false(hwi_answers_are_due(&r->device));
    assert_true(replies(r, "'id':'s'") > 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(test_answer_again_is_the_old_one),
        STORY(test_answer_again_before_any_condition),
        STORY(test_answer_again_also_a_rejection_by_the_command),
        STORY(test_answer_rejected_by_condition_may_come_again),
        STORY(test_answer_harmless_ones_are_done_again),
        STORY(test_answers_without_puback_come_again_after_a_restart),
        STORY(test_answers_wait_for_room_and_keep_their_order),
        STORY(test_answers_half_told_only_the_rest_waits),
        STORY(test_answers_not_told_hold_the_broker_back),
        STORY(test_answer_that_never_fits_is_dropped),
        STORY(test_settle_what_was_cut_is_interrupted),
        STORY(test_begin_that_was_cut_is_no_effect),
        STORY(test_finish_that_cannot_be_kept_is_told_all_the_same),
        STORY(test_flash_that_cannot_be_read_obeys_nothing),
        STORY(test_without_a_region_only_harmless_ones_are_obeyed),
        STORY(test_answer_that_cannot_be_read_waits_for_the_next_run),
        STORY(test_answers_without_puback_come_again_with_a_new_session),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
