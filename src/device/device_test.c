/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The public calls and the plain stories: first connect, what is said at it,
 * stop, two devices in one process.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "device/rig.h"

static int set_up(void **state)
{
    struct rig *r = malloc(sizeof(*r));

    rig_init(r);
    *state = r;
    return 0;
}

static int tear_down(void **state)
{
    free(*state);
    return 0;
}

static const char *payload(struct rig *r, const char *topic_end, unsigned n)
{
    const struct fake_message *m =
        fake_broker_find(&r->fake.broker, topic_end, "", n);

    return m == NULL ? "" : m->payload;
}

static void test_step_all_well_comes_online(void **state)
{
    struct rig *r = *state;
    const struct fake_broker *b = &r->fake.broker;

    rig_online(r);
    assert_int_equal(b->connections, 1);
    assert_int_equal(b->version, 5);
    assert_true(b->clean_start);
    assert_string_equal(b->client_id, "esp32_factory_001");
    assert_string_equal(b->filters[0], "hawser/esp32_factory_001/control");
    assert_string_equal(b->filters[1], "hawser/esp32_factory_001/status");
    assert_string_equal(b->will.topic, "hawser/esp32_factory_001/status");
    assert_string_equal(b->will.payload,
                        "{\"device\":\"esp32_factory_001\","
                        "\"status\":\"offline\",\"tls\":true,"
                        "\"version\":\"2.1.0\",\"session\":1,\"boot\":1}");
    assert_true(b->will.retain);
    assert_int_equal(b->will.qos, 1);
    assert_string_equal(
        payload(r, "/status", 0),
        "{\"device\":\"esp32_factory_001\",\"status\":\"online\","
        "\"tls\":true,\"version\":\"2.1.0\",\"session\":1,\"boot\":1,"
        "\"tls_version\":\"TLSv1.3\",\"cipher\":\"TLS_AES_256_GCM_SHA384\","
        "\"resumed\":false,\"time\":1790000005,\"time_confidence\":2,"
        "\"reset_reason\":\"unknown\",\"interval_s\":30}");
    assert_string_equal(
        payload(r, "/data", 0),
        "{\"device\":\"esp32_factory_001\",\"temperature\":24.5,"
        "\"humidity\":65.2,\"rssi\":-61,\"heap\":214332,\"uptime\":3605,"
        "\"seq\":1,\"boot\":1,\"time\":1790000005}");
    assert_int_equal(fake_logged(&r->fake, "online", "mqtt=5.0"), 1);
    assert_int_equal(fake_logged(&r->fake, "tls", "version=TLSv1.3"), 1);
    assert_int_equal(hawser_device_counters(&r->device)->published, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_step_all_well_comes_online, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
