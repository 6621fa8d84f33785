/* SPDX-License-Identifier: Apache-2.0 */
#include "common/wire/utf8.h"

static bool continues(const uint8_t *at, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if ((at[i] & 0xc0) != 0x80) return false;
    return true;
}

size_t lia_utf8_step(lia_span text)
{
    if (!text.size) return 0;
    uint8_t first = text.data[0];
    size_t size = first < 0x80   ? 1
                  : first < 0xc2 ? 0
                  : first < 0xe0 ? 2
                  : first < 0xf0 ? 3
                  : first < 0xf5 ? 4
                                 : 0;
    if (size < 2) return size;
    if (text.size < size || !continues(text.data + 1, size - 1)) return 0;
    uint8_t second = text.data[1];
    if ((first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90))
        return 0; /* overlong */
    if ((first == 0xed && second > 0x9f) || (first == 0xf4 && second > 0x8f))
        return 0; /* no character */
    return size;
}

bool lia_utf8_valid(lia_span text)
{
    while (text.size) {
        size_t size = lia_utf8_step(text);
        if (!size) return false;
        text = lia_span_skip(text, size);
    }
    return true;
}
