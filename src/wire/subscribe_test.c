/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of SUBSCRIBE.
 */
#include "wire/hex.h"
#include "wire/subscribe.h"

static void test_subscribe_write_of_options_follows_the_version(void **state)
{
    const struct hawser_filter filters[] = {
        {.topic_filter = TEXT("a/#"), .qos = 2},
        {.topic_filter = TEXT("b"),
         .qos = 2,
         .no_local = true,
         .retain_as_published = true,
         .retain_handling = 2},
    };
    const struct hwi_subscribe m = {
        .packet_id = 0x0102, .filters = filters, .count = 2};
    uint8_t bytes[64];
    struct hwi_writer w =
        hwi_writer_of((struct hawser_span){bytes, sizeof bytes});
    struct hex h;

    (void)state;
    hwi_subscribe_write(&w, &m, HAWSER_MQTT_5);
    assert_string_equal(hex_text(&h, bytes, hwi_written(&w)),
                        "82 0d 01 02 00 00 03 61 2f 23 02 00 01 62 2e");
    w = hwi_writer_of((struct hawser_span){bytes, sizeof bytes});
    hwi_subscribe_write(&w, &m, HAWSER_MQTT_3_1_1);
    assert_string_equal(hex_text(&h, bytes, hwi_written(&w)),
                        "82 0c 01 02 00 03 61 2f 23 02 00 01 62 02");
    assert_false(w.is_bad);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_subscribe_write_of_options_follows_the_version),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
