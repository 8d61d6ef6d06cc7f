/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plan: wifi_plan.h.
 */
#include "ports/esp-idf/wifi_plan.h"

void hwi_esp_plan_init(struct hwi_esp_plan *plan, unsigned count)
{
    *plan = (struct hwi_esp_plan){.count = count > 0 ? count : 1};
}

void hwi_esp_plan_joined(struct hwi_esp_plan *plan)
{
    plan->tries = 0;
    plan->refused = 0;
}

void hwi_esp_plan_next(struct hwi_esp_plan *plan)
{
    plan->at = (plan->at + 1) % plan->count;
    plan->tries = 0;
}

void hwi_esp_plan_ended(struct hwi_esp_plan *plan, enum hwi_esp_ending ending)
{
    if (ending == HWI_ESP_LOST) {
        plan->tries = 0; /* it was good a moment ago */
        return;
    }
    plan->tries++;
    if (ending == HWI_ESP_REFUSED) {
        plan->refused += plan->refused < plan->count ? 1 : 0;
        hwi_esp_plan_next(plan);
    } else if (plan->tries >= HWI_ESP_TRIES) {
        plan->refused = 0;
        hwi_esp_plan_next(plan);
    }
}

bool hwi_esp_plan_is_refused(const struct hwi_esp_plan *plan)
{
    return plan->refused >= plan->count;
}
