/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"
const char hawser_cli_broker_usage[] = "Usage: hawser broker\n";
int hawser_cli_broker(int argc, char **argv)
{
    (void)argc;
    return hawser_cli_usage_error(argv[0], "not built yet");
}
