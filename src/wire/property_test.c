/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of the property table: reading, checking, writing.
 */
#include "wire/hex.h"
#include "wire/property.h"
#include "wire/reason.h"

/* Every property once, with a value that is fine. */
static const char *const one_of[] = {
    "01 01",
    "02 00000001",
    "03 0001 61",
    "08 0001 61",
    "09 0001 FF",
    "0B 01",
    "11 00000001",
    "12 0001 61",
    "13 0001",
    "15 0001 61",
    "16 0001 FF",
    "17 01",
    "18 00000001",
    "19 01",
    "1A 0001 61",
    "1C 0001 61",
    "1F 0001 61",
    "21 0001",
    "22 0001",
    "23 0001",
    "24 01",
    "25 01",
    "26 0001 61 0001 62",
    "27 00000001",
    "28 01",
    "29 01",
    "2A 01",
};

#define PROPERTIES (sizeof one_of / sizeof one_of[0])

/* Which of them a server may send, by identifier, in order. [table 2-4] */
struct row {
    enum hwi_packet_type type;
    const char *ids;
};

static const struct row server_rows[] = {
    {HWI_CONNACK, "11 12 13 15 16 1a 1c 1f 21 22 24 25 26 27 28 29 2a"},
    {HWI_PUBLISH, "01 02 03 08 09 0b 23 26"},
    {HWI_PUBACK, "1f 26"},
    {HWI_PUBREC, "1f 26"},
    {HWI_PUBREL, "1f 26"},
    {HWI_PUBCOMP, "1f 26"},
    {HWI_SUBACK, "1f 26"},
    {HWI_UNSUBACK, "1f 26"},
    {HWI_DISCONNECT, "1c 1f 26"},
    {HWI_AUTH, "15 16 1f 26"},
    {HWI_PINGRESP, ""},
    {HWI_WILL, ""},
};

static const struct row client_rows[] = {
    {HWI_CONNECT, "11 15 16 17 19 21 22 26 27"},
    {HWI_WILL, "01 02 03 08 09 18 26"},
    {HWI_PUBLISH, "01 02 03 08 09 23 26"},
    {HWI_SUBSCRIBE, "0b 26"},
    {HWI_UNSUBSCRIBE, "26"},
    {HWI_PUBACK, "1f 26"},
    {HWI_DISCONNECT, "11 1f 26"},
    {HWI_AUTH, "15 16 1f 26"},
};

/* Reads "length + properties" as a packet of this type would hold them. */
static uint8_t read_list(struct hex *h, const char *properties,
                         enum hwi_packet_type type, struct hawser_view *out)
{
    struct hex bytes;
    struct hawser_view v = hex_read(&bytes, properties);
    struct hwi_reader r;

    h->bytes[0] = (uint8_t)v.len;
    assert_true(v.len < 128);
    memcpy(h->bytes + 1, v.at, v.len);
    r = hwi_reader_of((struct hawser_view){h->bytes, v.len + 1});
    *out = hwi_read_properties(&r, type);
    return hwi_read_end(&r);
}

static uint8_t check_list(const char *properties, enum hwi_packet_type type)
{
    struct hex h;
    struct hawser_view v;

    return read_list(&h, properties, type, &v);
}

static struct hawser_property parsed(const char *text, struct hex *h)
{
    struct hawser_view rest = hex_read(h, text);
    struct hawser_property p;

    assert_true(hawser_property_next(&rest, &p));
    assert_int_equal(rest.len, 0);
    return p;
}

static void test_read_properties_from_server_agrees_with_table_2_4(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof server_rows / sizeof server_rows[0]; i++) {
        uint8_t ids[PROPERTIES];
        size_t n = 0;
        struct hex h;

        for (size_t j = 0; j < PROPERTIES; j++) {
            uint8_t fault = check_list(one_of[j], server_rows[i].type);

            if (fault == HWI_OK) {
                ids[n++] = (uint8_t)parsed(one_of[j], &h).id;
            } else {
                assert_int_equal(fault, HWI_MALFORMED);
            }
        }
        assert_string_equal(hex_text(&h, ids, n), server_rows[i].ids);
    }
}

static void test_properties_are_valid_for_client_agrees_with_table_2_4(void **s)
{
    (void)s;
    for (size_t i = 0; i < sizeof client_rows / sizeof client_rows[0]; i++) {
        uint8_t ids[PROPERTIES];
        size_t n = 0;
        struct hex h;

        for (size_t j = 0; j < PROPERTIES; j++) {
            struct hwi_property_set seen = {{0, 0}};
            struct hawser_property p = parsed(one_of[j], &h);

            if (hwi_properties_are_valid(&p, 1, &seen, client_rows[i].type)) {
                ids[n++] = (uint8_t)p.id;
            }
        }
        assert_string_equal(hex_text(&h, ids, n), client_rows[i].ids);
    }
}

