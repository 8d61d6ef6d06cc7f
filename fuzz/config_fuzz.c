/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzzes configuration files: each is either taken, or there is a mistake to
 * tell. Files that one names are mostly not there.
 */
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cli/config.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct hawser_cli_mistakes mistakes;
    struct hawser_cli_config *config;
    char path[32];
    int fd = memfd_create("config", MFD_CLOEXEC);

    must(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    config = hawser_cli_config_load(path, HAWSER_CLI_CONFIG_DEVICE, &mistakes);
    must((config == NULL) == (mistakes.count > 0));
    hawser_cli_config_free(config);
    (void)close(fd);
    return 0;
}
