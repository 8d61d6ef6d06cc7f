/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Edit distance with neighbours swapped (optimal string alignment), in three
 * rows of a fixed size.
 */
#include "nearest.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t hawser_cli_word_distance(const char *a, const char *b)
{
    size_t a_len = strlen(a);
    size_t b_len = strlen(b);
    if (a_len > HAWSER_NEAREST_MAX || b_len > HAWSER_NEAREST_MAX) {
        return SIZE_MAX;
    }
    size_t rows[3][HAWSER_NEAREST_MAX + 1] = {{0}};
    for (size_t j = 0; j <= b_len; j++) {
        rows[0][j] = j;
    }
    for (size_t i = 1; i <= a_len; i++) {
        size_t *row = rows[i % 3];
        const size_t *above = rows[(i + 2) % 3];
        const size_t *two_above = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
            row[j] =
                least(above[j - 1] + change, least(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
                a[i - 2] == b[j - 1]) {
                row[j] = least(row[j], two_above[j - 2] + 1);
            }
        }
    }
    return rows[a_len % 3][b_len];
}

int hawser_cli_is_near(size_t distance, const char *meant)
{
    return distance <= 1 + strlen(meant) / 4;
}

/* "password" for "password_file", "interval" for "interval_s". */
static bool begins_compound(const char *word, const char *given)
{
    size_t len = strlen(given);
    return len > 0 && strncmp(word, given, len) == 0 && word[len] == '_';
}

void hawser_cli_nearest_try(struct hawser_cli_nearest *n, const char *word)
{
    size_t distance = begins_compound(word, n->given)
                          ? 0
                          : hawser_cli_word_distance(n->given, word);
    if (n->word == NULL || distance < n->distance) {
        n->word = word;
        n->distance = distance;
    }
}

const char *hawser_cli_nearest_found(const struct hawser_cli_nearest *n)
{
    bool is_near = n->word != NULL && hawser_cli_is_near(n->distance, n->word);
    return is_near ? n->word : NULL;
}
