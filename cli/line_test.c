/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The operator's line over a fake machine: which attempt follows which
 * failure, and what is said in the end. Each opened stream plays one part of a
 * script; time passes only in hawser_linux_wait().
 */
#include "line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The fake machine ---------------------------------------------------------- */

/* What a broker does with one connection. */
enum part { REFUSE_TCP, WRONG_NAME, CLOSE, OLD, LOGIN, SILENT, ACCEPT };

struct hawser_linux {
    struct hawser_port port;
    uint64_t now_ms;
    const enum part *script;
    size_t opened;
    enum part part;
    struct hawser_stream_status status;
    uint8_t level; /* of the last CONNECT */
    char host[64]; /* of the last stream */
    uint16_t tcp_port;
    uint8_t in[128]; /* towards the client */
    size_t in_len;
    uint8_t out[1024]; /* from the client, since the last look */
    size_t out_len;
};

static struct hawser_linux machine; /* one at a time; reset by each test */
static const char *unknown_host;

static uint64_t fake_now(void *ctx)
{
    (void)ctx;
    return machine.now_ms;
}

static int fake_resolve(void *ctx, enum hawser_resolve_slot slot,
                        const char *host, struct hawser_address *out,
                        size_t max)
{
    (void)ctx;
    (void)slot;
    if (unknown_host != NULL && strcmp(host, unknown_host) == 0) {
        return HAWSER_E_LINK;
    }
    assert_true(max >= 2);
    out[0] = (struct hawser_address){.family = 4, .bytes = {10, 0, 0, 1}};
    out[1] = (struct hawser_address){.family = 4, .bytes = {10, 0, 0, 2}};
    return 2;
}

static void fake_resolve_cancel(void *ctx, enum hawser_resolve_slot slot)
{
    (void)ctx;
    (void)slot;
}

static int fake_open(void *ctx, const struct hawser_stream_target *target)
{
    (void)ctx;
    assert_true(target->dates.has_now);
    assert_true(target->credentials->ca.len > 0);
    machine.part = machine.script[machine.opened++];
    machine.status = (struct hawser_stream_status){HAWSER_STREAM_OPEN,
                                                   HAWSER_CAUSE_NONE, ""};
    machine.in_len = 0;
    machine.out_len = 0;
    machine.tcp_port = target->address.port;
    snprintf(machine.host, sizeof(machine.host), "%s", target->host);
    if (machine.part == REFUSE_TCP) {
        machine.status = (struct hawser_stream_status){
            HAWSER_STREAM_FAILED, HAWSER_CAUSE_TCP_REFUSED, ""};
    } else if (machine.part == WRONG_NAME) {
        machine.status = (struct hawser_stream_status){
            HAWSER_STREAM_FAILED, HAWSER_CAUSE_TLS_WRONG_NAME, "other\x1b"};
    }
    return 0;
}

static void fake_status(void *ctx, struct hawser_stream_status *out)
{
    (void)ctx;
    *out = machine.status;
}

static void answer(const void *bytes, size_t len)
{
    memcpy(machine.in + machine.in_len, bytes, len);
    machine.in_len += len;
}

static void answer_connect(uint8_t level)
{
    static const uint8_t yes5[] = {0x20, 3, 0, 0, 0};
    static const uint8_t yes3[] = {0x20, 2, 0, 0};
    static const uint8_t old[] = {0x20, 2, 0, 1};
    static const uint8_t login[] = {0x20, 3, 0, 0x87, 0};
    machine.level = level;
    if (machine.part == ACCEPT && level == 5) {
        answer(yes5, sizeof(yes5));
    } else if (machine.part == ACCEPT) {
        answer(yes3, sizeof(yes3));
    } else if (machine.part == OLD) {
        answer(old, sizeof(old));
    } else if (machine.part == LOGIN) {
        answer(login, sizeof(login));
    } else if (machine.part == CLOSE) {
        machine.status = (struct hawser_stream_status){HAWSER_STREAM_FAILED,
                                                       HAWSER_CAUSE_CLOSED, ""};
    }
}

static int fake_send(void *ctx, const uint8_t *bytes, size_t len)
{
    (void)ctx;
    assert_true(machine.out_len + len <= sizeof(machine.out));
    memcpy(machine.out + machine.out_len, bytes, len);
    machine.out_len += len;
    /* [MQTT5 3.1.2.2] The level stands behind "MQTT" and its length. */
    if (bytes[0] == 0x10) {
        answer_connect(bytes[8]);
    }
    return (int)len;
}

