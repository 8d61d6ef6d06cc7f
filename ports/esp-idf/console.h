/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The serial console: what a technician sets before a device has a network, and
 * looks at when it has none any more.
 *
 *  hwi_esp_console_start(&console, &port);
 *  for (;;)
 *      hwi_esp_console_feed(&console, bytes, read(bytes));
 *
 * It stores what stored.h reads, and nothing that stored.h would not take. No
 * heap, every buffer bounded; secrets are neither echoed nor shown, and wiped. Who
 * has the port has the device: it asks for no password of its own.
 */
#ifndef HWI_ESP_CONSOLE_H
#define HWI_ESP_CONSOLE_H

#include "esp_err.h"
#include "hawser/port.h"
#include "ports/esp-idf/console_line.h"
#include "ports/esp-idf/wifi.h"

#define HWI_ESP_PASTE_SIZE 4096u /* of certificates in PEM, at once */

/* What the console needs of the chip, besides NVS. */
struct hwi_esp_console_port {
    /* Writes to the terminal. */
    void (*say)(const char *text);
    /* Are these certificates, DER, anchors that TLS would take? If not: why. */
    bool (*is_anchor)(struct hawser_view ca, char why[HAWSER_DETAIL_SIZE]);
    /* The id of a device that has none stored; stays. */
    const char *(*default_id)(void);
    /* As hwi_credentials_roll_back(); HAWSER_E_LINK: no device runs. */
    int (*roll_back)(void);
    /* All of NVS, also what could not be opened. */
    esp_err_t (*erase)(void);
    /* Says goodbye to the broker first; comes back before the end. */
    void (*restart)(void);
};

/* What the next line is. */
enum hwi_esp_console_mode {
    HWI_ESP_CONSOLE_COMMAND,
    HWI_ESP_CONSOLE_PASSPHRASE, /* of console->ssid */
    HWI_ESP_CONSOLE_PASSWORD,   /* for the broker */
    HWI_ESP_CONSOLE_PASTE,      /* one more of a certificate */
    HWI_ESP_CONSOLE_ERASE       /* "yes", or not */
};

/* All private. */
struct hwi_esp_console {
    const struct hwi_esp_console_port *port;
    struct hwi_esp_line line;
    enum hwi_esp_console_mode mode;
    char ssid[sizeof((struct hwi_esp_network *)0)->ssid];
    struct {
        uint8_t bytes[HWI_ESP_PASTE_SIZE + 1];
        size_t kept;     /* DER of certificates that are stored already */
        size_t len;      /* with the text behind them */
        bool is_asked;   /* by "set ca" */
        const char *why; /* it is of no use; NULL: so far it is */
    } paste;
};

/* Says hello. *console and *port stay. */
void hwi_esp_console_start(struct hwi_esp_console *console,
                           const struct hwi_esp_console_port *port);

/* Takes what came from the terminal. */
void hwi_esp_console_feed(struct hwi_esp_console *console, const uint8_t *bytes,
                          size_t len);

#endif
