/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of keys: what each one is called, takes, allows and is for.
 */
#ifndef HAWSER_CLI_CONFIG_KEYS_H
#define HAWSER_CLI_CONFIG_KEYS_H

#include "config.h"
#include "text.h"

/* The name of a row whose key may be any; only [sensors] has one. */
#define HAWSER_CLI_ANY_KEY "NAME"

enum hawser_cli_key_need {
    HAWSER_CLI_KEY_OPTIONAL,
    HAWSER_CLI_KEY_DEVICE, /* required of a device */
    HAWSER_CLI_KEY_ALWAYS  /* required of an operator's commands too */
};

struct hawser_cli_key;

/* One `name = value` of a file, on its way into a configuration. */
struct hawser_cli_setting {
    const struct hawser_cli_key *key;
    const char *name;
    const char *value;
    const char *folder; /* of the file; relative paths start there */
    struct hawser_cli_config *config;
    struct hawser_cli_text *why; /* for words more precise than `allowed` */
};

struct hawser_cli_key {
    const char *section;
    const char *name;
    /* Checks the value and stores it; false: it is not allowed. */
    bool (*take)(const struct hawser_cli_setting *s);
    size_t at;    /* where in struct hawser_cli_config, for simple values */
    uint32_t min; /* numbers: value; texts: bytes */
    uint32_t max;
    enum hawser_cli_key_need need;
    bool is_list;         /* may go on in the next line, after a space */
    const char *fallback; /* taken when the key is absent; NULL: nothing */
    const char *allowed;  /* for a person */
    const char *help;     /* for a person; sentences, wrapped when printed */
};

/* The table, in the order of the example; *count rows. */
const struct hawser_cli_key *hawser_cli_keys(size_t *count);

/* What stands behind the section's name in help: " NAME" or nothing. */
const char *hawser_cli_section_more(const struct hawser_cli_key *key);

/* Values (config_values.c) -------------------------------------------------- */

/* A copy that lives as long as the configuration; NULL: no room. */
const char *hawser_cli_keep(struct hawser_cli_config *config, const char *text);

bool hawser_cli_take_number(const struct hawser_cli_setting *s);
bool hawser_cli_take_text(const struct hawser_cli_setting *s);
bool hawser_cli_take_level(const struct hawser_cli_setting *s);
bool hawser_cli_take_root(const struct hawser_cli_setting *s);
bool hawser_cli_take_layout(const struct hawser_cli_setting *s);
bool hawser_cli_take_policy(const struct hawser_cli_setting *s);
bool hawser_cli_take_path(const struct hawser_cli_setting *s);
bool hawser_cli_take_program(const struct hawser_cli_setting *s);
bool hawser_cli_take_urls(const struct hawser_cli_setting *s);
bool hawser_cli_take_servers(const struct hawser_cli_setting *s);
bool hawser_cli_take_sensor(const struct hawser_cli_setting *s);

/* Keys of a [command NAME] (config_commands.c): of the one begun last. */
bool hawser_cli_take_run(const struct hawser_cli_setting *s);
bool hawser_cli_take_timeout(const struct hawser_cli_setting *s);
bool hawser_cli_take_args(const struct hawser_cli_setting *s);

#endif
