/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What tls.h over mbedTLS 3.6 needs of a port, besides calloc() and free().
 *
 * A port with a configuration of its own has to have on: TLS 1.2 and 1.3 with
 * the modes "ephemeral" and "PSK with ephemeral", session tickets, SNI, ALPN,
 * MBEDTLS_SSL_KEEP_PEER_CERTIFICATE, P-256 and X25519, AES-GCM, SHA-384, writing
 * of keys and of certificate requests.
 */
#ifndef HWI_TLS_MBEDTLS_H
#define HWI_TLS_MBEDTLS_H

#include <stddef.h>
#include <stdint.h>

/* len random bytes fit for keys; mbedtls_psa_external_get_random() asks here.
 * 0, or WAIT: none now; then what needed them fails. */
int hwi_tls_port_random(uint8_t *out, size_t len);

/* Milliseconds since any fixed moment; never goes back. */
uint64_t hwi_tls_port_now_ms(void);

#endif
