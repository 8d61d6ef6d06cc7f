/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reports. Fingerprints and names are no secrets; keys never appear.
 */
#include "device/update_report.h"

#include "device/base64.h"
#include "device/certificate_file.h"
#include "device/trial.h"
#include "wire/memory.h"

#define CSR_TEXT_MAX ((HAWSER_REQUEST_MAX + 2) / 3 * 4)

void hwi_report_use(const struct hawser_device *d, struct hwi_json *j)
{
    const struct hwi_vault_state *s = &d->credentials.vault.state;

    hwi_json_word(j, "in_use",
                  hwi_role_word((enum hwi_role)d->credentials.role));
    hwi_json_uint(j, "generation",
                  s->active == HWI_SLOT_FACTORY ? 0 : s->generations[0]);
}

/* One digit a part: 1 it is there, 0 it is not. */
static void write_parts(const struct hwi_update *u, struct hwi_json *j)
{
    uint8_t digits[32];
    size_t count = 0;

    for (size_t at = 0; at < u->size; at += u->part_len) {
        digits[count] = (u->have >> count & 1) != 0 ? '1' : '0';
        count++;
    }
    hwi_json_text(j, "have", (struct hawser_view){digits, count});
    hwi_json_uint(j, "part", u->part_len);
}

void hwi_report_update(const struct hawser_device *d, struct hwi_json *j)
{
    const struct hwi_vault_state *s = &d->credentials.vault.state;

    if (s->pending != HWI_SLOT_NONE) {
        hwi_json_word(j, "stage", s->is_switch ? "switch" : "trial");
        hwi_json_uint(j, "request", s->generation);
        hwi_json_uint(j, "tries", s->tries);
    } else if (d->update.id_len > 0 && d->now_ms < d->update.due_ms) {
        hwi_json_word(j, "stage", "receiving");
        hwi_json_uint(j, "request", d->update.generation);
        write_parts(&d->update, j);
    } else {
        hwi_json_word(j, "stage", "done");
        hwi_json_uint(j, "request", s->generation);
        hwi_json_word(j, "outcome",
                      hwi_outcome_word((enum hwi_outcome)s->outcome));
        hwi_json_word(j, "cause",
                      hawser_cause_word((enum hawser_cause)s->cause));
    }
    hwi_report_use(d, j);
}

static void write_certificates(const struct hawser_device *d,
                               struct hwi_json *j, const char *key,
                               struct hawser_view list)
{
    struct hawser_view der;

    hwi_json_open(j, key, '[');
    while (hwi_certificates_next(&list, &der)) {
        struct hawser_certificate c;
        if (d->port->certificate_inspect(d->port->ctx, der, &c) != 0) {
            continue;
        }
        hwi_json_open(j, NULL, '{');
        hwi_json_word(j, "subject", c.subject);
        hwi_json_word(j, "fingerprint", c.fingerprint);
        hwi_json_uint(j, "not_after", c.not_after_s);
        hwi_json_close(j, '}');
    }
    hwi_json_close(j, ']');
}

/* The device's own, without those above it. */
static void write_own(const struct hawser_device *d, struct hwi_json *j,
                      struct hawser_view chain)
{
    struct hawser_view own;

    if (hwi_certificates_next(&chain, &own)) {
        write_certificates(d, j, "own", own);
    }
}

/* Reads a file of the configuration into the room, as far as it fits. */
static struct hawser_view read_factory(const struct hawser_device *d,
                                       struct hawser_view file)
{
    struct hawser_span room = hwi_credentials_room(d);
    size_t len = 0;

    if (hwi_certificates_read(file, room, &len) != HWI_FILE_GOOD) {
        len = 0;
    }
    return (struct hawser_view){room.at, len};
}

void hwi_report_credentials(struct hawser_device *d, struct hwi_json *j)
{
    const uint8_t *at = hwi_credentials_room(d).at + HWI_SET_HEAD;
    const struct hawser_credentials *factory = &d->cfg->credentials;
    struct hwi_set set = {.generation = 0};

    hwi_report_update(d, j);
    if (hwi_credentials_read(d, &set) == 0) {
        write_certificates(d, j, "anchors",
                           (struct hawser_view){at, set.anchors_len});
        write_own(d, j,
                  (struct hawser_view){at + set.anchors_len, set.chain_len});
    } else {
        write_certificates(d, j, "anchors", read_factory(d, factory->ca));
    }
    if (set.key_len == 0 && factory->chain.at != NULL) {
        write_own(d, j, read_factory(d, factory->chain));
    }
    hwi_credentials_let_go(d);
}

void hwi_report_csr(const struct hawser_device *d, struct hwi_json *j)
{
    const struct hwi_vault_state *s = &d->credentials.vault.state;
    uint8_t request[HAWSER_REQUEST_MAX];
    uint8_t text[CSR_TEXT_MAX];
    size_t len = 0;

    if (s->key_len == 0 ||
        d->port->key_request(
            d->port->ctx, (struct hawser_view){s->key, s->key_len}, d->cfg->id,
            (struct hawser_span){request, sizeof(request)}, &len) != 0 ||
        hwi_base64_encode((struct hawser_view){request, len},
                          (struct hawser_span){text, sizeof(text)},
                          &len) != 0) {
        return;
    }
    hwi_json_text(j, "csr", (struct hawser_view){text, len});
}
