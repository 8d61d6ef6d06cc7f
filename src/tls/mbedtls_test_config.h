/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test helper: what the tests change in mbedtls_config.h. Memory comes from them.
 */
#ifndef HWI_TLS_MBEDTLS_TEST_CONFIG_H
#define HWI_TLS_MBEDTLS_TEST_CONFIG_H

#include <stddef.h>

void *test_library_calloc(size_t count, size_t size);
void test_library_free(void *block);
#define MBEDTLS_PLATFORM_STD_CALLOC test_library_calloc
#define MBEDTLS_PLATFORM_STD_FREE   test_library_free

#endif
