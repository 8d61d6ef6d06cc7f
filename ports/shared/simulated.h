/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A sensor that is not there: what it gives is made up, and said to be.
 */
#ifndef HWI_SHARED_SIMULATED_H
#define HWI_SHARED_SIMULATED_H

#include "hawser/port.h"

/* A value that moves smoothly between min and max, there and back in ten
 * minutes. at_ms: the moment. min and max have equally many decimals. */
struct hawser_number hwi_simulated_value(struct hawser_number min,
                                         struct hawser_number max,
                                         uint64_t at_ms);

#endif
