/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For the prover, see docs/proofs.md: what holds of a client between any two
 * calls, as far as messages of QoS 1 and 2 go. A compiler finds nothing in here.
 */
#ifndef HWI_MQTT_PROOF_H
#define HWI_MQTT_PROOF_H

#include "hawser/mqtt.h"
#include "wire/reason.h"

/*@ // A client and all the memory that it was given, each part for itself.
    predicate hwi_is_client(struct hawser_client *c) =
        \valid(c) && \valid_read(c->cfg) &&
        \valid(c->cfg->slots + (0 .. c->cfg->slot_count - 1)) &&
        \valid(c->cfg->inbound + (0 .. c->cfg->inbound_count - 1)) &&
        \valid(c->cfg->store.at + (0 .. c->cfg->store.size - 1)) &&
        \separated(c, c->cfg,
                   c->cfg->slots + (0 .. c->cfg->slot_count - 1),
                   c->cfg->inbound + (0 .. c->cfg->inbound_count - 1),
                   c->cfg->store.at + (0 .. c->cfg->store.size - 1)) &&
        \separated(c->cfg->tx.at + (0 .. c->cfg->tx.size - 1), c, c->cfg,
                   c->cfg->slots + (0 .. c->cfg->slot_count - 1),
                   c->cfg->inbound + (0 .. c->cfg->inbound_count - 1),
                   c->cfg->store.at + (0 .. c->cfg->store.size - 1)) &&
        0 < c->cfg->slot_count <= 32767 && c->cfg->store.size <= UINT32_MAX &&
        0 < c->cfg->inbound_count <= UINT16_MAX;

    // Inbound: PUBCOMP waits | PUBREC sent | not acknowledged.
    predicate hwi_inbound_is_sound(struct hawser_client *c) =
        hwi_is_client(c) &&
        c->inbound_released <= c->inbound_received <= c->inbound_used &&
        c->inbound_used <= c->cfg->inbound_count;

    // Nothing of the inbound messages is other at B than at A.
    predicate hwi_inbound_is_same{A, B}(struct hawser_client *c) =
        \at(c->inbound_used, A) == \at(c->inbound_used, B) &&
        \at(c->inbound_received, A) == \at(c->inbound_received, B) &&
        \at(c->inbound_released, A) == \at(c->inbound_released, B) &&
        \forall integer i; 0 <= i < \at(c->inbound_used, A) ==>
        \at(c->cfg->inbound[i], A) == \at(c->cfg->inbound[i], B);

    // Of QoS 2.
    predicate hwi_inbound_is_qos_2(struct hawser_inbound m) =
        (m.state & 1) != 0;

    // Of QoS 2 and not refused: its identifier is known until PUBREL.
    predicate hwi_inbound_is_kept(struct hawser_inbound m) =
        hwi_inbound_is_qos_2(m) && m.reason < HWI_REFUSAL;


    // Where slot number k, counted from the oldest, stands in the array.
    logic integer hwi_place(struct hawser_client *c, integer k) =
        c->slot_first + k < c->cfg->slot_count
            ? c->slot_first + k
            : c->slot_first + k - c->cfg->slot_count;

    // What is written as bytes lies elsewhere.
    predicate hwi_store_is_apart(struct hawser_client *c) =
        \valid(c->cfg->store.at + (0 .. c->cfg->store.size - 1)) &&
        \separated(c->cfg->store.at + (0 .. c->cfg->store.size - 1), c, c->cfg,
                   c->cfg->slots + (0 .. c->cfg->slot_count - 1)) &&
        \separated(c->cfg->tx.at + (0 .. c->cfg->tx.size - 1), c, c->cfg,
                   c->cfg->slots + (0 .. c->cfg->slot_count - 1));

    // The number of the slot that stands at this place.
    logic integer hwi_number(integer place, integer first, integer count) =
        place >= first ? place - first : place - first + count;

    // PUBREL sent | PUBREL waits | PUBLISH sent | PUBLISH waits.
    predicate hwi_ring_is_sound(struct hawser_client *c) =
        \valid(c) && \valid_read(c->cfg) &&
        \valid(c->cfg->slots + (0 .. c->cfg->slot_count - 1)) &&
        \separated(c, c->cfg, c->cfg->slots + (0 .. c->cfg->slot_count - 1)) &&
        0 < c->cfg->slot_count <= 32767 && c->cfg->store.size <= UINT32_MAX &&
        c->slot_first < c->cfg->slot_count &&
        c->slot_rel_sent <= c->slot_released <= c->slot_sent &&
        c->slot_sent <= c->slot_used <= c->cfg->slot_count &&
        (c->slot_early > 0 ==> c->slot_released == 0);

    // What stands at this place has to be sent, or to be told as lost.
    predicate hwi_slot_waits(struct hawser_client *c, integer place) =
        c->cfg->slots[place].at + c->cfg->slots[place].len <=
            c->cfg->store.size &&
        (c->cfg->slots[place].state == HWI_SLOT_PUBLISH
             ? c->cfg->slots[place].len > 0
             : c->cfg->slots[place].state == HWI_SLOT_LOST &&
                   c->cfg->slots[place].len == 0);

    // What stands at this place can be slot number k.
    predicate hwi_slot_fits(struct hawser_client *c, integer place,
                            integer k) =
        c->cfg->slots[place].at + c->cfg->slots[place].len <=
            c->cfg->store.size &&
        (k < c->slot_released ==>
             c->cfg->slots[place].state == HWI_SLOT_RELEASED) &&
        (c->slot_released <= k ==>
             c->cfg->slots[place].state == HWI_SLOT_PUBLISH ||
             c->cfg->slots[place].state == HWI_SLOT_LOST) &&
        (c->slot_released <= k < c->slot_sent ==>
             c->cfg->slots[place].state == HWI_SLOT_PUBLISH) &&
        (c->cfg->slots[place].state == HWI_SLOT_PUBLISH ==>
             c->cfg->slots[place].len > 0) &&
        (c->cfg->slots[place].state != HWI_SLOT_PUBLISH ==>
             c->cfg->slots[place].len == 0);

    predicate hwi_slots_are_sound(struct hawser_client *c) =
        hwi_ring_is_sound(c) &&
        \forall integer p; 0 <= p < c->cfg->slot_count ==>
        hwi_number(p, c->slot_first, c->cfg->slot_count) < c->slot_used ==>
        hwi_slot_fits(c, p, hwi_number(p, c->slot_first, c->cfg->slot_count));
*/

#endif
