/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzzes what wpa_supplicant says: any text as an event and as each answer that
 * is asked for.
 */
#include <string.h>

#include "fuzz.h"
#include "ports/linux/wpa.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1); /* so that a read behind it is seen */
    uint32_t ids[HWI_LINUX_WPA_LIST_MAX];
    int32_t number = 0;

    must(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    if (hwi_linux_wpa_event(text) != HWI_LINUX_WPA_ANSWER) {
        must(text[0] == '<');
    }
    if (hwi_linux_wpa_number(text, "RSSI", &number)) {
        must(strstr(text, "RSSI=") != NULL);
    }
    if (hwi_linux_wpa_says(text, "wpa_state", "COMPLETED")) {
        must(strstr(text, "wpa_state=COMPLETED") != NULL);
    }
    must(hwi_linux_wpa_list(text, ids, HWI_LINUX_WPA_LIST_MAX) <=
         HWI_LINUX_WPA_LIST_MAX);
    free(text);
    return 0;
}
