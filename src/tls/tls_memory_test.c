/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that is not there: the Nth allocation of the client fails once, for N
 * up to what a whole connection takes. Each time: no crash, no leak, a typed
 * failure or a good connection. And handshakes that fail, in every way: the
 * heap is afterwards what it was. Every 13th N and 200 handshakes;
 * "tls_memory_test all" tries each and 10,000, which takes a minute.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "tls/tls_test_library.h"
#include "tls/tls_test_server.h"

/* A library's allocator is the process's, hence this one global. */
static struct {
    bool is_client;     /* count and fail now */
    unsigned long at;   /* calls so far */
    unsigned long fail; /* the one that fails; 0: none */
    long live;          /* blocks, of everybody */
} heap;

static bool is_to_fail(void)
{
    return heap.is_client && ++heap.at == heap.fail;
}

static void *heap_take(size_t size)
{
    void *block = is_to_fail() ? NULL : malloc(size);

    heap.live += block != NULL;
    return block;
}

static void *heap_retake(void *old, size_t size)
{
    void *block;

    if (is_to_fail()) {
        return NULL;
    }
    block = realloc(old, size);
    heap.live += old == NULL && block != NULL;
    return block;
}

static void heap_give(void *block)
{
    heap.live -= block != NULL;
    free(block);
}

/* 1 for each N. */
static unsigned long stride = 13;
static unsigned long failures = 200;

/* The transport is the port's: its memory is not under test. */
struct outside {
    struct hwi_tls_transport inner;
};

static int outside_send(void *ctx, const uint8_t *bytes, size_t len)
{
    struct outside *outside = ctx;
    int result;

    heap.is_client = false;
    result = outside->inner.send(outside->inner.ctx, bytes, len);
    heap.is_client = true;
    return result;
}

static int outside_receive(void *ctx, uint8_t *out, size_t size)
{
    struct outside *outside = ctx;
    int result;

    heap.is_client = false;
    result = outside->inner.receive(outside->inner.ctx, out, size);
    heap.is_client = true;
    return result;
}

/* Handshake, tickets, a word; 0, or the failure's result. */
static int converse(struct hwi_tls *tls, struct test_peer *peer,
                    struct hwi_tls_failure *why)
{
    uint8_t byte;
    int result = HAWSER_E_WAIT;
    int i;

    for (i = 0; i < 20 && result == HAWSER_E_WAIT; i++) {
        result = hwi_tls_handshake(tls, why);
        heap.is_client = false;
        test_peer_step(peer);
        heap.is_client = true;
    }
    for (i = 0; i < 4 && result == 0; i++) {
        result = hwi_tls_receive(tls, &byte, 1, why);
        result = result == HAWSER_E_WAIT ? 0 : result;
    }
    if (result == 0) {
        result = hwi_tls_send(tls, (const uint8_t *)"word", 4, why);
    }
    return result < 0 ? result : 0;
}

/* One connection; context NULL: there was no memory for it. */
static int connection(struct hwi_tls_context *context, SSL_CTX *server,
                      const struct hawser_credentials *credentials,
                      struct hwi_tls_failure *why)
{
    struct hawser_stream_target target =
        test_target("broker.example", credentials);
    struct hwi_tls_transport transport;
    struct outside outside;
    struct test_peer peer;
    struct hwi_tls *tls = NULL;
    int result = HAWSER_E_LINK;

    test_peer_start(&peer, server, NULL);
    outside.inner = test_peer_transport(&peer);
    transport =
        (struct hwi_tls_transport){&outside, outside_send, outside_receive};
    heap.is_client = true;
    if (context == NULL) {
        (void)snprintf(why->detail, sizeof why->detail, "no context");
    } else {
        tls = hwi_tls_open(context, &target, &transport, why);
    }
    if (tls != NULL) {
        result = converse(tls, &peer, why);
    }
    hwi_tls_close(tls);
    heap.is_client = false;
    ERR_clear_error();
    test_peer_stop(&peer);
    return result;
}

/* One life of a context with one connection. */
static int life(SSL_CTX *server, const struct hawser_credentials *credentials,
                struct hwi_tls_failure *why)
{
    struct hwi_tls_context *context;
    int result;

    heap.is_client = true;
    context = hwi_tls_context_create();
    heap.is_client = false;
    result = connection(context, server, credentials, why);
    heap.is_client = true;
    hwi_tls_context_destroy(context);
    heap.is_client = false;
    return result;
}

