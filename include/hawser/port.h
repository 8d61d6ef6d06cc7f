/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The seam between the device and the machine it runs on.
 *
 * A port is one struct of function pointers and a context, given to
 * hawser_device_init(). The device sees the world through it and through
 * nothing else, so a fake port, the real one and a simulated fleet live side
 * by side in one process.
 *
 * Rules for every function:
 *   - It never blocks. What takes time is started by one call and polled by
 *     later ones; HAWSER_E_WAIT means "under way". The port wakes its own main
 *     loop when something may have changed, and the loop calls
 *     hawser_device_step().
 *   - It is called from hawser_device_step() only, never from two threads, and
 *     never calls back into the device.
 *   - Pointers in arguments are valid during the call only, unless said.
 *   - No function pointer may be NULL. A facility that the machine lacks
 *     answers HAWSER_E_ABSENT.
 */
#ifndef HAWSER_PORT_H
#define HAWSER_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hawser/error.h"
#include "hawser/mqtt.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Sizes of texts in the structs below, with their NUL. */
#define HAWSER_HOST_SIZE         254
#define HAWSER_NAME_SIZE         24
#define HAWSER_ADDRESS_TEXT_SIZE 64
#define HAWSER_DETAIL_SIZE       160
#define HAWSER_FINGERPRINT_SIZE  65
#define HAWSER_SUBJECT_SIZE      96

#define HAWSER_COMMON_NAME_SIZE 65

#define HAWSER_POINT_SIZE  65  /* bytes of an uncompressed point of P-256 */
#define HAWSER_DIGEST_SIZE 32  /* bytes of a SHA-256 */
#define HAWSER_KEY_MAX     160 /* bytes of a P-256 key, DER */
#define HAWSER_REQUEST_MAX 384 /* bytes of a certificate request for one */

/* Network ----------------------------------------------------------------- */

/* An IP address and port. family is 4 or 6; IPv4 uses the first 4 bytes. */
struct hawser_address {
    uint8_t family;
    uint8_t bytes[16];
    uint16_t port;
    uint32_t scope; /* IPv6 link-local: the interface's index, else 0 */
};

enum hawser_link_state {
    HAWSER_LINK_DOWN,       /* no carrier, no access point */
    HAWSER_LINK_JOINING,    /* under way; nothing is wrong */
    HAWSER_LINK_REFUSED,    /* the network refused this device (wrong key) */
    HAWSER_LINK_NO_ADDRESS, /* joined, no usable address yet */
    HAWSER_LINK_UP
};

struct hawser_link_status {
    enum hawser_link_state state;
    char name[HAWSER_NAME_SIZE];            /* "wlan0"; "" unknown */
    char address[HAWSER_ADDRESS_TEXT_SIZE]; /* "" if none */
};

/* Independent name look-ups that may be under way at once. */
enum hawser_resolve_slot {
    HAWSER_RESOLVE_BROKER,
    HAWSER_RESOLVE_TIME,
    HAWSER_RESOLVE_SLOTS
};

/* Independent datagram sockets that may be open at once. */
#define HAWSER_UDP_SLOTS 4

/*
 * What a device proves with and trusts: PEM, or DER, certificates one behind
 * the other. Owned by the caller of hawser_device_init(); it stays until the
 * device is reconfigured or stopped.
 */
struct hawser_credentials {
    struct hawser_view ca;    /* one or more anchors; never empty */
    struct hawser_view chain; /* the device's certificate; may be {NULL,0} */
    struct hawser_view key;   /* its private key; with chain or not at all */
};

/*
 * How certificate dates are to be judged, from the device's clock.
 * A certificate that ended before floor_s is refused always. If has_now, both
 * ends are checked against now_s; otherwise "not yet valid" is tolerated, the
 * end is only held against the floor, and struct hawser_security.dates_by_floor
 * reports it.
 */
struct hawser_date_policy {
    uint64_t floor_s; /* Unix time; the true time is not before it */
    uint64_t now_s;
    bool has_now;
};

struct hawser_stream_target {
    const char *host; /* the name (or IP) that the certificate must carry,
                         and SNI (names only) */
    struct hawser_address address; /* where to connect */
    const struct hawser_credentials *credentials;
    struct hawser_view alpn; /* one protocol name, or {NULL, 0} */
    struct hawser_date_policy dates;
};

