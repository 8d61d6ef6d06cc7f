/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The word that was probably meant: for unknown subcommands and keys.
 */
#ifndef HAWSER_CLI_NEAREST_H
#define HAWSER_CLI_NEAREST_H

#include <stddef.h>

/* The longest word that is compared; longer ones are near to nothing. */
#define HAWSER_NEAREST_MAX 32

/*
 * How many letters must be added, removed, changed or swapped with their
 * neighbour to make one word of the other. SIZE_MAX if either is longer than
 * HAWSER_NEAREST_MAX.
 */
size_t hawser_cli_word_distance(const char *a, const char *b);

/* Is the distance small enough, for a word as long as `meant`, to be a slip
 * of the fingers rather than another word? */
int hawser_cli_is_near(size_t distance, const char *meant);

/* A search for the word that was probably meant. Begin with {given, NULL, 0}. */
struct hawser_cli_nearest {
    const char *given;
    const char *word; /* the nearest so far; NULL: none yet */
    size_t distance;  /* of word */
};

/* One of the words that may have been meant; it outlives *n. What was given may
 * also be its beginning, up to a "_". */
void hawser_cli_nearest_try(struct hawser_cli_nearest *n, const char *word);

/* The nearest of all; NULL: none is near enough to be worth a question. */
const char *hawser_cli_nearest_found(const struct hawser_cli_nearest *n);

#endif
