/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hawser send`. To come.
 */
#include "cli.h"

const char hawser_cli_send_usage[] = "Usage: hawser send\n";

int hawser_cli_send(int argc, char **argv)
{
    (void)argc;
    return hawser_cli_usage_error(argv[0], "not built yet");
}
