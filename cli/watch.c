/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hawser watch`: listens to every device's status, security and data and
 * shows what it knows: as a table that is drawn anew in place, as lines that
 * are appended where there is no terminal, or as JSON.
 */
#include "backoff.h"
#include "cli.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "config.h"
#include "line.h"
#include "log.h"
#include "pki_args.h"
#include "time_answer.h"
#include "watch_table.h"
#include "when.h"

#define DRAW_EVERY_MS 1000 /* ages grow */
#define DRAW_AT_ONCE  250  /* but news are not drawn more often than this */
#define ONCE_QUIET_MS 700  /* retained messages come in one go */
#define ONCE_LIMIT_MS 10000
#define NEEDED        3 /* filters; the others may be refused */
#define FILTERS       5

const char hawser_cli_watch_usage[] =
    "Usage: hawser watch [--config FILE] [--json] [--once]\n"
    "\n"
    "Shows every device: its state and since when, TLS version and cipher,\n"
    "firmware, alerts, last telemetry and its age. On a terminal a table, "
    "drawn anew\n"
    "in place; otherwise a line for each message. Ctrl-C ends it. A narrow\n"
    "terminal shows fewer columns: the firmware needs 100, the cipher 120.\n"
    "\n"
    "  --config FILE  which broker, and who to log in as; an INI file like "
    "the\n"
    "                 agent's, of which [broker] and [topics] count. Default:\n"
    "                 $HAWSER_CONFIG, else ~/.config/hawser/operator.ini\n"
    "  --json         one object a line for each message: received, device,\n"
    "                 kind (status, security, data, alert), retained,\n"
    "                 message; alert: its name\n"
    "  --once         show what the broker has retained, then end\n"
    "\n"
    "A device that asks for the time is told it, if something keeps this\n"
    "machine's clock right. A line that is lost is made anew, for ever; one\n"
    "that cannot be made at the start ends it.\n"
    "\n"
    "Exit codes: 0 ended as told; 2 usage; 3 configuration; 4 no connection;\n"
    "5 the broker was refused (TLS) or refuses (login, permission).\n";

enum style { TABLE, LINES, JSON };

struct watch {
    const char *config_path; /* NULL: the default */
    bool is_json;
    bool is_once;
    enum style style;
    bool has_colour;
    struct hawser_cli_config *config;
    struct hawser_cli_line_handler handler;
    struct hawser_cli_line *line;
    struct hawser_cli_table table;
    int signal_fd;
    bool is_ended;
    int code;
    bool was_up; /* at least once */
    bool is_up;
    bool is_changed;      /* since the last drawing */
    unsigned drawn_lines; /* above the cursor */
    uint64_t drawn_ms;
    uint64_t heard_ms; /* the last message or SUBACK came */
    struct hawser_cli_backoff backoff;
    char headline[768];
};

/* Drawing ------------------------------------------------------------------- */

static void measure_terminal(struct hawser_cli_canvas *canvas)
{
    struct winsize size = {0};
    canvas->columns = 80;
    canvas->lines = 24;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 &&
        size.ws_row > 0) {
        canvas->columns = size.ws_col;
        canvas->lines = size.ws_row;
    }
}

/* The table over the last one. */
static void draw(struct watch *w)
{
    struct hawser_cli_canvas canvas = {.has_colour = w->has_colour,
                                       .is_waiting = !w->is_once,
                                       .now_ms = hawser_cli_unix_ms(),
                                       .headline = w->headline};
    measure_terminal(&canvas);
    if (w->style != TABLE) {
        canvas.columns = 160;
        canvas.lines = HAWSER_CLI_WATCHED_MAX + 5;
    }
    size_t lines =
        w->table.count < canvas.lines ? w->table.count + 4 : canvas.lines + 4;
    size_t size = lines * ((size_t)canvas.columns * 4 + 64);
    char *room = malloc(size);
    if (room == NULL) {
        return; /* the next drawing may have more luck */
    }
    struct hawser_cli_text t = hawser_cli_text_in(room, size);
    unsigned drawn = hawser_cli_table_draw(&t, &w->table, &canvas);
    if (w->style == TABLE && w->drawn_lines > 0) {
        printf("\x1b[%uA\r\x1b[J", w->drawn_lines);
    }
    fputs(room, stdout);
    (void)fflush(stdout); /* a terminal that is gone ends us by SIGHUP */
    free(room);
    w->drawn_lines = drawn;
    w->drawn_ms = hawser_cli_line_now_ms(w->line);
    w->is_changed = false;
}

/* Something about the line itself. */
static void say(struct watch *w, const char *words)
{
    struct hawser_cli_text t =
        hawser_cli_text_in(w->headline, sizeof(w->headline));
    hawser_cli_text_add(&t, words);
    w->is_changed = true;
    if (w->style != TABLE && (w->was_up || w->is_ended)) {
        fprintf(stderr, "hawser watch: %s\n", words);
    }
}

/* Messages ------------------------------------------------------------------ */

/* A device may ask what time it is; who watches is there to answer. */
static void answer_time(struct watch *w,
                        const struct hawser_cli_message *message)
{
    struct hawser_cli_time_answer answer;
    uint64_t unix_ms = hawser_cli_time_now_ms(false);
    if (unix_ms != 0 && !w->is_once &&
        hawser_cli_time_answer(&answer, message, w->config->device.layout,
                               unix_ms)) {
        /* A device that gets no answer asks again. */
        (void)hawser_cli_time_answer_send(w->line, &answer);
    }
}

static void on_message(void *ctx, const struct hawser_cli_message *message)
{
    struct watch *w = ctx;
    struct hawser_cli_sighting s = {
        .payload = message->payload,
        .retain = message->retain,
        .now_ms = hawser_cli_unix_ms(),
        .alert = hawser_cli_watched_alert(message->topic)};
    w->heard_ms = hawser_cli_line_now_ms(w->line);
    s.kind = hawser_cli_watched_kind_of(
        w->config->device.root, w->config->device.layout, message->topic,
        message->payload, &s.id);
    if (s.kind == HAWSER_WATCHED_NOTHING || message->is_cut) {
        answer_time(w, message);
        return;
    }
    if (w->style == JSON) {
        hawser_cli_sighting_print_json(stdout, &s);
    } else if (w->style == LINES && !w->is_once) {
        hawser_cli_sighting_print(stdout, &s);
    }
    if (hawser_cli_table_take(&w->table, &s)) {
        w->is_changed = true;
    }
}

static void on_subscribed(void *ctx, struct hawser_view reasons)
{
    struct watch *w = ctx;
    w->heard_ms = hawser_cli_line_now_ms(w->line);
    for (size_t i = 0; i < reasons.len && i < NEEDED; i++) {
        if (reasons.at[i] >= 0x80) {
            w->code = HAWSER_EXIT_REFUSED;
            w->is_ended = true;
            say(w, "the broker does not let this user read the devices' "
                   "topics");
        }
    }
}

static void on_published(void *ctx, uint8_t reason)
{
    (void)ctx; /* who may only read shall be able to watch all the same */
    (void)reason;
}

/* The line ------------------------------------------------------------------ */

static void subscribe(struct watch *w)
{
    /* The last one only to answer: see on_subscribed(). */
    static const char *const levels[] = {"status", "security", "data",
                                         "alert/+", "event"};
    bool is_flat = w->config->device.layout == HAWSER_LAYOUT_FLAT;
    char topics[FILTERS][HAWSER_ROOT_MAX + 16];
    struct hawser_filter filters[FILTERS];
    for (size_t i = 0; i < FILTERS; i++) {
        (void)snprintf(topics[i], sizeof(topics[i]), "%s/%s%s",
                       w->config->device.root, is_flat ? "" : "+/", levels[i]);
        filters[i] = (struct hawser_filter){
            .topic_filter = hawser_cli_view(topics[i]), .qos = 1};
    }
    uint16_t packet_id = 0; /* only one SUBSCRIBE is ever under way */
    int err = hawser_subscribe(hawser_cli_line_client(w->line),
                               hawser_cli_line_now_ms(w->line), filters,
                               FILTERS, &packet_id);
    if (err != 0) {
        w->code = HAWSER_EXIT_FAILED;
        w->is_ended = true;
        say(w, hawser_error_text(err));
    }
}

static void line_down(struct watch *w)
{
    char words[sizeof(w->headline)];
    struct hawser_cli_text t = hawser_cli_text_in(words, sizeof(words));
    w->is_up = false;
    if (!w->was_up) {
        fprintf(stderr, "hawser watch: %s\n", hawser_cli_line_why(w->line));
        w->code = hawser_cli_line_code(w->line);
        w->is_ended = true;
        return;
    }
    uint64_t wait_ms =
        hawser_cli_backoff_fail(&w->backoff, hawser_cli_line_now_ms(w->line));
    hawser_cli_text_addf(&t, "line lost, again in %llu s: ",
                         (unsigned long long)((wait_ms + 999) / 1000));
    hawser_cli_text_add(&t, hawser_cli_line_why(w->line));
    say(w, words);
}

static void line_up(struct watch *w)
{
    w->is_up = true;
    hawser_cli_backoff_reset(&w->backoff);
    say(w, hawser_cli_line_broker(w->line));
    w->was_up = true;
    subscribe(w);
}

static void follow_line(struct watch *w)
{
    if (hawser_cli_backoff_take(&w->backoff, hawser_cli_line_now_ms(w->line))) {
        hawser_cli_line_start(w->line);
    }
    if (w->backoff.due_ms != HAWSER_NEVER) {
        return;
    }
    enum hawser_line_state state = hawser_cli_line_step(w->line);
    if (state == HAWSER_LINE_UP && !w->is_up) {
        line_up(w);
    } else if (state == HAWSER_LINE_DOWN) {
        line_down(w);
    }
}

/* The loop ------------------------------------------------------------------ */

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Draws if it is time to; answers when it will be. */
static uint64_t draw_if_due(struct watch *w)
{
    uint64_t now_ms = hawser_cli_line_now_ms(w->line);
    if (w->style != TABLE || w->is_once || !w->was_up) {
        return HAWSER_NEVER;
    }
    uint64_t due_ms =
        w->drawn_ms + (w->is_changed ? DRAW_AT_ONCE : DRAW_EVERY_MS);
    if (now_ms >= due_ms) {
        draw(w);
        due_ms = w->drawn_ms + DRAW_EVERY_MS;
    }
    return due_ms;
}

/* With --once: is everything there? */
static uint64_t end_if_quiet(struct watch *w, uint64_t start_ms)
{
    if (!w->is_once) {
        return HAWSER_NEVER;
    }
    uint64_t due_ms = w->heard_ms == 0 ? start_ms + ONCE_LIMIT_MS
                                       : earlier(w->heard_ms + ONCE_QUIET_MS,
                                                 start_ms + ONCE_LIMIT_MS);
    if (hawser_cli_line_now_ms(w->line) >= due_ms) {
        w->is_ended = true;
        w->code = w->heard_ms == 0 ? HAWSER_EXIT_TIMEOUT : HAWSER_EXIT_OK;
    }
    return due_ms;
}

static void take_signals(struct watch *w)
{
    struct signalfd_siginfo info;
    if (read(w->signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
        w->is_ended = true;
    }
}

static void run_loop(struct watch *w)
{
    uint64_t start_ms = hawser_cli_line_now_ms(w->line);
    hawser_cli_line_start(w->line);
    while (!w->is_ended) {
        follow_line(w);
        uint64_t until_ms = earlier(w->backoff.due_ms, draw_if_due(w));
        until_ms = earlier(until_ms, end_if_quiet(w, start_ms));
        if (!w->is_ended) {
            hawser_cli_line_wait(w->line, until_ms, w->signal_fd);
            take_signals(w);
        }
    }
    if (w->code == HAWSER_EXIT_OK && w->style != JSON &&
        (w->is_once || w->style == TABLE) && w->was_up) {
        draw(w);
    }
}

static bool catch_signals(struct watch *w)
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

static int read_options(int argc, char **argv, struct watch *w)
{
    const struct hwi_option known[] = {{"config", &w->config_path, NULL},
                                       {"json", NULL, &w->is_json},
                                       {"once", NULL, &w->is_once},
                                       {NULL, NULL, NULL}};
    int count = 0;
    int code = hwi_args_parse("watch", known, argc, argv, &count);
    if (code == HAWSER_EXIT_OK && count > 0) {
        return hawser_cli_usage_error("watch", "\"%s\" is not understood",
                                      argv[0]);
    }
    return code;
}

static int run(struct watch *w)
{
    char words[512];
    struct hawser_cli_text why = hawser_cli_text_in(words, sizeof(words));
    bool is_terminal = isatty(STDOUT_FILENO) == 1;
    w->config = hawser_cli_config_load_operator("watch", w->config_path);
    if (w->config == NULL) {
        return HAWSER_EXIT_CONFIG;
    }
    w->style = w->is_json ? JSON : is_terminal ? TABLE : LINES;
    w->has_colour = hawser_cli_wants_colour(stdout);
    w->handler = (struct hawser_cli_line_handler){w, on_message, on_subscribed,
                                                  on_published};
    hawser_cli_backoff_reset(&w->backoff);
    w->line =
        hawser_cli_line_create(w->config, "hawser-watch", &w->handler, &why);
    if (w->line == NULL || !catch_signals(w)) {
        fprintf(stderr, "hawser watch: %s\n", words);
        return HAWSER_EXIT_FAILED;
    }
    run_loop(w);
    return w->code;
}

int hawser_cli_watch(int argc, char **argv)
{
    struct watch *w = calloc(1, sizeof(*w));
    if (w == NULL) {
        fputs("hawser watch: not enough memory\n", stderr);
        return HAWSER_EXIT_FAILED;
    }
    w->signal_fd = -1;
    int code = read_options(argc, argv, w);
    if (code == HAWSER_EXIT_OK) {
        code = run(w);
    }
    hawser_cli_line_destroy(w->line);
    hawser_cli_config_free(w->config);
    hawser_cli_table_free(&w->table);
    if (w->signal_fd >= 0) {
        (void)close(w->signal_fd);
    }
    free(w);
    return code;
}
