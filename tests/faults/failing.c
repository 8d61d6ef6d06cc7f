/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the plan and counts the calls: failing.h. Uses no heap, whose calls are
 * among those that ask.
 */
#define _GNU_SOURCE
#include "failing.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct {
    char call[32];
    unsigned long first;
    unsigned long times;
    int error;
    bool is_short;
    bool is_read;
    unsigned long count;
} plan;

/* The number at the colon that ends the last one; none: what it is without. */
static unsigned long number(char **at, unsigned long without)
{
    return **at == ':' ? strtoul(*at + 1, at, 10) : without;
}

/* CALL:N:ERROR[:TIMES] */
static void read_plan(void)
{
    static const char shorter[] = ":short";
    char *at = getenv("FAULT");
    size_t len = at == NULL ? 0 : strcspn(at, ":");

    plan.is_read = true;
    if (len == 0 || len >= sizeof plan.call) {
        return;
    }
    memcpy(plan.call, at, len);
    at += len;
    plan.first = number(&at, 1);
    plan.is_short = strncmp(at, shorter, sizeof shorter - 1) == 0;
    if (plan.is_short) {
        at += sizeof shorter - 1;
    } else {
        plan.error = (int)number(&at, 0);
    }
    plan.times = number(&at, 1);
}

/* What this program starts is not under test. */
__attribute__((constructor)) static void leave_children_alone(void)
{
    if (!plan.is_read) {
        read_plan();
    }
    (void)unsetenv("LD_PRELOAD");
    (void)unsetenv("FAULT");
}

enum failing_verdict failing_judge(const char *call)
{
    char line[80];
    int len;

    if (!plan.is_read) {
        read_plan();
    }
    if (strcmp(call, plan.call) != 0) {
        return FAILING_PASS;
    }
    plan.count++;
    if (plan.count < plan.first ||
        (plan.times != 0 && plan.count >= plan.first + plan.times)) {
        return FAILING_PASS;
    }
    if (plan.count == plan.first) {
        len = snprintf(line, sizeof line, "fault: %s %lu\n", call, plan.count);
        (void)syscall(SYS_write, STDERR_FILENO, line, (size_t)len);
    }
    errno = plan.error;
    return plan.is_short ? FAILING_SHORT : FAILING_FAIL;
}
