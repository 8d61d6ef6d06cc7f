/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stages, and the file that remembers who is done: cert_rollout.h. The file's
 * first line names the change, each other a device; it is only ever added to.
 */
#include "cert_rollout.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "pki_file.h"
#include "send_request.h"

#define STAGES 3

/* Devices ------------------------------------------------------------------- */

static int add_device(struct hawser_cert_devices *d, const char *id)
{
    if (!hawser_cli_is_device_id(id)) {
        return hawser_cli_usage_error(
            "cert", "\"%.64s\" is no id: 1 to 64 bytes without + # /", id);
    }
    for (size_t i = 0; i < d->count; i++) {
        if (strcmp(d->ids[i], id) == 0) {
            return hawser_cli_usage_error("cert", "%s is named twice", id);
        }
    }
    const char **grown = realloc(d->ids, (d->count + 1) * sizeof(*d->ids));
    if (grown == NULL) {
        return hwi_pki_fail(HAWSER_EXIT_FAILED, "not enough memory");
    }
    d->ids = grown;
    d->ids[d->count++] = id;
    return 0;
}

static int add_file(struct hawser_cert_devices *d, const char *path)
{
    int code = hwi_pki_read(path, &d->text, &d->text_len);
    char *rest = d->text;
    while (code == 0 && rest != NULL) {
        char *line = strsep(&rest, "\n");
        line[strcspn(line, "#\r")] = '\0';
        line += strspn(line, " \t");
        line[strcspn(line, " \t")] = '\0';
        if (line[0] != '\0') {
            code = add_device(d, line);
        }
    }
    return code;
}

int hawser_cert_devices_read(struct hawser_cert_devices *out, int count,
                             char **argv, const char *path)
{
    int code = 0;
    *out = (struct hawser_cert_devices){NULL, 0, NULL, 0};
    for (int i = 0; code == 0 && i < count; i++) {
        code = add_device(out, argv[i]);
    }
    if (code == 0 && path != NULL) {
        code = add_file(out, path);
    }
    if (code == 0 && out->count == 0) {
        code = hawser_cli_usage_error("cert", "no device is named");
    }
    return code;
}

void hawser_cert_devices_free(struct hawser_cert_devices *devices)
{
    free(devices->ids);
    hwi_pki_forget(devices->text, devices->text_len);
    *devices = (struct hawser_cert_devices){NULL, 0, NULL, 0};
}

/* Who is done --------------------------------------------------------------- */

struct done {
    char *text; /* lines, each ended by LF; NULL: nothing is kept */
    size_t len;
};

static int done_read(const struct hawser_cert_rollout *r, struct done *done)
{
    char line[256];
    int code = 0;
    *done = (struct done){NULL, 0};
    if (r->resume_path == NULL) {
        return 0;
    }
    (void)snprintf(line, sizeof(line), "hawser cert %s\n", r->what);
    if (access(r->resume_path, F_OK) != 0) {
        code = hwi_pki_write_new(r->resume_path, line, strlen(line), 0600);
    }
    if (code == 0) {
        code = hwi_pki_read(r->resume_path, &done->text, &done->len);
    }
    if (code == 0 && strncmp(done->text, line, strlen(line)) != 0) {
        code = hwi_pki_fail(HAWSER_EXIT_CONFIG,
                            "%s belongs to another change; name another "
                            "--resume file for this one",
                            r->resume_path);
    }
    return code;
}

static bool is_done(const struct done *done, const char *device)
{
    size_t len = strlen(device);
    const char *at = done->text == NULL ? NULL : strchr(done->text, '\n');
    while (at != NULL) {
        at++;
        if (strncmp(at, device, len) == 0 && at[len] == '\n') {
            return true;
        }
        at = strchr(at, '\n');
    }
    return false;
}

static int note_done(const struct hawser_cert_rollout *r, const char *device)
{
    char line[HAWSER_ID_MAX + 2];
    (void)snprintf(line, sizeof(line), "%s\n", device);
    return r->resume_path == NULL ? 0 : hwi_pki_append(r->resume_path, line);
}

/* Stages -------------------------------------------------------------------- */

size_t hawser_cert_stage_end(size_t count, unsigned stage)
{
    size_t tenth = count / 10 + (count % 10 != 0);
    if (stage == 0 || count <= 1) {
        return count < 1 ? count : 1;
    }
    return stage == 1 && 1 + tenth < count ? 1 + tenth : count;
}

static void tell_stop(const struct hawser_cert_rollout *r, const char *device,
                      size_t done)
{
    fprintf(stderr,
            "hawser cert: stopped at %s; %zu of %zu done, the others keep what "
            "they have. ",
            device, done, r->devices->count);
    if (r->resume_path != NULL) {
        fputs("Mend it and run the same command again: it goes on there.\n",
              stderr);
    } else {
        fputs("With --resume FILE it would go on there.\n", stderr);
    }
}

static int run(const struct hawser_cert_rollout *r, const struct done *done)
{
    size_t begin = 0;
    size_t finished = 0;
    for (unsigned stage = 0; stage < STAGES; stage++) {
        size_t end = hawser_cert_stage_end(r->devices->count, stage);
        if (end > begin) {
            printf("stage %u of %d: %zu device%s\n", stage + 1, STAGES,
                   end - begin, end - begin == 1 ? "" : "s");
            (void)fflush(stdout);
        }
        for (; begin < end; begin++) {
            const char *device = r->devices->ids[begin];
            if (is_done(done, device)) {
                printf("%s: done before\n", device);
                finished++;
                continue;
            }
            int code = r->change(r->ctx, device);
            if (code == 0) {
                code = note_done(r, device);
            }
            if (code != 0) {
                tell_stop(r, device, finished);
                return code;
            }
            finished++;
        }
    }
    printf("%zu of %zu done\n", finished, r->devices->count);
    return 0;
}

int hawser_cert_roll_out(const struct hawser_cert_rollout *r)
{
    struct done done;
    int code = done_read(r, &done);
    if (code == 0) {
        code = run(r, &done);
    }
    hwi_pki_forget(done.text, done.len);
    return code;
}
