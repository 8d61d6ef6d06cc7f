/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of the table of reason codes.
 */
#include "wire/hex.h"
#include "wire/reason.h"

/* The codes that a server may send in each packet, in order. */
struct row {
    enum hwi_packet_type type;
    enum hwi_sender sender;
    const char *codes;
};

static const struct row rows[] = {
    {HWI_CONNACK, HWI_SERVER,
     "00 80 81 82 83 84 85 86 87 88 89 8a 8c 90 95 97 99 9a 9b 9c 9d 9f"},
    {HWI_PUBACK, HWI_SERVER, "00 10 80 83 87 90 91 97 99"},
    {HWI_PUBACK, HWI_CLIENT, "00 80 83 87 90 91 97 99"},
    {HWI_PUBREC, HWI_SERVER, "00 10 80 83 87 90 91 97 99"},
    {HWI_PUBREL, HWI_SERVER, "00 92"},
    {HWI_PUBREL, HWI_CLIENT, "00 92"},
    {HWI_PUBCOMP, HWI_SERVER, "00 92"},
    {HWI_SUBACK, HWI_SERVER, "00 01 02 80 83 87 8f 91 97 9e a1 a2"},
    {HWI_UNSUBACK, HWI_SERVER, "00 11 80 83 87 8f 91"},
    {HWI_DISCONNECT, HWI_SERVER,
     "00 80 81 82 83 87 89 8b 8c 8d 8e 8f 90 93 94 95 96 97 98 99 9a 9b 9c 9d "
     "9e 9f a0 a1 a2"},
    {HWI_DISCONNECT, HWI_CLIENT, "00 04 80 81 82 83 90 93 94 95 96 97 98 99"},
    {HWI_AUTH, HWI_SERVER, "00 18"},
    {HWI_AUTH, HWI_CLIENT, "18 19"},
    {HWI_PUBLISH, HWI_SERVER, ""},
    {(enum hwi_packet_type)0, HWI_SERVER, ""},
    {(enum hwi_packet_type)0, HWI_CLIENT, ""},
};

static void test_reason_is_allowed_for_all_codes_agrees_with_2_4(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t allowed[256];
        size_t n = 0;
        struct hex h;

        for (unsigned code = 0; code < 256; code++) {
            if (hwi_reason_is_allowed((uint8_t)code, rows[i].type,
                                      rows[i].sender)) {
                allowed[n++] = (uint8_t)code;
            }
        }
        assert_string_equal(hex_text(&h, allowed, n), rows[i].codes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reason_is_allowed_for_all_codes_agrees_with_2_4),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
