/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of PUBLISH.
 */
#include "wire/hex.h"
#include "wire/publish.h"
#include "wire/reason.h"

static uint8_t read_body(struct hwi_publish *m, struct hex *h, uint8_t header,
                         enum hawser_version version, const char *body)
{
    struct hwi_packet p = hex_packet(h, header, version, body);

    return hwi_publish_read(m, &p);
}

static void test_publish_read_of_3_1_1_answers_the_fields(void **state)
{
    struct hwi_publish m;
    struct hex h;

    (void)state;
    assert_int_equal(read_body(&m, &h, 0x31, HAWSER_MQTT_3_1_1, "0001 61 6869"),
                     HWI_OK);
    assert_view(m.topic, "a");
    assert_view(m.payload, "hi");
    assert_true(m.retain);
    assert_false(m.dup);
    assert_int_equal(m.qos, 0);
    assert_int_equal(read_body(&m, &h, 0x3A, HAWSER_MQTT_3_1_1, "0001 61 1234"),
                     HWI_OK);
    assert_true(m.dup);
    assert_int_equal(m.qos, 1);
    assert_int_equal(m.packet_id, 0x1234);
    assert_int_equal(m.payload.len, 0);
}

static void test_publish_read_of_5_answers_the_properties(void **state)
{
    struct hwi_publish m;
    struct hex h;

    (void)state;
    assert_int_equal(
        read_body(&m, &h, 0x34, HAWSER_MQTT_5, "0001 61 0001 02 01 01 FF"),
        HWI_OK);
    assert_int_equal(m.qos, 2);
    assert_false(m.retain);
    assert_int_equal(m.alias, 0);
    assert_int_equal(m.properties.len, 2);
    assert_int_equal(m.payload.len, 1);
    assert_int_equal(
        read_body(&m, &h, 0x30, HAWSER_MQTT_5, "0000 05 01 01 23 01 02"),
        HWI_OK);
    assert_int_equal(m.alias, 0x0102);
}

static void test_publish_read_of_bad_bodies_answers_the_fault(void **state)
{
    static const struct {
        const char *body;
        enum hawser_version version;
        uint8_t header;
        uint8_t fault;
    } rows[] = {
        {"00", HAWSER_MQTT_3_1_1, 0x30, HWI_MALFORMED},
        {"FF FF FF FF", HAWSER_MQTT_3_1_1, 0x30, HWI_MALFORMED},
        {"00 02 61", HAWSER_MQTT_3_1_1, 0x30, HWI_MALFORMED},
        {"00 00 61", HAWSER_MQTT_3_1_1, 0x30, HWI_PROTOCOL_ERROR},
        {"00 01 23", HAWSER_MQTT_3_1_1, 0x30, HWI_MALFORMED},
        {"00 01 2B", HAWSER_MQTT_3_1_1, 0x30, HWI_MALFORMED},
        {"00 01 00", HAWSER_MQTT_3_1_1, 0x30, HWI_MALFORMED},
        {"00 03 ED A0 80", HAWSER_MQTT_3_1_1, 0x30, HWI_MALFORMED},
        {"00 01 61 00", HAWSER_MQTT_3_1_1, 0x32, HWI_MALFORMED},
        {"00 01 61 00 00", HAWSER_MQTT_3_1_1, 0x32, HWI_MALFORMED},
        {"00 01 61", HAWSER_MQTT_5, 0x30, HWI_MALFORMED},
        {"00 01 61 80", HAWSER_MQTT_5, 0x30, HWI_MALFORMED},
        {"00 01 61 02 01", HAWSER_MQTT_5, 0x30, HWI_MALFORMED},
        {"00 00 00", HAWSER_MQTT_5, 0x30, HWI_PROTOCOL_ERROR},
        {"00 01 61 03 23 00 00", HAWSER_MQTT_5, 0x30, HWI_BAD_TOPIC_ALIAS},
        {"00 01 61 05 11 00 00 00 00", HAWSER_MQTT_5, 0x30, HWI_MALFORMED},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct hwi_publish m;
        struct hex h;

        assert_int_equal(
            read_body(&m, &h, rows[i].header, rows[i].version, rows[i].body),
            rows[i].fault);
    }
}

/* Follows the answers from no bytes until they are enough. */
static size_t head_len(uint8_t header, enum hawser_version version,
                       const char *body)
{
    struct hex h;
    struct hwi_packet p = hex_packet(&h, header, version, body);
    size_t whole = p.body.len;
    size_t need;

    p.body.len = 0;
    while ((need = hwi_publish_head_len(&p)) > p.body.len && need <= whole) {
        p.body.len = need;
    }
    return need;
}

