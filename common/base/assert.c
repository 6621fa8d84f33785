/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/assert.h"

#include <stdio.h>
#include <stdlib.h>

void lia_assert_failed(const char *expression, const char *file, int line)
{
    fprintf(stderr, "{\"level\":\"error\",\"event\":\"assert.failed\",\"at\":\"%s:%d\","
                    "\"expression\":\"%s\"}\n",
            file, line, expression);
    abort();
}
