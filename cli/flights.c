/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hawser flights`: a device's last attempts to get online, as a table. The
 * device answers get_flights in parts; each is printed as it comes.
 */
#include "flights.h"

#include "pki_args.h"
#include "send.h"

#define TIMEOUT_S 30

const char hawser_cli_flights_usage[] =
    "Usage: hawser flights [--config FILE] [--timeout S] [--json] ID\n"
    "\n"
    "Shows the last attempts of the device ID to get online, the oldest "
    "first:\n"
    "when, how far its clock could be trusted (0 none, 1 a floor, 2 agreed,\n"
    "3 authenticated), which of its brokers, how many milliseconds each stage\n"
    "took, and how it ended. \"-\" is a stage without any time.\n"
    "\n"
    "  --config FILE  which broker, and who to log in as; an INI file like "
    "the\n"
    "                 agent's, of which [broker] and [topics] count. Default:\n"
    "                 $HAWSER_CONFIG, else ~/.config/hawser/operator.ini\n"
    "  --timeout S    how long to wait for all of it, 1 to 3600 seconds;\n"
    "                 default 30\n"
    "  --json         print the replies as JSON, one line each\n"
    "\n"
    "Exit codes: 0 done; 1 the device rejected it or failed; 2 usage;\n"
    "3 configuration; 4 no connection, or no reply in time; 5 the broker was\n"
    "refused (TLS) or refuses (login, permission).\n";

static void show(void *ctx, struct hawser_cli_text *t,
                 const struct hawser_cli_object *reply)
{
    hawser_cli_flights_add(t, reply, ctx);
}

int hawser_cli_flights(int argc, char **argv)
{
    bool has_heading = false;
    struct hawser_cli_send_job job = {
        .name = "flights", .show = show, .ctx = &has_heading};
    const char *timeout = NULL;
    const struct hwi_option known[] = {{"config", &job.config_path, NULL},
                                       {"timeout", &timeout, NULL},
                                       {"json", NULL, &job.is_json},
                                       {NULL, NULL, NULL}};
    int count = 0;
    int code = hwi_args_parse("flights", known, argc, argv, &count);
    if (code == HAWSER_EXIT_OK) {
        code = hawser_cli_send_timeout("flights", timeout, &job.timeout_s);
    }
    if (code != HAWSER_EXIT_OK) {
        return code;
    }
    if (count != 1 || !hawser_cli_is_device_id(argv[0])) {
        return hawser_cli_usage_error(
            "flights", "one ID is needed: 1 to 64 bytes without + # /");
    }
    job.timeout_s = job.timeout_s == 0 ? TIMEOUT_S : job.timeout_s;
    job.request.device = argv[0];
    job.request.command = "get_flights";
    return hawser_cli_send_run(&job);
}
