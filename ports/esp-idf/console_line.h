/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes of a terminal to lines: echo, backspace, and bounds. What comes may be
 * anything, from a paste to noise on an open pin; a line that is too long, or has
 * what no text has, is taken to its end and marked.
 */
#ifndef HWI_ESP_CONSOLE_LINE_H
#define HWI_ESP_CONSOLE_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HWI_ESP_LINE_SIZE 512u /* with a NUL behind */

enum hwi_esp_line_state {
    HWI_ESP_LINE_OPEN,
    HWI_ESP_LINE_WHOLE,    /* text[0..len), a NUL behind it */
    HWI_ESP_LINE_CANCELLED /* Ctrl-C */
};

/* What of a line the terminal shows. */
enum hwi_esp_echo {
    HWI_ESP_ECHO_ALL,
    HWI_ESP_ECHO_END, /* that it has ended: it is a secret */
    HWI_ESP_ECHO_NONE
};

struct hwi_esp_line {
    char text[HWI_ESP_LINE_SIZE];
    size_t len;
    bool is_long; /* it had more than fits */
    bool is_bad;  /* it had a control character, or is no UTF-8 */
    enum hwi_esp_echo echo;
    bool was_cr; /* a line feed right behind belongs to it */
    void (*say)(const char *text);
};

/* say: writes to the terminal; stays. */
void hwi_esp_line_init(struct hwi_esp_line *line,
                       void (*say)(const char *text));

/* Takes one byte. After WHOLE or CANCELLED: hwi_esp_line_next(). */
enum hwi_esp_line_state hwi_esp_line_feed(struct hwi_esp_line *line,
                                          uint8_t byte);

/* Wipes it for the next one. */
void hwi_esp_line_next(struct hwi_esp_line *line, enum hwi_esp_echo echo);

#endif