static void test_open_each_allocation_fails_once_is_survived(void **state)
{
    struct farm_set *farm = *state;
    const struct farm_cert *own = &farm->device;
    struct farm_file pem = farm_pem(&own, 1);
    struct farm_file key = farm_key_pem(own);
    struct hawser_credentials credentials = farm->credentials;
    SSL_CTX *server = test_server_context(&farm->leaf, NULL, 0);
    struct hwi_tls_failure why;
    unsigned long failed = 0;
    unsigned long memory = 0;
    unsigned long last;
    long live;

    credentials.chain = farm_view(&pem);
    credentials.key = farm_view(&key);
    test_server_ask(server, &farm->root, true);
    (void)SSL_CTX_set_num_tickets(server, 2);
    (void)SSL_CTX_set_session_cache_mode(server, SSL_SESS_CACHE_OFF);
    /* A library may load its algorithms on first use, for the process. */
    assert_int_equal(life(server, &credentials, &why), 0);
    assert_int_equal(life(server, &credentials, &why), 0);
    live = heap.live;
    heap.at = 0;
    assert_int_equal(life(server, &credentials, &why), 0);
    last = heap.at;
    assert_int_equal(heap.live, live);

    for (heap.fail = 1; heap.fail <= last; heap.fail += stride) {
        int result;

        heap.at = 0;
        why = (struct hwi_tls_failure){0};
        result = life(server, &credentials, &why);
        if (result != 0) {
            assert_int_equal(result, HAWSER_E_LINK);
            assert_true(why.detail[0] != '\0');
            assert_null(strstr(why.detail, "alert: unknown"));
            failed++;
            memory += why.cause == HAWSER_CAUSE_TLS_MEMORY;
        }
    }
    assert_true(heap.live - live <= test_library.kept_max);
    heap.fail = 0;
    printf(
        "  %lu allocations, every %lu. failed: %lu ended the connection (%lu "
        "said \"memory\"), the others did no harm\n",
        last, stride, failed, memory);
    assert_int_equal(life(server, &credentials, &why), 0);
    SSL_CTX_free(server);
    farm_file_free(&pem);
    farm_file_free(&key);
}

static void test_open_after_an_allocation_failed_connects(void **state)
{
    struct farm_set *farm = *state;
    SSL_CTX *server = test_server_context(&farm->leaf, NULL, 0);
    struct hwi_tls_failure why;
    unsigned long last;

    heap.fail = 0;
    assert_int_equal(life(server, &farm->credentials, &why), 0);
    heap.at = 0;
    assert_int_equal(life(server, &farm->credentials, &why), 0);
    last = heap.at;
    for (unsigned long n = 1; n <= last; n += stride) {
        struct hwi_tls_context *context = hwi_tls_context_create();

        heap.at = 0;
        heap.fail = n;
        (void)connection(context, server, &farm->credentials, &why);
        heap.fail = 0;
        if (connection(context, server, &farm->credentials, &why) != 0) {
            fail_msg("allocation %lu failed: afterwards %s", n, why.detail);
        }
        hwi_tls_context_destroy(context);
    }
    SSL_CTX_free(server);
}

/* The ith handshake: each fails in its own way, and at its own byte. */
static enum hawser_cause fail_once(struct hwi_tls_context *context,
                                   struct farm_set *farm, SSL_CTX *servers[2],
                                   unsigned long i)
{
    static const char stranger[] = "HTTP/1.1 400 Bad Request\r\n\r\n";
    const size_t at = 1 + i * 7 % 600; /* within the server's first flight */
    const struct test_faults faults[] = {
        {0}, /* unknown CA */
        {0}, /* wrong name */
        {0}, /* not TLS at all */
        {.cut_at = at},
        {.has_flip = true, .flip_at = at, .flip_mask = 0x55},
        {.is_send_broken = true},
    };
    const size_t way = i % (sizeof faults / sizeof faults[0]);
    struct hawser_stream_target target = test_target(
        way == 1 ? "other.example" : "broker.example", &farm->credentials);
    struct test_outcome outcome;
    struct test_peer peer;
    struct hwi_tls *tls;

    test_peer_start(&peer, way == 2 ? NULL : servers[way == 0], &faults[way]);
    if (way == 2) {
        test_peer_say(&peer, stranger, sizeof stranger - 1);
    }
    tls = test_connect(context, &target, &peer, &outcome);
    assert_null(tls);
    test_peer_stop(&peer);
    ERR_clear_error();
    return outcome.failure.cause;
}

static void test_handshake_that_fails_leaves_the_heap_as_it_was(void **state)
{
    struct farm_set *farm = *state;
    struct hwi_tls_context *context = hwi_tls_context_create();
    SSL_CTX *servers[2] = {test_server_context(&farm->leaf, NULL, 0),
                           test_server_context(&farm->stranger, NULL, 0)};
    unsigned causes[HAWSER_CAUSE_COUNT] = {0};
    unsigned kinds = 0;
    long live = 0;
    unsigned long i;

    assert_non_null(context);
    for (i = 0; i < failures; i++) {
        /* What the library makes once, for the process, is there after a while. */
        if (i == 60) {
            live = heap.live;
        }
        causes[fail_once(context, farm, servers, i)]++;
    }
    assert_int_equal(heap.live, live);
    assert_int_equal(causes[HAWSER_CAUSE_NONE], 0);
    for (i = 0; i < HAWSER_CAUSE_COUNT; i++) {
        kinds += causes[i] != 0;
    }
    assert_true(kinds >= 4);
    printf("  %lu handshakes failed by %u causes; %ld blocks before, %ld "
           "after\n",
           failures, kinds, live, heap.live);
    hwi_tls_context_destroy(context);
    SSL_CTX_free(servers[0]);
    SSL_CTX_free(servers[1]);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_open_each_allocation_fails_once_is_survived),
        cmocka_unit_test(test_open_after_an_allocation_failed_connects),
        cmocka_unit_test(test_handshake_that_fails_leaves_the_heap_as_it_was),
    };

    if (argc > 1 && strcmp(argv[1], "all") == 0) {
        stride = 1;
        failures = 10000;
    }
    if (!test_library_heap(
            &(struct test_heap){heap_take, heap_retake, heap_give})) {
        return 1;
    }
    return cmocka_run_group_tests(tests, farm_set_up, farm_tear_down);
}
