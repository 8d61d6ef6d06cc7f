/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Session tickets: kept in memory, newest first, a TLS 1.3 ticket used once
 * (RFC 8446 C.4).
 *
 * Resumption checks no certificate. So a ticket is offered only to the host,
 * port and ALPN, under the anchors, own certificate and kind of date policy it
 * was made with (the binding), and only while every certificate of the chain
 * that was verified then would still pass by its dates now.
 */
#include <string.h>
#include <time.h>

#include "tls/openssl_parts.h"

/* After a day the server proves its certificate anew, whatever it allows and
 * however often the session was resumed: new tickets make no proof younger. */
#define TICKET_AGE_MAX_S 86400u

static void ticket_clear(struct hwi_tls_ticket *ticket)
{
    SSL_SESSION_free(ticket->session);
    *ticket = (struct hwi_tls_ticket){0};
}

void hwi_tls_ticket_drop_all(struct hwi_tls_context *context)
{
    size_t i;

    for (i = 0; i < HWI_TLS_TICKETS; i++) {
        ticket_clear(&context->tickets[i]);
    }
}

/* OpenSSL's callback: a ticket has come. 1: we keep the reference. */
static int ticket_arrived(SSL *ssl, SSL_SESSION *session)
{
    struct hwi_tls *tls = SSL_get_app_data(ssl);
    struct hwi_tls_ticket *tickets = tls->context->tickets;

    tls->has_buffers = true; /* of 16 KiB, taken up again for a ticket */
    if (!SSL_SESSION_is_resumable(session) ||
        memcmp(tls->binding, tls->context->binding, HWI_DIGEST_SIZE) != 0) {
        return 0;
    }
    ticket_clear(&tickets[HWI_TLS_TICKETS - 1]);
    memmove(&tickets[1], &tickets[0],
            (HWI_TLS_TICKETS - 1) * sizeof tickets[0]);
    tickets[0] = (struct hwi_tls_ticket){session, tls->identity};
    return 1;
}

void hwi_tls_ticket_context(SSL_CTX *ssl_ctx)
{
    (void)SSL_CTX_set_session_cache_mode(
        ssl_ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(ssl_ctx, ticket_arrived);
}

static bool is_young(uint64_t now_s, uint64_t then_s)
{
    return now_s >= then_s && now_s - then_s <= TICKET_AGE_MAX_S;
}

static bool is_usable(const struct hwi_tls_ticket *ticket,
                      const struct hawser_date_policy *dates)
{
    uint64_t time_s = hwi_tls_policy_time_s(dates);
    time_t wall = time(NULL);

    if (ticket->session == NULL || ticket->identity.until_s <= time_s) {
        return false;
    }
    /* By the machine's own clock, which OpenSSL tells the server the age by
     * and which runs even if it is set wrong; and by the true time, if known. */
    if (wall < 0 || !is_young((uint64_t)wall, ticket->identity.proven_wall_s)) {
        return false;
    }
    return !dates->has_now || (is_young(time_s, ticket->identity.proven_s) &&
                               ticket->identity.from_s <= time_s);
}

void hwi_tls_ticket_offer(struct hwi_tls *tls)
{
    struct hwi_tls_ticket *ticket = &tls->context->tickets[0];

    if (!is_usable(ticket, &tls->dates)) {
        hwi_tls_ticket_drop_all(tls->context);
        return;
    }
    tls->identity = ticket->identity;
    tls->identity.report.dates_by_floor = !tls->dates.has_now;
    (void)SSL_set_session(tls->ssl, ticket->session);
    if (SSL_SESSION_get_protocol_version(ticket->session) < TLS1_3_VERSION) {
        return; /* may serve again, until the server sends another */
    }
    ticket_clear(ticket);
    memmove(&ticket[0], &ticket[1], (HWI_TLS_TICKETS - 1) * sizeof *ticket);
    ticket[HWI_TLS_TICKETS - 1] = (struct hwi_tls_ticket){0};
}
