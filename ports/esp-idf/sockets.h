/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lwIP's sockets: datagrams, and the one verified stream, TLS through tls/tls.h
 * rather than esp-tls. That judges dates by a clock of its own, and a resumed
 * session of its checks no host name.
 */
#ifndef HWI_ESP_SOCKETS_H
#define HWI_ESP_SOCKETS_H

#include <sys/select.h>

#include "hawser/port.h"

/* As struct hawser_port's functions of these names. */
int hwi_esp_udp_open(unsigned slot, const struct hawser_address *to);
int hwi_esp_udp_send(unsigned slot, const uint8_t *bytes, size_t len);
int hwi_esp_udp_receive(unsigned slot, uint8_t *out, size_t size);
void hwi_esp_udp_close(unsigned slot);

/* 0 or FULL: no memory. */
int hwi_esp_stream_init(void) HAWSER_CHECKED;
int hwi_esp_stream_open(const struct hawser_stream_target *target);
void hwi_esp_stream_status(struct hawser_stream_status *out);
int hwi_esp_stream_receive(uint8_t *out, size_t size);
int hwi_esp_stream_send(const uint8_t *bytes, size_t len);
int hwi_esp_stream_security(struct hawser_security *out);
int hwi_esp_stream_preflight(struct hawser_view anchors,
                             struct hawser_stream_status *out);
void hwi_esp_stream_close(void);

/* Adds what they wait for to the sets of select(2); answers the highest
 * descriptor so far. *is_due: something can be done at once. */
int hwi_esp_sockets_wait_for(fd_set *in, fd_set *out, int highest,
                             bool *is_due);

#endif
