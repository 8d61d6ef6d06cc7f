/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The `hawser` command: a table of subcommands and the help made from it.
 */
#include "cli.h"

#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include "nearest.h"

static int help_command(int argc, char **argv);

static const char help_usage[] =
    "Usage: hawser help [COMMAND]\n"
    "\n"
    "Shows what a command does, its options and its exit codes; without\n"
    "COMMAND, the list of commands.\n";

static const struct hawser_cli_command commands[] = {
    {"agent", "run this machine as a device", hawser_cli_agent_usage,
     hawser_cli_agent_help_more, hawser_cli_agent},
    {"send", "send a device a command and wait for its reply",
     hawser_cli_send_usage, NULL, hawser_cli_send},
    {"flights", "show a device's last attempts to get online",
     hawser_cli_flights_usage, NULL, hawser_cli_flights},
    {"watch", "see who is online, over which TLS, and what they report",
     hawser_cli_watch_usage, NULL, hawser_cli_watch},
    {"time", "tell devices that ask what time it is", hawser_cli_time_usage,
     NULL, hawser_cli_time},
    {"pki", "make and inspect the CA and certificates", hawser_cli_pki_usage,
     NULL, hawser_cli_pki},
    {"cert", "change the certificates of devices over the line",
     hawser_cli_cert_usage, NULL, hawser_cli_cert},
    {"broker", "make a Mosquitto configuration with users",
     hawser_cli_broker_usage, NULL, hawser_cli_broker},
    {"factory", "make what each chip is flashed with", hawser_cli_factory_usage,
     NULL, hawser_cli_factory},
    {"help", "explain a command", help_usage, NULL, help_command},
};

#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

static void print_overview(FILE *out)
{
    fputs("Usage: hawser COMMAND [ARGUMENT...]\n"
          "       hawser --version\n"
          "\n"
          "A device's secure line to its MQTT broker.\n"
          "\n"
          "Commands:\n",
          out);
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        fprintf(out, "  %-8s %s\n", commands[i].name, commands[i].purpose);
    }
    fputs("\n"
          "Exit codes, the same for all:\n"
          "  0  done\n"
          "  1  tried, and failed or was rejected\n"
          "  2  the command line is wrong\n"
          "  3  a configuration or file is not usable\n"
          "  4  no connection, or no answer in time\n"
          "  5  refused: TLS verification, login or permission\n"
          "\n"
          "`hawser help COMMAND` tells more.\n",
          out);
}

static const struct hawser_cli_command *find(const char *name)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(commands[i].name, name) == 0) {
            return &commands[i];
        }
    }
    return NULL;
}

static int unknown(const char *name)
{
    bool is_option = name[0] == '-';
    struct hawser_cli_nearest nearest = {name, NULL, 0};
    if (is_option) {
        hawser_cli_nearest_try(&nearest, "--help");
        hawser_cli_nearest_try(&nearest, "--version");
    } else {
        for (size_t i = 0; i < COMMAND_COUNT; i++) {
            hawser_cli_nearest_try(&nearest, commands[i].name);
        }
    }
    const char *meant = hawser_cli_nearest_found(&nearest);
    fprintf(stderr, "hawser: there is no %s \"%s\"",
            is_option ? "option" : "command", name);
    if (meant != NULL) {
        fprintf(stderr, "; did you mean \"%s\"?\n", meant);
    } else {
        fputs("; `hawser help` lists them\n", stderr);
    }
    return HAWSER_EXIT_USAGE;
}

static int help_command(int argc, char **argv)
{
    if (argc > 2) {
        return hawser_cli_usage_error("help", "one command at a time");
    }
    if (argc < 2) {
        print_overview(stdout);
        return HAWSER_EXIT_OK;
    }
    const struct hawser_cli_command *command = find(argv[1]);
    if (command == NULL) {
        return unknown(argv[1]);
    }
    fputs(command->usage, stdout);
    if (command->help_more != NULL) {
        command->help_more(stdout);
    }
    return HAWSER_EXIT_OK;
}

static bool asks_for_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

int hawser_cli_usage_error(const char *name, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fprintf(stderr, "hawser %s: ", name);
    vfprintf(stderr, format, args);
    fprintf(stderr, "; `hawser help %s` tells more\n", name);
    va_end(args);
    return HAWSER_EXIT_USAGE;
}

/* What was printed must have arrived: a full disk is a failure. */
static int finish(int code)
{
    if (fflush(stdout) != 0 && code == HAWSER_EXIT_OK) {
        fputs("hawser: standard output cannot be written\n", stderr);
        return HAWSER_EXIT_FAILED;
    }
    return code;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        print_overview(stderr);
        return HAWSER_EXIT_USAGE;
    }
    if (asks_for_help(argv[1])) {
        print_overview(stdout);
        return finish(HAWSER_EXIT_OK);
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("hawser %s\n", hawser_cli_version());
        return finish(HAWSER_EXIT_OK);
    }
    const struct hawser_cli_command *command = find(argv[1]);
    if (command == NULL) {
        return unknown(argv[1]);
    }
    if (argc > 2 && asks_for_help(argv[2])) {
        char *help_argv[] = {argv[0], argv[1], NULL};
        return finish(help_command(2, help_argv));
    }
    return finish(command->run(argc - 1, argv + 1));
}
