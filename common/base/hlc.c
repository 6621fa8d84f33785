/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/hlc.h"

lia_hlc lia_clock_next(lia_clock *clock, lia_time wall)
{
    lia_hlc now = wall.ms > 0 ? lia_hlc_at(wall.ms) : 0;
    /* A full counter carries into the milliseconds by itself. */
    clock->last = now > clock->last ? now : clock->last + 1;
    return clock->last;
}

bool lia_clock_see(lia_clock *clock, lia_hlc seen, lia_time wall)
{
    lia_hlc bound = lia_hlc_at((wall.ms > 0 ? wall.ms : 0) + LIA_HLC_DRIFT_MS);
    bool near = seen <= bound;
    lia_hlc taken = near ? seen : bound;
    if (taken > clock->last) clock->last = taken;
    return near;
}
