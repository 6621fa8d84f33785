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

/* A parsed head; spans point into the bytes that were given (an absolute-form target without a
 * path gives a static "/"). Only the first field_count fields are set. */
typedef struct lia_http_head {
    lia_span method, target;
    lia_span path, query; /* of the target, still encoded; absolute-form is cut to these */
    lia_span host; /* with its port; the target's when absolute, also in the Host field's value */
    bool http_1_0;
    bool keep_alive;
    bool chunked;
    bool expects_continue;
    bool has_length;
    uint64_t length; /* Content-Length; 0 without one */
    size_t field_count;
    lia_http_field fields[LIA_HTTP_FIELDS_MAX];
} lia_http_head;

/* Looks for a whole head at the beginning of `bytes`.
 *   0            not complete yet: call again with more bytes behind the same ones
 *   > 0          the size of the head; `head` is filled
 *   < 0          refused; the negated HTTP status to answer (400, 413, 414, 417, 431, 501, 505)
 * A head longer than LIA_HTTP_HEAD_BYTES_MAX is refused, as soon as that many bytes are there.
 * Empty lines before the request line (at most two) are skipped. The path is "*" for OPTIONS *
 * and begins with '/' otherwise. */
int lia_http_parse_head(lia_span bytes, lia_http_head *head);

/* Decodes a chunked body piecewise. Zero the struct first. */
typedef struct lia_http_chunks {
    uint64_t left;
    uint8_t state;
    uint8_t digits;
    uint16_t line; /* bytes of extensions of this chunk, or of the whole trailer */
} lia_http_chunks;

/* Consumes from `bytes`, pointing *data at the next run of body bytes (perhaps empty).
 *   >= 0   bytes consumed; *done when the body and its trailer are complete
 *   < 0    refused; the negated HTTP status
 * Returns behind each run of data: call again until all bytes are consumed or it is done. Trailer
 * fields are checked and dropped. */
int64_t lia_http_parse_chunk(lia_http_chunks *chunks, lia_span bytes, lia_span *data, bool *done);

/* Whether `text` is `word` in any case; `word` is lower-case ASCII. */
bool lia_http_word_is(lia_span text, const char *word);

#endif
