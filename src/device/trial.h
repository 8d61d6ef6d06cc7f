/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The trial of a new set of credentials: from the moment it stands in a slot
 * until it is the active one or is dropped, over restarts. Which set an attempt
 * takes is the business of credentials.c.
 */
#ifndef HWI_DEVICE_TRIAL_H
#define HWI_DEVICE_TRIAL_H

#include "device/credentials.h"

/* How the last update ended. */
enum hwi_outcome {
    HWI_OUTCOME_NONE, /* there was none, or it is under way */
    HWI_OUTCOME_COMMITTED,
    HWI_OUTCOME_REFUSED, /* the trial failed by its cause, too often */
    HWI_OUTCOME_OVERDUE,
    HWI_OUTCOME_CUT,    /* the device started anew in the last try */
    HWI_OUTCOME_DAMAGED /* the set could not be read again, or counted */
};

/* A trial that begins: what the request asks for. */
struct hwi_trial {
    enum hwi_slot slot; /* with the set, written already */
    uint32_t generation;
    uint32_t seconds;      /* until it must be proven */
    bool is_switch;        /* wait until the active set fails */
    bool takes_key;        /* the key that waited is in the set */
    bool is_final;         /* no way back once it is committed */
    struct hawser_view id; /* of the command; not empty */
};

/* Begins one. Errors: STORAGE (nothing has changed). */
int hwi_trial_begin(struct hawser_device *d,
                    const struct hwi_trial *trial) HAWSER_CHECKED;
bool hwi_trial_is_on(const struct hawser_device *d);

/* After a boot: goes on with it, or ends it if the last try was cut. */
void hwi_trial_resume(struct hawser_device *d);

/* Takes a try off, once for an attempt. False: that could not be written. */
bool hwi_trial_count(struct hawser_device *d) HAWSER_CHECKED;

/* The attempt failed, and the set may be to blame. True: that was the last try,
 * the active set is on. */
bool hwi_trial_failed(struct hawser_device *d,
                      enum hawser_cause cause) HAWSER_CHECKED;

/* The set is proven: it is the active one from now on. */
void hwi_trial_commit(struct hawser_device *d);

/* Drops it; the active set is on. */
void hwi_trial_end(struct hawser_device *d, enum hwi_outcome outcome,
                   enum hawser_cause cause);

/* Ends one whose time is over. */
void hwi_trial_step(struct hawser_device *d);
uint64_t hwi_trial_deadline_ms(const struct hawser_device *d);

/* The word of an outcome. Static. */
const char *hwi_outcome_word(enum hwi_outcome outcome);

#endif
