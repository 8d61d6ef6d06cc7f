/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one heap: TLS's, of a fixed size, so that what TLS needs can neither be
 * taken by anything else nor grow. What goes wrong for lack of it shows as the
 * cause tls_memory.
 */
#ifndef HWI_RV32_HEAP_H
#define HWI_RV32_HEAP_H

#include <stddef.h>

#define HWI_RV32_HEAP_SIZE (56u * 1024u)

size_t hwi_rv32_heap_free(void);
size_t hwi_rv32_heap_peak(void);

#endif
