/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Alerts as the broker has them: retained while they hold, an empty message
 * when they do not, also after a restart or a power cut in between.
 */
#include "device/story_test.h"

#include "device/alerts.h"

#define OUTBOX  "/alert/outbox"
#define REFUSED "/alert/command_refused"
#define LOOP    "/alert/reboot_loop"
#define CLEAR   "{\"command\":\"clear_alert\"}"

/* What the broker has retained; "" if nothing. */
static const char *retained(const struct rig *r, const char *topic_end)
{
    unsigned n = told(r, topic_end, "");

    if (n > 0) {
        assert_true(
            fake_broker_find(&r->fake.broker, topic_end, "", n - 1)->retain);
    }
    return last(r, topic_end);
}

static void raise_outbox(struct rig *r, const char *code, uint32_t number)
{
    hwi_alert_raise(&r->device, HWI_ALERT_OUTBOX, code, number);
    rig_run(r, 0);
}

static void test_raise_is_told_retained_with_all_facts(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    raise_outbox(r, "storage", 3);
    assert_string_equal(
        retained(r, OUTBOX),
        "{\"device\":\"esp32_factory_001\",\"alert\":\"outbox\","
        "\"code\":\"storage\",\"count\":3,\"message\":\"telemetry cannot be "
        "stored\",\"since\":1790000005,\"boot\":1}");
    assert_int_equal(fake_logged(&r->fake, "alert", "code=outbox"), 1);
}

static void
test_raise_without_code_number_and_time_leaves_them_out(void **state)
{
    struct rig *r = *state;

    r->config.time_server_count = 0;
    rig_online(r);
    raise_outbox(r, NULL, 0);
    assert_string_equal(
        retained(r, OUTBOX),
        "{\"device\":\"esp32_factory_001\",\"alert\":\"outbox\","
        "\"message\":\"telemetry cannot be stored\",\"boot\":1}");
}

static void test_raise_again_is_told_only_with_another_code(void **state)
{
    static const char full[] = "full";
    struct rig *r = *state;

    rig_online(r);
    raise_outbox(r, full, 1);
    raise_outbox(r, full, 2);
    assert_int_equal(told(r, OUTBOX, ""), 1);
    raise_outbox(r, "storage", 3);
    assert_int_equal(told(r, OUTBOX, ""), 2);
    assert_non_null(strstr(retained(r, OUTBOX), "\"count\":3"));
}

static void test_raise_offline_is_told_when_online(void **state)
{
    struct rig *r = *state;

    rig_start(r);
    raise_outbox(r, NULL, 0);
    assert_int_equal(told(r, OUTBOX, ""), 0);
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 60000));
    rig_run(r, 100);
    assert_int_equal(told(r, OUTBOX, "outbox"), 1);
}

static void test_raise_writes_flash_once(void **state)
{
    struct rig *r = *state;
    unsigned programs;

    rig_online(r);
    raise_outbox(r, NULL, 0);
    programs = r->fake.flash.programs;
    for (uint32_t i = 0; i < 100; i++) {
        hwi_alert_clear(&r->device, HWI_ALERT_OUTBOX);
        raise_outbox(r, NULL, i);
    }
    assert_int_equal(r->fake.flash.programs, programs);
}

static void test_clear_takes_the_message_away(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    raise_outbox(r, NULL, 0);
    assert_true(hwi_alert_stands(&r->device, HWI_ALERT_OUTBOX));
    hwi_alert_clear(&r->device, HWI_ALERT_OUTBOX);
    rig_run(r, 0);
    assert_int_equal(told(r, OUTBOX, ""), 2);
    assert_string_equal(retained(r, OUTBOX), "");
    assert_false(hwi_alert_stands(&r->device, HWI_ALERT_OUTBOX));
    hwi_alert_clear(&r->device, HWI_ALERT_OUTBOX);
    rig_run(r, 0);
    assert_int_equal(told(r, OUTBOX, ""), 2);
}