/* Certificates ------------------------------------------------------------- */

enum hawser_key_kind {
    HAWSER_KEY_OTHER,
    HAWSER_KEY_RSA,
    HAWSER_KEY_EC,
    HAWSER_KEY_EDWARDS /* Ed25519, Ed448 */
};

/* Facts of one certificate; what to think of them is the device's affair. */
struct hawser_certificate {
    bool is_ca; /* by basicConstraints, and keyUsage lets it sign */
    bool is_self_signed;
    enum hawser_key_kind key_kind;
    uint16_t key_bits;
    uint16_t hash_bits; /* of its signature: 160 for SHA-1; 512 if the
                           signature needs none */
    uint64_t not_before_s;
    uint64_t not_after_s;
    char subject[HAWSER_SUBJECT_SIZE];
    char common_name[HAWSER_COMMON_NAME_SIZE]; /* "" none, or too long */
    char fingerprint[HAWSER_FINGERPRINT_SIZE]; /* SHA-256 of it all, hex */
};

/* ECDSA on P-256 with SHA-256, by a pinned key. */
struct hawser_signature {
    struct hawser_view key;   /* public: the point, 04 X Y, 65 bytes */
    struct hawser_view bytes; /* what was signed */
    struct hawser_view value; /* DER, as ECDSA-Sig-Value; <= 72 bytes */
};

enum hawser_stream_stage {
    HAWSER_STREAM_CLOSED,
    HAWSER_STREAM_TCP, /* connecting */
    HAWSER_STREAM_TLS, /* handshake */
    HAWSER_STREAM_OPEN,
    HAWSER_STREAM_FAILED /* cause says why; only stream_close is possible */
};

struct hawser_stream_status {
    enum hawser_stream_stage stage;
    enum hawser_cause cause;
    char detail[HAWSER_DETAIL_SIZE]; /* for a person: the library's words,
                                        the certificate's name; no secret */
};

/* What was really negotiated with the server, and who it was. */
struct hawser_security {
    char version[HAWSER_NAME_SIZE]; /* "TLSv1.3" */
    char cipher[48];                /* IANA name */
    char group[HAWSER_NAME_SIZE];   /* "X25519", "" unknown */
    char alpn[HAWSER_NAME_SIZE];    /* "" none */
    bool resumed;
    bool dates_by_floor;
    bool client_cert; /* the device sent a certificate */
    char peer_subject[HAWSER_SUBJECT_SIZE];
    char peer_fingerprint[HAWSER_FINGERPRINT_SIZE]; /* SHA-256, hex */
    uint64_t peer_not_before_s;
    uint64_t peer_not_after_s;
    char anchor_subject[HAWSER_SUBJECT_SIZE];
    char anchor_fingerprint[HAWSER_FINGERPRINT_SIZE];
    uint64_t anchor_not_after_s;
    uint64_t own_not_after_s; /* 0: no client certificate */
};

/* Clocks ------------------------------------------------------------------ */

/* The machine's own idea of the time of day. */
struct hawser_wall_clock {
    uint64_t unix_ms;
    bool is_synchronised; /* something the machine trusts keeps it right */
};

/* Storage ----------------------------------------------------------------- */

/* Regions of flash; each has a geometry of its own. */
enum hawser_region {
    HAWSER_REGION_STATE,       /* counters, last good time */
    HAWSER_REGION_OUTBOX,      /* telemetry that waits */
    HAWSER_REGION_CREDENTIALS, /* certificate slots */
    HAWSER_REGION_COMMANDS,    /* ids of commands and their answers: sectors
                                  of 512 or more, without it none that has
                                  an effect is obeyed */
    HAWSER_REGION_FLIGHTS,     /* the last attempts to connect */
    HAWSER_REGION_COUNT
};

/*
 * A region is sector_size * sector_count bytes. Erasing makes a whole sector
 * 0xFF. Programming may only turn ones into zeros, in units of program_size
 * bytes, each unit once after an erase. A power cut leaves the unit or sector
 * that was under way undefined and everything else as it was. When program or
 * erase has answered 0 the change survives a power cut.
 */
struct hawser_flash_geometry {
    uint32_t sector_size;  /* >= 256 */
    uint32_t sector_count; /* >= 2; 0: this port has no such region */
    uint32_t program_size; /* 1, 2, 4, 8 or 16 */
};

