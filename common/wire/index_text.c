/* SPDX-License-Identifier: Apache-2.0 */
#include "common/wire/index_text.h"

#include <stdlib.h>
#include <utf8proc.h>

size_t lia_index_text(lia_span text, uint8_t out[LIA_INDEX_TEXT_MAX])
{
    bool plain = true;
    size_t count = 0, size = text.size < LIA_INDEX_TEXT_MAX ? text.size : LIA_INDEX_TEXT_MAX;
    for (size_t i = 0; i < size; i++) plain &= text.data[i] < 0x80;
    utf8proc_uint8_t *folded = NULL;
    utf8proc_ssize_t folded_size = -1;
    if (!plain)
        folded_size = utf8proc_map(text.data, (utf8proc_ssize_t)text.size, &folded,
                                   UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD |
                                       UTF8PROC_STRIPMARK | UTF8PROC_IGNORE);
    lia_span use = folded_size >= 0 ? lia_span_make(folded, (size_t)folded_size) : text;
    if (use.size > LIA_INDEX_TEXT_MAX) use.size = LIA_INDEX_TEXT_MAX;
    for (size_t i = 0; i < use.size; i++) {
        uint8_t c = use.data[i];
        if (c >= 'A' && c <= 'Z') c |= 0x20;
        if (c) out[count++] = c;
    }
    free(folded);
    return count;
}
