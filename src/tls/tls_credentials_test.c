/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CA files, own certificates and keys that must be refused before a connection
 * begins, and those that must be taken.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/pem.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "tls/tls_test_library.h"
#include "tls/tls_test_server.h"

#define CA_BASIC "critical,CA:TRUE"

struct farm {
    struct farm_cert root;
    struct farm_cert middle; /* a CA, but no root */
    struct farm_cert leaf;
    struct farm_cert weak_root;
    struct farm_cert curve_root; /* P-192 */
    struct farm_cert mute_root;  /* a CA that may not sign */
    struct farm_cert own;        /* the device's */
    struct farm_cert own_rsa;
    struct farm_cert own_weak;
    struct farm_file root_pem, root_der, own_pem, own_key;
};

static int farm_setup(void **state)
{
    struct farm *farm = calloc(1, sizeof *farm);
    const struct farm_cert *list[1];

    assert_non_null(farm);
    farm->root =
        farm_make(&(struct farm_spec){.name = "Root", .basic = CA_BASIC}, NULL);
    farm->middle = farm_make(
        &(struct farm_spec){.name = "Middle", .basic = CA_BASIC}, &farm->root);
    farm->leaf = farm_make(&(struct farm_spec){.san = "DNS:broker.example"},
                           &farm->root);
    farm->weak_root = farm_make(&(struct farm_spec){.name = "Weak",
                                                    .basic = CA_BASIC,
                                                    .key = FARM_RSA1024},
                                NULL);
    farm->curve_root = farm_make(&(struct farm_spec){.name = "Small curve",
                                                     .basic = CA_BASIC,
                                                     .key = FARM_P192},
                                 NULL);
    farm->mute_root = farm_make(&(struct farm_spec){.name = "Mute",
                                                    .basic = CA_BASIC,
                                                    .usage = "cRLSign"},
                                NULL);
    farm->own = farm_make(&(struct farm_spec){.name = "device-1"}, &farm->root);
    farm->own_rsa =
        farm_make(&(struct farm_spec){.name = "device-2", .key = FARM_RSA2048},
                  &farm->root);
    farm->own_weak =
        farm_make(&(struct farm_spec){.name = "device-3", .key = FARM_RSA1024},
                  &farm->root);
    list[0] = &farm->root;
    farm->root_pem = farm_pem(list, 1);
    farm->root_der = farm_der(&farm->root);
    list[0] = &farm->own;
    farm->own_pem = farm_pem(list, 1);
    farm->own_key = farm_key_pem(&farm->own);
    *state = farm;
    return 0;
}

static int farm_teardown(void **state)
{
    struct farm *farm = *state;

    farm_clear(&farm->root);
    farm_clear(&farm->middle);
    farm_clear(&farm->leaf);
    farm_clear(&farm->weak_root);
    farm_clear(&farm->curve_root);
    farm_clear(&farm->mute_root);
    farm_clear(&farm->own);
    farm_clear(&farm->own_rsa);
    farm_clear(&farm->own_weak);
    farm_file_free(&farm->root_pem);
    farm_file_free(&farm->root_der);
    farm_file_free(&farm->own_pem);
    farm_file_free(&farm->own_key);
    free(farm);
    return 0;
}

/* Opens with these credentials; true: taken. */
static bool is_taken(const struct hawser_credentials *credentials,
                     struct hwi_tls_failure *why)
{
    struct hwi_tls_context *context = hwi_tls_context_create();
    struct hawser_stream_target target =
        test_target("broker.example", credentials);
    struct hwi_tls_transport transport;
    struct test_peer peer;
    struct hwi_tls *tls;

    *why = (struct hwi_tls_failure){0};
    test_peer_start(&peer, NULL, NULL);
    transport = test_peer_transport(&peer);
    tls = hwi_tls_open(context, &target, &transport, why);
    hwi_tls_close(tls);
    test_peer_stop(&peer);
    hwi_tls_context_destroy(context);
    return tls != NULL;
}

