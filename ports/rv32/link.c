/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lwIP's start, timers and DHCP: link.h. RFC 2131.
 */
#include "ports/rv32/link.h"

#include <string.h>

#include "lwip/dhcp.h"
#include "lwip/dns.h"
#include "lwip/init.h"
#include "lwip/netif.h"
#include "lwip/sys.h"
#include "lwip/timeouts.h"
#include "ports/rv32/clock.h"
#include "ports/rv32/entropy.h"
#include "ports/rv32/ethernet.h"

#define DNS_PORT 53

uint16_t hwi_rv32_dns_port = DNS_PORT; /* lwipopts.h */

static struct netif *interface;
static bool has_carrier;
static struct hawser_address own_server; /* family 0: DHCP's */

/* lwIP's clock. */
u32_t sys_now(void)
{
    return (u32_t)hwi_rv32_now_ms();
}

/* What lwIP takes for ports and identifiers (lwipopts.h); it cannot wait. */
uint32_t hwi_rv32_random(void)
{
    uint32_t value = (uint32_t)hwi_rv32_ticks();

    (void)hwi_rv32_entropy((uint8_t *)&value, sizeof value);
    return value;
}

bool hwi_rv32_link_open(uint8_t *mac)
{
    if (!hwi_rv32_ethernet_open(mac)) {
        return false;
    }
    lwip_init();
    interface = hwi_rv32_ethernet_netif();
    return true;
}

void hwi_rv32_link_name_server(const struct hawser_address *server)
{
    own_server = *server;
    hwi_rv32_dns_port = server->port != 0 ? server->port : DNS_PORT;
}

/* DHCP sets its own with each lease. */
static void name_server_keep(void)
{
    ip_addr_t address;

    if (own_server.family == 4) {
        IP_ADDR4(&address, own_server.bytes[0], own_server.bytes[1],
                 own_server.bytes[2], own_server.bytes[3]);
        dns_setserver(0, &address);
    }
}

static void carrier_look(void)
{
    bool is_there = hwi_rv32_ethernet_has_carrier();

    if (is_there == has_carrier) {
        return;
    }
    has_carrier = is_there;
    if (!is_there) {
        netif_set_link_down(interface);
        return;
    }
    netif_set_link_up(interface); /* a lease that is there is asked for anew */
    if (netif_dhcp_data(interface) == NULL) {
        (void)dhcp_start(interface);
    }
}

void hwi_rv32_link_drive(void)
{
    hwi_rv32_ethernet_drive();
    carrier_look();
    sys_check_timeouts();
    name_server_keep();
}

uint64_t hwi_rv32_link_deadline_ms(void)
{
    u32_t in_ms = sys_timeouts_sleeptime();

    return in_ms == SYS_TIMEOUTS_SLEEPTIME_INFINITE ? UINT64_MAX
                                                    : hwi_rv32_now_ms() + in_ms;
}

void hwi_rv32_link_status(struct hawser_link_status *out)
{
    memset(out, 0, sizeof *out);
    memcpy(out->name, "en0", 4);
    if (!has_carrier) {
        out->state = HAWSER_LINK_DOWN;
    } else if (dhcp_supplied_address(interface) == 0) {
        out->state = HAWSER_LINK_NO_ADDRESS;
    } else {
        out->state = HAWSER_LINK_UP;
        (void)ip4addr_ntoa_r(netif_ip4_addr(interface), out->address,
                             sizeof out->address);
    }
}

void hwi_rv32_link_recover(void)
{
    dhcp_release_and_stop(interface);
    if (has_carrier) {
        (void)dhcp_start(interface);
    }
}
