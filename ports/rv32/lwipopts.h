/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lwIP as this port wants it: IPv4, DHCP, DNS, UDP and TCP by the raw API in one
 * loop, everything from fixed pools.
 */
#ifndef HWI_RV32_LWIPOPTS_H
#define HWI_RV32_LWIPOPTS_H

#include <stdint.h>

#define NO_SYS               1
#define SYS_LIGHTWEIGHT_PROT 0
#define LWIP_SOCKET          0
#define LWIP_NETCONN         0
#define LWIP_TIMEVAL_PRIVATE 0

#define LWIP_IPV4                 1
#define LWIP_IPV6                 0
#define LWIP_ARP                  1
#define LWIP_ICMP                 1
#define LWIP_RAW                  0
#define LWIP_DHCP                 1
#define LWIP_DNS                  1
#define LWIP_UDP                  1
#define LWIP_TCP                  1
#define LWIP_ALTCP                0
#define LWIP_STATS                0
#define LWIP_AUTOIP               0
#define LWIP_IGMP                 0
#define IP_REASSEMBLY             0
#define IP_FRAG                   0
#define LWIP_NETIF_TX_SINGLE_PBUF 0

/* Who sends two datagrams before an address is known loses neither. */
#define ARP_QUEUEING       1
#define MEMP_NUM_ARP_QUEUE 8

/* An address that DHCP gave is believed: probing it first costs a second. */
#define DHCP_DOES_ARP_CHECK 0

/* Where name servers listen: 53 unless told otherwise; link.c. */
extern uint16_t hwi_rv32_dns_port;
#define DNS_SERVER_PORT hwi_rv32_dns_port
#define DNS_TABLE_SIZE  4

#define MEM_ALIGNMENT     4
#define MEM_SIZE          (10 * 1024)
#define MEMP_NUM_PBUF     8
#define MEMP_NUM_UDP_PCB  8
#define MEMP_NUM_TCP_PCB  4
#define MEMP_NUM_TCP_SEG  24
#define PBUF_POOL_SIZE    10
#define PBUF_POOL_BUFSIZE 1536

#define TCP_MSS               1460
#define TCP_WND               (4 * TCP_MSS)
#define TCP_SND_BUF           (4 * TCP_MSS)
#define TCP_SND_QUEUELEN      16
#define TCP_QUEUE_OOSEQ       1
#define LWIP_TCP_KEEPALIVE    1
#define TCP_KEEPIDLE_DEFAULT  45000u
#define TCP_KEEPINTVL_DEFAULT 15000u
#define TCP_KEEPCNT_DEFAULT   3u

#define LWIP_CHECKSUM_ON_COPY 1
#define LWIP_NOASSERT         1
#define LWIP_DEBUG            0

/* Ports and identifiers that nobody can guess; link.c. */
uint32_t hwi_rv32_random(void);
#define LWIP_RAND() hwi_rv32_random()

#endif
