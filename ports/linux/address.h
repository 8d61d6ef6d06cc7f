/* SPDX-License-Identifier: Apache-2.0 */
/*
 * struct hawser_address to and from the kernel's form.
 */
#ifndef HWI_LINUX_ADDRESS_H
#define HWI_LINUX_ADDRESS_H

#include <sys/socket.h>

#include "hawser/port.h"

/* The kernel's form. Its length; 0: the family is neither 4 nor 6. */
socklen_t hwi_linux_address_to_kernel(const struct hawser_address *address,
                                      struct sockaddr_storage *out);

/* From the kernel's form. false: neither IPv4 nor IPv6; *out is untouched. */
bool hwi_linux_address_from_kernel(const struct sockaddr *from,
                                   struct hawser_address *out);

/* Reads a literal address ("192.0.2.1", "2001:db8::1", "fe80::1%eth0"). false:
 * it is none; *out is untouched. The port is 0. */
bool hwi_linux_address_parse(const char *text, struct hawser_address *out);

/* "192.0.2.1 port 8883" for a person. */
void hwi_linux_address_text(const struct hawser_address *address,
                            char out[HAWSER_ADDRESS_TEXT_SIZE]);

#endif
