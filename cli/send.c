/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One command to one device, and its reply: send.h. Subscribes before it
 * publishes, so that no reply can be too early.
 */
#include "send.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "backoff.h"
#include "config.h"
#include "line.h"
#include "send_reply.h"
#include "send_request.h"
#include "sign.h"

enum phase {
    CONNECTING,
    SUBSCRIBING,
    PUBLISHING, /* until the broker has it */
    WAITING,
    DONE
};

struct send {
    struct hawser_cli_send_job job;
    struct hawser_cli_config *config;
    struct hawser_cli_topics topics;
    struct hawser_cli_line_handler handler;
    struct hawser_cli_line *line;
    bool is_up;
    struct hawser_cli_backoff backoff;
    enum phase phase;
    int code;
    char id[17];
    char payload[8192];
    char sig[HAWSER_CLI_SIG_SIZE];
    char expires[32];     /* a condition that signing adds */
    char **pairs;         /* with it; NULL: the job's own */
    uint8_t status[4096]; /* the device's retained one */
    size_t status_len;
    bool has_status;
    uint8_t progress[4096]; /* the last reply that was not the last */
    size_t progress_len;
};

/* The end ------------------------------------------------------------------- */

static void say_and_end(struct send *s, int code, const char *words)
{
    fprintf(stderr, "hawser %s: %s\n", s->job.name, words);
    s->code = code;
    s->phase = DONE;
}

/* With what is known of the device, as that is the likely reason. */
static void end_with_status(struct send *s, int code, const char *words)
{
    char room[1024];
    struct hawser_cli_text t = hawser_cli_text_in(room, sizeof(room));
    const struct hawser_view status = {s->has_status ? s->status : NULL,
                                       s->status_len};
    hawser_cli_text_add(&t, words);
    hawser_cli_text_add(&t, "; ");
    hawser_cli_status_add_shown(&t, status, s->job.request.device);
    say_and_end(s, code, room);
}

static void end_refused(struct send *s, const char *what, const char *topic)
{
    char room[512];
    struct hawser_cli_text t = hawser_cli_text_in(room, sizeof(room));
    hawser_cli_text_addf(&t, "the broker does not let this user %s %s", what,
                         topic);
    say_and_end(s, HAWSER_EXIT_REFUSED, room);
}

/* What comes ---------------------------------------------------------------- */

static void publish(struct send *s)
{
    const uint32_t limit_s = s->job.timeout_s;
    const struct hawser_property properties[] = {
        {.id = HAWSER_PROP_RESPONSE_TOPIC,
         .value = hawser_cli_view(s->topics.reply_own)},
        {.id = HAWSER_PROP_CORRELATION_DATA, .value = hawser_cli_view(s->id)},
        /* Nobody waits for it any longer then. */
        {.id = HAWSER_PROP_MESSAGE_EXPIRY, .number = limit_s},
    };
    const size_t skipped = s->topics.reply_own[0] == '\0' ? 1 : 0;
    const struct hawser_message message = {
        .topic = hawser_cli_view(s->topics.control),
        .payload = hawser_cli_view(s->payload),
        .qos = 1,
        .properties = properties + skipped,
        .property_count = sizeof(properties) / sizeof(properties[0]) - skipped,
    };
    int err = hawser_publish(hawser_cli_line_client(s->line),
                             hawser_cli_line_now_ms(s->line), &message, NULL);
    if (err != 0) {
        say_and_end(s, HAWSER_EXIT_FAILED, hawser_error_text(err));
    } else {
        s->phase = PUBLISHING;
    }
}

static void subscribe(struct send *s)
{
    const struct hawser_filter filters[] = {
        {.topic_filter = hawser_cli_view(s->topics.reply), .qos = 1},
        {.topic_filter = hawser_cli_view(s->topics.status), .qos = 1},
        {.topic_filter = hawser_cli_view(s->topics.reply_own), .qos = 1},
    };
    uint16_t packet_id = 0; /* only one SUBSCRIBE is ever under way */
    size_t count = s->topics.reply_own[0] == '\0' ? 2 : 3;
    int err = hawser_subscribe(hawser_cli_line_client(s->line),
                               hawser_cli_line_now_ms(s->line), filters, count,
                               &packet_id);
    if (err != 0) {
        say_and_end(s, HAWSER_EXIT_FAILED, hawser_error_text(err));
    }
}

static void on_subscribed(void *ctx, struct hawser_view reasons)
{
    struct send *s = ctx;
    /* The status is only for better words; without it the rest works. */
    if (reasons.len == 0 || reasons.at[0] >= 0x80) {
        end_refused(s, "read", s->topics.reply);
    } else if (s->phase == SUBSCRIBING) {
        publish(s);
    }
}

