/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages of the client: src/mqtt/inflight.c against a broker as the standard
 * has it. The slots stand in four groups, as there:
 *
 *   PUBREL sent | PUBREL waits | PUBLISH sent | PUBLISH waits
 *   0      rel_sent        released        sent            used
 *
 * A program that dies and loads what hawser_save() wrote before the bytes left
 * has the same state as after a cut, so a cut stands for both.
 *
 * Shown: QoS 2 exactly once, QoS 1 at least once, both in order; every message
 * is told to be complete, once; no packet identifier is used twice at a time;
 * nothing gets stuck. With LOSSES, a QoS 2 message that had left is told to be
 * in doubt rather than sent again.
 */
#include "line.pml"

typedef Slot {
    byte id;
    byte msg;
    bool dup;
    bool lost
}

Slot slots[WINDOW];
byte rel_sent = 0;
byte released = 0;
byte sent = 0;
byte used = 0;
byte next = 0;    /* message to be published */
byte last_id = 0; /* 0 .. IDS - 1 */
byte complete = 0;
bool held[IDS];   /* the broker: QoS 2 identifiers that wait for PUBREL */
bool comp[IDS];   /* the broker: PUBCOMPs that it has to send */
bool has_session = false;

#define all_done (complete == MESSAGES)

/* hwi_inflight_next_id() */
inline choose_id()
{
    do
    :: last_id = (last_id + 1) % IDS;
#ifndef MUTANT_ID_NOT_CHECKED
       i = 0;
       do
       :: i < used && slots[i].id != last_id -> i++
       :: else -> break
       od;
       if
       :: i == used -> break
       :: else
       fi
#else
       break
#endif
    od
}

inline copy_slot(to, from)
{
    slots[to].id = slots[from].id;
    slots[to].msg = slots[from].msg;
    slots[to].dup = slots[from].dup;
    slots[to].lost = slots[from].lost
}

/* remove_slot(): the newer ones move up. */
inline remove_slot(k)
{
    i = k;
    do
    :: i + 1 < used -> copy_slot(i, i + 1); i++
    :: else -> break
    od;
    used--;
    if :: k < sent -> sent-- :: else fi;
    if :: k < released -> released-- :: else fi;
    if :: k < rel_sent -> rel_sent-- :: else fi
}

/* HAWSER_EVENT_PUBLISHED */
inline tell_complete(k)
{
    complete++;
    assert(delivered[slots[k].msg] > 0 || slots[k].lost);
    remove_slot(k)
}

/* release(): slot k goes to the end of those whose PUBREL waits. */
inline release(k)
{
    id = slots[k].id;
    m = slots[k].msg;
    i = k;
    do
    :: i > released -> copy_slot(i, i - 1); i--
    :: else -> break
    od;
    slots[i].id = id;
    slots[i].msg = m;
    released++
}

/* hwi_inflight_take() */
inline take(type)
{
    if
    :: type == PUBCOMP -> k = 0; to = rel_sent
    :: else -> k = released; to = sent
    fi;
    do
    :: k < to && slots[k].id != id -> k++
    :: else -> break
    od;
    if
    :: k == to /* of long ago */
    :: k < to && type == PUBREC -> release(k)
    :: k < to && type != PUBREC -> tell_complete(k)
    fi
}

/* hwi_inflight_restart(), with and without a session at the server */
inline restart(session_present)
{
    i = 0;
    do
    :: i < used ->
        if
        :: session_present && i >= released && i < sent ->
#ifndef MUTANT_DUP_NOT_SET
            slots[i].dup = true
#else
            skip
#endif
        :: !session_present && QOS == 2 && (i < sent || slots[i].dup) ->
#ifndef MUTANT_SENT_AGAIN_WHEN_IN_DOUBT
            slots[i].lost = true;
#else
            slots[i].dup = false;
#endif
            in_doubt[slots[i].msg] = true
        :: !session_present && !(QOS == 2 && (i < sent || slots[i].dup)) ->
            slots[i].dup = false
        :: else
        fi;
        i++
    :: else -> break
    od;
    if :: !session_present -> released = 0 :: else fi;
#ifndef MUTANT_PUBREL_NOT_REPEATED
    rel_sent = 0;
#endif
    sent = released
}

