/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which WiFi network to join next: the plan, without a radio. The most preferred
 * network comes first; one that refused, or was not there three times, lets the
 * next have its turn, round and round.
 */
#ifndef HWI_ESP_WIFI_PLAN_H
#define HWI_ESP_WIFI_PLAN_H

#include "hawser/port.h"

#define HWI_ESP_TRIES 3 /* of one network in a row */

/* What became of an attempt. */
enum hwi_esp_ending {
    HWI_ESP_LOST,    /* joined, and gone since */
    HWI_ESP_ABSENT,  /* not found */
    HWI_ESP_REFUSED, /* it does not take our passphrase */
    HWI_ESP_FAILED   /* anything else */
};

struct hwi_esp_plan {
    unsigned count;   /* of networks, at least 1 */
    unsigned at;      /* the one whose turn it is */
    unsigned tries;   /* that it had in a row */
    unsigned refused; /* so many networks in a row did */
};

void hwi_esp_plan_init(struct hwi_esp_plan *plan, unsigned count);

/* The network is joined. */
void hwi_esp_plan_joined(struct hwi_esp_plan *plan);

/* An attempt ended, or the network was lost; plan->at is the one to try now. */
void hwi_esp_plan_ended(struct hwi_esp_plan *plan, enum hwi_esp_ending ending);

/* What the supervisor's remedy asks for: the next network. */
void hwi_esp_plan_next(struct hwi_esp_plan *plan);

/* Has every network refused the device since it was last joined? */
bool hwi_esp_plan_is_refused(const struct hwi_esp_plan *plan);

#endif
