/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzzes the property table: what reads as a list of properties is written back
 * to the same bytes and is valid, within the limits of who may send what.
 */
#include <string.h>

#include "fuzz.h"
#include "wire/property.h"
#include "wire/reason.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t bytes[4096];
    struct hwi_writer w =
        hwi_writer_of((struct hawser_span){bytes, sizeof bytes});
    struct hwi_reader r;
    struct hawser_view rest;
    struct hawser_view all;
    struct hawser_property p;

    if (size < 1 || size > sizeof bytes) {
        return 0;
    }
    r = hwi_reader_of((struct hawser_view){data + 1, size - 1});
    all = hwi_read_properties(&r, (enum hwi_packet_type)(data[0] & 15));
    if (r.fault != HWI_OK) {
        must(all.at == NULL && all.len == 0 && r.left == 0);
        return 0;
    }
    rest = all;
    while (hawser_property_next(&rest, &p)) {
        struct hwi_property_set seen = {{0, 0}};
        struct hawser_property found;
        enum hwi_packet_type type = (enum hwi_packet_type)(data[0] & 15);

        hwi_write_property(&w, &p);
        must(hwi_property_check(&p, &seen, type, HWI_SERVER) == HWI_OK);
        must(hwi_property_find(all, p.id, &found) && found.id == p.id);
    }
    must(rest.len == 0 && !w.is_bad && hwi_written(&w) == all.len);
    must(all.len == 0 || memcmp(bytes, all.at, all.len) == 0);
    return 0;
}
