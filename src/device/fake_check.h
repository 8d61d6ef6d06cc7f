/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What assert() is for, but also in builds where that is compiled out: the
 * fakes and the rig watch over rules of their own.
 */
#ifndef HWI_DEVICE_FAKE_CHECK_H
#define HWI_DEVICE_FAKE_CHECK_H

#include <stdio.h>
#include <stdlib.h>

#define FAKE_CHECK(fact)                                                       \
    do {                                                                       \
        if (!(fact)) {                                                         \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #fact); \
            abort();                                                           \
        }                                                                      \
    } while (0)

#endif
