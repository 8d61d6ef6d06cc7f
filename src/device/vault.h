/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Credentials on flash: two slots, each with one whole set of them, and a small
 * record that says which one counts. The record is written last, so a power cut
 * at any moment leaves the old sets or the new ones, and a slot counts only if
 * it is whole and of the generation that the record names.
 *
 * A set that lacks an identity takes the factory's. What the factory gave, the
 * configuration, is in no slot and is never written.
 */
#ifndef HWI_DEVICE_VAULT_H
#define HWI_DEVICE_VAULT_H

#include "hawser/device.h"

#define HWI_SET_HEAD 36u /* bytes before a set's certificates */
#define HWI_SET_TAIL 15u /* the most that may have to stand behind them */
#define HWI_BASE_LEN 16u

enum hwi_slot { HWI_SLOT_FACTORY, HWI_SLOT_A, HWI_SLOT_B, HWI_SLOT_NONE };

/* A set in RAM: anchors, chain and key stand in this order, DER, behind
 * HWI_SET_HEAD bytes of a blob. */
struct hwi_set {
    uint32_t generation; /* never 0 */
    uint16_t anchors_len;
    uint16_t chain_len; /* 0: the factory's identity */
    uint16_t key_len;
    uint8_t base[HWI_BASE_LEN]; /* of the factory's that it was made for */
};

/*
 * Finds the record; a fresh one (the factory's set is active) if there is none.
 * Errors: STORAGE (flash cannot be read: the factory's set is active, and
 * nothing is written).
 */
int hwi_vault_open(struct hwi_vault *v,
                   const struct hawser_port *port) HAWSER_CHECKED;

/* Can anything be kept? */
bool hwi_vault_is_usable(const struct hwi_vault *v);

/* Bytes of a whole blob that a slot can hold. */
uint32_t hwi_vault_room(const struct hwi_vault *v);

/* Writes the state. After 0 it survives a power cut. Errors: STORAGE (the one
 * before may count after a restart). */
int hwi_vault_save(struct hwi_vault *v) HAWSER_CHECKED;

/*
 * Writes a set into slot A or B; the head and HWI_SET_TAIL bytes behind the set
 * are overwritten. Errors: FULL (does not fit), STORAGE.
 */
int hwi_vault_write(struct hwi_vault *v, enum hwi_slot slot,
                    const struct hwi_set *set,
                    struct hawser_span blob) HAWSER_CHECKED;

/*
 * Reads the set in slot A or B, of whatever generation. Errors: ABSENT (there
 * is none that is whole), FULL (blob is too small), STORAGE. What is in the
 * blob then is of no use.
 */
int hwi_vault_read(const struct hwi_vault *v, enum hwi_slot slot,
                   struct hawser_span blob, struct hwi_set *set) HAWSER_CHECKED;

#endif
