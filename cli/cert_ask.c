/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asks one device: cert_ask.h. The conversation is `hawser send`'s.
 */
#include "cert_ask.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "send.h"

uint64_t hawser_cert_generation(void)
{
    static uint64_t last;
    uint64_t now = (uint64_t)time(NULL);
    last = now > last ? now : last + 1;
    return last;
}

/* A value as a person may see it, cut at size. */
static void take_text(char *out, size_t size, struct hawser_view value)
{
    struct hawser_cli_text t = hawser_cli_text_in(out, size);
    if (value.at != NULL) {
        hawser_cli_json_add_shown(&t, value);
    }
}

static uint64_t number_of(struct hawser_view value)
{
    char digits[24];
    take_text(digits, sizeof(digits), value);
    return strtoull(digits, NULL, 10);
}

/* The earliest not_after of an array of certificates. */
static uint64_t earliest_end(struct hawser_view list, unsigned *count)
{
    struct hawser_view one;
    uint64_t end_s = 0;
    *count = 0;
    while (list.at != NULL && hawser_cli_json_next(&list, &one)) {
        struct hawser_cli_object certificate;
        if (hawser_cli_json_read(&certificate, one)) {
            uint64_t s =
                number_of(hawser_cli_json_get(&certificate, "not_after"));
            end_s = end_s == 0 || s < end_s ? s : end_s;
            (*count)++;
        }
    }
    return end_s;
}

static void take_result(struct hawser_cert_answer *a, struct hawser_view json)
{
    struct hawser_cli_object result;
    unsigned own_count = 0;
    if (json.at == NULL || !hawser_cli_json_read(&result, json)) {
        return;
    }
    take_text(a->outcome, sizeof(a->outcome),
              hawser_cli_json_get(&result, "outcome"));
    take_text(a->in_use, sizeof(a->in_use),
              hawser_cli_json_get(&result, "in_use"));
    take_text(a->generation, sizeof(a->generation),
              hawser_cli_json_get(&result, "generation"));
    take_text(a->csr, sizeof(a->csr), hawser_cli_json_get(&result, "csr"));
    a->anchors_end_s =
        earliest_end(hawser_cli_json_get(&result, "anchors"), &a->anchor_count);
    a->own_end_s =
        earliest_end(hawser_cli_json_get(&result, "own"), &own_count);
}

/* Replies come one after the other; the last one counts. Nothing is printed. */
static void take_reply(void *ctx, struct hawser_cli_text *t,
                       const struct hawser_cli_object *reply)
{
    struct hawser_cert_answer *a = ctx;
    (void)t;
    memset(a, 0, sizeof(*a));
    take_text(a->status, sizeof(a->status),
              hawser_cli_json_get(reply, "status"));
    take_text(a->code, sizeof(a->code), hawser_cli_json_get(reply, "code"));
    take_text(a->message, sizeof(a->message),
              hawser_cli_json_get(reply, "message"));
    take_result(a, hawser_cli_json_get(reply, "result"));
}

int hawser_cert_ask(const struct hawser_cert_way *way, const char *device,
                    const char *args, struct hawser_cert_answer *answer)
{
    const struct hawser_cli_send_job job = {
        .name = "cert",
        .config_path = way->config_path,
        .timeout_s = way->timeout_s,
        .key_path = way->key_path,
        .request = {.device = device, .command = "update_cert", .args = args},
        .show = take_reply,
        .ctx = answer,
    };
    memset(answer, 0, sizeof(*answer));
    return hawser_cli_send_run(&job);
}

void hawser_cert_tell(const char *device,
                      const struct hawser_cert_answer *answer)
{
    if (answer->status[0] == '\0') {
        return; /* nothing was heard, and that is said already */
    }
    printf("%s: %s%s%s", device,
           answer->outcome[0] != '\0' ? answer->outcome : answer->status,
           answer->code[0] != '\0' ? ", " : "", answer->code);
    if (answer->message[0] != '\0') {
        printf(": %s", answer->message);
    }
    if (answer->in_use[0] != '\0') {
        printf(" (in use: %s, generation %s)", answer->in_use,
               answer->generation);
    }
    printf("\n");
    (void)fflush(stdout);
}
