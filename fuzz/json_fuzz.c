/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzzes the reading of JSON. In an object that was found good every getter
 * answers something sensible: texts are UTF-8 without U+0000, what is inside is
 * good, too, and what is read again is the same.
 */
#include <string.h>

#include "device/json_read.h"
#include "fuzz.h"
#include "wire/utf8.h"

static void get_all(struct hawser_view object, const char *key)
{
    uint8_t out[64];
    struct hawser_view inner = {NULL, 0};
    uint64_t number = 0;
    size_t len = 0;
    bool truth = false;
    int text = hwi_json_get_text(object, key,
                                 (struct hawser_span){out, sizeof(out)}, &len);
    int is_there = hwi_json_get_raw(object, key, &inner);

    if (text == 0) {
        must(len <= sizeof(out) && memchr(out, 0, len) == NULL);
        must(hwi_utf8_is_valid((struct hawser_view){out, len}));
        must(is_there == 0 && inner.at[0] == '"');
    }
    if (hwi_json_get_uint(object, key, &number) == 0) {
        must(is_there == 0 && number < UINT64_C(1000000000000000000));
    }
    if (hwi_json_get_bool(object, key, &truth) == 0) {
        must(is_there == 0 && inner.at[0] == (truth ? 't' : 'f'));
    }
    if (hwi_json_get_object(object, key, &inner) == 0) {
        must(inner.at[0] == '{' && inner.at[inner.len - 1] == '}');
        must(hwi_json_check(inner) == 0);
        must(hwi_json_count(inner) < inner.len);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const keys[] = {"a", "id", "command", "args", ""};
    struct hawser_view object = {data, size};
    int err = hwi_json_check(object);

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (err == 0) {
            get_all(object, keys[i]);
        } else {
            uint64_t number = 0;
            (void)(hwi_json_get_uint(object, keys[i], &number) == 0);
        }
    }
    return 0;
}
