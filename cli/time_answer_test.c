/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which messages are questions, and what the answer says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "time_answer.h"

#define NONCE "00112233445566778899aabbccddeeff"
#define ASKS                                                           \
    "{\"device\":\"d1\",\"event\":\"time_request\",\"nonce\":\"" NONCE \
    "\",\"boot\":1}"

static struct hawser_cli_time_answer answer;

static bool answers(const char *topic, const char *payload,
                    enum hawser_layout layout)
{
    const struct hawser_cli_message m = {.topic = hawser_cli_view(topic),
                                         .payload = hawser_cli_view(payload)};
    return hawser_cli_time_answer(&answer, &m, layout, 1790000000123);
}

static void assert_topic(const char *topic)
{
    assert_int_equal(answer.topic_len, strlen(topic));
    assert_memory_equal(answer.topic, topic, answer.topic_len);
}

static void test_answer_goes_to_the_control_of_who_asked(void **state)
{
    (void)state;
    assert_true(answers("hawser/d1/event", ASKS, HAWSER_LAYOUT_DEVICE));
    assert_topic("hawser/d1/control");
    assert_string_equal(answer.payload,
                        "{\"command\":\"set_time\",\"args\":{\"nonce\":"
                        "\"" NONCE "\",\"unix_ms\":1790000000123}}");
}

static void test_answer_in_the_flat_layout_names_the_device(void **state)
{
    (void)state;
    assert_true(answers("esp32/event", ASKS, HAWSER_LAYOUT_FLAT));
    assert_topic("esp32/control");
    assert_string_equal(answer.payload,
                        "{\"command\":\"set_time\",\"device\":\"d1\",\"args\":"
                        "{\"nonce\":\"" NONCE "\",\"unix_ms\":1790000000123}}");
}

static void test_other_messages_are_not_answered(void **state)
{
    static const char *const payloads[] = {
        "",
        "{}",
        "{\"event\":\"reconnected\",\"nonce\":\"" NONCE "\"}",
        "{\"event\":\"time_request\"}",
        "{\"event\":\"time_request\",\"nonce\":7}",
        "{\"event\":\"time_request\",\"nonce\":\"" NONCE "0\"}",
        "{\"event\":\"time_request\",\"nonce\":\"\\\",\\\"command\\\":"
        "\\\"restart12345\"}",
        "{\"event\":\"time_request\",\"nonce\":\"G0112233445566778899aabbccdd"
        "eeff\"}",
        ASKS "x",
    };
    char long_topic[600];
    (void)state;
    for (size_t i = 0; i < sizeof(payloads) / sizeof(payloads[0]); i++) {
        assert_false(
            answers("hawser/d1/event", payloads[i], HAWSER_LAYOUT_DEVICE));
    }
    assert_false(answers("hawser/d1/events", ASKS, HAWSER_LAYOUT_DEVICE));
    assert_false(answers("event", ASKS, HAWSER_LAYOUT_DEVICE));
    memset(long_topic, 'x', sizeof(long_topic));
    memcpy(long_topic + sizeof(long_topic) - 7, "/event", 7);
    assert_false(answers(long_topic, ASKS, HAWSER_LAYOUT_DEVICE));
    assert_false(answers("esp32/event",
                         "{\"event\":\"time_request\",\"nonce\":\"" NONCE "\"}",
                         HAWSER_LAYOUT_FLAT)); /* who asks? */
}

static void test_old_or_cut_messages_are_not_answered(void **state)
{
    struct hawser_cli_message m = {.topic = hawser_cli_view("hawser/d1/event"),
                                   .payload = hawser_cli_view(ASKS),
                                   .retain = true};
    (void)state;
    assert_false(hawser_cli_time_answer(&answer, &m, HAWSER_LAYOUT_DEVICE, 1));
    m.retain = false;
    m.is_cut = true;
    assert_false(hawser_cli_time_answer(&answer, &m, HAWSER_LAYOUT_DEVICE, 1));
}

static void test_now_is_told_if_it_is_trusted(void **state)
{
    (void)state;
    assert_true(hawser_cli_time_now_ms(true) > UINT64_C(1700000000000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answer_goes_to_the_control_of_who_asked),
        cmocka_unit_test(test_answer_in_the_flat_layout_names_the_device),
        cmocka_unit_test(test_other_messages_are_not_answered),
        cmocka_unit_test(test_old_or_cut_messages_are_not_answered),
        cmocka_unit_test(test_now_is_told_if_it_is_trusted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
