/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What comes to the control topic and is no command: retained, too long, not
 * UTF-8, not JSON, too deep, and a flood of it. The device stays up, answers at
 * a limited rate and still obeys; nothing of what came is repeated.
 */
#include "device/command_test.h"

static void send(struct rig *r, const char *bytes, size_t len, bool retain)
{
    struct fake_publish p = {.topic = CONTROL,
                             .payload = bytes,
                             .len = len,
                             .packet_id = 60003,
                             .retain = retain};

    fake_broker_publish(&r->fake.broker, &p);
    rig_run(r, 10);
}

/* Spaces round a command, so many bytes in all. */
static char *padded(size_t len)
{
    static const char command[] = "{\"command\":\"ping\"}";
    char *bytes = malloc(len);

    assert_non_null(bytes);
    memset(bytes, ' ', len);
    memcpy(bytes, command, sizeof(command) - 1);
    return bytes;
}

static void assert_alive(struct rig *r)
{
    rig_run(r, 1000);
    say(r, "{'command':'ping','id':'alive'}");
    assert_reply(r, "'id':'alive','command':'ping','status':'succeeded'");
    assert_int_equal(r->fake.broker.connections, 1);
}

/* Retained ------------------------------------------------------------------- */

static void test_take_retained_is_refused_and_reported(void **state)
{
    static const char command[] = "{\"command\":\"restart\",\"id\":\"r\"}";
    struct rig *r = *state;

    rig_online(r);
    send(r, command, sizeof(command) - 1, true);
    assert_int_equal(r->fake.restarts, 0);
    assert_int_equal(replies(r, ""), 0);
    assert_int_equal(counters(r)->refused, 1);
    assert_int_equal(r->fake.broker.pubacks, 1);
    assert_int_equal(r->fake.broker.last_puback_reason, 0);
    assert_int_equal(told_quoted(r, "/event",
                                 "'event':'command_refused','boot':1,"
                                 "'code':'retained','count':1}"),
                     1);
    assert_int_equal(fake_logged(&r->fake, "refused", "code=retained"), 1);
    /* The same, not retained, is obeyed. */
    send(r, command, sizeof(command) - 1, false);
    assert_int_equal(r->fake.restarts, 1);
}

static void test_take_retained_in_parts_counts_once(void **state)
{
    struct rig *r = *state;
    char *bytes = padded(20000);

    rig_online(r);
    send(r, bytes, 20000, true);
    free(bytes);
    assert_int_equal(counters(r)->refused, 1);
    assert_int_equal(told(r, "/event", "command_refused"), 1);
    assert_int_equal(r->fake.broker.pubacks, 1);
    assert_alive(r);
}

/* Size ------------------------------------------------------------------------ */

static void test_take_in_parts_is_too_large(void **state)
{
    static const size_t sizes[] = {2000, 65536, 1024 * 1024};
    struct rig *r = *state;

    rig_online(r);
    for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        char *bytes = padded(sizes[i]);
        send(r, bytes, sizes[i], false);
        free(bytes);
        assert_reply(r, "{'device':'esp32_factory_001','status':'rejected',"
                        "'code':'too_large'");
        assert_int_equal(replies(r, "too_large"), i + 1);
        assert_int_equal(counters(r)->refused, i + 1);
        assert_int_equal(r->fake.broker.last_puback_reason, 0);
        rig_run(r, 1000);
    }
    assert_int_equal(r->fake.broker.pubacks, 3);
    assert_int_equal(told(r, "/status", "pong"), 0);
    assert_alive(r);
}

static void test_take_size_is_bounded_where_more_fits(void **state)
{
    static uint8_t rx[8192];
    struct rig *r = *state;
    char *bytes = padded(4097);

    r->memory.rx = (struct hawser_span){rx, sizeof(rx)};
    rig_online(r);
    send(r, bytes, 4096, false);
    assert_reply(r, "'command':'ping','status':'succeeded'");
    send(r, bytes, 4097, false);
    assert_reply(r, "'status':'rejected','code':'too_large',"
                    "'message':'the command is too long'");
    free(bytes);
}

/* Bytes and shape ------------------------------------------------------------- */

