/* SPDX-License-Identifier: Apache-2.0 */
/* For tests on the host: lwIP's sockets are POSIX's. */
#ifndef FAKE_LWIP_SOCKETS_H
#define FAKE_LWIP_SOCKETS_H

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/select.h>
#include <sys/socket.h>

#endif
