/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Causes and words that do not depend on the TLS library: alerts have the same
 * numbers everywhere, and a server that speaks no TLS shows it by its first
 * bytes.
 */
#ifndef HWI_TLS_CAUSE_H
#define HWI_TLS_CAUSE_H

#include "tls/tls.h"

/* Fills *why; format as printf. Always answers LINK. */
int hwi_tls_blame(struct hwi_tls_failure *why, enum hawser_cause cause,
                  const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Bytes of a stream that show what it is. */
#define HWI_TLS_HEAD_SIZE 5

/* Words for a stream that does not begin as TLS does. NULL: it does, as far as
 * it is known. */
const char *hwi_tls_stranger_words(const uint8_t *head, size_t len);

/* What a fatal alert of the server means; TLS_OTHER for most. RFC 8446 6.2 */
enum hawser_cause hwi_tls_alert_cause(int alert);

#endif