static void test_publish_head_len_step_by_step_answers_the_head(void **state)
{
    (void)state;
    assert_int_equal(head_len(0x30, HAWSER_MQTT_3_1_1, "0001 61 62 63"), 3);
    assert_int_equal(head_len(0x32, HAWSER_MQTT_3_1_1, "0001 61 0001 62"), 5);
    assert_int_equal(head_len(0x30, HAWSER_MQTT_5, "0001 61 00 62"), 4);
    assert_int_equal(head_len(0x32, HAWSER_MQTT_5, "0001 61 0001 02 0101 62"),
                     8);
    /* More than the packet holds. */
    assert_int_equal(head_len(0x30, HAWSER_MQTT_5, "FFFF 61 00"), 65538);
    assert_int_equal(head_len(0x30, HAWSER_MQTT_5, "0001 61 FF FF FF 7F"),
                     7 + 268435455);
    /* A property length that is none. */
    assert_int_equal(head_len(0x30, HAWSER_MQTT_5, "0001 61 80 00 62"), 5);
}

static const char *written(struct hex *h, const struct hwi_publish_out *m,
                           enum hawser_version version)
{
    uint8_t bytes[256];
    struct hwi_writer w =
        hwi_writer_of((struct hawser_span){bytes, sizeof bytes});

    hwi_publish_write(&w, m, version);
    assert_false(w.is_bad || w.is_full);
    return hex_text(h, bytes, hwi_written(&w));
}

static void test_publish_write_of_each_kind_is_exact(void **state)
{
    const struct hawser_property format = {.id = HAWSER_PROP_PAYLOAD_FORMAT,
                                           .number = 1};
    const struct hawser_property alias_and_expiry[] = {
        {.id = HAWSER_PROP_TOPIC_ALIAS, .number = 1},
        {.id = HAWSER_PROP_MESSAGE_EXPIRY, .number = 5}};
    struct hwi_publish_out m = {.topic = TEXT("a"),
                                .payload = TEXT("hi"),
                                .properties = {&format, 1},
                                .packet_id = 0x0102};
    struct hex h;

    (void)state;
    assert_string_equal(written(&h, &m, HAWSER_MQTT_3_1_1),
                        "30 05 00 01 61 68 69");
    assert_string_equal(written(&h, &m, HAWSER_MQTT_5),
                        "30 08 00 01 61 02 01 01 68 69");
    m.qos = 1;
    m.retain = true;
    assert_string_equal(written(&h, &m, HAWSER_MQTT_3_1_1),
                        "33 07 00 01 61 01 02 68 69");
    m.payload.len = 0;
    m.properties.count = 0;
    assert_string_equal(written(&h, &m, HAWSER_MQTT_5),
                        "33 06 00 01 61 01 02 00");
    m.dup = true;
    m.alias = 9;
    m.encoded = (struct hawser_view){(const uint8_t *)"\x01\x01", 2};
    assert_string_equal(written(&h, &m, HAWSER_MQTT_5),
                        "3b 0b 00 01 61 01 02 05 23 00 09 01 01");
    m.properties = (struct hawser_properties){alias_and_expiry, 2};
    m.topic.len = 0;
    assert_string_equal(written(&h, &m, HAWSER_MQTT_5),
                        "3b 0f 00 00 01 02 0a 23 00 09 02 00 00 00 05 01 01");
    m.payload_more = 300;
    assert_string_equal(
        written(&h, &m, HAWSER_MQTT_5),
        "3b bb 02 00 00 01 02 0a 23 00 09 02 00 00 00 05 01 01");
}

static void test_publish_write_into_any_smaller_room_is_full(void **state)
{
    const struct hawser_property name = {
        .id = HAWSER_PROP_USER, .name = TEXT("name"), .value = TEXT("value")};
    const struct hwi_publish_out m = {.topic = TEXT("a/b"),
                                      .payload = TEXT("hello"),
                                      .properties = {&name, 1},
                                      .packet_id = 7,
                                      .qos = 2};
    uint8_t bytes[64];
    struct hwi_writer w =
        hwi_writer_of((struct hawser_span){bytes, sizeof bytes});
    size_t len;

    (void)state;
    hwi_publish_write(&w, &m, HAWSER_MQTT_5);
    len = hwi_written(&w);
    for (size_t size = 0; size < len; size++) {
        memset(bytes, 0xAA, sizeof bytes);
        w = hwi_writer_of((struct hawser_span){bytes, size});
        hwi_publish_write(&w, &m, HAWSER_MQTT_5);
        assert_true(w.is_full && !w.is_bad);
        assert_int_equal(bytes[size], 0xAA);
    }
    w = hwi_writer_of((struct hawser_span){bytes, len});
    hwi_publish_write(&w, &m, HAWSER_MQTT_5);
    assert_false(w.is_full);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_publish_read_of_3_1_1_answers_the_fields),
        cmocka_unit_test(test_publish_read_of_5_answers_the_properties),
        cmocka_unit_test(test_publish_read_of_bad_bodies_answers_the_fault),
        cmocka_unit_test(test_publish_head_len_step_by_step_answers_the_head),
        cmocka_unit_test(test_publish_write_of_each_kind_is_exact),
        cmocka_unit_test(test_publish_write_into_any_smaller_room_is_full),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
