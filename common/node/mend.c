/* SPDX-License-Identifier: Apache-2.0 */
/* A damaged block of the log is overwritten in place with what a peer has of it. */
#include "common/base/log.h"
#include "common/node/batch.h"

/* Whether the event that stands at `arrival` is another block's: then the damaged row points to a
 * wrong place, and what is there must stay. */
static bool is_others(const lia_batch *batch, const lia_sealed *sealed, uint64_t arrival,
                      lia_span bytes)
{
    lia_header header;
    lia_block block;
    lia_log_reader *log = lia_log_batch_reader(batch->log);
    if (lia_event_parse_header(&header, bytes)) return false;
    lia_origin origin = {header.node, header.incarnation};
    bool is_ours = lia_origin_equal(origin, sealed->origin) && header.seq >= sealed->first &&
                   header.seq < sealed->first + sealed->count;
    lia_lane lane = lia_log_find_lane(log, origin);
    if (is_ours || !lane || lia_log_block(log, lane, header.seq, &block)) return false;
    return block.arrival + (header.seq - block.first) == arrival;
}

/* Names each event that differs, and has its records judged again. */
static lia_err note_event(lia_batch *batch, const lia_sealed *sealed, uint32_t index,
                          uint64_t arrival)
{
    lia_span was = LIA_SPAN_NONE;
    lia_event event;
    lia_err err = lia_log_event(lia_log_batch_reader(batch->log), arrival, &was);
    if (err && err != LIA_EABSENT) return err;
    if (!err && is_others(batch, sealed, arrival, was)) return LIA_ECONFLICT;
    if (lia_span_equal(was, sealed->events[index])) return LIA_OK;
    LIA_LOG(ERROR, "event.was_damaged", LIA_INT("node", sealed->origin.node),
            LIA_INT("seq", sealed->first + index), LIA_INT("arrival", arrival));
    lia_arena_reset(&batch->turn_arena);
    if (lia_event_parse(&event, sealed->events[index], &batch->turn_arena, NULL)) return LIA_OK;
    for (size_t i = 0; i < event.op_count; i++)
        lia_buckets_add(&batch->applier.suspects, lia_digest_bucket(event.ops[i].record));
    return LIA_OK;
}

static lia_err mend(lia_batch *batch, const lia_sealed *sealed)
{
    lia_log_reader *log = lia_log_batch_reader(batch->log);
    lia_block held, block = {.lane = lia_log_find_lane(log, sealed->origin),
                             .first = sealed->first,
                             .count = sealed->count,
                             .before = sealed->before,
                             .hash = sealed->hash,
                             .signature = sealed->signature};
    if (!block.lane) return LIA_EABSENT;
    lia_err err = lia_log_block(log, block.lane, block.first, &held);
    if (err) return err;
    for (uint32_t i = 0; i < sealed->count && !err; i++)
        err = note_event(batch, sealed, i, held.arrival + i);
    return err ? err : lia_log_mend(batch->log, &block, sealed->events);
}

lia_err lia_batch_mend(lia_batch *batch, const lia_sealed *sealed)
{
    lia_sealed kept = *sealed;
    lia_err err = lia_own_seal(batch);
    if (!err) err = lia_batch_erase_late(batch, &kept);
    if (!err) err = mend(batch, &kept);
    lia_arena_reset(&batch->event_arena);
    batch->applier.damaged = true; /* the audit looks at the suspects, and at all rows */
    if (err != LIA_EABSENT && err != LIA_ECONFLICT && err != LIA_ECORRUPT) return err;
    LIA_LOG(ERROR, "block.not_mended", LIA_INT("node", sealed->origin.node),
            LIA_INT("seq", sealed->first), LIA_ERR(err));
    return LIA_OK;
}
