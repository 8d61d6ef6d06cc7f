/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hawser time`: tells devices what time it is, for as long as it runs.
 */
#include "cli.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "backoff.h"
#include "config.h"
#include "line.h"
#include "pki_args.h"
#include "time_answer.h"
#include "when.h"

const char hawser_cli_time_usage[] =
    "Usage: hawser time [--config FILE] [--trust-clock]\n"
    "\n"
    "Answers devices that ask what time it is, and prints whom it answered.\n"
    "They ask over the verified line, so this is time that they can rely on:\n"
    "time servers cannot lead them away from it, and it is what they remember\n"
    "over a restart. Ctrl-C ends it. `hawser watch` answers, too.\n"
    "\n"
    "  --config FILE  which broker, and who to log in as; an INI file like "
    "the\n"
    "                 agent's, of which [broker] and [topics] count. Default:\n"
    "                 $HAWSER_CONFIG, else ~/.config/hawser/operator.ini\n"
    "  --trust-clock  answer although nothing says that this machine's clock\n"
    "                 is right (no time service keeps it)\n"
    "\n"
    "A line that is lost is made anew, for ever; one that cannot be made at\n"
    "the start ends it.\n"
    "\n"
    "Exit codes: 0 ended as told; 1 this machine's clock is not synchronised;\n"
    "2 usage; 3 configuration; 4 no connection; 5 the broker was refused "
    "(TLS)\n"
    "or refuses (login, permission).\n";

struct teller {
    const char *config_path;
    bool trusts_clock;
    struct hawser_cli_config *config;
    struct hawser_cli_line_handler handler;
    struct hawser_cli_line *line;
    struct hawser_cli_backoff backoff;
    int signal_fd;
    bool is_up;
    bool was_up;
    bool is_ended;
    int code;
};

static void end(struct teller *w, int code, const char *words)
{
    fprintf(stderr, "hawser time: %s\n", words);
    w->code = code;
    w->is_ended = true;
}

/* Messages ------------------------------------------------------------------ */

static void print_answer(struct hawser_view topic, uint64_t unix_ms)
{
    char room[1024];
    struct hawser_cli_text t = hawser_cli_text_in(room, sizeof(room));
    hawser_cli_text_add_moment(&t, unix_ms);
    hawser_cli_text_add(&t, " answered ");
    hawser_cli_text_add_shown(&t, topic);
    puts(room);
    (void)fflush(stdout); /* main() asks again whether all was written */
}

static void on_message(void *ctx, const struct hawser_cli_message *message)
{
    struct teller *w = ctx;
    struct hawser_cli_time_answer answer;
    uint64_t unix_ms = hawser_cli_time_now_ms(w->trusts_clock);
    if (unix_ms != 0 &&
        hawser_cli_time_answer(&answer, message, w->config->device.layout,
                               unix_ms) &&
        hawser_cli_time_answer_send(w->line, &answer)) {
        print_answer(message->topic, unix_ms);
    }
}

static void on_subscribed(void *ctx, struct hawser_view reasons)
{
    if (reasons.len == 0 || reasons.at[0] >= 0x80) {
        end(ctx, HAWSER_EXIT_REFUSED,
            "the broker does not let this user read the devices' events");
    }
}

static void on_published(void *ctx, uint8_t reason)
{
    if (reason >= 0x80) {
        end(ctx, HAWSER_EXIT_REFUSED,
            "the broker does not let this user write to the devices' control");
    }
}

/* The line ------------------------------------------------------------------ */

static void subscribe(struct teller *w)
{
    bool is_flat = w->config->device.layout == HAWSER_LAYOUT_FLAT;
    char topic[HAWSER_ROOT_MAX + 16];
    (void)snprintf(topic, sizeof(topic), "%s/%sevent", w->config->device.root,
                   is_flat ? "" : "+/");
    const struct hawser_filter filter = {.topic_filter = hawser_cli_view(topic),
                                         .qos = 1};
    uint16_t packet_id = 0; /* only one SUBSCRIBE is ever under way */
    int err = hawser_subscribe(hawser_cli_line_client(w->line),
                               hawser_cli_line_now_ms(w->line), &filter, 1,
                               &packet_id);
    if (err != 0) {
        end(w, HAWSER_EXIT_FAILED, hawser_error_text(err));
    }
}

static void line_down(struct teller *w)
{
    w->is_up = false;
    if (!w->was_up) {
        end(w, hawser_cli_line_code(w->line), hawser_cli_line_why(w->line));
        return;
    }
    (void)hawser_cli_backoff_fail(&w->backoff, hawser_cli_line_now_ms(w->line));
    fprintf(stderr, "hawser time: line lost: %s\n",
            hawser_cli_line_why(w->line));
}

static void follow_line(struct teller *w)
{
    if (hawser_cli_backoff_take(&w->backoff, hawser_cli_line_now_ms(w->line))) {
        hawser_cli_line_start(w->line);
    }
    if (w->backoff.due_ms != HAWSER_NEVER) {
        return;
    }
    enum hawser_line_state state = hawser_cli_line_step(w->line);
    if (state == HAWSER_LINE_UP && !w->is_up) {
        w->is_up = true;
        w->was_up = true;
        hawser_cli_backoff_reset(&w->backoff);
        subscribe(w);
    } else if (state == HAWSER_LINE_DOWN) {
        line_down(w);
    }
}

static bool catch_signals(struct teller *w)
{
    sigset_t caught;
    sigemptyset(&caught);
    sigaddset(&caught, SIGTERM);
    sigaddset(&caught, SIGINT);
    if (sigprocmask(SIG_BLOCK, &caught, NULL) != 0) {
        return false;
    }
    w->signal_fd = signalfd(-1, &caught, SFD_CLOEXEC | SFD_NONBLOCK);
    return w->signal_fd >= 0;
}

static void run_loop(struct teller *w)
{
    struct signalfd_siginfo info;
    hawser_cli_backoff_reset(&w->backoff);
    hawser_cli_line_start(w->line);
    while (!w->is_ended) {
        follow_line(w);
        if (!w->is_ended) {
            hawser_cli_line_wait(w->line, w->backoff.due_ms, w->signal_fd);
            w->is_ended = read(w->signal_fd, &info, sizeof(info)) ==
                          (ssize_t)sizeof(info);
        }
    }
}

static int run(struct teller *w)
{
    char words[512] = "signals cannot be caught";
    struct hawser_cli_text why = hawser_cli_text_in(words, sizeof(words));
    w->config = hawser_cli_config_load_operator("time", w->config_path);
    if (w->config == NULL) {
        return HAWSER_EXIT_CONFIG;
    }
    if (hawser_cli_time_now_ms(w->trusts_clock) == 0) {
        fputs("hawser time: nothing keeps this machine's clock right (see "
              "`timedatectl`), so devices are not to be told its time; "
              "--trust-clock tells it anyway\n",
              stderr);
        return HAWSER_EXIT_FAILED;
    }
    w->handler = (struct hawser_cli_line_handler){w, on_message, on_subscribed,
                                                  on_published};
    w->line =
        hawser_cli_line_create(w->config, "hawser-time", &w->handler, &why);
    if (w->line == NULL || !catch_signals(w)) {
        fprintf(stderr, "hawser time: %s\n", words);
        return HAWSER_EXIT_FAILED;
    }
    run_loop(w);
    return w->code;
}

int hawser_cli_time(int argc, char **argv)
{
    struct teller w = {.signal_fd = -1, .code = HAWSER_EXIT_OK};
    const struct hwi_option known[] = {{"config", &w.config_path, NULL},
                                       {"trust-clock", NULL, &w.trusts_clock},
                                       {NULL, NULL, NULL}};
    int count = 0;
    int code = hwi_args_parse("time", known, argc, argv, &count);
    if (code == HAWSER_EXIT_OK && count > 0) {
        return hawser_cli_usage_error("time", "\"%s\" is not understood",
                                      argv[0]);
    }
    if (code == HAWSER_EXIT_OK) {
        code = run(&w);
    }
    hawser_cli_line_destroy(w.line);
    hawser_cli_config_free(w.config);
    if (w.signal_fd >= 0) {
        (void)close(w.signal_fd);
    }
    return code;
}
