/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One update_cert request to one device, signed, and what it answered:
 * docs/update-cert.md.
 */
#ifndef HAWSER_CLI_CERT_ASK_H
#define HAWSER_CLI_CERT_ASK_H

#include <stdbool.h>
#include <stdint.h>

#define HAWSER_CERT_CSR_SIZE 1024 /* base64 of a request, with its NUL */

/* How to reach devices, and with which right. */
struct hawser_cert_way {
    const char *config_path; /* NULL: the default */
    const char *key_path;    /* of an update key; NULL: nothing is signed */
    const char *trial_s;     /* NULL: the device's own */
    unsigned timeout_s;      /* until the last answer */
};

/* The last word of a device. Texts are shown safely; "" where none came. */
struct hawser_cert_answer {
    char status[16]; /* succeeded, failed, rejected ... */
    char code[32];
    char message[160];
    char outcome[16]; /* committed ... */
    char in_use[16];  /* active, trial, previous, factory */
    char generation[16];
    char csr[HAWSER_CERT_CSR_SIZE];
    uint64_t own_end_s;     /* Unix time, of the device's own; 0: has none */
    uint64_t anchors_end_s; /* the earliest end among its anchors */
    unsigned anchor_count;
};

/*
 * Asks with these args (a JSON object) and waits for the last answer. 0; or an
 * exit code: FAILED (the device said no: *answer has its words), or another of
 * `hawser send`, the message said.
 */
int hawser_cert_ask(const struct hawser_cert_way *way, const char *device,
                    const char *args, struct hawser_cert_answer *answer);

/* A generation that no request of this run had: the time, or one more. */
uint64_t hawser_cert_generation(void);

/* Says on standard output what a device answered to a change that went well or
 * not. */
void hawser_cert_tell(const char *device,
                      const struct hawser_cert_answer *answer);

#endif