/* Sensors ----------------------------------------------------------------- */

/* A decimal number without rounding: mantissa / 10^decimals. */
struct hawser_number {
    int64_t mantissa;
    uint8_t decimals; /* 0..9 */
};

struct hawser_reading {
    struct hawser_number value;
    bool simulated; /* made up, as configured; each message says so */
};

enum hawser_reset_reason {
    HAWSER_RESET_UNKNOWN,
    HAWSER_RESET_POWER_ON,
    HAWSER_RESET_COMMAND,  /* the restart command */
    HAWSER_RESET_SOFTWARE, /* started anew after a clean stop */
    HAWSER_RESET_CRASH,    /* the last run ended without a stop */
    HAWSER_RESET_WATCHDOG
};

/* Facts of the machine; a has_ flag false: leave it out of messages. */
struct hawser_system {
    bool has_rssi;
    int32_t rssi_dbm;
    bool has_heap;
    uint64_t heap_bytes; /* free memory the device may still use */
    uint64_t uptime_s;   /* of the device (this run), never absent */
    enum hawser_reset_reason reset_reason; /* as far as the port can tell */
};

/* Log --------------------------------------------------------------------- */

enum hawser_log_level {
    HAWSER_LOG_DEBUG,
    HAWSER_LOG_INFO,
    HAWSER_LOG_WARNING,
    HAWSER_LOG_ERROR
};

/* One field of a log entry: text if text.at != NULL, else number (or, if
 * is_bool, a truth). */
struct hawser_field {
    const char *name; /* static */
    struct hawser_view text;
    int64_t number;
    bool is_bool;
};

/* One thing that happened. event is a static word: link_up, link_down, time,
 * resolve, connect, tls, online, published, stored, lost, command, refused,
 * offline, retry, restart, stop, alert. Never holds a secret or a command's payload. */
struct hawser_log {
    enum hawser_log_level level;
    const char *event;
    const struct hawser_field *fields;
    size_t field_count;
};

/* The port ---------------------------------------------------------------- */

struct hawser_port {
    void *ctx; /* first argument of every function */

    /* Milliseconds since any fixed moment; never goes back. Counts while
     * the machine sleeps, if it can. */
    uint64_t (*now_ms)(void *ctx);

    /* The time of day as the machine has it. 0, or ABSENT (no such clock;
     * *out is untouched). Used only if the configuration trusts it. */
    int (*wall_clock)(void *ctx, struct hawser_wall_clock *out);

    /* len random bytes from a source fit for keys. 0, or WAIT (none yet). */
    int (*entropy)(void *ctx, uint8_t *out, size_t len);

    /* The network link as it is now. */
    void (*link_status)(void *ctx, struct hawser_link_status *out);

    /* The supervisor's remedy for a link that stays down: join again, try
     * the next network, renew the lease. attempt counts from 1. Answers
     * at once; nothing to do is fine. */
    void (*link_recover)(void *ctx, uint32_t attempt);

    /*
     * Starts a look-up of host (a name or a literal address) if none is
     * under way in this slot, else polls it. > 0: so many addresses, at
     * most max, port 0, in the order to try; the slot is free again. WAIT:
     * under way. LINK: failed (name unknown, no server, no answer); the
     * slot is free again. Nothing is cached.
     */
    int (*resolve)(void *ctx, enum hawser_resolve_slot slot, const char *host,
                   struct hawser_address *out, size_t max);
    /* Ends a look-up; nothing under way is fine. */
    void (*resolve_cancel)(void *ctx, enum hawser_resolve_slot slot);

    /* Opens datagram slot 0..HAWSER_UDP_SLOTS-1 towards one address and
     * port, from a random local port. 0 or LINK. */
    int (*udp_open)(void *ctx, unsigned slot, const struct hawser_address *to);
    /* Sends one datagram. 0, WAIT or LINK. */
    int (*udp_send)(void *ctx, unsigned slot, const uint8_t *bytes, size_t len);
    /* One datagram that came from exactly that address and port: its
     * length (cut at size); WAIT: none; LINK. */
    int (*udp_receive)(void *ctx, unsigned slot, uint8_t *out, size_t size);
    void (*udp_close)(void *ctx, unsigned slot);