active proctype client()
{
    byte i, k, to, id, m;

    do
    /* hawser_publish() */
    :: atomic { next < MESSAGES && used < WINDOW ->
        choose_id();
        i = 0;
        do
        :: i < used -> assert(slots[i].id != last_id); i++
        :: else -> break
        od;
        slots[used].id = last_id;
        slots[used].msg = next;
        slots[used].dup = false;
        slots[used].lost = false;
        used++;
        next++ }
    /* hwi_inflight_pump(): PUBRELs, then PUBLISHes */
    :: atomic { online && rel_sent < released && nfull(up) ->
        up ! PUBREL, slots[rel_sent].id, 0, false;
        rel_sent++ }
    :: atomic { online && rel_sent == released && sent < used &&
                !slots[sent].lost && nfull(up) ->
        up ! PUBLISH, slots[sent].id, slots[sent].msg, slots[sent].dup;
        sent++ }
    :: atomic { online && rel_sent == released && sent < used &&
                slots[sent].lost -> tell_complete(sent) }
    :: atomic { down ? PUBACK, id, _, _ -> take(PUBACK) }
    :: atomic { down ? PUBREC, id, _, _ -> take(PUBREC) }
    :: atomic { down ? PUBCOMP, id, _, _ -> take(PUBCOMP) }
    :: all_done && used == 0 -> break
    od
}

/* A PUBCOMP leaves; they need no order. */
#define SEND_COMP(n)                        \
    atomic { nfull(down) && comp[n] ->      \
        down ! PUBCOMP, n, 0, false;        \
        comp[n] = false }

active proctype broker()
{
    byte id, m;
    bool dup;

end:
    do
    :: atomic { nfull(down) && up ? [PUBLISH, id, m, dup] ->
        up ? PUBLISH, id, m, dup;
        if
        :: QOS == 1 -> deliver(m); down ! PUBACK, id, 0, false
        :: QOS == 2 && !held[id] ->
            held[id] = true;
            deliver(m);
            down ! PUBREC, id, 0, false
        :: QOS == 2 && held[id] ->
            /* MQTT5 3.3.1.1: a repetition says so. */
            assert(dup);
            down ! PUBREC, id, 0, false
        fi }
    :: atomic { up ? [PUBREL, id, m, dup] ->
        up ? PUBREL, id, m, dup;
        held[id] = false;
        comp[id] = true }
    :: SEND_COMP(0)
    :: SEND_COMP(1)
    :: SEND_COMP(2)
#if WINDOW > 2
    :: SEND_COMP(3)
#endif
    od
}

/* The line, and what CONNACK says when there is a new one. */
active proctype line()
{
    byte i;

end:
    do
    :: atomic { online && cuts < CUTS ->
        empty_line();
        i = 0;
        do
        :: i < IDS -> comp[i] = false; i++
        :: else -> break
        od;
        online = false;
        cuts++ }
    :: atomic { !online ->
        if
        :: has_session && losses < LOSSES ->
            losses++;
            i = 0;
            do
            :: i < IDS -> held[i] = false; i++
            :: else -> break
            od;
            restart(false)
        :: has_session -> restart(true)
        :: !has_session -> restart(false)
        fi;
        has_session = true;
        online = true }
    od
}

/* When nothing can move any more, everything is done. */
active proctype end_of_story()
{
    byte m;

    timeout;
    assert(all_done && used == 0);
    do
    :: m < MESSAGES -> assert(delivered[m] > 0 || in_doubt[m]); m++
    :: else -> break
    od
}

ltl comes_to_its_end { <> all_done }
