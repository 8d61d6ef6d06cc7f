/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes as text. [RFC 4648 4, with padding]
 */
#ifndef HWI_DEVICE_BASE64_H
#define HWI_DEVICE_BASE64_H

#include "hawser/mqtt.h"

/*
 * Decodes text; out may begin where text does. With is_wrapped, line ends and
 * blanks are skipped, as PEM has them. 0 and *len; ARG (no base64, or bits
 * after the last byte); FULL (does not fit into out).
 */
int hwi_base64_decode(struct hawser_view text, bool is_wrapped,
                      struct hawser_span out, size_t *len) HAWSER_CHECKED;

/* Encodes bytes. 0 and *len; FULL (does not fit into out). */
int hwi_base64_encode(struct hawser_view bytes, struct hawser_span out,
                      size_t *len) HAWSER_CHECKED;

#endif
