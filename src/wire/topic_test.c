/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of topic names, topic filters and their matching.
 */
#include "wire/hex.h"
#include "wire/topic.h"

static struct hawser_view view(const char *s)
{
    return (struct hawser_view){(const uint8_t *)s, strlen(s)};
}

static void test_topic_is_valid_by_its_characters_answers(void **state)
{
    (void)state;
    assert_true(hwi_topic_is_valid(view("a")));
    assert_true(hwi_topic_is_valid(view("/")));
    assert_true(hwi_topic_is_valid(view("a//b/ c")));
    assert_true(hwi_topic_is_valid(view("$SYS/x")));
    assert_false(hwi_topic_is_valid(view("")));
    assert_false(hwi_topic_is_valid(view("a/+")));
    assert_false(hwi_topic_is_valid(view("a#")));
    assert_false(hwi_topic_is_valid(view("\xff")));
    assert_false(hwi_topic_is_valid(TEXT("a\0b")));
}

static void test_filter_is_valid_by_its_levels_answers(void **state)
{
    static const char *const good[] = {"a",    "#",     "+",  "a/#",
                                       "+/+",  "a/+",   "/",  "//#",
                                       "a//b", "+/a/#", "/+", "$SYS/#"};
    static const char *const bad[] = {"",   "a#",   "a/#/b", "#/",
                                      "a+", "+a/b", "a/b+c", "##",
                                      "++", "a/##", "#/a",   "\xff"};

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_true(hwi_filter_is_valid(view(good[i]), HAWSER_MQTT_3_1_1));
        assert_true(hwi_filter_is_valid(view(good[i]), HAWSER_MQTT_5));
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(hwi_filter_is_valid(view(bad[i]), HAWSER_MQTT_3_1_1));
        assert_false(hwi_filter_is_valid(view(bad[i]), HAWSER_MQTT_5));
    }
}

static void test_filter_is_valid_when_shared_asks_for_name_and_filter(void **s)
{
    static const char *const bad[] = {"$share/",    "$share//a",  "$share/g",
                                      "$share/g/",  "$share/+/a", "$share/g#/a",
                                      "$share/g/a+"};

    (void)s;
    assert_true(hwi_filter_is_valid(view("$share/g/a"), HAWSER_MQTT_5));
    assert_true(hwi_filter_is_valid(view("$share/g/#"), HAWSER_MQTT_5));
    assert_true(hwi_filter_is_valid(view("$share/g//"), HAWSER_MQTT_5));
    assert_true(hwi_filter_is_valid(view("$share"), HAWSER_MQTT_5));
    assert_true(hwi_filter_is_valid(view("$share//a"), HAWSER_MQTT_3_1_1));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(hwi_filter_is_valid(view(bad[i]), HAWSER_MQTT_5));
    }
}

static void test_filter_facts_by_text_answer(void **state)
{
    (void)state;
    assert_true(hwi_filter_has_wildcard(view("a/+")));
    assert_true(hwi_filter_has_wildcard(view("#")));
    assert_false(hwi_filter_has_wildcard(view("a/b")));
    assert_false(hwi_filter_has_wildcard(
        (struct hawser_view){(const uint8_t *)"a+", 1}));
    assert_true(hwi_filter_is_shared(view("$share/g/a")));
    assert_false(hwi_filter_is_shared(view("$share")));
    assert_false(hwi_filter_is_shared(view("$shard/g/a")));
}

static void test_topic_matches_when_filter_covers_answers_true(void **state)
{
    static const char *const rows[][2] = {
        {"a", "a"},
        {"a/b", "a/b"},
        {"#", "a"},
        {"#", "a/b/c"},
        {"a/#", "a"},
        {"a/#", "a/b/c"},
        {"a/#", "a/"},
        {"+", "a"},
        {"+/b", "a/b"},
        {"a/+", "a/"},
        {"+/+", "/a"},
        {"/+", "/a"},
        {"a/+/c", "a/b/c"},
        {"+/b/#", "a/b"},
        {"a//b", "a//b"},
        {"$SYS/#", "$SYS/x"},
        {"$SYS/+", "$SYS/x"},
        {"/#", "/"},
        {"", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_true(hawser_topic_matches(view(rows[i][0]), view(rows[i][1])));
    }
    assert_true(hawser_topic_matches(
        view("+"), (struct hawser_view){(const uint8_t *)"$", 0}));
    assert_true(hawser_topic_matches((struct hawser_view){NULL, 0},
                                     (struct hawser_view){NULL, 0}));
}

static void test_topic_matches_when_filter_differs_answers_false(void **state)
{
    static const char *const rows[][2] = {
        {"a", "b"},     {"a", "a/b"},     {"a/b", "a"},      {"+", "a/b"},
        {"+", "/a"},    {"a/+", "a"},     {"a/+/c", "a/b"},  {"a/+", "a/b/c"},
        {"a/#", "ab"},  {"#", "$SYS/x"},  {"+/x", "$SYS/x"}, {"a", "A"},
        {"a/b/#", "a"}, {"a/b/c", "a/b"}, {"a/", "a"},       {"a", ""},
        {"", "a"},      {"a/#", "b/c"},   {"+", "$"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_false(hawser_topic_matches(view(rows[i][0]), view(rows[i][1])));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_topic_is_valid_by_its_characters_answers),
        cmocka_unit_test(test_filter_is_valid_by_its_levels_answers),
        cmocka_unit_test(
            test_filter_is_valid_when_shared_asks_for_name_and_filter),
        cmocka_unit_test(test_filter_facts_by_text_answer),
        cmocka_unit_test(test_topic_matches_when_filter_covers_answers_true),
        cmocka_unit_test(test_topic_matches_when_filter_differs_answers_false),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
