/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each rule about the configuration and the memory, tried from both sides of
 * its limit.
 */
#include "device/story_test.h"

#include "device/settings.h"

#define ACCEPTED(r) assert_int_equal(hwi_settings_check(&(r)->config), 0)
#define REFUSED(r) \
    assert_int_equal(hwi_settings_check(&(r)->config), HAWSER_E_ARG)

static const struct hawser_view nothing = {NULL, 0};

/* len times 'x'. */
static const char *text_of(size_t len)
{
    static char text[70000];

    assert_true(len < sizeof(text));
    memset(text, 'x', len);
    text[len] = '\0';
    return text;
}

static void test_check_plain_config_is_accepted(void **state)
{
    struct rig *r = *state;

    ACCEPTED(r);
}

static void test_check_least_config_is_accepted(void **state)
{
    struct rig *r = *state;
    struct hawser_credentials credentials = r->config.credentials;

    r->config = (struct hawser_device_config){
        .id = "a",
        .firmware = "",
        .brokers = r->brokers,
        .broker_count = 1,
        .credentials = credentials,
    };
    ACCEPTED(r);
}

/* Identity ------------------------------------------------------------------ */

static void test_check_id_is_one_topic_level(void **state)
{
    static const char *const bad[] = {"", "a/b", "a+", "#", "a\n", "\xFF"};
    struct rig *r = *state;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        r->config.id = bad[i];
        REFUSED(r);
    }
    r->config.id = NULL;
    REFUSED(r);
    r->config.id = text_of(HAWSER_ID_MAX);
    ACCEPTED(r);
    r->config.id = text_of(HAWSER_ID_MAX + 1);
    REFUSED(r);
}

static void test_check_root_is_a_topic_or_none(void **state)
{
    static const char *const bad[] = {"", "/a", "a/", "$SYS", "a/#", "a\x7F"};
    struct rig *r = *state;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        r->config.root = bad[i];
        REFUSED(r);
    }
    r->config.root = "a/b";
    ACCEPTED(r);
    r->config.root = text_of(HAWSER_ROOT_MAX);
    ACCEPTED(r);
    r->config.root = text_of(HAWSER_ROOT_MAX + 1);
    REFUSED(r);
}

static void test_check_firmware_is_a_text(void **state)
{
    struct rig *r = *state;

    r->config.firmware = NULL;
    REFUSED(r);
    r->config.firmware = "\xC3(";
    REFUSED(r);
    r->config.firmware = text_of(HAWSER_FIRMWARE_MAX);
    ACCEPTED(r);
    r->config.firmware = text_of(HAWSER_FIRMWARE_MAX + 1);
    REFUSED(r);
}

/* Network ------------------------------------------------------------------- */

static void test_check_brokers_one_to_eight(void **state)
{
    struct hawser_endpoint brokers[HAWSER_BROKERS_MAX + 1];
    struct rig *r = *state;

    for (size_t i = 0; i < HAWSER_BROKERS_MAX + 1; i++) {
        brokers[i] = (struct hawser_endpoint){"broker.example", 8883};
    }
    r->config.brokers = brokers;
    r->config.broker_count = 0;
    REFUSED(r);
    r->config.broker_count = HAWSER_BROKERS_MAX;
    ACCEPTED(r);
    brokers[HAWSER_BROKERS_MAX - 1].port = 0; /* the last one counts too */
    REFUSED(r);
    brokers[HAWSER_BROKERS_MAX - 1].port = 65535;
    ACCEPTED(r);
    r->config.broker_count = HAWSER_BROKERS_MAX + 1;
    REFUSED(r);
    r->config.broker_count = 1;
    r->config.brokers = NULL;
    REFUSED(r);
}

static void test_check_host_is_a_text_of_253_bytes_at_most(void **state)
{
    struct rig *r = *state;

    r->brokers[0].host = NULL;
    REFUSED(r);
    r->brokers[0].host = "";
    REFUSED(r);
    r->brokers[0].host = "broker\xFF";
    REFUSED(r);
    r->brokers[0].host = text_of(HAWSER_HOST_SIZE - 1);
    ACCEPTED(r);
    r->brokers[0].host = text_of(HAWSER_HOST_SIZE);
    REFUSED(r);
}