static void refuse(const char *name,
                   const struct hawser_credentials *credentials,
                   const char *detail)
{
    struct hwi_tls_failure why;

    if (is_taken(credentials, &why)) {
        fail_msg("%s was taken", name);
    }
    printf("  %-34s refuse  %-10s %s\n", name, test_cause_word(why.cause),
           why.detail);
    assert_int_equal(why.cause, HAWSER_CAUSE_TLS_SETUP);
    if (strstr(why.detail, detail) == NULL) {
        fail_msg("%s: \"%s\"", name, why.detail);
    }
}

static void accept(const char *name,
                   const struct hawser_credentials *credentials)
{
    struct hwi_tls_failure why;

    assert_int_equal(hwi_tls_anchors_check(credentials->ca, &why), 0);
    if (!is_taken(credentials, &why)) {
        fail_msg("%s was refused: %s", name, why.detail);
    }
    printf("  %-34s accept\n", name);
}

/* A CA is judged alike before it is stored and when it is used. */
static void refuse_ca(const char *name, struct hawser_view ca,
                      const char *detail)
{
    struct hwi_tls_failure why = {0};

    assert_int_equal(hwi_tls_anchors_check(ca, &why), HAWSER_E_LINK);
    assert_int_equal(why.cause, HAWSER_CAUSE_TLS_SETUP);
    assert_non_null(strstr(why.detail, detail));
    refuse(name, &(struct hawser_credentials){.ca = ca}, detail);
}

static struct hawser_view text_view(const char *text)
{
    return (struct hawser_view){(const uint8_t *)text, strlen(text)};
}

/* A certificate in PEM with a byte too many inside. */
static void refuse_ca_with_tail(const struct farm_file *der)
{
    uint8_t *bytes = calloc(1, der->len + 1);
    BIO *bio = BIO_new(BIO_s_mem());
    char *pem = NULL;
    long len;

    assert_non_null(bytes);
    memcpy(bytes, der->bytes, der->len);
    assert_true(
        PEM_write_bio(bio, "CERTIFICATE", "", bytes, (long)der->len + 1));
    len = BIO_get_mem_data(bio, &pem);
    refuse_ca("PEM round a certificate and more",
              (struct hawser_view){(uint8_t *)pem, (size_t)len},
              "damaged certificate");
    BIO_free(bio);
    free(bytes);
}

/* A DER certificate with half of another behind it. */
static void refuse_ca_tail_der(const struct farm_file *der)
{
    size_t len = der->len + der->len / 2;
    uint8_t *bytes = malloc(len);

    assert_non_null(bytes);
    memcpy(bytes, der->bytes, der->len);
    memcpy(bytes + der->len, der->bytes, der->len / 2);
    refuse_ca("DER and half of another", (struct hawser_view){bytes, len},
              "whole DER");
    free(bytes);
}

static void refuse_ca_cert(const char *name, const struct farm_cert *cert,
                           const char *detail)
{
    const struct farm_cert *const list[] = {cert};
    struct farm_file pem = farm_pem(list, 1);

    refuse_ca(name, farm_view(&pem), detail);
    farm_file_free(&pem);
}

static void test_open_ca_bytes_that_are_no_ca_refused(void **state)
{
    struct farm *farm = *state;
    struct hawser_view pem = farm_view(&farm->root_pem);
    struct hawser_view der = farm_view(&farm->root_der);

    refuse_ca("absent", (struct hawser_view){NULL, 0}, "is empty");
    refuse_ca("empty", text_view(""), "is empty");
    refuse_ca("garbage", text_view("hello\n"), "holds no certificate");
    refuse_ca("only a newline", text_view("\n"), "holds no certificate");
    refuse_ca("a PEM head only", text_view("-----BEGIN CERTIFICATE-----\n"),
              "cut short");
    refuse_ca("PEM cut short", (struct hawser_view){pem.at, pem.len / 2},
              "cut short");
    refuse_ca("PEM without its last letters",
              (struct hawser_view){pem.at, pem.len - 10}, "cut short");
    refuse_ca("DER cut short", (struct hawser_view){der.at, der.len - 1},
              "whole DER");
    refuse_ca("DER of one byte", (struct hawser_view){der.at, 1}, "whole DER");
    refuse_ca_tail_der(&farm->root_der);
    refuse_ca("a private key", farm_view(&farm->own_key), "private key");
    refuse_ca("a PEM of another kind",
              text_view("-----BEGIN X509 CRL-----\nAAAA\n"
                        "-----END X509 CRL-----\n"),
              "something else");
    refuse_ca("PEM round something else",
              text_view("-----BEGIN CERTIFICATE-----\nAAAA\n"
                        "-----END CERTIFICATE-----\n"),
              "damaged certificate");
    refuse_ca_with_tail(&farm->root_der);
}

