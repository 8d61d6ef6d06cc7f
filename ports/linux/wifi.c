/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Joins WiFi networks through wpa_supplicant: wifi.h.
 */
#include "ports/linux/wifi.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "ports/linux/clock.h"
#include "ports/linux/message.h"

/* An answer takes milliseconds. */
#define ANSWER_MAX_MS 5000
/* Between two tries to find wpa_supplicant. */
#define RETRY_MS 5000
/* Between two looks at the signal and at whether anybody is there. */
#define LOOK_MS 10000
/* Datagrams a call takes in. */
#define DATAGRAMS_MAX 32

int hwi_linux_wifi_open(struct hwi_linux_wifi *wifi,
                        const struct hawser_linux_config *config,
                        char message[HAWSER_LINUX_MESSAGE_SIZE])
{
    struct sockaddr_un to;

    memset(wifi, 0, sizeof *wifi);
    wifi->fd = -1;
    wifi->state = HAWSER_LINK_JOINING;
    for (size_t i = 0; i < config->network_count; i++) {
        int err = hawser_linux_network_check(&config->networks[i], message);

        if (err != 0) {
            return err;
        }
    }
    if (config->wifi_control != NULL &&
        strlen(config->wifi_control) >= sizeof to.sun_path) {
        return hwi_linux_refuse(HAWSER_E_ARG, message,
                                "the path of a control socket has at most %zu "
                                "bytes",
                                sizeof to.sun_path - 1);
    }
    wifi->control = config->wifi_control;
    wifi->networks = config->networks;
    wifi->network_count = config->network_count;
    return 0;
}

void hwi_linux_wifi_close(struct hwi_linux_wifi *wifi)
{
    if (wifi->fd >= 0) {
        (void)close(wifi->fd);
    }
    wifi->fd = -1;
}

static bool is_same_view(struct hawser_view a, struct hawser_view b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

static bool is_same(const struct hwi_linux_wifi *a,
                    const struct hwi_linux_wifi *b)
{
    if ((a->control == NULL) != (b->control == NULL) ||
        a->network_count != b->network_count) {
        return false;
    }
    for (size_t i = 0; i < a->network_count; i++) {
        if (!is_same_view(a->networks[i].ssid, b->networks[i].ssid) ||
            !is_same_view(a->networks[i].passphrase,
                          b->networks[i].passphrase)) {
            return false;
        }
    }
    return a->control == NULL || strcmp(a->control, b->control) == 0;
}

int hwi_linux_wifi_reconfigure(struct hwi_linux_wifi *wifi,
                               const struct hawser_linux_config *config,
                               char message[HAWSER_LINUX_MESSAGE_SIZE])
{
    struct hwi_linux_wifi other;
    int err = hwi_linux_wifi_open(&other, config, message);

    if (err != 0) {
        return err;
    }
    if (is_same(wifi, &other)) { /* but in another place */
        wifi->control = other.control;
        wifi->networks = other.networks;
        return 0;
    }
    hwi_linux_wifi_close(wifi);
    *wifi = other;
    return 0;
}

/* Nobody there, or nobody who answers: again later, from the begin. */
static void give_up(struct hwi_linux_wifi *wifi)
{
    hwi_linux_wifi_close(wifi);
    wifi->step = HWI_LINUX_WIFI_CLOSED;
    wifi->next_ms = hwi_linux_now_ms() + RETRY_MS;
    wifi->state = HAWSER_LINK_DOWN;
    wifi->has_rssi = false;
}

static void ask(struct hwi_linux_wifi *wifi, enum hwi_linux_wifi_step step,
                const char *command)
{
    if (send(wifi->fd, command, strlen(command), MSG_NOSIGNAL) < 0) {
        give_up(wifi);
        return;
    }
    wifi->step = step;
    wifi->next_ms = hwi_linux_now_ms() + ANSWER_MAX_MS;
}

static void __attribute__((format(printf, 3, 4)))
askf(struct hwi_linux_wifi *wifi, enum hwi_linux_wifi_step step,
     const char *format, ...)
{
    char command[HWI_LINUX_WPA_COMMAND_SIZE];
    va_list values;

    va_start(values, format);
    (void)vsnprintf(command, sizeof command, format, values);
    va_end(values);
    ask(wifi, step, command);
}

/* A socket of our own, with a name that the kernel makes up: wpa_supplicant
 * answers to it. */
static bool reach(struct hwi_linux_wifi *wifi)
{
    struct sockaddr_un own = {.sun_family = AF_UNIX};
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0) {
        return false;
    }
    (void)snprintf(to.sun_path, sizeof to.sun_path, "%s", wifi->control);
    if (bind(fd, (const struct sockaddr *)&own, sizeof own.sun_family) != 0 ||
        connect(fd, (const struct sockaddr *)&to, sizeof to) != 0) {
        (void)close(fd);
        return false;
    }
    wifi->fd = fd;
    return true;
}

static void rest(struct hwi_linux_wifi *wifi, uint64_t delay_ms)
{
    wifi->step = HWI_LINUX_WIFI_IDLE;
    wifi->next_ms = hwi_linux_now_ms() + delay_ms;
}

