/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Flash: regions on a virtio disk that keeps to the rules of a NOR chip.
 * Programming only turns ones into zeros; erasing goes by sectors.
 *
 * The chip's map, in sectors of 4 KiB, is in flash.c; tools/firmware-flash makes
 * an image of it.
 */
#ifndef HWI_RV32_FLASH_H
#define HWI_RV32_FLASH_H

#include "hawser/port.h"

#define HWI_RV32_FACTORY_SIZE 16384u

/* false: the machine has no flash, or it is too small. */
bool hwi_rv32_flash_open(void);

/* What was written where the device was made; read only. 0 or STORAGE. */
int hwi_rv32_flash_factory(uint8_t out[HWI_RV32_FACTORY_SIZE]);

/* As struct hawser_port's flash_*. */
void hwi_rv32_flash_geometry(enum hawser_region region,
                             struct hawser_flash_geometry *out);
int hwi_rv32_flash_read(enum hawser_region region, uint32_t offset,
                        uint8_t *out, size_t len);
int hwi_rv32_flash_program(enum hawser_region region, uint32_t offset,
                           const uint8_t *bytes, size_t len);
int hwi_rv32_flash_erase(enum hawser_region region, uint32_t sector);

#endif
