/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One operation at a time, for callgrind to count its instructions: see
 * tools/instructions. Each is done often, so that starting costs nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "wire/connect.h"
#include "wire/packet.h"
#include "wire/publish.h"

#define ROUNDS 1000

#define TEXT(s)                             \
    {                                       \
        (const uint8_t *)(s), sizeof(s) - 1 \
    }

static uint8_t out[512];
static size_t out_len;
static uint8_t payload[110];

__attribute__((noinline)) static void
write_publish(const struct hwi_publish_out *m, enum hawser_version version)
{
    struct hwi_writer w = hwi_writer_of((struct hawser_span){out, sizeof out});

    hwi_publish_write(&w, m, version);
    out_len = hwi_written(&w);
}

__attribute__((noinline)) static unsigned
read_publish(enum hawser_version version)
{
    struct hwi_packet p = {out[0], (uint8_t)version, {NULL, 0}};
    struct hwi_publish m;
    uint32_t body_len = 0;
    int used = hwi_header_read(out, out_len, version, &body_len);

    p.body = (struct hawser_view){out + used, body_len};
    return (unsigned)used + hwi_publish_read(&m, &p);
}

__attribute__((noinline)) static void write_connect(const struct hwi_connect *m)
{
    struct hwi_writer w = hwi_writer_of((struct hawser_span){out, sizeof out});

    hwi_connect_write(&w, m);
    out_len = hwi_written(&w);
}

int main(int argc, char **argv)
{
    const enum hawser_version version =
        argc > 1 && argv[1][0] == '3' ? HAWSER_MQTT_3_1_1 : HAWSER_MQTT_5;
    const struct hwi_publish_out message = {.topic = TEXT("esp32/data"),
                                            .payload = {payload, 110},
                                            .packet_id = 7,
                                            .qos = 1};
    const struct hawser_message will = {.topic = TEXT("esp32/status"),
                                        .payload = TEXT("offline"),
                                        .qos = 1,
                                        .retain = true};
    const struct hwi_connect hello = {.version = version,
                                      .keep_alive_s = 60,
                                      .client_id = TEXT("esp32_factory_001"),
                                      .username = TEXT("esp32"),
                                      .password = TEXT("0123456789abcdef"),
                                      .will = &will};
    unsigned sum = 0;

    for (unsigned i = 0; i < ROUNDS; i++) {
        write_connect(&hello);
        write_publish(&message, version);
        sum += read_publish(version);
    }
    return sum == 0;
}
