/* SPDX-License-Identifier: Apache-2.0 */
#include "common/hooks/backoff.h"

int64_t lia_backoff_ms(int64_t base_ms, uint32_t failures, uint32_t dice, uint64_t retry_after_s)
{
    int64_t delay = base_ms;
    for (uint32_t i = 1; i < failures && delay < LIA_RETRY_CAP_MS; i++) delay *= 2;
    if (delay > LIA_RETRY_CAP_MS) delay = LIA_RETRY_CAP_MS;
    delay = delay - delay / 2 + (int64_t)dice % (delay / 2 + 1);
    if (retry_after_s > LIA_RETRY_AFTER_MAX_S) retry_after_s = LIA_RETRY_AFTER_MAX_S;
    int64_t asked = (int64_t)retry_after_s * LIA_SECOND_MS;
    return asked > delay ? asked : delay;
}
