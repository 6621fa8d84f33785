/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a decimal of each scale: what is read is printed, read back as the same, and keeps
 * its value in any larger scale that holds it. */
#include "common/base/assert.h"
#include "common/base/decimal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    lia_span text = lia_span_make(data, size);
    char printed[LIA_DECIMAL_TEXT_SIZE];
    int64_t before = 0;
    bool was_read = false;
    for (unsigned scale = 0; scale <= LIA_DECIMAL_SCALE_MAX; scale++) {
        int64_t value, again, tenfold;
        bool is_read = lia_decimal_parse(text, scale, &value) == LIA_OK;
        if (is_read) {
            size_t length = lia_decimal_print(value, scale, printed);
            lia_assert(length < sizeof printed);
            lia_assert(!lia_decimal_parse(lia_span_make(printed, length), scale, &again));
            lia_assert(again == value);
        }
        if (was_read && !__builtin_mul_overflow(before, 10, &tenfold)) {
            lia_assert(is_read && value == tenfold);
        }
        was_read = is_read;
        before = is_read ? value : 0;
    }
    return 0;
}