static void test_open_ca_that_may_not_sign_refused(void **state)
{
    struct farm *farm = *state;

    refuse_ca_cert("a leaf", &farm->leaf, "not a CA certificate");
    refuse_ca_cert("a CA without keyCertSign", &farm->mute_root,
                   "not a CA certificate");
    refuse_ca_cert("a CA of RSA 1024", &farm->weak_root, "2048");
    refuse_ca_cert("a CA of P-192", &farm->curve_root,
                   test_library.has_all_keys ? "256" : "not known here");
    refuse_ca_cert("an intermediate alone", &farm->middle, "holds no root");
}

/* One bad certificate among good ones spoils the file: nobody would notice
 * otherwise that a CA is missing. */
static void test_open_ca_good_and_bad_refused(void **state)
{
    struct farm *farm = *state;
    const struct farm_cert *const list[] = {&farm->root, &farm->leaf};
    struct farm_file pem = farm_pem(list, 2);

    refuse_ca("a root and a leaf", farm_view(&pem), "\"CN=leaf\"");
    refuse_ca("a root and a leaf cut short",
              (struct hawser_view){pem.bytes, pem.len - 40}, "cut short");
    farm_file_free(&pem);
}

static void test_open_ca_good_taken(void **state)
{
    struct farm *farm = *state;
    const struct farm_cert *const list[] = {&farm->middle, &farm->root};
    const struct farm_cert *const twice[] = {&farm->root, &farm->root};
    struct farm_file both = farm_pem(list, 2);
    struct farm_file same = farm_pem(twice, 2);
    char *commented = malloc(farm->root_pem.len + 64);
    size_t len;

    assert_non_null(commented);
    len = (size_t)snprintf(commented, 64, "Our CA, good until 2033\n\n");
    memcpy(commented + len, farm->root_pem.bytes, farm->root_pem.len);
    accept("PEM",
           &(struct hawser_credentials){.ca = farm_view(&farm->root_pem)});
    accept("DER",
           &(struct hawser_credentials){.ca = farm_view(&farm->root_der)});
    accept("intermediate and root",
           &(struct hawser_credentials){.ca = farm_view(&both)});
    accept("the same twice",
           &(struct hawser_credentials){.ca = farm_view(&same)});
    accept("PEM with words above",
           &(struct hawser_credentials){
               .ca = {(const uint8_t *)commented, len + farm->root_pem.len}});
    farm_file_free(&both);
    farm_file_free(&same);
    free(commented);
}

static void test_open_own_faulty_refused(void **state)
{
    struct farm *farm = *state;
    const struct farm_cert *const weak[] = {&farm->own_weak};
    struct farm_file rsa_key = farm_key_pem(&farm->own_rsa);
    struct farm_file other_key = farm_key_pem(&farm->leaf);
    struct farm_file secret_key = farm_key_pem_encrypted(&farm->own);
    struct farm_file weak_pem = farm_pem(weak, 1);
    struct farm_file weak_key = farm_key_pem(&farm->own_weak);
    struct hawser_credentials own = {.ca = farm_view(&farm->root_pem),
                                     .chain = farm_view(&farm->own_pem)};

    refuse("certificate without key", &own, "key file is empty or not given");
    own.key = farm_view(&other_key);
    refuse("key of another certificate", &own, "does not match");
    own.key = farm_view(&rsa_key);
    refuse("key of another kind", &own, "does not match");
    own.key = farm_view(&secret_key);
    refuse("encrypted key", &own, "is encrypted");
    own.key = farm_view(&farm->own_pem);
    refuse("certificate as the key", &own, "holds no private key");
    own.key = text_view("hello\n");
    refuse("garbage as the key", &own, "holds no private key");
    own.key = farm_view(&farm->own_key);
    own.key.len /= 2;
    refuse("key cut short", &own, "holds no private key");
    own.key = farm_view(&farm->own_key);
    own.chain = farm_view(&farm->own_key);
    refuse("key as the certificate", &own, "private key");
    own.chain = text_view("");
    refuse("empty certificate", &own, "is empty");
    own.chain = (struct hawser_view){NULL, 0};
    refuse("key without certificate", &own, "without a certificate");
    own.chain = farm_view(&weak_pem);
    own.key = farm_view(&weak_key);
    refuse("own key of RSA 1024", &own, "2048");
    farm_file_free(&rsa_key);
    farm_file_free(&other_key);
    farm_file_free(&secret_key);
    farm_file_free(&weak_pem);
    farm_file_free(&weak_key);
}

