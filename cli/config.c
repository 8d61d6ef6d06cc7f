/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a file to a whole configuration, or to a list of everything that is
 * wrong with it: defaults, what is required, what belongs together, and the
 * files that are named.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "config_reader.h"

#define CA_MAX          (1024u * 1024)
#define CHAIN_MAX       (256u * 1024)
#define KEY_MAX         (64u * 1024)
#define PASSWORD_MAX    4096u
#define UPDATE_KEYS_MAX 4096u
#define WIFI_MAX        2048u

/* The file itself ----------------------------------------------------------- */

/* The folder that relative paths start at; absolute, as the working directory
 * may change. */
static bool find_folder(struct hawser_cli_reader *r)
{
    char whole[PATH_MAX];
    if (realpath(r->path, whole) == NULL) {
        struct hawser_cli_text t = hawser_cli_mistake_at(r, 0);
        hawser_cli_text_add(&t, strerror(errno));
        return false;
    }
    *strrchr(whole, '/') = '\0';
    memcpy(r->folder, whole, sizeof(whole));
    return true;
}

static bool read_file(struct hawser_cli_reader *r)
{
    char words[HAWSER_CLI_MISTAKE_SIZE];
    struct hawser_cli_text why = hawser_cli_text_in(words, sizeof(words));
    struct hawser_cli_file *file = &r->config->text;
    if (!find_folder(r)) {
        return false;
    }
    if (!hawser_cli_file_read(file, r->path, HAWSER_CLI_CONFIG_FILE_MAX, false,
                              &why)) {
        struct hawser_cli_text t = hawser_cli_mistake_at(r, 0);
        /* The words begin with the path, as every mistake does. */
        hawser_cli_text_back_to(&t, 0);
        hawser_cli_text_add(&t, words);
        return false;
    }
    hawser_cli_reader_read(r, (struct hawser_view){file->bytes, file->len});
    return true;
}

/* What the lines did not say ------------------------------------------------ */

static void take_fallback(struct hawser_cli_reader *r,
                          const struct hawser_cli_key *key)
{
    struct hawser_cli_text why =
        hawser_cli_text_in(r->nowhere, sizeof(r->nowhere));
    struct hawser_cli_setting s = {key,       key->name, key->fallback,
                                   r->folder, r->config, &why};
    if (!key->take(&s)) {
        struct hawser_cli_text t = hawser_cli_mistake_of(r, 0, key, key->name);
        hawser_cli_text_add(&t, "the default has no room");
    }
}

static void complete(struct hawser_cli_reader *r,
                     enum hawser_cli_config_use use)
{
    for (size_t i = 0; i < r->key_count; i++) {
        const struct hawser_cli_key *key = &r->keys[i];
        bool is_command = hawser_cli_section_more(key)[0] != '\0';
        if (r->line_of[i] != 0 || is_command) {
            continue;
        }
        if (key->fallback != NULL) {
            take_fallback(r, key);
        } else if (key->need == HAWSER_CLI_KEY_ALWAYS ||
                   (key->need == HAWSER_CLI_KEY_DEVICE &&
                    use == HAWSER_CLI_CONFIG_DEVICE)) {
            struct hawser_cli_text t =
                hawser_cli_mistake_of(r, 0, key, key->name);
            hawser_cli_text_addf(&t, "missing; allowed: %s", key->allowed);
        }
    }
}

static size_t row_of(const struct hawser_cli_reader *r, const char *name)
{
    size_t i = 0;
    while (strcmp(r->keys[i].name, name) != 0) {
        i++; /* only names of the table are asked for */
    }
    return i;
}

/* One key is given, and makes no sense without the other. */
static void require_with(struct hawser_cli_reader *r, const char *given,
                         const char *other)
{
    size_t i = row_of(r, given);
    if (r->line_of[i] != 0 && r->line_of[row_of(r, other)] == 0) {
        struct hawser_cli_text t =
            hawser_cli_mistake_of(r, r->line_of[i], &r->keys[i], given);
        hawser_cli_text_addf(&t, "needs %s beside it", other);
    }
}

