/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names over a fake of lwIP's resolver: its task is the test, which answers when
 * it likes, late answers among them.
 */
#include "ports/esp-idf/resolve.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lwip/tcpip.h"

#define QUESTIONS_MAX 4

static struct {
    err_t callback_err;
    err_t dns_err; /* ERR_OK: known at once */
    void (*function)(void *ctx);
    void *function_ctx;
    struct {
        char host[64];
        dns_found_callback found;
        void *ctx;
    } questions[QUESTIONS_MAX];
    unsigned count;
    unsigned news;
} fake;

err_t tcpip_callback(void (*function)(void *ctx), void *ctx)
{
    if (fake.callback_err == ERR_OK) {
        fake.function = function;
        fake.function_ctx = ctx;
    }
    return fake.callback_err;
}

err_t dns_gethostbyname_addrtype(const char *host, ip_addr_t *address,
                                 dns_found_callback found, void *ctx,
                                 uint8_t type)
{
    assert_int_equal(type, LWIP_DNS_ADDRTYPE_IPV4);
    assert_true(fake.count < QUESTIONS_MAX);
    (void)snprintf(fake.questions[fake.count].host,
                   sizeof fake.questions[0].host, "%s", host);
    fake.questions[fake.count].found = found;
    fake.questions[fake.count++].ctx = ctx;
    address->v4 = 0x04030201; /* 1.2.3.4 in a chip's memory */
    return fake.dns_err;
}

static void news(void)
{
    fake.news++;
}

/* lwIP's task does what it was handed. */
static void run_task(void)
{
    assert_non_null(fake.function);
    fake.function(fake.function_ctx);
    fake.function = NULL;
}

static void reply(unsigned i, uint32_t v4)
{
    const ip_addr_t address = {v4};

    fake.questions[i].found(fake.questions[i].host, v4 != 0 ? &address : NULL,
                            fake.questions[i].ctx);
}

static int begin(void **state)
{
    (void)state;
    memset(&fake, 0, sizeof fake);
    fake.dns_err = ERR_INPROGRESS;
    hwi_esp_resolve_init(news);
    for (unsigned i = 0; i < HAWSER_RESOLVE_SLOTS; i++) {
        hwi_esp_resolve_cancel((enum hawser_resolve_slot)i);
    }
    return 0;
}

static int ask(const char *host, struct hawser_address *out)
{
    return hwi_esp_resolve(HAWSER_RESOLVE_BROKER, host, out, 1);
}

static void test_answer_comes_later(void **state)
{
    static const uint8_t wanted[] = {1, 2, 3, 4};
    struct hawser_address out;

    (void)state;
    assert_int_equal(ask("b.example", &out), HAWSER_E_WAIT);
    run_task();
    assert_string_equal(fake.questions[0].host, "b.example");
    assert_int_equal(ask("b.example", &out), HAWSER_E_WAIT);
    assert_int_equal(fake.count, 1); /* asked once */
    assert_int_equal(fake.news, 0);
    reply(0, 0x04030201);
    assert_int_equal(fake.news, 1);
    assert_int_equal(ask("b.example", &out), 1);
    assert_int_equal(out.family, 4);
    assert_int_equal(out.port, 0);
    assert_memory_equal(out.bytes, wanted, 4);
    assert_int_equal(ask("b.example", &out), HAWSER_E_WAIT); /* a new one */
}

static void test_known_at_once(void **state)
{
    struct hawser_address out;

    (void)state;
    fake.dns_err = ERR_OK;
    assert_int_equal(ask("1.2.3.4", &out), HAWSER_E_WAIT);
    run_task();
    assert_int_equal(fake.news, 1);
    assert_int_equal(ask("1.2.3.4", &out), 1);
    assert_int_equal(out.bytes[3], 4);
}

static void test_failures_are_told_and_asked_again(void **state)
{
    struct hawser_address out;

    (void)state;
    assert_int_equal(ask("b.example", &out), HAWSER_E_WAIT);
    run_task();
    reply(0, 0); /* no such name */
    assert_int_equal(ask("b.example", &out), HAWSER_E_LINK);
    fake.dns_err = ERR_ARG; /* not even asked */
    assert_int_equal(ask("b.example", &out), HAWSER_E_WAIT);
    run_task();
    assert_int_equal(fake.news, 2);
    assert_int_equal(ask("b.example", &out), HAWSER_E_LINK);
    fake.callback_err = ERR_MEM; /* lwIP's task is not reached */
    assert_int_equal(ask("b.example", &out), HAWSER_E_LINK);
    fake.callback_err = ERR_OK;
    assert_int_equal(ask("b.example", &out), HAWSER_E_WAIT);
}

static void test_answer_to_a_question_given_up_is_dropped(void **state)
{
    struct hawser_address out;

    (void)state;
    assert_int_equal(ask("old.example", &out), HAWSER_E_WAIT);
    run_task();
    hwi_esp_resolve_cancel(HAWSER_RESOLVE_BROKER);
    assert_int_equal(ask("new.example", &out), HAWSER_E_WAIT);
    run_task();
    reply(0, 0x09090909);
    assert_int_equal(fake.news, 0);
    assert_int_equal(ask("new.example", &out), HAWSER_E_WAIT);
    reply(1, 0x04030201);
    assert_int_equal(ask("new.example", &out), 1);
    assert_int_equal(out.bytes[0], 1);
}

static void test_question_given_up_before_lwip_took_it(void **state)
{
    struct hawser_address out;

    (void)state;
    assert_int_equal(ask("old.example", &out), HAWSER_E_WAIT);
    hwi_esp_resolve_cancel(HAWSER_RESOLVE_BROKER);
    run_task();
    assert_int_equal(fake.count, 0);
}

static void test_bounds(void **state)
{
    char host[HAWSER_HOST_SIZE + 1];
    struct hawser_address out;

    (void)state;
    memset(host, 'a', sizeof host);
    host[sizeof host - 1] = '\0';
    assert_int_equal(ask(host, &out), HAWSER_E_LINK); /* a byte too long */
    assert_null(fake.function);
    assert_int_equal(hwi_esp_resolve(HAWSER_RESOLVE_BROKER, "a", &out, 0),
                     HAWSER_E_LINK);
    assert_int_equal(hwi_esp_resolve(HAWSER_RESOLVE_SLOTS, "a", &out, 1),
                     HAWSER_E_LINK);
    hwi_esp_resolve_cancel(HAWSER_RESOLVE_SLOTS);
}

#define TEST(f) cmocka_unit_test_setup(f, begin)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_answer_comes_later),
        TEST(test_known_at_once),
        TEST(test_failures_are_told_and_asked_again),
        TEST(test_answer_to_a_question_given_up_is_dropped),
        TEST(test_question_given_up_before_lwip_took_it),
        TEST(test_bounds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
