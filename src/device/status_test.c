/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the device says of itself, member by member. The first "online" and
 * "security" of a plain session stand in device_test.c.
 */
#include "device/story_test.h"

#include "device/session.h"
#include "device/status.h"

#include "device/losses.h"

#define DEVICE "{\"device\":\"esp32_factory_001\","

/* Says it, and answers what the broker got. */
static const struct fake_message *say(struct rig *r, uint32_t due,
                                      const char *topic_end)
{
    unsigned n = told(r, topic_end, "");

    hwi_session_say(&r->device, due);
    rig_run(r, 0);
    assert_int_equal(told(r, topic_end, ""), n + 1);
    return fake_broker_find(&r->fake.broker, topic_end, "", n);
}

/* Status -------------------------------------------------------------------- */

static void test_will_is_offline_with_session_and_boot(void **state)
{
    static const char want[] =
        DEVICE "\"status\":\"offline\",\"tls\":true,\"version\":\"2.1.0\","
               "\"session\":4294967295,\"boot\":7}";
    struct rig *r = *state;
    struct hawser_view v;

    rig_start(r);
    r->device.lasting.session = UINT32_MAX;
    r->device.lasting.boot = 7;
    v = hwi_status_will(&r->device);
    assert_int_equal(v.len, sizeof(want) - 1);
    assert_memory_equal(v.at, want, v.len);
}

static void test_will_odd_names_are_escaped(void **state)
{
    static const char want[] =
        "{\"device\":\"a\\\"b\\\\c\",\"status\":\"offline\",\"tls\":true,"
        "\"version\":\"1\\u000a2\",\"session\":0,\"boot\":1}";
    struct rig *r = *state;
    struct hawser_view v;

    r->config.id = "a\"b\\c";
    r->config.firmware = "1\n2";
    rig_start(r);
    v = hwi_status_will(&r->device);
    assert_int_equal(v.len, sizeof(want) - 1);
    assert_memory_equal(v.at, want, v.len);
}

static void test_send_online_without_time_says_so(void **state)
{
    struct rig *r = *state;

    r->config.time_server_count = 0;
    r->fake.security.resumed = true;
    rig_online(r);
    assert_string_equal(
        last(r, "/status"),
        DEVICE "\"status\":\"online\",\"tls\":true,\"version\":\"2.1.0\","
               "\"session\":1,\"boot\":1,\"tls_version\":\"TLSv1.3\","
               "\"cipher\":\"TLS_AES_256_GCM_SHA384\",\"resumed\":true,"
               "\"time_confidence\":1,\"reset_reason\":\"unknown\","
               "\"interval_s\":30}");
}

static void test_send_no_room_keeps_what_was_lost(void **state)
{
    struct rig *r = *state;
    struct hwi_losses *l = &r->device.outbox.state.losses;

    rig_online(r);
    hwi_losses_add(l, 1, 3);
    for (size_t i = 0; i < HWI_FLIGHTS_MAX; i++) {
        r->device.flights[i].packet_id = (uint16_t)(60000 + i);
    }
    assert_int_equal(hwi_status_send(&r->device), HAWSER_E_FULL);
    assert_int_equal(hwi_status_send_lost(&r->device), HAWSER_E_FULL);
    assert_int_equal(l->count, 1);
    assert_int_equal(l->told, 0);
    r->device.retained_refused = 3;
    assert_int_equal(hwi_status_send_retained(&r->device), HAWSER_E_FULL);
    assert_int_equal(r->device.retained_refused, 3);
}

static void test_send_with_flash_says_how_it_wears(void **state)
{
    struct rig *r = *state;

    fake_flash_shape(&r->fake, HAWSER_REGION_OUTBOX,
                     (struct hawser_flash_geometry){1024, 4, 4});
    rig_online(r);
    assert_non_null(
        strstr(last(r, "/status"), ",\"flash\":{\"size\":4096,\"erases\":0}}"));
    rig_run(r, 3600 * 1000);
    (void)say(r, HWI_DUE_STATUS, "/status");
    assert_non_null(strstr(last(r, "/status"), "\"bytes_per_day\":3"));
    assert_non_null(strstr(last(r, "/status"), "\"years_left\":3}}"));
}

static void test_send_at_goodbye_is_short(void **state)
{
    struct rig *r = *state;

    rig_online(r);
    hawser_device_stop(&r->device);
    assert_true(rig_run_until(r, HAWSER_DEVICE_STOPPED, 1000));
    assert_string_equal(last(r, "/status"),
                        DEVICE "\"status\":\"offline\",\"tls\":true,"
                               "\"version\":\"2.1.0\",\"session\":1,"
                               "\"boot\":1}");
}

static void test_send_pong_is_not_retained(void **state)
{
    struct rig *r = *state;
    const struct fake_message *m;

    rig_online(r);
    m = say(r, HWI_DUE_PONG, "/status");
    assert_string_equal(m->payload, DEVICE "\"status\":\"pong\"}");
    assert_false(m->retain);
    assert_int_equal(m->qos, 1);
}

static void test_reset_word_every_reason_has_its_own(void **state)
{
    static const char *const words[] = {"unknown",  "power_on", "command",
                                        "software", "crash",    "watchdog"};

    (void)state;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        assert_string_equal(hwi_reset_word((enum hawser_reset_reason)i),
                            words[i]);
    }
    assert_int_equal(HAWSER_RESET_WATCHDOG, 5);
}

/* Security ------------------------------------------------------------------- */

