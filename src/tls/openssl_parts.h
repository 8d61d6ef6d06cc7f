/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the OpenSSL files share: the connection's and the context's insides and
 * the calls between the files. Nobody outside this folder includes it.
 *
 *   openssl.c              the calls of tls.h that act on a connection
 *   openssl_bio.c          OpenSSL's bytes to and from the port's transport
 *   openssl_context.c      SSL_CTX: versions, ciphers; when to load anew
 *   openssl_credentials.c  anchors, own chain and key into an SSL_CTX
 *   openssl_verify.c       host, dates, chain: the judgement on the server
 *   openssl_cause.c        alerts and error queue into causes and words
 *   openssl_ticket.c       session tickets and when they may be used
 *   openssl_certificate.c  facts of a certificate: subject, names, dates
 *   openssl_key.c          keys and signatures, without a connection
 *   openssl_preflight.c    the server's chain under other anchors
 */
#ifndef HWI_TLS_OPENSSL_PARTS_H
#define HWI_TLS_OPENSSL_PARTS_H

#include <openssl/ssl.h>

#include "tls/cause.h"
#include "tls/tls.h"

/* Bytes of a SHA-256. */
#define HWI_DIGEST_SIZE 32

/* Who the server is, by a full handshake. A resumed session takes it over. */
struct hwi_tls_identity {
    struct hawser_security report; /* peer_*, anchor_*, client_cert are set */
    uint64_t from_s;   /* every certificate of the chain is valid from here */
    uint64_t until_s;  /* ... to here */
    uint64_t proven_s; /* when it was verified, by the date policy */
    uint64_t proven_wall_s; /* and by the machine's clock */
};

/* A ticket in the keeping of the context. session NULL: none. */
struct hwi_tls_ticket {
    SSL_SESSION *session;
    struct hwi_tls_identity identity; /* as verified: resumption proves none */
};

/* The newest first. Servers hand out two. */
#define HWI_TLS_TICKETS 2

struct hwi_tls_context {
    BIO_METHOD *transport_method;
    SSL_CTX *ssl_ctx;                     /* NULL: nothing loaded */
    uint8_t credentials[HWI_DIGEST_SIZE]; /* what ssl_ctx was made of */
    bool has_own;                         /* with a certificate of our own */
    uint64_t own_not_after_s;
    uint8_t binding[HWI_DIGEST_SIZE]; /* what the tickets belong to */
    bool has_spoken_tls;              /* the server, under this binding */
    struct hwi_tls_ticket tickets[HWI_TLS_TICKETS];
};

/* Encrypted bytes that the transport did not take yet. */
struct hwi_tls_backlog {
    uint8_t *bytes; /* NULL when empty */
    size_t at;      /* the first unsent */
    size_t end;
};

struct hwi_tls {
    struct hwi_tls_context *context; /* outlives the connection */
    SSL *ssl;
    struct hwi_tls_transport transport;
    struct hwi_tls_backlog backlog;
    uint8_t head[HWI_TLS_HEAD_SIZE]; /* of the server's stream */
    size_t head_len;
    bool has_ended;        /* the transport's receive answered LINK */
    bool is_send_broken;   /* the transport's send answered LINK */
    bool is_out_of_memory; /* noticed where OpenSSL cannot be told */

    char host[HAWSER_HOST_SIZE];
    bool is_host_address;
    struct hawser_date_policy dates;
    uint8_t binding[HWI_DIGEST_SIZE];
    struct hawser_view alpn; /* points into alpn_list, or {NULL, 0} */
    uint8_t alpn_list[256];  /* as the extension has it: length, name */

    struct hwi_tls_identity identity;
    bool is_verified;    /* by a full handshake on this connection */
    bool is_cert_wanted; /* the server asked for a client certificate */
    bool has_buffers;    /* that an idle connection does not need */
    bool is_open;
    struct hwi_tls_failure failure; /* sticky; cause NONE: none */
};

/* openssl_bio.c ----------------------------------------------------------- */

/* The BIO type of a transport. NULL: no memory. Free with BIO_meth_free(). */
BIO_METHOD *hwi_tls_transport_method(void);

/* Sends what waits, as far as the transport takes it. On LINK sets
 * is_send_broken and forgets the rest. */
void hwi_tls_backlog_flush(struct hwi_tls *tls);

