/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of a damaged file: read or refused, and what was read is written the same. */
#include "common/base/assert.h"
#include "common/hooks/keep.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    lia_attempt attempt;
    lia_hook_state state;
    lia_span row = lia_span_make(data, size);
    if (lia_attempt_row_read(row, &attempt) == LIA_OK) {
        uint8_t again[LIA_ATTEMPT_ROW_MAX];
        lia_assert(lia_attempt_row_put(&attempt, again) == size && !memcmp(again, data, size));
    }
    if (lia_state_row_read(row, &state) == LIA_OK) {
        uint8_t again[LIA_STATE_ROW_SIZE];
        lia_state_row_put(&state, again);
        lia_assert(!memcmp(again, data, size));
    }
    return 0;
}
