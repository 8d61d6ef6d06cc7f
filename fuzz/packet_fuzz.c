/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzzes the fixed header and the decoder of each packet. What is read lies
 * inside the packet; a PUBLISH that was read is written back to the same bytes;
 * the head of one is found before all of it is there.
 */
#include <string.h>

#include "fuzz.h"
#include "wire/ack.h"
#include "wire/auth.h"
#include "wire/connack.h"
#include "wire/disconnect.h"
#include "wire/publish.h"
#include "wire/reason.h"
#include "wire/suback.h"
#include "wire/unsuback.h"

static void must_lie_in(struct hawser_view part, struct hawser_view whole)
{
    must(part.len == 0 || (part.at >= whole.at && part.len <= whole.len &&
                           part.at + part.len <= whole.at + whole.len));
}

static void check_publish(const struct hwi_packet *p, struct hawser_view packet)
{
    static uint8_t bytes[4096];
    struct hwi_writer w =
        hwi_writer_of((struct hawser_span){bytes, sizeof bytes});
    struct hwi_publish m;

    if (hwi_publish_read(&m, p) != HWI_OK) {
        return;
    }
    must_lie_in(m.topic, p->body);
    must_lie_in(m.properties, p->body);
    must_lie_in(m.payload, p->body);
    must(m.topic.len > 0 || m.alias != 0);
    must((m.qos == 0) == (m.packet_id == 0));
    must(hwi_publish_head_len(p) == p->body.len - m.payload.len);
    hwi_publish_write(&w,
                      &(struct hwi_publish_out){.topic = m.topic,
                                                .payload = m.payload,
                                                .encoded = m.properties,
                                                .packet_id = m.packet_id,
                                                .qos = m.qos,
                                                .retain = m.retain,
                                                .dup = m.dup},
                      (enum hawser_version)p->version);
    must(hwi_written(&w) == packet.len &&
         memcmp(bytes, packet.at, packet.len) == 0);
}

static void check_answer(const struct hwi_packet *p)
{
    struct hwi_connack connack;
    struct hwi_ack ack;
    struct hwi_suback suback;
    struct hwi_unsuback unsuback;

    switch ((unsigned)HWI_TYPE_OF(p->header)) {
    case HWI_CONNACK:
        if (hwi_connack_read(&connack, p) == HWI_OK) {
            must_lie_in(connack.properties, p->body);
            must(!connack.session_present || connack.reason == HWI_OK);
        }
        break;
    case HWI_SUBACK:
        if (hwi_suback_read(&suback, p) == HWI_OK) {
            must_lie_in(suback.properties, p->body);
            must_lie_in(suback.reasons, p->body);
            must(suback.reasons.len > 0);
        }
        break;
    case HWI_UNSUBACK:
        if (hwi_unsuback_read(&unsuback, p) == HWI_OK) {
            must_lie_in(unsuback.reasons, p->body);
        }
        break;
    default:
        if (hwi_ack_read(&ack, p) == HWI_OK) {
            must_lie_in(ack.properties, p->body);
            must(ack.packet_id != 0);
        }
        break;
    }
}

static void check_end(const struct hwi_packet *p)
{
    struct hwi_disconnect goodbye;
    struct hwi_auth auth;

    if (HWI_TYPE_OF(p->header) == HWI_DISCONNECT &&
        hwi_disconnect_read(&goodbye, p) == HWI_OK) {
        must_lie_in(goodbye.properties, p->body);
    }
    if (HWI_TYPE_OF(p->header) == HWI_AUTH &&
        hwi_auth_read(&auth, p) == HWI_OK) {
        must_lie_in(auth.properties, p->body);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hwi_packet p = {.version = HAWSER_MQTT_5};
    uint32_t body_len = 0;
    int used;

    if (size < 1 || size > 4096) {
        return 0;
    }
    if ((data[0] & 1) != 0) {
        p.version = HAWSER_MQTT_3_1_1;
    }
    used = hwi_header_read(data + 1, size - 1, (enum hawser_version)p.version,
                           &body_len);
    must(used <= 5 && (used <= 0 || (size_t)used <= size - 1));
    if (used <= 0 || body_len > size - 1 - (size_t)used) {
        return 0;
    }
    p.header = data[1];
    p.body = (struct hawser_view){data + 1 + used, body_len};
    switch ((unsigned)HWI_TYPE_OF(p.header)) {
    case HWI_PUBLISH:
        check_publish(&p,
                      (struct hawser_view){data + 1, (size_t)used + body_len});
        break;
    case HWI_PINGRESP:
        must(body_len == 0);
        break;
    case HWI_DISCONNECT:
    case HWI_AUTH:
        check_end(&p);
        break;
    default:
        check_answer(&p);
        break;
    }
    return 0;
}