static int fake_receive(void *ctx, uint8_t *out, size_t size)
{
    (void)ctx;
    if (machine.in_len > 0) {
        size_t len = machine.in_len;
        assert_true(len <= size);
        memcpy(out, machine.in, len);
        machine.in_len = 0;
        return (int)len;
    }
    return machine.status.stage == HAWSER_STREAM_OPEN ? HAWSER_E_WAIT
                                                      : HAWSER_E_LINK;
}

static void fake_close(void *ctx)
{
    (void)ctx;
    machine.status.stage = HAWSER_STREAM_CLOSED;
}

int hawser_linux_create(struct hawser_linux **out,
                        const struct hawser_linux_config *config,
                        char message[HAWSER_LINUX_MESSAGE_SIZE])
{
    (void)message;
    assert_null(config->state_dir);
    machine.port = (struct hawser_port){
        .now_ms = fake_now,
        .resolve = fake_resolve,
        .resolve_cancel = fake_resolve_cancel,
        .stream_open = fake_open,
        .stream_status = fake_status,
        .stream_receive = fake_receive,
        .stream_send = fake_send,
        .stream_close = fake_close,
    };
    *out = &machine;
    return 0;
}

void hawser_linux_destroy(struct hawser_linux *port)
{
    (void)port;
}

const struct hawser_port *hawser_linux_port(struct hawser_linux *port)
{
    return &port->port;
}

void hawser_linux_wait(struct hawser_linux *port, uint64_t deadline_ms,
                       int wake_fd)
{
    (void)wake_fd;
    if (deadline_ms > port->now_ms) {
        port->now_ms = deadline_ms;
    }
}

/* The line under test ------------------------------------------------------- */

struct heard {
    char topic[32];
    char payload[32];
    bool retain;
    size_t count;
};

static void on_message(void *ctx, const struct hawser_cli_message *message)
{
    struct heard *heard = ctx;
    memcpy(heard->topic, message->topic.at, message->topic.len);
    memcpy(heard->payload, message->payload.at, message->payload.len);
    heard->retain = message->retain;
    heard->count++;
}

static void on_subscribed(void *ctx, struct hawser_view reasons)
{
    (void)ctx;
    (void)reasons;
}

static void on_published(void *ctx, uint8_t reason)
{
    (void)ctx;
    (void)reason;
}

struct fixture {
    struct hawser_cli_config *config;
    struct hawser_cli_line_handler handler;
    struct heard heard;
    struct hawser_cli_line *line;
};

static int make_line(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    char words[64];
    struct hawser_cli_text why = hawser_cli_text_in(words, sizeof(words));
    assert_non_null(f);
    f->config = calloc(1, sizeof(*f->config));
    assert_non_null(f->config);
    f->config->brokers[0] = (struct hawser_endpoint){"b1", 8883};
    f->config->brokers[1] = (struct hawser_endpoint){"b2", 883};
    f->config->device.brokers = f->config->brokers;
    f->config->device.broker_count = 2;
    f->config->device.keep_alive_s = 60;
    f->config->device.credentials.ca = hawser_cli_view("anchor");
    f->handler = (struct hawser_cli_line_handler){&f->heard, on_message,
                                                  on_subscribed, on_published};
    memset(&machine, 0, sizeof(machine));
    machine.now_ms = 1000;
    unknown_host = NULL;
    f->line = hawser_cli_line_create(f->config, "test", &f->handler, &why);
    assert_non_null(f->line);
    *state = f;
    return 0;
}

static int drop_line(void **state)
{
    struct fixture *f = *state;
    hawser_cli_line_destroy(f->line);
    free(f->config);
    free(f);
    return 0;
}

/* Until the line is up or down; within two minutes of fake time. */
static enum hawser_line_state run(struct fixture *f, const enum part *script)
{
    machine.script = script;
    machine.opened = 0;
    hawser_cli_line_start(f->line);
    enum hawser_line_state state = hawser_cli_line_step(f->line);
    while (state == HAWSER_LINE_CONNECTING && machine.now_ms < 600000) {
        hawser_cli_line_wait(f->line, HAWSER_NEVER, -1);
        state = hawser_cli_line_step(f->line);
    }
    return state;
}

