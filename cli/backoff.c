/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Waits before another try.
 */
#include "backoff.h"

#include <sys/random.h>

#include "hawser/mqtt.h"

#define FIRST_MS 1000u
#define MAX_MS   30000u

void hawser_cli_backoff_reset(struct hawser_cli_backoff *b)
{
    *b = (struct hawser_cli_backoff){HAWSER_NEVER, FIRST_MS};
}

/* Up to a quarter more. */
static uint64_t with_jitter(uint64_t wait_ms)
{
    uint32_t number = 0;
    if (getrandom(&number, sizeof(number), GRND_NONBLOCK) < 0) {
        return wait_ms;
    }
    return wait_ms + number % (wait_ms / 4 + 1);
}

uint64_t hawser_cli_backoff_fail(struct hawser_cli_backoff *b, uint64_t now_ms)
{
    uint64_t wait_ms = with_jitter(b->wait_ms);
    b->due_ms = now_ms + wait_ms;
    b->wait_ms = b->wait_ms * 2 < MAX_MS ? b->wait_ms * 2 : MAX_MS;
    return wait_ms;
}

bool hawser_cli_backoff_take(struct hawser_cli_backoff *b, uint64_t now_ms)
{
    if (now_ms < b->due_ms) {
        return false;
    }
    b->due_ms = HAWSER_NEVER;
    return true;
}
