/* SPDX-License-Identifier: Apache-2.0 */
/* What a machine on a desk has said to a peer since it was last forgotten; for tests. */
#ifndef LIA_SYNC_DESK_SAID_H
#define LIA_SYNC_DESK_SAID_H

#include "common/sync/desk.h"

static inline void forget(desk *on)
{
    on->said_count = 0;
}

static inline const Bus__Fetch *fetch_to(const desk *on, uint16_t to)
{
    const Bus__Fetch *last = NULL;
    for (size_t i = 0; i < on->said_count; i++)
        if (on->said[i].to == to && on->said[i].frame->fetch) last = on->said[i].frame->fetch;
    return last;
}

static inline const Bus__Ack *ack_to(const desk *on, uint16_t to)
{
    const Bus__Ack *last = NULL;
    for (size_t i = 0; i < on->said_count; i++)
        if (on->said[i].to == to && on->said[i].frame->ack) last = on->said[i].frame->ack;
    return last;
}

static inline const Bus__Problem *problem_to(const desk *on, uint16_t to)
{
    const Bus__Problem *last = NULL;
    for (size_t i = 0; i < on->said_count; i++)
        if (on->said[i].to == to && on->said[i].frame->problem) last = on->said[i].frame->problem;
    return last;
}

static inline Bus__ProblemCode problem_code_to(const desk *on, uint16_t to)
{
    const Bus__Problem *last = problem_to(on, to);
    return last ? last->code : BUS__PROBLEM_CODE__PROBLEM_NONE;
}

static inline size_t batches_to(const desk *on, uint16_t to)
{
    size_t count = 0;
    for (size_t i = 0; i < on->said_count; i++)
        count += on->said[i].to == to && on->said[i].frame->batch;
    return count;
}

static inline size_t hellos_to(const desk *on, uint16_t to)
{
    size_t count = 0;
    for (size_t i = 0; i < on->said_count; i++)
        count += on->said[i].to == to && on->said[i].frame->hello;
    return count;
}

static inline lia_sync_lane_status lane_of(const desk *on, lia_origin origin)
{
    lia_sync_lane_status lanes[64];
    size_t count = lia_sync_lanes(on->sync, lanes, LIA_COUNT(lanes));
    for (size_t i = 0; i < count && i < LIA_COUNT(lanes); i++)
        if (lia_origin_equal(lanes[i].origin, origin)) return lanes[i];
    return (lia_sync_lane_status){0};
}

#endif
