/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of linux.c and linux_table.c: a port as a whole, through the public header and struct hawser_port alone.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "ports/linux/clock.h"
#include "ports/linux/linux_parts.h"
#include "ports/linux/listing.h"
#include "ports/linux/test_port.h"

/* How many descriptors this process has open. */
static size_t descriptors(void)
{
    struct hwi_linux_listing listing;
    size_t count;

    hwi_linux_listing_read(&listing, "/proc/self/fd");
    count = listing.count;
    hwi_linux_listing_free(&listing);
    return count;
}

static void test_create_fills_every_function(void **state)
{
    struct hawser_linux *port = test_port_create(*state);
    const struct hawser_port *table = hawser_linux_port(port);
    void *members[sizeof *table / sizeof(void *)];
    size_t i;

    assert_int_equal(sizeof *table % sizeof(void *), 0);
    memcpy(members, table, sizeof members);
    for (i = 0; i < sizeof members / sizeof members[0]; i++) {
        assert_non_null(members[i]);
    }
    hawser_linux_destroy(port);
    hawser_linux_destroy(NULL);
}

static void test_destroy_leaves_no_descriptor(void **state)
{
    struct test_port *f = *state;
    size_t before = descriptors();
    struct hawser_linux *port = test_port_create(f);
    const struct hawser_port *table = hawser_linux_port(port);
    const struct hawser_address to = {
        .family = 4, .bytes = {127, 0, 0, 1}, .port = 9};
    struct hawser_reading reading;
    struct hawser_address found;

    assert_int_equal(table->udp_open(table->ctx, 0, &to), 0);
    assert_int_equal(table->sensor_read(table->ctx, 1, &reading),
                     HAWSER_E_WAIT);
    (void)table->resolve(table->ctx, HAWSER_RESOLVE_TIME, "x.invalid", &found,
                         1);
    assert_true(descriptors() > before);
    hawser_linux_destroy(port);
    assert_int_equal(descriptors(), before);
}

static void test_create_refusals_leave_nothing(void **state)
{
    static const struct hawser_linux_sensor wrong = {"x", "wrong"};
    struct test_port *f = *state;
    struct hawser_linux *port = NULL;
    struct hawser_linux *first = test_port_create(f);
    size_t before = descriptors();

    assert_int_equal(hawser_linux_create(&port, &f->config, f->message),
                     HAWSER_E_STORAGE);
    assert_non_null(strstr(f->message, "in use by process"));
    f->config.state_dir = NULL;
    f->config.interface = "nosuch0";
    assert_int_equal(hawser_linux_create(&port, &f->config, f->message),
                     HAWSER_E_ARG);
    assert_non_null(strstr(f->message, "nosuch0"));
    f->config.interface = NULL;
    f->config.sensors = &wrong;
    f->config.sensor_count = 1;
    assert_int_equal(hawser_linux_create(&port, &f->config, f->message),
                     HAWSER_E_ARG);
    assert_non_null(strstr(f->message, "\"wrong\""));
    assert_null(port);
    assert_int_equal(descriptors(), before);
    hawser_linux_destroy(first);
}

static void test_two_ports_know_nothing_of_each_other(void **state)
{
    struct test_port *f = *state;
    struct hawser_linux *one = test_port_create(f);
    struct hawser_linux *two;
    const struct hawser_port *table;
    struct hawser_flash_geometry shape;

    f->config.state_dir = NULL;
    f->config.sensor_count = 0;
    two = test_port_create(f);
    table = hawser_linux_port(two);
    assert_int_equal(table->restart(table->ctx), 0);
    assert_true(hawser_linux_restart_wanted(two));
    assert_false(hawser_linux_restart_wanted(one));
    table->flash_geometry(table->ctx, HAWSER_REGION_STATE, &shape);
    assert_int_equal(shape.sector_count, 0);
    hawser_linux_destroy(two);
    table = hawser_linux_port(one);
    table->flash_geometry(table->ctx, HAWSER_REGION_STATE, &shape);
    assert_int_equal(shape.sector_count, 4);
    hawser_linux_destroy(one);
}

static enum hawser_reset_reason reason_of(struct hawser_linux *port)
{
    const struct hawser_port *table = hawser_linux_port(port);
    struct hawser_system system;

    table->system_status(table->ctx, &system);
    return system.reset_reason;
}

static void test_restart_is_the_next_runs_reason(void **state)
{
    struct test_port *f = *state;
    struct hawser_linux *port = test_port_create(f);
    const struct hawser_port *table = hawser_linux_port(port);

    assert_int_equal(reason_of(port), HAWSER_RESET_POWER_ON);
    assert_int_equal(table->restart(table->ctx), 0);
    hawser_linux_destroy(port);
    port = test_port_create(f);
    assert_int_equal(reason_of(port), HAWSER_RESET_COMMAND);
    hawser_linux_destroy(port);
    f->config.reset_reason = HAWSER_RESET_WATCHDOG;
    port = test_port_create(f);
    assert_int_equal(reason_of(port), HAWSER_RESET_WATCHDOG);
    hawser_linux_destroy(port);
}

static void test_system_status_of_this_run(void **state)
{
    struct hawser_linux *port = test_port_create(*state);
    const struct hawser_port *table = hawser_linux_port(port);
    struct hawser_system system;

    table->system_status(table->ctx, &system);
    assert_true(system.uptime_s < 60);
    assert_true(system.has_heap && system.heap_bytes > 0);
    assert_false(system.has_rssi); /* loopback has no antenna */
    hawser_linux_destroy(port);
}

static void test_log_reaches_its_owner(void **state)
{
    struct test_port *f = *state;
    struct hawser_linux *port = test_port_create(f);
    const struct hawser_port *table = hawser_linux_port(port);
    const struct hawser_log entry = {.event = "stop"};

    table->log(table->ctx, &entry);
    assert_int_equal(f->logged, 1);
    hawser_linux_destroy(port);
}