static void test_read_properties_twice_is_a_protocol_error(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof server_rows / sizeof server_rows[0]; i++) {
        for (size_t j = 0; j < PROPERTIES; j++) {
            enum hwi_packet_type type = server_rows[i].type;
            struct hex h;
            uint32_t id = (uint32_t)parsed(one_of[j], &h).id;
            char twice[64];
            uint8_t expected = HWI_PROTOCOL_ERROR;

            if (check_list(one_of[j], type) != HWI_OK) {
                continue;
            }
            if (id == HAWSER_PROP_USER || id == HAWSER_PROP_SUBSCRIPTION_ID) {
                expected = HWI_OK;
            }
            (void)snprintf(twice, sizeof twice, "%s %s", one_of[j], one_of[j]);
            assert_int_equal(check_list(twice, type), expected);
        }
    }
}

static void test_read_properties_of_all_at_once_is_possible(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof server_rows / sizeof server_rows[0]; i++) {
        char all[512] = "";
        size_t len = 0;

        for (size_t j = 0; j < PROPERTIES; j++) {
            if (check_list(one_of[j], server_rows[i].type) == HWI_OK) {
                len += (size_t)snprintf(all + len, sizeof all - len, "%s ",
                                        one_of[j]);
                assert_true(len < sizeof all);
            }
        }
        assert_int_equal(check_list(all, server_rows[i].type), HWI_OK);
    }
}

