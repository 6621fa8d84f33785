/* SPDX-License-Identifier: Apache-2.0 */
/* address - free loopback addresses for tests and benches. */
#ifndef LIA_TESTS_SUPPORT_ADDRESS_H
#define LIA_TESTS_SUPPORT_ADDRESS_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/bus/address.h"

/* "127.0.0.1:27xxx", free at this moment. Between 27000 and 32000 are no ephemeral ports, so nobody
 * takes a port between this and its use but another test, which begins elsewhere. */
static inline void lia_test_address(char *text, size_t size)
{
    static unsigned next;
    lia_why why;
    if (!next) next = (unsigned)getpid() * 37;
    for (int tries = 0; tries < 5000; tries++) {
        int fd;
        snprintf(text, size, "127.0.0.1:%u", 27000 + next++ % 5000);
        if (lia_address_listen(text, &fd, &why)) continue;
        close(fd);
        return;
    }
    abort();
}

#endif
