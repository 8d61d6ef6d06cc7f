/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MQTT 3.1.1, chapters 1 and 2: strings, flags and packet identifiers.
 */
#include "spec.h"

static void
mqtt3_2_2_2_2_reserved_flags_that_are_not_0_close_the_connection(void **state)
{
    struct rig r;

    (void)state;
    rig_start(&r, HAWSER_MQTT_3_1_1);
    REFUSES(&r, "D1 00", HAWSER_E_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            mqtt3_2_2_2_2_reserved_flags_that_are_not_0_close_the_connection),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