/* The dialogue ------------------------------------------------------------- */

/* Is the next listed network ours, of an earlier run? */
static void ask_owner(struct hwi_linux_wifi *wifi)
{
    if (wifi->index < wifi->listed_count) {
        askf(wifi, HWI_LINUX_WIFI_OWNER, "GET_NETWORK %u id_str",
             wifi->listed[wifi->index]);
        return;
    }
    wifi->index = 0;
    if (wifi->network_count > 0) {
        ask(wifi, HWI_LINUX_WIFI_ADD, "ADD_NETWORK");
    } else {
        rest(wifi, 0);
    }
}

/* Tells the next field of our network, then lets it be used. */
static void tell_field(struct hwi_linux_wifi *wifi)
{
    char command[HWI_LINUX_WPA_COMMAND_SIZE];

    if (wifi->field == HWI_LINUX_WPA_FIELDS) {
        askf(wifi, HWI_LINUX_WIFI_ENABLE, "ENABLE_NETWORK %u", wifi->id);
        return;
    }
    hwi_linux_wpa_set(command, wifi->id, wifi->field,
                      &wifi->networks[wifi->index],
                      (unsigned)(wifi->network_count - wifi->index));
    ask(wifi, HWI_LINUX_WIFI_SET, command);
    explicit_bzero(command, sizeof command);
}

static void next_network(struct hwi_linux_wifi *wifi)
{
    wifi->index++;
    if (wifi->index < wifi->network_count) {
        ask(wifi, HWI_LINUX_WIFI_ADD, "ADD_NETWORK");
    } else {
        rest(wifi, 0);
    }
}

static void take_added(struct hwi_linux_wifi *wifi, const char *answer)
{
    char *end = NULL;
    unsigned long id = strtoul(answer, &end, 10);

    if (end == answer || id > UINT32_MAX) {
        give_up(wifi);
        return;
    }
    wifi->id = (uint32_t)id;
    wifi->field = HWI_LINUX_WPA_OWNER;
    tell_field(wifi);
}

static void take_status(struct hwi_linux_wifi *wifi, const char *answer)
{
    if (hwi_linux_wpa_says(answer, "wpa_state", "COMPLETED")) {
        wifi->state = HAWSER_LINK_NO_ADDRESS;
        ask(wifi, HWI_LINUX_WIFI_SIGNAL, "SIGNAL_POLL");
        return;
    }
    wifi->has_rssi = false;
    if (wifi->state == HAWSER_LINK_NO_ADDRESS) {
        wifi->state = HAWSER_LINK_JOINING;
    }
    rest(wifi, LOOK_MS);
}

/* An answer came. False: it refuses what was asked. */
static bool take_answer(struct hwi_linux_wifi *wifi, const char *answer)
{
    bool is_ok = strcmp(answer, "OK\n") == 0;

    switch (wifi->step) {
    case HWI_LINUX_WIFI_ATTACH:
        ask(wifi, HWI_LINUX_WIFI_LIST, "LIST_NETWORKS");
        return is_ok;
    case HWI_LINUX_WIFI_LIST:
        wifi->listed_count =
            hwi_linux_wpa_list(answer, wifi->listed, HWI_LINUX_WPA_LIST_MAX);
        wifi->index = 0;
        ask_owner(wifi);
        return true;
    case HWI_LINUX_WIFI_OWNER:
        if (strcmp(answer, HWI_LINUX_WPA_OURS) == 0) {
            askf(wifi, HWI_LINUX_WIFI_REMOVE, "REMOVE_NETWORK %u",
                 wifi->listed[wifi->index]);
            return true;
        }
        wifi->index++;
        ask_owner(wifi);
        return true;
    case HWI_LINUX_WIFI_REMOVE:
        wifi->index++;
        ask_owner(wifi);
        return true;
    case HWI_LINUX_WIFI_ADD:
        take_added(wifi, answer);
        return true;
    case HWI_LINUX_WIFI_SET:
        wifi->field++;
        tell_field(wifi);
        return is_ok;
    case HWI_LINUX_WIFI_ENABLE:
        next_network(wifi);
        return is_ok;
    case HWI_LINUX_WIFI_STATUS:
        take_status(wifi, answer);
        return true;
    case HWI_LINUX_WIFI_SIGNAL:
        wifi->has_rssi = hwi_linux_wpa_number(answer, "RSSI", &wifi->rssi_dbm);
        rest(wifi, LOOK_MS);
        return true;
    case HWI_LINUX_WIFI_JOIN:
        rest(wifi, 0);
        return true;
    case HWI_LINUX_WIFI_IDLE: /* of a question that was given up */
    case HWI_LINUX_WIFI_CLOSED:
        return true;
    }
    return true;
}

