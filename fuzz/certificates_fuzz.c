/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzzes files of certificates and base64: what comes out lies within its
 * bounds, is a list of whole DER values, and read again is the same.
 */
#include <string.h>

#include "device/base64.h"
#include "device/certificate_file.h"
#include "fuzz.h"

#define ROOM 4096u

static void walk(struct hawser_view list)
{
    struct hawser_view one;
    size_t left = list.len;

    while (hwi_certificates_next(&list, &one)) {
        must(one.len >= 2 && one.len <= left);
        left -= one.len;
    }
    must(left == 0); /* nothing but whole ones */
}

static void encode_again(const uint8_t *data, size_t size)
{
    static uint8_t bytes[ROOM];
    static uint8_t text[ROOM * 2];
    size_t len = 0;
    size_t text_len = 0;

    if (hwi_base64_decode((struct hawser_view){data, size}, false,
                          (struct hawser_span){bytes, sizeof(bytes)},
                          &len) != 0) {
        return;
    }
    must(hwi_base64_encode((struct hawser_view){bytes, len},
                           (struct hawser_span){text, sizeof(text)},
                           &text_len) == 0);
    must(text_len == size && memcmp(text, data, size) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t room[ROOM];
    static uint8_t copy[ROOM];
    struct hawser_span out = {room, sizeof(room)};
    struct hawser_view file = {room, size};
    size_t len = 0;
    size_t again = 0;

    if (size > ROOM) {
        return 0;
    }
    encode_again(data, size);
    memcpy(room, data, size); /* in place, as updates are read */
    if (hwi_certificates_read(file, out, &len) != HWI_FILE_GOOD) {
        return 0;
    }
    must(len <= size);
    walk((struct hawser_view){room, len});
    must(hwi_certificates_read((struct hawser_view){room, len},
                               (struct hawser_span){copy, sizeof(copy)},
                               &again) == HWI_FILE_GOOD);
    must(again == len && memcmp(room, copy, len) == 0);
    return 0;
}
