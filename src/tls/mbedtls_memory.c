/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What mbedTLS takes from the machine: memory, random bytes, a clock.
 */
#include <mbedtls/platform.h>
#include <mbedtls/platform_time.h>
#include <psa/crypto.h>
#include <stdlib.h>

#include "tls/mbedtls.h"
#include "tls/mbedtls_parts.h"

static bool is_memory_short;

static void *noting_calloc(size_t count, size_t size)
{
    void *memory = calloc(count, size);

    if (memory == NULL && count > 0 && size > 0) {
        is_memory_short = true;
    }
    return memory;
}

bool hwi_tls_library_start(void)
{
    (void)mbedtls_platform_set_calloc_free(noting_calloc, free);
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

psa_status_t
mbedtls_psa_external_get_random(mbedtls_psa_external_random_context_t *unused,
                                uint8_t *out, size_t size, size_t *len)
{
    (void)unused;
    if (hwi_tls_port_random(out, size) != 0) {
        return PSA_ERROR_INSUFFICIENT_ENTROPY;
    }
    *len = size;
    return PSA_SUCCESS;
}

mbedtls_ms_time_t mbedtls_ms_time(void)
{
    return (mbedtls_ms_time_t)hwi_tls_port_now_ms();
}
