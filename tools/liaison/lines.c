/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/liaison/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUFFER_BYTES (2 * LIA_LINE_BYTES_MAX)

lia_err lia_lines_open(lia_lines *lines, const char *path, lia_why *why)
{
    struct stat info;
    bool is_stdin = strcmp(path, "-") == 0;
    *lines = (lia_lines){.fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)};
    if (lines->fd < 0 || fstat(lines->fd, &info))
        return lia_why_set(why, errno == ENOENT ? LIA_EABSENT : LIA_EIO, "cannot read %.200s: %s",
                           path, strerror(errno));
    if (S_ISDIR(info.st_mode)) {
        close(lines->fd);
        return lia_why_set(why, LIA_EIO, "%.200s is a folder", path);
    }
    if (S_ISREG(info.st_mode)) lines->total = (uint64_t)info.st_size;
    lines->buffer = malloc(BUFFER_BYTES);
    return lines->buffer ? LIA_OK : lia_why_set(why, LIA_EFULL, "no memory");
}

void lia_lines_close(lia_lines *lines)
{
    if (lines->buffer && lines->fd != STDIN_FILENO) close(lines->fd);
    free(lines->buffer);
    lines->buffer = NULL;
}

/* Reads more behind what is there. */
static lia_err fill(lia_lines *lines, lia_why *why)
{
    memmove(lines->buffer, lines->buffer + lines->from, lines->to - lines->from);
    lines->to -= lines->from;
    lines->from = 0;
    ssize_t size;
    do size = read(lines->fd, lines->buffer + lines->to, BUFFER_BYTES - lines->to);
    while (size < 0 && errno == EINTR);
    if (size < 0) return lia_why_set(why, LIA_EIO, "the input cannot be read: %s", strerror(errno));
    lines->at_end = size == 0;
    lines->to += (size_t)size;
    lines->read += (uint64_t)size;
    return LIA_OK;
}

static lia_span cut(lia_lines *lines, size_t size, size_t skip)
{
    lia_span line = lia_span_make(lines->buffer + lines->from, size);
    lines->from += size + skip;
    if (line.size && line.data[line.size - 1] == '\r') line.size--;
    lines->number++;
    return line;
}

/* A line end within the buffer, or a line that is longer than may be. */
static lia_err look(lia_lines *lines, lia_span *line, bool *found)
{
    size_t size = lines->to - lines->from;
    const uint8_t *at = lines->buffer + lines->from;
    const uint8_t *end = size ? memchr(at, '\n', size) : NULL;
    *found = end || (lines->at_end && size) || size > LIA_LINE_BYTES_MAX;
    if (!*found) return LIA_OK;
    bool was_skipping = lines->skipping;
    lines->skipping = !end && !lines->at_end;
    if (lines->skipping) {
        lines->from = lines->to;
        *found = !was_skipping;
        return was_skipping ? LIA_OK : LIA_EFULL;
    }
    *line = cut(lines, end ? (size_t)(end - at) : size, end != NULL);
    if (was_skipping) *found = false;
    return line->size > LIA_LINE_BYTES_MAX && !was_skipping ? LIA_EFULL : LIA_OK;
}

lia_err lia_lines_next(lia_lines *lines, lia_span *line, lia_why *why)
{
    for (;;) {
        bool found;
        lia_err err = look(lines, line, &found);
        if (err)
            return lia_why_set(why, err, "line %llu is longer than %zu bytes",
                               (unsigned long long)lines->number + lines->skipping,
                               LIA_LINE_BYTES_MAX);
        if (found) return LIA_OK;
        if (lines->at_end && lines->from == lines->to) return LIA_ECLOSED;
        if (lines->from == lines->to ||
            !memchr(lines->buffer + lines->from, '\n', lines->to - lines->from))
            err = fill(lines, why);
        if (err) return err;
    }
}

lia_err lia_lines_bytes(lia_lines *lines, lia_span *bytes, lia_why *why)
{
    lines->from = lines->to = 0;
    lia_err err = fill(lines, why);
    if (err) return err;
    *bytes = lia_span_make(lines->buffer, lines->to);
    return lines->at_end ? LIA_ECLOSED : LIA_OK;
}
