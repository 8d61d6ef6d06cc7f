/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An OpenSSL that came up without memory and lacks a digest since.
 */
#include <openssl/evp.h>
#include <openssl/objects.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tls/tls.h"

/* As after a start without memory: no certificate signed with it would be good
 * enough for as long as the process runs. */
static void test_create_by_a_library_without_a_digest_fails(void **state)
{
    struct hwi_tls_context *context;

    (void)state;
    assert_non_null(EVP_get_digestbyname("SHA384")); /* OpenSSL has begun */
    assert_true(OBJ_NAME_remove("SHA384", OBJ_NAME_TYPE_MD_METH));
    assert_null(hwi_tls_context_create());
    assert_true(EVP_add_digest(EVP_sha384()));
    context = hwi_tls_context_create();
    assert_non_null(context);
    hwi_tls_context_destroy(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_create_by_a_library_without_a_digest_fails),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
