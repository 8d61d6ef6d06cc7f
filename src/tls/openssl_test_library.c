/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test helper: OpenSSL, as the tests need to know it. See tls_test_library.h.
 */
#include "tls/tls_test_library.h"

#include <openssl/crypto.h>

const struct test_library test_library = {
    .has_all_keys = true,
    .has_sha1 = true,
    .has_chacha20 = true,
    .has_name_constraints = true,
    .has_key_update = true,
    .has_pss_in_tls12 = true,
    .group = "X25519",
    .record_max = 16384,
    .tickets_kept = 2,
    .kept_max = 16,
};

static struct test_heap from;

static void *heap_malloc(size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    return from.take(size);
}

static void *heap_realloc(void *old, size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    return from.retake(old, size);
}

static void heap_free(void *block, const char *file, int line)
{
    (void)file;
    (void)line;
    from.give(block);
}

bool test_library_heap(const struct test_heap *heap)
{
    from = *heap;
    return CRYPTO_set_mem_functions(heap_malloc, heap_realloc, heap_free) != 0;
}
