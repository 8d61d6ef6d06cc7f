/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The judgement on the server: chain to an anchor (RFC 5280), host (RFC 9525),
 * dates by the policy and not by the system clock, key usage, strength. OpenSSL
 * walks the chain; what it would let pass and we do not is set here, and each
 * refusal is put into words while the certificate is at hand.
 */
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <time.h>

#include "tls/openssl_parts.h"

/* Intermediate CAs in a chain. Real ones have one or two. */
#define INTERMEDIATES_MAX 6
/* Certificates that a server may present: some send their root, or an old
 * intermediate beside the new one. */
#define PRESENTED_MAX 10

_Static_assert(sizeof(time_t) >= 8, "certificates outlive a time_t of 32 bits");

/* OpenSSL's verdict as a cause. What is not here is BAD_CHAIN. */
static const struct {
    int verdict;
    enum hawser_cause cause;
} causes[] = {
    {X509_V_ERR_CERT_HAS_EXPIRED, HAWSER_CAUSE_TLS_EXPIRED},
    {X509_V_ERR_CERT_NOT_YET_VALID, HAWSER_CAUSE_TLS_NOT_YET_VALID},
    {X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, HAWSER_CAUSE_TLS_SELF_SIGNED},
    {X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, HAWSER_CAUSE_TLS_UNKNOWN_CA},
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, HAWSER_CAUSE_TLS_UNKNOWN_CA},
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, HAWSER_CAUSE_TLS_UNKNOWN_CA},
    {X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, HAWSER_CAUSE_TLS_UNKNOWN_CA},
    /* Signed by a CA that has the name of ours but another key. */
    {X509_V_ERR_CERT_SIGNATURE_FAILURE, HAWSER_CAUSE_TLS_UNKNOWN_CA},
    {X509_V_ERR_AKID_SKID_MISMATCH, HAWSER_CAUSE_TLS_UNKNOWN_CA},
    {X509_V_ERR_HOSTNAME_MISMATCH, HAWSER_CAUSE_TLS_WRONG_NAME},
    {X509_V_ERR_IP_ADDRESS_MISMATCH, HAWSER_CAUSE_TLS_WRONG_NAME},
    {X509_V_ERR_CERT_REVOKED, HAWSER_CAUSE_TLS_REVOKED},
    {X509_V_ERR_INVALID_PURPOSE, HAWSER_CAUSE_TLS_WRONG_USAGE},
    {X509_V_ERR_CERT_REJECTED, HAWSER_CAUSE_TLS_WRONG_USAGE},
    {X509_V_ERR_EE_KEY_TOO_SMALL, HAWSER_CAUSE_TLS_WEAK},
    {X509_V_ERR_CA_KEY_TOO_SMALL, HAWSER_CAUSE_TLS_WEAK},
    {X509_V_ERR_CA_MD_TOO_WEAK, HAWSER_CAUSE_TLS_WEAK},
    {X509_V_ERR_OUT_OF_MEM, HAWSER_CAUSE_TLS_MEMORY},
};

static enum hawser_cause verdict_cause(int verdict)
{
    size_t i;

    for (i = 0; i < sizeof causes / sizeof causes[0]; i++) {
        if (causes[i].verdict == verdict) {
            return causes[i].cause;
        }
    }
    return HAWSER_CAUSE_TLS_BAD_CHAIN;
}

uint64_t hwi_tls_policy_time_s(const struct hawser_date_policy *dates)
{
    if (dates->has_now && dates->now_s > dates->floor_s) {
        return dates->now_s;
    }
    return dates->floor_s;
}

static void blame_ended(struct hwi_tls *tls, const char *subject,
                        const X509 *certificate)
{
    bool is_now = tls->dates.has_now && tls->dates.now_s >= tls->dates.floor_s;
    char end[HWI_TLS_DAY_SIZE];
    char now[HWI_TLS_DAY_SIZE];

    hwi_tls_day_text(hwi_tls_time_s(X509_get0_notAfter(certificate)), end);
    hwi_tls_day_text(hwi_tls_policy_time_s(&tls->dates), now);
    (void)hwi_tls_blame(&tls->failure, HAWSER_CAUSE_TLS_EXPIRED,
                        "\"%s\" ended %s (time here: %s%s)", subject, end,
                        is_now ? "" : "not before ", now);
}

