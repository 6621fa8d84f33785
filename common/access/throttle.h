/* SPDX-License-Identifier: Apache-2.0 */
/* throttle - how soon somebody may try to sign in again. Counts failures by a name (an account, an
 * address) in a table of fixed size: after a few free ones each failure doubles the wait, up to
 * fifteen minutes. A success or an hour without failures clears it. When the table is full, the
 * entry that is closest to being forgotten gives way. */
#ifndef LIA_ACCESS_THROTTLE_H
#define LIA_ACCESS_THROTTLE_H

#include "common/base/crypto.h"

#define LIA_THROTTLE_ENTRIES 4096

typedef struct lia_throttle_entry {
    uint8_t name[LIA_DIGEST_SIZE]; /* a hash of it */
    uint32_t failures;             /* 0: free */
    int64_t last_ms;
} lia_throttle_entry;

/* Zeroed is empty. */
typedef struct lia_throttle {
    lia_throttle_entry entries[LIA_THROTTLE_ENTRIES];
} lia_throttle;

/* Milliseconds until `name` may be tried; 0: now. `now_ms` is monotonic. */
int64_t lia_throttle_wait(lia_throttle *throttle, lia_span name, int64_t now_ms);
void lia_throttle_failed(lia_throttle *throttle, lia_span name, int64_t now_ms);
void lia_throttle_clear(lia_throttle *throttle, lia_span name);

#endif
