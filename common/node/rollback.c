/* SPDX-License-Identifier: Apache-2.0 */
#include "common/node/rollback.h"

#include "common/base/log.h"

#define ASK_MS 2000
/* A tail that somebody announces and nobody delivers holds up the node no longer than this. */
#define TAIL_MS 10000
/* A new incarnation is always safe, but costs a lane; a member that lies must not get many. */
#define RENEWALS_MAX 8

static void go(lia_rollback *rollback)
{
    rollback->state = LIA_ROLLBACK_OPEN;
    lia_writer_go(rollback->writer, LIA_HELD_STORE);
}

static void renew(lia_rollback *rollback, lia_log_level level, const char *why)
{
    uint64_t incarnation;
    do lia_random(&incarnation, sizeof incarnation);
    while (incarnation == 0);
    rollback->state = LIA_ROLLBACK_RENEWING;
    rollback->renewals += !rollback->rekey; /* other keys are nobody's lie */
    rollback->restored = rollback->forked = false;
    lia_log_field fields[] = {{0}, LIA_TEXT("why", why), LIA_INT("head", rollback->head)};
    lia_log_write(level, "lane.renewed", fields, LIA_COUNT(fields));
    lia_writer_renew(rollback->writer, incarnation, rollback->rekey ? &rollback->key : NULL);
    rollback->rekey = false;
    lia_wipe(&rollback->key, sizeof rollback->key);
}

static void catch_up(lia_rollback *rollback, const lia_sync_lane_status *own, int64_t now_ms)
{
    lia_why why;
    rollback->state = LIA_ROLLBACK_CATCHING;
    rollback->since_ms = now_ms;
    lia_why_set(&why, LIA_EBUSY,
                "this node's disk is older than what it has written (%llu of %llu events): it "
                "fetches the rest from the others before it takes commands",
                (unsigned long long)own->head, (unsigned long long)own->target);
    LIA_LOG(ERROR, "lane.rolled_back", LIA_INT("head", own->head), LIA_INT("target", own->target));
    lia_writer_hold(rollback->writer, LIA_HELD_STORE, &why);
}

static bool all_are_heard(const lia_sync *sync)
{
    lia_sync_peer_status peers[LIA_MEMBERS_MAX];
    size_t count = lia_sync_peers(sync, peers, LIA_COUNT(peers));
    for (size_t i = 0; i < count; i++)
        if (!peers[i].connected || !peers[i].erasures_agree) return false;
    return true;
}

static void look_asking(lia_rollback *rollback)
{
    if (!rollback->heard) return;
    if (rollback->restored)
        renew(rollback, LIA_ERROR, "the store was put back or moved");
    else
        go(rollback);
}

static void look_catching(lia_rollback *rollback, const lia_sync_lane_status *own, int64_t now_ms)
{
    if (own->head >= own->target)
        renew(rollback, LIA_ERROR, "the disk was rolled back; what was lost is here again");
    else if (now_ms - rollback->since_ms >= TAIL_MS)
        renew(rollback, LIA_ERROR, "the disk was rolled back, and nobody delivers what was lost");
}

static void note_progress(lia_rollback *rollback, uint64_t head, int64_t now_ms)
{
    if (head <= rollback->head) return;
    rollback->head = head;
    if (rollback->state == LIA_ROLLBACK_CATCHING) rollback->since_ms = now_ms;
}

void lia_rollback_look(lia_rollback *rollback, const lia_sync *sync, int64_t now_ms)
{
    lia_sync_lane_status own = {0};
    if (!rollback->heard)
        rollback->heard = now_ms - rollback->began_ms >= ASK_MS || all_are_heard(sync);
    if (rollback->state == LIA_ROLLBACK_RENEWING) return;
    (void)lia_sync_lane(sync, rollback->self, &own);
    note_progress(rollback, own.head, now_ms);
    bool is_behind = own.target > own.head;
    if (rollback->rekey && rollback->state == LIA_ROLLBACK_OPEN) {
        renew(rollback, LIA_INFO, "the node has another signing key");
    } else if (rollback->renewals >= RENEWALS_MAX) {
        if (rollback->state != LIA_ROLLBACK_OPEN) go(rollback);
    } else if (rollback->forked) {
        renew(rollback, LIA_ERROR, "the others have another history of the own lane");
    } else if (rollback->state == LIA_ROLLBACK_CATCHING) {
        look_catching(rollback, &own, now_ms);
    } else if (is_behind) {
        catch_up(rollback, &own, now_ms);
    } else if (rollback->state == LIA_ROLLBACK_ASKING) {
        look_asking(rollback);
    }
}

void lia_rollback_begin(lia_rollback *rollback, bool restored, int64_t now_ms)
{
    rollback->state = LIA_ROLLBACK_ASKING;
    rollback->restored = restored;
    rollback->since_ms = rollback->began_ms = now_ms;
}

void lia_rollback_rekey(lia_rollback *rollback, const lia_sign_key *key)
{
    rollback->rekey = true;
    rollback->key = *key;
}

void lia_rollback_forked(lia_rollback *rollback, lia_origin origin)
{
    if (lia_origin_equal(origin, rollback->self)) rollback->forked = true;
}

void lia_rollback_renewed(lia_rollback *rollback, lia_origin self)
{
    rollback->self = self;
    rollback->forked = false; /* said of the old one, also while the new one was made */
    rollback->head = 0;
    rollback->state = LIA_ROLLBACK_OPEN;
}
