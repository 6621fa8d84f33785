/* SPDX-License-Identifier: Apache-2.0 */
/* hlc - the hybrid logical clock (Kulkarni, Demirbas et al., 2014): 48 bits of Unix milliseconds,
 * 16 bits of counter. It follows the wall clock, never goes back, and stands above all it has
 * seen. Readings from peers more than LIA_HLC_DRIFT_MS ahead of the wall do not raise it. */
#ifndef LIA_BASE_HLC_H
#define LIA_BASE_HLC_H

#include "common/base/time.h"

#define LIA_HLC_DRIFT_MS (60 * LIA_SECOND_MS)

typedef uint64_t lia_hlc;

typedef struct lia_clock {
    lia_hlc last;
} lia_clock;

static inline int64_t lia_hlc_ms(lia_hlc hlc) { return (int64_t)(hlc >> 16); }
static inline lia_hlc lia_hlc_at(int64_t ms) { return (lia_hlc)ms << 16; }

/* The next reading at wall time `wall`: above every earlier one. */
lia_hlc lia_clock_next(lia_clock *clock, lia_time wall);

/* Takes note of a peer's reading. False when it was too far ahead and was only bounded. */
bool lia_clock_see(lia_clock *clock, lia_hlc seen, lia_time wall);

#endif
