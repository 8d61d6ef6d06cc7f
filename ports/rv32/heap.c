/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The arena under picolibc's malloc(); and what tls/mbedtls.h asks for.
 */
#include "ports/rv32/heap.h"

#include <malloc.h>
#include <stdint.h>

#include "ports/rv32/clock.h"
#include "ports/rv32/entropy.h"
#include "tls/mbedtls.h"

static uint8_t arena[HWI_RV32_HEAP_SIZE] __attribute__((aligned(16)));
static size_t taken; /* by malloc(), which gives nothing back here */

/* picolibc's malloc() asks here. */
void *sbrk(ptrdiff_t more);
void *sbrk(ptrdiff_t more)
{
    uint8_t *at = arena + taken;

    if (more > (ptrdiff_t)(sizeof arena - taken) || more < -(ptrdiff_t)taken) {
        return (void *)-1;
    }
    taken = (size_t)((ptrdiff_t)taken + more);
    return at;
}

size_t hwi_rv32_heap_free(void)
{
    return sizeof arena - taken + (size_t)mallinfo().fordblks;
}

size_t hwi_rv32_heap_peak(void)
{
    return taken;
}

int hwi_tls_port_random(uint8_t *out, size_t len)
{
    return hwi_rv32_entropy(out, len);
}

uint64_t hwi_tls_port_now_ms(void)
{
    return hwi_rv32_now_ms();
}
