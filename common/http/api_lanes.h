/* SPDX-License-Identifier: Apache-2.0 */
/* api_lanes - how far behind the others this node is, for all answers that tell it. */
#ifndef LIA_HTTP_API_LANES_H
#define LIA_HTTP_API_LANES_H

#include "common/http/api_inner.h"

/* All lanes, in the call's arena. NULL, and none: there is no memory. */
lia_sync_lane_status *lia_call_lanes(lia_call *call, size_t *count);
/* Events that others hold and this node not. */
uint64_t lia_lane_behind(const lia_sync_lane_status *lane);
/* Milliseconds since a moment of lia_time_ticks_ms; 0 when there was none. */
int64_t lia_since_ms(int64_t then_ms);

#endif
