/* SPDX-License-Identifier: Apache-2.0 */
/*
 * struct hawser_port's functions, each handed to its facility. The context is
 * not needed: there is one chip.
 */
#include "ports/esp-idf/table.h"

#include "ports/esp-idf/flash.h"
#include "ports/esp-idf/resolve.h"
#include "ports/esp-idf/sockets.h"
#include "ports/esp-idf/system.h"
#include "ports/esp-idf/wifi.h"
#include "tls/mbedtls.h"
#include "tls/tls.h"

static const struct hawser_esp_config *own;
static bool is_restart_wanted;

bool hwi_esp_restart_wanted(void)
{
    return is_restart_wanted;
}

static uint64_t now_ms(void *ctx)
{
    (void)ctx;
    return hwi_esp_now_ms();
}

/* The time of day comes by SNTP; the chip has no clock that lasts. */
static int wall_clock(void *ctx, struct hawser_wall_clock *out)
{
    (void)ctx;
    (void)out;
    return HAWSER_E_ABSENT;
}

static int entropy(void *ctx, uint8_t *out, size_t len)
{
    (void)ctx;
    return hwi_tls_port_random(out, len);
}

static void link_status(void *ctx, struct hawser_link_status *out)
{
    (void)ctx;
    hwi_esp_wifi_status(out);
}

static void link_recover(void *ctx, uint32_t attempt)
{
    (void)ctx;
    hwi_esp_wifi_recover(attempt);
}

static int resolve(void *ctx, enum hawser_resolve_slot slot, const char *host,
                   struct hawser_address *out, size_t max)
{
    (void)ctx;
    return hwi_esp_resolve(slot, host, out, max);
}

static void resolve_cancel(void *ctx, enum hawser_resolve_slot slot)
{
    (void)ctx;
    hwi_esp_resolve_cancel(slot);
}

static int udp_open(void *ctx, unsigned slot, const struct hawser_address *to)
{
    (void)ctx;
    return hwi_esp_udp_open(slot, to);
}

static int udp_send(void *ctx, unsigned slot, const uint8_t *bytes, size_t len)
{
    (void)ctx;
    return hwi_esp_udp_send(slot, bytes, len);
}

static int udp_receive(void *ctx, unsigned slot, uint8_t *out, size_t size)
{
    (void)ctx;
    return hwi_esp_udp_receive(slot, out, size);
}

static void udp_close(void *ctx, unsigned slot)
{
    (void)ctx;
    hwi_esp_udp_close(slot);
}

static int stream_open(void *ctx, const struct hawser_stream_target *target)
{
    (void)ctx;
    return hwi_esp_stream_open(target);
}

static void stream_status(void *ctx, struct hawser_stream_status *out)
{
    (void)ctx;
    hwi_esp_stream_status(out);
}

static int stream_receive(void *ctx, uint8_t *out, size_t size)
{
    (void)ctx;
    return hwi_esp_stream_receive(out, size);
}

static int stream_send(void *ctx, const uint8_t *bytes, size_t len)
{
    (void)ctx;
    return hwi_esp_stream_send(bytes, len);
}

static int stream_security(void *ctx, struct hawser_security *out)
{
    (void)ctx;
    return hwi_esp_stream_security(out);
}

static int stream_preflight(void *ctx, struct hawser_view anchors,
                            struct hawser_stream_status *out)
{
    (void)ctx;
    return hwi_esp_stream_preflight(anchors, out);
}

static void stream_close(void *ctx)
{
    (void)ctx;
    hwi_esp_stream_close();
}

static int certificate_inspect(void *ctx, struct hawser_view der,
                               struct hawser_certificate *out)
{
    (void)ctx;
    return hwi_tls_certificate_inspect(der, out);
}

static int sha256(void *ctx, struct hawser_view bytes,
                  uint8_t out[HAWSER_DIGEST_SIZE])
{
    (void)ctx;
    return hwi_tls_sha256(bytes, out);
}

static int key_create(void *ctx, struct hawser_span out, size_t *len)
{
    (void)ctx;
    return hwi_tls_key_create(out, len);
}

static int key_request(void *ctx, struct hawser_view key,
                       const char *common_name, struct hawser_span out,
                       size_t *len)
{
    (void)ctx;
    return hwi_tls_key_request(key, common_name, out, len);
}

static int key_matches(void *ctx, struct hawser_view key,
                       struct hawser_view certificate)
{
    (void)ctx;
    return hwi_tls_key_matches(key, certificate);
}

static int verify_signature(void *ctx, const struct hawser_signature *signature)
{
    (void)ctx;
    return hwi_tls_verify_signature(signature);
}

static void flash_geometry(void *ctx, enum hawser_region region,
                           struct hawser_flash_geometry *out)
{
    (void)ctx;
    hwi_esp_flash_geometry(region, out);
}

static int flash_read(void *ctx, enum hawser_region region, uint32_t offset,
                      uint8_t *out, size_t len)
{
    (void)ctx;
    return hwi_esp_flash_read(region, offset, out, len);
}

static int flash_program(void *ctx, enum hawser_region region, uint32_t offset,
                         const uint8_t *bytes, size_t len)
{
    (void)ctx;
    return hwi_esp_flash_program(region, offset, bytes, len);
}

static int flash_erase(void *ctx, enum hawser_region region, uint32_t sector)
{
    (void)ctx;
    return hwi_esp_flash_erase(region, sector);
}

static int sensor_read(void *ctx, unsigned index, struct hawser_reading *out)
{
    (void)ctx;
    return index < own->sensor_count ? own->sensors[index].read(out)
                                     : HAWSER_E_ABSENT;
}

static void system_status(void *ctx, struct hawser_system *out)
{
    (void)ctx;
    hwi_esp_system(out);
}

/* The task looks at it when the step is through. */
static int restart(void *ctx)
{
    (void)ctx;
    is_restart_wanted = true;
    return 0;
}

static void log_entry(void *ctx, const struct hawser_log *entry)
{
    (void)ctx;
    hwi_esp_log(entry);
}

const struct hawser_port *hwi_esp_port(const struct hawser_esp_config *config)
{
    static const struct hawser_port table = {
        .now_ms = now_ms,
        .wall_clock = wall_clock,
        .entropy = entropy,
        .link_status = link_status,
        .link_recover = link_recover,
        .resolve = resolve,
        .resolve_cancel = resolve_cancel,
        .udp_open = udp_open,
        .udp_send = udp_send,
        .udp_receive = udp_receive,
        .udp_close = udp_close,
        .stream_open = stream_open,
        .stream_status = stream_status,
        .stream_receive = stream_receive,
        .stream_send = stream_send,
        .stream_security = stream_security,
        .stream_preflight = stream_preflight,
        .stream_close = stream_close,
        .certificate_inspect = certificate_inspect,
        .sha256 = sha256,
        .key_create = key_create,
        .key_request = key_request,
        .key_matches = key_matches,
        .verify_signature = verify_signature,
        .flash_geometry = flash_geometry,
        .flash_read = flash_read,
        .flash_program = flash_program,
        .flash_erase = flash_erase,
        .sensor_read = sensor_read,
        .system_status = system_status,
        .restart = restart,
        .log = log_entry,
    };

    own = config;
    return &table;
}
