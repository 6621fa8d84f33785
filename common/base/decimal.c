/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/decimal.h"

#include <stdio.h>

lia_err lia_decimal_parse(lia_span text, unsigned scale, int64_t *out)
{
    size_t at = 0;
    bool negative = text.size && text.data[0] == '-';
    if (negative) at++;
    unsigned behind = 0;
    bool point = false, any = false;
    int64_t value = 0;
    for (; at < text.size; at++) {
        if (text.data[at] == '.' && !point) {
            point = true;
            continue;
        }
        unsigned digit = (unsigned)text.data[at] - '0';
        if (digit > 9) return LIA_EINVAL;
        any = true;
        if (point && behind == scale) {
            if (digit) return LIA_EINVAL; /* a trailing zero says nothing, anything else is lost */
            continue;
        }
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, digit, &value))
            return LIA_EINVAL;
        behind += point;
    }
    if (!any) return LIA_EINVAL;
    for (; behind < scale; behind++)
        if (__builtin_mul_overflow(value, 10, &value)) return LIA_EINVAL;
    *out = negative ? -value : value;
    return LIA_OK;
}

size_t lia_decimal_print(int64_t value, unsigned scale, char text[LIA_DECIMAL_TEXT_SIZE])
{
    uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value, unit = 1;
    const char *sign = value < 0 ? "-" : "";
    for (unsigned i = 0; i < scale; i++) unit *= 10;
    int length =
        scale ? snprintf(text, LIA_DECIMAL_TEXT_SIZE, "%s%llu.%0*llu", sign,
                         (unsigned long long)(size / unit), (int)scale,
                         (unsigned long long)(size % unit))
              : snprintf(text, LIA_DECIMAL_TEXT_SIZE, "%s%llu", sign, (unsigned long long)size);
    return (size_t)length;
}
