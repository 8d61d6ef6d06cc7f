/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What lwIP asks of a compiler.
 */
#ifndef HWI_RV32_ARCH_CC_H
#define HWI_RV32_ARCH_CC_H

#define BYTE_ORDER LITTLE_ENDIAN

#define LWIP_PLATFORM_DIAG(words)
#define LWIP_PLATFORM_ASSERT(words)

#endif