static void test_read_properties_of_bad_bytes_answers_the_fault(void **state)
{
    static const struct {
        enum hwi_packet_type type;
        uint8_t fault;
        const char *bytes;
    } rows[] = {
        {HWI_PUBLISH, HWI_MALFORMED, "00"},
        {HWI_PUBLISH, HWI_MALFORMED, "04 00"},
        {HWI_PUBLISH, HWI_MALFORMED, "2B 00"},
        {HWI_PUBLISH, HWI_MALFORMED, "7F"},
        {HWI_PUBLISH, HWI_MALFORMED, "81 00 00"},
        {HWI_PUBLISH, HWI_MALFORMED, "FF FF FF FF 7F"},
        {HWI_PUBLISH, HWI_MALFORMED, "FF FF FF 7F"},
        {HWI_PUBLISH, HWI_MALFORMED, "01"},
        {HWI_PUBLISH, HWI_MALFORMED, "02 00 00 00"},
        {HWI_PUBLISH, HWI_MALFORMED, "03 00 02 61"},
        {HWI_PUBLISH, HWI_MALFORMED, "03 00 01 FF"},
        {HWI_PUBLISH, HWI_MALFORMED, "0B 80"},
        {HWI_PUBLISH, HWI_MALFORMED, "0B 80 00"},
        {HWI_PUBLISH, HWI_MALFORMED, "26 00 01 61"},
        {HWI_PUBLISH, HWI_MALFORMED, "26 00 01 61 00 01 00"},
        {HWI_PUBLISH, HWI_PROTOCOL_ERROR, "01 02"},
        {HWI_PUBLISH, HWI_PROTOCOL_ERROR, "0B 00"},
        {HWI_PUBLISH, HWI_BAD_TOPIC_ALIAS, "23 00 00"},
        {HWI_PUBLISH, HWI_PROTOCOL_ERROR, "08 00 01 23"},
        {HWI_PUBLISH, HWI_PROTOCOL_ERROR, "08 00 00"},
        {HWI_CONNACK, HWI_PROTOCOL_ERROR, "21 00 00"},
        {HWI_CONNACK, HWI_PROTOCOL_ERROR, "24 02"},
        {HWI_CONNACK, HWI_PROTOCOL_ERROR, "25 02"},
        {HWI_CONNACK, HWI_PROTOCOL_ERROR, "27 00 00 00 00"},
        {HWI_CONNACK, HWI_PROTOCOL_ERROR, "28 FF"},
        {HWI_CONNACK, HWI_PROTOCOL_ERROR, "29 02"},
        {HWI_CONNACK, HWI_PROTOCOL_ERROR, "2A 02"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(check_list(rows[i].bytes, rows[i].type),
                         rows[i].fault);
    }
}

static void test_read_properties_longer_than_the_packet_is_malformed(void **s)
{
    struct hex h;
    struct hwi_reader r = hwi_reader_of(hex_read(&h, "05 01 01"));

    (void)s;
    assert_null(hwi_read_properties(&r, HWI_PUBLISH).at);
    assert_int_equal(r.fault, HWI_MALFORMED);
}

static void test_property_next_hands_all_on_in_order(void **state)
{
    struct hex h;
    struct hawser_view rest;
    struct hawser_property p;

    (void)state;
    assert_int_equal(read_list(&h,
                               "26 0001 61 0001 31 02 00000064 0B FFFFFF7F "
                               "26 0001 61 0001 32 09 0000",
                               HWI_PUBLISH, &rest),
                     HWI_OK);
    assert_true(hawser_property_next(&rest, &p));
    assert_view(p.name, "a");
    assert_view(p.value, "1");
    assert_true(hawser_property_next(&rest, &p));
    assert_int_equal(p.id, HAWSER_PROP_MESSAGE_EXPIRY);
    assert_int_equal(p.number, 100);
    assert_true(hawser_property_next(&rest, &p));
    assert_int_equal(p.number, 268435455);
    assert_true(hawser_property_next(&rest, &p));
    assert_view(p.value, "2");
    assert_true(hawser_property_next(&rest, &p));
    assert_int_equal(p.id, HAWSER_PROP_CORRELATION_DATA);
    assert_non_null(p.value.at);
    assert_int_equal(p.value.len, 0);
    assert_false(hawser_property_next(&rest, &p));
}

static void test_property_next_of_unchecked_bytes_ends(void **state)
{
    struct hex h;
    struct hawser_view rest = hex_read(&h, "01");
    struct hawser_property p;

    (void)state;
    assert_false(hawser_property_next(&rest, &p));
    assert_int_equal(rest.len, 0);
    rest = hex_read(&h, "00 01");
    assert_false(hawser_property_next(&rest, &p));
}

static void test_property_find_answers_the_first(void **state)
{
    struct hex h;
    struct hawser_view v;
    struct hawser_property p;

    (void)state;
    (void)read_list(&h, "0B 01 0B 02", HWI_PUBLISH, &v);
    assert_true(hwi_property_find(v, HAWSER_PROP_SUBSCRIPTION_ID, &p));
    assert_int_equal(p.number, 1);
    assert_false(hwi_property_find(v, HAWSER_PROP_USER, &p));
}

static void test_properties_are_valid_with_bad_values_answers_false(void **s)
{
    static uint8_t big[UINT16_MAX + 1];
    const struct hawser_view bad_text = {(const uint8_t *)"\xff", 1};
    const struct hawser_property bad[] = {
        {.id = HAWSER_PROP_PAYLOAD_FORMAT, .number = 2},
        {.id = HAWSER_PROP_CONTENT_TYPE, .value = bad_text},
        {.id = HAWSER_PROP_RESPONSE_TOPIC, .value = TEXT("a/#")},
        {.id = HAWSER_PROP_RESPONSE_TOPIC, .value = TEXT("")},
        {.id = HAWSER_PROP_CORRELATION_DATA, .value = {big, sizeof big}},
        {.id = HAWSER_PROP_TOPIC_ALIAS, .number = 0},
        {.id = HAWSER_PROP_TOPIC_ALIAS, .number = 65536},
        {.id = HAWSER_PROP_USER, .name = bad_text},
        {.id = HAWSER_PROP_USER, .value = bad_text},
        {.id = HAWSER_PROP_SUBSCRIPTION_ID, .number = 1},
        {.id = (enum hawser_property_id)0},
        {.id = (enum hawser_property_id)0xFFFFFFFF},
    };

    (void)s;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct hwi_property_set seen = {{0, 0}};

        assert_false(hwi_properties_are_valid(&bad[i], 1, &seen, HWI_PUBLISH));
    }
}

static void test_properties_are_valid_by_wire_type_answers(void **state)
{
    struct hawser_property p = {.id = HAWSER_PROP_SUBSCRIPTION_ID,
                                .number = 268435456};
    struct hawser_property twice[2] = {
        {.id = HAWSER_PROP_SUBSCRIPTION_ID, .number = 1},
        {.id = HAWSER_PROP_SUBSCRIPTION_ID, .number = 2}};
    struct hwi_property_set seen = {{0, 0}};

    (void)state;
    assert_false(hwi_properties_are_valid(&p, 1, &seen, HWI_SUBSCRIBE));
    seen = (struct hwi_property_set){{0, 0}};
    assert_true(hwi_properties_are_valid(twice, 1, &seen, HWI_SUBSCRIBE));
    assert_false(hwi_properties_are_valid(twice + 1, 1, &seen, HWI_SUBSCRIBE));
    p = (struct hawser_property){.id = HAWSER_PROP_REQUEST_PROBLEM_INFO,
                                 .number = 256};
    seen = (struct hwi_property_set){{0, 0}};
    assert_false(hwi_properties_are_valid(&p, 1, &seen, HWI_CONNECT));
}

