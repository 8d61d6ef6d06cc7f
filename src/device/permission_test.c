/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signed commands: with a pinned key nothing has an effect that was not signed
 * for this device, with an end, and only where the signature covers it. The
 * other conditions: control_test.c, reboot_guard_test.c.
 */
#include "device/command_test.h"

#include "device/base64.h"
#include "device/clock.h"
#include "device/fake_pki.h"
#include "device/json_write.h"
#include "device/ledger.h"

#define DEVICE "esp32_factory_001\n"
#define ARGS   "{\"interval_s\":7}"

static uint8_t point[HAWSER_POINT_SIZE];

static void begin(struct rig *r)
{
    fake_point(1, point);
    r->config.command_key = (struct hawser_view){point, sizeof(point)};
    rig_online(r);
}

/* Sends these members with a signature by key n over form. */
static void say_signed(struct rig *r, uint8_t n, const char *members,
                       const char *form)
{
    uint8_t value[FAKE_SIGNATURE_SIZE];
    uint8_t text[FAKE_SIGNATURE_SIZE * 2];
    char payload[QUOTED_SIZE];
    char plain[QUOTED_SIZE];
    size_t len = 0;

    fake_sign(n, hwi_view(form), value);
    assert_int_equal(
        hwi_base64_encode((struct hawser_view){value, sizeof(value)},
                          (struct hawser_span){text, sizeof(text)}, &len),
        0);
    (void)snprintf(payload, sizeof(payload), "{%s,\"sig\":\"%.*s\"}",
                   quoted(members, plain), (int)len, (const char *)text);
    rig_run(r, 1000);
    rig_command(r, payload);
}

static void test_signed_command_is_obeyed(void **state)
{
    struct rig *r = *state;

    begin(r);
    say_signed(r, 1,
               "'command':'set_interval','id':'s','expires':1790000060,"
               "'args':{'interval_s':7}",
               DEVICE "set_interval\ns\n1790000060\n\n" ARGS);
    assert_reply(r, "'status':'succeeded','result':{'interval_s':7}");
    say_signed(r, 1,
               "'command':'set_interval','id':'t','if_boot':1,"
               "'args':{'interval_s':7}",
               DEVICE "set_interval\nt\n\n1\n" ARGS);
    assert_reply(r, "'id':'t','command':'set_interval','status':'succeeded'");
    say_signed(r, 1, "'command':'restart','id':'r','if_boot':1",
               DEVICE "restart\nr\n\n1\n");
    assert_int_equal(r->fake.restarts, 1);
}

/* Only a signed one takes the floor of the clock back, and only to the build. */
static void test_signed_command_lowers_the_floor(void **state)
{
    struct rig *r = *state;

    begin(r);
    hwi_clock_raise_floor(&r->device.clock, 1785000000);
    r->device.lasting.floor_s = 1785000000;
    say_signed(r, 1,
               "'command':'lower_floor','id':'f','if_boot':1,"
               "'args':{'unix_s':1775000000}",
               DEVICE "lower_floor\nf\n\n1\n{\"unix_s\":1775000000}");
    assert_reply(r, "'id':'f','command':'lower_floor','status':'succeeded'");
    assert_true(r->device.clock.floor_s == 1775000000);
    assert_true(r->device.lasting.floor_s == 1775000000);
    say_signed(r, 1, "'command':'lower_floor','id':'g','if_boot':1",
               DEVICE "lower_floor\ng\n\n1\n");
    assert_reply(r, "'status':'rejected','code':'bad_time'");
    say_signed(r, 1,
               "'command':'lower_floor','id':'h','if_boot':1,"
               "'args':{'unix_s':0}",
               DEVICE "lower_floor\nh\n\n1\n{\"unix_s\":0}");
    assert_true(r->device.clock.floor_s == r->config.build_time_s);
}

static void test_floor_is_not_lowered_where_no_key_is_pinned(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    r->device.clock.floor_s = 1785000000;
    assert_rejected(r, "{'command':'lower_floor','args':{'unix_s':1}}",
                    "not_signed");
    assert_true(r->device.clock.floor_s == 1785000000);
}

