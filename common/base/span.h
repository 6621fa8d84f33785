/* SPDX-License-Identifier: Apache-2.0 */
/* span - borrowed bytes, and big-endian integers in keys and frames. Header only. */
#ifndef LIA_BASE_SPAN_H
#define LIA_BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define LIA_COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define LIA_MUST_USE     __attribute__((warn_unused_result))
#define LIA_PRINTF(f, a) __attribute__((format(printf, f, a)))

/* Bytes owned by somebody else. `data` may be NULL when `size` is 0. */
typedef struct lia_span {
    const uint8_t *data;
    size_t size;
} lia_span;

#define LIA_SPAN_NONE ((lia_span){NULL, 0})
/* The bytes of a string literal, without its NUL. */
#define LIA_SPAN(literal) ((lia_span){(const uint8_t *)("" literal), sizeof(literal) - 1})
/* The bytes of an object, for example a one-field id struct. */
#define LIA_SPAN_OF(object) ((lia_span){(const uint8_t *)&(object), sizeof(object)})

static inline lia_span lia_span_make(const void *data, size_t size)
{
    return (lia_span){(const uint8_t *)data, size};
}

static inline lia_span lia_span_text(const char *text)
{
    return lia_span_make(text, text ? strlen(text) : 0);
}

/* Drops the first `count` bytes; `count` must not exceed the size. */
static inline lia_span lia_span_skip(lia_span span, size_t count)
{
    if (!count) return span; /* there may be nowhere to add it to */
    return (lia_span){span.data + count, span.size - count};
}

/* Orders like memcmp, a prefix before what it begins. */
static inline int lia_span_compare(lia_span a, lia_span b)
{
    size_t size = a.size < b.size ? a.size : b.size;
    int order = size ? memcmp(a.data, b.data, size) : 0;
    if (order) return order;
    return a.size < b.size ? -1 : a.size > b.size;
}

static inline bool lia_span_equal(lia_span a, lia_span b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

static inline bool lia_span_is(lia_span span, const char *text)
{
    return lia_span_equal(span, lia_span_text(text));
}

static inline bool lia_span_starts(lia_span span, lia_span prefix)
{
    return span.size >= prefix.size &&
           (prefix.size == 0 || memcmp(span.data, prefix.data, prefix.size) == 0);
}

/* Big-endian, so that byte order is number order. Unaligned memory is fine. */
static inline void lia_put_u16(uint8_t *at, uint16_t value)
{
    value = __builtin_bswap16(value);
    memcpy(at, &value, sizeof value);
}
static inline void lia_put_u32(uint8_t *at, uint32_t value)
{
    value = __builtin_bswap32(value);
    memcpy(at, &value, sizeof value);
}
static inline void lia_put_u64(uint8_t *at, uint64_t value)
{
    value = __builtin_bswap64(value);
    memcpy(at, &value, sizeof value);
}
static inline uint16_t lia_get_u16(const uint8_t *at)
{
    uint16_t value;
    memcpy(&value, at, sizeof value);
    return __builtin_bswap16(value);
}
static inline uint32_t lia_get_u32(const uint8_t *at)
{
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return __builtin_bswap32(value);
}
static inline uint64_t lia_get_u64(const uint8_t *at)
{
    uint64_t value;
    memcpy(&value, at, sizeof value);
    return __builtin_bswap64(value);
}

#endif
