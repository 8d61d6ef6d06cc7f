/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzzes replies of time servers. Whoever does not know the nonce sets no clock,
 * and a time that is taken is one that a server may tell.
 */
#include <string.h>

#include "device/sntp.h"
#include "fuzz.h"

#define NONCE_AT 24u /* origin: RFC 5905, figure 8 */
#define TAKEN_MS 5000u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t nonce[HWI_SNTP_NONCE_LEN] = {1, 2, 3, 4, 5, 6, 7, 8};
    const struct hwi_sntp_exchange x = {.nonce = nonce,
                                        .sent_ms = 1000,
                                        .received_ms = 1000 + TAKEN_MS % 1000,
                                        .floor_s = 1750000000};
    uint8_t reply[64];
    uint64_t unix_ms = 0;

    if (size > sizeof(reply)) {
        return 0;
    }
    memcpy(reply, data, size);
    if (hwi_sntp_reply((struct hawser_view){reply, size}, &x, &unix_ms) ==
        HWI_SNTP_OK) {
        must(size >= HWI_SNTP_LEN);
        must(memcmp(reply + NONCE_AT, nonce, sizeof(nonce)) == 0);
    }
    /* The same from somebody who saw the request. */
    if (size >= HWI_SNTP_LEN) {
        memcpy(reply + NONCE_AT, nonce, sizeof(nonce));
        if (hwi_sntp_reply((struct hawser_view){reply, size}, &x, &unix_ms) ==
            HWI_SNTP_OK) {
            must((reply[0] & 7) == 4);             /* mode: server */
            must(reply[0] >> 6 != 3);              /* its clock is set */
            must(reply[1] >= 1 && reply[1] <= 15); /* stratum */
            must(unix_ms / 1000 >= x.floor_s - 1);
        }
    }
    return 0;
}