static void test_clear_refused_by_the_broker_is_tried_again(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    raise_outbox(r, NULL, 0);
    r->fake.broker.puback = 0x97; /* quota exceeded */
    hwi_alert_clear(&r->device, HWI_ALERT_OUTBOX);
    rig_run(r, 0);
    assert_true(hwi_alert_stands(&r->device, HWI_ALERT_OUTBOX));
    r->fake.broker.puback = 0;
    rig_reboot(r);
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 60000));
    rig_run(r, 100);
    assert_int_equal(told(r, OUTBOX, ""), 3);
    assert_string_equal(retained(r, OUTBOX), "");
}

static void test_reboot_condition_that_ended_is_taken_away(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    raise_outbox(r, NULL, 0);
    rig_reboot(r);
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 60000));
    rig_run(r, 100);
    assert_int_equal(told(r, OUTBOX, ""), 2);
    assert_string_equal(retained(r, OUTBOX), "");
    rig_reboot(r);
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 60000));
    rig_run(r, 100);
    assert_int_equal(told(r, OUTBOX, ""), 2);
}

static void test_reboot_condition_that_holds_is_told_again(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    raise_outbox(r, NULL, 0);
    rig_reboot(r);
    raise_outbox(r, NULL, 0);
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 60000));
    rig_run(r, 100);
    assert_int_equal(told(r, OUTBOX, ""), 2);
    assert_non_null(strstr(retained(r, OUTBOX), "\"boot\":2"));
}

static void test_reboot_finding_stands_untouched_until_cleared(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    hwi_alert_raise(&r->device, HWI_ALERT_REBOOT_LOOP, NULL, 5);
    rig_run(r, 0);
    rig_reboot(r);
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 60000));
    rig_run(r, 100);
    assert_int_equal(told(r, LOOP, ""), 1);
    assert_true(hwi_alert_stands(&r->device, HWI_ALERT_REBOOT_LOOP));
    rig_command(r, CLEAR);
    assert_int_equal(told(r, LOOP, ""), 2);
    assert_string_equal(retained(r, LOOP), "");
}

static void test_reconnect_tells_what_stands_again(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    raise_outbox(r, NULL, 0);
    fake_broker_close(&r->fake.broker);
    rig_run(r, 10);
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 60000));
    rig_run(r, 100);
    assert_int_equal(told(r, OUTBOX, "outbox"), 2);
}

/* Raised and cleared around a power cut at each change of flash: at the end
 * nothing is left at the broker. */
static void test_power_cut_leaves_nothing_behind(void **state)
{
    struct rig *r = *state;

    for (int cut = 0; cut < 6; cut++) {
        rig_init(r);
        rig_online(r);
        r->fake.flash.power_left = cut;
        raise_outbox(r, NULL, 0);
        hwi_alert_clear(&r->device, HWI_ALERT_OUTBOX);
        if (cut % 2 == 0) {
            rig_run(r, 0);
        }
        fake_flash_power(&r->fake);
        rig_reboot(r);
        assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 60000));
        rig_run(r, 100);
        assert_string_equal(retained(r, OUTBOX), "");
    }
}

/* The command ------------------------------------------------------------------ */

static void test_refused_command_raises_a_finding(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    rig_command(r, "{\"command\":\"fly\"}");
    assert_non_null(strstr(retained(r, REFUSED), "\"unknown_command\""));
    rig_command(r, "{\"command\":\"clear_alert\",\"args\":"
                   "{\"alert\":\"command_refused\"}}");
    assert_string_equal(retained(r, REFUSED), "");
    assert_int_equal(told(r, "/reply", "succeeded"), 1);
}

static void test_clear_alert_of_what_is_no_finding_is_rejected(void **state)
{
    static const char *const names[] = {"\"outbox\"", "\"\"", "\"downgrad\"",
                                        "7"};
    struct rig *r = *state;
    char text[100];

    rig_online(r);
    raise_outbox(r, NULL, 0);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        (void)snprintf(text, sizeof(text),
                       "{\"command\":\"clear_alert\",\"alert\":%s}", names[i]);
        rig_command(r, text);
        assert_int_equal(told(r, "/reply", "bad_alert"), i + 1);
    }
    assert_true(hwi_alert_stands(&r->device, HWI_ALERT_OUTBOX));
}

