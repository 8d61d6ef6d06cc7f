/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two questions that mbedTLS, as mbedtls_config.h has it, puts to the system,
 * handed on to the port. A system that answers them itself (ESP-IDF does) leaves
 * this file out.
 */
#include <mbedtls/platform_time.h>
#include <psa/crypto.h>

#include "tls/mbedtls.h"

psa_status_t
mbedtls_psa_external_get_random(mbedtls_psa_external_random_context_t *context,
                                uint8_t *output, size_t output_size,
                                size_t *output_length)
{
    (void)context;
    if (hwi_tls_port_random(output, output_size) != 0) {
        return PSA_ERROR_INSUFFICIENT_ENTROPY;
    }
    *output_length = output_size;
    return PSA_SUCCESS;
}

mbedtls_ms_time_t mbedtls_ms_time(void)
{
    return (mbedtls_ms_time_t)hwi_tls_port_now_ms();
}
