/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sleeps until a facility has news: hawser_linux_wait(). poll(2).
 *
 * The deadline is a timerfd rather than poll's own: that one does not count the
 * time that the machine sleeps.
 */
#include <sys/timerfd.h>

#include "ports/linux/clock.h"
#include "ports/linux/linux_parts.h"

/* Arms the timer. At 0, the kernel's "off", it would never fire. */
static void timer_arm(int fd, uint64_t at_ms)
{
    struct itimerspec when = {.it_value = {0, 0}};

    if (at_ms == 0) {
        at_ms = 1;
    }
    /* Beyond a long life of the machine: no deadline. */
    if (at_ms < UINT64_C(1) << 53) {
        when.it_value.tv_sec = (time_t)(at_ms / 1000);
        when.it_value.tv_nsec = (long)(at_ms % 1000) * 1000000;
    }
    /* Arming anew also makes a timer that fired quiet again. */
    (void)timerfd_settime(fd, TFD_TIMER_ABSTIME, &when, NULL);
}

static void collect(const struct hawser_linux *port,
                    struct hwi_linux_pollset *set)
{
    unsigned i;

    hwi_linux_link_poll(&port->link, set);
    hwi_linux_wifi_poll(&port->wifi, set);
    hwi_linux_stream_poll(&port->stream, set);
    for (i = 0; i < HAWSER_RESOLVE_SLOTS; i++) {
        hwi_linux_lookup_wait(&port->lookups[i], set);
    }
    for (i = 0; i < HAWSER_UDP_SLOTS; i++) {
        hwi_linux_udp_poll(&port->udp[i], set);
    }
    hwi_linux_sensors_poll(&port->sensors, set);
}

/* What the device may not ask about right away is taken in here: left where it
 * is it would end each following wait at once. */
static void drive(struct hawser_linux *port)
{
    char words[HAWSER_LINUX_MESSAGE_SIZE];
    unsigned i;

    hwi_linux_link_drive(&port->link);
    if (hwi_linux_wifi_drive(&port->wifi, words)) {
        hwi_linux_log_alert(port, "wifi", words);
    }
    for (i = 0; i < HAWSER_RESOLVE_SLOTS; i++) {
        hwi_linux_lookup_drive(&port->lookups[i]);
    }
    hwi_linux_sensors_drive(&port->sensors);
}

void hawser_linux_wait(struct hawser_linux *port, uint64_t deadline_ms,
                       int wake_fd)
{
    struct hwi_linux_pollset set = {.count = 0, .deadline_ms = deadline_ms};

    collect(port, &set);
    hwi_linux_pollset_add(&set, wake_fd, POLLIN);
    hwi_linux_pollset_add(&set, port->timer_fd, POLLIN);
    timer_arm(port->timer_fd, set.deadline_ms);
    /* Any answer is fine, a signal's too: the caller looks at everything. */
    (void)poll(set.fds, set.count, -1);
    drive(port);
}
