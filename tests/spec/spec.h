/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For the tests of the standards' rules: what client and server say, as a
 * dialogue. A client is a rig (src/mqtt/rig.h); bytes are hex. They are macros
 * so that a failure names the line of the rule's own test.
 */
#ifndef HAWSER_TESTS_SPEC_H
#define HAWSER_TESTS_SPEC_H

#include "mqtt/rig.h"

/* The client sends exactly these packets now; "": nothing. */
#define SENDS(rig, hex) assert_string_equal(rig_out(rig), hex)

/* The client takes what the server sends. */
#define TAKES(rig, hex) assert_int_equal(rig_feed(rig, hex), 0)

/* The client refuses what the server sends; the connection has to be closed. */
#define REFUSES(rig, hex, error)                       \
    do {                                               \
        assert_int_equal(rig_feed(rig, hex), (error)); \
        assert_false(hawser_is_connected(&(rig)->c));  \
    } while (0)

/* The application hears this since it was last asked; "": nothing. */
#define REPORTS(rig, text) assert_string_equal(rig_log(rig), text)

/* The client opens a connection, for the first time, with this CONNECT. */
#define CONNECTS(rig, hex)                                            \
    do {                                                              \
        assert_int_equal(hawser_init(&(rig)->c, &(rig)->cfg), 0);     \
        assert_int_equal(hawser_opened(&(rig)->c, (rig)->now_ms), 0); \
        SENDS(rig, hex);                                              \
    } while (0)

/* The application's acceptance of a message, and its publishing of "x". */
#define ACCEPTS(rig, id) \
    assert_int_equal(hawser_accept(&(rig)->c, (rig)->now_ms, id, 0), 0)
#define PUBLISHES(rig, qos, topic) \
    assert_int_equal(rig_publish(rig, qos, topic, "x", NULL), 0)

/* For cmocka_run_group_tests(): every test gets a rig, as *state. */
int spec_set_up(void **state);

/* Strings that are not well-formed UTF-8, as hex; NULL ends them. */
extern const char *const spec_ill_formed[];

/* A PUBLISH with this topic (hex) comes: what hawser_feed() answers. */
int spec_receive_topic(struct rig *r, const char *topic);

/* No such string (hex) leaves in any field, or is taken in a topic. The rig is
 * started anew for each. */
void spec_refuses_string(struct rig *r, enum hawser_version version,
                         const char *string);

#endif
