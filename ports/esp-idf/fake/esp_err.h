/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests on the host: the part of ESP-IDF's header that the port uses. The
 * numbers are ESP-IDF's.
 */
#ifndef FAKE_ESP_ERR_H
#define FAKE_ESP_ERR_H

typedef int esp_err_t;

#define ESP_OK                0
#define ESP_FAIL              (-1)
#define ESP_ERR_NO_MEM        0x101
#define ESP_ERR_INVALID_ARG   0x102
#define ESP_ERR_INVALID_STATE 0x103
#define ESP_ERR_INVALID_SIZE  0x104
#define ESP_ERR_NOT_FOUND     0x105

const char *esp_err_to_name(esp_err_t err);

#endif
