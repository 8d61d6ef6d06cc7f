/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the mbedTLS files share. Nobody outside this folder includes it.
 *
 *   mbedtls.c              the calls of tls.h that act on a connection
 *   mbedtls_bio.c          mbedTLS's bytes to and from the port's transport
 *   mbedtls_cause.c        what went wrong, as a cause and words
 *   mbedtls_certificate.c  facts of a certificate: subject, hosts, dates
 *   mbedtls_context.c      versions, ciphers, groups; when to load anew
 *   mbedtls_credentials.c  anchors, own chain and key
 *   mbedtls_handshake.c    the handshake, and what only it can tell
 *   mbedtls_host.c         is the certificate for the host that is wanted?
 *   mbedtls_key.c          keys, signatures and digests without a connection
 *   mbedtls_memory.c       memory, its shortage, random bytes, the clock
 *   mbedtls_preflight.c    the server's chain under other anchors
 *   mbedtls_system.c       what mbedTLS itself asks a port
 *   mbedtls_ticket.c       session tickets and when they may be used
 *   mbedtls_verify.c       the judgement on the server
 */
#ifndef HWI_TLS_MBEDTLS_PARTS_H
#define HWI_TLS_MBEDTLS_PARTS_H

#include <mbedtls/ssl.h>
#include <mbedtls/x509_crt.h>

#include "tls/cause.h"
#include "tls/tls.h"

#if !defined(MBEDTLS_SSL_PROTO_TLS1_3) ||          \
    !defined(MBEDTLS_SSL_KEEP_PEER_CERTIFICATE) || \
    !defined(MBEDTLS_SSL_SESSION_TICKETS) || !defined(MBEDTLS_PLATFORM_MEMORY)
#error "mbedTLS is configured without what hawser needs: see tls/mbedtls.h"
#endif

/* Who the server is, by a full handshake. A resumed session takes it over. */
struct hwi_tls_identity {
    struct hawser_security report; /* peer_*, anchor_*, client_cert are set */
    uint64_t from_s;    /* every certificate of the chain is valid from here */
    uint64_t until_s;   /* ... to here */
    uint64_t proven_s;  /* when it was verified, by the date policy */
    uint64_t proven_ms; /* and by the port's clock */
};

struct hwi_tls_ticket {
    bool is_there;
    mbedtls_ssl_session session;
    struct hwi_tls_identity identity; /* as verified: resumption proves none */
};

/* Credentials and settings, read; connections outlive a change of them. */
struct hwi_tls_loaded {
    unsigned users; /* the context and its connections */
    mbedtls_ssl_config config;
    mbedtls_x509_crt anchors;
    mbedtls_x509_crt chain;
    mbedtls_pk_context key;
    bool has_own; /* a certificate of our own */
    uint64_t own_not_after_s;
    char alpn[256];
    const char *alpn_list[2];
};

/* The certificates that a server presented, DER, one behind the other: a resumed
 * session has none, and mbedTLS keeps only the first. */
struct hwi_tls_presented {
    uint8_t *bytes; /* NULL: none */
    size_t len;
    char fingerprint[HAWSER_FINGERPRINT_SIZE]; /* of the first */
};

struct hwi_tls_context {
    struct hwi_tls_loaded *loaded;           /* NULL: nothing */
    uint8_t credentials[HAWSER_DIGEST_SIZE]; /* what it was made of */
    uint8_t binding[HAWSER_DIGEST_SIZE];     /* what the ticket belongs to */
    bool has_spoken_tls;                /* the server, under this binding */
    bool is_without_pss;                /* greeted so, that server */
    struct hwi_tls_ticket ticket;       /* the newest; memory is dear */
    struct hwi_tls_presented presented; /* when a server was last verified */
};

struct hwi_tls {
    struct hwi_tls_context *context; /* outlives the connection */
    struct hwi_tls_loaded *loaded;
    mbedtls_ssl_context ssl;
    struct hwi_tls_transport transport;
    struct {
        uint8_t *bytes; /* encrypted, not yet taken; NULL: none */
        size_t at;
        size_t end;
    } backlog;
    uint8_t head[HWI_TLS_HEAD_SIZE]; /* of the server's stream */
    size_t head_len;
    bool has_ended;      /* the transport's receive answered LINK */
    bool is_send_broken; /* the transport's send answered LINK */

    char host[HAWSER_HOST_SIZE];
    uint8_t address[16]; /* of a host that is one */
    size_t address_len;  /* 0: a name */
    struct hawser_date_policy dates;
    uint8_t binding[HAWSER_DIGEST_SIZE];
    const mbedtls_x509_crt *anchors; /* by which is judged */

    struct hwi_tls_identity identity;
    uint16_t group;      /* by its IANA number; 0: not known */
    bool is_judging;     /* between the chain's top and its end */
    bool is_verified;    /* by a full handshake on this connection */
    bool is_resuming;    /* a ticket was offered */
    bool is_cert_wanted; /* the server asked for a client certificate */
    bool is_open;
    struct hwi_tls_failure failure; /* sticky; cause NONE: none */
};

/* mbedtls_bio.c ------------------------------------------------------------- */

/* mbedTLS's callbacks; ctx is the struct hwi_tls. */
int hwi_tls_bio_send(void *ctx, const unsigned char *bytes, size_t len);
int hwi_tls_bio_receive(void *ctx, unsigned char *out, size_t size);
/* Sends what waits, as far as the transport takes it. */
void hwi_tls_backlog_flush(struct hwi_tls *tls);
void hwi_tls_backlog_free(struct hwi_tls *tls);