/* [MQTT5 3.4.2.1] 0x10: the broker knows that nobody listens. */
static void on_published(void *ctx, uint8_t reason)
{
    struct send *s = ctx;
    if (reason >= 0x80) {
        end_refused(s, "write to", s->topics.control);
    } else if (reason == 0x10) {
        end_with_status(s, HAWSER_EXIT_TIMEOUT, "no device listens");
    } else if (s->phase == PUBLISHING) {
        s->phase = WAITING;
    }
}

static void print_reply(const struct send *s, struct hawser_view payload,
                        const struct hawser_cli_object *reply)
{
    char room[16384];
    struct hawser_cli_text t = hawser_cli_text_in(room, sizeof(room));
    if (!s->job.is_json) {
        s->job.show(s->job.ctx, &t, reply);
    } else if (hawser_cli_json_copy(&t, payload)) {
        hawser_cli_text_add(&t, "\n");
    }
    if (t.cut) {
        hawser_cli_text_back_to(&t, 0);
        hawser_cli_text_add(&t, "(the reply is too long to be shown)\n");
    }
    fputs(room, stdout);
    (void)fflush(stdout); /* main() asks again whether all was written */
}

static bool is_topic(struct hawser_view topic, const char *name)
{
    return topic.len == strlen(name) && topic.len > 0 &&
           memcmp(topic.at, name, topic.len) == 0;
}

/* Not what came on the other topic just now? */
static bool is_news(struct send *s, struct hawser_view payload)
{
    bool is_same = payload.len == s->progress_len &&
                   memcmp(payload.at, s->progress, payload.len) == 0;
    if (payload.len <= sizeof(s->progress)) {
        memcpy(s->progress, payload.at, payload.len);
        s->progress_len = payload.len;
    }
    return !is_same;
}

static void take_reply(struct send *s, struct hawser_view payload)
{
    struct hawser_cli_object reply;
    enum hawser_cli_reply_kind kind =
        hawser_cli_reply_read(&reply, payload, s->id);
    switch (kind) {
    case HAWSER_REPLY_OTHER:
        return;
    case HAWSER_REPLY_PROGRESS:
        if (is_news(s, payload)) {
            print_reply(s, payload, &reply);
        }
        return;
    case HAWSER_REPLY_SUCCEEDED:
    case HAWSER_REPLY_FAILED:
        print_reply(s, payload, &reply);
        s->code = kind == HAWSER_REPLY_SUCCEEDED ? HAWSER_EXIT_OK
                                                 : HAWSER_EXIT_FAILED;
        s->phase = DONE;
        return;
    }
}

static void on_message(void *ctx, const struct hawser_cli_message *message)
{
    struct send *s = ctx;
    if (s->phase == DONE || message->is_cut) {
        return; /* the reply came on both topics; or it is none of ours */
    }
    if (is_topic(message->topic, s->topics.reply) ||
        is_topic(message->topic, s->topics.reply_own)) {
        take_reply(s, message->payload);
    } else if (is_topic(message->topic, s->topics.status) &&
               message->payload.len <= sizeof(s->status) &&
               (!s->has_status ||
                hawser_cli_status_is_of(message->payload,
                                        s->job.request.device))) {
        memcpy(s->status, message->payload.at, message->payload.len);
        s->status_len = message->payload.len;
        s->has_status = true;
    }
}

/* The conversation ---------------------------------------------------------- */

/* A line lost after the command has left is made anew, to hear the reply. */
static void follow_line(struct send *s, enum hawser_line_state state)
{
    if (state == HAWSER_LINE_UP && s->phase == CONNECTING) {
        s->phase = SUBSCRIBING;
        subscribe(s);
    } else if (state == HAWSER_LINE_DOWN && s->phase == WAITING) {
        (void)hawser_cli_backoff_fail(&s->backoff,
                                      hawser_cli_line_now_ms(s->line));
    } else if (state == HAWSER_LINE_DOWN) {
        say_and_end(s, hawser_cli_line_code(s->line),
                    hawser_cli_line_why(s->line));
    }
}

static void end_late(struct send *s)
{
    char words[64];
    (void)snprintf(words, sizeof(words), "no reply within %u s",
                   s->job.timeout_s);
    if (s->phase == CONNECTING) {
        say_and_end(s, HAWSER_EXIT_TIMEOUT, hawser_cli_line_why(s->line));
    } else {
        end_with_status(s, HAWSER_EXIT_TIMEOUT, words);
    }
}

/* Moves the line on, unless it waits before another try. */
static void step_line(struct send *s)
{
    uint64_t now_ms = hawser_cli_line_now_ms(s->line);
    if (hawser_cli_backoff_take(&s->backoff, now_ms)) {
        hawser_cli_line_start(s->line);
    }
    if (s->backoff.due_ms != HAWSER_NEVER) {
        return;
    }
    enum hawser_line_state state = hawser_cli_line_step(s->line);
    bool is_new = state == HAWSER_LINE_UP && !s->is_up;
    s->is_up = state == HAWSER_LINE_UP;
    if (is_new) {
        hawser_cli_backoff_reset(&s->backoff);
    }
    if (s->phase == WAITING && is_new) {
        subscribe(s);
    }
    if (s->phase != DONE) {
        follow_line(s, state);
    }
}