static int read_words(struct hawser_linux *port, unsigned index,
                      struct hawser_reading *out)
{
    const struct hawser_port *table = hawser_linux_port(port);
    uint64_t end_ms = hwi_linux_now_ms() + TEST_PORT_LIMIT_MS;
    int err;

    while ((err = table->sensor_read(table->ctx, index, out)) ==
           HAWSER_E_WAIT) {
        assert_true(hwi_linux_now_ms() < end_ms);
        hawser_linux_wait(port, end_ms, -1);
    }
    return err;
}

static void test_reconfigure_changes_sensors_and_link(void **state)
{
    static const struct hawser_linux_sensor other = {"other", "exec:echo 7"};
    struct test_port *f = *state;
    struct hawser_linux *port = test_port_create(f);
    struct hawser_reading reading;

    test_port_await_link(port, HAWSER_LINK_UP);
    assert_int_equal(read_words(port, 1, &reading), 0);
    assert_int_equal(reading.value.mantissa, 125);
    f->config.sensors = &other;
    f->config.sensor_count = 1;
    assert_int_equal(hawser_linux_reconfigure(port, &f->config, f->message), 0);
    assert_int_equal(read_words(port, 0, &reading), 0);
    assert_int_equal(reading.value.mantissa, 7);
    assert_int_equal(read_words(port, 1, &reading), HAWSER_E_ABSENT);
    hawser_linux_destroy(port);
}

static void test_reconfigure_refused_changes_nothing(void **state)
{
    static const struct hawser_linux_sensor other = {"other", "exec:echo 7"};
    static const struct hawser_linux_sensor wrong = {"other", "wrong"};
    struct test_port *f = *state;
    struct hawser_linux *port = test_port_create(f);
    struct hawser_reading reading;

    f->config.sensors = &other;
    f->config.sensor_count = 1;
    f->config.interface = "nosuch0";
    assert_int_equal(hawser_linux_reconfigure(port, &f->config, f->message),
                     HAWSER_E_ARG);
    f->config.interface = NULL;
    f->config.sensors = &wrong;
    assert_int_equal(hawser_linux_reconfigure(port, &f->config, f->message),
                     HAWSER_E_ARG);
    test_port_await_link(port, HAWSER_LINK_UP);
    assert_int_equal(read_words(port, 1, &reading), 0);
    assert_int_equal(reading.value.mantissa, 125);
    hawser_linux_destroy(port);
}

static void test_slots_outside_the_range_answer_link(void **state)
{
    struct hawser_linux *port = test_port_create(*state);
    const struct hawser_port *table = hawser_linux_port(port);
    struct hawser_address address = {.family = 4, .bytes = {127, 0, 0, 1}};
    uint8_t byte = 0;

    assert_int_equal(table->udp_open(table->ctx, HAWSER_UDP_SLOTS, &address),
                     HAWSER_E_LINK);
    assert_int_equal(table->udp_send(table->ctx, HAWSER_UDP_SLOTS, &byte, 1),
                     HAWSER_E_LINK);
    assert_int_equal(table->udp_receive(table->ctx, HAWSER_UDP_SLOTS, &byte, 1),
                     HAWSER_E_LINK);
    table->udp_close(table->ctx, HAWSER_UDP_SLOTS);
    assert_int_equal(table->resolve(table->ctx, HAWSER_RESOLVE_SLOTS,
                                    "127.0.0.1", &address, 1),
                     HAWSER_E_LINK);
    table->resolve_cancel(table->ctx, HAWSER_RESOLVE_SLOTS);
    hawser_linux_destroy(port);
}

static void test_resolve_by_dead_server_fails(void **state)
{
    struct test_port *f = *state;
    const struct hwi_linux_options options = {.root = "",
                                              .dns_servers = "127.0.0.1:1"};
    uint64_t end_ms = hwi_linux_now_ms() + TEST_PORT_LIMIT_MS;
    struct hawser_linux *port = NULL;
    const struct hawser_port *table;
    struct hawser_address found;
    int count;

    assert_int_equal(hwi_linux_create(&port, &f->config, &options, f->message),
                     0);
    table = hawser_linux_port(port);
    while ((count = table->resolve(table->ctx, HAWSER_RESOLVE_BROKER,
                                   "broker.example", &found, 1)) ==
           HAWSER_E_WAIT) {
        assert_true(hwi_linux_now_ms() < end_ms);
        hawser_linux_wait(port, end_ms, -1);
    }
    assert_int_equal(count, HAWSER_E_LINK);
    hawser_linux_destroy(port);
}

static void test_sensor_check_touches_no_machine(void **state)
{
    struct test_port *f = *state;

    assert_int_equal(hawser_linux_sensor_check("iio:nosuch", f->message), 0);
    assert_int_equal(hawser_linux_sensor_check("nosuch", f->message),
                     HAWSER_E_ARG);
}

#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, test_port_set_up, test_port_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_create_fills_every_function),
        TEST(test_destroy_leaves_no_descriptor),
        TEST(test_create_refusals_leave_nothing),
        TEST(test_two_ports_know_nothing_of_each_other),
        TEST(test_restart_is_the_next_runs_reason),
        TEST(test_system_status_of_this_run),
        TEST(test_log_reaches_its_owner),
        TEST(test_reconfigure_changes_sensors_and_link),
        TEST(test_reconfigure_refused_changes_nothing),
        TEST(test_slots_outside_the_range_answer_link),
        TEST(test_resolve_by_dead_server_fails),
        TEST(test_sensor_check_touches_no_machine),
    };

    return cmocka_run_group_tests_name("linux", tests, NULL, NULL);
}
