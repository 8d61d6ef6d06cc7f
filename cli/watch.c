/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hawser watch`. To come.
 */
#include "cli.h"

const char hawser_cli_watch_usage[] = "Usage: hawser watch\n";

int hawser_cli_watch(int argc, char **argv)
{
    (void)argc;
    return hawser_cli_usage_error(argv[0], "not built yet");
}
