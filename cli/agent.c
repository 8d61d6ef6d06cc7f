/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hawser agent`: this machine as a device, in the foreground. The device and
 * the port do the work; this file starts them, listens to signals and the
 * service manager, exchanges the configuration and starts anew.
 */
#include "cli.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "config.h"
#include "config_check.h"
#include "hawser/device.h"
#include "log.h"
#include "notify.h"
#include "pki_args.h"
#include "ports/linux/linux.h"
#include "programs.h"
#include "restart.h"

const char hawser_cli_agent_usage[] =
    "Usage: hawser agent --config FILE [--log text|json] [--check]\n"
    "                    [--forget-time]\n"
    "\n"
    "Runs this machine as a device, in the foreground: keeps a verified TLS\n"
    "line to the broker, reports state and sensors, obeys commands.\n"
    "\n"
    "  --config FILE     the configuration, see below\n"
    "  --log text|json   how to write the log (standard output); text is the\n"
    "                    default, json is one object a line\n"
    "  --check           only check the configuration, and the files, folder\n"
    "                    and interface that it names\n"
    "  --forget-time     what was once proven to be the time does not count:\n"
    "                    once, by hand, if that was wrong and every\n"
    "                    certificate is taken for ended\n"
    "\n"
    "Signals: SIGTERM and SIGINT say \"offline\", disconnect and stop; SIGHUP\n"
    "reads the configuration and its files again, and if anything has "
    "changed\n"
    "says \"offline\" and connects anew (state_dir stays; one with a mistake "
    "is\n"
    "reported and the old one kept).\n"
    "\n"
    "SIGUSR1 measures at once, besides the interval.\n"
    "\n"
    "Exit codes: 0 stopped as told; 1 the machine failed it; 2 usage; 3 the\n"
    "configuration or a file that it names is not usable.\n"
    "\n"
    "The process cannot be traced and leaves no core file, as it holds keys.\n"
    "\n"
    "The configuration is an INI file. Lines that begin with ; are comments, "
    "as\n"
    "is what follows a ; after a space. Relative paths start at the file's\n"
    "folder. A line has 199 bytes at most; a list may go on in the next line,\n"
    "after a space.\n";

/* What the device works in. */
struct memory {
    uint8_t rx[8 * 1024];
    uint8_t tx[16 * 1024];
    uint8_t store[64 * 1024];
    struct hawser_slot slots[64];
    uint8_t credentials[16 * 1024];
    uint8_t outbox[256 * 1024]; /* where flash fails */
};

struct options {
    const char *config_path;
    enum hawser_cli_log_format log_format;
    bool only_check;
    bool forgets_time;
};

struct agent {
    struct options options;
    struct hawser_cli_config *config;
    struct hawser_cli_config *old; /* until the device lets go of it */
    struct hawser_cli_log log;
    struct hawser_cli_notify notify;
    struct hawser_linux *port;
    struct hawser_device device;
    struct hawser_cli_programs programs;
    enum hawser_device_state told_state;
    bool is_reload_wanted;
    int signal_fd;
    sigset_t old_signals;
    struct memory memory;
};

void hawser_cli_agent_help_more(FILE *out)
{
    hawser_cli_config_help(out);
}

/* Arguments ----------------------------------------------------------------- */

static int read_options(int argc, char **argv, struct options *o)
{
    const char *log = NULL;
    const struct hwi_option known[] = {{"config", &o->config_path, NULL},
                                       {"log", &log, NULL},
                                       {"check", NULL, &o->only_check},
                                       {"forget-time", NULL, &o->forgets_time},
                                       {NULL, NULL, NULL}};
    int count = 0;
    int code = hwi_args_parse("agent", known, argc, argv, &count);
    if (code != HAWSER_EXIT_OK) {
        return code;
    }
    log = log == NULL ? "text" : log;
    if (count > 0) {
        return hawser_cli_usage_error("agent", "\"%s\" is not understood",
                                      argv[0]);
    }
    if (strcmp(log, "json") != 0 && strcmp(log, "text") != 0) {
        return hawser_cli_usage_error("agent",
                                      "--log is text or json, not \"%s\"", log);
    }
    if (o->config_path == NULL) {
        return hawser_cli_usage_error("agent", "--config FILE is missing");
    }
    o->log_format =
        strcmp(log, "json") == 0 ? HAWSER_CLI_LOG_JSON : HAWSER_CLI_LOG_TEXT;
    return HAWSER_EXIT_OK;
}

/* Configuration ------------------------------------------------------------- */

static struct hawser_cli_config *
load_config(const struct options *o, struct hawser_cli_mistakes *mistakes)
{
    struct hawser_cli_config *config = hawser_cli_config_load(
        o->config_path, HAWSER_CLI_CONFIG_DEVICE, mistakes);
    if (config != NULL &&
        !hawser_cli_config_check(config, o->config_path, mistakes)) {
        hawser_cli_config_free(config);
        return NULL;
    }
    return config;
}

static struct hawser_linux_config
linux_config(struct agent *a, const struct hawser_cli_config *config)
{
    return (struct hawser_linux_config){
        .interface = config->interface,
        .state_dir = config->state_dir,
        .outbox_size = config->outbox_kib * 1024,
        .wifi_control = config->wifi_control,
        .networks = config->networks.of,
        .network_count = config->networks.count,
        .sensors = config->sensors,
        .sensor_count = config->device.sensor_count,
        .log = hawser_cli_log_write,
        .log_ctx = &a->log,
    };
}

static void log_mistakes(struct agent *a, const struct hawser_cli_mistakes *m)
{
    for (size_t i = 0; i < m->count; i++) {
        hawser_cli_log_say(&a->log, HAWSER_LOG_ERROR, "config", m->text[i]);
    }
    hawser_cli_log_say(&a->log, HAWSER_LOG_WARNING, "config",
                       "the configuration stays as it was");
}

/* Port first: the device must never ask for a sensor that is not there. */
static bool exchange(struct agent *a, struct hawser_cli_config *config)
{
    char message[HAWSER_LINUX_MESSAGE_SIZE] = "";
    struct hawser_linux_config to = linux_config(a, config);
    if (hawser_linux_reconfigure(a->port, &to, message) != 0) {
        hawser_cli_log_say(&a->log, HAWSER_LOG_ERROR, "config", message);
        return false;
    }
    int err = hawser_device_reconfigure(&a->device, &config->device);
    if (err != 0) {
        struct hawser_linux_config back = linux_config(a, a->config);
        hawser_cli_log_say(&a->log, HAWSER_LOG_ERROR, "config",
                           hawser_error_text(err));
        if (hawser_linux_reconfigure(a->port, &back, message) != 0) {
            hawser_cli_log_say(&a->log, HAWSER_LOG_ERROR, "config", message);
        }
        return false;
    }
    return true;
}

static void reload(struct agent *a)
{
    struct hawser_cli_mistakes mistakes;
    a->is_reload_wanted = false;
    hawser_cli_notify_say_reloading(&a->notify);
    struct hawser_cli_config *config = load_config(&a->options, &mistakes);
    if (config == NULL) {
        log_mistakes(a, &mistakes);
    } else if (hawser_cli_config_is_same(config, a->config)) {
        hawser_cli_config_free(config);
        hawser_cli_log_say(&a->log, HAWSER_LOG_INFO, "config",
                           "read; nothing has changed");
    } else if (!exchange(a, config)) {
        hawser_cli_config_free(config);
    } else {
        hawser_cli_programs_stop(&a->programs); /* of the old one */
        bool has_moved = strcmp(config->state_dir, a->config->state_dir) != 0;
        a->old = a->config;
        a->config = config;
        hawser_cli_log_say(&a->log, HAWSER_LOG_INFO, "config",
                           has_moved ? "read; state_dir changes with the next "
                                       "start"
                                     : "read");
    }
    hawser_cli_notify_say(&a->notify, "READY=1");
}

/* Signals ------------------------------------------------------------------- */

static bool catch_signals(struct agent *a)
{
    sigset_t caught;
    sigemptyset(&caught);
    sigaddset(&caught, SIGTERM);
    sigaddset(&caught, SIGINT);
    sigaddset(&caught, SIGHUP);
    sigaddset(&caught, SIGUSR1);
    (void)signal(SIGPIPE, SIG_IGN); /* a closed line is told by its error */
    if (sigprocmask(SIG_BLOCK, &caught, &a->old_signals) != 0) {
        return false;
    }
    a->signal_fd = signalfd(-1, &caught, SFD_CLOEXEC | SFD_NONBLOCK);
    return a->signal_fd >= 0;
}

/* Takes what has come; true: the end is wanted. */
static bool take_signals(struct agent *a)
{
    struct signalfd_siginfo info;
    bool is_end = false;
    while (read(a->signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
        if (info.ssi_signo == SIGUSR1) {
            hawser_device_measure(&a->device);
        } else if (info.ssi_signo == SIGHUP) {
            a->is_reload_wanted = true;
        } else {
            is_end = true;
        }
    }
    if (is_end) {
        hawser_cli_notify_say(&a->notify, "STOPPING=1");
        hawser_device_stop(&a->device);
    }
    return is_end;
}

/* The device ---------------------------------------------------------------- */

static struct hawser_device_memory memory_of(struct memory *m)
{
    return (struct hawser_device_memory){
        .rx = {m->rx, sizeof(m->rx)},
        .tx = {m->tx, sizeof(m->tx)},
        .store = {m->store, sizeof(m->store)},
        .slots = m->slots,
        .slot_count = sizeof(m->slots) / sizeof(m->slots[0]),
        .credentials = {m->credentials, sizeof(m->credentials)},
        .outbox = {m->outbox, sizeof(m->outbox)},
    };
}

static int start(struct agent *a)
{
    char message[HAWSER_LINUX_MESSAGE_SIZE] = "";
    struct hawser_linux_config config = linux_config(a, a->config);
    config.reset_reason = hawser_cli_restart_reason();
    if (!catch_signals(a)) {
        fprintf(stderr, "hawser agent: signals: %s\n", strerror(errno));
        return HAWSER_EXIT_FAILED;
    }
    int err = hawser_linux_create(&a->port, &config, message);
    if (err != 0) {
        fprintf(stderr, "hawser agent: %s\n", message);
        return err == HAWSER_E_ABSENT ? HAWSER_EXIT_FAILED : HAWSER_EXIT_CONFIG;
    }
    struct hawser_device_memory memory = memory_of(&a->memory);
    err = hawser_device_init(&a->device, &a->config->device, &memory,
                             hawser_linux_port(a->port));
    if (err == HAWSER_E_STORAGE) {
        hawser_cli_log_say(&a->log, HAWSER_LOG_ERROR, "alert",
                           "what should have lasted is not readable; counters "
                           "start anew");
    } else if (err != 0) {
        fprintf(stderr, "hawser agent: %s\n", hawser_error_text(err));
        return HAWSER_EXIT_CONFIG;
    }
    if (!hawser_cli_programs_open(&a->programs, &a->device, a->signal_fd)) {
        fprintf(stderr, "hawser agent: epoll: %s\n", strerror(errno));
        return HAWSER_EXIT_FAILED;
    }
    return HAWSER_EXIT_OK;
}

static void tell_state(struct agent *a)
{
    enum hawser_device_state state = hawser_device_state(&a->device);
    if (state != a->told_state) {
        char text[64];
        a->told_state = state;
        (void)snprintf(text, sizeof(text), "STATUS=%s",
                       hawser_device_state_word(state));
        hawser_cli_notify_say(&a->notify, text);
    }
}

static void release_old_config(struct agent *a)
{
    if (a->old != NULL && !hawser_device_is_reconfiguring(&a->device)) {
        hawser_cli_config_free(a->old);
        a->old = NULL;
    }
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Until the device has stopped or wants to start anew. */
static void run_loop(struct agent *a)
{
    const struct hawser_port *port = hawser_linux_port(a->port);
    hawser_cli_notify_say(&a->notify, "READY=1");
    while (true) {
        hawser_device_step(&a->device);
        tell_state(a);
        release_old_config(a);
        if (hawser_device_state(&a->device) == HAWSER_DEVICE_STOPPED ||
            hawser_linux_restart_wanted(a->port)) {
            return;
        }
        /* One exchange at a time: the device still holds the old one. */
        if (a->is_reload_wanted && a->old == NULL) {
            reload(a);
            continue;
        }
        uint64_t now_ms = port->now_ms(port->ctx);
        hawser_cli_programs_drive(&a->programs, a->config, now_ms);
        uint64_t due_ms =
            earlier(hawser_cli_notify_feed(&a->notify, now_ms),
                    hawser_cli_programs_deadline_ms(&a->programs));
        hawser_linux_wait(
            a->port, earlier(due_ms, hawser_device_deadline_ms(&a->device)),
            a->programs.epoll_fd);
        (void)take_signals(a); /* the device ends the loop */
    }
}

static void log_start(struct agent *a)
{
    const struct hawser_field fields[] = {
        {.name = "version", .text = hawser_cli_view(hawser_cli_version())},
        {.name = "device", .text = hawser_cli_view(a->config->device.id)},
        {.name = "config", .text = hawser_cli_view(a->options.config_path)},
    };
    const struct hawser_log entry = {HAWSER_LOG_INFO, "start", fields, 3};
    hawser_cli_log_write(&a->log, &entry);
}

/* Everything is given back in the reverse order; the port's lock on the state
 * folder, too, before somebody starts anew. Signals stay held: one that comes
 * now must not turn a clean end into a kill. */
static void finish(struct agent *a)
{
    hawser_cli_programs_close(&a->programs);
    hawser_linux_destroy(a->port);
    hawser_cli_notify_close(&a->notify);
    hawser_cli_config_free(a->old);
    hawser_cli_config_free(a->config);
    if (a->signal_fd >= 0) {
        (void)close(a->signal_fd);
    }
    explicit_bzero(a, sizeof(*a));
    free(a);
}

static int run(struct agent *a, char **own_argv)
{
    int code = start(a);
    bool is_restart = false;
    char *program_line = NULL;
    struct hawser_cli_log log = a->log;
    if (code == HAWSER_EXIT_OK) {
        log_start(a);
        run_loop(a);
        /* Who wants the end meanwhile gets it. */
        is_restart = hawser_linux_restart_wanted(a->port) && !take_signals(a);
    }
    if (is_restart && a->config->restart_program != NULL) {
        program_line = strdup(a->config->restart_program);
    }
    sigset_t old_signals = a->old_signals;
    finish(a);
    if (is_restart) {
        hawser_cli_restart_let_signals(&old_signals);
        hawser_cli_restart(program_line, own_argv);
        hawser_cli_log_say(&log, HAWSER_LOG_ERROR, "restart", strerror(errno));
        code = HAWSER_EXIT_FAILED;
    }
    free(program_line);
    return code;
}

/* Reads the configuration; NULL, the mistakes on standard error, and the exit
 * code: a service manager tries again where the file is not to blame. What the
 * port will refuse is looked for only where no port is made. */
static struct hawser_cli_config *load_or_say(const struct options *o, int *code)
{
    struct hawser_cli_mistakes mistakes;
    struct hawser_cli_config *config = load_config(o, &mistakes);
    if (config != NULL && o->only_check &&
        !hawser_cli_config_check_machine(config, o->config_path, &mistakes)) {
        hawser_cli_config_free(config);
        config = NULL;
    }
    if (config == NULL) {
        hawser_cli_mistakes_print(&mistakes, stderr);
        *code =
            mistakes.is_memory_short ? HAWSER_EXIT_FAILED : HAWSER_EXIT_CONFIG;
    }
    return config;
}

static int check_or_run(const struct options *options, char **own_argv)
{
    int code = HAWSER_EXIT_OK;
    struct hawser_cli_config *config = load_or_say(options, &code);
    if (config == NULL) {
        return code;
    }
    if (options->only_check) {
        printf("%s: no mistake found\n", options->config_path);
        hawser_cli_config_free(config);
        return HAWSER_EXIT_OK;
    }
    struct agent *a = calloc(1, sizeof(*a));
    if (a == NULL) {
        fputs("hawser agent: not enough memory\n", stderr);
        hawser_cli_config_free(config);
        return HAWSER_EXIT_FAILED;
    }
    a->options = *options;
    config->device.forget_floor = options->forgets_time;
    a->config = config;
    a->signal_fd = -1;
    a->log = hawser_cli_log_to(stdout, options->log_format);
    hawser_cli_notify_open(&a->notify);
    return run(a, own_argv);
}

int hawser_cli_agent(int argc, char **argv)
{
    struct options options = {.log_format = HAWSER_CLI_LOG_TEXT};
    /* To start anew with; reading the options takes them out of argv. */
    char **own_argv = calloc((size_t)argc + 2, sizeof(*own_argv));
    if (own_argv == NULL) {
        fputs("hawser agent: not enough memory\n", stderr);
        return HAWSER_EXIT_FAILED;
    }
    own_argv[0] = program_invocation_name;
    memcpy(own_argv + 1, argv, (size_t)argc * sizeof(*argv));
    int code = read_options(argc, argv, &options);
    if (code == HAWSER_EXIT_OK) {
        /* No core file and no other process of this user gets at the keys. */
        (void)prctl(PR_SET_DUMPABLE, HAWSER_CLI_DUMPABLE);
        code = check_or_run(&options, own_argv);
    }
    free(own_argv);
    return code;
}
