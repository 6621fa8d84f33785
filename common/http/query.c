/* SPDX-License-Identifier: Apache-2.0 */
#include "common/http/query.h"

static int hex_digit(uint8_t byte)
{
    if (byte >= '0' && byte <= '9') return byte - '0';
    if (byte >= 'a' && byte <= 'f') return byte - 'a' + 10;
    if (byte >= 'A' && byte <= 'F') return byte - 'A' + 10;
    return -1;
}

/* The byte that "%41" at the beginning of `text` stands for, or -1. */
static int escaped(lia_span text)
{
    if (text.size < 3) return -1;
    int high = hex_digit(text.data[1]), low = hex_digit(text.data[2]);
    return high < 0 || low < 0 ? -1 : high << 4 | low;
}

/* How many continuation bytes follow `lead`, or -1; the first of them lies in [*low, *high]. */
static int utf8_tail(uint8_t lead, uint8_t *low, uint8_t *high)
{
    *low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    *high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (lead < 0x80) return 0;
    if (lead >= 0xc2 && lead <= 0xdf) return 1;
    if (lead >= 0xe0 && lead <= 0xef) return 2;
    if (lead >= 0xf0 && lead <= 0xf4) return 3;
    return -1;
}

bool lia_http_utf8_is_valid(lia_span text)
{
    size_t at = 0;
    while (at < text.size) {
        uint8_t low, high;
        int tail = utf8_tail(text.data[at++], &low, &high);
        if (tail < 0 || text.size - at < (size_t)tail) return false;
        for (int i = 0; i < tail; i++, at++) {
            if (text.data[at] < low || text.data[at] > high) return false;
            low = 0x80;
            high = 0xbf;
        }
    }
    return true;
}

static bool segments_are_plain(lia_span path)
{
    size_t start = 1;
    for (size_t at = 1; at <= path.size; at++) {
        if (at < path.size && path.data[at] != '/') continue;
        size_t size = at - start;
        if (size == 1 && path.data[start] == '.') return false;
        if (size == 2 && path.data[start] == '.' && path.data[start + 1] == '.') return false;
        start = at + 1;
    }
    return true;
}

lia_err lia_http_path_decode(lia_span *path)
{
    if (memchr(path->data, '%', path->size)) {
        uint8_t *out = (uint8_t *)path->data; /* the caller's buffer, which it lends for this */
        size_t size = 0;
        for (lia_span rest = *path; rest.size;) {
            bool is_escape = rest.data[0] == '%';
            int byte = is_escape ? escaped(rest) : rest.data[0];
            if (byte < 0 || (is_escape && byte == '/')) return LIA_EINVAL;
            out[size++] = (uint8_t)byte;
            rest = lia_span_skip(rest, is_escape ? 3 : 1);
        }
        path->size = size;
    }
    for (size_t i = 0; i < path->size; i++)
        if (path->data[i] < 0x20 || path->data[i] == 0x7f) return LIA_EINVAL;
    if (!lia_http_utf8_is_valid(*path) || !segments_are_plain(*path)) return LIA_EINVAL;
    return LIA_OK;
}

/* Whether an encoded name means `name`. */
static bool name_is(lia_span encoded, const char *name)
{
    while (encoded.size && *name) {
        bool is_escape = encoded.data[0] == '%';
        int byte = is_escape ? escaped(encoded) : encoded.data[0] == '+' ? ' ' : encoded.data[0];
        if (byte != (uint8_t)*name++) return false;
        encoded = lia_span_skip(encoded, is_escape ? 3 : 1);
    }
    return encoded.size == 0 && *name == 0;
}

static size_t size_until(lia_span span, uint8_t byte)
{
    const uint8_t *at = span.size ? memchr(span.data, byte, span.size) : NULL;
    return at ? (size_t)(at - span.data) : span.size;
}

bool lia_http_query_find(lia_span query, const char *name, lia_span *value)
{
    while (query.size) {
        lia_span pair = lia_span_make(query.data, size_until(query, '&'));
        lia_span key = lia_span_make(pair.data, size_until(pair, '='));
        query = lia_span_skip(query, pair.size + (pair.size < query.size));
        if (!name_is(key, name)) continue;
        *value = lia_span_skip(pair, key.size + (key.size < pair.size));
        return true;
    }
    return false;
}

lia_err lia_http_query_decode(lia_span value, uint8_t *out, size_t *size)
{
    *size = 0;
    while (value.size) {
        bool is_escape = value.data[0] == '%';
        int byte = is_escape ? escaped(value) : value.data[0] == '+' ? ' ' : value.data[0];
        if (byte <= 0) return LIA_EINVAL;
        out[(*size)++] = (uint8_t)byte;
        value = lia_span_skip(value, is_escape ? 3 : 1);
    }
    return lia_http_utf8_is_valid(lia_span_make(out, *size)) ? LIA_OK : LIA_EINVAL;
}
