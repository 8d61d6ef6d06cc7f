/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The handshake, step by step: which group it used, and whether the server asked
 * for a certificate, mbedTLS forgets when it is over and never says by a call.
 * The only file that looks into its insides.
 */
#include <ssl_misc.h>

#include "tls/mbedtls_parts.h"

#define GROUP_P256   23
#define GROUP_P384   24
#define GROUP_X25519 29

static uint16_t group_of(const mbedtls_ssl_context *ssl)
{
    if (ssl->tls_version == MBEDTLS_SSL_VERSION_TLS1_3) {
        return ssl->handshake->offered_group_id;
    }
#if defined(MBEDTLS_USE_PSA_CRYPTO) || defined(MBEDTLS_ECDH_LEGACY_CONTEXT)
    return 0;
#else
    return mbedtls_ssl_get_tls_id_from_ecp_group_id(
        ssl->handshake->ecdh_ctx.grp_id);
#endif
}

int hwi_tls_handshake_drive(struct hwi_tls *tls)
{
    int error = 0;

    while (error == 0 && !mbedtls_ssl_is_handshake_over(&tls->ssl)) {
        if (tls->ssl.handshake != NULL) {
            tls->group = group_of(&tls->ssl);
            tls->is_cert_wanted = tls->ssl.handshake->client_auth != 0;
        }
        error = mbedtls_ssl_handshake_step(&tls->ssl);
    }
    return error;
}

const char *hwi_tls_group_name(uint16_t group)
{
    switch (group) {
    case GROUP_X25519:
        return "X25519";
    case GROUP_P256:
        return "P-256";
    case GROUP_P384:
        return "P-384";
    default:
        return "";
    }
}
