/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages for the client: a broker as the standard has it against
 * src/mqtt/inbound.c, whose messages stand in three groups:
 *
 *   PUBCOMP waits | PUBREC sent | not acknowledged
 *   0         released     received              used
 *
 * The application accepts a message when it likes; only then is it acknowledged,
 * and counts as delivered: with hawser_save() both are on the disk together. A
 * program that dies is a cut, as in out.pml; without what was saved it has to ask
 * for a clean start, which is another session.
 *
 * Shown: QoS 2 is accepted exactly once, QoS 1 at least once, both in order;
 * nothing gets stuck.
 */
#include "line.pml"

/* The client ---------------------------------------------------------------- */

typedef Inbound {
    byte id;
    byte msg;
    bool accepted
}

Inbound inbound[WINDOW];
byte in_released = 0;
byte in_received = 0;
byte in_used = 0;
byte stray = 0; /* a PUBREL's identifier that is not known, plus one */

/* The broker: its messages, oldest first. */
typedef Flight {
    byte id;
    byte msg;
    bool released; /* PUBREC came */
    bool is_sent;
    bool was_sent
}

Flight flights[WINDOW];
byte flight_count = 0;
byte next = 0;
byte last_id = 0;
byte complete = 0;
byte unsent = 0;  /* flights that wait to be sent */
byte waiting = 0; /* messages that wait to be accepted */

#define all_done (complete == MESSAGES)

inline copy_inbound(to, from)
{
    inbound[to].id = inbound[from].id;
    inbound[to].msg = inbound[from].msg;
    inbound[to].accepted = inbound[from].accepted
}

/* take_out() */
inline take_out(k)
{
    i = k;
    do
    :: i + 1 < in_used -> copy_inbound(i, i + 1); i++
    :: else -> break
    od;
    in_used--;
    if :: k < in_received -> in_received-- :: else fi;
    if :: k < in_released -> in_released-- :: else fi
}

inline find(wanted)
{
    k = 0;
    do
    :: k < in_used && inbound[k].id != wanted -> k++
    :: else -> break
    od
}

/* hwi_inbound_add() */
inline add()
{
    find(id);
    if
    :: k == in_used ->
        assert(in_used < WINDOW);
        inbound[in_used].id = id;
        inbound[in_used].msg = m;
        inbound[in_used].accepted = false;
        in_used++;
        waiting++
    :: k < in_used && k >= in_released && k < in_received ->
        /* PUBREC once more, in its turn */
#ifdef MUTANT_REPETITION_DELIVERED
        deliver(m);
#endif
        m = inbound[k].msg;
        take_out(k);
        inbound[in_used].id = id;
        inbound[in_used].msg = m;
        inbound[in_used].accepted = true;
        in_used++
    :: else -> assert(false) /* no broker does that */
    fi
}

/* hwi_inbound_release(); an identifier that is not known is answered, too. */
inline release()
{
    find(id);
    if
    :: k < in_received && k >= in_released ->
        m = inbound[k].msg;
        take_out(k);
        i = in_used;
        do
        :: i > in_released -> copy_inbound(i, i - 1); i--
        :: else -> break
        od;
        inbound[in_released].id = id;
        inbound[in_released].msg = m;
        inbound[in_released].accepted = true;
        in_used++;
        in_released++;
        in_received++
    :: k == in_used -> stray = id + 1
    :: k < in_released
    fi
}

