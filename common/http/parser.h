/* SPDX-License-Identifier: Apache-2.0 */
/* parser - a strict, incremental HTTP/1.1 request parser (RFC 9112). Pure: bytes in, a request
 * or a status out; no socket, no allocation. What it refuses, it refuses for ever: the connection
 * must be closed after any status. */
#ifndef LIA_HTTP_PARSER_H
#define LIA_HTTP_PARSER_H

#include "common/base/err.h"
#include "common/base/limits.h"

typedef struct lia_http_field {
    lia_span name, value; /* value without surrounding blanks */
} lia_http_field;

/* A parsed head; spans point into the bytes that were given. */
typedef struct lia_http_head {
    lia_span method, target;
    lia_span path, query; /* of the target, still encoded; absolute-form is cut to these */
    bool http_1_0;
    bool keep_alive;
    bool chunked;
    bool expects_continue;
    bool has_length;
    uint64_t length; /* Content-Length; 0 without one */
    lia_http_field fields[LIA_HTTP_FIELDS_MAX];
    size_t field_count;
} lia_http_head;

/* Looks for a whole head at the beginning of `bytes`.
 *   0            not complete yet: call again with more bytes behind the same ones
 *   > 0          the size of the head; `head` is filled
 *   < 0          refused; the negated HTTP status to answer (400, 414, 431, 501, 505)
 * `bytes` longer than LIA_HTTP_HEAD_BYTES_MAX without an end is refused. Empty lines before the
 * request line (at most two) are skipped. */
int lia_http_parse_head(lia_span bytes, lia_http_head *head);

/* Decodes a chunked body piecewise. Zero the struct first. */
typedef struct lia_http_chunks {
    uint64_t left;
    uint8_t state;
    uint8_t digits;
    uint16_t line;
} lia_http_chunks;

/* Consumes from `bytes`, pointing *data at the next run of body bytes (perhaps empty).
 *   >= 0   bytes consumed; *done when the body and its trailer are complete
 *   < 0    refused; the negated HTTP status */
int64_t lia_http_parse_chunk(lia_http_chunks *chunks, lia_span bytes, lia_span *data, bool *done);

#endif
