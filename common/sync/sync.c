/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sync/sync.h"

#include <stdlib.h>

#include "common/base/assert.h"
#include "common/sync/inner.h"

#define AGREE_MS     20000
#define INSPECT_MS   60000
#define LANE_CREDIT  ((size_t)4 << 20)
#define TOTAL_CREDIT ((size_t)64 << 20)

static void take_options(lia_sync *sync, const lia_sync_options *options)
{
    sync->options = *options;
    sync->options.members = (lia_sync_members){0};
    if (!sync->options.agree_ms) sync->options.agree_ms = AGREE_MS;
    if (!sync->options.inspect_ms) sync->options.inspect_ms = INSPECT_MS;
    if (!sync->options.lane_credit) sync->options.lane_credit = LANE_CREDIT;
    if (!sync->options.total_credit) sync->options.total_credit = TOTAL_CREDIT;
    sync->next_session = (options->boot >> 1) + 1; /* unlike the last process's, and never 0 */
    sync->heads_ms = INT64_MIN;
}

lia_err lia_sync_open(lia_sync **out, const lia_sync_options *options)
{
    *out = NULL;
    lia_sync *sync = calloc(1, sizeof *sync);
    if (!sync) return LIA_EFULL;
    take_options(sync, options);
    lia_err err = lia_arena_init(&sync->in, UNPACK_BYTES);
    if (!err) err = lia_arena_init(&sync->out, PACK_BYTES);
    if (!err) err = lia_sync_set_members(sync, &options->members);
    if (err) {
        lia_sync_close(sync);
        return err;
    }
    *out = sync;
    return LIA_OK;
}

void lia_sync_close(lia_sync *sync)
{
    if (!sync) return;
    for (size_t i = 0; i < sync->peer_count; i++) free(sync->peers[i].lanes);
    lia_ledger_fini(&sync->erased);
    free(sync->keys);
    free(sync->list);
    lia_arena_fini(&sync->in);
    lia_arena_fini(&sync->out);
    free(sync);
}

/* ---- the own disk -------------------------------------------------------------------------- */

void lia_sync_committed(lia_sync *sync, lia_origin origin, uint64_t head, const lia_hash *hash)
{
    lane *of = find_or_add_lane(sync, origin);
    if (!of) return;
    lane_committed(sync, of, head, hash);
    of->dirty = sync->dirty = true;
    for (size_t i = 0; i < sync->peer_count; i++) serve_lane(sync, &sync->peers[i], of);
}

void lia_sync_write_failed(lia_sync *sync, lia_origin origin)
{
    lane *of = find_lane(sync, origin);
    if (of) lane_refused(sync, of);
}

void lia_sync_set_incarnation(lia_sync *sync, uint64_t incarnation)
{
    sync->options.incarnation = incarnation;
    for (size_t i = 0; i < sync->peer_count; i++) sync->peers[i].acked = 0;
}

/* ---- frames -------------------------------------------------------------------------------- */

static void receive_as_server(lia_sync *sync, peer *from, const Bus__Frame *frame)
{
    if (frame->hello) {
        receive_hello(sync, from, frame->hello);
        return;
    }
    if (!from->asker || frame->session != from->asker) {
        frame_send_problem(sync, from, frame->session, BUS__PROBLEM_CODE__PROBLEM_UNKNOWN_SESSION,
                           (lia_origin){0}, 0);
        return;
    }
    if (frame->fetch)
        receive_fetch(sync, from, frame->fetch);
    else if (frame->ack)
        receive_ack(sync, from, frame->ack);
    else if (frame->erasure_ask)
        receive_erasure_ask(sync, from, frame->erasure_ask);
    else if (frame->state_request)
        receive_state_request(sync, from, frame->state_request);
    else if (frame->members)
        receive_list(sync, from, frame->members);
    else if (frame->members_ask)
        receive_list_ask(sync, from);
    else if (frame->cut)
        receive_cut(sync, from, LIA_SYNC_SERVER, frame->cut);
    else if (frame->sums)
        receive_sums(sync, from, LIA_SYNC_SERVER, frame->sums);
    else if (frame->mend)
        receive_mend(sync, from, frame->mend);
    else
        alarm_malformed(sync, from);
}

static void receive_word(lia_sync *sync, const peer *from, lia_span word)
{
    const lia_sync_ops *ops = sync->options.ops;
    if (ops->heard) ops->heard(sync->options.context, from->node, word);
}

