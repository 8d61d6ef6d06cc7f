/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration file: one INI file that a device and an operator's
 * commands read the same way. Each key is a row of one table (config_keys.c);
 * reading, checking, help and the example in the documentation follow it.
 */
#ifndef HAWSER_CLI_CONFIG_H
#define HAWSER_CLI_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "cli/config_commands.h"
#include "cli/endpoint.h"
#include "cli/file.h"
#include "cli/update_keys.h"
#include "cli/wifi_networks.h"
#include "hawser/device.h"
#include "ports/linux/linux.h"

#define HAWSER_CLI_MISTAKES_MAX 16
#define HAWSER_CLI_MISTAKE_SIZE 640

/* What is wrong with a file, a line of text each, by line; further ones are
 * only counted. */
struct hawser_cli_mistakes {
    char text[HAWSER_CLI_MISTAKES_MAX][HAWSER_CLI_MISTAKE_SIZE];
    size_t count;
    size_t left_out;
    bool is_memory_short; /* the file itself may be fine: try again */
};

enum hawser_cli_config_use {
    HAWSER_CLI_CONFIG_DEVICE, /* `hawser agent`: a device's keys are required */
    HAWSER_CLI_CONFIG_OPERATOR, /* `send`, `watch`: only the broker's are */
    HAWSER_CLI_CONFIG_CHIP /* `factory`: what chips share; they join WiFi by
                              themselves */
};

/* Room for every text of a file: the file itself, and a folder in front of
 * each relative path. */
#define HAWSER_CLI_CONFIG_FILE_MAX 32768
#define HAWSER_CLI_CONFIG_ROOM     65536

/*
 * A configuration that was read without a mistake. device points into the rest
 * of the struct, which therefore stays where it is.
 */
struct hawser_cli_config {
    struct hawser_device_config device;
    const char *state_dir;    /* absolute; NULL: none (operator) */
    const char *interface;    /* NULL: any */
    const char *wifi_control; /* NULL: WiFi is not ours to join */
    struct hawser_cli_networks networks;
    const char *restart_program; /* with arguments; NULL: start itself anew */
    struct hawser_linux_sensor sensors[HAWSER_SENSORS_MAX];
    uint32_t outbox_kib;
    struct hawser_cli_commands commands;

    /* Private: what the rows of the table write to. */
    const char *username;
    const char *alpn;
    const char *ca_path;
    const char *password_path;
    const char *cert_path;
    const char *key_path;
    const char *update_keys_path;
    const char *wifi_path;
    const char *command_key_path;
    uint32_t keep_alive_s;
    uint32_t qos;
    uint32_t replay_per_second;
    struct hawser_cli_file text; /* of the configuration itself */
    struct hawser_cli_file ca;
    struct hawser_cli_file password;
    struct hawser_cli_file chain;
    struct hawser_cli_file key;
    struct hawser_cli_file update_keys;
    struct hawser_cli_file wifi;
    struct hawser_cli_update_keys update_points;
    struct hawser_cli_file command_key;
    struct hawser_cli_update_keys command_point;
    struct hawser_cli_endpoint broker_room[HAWSER_BROKERS_MAX];
    struct hawser_endpoint brokers[HAWSER_BROKERS_MAX];
    struct hawser_cli_endpoint server_room[HAWSER_TIME_SERVERS_MAX];
    struct hawser_endpoint servers[HAWSER_TIME_SERVERS_MAX];
    const char *sensor_names[HAWSER_SENSORS_MAX];
    char room[HAWSER_CLI_CONFIG_ROOM];
    size_t room_used;
};

/*
 * Reads and checks a file, and the files that it names. Relative paths in it
 * start at its own folder. A configuration to be freed, or NULL and at least
 * one mistake.
 */
struct hawser_cli_config *
hawser_cli_config_load(const char *path, enum hawser_cli_config_use use,
                       struct hawser_cli_mistakes *mistakes);

/* Were both read from the same bytes: the file's, and those of the files that
 * it names? */
bool hawser_cli_config_is_same(const struct hawser_cli_config *a,
                               const struct hawser_cli_config *b);

/* Wipes the secrets and frees. NULL is fine. */
void hawser_cli_config_free(struct hawser_cli_config *config);

/* Prints mistakes, one a line, and how many were left out. */
void hawser_cli_mistakes_print(const struct hawser_cli_mistakes *mistakes,
                               FILE *out);

/* Prints every key with what it allows, its default and what it is for. */
void hawser_cli_config_help(FILE *out);

/*
 * The file that an operator's command reads when none is named:
 * $HAWSER_CONFIG, else ~/.config/hawser/operator.ini. Written to room; false:
 * there is no home folder, or its name is too long.
 */
bool hawser_cli_config_default_path(char *room, size_t size);

/* Loads path, or the default one if NULL, for the operator's command `name`.
 * NULL: what is wrong has been said on standard error. */
struct hawser_cli_config *hawser_cli_config_load_operator(const char *name,
                                                          const char *path);

#endif
