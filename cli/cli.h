/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the subcommands of `hawser` share: the exit codes, the shape of a row
 * in main.c's table, and the entry of each subcommand. One file a subcommand.
 */
#ifndef HAWSER_CLI_H
#define HAWSER_CLI_H

#include <stdint.h>
#include <stdio.h>

/*
 * Exit codes: the same for every subcommand, so that a script can tell "the
 * device said no" from "nobody was there" without reading text.
 */
enum hawser_cli_exit {
    HAWSER_EXIT_OK = 0,      /* done */
    HAWSER_EXIT_FAILED = 1,  /* tried, and failed or was rejected */
    HAWSER_EXIT_USAGE = 2,   /* the command line is wrong */
    HAWSER_EXIT_CONFIG = 3,  /* a configuration or file is not usable */
    HAWSER_EXIT_TIMEOUT = 4, /* no connection, or no answer in time */
    HAWSER_EXIT_REFUSED = 5  /* the other side was refused or refuses: TLS
                                verification, login, permission */
};

/* A subcommand. Every text is static. */
struct hawser_cli_command {
    const char *name;
    const char *purpose;          /* one line, for the overview */
    const char *usage;            /* whole help text, ends with a newline */
    void (*help_more)(FILE *out); /* after usage; NULL: nothing more */
    /* argv[0] is the subcommand's name. Answers an exit code. */
    int (*run)(int argc, char **argv);
};

int hawser_cli_agent(int argc, char **argv);
int hawser_cli_send(int argc, char **argv);
int hawser_cli_flights(int argc, char **argv);
int hawser_cli_time(int argc, char **argv);
int hawser_cli_watch(int argc, char **argv);
int hawser_cli_pki(int argc, char **argv);
int hawser_cli_broker(int argc, char **argv);
int hawser_cli_cert(int argc, char **argv);
int hawser_cli_factory(int argc, char **argv);

/* The help texts stand beside the code that keeps their promises. */
extern const char hawser_cli_agent_usage[];
extern const char hawser_cli_send_usage[];
extern const char hawser_cli_flights_usage[];
extern const char hawser_cli_time_usage[];
extern const char hawser_cli_watch_usage[];
extern const char hawser_cli_pki_usage[];
extern const char hawser_cli_broker_usage[];
extern const char hawser_cli_cert_usage[];
extern const char hawser_cli_factory_usage[];

/* The keys of the configuration file, as `hawser help agent` lists them. */
void hawser_cli_agent_help_more(FILE *out);

/*
 * Says "hawser NAME: MESSAGE" and where help is to be had, on standard error.
 * Answers HAWSER_EXIT_USAGE, to be returned at once.
 */
int hawser_cli_usage_error(const char *name, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The project's version, "0.1.0". Static. */
const char *hawser_cli_version(void);

/* When the source was written (Unix time): SOURCE_DATE_EPOCH or the last
 * commit when the build was configured. The least the clock can say. */
uint64_t hawser_cli_build_time_s(void);

#endif
