/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test helper: in what the TLS libraries under test differ. Each has a file of
 * its own that fills this in; the tests are the same.
 */
#ifndef HWI_TLS_TEST_LIBRARY_H
#define HWI_TLS_TEST_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>

/* What it has not got it must refuse. */
struct test_library {
    bool
        has_all_keys; /* Ed25519, P-192: to tell, or to use, of what they are */
    bool has_sha1;    /* to tell that it is too weak */
    bool has_chacha20;
    bool has_name_constraints;
    bool has_key_update;
    bool has_pss_in_tls12;
    const char *group; /* the one that it likes best */
    size_t record_max; /* bytes that one record of ours takes */
    int tickets_kept;
    long kept_max; /* blocks of memory that it keeps for the process */
};
extern const struct test_library test_library;

/* Where the library is to take its memory from. */
struct test_heap {
    void *(*take)(size_t size);
    void *(*retake)(void *old, size_t size);
    void (*give)(void *block);
};
/* Before the library's first use. false: it cannot be told. */
bool test_library_heap(const struct test_heap *heap);

#endif
