/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver for other people's tests: the MQTT core over a plain or TLS socket,
 * told what to do by lines, answering with a JSON event a line. See
 * docs/driver.md. For tests only: it speaks plain TCP, too.
 */
#ifndef HAWSER_DRIVER_H
#define HAWSER_DRIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hawser/mqtt.h"

#define DRIVER_LINE_MAX  (4 * 1024 * 1024)
#define DRIVER_WORDS_MAX 256
#define DRIVER_LIST_MAX  64

/* words.c ------------------------------------------------------------------ */

/* A key=value of a line; the value's %XX are decoded. */
struct driver_word {
    const char *key;
    struct hawser_view value; /* a NUL stands behind it */
};

/* A line cut in place. The first word is the command. */
struct driver_words {
    const char *command;
    struct driver_word at[DRIVER_WORDS_MAX];
    size_t count;
    const char *mistake; /* NULL: none */
};

/* The byte of two hexadecimal digits; -1 if they are none. Reads the second only
 * if the first is one, so the end of a string is safe. */
int driver_hex_byte(const char *at);

void driver_words_cut(struct driver_words *w, char *line);

/* Are all keys of the line among these? One that ends in a dot begins many. Sets
 * w->mistake if not: a misspelt key must not pass for one left out, as without
 * "ca" it is plain TCP. */
bool driver_takes_all(const char *keys, struct driver_words *w);

/* The first value of a key; {NULL, 0}: none. */
struct hawser_view driver_value(const struct driver_words *w, const char *key);
/* The same as a C string; dflt if there is none. */
const char *driver_text(const struct driver_words *w, const char *key,
                        const char *dflt);
/* The same as a number; sets w->mistake if it is none. */
uint32_t driver_number(struct driver_words *w, const char *key, uint32_t dflt);

/* properties.c -------------------------------------------------------------- */

struct driver_list {
    struct hawser_property at[DRIVER_LIST_MAX];
    size_t count;
};

/* All prefixNAME=VALUE of a line, in their order ("prop.user=name:value"). Leaves
 * out those that the configuration has fields for if is_connect. */
void driver_properties(struct driver_words *w, const char *prefix,
                       bool is_connect, struct driver_list *out);
/* Its name as in prop.NAME; NULL: unknown. */
const char *driver_property_name(enum hawser_property_id id);
/* Does its value stand in number? */
bool driver_property_is_number(enum hawser_property_id id);

/* line.c -------------------------------------------------------------------- */

/* The socket, plain or TLS. */
struct driver_line {
    int fd; /* -1: none */
    struct hwi_tls_context *context;
    struct hwi_tls *tls;
    bool is_ready; /* connected, TLS done */
    char why[256];
};

/* Where to and how; an empty ca: plain TCP. Blocks until the TCP connection
 * stands. False and line->why. */
struct driver_target {
    const char *host;
    uint32_t port;
    const char *ca;
    const char *cert;
    const char *key;
    const char *alpn;
};
bool driver_line_open(struct driver_line *line, const struct driver_target *to);
/* Drives the handshake. False: it failed. */
bool driver_line_step(struct driver_line *line);
/* As hwi_tls_send() and hwi_tls_receive(); LINK: over, see why. */
int driver_line_send(struct driver_line *line, const uint8_t *at, size_t len);
int driver_line_receive(struct driver_line *line, uint8_t *out, size_t size);
/* Bytes wait that poll() does not see. */
bool driver_line_has_pending(const struct driver_line *line);
bool driver_line_wants_send(const struct driver_line *line);
void driver_line_close(struct driver_line *line);

/* events.c ------------------------------------------------------------------ */

/* Prints an event of the client. */
void driver_print_event(const struct hawser_event *ev);
/* The name that `wait` knows it by. */
const char *driver_event_name(const struct hawser_event *ev);
/* {"event":"NAME", "KEY":"TEXT", "number":N}; text may be NULL, number < 0: left
 * out. */
void driver_print(const char *name, const char *key, const char *text,
                  int64_t number);

/* session.c ------------------------------------------------------------------ */

#define DRIVER_RX_SIZE      (1024 * 1024)
#define DRIVER_TX_SIZE      (8 * 1024 * 1024)
#define DRIVER_ALIASES_SIZE (4 * 1024 * 1024)
#define DRIVER_SLOTS        1024
#define DRIVER_INBOUND      65535
#define DRIVER_IN_SIZE      65536
#define DRIVER_NAMES_MAX    32

struct driver {
    struct hawser_client c;
    struct hawser_config cfg;
    struct hawser_message will;
    struct driver_list will_properties;
    struct driver_list properties;
    struct driver_words connect; /* views of cfg lead into its line */
    char *connect_line;
    char *line_text; /* the command that runs */
    bool has_client;
    bool is_manual; /* accept by command only */

    struct driver_line line;
    bool is_open; /* hawser_opened() was called */

    char *names[DRIVER_NAMES_MAX]; /* of events that came */
    unsigned came[DRIVER_NAMES_MAX];
    unsigned awaited[DRIVER_NAMES_MAX];
    size_t name_count;
    int waiting; /* which name; -1: none */
    uint64_t wait_due_ms;

    char *input; /* lines that were not carried out */
    size_t input_len;
    bool is_eof;
    bool is_done;
    int code;

    uint8_t in[DRIVER_IN_SIZE];
    uint8_t part[DRIVER_IN_SIZE]; /* of a payload on its way out */
    uint8_t rx[DRIVER_RX_SIZE];
    uint8_t tx[DRIVER_TX_SIZE];
    uint8_t store[DRIVER_TX_SIZE];
    uint8_t aliases_in[DRIVER_ALIASES_SIZE];
    uint8_t aliases_out[DRIVER_ALIASES_SIZE];
    struct hawser_slot slots[DRIVER_SLOTS];
    struct hawser_inbound inbound[DRIVER_INBOUND];
};

/* Monotonic milliseconds. */
uint64_t driver_now_ms(void);
/* The number by which an event's name is counted; -1: too many names. */
int driver_index_of(struct driver *d, const char *name);
/* An event of the driver's own: printed and counted. */
void driver_say(struct driver *d, const char *name, const char *detail,
                int64_t number);
/* Counts an event that was printed. */
void driver_came(struct driver *d, const char *name);
/* Ends the connection, if there is one. */
void driver_close(struct driver *d, const char *why);
/* Sends what the client has queued, one write a packet. */
void driver_send_out(struct driver *d);
/* Does all that can be done now. */
void driver_step(struct driver *d);

/* commands.c ----------------------------------------------------------------- */

/* Carries a line out and answers it. */
void driver_obey(struct driver *d, char *line);

#endif
