/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers a device that asks what time it is: its event time_request becomes
 * the command set_time, with the same nonce and this machine's time.
 */
#ifndef HAWSER_CLI_TIME_ANSWER_H
#define HAWSER_CLI_TIME_ANSWER_H

#include "line.h"

struct hawser_cli_time_answer {
    char topic[512]; /* the device's control, without a NUL */
    size_t topic_len;
    char payload[512];
};

/* Is it such an event? Then *out answers it, with the time unix_ms. A retained
 * one is none: it is old. */
bool hawser_cli_time_answer(struct hawser_cli_time_answer *out,
                            const struct hawser_cli_message *message,
                            enum hawser_layout layout, uint64_t unix_ms);

/* Publishes it. False: the line has no room; a device that gets no answer asks
 * again. */
bool hawser_cli_time_answer_send(struct hawser_cli_line *line,
                                 const struct hawser_cli_time_answer *answer);

/* This machine's time, if something keeps it right, or if nobody is to ask
 * (trusts). 0: it is not to be passed on. */
uint64_t hawser_cli_time_now_ms(bool trusts);

#endif
