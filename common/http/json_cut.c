/* SPDX-License-Identifier: Apache-2.0 */
#include "common/http/json_cut.h"

static void skip_blanks(lia_span *rest)
{
    while (rest->size && (rest->data[0] == ' ' || rest->data[0] == '\t' || rest->data[0] == '\n' ||
                          rest->data[0] == '\r'))
        *rest = lia_span_skip(*rest, 1);
}

static bool take(lia_span *rest, uint8_t byte)
{
    skip_blanks(rest);
    if (!rest->size || rest->data[0] != byte) return false;
    *rest = lia_span_skip(*rest, 1);
    return true;
}

/* Size of the string that begins the text, quotes included; 0 when it does not end. */
static size_t string_size(lia_span text)
{
    for (size_t i = 1; i < text.size; i++) {
        if (text.data[i] == '\\')
            i++;
        else if (text.data[i] == '"')
            return i + 1;
    }
    return 0;
}

static bool ends_value(uint8_t c)
{
    return c == ',' || c == '}' || c == ']' || c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Size of the value that begins the text; brackets are only counted. 0 when it does not end. */
static size_t value_size(lia_span text)
{
    size_t depth = 0, at = 0;
    while (at < text.size) {
        uint8_t c = text.data[at];
        size_t string = c == '"' ? string_size(lia_span_skip(text, at)) : 0;
        if (c == '"' && !string) return 0;
        if (!depth && c != '"' && c != '{' && c != '[') {
            while (at < text.size && !ends_value(text.data[at])) at++;
            return at;
        }
        at += string ? string : 1;
        if (c == '{' || c == '[') depth++;
        if (c == '}' || c == ']') depth--;
        if (!depth) return at;
    }
    return 0;
}

/* The next member's name and value. False when the text is none that far. */
static bool take_member(lia_span *rest, lia_span *name, lia_span *value)
{
    skip_blanks(rest);
    size_t size = rest->size && rest->data[0] == '"' ? string_size(*rest) : 0;
    if (!size) return false;
    *name = lia_span_make(rest->data + 1, size - 2);
    *rest = lia_span_skip(*rest, size);
    if (!take(rest, ':')) return false;
    skip_blanks(rest);
    size = value_size(*rest);
    *value = lia_span_make(rest->data, size);
    *rest = lia_span_skip(*rest, size);
    return size > 0;
}

bool lia_json_cut(lia_span object, const char *name, lia_span *value)
{
    lia_span rest = object, found, at;
    bool is_there = false;
    if (!take(&rest, '{')) return false;
    do {
        if (!take_member(&rest, &found, &at)) return false;
        if (!lia_span_is(found, name)) continue;
        *value = at;
        is_there = true;
    } while (take(&rest, ','));
    if (!take(&rest, '}')) return false;
    skip_blanks(&rest);
    return is_there && rest.size == 0;
}

size_t lia_json_members(lia_span object)
{
    lia_span rest = object, name, value;
    size_t count = 0;
    if (!take(&rest, '{')) return 0;
    do {
        if (!take_member(&rest, &name, &value)) return 0;
        count++;
    } while (take(&rest, ','));
    return take(&rest, '}') ? count : 0;
}
