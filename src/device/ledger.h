/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ledger: which commands have begun, and how they ended, on flash. A
 * command is entered before it takes effect, its answer when it has ended, and
 * that the broker has the answer: so a command that comes again is known, and
 * an answer that a restart or a power cut came between is given after it.
 *
 * The newest HWI_LEDGER_MAX are remembered. What must not be forgotten (under
 * way, not yet told) is not; there is no room for another command if all are
 * such. Texts stand on flash, in RAM are only a hash of the id and a place.
 */
#ifndef HWI_DEVICE_LEDGER_H
#define HWI_DEVICE_LEDGER_H

#include <stdbool.h>

#include "hawser/device.h"

enum hwi_ledger_state {
    HWI_LEDGER_RUNNING, /* began in this run */
    HWI_LEDGER_LEFT,    /* began in an earlier run, which left it so */
    HWI_LEDGER_DONE,    /* the answer is to be told */
    HWI_LEDGER_SENT,    /* and is with the client, but not with the broker */
    HWI_LEDGER_TOLD
};

/* The texts of an entry; the first four are the command's own. */
enum hwi_ledger_text {
    HWI_LEDGER_ID, /* may be empty: such a command is never found again */
    HWI_LEDGER_COMMAND,
    HWI_LEDGER_RESPONSE,
    HWI_LEDGER_CORRELATION,
    HWI_LEDGER_CODE,
    HWI_LEDGER_MESSAGE,
    HWI_LEDGER_RESULT, /* a JSON object; no brace is missing */
    HWI_LEDGER_TEXTS
};

struct hwi_ledger_item {
    uint32_t boot;  /* in which it began, or ended */
    uint8_t status; /* enum hwi_reply_status; NONE: it has not ended */
    struct hawser_view texts[HWI_LEDGER_TEXTS];
};

/* Bytes of an item's record, at most. */
#define HWI_LEDGER_RECORD_MAX                                        \
    (24u + HWI_COMMAND_ID_MAX + HWI_COMMAND_MAX + HWI_RESPONSE_MAX + \
     HWI_CORRELATION_MAX + HWI_CODE_MAX + HWI_MESSAGE_MAX + HWI_RESULT_MAX)

/*
 * Reads what is on flash. Without a region, or with sectors below 512 bytes,
 * there is no ledger, and nothing can begin.
 * Errors: STORAGE (flash cannot be read: no ledger either).
 */
int hwi_ledger_load(struct hwi_ledger *l,
                    const struct hawser_port *port) HAWSER_CHECKED;

/* The command of this id. 0 and *seq; ABSENT (it is not known); STORAGE (nobody
 * can tell). */
int hwi_ledger_find(const struct hwi_ledger *l, struct hawser_view id,
                    uint32_t *seq) HAWSER_CHECKED;

/*
 * Enters a command that is about to take effect; what is too long is cut. 0 and
 * *seq: it will be known after a power cut. Errors: FULL (no entry can be
 * forgotten), STORAGE, STATE (no ledger): it must not take effect.
 */
int hwi_ledger_begin(struct hwi_ledger *l, const struct hwi_ledger_item *item,
                     uint32_t *seq) HAWSER_CHECKED;

/*
 * Enters the answer: status, boot, code, message, result; the command's own
 * texts are those of its beginning. A result that is too long is left out, a
 * message is cut. Errors: ABSENT (no such command, or it has ended), STORAGE
 * (it counts as told in this run, and as left in the next).
 */
int hwi_ledger_finish(struct hwi_ledger *l, uint32_t seq,
                      const struct hwi_ledger_item *item) HAWSER_CHECKED;

/* Reads an entry. room: HWI_LEDGER_RECORD_MAX, where the texts will stand.
 * Errors: ABSENT, STORAGE. */
int hwi_ledger_read(const struct hwi_ledger *l, uint32_t seq,
                    struct hawser_span room,
                    struct hwi_ledger_item *item) HAWSER_CHECKED;

/* The answer is with the client; it is not with it any more. Nothing happens to
 * what is in another state. */
void hwi_ledger_sent(struct hwi_ledger *l, uint32_t seq);
void hwi_ledger_unsent(struct hwi_ledger *l, uint32_t seq);

/* The broker has the answer that was sent. STORAGE: that will not be known in
 * the next run, which tells it once more. */
int hwi_ledger_told(struct hwi_ledger *l, uint32_t seq) HAWSER_CHECKED;

/* The oldest after this one that is in a state; 0: there is none. */
uint32_t hwi_ledger_next(const struct hwi_ledger *l,
                         enum hwi_ledger_state state, uint32_t after);

enum hwi_ledger_state hwi_ledger_state_of(const struct hwi_ledger *l,
                                          uint32_t seq);

/* Is it time to hold commands back until answers have been told? */
bool hwi_ledger_is_crowded(const struct hwi_ledger *l);

#endif
