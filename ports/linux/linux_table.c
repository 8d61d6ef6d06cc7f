/* SPDX-License-Identifier: Apache-2.0 */
/*
 * struct hawser_port's functions, each handed to its facility: linux_parts.h.
 */
#include <string.h>

#include "ports/linux/clock.h"
#include "ports/linux/entropy.h"
#include "ports/linux/linux_parts.h"
#include "ports/linux/system.h"

static uint64_t now_ms(void *ctx)
{
    (void)ctx;
    return hwi_linux_now_ms();
}

static int wall_clock(void *ctx, struct hawser_wall_clock *out)
{
    (void)ctx;
    return hwi_linux_wall_clock(out);
}

static int entropy(void *ctx, uint8_t *out, size_t len)
{
    (void)ctx;
    return hwi_linux_entropy(out, len);
}

static void link_status(void *ctx, struct hawser_link_status *out)
{
    struct hawser_linux *port = ctx;

    hwi_linux_link_drive(&port->link);
    hwi_linux_link_status(&port->link, out);
    hwi_linux_wifi_explain(&port->wifi, out);
}

/* But for WiFi that is ours, to join again is the network service's affair; ours
 * is not to have missed that it did. */
static void link_recover(void *ctx, uint32_t attempt)
{
    struct hawser_linux *port = ctx;

    (void)attempt;
    hwi_linux_wifi_recover(&port->wifi);
    hwi_linux_link_resync(&port->link);
}

static int resolve(void *ctx, enum hawser_resolve_slot slot, const char *host,
                   struct hawser_address *out, size_t max)
{
    struct hawser_linux *port = ctx;

    if ((unsigned)slot >= HAWSER_RESOLVE_SLOTS) {
        return HAWSER_E_LINK;
    }
    return hwi_linux_lookup_poll(&port->lookups[slot], host,
                                 port->options.dns_servers, out, max);
}

static void resolve_cancel(void *ctx, enum hawser_resolve_slot slot)
{
    struct hawser_linux *port = ctx;

    if ((unsigned)slot < HAWSER_RESOLVE_SLOTS) {
        hwi_linux_lookup_cancel(&port->lookups[slot]);
    }
}

static int udp_open(void *ctx, unsigned slot, const struct hawser_address *to)
{
    struct hawser_linux *port = ctx;

    return slot < HAWSER_UDP_SLOTS ? hwi_linux_udp_open(&port->udp[slot], to)
                                   : HAWSER_E_LINK;
}

static int udp_send(void *ctx, unsigned slot, const uint8_t *bytes, size_t len)
{
    struct hawser_linux *port = ctx;

    return slot < HAWSER_UDP_SLOTS
               ? hwi_linux_udp_send(&port->udp[slot], bytes, len)
               : HAWSER_E_LINK;
}

static int udp_receive(void *ctx, unsigned slot, uint8_t *out, size_t size)
{
    struct hawser_linux *port = ctx;

    return slot < HAWSER_UDP_SLOTS
               ? hwi_linux_udp_receive(&port->udp[slot], out, size)
               : HAWSER_E_LINK;
}

static void udp_close(void *ctx, unsigned slot)
{
    struct hawser_linux *port = ctx;

    if (slot < HAWSER_UDP_SLOTS) {
        hwi_linux_udp_close(&port->udp[slot]);
    }
}

static int stream_open(void *ctx, const struct hawser_stream_target *target)
{
    struct hawser_linux *port = ctx;

    return hwi_linux_stream_open(&port->stream, target);
}

static void stream_status(void *ctx, struct hawser_stream_status *out)
{
    struct hawser_linux *port = ctx;

    hwi_linux_stream_status(&port->stream, out);
}

static int stream_receive(void *ctx, uint8_t *out, size_t size)
{
    struct hawser_linux *port = ctx;

    return hwi_linux_stream_receive(&port->stream, out, size);
}

static int stream_send(void *ctx, const uint8_t *bytes, size_t len)
{
    struct hawser_linux *port = ctx;

    return hwi_linux_stream_send(&port->stream, bytes, len);
}

static int stream_security(void *ctx, struct hawser_security *out)
{
    struct hawser_linux *port = ctx;

    return hwi_linux_stream_security(&port->stream, out);
}

static int stream_preflight(void *ctx, struct hawser_view anchors,
                            struct hawser_stream_status *out)
{
    struct hawser_linux *port = ctx;

    return hwi_linux_stream_preflight(&port->stream, anchors, out);
}

static void stream_close(void *ctx)
{
    struct hawser_linux *port = ctx;

    hwi_linux_stream_close(&port->stream);
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
    struct hawser_linux *port = ctx;

    hwi_linux_flash_geometry(&port->flash, region, out);
}

static int flash_read(void *ctx, enum hawser_region region, uint32_t offset,
                      uint8_t *out, size_t len)
{
    struct hawser_linux *port = ctx;

    return hwi_linux_flash_read(&port->flash, region, offset, out, len);
}

static int flash_program(void *ctx, enum hawser_region region, uint32_t offset,
                         const uint8_t *bytes, size_t len)
{
    struct hawser_linux *port = ctx;

    return hwi_linux_flash_program(&port->flash, region, offset, bytes, len);
}

static int flash_erase(void *ctx, enum hawser_region region, uint32_t sector)
{
    struct hawser_linux *port = ctx;

    return hwi_linux_flash_erase(&port->flash, region, sector);
}

static int sensor_read(void *ctx, unsigned index, struct hawser_reading *out)
{
    struct hawser_linux *port = ctx;

    return hwi_linux_sensors_read(&port->sensors, port->options.root, index,
                                  out);
}

static void system_status(void *ctx, struct hawser_system *out)
{
    struct hawser_linux *port = ctx;
    struct hawser_link_status link;

    memset(out, 0, sizeof *out);
    hwi_linux_link_status(&port->link, &link);
    out->has_rssi =
        hwi_linux_wifi_rssi(&port->wifi, &out->rssi_dbm) == 0 ||
        hwi_linux_rssi_read(port->options.root, link.name, &out->rssi_dbm) == 0;
    out->has_heap =
        hwi_linux_heap_read(port->options.root, &out->heap_bytes) == 0;
    out->uptime_s = (hwi_linux_now_ms() - port->start_ms) / 1000;
    out->reset_reason = port->reset_reason;
}

/* Whoever runs the port looks at the flag and does it. */
static int restart(void *ctx)
{
    struct hawser_linux *port = ctx;

    port->is_restart_wanted = true;
    return 0;
}

static void log_entry(void *ctx, const struct hawser_log *entry)
{
    struct hawser_linux *port = ctx;

    port->log(port->log_ctx, entry);
}

void hwi_linux_table_fill(struct hawser_linux *port)
{
    port->port = (struct hawser_port){
        .ctx = port,
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
}
