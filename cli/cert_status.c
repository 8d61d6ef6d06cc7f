/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hawser cert status`: a table, a device a line.
 */
#include <time.h>

#include "cert.h"
#include "cert_ask.h"
#include "cert_rollout.h"
#include "cli.h"
#include "pki_args.h"
#include "send.h"

#define TIMEOUT_S 10

/* "2027-12-25", or "-". */
static const char *day_of(uint64_t time_s, char out[16])
{
    time_t time = (time_t)time_s;
    struct tm parts;
    if (time_s == 0 || gmtime_r(&time, &parts) == NULL ||
        strftime(out, 16, "%Y-%m-%d", &parts) == 0) {
        (void)snprintf(out, 16, "-");
    }
    return out;
}

static void print_row(const char *device, const struct hawser_cert_answer *a)
{
    char own[16];
    char anchors[16];
    if (a->status[0] == '\0') {
        printf("%-24s no answer\n", device);
        return;
    }
    if (a->in_use[0] == '\0') {
        printf("%-24s %s %s\n", device, a->status, a->code);
        return;
    }
    printf("%-24s %-9s %-12s %-11s %-11s %u\n", device, a->in_use,
           a->generation, day_of(a->own_end_s, own),
           day_of(a->anchors_end_s, anchors), a->anchor_count);
}

static int show_all(const struct hawser_cert_way *way,
                    const struct hawser_cert_devices *devices)
{
    int worst = 0;
    printf("%-24s %-9s %-12s %-11s %-11s %s\n", "device", "in use",
           "generation", "own ends", "CA ends", "CAs");
    for (size_t i = 0; i < devices->count; i++) {
        struct hawser_cert_answer answer;
        int code =
            hawser_cert_ask(way, devices->ids[i],
                            "{\"kind\":\"all\",\"op\":\"status\"}", &answer);
        print_row(devices->ids[i], &answer);
        (void)fflush(stdout);
        worst = code > worst ? code : worst;
        /* The others would meet the same. */
        if (code == HAWSER_EXIT_CONFIG || code == HAWSER_EXIT_REFUSED) {
            break;
        }
    }
    return worst;
}

int hawser_cert_status(int argc, char **argv)
{
    struct hawser_cert_way way = {NULL, NULL, NULL, 0};
    struct hawser_cert_devices devices = {NULL, 0, NULL, 0};
    const char *timeout = NULL;
    const char *devices_path = NULL;
    const struct hwi_option options[] = {
        {"config", &way.config_path, NULL},
        {"timeout", &timeout, NULL},
        {"devices", &devices_path, NULL},
        {NULL, NULL, NULL},
    };
    int count = 0;
    int code = hwi_args_parse("cert", options, argc, argv, &count);
    if (code == 0) {
        code = hawser_cli_send_timeout("cert", timeout, &way.timeout_s);
    }
    if (code == 0) {
        code = hawser_cert_devices_read(&devices, count, argv, devices_path);
    }
    if (code == 0) {
        way.timeout_s = way.timeout_s == 0 ? TIMEOUT_S : way.timeout_s;
        code = show_all(&way, &devices);
    }
    hawser_cert_devices_free(&devices);
    return code;
}
