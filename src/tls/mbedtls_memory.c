/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory, of which a shortage must be told as one, and random bytes.
 */
#include <mbedtls/platform.h>
#include <psa/crypto.h>

#include "tls/mbedtls.h"
#include "tls/mbedtls_parts.h"

static bool is_memory_short;

static void *noting_calloc(size_t count, size_t size)
{
    void *memory = MBEDTLS_PLATFORM_STD_CALLOC(count, size);

    if (memory == NULL && count > 0 && size > 0) {
        is_memory_short = true;
    }
    return memory;
}

bool hwi_tls_library_start(void)
{
    (void)mbedtls_platform_set_calloc_free(noting_calloc,
                                           MBEDTLS_PLATFORM_STD_FREE);
    return psa_crypto_init() == PSA_SUCCESS;
}

bool hwi_tls_was_memory_short(void)
{
    bool was_short = is_memory_short;

    is_memory_short = false;
    return was_short;
}

int hwi_tls_random(void *unused, unsigned char *out, size_t len)
{
    (void)unused;
    return hwi_tls_port_random(out, len);
}
