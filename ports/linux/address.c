/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Addresses to and from the kernel's form: address.h.
 */
#include "ports/linux/address.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

socklen_t hwi_linux_address_to_kernel(const struct hawser_address *address,
                                      struct sockaddr_storage *out)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET,
                             .sin_port = htons(address->port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6,
                              .sin6_port = htons(address->port),
                              .sin6_scope_id = address->scope};

    memset(out, 0, sizeof *out);
    if (address->family == 4) {
        memcpy(&v4.sin_addr, address->bytes, sizeof v4.sin_addr);
        memcpy(out, &v4, sizeof v4);
        return sizeof v4;
    }
    if (address->family == 6) {
        memcpy(&v6.sin6_addr, address->bytes, sizeof v6.sin6_addr);
        memcpy(out, &v6, sizeof v6);
        return sizeof v6;
    }
    return 0;
}

bool hwi_linux_address_from_kernel(const struct sockaddr *from,
                                   struct hawser_address *out)
{
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;

    if (from->sa_family == AF_INET) {
        memcpy(&v4, from, sizeof v4);
        *out = (struct hawser_address){.family = 4, .port = ntohs(v4.sin_port)};
        memcpy(out->bytes, &v4.sin_addr, sizeof v4.sin_addr);
        return true;
    }
    if (from->sa_family == AF_INET6) {
        memcpy(&v6, from, sizeof v6);
        *out = (struct hawser_address){.family = 6,
                                       .port = ntohs(v6.sin6_port),
                                       .scope = v6.sin6_scope_id};
        memcpy(out->bytes, &v6.sin6_addr, sizeof v6.sin6_addr);
        return true;
    }
    return false;
}

bool hwi_linux_address_parse(const char *text, struct hawser_address *out)
{
    struct hawser_address parsed = {0};
    char host[INET6_ADDRSTRLEN];
    size_t len = strcspn(text, "%");

    if (inet_pton(AF_INET, text, parsed.bytes) == 1) {
        parsed.family = 4;
        *out = parsed;
        return true;
    }
    if (len >= sizeof host) {
        return false;
    }
    memcpy(host, text, len);
    host[len] = '\0';
    if (inet_pton(AF_INET6, host, parsed.bytes) != 1) {
        return false;
    }
    if (text[len] == '%') {
        parsed.scope = if_nametoindex(text + len + 1);
        if (parsed.scope == 0) {
            return false;
        }
    }
    parsed.family = 6;
    *out = parsed;
    return true;
}

void hwi_linux_address_text(const struct hawser_address *address,
                            char out[HAWSER_ADDRESS_TEXT_SIZE])
{
    char host[INET6_ADDRSTRLEN] = "?";

    (void)inet_ntop(address->family == 4 ? AF_INET : AF_INET6, address->bytes,
                    host, sizeof host);
    (void)snprintf(out, HAWSER_ADDRESS_TEXT_SIZE, "%s port %u", host,
                   (unsigned)address->port);
}
