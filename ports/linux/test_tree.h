/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test helper: a folder of its own for a test, and files in it. Any failure
 * inside is a broken test and fails it at once.
 */
#ifndef HWI_LINUX_TEST_TREE_H
#define HWI_LINUX_TEST_TREE_H

#define TREE_PATH_SIZE    256
#define TREE_FILE_SIZE    512 /* of a path below it */
#define TREE_COMMAND_SIZE 768 /* of a word and a path */

struct test_tree {
    char path[TREE_PATH_SIZE];
};

/* Makes an empty folder, and takes it away with all that is in it. */
void tree_make(struct test_tree *tree);
void tree_remove(struct test_tree *tree);

/* Writes a file below the folder, making the folders that lead to it. */
void tree_write(const struct test_tree *tree, const char *file,
                const char *text);

/* "<folder>/<file>"; lives until the next call with the same out. */
const char *tree_path(const struct test_tree *tree, const char *file,
                      char out[TREE_FILE_SIZE]);

#endif
