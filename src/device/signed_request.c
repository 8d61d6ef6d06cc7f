/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The signed form of a command. Fields end with LF and no text may hold one, so
 * no two commands have the same form.
 */
#include "device/signed_request.h"

#include "device/base64.h"
#include "device/json_read.h"
#include "device/json_write.h"
#include "wire/memory.h"

#define SIGNATURE_MAX 72                            /* bytes of DER */
#define BASE64_MAX    ((SIGNATURE_MAX + 2) / 3 * 4) /* characters of that */
#define DIGITS_MAX    20

struct form {
    struct hawser_span room;
    size_t len;
    int err; /* the first one */
};

static void fail(struct form *f, int err)
{
    f->err = f->err == 0 ? err : f->err;
}

static void put(struct form *f, struct hawser_view v)
{
    if (v.len > f->room.size - f->len) {
        fail(f, HAWSER_E_LIMIT);
        return;
    }
    if (v.len > 0) {
        memcpy(f->room.at + f->len, v.at, v.len);
    }
    f->len += v.len;
}

static void put_line(struct form *f, struct hawser_view v)
{
    for (size_t i = 0; i < v.len; i++) {
        if (v.at[i] < 0x20 || v.at[i] == 0x7F) {
            fail(f, HAWSER_E_ARG);
        }
    }
    put(f, v);
    put(f, hwi_view("\n"));
}

static void put_text(struct form *f, struct hawser_view payload,
                     const char *key)
{
    uint8_t text[HWI_COMMAND_ID_MAX];
    size_t len = 0;
    int err = hwi_json_get_text(payload, key,
                                (struct hawser_span){text, sizeof(text)}, &len);

    if (err == HAWSER_E_ARG) {
        fail(f, err);
    }
    put_line(f, (struct hawser_view){text, len});
}

static void put_number(struct form *f, struct hawser_view payload,
                       const char *key)
{
    uint8_t digits[DIGITS_MAX];
    size_t at = sizeof(digits);
    uint64_t value = 0;
    int err = hwi_json_get_uint(payload, key, &value);

    if (err == HAWSER_E_ARG) {
        fail(f, err);
    }
    while (err == 0 && (value > 0 || at == sizeof(digits))) {
        digits[--at] = (uint8_t)('0' + value % 10);
        value /= 10;
    }
    put_line(f, (struct hawser_view){digits + at, sizeof(digits) - at});
}

int hwi_signed_request_bytes(const struct hwi_signed_request *r,
                             struct hawser_view *bytes)
{
    struct form f = {.room = r->room};
    struct hawser_view args = {NULL, 0};

    if (hwi_json_get_object(r->payload, "args", &args) == HAWSER_E_ARG) {
        return HAWSER_E_ARG;
    }
    put_line(&f, r->device);
    put_text(&f, r->payload, "command");
    put_text(&f, r->payload, "id");
    put_number(&f, r->payload, "expires");
    put_number(&f, r->payload, "if_boot");
    put(&f, args);
    *bytes = (struct hawser_view){r->room.at, f.len};
    return f.err;
}

int hwi_signed_request_verify(const struct hawser_port *port,
                              const struct hwi_signed_request *r)
{
    uint8_t text[BASE64_MAX];
    uint8_t value[SIGNATURE_MAX];
    struct hawser_signature s = {.key = r->key, .value = {value, 0}};
    size_t len = 0;
    int err =
        hwi_json_get_text(r->payload, r->member == NULL ? "sig" : r->member,
                          (struct hawser_span){text, sizeof(text)}, &len);

    if (err == 0) {
        err = hwi_base64_decode((struct hawser_view){text, len}, false,
                                (struct hawser_span){value, sizeof(value)},
                                &s.value.len);
    }
    if (err == HAWSER_E_FULL) {
        err = HAWSER_E_ARG; /* longer than any signature */
    }
    if (err == 0) {
        err = hwi_signed_request_bytes(r, &s.bytes);
    }
    return err != 0 ? err : port->verify_signature(port->ctx, &s);
}
