/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One line an entry, byte by byte as it goes: no buffer, nothing to overflow.
 */
#include "ports/rv32/log.h"

#include <string.h>

#include "ports/rv32/clock.h"
#include "ports/rv32/uart.h"

#define EVENT_WIDTH 10

static void pad(size_t len, size_t width)
{
    for (; len < width; len++) {
        hwi_rv32_uart_byte(' ');
    }
}

static void moment(uint64_t ms)
{
    unsigned fraction = (unsigned)(ms % 1000);
    uint64_t limit;

    for (limit = 10; limit <= 100000; limit *= 10) {
        if (ms / 1000 < limit) {
            hwi_rv32_uart_byte(' ');
        }
    }
    hwi_rv32_uart_decimal((int64_t)(ms / 1000));
    hwi_rv32_uart_byte('.');
    hwi_rv32_uart_byte((uint8_t)('0' + fraction / 100));
    hwi_rv32_uart_byte((uint8_t)('0' + fraction / 10 % 10));
    hwi_rv32_uart_byte((uint8_t)('0' + fraction % 10));
}

/* Could be taken for nothing but a word: a letter first, then no blank, quote or
 * sign of ours. */
static bool is_word(struct hawser_view text)
{
    size_t i;

    for (i = 0; i < text.len; i++) {
        uint8_t c = text.at[i];

        if (c <= ' ' || c >= 0x7f || c == '"' || c == '=' || c == '\\') {
            return false;
        }
    }
    return text.len > 0 && (text.at[0] | 0x20) >= 'a' &&
           (text.at[0] | 0x20) <= 'z';
}

static void quoted(struct hawser_view text)
{
    size_t i;

    hwi_rv32_uart_byte('"');
    for (i = 0; i < text.len; i++) {
        uint8_t c = text.at[i];

        if (c < ' ' || c == 0x7f) {
            hwi_rv32_uart_text("\\u00");
            hwi_rv32_uart_byte((uint8_t) "0123456789abcdef"[c >> 4]);
            hwi_rv32_uart_byte((uint8_t) "0123456789abcdef"[c & 15]);
            continue;
        }
        if (c == '"' || c == '\\') {
            hwi_rv32_uart_byte('\\');
        }
        hwi_rv32_uart_byte(c);
    }
    hwi_rv32_uart_byte('"');
}

static void value(const struct hawser_field *field)
{
    size_t i;

    if (field->text.at == NULL && field->is_bool) {
        hwi_rv32_uart_text(field->number != 0 ? "yes" : "no");
    } else if (field->text.at == NULL) {
        hwi_rv32_uart_decimal(field->number);
    } else if (is_word(field->text)) {
        for (i = 0; i < field->text.len; i++) {
            hwi_rv32_uart_byte(field->text.at[i]);
        }
    } else {
        quoted(field->text);
    }
}

void hwi_rv32_log(const struct hawser_log *entry)
{
    static const char *const levels[] = {
        [HAWSER_LOG_DEBUG] = " debug ",
        [HAWSER_LOG_INFO] = " info  ",
        [HAWSER_LOG_WARNING] = " warn  ",
        [HAWSER_LOG_ERROR] = " error ",
    };
    size_t i;

    moment(hwi_rv32_now_ms());
    hwi_rv32_uart_text(levels[entry->level]);
    hwi_rv32_uart_text(entry->event);
    pad(strlen(entry->event), entry->field_count > 0 ? EVENT_WIDTH : 0);
    for (i = 0; i < entry->field_count; i++) {
        hwi_rv32_uart_byte(' ');
        hwi_rv32_uart_text(entry->fields[i].name);
        hwi_rv32_uart_byte('=');
        value(&entry->fields[i]);
    }
    hwi_rv32_uart_byte('\n');
}
