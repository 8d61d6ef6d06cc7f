/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A line from a terminal: console_line.h.
 */
#include "ports/esp-idf/console_line.h"

#include "ports/esp-idf/wipe.h"
#include "wire/utf8.h"

#define CTRL_C    0x03
#define BACKSPACE 0x08
#define DELETE    0x7f

void hwi_esp_line_init(struct hwi_esp_line *line, void (*say)(const char *text))
{
    *line = (struct hwi_esp_line){.say = say};
}

void hwi_esp_line_next(struct hwi_esp_line *line, enum hwi_esp_echo echo)
{
    hwi_esp_wipe(line->text, sizeof line->text);
    line->len = 0;
    line->is_long = false;
    line->is_bad = false;
    line->echo = echo;
}

static void show(struct hwi_esp_line *line, const char *text)
{
    if (line->echo == HWI_ESP_ECHO_ALL) {
        line->say(text);
    }
}

/* The last character, all of its bytes. */
static void take_back(struct hwi_esp_line *line)
{
    if (line->len == 0) {
        return;
    }
    do {
        line->len--;
    } while (line->len > 0 && ((uint8_t)line->text[line->len] & 0xc0u) == 0x80);
    show(line, "\b \b");
}

static void add(struct hwi_esp_line *line, char c)
{
    const char shown[] = {c, '\0'};

    if (line->len + 1 == sizeof line->text) {
        line->is_long = true;
        return;
    }
    line->text[line->len++] = c;
    show(line, shown);
}

static enum hwi_esp_line_state end(struct hwi_esp_line *line)
{
    const struct hawser_view text = {(const uint8_t *)line->text, line->len};

    line->text[line->len] = '\0';
    line->is_bad = line->is_bad || (!line->is_long && !hwi_utf8_is_valid(text));
    if (line->echo != HWI_ESP_ECHO_NONE) {
        line->say("\n");
    }
    return HWI_ESP_LINE_WHOLE;
}

enum hwi_esp_line_state hwi_esp_line_feed(struct hwi_esp_line *line,
                                          uint8_t byte)
{
    bool was_cr = line->was_cr;

    line->was_cr = byte == '\r';
    if (byte == '\n' && was_cr) {
        return HWI_ESP_LINE_OPEN;
    }
    if (byte == '\r' || byte == '\n') {
        return end(line);
    }
    if (byte == CTRL_C) {
        line->say("\n");
        return HWI_ESP_LINE_CANCELLED;
    }
    if (byte == BACKSPACE || byte == DELETE) {
        take_back(line);
    } else if (byte == '\t') {
        add(line, ' ');
    } else if (byte < ' ') {
        line->is_bad = true; /* no terminal is told to do anything by it */
    } else {
        add(line, (char)byte);
    }
    return HWI_ESP_LINE_OPEN;
}
