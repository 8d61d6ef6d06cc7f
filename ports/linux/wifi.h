/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Joins WiFi networks through wpa_supplicant: tells it the networks over its
 * control socket, hears of what becomes of them, asks for the signal. Scanning,
 * roaming and keys are wpa_supplicant's, addresses the machine's DHCP client's;
 * what the interface really has is judged by link.c.
 *
 * hawser's networks are not saved to wpa_supplicant's own file; those that are
 * in there stay as they are. When wpa_supplicant starts anew it is told anew.
 */
#ifndef HWI_LINUX_WIFI_H
#define HWI_LINUX_WIFI_H

#include "ports/linux/linux.h"
#include "ports/linux/pollset.h"
#include "ports/linux/wpa.h"

/* One question at a time is with wpa_supplicant; named by it. */
enum hwi_linux_wifi_step {
    HWI_LINUX_WIFI_CLOSED, /* no socket; the next try is at next_ms */
    HWI_LINUX_WIFI_ATTACH,
    HWI_LINUX_WIFI_LIST,
    HWI_LINUX_WIFI_OWNER, /* of listed network number `index` */
    HWI_LINUX_WIFI_REMOVE,
    HWI_LINUX_WIFI_ADD, /* network number `index` of ours */
    HWI_LINUX_WIFI_SET,
    HWI_LINUX_WIFI_ENABLE,
    HWI_LINUX_WIFI_IDLE, /* no question; the next one is at next_ms */
    HWI_LINUX_WIFI_STATUS,
    HWI_LINUX_WIFI_SIGNAL,
    HWI_LINUX_WIFI_JOIN /* the supervisor's remedy */
};

struct hwi_linux_wifi {
    int fd;
    const char *control; /* NULL: no WiFi is ours to join */
    const struct hawser_linux_network *networks;
    size_t network_count;
    enum hwi_linux_wifi_step step;
    uint64_t next_ms;
    size_t index;
    enum hwi_linux_wpa_field field;
    uint32_t id;
    uint32_t listed[HWI_LINUX_WPA_LIST_MAX];
    size_t listed_count;
    bool is_join_wanted;
    bool is_silent; /* it was reported that nobody answers */
    enum hawser_link_state state;
    bool has_rssi;
    int32_t rssi_dbm;
};

/* Begins; config's texts stay until close. Nothing is wrong with a socket that
 * is not there yet: wpa_supplicant may start later. 0, or ARG and words. */
int hwi_linux_wifi_open(struct hwi_linux_wifi *wifi,
                        const struct hawser_linux_config *config,
                        char message[HAWSER_LINUX_MESSAGE_SIZE]) HAWSER_CHECKED;
/* By another configuration from now on. The line stays up if it says the same of
 * WiFi. Errors as open; on failure nothing changed. */
int hwi_linux_wifi_reconfigure(
    struct hwi_linux_wifi *wifi, const struct hawser_linux_config *config,
    char message[HAWSER_LINUX_MESSAGE_SIZE]) HAWSER_CHECKED;
void hwi_linux_wifi_close(struct hwi_linux_wifi *wifi);

/* Takes in what was said and asks on; bounded work. True: words for the log
 * are in message. */
bool hwi_linux_wifi_drive(struct hwi_linux_wifi *wifi,
                          char message[HAWSER_LINUX_MESSAGE_SIZE]);

/* What is known of a link that the kernel says is down: still JOINING, REFUSED
 * or DOWN. Leaves a link that is more than that as it is. */
void hwi_linux_wifi_explain(const struct hwi_linux_wifi *wifi,
                            struct hawser_link_status *link);

/* The signal in dBm. 0, or ABSENT. */
int hwi_linux_wifi_rssi(const struct hwi_linux_wifi *wifi, int32_t *out);

/* Asks wpa_supplicant to look again, now. */
void hwi_linux_wifi_recover(struct hwi_linux_wifi *wifi);

/* Adds what it waits for. */
void hwi_linux_wifi_poll(const struct hwi_linux_wifi *wifi,
                         struct hwi_linux_pollset *set);

#endif
