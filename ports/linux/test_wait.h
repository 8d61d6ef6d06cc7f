/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test helper: sleeps on what a facility says it waits for, under a deadline
 * that fails the test. A facility that forgets a descriptor shows as that.
 */
#ifndef HWI_LINUX_TEST_WAIT_H
#define HWI_LINUX_TEST_WAIT_H

#include "ports/linux/pollset.h"

/* An empty set. */
struct hwi_linux_pollset wait_set(void);

/* Sleeps until one of set's descriptors is ready, its deadline, or end_ms; fails
 * the test when end_ms is past. */
void wait_on(struct hwi_linux_pollset *set, uint64_t end_ms);

#endif
