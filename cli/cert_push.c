/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hawser cert push`: a CA to devices, or away from them.
 */
#include "cert_push.h"

#include <openssl/evp.h>
#include <string.h>

#include "cert.h"
#include "cert_ask.h"
#include "cert_rollout.h"
#include "cli.h"
#include "pki_args.h"
#include "pki_cert.h"
#include "pki_file.h"
#include "send.h"
#include "text.h"

#define TIMEOUT_S  120
#define INLINE_MAX 2200 /* bytes of DER that fit a command */

int hawser_cert_der_read(const char *path, struct hawser_cert_der *out)
{
    X509 *certificate = NULL;
    unsigned char *der = NULL;
    int len;
    int code = hwi_cert_read(path, &certificate);
    if (code != 0) {
        return code;
    }
    len = i2d_X509(certificate, &der);
    X509_free(certificate);
    if (len <= 0 || (size_t)len > sizeof(out->bytes)) {
        code = hwi_pki_fail(HAWSER_EXIT_CONFIG,
                            "%s has %d bytes, more than the %d that go with a "
                            "request",
                            path, len, INLINE_MAX);
    } else {
        unsigned char digest[32];
        memcpy(out->bytes, der, (size_t)len);
        out->len = (size_t)len;
        (void)EVP_Digest(der, (size_t)len, digest, NULL, EVP_sha256(), NULL);
        for (size_t i = 0; i < sizeof(digest); i++) {
            (void)snprintf(out->sha256 + 2 * i, 3, "%02x", digest[i]);
        }
    }
    OPENSSL_free(der);
    return code;
}

void hawser_cert_add_file(struct hawser_cli_text *t,
                          const struct hawser_cert_der *der)
{
    char base64[HAWSER_CERT_DER_MAX * 4 / 3 + 8];
    (void)EVP_EncodeBlock((unsigned char *)base64, der->bytes, (int)der->len);
    hawser_cli_text_addf(t, ",\"size\":%zu,\"sha256\":\"%s\",\"data\":\"%s\"",
                         der->len, der->sha256, base64);
}

struct push {
    struct hawser_cert_way way;
    const char *op; /* add, replace, remove */
    bool expects_switch;
    struct hawser_cert_der ca;
};

/* Another generation for each device: what one has taken is no other's. */
static int push_to(void *ctx, const char *device)
{
    struct push *p = ctx;
    struct hawser_cert_answer answer;
    char args[4096];
    struct hawser_cli_text t = hawser_cli_text_in(args, sizeof(args));
    hawser_cli_text_addf(&t,
                         "{\"kind\":\"ca\",\"op\":\"%s\",\"generation\":%llu",
                         p->op, (unsigned long long)hawser_cert_generation());
    if (strcmp(p->op, "remove") == 0) {
        hawser_cli_text_addf(&t, ",\"sha256\":\"%s\"", p->ca.sha256);
    } else {
        hawser_cert_add_file(&t, &p->ca);
    }
    if (p->expects_switch) {
        hawser_cli_text_add(&t, ",\"expect_switch\":true");
    }
    if (p->way.trial_s != NULL) {
        hawser_cli_text_addf(&t, ",\"trial_s\":%s", p->way.trial_s);
    }
    hawser_cli_text_add(&t, "}");
    int code = hawser_cert_ask(&p->way, device, args, &answer);
    hawser_cert_tell(device, &answer);
    return hawser_cert_verdict(code, &answer);
}

int hawser_cert_verdict(int code, const struct hawser_cert_answer *answer)
{
    /* It has, or trusts, what it was to have. */
    return code == HAWSER_EXIT_FAILED &&
                   (strcmp(answer->code, "unchanged") == 0 ||
                    strcmp(answer->code, "unknown_anchor") == 0)
               ? 0
               : code;
}

int hawser_cert_way_read(struct hawser_cert_way *way, const char *timeout)
{
    int trial_s = 0;
    int code = hawser_cli_send_timeout("cert", timeout, &way->timeout_s);
    if (code == 0 && way->key_path == NULL) {
        code = hawser_cli_usage_error("cert", "--key FILE is missing");
    }
    if (code == 0) {
        code =
            hwi_args_number("cert", "--trial", way->trial_s, 2592000, &trial_s);
    }
    way->timeout_s = way->timeout_s == 0 ? TIMEOUT_S : way->timeout_s;
    return code;
}

/* Exactly one of the three. */
static int read_op(struct push *p, const char *files[3])
{
    static const char *const ops[] = {"add", "replace", "remove"};
    const char *path = NULL;
    for (size_t i = 0; i < 3; i++) {
        if (files[i] != NULL && path != NULL) {
            path = NULL;
            break;
        }
        if (files[i] != NULL) {
            path = files[i];
            p->op = ops[i];
        }
    }
    if (path == NULL) {
        return hawser_cli_usage_error(
            "cert", "push needs one of --add, --replace and --remove");
    }
    if (p->expects_switch && strcmp(p->op, "replace") != 0) {
        return hawser_cli_usage_error("cert",
                                      "--expect-switch goes with --replace");
    }
    return hawser_cert_der_read(path, &p->ca);
}

int hawser_cert_push(int argc, char **argv)
{
    struct push p = {.op = NULL};
    struct hawser_cert_devices devices = {NULL, 0, NULL, 0};
    struct hawser_cert_rollout rollout = {.change = push_to, .ctx = &p};
    const char *files[3] = {NULL, NULL, NULL};
    const char *timeout = NULL;
    const char *devices_path = NULL;
    char what[96];
    const struct hwi_option options[] = {
        {"config", &p.way.config_path, NULL},
        {"key", &p.way.key_path, NULL},
        {"trial", &p.way.trial_s, NULL},
        {"timeout", &timeout, NULL},
        {"devices", &devices_path, NULL},
        {"resume", &rollout.resume_path, NULL},
        {"add", &files[0], NULL},
        {"replace", &files[1], NULL},
        {"remove", &files[2], NULL},
        {"expect-switch", NULL, &p.expects_switch},
        {NULL, NULL, NULL},
    };
    int count = 0;
    int code = hwi_args_parse("cert", options, argc, argv, &count);
    if (code == 0) {
        code = hawser_cert_way_read(&p.way, timeout);
    }
    if (code == 0) {
        code = read_op(&p, files);
    }
    if (code == 0) {
        code = hawser_cert_devices_read(&devices, count, argv, devices_path);
    }
    if (code == 0) {
        (void)snprintf(what, sizeof(what), "push %s %s", p.op, p.ca.sha256);
        rollout.devices = &devices;
        rollout.what = what;
        code = hawser_cert_roll_out(&rollout);
    }
    hawser_cert_devices_free(&devices);
    return code;
}
