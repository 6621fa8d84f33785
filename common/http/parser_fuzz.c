/* SPDX-License-Identifier: Apache-2.0 */
/* Arbitrary bytes as a request. Always true: what is taken holds no control byte and no bare CR or
 * LF; a refused beginning stays refused, and a request is the same however it was cut; chunks
 * decode alike whole and in pieces; paths and parameters come out clean. */
#include <stdlib.h>

#include "common/base/assert.h"
#include "common/http/parser.h"
#include "common/http/query.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A copy of exactly this size, so that a read behind its end is seen. */
static lia_span copy_of(lia_span bytes)
{
    uint8_t *copy = malloc(bytes.size ? bytes.size : 1);
    if (bytes.size) memcpy(copy, bytes.data, bytes.size);
    return lia_span_make(copy, bytes.size);
}

static int parse(lia_span bytes)
{
    lia_http_head head;
    lia_span copy = copy_of(bytes);
    int got = lia_http_parse_head(copy, &head);
    free((void *)copy.data);
    return got;
}

static void check_clean(lia_span head)
{
    for (size_t i = 0; i < head.size; i++) {
        uint8_t byte = head.data[i];
        if (byte == '\n') lia_assert(i && head.data[i - 1] == '\r');
        if (byte == '\r') lia_assert(i + 1 < head.size && head.data[i + 1] == '\n');
        lia_assert(byte != 0x7f && (byte >= ' ' || strchr("\r\n\t", byte)) && byte);
    }
}

static bool is_inside(lia_span whole, lia_span part)
{
    return part.size == 0 ||
           (part.data >= whole.data && part.data + part.size <= whole.data + whole.size);
}

static void check_fields(lia_span whole, const lia_http_head *head)
{
    unsigned hosts = 0;
    lia_assert(head->method.size && is_inside(whole, head->method));
    lia_assert(head->path.size && is_inside(whole, head->query));
    lia_assert(!(head->chunked && head->has_length));
    for (size_t i = 0; i < head->field_count; i++) {
        lia_assert(is_inside(whole, head->fields[i].name) && head->fields[i].name.size);
        lia_assert(is_inside(whole, head->fields[i].value));
        hosts += lia_http_word_is(head->fields[i].name, "host");
    }
    lia_assert(hosts == 1 || (head->http_1_0 && hosts == 0));
}

static void check_head(lia_span bytes)
{
    lia_http_head head;
    int whole = lia_http_parse_head(bytes, &head);
    if (whole > 0) {
        lia_span taken = lia_span_make(bytes.data, (size_t)whole);
        check_clean(taken);
        check_fields(taken, &head);
        lia_assert(parse(taken) == whole);
    }
    size_t step = bytes.size / 64 + 1;
    for (size_t size = 0; size < bytes.size; size += step) {
        int begun = parse(lia_span_make(bytes.data, size));
        if (begun) lia_assert(begun == whole);
        if (whole > 0 && size < (size_t)whole) lia_assert(begun == 0);
    }
}

/* Decodes with at most `step` bytes at a time; the verdict, and the body in `out`. */
static int64_t decode(lia_span bytes, size_t step, uint8_t *out, size_t *out_size)
{
    lia_http_chunks chunks = {0};
    size_t at = 0;
    bool done = false;
    *out_size = 0;
    while (at < bytes.size && !done) {
        lia_span data, part = lia_span_skip(bytes, at);
        if (part.size > step) part.size = step;
        part = copy_of(part);
        int64_t size = lia_http_parse_chunk(&chunks, part, &data, &done);
        if (size > 0 && data.size) memcpy(out + *out_size, data.data, data.size);
        if (size > 0) *out_size += data.size;
        free((void *)part.data);
        if (size < 0) return size;
        lia_assert(size > 0);
        at += (size_t)size;
    }
    return done ? (int64_t)at : 0;
}

static void check_chunks(lia_span bytes)
{
    uint8_t *one = malloc(bytes.size + 1), *other = malloc(bytes.size + 1);
    size_t one_size, other_size;
    int64_t whole = decode(bytes, bytes.size + 1, one, &one_size);
    for (size_t step = 1; step < 8; step += 2) {
        lia_assert(decode(bytes, step, other, &other_size) == whole);
        lia_assert(other_size == one_size || whole < 0);
        lia_assert(memcmp(one, other, one_size < other_size ? one_size : other_size) == 0);
    }
    free(one);
    free(other);
}

static void check_path(lia_span bytes)
{
    lia_span copy = copy_of(bytes), path = copy, value;
    uint8_t *out = malloc(bytes.size + 1);
    size_t size;
    if (lia_http_path_decode(&path) == LIA_OK) {
        lia_assert(lia_http_utf8_is_valid(path) && !memchr(path.data, 0, path.size));
        lia_assert(!memmem(path.data, path.size, "/../", 4));
    }
    if (lia_http_query_find(bytes, "a", &value) &&
        lia_http_query_decode(value, out, &size) == LIA_OK)
        lia_assert(size <= value.size && !memchr(out, 0, size));
    free(out);
    free((void *)copy.data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) return 0;
    lia_span rest = lia_span_make(data + 1, size - 1);
    switch (data[0] % 3) {
    case 0:
        check_head(rest);
        break;
    case 1:
        check_chunks(rest);
        break;
    default:
        check_path(rest);
        break;
    }
    return 0;
}
