/* SPDX-License-Identifier: Apache-2.0 */
#include "common/node/skew.h"

#include <stdlib.h>

#include "common/base/log.h"

/* What peers said before this process was stopped for a while looks old for a moment. */
#define LASTS_MS 3000

bool lia_skew_is_far(const lia_sync_peer_status *peers, size_t count, int64_t *apart_ms)
{
    size_t heard = 0, far = 0;
    int64_t nearest = 0;
    for (size_t i = 0; i < count; i++) {
        int64_t apart = peers[i].clock_ms;
        if (!peers[i].connected || !peers[i].has_clock) continue;
        heard++;
        if (apart >= -LIA_SKEW_MS_MAX && apart <= LIA_SKEW_MS_MAX) continue;
        if (!far++ || llabs(apart) < llabs(nearest)) nearest = apart;
    }
    *apart_ms = nearest;
    if (heard == 1) return far && nearest < 0;
    return 2 * far > heard;
}

static void hold(lia_skew *skew, int64_t apart_ms)
{
    lia_why why;
    lia_why_set(
        &why, LIA_EBUSY,
        "this node's clock is %lld s %s those of most others: it takes no commands until the "
        "clock is set",
        (long long)(llabs(apart_ms) / 1000), apart_ms < 0 ? "ahead of" : "behind");
    LIA_LOG(ERROR, "clock.far", LIA_INT("apart_ms", apart_ms));
    skew->held = true;
    lia_writer_hold(skew->writer, LIA_HELD_CLOCK, &why);
}

static void go(lia_skew *skew)
{
    LIA_LOG(INFO, "clock.near");
    skew->held = false;
    lia_writer_go(skew->writer, LIA_HELD_CLOCK);
}

void lia_skew_look(lia_skew *skew, const lia_sync *sync, int64_t now_ms, bool at_once)
{
    lia_sync_peer_status peers[LIA_MEMBERS_MAX];
    int64_t apart_ms;
    size_t count = lia_sync_peers(sync, peers, LIA_COUNT(peers));
    if (!lia_skew_is_far(peers, count, &apart_ms)) {
        skew->since_ms = 0;
        if (skew->held) go(skew);
        return;
    }
    if (!skew->since_ms) skew->since_ms = now_ms;
    if (!skew->held && (at_once || now_ms - skew->since_ms >= LASTS_MS)) hold(skew, apart_ms);
}
