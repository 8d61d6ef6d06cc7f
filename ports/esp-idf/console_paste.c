/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "set ca": a certificate in PEM, pasted, to its END line; as DER into NVS, where
 * it takes less. A further one right behind it is added, if both are anchors that
 * TLS takes. It is not echoed: it might be a key, by mistake.
 */
#include <string.h>

#include "device/certificate_file.h"
#include "ports/esp-idf/console_parts.h"
#include "ports/esp-idf/stored.h"
#include "ports/esp-idf/wipe.h"

#define END_LINE "-----END "

void hwi_esp_console_paste_drop(struct hwi_esp_console *c)
{
    hwi_esp_wipe(&c->paste, sizeof c->paste);
}

void hwi_esp_console_paste_begin(struct hwi_esp_console *c, bool is_asked)
{
    if (is_asked) {
        hwi_esp_console_paste_drop(c);
        c->paste.is_asked = true;
        c->port->say("Paste the CA's certificate (PEM), to its END line. It is "
                     "not shown. Ctrl-C leaves.\n");
    }
    c->mode = HWI_ESP_CONSOLE_PASTE;
    c->paste.len = c->paste.kept;
    c->paste.why =
        c->paste.is_asked ? NULL : "a certificate is pasted after \"set ca\"";
}

/* Adds the line, or notes why all of it is of no use. */
static void add_line(struct hwi_esp_console *c)
{
    const struct hwi_esp_line *line = &c->line;
    size_t room = HWI_ESP_PASTE_SIZE - c->paste.len;

    if (line->is_bad || line->is_long) {
        c->paste.why = "a line is no text, or too long";
    } else if (line->len + 1 > room) {
        c->paste.why = "it is longer than 4096 bytes";
    }
    if (c->paste.why == NULL) {
        memcpy(c->paste.bytes + c->paste.len, line->text, line->len);
        c->paste.len += line->len;
        c->paste.bytes[c->paste.len++] = '\n';
    }
}

/* The text behind what is kept becomes DER in its place. */
static const char *decode(struct hwi_esp_console *c, size_t *len)
{
    uint8_t *at = c->paste.bytes + c->paste.kept;
    size_t text_len = c->paste.len - c->paste.kept;

    switch (hwi_certificates_read((struct hawser_view){at, text_len},
                                  (struct hawser_span){at, text_len}, len)) {
    case HWI_FILE_GOOD:
        return NULL;
    case HWI_FILE_KEY:
        return "that is a private key, which has to stay where it was made. "
               "It was wiped here; paste the CA's certificate";
    case HWI_FILE_EMPTY:
    case HWI_FILE_BROKEN:
    case HWI_FILE_LARGE:
        break;
    }
    return "it is no whole certificate in PEM";
}

static void store(struct hwi_esp_console *c, size_t len)
{
    struct hawser_span value = {c->paste.bytes, c->paste.kept + len};
    char why[HAWSER_DETAIL_SIZE] = "";
    esp_err_t err;

    c->paste.bytes[value.size] = '\0';
    if (!hwi_esp_stored_is_usable("ca", value) ||
        !c->port->is_anchor((struct hawser_view){value.at, value.size}, why)) {
        hwi_esp_console_say(c, "nothing was changed: %s\n", why);
        hwi_esp_console_paste_drop(c);
        return;
    }
    err = hwi_esp_stored_write("ca", value.at, value.size);
    c->paste.kept = value.size;
    hwi_esp_console_tell(c, "ca", err);
    if (err != ESP_OK) {
        hwi_esp_console_paste_drop(c);
    }
}

static void finish(struct hwi_esp_console *c)
{
    const char *why = c->paste.why;
    size_t len = 0;

    c->mode = HWI_ESP_CONSOLE_COMMAND;
    if (why == NULL) {
        why = decode(c, &len);
    }
    if (why == NULL) {
        store(c, len);
        return;
    }
    hwi_esp_console_say(c, "nothing was changed: %s\n", why);
    hwi_esp_console_paste_drop(c);
}

void hwi_esp_console_paste_line(struct hwi_esp_console *c)
{
    add_line(c);
    if (strncmp(c->line.text, END_LINE, strlen(END_LINE)) == 0) {
        finish(c);
    }
}
