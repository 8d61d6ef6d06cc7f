/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzzes commands: whatever comes to the control topic is answered or counted,
 * and what has taken effect under an id takes no effect under it again. Twice
 * the same bytes, to a device without and with a command key.
 */
#include <string.h>

#include "chip.h"
#include "device/control.h"
#include "device/json_read.h"
#include "device/ledger.h"
#include "device/reply.h"
#include "fuzz.h"

static const char *const sides[] = {"left", "right"};
static const struct hawser_arg args[] = {
    {.name = "n", .kind = HAWSER_ARG_INTEGER, .min = -5, .max = 100},
    {.name = "r",
     .kind = HAWSER_ARG_NUMBER,
     .is_optional = true,
     .min = 0,
     .max = 1},
    {.name = "t", .kind = HAWSER_ARG_TEXT, .is_optional = true, .max = 40},
    {.name = "b", .kind = HAWSER_ARG_BOOL, .is_optional = true},
    {.name = "s",
     .kind = HAWSER_ARG_CHOICE,
     .is_optional = true,
     .choices = sides,
     .choice_count = 2},
};
static const struct hawser_command table[] = {
    {.name = "gate", .args = args, .arg_count = 5}};

static void log_nothing(void *ctx, const struct hawser_log *entry)
{
    (void)ctx;
    must(entry->field_count < 16);
}

static int refuse(void *ctx, const struct hawser_signature *signature)
{
    (void)ctx;
    must(signature->value.len <= 72);
    return HAWSER_E_ARG;
}

static int no_clock(void *ctx, struct hawser_wall_clock *out)
{
    (void)ctx;
    (void)out;
    return HAWSER_E_ABSENT;
}

static int no_entropy(void *ctx, uint8_t *out, size_t len)
{
    (void)ctx;
    (void)out;
    (void)len;
    return HAWSER_E_WAIT;
}

static bool has_id(const struct hawser_device *d, uint32_t seq)
{
    uint8_t room[HWI_LEDGER_RECORD_MAX];
    struct hwi_ledger_item item;

    must(hwi_ledger_read(&d->ledger, seq,
                         (struct hawser_span){room, sizeof(room)}, &item) == 0);
    return item.texts[HWI_LEDGER_ID].len > 0;
}

/* The application: arguments are as its table says. */
static void serve(struct hawser_device *d)
{
    struct hawser_call call;

    while (hawser_device_next_call(d, &call)) {
        const struct hawser_answer answer = {.outcome = HAWSER_SUCCEEDED};
        must(call.args[0].integer >= -5 && call.args[0].integer <= 100);
        must(call.args[2].text.len <= 40);
        must(call.args[4].choice < 2);
        must(hawser_device_answer(d, call.token, &answer) == 0);
    }
}

static void take_twice(struct hawser_device *d, const uint8_t *data,
                       size_t size)
{
    const struct hawser_event ev = {.kind = HAWSER_EVENT_MESSAGE,
                                    .payload = {data, size}};
    uint32_t seq;

    hwi_control_take(d, &ev);
    must(d->replies.count <= 1);
    serve(d);
    seq = d->ledger.seq;
    d->replies.count = 0;
    hwi_control_take(d, &ev);
    serve(d);
    must(seq == 0 || !has_id(d, seq) || d->ledger.seq == seq);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct chip chip;
    static struct hawser_device d;
    static const uint8_t point[HAWSER_POINT_SIZE] = {4};
    struct hawser_port port = chip_port(&chip);
    struct hawser_device_config config = {
        .id = "d1", .firmware = "1", .commands = table, .command_count = 1};

    port.log = log_nothing;
    port.verify_signature = refuse;
    port.wall_clock = no_clock;
    port.entropy = no_entropy;
    for (unsigned i = 0; i < 2; i++) {
        chip_init(&chip, (struct hawser_flash_geometry){1024, 4, 4});
        memset(&d, 0, sizeof(d));
        d.cfg = &config;
        d.port = &port;
        d.now_ms = 1000;
        must(hwi_ledger_load(&d.ledger, &port) == 0);
        hwi_replies_init(&d);
        take_twice(&d, data, size);
        must(i == 0 || d.ledger.seq == 0); /* nothing was signed */
        config.command_key = (struct hawser_view){point, sizeof(point)};
    }
    return 0;
}
