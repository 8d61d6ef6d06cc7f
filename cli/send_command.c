/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hawser send`: its command line. send.c does the work.
 */
#include <stdlib.h>
#include <string.h>

#include "pki_args.h"
#include "send.h"
#include "send_reply.h"

#define TIMEOUT_S         10
#define RESTART_TIMEOUT_S 120 /* it answers after its next boot */
#define TIMEOUT_MAX_S     3600

const char hawser_cli_send_usage[] =
    "Usage: hawser send [--config FILE] [--timeout S] [--json] [--key FILE]\n"
    "                   ID COMMAND [KEY=VALUE...]\n"
    "\n"
    "Sends the device ID a command and waits for its reply.\n"
    "\n"
    "  --config FILE  which broker, and who to log in as; an INI file like "
    "the\n"
    "                 agent's, of which [broker] and [topics] count. Default:\n"
    "                 $HAWSER_CONFIG, else ~/.config/hawser/operator.ini\n"
    "  --timeout S    how long to wait for the reply, 1 to 3600 seconds;\n"
    "                 default 10, for restart 120: it is answered after it\n"
    "  --json         print the reply as JSON, one line each\n"
    "  --key FILE     sign the command by this key (PEM, P-256), for devices\n"
    "                 that want it; it expires with --timeout unless "
    "expires=\n"
    "                 or if_boot= says otherwise\n"
    "\n"
    "Commands every device knows: ping, get_status, get_flights, restart,\n"
    "set_interval interval_s=N, clear_alert alert=NAME. VALUE is sent as a\n"
    "number if it is an integer, as true or false if it says so, else as\n"
    "text. Two keys are conditions of any command, and no arguments: with\n"
    "if_boot=N it is obeyed only before the device's next restart (N is\n"
    "\"boot\" of a reply), with expires=T only until the Unix time T.\n"
    "\n"
    "Exit codes: 0 succeeded; 1 the device rejected it or failed; 2 usage;\n"
    "3 configuration; 4 no connection, or no reply in time; 5 the broker was\n"
    "refused (TLS) or refuses (login, permission).\n";

int hawser_cli_send_timeout(const char *name, const char *text, unsigned *out)
{
    size_t len = text == NULL ? 0 : strlen(text);
    *out = 0;
    if (text == NULL) {
        return HAWSER_EXIT_OK;
    }
    if (len > 0 && len <= 4 && strspn(text, "0123456789") == len) {
        *out = (unsigned)strtoul(text, NULL, 10);
    }
    if (*out < 1 || *out > TIMEOUT_MAX_S) {
        return hwi_args_refuse(name, "--timeout", text,
                               "not 1 to 3600 seconds");
    }
    return HAWSER_EXIT_OK;
}

static int read_request(int count, char **argv, struct hawser_cli_send_job *job)
{
    if (count < 2) {
        return hawser_cli_usage_error("send", "ID and COMMAND are missing");
    }
    job->request.device = argv[0];
    job->request.command = argv[1];
    job->request.pairs = argv + 2;
    job->request.pair_count = (size_t)count - 2;
    if (!hawser_cli_is_device_id(job->request.device)) {
        return hawser_cli_usage_error("send", "an id is 1 to 64 bytes without "
                                              "+ # /");
    }
    if (job->timeout_s == 0) {
        bool is_restart = strcmp(job->request.command, "restart") == 0;
        job->timeout_s = is_restart ? RESTART_TIMEOUT_S : TIMEOUT_S;
    }
    return HAWSER_EXIT_OK;
}

static void show_reply(void *ctx, struct hawser_cli_text *t,
                       const struct hawser_cli_object *reply)
{
    (void)ctx; /* nothing to be remembered from one reply to the next */
    hawser_cli_reply_add_shown(t, reply);
}

int hawser_cli_send(int argc, char **argv)
{
    struct hawser_cli_send_job job = {.name = "send", .show = show_reply};
    const char *timeout = NULL;
    const struct hwi_option known[] = {{"config", &job.config_path, NULL},
                                       {"timeout", &timeout, NULL},
                                       {"json", NULL, &job.is_json},
                                       {"key", &job.key_path, NULL},
                                       {NULL, NULL, NULL}};
    int count = 0;
    /* Leaves ID, COMMAND and the pairs in argv[0...]. */
    int code = hwi_args_parse("send", known, argc, argv, &count);
    if (code == HAWSER_EXIT_OK) {
        code = hawser_cli_send_timeout("send", timeout, &job.timeout_s);
    }
    if (code == HAWSER_EXIT_OK) {
        code = read_request(count, argv, &job);
    }
    return code == HAWSER_EXIT_OK ? hawser_cli_send_run(&job) : code;
}
