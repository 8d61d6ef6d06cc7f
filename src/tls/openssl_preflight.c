/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The chain that the server of an open connection has presented, judged anew
 * under other anchors: what a change of them would lead to, before it is made.
 * All else (host, dates, purpose, strength) is as in the handshake.
 */
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "tls/openssl_parts.h"

/* As OpenSSL does in a handshake; ssl stands in for the one under way. */
static bool store_set_up(X509_STORE_CTX *store, SSL *ssl)
{
    X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(store);

    X509_VERIFY_PARAM_set_auth_level(param, SSL_get_security_level(ssl));
    return X509_STORE_CTX_set_ex_data(
               store, SSL_get_ex_data_X509_STORE_CTX_idx(), ssl) &&
           X509_STORE_CTX_set_default(store, "ssl_server") &&
           X509_VERIFY_PARAM_set1(param, SSL_get0_param(ssl));
}

static int preflight(struct hwi_tls *tls, X509_STORE *anchors,
                     struct hwi_tls_failure *why)
{
    X509 *peer = SSL_get0_peer_certificate(tls->ssl);
    X509_STORE_CTX *store = X509_STORE_CTX_new();
    int err = 0;

    if (peer == NULL || store == NULL ||
        !X509_STORE_CTX_init(store, anchors, peer,
                             SSL_get_peer_cert_chain(tls->ssl)) ||
        !store_set_up(store, tls->ssl)) {
        err = hwi_tls_blame(why, HAWSER_CAUSE_TLS_MEMORY, "no memory for TLS");
    } else if (!hwi_tls_verify_store(tls, store)) {
        *why = tls->failure;
        err = HAWSER_E_LINK;
    }
    X509_STORE_CTX_free(store);
    return err;
}

int hwi_tls_preflight(struct hwi_tls *tls, struct hawser_view anchors,
                      struct hwi_tls_failure *why)
{
    const struct hwi_tls_failure before = tls->failure;
    X509_STORE *store = X509_STORE_new();
    int err;

    if (store == NULL) {
        return hwi_tls_blame(why, HAWSER_CAUSE_TLS_MEMORY, "no memory for TLS");
    }
    tls->failure = (struct hwi_tls_failure){.cause = HAWSER_CAUSE_NONE};
    err = hwi_tls_anchors_load(store, anchors, why);
    if (err == 0) {
        err = preflight(tls, store, why);
    }
    tls->failure = before; /* the connection itself has not failed */
    X509_STORE_free(store);
    ERR_clear_error();
    return err;
}
