/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The SNTP packet.
 *
 *   0 LI VN mode  1 stratum  2 poll  3 precision  4 root delay
 *   8 root dispersion  12 reference id  16 reference time
 *  24 origin time  32 receive time  40 transmit time
 *
 * Times are seconds since 1900 modulo 2^32 and a fraction of 32 bits.
 * [RFC 5905 7.3]
 */
#include "device/sntp.h"

#include "wire/memory.h"

#define AT_STRATUM   1
#define AT_REFERENCE 12
#define AT_ORIGIN    24
#define AT_RECEIVE   32
#define AT_TRANSMIT  40

#define VERSION     4u
#define MODE_CLIENT 3u
#define MODE_SERVER 4u
#define LEAP_ALARM  3u
#define STRATUM_MAX 15u

#define EPOCH_1970 UINT32_C(2208988800) /* seconds from 1900 to 1970 */
#define RTT_MAX_MS 2000u

void hwi_sntp_request(uint8_t out[HWI_SNTP_LEN],
                      const uint8_t nonce[HWI_SNTP_NONCE_LEN])
{
    memset(out, 0, HWI_SNTP_LEN);
    out[0] = VERSION << 3 | MODE_CLIENT;
    memcpy(out + AT_TRANSMIT, nonce, HWI_SNTP_NONCE_LEN);
}

static uint32_t read_u32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
           (uint32_t)at[2] << 8 | at[3];
}

/*
 * The Unix milliseconds of an NTP timestamp: of all the moments 2^32 s apart
 * that it may mean, the first not before the floor. So 2036 brings no change.
 * RFC4330 3: the era has to come from elsewhere.
 */
static uint64_t unix_ms_of(const uint8_t *at, uint64_t floor_s)
{
    uint32_t unix_s = read_u32(at) - EPOCH_1970;
    uint64_t seconds = floor_s + (uint32_t)(unix_s - (uint32_t)floor_s);

    return seconds * 1000 + ((uint64_t)read_u32(at + 4) * 1000 >> 32);
}

static enum hwi_sntp_answer read_kiss(const uint8_t *p)
{
    /* RFC5905 7.4: RATE slows a client down, DENY and RSTR send it away. */
    if (memcmp(p + AT_REFERENCE, "RATE", 4) == 0) {
        return HWI_SNTP_KISS_RATE;
    }
    if (memcmp(p + AT_REFERENCE, "DENY", 4) == 0 ||
        memcmp(p + AT_REFERENCE, "RSTR", 4) == 0) {
        return HWI_SNTP_KISS_DENY;
    }
    return HWI_SNTP_UNUSABLE;
}

enum hwi_sntp_answer hwi_sntp_reply(struct hawser_view reply,
                                    const struct hwi_sntp_exchange *x,
                                    uint64_t *unix_ms)
{
    static const uint8_t zero[8] = {0};
    const uint8_t *p = reply.at;
    uint64_t received;
    uint64_t transmitted;
    uint64_t rtt_ms = x->received_ms - x->sent_ms;

    /* RFC5905 8: what does not carry our origin is not the answer to us, a
     * kiss-o'-death included. */
    if (reply.len < HWI_SNTP_LEN ||
        memcmp(p + AT_ORIGIN, x->nonce, HWI_SNTP_NONCE_LEN) != 0 ||
        (p[0] & 0x07u) != MODE_SERVER || (p[0] >> 3 & 0x07u) == 0) {
        return HWI_SNTP_IGNORED;
    }
    if (p[AT_STRATUM] == 0) {
        return read_kiss(p);
    }
    /* RFC4330 5: a server that is not synchronised, or gives no time. */
    if (p[0] >> 6 == LEAP_ALARM || p[AT_STRATUM] > STRATUM_MAX ||
        memcmp(p + AT_TRANSMIT, zero, sizeof(zero)) == 0 ||
        rtt_ms >= RTT_MAX_MS) {
        return HWI_SNTP_UNUSABLE;
    }
    received = unix_ms_of(p + AT_RECEIVE, x->floor_s);
    transmitted = unix_ms_of(p + AT_TRANSMIT, x->floor_s);
    /* The server cannot have kept it longer than we waited; 1 ms for
     * rounding. */
    if (transmitted < received || transmitted - received > rtt_ms + 1) {
        return HWI_SNTP_UNUSABLE;
    }
    if (transmitted - received < rtt_ms) {
        transmitted += (rtt_ms - (transmitted - received)) / 2;
    }
    *unix_ms = transmitted;
    return HWI_SNTP_OK;
}
