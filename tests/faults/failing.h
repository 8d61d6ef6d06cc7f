/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which call of the system is to fail, as the environment says:
 *
 *     FAULT=CALL:N:ERROR[:TIMES]     recv:3:104   write:1:short   malloc:7:12:0
 *
 * The Nth CALL fails with errno ERROR, and the TIMES - 1 after it (1 if left
 * out; 0: for ever). "short": it moves half of the bytes that it was asked to.
 * "fault: CALL N" on standard error tells that N was reached: a run without
 * that line was one without a fault, and the loop over N is over.
 */
#ifndef TESTS_FAULTS_FAILING_H
#define TESTS_FAULTS_FAILING_H

enum failing_verdict { FAILING_PASS, FAILING_FAIL, FAILING_SHORT };

/* What becomes of this call of that name; counts it. Sets errno to fail. */
enum failing_verdict failing_judge(const char *call);

#endif
