/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which names may stand in a certificate, a topic and a file name: hosts of
 * brokers and ids of devices.
 */
#ifndef HWI_PKI_NAME_H
#define HWI_PKI_NAME_H

#include <stddef.h>

enum hwi_host_kind { HWI_HOST_BAD, HWI_HOST_DNS, HWI_HOST_IPV4, HWI_HOST_IPV6 };

/*
 * What a host name is. address (16 bytes) gets the address of an IPv4 (4
 * bytes) or IPv6 host. HWI_HOST_BAD: *why (static) says what is wrong.
 * Wildcards are bad: a broker has names, and they can all be given.
 */
enum hwi_host_kind hwi_host_kind(const char *name, unsigned char address[16],
                                 const char **why);

/*
 * NULL if the id can be a topic level, an MQTT user name, a common name and a
 * file name at once; else what is wrong (static).
 */
const char *hwi_id_problem(const char *id);

#endif