static void test_step_broker_that_accepts_is_up_in_5(void **state)
{
    struct fixture *f = *state;
    static const enum part script[] = {ACCEPT};
    assert_int_equal(run(f, script), HAWSER_LINE_UP);
    assert_true(hawser_cli_line_is_v5(f->line));
    assert_string_equal(hawser_cli_line_broker(f->line), "b1:8883");
    assert_int_equal(machine.tcp_port, 8883);
}

static void test_step_broker_that_closes_is_asked_in_3_1_1(void **state)
{
    struct fixture *f = *state;
    static const enum part script[] = {CLOSE, ACCEPT};
    assert_int_equal(run(f, script), HAWSER_LINE_UP);
    assert_false(hawser_cli_line_is_v5(f->line));
    assert_int_equal(machine.level, 4);
    assert_int_equal(machine.opened, 2);
}

static void test_step_broker_that_says_old_is_asked_in_3_1_1(void **state)
{
    struct fixture *f = *state;
    static const enum part script[] = {OLD, ACCEPT};
    assert_int_equal(run(f, script), HAWSER_LINE_UP);
    assert_int_equal(machine.level, 4);
}

static void test_step_every_address_and_broker_is_tried(void **state)
{
    struct fixture *f = *state;
    static const enum part script[] = {REFUSE_TCP, REFUSE_TCP, REFUSE_TCP,
                                       ACCEPT};
    assert_int_equal(run(f, script), HAWSER_LINE_UP);
    assert_int_equal(machine.opened, 4);
    assert_string_equal(machine.host, "b2");
    assert_int_equal(machine.tcp_port, 883);
    assert_int_equal(machine.level, 5);
}

static void test_step_unknown_name_goes_to_the_next_broker(void **state)
{
    struct fixture *f = *state;
    static const enum part script[] = {ACCEPT};
    unknown_host = "b1";
    assert_int_equal(run(f, script), HAWSER_LINE_UP);
    assert_string_equal(machine.host, "b2");
}

static void test_step_all_failed_tells_the_refusal(void **state)
{
    struct fixture *f = *state;
    static const enum part script[] = {REFUSE_TCP, WRONG_NAME, REFUSE_TCP,
                                       REFUSE_TCP};
    assert_int_equal(run(f, script), HAWSER_LINE_DOWN);
    assert_int_equal(hawser_cli_line_code(f->line), HAWSER_EXIT_REFUSED);
    assert_string_equal(hawser_cli_line_why(f->line),
                        "b1:8883: it is for another host name (other\\x1b)");
    assert_int_equal(machine.opened, 4);
}

static void test_step_nobody_there_is_no_connection(void **state)
{
    struct fixture *f = *state;
    static const enum part script[] = {REFUSE_TCP, REFUSE_TCP, REFUSE_TCP,
                                       REFUSE_TCP};
    assert_int_equal(run(f, script), HAWSER_LINE_DOWN);
    assert_int_equal(hawser_cli_line_code(f->line), HAWSER_EXIT_TIMEOUT);
    assert_string_equal(hawser_cli_line_why(f->line),
                        "b1:8883: the broker's port refused");
}

static void test_step_refused_login_is_not_about_the_version(void **state)
{
    struct fixture *f = *state;
    static const enum part script[] = {LOGIN, LOGIN, LOGIN, LOGIN};
    assert_int_equal(run(f, script), HAWSER_LINE_DOWN);
    assert_int_equal(machine.opened, 4);
    assert_int_equal(machine.level, 5);
    assert_int_equal(hawser_cli_line_code(f->line), HAWSER_EXIT_REFUSED);
}

static void test_step_silent_broker_is_given_up_in_time(void **state)
{
    struct fixture *f = *state;
    static const enum part script[] = {SILENT, SILENT, SILENT, SILENT};
    assert_int_equal(run(f, script), HAWSER_LINE_DOWN);
    assert_int_equal(hawser_cli_line_code(f->line), HAWSER_EXIT_TIMEOUT);
    assert_true(machine.now_ms <= 1000 + 4 * 30000);
}

