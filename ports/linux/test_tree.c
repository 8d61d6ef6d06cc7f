/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test helper: a folder of its own: test_tree.h.
 */
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "ports/linux/test_tree.h"

void tree_make(struct test_tree *tree)
{
    (void)snprintf(tree->path, sizeof tree->path, "/tmp/hawser-test-XXXXXX");
    assert_non_null(mkdtemp(tree->path));
}

static int remove_one(const char *path, const struct stat *facts, int type,
                      struct FTW *where)
{
    (void)facts;
    (void)type;
    (void)where;
    return remove(path);
}

void tree_remove(struct test_tree *tree)
{
    /* A test has one thread. NOLINTNEXTLINE(concurrency-mt-unsafe) */
    assert_int_equal(nftw(tree->path, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

const char *tree_path(const struct test_tree *tree, const char *file,
                      char out[TREE_FILE_SIZE])
{
    (void)snprintf(out, TREE_FILE_SIZE, "%s/%s", tree->path, file);
    return out;
}

void tree_write(const struct test_tree *tree, const char *file,
                const char *text)
{
    char path[TREE_FILE_SIZE];
    char *slash;
    FILE *out;

    (void)tree_path(tree, file, path);
    for (slash = path + strlen(tree->path) + 1;
         (slash = strchr(slash, '/')) != NULL; slash++) {
        *slash = '\0';
        (void)mkdir(path, 0700); /* there already: fine, fopen() will tell */
        *slash = '/';
    }
    out = fopen(path, "w");
    assert_non_null(out);
    assert_int_equal(fputs(text, out) >= 0, 1);
    assert_int_equal(fclose(out), 0);
}
