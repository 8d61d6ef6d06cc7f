/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For the prover, see docs/proofs.md: what several contracts need. A compiler
 * finds nothing in here.
 */
#ifndef HWI_WIRE_PROOF_H
#define HWI_WIRE_PROOF_H

#include "hawser/mqtt.h"

/* The provers know division, but of shifts only the first step. */
/*@ lemma shift_right_1: \forall integer x; 0 <= x ==> (x >> 1) == x / 2;
    lemma shift_right_4: \forall integer x; 0 <= x ==> (x >> 4) == x / 16;
    lemma shift_right_7: \forall integer x; 0 <= x ==> (x >> 7) == x / 128;
    lemma shift_right_8: \forall integer x; 0 <= x ==> (x >> 8) == x / 256;
    lemma shift_right_16:
        \forall integer x; 0 <= x ==> (x >> 16) == x / 65536;
    lemma shift_of_1: \forall integer n;
        0 <= n < 32 ==> (1 << n) <= 2147483648;
    lemma shift_left_8: \forall integer x; 0 <= x ==> (x << 8) == x * 256;
    lemma shift_left_16: \forall integer x; 0 <= x ==> (x << 16) == x * 65536;
*/

/*@ // All bytes of v can be read.
    predicate hwi_is_readable(struct hawser_view v) =
        \valid_read(v.at + (0 .. v.len - 1));

    // v is empty, or some of the len bytes from at.
    predicate hwi_is_inside(struct hawser_view v, uint8_t *at, integer len) =
        v.len == 0 ||
        (\base_addr(v.at) == \base_addr(at) && 0 <= v.at - at &&
         v.at - at + v.len <= len);
*/

/* Instead of wire/memory.h. The provers have to know what is moved: bytes. */
#ifdef __FRAMAC__
#include <stddef.h>

/*@ requires \valid(to + (0 .. len - 1)) && \valid_read(from + (0 .. len - 1));
    requires \separated(to + (0 .. len - 1), from + (0 .. len - 1));
    assigns to[0 .. len - 1] \from from[0 .. len - 1];
    assigns \result \from to;
    ensures \result == to;
    ensures \forall integer i; 0 <= i < len ==> to[i] == from[i];
*/
uint8_t *memcpy(uint8_t *to, const uint8_t *from, size_t len);

/*@ requires \valid(to + (0 .. len - 1)) && \valid_read(from + (0 .. len - 1));
    assigns to[0 .. len - 1] \from from[0 .. len - 1];
    assigns \result \from to;
    ensures \result == to;
    ensures \forall integer i; 0 <= i < len ==> to[i] == \old(from[i]);
*/
uint8_t *memmove(uint8_t *to, const uint8_t *from, size_t len);

/*@ requires \valid_read(a + (0 .. len - 1)) && \valid_read(b + (0 .. len - 1));
    assigns \result \from a[0 .. len - 1], b[0 .. len - 1];
    ensures \result == 0 <==>
            \forall integer i; 0 <= i < len ==> a[i] == b[i];
*/
int memcmp(const uint8_t *a, const uint8_t *b, size_t len);
#endif

#endif
