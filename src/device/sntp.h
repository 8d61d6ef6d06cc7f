/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One SNTP exchange as bytes: 48 out, 48 back. Sockets, servers and agreement
 * are elsewhere. [RFC 5905, RFC 4330]
 */
#ifndef HWI_DEVICE_SNTP_H
#define HWI_DEVICE_SNTP_H

#include "hawser/device.h"

#define HWI_SNTP_LEN       48
#define HWI_SNTP_NONCE_LEN 8

enum hwi_sntp_answer {
    HWI_SNTP_OK,
    HWI_SNTP_IGNORED,   /* not the answer to this request: go on waiting */
    HWI_SNTP_UNUSABLE,  /* the server's, but it has no time for us */
    HWI_SNTP_KISS_RATE, /* it wants to be asked less often */
    HWI_SNTP_KISS_DENY  /* it wants not to be asked at all */
};

/* Our side of an exchange. */
struct hwi_sntp_exchange {
    const uint8_t *nonce; /* HWI_SNTP_NONCE_LEN random bytes */
    uint64_t sent_ms;     /* monotonic */
    uint64_t received_ms;
    uint64_t floor_s; /* tells the era; 0: the first after 1970 */
};

/* Writes a request. The nonce stands where the time of sending would: it tells
 * nothing about the device, and a forger has to guess it. */
void hwi_sntp_request(uint8_t out[HWI_SNTP_LEN],
                      const uint8_t nonce[HWI_SNTP_NONCE_LEN]);

/* Reads a reply. OK: *unix_ms is the time at received_ms. */
enum hwi_sntp_answer hwi_sntp_reply(struct hawser_view reply,
                                    const struct hwi_sntp_exchange *x,
                                    uint64_t *unix_ms);

#endif