static void test_take_garbage_is_rejected_with_a_code(void **state)
{
    static const struct {
        const char *text;
        const char *code;
    } rows[] = {
        {"restart", "bad_json"},
        {" ", "bad_json"},
        {"[]", "bad_json"},
        {"'restart'", "bad_json"},
        {"['restart']", "bad_json"},
        {"{'command':'restart'", "bad_json"},
        {"{'command':'restart'}}", "bad_json"},
        {"{'command':'restart'}{}", "bad_json"},
        {"{'command':'restart'}:}", "bad_json"},
        {"{'command':restart}", "bad_json"},
        {"{'command' 'restart'}", "bad_json"},
        {"{'command':'restart','x':01}", "bad_json"},
        {"{'command':'restart','x':'\n'}", "bad_json"},
        {"{'command':'restart','x':'\\ud80'}", "bad_json"},
        {"{'command':'restart','x':'\xFF'}", "bad_utf8"},
        {"{'command':'restart','x':'\xED\xA0\x80'}", "bad_utf8"},
        {"{'command':'restart','x':'\xC0\x80'}", "bad_utf8"},
        {"\xFF\xFE{\x01", "bad_utf8"},
        {"{'command':'restart','x':[[[[[[1]]]]]]}", "too_deep"},
        {"{'command':'restart','x':{'x':{'x':{'x':{'x':{'x':{}}}}}}}",
         "too_deep"},
        {"{'command':'restart','x':[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,"
         "1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,"
         "1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,"
         "1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]}",
         "too_large"},
    };
    struct rig *r = *state;

    rig_online(r);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_rejected(r, rows[i].text, rows[i].code);
        assert_int_equal(r->fake.broker.last_puback_reason, 0);
    }
    assert_int_equal(told(r, "/reply", "restart"), 0);
    assert_int_equal(r->fake.restarts, 0);
    assert_alive(r);
}

static void test_take_empty_or_nul_is_rejected(void **state)
{
    static const char nul[] = "{\"command\":\"restart\"}\0";
    struct rig *r = *state;

    rig_online(r);
    send(r, "", 0, false);
    assert_reply(r, "'code':'bad_json'");
    send(r, nul, sizeof(nul) - 1, false);
    assert_reply(r, "'code':'bad_utf8'");
    assert_int_equal(r->fake.restarts, 0);
    assert_alive(r);
}

static void test_take_very_deep_is_rejected(void **state)
{
    char text[1000];
    struct rig *r = *state;

    rig_online(r);
    memset(text, '[', sizeof(text));
    memcpy(text, "{\"a\":", 5);
    send(r, text, 900, false);
    assert_reply(r, "'status':'rejected'");
    assert_alive(r);
}

static void test_take_nothing_of_it_is_repeated(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    say(r, "sesame {'command':'ping'}");
    say(r, "{'command':['sesame']}");
    say(r, "{'command':'set_interval','sesame':'sesame','interval_s':0}");
    say(r, "{'command':'ping','args':'sesame'}");
    say(r, "{'command':'sesame'}");
    assert_int_equal(replies(r, "rejected"), 5);
    assert_int_equal(replies(r, "sesame"), 1); /* the name of the command */
    assert_int_equal(told(r, "", "sesame"), 1);
    for (unsigned i = 0; i < r->fake.log_count; i++) {
        assert_null(strstr(r->fake.logs[i].text, "sesame"));
    }
}

/* Floods ---------------------------------------------------------------------- */

static void test_take_flood_is_answered_at_a_limited_rate(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    for (unsigned i = 0; i < 50; i++) {
        say(r, "garbage");
        assert_int_equal(r->fake.broker.last_puback_reason, 0);
    }
    assert_int_equal(replies(r, ""), 5);
    assert_int_equal(counters(r)->refused, 50);
    assert_int_equal(r->fake.broker.pubacks, 50);
    /* Unknown commands and unmet conditions are no way around it. */
    say(r, "{'command':'sesame'}");
    say(r, "{'command':'ping','if_boot':7}");
    assert_int_equal(replies(r, ""), 5);
    /* Who has a command to give is served all the same. */
    say(r, "{'command':'ping'}");
    assert_int_equal(replies(r, "succeeded"), 1);
    rig_run(r, 3000);
    for (unsigned i = 0; i < 20; i++) {
        say(r, "garbage");
    }
    assert_int_equal(replies(r, "rejected"), 8);
    assert_int_equal(counters(r)->refused, 72);
}

/* Each byte of a command in turn made another: whatever that gives, there is
 * one answer, and the device stays up. */
static void test_take_every_byte_damaged_is_answered(void **state)
{
    static const char command[] =
        "{\"command\":\"get_status\",\"id\":\"i\",\"args\":{\"a\":[1]}}";
    struct rig *r = *state;

    rig_online(r);
    for (size_t i = 0; i < sizeof(command) - 1; i++) {
        char bytes[sizeof(command)];
        memcpy(bytes, command, sizeof(command));
        bytes[i] = (char)(bytes[i] ^ (i % 2 == 0 ? 0x80 : 0x05));
        rig_run(r, 1000);
        send(r, bytes, sizeof(command) - 1, false);
        assert_int_equal(replies(r, ""), i + 1);
        assert_int_equal(r->fake.broker.pubacks, i + 1);
    }
    assert_alive(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(test_take_retained_is_refused_and_reported),
        STORY(test_take_retained_in_parts_counts_once),
        STORY(test_take_in_parts_is_too_large),
        STORY(test_take_size_is_bounded_where_more_fits),
        STORY(test_take_garbage_is_rejected_with_a_code),
        STORY(test_take_empty_or_nul_is_rejected),
        STORY(test_take_very_deep_is_rejected),
        STORY(test_take_nothing_of_it_is_repeated),
        STORY(test_take_flood_is_answered_at_a_limited_rate),
        STORY(test_take_every_byte_damaged_is_answered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
