/* SPDX-License-Identifier: Apache-2.0 */
/*
 * struct hawser_port's functions, each handed to its facility. The context is
 * not needed: there is one machine.
 */
#include <string.h>

#include "ports/rv32/clock.h"
#include "ports/rv32/entropy.h"
#include "ports/rv32/flash.h"
#include "ports/rv32/heap.h"
#include "ports/rv32/link.h"
#include "ports/rv32/log.h"
#include "ports/rv32/reset.h"
#include "ports/rv32/resolve.h"
#include "ports/rv32/rv32_parts.h"
#include "ports/rv32/stream.h"
#include "ports/rv32/udp.h"
#include "ports/shared/simulated.h"
#include "tls/tls.h"

static uint64_t now_ms(void *ctx)
{
    (void)ctx;
    return hwi_rv32_now_ms();
}

/* Battery-backed, and set where the device was made. */
static int wall_clock(void *ctx, struct hawser_wall_clock *out)
{
    (void)ctx;
    out->unix_ms = hwi_rv32_wall_ms();
    out->is_synchronised = true;
    return 0;
}

static int entropy(void *ctx, uint8_t *out, size_t len)
{
    (void)ctx;
    return hwi_rv32_entropy(out, len);
}

static void link_status(void *ctx, struct hawser_link_status *out)
{
    (void)ctx;
    hwi_rv32_link_status(out);
}

static void link_recover(void *ctx, uint32_t attempt)
{
    (void)ctx;
    (void)attempt;
    hwi_rv32_link_recover();
}

static int resolve(void *ctx, enum hawser_resolve_slot slot, const char *host,
                   struct hawser_address *out, size_t max)
{
    (void)ctx;
    return hwi_rv32_resolve(slot, host, out, max);
}

static void resolve_cancel(void *ctx, enum hawser_resolve_slot slot)
{
    (void)ctx;
    hwi_rv32_resolve_cancel(slot);
}

static int udp_open(void *ctx, unsigned slot, const struct hawser_address *to)
{
    (void)ctx;
    return hwi_rv32_udp_open(slot, to);
}

static int udp_send(void *ctx, unsigned slot, const uint8_t *bytes, size_t len)
{
    (void)ctx;
    return hwi_rv32_udp_send(slot, bytes, len);
}

static int udp_receive(void *ctx, unsigned slot, uint8_t *out, size_t size)
{
    (void)ctx;
    return hwi_rv32_udp_receive(slot, out, size);
}

static void udp_close(void *ctx, unsigned slot)
{
    (void)ctx;
    hwi_rv32_udp_close(slot);
}

static int stream_open(void *ctx, const struct hawser_stream_target *target)
{
    (void)ctx;
    return hwi_rv32_stream_open(target);
}

static void stream_status(void *ctx, struct hawser_stream_status *out)
{
    (void)ctx;
    hwi_rv32_stream_status(out);
}

static int stream_receive(void *ctx, uint8_t *out, size_t size)
{
    (void)ctx;
    return hwi_rv32_stream_receive(out, size);
}

static int stream_send(void *ctx, const uint8_t *bytes, size_t len)
{
    (void)ctx;
    return hwi_rv32_stream_send(bytes, len);
}

static int stream_security(void *ctx, struct hawser_security *out)
{
    (void)ctx;
    return hwi_rv32_stream_security(out);
}

static int stream_preflight(void *ctx, struct hawser_view anchors,
                            struct hawser_stream_status *out)
{
    (void)ctx;
    return hwi_rv32_stream_preflight(anchors, out);
}

static void stream_close(void *ctx)
{
    (void)ctx;
    hwi_rv32_stream_close();
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
    hwi_rv32_flash_geometry(region, out);
}

static int flash_read(void *ctx, enum hawser_region region, uint32_t offset,
                      uint8_t *out, size_t len)
{
    (void)ctx;
    return hwi_rv32_flash_read(region, offset, out, len);
}

static int flash_program(void *ctx, enum hawser_region region, uint32_t offset,
                         const uint8_t *bytes, size_t len)
{
    (void)ctx;
    return hwi_rv32_flash_program(region, offset, bytes, len);
}

static int flash_erase(void *ctx, enum hawser_region region, uint32_t sector)
{
    (void)ctx;
    return hwi_rv32_flash_erase(region, sector);
}

static int sensor_read(void *ctx, unsigned index, struct hawser_reading *out)
{
    const struct hawser_rv32_config *config = hwi_rv32.config;

    (void)ctx;
    if (index >= config->sensor_count) {
        return HAWSER_E_ABSENT;
    }
    out->simulated = true;
    out->value =
        hwi_simulated_value(config->sensors[index].min,
                            config->sensors[index].max, hwi_rv32_now_ms());
    return 0;
}

static void system_status(void *ctx, struct hawser_system *out)
{
    (void)ctx;
    memset(out, 0, sizeof *out);
    out->has_heap = true;
    out->heap_bytes = hwi_rv32_heap_free();
    out->uptime_s = (hwi_rv32_now_ms() - hwi_rv32.start_ms) / 1000;
    out->reset_reason = hwi_rv32_reset_reason();
}

/* What lwIP still has to send leaves while the program goes on; the program asks
 * hawser_rv32_wait(), which resets. */
static int restart(void *ctx)
{
    (void)ctx;
    hwi_rv32.is_restart_wanted = true;
    return 0;
}

static void log_entry(void *ctx, const struct hawser_log *entry)
{
    (void)ctx;
    hwi_rv32_log(entry);
}

const struct hawser_port *
hawser_rv32_port(const struct hawser_rv32_config *config)
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

    hwi_rv32.config = config;
    hwi_rv32_link_name_server(&config->name_server);
    return &table;
}
