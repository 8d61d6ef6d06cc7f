/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The SNTP packet: what goes out, which replies are ours, what they may not
 * say, the half of the way back, and the year 2036.
 */
#include "device/sntp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define NOW_MS  (UINT64_C(1790000000) * 1000)
#define FLOOR_S UINT64_C(1760000000)
#define TO_1970 UINT64_C(2208988800) /* seconds from 1900 */

#define AT_ORIGIN   24
#define AT_RECEIVE  32
#define AT_TRANSMIT 40

static const uint8_t nonce[] = {9, 8, 7, 6, 5, 4, 3, 2};

/* One exchange that is all right: 40 ms there and back. */
struct exchange {
    uint8_t reply[HWI_SNTP_LEN + 20];
    size_t len;
    struct hwi_sntp_exchange ours;
    uint64_t unix_ms;
};

static void put_u32(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++) {
        at[i] = (uint8_t)(value >> (24 - 8 * i));
    }
}

/* A timestamp of the second half of a millisecond, as a real one has. */
static void put_time(uint8_t *at, uint64_t unix_ms)
{
    put_u32(at, (uint32_t)(unix_ms / 1000 + TO_1970));
    put_u32(at + 4, (uint32_t)((((unix_ms % 1000) * 2 + 1) << 31) / 1000));
}

static void put_both(struct exchange *x, uint64_t unix_ms)
{
    put_time(x->reply + AT_RECEIVE, unix_ms);
    put_time(x->reply + AT_TRANSMIT, unix_ms);
}

static struct exchange good(void)
{
    struct exchange x = {.reply = {0x24, 2}, .len = HWI_SNTP_LEN};

    x.ours = (struct hwi_sntp_exchange){.nonce = nonce,
                                        .sent_ms = 5000,
                                        .received_ms = 5040,
                                        .floor_s = FLOOR_S};
    memcpy(x.reply + AT_ORIGIN, nonce, sizeof(nonce));
    put_both(&x, NOW_MS);
    return x;
}

static enum hwi_sntp_answer take(struct exchange *x)
{
    x->unix_ms = 0;
    return hwi_sntp_reply((struct hawser_view){x->reply, x->len}, &x->ours,
                          &x->unix_ms);
}

/* Request ------------------------------------------------------------------- */

static void test_request_tells_only_version_mode_and_nonce(void **state)
{
    uint8_t expected[HWI_SNTP_LEN] = {0x23};
    uint8_t out[HWI_SNTP_LEN];

    (void)state;
    memset(out, 0xA5, sizeof(out));
    memcpy(expected + AT_TRANSMIT, nonce, sizeof(nonce));
    hwi_sntp_request(out, nonce);
    assert_memory_equal(out, expected, sizeof(out));
}

/* Whose reply --------------------------------------------------------------- */

static void test_reply_good_is_the_time_with_half_the_way(void **state)
{
    struct exchange x = good();

    (void)state;
    assert_int_equal(take(&x), HWI_SNTP_OK);
    assert_true(x.unix_ms == NOW_MS + 20);
}

static void test_reply_shorter_is_ignored_longer_is_fine(void **state)
{
    struct exchange x = good();

    (void)state;
    x.len = HWI_SNTP_LEN + 20;
    assert_int_equal(take(&x), HWI_SNTP_OK);
    for (x.len = 0; x.len < HWI_SNTP_LEN; x.len++) {
        assert_int_equal(take(&x), HWI_SNTP_IGNORED);
    }
}

