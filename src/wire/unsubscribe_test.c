/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of UNSUBSCRIBE.
 */
#include "wire/hex.h"
#include "wire/unsubscribe.h"

static void test_unsubscribe_write_of_two_filters_is_exact(void **state)
{
    const struct hawser_view filters[] = {TEXT("a/#"), TEXT("b")};
    const struct hwi_unsubscribe m = {
        .packet_id = 0x0102, .filters = filters, .count = 2};
    uint8_t bytes[64];
    struct hwi_writer w =
        hwi_writer_of((struct hawser_span){bytes, sizeof bytes});
    struct hex h;

    (void)state;
    hwi_unsubscribe_write(&w, &m, HAWSER_MQTT_5);
    assert_string_equal(hex_text(&h, bytes, hwi_written(&w)),
                        "a2 0b 01 02 00 00 03 61 2f 23 00 01 62");
    w = hwi_writer_of((struct hawser_span){bytes, sizeof bytes});
    hwi_unsubscribe_write(&w, &m, HAWSER_MQTT_3_1_1);
    assert_string_equal(hex_text(&h, bytes, hwi_written(&w)),
                        "a2 0a 01 02 00 03 61 2f 23 00 01 62");
    assert_false(w.is_bad);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unsubscribe_write_of_two_filters_is_exact),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
