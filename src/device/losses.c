/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ranges of losses, in the order in which things were lost.
 */
#include "device/losses.h"

#include "wire/memory.h"

/* The range that may still grow; NULL: there is none. */
static struct hwi_lost *open_range(struct hwi_losses *l)
{
    return l->count > l->told ? &l->ranges[l->count - 1] : NULL;
}

void hwi_losses_add(struct hwi_losses *l, uint32_t boot, uint32_t seq)
{
    struct hwi_lost *last = open_range(l);

    if (last != NULL && (l->count == HWI_LOST_MAX ||
                         (last->to_boot == boot && last->to + 1 == seq))) {
        last->to_boot = boot;
        last->to = seq;
        last->count++;
        return;
    }
    l->ranges[l->count++] = (struct hwi_lost){boot, seq, boot, seq, 1};
}

unsigned hwi_losses_tell(struct hwi_losses *l)
{
    /* The last place stays free for what is lost meanwhile. */
    l->told = l->count < HWI_LOST_MAX ? l->count : HWI_LOST_MAX - 1;
    return l->told;
}

void hwi_losses_told(struct hwi_losses *l)
{
    l->count = (uint8_t)(l->count - l->told);
    memmove(l->ranges, l->ranges + l->told, l->count * sizeof(l->ranges[0]));
    l->told = 0;
}

void hwi_losses_not_told(struct hwi_losses *l)
{
    l->told = 0;
}