static void blame_begin(struct hwi_tls *tls, const char *subject,
                        const X509 *certificate)
{
    char begin[HWI_TLS_DAY_SIZE];
    char now[HWI_TLS_DAY_SIZE];

    hwi_tls_day_text(hwi_tls_time_s(X509_get0_notBefore(certificate)), begin);
    hwi_tls_day_text(hwi_tls_policy_time_s(&tls->dates), now);
    (void)hwi_tls_blame(&tls->failure, HAWSER_CAUSE_TLS_NOT_YET_VALID,
                        "\"%s\" begins %s (time here: %s)", subject, begin,
                        now);
}

static void blame_host(struct hwi_tls *tls, const char *subject,
                       const X509 *certificate)
{
    char hosts[64];

    hwi_tls_hosts_text(certificate, hosts, sizeof hosts);
    if (hosts[0] != '\0') {
        (void)hwi_tls_blame(&tls->failure, HAWSER_CAUSE_TLS_WRONG_NAME,
                            "the certificate is for %s, not for %s%.64s", hosts,
                            tls->is_host_address ? "IP " : "", tls->host);
    } else {
        (void)hwi_tls_blame(&tls->failure, HAWSER_CAUSE_TLS_WRONG_NAME,
                            "\"%s\" names no host (subjectAltName), wanted "
                            "%.40s",
                            subject, tls->host);
    }
}

static void blame_issuer(struct hwi_tls *tls, int verdict, const char *subject,
                         const X509 *certificate)
{
    bool is_named_alike = verdict == X509_V_ERR_CERT_SIGNATURE_FAILURE;
    char issuer[56];

    hwi_tls_name_text(X509_get_issuer_name(certificate), issuer, sizeof issuer);
    (void)hwi_tls_blame(
        &tls->failure, HAWSER_CAUSE_TLS_UNKNOWN_CA,
        is_named_alike ? "\"%s\" is signed by another \"%s\" than the trusted"
                       : "\"%s\": its CA \"%s\" is not trusted here or an "
                         "intermediate is missing",
        subject, issuer);
}

/* Puts OpenSSL's verdict into cause and words; the first one counts. */
static void blame_verdict(struct hwi_tls *tls, X509_STORE_CTX *store)
{
    int verdict = X509_STORE_CTX_get_error(store);
    const X509 *certificate = X509_STORE_CTX_get_current_cert(store);
    enum hawser_cause cause = verdict_cause(verdict);
    char subject[56] = "";

    (void)hwi_tls_queue_empty(&tls->is_out_of_memory);
    if (tls->failure.cause != HAWSER_CAUSE_NONE || tls->is_out_of_memory) {
        return;
    }
    if (certificate != NULL) {
        hwi_tls_name_text(X509_get_subject_name(certificate), subject,
                          sizeof subject);
    }
    if (certificate != NULL && cause == HAWSER_CAUSE_TLS_EXPIRED) {
        blame_ended(tls, subject, certificate);
    } else if (certificate != NULL && cause == HAWSER_CAUSE_TLS_NOT_YET_VALID) {
        blame_begin(tls, subject, certificate);
    } else if (certificate != NULL && cause == HAWSER_CAUSE_TLS_WRONG_NAME) {
        blame_host(tls, subject, certificate);
    } else if (certificate != NULL && cause == HAWSER_CAUSE_TLS_UNKNOWN_CA) {
        blame_issuer(tls, verdict, subject, certificate);
    } else {
        (void)hwi_tls_blame(&tls->failure, cause, "\"%s\": %s", subject,
                            X509_verify_cert_error_string(verdict));
    }
}

/* OpenSSL's callback for each step; 1 goes on. The one fault that may be
 * forgiven is a beginning in the future while the time is not known. */
static int judge(int is_good, X509_STORE_CTX *store)
{
    SSL *ssl =
        X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    struct hwi_tls *tls = SSL_get_app_data(ssl);

    if (is_good) {
        return 1;
    }
    if (X509_STORE_CTX_get_error(store) == X509_V_ERR_CERT_NOT_YET_VALID &&
        !tls->dates.has_now) {
        X509_STORE_CTX_set_error(store, X509_V_OK);
        return 1;
    }
    blame_verdict(tls, store);
    return 0;
}

static void report_peer(struct hawser_security *report, const X509 *peer,
                        const X509 *anchor)
{
    hwi_tls_name_text(X509_get_subject_name(peer), report->peer_subject,
                      sizeof report->peer_subject);
    hwi_tls_fingerprint(peer, report->peer_fingerprint);
    report->peer_not_before_s = hwi_tls_time_s(X509_get0_notBefore(peer));
    report->peer_not_after_s = hwi_tls_time_s(X509_get0_notAfter(peer));
    hwi_tls_name_text(X509_get_subject_name(anchor), report->anchor_subject,
                      sizeof report->anchor_subject);
    hwi_tls_fingerprint(anchor, report->anchor_fingerprint);
    report->anchor_not_after_s = hwi_tls_time_s(X509_get0_notAfter(anchor));
}

