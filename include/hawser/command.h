/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands of the application's own, declared in a table. The device checks
 * who may call, when, and with which arguments, writes down that the command
 * begins, and hands it over as a call; the application answers it then or
 * later. Each call is handed over once, whatever the network, the broker or
 * the power supply do; docs/commands.md tells what senders see.
 *
 *  hawser_device_step(&device);
 *  while (hawser_device_next_call(&device, &call)) {
 *      open_gate(call.args[0].integer);
 *      hawser_device_answer(&device, call.token, &succeeded);
 *  }
 */
#ifndef HAWSER_COMMAND_H
#define HAWSER_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hawser/error.h"
#include "hawser/mqtt.h"
#include "hawser/port.h"

#ifdef __cplusplus
extern "C" {
#endif

struct hawser_device;

#define HAWSER_COMMANDS_MAX     16
#define HAWSER_COMMAND_NAME_MAX 32
#define HAWSER_ARGS_MAX         8 /* of a command */
#define HAWSER_ARG_NAME_MAX     32
#define HAWSER_CALLS_MAX        4   /* under way at once */
#define HAWSER_CALL_SIZE        320 /* bytes of a call's args, as JSON */
#define HAWSER_CALL_MAX_S       86400

enum hawser_arg_kind {
    HAWSER_ARG_INTEGER, /* without fraction or exponent */
    HAWSER_ARG_NUMBER,  /* up to 18 digits, 9 of them decimals; no exponent */
    HAWSER_ARG_TEXT,    /* UTF-8 without U+0000 */
    HAWSER_ARG_BOOL,
    HAWSER_ARG_CHOICE /* one of some words */
};

/* Names are NUL-terminated; the table stays as long as the configuration. */
struct hawser_arg {
    const char *name; /* 1..HAWSER_ARG_NAME_MAX bytes; JSON key */
    enum hawser_arg_kind kind;
    bool is_optional;
    int64_t min; /* INTEGER, NUMBER: least and greatest, both allowed; of a
                    NUMBER within a thousand million. TEXT: bytes. */
    int64_t max;
    const char *const *choices; /* CHOICE */
    size_t choice_count;
};

struct hawser_command {
    const char *name; /* 1..HAWSER_COMMAND_NAME_MAX of a-z 0-9 _ -; none that
                         the device has itself */
    const struct hawser_arg *args;
    size_t arg_count;   /* 0..HAWSER_ARGS_MAX */
    uint32_t timeout_s; /* 1..HAWSER_CALL_MAX_S: then the device answers
                           "failed", "timeout"; 0: 60 */
};

struct hawser_value {
    bool is_present;             /* false: optional and left out */
    int64_t integer;             /* INTEGER */
    struct hawser_number number; /* NUMBER */
    bool truth;                  /* BOOL */
    size_t choice;               /* CHOICE: which */
    struct hawser_view text;     /* TEXT, CHOICE: in the call's room */
};

/* A command that is to be carried out, once. */
struct hawser_call {
    uint32_t token;                            /* names it in the answer */
    size_t command;                            /* its place in the table */
    struct hawser_value args[HAWSER_ARGS_MAX]; /* in the table's order */
    uint8_t room[HAWSER_CALL_SIZE];
};

enum hawser_outcome { HAWSER_SUCCEEDED, HAWSER_FAILED, HAWSER_REJECTED };

/* What came of a call. Copied; texts that are too long are cut. */
struct hawser_answer {
    enum hawser_outcome outcome;
    const char *code;           /* a word for programs, up to 24 bytes; NULL:
                                   none */
    struct hawser_view message; /* for people, up to 120 bytes; or {NULL, 0} */
    struct hawser_view result;  /* a JSON object, up to 256 bytes; or
                                   {NULL, 0}; left out if it is longer */
};

/* Would hawser_device_init() take this table? */
bool hawser_device_is_command_table(const struct hawser_command *commands,
                                    size_t count);

/*
 * The next call, after each step until there is none. *call is the caller's;
 * its texts point into its own room, so a copy of the struct has none of its
 * own. Call it often: what waits until its timeout is answered "failed".
 */
bool hawser_device_next_call(struct hawser_device *d, struct hawser_call *call);

/* Publishes "running" with 0..100 percent, or without for more. 0; FULL (not
 * now; nothing is lost with it); ABSENT (no such call is under way). */
int hawser_device_progress(struct hawser_device *d, uint32_t token,
                           uint8_t percent) HAWSER_CHECKED;

/*
 * Answers a call. 0: it is on flash and will be told, over restarts if need
 * be. ABSENT: no such call is under way (any more): it was answered, ran into
 * its timeout, or the device was reconfigured. ARG: result is no JSON object,
 * or the outcome none; the call is still under way.
 */
int hawser_device_answer(struct hawser_device *d, uint32_t token,
                         const struct hawser_answer *answer) HAWSER_CHECKED;

#ifdef __cplusplus
}
#endif

#endif
