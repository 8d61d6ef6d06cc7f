/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What tls.h over mbedTLS 3.6 needs of a port, besides calloc() and free().
 *
 * A system with a configuration of its own (ESP-IDF: sdkconfig) has to have on:
 *   MBEDTLS_SSL_PROTO_TLS1_2 and _TLS1_3, SSL_TLS1_3_COMPATIBILITY_MODE, both
 *   SSL_TLS1_3_KEY_EXCHANGE_MODE_EPHEMERAL and _PSK_EPHEMERAL, KEY_EXCHANGE_
 *   ECDHE_ECDSA and _ECDHE_RSA
 *   SSL_SESSION_TICKETS, SSL_SERVER_NAME_INDICATION, SSL_ALPN,
 *   SSL_EXTENDED_MASTER_SECRET, SSL_KEEP_PEER_CERTIFICATE
 *   P-256, P-384, X25519; AES-GCM; SHA-256, -384, -512; RSA with PKCS 1 v1.5 and
 *   v2.1, X509_RSASSA_PSS_SUPPORT
 *   PEM_PARSE, PK_WRITE, X509_CSR_WRITE, PSA_CRYPTO, PLATFORM_MEMORY
 * and off: SSL_RENEGOTIATION. It may have MBEDTLS_HAVE_TIME_DATE, or not: dates
 * are judged by the device's policy. Its own memory functions are to be given as
 * MBEDTLS_PLATFORM_STD_CALLOC and _FREE: those are called. Where it answers
 * mbedtls_psa_external_get_random() and mbedtls_ms_time() itself, or needs them
 * not, mbedtls_system.c is left out. Built with MBEDTLS_ALLOW_PRIVATE_ACCESS, and
 * with mbedTLS's library/ among the include folders.
 */
#ifndef HWI_TLS_MBEDTLS_H
#define HWI_TLS_MBEDTLS_H

#include <stddef.h>
#include <stdint.h>

/* len random bytes fit for keys, from the machine's source or a generator that
 * is seeded by it. 0, or WAIT: none now; then what needed them fails. mbedTLS's
 * own questions come here, too (mbedtls_system.c). */
int hwi_tls_port_random(uint8_t *out, size_t len);

/* Milliseconds since any fixed moment; never goes back. */
uint64_t hwi_tls_port_now_ms(void);

#endif
