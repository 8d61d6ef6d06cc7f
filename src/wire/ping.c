/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PINGREQ. [MQTT5 3.12, MQTT3 3.12]
 */
#include "wire/ping.h"

#include "wire/packet.h"

void hwi_pingreq_write(struct hwi_writer *w)
{
    struct hwi_writer body = {.at = NULL};

    hwi_write_header(w, HWI_PINGREQ << 4, &body);
}