static void test_check_time_servers_up_to_four(void **state)
{
    struct hawser_endpoint servers[HAWSER_TIME_SERVERS_MAX + 1];
    struct rig *r = *state;

    for (size_t i = 0; i < HAWSER_TIME_SERVERS_MAX + 1; i++) {
        servers[i] = (struct hawser_endpoint){"time.example", 123};
    }
    r->config.time_servers = servers;
    r->config.time_server_count = HAWSER_TIME_SERVERS_MAX;
    ACCEPTED(r);
    r->config.time_server_count = HAWSER_TIME_SERVERS_MAX + 1;
    REFUSED(r);
    r->config.time_server_count = 2;
    servers[1].host = "";
    REFUSED(r);
    r->config.time_servers = NULL;
    REFUSED(r);
    r->config.time_server_count = 0;
    ACCEPTED(r);
}

static void test_check_keep_alive_from_five_seconds(void **state)
{
    static const struct {
        uint16_t seconds;
        int err;
    } rows[] = {
        {0, 0}, {1, HAWSER_E_ARG}, {4, HAWSER_E_ARG}, {5, 0}, {65535, 0}};
    struct rig *r = *state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        r->config.keep_alive_s = rows[i].seconds;
        assert_int_equal(hwi_settings_check(&r->config), rows[i].err);
    }
}

/* Login --------------------------------------------------------------------- */

static void test_check_ca_is_never_empty(void **state)
{
    struct rig *r = *state;

    r->config.credentials.ca.len = 0;
    REFUSED(r);
    r->config.credentials.ca = nothing;
    REFUSED(r);
    r->config.credentials.ca.len = 1;
    REFUSED(r);
}

static void test_check_chain_and_key_come_together(void **state)
{
    static const struct hawser_view pem = {(const uint8_t *)"PEM", 3};
    struct rig *r = *state;

    r->config.credentials.chain = pem;
    REFUSED(r);
    r->config.credentials.key = pem;
    ACCEPTED(r);
    r->config.credentials.chain = nothing;
    REFUSED(r);
}

static void test_check_username_is_utf8_of_65535_bytes_at_most(void **state)
{
    struct rig *r = *state;

    r->config.username.at = (const uint8_t *)text_of(65536);
    r->config.username.len = 65535;
    ACCEPTED(r);
    r->config.username.len = 65536;
    REFUSED(r);
    r->config.username = (struct hawser_view){(const uint8_t *)"\xC0\x80", 2};
    REFUSED(r);
}

static void test_check_password_is_65535_bytes_at_most(void **state)
{
    struct rig *r = *state;

    r->config.password.at = (const uint8_t *)text_of(65536);
    r->config.password.len = 65535;
    ACCEPTED(r);
    r->config.password.len = 65536;
    REFUSED(r);
    /* Any bytes: MQTT calls it binary data. */
    r->config.password = (struct hawser_view){(const uint8_t *)"\xC0\x00", 2};
    ACCEPTED(r);
}

/* Telemetry ----------------------------------------------------------------- */

static void test_check_interval_is_a_day_at_most(void **state)
{
    struct rig *r = *state;

    r->config.interval_s = 0;
    ACCEPTED(r);
    r->config.interval_s = 86400;
    ACCEPTED(r);
    r->config.interval_s = 86401;
    REFUSED(r);
}

static void test_check_outbox_policy_and_rate(void **state)
{
    struct rig *r = *state;

    r->config.outbox_policy = HAWSER_OUTBOX_LATEST_ONLY;
    r->config.replay_per_second = 1000;
    ACCEPTED(r);
    r->config.replay_per_second = 1001;
    REFUSED(r);
    r->config.replay_per_second = 1;
    r->config.outbox_policy = (enum hawser_outbox_policy)3;
    REFUSED(r);
}

static void test_check_qos_is_0_or_1(void **state)
{
    struct rig *r = *state;

    r->config.qos = 0;
    ACCEPTED(r);
    r->config.qos = 1;
    ACCEPTED(r);
    r->config.qos = 2;
    REFUSED(r);
}

static void test_check_sensors_up_to_sixteen(void **state)
{
    static const char *const names[] = {"a", "b", "c", "d", "e", "f",
                                        "g", "h", "i", "j", "k", "l",
                                        "m", "n", "o", "p", "q"};
    struct rig *r = *state;

    r->config.sensors = names;
    r->config.sensor_count = HAWSER_SENSORS_MAX;
    ACCEPTED(r);
    r->config.sensor_count = HAWSER_SENSORS_MAX + 1;
    REFUSED(r);
    r->config.sensors = NULL;
    r->config.sensor_count = 1;
    REFUSED(r);
    r->config.sensor_count = 0;
    ACCEPTED(r);
}