/* mbedtls_cause.c ----------------------------------------------------------- */

int hwi_tls_no_memory(struct hwi_tls_failure *why);
/* Finds out why mbedTLS answered error, unless tls->failure says so already;
 * fills tls->failure, drops the ticket unless an open stream merely ended.
 * Answers LINK. */
int hwi_tls_blame_mbedtls(struct hwi_tls *tls, int error);
/* True, and tls->failure filled, if the server's stream is not TLS. */
bool hwi_tls_blame_stranger(struct hwi_tls *tls);

/* mbedtls_certificate.c ----------------------------------------------------- */

/* Subject or issuer in printable ASCII, "CN=..." first; cut at size. */
void hwi_tls_name_text(const mbedtls_x509_name *name, char *out, size_t size);
/* SHA-256 of the certificate in lower case hex. */
void hwi_tls_fingerprint(const mbedtls_x509_crt *certificate,
                         char out[HAWSER_FINGERPRINT_SIZE]);
/* Unix time; 0 for what is before 1970. */
uint64_t hwi_tls_time_s(const mbedtls_x509_time *time);
/* "2026-11-23". */
#define HWI_TLS_DAY_SIZE 16
void hwi_tls_day_text(uint64_t time_s, char out[HWI_TLS_DAY_SIZE]);
bool hwi_tls_is_ca(const mbedtls_x509_crt *certificate);
bool hwi_tls_is_named_alike(const mbedtls_x509_buf *a,
                            const mbedtls_x509_buf *b);
/* NULL if the key will do, else what is wrong with it. */
const char *hwi_tls_key_fault(const mbedtls_pk_context *key);

/* mbedtls_context.c --------------------------------------------------------- */

/* One user less; the last one frees it. NULL is fine. */
void hwi_tls_loaded_release(struct hwi_tls_loaded *loaded);
/* Makes *context fit the target: loads the credentials if they are not those
 * that are loaded, and drops a ticket that belongs elsewhere. On failure nothing
 * is loaded. 0, or LINK and *why. */
int hwi_tls_context_select(struct hwi_tls_context *context,
                           const struct hawser_stream_target *target,
                           struct hwi_tls_failure *why);
/* What a server's certificate must be able to do. */
extern const mbedtls_x509_crt_profile hwi_tls_profile;

/* mbedtls_credentials.c ----------------------------------------------------- */

/* Reads anchors, own chain and key into *loaded. 0, or LINK and *why. */
int hwi_tls_credentials_load(struct hwi_tls_loaded *loaded,
                             const struct hawser_credentials *credentials,
                             struct hwi_tls_failure *why);
/* Reads anchors and looks at each. 0, or LINK and *why. */
int hwi_tls_anchors_load(mbedtls_x509_crt *out, struct hawser_view file,
                         struct hwi_tls_failure *why);
/* A private key, PEM or DER. 0, or mbedTLS's error. */
int hwi_tls_key_read(mbedtls_pk_context *out, struct hawser_view file);

/* mbedtls_handshake.c ------------------------------------------------------- */

/* As mbedtls_ssl_handshake(); notes group and is_cert_wanted on the way. */
int hwi_tls_handshake_drive(struct hwi_tls *tls);
/* "X25519", "P-256"; "" for one that is not known. */
const char *hwi_tls_group_name(uint16_t group);

/* mbedtls_host.c ------------------------------------------------------------ */

/* Takes the host as certificates and SNI have it. false: it is none. */
bool hwi_tls_host_take(struct hwi_tls *tls, const char *host);
/* Is the certificate for that host, by its subjectAltName? RFC 9525 6 */
bool hwi_tls_host_matches(const struct hwi_tls *tls,
                          const mbedtls_x509_crt *certificate);
/* The hosts it is for, "a.example, IP 192.0.2.1, ..."; "" for none. */
void hwi_tls_hosts_text(const mbedtls_x509_crt *certificate, char *out,
                        size_t size);

/* mbedtls_memory.c ---------------------------------------------------------- */

/* Makes mbedTLS ready; as often as you like. false: no memory. */
bool hwi_tls_library_start(void);
/* Was there a call for memory in vain since the last question? mbedTLS turns
 * that into errors of other kinds, "not trusted" among them. */
bool hwi_tls_was_memory_short(void);
/* As mbedTLS wants a generator of random numbers. */
int hwi_tls_random(void *unused, unsigned char *out, size_t len);

/* mbedtls_preflight.c ------------------------------------------------------- */

/* Keeps what a server presented. No memory: there is nothing to look at later. */
void hwi_tls_presented_take(struct hwi_tls *tls, const mbedtls_x509_crt *first);
void hwi_tls_presented_drop(struct hwi_tls_context *context);

/* mbedtls_ticket.c ---------------------------------------------------------- */

/* A ticket has come: keeps it. */
void hwi_tls_ticket_take(struct hwi_tls *tls);
/* Offers the ticket, if it is usable. false: no memory. */
bool hwi_tls_ticket_offer(struct hwi_tls *tls);
void hwi_tls_ticket_drop(struct hwi_tls_context *context);

/* mbedtls_verify.c ---------------------------------------------------------- */

/* The time to judge dates by. It is not before the floor, whatever now says. */
uint64_t hwi_tls_policy_time_s(const struct hawser_date_policy *dates);
/* mbedTLS's callback for each certificate of a chain; ctx: struct hwi_tls. */
int hwi_tls_judge(void *ctx, mbedtls_x509_crt *certificate, int depth,
                  uint32_t *flags);

#endif
