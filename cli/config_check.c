/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The TLS layer itself is asked, over a transport that leads nowhere, so that
 * this check and a real connection can never disagree.
 */
#include "config_check.h"

#include "text.h"
#include "tls/tls.h"

static int send_nowhere(void *ctx, const uint8_t *bytes, size_t len)
{
    (void)ctx;
    (void)bytes;
    (void)len;
    return HAWSER_E_WAIT;
}

static int receive_nothing(void *ctx, uint8_t *out, size_t size)
{
    (void)ctx;
    (void)out;
    (void)size;
    return HAWSER_E_WAIT;
}

static bool can_open(const struct hawser_cli_config *config,
                     struct hwi_tls_failure *why)
{
    const struct hwi_tls_transport nowhere = {NULL, send_nowhere,
                                              receive_nothing};
    const struct hawser_stream_target target = {
        .host = config->device.brokers[0].host,
        .credentials = &config->device.credentials,
        .alpn = config->device.alpn,
        .dates = {.floor_s = config->device.build_time_s},
    };
    struct hwi_tls_context *context = hwi_tls_context_create();
    if (context == NULL) {
        why->cause = HAWSER_CAUSE_TLS_MEMORY;
        return false;
    }
    struct hwi_tls *tls = hwi_tls_open(context, &target, &nowhere, why);
    bool is_open = tls != NULL;
    hwi_tls_close(tls);
    hwi_tls_context_destroy(context);
    return is_open;
}

bool hawser_cli_config_check(const struct hawser_cli_config *config,
                             const char *path,
                             struct hawser_cli_mistakes *mistakes)
{
    struct hwi_tls_failure why = {HAWSER_CAUSE_NONE, ""};
    mistakes->count = 0;
    mistakes->left_out = 0;
    if (can_open(config, &why)) {
        return true;
    }
    struct hawser_cli_text t =
        hawser_cli_text_in(mistakes->text[0], HAWSER_CLI_MISTAKE_SIZE);
    hawser_cli_text_add_shown(&t, hawser_cli_view(path));
    hawser_cli_text_addf(&t, ": [broker] ca_file%s: %s",
                         config->key_path != NULL ? ", cert_file, key_file"
                                                  : "",
                         hawser_cause_text(why.cause));
    if (why.detail[0] != '\0') {
        hawser_cli_text_add(&t, ": ");
        hawser_cli_text_add_shown(&t, hawser_cli_view(why.detail));
    }
    mistakes->count = 1;
    return false;
}