    /*
     * Begins to connect, over TLS 1.2 or better, with the server verified:
     * chain to one of the anchors, host, dates by the policy, key usage,
     * key strength. There is no way to ask for less. The port keeps session
     * tickets and drops them when host, anchors, own certificate or ALPN
     * change. What *target points to must stay until stream_close; what
     * its credentials point to only until the stream is open. 0 or LINK
     * (stream_status says why).
     */
    int (*stream_open)(void *ctx, const struct hawser_stream_target *target);
    /* Drives the connection on and says where it stands. */
    void (*stream_status)(void *ctx, struct hawser_stream_status *out);
    /* Up to size bytes: how many; WAIT: none now; LINK: ended (cause
     * CLOSED) or failed. */
    int (*stream_receive)(void *ctx, uint8_t *out, size_t size);
    /* Up to len bytes: how many were taken; WAIT: none now; LINK. A call
     * is one TLS record if it fits one. */
    int (*stream_send)(void *ctx, const uint8_t *bytes, size_t len);
    /* What was negotiated. 0, or STATE (not open). */
    int (*stream_security)(void *ctx, struct hawser_security *out);
    /* Would the chain that the server of the open stream presented be
     * accepted with these anchors alone? 0; LINK: not, and *out says why
     * in cause and detail; STATE: not open. */
    int (*stream_preflight)(void *ctx, struct hawser_view anchors,
                            struct hawser_stream_status *out);
    /* Ends it, with close_notify if open; at once. Closed already is fine. */
    void (*stream_close)(void *ctx);

    /* Reads one DER certificate. 0; ARG: it is none, is damaged, or bytes
     * stand behind it. */
    int (*certificate_inspect)(void *ctx, struct hawser_view der,
                               struct hawser_certificate *out);
    /* 0, or FULL: no memory. */
    int (*sha256)(void *ctx, struct hawser_view bytes,
                  uint8_t out[HAWSER_DIGEST_SIZE]);
    /* Makes a private P-256 key, DER, in at most HAWSER_KEY_MAX bytes. 0;
     * WAIT: not enough entropy yet; FULL: no memory, or out is too small. */
    int (*key_create)(void *ctx, struct hawser_span out, size_t *len);
    /* The PKCS #10 request for a certificate of that key, DER, in at most
     * HAWSER_REQUEST_MAX bytes. 0; ARG: the key is none; FULL. */
    int (*key_request)(void *ctx, struct hawser_view key,
                       const char *common_name, struct hawser_span out,
                       size_t *len);
    /* Is a certificate for this private key? 0, or ARG. */
    int (*key_matches)(void *ctx, struct hawser_view key,
                       struct hawser_view certificate);
    /* 0: signed by that key. ARG: not, or the key is none, or there is no
     * memory: whatever the reason, it must not be believed. */
    int (*verify_signature)(void *ctx,
                            const struct hawser_signature *signature);

    /* The region's shape. Constant for the life of the port. */
    void (*flash_geometry)(void *ctx, enum hawser_region region,
                           struct hawser_flash_geometry *out);
    /* offset and len inside the region. 0 or STORAGE. */
    int (*flash_read)(void *ctx, enum hawser_region region, uint32_t offset,
                      uint8_t *out, size_t len);
    /* offset and len multiples of program_size, in one sector. 0, STORAGE. */
    int (*flash_program)(void *ctx, enum hawser_region region, uint32_t offset,
                         const uint8_t *bytes, size_t len);
    /* One sector, by number. 0 or STORAGE. */
    int (*flash_erase)(void *ctx, enum hawser_region region, uint32_t sector);

    /* Sensor number index (the order of the configuration). 0 and *out;
     * WAIT: being measured, ask again; ABSENT: there is none, or it gave
     * nothing sensible now: leave it out. */
    int (*sensor_read)(void *ctx, unsigned index, struct hawser_reading *out);
    void (*system_status)(void *ctx, struct hawser_system *out);

    /* Restarts the device (a machine, a process) soon after this call; the
     * device has said goodbye and does nothing more. 0, or ABSENT. */
    int (*restart)(void *ctx);

    /* Takes one log entry; bounded work, never fails. */
    void (*log)(void *ctx, const struct hawser_log *entry);
};

#ifdef __cplusplus
}
#endif

#endif
