/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decimal numbers as sensors write them, kept exact: no float in between, and
 * "21.50" stays 21.50.
 */
#ifndef HWI_LINUX_NUMBER_H
#define HWI_LINUX_NUMBER_H

#include "hawser/port.h"

/*
 * Reads one number at the start of text: an optional sign, digits with at most
 * one point, an optional exponent (e or E). Decimals beyond the ninth are cut.
 * How many characters it has; or ABSENT: no number there, more than 18 digits,
 * or something follows it that makes it another thing ("1.2.3", "0x1f", "21,5",
 * "2026-11-23", "12:30"); *out is then untouched. A unit may follow ("21.5C").
 */
int hwi_linux_number_parse(const char *text,
                           struct hawser_number *out) HAWSER_CHECKED;

/* Reads the first number of the first line of text that begins a word ("temp
 * t=21.5 C", but not the 1 of "t1"). 0, or ABSENT; *out is then untouched. */
int hwi_linux_number_find(const char *text,
                          struct hawser_number *out) HAWSER_CHECKED;

/* a + b. 0, or ABSENT (too large); *out is then untouched. */
int hwi_linux_number_add(struct hawser_number a, struct hawser_number b,
                         struct hawser_number *out) HAWSER_CHECKED;

/* a * b, cut towards zero at nine decimals. 0, or ABSENT (too large); *out is
 * then untouched. */
int hwi_linux_number_multiply(struct hawser_number a, struct hawser_number b,
                              struct hawser_number *out) HAWSER_CHECKED;

/*
 * A value in thousandths as one in wholes (millidegrees to degrees): rounded
 * half away from zero to three decimals, without needless zeros but with one
 * decimal at least: 45000 is 45.0, 24125 is 24.125.
 */
struct hawser_number hwi_linux_number_from_milli(struct hawser_number milli);

#endif
