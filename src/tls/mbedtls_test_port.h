/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test helper: the port that mbedTLS gets in the tests. See tls/mbedtls.h.
 */
#ifndef HWI_TLS_MBEDTLS_TEST_PORT_H
#define HWI_TLS_MBEDTLS_TEST_PORT_H

#include <stdbool.h>
#include <stdint.h>

extern struct test_port {
    uint64_t now_ms; /* goes on by itself with each look: no machine's clock */
    bool has_no_random;
} test_port;

#endif
