/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CONNECT, which only a client sends. [MQTT5 3.1, MQTT3 3.1]
 */
#ifndef HWI_WIRE_CONNECT_H
#define HWI_WIRE_CONNECT_H

#include "wire/cursor.h"

/* Properties of CONNECT, in two parts: the client's own and the caller's. */
struct hwi_property_list {
    const struct hawser_property *at;
    size_t count;
};

struct hwi_connect {
    enum hawser_version version;
    bool clean_start;
    uint16_t keep_alive_s;
    struct hawser_view client_id;
    struct hawser_view username;       /* at NULL: none */
    struct hawser_view password;       /* at NULL: none */
    const struct hawser_message *will; /* NULL: none */
    struct hwi_property_list properties[2];
};

/* Writes the packet. Bad if a text is longer than 65535 bytes. Everything else
 * has been checked by the caller. */
void hwi_connect_write(struct hwi_writer *w, const struct hwi_connect *m);

#endif
