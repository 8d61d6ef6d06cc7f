/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The TLS layer itself is asked, over a transport that leads nowhere, so that
 * this check and a real connection can never disagree.
 */
#include "config_check.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* A new mistake; there is room for one of each kind that is looked for. */
static struct hawser_cli_text mistake(struct hawser_cli_mistakes *mistakes,
                                      const char *path)
{
    struct hawser_cli_text t = hawser_cli_text_in(
        mistakes->text[mistakes->count++], HAWSER_CLI_MISTAKE_SIZE);
    hawser_cli_text_add_shown(&t, hawser_cli_view(path));
    return t;
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
    mistakes->is_memory_short = why.cause == HAWSER_CAUSE_TLS_MEMORY;
    struct hawser_cli_text t = mistake(mistakes, path);
    hawser_cli_text_addf(&t, ": [broker] ca_file%s: %s",
                         config->key_path != NULL ? ", cert_file, key_file"
                                                  : "",
                         hawser_cause_text(why.cause));
    if (why.detail[0] != '\0') {
        hawser_cli_text_add(&t, ": ");
        hawser_cli_text_add_shown(&t, hawser_cli_view(why.detail));
    }
    return false;
}

/* Whether the folder can be made is known only by making it; it does not stay,
 * as the agent may run as another user. */
static bool is_folder_usable(const char *folder)
{
    if (mkdir(folder, 0700) == 0) {
        (void)rmdir(folder); /* what is in the way now is the agent's */
        return true;
    }
    if (errno != EEXIST) {
        return false;
    }
    struct stat facts;
    if (stat(folder, &facts) == 0 && !S_ISDIR(facts.st_mode)) {
        errno = ENOTDIR;
        return false;
    }
    return faccessat(AT_FDCWD, folder, R_OK | W_OK | X_OK, AT_EACCESS) == 0;
}

bool hawser_cli_config_check_machine(const struct hawser_cli_config *config,
                                     const char *path,
                                     struct hawser_cli_mistakes *mistakes)
{
    mistakes->count = 0;
    mistakes->left_out = 0;
    if (config->state_dir != NULL && !is_folder_usable(config->state_dir)) {
        const char *why = strerror(errno);
        struct hawser_cli_text t = mistake(mistakes, path);
        hawser_cli_text_addf(&t, ": [device] state_dir: %s: %s",
                             config->state_dir, why);
    }
    if (config->interface != NULL && if_nametoindex(config->interface) == 0) {
        struct hawser_cli_text t = mistake(mistakes, path);
        hawser_cli_text_addf(&t,
                             ": [network] interface: there is no \"%s\" here; "
                             "`ip link` shows which there are",
                             config->interface);
    }
    return mistakes->count == 0;
}
