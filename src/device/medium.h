/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What records stand in: a region of the port's flash, or, where the machine
 * has none, a piece of memory that is used the same way and forgets at a
 * restart. Sector and offset are checked by the caller.
 */
#ifndef HWI_DEVICE_MEDIUM_H
#define HWI_DEVICE_MEDIUM_H

#include "hawser/device.h"

struct hwi_medium hwi_medium_flash(const struct hawser_port *port,
                                   enum hawser_region region);

/* As many whole sectors as fit, erased; the memory stays with the medium. */
struct hwi_medium hwi_medium_memory(struct hawser_span memory,
                                    uint32_t sector_size);

/* Some sectors of a medium, as one of their own. */
struct hwi_medium hwi_medium_part(struct hwi_medium whole, uint32_t first,
                                  uint32_t count);

/* Bytes of a sector. 0 or STORAGE. */
int hwi_medium_read(const struct hwi_medium *m, uint32_t sector,
                    uint32_t offset, struct hawser_span out) HAWSER_CHECKED;

/* Programs whole units and reads them again. 0; STORAGE: what stands there now
 * is not known. */
int hwi_medium_program(const struct hwi_medium *m, uint32_t sector,
                       uint32_t offset,
                       struct hawser_view bytes) HAWSER_CHECKED;

/* Makes a sector 0xFF. 0; STORAGE: what stands there now is not known. */
int hwi_medium_erase(const struct hwi_medium *m,
                     uint32_t sector) HAWSER_CHECKED;

/* Rounds a length up to whole program units. */
uint32_t hwi_medium_padded(const struct hwi_medium *m, uint32_t len);

/* The first offset from which on the sector is erased, in whole program units;
 * not before `from`. 0 or STORAGE. */
int hwi_medium_find_erased(const struct hwi_medium *m, uint32_t sector,
                           uint32_t from, uint32_t *offset) HAWSER_CHECKED;

#endif