static void test_clear_alert_without_a_name_clears_findings_only(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    raise_outbox(r, NULL, 0);
    hwi_alert_raise(&r->device, HWI_ALERT_REBOOT_LOOP, NULL, 5);
    hwi_alert_raise(&r->device, HWI_ALERT_DOWNGRADE, "cipher", 0);
    rig_run(r, 0);
    rig_command(r, CLEAR);
    assert_string_equal(retained(r, LOOP), "");
    assert_string_equal(retained(r, "/alert/downgrade"), "");
    assert_int_equal(told(r, OUTBOX, ""), 1);
}

static void test_broken_flash_alerts_are_told_all_the_same(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    r->fake.flash.is_broken = true;
    raise_outbox(r, NULL, 0);
    assert_int_equal(told(r, OUTBOX, "outbox"), 1);
    assert_int_equal(fake_logged(&r->fake, "alert", "code=storage"), 1);
}

/* The broker says that the old one is gone when there is a new one. */
static void test_raise_while_the_clearing_is_under_way_stands(void **state)
{
    struct rig *r = *state;
    uint16_t packet_id;
    uint8_t puback[4] = {0x40, 0x02, 0, 0};

    rig_online(r);
    raise_outbox(r, "first", 0);
    r->fake.broker.ignores_publish = true;
    hwi_alert_clear(&r->device, HWI_ALERT_OUTBOX);
    rig_run(r, 0);
    packet_id =
        r->fake.broker.messages[r->fake.broker.message_count - 1].packet_id;
    raise_outbox(r, "second", 0);
    puback[2] = (uint8_t)(packet_id >> 8);
    puback[3] = (uint8_t)packet_id;
    fake_broker_raw(&r->fake.broker, puback, sizeof(puback));
    rig_run(r, 10);
    assert_true(hwi_alert_stands(&r->device, HWI_ALERT_OUTBOX));
    assert_non_null(strstr(retained(r, OUTBOX), "second"));
    /* Flash knows of it: the next run takes it away when it has ended. */
    r->fake.broker.ignores_publish = false;
    rig_reboot(r);
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 60000));
    rig_run(r, 100);
    assert_string_equal(retained(r, OUTBOX), "");
}

static void test_raise_more_than_can_leave_is_told_by_and_by(void **state)
{
    struct rig *r = *state;

    r->fake.broker.receive_maximum = 1;
    rig_online(r);
    r->fake.broker.ignores_publish = true;
    hwi_alert_raise(&r->device, HWI_ALERT_DOWNGRADE, "cipher", 1);
    raise_outbox(r, "full", 0);
    assert_int_equal(told(r, OUTBOX, "") + told(r, "/alert/downgrade", ""), 1);
    r->fake.broker.ignores_publish = false;
    fake_broker_close(&r->fake.broker);
    rig_run(r, 0);
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 60000));
    rig_run(r, 1000);
    assert_non_null(strstr(retained(r, OUTBOX), "full"));
    assert_non_null(strstr(retained(r, "/alert/downgrade"), "cipher"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(test_raise_is_told_retained_with_all_facts),
        STORY(test_raise_without_code_number_and_time_leaves_them_out),
        STORY(test_raise_again_is_told_only_with_another_code),
        STORY(test_raise_offline_is_told_when_online),
        STORY(test_raise_writes_flash_once),
        STORY(test_clear_takes_the_message_away),
        STORY(test_clear_refused_by_the_broker_is_tried_again),
        STORY(test_reboot_condition_that_ended_is_taken_away),
        STORY(test_reboot_condition_that_holds_is_told_again),
        STORY(test_reboot_finding_stands_untouched_until_cleared),
        STORY(test_reconnect_tells_what_stands_again),
        STORY(test_power_cut_leaves_nothing_behind),
        STORY(test_refused_command_raises_a_finding),
        STORY(test_clear_alert_of_what_is_no_finding_is_rejected),
        STORY(test_clear_alert_without_a_name_clears_findings_only),
        STORY(test_broken_flash_alerts_are_told_all_the_same),
        STORY(test_raise_while_the_clearing_is_under_way_stands),
        STORY(test_raise_more_than_can_leave_is_told_by_and_by),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
