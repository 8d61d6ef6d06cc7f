/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words of wpa_supplicant's control interface: what its answers and events
 * mean, and the commands that make a network known to it. Text alone; wifi.c
 * has the socket.
 */
#ifndef HWI_LINUX_WPA_H
#define HWI_LINUX_WPA_H

#include "ports/linux/linux.h"

/* Room for any command, and for as much of an answer as is looked at. */
#define HWI_LINUX_WPA_COMMAND_SIZE 256
#define HWI_LINUX_WPA_ANSWER_SIZE  2048

/* Networks of wpa_supplicant's that are looked at. */
#define HWI_LINUX_WPA_LIST_MAX 32

/* What came unasked. */
enum hwi_linux_wpa_event {
    HWI_LINUX_WPA_ANSWER,    /* no event: what was asked for */
    HWI_LINUX_WPA_OTHER,     /* one that does not matter here */
    HWI_LINUX_WPA_CONNECTED, /* joined, keys exchanged */
    HWI_LINUX_WPA_LOST,      /* no longer */
    HWI_LINUX_WPA_NOT_FOUND, /* none of the networks is in reach */
    HWI_LINUX_WPA_REFUSED,   /* the network wants another passphrase */
    HWI_LINUX_WPA_ENDS       /* wpa_supplicant stops */
};

enum hwi_linux_wpa_event hwi_linux_wpa_event(const char *text);

/* The number behind KEY= at the begin of a line of an answer, within int32_t.
 * False: there is none. */
bool hwi_linux_wpa_number(const char *answer, const char *key, int32_t *out);

/* Does a line of the answer say KEY=value? */
bool hwi_linux_wpa_says(const char *answer, const char *key, const char *value);

/* The numbers of the networks in an answer to LIST_NETWORKS. */
size_t hwi_linux_wpa_list(const char *answer, uint32_t *out, size_t max);

/* What is told of a network, in this order. */
enum hwi_linux_wpa_field {
    HWI_LINUX_WPA_OWNER, /* that it is ours */
    HWI_LINUX_WPA_SSID,
    HWI_LINUX_WPA_SECRET, /* its passphrase, or that it has none */
    HWI_LINUX_WPA_PRIORITY,
    HWI_LINUX_WPA_FIELDS
};

/* The name by which hawser finds its own networks again. */
#define HWI_LINUX_WPA_OURS "\"hawser\""

/* Writes the command that sets a field of network id. The one with the secret
 * is to be wiped. */
void hwi_linux_wpa_set(char out[HWI_LINUX_WPA_COMMAND_SIZE], uint32_t id,
                       enum hwi_linux_wpa_field field,
                       const struct hawser_linux_network *network,
                       unsigned priority);

#endif