static void test_open_own_good_taken(void **state)
{
    struct farm *farm = *state;
    const struct farm_cert *const list[] = {&farm->own_rsa, &farm->middle};
    struct farm_file rsa_chain = farm_pem(list, 2);
    struct farm_file rsa_key = farm_key_pem(&farm->own_rsa);
    struct farm_file der = farm_der(&farm->own);
    struct farm_file key_der = farm_key_der(&farm->own);
    struct hawser_view ca = farm_view(&farm->root_pem);
    struct farm_cert edwards =
        farm_make(&(struct farm_spec){.name = "device-4", .key = FARM_ED25519},
                  &farm->root);
    struct farm_file ed_der = farm_der(&edwards);
    struct farm_file ed_key = farm_key_pem(&edwards);

    if (test_library.has_all_keys) {
        accept("Ed25519, DER and PEM",
               &(struct hawser_credentials){ca, farm_view(&ed_der),
                                            farm_view(&ed_key)});
    }
    farm_file_free(&ed_der);
    farm_file_free(&ed_key);
    farm_clear(&edwards);
    accept("P-256, PEM",
           &(struct hawser_credentials){ca, farm_view(&farm->own_pem),
                                        farm_view(&farm->own_key)});
    accept("P-256, DER", &(struct hawser_credentials){ca, farm_view(&der),
                                                      farm_view(&key_der)});
    accept("RSA 2048 and an intermediate",
           &(struct hawser_credentials){ca, farm_view(&rsa_chain),
                                        farm_view(&rsa_key)});
    farm_file_free(&rsa_chain);
    farm_file_free(&rsa_key);
    farm_file_free(&der);
    farm_file_free(&key_der);
}

/* After a refusal the old credentials are not used either, and the right ones
 * work in the same context. */
static void test_open_after_refusal_takes_good_ones(void **state)
{
    struct farm *farm = *state;
    struct hawser_credentials good = {.ca = farm_view(&farm->root_pem)};
    struct hawser_credentials bad = {.ca = text_view("hello")};
    const struct hawser_credentials *const order[] = {&good, &bad, &bad, &good};
    struct hwi_tls_context *context = hwi_tls_context_create();
    struct hwi_tls_transport transport;
    struct test_peer peer;
    size_t i;

    test_peer_start(&peer, NULL, NULL);
    transport = test_peer_transport(&peer);
    for (i = 0; i < 4; i++) {
        struct hawser_stream_target target =
            test_target("broker.example", order[i]);
        struct hwi_tls_failure why = {0};
        struct hwi_tls *tls = hwi_tls_open(context, &target, &transport, &why);

        assert_true((tls != NULL) == (order[i] == &good));
        hwi_tls_close(tls);
    }
    test_peer_stop(&peer);
    hwi_tls_context_destroy(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_open_ca_bytes_that_are_no_ca_refused),
        cmocka_unit_test(test_open_ca_that_may_not_sign_refused),
        cmocka_unit_test(test_open_ca_good_and_bad_refused),
        cmocka_unit_test(test_open_ca_good_taken),
        cmocka_unit_test(test_open_own_faulty_refused),
        cmocka_unit_test(test_open_own_good_taken),
        cmocka_unit_test(test_open_after_refusal_takes_good_ones),
    };

    return cmocka_run_group_tests(tests, farm_setup, farm_teardown);
}