static void test_reply_any_bit_of_the_origin_wrong_is_ignored(void **state)
{
    (void)state;
    for (unsigned bit = 0; bit < 64; bit++) {
        struct exchange x = good();
        x.reply[AT_ORIGIN + bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_equal(take(&x), HWI_SNTP_IGNORED);
        assert_true(x.unix_ms == 0);
    }
}

static void test_reply_only_a_server_of_any_version_counts(void **state)
{
    (void)state;
    for (unsigned first = 0; first < 64; first++) {
        struct exchange x = good();
        bool is_server = (first & 7) == 4 && first >> 3 != 0;
        x.reply[0] = (uint8_t)first;
        assert_int_equal(take(&x), is_server ? HWI_SNTP_OK : HWI_SNTP_IGNORED);
    }
}

static void test_reply_kiss_without_our_origin_is_ignored(void **state)
{
    struct exchange x = good();

    (void)state;
    x.reply[1] = 0;
    memcpy(x.reply + 12, "DENY", 4);
    x.reply[AT_ORIGIN] ^= 1;
    assert_int_equal(take(&x), HWI_SNTP_IGNORED);
}

/* What it says -------------------------------------------------------------- */

static void test_reply_kisses_are_obeyed(void **state)
{
    static const struct {
        const char *code;
        enum hwi_sntp_answer answer;
    } rows[] = {{"RATE", HWI_SNTP_KISS_RATE}, {"DENY", HWI_SNTP_KISS_DENY},
                {"RSTR", HWI_SNTP_KISS_DENY}, {"INIT", HWI_SNTP_UNUSABLE},
                {"rate", HWI_SNTP_UNUSABLE},  {"\0\0\0\0", HWI_SNTP_UNUSABLE}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct exchange x = good();
        x.reply[0] = 0xE4; /* kisses come with the alarm */
        x.reply[1] = 0;
        memcpy(x.reply + 12, rows[i].code, 4);
        assert_int_equal(take(&x), rows[i].answer);
        assert_true(x.unix_ms == 0);
    }
}

static void test_reply_alarm_is_unusable_leap_seconds_are_not(void **state)
{
    (void)state;
    for (unsigned leap = 0; leap < 4; leap++) {
        struct exchange x = good();
        x.reply[0] = (uint8_t)(leap << 6 | 0x24);
        assert_int_equal(take(&x), leap == 3 ? HWI_SNTP_UNUSABLE : HWI_SNTP_OK);
    }
}

static void test_reply_stratum_goes_up_to_fifteen(void **state)
{
    (void)state;
    for (unsigned stratum = 1; stratum < 256; stratum++) {
        struct exchange x = good();
        x.reply[1] = (uint8_t)stratum;
        assert_int_equal(take(&x),
                         stratum <= 15 ? HWI_SNTP_OK : HWI_SNTP_UNUSABLE);
    }
}

static void test_reply_without_transmit_time_is_unusable(void **state)
{
    struct exchange x = good();

    (void)state;
    memset(x.reply + AT_TRANSMIT, 0, 8);
    assert_int_equal(take(&x), HWI_SNTP_UNUSABLE);
}

/* Times --------------------------------------------------------------------- */

static void test_reply_two_seconds_under_way_is_unusable(void **state)
{
    struct exchange x = good();

    (void)state;
    x.ours.received_ms = x.ours.sent_ms + 1999;
    assert_int_equal(take(&x), HWI_SNTP_OK);
    assert_true(x.unix_ms == NOW_MS + 999);
    x.ours.received_ms = x.ours.sent_ms + 2000;
    assert_int_equal(take(&x), HWI_SNTP_UNUSABLE);
}

static void test_reply_server_kept_it_counts_only_the_way(void **state)
{
    struct exchange x = good();

    (void)state;
    put_time(x.reply + AT_TRANSMIT, NOW_MS + 30); /* 30 of 40 ms */
    assert_int_equal(take(&x), HWI_SNTP_OK);
    assert_true(x.unix_ms == NOW_MS + 35);
    put_time(x.reply + AT_TRANSMIT, NOW_MS + 40);
    assert_int_equal(take(&x), HWI_SNTP_OK);
    assert_true(x.unix_ms == NOW_MS + 40);
    put_time(x.reply + AT_TRANSMIT, NOW_MS + 41); /* rounding */
    assert_int_equal(take(&x), HWI_SNTP_OK);
    assert_true(x.unix_ms == NOW_MS + 41);
}

static void test_reply_server_kept_it_longer_than_we_waited_lies(void **state)
{
    struct exchange x = good();

    (void)state;
    put_time(x.reply + AT_TRANSMIT, NOW_MS + 42);
    assert_int_equal(take(&x), HWI_SNTP_UNUSABLE);
}

static void test_reply_sent_before_it_was_received_lies(void **state)
{
    struct exchange x = good();

    (void)state;
    put_time(x.reply + AT_TRANSMIT, NOW_MS - 1);
    assert_int_equal(take(&x), HWI_SNTP_UNUSABLE);
}

static void test_reply_at_once_is_the_time_itself(void **state)
{
    struct exchange x = good();

    (void)state;
    x.ours.received_ms = x.ours.sent_ms;
    assert_int_equal(take(&x), HWI_SNTP_OK);
    assert_true(x.unix_ms == NOW_MS);
}

static void test_reply_every_millisecond_survives(void **state)
{
    struct exchange x = good();

    (void)state;
    x.ours.received_ms = x.ours.sent_ms;
    for (unsigned ms = 0; ms < 1000; ms++) {
        put_both(&x, NOW_MS + ms);
        assert_int_equal(take(&x), HWI_SNTP_OK);
        assert_true(x.unix_ms == NOW_MS + ms);
    }
}

static void test_reply_over_the_end_of_the_era_goes_on(void **state)
{
    static const uint64_t end_s = (UINT64_C(1) << 32) - TO_1970; /* 2036 */
    static const uint64_t times_s[] = {end_s - 1, end_s, end_s + 1,
                                       end_s + UINT64_C(600000000)};

    (void)state;
    for (size_t i = 0; i < sizeof(times_s) / sizeof(times_s[0]); i++) {
        struct exchange x = good();
        put_both(&x, times_s[i] * 1000 + 500);
        assert_int_equal(take(&x), HWI_SNTP_OK);
        assert_true(x.unix_ms == times_s[i] * 1000 + 520);
    }
}

static void test_reply_era_is_the_first_from_the_floor_on(void **state)
{
    static const uint64_t era_s = UINT64_C(1) << 32;
    struct exchange x = good();

    (void)state;
    put_both(&x, FLOOR_S * 1000); /* the very first moment */
    assert_int_equal(take(&x), HWI_SNTP_OK);
    assert_true(x.unix_ms == FLOOR_S * 1000 + 20);
    put_both(&x, (FLOOR_S - 1) * 1000); /* 136 years later, for all we know */
    assert_int_equal(take(&x), HWI_SNTP_OK);
    assert_true(x.unix_ms == (FLOOR_S - 1 + era_s) * 1000 + 20);
    x.ours.floor_s = 0;
    put_both(&x, NOW_MS);
    assert_int_equal(take(&x), HWI_SNTP_OK);
    assert_true(x.unix_ms == NOW_MS + 20);
    x.ours.floor_s = FLOOR_S + 3 * era_s;
    assert_int_equal(take(&x), HWI_SNTP_OK);
    assert_true(x.unix_ms == NOW_MS + 3 * era_s * 1000 + 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_request_tells_only_version_mode_and_nonce),
        cmocka_unit_test(test_reply_good_is_the_time_with_half_the_way),
        cmocka_unit_test(test_reply_shorter_is_ignored_longer_is_fine),
        cmocka_unit_test(test_reply_any_bit_of_the_origin_wrong_is_ignored),
        cmocka_unit_test(test_reply_only_a_server_of_any_version_counts),
        cmocka_unit_test(test_reply_kiss_without_our_origin_is_ignored),
        cmocka_unit_test(test_reply_kisses_are_obeyed),
        cmocka_unit_test(test_reply_alarm_is_unusable_leap_seconds_are_not),
        cmocka_unit_test(test_reply_stratum_goes_up_to_fifteen),
        cmocka_unit_test(test_reply_without_transmit_time_is_unusable),
        cmocka_unit_test(test_reply_two_seconds_under_way_is_unusable),
        cmocka_unit_test(test_reply_server_kept_it_counts_only_the_way),
        cmocka_unit_test(test_reply_server_kept_it_longer_than_we_waited_lies),
        cmocka_unit_test(test_reply_sent_before_it_was_received_lies),
        cmocka_unit_test(test_reply_at_once_is_the_time_itself),
        cmocka_unit_test(test_reply_every_millisecond_survives),
        cmocka_unit_test(test_reply_over_the_end_of_the_era_goes_on),
        cmocka_unit_test(test_reply_era_is_the_first_from_the_floor_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
