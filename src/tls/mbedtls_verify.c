/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The judgement on the server: mbedTLS walks the chain to an anchor and looks at
 * signatures, CA marks and strength (RFC 5280); host, dates (by the policy, not
 * by a clock of mbedTLS's) and use are judged here, and each refusal is put into
 * words while the certificate is at hand.
 *
 * What mbedTLS cannot check it must not find: a critical extension that it does
 * not know, name constraints among them, fails the certificate.
 */
#include <mbedtls/oid.h>
#include <string.h>

#include "tls/mbedtls.h"
#include "tls/mbedtls_parts.h"

/* Intermediate CAs in a chain. Real ones have one or two. */
#define INTERMEDIATES_MAX 6
/* Certificates that a server may present: some send their root, or an old
 * intermediate beside the new one. */
#define PRESENTED_MAX 10

/* Judged here, by other measures. */
#define FLAGS_OURS                                                    \
    (MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE |     \
     MBEDTLS_X509_BADCERT_CN_MISMATCH | MBEDTLS_X509_BADCRL_EXPIRED | \
     MBEDTLS_X509_BADCRL_FUTURE)
#define FLAGS_WEAK                                               \
    (MBEDTLS_X509_BADCERT_BAD_MD | MBEDTLS_X509_BADCERT_BAD_PK | \
     MBEDTLS_X509_BADCERT_BAD_KEY)

uint64_t hwi_tls_policy_time_s(const struct hawser_date_policy *dates)
{
    if (dates->has_now && dates->now_s > dates->floor_s) {
        return dates->now_s;
    }
    return dates->floor_s;
}

/* Notes a refusal; the first one counts. */
#define REFUSE(tls, ...)                                       \
    do {                                                       \
        if ((tls)->failure.cause == HAWSER_CAUSE_NONE) {       \
            (void)hwi_tls_blame(&(tls)->failure, __VA_ARGS__); \
        }                                                      \
    } while (0)

/* Is there a certificate of that name among these? */
static const mbedtls_x509_crt *named(const mbedtls_x509_crt *among,
                                     const mbedtls_x509_buf *name)
{
    for (; among != NULL; among = among->next) {
        if (among->subject_raw.p != NULL &&
            hwi_tls_is_named_alike(&among->subject_raw, name)) {
            return among;
        }
    }
    return NULL;
}

/* mbedTLS found no issuer that will do. */
static void judge_untrusted(struct hwi_tls *tls,
                            const mbedtls_x509_crt *certificate, int depth,
                            const char *subject)
{
    const mbedtls_x509_buf *issuer_raw = &certificate->issuer_raw;
    char issuer[56];

    hwi_tls_name_text(&certificate->issuer, issuer, sizeof issuer);
    if (hwi_tls_is_named_alike(issuer_raw, &certificate->subject_raw)) {
        REFUSE(tls,
               depth == 0 ? HAWSER_CAUSE_TLS_SELF_SIGNED
                          : HAWSER_CAUSE_TLS_UNKNOWN_CA,
               "\"%s\" is signed by itself and not trusted here", subject);
    } else if (named(certificate->next, issuer_raw) != NULL) {
        REFUSE(tls, HAWSER_CAUSE_TLS_BAD_CHAIN,
               "\"%s\": \"%s\", which signed it, may not: it is no CA, or not "
               "for so long a chain",
               subject, issuer);
    } else if (named(tls->anchors, issuer_raw) != NULL) {
        REFUSE(tls, HAWSER_CAUSE_TLS_UNKNOWN_CA,
               "\"%s\" is signed by another \"%s\" than the trusted", subject,
               issuer);
    } else {
        REFUSE(tls, HAWSER_CAUSE_TLS_UNKNOWN_CA,
               "\"%s\": its CA \"%s\" is not trusted here or an intermediate "
               "is missing",
               subject, issuer);
    }
}

/* The one fault that may be forgiven is a beginning in the future while the time
 * is not known. */
static void judge_dates(struct hwi_tls *tls,
                        const mbedtls_x509_crt *certificate,
                        const char *subject)
{
    uint64_t from_s = hwi_tls_time_s(&certificate->valid_from);
    uint64_t until_s = hwi_tls_time_s(&certificate->valid_to);
    uint64_t time_s = hwi_tls_policy_time_s(&tls->dates);
    bool is_now = tls->dates.has_now && tls->dates.now_s >= tls->dates.floor_s;
    char day[HWI_TLS_DAY_SIZE];
    char now[HWI_TLS_DAY_SIZE];

    hwi_tls_day_text(time_s, now);
    if (until_s < time_s) {
        hwi_tls_day_text(until_s, day);
        REFUSE(tls, HAWSER_CAUSE_TLS_EXPIRED,
               "\"%s\" ended %s (time here: %s%s)", subject, day,
               is_now ? "" : "not before ", now);
    } else if (from_s > time_s && tls->dates.has_now) {
        hwi_tls_day_text(from_s, day);
        REFUSE(tls, HAWSER_CAUSE_TLS_NOT_YET_VALID,
               "\"%s\" begins %s (time here: %s)", subject, day, now);
    }
    if (from_s > tls->identity.from_s) {
        tls->identity.from_s = from_s;
    }
    if (until_s < tls->identity.until_s) {
        tls->identity.until_s = until_s;
    }
}

static void judge_host(struct hwi_tls *tls, const mbedtls_x509_crt *certificate,
                       const char *subject)
{
    char hosts[64];

    if (hwi_tls_host_matches(tls, certificate)) {
        return;
    }
    hwi_tls_hosts_text(certificate, hosts, sizeof hosts);
    if (hosts[0] != '\0') {
        REFUSE(tls, HAWSER_CAUSE_TLS_WRONG_NAME,
               "the certificate is for %s, not for %s%.64s", hosts,
               tls->address_len > 0 ? "IP " : "", tls->host);
    } else {
        REFUSE(tls, HAWSER_CAUSE_TLS_WRONG_NAME,
               "\"%s\" names no host (subjectAltName), wanted %.40s", subject,
               tls->host);
    }
}

static void report_anchor(struct hawser_security *report,
                          const mbedtls_x509_crt *anchor)
{
    hwi_tls_name_text(&anchor->subject, report->anchor_subject,
                      sizeof report->anchor_subject);
    hwi_tls_fingerprint(anchor, report->anchor_fingerprint);
    report->anchor_not_after_s = hwi_tls_time_s(&anchor->valid_to);
}

static void report_peer(struct hwi_tls *tls, const mbedtls_x509_crt *peer)
{
    struct hawser_security *report = &tls->identity.report;

    hwi_tls_name_text(&peer->subject, report->peer_subject,
                      sizeof report->peer_subject);
    hwi_tls_fingerprint(peer, report->peer_fingerprint);
    report->peer_not_before_s = hwi_tls_time_s(&peer->valid_from);
    report->peer_not_after_s = hwi_tls_time_s(&peer->valid_to);
    report->dates_by_floor = !tls->dates.has_now;
    tls->identity.proven_s = hwi_tls_policy_time_s(&tls->dates);
    tls->identity.proven_ms = hwi_tls_port_now_ms();
}

/* How much the server presents, and how far the anchor is. */
static void judge_length(struct hwi_tls *tls, const mbedtls_x509_crt *first)
{
    int count = 0;

    for (; first != NULL; first = first->next) {
        count++;
    }
    if (count > PRESENTED_MAX) {
        REFUSE(tls, HAWSER_CAUSE_TLS_BAD_CHAIN,
               "the server presents more than %d certificates", PRESENTED_MAX);
    }
}

/* What was known of another server, of a session that was not resumed, goes. */
static void judge_top(struct hwi_tls *tls, const mbedtls_x509_crt *certificate,
                      int depth)
{
    memset(&tls->identity, 0, sizeof tls->identity);
    tls->identity.until_s = UINT64_MAX;
    report_anchor(&tls->identity.report, certificate);
    if (depth > INTERMEDIATES_MAX + 1) {
        REFUSE(tls, HAWSER_CAUSE_TLS_BAD_CHAIN,
               "the server's chain has more than %d intermediates",
               INTERMEDIATES_MAX);
    }
}

/* mbedTLS begins at the anchor and ends with the server's own. */
int hwi_tls_judge(void *ctx, mbedtls_x509_crt *certificate, int depth,
                  uint32_t *flags)
{
    struct hwi_tls *tls = ctx;
    bool is_top = !tls->is_judging;
    char subject[56];

    *flags &= ~(uint32_t)FLAGS_OURS;
    hwi_tls_name_text(&certificate->subject, subject, sizeof subject);
    if (is_top) {
        judge_top(tls, certificate, depth);
    }
    tls->is_judging = depth > 0;
    if ((*flags & MBEDTLS_X509_BADCERT_NOT_TRUSTED) != 0) {
        judge_untrusted(tls, certificate, depth, subject);
    }
    if ((*flags & FLAGS_WEAK) != 0) {
        REFUSE(tls, HAWSER_CAUSE_TLS_WEAK,
               "\"%s\": its key or signature is too weak", subject);
    }
    judge_dates(tls, certificate, subject);
    if (!is_top && mbedtls_x509_crt_check_extended_key_usage(
                       certificate, MBEDTLS_OID_SERVER_AUTH,
                       MBEDTLS_OID_SIZE(MBEDTLS_OID_SERVER_AUTH)) != 0) {
        REFUSE(tls, HAWSER_CAUSE_TLS_WRONG_USAGE,
               "\"%s\" is not for TLS servers (extended key usage)", subject);
    }
    if (depth == 0) {
        judge_host(tls, certificate, subject);
        judge_length(tls, certificate);
        report_peer(tls, certificate);
    }
    if (*flags != 0) {
        REFUSE(tls, HAWSER_CAUSE_TLS_BAD_CHAIN, "\"%s\": not acceptable (%#x)",
               subject, (unsigned)*flags);
    }
    if (tls->failure.cause != HAWSER_CAUSE_NONE) {
        *flags |= MBEDTLS_X509_BADCERT_OTHER;
    }
    tls->is_verified = depth == 0 && tls->failure.cause == HAWSER_CAUSE_NONE;
    return 0;
}
