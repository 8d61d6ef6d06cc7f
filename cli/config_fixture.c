/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The folder and files for tests of the configuration reader.
 */
#include "config_fixture.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void test_config_write_bytes(const char *name, const char *bytes, size_t len,
                             mode_t mode)
{
    (void)unlink(name);
    FILE *file = fopen(name, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(name, mode), 0);
}

void test_config_write(const char *name, const char *text, mode_t mode)
{
    test_config_write_bytes(name, text, strlen(text), mode);
}

int test_config_enter(void **state)
{
    struct place *p = calloc(1, sizeof(*p));
    assert_non_null(p);
    strcpy(p->folder, "/tmp/hawser-config-XXXXXX");
    assert_non_null(mkdtemp(p->folder));
    assert_int_equal(chdir(p->folder), 0);
    test_config_write("ca.pem", "anchor", 0644);
    test_config_write("password", "geheim\r\n", 0600);
    test_config_write("device.pem", "chain", 0644);
    test_config_write("device.key", "key", 0600);
    *state = p;
    return 0;
}

int test_config_leave(void **state)
{
    static const char *const names[] = {"ca.pem",     "password",   "open",
                                        "device.pem", "device.key", "empty",
                                        "newline",    "c.ini"};
    struct place *p = *state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        (void)unlink(names[i]);
    }
    assert_int_equal(chdir("/"), 0);
    assert_int_equal(rmdir(p->folder), 0);
    free(p);
    return 0;
}

struct hawser_cli_config *test_config_load(struct place *p, const char *text)
{
    test_config_write("c.ini", text, 0644);
    return hawser_cli_config_load("c.ini", HAWSER_CLI_CONFIG_DEVICE,
                                  &p->mistakes);
}
