/* SPDX-License-Identifier: Apache-2.0 */
/* text - what a file's bytes are written in, and turning them into UTF-8. Files come in pieces: a
 * piece is decoded as far as it holds whole characters, and a place in the UTF-8 can be told as a
 * place in the file again. Pure. */
#ifndef LIA_EXCHANGE_TEXT_H
#define LIA_EXCHANGE_TEXT_H

#include "common/base/buf.h"

typedef enum lia_encoding {
    LIA_UTF_8,
    LIA_UTF_16LE,
    LIA_UTF_16BE,
    LIA_WINDOWS_1252, /* ISO 8859-1 with the signs that offices write; WHATWG "windows-1252" */
    LIA_ENCODINGS
} lia_encoding;

/* "utf-8", "utf-16le" ...; NULL when out of range. */
const char *lia_encoding_name(lia_encoding encoding);
bool lia_encoding_by_name(lia_span name, lia_encoding *out);

/* What the beginning of a file is written in: a byte order mark says, else zero bytes beside Latin
 * letters do, else UTF-8 if it is that (a last character may be cut), else Windows-1252.
 * *mark: bytes of the byte order mark. */
lia_encoding lia_text_detect(lia_span beginning, size_t *mark);

/* Appends the bytes as UTF-8; returns how many were taken: all but a last character that is not
 * whole. What is no character in UTF-16 becomes U+FFFD; UTF-8 is taken as it is, judge it by
 * lia_utf8_valid. */
size_t lia_text_decode(lia_encoding encoding, lia_span bytes, lia_buf *out);

/* How many bytes of the file the decoded text was. */
size_t lia_text_raw_size(lia_encoding encoding, lia_span utf8);

#endif
