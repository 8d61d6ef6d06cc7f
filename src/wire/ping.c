/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PINGREQ. [MQTT5 3.12, MQTT3 3.12]
 */
#include "wire/ping.h"

#include "wire/packet.h"

void hwi_pingreq_write(struct hwi_writer *w)
{
    hwi_write_u16(w, HWI_PINGREQ << 12); /* nothing follows */
}
