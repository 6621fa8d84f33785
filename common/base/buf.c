/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/buf.h"

#include <stdarg.h>
#include <stdio.h>

uint8_t *lia_buf_room(lia_buf *buf, size_t more)
{
    if (buf->failed) return NULL;
    if (buf->data && buf->capacity - buf->size >= more) return buf->data + buf->size;

    size_t wanted = buf->capacity ? buf->capacity * 2 : 256;
    while (wanted - buf->size < more) wanted *= 2;
    lia_arena *arena = buf->arena;
    bool is_last = buf->data && buf->data + buf->capacity == arena->base + arena->used;
    if (is_last) arena->used -= buf->capacity; /* grow in place */
    uint8_t *data = lia_arena_take(arena, wanted);
    if (!data) {
        if (is_last) arena->used += buf->capacity;
        buf->failed = true;
        return NULL;
    }
    if (!is_last && buf->size) memcpy(data, buf->data, buf->size);
    buf->data = data;
    buf->capacity = wanted;
    return buf->data + buf->size;
}

void lia_buf_format(lia_buf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int size = vsnprintf(NULL, 0, format, args);
    va_end(args);
    uint8_t *to = size < 0 ? NULL : lia_buf_room(buf, (size_t)size + 1);
    if (!to) return;
    va_start(args, format);
    vsnprintf((char *)to, (size_t)size + 1, format, args);
    va_end(args);
    buf->size += (size_t)size;
}