/* A file that a key names, if it is given. */
static void load(struct hawser_cli_reader *r, struct hawser_cli_file *out,
                 const char *name, size_t max)
{
    char words[HAWSER_CLI_MISTAKE_SIZE];
    struct hawser_cli_text why = hawser_cli_text_in(words, sizeof(words));
    size_t i = row_of(r, name);
    const char *path = NULL;
    memcpy(&path, (char *)r->config + r->keys[i].at, sizeof(path));
    bool is_secret = strcmp(name, "key_file") == 0 ||
                     strcmp(name, "password_file") == 0 ||
                     strcmp(name, "wifi_file") == 0;
    if (path == NULL) {
        return;
    }
    if (!hawser_cli_file_read(out, path, max, is_secret, &why)) {
        struct hawser_cli_text t =
            hawser_cli_mistake_of(r, r->line_of[i], &r->keys[i], name);
        hawser_cli_text_add(&t, words);
    }
}

/* What is wrong inside a file that a key names. */
static void add_file_mistake(struct hawser_cli_reader *r, const char *name,
                             const char *path, const char *words)
{
    size_t i = row_of(r, name);
    struct hawser_cli_text t =
        hawser_cli_mistake_of(r, r->line_of[i], &r->keys[i], name);
    hawser_cli_text_addf(&t, "%s: %s", path, words);
}

static void cut_password(struct hawser_cli_reader *r)
{
    struct hawser_cli_file *password = &r->config->password;
    hawser_cli_file_cut_line_end(password);
    if (password->bytes != NULL && password->len == 0) {
        add_file_mistake(r, "password_file", r->config->password_path,
                         "holds no password, only a line end");
    }
}

static void read_update_keys(struct hawser_cli_reader *r)
{
    char words[HAWSER_CLI_MISTAKE_SIZE];
    struct hawser_cli_text why = hawser_cli_text_in(words, sizeof(words));
    struct hawser_cli_config *c = r->config;
    load(r, &c->update_keys, "update_keys_file", UPDATE_KEYS_MAX);
    if (c->update_keys.bytes != NULL &&
        !hawser_cli_update_keys_read(&c->update_keys, &c->update_points,
                                     &why)) {
        add_file_mistake(r, "update_keys_file", c->update_keys_path, words);
    }
}

static void read_command_key(struct hawser_cli_reader *r)
{
    char words[HAWSER_CLI_MISTAKE_SIZE];
    struct hawser_cli_text why = hawser_cli_text_in(words, sizeof(words));
    struct hawser_cli_config *c = r->config;
    load(r, &c->command_key, "command_key_file", UPDATE_KEYS_MAX);
    if (c->command_key.bytes == NULL) {
        return;
    }
    bool is_good =
        hawser_cli_update_keys_read(&c->command_key, &c->command_point, &why);
    if (!is_good || c->command_point.count != 1) {
        add_file_mistake(r, "command_key_file", c->command_key_path,
                         is_good ? "more than one key" : words);
    }
}

/* Each command runs something. */
static void require_run(struct hawser_cli_reader *r)
{
    const struct hawser_cli_commands *c = &r->config->commands;
    for (size_t i = 0; i < c->count; i++) {
        if (c->run[i] == NULL) {
            struct hawser_cli_text t = hawser_cli_mistake_at(r, c->line[i]);
            hawser_cli_text_addf(&t, "[command %s]: run is missing",
                                 c->table[i].name);
        }
    }
}

static void read_networks(struct hawser_cli_reader *r)
{
    char words[HAWSER_CLI_MISTAKE_SIZE];
    struct hawser_cli_text why = hawser_cli_text_in(words, sizeof(words));
    struct hawser_cli_config *c = r->config;
    load(r, &c->wifi, "wifi_file", WIFI_MAX);
    if (c->wifi.bytes != NULL &&
        !hawser_cli_networks_read(&c->wifi, &c->networks, &why)) {
        add_file_mistake(r, "wifi_file", c->wifi_path, words);
    }
}

static struct hawser_view view_of(const struct hawser_cli_file *file)
{
    return (struct hawser_view){file->bytes, file->len};
}

