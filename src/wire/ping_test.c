/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of PINGREQ.
 */
#include "wire/hex.h"
#include "wire/ping.h"

static void test_pingreq_write_is_two_bytes(void **state)
{
    uint8_t bytes[HWI_PINGREQ_LEN];
    struct hwi_writer w =
        hwi_writer_of((struct hawser_span){bytes, sizeof bytes});
    struct hex h;

    (void)state;
    hwi_pingreq_write(&w);
    assert_false(w.is_bad);
    assert_string_equal(hex_text(&h, bytes, hwi_written(&w)), "c0 00");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pingreq_write_is_two_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
