/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Topics: both layouts, the longest ones, what a reply may go to, and what can
 * be a root or an id.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "device/json_write.h"
#include "device/topics.h"

static const struct hawser_device_config own = {.id = "esp1"};
static const struct hawser_device_config rooted = {.id = "esp1",
                                                   .root = "site/hall"};
static const struct hawser_device_config flat = {
    .id = "esp1", .root = "esp32", .layout = HAWSER_LAYOUT_FLAT};

static const char *topic(const struct hawser_device_config *cfg,
                         const char *word)
{
    static char text[HWI_TOPIC_SIZE + 1];
    uint8_t buffer[HWI_TOPIC_SIZE];
    struct hawser_view v = hwi_topic(cfg, hwi_view(word), buffer);

    assert_ptr_equal(v.at, buffer);
    (void)snprintf(text, sizeof(text), "%.*s", (int)v.len, (const char *)v.at);
    return text;
}

/* Topic ---------------------------------------------------------------------- */

static void test_topic_device_layout_names_the_device(void **state)
{
    (void)state;
    assert_string_equal(topic(&own, "status"), "hawser/esp1/status");
    assert_string_equal(topic(&rooted, "data"), "site/hall/esp1/data");
}

static void test_topic_flat_layout_is_the_classic_one(void **state)
{
    struct hawser_device_config cfg = flat;

    (void)state;
    assert_string_equal(topic(&flat, "status"), "esp32/status");
    cfg.root = NULL;
    assert_string_equal(topic(&cfg, "control"), "hawser/control");
}

static void test_topic_longest_parts_fit(void **state)
{
    char root[HAWSER_ROOT_MAX + 1] = "";
    char id[HAWSER_ID_MAX + 1] = "";
    char word[HWI_RESPONSE_MAX + 2] = "";
    struct hawser_device_config cfg = {.id = id, .root = root};
    size_t all = HAWSER_ROOT_MAX + 1 + HAWSER_ID_MAX + 1 + HWI_RESPONSE_MAX;

    (void)state;
    memset(root, 'r', HAWSER_ROOT_MAX);
    memset(id, 'i', HAWSER_ID_MAX);
    memset(word, 'w', HWI_RESPONSE_MAX);
    assert_int_equal(strlen(topic(&cfg, word)), all);
    word[HWI_RESPONSE_MAX] = 'x'; /* one too many: cut */
    assert_int_equal(strlen(topic(&cfg, word)), all);
    assert_null(strchr(topic(&cfg, word), 'x'));
}

static void test_topic_is_compares_all_of_it(void **state)
{
    (void)state;
    assert_true(hwi_topic_is(&own, "control", hwi_view("hawser/esp1/control")));
    assert_false(
        hwi_topic_is(&own, "control", hwi_view("hawser/esp1/controls")));
    assert_false(hwi_topic_is(&own, "control", hwi_view("hawser/esp1/contro")));
    assert_false(
        hwi_topic_is(&own, "control", hwi_view("hawser/esp2/control")));
    assert_false(hwi_topic_is(&own, "control", hwi_view("hawser/control")));
    assert_true(hwi_topic_is(&flat, "control", hwi_view("esp32/control")));
}

/* Replies -------------------------------------------------------------------- */

static bool takes(const struct hawser_device_config *cfg, const char *text)
{
    struct hawser_view below = {NULL, 0};
    struct hawser_view v = hwi_view(text);
    bool does = hwi_topic_takes_reply(cfg, v, &below);

    if (does) { /* the end of what was given */
        assert_ptr_equal(below.at + below.len, v.at + v.len);
        assert_string_equal(topic(cfg, (const char *)below.at), text);
    }
    return does;
}

static void test_takes_reply_own_tree_is_fine(void **state)
{
    (void)state;
    assert_true(takes(&own, "hawser/esp1/reply"));
    assert_true(takes(&own, "hawser/esp1/reply/operator-7"));
    assert_true(takes(&own, "hawser/esp1/x"));
    assert_true(takes(&own, "hawser/esp1/controls"));
    assert_true(takes(&own, "hawser/esp1/control/reply"));
    assert_true(takes(&rooted, "site/hall/esp1/reply"));
    assert_true(takes(&flat, "esp32/reply"));
}

static void test_takes_reply_foreign_tree_is_refused(void **state)
{
    static const char *const texts[] = {
        "",
        "hawser",
        "hawser/esp1",
        "hawser/esp1/",
        "hawser/esp2/reply",
        "hawser/esp12/reply",
        "Hawser/esp1/reply",
        "x/hawser/esp1/reply",
        "$SYS/broker/uptime",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_false(takes(&own, texts[i]));
    }
}