/* Hands what was read to the device, which is told by pointers into it. */
static void assemble(struct hawser_cli_config *c)
{
    struct hawser_device_config *d = &c->device;
    if (d->firmware == NULL) {
        d->firmware = hawser_cli_version();
    }
    d->brokers = c->brokers;
    d->credentials.ca = view_of(&c->ca);
    d->credentials.chain = view_of(&c->chain);
    d->credentials.key = view_of(&c->key);
    for (size_t i = 0; i < c->update_points.count; i++) {
        d->update_keys[i] =
            (struct hawser_view){c->update_points.points[i], HAWSER_POINT_SIZE};
    }
    if (c->command_point.count > 0) {
        d->command_key =
            (struct hawser_view){c->command_point.points[0], HAWSER_POINT_SIZE};
    }
    d->commands = c->commands.table;
    d->command_count = c->commands.count;
    d->username = hawser_cli_view(c->username);
    d->password = view_of(&c->password);
    d->alpn = hawser_cli_view(c->alpn);
    d->keep_alive_s = (uint16_t)c->keep_alive_s;
    d->time_servers = c->servers;
    d->build_time_s = hawser_cli_build_time_s();
    d->qos = (uint8_t)c->qos;
    d->replay_per_second = (uint16_t)c->replay_per_second;
    d->sensors = c->sensor_names;
}

struct hawser_cli_config *
hawser_cli_config_load(const char *path, enum hawser_cli_config_use use,
                       struct hawser_cli_mistakes *mistakes)
{
    struct hawser_cli_reader *r = calloc(1, sizeof(*r));
    struct hawser_cli_config *c = calloc(1, sizeof(*c));
    mistakes->count = 0;
    mistakes->left_out = 0;
    mistakes->is_memory_short = r == NULL || c == NULL;
    if (mistakes->is_memory_short) {
        free(r);
        free(c);
        (void)snprintf(mistakes->text[mistakes->count++],
                       HAWSER_CLI_MISTAKE_SIZE, "not enough memory");
        return NULL;
    }
    r->path = path;
    r->config = c;
    r->mistakes = mistakes;
    r->keys = hawser_cli_keys(&r->key_count);
    if (read_file(r)) {
        complete(r, use);
        require_with(r, "password_file", "username");
        require_with(r, "cert_file", "key_file");
        require_with(r, "key_file", "cert_file");
        load(r, &c->ca, "ca_file", CA_MAX);
        load(r, &c->password, "password_file", PASSWORD_MAX);
        load(r, &c->chain, "cert_file", CHAIN_MAX);
        load(r, &c->key, "key_file", KEY_MAX);
        cut_password(r);
        read_update_keys(r);
        read_command_key(r);
        require_run(r);
        if (use != HAWSER_CLI_CONFIG_CHIP) {
            require_with(r, "wifi_file", "wifi_control");
        }
        read_networks(r);
        assemble(c);
    }
    free(r);
    if (mistakes->count > 0) {
        hawser_cli_config_free(c);
        return NULL;
    }
    return c;
}

static bool is_same_file(const struct hawser_cli_file *a,
                         const struct hawser_cli_file *b)
{
    return a->len == b->len &&
           (a->len == 0 || memcmp(a->bytes, b->bytes, a->len) == 0);
}

bool hawser_cli_config_is_same(const struct hawser_cli_config *a,
                               const struct hawser_cli_config *b)
{
    return is_same_file(&a->text, &b->text) && is_same_file(&a->ca, &b->ca) &&
           is_same_file(&a->password, &b->password) &&
           is_same_file(&a->chain, &b->chain) &&
           is_same_file(&a->key, &b->key) &&
           is_same_file(&a->update_keys, &b->update_keys) &&
           is_same_file(&a->command_key, &b->command_key) &&
           is_same_file(&a->wifi, &b->wifi);
}

void hawser_cli_config_free(struct hawser_cli_config *config)
{
    if (config == NULL) {
        return;
    }
    hawser_cli_file_wipe(&config->text);
    hawser_cli_file_wipe(&config->ca);
    hawser_cli_file_wipe(&config->password);
    hawser_cli_file_wipe(&config->chain);
    hawser_cli_file_wipe(&config->key);
    hawser_cli_file_wipe(&config->update_keys);
    hawser_cli_file_wipe(&config->wifi);
    hawser_cli_file_wipe(&config->command_key);
    free(config);
}

