/* SPDX-License-Identifier: Apache-2.0 */
/* Causes are worked out when somebody looks, from what the machine goes by itself, so the screen
 * can't say something else than what is done. */
#include "common/sync/inner.h"

const char *lia_sync_cause_text(lia_sync_cause cause)
{
    static const char *const texts[] = {
        [LIA_SYNC_CURRENT] = "nothing is missing",
        [LIA_SYNC_FETCHING] = "fetching",
        [LIA_SYNC_NO_PEER] = "nobody who is ahead can be reached",
        [LIA_SYNC_STALLED] = "the server does not deliver",
        [LIA_SYNC_WRITING] = "received, waiting for the disk",
        [LIA_SYNC_QUARANTINED] = "two histories exist: an operator must choose",
        [LIA_SYNC_REFUSED] = "the disk does not take it",
        [LIA_SYNC_DROPPED] = "what is missing has left the logs of those who are ahead",
    };
    return (size_t)cause < LIA_COUNT(texts) ? texts[cause] : "unknown";
}

typedef struct ahead {
    bool reachable, forked, honest, retained;
} ahead;

/* Who holds more than was received here. */
static ahead ahead_of(const lia_sync *sync, const lane *of)
{
    ahead found = {0};
    for (size_t i = 0; i < sync->peer_count; i++) {
        const peer *from = &sync->peers[i];
        const peer_lane *there = between(sync, from, of);
        if (there->head <= of->received) continue;
        found.forked |= there->forked;
        found.honest |= !there->forked;
        bool reachable = !there->forked && !is_doubtful(sync, from);
        found.reachable |= reachable;
        found.retained |= reachable && there->floor <= of->received;
    }
    return found;
}

/* An earlier lane of this node itself, of which a peer has another history: a copy of the disk was
 * written to. The own word is proof enough of that, also when nobody holds more. */
static bool is_own_fork(const lia_sync *sync, const lane *of)
{
    if (of->origin.node != sync->options.node || is_own(sync, of)) return false;
    for (size_t i = 0; i < sync->peer_count; i++)
        if (between(sync, &sync->peers[i], of)->forked) return true;
    return false;
}

static lia_sync_cause cause_of(const lia_sync *sync, const lane *of)
{
    uint64_t target = lane_target(sync, of);
    ahead there = ahead_of(sync, of);
    if (of->quarantined || is_own_fork(sync, of)) return LIA_SYNC_QUARANTINED;
    if (of->durable >= target) return LIA_SYNC_CURRENT;
    if (of->received >= target || (of->open <= 0 && of->waiting_bytes)) return LIA_SYNC_WRITING;
    if (there.forked && !there.honest) return LIA_SYNC_QUARANTINED;
    if (!there.reachable) return LIA_SYNC_NO_PEER;
    if (of->refused) return LIA_SYNC_REFUSED;
    if (!there.retained) return LIA_SYNC_DROPPED;
    return sync->now_ms - of->progress_ms >= DOUBTFUL_MS ? LIA_SYNC_STALLED : LIA_SYNC_FETCHING;
}

size_t lia_sync_holders(const lia_sync *sync, lia_origin origin, uint64_t seq)
{
    const lane *of = find_lane((lia_sync *)sync, origin);
    size_t count = 0;
    for (size_t i = 0; i < sync->peer_count; i++) {
        const peer_lane *there = of ? between(sync, &sync->peers[i], of) : NULL;
        count += seq == 0 || (there && there->head >= seq && !there->forked);
    }
    return count;
}

size_t lia_sync_holdings(const lia_sync *sync, lia_origin origin, lia_sync_holding *out, size_t max)
{
    const lane *of = find_lane((lia_sync *)sync, origin);
    for (size_t i = 0; i < sync->peer_count && i < max; i++) {
        const peer_lane *there = of ? between(sync, &sync->peers[i], of) : NULL;
        out[i] = (lia_sync_holding){.node = sync->peers[i].node};
        if (!there) continue;
        out[i].seq = there->head;
        out[i].at_ms = there->head_ms;
    }
    return sync->peer_count;
}

uint64_t lia_sync_held_by_all(const lia_sync *sync, lia_origin origin, uint16_t *least)
{
    const lane *of = find_lane((lia_sync *)sync, origin);
    uint64_t held = of ? of->durable : 0;
    *least = 0;
    for (size_t i = 0; i < sync->peer_count; i++) {
        const peer_lane *there = of ? between(sync, &sync->peers[i], of) : NULL;
        uint64_t theirs = there && !there->forked ? there->head : 0;
        if (*least && theirs >= held) continue;
        *least = sync->peers[i].node;
        if (theirs < held) held = theirs;
    }
    return held;
}

static lia_sync_lane_status status_of(const lia_sync *sync, const lane *of)
{
    return (lia_sync_lane_status){
        .origin = of->origin,
        .head = of->durable,
        .target = lane_target(sync, of),
        .server = of->server ? of->server->node : 0,
        .cause = cause_of(sync, of),
        .behind_since_ms = of->behind_since_ms,
    };
}

bool lia_sync_lane(const lia_sync *sync, lia_origin origin, lia_sync_lane_status *out)
{
    const lane *of = find_lane((lia_sync *)sync, origin);
    if (of) *out = status_of(sync, of);
    return of != NULL;
}

size_t lia_sync_lanes(const lia_sync *sync, lia_sync_lane_status *out, size_t max)
{
    for (size_t i = 0; i < sync->lane_count && i < max; i++)
        out[i] = status_of(sync, &sync->lanes[i]);
    return sync->lane_count;
}

size_t lia_sync_peers(const lia_sync *sync, lia_sync_peer_status *out, size_t max)
{
    for (size_t i = 0; i < sync->peer_count && i < max; i++) {
        const peer *with = &sync->peers[i];
        out[i] = (lia_sync_peer_status){
            .node = with->node,
            .connected = !is_doubtful(sync, with),
            .last_heard_ms = with->last_heard_ms,
            .skew_ms = with->skew_ms,
            .features = with->features,
            .features_on = with->features_on,
            .received_bytes = with->received_bytes,
            .sent_bytes = with->sent_bytes,
            .acked = with->acked,
            .epoch = with->epoch,
            .clock_ms = with->clock_ms,
            .has_clock = with->has_clock,
            .compared_ms = with->compared_ms,
            .differs = with->differs,
            .erasures_agree = is_serving(with),
            .comparisons = with->comparisons,
            .buckets = with->buckets,
        };
    }
    return sync->peer_count;
}
