/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A session as bytes: identifiers of inbound QoS 2 messages that wait for their
 * PUBREL, then our own messages in the order of their slots, then a CRC. What is
 * read back is checked as if a stranger had written it. [MQTT5 4.1, MQTT3 4.1]
 *
 *   "HWS1" last_id  count ids...  count slots...  CRC-32
 *   slot: id version state was_sent len packet
 */
#include "mqtt/client.h"

#include "wire/crc32.h"
#include "wire/memory.h"

#define MAGIC   0x48575331u /* "HWS1" */
#define CRC_LEN 4u

/* Lengths of what stands around the identifiers and the packets. */
#define HEAD_LEN 10u
#define ID_LEN   2u
#define SLOT_LEN 9u

/* Writing ------------------------------------------------------------------- */

static void write_inbound(struct hwi_writer *w, const struct hawser_client *c)
{
    uint16_t count = 0;

    for (size_t i = 0; i < c->inbound_used; i++) {
        count = (uint16_t)(count + (hwi_inbound_stays(c, i) ? 1 : 0));
    }
    hwi_write_u16(w, count);
    for (size_t i = 0; i < c->inbound_used; i++) {
        if (hwi_inbound_stays(c, i)) {
            hwi_write_u16(w, c->cfg->inbound[i].packet_id);
        }
    }
}

static void write_slots(struct hwi_writer *w, const struct hawser_client *c)
{
    hwi_write_u16(w, c->slot_used);
    for (size_t k = 0; k < c->slot_used; k++) {
        const struct hawser_slot *slot = hwi_inflight_slot(c, k);

        hwi_write_u16(w, slot->packet_id);
        hwi_write_u8(w, slot->version);
        hwi_write_u8(w, slot->state);
        hwi_write_u8(w, k < c->slot_sent ? 1 : 0);
        hwi_write_u32(w, slot->len);
        hwi_write_bytes(
            w, (struct hawser_view){c->cfg->store.at + slot->at, slot->len});
    }
}

static void write_all(struct hwi_writer *w, const struct hawser_client *c)
{
    hwi_write_u32(w, MAGIC);
    hwi_write_u16(w, c->last_id);
    write_inbound(w, c);
    write_slots(w, c);
}

size_t hawser_save_size(const struct hawser_client *c)
{
    size_t len = HEAD_LEN + (size_t)c->slot_used * SLOT_LEN + CRC_LEN;

    for (size_t i = 0; i < c->inbound_used; i++) {
        len += hwi_inbound_stays(c, i) ? ID_LEN : 0;
    }
    for (size_t k = 0; k < c->slot_used; k++) {
        len += hwi_inflight_slot(c, k)->len;
    }
    return len;
}

int hawser_save(const struct hawser_client *c, struct hawser_span out,
                size_t *len)
{
    struct hwi_writer w = hwi_writer_of(out);

    write_all(&w, c);
    hwi_write_u32(&w, hwi_crc32((struct hawser_view){out.at, hwi_written(&w)}));
    *len = hwi_written(&w);
    return w.is_full ? HAWSER_E_FULL : 0;
}

/* Reading ------------------------------------------------------------------- */

/* What was saved of a slot. */
struct saved_slot {
    uint16_t packet_id;
    uint8_t version;
    uint8_t state;
    bool was_sent;
    struct hawser_view packet;
};

static struct saved_slot read_slot(struct hwi_reader *r)
{
    struct saved_slot s = {.packet_id = hwi_read_u16(r)};

    s.version = hwi_read_u8(r);
    s.state = hwi_read_u8(r);
    s.was_sent = hwi_read_u8(r) != 0;
    s.packet = hwi_read_bytes(r, hwi_read_u32(r));
    return s;
}

/* Is it a PUBLISH of QoS > 0 with this identifier and no alias, whole but for its
 * payload? */
static bool is_publish(const struct saved_slot *s)
{
    enum hawser_version version = (enum hawser_version)s->version;
    struct hwi_packet p = {.version = s->version};
    struct hwi_publish m;
    uint32_t body_len = 0;
    int used;

    if ((version != HAWSER_MQTT_5 && version != HAWSER_MQTT_3_1_1) ||
        s->packet.len == 0) {
        return false;
    }
    used = hwi_header_read(s->packet.at, s->packet.len, version, &body_len);
    if (used <= 0 || s->packet.len - (size_t)used > body_len ||
        HWI_TYPE_OF(s->packet.at[0]) != HWI_PUBLISH) {
        return false;
    }
    p.header = s->packet.at[0];
    p.body =
        (struct hawser_view){s->packet.at + used, s->packet.len - (size_t)used};
    return hwi_publish_read(&m, &p) == 0 && m.qos > 0 && m.alias == 0 &&
           m.packet_id == s->packet_id;
}

