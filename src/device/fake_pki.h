/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys, signatures and certificates for tests: neither secret nor strong, but
 * as strict as real ones about what belongs to what. A certificate is a line of
 * text behind the head of a DER SEQUENCE.
 */
#ifndef HWI_DEVICE_FAKE_PKI_H
#define HWI_DEVICE_FAKE_PKI_H

#include "hawser/port.h"

#define FAKE_SIGNATURE_SIZE 70
#define FAKE_CERT_MAX       1200

/* What the broker shows and wants. */
struct fake_pki {
    const char *broker_ca; /* issuer of its chain; NULL: nobody looks */
    const char *client_ca; /* issuer that it wants of ours; NULL: none */
    const char *presented; /* broker_ca when the stream was opened */
    bool is_key_refused;   /* no key can be made */
    unsigned hash_fails;   /* the n-th hash from now finds no memory; 0: none */
};

/* All that is 0 or NULL is usual: a strong root that is valid in the tests. */
struct fake_cert {
    const char *name;
    const char *issuer; /* NULL: name, self-signed */
    unsigned key;       /* its number */
    bool is_leaf;
    enum hawser_key_kind kind;
    unsigned bits;
    unsigned hash;
    uint64_t from_s;
    uint64_t until_s;
    size_t len; /* of the whole; 0: as short as can be */
};

/* Writes a certificate; its length. */
size_t fake_cert(const struct fake_cert *cert, uint8_t out[FAKE_CERT_MAX]);

/* Writes key number n; its length. */
size_t fake_key(unsigned n, uint8_t out[HAWSER_KEY_MAX]);
/* The number of the key in a request or key; 0: none. */
unsigned fake_key_of(struct hawser_view bytes);

/* The point of the update key number n (1..255). */
void fake_point(uint8_t n, uint8_t out[HAWSER_POINT_SIZE]);

/* Signs bytes by the update key number n. */
void fake_sign(uint8_t n, struct hawser_view bytes,
               uint8_t out[FAKE_SIGNATURE_SIZE]);

/* How the handshake ends, with this broker and these credentials. */
enum hawser_cause fake_pki_judge(struct fake_pki *pki,
                                 const struct hawser_stream_target *target);

/* Puts the port's functions into the table; its ctx is a struct fake_port. */
void fake_pki_fill(struct hawser_port *port);

#endif
