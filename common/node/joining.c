/* SPDX-License-Identifier: Apache-2.0 */
#include "common/node/joining.h"

#include "common/base/log.h"

#define META "joining"

/* Once somebody was met the others get so long to be there, too: they may hold more. */
#define OTHERS_MS 2000

static lia_err set(lia_log *log, bool joining)
{
    const uint8_t value[1] = {joining};
    return lia_log_set_meta(log, META, LIA_SPAN_OF(value));
}

lia_err lia_joining_begin(lia_log *log)
{
    return set(log, true);
}

lia_err lia_joining_end(lia_log *log)
{
    return set(log, false);
}

lia_err lia_joining_read(lia_log_reader *reader, bool *joining)
{
    lia_span value;
    lia_err err = lia_log_meta(reader, META, &value);
    *joining = !err && value.size == 1 && value.data[0];
    return err == LIA_EABSENT ? LIA_OK : err; /* made by a release that did not note it */
}

/* What nobody reachable can give is not waited for: status goes on to say that it is missing. */
static bool comes(const lia_sync_lane_status *lane)
{
    return lane->head < lane->target && lane->cause != LIA_SYNC_NO_PEER &&
           lane->cause != LIA_SYNC_QUARANTINED;
}

static bool has_all(const lia_sync *sync)
{
    static lia_sync_lane_status lanes[LIA_LANES_MAX]; /* of the loop thread */
    lia_sync_import_status import;
    size_t count = lia_sync_lanes(sync, lanes, LIA_LANES_MAX);
    if (lia_sync_import(sync, &import) && import.peer) return false;
    for (size_t i = 0; i < count && i < LIA_LANES_MAX; i++)
        if (comes(&lanes[i])) return false;
    return true;
}

void lia_joining_look(lia_joining *joining, const lia_sync *sync, int64_t now_ms)
{
    lia_sync_peer_status peers[LIA_MEMBERS_MAX];
    if (!joining->joining) return;
    size_t met = 0, count = lia_sync_peers(sync, peers, LIA_COUNT(peers));
    for (size_t i = 0; i < count; i++) met += peers[i].connected && peers[i].erasures_agree;
    if (!joining->met) joining->began_ms = now_ms;
    joining->met |= met > 0;
    bool waited = now_ms - joining->began_ms >= OTHERS_MS;
    if (!met || (met < count && !waited) || !has_all(sync)) return;
    LIA_LOG(INFO, "node.joined", LIA_INT("members_met", met));
    joining->joining = false;
    lia_writer_joined(joining->writer);
}
