/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Regions on a partition: they do not touch, keep to their rules, and erased
 * flash is erased, also behind encryption.
 */
#include "ports/esp-idf/flash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fake.h"

static int fresh(void **state)
{
    (void)state;
    fake_esp_init();
    return 0;
}

static uint32_t size_of(enum hawser_region region)
{
    struct hawser_flash_geometry g;

    hwi_esp_flash_geometry(region, &g);
    assert_int_equal(g.sector_size, 4096);
    assert_int_equal(g.program_size, 16);
    return g.sector_size * g.sector_count;
}

static void test_open_says_what_is_missing(void **state)
{
    (void)state;
    fake_esp.has_partition = false;
    assert_int_equal(hwi_esp_flash_open(), ESP_ERR_NOT_FOUND);
    fake_esp.has_partition = true;
    fake_esp.partition.size = 35 * 4096;
    assert_int_equal(hwi_esp_flash_open(), ESP_ERR_INVALID_SIZE);
    fake_esp.partition.size = 36 * 4096;
    assert_int_equal(hwi_esp_flash_open(), ESP_OK);
    assert_int_equal(size_of(HAWSER_REGION_OUTBOX), 4 * 4096);
}

static void test_regions_fill_the_partition_and_do_not_touch(void **state)
{
    uint8_t mark[16];
    uint8_t got[16];
    uint32_t all = 0;
    unsigned r;

    (void)state;
    assert_int_equal(hwi_esp_flash_open(), ESP_OK);
    for (r = 0; r < HAWSER_REGION_COUNT; r++) {
        uint32_t size = size_of((enum hawser_region)r);

        memset(mark, (int)(r + 1), sizeof mark);
        assert_int_equal(
            hwi_esp_flash_program((enum hawser_region)r, 0, mark, 16), 0);
        assert_int_equal(
            hwi_esp_flash_program((enum hawser_region)r, size - 16, mark, 16),
            0);
        all += size;
    }
    assert_int_equal(all, fake_esp.partition.size);
    for (r = 0; r < HAWSER_REGION_COUNT; r++) {
        uint32_t size = size_of((enum hawser_region)r);

        memset(mark, (int)(r + 1), sizeof mark);
        assert_int_equal(
            hwi_esp_flash_read((enum hawser_region)r, size - 16, got, 16), 0);
        assert_memory_equal(got, mark, 16);
    }
}

static void test_what_lies_outside_is_refused(void **state)
{
    uint8_t bytes[32] = {0};
    uint32_t size;

    (void)state;
    assert_int_equal(hwi_esp_flash_open(), ESP_OK);
    size = size_of(HAWSER_REGION_STATE);
    assert_int_equal(hwi_esp_flash_read(HAWSER_REGION_STATE, size, bytes, 1),
                     HAWSER_E_STORAGE);
    assert_int_equal(
        hwi_esp_flash_read(HAWSER_REGION_STATE, UINT32_MAX, bytes, 32),
        HAWSER_E_STORAGE);
    assert_int_equal(
        hwi_esp_flash_program(HAWSER_REGION_STATE, size - 16, bytes, 32),
        HAWSER_E_STORAGE);
    assert_int_equal(hwi_esp_flash_program(HAWSER_REGION_STATE, 8, bytes, 16),
                     HAWSER_E_STORAGE);
    assert_int_equal(hwi_esp_flash_erase(HAWSER_REGION_STATE, 4),
                     HAWSER_E_STORAGE);
    assert_int_equal(hwi_esp_flash_read(HAWSER_REGION_COUNT, 0, bytes, 1),
                     HAWSER_E_STORAGE);
    fake_esp.is_flash_broken = true;
    assert_int_equal(hwi_esp_flash_read(HAWSER_REGION_STATE, 0, bytes, 1),
                     HAWSER_E_STORAGE);
    assert_int_equal(hwi_esp_flash_program(HAWSER_REGION_STATE, 0, bytes, 16),
                     HAWSER_E_STORAGE);
    assert_int_equal(hwi_esp_flash_erase(HAWSER_REGION_STATE, 0),
                     HAWSER_E_STORAGE);
}

/* Erased flash decrypts to noise; the device must see 0xff, at any offset. */
static void test_encrypted_flash_is_erased_where_it_is(void **state)
{
    static const char text[16] = "a secret of ours";
    uint8_t got[64];
    size_t i;

    (void)state;
    fake_esp.partition.encrypted = true;
    assert_int_equal(hwi_esp_flash_open(), ESP_OK);
    assert_int_equal(hwi_esp_flash_program(HAWSER_REGION_CREDENTIALS, 16,
                                           (const uint8_t *)text, 16),
                     0);
    assert_int_equal(hwi_esp_flash_read(HAWSER_REGION_CREDENTIALS, 5, got, 43),
                     0);
    for (i = 0; i < 43; i++) {
        bool is_text = i + 5 >= 16 && i + 5 < 32;

        assert_int_equal(got[i], is_text ? (uint8_t)text[i + 5 - 16] : 0xff);
    }
    /* On the chip it is not to be read. */
    assert_memory_not_equal(fake_esp.flash + 4 * 4096 + 16, text, 16);
    assert_int_equal(hwi_esp_flash_erase(HAWSER_REGION_CREDENTIALS, 0), 0);
    assert_int_equal(hwi_esp_flash_read(HAWSER_REGION_CREDENTIALS, 16, got, 16),
                     0);
    for (i = 0; i < 16; i++) {
        assert_int_equal(got[i], 0xff);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_open_says_what_is_missing, fresh),
        cmocka_unit_test_setup(test_regions_fill_the_partition_and_do_not_touch,
                               fresh),
        cmocka_unit_test_setup(test_what_lies_outside_is_refused, fresh),
        cmocka_unit_test_setup(test_encrypted_flash_is_erased_where_it_is,
                               fresh),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