static void test_properties_are_valid_up_to_the_largest_value(void **state)
{
    static uint8_t big[UINT16_MAX];
    const struct hawser_property connect[] = {
        {.id = HAWSER_PROP_RECEIVE_MAXIMUM, .number = UINT16_MAX},
        {.id = HAWSER_PROP_AUTH_DATA, .value = {big, sizeof big}},
        {.id = HAWSER_PROP_REQUEST_PROBLEM_INFO, .number = 1}};
    const struct hawser_property subscribe = {.id = HAWSER_PROP_SUBSCRIPTION_ID,
                                              .number = 268435455};
    struct hwi_property_set seen = {{0, 0}};

    (void)state;
    assert_true(hwi_properties_are_valid(connect, 3, &seen, HWI_CONNECT));
    /* The same again are not: the second and third are looked at, too. */
    for (size_t i = 0; i < 3; i++) {
        seen = (struct hwi_property_set){{0, 0}};
        assert_true(
            hwi_properties_are_valid(&connect[i], 1, &seen, HWI_CONNECT));
        assert_false(hwi_properties_are_valid(connect, 3, &seen, HWI_CONNECT));
    }
    seen = (struct hwi_property_set){{0, 0}};
    assert_true(hwi_properties_are_valid(&subscribe, 1, &seen, HWI_SUBSCRIBE));
}

static void test_write_property_of_each_reads_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROPERTIES; i++) {
        uint8_t bytes[32];
        struct hwi_writer w =
            hwi_writer_of((struct hawser_span){bytes, sizeof bytes});
        struct hex h;
        struct hex expected;
        struct hawser_property p = parsed(one_of[i], &h);
        struct hawser_view v = hex_read(&expected, one_of[i]);

        hwi_write_property(&w, &p);
        assert_false(w.is_bad);
        assert_int_equal(hwi_written(&w), v.len);
        assert_int_equal(hwi_property_len(&p), v.len);
        assert_memory_equal(bytes, v.at, v.len);
    }
}

static void test_write_properties_measures_the_list(void **state)
{
    const struct hawser_property list[] = {
        {.id = HAWSER_PROP_PAYLOAD_FORMAT, .number = 1},
        {.id = HAWSER_PROP_USER, .name = TEXT("k"), .value = TEXT("v")},
    };
    const struct hawser_property unknown = {.id = (enum hawser_property_id)0};
    uint8_t bytes[32];
    struct hwi_writer w =
        hwi_writer_of((struct hawser_span){bytes, sizeof bytes});
    struct hex h;

    (void)state;
    hwi_write_properties(&w, list, 2);
    hwi_write_properties(&w, NULL, 0);
    assert_string_equal(hex_text(&h, bytes, hwi_written(&w)),
                        "09 01 01 26 00 01 6b 00 01 76 00");
    hwi_write_properties(&w, &unknown, 1);
    assert_true(w.is_bad);
    assert_int_equal(hwi_property_len(&unknown), 0);
}

static void test_read_properties_after_a_fault_answers_nothing(void **state)
{
    struct hex h;
    struct hwi_reader r = hwi_reader_of(hex_read(&h, "FF FF FF FF 00"));
    struct hawser_view list = hwi_read_properties(&r, HWI_PUBLISH);

    (void)state;
    assert_null(list.at);
    assert_int_equal(list.len, 0);
    assert_int_equal(r.fault, HWI_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read_properties_after_a_fault_answers_nothing),
        cmocka_unit_test(
            test_read_properties_from_server_agrees_with_table_2_4),
        cmocka_unit_test(
            test_properties_are_valid_for_client_agrees_with_table_2_4),
        cmocka_unit_test(test_read_properties_twice_is_a_protocol_error),
        cmocka_unit_test(test_read_properties_of_all_at_once_is_possible),
        cmocka_unit_test(test_read_properties_of_bad_bytes_answers_the_fault),
        cmocka_unit_test(
            test_read_properties_longer_than_the_packet_is_malformed),
        cmocka_unit_test(test_property_next_hands_all_on_in_order),
        cmocka_unit_test(test_property_next_of_unchecked_bytes_ends),
        cmocka_unit_test(test_property_find_answers_the_first),
        cmocka_unit_test(
            test_properties_are_valid_with_bad_values_answers_false),
        cmocka_unit_test(test_properties_are_valid_by_wire_type_answers),
        cmocka_unit_test(test_properties_are_valid_up_to_the_largest_value),
        cmocka_unit_test(test_write_property_of_each_reads_back),
        cmocka_unit_test(test_write_properties_measures_the_list),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
