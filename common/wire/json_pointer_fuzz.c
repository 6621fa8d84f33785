/* SPDX-License-Identifier: Apache-2.0 */
/* The input is a pointer, up to a zero byte, and a JSON document. What is found is found in a
 * document that does have it, and only by what is a pointer. */
#include "common/base/assert.h"
#include "common/wire/json_pointer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_t *document;
    const uint8_t *zero = size ? memchr(data, 0, size) : NULL;
    size_t length = zero ? (size_t)(zero - data) : size;
    lia_span pointer = lia_span_make(data, length);
    lia_span rest = lia_span_make(data + length + (zero != NULL), size - length - (zero != NULL));
    lia_why why = {{0}};
    bool good = !lia_json_pointer_check(pointer, &why);
    lia_assert(good || why.text[0]);
    if (lia_json_load(rest, &document, NULL)) return 0;
    const json_t *found = lia_json_pointer_find(document, pointer);
    if (good && !pointer.size) lia_assert(found == document);
    if (found && pointer.size)
        lia_assert(pointer.data[0] == '/' && (json_is_object(document) || json_is_array(document)));
    json_decref(document);
    return 0;
}
