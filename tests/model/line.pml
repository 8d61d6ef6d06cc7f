/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What both models share: the packets, and a line that keeps their order and may
 * be cut between any two steps. What was on it is lost then.
 */
#ifndef QOS
#define QOS 2
#endif
#ifndef MESSAGES
#define MESSAGES 3
#endif
#ifndef WINDOW
#define WINDOW 2 /* messages that may be incomplete at once */
#endif
#ifndef CUTS
#define CUTS 2
#endif
#ifndef LOSSES
#define LOSSES 0 /* how often the server may have lost its session */
#endif

/* One more identifier than can be in use: they are reused soon. */
#define IDS (WINDOW + 1)

mtype = { PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP };

/* type, packet identifier, message, DUP */
chan up = [2 * WINDOW] of { mtype, byte, byte, bool };
chan down = [2 * WINDOW] of { mtype, byte, byte, bool };

bool online = false;
byte cuts = 0;
byte losses = 0;

/* Messages that were delivered, the largest of them, and how often each was. */
byte delivered[MESSAGES];
byte newest = 0; /* plus one */

/* The server lost its session after these had left: nobody knows whether they
 * arrived. */
bool in_doubt[MESSAGES];

inline deliver(number)
{
    delivered[number]++;
    /* MQTT5 4.3.3 [MQTT-4.3.3-2, -12]: exactly once. */
    assert(QOS == 1 || delivered[number] == 1);
    /* MQTT5 4.6 [MQTT-4.6.0-6]: first arrivals in the order of sending. */
    if
    :: delivered[number] == 1 -> assert(number >= newest); newest = number + 1
    :: else
    fi
}

inline empty_line()
{
    do
    :: nempty(up) -> up ? _, _, _, _
    :: nempty(down) -> down ? _, _, _, _
    :: empty(up) && empty(down) -> break
    od
}
