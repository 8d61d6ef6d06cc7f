/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The session ticket: the newest one, kept in memory, one of TLS 1.3 used once
 * (RFC 8446 C.4).
 *
 * Resumption checks no certificate. So a ticket is offered only to the host,
 * port and ALPN, under the anchors, own certificate and kind of date policy it
 * was made with (the binding), and only while every certificate of the chain
 * that was verified then would still pass by its dates now.
 */
#include <string.h>

#include "tls/mbedtls.h"
#include "tls/mbedtls_parts.h"

/* After a day the server proves its certificate anew, whatever it allows and
 * however often the session was resumed: new tickets make no proof younger. */
#define AGE_MAX_S 86400u

void hwi_tls_ticket_drop(struct hwi_tls_context *context)
{
    if (context->ticket.is_there) {
        mbedtls_ssl_session_free(&context->ticket.session);
    }
    memset(&context->ticket, 0, sizeof context->ticket);
}

void hwi_tls_ticket_take(struct hwi_tls *tls)
{
    struct hwi_tls_ticket *ticket = &tls->context->ticket;

    /* Of a connection that is older than a change of credentials? */
    if (memcmp(tls->binding, tls->context->binding, sizeof tls->binding) != 0) {
        return;
    }
    hwi_tls_ticket_drop(tls->context);
    mbedtls_ssl_session_init(&ticket->session);
    ticket->is_there = true;
    ticket->identity = tls->identity;
    if (mbedtls_ssl_get_session(&tls->ssl, &ticket->session) != 0) {
        hwi_tls_ticket_drop(tls->context);
    }
}

static bool is_usable(const struct hwi_tls_ticket *ticket,
                      const struct hawser_date_policy *dates)
{
    const struct hwi_tls_identity *identity = &ticket->identity;
    uint64_t time_s = hwi_tls_policy_time_s(dates);
    uint64_t now_ms = hwi_tls_port_now_ms();

    if (!ticket->is_there || identity->until_s <= time_s ||
        now_ms - identity->proven_ms > (uint64_t)AGE_MAX_S * 1000) {
        return false;
    }
    return !dates->has_now ||
           (identity->from_s <= time_s && time_s >= identity->proven_s &&
            time_s - identity->proven_s <= AGE_MAX_S);
}

bool hwi_tls_ticket_offer(struct hwi_tls *tls)
{
    struct hwi_tls_ticket *ticket = &tls->context->ticket;
    bool is_good;

    if (!is_usable(ticket, &tls->dates)) {
        hwi_tls_ticket_drop(tls->context);
        return true;
    }
    tls->identity = ticket->identity;
    tls->identity.report.dates_by_floor = !tls->dates.has_now;
    tls->is_resuming = true;
    is_good = mbedtls_ssl_set_session(&tls->ssl, &ticket->session) == 0;
    if (ticket->session.tls_version == MBEDTLS_SSL_VERSION_TLS1_3) {
        hwi_tls_ticket_drop(tls->context);
    }
    return is_good;
}