static void test_unsigned_command_is_rejected(void **state)
{
    struct rig *r = *state;

    begin(r);
    assert_rejected(r, "{'command':'restart','id':'r','if_boot':1}",
                    "not_signed");
    assert_rejected(r, "{'command':'restart','id':'r','if_boot':1,'sig':''}",
                    "bad_signature");
    assert_rejected(r, "{'command':'clear_alert'}", "not_signed");
    assert_int_equal(r->fake.restarts, 0);
    assert_int_equal(r->device.ledger.seq, 0); /* nothing is pushed out */
}

static void test_unsigned_harmless_command_is_obeyed(void **state)
{
    struct rig *r = *state;

    begin(r);
    say(r, "{'command':'ping'}");
    assert_reply(r, "'status':'succeeded'");
    say(r, "{'command':'get_status','id':'g'}");
    assert_reply(r, "'status':'succeeded'");
}

static void test_signature_of_something_else_is_rejected(void **state)
{
    static const char *const forms[] = {
        "esp32_factory_002\nrestart\nr\n\n1\n",
        DEVICE "restart\nr2\n\n1\n",
        DEVICE "restart\nr\n\n2\n",
        DEVICE "restart\nr\n1\n\n",
        DEVICE "restart\nr\n\n1\n{}",
        "",
    };
    struct rig *r = *state;

    begin(r);
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        say_signed(r, 1, "'command':'restart','id':'r','if_boot':1", forms[i]);
        assert_reply(r, "'status':'rejected','code':'bad_signature'");
    }
    say_signed(r, 2, "'command':'restart','id':'r','if_boot':1",
               DEVICE "restart\nr\n\n1\n");
    assert_reply(r, "'status':'rejected','code':'bad_signature'");
    assert_int_equal(r->fake.restarts, 0);
    assert_int_equal(told(r, "/alert/command_refused", "bad_signature") > 0, 1);
}

static void test_signed_command_without_an_end_is_rejected(void **state)
{
    struct rig *r = *state;

    begin(r);
    say_signed(r, 1, "'command':'restart','id':'r'", DEVICE "restart\nr\n\n\n");
    assert_reply(r, "'status':'rejected','code':'not_bounded'");
    say_signed(r, 1, "'command':'restart','if_boot':1",
               DEVICE "restart\n\n\n1\n");
    assert_reply(r, "'status':'rejected','code':'missing_id'");
    assert_int_equal(r->fake.restarts, 0);
}

/* Only args are covered by the signature. */
static void test_signed_command_takes_no_arguments_elsewhere(void **state)
{
    struct rig *r = *state;

    begin(r);
    say_signed(r, 1,
               "'interval_s':7,'command':'set_interval','id':'s','if_boot':1",
               DEVICE "set_interval\ns\n\n1\n");
    assert_reply(r, "'status':'rejected','code':'bad_interval'");
    assert_int_equal(r->device.telemetry.interval_s, 30);
}

static void test_signed_command_again_is_a_duplicate(void **state)
{
    struct rig *r = *state;

    begin(r);
    for (unsigned i = 0; i < 3; i++) {
        say_signed(r, 1,
                   "'command':'set_interval','id':'s','if_boot':1,"
                   "'args':{'interval_s':7}",
                   DEVICE "set_interval\ns\n\n1\n" ARGS);
    }
    assert_int_equal(counters(r)->commands, 1);
    assert_reply(r, "'status':'duplicate'");
    /* Who has no key does not learn the answer either. */
    assert_rejected(r, "{'command':'set_interval','id':'s'}", "not_signed");
}

static void test_signed_command_with_a_line_end_is_rejected(void **state)
{
    struct rig *r = *state;

    begin(r);
    say_signed(r, 1, "'command':'restart','id':'r\\n','if_boot':1",
               DEVICE "restart\nr\n\n\n1\n");
    assert_reply(r, "'code':'bad_signature'"); /* no LF in an id */
    assert_int_equal(r->fake.restarts, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(test_signed_command_is_obeyed),
        STORY(test_signed_command_lowers_the_floor),
        STORY(test_floor_is_not_lowered_where_no_key_is_pinned),
        STORY(test_unsigned_command_is_rejected),
        STORY(test_unsigned_harmless_command_is_obeyed),
        STORY(test_signature_of_something_else_is_rejected),
        STORY(test_signed_command_without_an_end_is_rejected),
        STORY(test_signed_command_takes_no_arguments_elsewhere),
        STORY(test_signed_command_again_is_a_duplicate),
        STORY(test_signed_command_with_a_line_end_is_rejected),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
