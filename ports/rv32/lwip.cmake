# SPDX-License-Identifier: Apache-2.0
# lwIP as this port uses it (lwipopts.h), from the fetched sources.
set(lwip ${HAWSER_FIRMWARE_SOURCES}/lwip/src)
add_library(lwip STATIC
  ${lwip}/core/def.c
  ${lwip}/core/dns.c
  ${lwip}/core/inet_chksum.c
  ${lwip}/core/init.c
  ${lwip}/core/ip.c
  ${lwip}/core/ipv4/dhcp.c
  ${lwip}/core/ipv4/etharp.c
  ${lwip}/core/ipv4/icmp.c
  ${lwip}/core/ipv4/ip4.c
  ${lwip}/core/ipv4/ip4_addr.c
  ${lwip}/core/mem.c
  ${lwip}/core/memp.c
  ${lwip}/core/netif.c
  ${lwip}/core/pbuf.c
  ${lwip}/core/tcp.c
  ${lwip}/core/tcp_in.c
  ${lwip}/core/tcp_out.c
  ${lwip}/core/timeouts.c
  ${lwip}/core/udp.c
  ${lwip}/netif/ethernet.c)
target_include_directories(lwip SYSTEM PUBLIC ${lwip}/include
  ${CMAKE_CURRENT_SOURCE_DIR})
