/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of `hawser flights`: a device's attempts to get online.
 */
#ifndef HAWSER_CLI_FLIGHTS_H
#define HAWSER_CLI_FLIGHTS_H

#include "cli.h"
#include "json.h"

/* Adds a reply's attempts, a line each, before the first of all a heading. A
 * reply without any is shown as it is. */
void hawser_cli_flights_add(struct hawser_cli_text *t,
                            const struct hawser_cli_object *reply,
                            bool *has_heading);

#endif
