/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every error that a hawser call can answer, and every cause for which a line
 * to the broker can be lost. Both lists exist once, as X-macros: the enums,
 * the texts and the retry table are made from them.
 *
 * A call answers 0 (or a count) or one negative HAWSER_E_*. There is no errno
 * and no other channel.
 */
#ifndef HAWSER_ERROR_H
#define HAWSER_ERROR_H

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__) || defined(__clang__)
#define HAWSER_CHECKED __attribute__((warn_unused_result))
#else
#define HAWSER_CHECKED
#endif

/*
 * name, code, text.
 *
 * WAIT                  not an error: nothing changed, ask again later.
 * ARG STATE LIMIT FULL  the caller's: nothing changed.
 * MALFORMED PROTOCOL KEEPALIVE TIMEOUT REFUSED
 *                       the peer's: sticky until hawser_opened(); what has to
 *                       be said to the peer is already in hawser_out().
 * LINK ABSENT STORAGE   the world's: answered by a port only.
 */
#define HAWSER_ERRORS(X)                                          \
    X(WAIT, -1, "not yet: ask again later")                       \
    X(ARG, -2, "an argument is outside its documented range")     \
    X(STATE, -3, "the call is not possible in this state")        \
    X(LIMIT, -4, "a limit set by the server forbids it")          \
    X(FULL, -5, "no room: a buffer or table is full")             \
    X(MALFORMED, -6, "the peer sent a malformed packet")          \
    X(PROTOCOL, -7, "the peer broke the protocol")                \
    X(KEEPALIVE, -8, "the peer did not answer a PINGREQ in time") \
    X(TIMEOUT, -9, "the peer did not answer in time")             \
    X(REFUSED, -10, "the server refused the connection")          \
    X(LINK, -11, "the connection failed or ended")                \
    X(ABSENT, -12, "there is no such thing on this machine")      \
    X(STORAGE, -13, "the storage failed")

enum hawser_error {
    HAWSER_OK = 0,
#define HAWSER_ERROR_ENUM(name, code, text) HAWSER_E_##name = (code),
    HAWSER_ERRORS(HAWSER_ERROR_ENUM)
#undef HAWSER_ERROR_ENUM
};

/*
 * The cause of a connection that failed or was lost. A port names it in
 * struct hawser_stream_status; the supervisor looks its retry rule up by it.
 * name, word (in logs and JSON), text.
 */
#define HAWSER_CAUSES(X)                                                    \
    X(NONE, "none", "nothing failed")                                       \
    X(LINK_DOWN, "link_down", "no network link")                            \
    X(LINK_REFUSED, "link_refused", "the network refused this device")      \
    X(NO_ADDRESS, "no_address", "the link has no address yet")              \
    X(TIME, "time", "the time could not be learned")                        \
    X(DNS, "dns", "the broker's name could not be resolved")                \
    X(TCP_REFUSED, "tcp_refused", "the broker's port refused")              \
    X(TCP_TIMEOUT, "tcp_timeout", "the broker's address did not answer")    \
    X(TCP_UNREACHABLE, "tcp_unreachable", "no route to the broker")         \
    X(TLS_SETUP, "tls_setup", "the device's own TLS files are not usable")  \
    X(TLS_UNKNOWN_CA, "tls_unknown_ca", "signed by a CA not trusted here")  \
    X(TLS_SELF_SIGNED, "tls_self_signed", "the certificate is self-signed") \
    X(TLS_WRONG_NAME, "tls_wrong_name", "it is for another host name")      \
    X(TLS_EXPIRED, "tls_expired", "a certificate has ended")                \
    X(TLS_NOT_YET_VALID, "tls_not_yet_valid", "it is not valid yet")        \
    X(TLS_REVOKED, "tls_revoked", "a certificate was revoked")              \
    X(TLS_WRONG_USAGE, "tls_wrong_usage", "not a server certificate")       \
    X(TLS_WEAK, "tls_weak", "its key or signature is too weak")             \
    X(TLS_BAD_CHAIN, "tls_bad_chain", "the chain is not acceptable")        \
    X(TLS_VERSION, "tls_version", "no TLS version or cipher in common")     \
    X(TLS_NOT_TLS, "tls_not_tls", "the port does not speak TLS")            \
    X(TLS_CLIENT_CERT, "tls_client_cert", "the broker refused our own")     \
    X(TLS_TIMEOUT, "tls_timeout", "the handshake took too long")            \
    X(TLS_MEMORY, "tls_memory", "not enough memory for TLS")                \
    X(TLS_OTHER, "tls_other", "the TLS handshake failed")                   \
    X(MQTT_TIMEOUT, "mqtt_timeout", "no CONNACK in time")                   \
    X(MQTT_VERSION, "mqtt_version", "the broker refused the MQTT version")  \
    X(MQTT_NOT_AUTHORISED, "mqtt_not_authorised", "login refused")          \
    X(MQTT_REFUSED, "mqtt_refused", "the broker refused the connection")    \
    X(MQTT_PERMISSION, "mqtt_permission", "a topic is not permitted")       \
    X(MQTT_PROTOCOL, "mqtt_protocol", "the broker broke the protocol")      \
    X(MQTT_KICKED, "mqtt_kicked", "the broker ended the session early")     \
    X(MQTT_TAKEN_OVER, "mqtt_taken_over", "another client has this id")     \
    X(PING_LOST, "ping_lost", "no PINGRESP or PUBACK in time")              \
    X(CLOSED, "closed", "the broker closed the connection")                 \
    X(STOPPED, "stopped", "this device closed the connection itself")

enum hawser_cause {
#define HAWSER_CAUSE_ENUM(name, word, text) HAWSER_CAUSE_##name,
    HAWSER_CAUSES(HAWSER_CAUSE_ENUM)
#undef HAWSER_CAUSE_ENUM
        HAWSER_CAUSE_COUNT
};

/* The text of an error, for a person. Static; never NULL, also for a number
 * that is no error. */
const char *hawser_error_text(int err);

/* The word of a cause as it stands in logs and messages ("tls_expired").
 * Static; "none" for a number outside the enum. */
const char *hawser_cause_word(enum hawser_cause cause);

/* The text of a cause, for a person. Static; never NULL. */
const char *hawser_cause_text(enum hawser_cause cause);

#ifdef __cplusplus
}
#endif

#endif
