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

/* The same with 5.0, where the server is told which kind of fault it is. */
#define FAULTS(rig, hex, error)                                              \
    do {                                                                     \
        REFUSES(rig, hex, error);                                            \
        SENDS(rig, (error) == HAWSER_E_MALFORMED ? "e0 01 81" : "e0 01 82"); \
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

/* A packet of a 5.0 server: what stands before and behind its properties. */
struct spec_packet {
    unsigned first; /* byte */
    const char *before;
    const char *least; /* properties that it has to have here */
    const char *after;
};

/* All that have properties, each right for the client of spec_await(). */
extern const struct spec_packet spec_packets[];
extern const size_t spec_packet_count;

/* A 5.0 client to which this packet may be sent: its configuration, what brings
 * it there, and both. */
void spec_prepare(struct rig *r, const struct spec_packet *p);
void spec_open(struct rig *r, const struct spec_packet *p);
void spec_await(struct rig *r, const struct spec_packet *p);

/* It comes with these properties (hex): what hawser_feed() answers. */
int spec_feed(struct rig *r, const struct spec_packet *p,
              const char *properties);

/* A CONNACK of success comes with these properties. */
int spec_connack(struct rig *r, const char *properties);

#endif
