/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which source this is and when it was written. The build gives both numbers
 * to this file alone, so that a new commit rebuilds nothing else.
 */
#include "cli.h"

const char *hawser_cli_version(void)
{
    return HAWSER_VERSION;
}

uint64_t hawser_cli_build_time_s(void)
{
    return HAWSER_BUILD_TIME_S;
}
