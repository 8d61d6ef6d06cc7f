/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzzes the loading of a saved session. The CRC of the input is made right, so
 * that what stands in it is reached; what is taken then has to work: a
 * connection with its session, and one without.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "side.h"
#include "wire/crc32.h"

static void go_on(struct side *s, bool session_present)
{
    const uint8_t connack[] = {0x20, 3, session_present ? 1 : 0, 0, 0};

    must(hawser_opened(&s->c, 0) == 0);
    must(side_feed(s, connack, sizeof connack) == 0);
    for (unsigned i = 0; i < 8; i++) {
        const uint8_t *at;
        hawser_sent(&s->c, 0, hawser_out(&s->c, &at));
    }
    must(s->c.slot_used <= 4 && s->c.slot_sent <= s->c.slot_used);
    hawser_lost(&s->c, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct side s;
    uint8_t *copy;
    uint32_t crc;

    if (size < 4) {
        return 0;
    }
    memset(&s, 0, sizeof s);
    s.cfg = (struct hawser_config){.version = HAWSER_MQTT_5,
                                   .client_id = {(const uint8_t *)"c", 1},
                                   .rx = {s.rx, sizeof s.rx},
                                   .tx = {s.tx, sizeof s.tx},
                                   .store = {s.store, sizeof s.store},
                                   .slots = s.slots,
                                   .slot_count = 4,
                                   .inbound = s.inbound,
                                   .inbound_count = 4};
    must(hawser_init(&s.c, &s.cfg) == 0);
    copy = malloc(size);
    must(copy != NULL);
    memcpy(copy, data, size);
    crc = hwi_crc32((struct hawser_view){copy, size - 4});
    for (unsigned i = 0; i < 4; i++) {
        copy[size - 4 + i] = (uint8_t)(crc >> (24 - 8 * i));
    }
    if (hawser_load(&s.c, (struct hawser_view){copy, size}) == 0) {
        go_on(&s, true);
        go_on(&s, false);
    }
    free(copy);
    return 0;
}