static void receive_as_client(lia_sync *sync, peer *from, const Bus__Frame *frame, size_t size)
{
    if (frame->welcome) {
        receive_welcome(sync, from, frame->session, frame->welcome);
        return;
    }
    bool greeting = from->state == SESSION_GREETING && frame->session == 0;
    if (greeting && frame->problem) receive_problem(sync, from, frame->problem);
    if (from->state != SESSION_UP || frame->session != from->session)
        return; /* of an earlier one */
    from->heard_ms = sync->now_ms;
    from->fruitful = true;
    if (frame->batch)
        receive_batch(sync, from, frame->batch, size);
    else if (frame->heads)
        receive_heads(sync, from, frame->heads);
    else if (frame->state_chunk)
        receive_state_chunk(sync, from, frame->state_chunk);
    else if (frame->problem)
        receive_problem(sync, from, frame->problem);
    else if (frame->erasure_page)
        receive_erasure_page(sync, from, frame->erasure_page);
    else if (frame->members)
        receive_list(sync, from, frame->members);
    else if (frame->cut)
        receive_cut(sync, from, LIA_SYNC_CLIENT, frame->cut);
    else if (frame->sums)
        receive_sums(sync, from, LIA_SYNC_CLIENT, frame->sums);
    else if (frame->mended)
        receive_mended(sync, from, frame->mended);
    else if (frame->has_word && frame->word.len <= LIA_SYNC_WORD_MAX)
        receive_word(sync, from, lia_span_make(frame->word.data, frame->word.len));
    else
        alarm_malformed(sync, from);
}

static void set_now(lia_sync *sync, int64_t now_ms, lia_time wall)
{
    if (now_ms > sync->now_ms) sync->now_ms = now_ms;
    sync->wall = wall;
}

void lia_sync_receive(lia_sync *sync, uint16_t peer_node, lia_sync_role role, lia_span bytes,
                      int64_t now_ms, lia_time wall)
{
    peer *from = find_peer(sync, peer_node);
    if (!from) return;
    set_now(sync, now_ms, wall);
    from->last_heard_ms = sync->now_ms;
    from->received_bytes += bytes.size;
    const Bus__Frame *frame = frame_read(sync, bytes);
    if (!frame)
        alarm_malformed(sync, from);
    else if (role == LIA_SYNC_SERVER)
        receive_as_server(sync, from, frame);
    else
        receive_as_client(sync, from, frame, bytes.size);
}

/* Peers of an earlier release take a frame that they do not know for a malformed one: they are not
 * told. Nor is one that does not read. */
void lia_sync_say(lia_sync *sync, lia_span word)
{
    const lia_sync_ops *ops = sync->options.ops;
    lia_assert(word.size && word.size <= LIA_SYNC_WORD_MAX);
    for (size_t i = 0; i < sync->peer_count; i++) {
        peer *to = &sync->peers[i];
        if (!to->asker || !to->hears) continue;
        if (ops->room && !ops->room(sync->options.context, to->node)) continue;
        Bus__Frame frame = BUS__FRAME__INIT;
        frame.session = to->asker;
        frame.has_word = true;
        frame.word = as_bytes(word.data, word.size);
        frame_send(sync, to, LIA_SYNC_SERVER, &frame);
    }
}

/* ---- time ---------------------------------------------------------------------------------- */

void lia_sync_link(lia_sync *sync, uint16_t peer_node, bool up, int64_t now_ms)
{
    peer *with = find_peer(sync, peer_node);
    if (!with) return;
    set_now(sync, now_ms, sync->wall);
    if (up) {
        if (with->state != SESSION_UP) with->greet_at_ms = sync->now_ms;
        return;
    }
    if (with->state == SESSION_UP) session_lost(sync, with, sync->now_ms);
    asker_lost(with);
}

void lia_sync_tick(lia_sync *sync, int64_t now_ms, lia_time wall, uint64_t hlc)
{
    set_now(sync, now_ms, wall);
    sync->hlc = hlc;
    for (size_t i = 0; i < sync->peer_count; i++) session_tick(sync, &sync->peers[i]);
    for (size_t i = 0; i < sync->lane_count; i++) lane_tick(sync, &sync->lanes[i]);
    import_tick(sync);
    send_heads(sync);
    serve_tick(sync);
    agree_tick(sync);
    inspect_tick(sync);
}

size_t lia_seal_message(uint8_t out[LIA_SEAL_MESSAGE_SIZE], lia_id cluster, lia_origin origin,
                        uint64_t last, const lia_hash *hash)
{
    static const char purpose[8] = {'l', 'i', 'a', '-', 's', 'e', 'a', 'l'};
    uint8_t *at = out;
    memcpy(at, purpose, sizeof purpose);
    memcpy(at += sizeof purpose, cluster.bytes, sizeof cluster.bytes);
    lia_put_u16(at += sizeof cluster.bytes, origin.node);
    lia_put_u64(at += 2, origin.incarnation);
    lia_put_u64(at += 8, last);
    memcpy(at += 8, hash, sizeof *hash);
    return (size_t)(at + sizeof *hash - out);
}
