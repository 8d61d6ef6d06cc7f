/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The insides of struct hawser_device that have to do with certificates and
 * keys. Private, as device_private.h, which it belongs to.
 */
#ifndef HAWSER_CREDENTIALS_PRIVATE_H
#define HAWSER_CREDENTIALS_PRIVATE_H

#ifndef HAWSER_DEVICE_PRIVATE_H
#error "include hawser/device.h"
#endif

/* vault.c: which credentials count; all of it survives a power cut. */
struct hwi_vault_state {
    uint8_t active;   /* enum hwi_slot, as the next two */
    uint8_t previous; /* what was active before */
    uint8_t pending;  /* what is on trial */
    uint8_t tries;    /* that the trial has left */
    bool is_switch;   /* it is tried only when the active one fails */
    bool is_final;    /* once committed, there is no way back */
    bool is_barred;   /* the factory's anchors do not count any more */
    bool is_answer_due;
    uint8_t outcome;         /* enum hwi_outcome of the last update */
    uint8_t cause;           /* enum hawser_cause of its end */
    uint32_t generation;     /* of the newest request that was taken */
    uint32_t generations[3]; /* of active, previous, pending */
    uint32_t trial_s;
    uint64_t deadline_s; /* of the trial; 0: the time was not known */
    uint8_t id_len;
    uint8_t key_len;
    uint8_t id[HWI_COMMAND_ID_MAX]; /* of the update */
    uint8_t key[HAWSER_KEY_MAX];    /* waits for its certificate */
    bool has_point[HAWSER_UPDATE_KEYS];
    uint8_t points[HAWSER_UPDATE_KEYS][HAWSER_POINT_SIZE]; /* update keys */
};

struct hwi_vault {
    struct hwi_vault_state state;
    struct hwi_journal journal;
    struct hwi_medium slots[2];
};

/* credentials.c: what the next attempt to connect proves with. */
struct hwi_credentials {
    struct hwi_vault vault;
    struct hawser_credentials in_use; /* for an attempt */
    uint8_t role;                     /* enum hwi_role */
    uint8_t failures;                 /* of it in a row, by its own fault */
    bool is_counted; /* the trial's present try is off its number */
    bool is_taken;   /* the present attempt or session is in this role */
    bool is_proven;  /* this session has shown that they are good */
    uint64_t trial_due_ms;
};

/* update_cert.c: a request, and what has come of its file. */
struct hwi_update {
    uint8_t act; /* enum hwi_act */
    bool is_switch;
    uint8_t key_at; /* which update key */
    uint8_t id_len; /* 0: nothing is being received */
    uint16_t part_len;
    uint32_t generation;
    uint32_t size;                      /* of the file, and */
    uint8_t digest[HAWSER_DIGEST_SIZE]; /* its hash, or an anchor's */
    uint32_t trial_s;
    uint32_t have; /* parts, one bit each */
    uint64_t due_ms;
    uint8_t id[HWI_COMMAND_ID_MAX];
};

#endif
