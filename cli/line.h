/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The operator's line: our MQTT client over the Linux port's verified stream,
 * for commands that speak to the broker and not as a device. It tries every
 * broker and every address of the configuration, MQTT 5 first.
 *
 *  line = hawser_cli_line_create(config, "hawser-send", &handler, &why);
 *  hawser_cli_line_start(line);
 *  while (wanted) {
 *      if (hawser_cli_line_step(line) == HAWSER_LINE_DOWN) ...
 *      hawser_cli_line_wait(line, until_ms, -1);
 *  }
 */
#ifndef HAWSER_CLI_LINE_H
#define HAWSER_CLI_LINE_H

#include "cli.h"
#include "config.h"
#include "hawser/mqtt.h"
#include "text.h"

struct hawser_cli_line;

/* A message that came. Views live during the call only. */
struct hawser_cli_message {
    struct hawser_view topic;
    struct hawser_view payload;    /* its beginning if is_cut */
    struct hawser_view properties; /* for hawser_property_next() */
    bool retain;
    bool is_cut; /* longer than the line has room for (64 KiB) */
};

/* Told what came, during hawser_cli_line_step(). No pointer may be NULL. */
struct hawser_cli_line_handler {
    void *ctx;
    void (*message)(void *ctx, const struct hawser_cli_message *message);
    /* One byte a filter, as in HAWSER_EVENT_SUBSCRIBED. */
    void (*subscribed)(void *ctx, struct hawser_view reasons);
    /* As in HAWSER_EVENT_PUBLISHED. */
    void (*published)(void *ctx, uint8_t reason);
};

enum hawser_line_state {
    HAWSER_LINE_CONNECTING,
    HAWSER_LINE_UP,
    HAWSER_LINE_DOWN /* all was tried, or the connection was lost */
};

/* Prepares a line. *config and *handler must outlive it. The client id is name
 * and a random number. NULL and words in *why: no memory, or the machine
 * lacks something. */
struct hawser_cli_line *
hawser_cli_line_create(const struct hawser_cli_config *config, const char *name,
                       const struct hawser_cli_line_handler *handler,
                       struct hawser_cli_text *why);

/* Says goodbye if it can at once, wipes and frees. NULL is fine. */
void hawser_cli_line_destroy(struct hawser_cli_line *line);

/* Begins to connect, from the first broker; drops what was there. */
void hawser_cli_line_start(struct hawser_cli_line *line);

/* Does all that can be done now. */
enum hawser_line_state hawser_cli_line_step(struct hawser_cli_line *line);

/* Sleeps until there is news, the line or until_ms (hawser_cli_line_now_ms())
 * is due, or wake_fd (-1: none) is readable. */
void hawser_cli_line_wait(struct hawser_cli_line *line, uint64_t until_ms,
                          int wake_fd);

uint64_t hawser_cli_line_now_ms(const struct hawser_cli_line *line);

/* The client, to publish and subscribe with while UP; what is queued leaves
 * with the next step or wait. */
struct hawser_client *hawser_cli_line_client(struct hawser_cli_line *line);

/* Where the line leads: "broker.example:8883". Lives as long as the line. */
const char *hawser_cli_line_broker(const struct hawser_cli_line *line);

/* Does it speak MQTT 5? While UP. */
bool hawser_cli_line_is_v5(const struct hawser_cli_line *line);

/* Why the line is DOWN: an exit code (TIMEOUT, REFUSED, CONFIG), and words for
 * a person, escaped, which live until the next start. Of several attempts the
 * most telling one: a refusal before a silence. */
int hawser_cli_line_code(const struct hawser_cli_line *line);
const char *hawser_cli_line_why(const struct hawser_cli_line *line);

#endif
