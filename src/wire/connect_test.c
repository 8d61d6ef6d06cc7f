/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of CONNECT.
 */
#include "wire/connect.h"
#include "wire/hex.h"

static const char *written(struct hex *h, const struct hwi_connect *m)
{
    uint8_t bytes[256];
    struct hwi_writer w =
        hwi_writer_of((struct hawser_span){bytes, sizeof bytes});

    hwi_connect_write(&w, m);
    assert_false(w.is_bad || w.is_full);
    return hex_text(h, bytes, hwi_written(&w));
}

static void test_connect_write_of_the_least_is_short(void **state)
{
    struct hwi_connect m = {.version = HAWSER_MQTT_3_1_1, .keep_alive_s = 60};
    struct hex h;

    (void)state;
    assert_string_equal(written(&h, &m),
                        "10 0c 00 04 4d 51 54 54 04 00 00 3c 00 00");
    m.version = HAWSER_MQTT_5;
    m.clean_start = true;
    assert_string_equal(written(&h, &m),
                        "10 0d 00 04 4d 51 54 54 05 02 00 3c 00 00 00");
}

static void test_connect_write_of_everything_keeps_the_order(void **state)
{
    const struct hawser_property own = {.id = HAWSER_PROP_RECEIVE_MAXIMUM,
                                        .number = 8};
    const struct hawser_property more[] = {
        {.id = HAWSER_PROP_USER, .name = TEXT("k"), .value = TEXT("v")},
        {.id = HAWSER_PROP_REQUEST_PROBLEM_INFO, .number = 0}};
    const struct hawser_property delay = {.id = HAWSER_PROP_WILL_DELAY,
                                          .number = 5};
    struct hawser_message will = {.topic = TEXT("w"),
                                  .payload = TEXT("p"),
                                  .qos = 1,
                                  .retain = true,
                                  .properties = &delay,
                                  .property_count = 1};
    struct hwi_connect m = {.version = HAWSER_MQTT_5,
                            .clean_start = true,
                            .keep_alive_s = 1,
                            .client_id = TEXT("id"),
                            .username = TEXT("u"),
                            .password = TEXT(""),
                            .will = &will,
                            .properties = {{&own, 1}, {more, 2}}};
    struct hex h;

    (void)state;
    assert_string_equal(
        written(&h, &m),
        "10 2c 00 04 4d 51 54 54 05 ee 00 01 "
        "0c 21 00 08 26 00 01 6b 00 01 76 17 00 "
        "00 02 69 64 05 18 00 00 00 05 00 01 77 00 01 70 00 01 75 00 00");
    will.retain = false;
    m.version = HAWSER_MQTT_3_1_1;
    assert_string_equal(written(&h, &m),
                        "10 19 00 04 4d 51 54 54 04 ce 00 01 00 02 69 64 "
                        "00 01 77 00 01 70 00 01 75 00 00");
}

static void test_connect_write_of_a_long_id_is_bad(void **state)
{
    static uint8_t big[UINT16_MAX + 1];
    struct hwi_connect m = {.version = HAWSER_MQTT_5,
                            .client_id = {big, sizeof big}};
    uint8_t bytes[64];
    struct hwi_writer w =
        hwi_writer_of((struct hawser_span){bytes, sizeof bytes});

    (void)state;
    hwi_connect_write(&w, &m);
    assert_true(w.is_bad);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_connect_write_of_the_least_is_short),
        cmocka_unit_test(test_connect_write_of_everything_keeps_the_order),
        cmocka_unit_test(test_connect_write_of_a_long_id_is_bad),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