/* Notes who was verified, and the span in which all of the chain is valid. */
static void identity_take(struct hwi_tls *tls, STACK_OF(X509) * chain)
{
    struct hwi_tls_identity *identity = &tls->identity;
    int count = sk_X509_num(chain);
    int i;

    *identity = (struct hwi_tls_identity){
        .until_s = UINT64_MAX,
        .proven_s = hwi_tls_policy_time_s(&tls->dates),
        .proven_wall_s = (uint64_t)time(NULL),
    };
    for (i = 0; i < count; i++) {
        const X509 *part = sk_X509_value(chain, i);
        uint64_t from_s = hwi_tls_time_s(X509_get0_notBefore(part));
        uint64_t until_s = hwi_tls_time_s(X509_get0_notAfter(part));

        if (from_s > identity->from_s) {
            identity->from_s = from_s;
        }
        if (until_s < identity->until_s) {
            identity->until_s = until_s;
        }
    }
    report_peer(&identity->report, sk_X509_value(chain, 0),
                sk_X509_value(chain, count - 1));
    identity->report.dates_by_floor = !tls->dates.has_now;
    tls->is_verified = true;
}

bool hwi_tls_verify_store(struct hwi_tls *tls, X509_STORE_CTX *store)
{
    X509_STORE_CTX_set_verify_cb(store, judge);
    if (X509_verify_cert(store) <= 0) {
        blame_verdict(tls, store);
        return false;
    }
    return true;
}

/* Stands in for X509_verify_cert(), to limit what it has to look at. */
static int verify_chain(X509_STORE_CTX *store, void *unused)
{
    SSL *ssl =
        X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    struct hwi_tls *tls = SSL_get_app_data(ssl);

    (void)unused;
    if (sk_X509_num(X509_STORE_CTX_get0_untrusted(store)) > PRESENTED_MAX) {
        X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_CHAIN_TOO_LONG);
        (void)hwi_tls_blame(&tls->failure, HAWSER_CAUSE_TLS_BAD_CHAIN,
                            "the server presents more than %d certificates",
                            PRESENTED_MAX);
        return 0;
    }
    if (!hwi_tls_verify_store(tls, store)) {
        return 0;
    }
    identity_take(tls, X509_STORE_CTX_get0_chain(store));
    return 1;
}

void hwi_tls_verify_context(SSL_CTX *ssl_ctx)
{
    SSL_CTX_set_verify(ssl_ctx, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_cert_verify_callback(ssl_ctx, verify_chain, NULL);
}

/* Names the host to expect. An address must be in the certificate as an
 * address, a name as a name: one never stands in for the other. */
static bool expect_host(struct hwi_tls *tls, X509_VERIFY_PARAM *param)
{
    ASN1_OCTET_STRING *address = a2i_IPADDRESS(tls->host);
    bool is_good;

    ERR_clear_error(); /* a name is no address: that is fine */
    if (address == NULL) {
        return X509_VERIFY_PARAM_set1_host(param, tls->host, 0) &&
               SSL_set_tlsext_host_name(tls->ssl, tls->host);
    }
    tls->is_host_address = true;
    is_good = X509_VERIFY_PARAM_set1_ip(param, ASN1_STRING_get0_data(address),
                                        (size_t)ASN1_STRING_length(address));
    ASN1_OCTET_STRING_free(address);
    return is_good;
}

bool hwi_tls_verify_connection(struct hwi_tls *tls)
{
    X509_VERIFY_PARAM *param = SSL_get0_param(tls->ssl);
    uint64_t time_s = hwi_tls_policy_time_s(&tls->dates);

    /* Purpose (a TLS server) and strength (the security level) come from the
     * SSL. RFC 9525 6: only subjectAltName counts, a wildcard is a whole label. */
    X509_VERIFY_PARAM_set_hostflags(param,
                                    X509_CHECK_FLAG_NEVER_CHECK_SUBJECT |
                                        X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    X509_VERIFY_PARAM_set_depth(param, INTERMEDIATES_MAX);
    X509_VERIFY_PARAM_set_time(
        param, (time_t)(time_s <= INT64_MAX ? time_s : INT64_MAX));
    return expect_host(tls, param);
}
