/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A made-up value that moves as a slow wave: simulated.h.
 */
#include "ports/shared/simulated.h"

#define HALF_PERIOD_MS INT64_C(300000)
#define WAVE_MAX       INT64_C(1000)

/* -WAVE_MAX..WAVE_MAX: two parabolas, one up and one down, which are close to a
 * sine and need no float. */
static int64_t wave(uint64_t at_ms)
{
    int64_t phase = (int64_t)(at_ms % (2 * (uint64_t)HALF_PERIOD_MS));
    int64_t x = phase % HALF_PERIOD_MS;
    int64_t height = 4 * WAVE_MAX * x / HALF_PERIOD_MS * (HALF_PERIOD_MS - x) /
                     HALF_PERIOD_MS;

    return phase < HALF_PERIOD_MS ? height : -height;
}

struct hawser_number hwi_simulated_value(struct hawser_number min,
                                         struct hawser_number max,
                                         uint64_t at_ms)
{
    int64_t width = max.mantissa - min.mantissa;

    min.mantissa += width * (wave(at_ms) + WAVE_MAX) / (2 * WAVE_MAX);
    return min;
}
