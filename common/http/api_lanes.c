/* SPDX-License-Identifier: Apache-2.0 */
#include "common/http/api_lanes.h"

lia_sync_lane_status *lia_call_lanes(lia_call *call, size_t *count)
{
    lia_sync_lane_status *lanes = lia_arena_take(call->arena, LIA_LANES_MAX * sizeof *lanes);
    *count = lanes ? lia_node_lanes(call->api->node, lanes, LIA_LANES_MAX) : 0;
    if (*count > LIA_LANES_MAX) *count = LIA_LANES_MAX;
    return lanes;
}

uint64_t lia_lane_behind(const lia_sync_lane_status *lane)
{
    return lane->target > lane->head ? lane->target - lane->head : 0;
}

int64_t lia_since_ms(int64_t then_ms)
{
    int64_t now_ms = lia_time_ticks_ms();
    return then_ms && now_ms > then_ms ? now_ms - then_ms : 0;
}