static void test_takes_reply_what_means_something_else_is_refused(void **state)
{
    static const char *const words[] = {"status",  "security", "data",
                                        "control", "event",    "cert"};
    char text[80];

    (void)state;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        (void)snprintf(text, sizeof(text), "hawser/esp1/%s", words[i]);
        assert_false(takes(&own, text));
        (void)snprintf(text, sizeof(text), "esp32/%s", words[i]);
        assert_false(takes(&flat, text));
        /* Below the flat prefix other devices may have their trees: the
         * reply to a restart must not restart one of them. */
        (void)snprintf(text, sizeof(text), "esp32/esp2/%s", words[i]);
        assert_false(takes(&flat, text));
    }
    assert_false(takes(&own, "hawser/esp1/alert/outbox"));
    assert_false(takes(&flat, "esp32/esp2/alert/outbox"));
    assert_true(takes(&own, "hawser/esp1/alerts/outbox"));
    assert_true(takes(&own, "hawser/esp1/alert"));
}

static void test_takes_reply_wildcards_are_refused(void **state)
{
    (void)state;
    assert_false(takes(&own, "hawser/esp1/#"));
    assert_false(takes(&own, "hawser/esp1/reply/+"));
    assert_false(takes(&own, "hawser/esp1/re+ply"));
}

static void test_takes_reply_longest_fits_longer_is_refused(void **state)
{
    char text[100] = "hawser/esp1/";

    (void)state;
    memset(text + 12, 'r', HWI_RESPONSE_MAX);
    assert_true(takes(&own, text));
    text[12 + HWI_RESPONSE_MAX] = 'r';
    assert_false(takes(&own, text));
}

/* Roots and levels ------------------------------------------------------------ */

static bool is_root(const char *text)
{
    return hwi_topic_root_is_valid(hwi_view(text));
}

static bool is_level(const char *text)
{
    return hwi_topic_level_is_valid(hwi_view(text));
}

static void test_root_and_level_sizes_from_one_to_64(void **state)
{
    char text[66] = "";

    (void)state;
    assert_false(is_root(""));
    assert_false(is_level(""));
    assert_true(is_root("a"));
    assert_true(is_level("a"));
    memset(text, 'a', 64);
    assert_true(is_root(text));
    assert_true(is_level(text));
    text[64] = 'a';
    assert_false(is_root(text));
    assert_false(is_level(text));
}

static void test_root_and_level_bad_characters_are_refused(void **state)
{
    static const char *const bad[] = {
        "a+b",       "a#b",      "#",    "\x01", "a\x1F",        "\x7F",
        "a\xC2\x80", "\xC2\x9F", "\xFF", "\xC3", "\xED\xA0\x80",
    };
    static const char *const good[] = {
        " ", "a b", "~", "!", "\xC2\xA0", "\xC3\x80", "\xE7\xAB\x99", "a$b"};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(is_root(bad[i]));
        assert_false(is_level(bad[i]));
    }
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_true(is_root(good[i]));
        assert_true(is_level(good[i]));
    }
}

static void test_root_slashes_only_inside(void **state)
{
    (void)state;
    assert_true(is_root("site/hall/3"));
    assert_false(is_root("/site"));
    assert_false(is_root("site/"));
    assert_false(is_root("/"));
    assert_false(is_level("site/hall"));
}

static void test_root_of_the_server_is_refused(void **state)
{
    (void)state;
    assert_false(is_root("$SYS"));
    assert_false(is_root("$share/a"));
    assert_true(is_level("$1")); /* never the first level */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_topic_device_layout_names_the_device),
        cmocka_unit_test(test_topic_flat_layout_is_the_classic_one),
        cmocka_unit_test(test_topic_longest_parts_fit),
        cmocka_unit_test(test_topic_is_compares_all_of_it),
        cmocka_unit_test(test_takes_reply_own_tree_is_fine),
        cmocka_unit_test(test_takes_reply_foreign_tree_is_refused),
        cmocka_unit_test(test_takes_reply_what_means_something_else_is_refused),
        cmocka_unit_test(test_takes_reply_wildcards_are_refused),
        cmocka_unit_test(test_takes_reply_longest_fits_longer_is_refused),
        cmocka_unit_test(test_root_and_level_sizes_from_one_to_64),
        cmocka_unit_test(test_root_and_level_bad_characters_are_refused),
        cmocka_unit_test(test_root_slashes_only_inside),
        cmocka_unit_test(test_root_of_the_server_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
