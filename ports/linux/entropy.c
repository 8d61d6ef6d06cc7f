/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random bytes from getrandom(2): entropy.h.
 */
#include "ports/linux/entropy.h"

#include <errno.h>
#include <sys/random.h>

int hwi_linux_entropy(uint8_t *out, size_t len)
{
    while (len > 0) {
        ssize_t got = getrandom(out, len, GRND_NONBLOCK);

        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return HAWSER_E_WAIT;
        }
        out += got;
        len -= (size_t)got;
    }
    return 0;
}
