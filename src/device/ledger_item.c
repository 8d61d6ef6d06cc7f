/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records of the ledger. An item, little-endian:
 *
 *   0 seq u32   4 boot u32   8 status u8   9 flags u8
 *  10 the lengths of seven texts, u16   24 the texts
 *
 * Tested by ledger_test.c.
 */
#include "device/ledger_parts.h"

#include "device/bytes.h"
#include "device/reply.h"
#include "wire/memory.h"

#define AT_STATUS  8u
#define AT_FLAGS   9u
#define AT_LENGTHS 10u
#define HEAD       24u
#define FLAG_TOLD  0x01u

_Static_assert(HEAD == AT_LENGTHS + 2 * HWI_LEDGER_TEXTS, "lengths, texts");

static const uint16_t text_max[HWI_LEDGER_TEXTS] = {
    [HWI_LEDGER_ID] = HWI_COMMAND_ID_MAX,
    [HWI_LEDGER_COMMAND] = HWI_COMMAND_MAX,
    [HWI_LEDGER_RESPONSE] = HWI_RESPONSE_MAX,
    [HWI_LEDGER_CORRELATION] = HWI_CORRELATION_MAX,
    [HWI_LEDGER_CODE] = HWI_CODE_MAX,
    [HWI_LEDGER_MESSAGE] = HWI_MESSAGE_MAX,
    [HWI_LEDGER_RESULT] = HWI_RESULT_MAX,
};

uint32_t hwi_ledger_decode(struct hwi_ledger_item *item, const uint8_t *in,
                           uint32_t len)
{
    uint32_t at = HEAD;

    if (len < HEAD) {
        return 0;
    }
    item->boot = hwi_get_u32(in + 4);
    item->status = in[AT_STATUS];
    if (item->status > HWI_REPLY_DUPLICATE) {
        return 0;
    }
    for (unsigned i = 0; i < HWI_LEDGER_TEXTS; i++) {
        uint16_t text_len = hwi_get_u16(in + AT_LENGTHS + 2 * i);
        if (text_len > text_max[i] || text_len > len - at) {
            return 0;
        }
        item->texts[i] = (struct hawser_view){in + at, text_len};
        at += text_len;
    }
    return at == len ? hwi_get_u32(in) : 0;
}

/* What of a text is kept. Half a result is none; a cut character is '?' when
 * it is written as JSON. */
static uint16_t kept(unsigned i, size_t len)
{
    if (len <= text_max[i]) {
        return (uint16_t)len;
    }
    return i == HWI_LEDGER_RESULT ? 0 : text_max[i];
}

uint16_t hwi_ledger_encode(uint32_t seq, const struct hwi_ledger_item *item,
                           uint8_t *out, uint32_t max)
{
    uint32_t at = HEAD;

    hwi_put_u32(out, seq);
    hwi_put_u32(out + 4, item->boot);
    out[AT_STATUS] = item->status;
    out[AT_FLAGS] = 0;
    for (unsigned i = 0; i < HWI_LEDGER_TEXTS; i++) {
        uint16_t len = kept(i, item->texts[i].len);
        if (len > max - at) {
            len = 0;
        }
        hwi_put_u16(out + AT_LENGTHS + 2 * i, len);
        if (len > 0) {
            memcpy(out + at, item->texts[i].at, len);
        }
        at += len;
    }
    return (uint16_t)at;
}

void hwi_ledger_mark_told(uint8_t *record, bool is_told)
{
    record[AT_FLAGS] = is_told ? FLAG_TOLD : 0;
}

bool hwi_ledger_is_told(const uint8_t *record)
{
    return (record[AT_FLAGS] & FLAG_TOLD) != 0;
}
