/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one verified stream: lwIP's TCP, then TLS through tls/tls.h.
 */
#ifndef HWI_RV32_STREAM_H
#define HWI_RV32_STREAM_H

#include "hawser/port.h"

/* 0 or FULL: no memory. */
int hwi_rv32_stream_init(void) HAWSER_CHECKED;

/* As struct hawser_port's functions of these names. */
int hwi_rv32_stream_open(const struct hawser_stream_target *target);
void hwi_rv32_stream_status(struct hawser_stream_status *out);
int hwi_rv32_stream_receive(uint8_t *out, size_t size);
int hwi_rv32_stream_send(const uint8_t *bytes, size_t len);
int hwi_rv32_stream_security(struct hawser_security *out);
int hwi_rv32_stream_preflight(struct hawser_view anchors,
                              struct hawser_stream_status *out);
void hwi_rv32_stream_close(void);

/* Decrypted bytes wait: the device has something to do at once. */
bool hwi_rv32_stream_has_news(void);

/* What the last handshake, or attempt at one, took. */
uint64_t hwi_rv32_stream_handshake_instructions(void);

#endif
