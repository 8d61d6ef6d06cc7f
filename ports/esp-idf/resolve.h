/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names to addresses by lwIP's resolver, which runs in lwIP's own task.
 */
#ifndef HWI_ESP_RESOLVE_H
#define HWI_ESP_RESOLVE_H

#include "hawser/port.h"

/* news is called from lwIP's task when an answer has come. */
void hwi_esp_resolve_init(void (*news)(void));

/* As struct hawser_port's functions of these names; but lwIP keeps an answer as
 * long as the name server allows. */
int hwi_esp_resolve(enum hawser_resolve_slot slot, const char *host,
                    struct hawser_address *out, size_t max);
void hwi_esp_resolve_cancel(enum hawser_resolve_slot slot);

#endif
