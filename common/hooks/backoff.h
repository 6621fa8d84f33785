/* SPDX-License-Identifier: Apache-2.0 */
/* backoff - when a delivery that failed is tried again. Pure.
 *
 *     delay(n) = min(base * 2^(n-1), cap), of which a random half is left out: many webhooks of a
 * receiver that was away do not come back at the same moment ("equal jitter"). A receiver that says
 *     Retry-After is believed, up to a day. */
#ifndef LIA_HOOKS_BACKOFF_H
#define LIA_HOOKS_BACKOFF_H

#include "common/base/time.h"

#define LIA_RETRY_BASE_MS     LIA_SECOND_MS
#define LIA_RETRY_CAP_MS      LIA_HOUR_MS
#define LIA_RETRY_AFTER_MAX_S 86400
/* After that a webhook that never answers is stopped. */
#define LIA_RETRY_GIVE_UP_MS (5 * LIA_DAY_MS)

/* How long to wait behind the `failures`th failure in a row (1, 2, 3 ...). `dice` is any random
 * number; `retry_after_s` what the receiver said, 0 when nothing. */
int64_t lia_backoff_ms(int64_t base_ms, uint32_t failures, uint32_t dice, uint64_t retry_after_s);

#endif