static bool is_known(const struct hawser_client *c, uint16_t packet_id)
{
    for (size_t k = 0; k < c->slot_used; k++) {
        if (hwi_inflight_slot(c, k)->packet_id == packet_id) {
            return true;
        }
    }
    return false;
}

/* Can this slot follow on those before it? */
static bool is_in_order(const struct hawser_client *c,
                        const struct saved_slot *s)
{
    bool is_released = s->state == HWI_SLOT_RELEASED;

    if (s->packet_id == 0 || is_known(c, s->packet_id)) {
        return false;
    }
    if ((is_released && (c->slot_released < c->slot_used || !s->was_sent)) ||
        (s->was_sent && c->slot_sent < c->slot_used)) {
        return false;
    }
    if (s->state == HWI_SLOT_PUBLISH) {
        return is_publish(s);
    }
    return (is_released || (s->state == HWI_SLOT_LOST && !s->was_sent)) &&
           s->packet.len == 0;
}

static int load_slot(struct hawser_client *c, struct hwi_reader *r,
                     uint32_t *at)
{
    struct saved_slot s = read_slot(r);

    if (r->fault != 0 || !is_in_order(c, &s)) {
        return HAWSER_E_MALFORMED;
    }
    if (c->slot_used == c->cfg->slot_count ||
        s.packet.len > c->cfg->store.size - *at ||
        s.packet.len > c->cfg->tx.size - HWI_TX_RESERVE) {
        return HAWSER_E_FULL;
    }
    if (s.packet.len > 0) {
        memcpy(c->cfg->store.at + *at, s.packet.at, s.packet.len);
    }
    hwi_inflight_add(
        c, s.packet_id,
        (struct hawser_view){c->cfg->store.at + *at, s.packet.len});
    hwi_inflight_slot(c, c->slot_used - 1u)->version = s.version;
    hwi_inflight_slot(c, c->slot_used - 1u)->state = s.state;
    *at += (uint32_t)s.packet.len;
    if (s.state == HWI_SLOT_RELEASED) {
        c->slot_released++;
    }
    if (s.was_sent) {
        c->slot_sent++;
    }
    return 0;
}

static int load_inbound(struct hawser_client *c, struct hwi_reader *r)
{
    uint16_t packet_id = hwi_read_u16(r);

    if (packet_id == 0) { /* also what a reader at its end answers */
        return HAWSER_E_MALFORMED;
    }
    for (size_t i = 0; i < c->inbound_used; i++) {
        if (c->cfg->inbound[i].packet_id == packet_id) {
            return HAWSER_E_MALFORMED;
        }
    }
    if (c->inbound_used == c->cfg->inbound_count) {
        return HAWSER_E_FULL;
    }
    hwi_inbound_restore(c, packet_id);
    return 0;
}

static int load_all(struct hawser_client *c, struct hwi_reader *r)
{
    uint32_t at = 0;
    int err = 0;
    uint16_t count;

    c->last_id = hwi_read_u16(r);
    count = hwi_read_u16(r);
    for (uint16_t i = 0; err == 0 && i < count; i++) {
        err = load_inbound(c, r);
    }
    count = hwi_read_u16(r);
    for (uint16_t k = 0; err == 0 && k < count; k++) {
        err = load_slot(c, r, &at);
    }
    if (err == 0 && hwi_read_end(r) != 0) {
        err = HAWSER_E_MALFORMED;
    }
    return err;
}

int hawser_load(struct hawser_client *c, struct hawser_view saved)
{
    struct hwi_reader r;
    struct hwi_reader end;
    size_t len;
    int err;

    if (c->state != HWI_CLOSED || c->slot_used > 0 || c->inbound_used > 0 ||
        c->session_of != 0) {
        return HAWSER_E_STATE;
    }
    if (saved.len < CRC_LEN) {
        return HAWSER_E_MALFORMED;
    }
    len = saved.len - CRC_LEN;
    r = hwi_reader_of((struct hawser_view){saved.at, len});
    end = hwi_reader_of((struct hawser_view){saved.at + len, CRC_LEN});
    if (hwi_read_u32(&r) != MAGIC ||
        hwi_read_u32(&end) != hwi_crc32((struct hawser_view){saved.at, len})) {
        return HAWSER_E_MALFORMED;
    }
    err = load_all(c, &r);
    if (err != 0) { /* as it was */
        hwi_inbound_reset(c);
        c->slot_used = 0;
        c->slot_released = 0;
        c->slot_sent = 0;
        c->last_id = 0;
    } else {
        c->session_of = hwi_crc32(c->cfg->client_id);
    }
    return err;
}
