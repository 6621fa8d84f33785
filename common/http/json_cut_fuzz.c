/* SPDX-License-Identifier: Apache-2.0 */
/* What is cut out of a text lies inside of it, and is an object's whole value: wrapped again it is
 * found again. */
#include <stdlib.h>

#include "common/base/assert.h"
#include "common/http/json_cut.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    lia_span value, again;
    if (!lia_json_cut(lia_span_make(data, size), "a", &value)) return 0;
    lia_assert(lia_json_members(lia_span_make(data, size)) > 0);
    lia_assert(value.data >= data && value.data + value.size <= data + size);
    static const char head[] = "{\"a\":";
    uint8_t *text = malloc(sizeof head + value.size);
    if (!text) return 0;
    memcpy(text, head, sizeof head - 1);
    if (value.size) memcpy(text + sizeof head - 1, value.data, value.size);
    text[sizeof head - 1 + value.size] = '}';
    lia_assert(lia_json_cut(lia_span_make(text, sizeof head + value.size), "a", &again));
    lia_assert(lia_span_equal(again, value));
    free(text);
    return 0;
}