static void test_security_without_time_has_no_days(void **state)
{
    struct rig *r = *state;

    r->config.time_server_count = 0;
    r->fake.security.alpn[0] = 'm';
    rig_online(r);
    assert_string_equal(
        last(r, "/security"), DEVICE
        "\"broker\":\"broker.example\",\"mqtt\":\"5.0\","
        "\"tls_version\":\"TLSv1.3\","
        "\"cipher\":\"TLS_AES_256_GCM_SHA384\",\"group\":\"X25519\","
        "\"alpn\":\"m\",\"resumed\":false,\"client_cert\":false,"
        "\"dates\":\"floor\",\"time_confidence\":1,"
        "\"peer\":{\"subject\":\"CN=broker\",\"fingerprint\":\"aa\","
        "\"not_before\":1780000000,\"not_after\":1810000000},"
        "\"anchor\":{\"subject\":\"CN=CA\",\"fingerprint\":\"bb\","
        "\"not_after\":2000000000},\"credentials\":{\"in_use\":\"active\","
        "\"generation\":0},\"session\":1,\"boot\":1}");
}

static void test_security_days_left_count_down_and_below_zero(void **state)
{
    static const struct {
        int64_t left_s;
        const char *text;
    } rows[] = {
        {3 * 86400, "\"days_left\":3}"}, {3 * 86400 - 1, "\"days_left\":2}"},
        {86399, "\"days_left\":0}"},     {0, "\"days_left\":0}"},
        {-86400, "\"days_left\":-1}"},   {-3 * 86400, "\"days_left\":-3}"},
    };
    struct rig *r = *state;

    rig_online(r);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint64_t now_s = (r->fake.unix_ms + r->fake.now_ms) / 1000;
        r->device.session.security.client_cert = true;
        r->device.session.security.own_not_after_s =
            now_s + (uint64_t)rows[i].left_s;
        (void)say(r, HWI_DUE_SECURITY, "/security");
        assert_non_null(
            strstr(strstr(last(r, "/security"), "\"own\":"), rows[i].text));
    }
}

/* Fills a text of the port with the worst to escape; the last byte is cut in
 * the middle of a character, as a port that copies bytes may leave it. */
#define FILL(text)                              \
    do {                                        \
        memset((text), 0x01, sizeof(text) - 1); \
        (text)[sizeof(text) - 2] = (char)0xC3;  \
        (text)[sizeof(text) - 1] = '\0';        \
    } while (0)

static void test_security_longest_texts_fit(void **state)
{
    struct rig *r = *state;
    struct hawser_security *s = &r->fake.security;
    char id[HAWSER_ID_MAX + 1] = "";

    memset(id, '"', HAWSER_ID_MAX);
    r->config.id = id;
    FILL(s->version);
    FILL(s->cipher);
    FILL(s->group);
    FILL(s->alpn);
    FILL(s->peer_subject);
    FILL(s->anchor_subject);
    memset(s->peer_fingerprint, 'f', HAWSER_FINGERPRINT_SIZE - 1);
    memset(s->anchor_fingerprint, 'f', HAWSER_FINGERPRINT_SIZE - 1);
    s->peer_not_before_s = UINT64_MAX;
    s->peer_not_after_s = UINT64_MAX;
    s->anchor_not_after_s = UINT64_MAX;
    s->own_not_after_s = UINT64_MAX;
    s->client_cert = true;
    rig_start(r);
    r->device.session.security = *s;
    /* Longer than the fake broker's memory: only that it is written. */
    assert_int_not_equal(hwi_status_send_security(&r->device), HAWSER_E_ARG);
    assert_int_equal(fake_logged(&r->fake, "refused", ""), 0);
    r->device.now_ms = 0;
    assert_non_null(strstr((const char *)r->device.text, "\\u0001?\","));
    assert_non_null(strstr((const char *)r->device.text, "\"boot\":1}"));
}

/* Events --------------------------------------------------------------------- */

static void test_events_have_their_members(void **state)
{
    struct rig *r = *state;
    const struct fake_message *m;

    rig_online(r);
    r->device.retained_refused = 2;
    m = say(r, HWI_DUE_RETAINED, "/event");
    assert_string_equal(m->payload, DEVICE "\"event\":\"command_refused\","
                                           "\"boot\":1,\"code\":\"retained\","
                                           "\"count\":2}");
    assert_false(m->retain);
    assert_int_equal(m->qos, 1);
    assert_int_equal(r->device.retained_refused, 0);
    r->device.outbox.state.losses = (struct hwi_losses){
        .ranges = {{1, 3, 1, 9, 7}, {2, 5, 4, 6, 90}}, .count = 2};
    m = say(r, HWI_DUE_LOST, "/event");
    assert_string_equal(
        m->payload,
        DEVICE "\"event\":\"telemetry_lost\",\"boot\":1,\"lost\":["
               "{\"boot\":1,\"from\":3,\"to\":9,\"count\":7},"
               "{\"boot\":2,\"from\":5,\"to_boot\":4,\"to\":6,\"count\":90}]}");
    rig_run(r, 10);
    assert_int_equal(r->device.outbox.state.losses.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(test_will_is_offline_with_session_and_boot),
        STORY(test_will_odd_names_are_escaped),
        STORY(test_send_online_without_time_says_so),
        STORY(test_send_no_room_keeps_what_was_lost),
        STORY(test_send_with_flash_says_how_it_wears),
        STORY(test_send_at_goodbye_is_short),
        STORY(test_send_pong_is_not_retained),
        STORY(test_reset_word_every_reason_has_its_own),
        STORY(test_security_without_time_has_no_days),
        STORY(test_security_days_left_count_down_and_below_zero),
        STORY(test_security_longest_texts_fit),
        STORY(test_events_have_their_members),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