static void test_check_sensor_names_are_texts_not_taken(void **state)
{
    static const char *const bad[] = {"",     "\xFF",   "device",   "rssi",
                                      "heap", "uptime", "seq",      "boot",
                                      "time", "hist",   "simulated"};
    static const char *const good[] = {"x", "devices", "rss", "Time"};
    struct rig *r = *state;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        r->sensors[1] = bad[i];
        REFUSED(r);
    }
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        r->sensors[1] = good[i];
        ACCEPTED(r);
    }
    r->sensors[1] = NULL;
    REFUSED(r);
    r->sensors[1] = text_of(HAWSER_SENSOR_NAME_MAX);
    ACCEPTED(r);
    r->sensors[1] = text_of(HAWSER_SENSOR_NAME_MAX + 1);
    REFUSED(r);
}

static void test_check_sensor_named_twice_is_refused(void **state)
{
    struct rig *r = *state;

    r->sensors[1] = r->sensors[0];
    REFUSED(r);
}

static void test_check_update_keys_are_points(void **state)
{
    static const uint8_t point[HAWSER_POINT_SIZE + 1];
    struct rig *r = *state;

    r->config.update_keys[1] = (struct hawser_view){point, HAWSER_POINT_SIZE};
    ACCEPTED(r);
    r->config.update_keys[1].len++;
    REFUSED(r);
    r->config.update_keys[1].len -= 2;
    REFUSED(r);
}

/* Memory -------------------------------------------------------------------- */

static void test_check_memory_each_part_has_a_least_size(void **state)
{
    struct rig *r = *state;
    struct hawser_device_memory least = r->memory;
    size_t *const sizes[] = {&r->memory.rx.size, &r->memory.tx.size,
                             &r->memory.store.size, &r->memory.outbox.size,
                             &r->memory.slot_count};

    least.rx.size = 1024;
    least.tx.size = 4096;
    least.store.size = 4096;
    least.outbox.size = 1024;
    least.slot_count = 4;
    r->memory = least;
    assert_int_equal(hwi_settings_check_memory(&r->memory), 0);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        (*sizes[i])--;
        assert_int_equal(hwi_settings_check_memory(&r->memory), HAWSER_E_ARG);
        r->memory = least;
    }
    r->memory.credentials = (struct hawser_span){r->credentials, 4096};
    assert_int_equal(hwi_settings_check_memory(&r->memory), 0);
    r->memory.credentials.size--;
    assert_int_equal(hwi_settings_check_memory(&r->memory), HAWSER_E_ARG);
    r->memory = least;
    r->memory.slots = NULL;
    assert_int_equal(hwi_settings_check_memory(&r->memory), HAWSER_E_ARG);
}

static void test_check_command_key_is_a_point_or_none(void **state)
{
    static const uint8_t point[HAWSER_POINT_SIZE + 1];
    struct rig *r = *state;

    r->config.command_key = (struct hawser_view){point, HAWSER_POINT_SIZE};
    ACCEPTED(r);
    r->config.command_key.len++;
    REFUSED(r);
    r->config.command_key.len = 1;
    REFUSED(r);
}

static void test_check_command_table_is_looked_at(void **state)
{
    static const struct hawser_command ours = {.name = "gate"};
    static const struct hawser_command built_in = {.name = "ping"};
    struct rig *r = *state;

    r->config.command_count = 1;
    r->config.commands = &ours;
    ACCEPTED(r);
    r->config.commands = &built_in;
    REFUSED(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(test_check_plain_config_is_accepted),
        STORY(test_check_least_config_is_accepted),
        STORY(test_check_id_is_one_topic_level),
        STORY(test_check_root_is_a_topic_or_none),
        STORY(test_check_firmware_is_a_text),
        STORY(test_check_brokers_one_to_eight),
        STORY(test_check_host_is_a_text_of_253_bytes_at_most),
        STORY(test_check_time_servers_up_to_four),
        STORY(test_check_keep_alive_from_five_seconds),
        STORY(test_check_ca_is_never_empty),
        STORY(test_check_chain_and_key_come_together),
        STORY(test_check_username_is_utf8_of_65535_bytes_at_most),
        STORY(test_check_password_is_65535_bytes_at_most),
        STORY(test_check_interval_is_a_day_at_most),
        STORY(test_check_outbox_policy_and_rate),
        STORY(test_check_qos_is_0_or_1),
        STORY(test_check_sensors_up_to_sixteen),
        STORY(test_check_sensor_names_are_texts_not_taken),
        STORY(test_check_sensor_named_twice_is_refused),
        STORY(test_check_update_keys_are_points),
        STORY(test_check_memory_each_part_has_a_least_size),
        STORY(test_check_command_key_is_a_point_or_none),
        STORY(test_check_command_table_is_looked_at),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
