/* SPDX-License-Identifier: Apache-2.0 */
/* lines - a file, or standard input, line by line in bounded memory. */
#ifndef LIA_LIAISON_LINES_H
#define LIA_LIAISON_LINES_H

#include "common/base/err.h"

#define LIA_LINE_BYTES_MAX ((size_t)1 << 20)

typedef struct lia_lines {
    int fd;
    uint64_t number;      /* of the line given last, from 1 */
    uint64_t read, total; /* bytes; total 0: not known */
    bool at_end, skipping;
    uint8_t *buffer;
    size_t from, to;
} lia_lines;

/* "-" is standard input.
 *   LIA_EABSENT, LIA_EIO with a sentence */
LIA_MUST_USE lia_err lia_lines_open(lia_lines *lines, const char *path, lia_why *why);
void lia_lines_close(lia_lines *lines);

/* The next line without its end; it lives until the next call.
 *   LIA_ECLOSED  there is none      LIA_EFULL  the line is longer than LIA_LINE_BYTES_MAX: it is
 *   skipped, go on                  LIA_EIO    it cannot be read */
LIA_MUST_USE lia_err lia_lines_next(lia_lines *lines, lia_span *line, lia_why *why);

/* Bytes as they come, instead of lines. LIA_ECLOSED at the end. */
LIA_MUST_USE lia_err lia_lines_bytes(lia_lines *lines, lia_span *bytes, lia_why *why);

#endif
