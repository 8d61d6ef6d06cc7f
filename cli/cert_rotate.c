/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hawser cert rotate`: a new key and certificate for each device. The key is
 * made on the device and never leaves it; its request is signed here.
 */
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cert.h"
#include "cert_ask.h"
#include "cert_push.h"
#include "cert_rollout.h"
#include "cli.h"
#include "pki.h"
#include "pki_args.h"
#include "pki_file.h"

struct rotate {
    struct hawser_cert_way way;
    const char *pki;
    const char *passphrase_file;
};

static void trial_add(struct hawser_cli_text *t,
                      const struct hawser_cert_way *way)
{
    if (way->trial_s != NULL) {
        hawser_cli_text_addf(t, ",\"trial_s\":%s", way->trial_s);
    }
    hawser_cli_text_add(t, "}");
}

/* The device's request, as it came, as PEM in a file. */
static int request_write(const char *path, const char *csr)
{
    char pem[HAWSER_CERT_CSR_SIZE + 128];
    struct hawser_cli_text t = hawser_cli_text_in(pem, sizeof(pem));
    hawser_cli_text_add(&t, "-----BEGIN CERTIFICATE REQUEST-----\n");
    for (size_t at = 0; at < strlen(csr); at += 64) {
        hawser_cli_text_addf(&t, "%.64s\n", csr + at);
    }
    hawser_cli_text_add(&t, "-----END CERTIFICATE REQUEST-----\n");
    return hwi_pki_put(path, pem, t.len, 0600);
}

/* Asks for a request; *answer has it. */
static int request_get(const struct rotate *r, const char *device,
                       struct hawser_cert_answer *answer)
{
    char args[256];
    struct hawser_cli_text t = hawser_cli_text_in(args, sizeof(args));
    hawser_cli_text_addf(
        &t, "{\"kind\":\"identity\",\"op\":\"request\",\"generation\":%llu}",
        (unsigned long long)hawser_cert_generation());
    int code = hawser_cert_ask(&r->way, device, args, answer);
    if (code == 0 && answer->csr[0] == '\0') {
        code = hwi_pki_fail(HAWSER_EXIT_FAILED, "%s answered without a request",
                            device);
    }
    return code;
}

static int sign(const struct rotate *r, const char *device, const char *csr)
{
    char path[HWI_PATH_SIZE];
    int code = hwi_pki_path(path, "%s/device/.%s.csr", r->pki, device);
    if (code == 0) {
        code = request_write(path, csr);
    }
    if (code == 0) {
        code =
            hwi_pki_renew_by_request(r->pki, device, path, r->passphrase_file);
    }
    (void)unlink(path);
    return code;
}

static int install(const struct rotate *r, const char *device,
                   struct hawser_cert_answer *answer)
{
    struct hawser_cert_der der;
    char path[HWI_PATH_SIZE];
    char args[4096];
    struct hawser_cli_text t = hawser_cli_text_in(args, sizeof(args));
    int code = hwi_pki_path(path, "%s/device/%s.crt", r->pki, device);
    if (code == 0) {
        code = hawser_cert_der_read(path, &der);
    }
    if (code != 0) {
        return code;
    }
    hawser_cli_text_addf(
        &t, "{\"kind\":\"identity\",\"op\":\"install\",\"generation\":%llu",
        (unsigned long long)hawser_cert_generation());
    hawser_cert_add_file(&t, &der);
    trial_add(&t, &r->way);
    return hawser_cert_ask(&r->way, device, args, answer);
}

static int rotate_one(void *ctx, const char *device)
{
    const struct rotate *r = ctx;
    struct hawser_cert_answer answer;
    int code = request_get(r, device, &answer);
    if (code == 0) {
        code = sign(r, device, answer.csr);
        memset(&answer, 0, sizeof(answer));
    }
    if (code == 0) {
        code = install(r, device, &answer);
    }
    hawser_cert_tell(device, &answer);
    return code;
}

int hawser_cert_rotate(int argc, char **argv)
{
    struct rotate r = {.pki = NULL};
    struct hawser_cert_devices devices = {NULL, 0, NULL, 0};
    struct hawser_cert_rollout rollout = {
        .change = rotate_one, .ctx = &r, .what = "rotate"};
    const char *timeout = NULL;
    const char *devices_path = NULL;
    const struct hwi_option options[] = {
        {"config", &r.way.config_path, NULL},
        {"key", &r.way.key_path, NULL},
        {"trial", &r.way.trial_s, NULL},
        {"timeout", &timeout, NULL},
        {"devices", &devices_path, NULL},
        {"resume", &rollout.resume_path, NULL},
        {"pki", &r.pki, NULL},
        {"passphrase-file", &r.passphrase_file, NULL},
        {NULL, NULL, NULL},
    };
    int count = 0;
    int code = hwi_args_parse("cert", options, argc, argv, &count);
    if (code == 0) {
        code = hawser_cert_way_read(&r.way, timeout);
    }
    if (code == 0 && r.pki == NULL) {
        code = hawser_cli_usage_error("cert", "rotate needs --pki DIR");
    }
    if (code == 0) {
        code = hawser_cert_devices_read(&devices, count, argv, devices_path);
    }
    if (code == 0) {
        rollout.devices = &devices;
        code = hawser_cert_roll_out(&rollout);
    }
    if (code == 0) {
        printf("When all is well: hawser pki revoke %s ID --replaced, for "
               "each\n",
               r.pki);
    }
    hawser_cert_devices_free(&devices);
    return code;
}
