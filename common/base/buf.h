/* SPDX-License-Identifier: Apache-2.0 */
/* buf - bytes being written, in an arena. A buffer that found no room remembers it: write on, and
 * look at `failed` once at the end. */
#ifndef LIA_BASE_BUF_H
#define LIA_BASE_BUF_H

#include "common/base/arena.h"

typedef struct lia_buf {
    uint8_t *data;
    size_t size, capacity;
    lia_arena *arena;
    bool failed;
} lia_buf;

/* An empty buffer that grows in `arena`. */
static inline lia_buf lia_buf_make(lia_arena *arena) { return (lia_buf){.arena = arena}; }

/* Room for `more` bytes behind the present ones, or NULL when full. Raise `size` by what is used. */
uint8_t *lia_buf_room(lia_buf *buf, size_t more);

static inline void lia_buf_add(lia_buf *buf, const void *data, size_t size)
{
    uint8_t *to = lia_buf_room(buf, size);
    if (to && size) {
        memcpy(to, data, size);
        buf->size += size;
    }
}
static inline void lia_buf_span(lia_buf *buf, lia_span span) { lia_buf_add(buf, span.data, span.size); }
static inline void lia_buf_text(lia_buf *buf, const char *text) { lia_buf_add(buf, text, strlen(text)); }
static inline void lia_buf_byte(lia_buf *buf, uint8_t byte) { lia_buf_add(buf, &byte, 1); }
void lia_buf_format(lia_buf *buf, const char *format, ...) LIA_PRINTF(2, 3);

/* The last byte; 0 when there is none, also because there was no memory for it. */
static inline uint8_t lia_buf_last(const lia_buf *buf)
{
    return buf->size ? buf->data[buf->size - 1] : 0;
}

static inline lia_span lia_buf_get(const lia_buf *buf) { return lia_span_make(buf->data, buf->size); }

#endif