static void take_event(struct hwi_linux_wifi *wifi,
                       enum hwi_linux_wpa_event event)
{
    switch (event) {
    case HWI_LINUX_WPA_CONNECTED:
        wifi->state = HAWSER_LINK_NO_ADDRESS;
        break;
    case HWI_LINUX_WPA_LOST:
        /* Also said after each refusal, which is to be remembered. */
        if (wifi->state == HAWSER_LINK_NO_ADDRESS) {
            wifi->state = HAWSER_LINK_JOINING;
        }
        wifi->has_rssi = false;
        break;
    case HWI_LINUX_WPA_NOT_FOUND:
        wifi->state = HAWSER_LINK_DOWN;
        break;
    case HWI_LINUX_WPA_REFUSED:
        wifi->state = HAWSER_LINK_REFUSED;
        break;
    case HWI_LINUX_WPA_ENDS:
        give_up(wifi);
        return;
    case HWI_LINUX_WPA_ANSWER:
    case HWI_LINUX_WPA_OTHER:
        return;
    }
    if (wifi->step == HWI_LINUX_WIFI_IDLE) { /* and how is it now? */
        wifi->next_ms = 0;
    }
}

/* The next question, or the next try, if it is time. */
static void go_on(struct hwi_linux_wifi *wifi)
{
    bool is_due = hwi_linux_now_ms() >= wifi->next_ms;

    if (wifi->step == HWI_LINUX_WIFI_IDLE && wifi->is_join_wanted) {
        wifi->is_join_wanted = false;
        ask(wifi, HWI_LINUX_WIFI_JOIN, "REASSOCIATE");
    } else if (wifi->step == HWI_LINUX_WIFI_IDLE && is_due) {
        ask(wifi, HWI_LINUX_WIFI_STATUS, "STATUS");
    } else if (wifi->step == HWI_LINUX_WIFI_CLOSED && is_due) {
        if (reach(wifi)) {
            wifi->state = HAWSER_LINK_JOINING;
            ask(wifi, HWI_LINUX_WIFI_ATTACH, "ATTACH");
        } else {
            give_up(wifi);
        }
    } else if (is_due) {
        give_up(wifi); /* no answer */
    }
}

/* Takes one datagram in. False: there is none. */
static bool receive(struct hwi_linux_wifi *wifi, bool *is_refused)
{
    char text[HWI_LINUX_WPA_ANSWER_SIZE];
    ssize_t len;

    if (wifi->fd < 0) {
        return false;
    }
    len = recv(wifi->fd, text, sizeof text - 1, 0);
    if (len < 0) {
        if (errno != EAGAIN && errno != EINTR) {
            give_up(wifi);
        }
        return errno == EINTR;
    }
    text[len] = '\0';
    if (hwi_linux_wpa_event(text) == HWI_LINUX_WPA_ANSWER) {
        *is_refused = !take_answer(wifi, text) || *is_refused;
    } else {
        take_event(wifi, hwi_linux_wpa_event(text));
    }
    return true;
}

/* Said once, until somebody answers again. */
static bool report_silence(struct hwi_linux_wifi *wifi,
                           char message[HAWSER_LINUX_MESSAGE_SIZE])
{
    bool was_silent = wifi->is_silent;

    if (wifi->step == HWI_LINUX_WIFI_CLOSED) {
        wifi->is_silent = true;
    } else if (wifi->step > HWI_LINUX_WIFI_ATTACH) {
        wifi->is_silent = false;
    }
    if (!wifi->is_silent || was_silent) {
        return false;
    }
    (void)hwi_linux_refuse(0, message,
                           "wpa_supplicant does not answer at %.108s; is it "
                           "running for this interface, with ctrl_interface "
                           "set, and may this user use the socket?",
                           wifi->control);
    return true;
}

bool hwi_linux_wifi_drive(struct hwi_linux_wifi *wifi,
                          char message[HAWSER_LINUX_MESSAGE_SIZE])
{
    unsigned left = DATAGRAMS_MAX;
    bool is_refused = false;

    if (wifi->control == NULL) {
        return false;
    }
    do {
        go_on(wifi);
    } while (left-- > 0 && receive(wifi, &is_refused));
    if (is_refused) {
        (void)hwi_linux_refuse(0, message,
                               "wpa_supplicant refuses a WiFi network; its "
                               "own log says why");
        return true;
    }
    return report_silence(wifi, message);
}

void hwi_linux_wifi_explain(const struct hwi_linux_wifi *wifi,
                            struct hawser_link_status *link)
{
    if (wifi->control != NULL && link->state == HAWSER_LINK_DOWN &&
        wifi->state != HAWSER_LINK_NO_ADDRESS) {
        link->state = wifi->state;
    }
}

int hwi_linux_wifi_rssi(const struct hwi_linux_wifi *wifi, int32_t *out)
{
    if (!wifi->has_rssi) {
        return HAWSER_E_ABSENT;
    }
    *out = wifi->rssi_dbm;
    return 0;
}

void hwi_linux_wifi_recover(struct hwi_linux_wifi *wifi)
{
    wifi->is_join_wanted = wifi->control != NULL;
}

void hwi_linux_wifi_poll(const struct hwi_linux_wifi *wifi,
                         struct hwi_linux_pollset *set)
{
    if (wifi->control == NULL) {
        return;
    }
    hwi_linux_pollset_add(set, wifi->fd, POLLIN);
    hwi_linux_pollset_until(set, wifi->next_ms);
}