active proctype client()
{
    byte i, k, id, m;

end:
    do
    :: atomic { stray == 0 && in_used < WINDOW && down ? [PUBLISH, id, m, _] ->
        down ? PUBLISH, id, m, _; add() }
    :: atomic { stray == 0 && in_used == WINDOW && down ? [PUBLISH, id, m, _] ->
        down ? PUBLISH, id, m, _; find(id); assert(k < in_used); add() }
    :: atomic { stray == 0 && down ? [PUBREL, id, m, _] ->
        down ? PUBREL, id, m, _; release() }
    :: atomic { online && stray > 0 && nfull(up) ->
        up ! PUBCOMP, stray - 1, 0, false; stray = 0 }
    /* hawser_accept(): any that waits, in order of arrival here */
    :: atomic { online && waiting > 0 ->
        k = in_received;
        do
        :: inbound[k].accepted -> k++
        :: else -> break
        od;
        inbound[k].accepted = true;
        waiting--;
        deliver(inbound[k].msg) }
    /* hwi_inbound_pump() */
    :: atomic { online && in_released > 0 && nfull(up) ->
        up ! PUBCOMP, inbound[0].id, 0, false; take_out(0) }
#ifndef MUTANT_ACKNOWLEDGED_BEFORE_ACCEPTED
    :: atomic { online && in_received < in_used &&
                inbound[in_received].accepted && nfull(up) ->
#else
    :: atomic { online && in_received < in_used && nfull(up) ->
#endif
        if
        :: QOS == 1 ->
            up ! PUBACK, inbound[in_received].id, 0, false;
            take_out(in_received)
        :: QOS == 2 ->
            up ! PUBREC, inbound[in_received].id, 0, false;
            in_received++
        fi }
    od
}

/* The broker ---------------------------------------------------------------- */

inline remove_flight(n)
{
    i = n;
    do
    :: i + 1 < flight_count ->
        flights[i].id = flights[i + 1].id;
        flights[i].msg = flights[i + 1].msg;
        flights[i].released = flights[i + 1].released;
        flights[i].is_sent = flights[i + 1].is_sent;
        flights[i].was_sent = flights[i + 1].was_sent;
        i++
    :: else -> break
    od;
    flight_count--;
    complete++
}

inline find_flight()
{
    k = 0;
    do
    :: k < flight_count && flights[k].id != id -> k++
    :: else -> break
    od;
    assert(k < flight_count) /* it answers something of ours */
}

inline next_to_send()
{
    k = 0;
    do
    :: k < flight_count && flights[k].is_sent -> k++
    :: else -> break
    od
}

active proctype broker()
{
    byte i, k, id;

end:
    do
    :: atomic { next < MESSAGES && flight_count < WINDOW ->
        do /* an identifier that is not in use */
        :: last_id = (last_id + 1) % IDS;
           i = 0;
           do
           :: i < flight_count && flights[i].id != last_id -> i++
           :: else -> break
           od;
           if :: i == flight_count -> break :: else fi
        od;
        flights[flight_count].id = last_id;
        flights[flight_count].msg = next;
        flights[flight_count].released = false;
        flights[flight_count].is_sent = false;
        flights[flight_count].was_sent = false;
        flight_count++;
        unsent++;
        next++ }
    :: atomic { online && unsent > 0 && nfull(down) ->
        next_to_send();
        if
        :: flights[k].released -> down ! PUBREL, flights[k].id, 0, false
        :: else -> down ! PUBLISH, flights[k].id, flights[k].msg,
                          flights[k].was_sent
        fi;
        flights[k].is_sent = true;
        flights[k].was_sent = true;
        unsent-- }
    :: atomic { up ? PUBACK, id, _, _ -> find_flight(); remove_flight(k) }
    :: atomic { nfull(down) && up ? [PUBREC, id, _, _] ->
        up ? PUBREC, id, _, _;
        find_flight();
        flights[k].released = true;
        down ! PUBREL, id, 0, false }
    :: atomic { up ? PUBCOMP, id, _, _ -> find_flight(); remove_flight(k) }
    od
}

/* hwi_inbound_lose(): what was accepted with QoS 2 stays. */
inline lose()
{
    k = 0;
    do
    :: k < in_used && inbound[k].accepted && QOS == 2 -> k++
    :: k < in_used && !(inbound[k].accepted && QOS == 2) -> take_out(k)
    :: k >= in_used -> break
    od;
    in_released = 0;
    in_received = in_used;
    stray = 0
}

active proctype line()
{
    byte i, k;

end:
    do
    :: atomic { online && cuts < CUTS ->
        empty_line();
        online = false;
        cuts++;
#ifndef MUTANT_ACCEPTED_FORGOTTEN
        lose();
#else
        in_used = 0; in_released = 0; in_received = 0;
#endif
        waiting = 0;
        unsent = flight_count;
        k = 0;
        do
        :: k < flight_count -> flights[k].is_sent = false; k++
        :: else -> break
        od }
    :: atomic { !online -> online = true }
    od
}

active proctype end_of_story()
{
    byte m;

    timeout;
    assert(all_done && in_used == 0);
    do
    :: m < MESSAGES -> assert(delivered[m] > 0); m++
    :: else -> break
    od
}

ltl comes_to_its_end { <> all_done }
