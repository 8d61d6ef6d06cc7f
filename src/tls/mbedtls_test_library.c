/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test helper: mbedTLS, as the tests need to know it, and the port that it
 * wants. See tls_test_library.h.
 */
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#include "hawser/error.h"
#include "tls/mbedtls.h"
#include "tls/mbedtls_test_config.h"
#include "tls/mbedtls_test_port.h"
#include "tls/tls_test_library.h"

const struct test_library test_library = {
    .group = "P-256",
    .record_max = 4095, /* the 4096th tells, encrypted, what kind it is of */
    .tickets_kept = 1,
    .kept_max = 64,
};

struct test_port test_port = {.now_ms = 1000000};

int hwi_tls_port_random(uint8_t *out, size_t len)
{
    return !test_port.has_no_random && RAND_bytes(out, (int)len) == 1
               ? 0
               : HAWSER_E_WAIT;
}

uint64_t hwi_tls_port_now_ms(void)
{
    return test_port.now_ms++;
}

/* Where memory ends just while the keys of TLS 1.3 are set up, mbedTLS 3.6 frees
 * the record layer's state but not the ciphers in it (ssl_tls13_keys.c). */
const char *
__lsan_default_suppressions(void);            /* NOLINT: the sanitizer's name */
const char *__lsan_default_suppressions(void) /* NOLINT */
{
    return "leak:gcm_ctx_alloc\nleak:aes_ctx_alloc\n";
}

static struct test_heap from = {malloc, realloc, free};

bool test_library_heap(const struct test_heap *heap)
{
    from = *heap;
    return true;
}

void *test_library_calloc(size_t count, size_t size)
{
    void *block = from.take(count * size);

    if (block != NULL) {
        memset(block, 0, count * size);
    }
    return block;
}

void test_library_free(void *block)
{
    from.give(block);
}