static void test_step_message_is_handed_on_and_acknowledged(void **state)
{
    struct fixture *f = *state;
    static const enum part script[] = {ACCEPT};
    static const uint8_t publish[] = {0x33, 8, 0, 1, 't', 0, 7, 0, 'h', 'i'};
    static const uint8_t puback[] = {0x40, 2, 0, 7};
    assert_int_equal(run(f, script), HAWSER_LINE_UP);
    machine.out_len = 0;
    answer(publish, sizeof(publish));
    assert_int_equal(hawser_cli_line_step(f->line), HAWSER_LINE_UP);
    assert_int_equal(f->heard.count, 1);
    assert_string_equal(f->heard.topic, "t");
    assert_string_equal(f->heard.payload, "hi");
    assert_true(f->heard.retain);
    assert_int_equal(machine.out_len, sizeof(puback));
    assert_memory_equal(machine.out, puback, sizeof(puback));
}

static void test_step_line_lost_is_down_and_can_start_again(void **state)
{
    struct fixture *f = *state;
    static const enum part script[] = {ACCEPT};
    assert_int_equal(run(f, script), HAWSER_LINE_UP);
    machine.status = (struct hawser_stream_status){HAWSER_STREAM_FAILED,
                                                   HAWSER_CAUSE_CLOSED, ""};
    assert_int_equal(hawser_cli_line_step(f->line), HAWSER_LINE_DOWN);
    assert_string_equal(hawser_cli_line_why(f->line),
                        "b1:8883: the broker closed the connection");
    assert_int_equal(run(f, script), HAWSER_LINE_UP);
}

static void test_step_malformed_byte_ends_it_with_a_disconnect(void **state)
{
    struct fixture *f = *state;
    static const enum part script[] = {ACCEPT};
    assert_int_equal(run(f, script), HAWSER_LINE_UP);
    machine.out_len = 0;
    answer("\x00\x00", 2);
    assert_int_equal(hawser_cli_line_step(f->line), HAWSER_LINE_DOWN);
    assert_true(machine.out_len > 0);
    assert_int_equal(machine.out[0], 0xE0);
}

static void test_wait_after_start_does_not_sleep(void **state)
{
    struct fixture *f = *state;
    uint64_t before_ms = machine.now_ms;
    hawser_cli_line_start(f->line);
    hawser_cli_line_wait(f->line, HAWSER_NEVER, -1);
    assert_int_equal(machine.now_ms, before_ms);
}

static void test_wait_sends_what_was_queued_first(void **state)
{
    struct fixture *f = *state;
    static const enum part script[] = {ACCEPT};
    const struct hawser_filter filter = {.topic_filter = hawser_cli_view("t")};
    uint16_t packet_id = 0;
    assert_int_equal(run(f, script), HAWSER_LINE_UP);
    machine.out_len = 0;
    assert_int_equal(hawser_subscribe(hawser_cli_line_client(f->line),
                                      machine.now_ms, &filter, 1, &packet_id),
                     0);
    hawser_cli_line_wait(f->line, machine.now_ms, -1);
    assert_true(machine.out_len > 0);
    assert_int_equal(machine.out[0], 0x82);
}

static void test_destroy_says_goodbye(void **state)
{
    struct fixture *f = *state;
    static const enum part script[] = {ACCEPT};
    assert_int_equal(run(f, script), HAWSER_LINE_UP);
    machine.out_len = 0;
    hawser_cli_line_destroy(f->line);
    f->line = NULL;
    assert_true(machine.out_len > 0);
    assert_int_equal(machine.out[0], 0xE0);
}

#define WITH_LINE(test) \
    cmocka_unit_test_setup_teardown(test, make_line, drop_line)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_LINE(test_step_broker_that_accepts_is_up_in_5),
        WITH_LINE(test_step_broker_that_closes_is_asked_in_3_1_1),
        WITH_LINE(test_step_broker_that_says_old_is_asked_in_3_1_1),
        WITH_LINE(test_step_every_address_and_broker_is_tried),
        WITH_LINE(test_step_unknown_name_goes_to_the_next_broker),
        WITH_LINE(test_step_all_failed_tells_the_refusal),
        WITH_LINE(test_step_nobody_there_is_no_connection),
        WITH_LINE(test_step_refused_login_is_not_about_the_version),
        WITH_LINE(test_step_silent_broker_is_given_up_in_time),
        WITH_LINE(test_step_message_is_handed_on_and_acknowledged),
        WITH_LINE(test_step_line_lost_is_down_and_can_start_again),
        WITH_LINE(test_step_malformed_byte_ends_it_with_a_disconnect),
        WITH_LINE(test_wait_after_start_does_not_sleep),
        WITH_LINE(test_wait_sends_what_was_queued_first),
        WITH_LINE(test_destroy_says_goodbye),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