static void converse(struct send *s)
{
    uint64_t due_ms =
        hawser_cli_line_now_ms(s->line) + (uint64_t)s->job.timeout_s * 1000;
    hawser_cli_backoff_reset(&s->backoff);
    hawser_cli_line_start(s->line);
    while (s->phase != DONE) {
        step_line(s);
        if (s->phase != DONE && hawser_cli_line_now_ms(s->line) >= due_ms) {
            end_late(s);
        }
        if (s->phase != DONE) {
            uint64_t again_ms = s->backoff.due_ms;
            hawser_cli_line_wait(s->line, again_ms < due_ms ? again_ms : due_ms,
                                 -1);
        }
    }
}

/* The job ------------------------------------------------------------------- */

/* A signed command must have an end; then the device need not remember it for
 * ever. */
static bool bound(struct send *s)
{
    struct hawser_cli_request *request = &s->job.request;
    size_t count = request->pair_count;
    if (hawser_cli_request_is_bounded(request) || request->args != NULL) {
        return true;
    }
    s->pairs = calloc(count + 1, sizeof(*s->pairs));
    if (s->pairs == NULL) {
        return false;
    }
    (void)snprintf(s->expires, sizeof(s->expires), "expires=%llu",
                   (unsigned long long)time(NULL) + s->job.timeout_s);
    for (size_t i = 0; i < count; i++) {
        s->pairs[i] = request->pairs[i];
    }
    s->pairs[count] = s->expires;
    request->pairs = s->pairs;
    request->pair_count = count + 1;
    return true;
}

static int sign(struct send *s)
{
    char words[256];
    struct hawser_cli_text why = hawser_cli_text_in(words, sizeof(words));
    struct hawser_cli_text form =
        hawser_cli_text_in(s->payload, sizeof(s->payload));
    if (s->job.key_path == NULL) {
        return HAWSER_EXIT_OK;
    }
    if (!bound(s)) {
        fprintf(stderr, "hawser %s: not enough memory\n", s->job.name);
        return HAWSER_EXIT_FAILED;
    }
    if (!hawser_cli_request_form(&form, &s->job.request, &why)) {
        return hawser_cli_usage_error(s->job.name, "%s", words);
    }
    s->job.request.sig = s->sig;
    return hawser_cli_sign(s->job.key_path, hawser_cli_view(form.at), s->sig);
}

/* Everything that needs the configuration; an exit code. */
static int prepare(struct send *s)
{
    char words[512];
    struct hawser_cli_text why = hawser_cli_text_in(words, sizeof(words));
    struct hawser_cli_text t;
    uint64_t number = 0;
    if (getrandom(&number, sizeof(number), 0) != (ssize_t)sizeof(number)) {
        fprintf(stderr, "hawser %s: no random numbers\n", s->job.name);
        return HAWSER_EXIT_FAILED;
    }
    (void)snprintf(s->id, sizeof(s->id), "%016llx", (unsigned long long)number);
    s->job.request.id = s->id;
    s->job.request.layout = s->config->device.layout;
    hawser_cli_request_topics(&s->topics, s->config->device.root,
                              &s->job.request);
    int code = sign(s);
    if (code != HAWSER_EXIT_OK) {
        return code;
    }
    t = hawser_cli_text_in(s->payload, sizeof(s->payload));
    if (!hawser_cli_request_build(&t, &s->job.request, &why)) {
        return hawser_cli_usage_error(s->job.name, "%s", words);
    }
    s->handler = (struct hawser_cli_line_handler){s, on_message, on_subscribed,
                                                  on_published};
    s->line =
        hawser_cli_line_create(s->config, "hawser-send", &s->handler, &why);
    if (s->line == NULL) {
        fprintf(stderr, "hawser %s: %s\n", s->job.name, words);
        return HAWSER_EXIT_FAILED;
    }
    return HAWSER_EXIT_OK;
}

static int run(struct send *s)
{
    s->config =
        hawser_cli_config_load_operator(s->job.name, s->job.config_path);
    if (s->config == NULL) {
        return HAWSER_EXIT_CONFIG;
    }
    int code = prepare(s);
    if (code == HAWSER_EXIT_OK) {
        converse(s);
        code = s->code;
    }
    hawser_cli_line_destroy(s->line);
    hawser_cli_config_free(s->config);
    free(s->pairs);
    return code;
}

int hawser_cli_send_run(const struct hawser_cli_send_job *job)
{
    struct send *s = calloc(1, sizeof(*s));
    if (s == NULL) {
        fprintf(stderr, "hawser %s: not enough memory\n", job->name);
        return HAWSER_EXIT_FAILED;
    }
    s->job = *job;
    int code = run(s);
    free(s);
    return code;
}