/* openssl_context.c ------------------------------------------------------- */

/* Adds a field, with its length before it, to a digest. false: failed. */
bool hwi_tls_digest_field(EVP_MD_CTX *digest, const void *bytes, size_t len);

/* Forgets every ticket and what was loaded; the next connection loads it anew.
 * For after a failure: OpenSSL notes in a certificate what it found out about
 * it, and stays with that even if it only had no memory to find out. */
void hwi_tls_context_unload(struct hwi_tls_context *context);
/* Makes *context fit the target: loads the credentials if they are not those
 * that are loaded, and drops tickets that belong elsewhere. On failure nothing
 * is loaded. 0, or LINK and *why (TLS_SETUP, TLS_MEMORY). */
int hwi_tls_context_select(struct hwi_tls_context *context,
                           const struct hawser_stream_target *target,
                           struct hwi_tls_failure *why);

/* openssl_credentials.c --------------------------------------------------- */

/* Puts the anchors and, if there are, own chain and key into context->ssl_ctx
 * and notes has_own and own_not_after_s. 0, or LINK and *why. */
int hwi_tls_credentials_load(struct hwi_tls_context *context,
                             const struct hawser_credentials *credentials,
                             struct hwi_tls_failure *why);

/* Adds the anchors of a file to a store. 0, or LINK and *why. */
int hwi_tls_anchors_load(X509_STORE *store, struct hawser_view file,
                         struct hwi_tls_failure *why);

/* openssl_verify.c -------------------------------------------------------- */

/* The time to judge dates by. It is not before the floor, whatever now says. */
uint64_t hwi_tls_policy_time_s(const struct hawser_date_policy *dates);
/* Sets what every connection of ssl_ctx verifies. */
void hwi_tls_verify_context(SSL_CTX *ssl_ctx);
/* Judges a chain as that of this connection's server; a refusal is put into
 * tls->failure. The store is set up but for the verify callback. */
bool hwi_tls_verify_store(struct hwi_tls *tls, X509_STORE_CTX *store);
/* Sets whom this connection expects and by which dates. false: no memory. */
bool hwi_tls_verify_connection(struct hwi_tls *tls);

/* openssl_cause.c --------------------------------------------------------- */

/* Empties OpenSSL's error queue; sets *is_out_of_memory if one of its errors is
 * of that kind, which explains all others. Answers the oldest error, which says
 * most; 0: there was none. */
unsigned long hwi_tls_queue_empty(bool *is_out_of_memory);

/* Finds out why OpenSSL failed just now (its error queue, what the transport
 * said, how the stream began), unless tls->failure says so already, fills
 * tls->failure, empties the queue and drops the context's tickets, unless an
 * open stream merely ended. Answers LINK. */
int hwi_tls_blame_openssl(struct hwi_tls *tls);

/* True, and tls->failure filled, if the server's stream does not begin as TLS
 * does. */
bool hwi_tls_blame_stranger(struct hwi_tls *tls);

/* openssl_ticket.c -------------------------------------------------------- */

/* Keeps tickets that servers send; app data of the SSL is its hwi_tls. */
void hwi_tls_ticket_context(SSL_CTX *ssl_ctx);
/* Offers the newest usable ticket, if there is one. */
void hwi_tls_ticket_offer(struct hwi_tls *tls);
void hwi_tls_ticket_drop_all(struct hwi_tls_context *context);

/* openssl_certificate.c --------------------------------------------------- */

/* Subject or issuer in printable ASCII, "CN=..." first; cut at size. */
void hwi_tls_name_text(const X509_NAME *name, char *out, size_t size);
/* SHA-256 of the certificate in lower case hex. */
void hwi_tls_fingerprint(const X509 *certificate,
                         char out[HAWSER_FINGERPRINT_SIZE]);
/* Unix time; 0 for what is before 1970 or not a time. */
uint64_t hwi_tls_time_s(const ASN1_TIME *time);
/* "2026-11-23". */
#define HWI_TLS_DAY_SIZE 16
void hwi_tls_day_text(uint64_t time_s, char out[HWI_TLS_DAY_SIZE]);
/* The hosts it is for, "a.example, 192.0.2.1, ..."; "" for none. */
void hwi_tls_hosts_text(const X509 *certificate, char *out, size_t size);

#endif
