/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzzes a whole client from the server's side: bytes that follow the CONNECT.
 * The same bytes go to two clients, to one whole and to the other in pieces;
 * both have to tell the same story. First byte of the input: bit 0 the version,
 * bit 1 whether a good CONNACK comes first, bits 2.. the size of the pieces.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "side.h"

/* What a session is saved as can always be loaded. */
static void check_saved(const struct side *s)
{
    static struct side again;
    static uint8_t saved[512];
    size_t len;

    must(hawser_save(&s->c, (struct hawser_span){saved, sizeof saved}, &len) ==
         0);
    again = (struct side){.cfg = s->cfg};
    again.cfg.store.at = again.store;
    again.cfg.slots = again.slots;
    again.cfg.inbound = again.inbound;
    must(hawser_init(&again.c, &again.cfg) == 0);
    must(hawser_load(&again.c, (struct hawser_view){saved, len}) == 0);
    must(again.c.slot_used == s->c.slot_used &&
         again.c.inbound_used == s->c.inbound_used);
}

static int run(struct side *s, const uint8_t *in, size_t len, size_t piece)
{
    static const uint8_t ok3[] = {0x20, 2, 0, 0}, ok5[] = {0x20, 3, 0, 0, 0};
    const struct hawser_filter f = {.topic_filter = {in, 1}, .qos = 1};
    struct hawser_message m = {.topic = {(const uint8_t *)"t", 1}, .qos = 1};
    bool is_v5 = (in[0] & 1) != 0;
    uint16_t id;
    int err = 0;

    memset(s, 0, sizeof *s);
    s->cfg = (struct hawser_config){
        .version = is_v5 ? HAWSER_MQTT_5 : HAWSER_MQTT_3_1_1,
        .client_id = {(const uint8_t *)"c", 1},
        .keep_alive_s = 1,
        .rx = {s->rx, sizeof s->rx},
        .tx = {s->tx, sizeof s->tx},
        .store = {s->store, sizeof s->store},
        .slots = s->slots,
        .slot_count = 4,
        .inbound = s->inbound,
        .inbound_count = 4,
        .aliases_in = {s->aliases_in, sizeof s->aliases_in},
        .alias_in_count = 2,
        .aliases_out = {s->aliases_out, sizeof s->aliases_out},
        .alias_out_count = 2};
    if (hawser_init(&s->c, &s->cfg) != 0 || hawser_opened(&s->c, 0) != 0) {
        abort();
    }
    if ((in[0] & 2) != 0) {
        err = side_feed(s, is_v5 ? ok5 : ok3, is_v5 ? sizeof ok5 : sizeof ok3);
        err = err != 0 ? err : hawser_publish(&s->c, 0, &m, &id);
        m.qos = 2;
        err = err != 0 ? err : hawser_publish(&s->c, 0, &m, &id);
        must(err == 0);
        (void)!hawser_subscribe(&s->c, 0, &f, 1, &id); /* may be no filter */
    }
    for (in++, len--; err == 0 && len > 0;) {
        size_t n = piece < len ? piece : len;

        err = side_feed(s, in, n);
        in += n;
        len -= n;
    }
    side_tell(s, &err, sizeof err);
    side_tell(s, &hawser_fault(&s->c)->reason, 1);
    must(s->c.tx_end <= sizeof s->tx && s->c.slot_used <= 4);
    (void)!hawser_tick(&s->c, 2000); /* whatever it answers, no harm */
    hawser_lost(&s->c, 1);
    check_saved(s);
    return err;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct side a, b;
    int whole;
    int cut;

    if (size < 2) {
        return 0;
    }
    whole = run(&a, data, size, size);
    cut = run(&b, data, size, (size_t)(data[0] >> 2) % 7 + 1);
    must(whole == cut && a.story == b.story);
    return 0;
}