/* Telling ------------------------------------------------------------------- */

void hawser_cli_mistakes_print(const struct hawser_cli_mistakes *mistakes,
                               FILE *out)
{
    for (size_t i = 0; i < mistakes->count; i++) {
        fprintf(out, "%s\n", mistakes->text[i]);
    }
    if (mistakes->left_out > 0) {
        fprintf(out, "and %zu more\n", mistakes->left_out);
    }
}

/* Words of text, in lines that begin with indent spaces. */
static void print_wrapped(FILE *out, const char *text, int indent, int width)
{
    int column = 0; /* 0: no line is begun */
    while (*text != '\0') {
        int len = (int)strcspn(text, " ");
        if (column == 0 || column + 1 + len > width) {
            fprintf(out, "%s%*s", column == 0 ? "" : "\n", indent, "");
            column = indent;
        } else {
            fputc(' ', out);
            column++;
        }
        fprintf(out, "%.*s", len, text);
        column += len;
        text += len;
        text += strspn(text, " ");
    }
    fputc('\n', out);
}

void hawser_cli_config_help(FILE *out)
{
    size_t count = 0;
    const struct hawser_cli_key *keys = hawser_cli_keys(&count);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || strcmp(keys[i].section, keys[i - 1].section) != 0) {
            fprintf(out, "\n[%s%s]\n", keys[i].section,
                    hawser_cli_section_more(&keys[i]));
        }
        fprintf(out, "  %s%s%s%s\n", keys[i].name,
                keys[i].need == HAWSER_CLI_KEY_OPTIONAL ? "" : " (required)",
                keys[i].fallback == NULL ? "" : ", default ",
                keys[i].fallback == NULL ? "" : keys[i].fallback);
        print_wrapped(out, keys[i].help, 6, 78);
        char allowed[200];
        (void)snprintf(allowed, sizeof(allowed), "Allowed: %s.",
                       keys[i].allowed);
        print_wrapped(out, allowed, 6, 78);
    }
}

bool hawser_cli_config_default_path(char *room, size_t size)
{
    struct hawser_cli_text path = hawser_cli_text_in(room, size);
    const char *named = getenv("HAWSER_CONFIG");
    const char *folder = getenv("XDG_CONFIG_HOME");
    const char *home = getenv("HOME");
    if (named != NULL && named[0] != '\0') {
        hawser_cli_text_add(&path, named);
    } else if (folder != NULL && folder[0] == '/') {
        hawser_cli_text_addf(&path, "%s/hawser/operator.ini", folder);
    } else if (home != NULL && home[0] != '\0') {
        hawser_cli_text_addf(&path, "%s/.config/hawser/operator.ini", home);
    }
    return path.len > 0 && !path.cut;
}

/* Nobody named this file, so its name alone would be a riddle. */
static void say_absent(const char *name, const char *path)
{
    char room[PATH_MAX];
    struct hawser_cli_text shown = hawser_cli_text_in(room, sizeof(room));
    hawser_cli_text_add_shown(&shown, hawser_cli_view(path));
    fprintf(stderr,
            "hawser %s: %s: %s; name the configuration with --config FILE or "
            "HAWSER_CONFIG (`hawser broker init` makes an operator.ini)\n",
            name, room, strerror(errno));
}

struct hawser_cli_config *hawser_cli_config_load_operator(const char *name,
                                                          const char *path)
{
    struct hawser_cli_mistakes mistakes;
    char usual[PATH_MAX];
    if (path == NULL) {
        if (!hawser_cli_config_default_path(usual, sizeof(usual))) {
            fprintf(stderr, "hawser %s: --config FILE is missing\n", name);
            return NULL;
        }
        if (access(usual, F_OK) != 0) {
            say_absent(name, usual);
            return NULL;
        }
        path = usual;
    }
    struct hawser_cli_config *config =
        hawser_cli_config_load(path, HAWSER_CLI_CONFIG_OPERATOR, &mistakes);
    if (config == NULL) {
        hawser_cli_mistakes_print(&mistakes, stderr);
    }
    return config;
}
