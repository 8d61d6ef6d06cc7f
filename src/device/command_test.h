/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands and replies in stories, with ' for " so that JSON can be read.
 */
#ifndef HWI_DEVICE_COMMAND_TEST_H
#define HWI_DEVICE_COMMAND_TEST_H

#include "device/story_test.h"

#define OWN_TREE    "hawser/esp32_factory_001/"
#define CONTROL     OWN_TREE "control"
#define QUOTED_SIZE 1024

static inline const char *quoted(const char *text, char out[QUOTED_SIZE])
{
    size_t len = strlen(text);

    assert_true(len < QUOTED_SIZE);
    for (size_t i = 0; i <= len; i++) {
        out[i] = text[i];
        if (text[i] == '\'') {
            out[i] = '"';
        }
    }
    return out;
}

/* A command comes, QoS 1, and 10 ms pass. */
static inline void say(struct rig *r, const char *text)
{
    char out[QUOTED_SIZE];

    rig_command(r, quoted(text, out));
}

/* The same, with the response topic and correlation data of MQTT 5. */
static inline void say_to(struct rig *r, const char *text, const char *response,
                          const char *correlation)
{
    char out[QUOTED_SIZE];
    struct fake_publish p = {.topic = CONTROL,
                             .payload = quoted(text, out),
                             .packet_id = 60001,
                             .response = response,
                             .correlation = correlation};

    fake_broker_publish(&r->fake.broker, &p);
    rig_run(r, 10);
}

/* How many messages to a topic that ends so hold this text. */
static inline unsigned told_quoted(const struct rig *r, const char *topic_end,
                                   const char *text)
{
    char out[QUOTED_SIZE];

    return told(r, topic_end, quoted(text, out));
}

static inline unsigned replies(const struct rig *r, const char *text)
{
    return told_quoted(r, "/reply", text);
}

/* The newest reply holds this text. */
static inline void assert_reply(const struct rig *r, const char *text)
{
    char out[QUOTED_SIZE];

    if (strstr(last(r, "/reply"), quoted(text, out)) == NULL) {
        fail_msg("not %s but %s", out, last(r, "/reply"));
    }
}

/* One more reply, a rejection with this code, and a refusal is counted. */
static inline void assert_rejected(struct rig *r, const char *text,
                                   const char *code)
{
    unsigned before = replies(r, "");
    uint32_t refused = counters(r)->refused;
    uint32_t commands = counters(r)->commands;
    char expected[QUOTED_SIZE];

    rig_run(r, 1000); /* rejections come once a second */
    say(r, text);
    (void)snprintf(expected, sizeof(expected),
                   "'status':'rejected','code':'%s'", code);
    assert_int_equal(replies(r, ""), before + 1);
    assert_reply(r, expected);
    assert_int_equal(counters(r)->refused, refused + 1);
    assert_int_equal(counters(r)->commands, commands);
    assert_int_equal(hawser_device_state(&r->device), HAWSER_DEVICE_ONLINE);
}

/* The broker acknowledges a message that it did not when it came. */
static inline void acknowledge(struct rig *r, const struct fake_message *m)
{
    uint8_t puback[] = {0x40, 2, (uint8_t)(m->packet_id >> 8),
                        (uint8_t)m->packet_id};

    fake_broker_raw(&r->fake.broker, puback, sizeof(puback));
    rig_run(r, 10);
}

/* A new process, until it is online and has said what it had to say. */
static inline void reboot(struct rig *r)
{
    rig_reboot(r);
    assert_true(rig_run_until(r, HAWSER_DEVICE_ONLINE, 60000));
    rig_run(r, 100);
}

#endif
