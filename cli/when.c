/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Times are shown in UTC: logs of several machines are read side by side.
 */
#include "when.h"

#include <time.h>

#define LAST_MOMENT_MS 253402300799999u /* 9999-12-31T23:59:59.999Z */

uint64_t hawser_cli_unix_ms(void)
{
    struct timespec now;
    if (clock_gettime(CLOCK_REALTIME, &now) != 0 || now.tv_sec < 0) {
        return 0;
    }
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void hawser_cli_text_add_moment(struct hawser_cli_text *t, uint64_t unix_ms)
{
    uint64_t known_ms = unix_ms < LAST_MOMENT_MS ? unix_ms : LAST_MOMENT_MS;
    time_t seconds = (time_t)(known_ms / 1000);
    struct tm utc;
    char text[32];
    if (gmtime_r(&seconds, &utc) == NULL ||
        strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &utc) == 0) {
        text[0] = '\0';
    }
    hawser_cli_text_addf(t, "%s.%03uZ", text, (unsigned)(known_ms % 1000));
}

void hawser_cli_text_add_span(struct hawser_cli_text *t, uint64_t seconds)
{
    static const struct {
        uint64_t below_s;
        uint64_t unit_s;
        char letter;
    } units[] = {{60, 1, 's'},
                 {3600, 60, 'm'},
                 {86400, 3600, 'h'},
                 {UINT64_MAX, 86400, 'd'}};
    size_t i = 0;
    while (i < 3 && seconds >= units[i].below_s) {
        i++;
    }
    hawser_cli_text_addf(t, "%llu%c",
                         (unsigned long long)(seconds / units[i].unit_s),
                         units[i].letter);
}

uint64_t hawser_cli_moment_read(struct hawser_view value)
{
    uint64_t seconds = 0;
    if (value.len > 11) {
        return 0;
    }
    for (size_t i = 0; i < value.len; i++) {
        if (value.at[i] < '0' || value.at[i] > '9') {
            return 0;
        }
        seconds = seconds * 10 + (uint64_t)(value.at[i] - '0');
    }
    return seconds * 1000;
}
