/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as traceparent and tracestate. What is read is printed and read back as the same; what
 * is passed on has nothing in it that a header must not have. */
#include "common/base/assert.h"
#include "common/base/trace.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    lia_span text = lia_span_make(data, size);
    lia_trace trace, again;
    char printed[LIA_TRACE_TEXT_SIZE];
    if (lia_trace_parse(text, &trace) == LIA_OK) {
        lia_assert(!lia_trace_is_none(&trace));
        lia_trace_print(&trace, printed);
        lia_assert(strlen(printed) == LIA_TRACE_TEXT_SIZE - 1);
        lia_assert(!lia_trace_parse(lia_span_text(printed), &again));
        lia_assert(lia_trace_equal(&trace, &again));
    } else {
        lia_assert(lia_trace_is_none(&trace));
    }
    if (lia_trace_state_is_good(text)) {
        lia_assert(size <= LIA_TRACE_STATE_MAX && memchr(data, '=', size));
        for (size_t i = 0; i < size; i++)
            lia_assert(data[i] == '\t' || (data[i] >= 0x20 && data[i] < 0x7f));
    }
    return 0;
}
