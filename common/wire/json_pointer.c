/* SPDX-License-Identifier: Apache-2.0 */
#include "common/wire/json_pointer.h"

#include "common/wire/utf8.h"

lia_err lia_json_pointer_check(lia_span pointer, lia_why *why)
{
    if (pointer.size > LIA_JSON_POINTER_BYTES_MAX)
        return lia_why_set(why, LIA_EINVAL, "longer than %d bytes", LIA_JSON_POINTER_BYTES_MAX);
    if (!lia_utf8_valid(pointer)) return lia_why_set(why, LIA_EINVAL, "it is not UTF-8");
    if (pointer.size && pointer.data[0] != '/')
        return lia_why_set(why, LIA_EINVAL, "column 1: it begins with /, as in /result/score");
    for (size_t i = 0; i < pointer.size; i++) {
        if (pointer.data[i] != '~') continue;
        if (i + 1 == pointer.size || (pointer.data[i + 1] != '0' && pointer.data[i + 1] != '1'))
            return lia_why_set(why, LIA_EINVAL, "column %zu: ~ is followed by 0 or 1", i + 1);
    }
    return LIA_OK;
}

/* Takes the token up to the next '/', with its escapes read. False: it is none. */
static bool take_token(lia_span *rest, char *out, size_t *size)
{
    *size = 0;
    while (rest->size && rest->data[0] != '/') {
        uint8_t byte = rest->data[0];
        *rest = lia_span_skip(*rest, 1);
        if (byte == '~') {
            if (!rest->size || (rest->data[0] != '0' && rest->data[0] != '1')) return false;
            byte = rest->data[0] == '0' ? '~' : '/';
            *rest = lia_span_skip(*rest, 1);
        }
        out[(*size)++] = (char)byte;
    }
    return true;
}

/* "0", "17"; not "01", "-" or "+1" (section 4). */
static bool read_index(const char *token, size_t size, size_t *out)
{
    *out = 0;
    if (!size || size > 9 || (size > 1 && token[0] == '0')) return false;
    for (size_t i = 0; i < size; i++) {
        if (token[i] < '0' || token[i] > '9') return false;
        *out = *out * 10 + (size_t)(token[i] - '0');
    }
    return true;
}

static const json_t *step_into(const json_t *at, const char *token, size_t size)
{
    size_t index;
    if (json_is_object(at)) return json_object_getn(at, token, size);
    if (json_is_array(at) && read_index(token, size, &index)) return json_array_get(at, index);
    return NULL;
}

const json_t *lia_json_pointer_find(const json_t *document, lia_span pointer)
{
    char token[LIA_JSON_POINTER_BYTES_MAX];
    size_t size;
    if (pointer.size > sizeof token) return NULL;
    while (document && pointer.size) {
        if (pointer.data[0] != '/') return NULL;
        pointer = lia_span_skip(pointer, 1);
        document = take_token(&pointer, token, &size) ? step_into(document, token, size) : NULL;
    }
    return document;
}
