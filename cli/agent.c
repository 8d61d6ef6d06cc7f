/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hawser agent`. To come.
 */
#include "cli.h"

const char hawser_cli_agent_usage[] = "Usage: hawser agent\n";

int hawser_cli_agent(int argc, char **argv)
{
    (void)argc;
    return hawser_cli_usage_error(argv[0], "not built yet");
}

void hawser_cli_agent_help_more(FILE *out)
{
    (void)out;
}
