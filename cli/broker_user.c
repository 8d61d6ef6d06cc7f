/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hawser broker user`: devices added to and taken from a broker folder. What
 * the folder is like is read from operator.ini, so a URL corrected there holds
 * for later devices too.
 */
#include "broker.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <ini.h>
#include <openssl/crypto.h>

#include "cli.h"
#include "pki_args.h"
#include "pki_name.h"

#define COMMAND "broker"

/* The most that one call adds, which bounds its memory. */
#define USERS_MAX 100000

#define VALUE_SIZE 2048

struct folder {
    const char *dir;
    char devices[HWI_PATH_SIZE];
    char passwords[HWI_PATH_SIZE];
    char url[VALUE_SIZE];
    char root[VALUE_SIZE];
    char layout[VALUE_SIZE];
    bool has_certs;
    bool needs_passwords; /* else it is refused */
    char *text;           /* of passwords */
    size_t text_len;
};

static int take_setting(void *ctx, const char *section, const char *name,
                        const char *value)
{
    struct folder *folder = ctx;
    if (strcmp(section, "broker") == 0 && strcmp(name, "url") == 0) {
        snprintf(folder->url, VALUE_SIZE, "%s", value);
    } else if (strcmp(section, "broker") == 0 &&
               strcmp(name, "cert_file") == 0) {
        folder->has_certs = true;
    } else if (strcmp(section, "topics") == 0 && strcmp(name, "root") == 0) {
        snprintf(folder->root, VALUE_SIZE, "%s", value);
    } else if (strcmp(section, "topics") == 0 && strcmp(name, "layout") == 0) {
        snprintf(folder->layout, VALUE_SIZE, "%s", value);
    }
    return 1;
}

static int read_folder(struct folder *folder)
{
    char path[HWI_PATH_SIZE];
    int code = hwi_pki_path(path, "%s/operator.ini", folder->dir);
    if (code == 0) {
        code = hwi_pki_path(folder->devices, "%s/devices", folder->dir);
    }
    if (code == 0) {
        code = hwi_pki_path(folder->passwords, "%s/passwords", folder->dir);
    }
    if (code != 0) {
        return code;
    }
    if (ini_parse(path, take_setting, folder) != 0 || folder->url[0] == '\0') {
        return hwi_pki_fail(HAWSER_EXIT_CONFIG,
                            "%s: cannot be read, or has no url; %s must be "
                            "what `hawser broker init` made",
                            path, folder->dir);
    }
    if (folder->has_certs && folder->needs_passwords) {
        return hwi_pki_fail(HAWSER_EXIT_CONFIG,
                            "%s: devices log in by certificate here, so there "
                            "are no passwords to make",
                            folder->dir);
    }
    return folder->has_certs ? 0
                             : hwi_pki_read(folder->passwords, &folder->text,
                                            &folder->text_len);
}

/* The line of a user in the text of passwords; NULL if there is none. */
static char *find_user(char *text, const char *id)
{
    size_t len = strlen(id);
    for (char *line = text; line != NULL && *line != '\0';) {
        if (strncmp(line, id, len) == 0 && line[len] == ':') {
            return line;
        }
        line = strchr(line, '\n');
        line = line == NULL ? NULL : line + 1;
    }
    return NULL;
}

/* What stands between : and ; in Mosquitto's and inih's files. */
static int check_id(const char *id)
{
    const char *problem = hwi_id_problem(id);
    if (problem == NULL && strpbrk(id, ":;") != NULL) {
        problem = ": and ; are refused, since they end a name in Mosquitto's "
                  "and our own files";
    }
    if (problem == NULL && strcmp(id, HWI_BROKER_OPERATOR) == 0) {
        problem = "this name is the operator's";
    }
    return problem == NULL ? 0
                           : hwi_args_refuse(COMMAND, "the id", id, problem);
}

static int write_device(const struct folder *folder, const char *id)
{
    const struct hwi_broker_client client = {
        .url = folder->url,
        .root = folder->root,
        .layout = folder->layout,
        .ca_file = "ca.crt",
        .name = id,
        .has_cert = folder->has_certs,
        .is_device = true,
    };
    struct hwi_broker_page page;
    char path[HWI_PATH_SIZE];
    int code = hwi_pki_path(path, "%s/%s.ini", folder->devices, id);
    if (code == 0) {
        code = hwi_broker_page_begin(&page);
    }
    if (code == 0) {
        hwi_broker_put_client(page.file, &client);
        /* no secret in it: a service of another user may read it */
        code = hwi_broker_page_end(&page, path, 0644);
    }
    return code;
}

static void remove_file(const struct folder *folder, const char *id,
                        const char *kind)
{
    char path[HWI_PATH_SIZE];
    if (hwi_pki_path(path, "%s/%s.%s", folder->devices, id, kind) == 0) {
        (void)unlink(path); /* it may have been moved to the device */
    }
}

static void remove_device(const struct folder *folder, const char *id)
{
    remove_file(folder, id, "ini");
    remove_file(folder, id, "password");
}

/* Makes a password and both files of one device; adds "ID:PASSWORD" to the
 * lines that are to be hashed. */
static int add_device(const struct folder *folder, const char *id, FILE *lines)
{
    char password[HWI_PASSWORD_SIZE];
    if (folder->has_certs) {
        return write_device(folder, id);
    }
    int code = hwi_password_make(password);
    if (code == 0) {
        code = hwi_password_write(folder->devices, id, password);
    }
    if (code == 0) {
        fprintf(lines, "%s:%s\n", id, password);
        code = write_device(folder, id);
        if (code != 0) { /* an .ini that is there already is not ours */
            remove_file(folder, id, "password");
        }
    }
    OPENSSL_cleanse(password, sizeof(password));
    return code;
}

/* Hashes the new lines and puts them behind the old ones. */
static int add_lines(const struct folder *folder, const char *lines)
{
    char *hashed = NULL;
    int code = hwi_password_hash(folder->dir, lines, &hashed);
    if (code != 0) {
        return code;
    }
    size_t len = strlen(hashed);
    char *whole = malloc(folder->text_len + len + 2);
    if (whole == NULL) {
        code = hwi_pki_fail(HAWSER_EXIT_FAILED, "no memory");
    } else {
        size_t at = folder->text_len;
        memcpy(whole, folder->text, at);
        if (at > 0 && whole[at - 1] != '\n') {
            whole[at++] = '\n';
        }
        memcpy(whole + at, hashed, len);
        code = hwi_pki_replace(folder->passwords, whole, at + len);
    }
    free(whole);
    hwi_pki_forget(hashed, len);
    return code;
}

static int add_all(const struct folder *folder, char **ids, int count)
{
    struct hwi_broker_page lines;
    int done = 0;
    int code = hwi_broker_page_begin(&lines);
    if (code != 0) {
        return code;
    }
    while (code == 0 && done < count) {
        code = add_device(folder, ids[done], lines.file);
        done += code == 0;
    }
    if (fclose(lines.file) != 0 && code == 0) {
        code = hwi_pki_fail(HAWSER_EXIT_FAILED, "no memory");
    }
    if (code == 0 && !folder->has_certs) {
        code = add_lines(folder, lines.text);
    }
    for (int i = 0; code != 0 && i < done; i++) {
        remove_device(folder, ids[i]);
    }
    OPENSSL_cleanse(lines.text, lines.len);
    free(lines.text);
    return code;
}

static int check_new(const struct folder *folder, char **ids, int count)
{
    for (int i = 0; i < count; i++) {
        if (find_user(folder->text, ids[i]) != NULL) {
            return hwi_pki_fail(HAWSER_EXIT_CONFIG,
                                "%s: there is a user \"%s\" already; --remove "
                                "takes it out",
                                folder->passwords, ids[i]);
        }
    }
    return 0;
}

static int add_users(const struct folder *folder, char **ids, int count)
{
    int code = check_new(folder, ids, count);
    if (code == 0) {
        code = add_all(folder, ids, count);
    }
    return code;
}

static void tell_added(const struct folder *folder, char **ids, int count)
{
    for (int i = 0; i < count; i++) {
        printf("%s/%s.ini\n", folder->devices, ids[i]);
    }
    if (folder->has_certs) {
        printf("\nPut ID.crt and ID.key (`hawser pki device PKIDIR ID`) and "
               "ca.crt beside it.\n");
    } else {
        printf("\nTell Mosquitto: kill -HUP PID. A device needs its .ini and "
               ".password and ca.crt\nin one folder; move them there, keep no "
               "copy. Then: hawser agent --config ID.ini\n");
    }
}

static int remove_users(struct folder *folder, char **ids, int count)
{
    if (folder->has_certs) {
        return hwi_pki_fail(HAWSER_EXIT_CONFIG,
                            "%s: devices log in by certificate here; a "
                            "certificate cannot be withdrawn yet, only end",
                            folder->dir);
    }
    for (int i = 0; i < count; i++) {
        char *line = find_user(folder->text, ids[i]);
        if (line == NULL) {
            return hwi_pki_fail(HAWSER_EXIT_CONFIG,
                                "%s: there is no user \"%s\"",
                                folder->passwords, ids[i]);
        }
        size_t len = strcspn(line, "\n");
        len += line[len] == '\n';
        folder->text_len -= len;
        memmove(line, line + len, strlen(line + len) + 1);
    }
    int code =
        hwi_pki_replace(folder->passwords, folder->text, folder->text_len);
    for (int i = 0; code == 0 && i < count; i++) {
        remove_device(folder, ids[i]);
        printf("%s is out\n", ids[i]);
    }
    if (code == 0) {
        printf(
            "\nTell Mosquitto: kill -HUP PID. Only then are they cut off.\n");
    }
    return code;
}

/* Two calls at once must not lose each other's users. */
static int lock_folder(const char *dir, int *fd)
{
    *fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*fd < 0 || flock(*fd, LOCK_EX) != 0) {
        return hwi_pki_fail(HAWSER_EXIT_CONFIG,
                            "%s: %s; `hawser broker init` makes it", dir,
                            strerror(errno));
    }
    return 0;
}

/* What a run that was killed while it hashed has left: passwords. */
static void sweep(int dir)
{
    int fd = dup(dir); /* closedir() closes it; the lock is on both */
    DIR *list = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry = NULL;
    while (list != NULL && (entry = readdir(list)) != NULL) {
        if (strncmp(entry->d_name, ".new-", 5) == 0) {
            (void)unlinkat(dir, entry->d_name, 0);
        }
    }
    if (list != NULL) {
        (void)closedir(list);
    }
}

static int change_users(struct folder *folder, char **ids, int count,
                        bool removes)
{
    sigset_t before;
    hwi_broker_hold_signals(&before);
    int code = removes ? remove_users(folder, ids, count)
                       : add_users(folder, ids, count);
    hwi_broker_let_signals(&before);
    return code;
}

static int work(struct folder *folder, char **ids, int count, bool removes)
{
    int fd = -1;
    int code = lock_folder(folder->dir, &fd);
    if (code == 0) {
        code = read_folder(folder);
    }
    if (code == 0) {
        sweep(fd); /* only now: it is a broker folder */
        code = change_users(folder, ids, count, removes);
    }
    hwi_pki_forget(folder->text, folder->text_len);
    if (fd >= 0) {
        (void)close(fd); /* unlocks; nothing was written through it */
    }
    return code;
}

int hwi_broker_user(int argc, char **argv)
{
    bool removes = false;
    const struct hwi_option options[] = {
        {"remove", NULL, &removes},
        {NULL, NULL, NULL},
    };
    struct folder folder = {.root = "hawser", .layout = "device"};
    int count = 0;

    int code = hwi_args_parse(COMMAND, options, argc, argv, &count);
    if (code == 0 && (count < 2 || count > USERS_MAX)) {
        code = hawser_cli_usage_error(COMMAND, "user needs DIR and an ID");
    }
    for (int i = 1; code == 0 && i < count; i++) {
        code = check_id(argv[i]);
    }
    if (code != 0) {
        return code;
    }
    folder.dir = argv[0];
    code = work(&folder, argv + 1, count - 1, removes);
    if (code == 0 && !removes) {
        tell_added(&folder, argv + 1, count - 1);
    }
    return code;
}

int hwi_broker_add_login(const char *dir, const char *id)
{
    struct folder folder = {.dir = dir,
                            .root = "hawser",
                            .layout = "device",
                            .needs_passwords = true};
    char *ids[] = {(char *)id};
    int code = check_id(id);

    return code != 0 ? code : work(&folder, ids, 1, false);
}
