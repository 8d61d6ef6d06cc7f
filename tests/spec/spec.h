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

#endif
