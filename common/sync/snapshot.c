/* SPDX-License-Identifier: Apache-2.0 */
/* When what a lane lacks has left the logs of all who can be reached, the state is asked for
 * instead, chunk by chunk, from one peer at a time. Nothing is kept here of how far that has come:
 * the host writes down the cursor with each chunk, and before each request it is asked where to go
 * on. So a process that is killed, and a peer that goes away, cost one chunk.
 *
 *     client                                   server
 *       | state request {after} ----------------> |  reads a part, forgets the asker
 *       | <------------------- state chunk        |
 *     import, commit                              |
 *       | state request {after} ----------------> |
 *       | <------------------- state chunk {last} |
 *     lanes stand where the server's began        |
 *       | fetch ... as ever                       |
 */
#include "common/sync/inner.h"
#include "common/wire/event.h"

/* ---- giving -------------------------------------------------------------------------------- */

/* Requests of one peer that are answered between two ticks: 80 MiB/s. */
#define REQUESTS_MAX 32

static Bus__StateLane lane_make(const lia_snap_lane *from)
{
    Bus__StateLane made = BUS__STATE_LANE__INIT;
    made.has_node = made.has_incarnation = made.has_seq = true;
    made.node = from->origin.node;
    made.incarnation = from->origin.incarnation;
    made.seq = from->seq;
    made.has_hash = made.has_signature = true;
    made.hash = as_bytes(&from->hash, sizeof from->hash);
    made.signature = as_bytes(&from->signature, sizeof from->signature);
    return made;
}

static Bus__StateRow row_make(const lia_snap_row *row)
{
    Bus__StateRow made = BUS__STATE_ROW__INIT;
    made.has_key = made.has_value = true;
    made.key = as_bytes(row->key.data, row->key.size);
    made.value = as_bytes(row->value.data, row->value.size);
    return made;
}

/* Arrays of the message, in the arena of the frame that is written. */
static bool fill_chunk(lia_sync *sync, const lia_snap_chunk *from, Bus__StateChunk *to)
{
    lia_arena *arena = &sync->out;
    Bus__StateLane *lanes = lia_arena_take(arena, (from->lane_count + 1) * sizeof *lanes);
    Bus__StateRow *rows = lia_arena_take(arena, (from->row_count + 1) * sizeof *rows);
    to->lanes = lia_arena_take(arena, (from->lane_count + 1) * sizeof *to->lanes);
    to->rows = lia_arena_take(arena, (from->row_count + 1) * sizeof *to->rows);
    to->events = lia_arena_take(arena, (from->event_count + 1) * sizeof *to->events);
    if (!lanes || !rows || !to->lanes || !to->rows || !to->events) return false;
    for (size_t i = 0; i < from->lane_count; i++) {
        lanes[i] = lane_make(&from->lanes[i]);
        to->lanes[i] = &lanes[i];
    }
    for (size_t i = 0; i < from->row_count; i++) {
        rows[i] = row_make(&from->rows[i]);
        to->rows[i] = &rows[i];
    }
    for (size_t i = 0; i < from->event_count; i++)
        to->events[i] = as_bytes(from->events[i].data, from->events[i].size);
    to->n_lanes = from->lane_count;
    to->n_rows = from->row_count;
    to->n_events = from->event_count;
    return true;
}

static void send_chunk(lia_sync *sync, peer *to, const lia_snap_chunk *chunk)
{
    Bus__StateChunk said = BUS__STATE_CHUNK__INIT;
    if (fill_chunk(sync, chunk, &said)) {
        said.has_next = chunk->next.size > 0;
        said.next = as_bytes(chunk->next.data, chunk->next.size);
        said.has_all = true;
        said.all = chunk->all;
        Bus__Frame frame = BUS__FRAME__INIT;
        frame.session = to->asker;
        frame.state_chunk = &said;
        if (bus__frame__get_packed_size(&frame) <= LIA_FRAME_BYTES_MAX / 2)
            frame_send(sync, to, LIA_SYNC_SERVER, &frame);
    }
    lia_arena_reset(&sync->out);
}

static void answer(lia_sync *sync, peer *from, lia_span after)
{
    lia_snap_chunk chunk;
    const lia_sync_ops *ops = sync->options.ops;
    lia_err err =
        ops->state_read ? ops->state_read(sync->options.context, after, &chunk) : LIA_EABSENT;
    if (!err) {
        size_t mark = lia_arena_mark(&sync->in);
        lia_sealed events = {.count = (uint32_t)chunk.event_count, .events = chunk.events};
        if (!erasures_apply(sync, &events)) {
            chunk.events = events.events;
            send_chunk(sync, from, &chunk);
        }
        lia_arena_back(&sync->in, mark);
        return;
    }
    Bus__ProblemCode code = err == LIA_EINVAL ? BUS__PROBLEM_CODE__PROBLEM_BAD_CURSOR
                                              : BUS__PROBLEM_CODE__PROBLEM_NO_STATE;
    frame_send_problem(sync, from, from->asker, code, (lia_origin){0}, 0);
}

void receive_state_request(lia_sync *sync, peer *from, const Bus__StateRequest *request)
{
    lia_span after =
        lia_span_make(request->after.data, request->has_after ? request->after.len : 0);
    if (after.size > LIA_SNAP_CURSOR_MAX) {
        alarm_malformed(sync, from);
        return;
    }
    if (!from->asker_agreed) { /* as with a fetch */
        asker_lost(from);
        return;
    }
    const lia_sync_ops *ops = sync->options.ops;
    from->state_waits = ++from->state_requests > REQUESTS_MAX ||
                        (ops->room && !ops->room(sync->options.context, from->node));
    if (!from->state_waits) {
        answer(sync, from, after);
        return;
    }
    if (after.size) memcpy(from->state_after, after.data, after.size);
    from->state_after_size = after.size;
}

static void answer_waiting(lia_sync *sync, peer *from)
{
    bool waits = from->state_waits && from->asker;
    from->state_requests = 0;
    from->state_waits = false;
    if (waits) answer(sync, from, lia_span_make(from->state_after, from->state_after_size));
}

/* ---- asking -------------------------------------------------------------------------------- */

/* Asks somebody else for so long; 0: the same again soon. */
static void leave(lia_sync *sync, int64_t avoid_ms)
{
    import *of = &sync->import;
    if (of->server && avoid_ms) of->server->no_state_until_ms = sync->now_ms + avoid_ms;
    of->server = NULL;
    of->retry_ms = sync->now_ms + (avoid_ms ? 0 : REFUSED_MS);
}

static void request(lia_sync *sync)
{
    import *of = &sync->import;
    uint8_t cursor[LIA_SNAP_CURSOR_MAX];
    size_t size = sync->options.ops->import_from(sync->options.context, cursor);
    Bus__StateRequest ask = BUS__STATE_REQUEST__INIT;
    ask.has_after = size > 0;
    ask.after = as_bytes(cursor, size);
    Bus__Frame frame = BUS__FRAME__INIT;
    frame.session = of->server->session;
    frame.state_request = &ask;
    of->asked_ms = sync->now_ms;
    of->session = of->server->session;
    if (!frame_send(sync, of->server, LIA_SYNC_CLIENT, &frame)) leave(sync, 0);
}

/* May the peer have a state to give? It is heard soon if it has none. */
static bool gives_state(const lia_sync *sync, const peer *from)
{
    return is_serving(from) && !is_doubtful(sync, from) && from->no_state_until_ms <= sync->now_ms;
}

/* Has the peer more of the lane than is here, and not what follows here? */
static bool has_only_state(const lia_sync *sync, const peer *from, const lane *of)
{
    const peer_lane *there = between(sync, from, of);
    return gives_state(sync, from) && !there->forked && there->head > of->received &&
           there->floor > of->received;
}

/* Who can help a lane that nobody reachable can serve; NULL: nobody, or it needs no help. */
static peer *helper_of(lia_sync *sync, const lane *of)
{
    if (of->quarantined || is_own(sync, of) || lane_reachable(sync, of) > of->received) return NULL;
    for (size_t i = 0; i < sync->peer_count; i++)
        if (has_only_state(sync, &sync->peers[i], of)) return &sync->peers[i];
    return NULL;
}

static peer *find_helper(lia_sync *sync)
{
    for (size_t i = 0; i < sync->lane_count; i++) {
        peer *helper = helper_of(sync, &sync->lanes[i]);
        if (helper) return helper;
    }
    return NULL;
}

/* Who goes on with a state of which a half is here: that is finished also when no lane needs it any
 * more, since what is here says nothing before it is whole. */
static peer *find_finisher(lia_sync *sync)
{
    uint8_t cursor[LIA_SNAP_CURSOR_MAX];
    if (!sync->options.ops->import_from(sync->options.context, cursor)) return NULL;
    for (size_t i = 0; i < sync->peer_count; i++)
        if (gives_state(sync, &sync->peers[i])) return &sync->peers[i];
    return NULL;
}

/* The request went with the session that it was made in, which is nobody's fault. */
static bool is_lost(const lia_sync *sync)
{
    const import *of = &sync->import;
    return of->server->state != SESSION_UP || of->server->session != of->session;
}

static bool is_stalled(const lia_sync *sync)
{
    return sync->now_ms - sync->import.asked_ms >= STATE_STALL_MS;
}

void import_tick(lia_sync *sync)
{
    import *of = &sync->import;
    for (size_t i = 0; i < sync->peer_count; i++) answer_waiting(sync, &sync->peers[i]);
    if (!sync->options.ops->import || of->taking) return;
    if (of->server && is_lost(sync)) leave(sync, 0);
    if (of->server && is_stalled(sync)) leave(sync, STATE_STALL_MS);
    if (of->server || sync->now_ms < of->retry_ms) return;
    of->server = find_helper(sync);
    if (!of->server) of->server = find_finisher(sync);
    if (!of->server) { /* no need any more, or nobody to ask while one half is here */
        uint8_t cursor[LIA_SNAP_CURSOR_MAX];
        if (!sync->options.ops->import_from(sync->options.context, cursor)) of->since_ms = 0;
        return;
    }
    if (!of->since_ms) of->since_ms = sync->now_ms ? sync->now_ms : 1;
    request(sync);
}

/* ---- taking -------------------------------------------------------------------------------- */

static bool read_lane(lia_snap_lane *out, const Bus__StateLane *from)
{
    out->seq = from->seq;
    if (!read_origin(&out->origin, from->node, from->incarnation) || from->seq == 0 ||
        !read_hash(&out->hash, from->has_hash, from->hash) || !from->has_signature ||
        from->signature.len != sizeof out->signature)
        return false;
    memcpy(&out->signature, from->signature.data, sizeof out->signature);
    return true;
}

/* Where a lane begins is what its origin has signed as the end of a block. Lanes of strangers are
 * left out. False: one is not. */
static bool read_lanes(lia_sync *sync, const Bus__StateChunk *from, lia_snap_lane *lanes,
                       size_t *count)
{
    *count = 0;
    for (size_t i = 0; i < from->n_lanes; i++) {
        lia_snap_lane *one = &lanes[*count];
        if (!read_lane(one, from->lanes[i])) return false;
        if (!origin_limit(sync, one->origin)) continue;
        if (!is_signed_end(sync, one->origin, one->seq, &one->hash, &one->signature)) return false;
        ++*count;
    }
    return true;
}

static bool read_event(lia_span *out, ProtobufCBinaryData bytes)
{
    lia_header header;
    lia_hash leaf;
    *out = lia_span_make(bytes.data, bytes.len);
    return out->size <= LIA_EVENT_BYTES_MAX && !lia_event_parse_header(&header, *out) &&
           !lia_event_leaf(*out, &leaf);
}

static bool read_row(lia_snap_row *out, const Bus__StateRow *from)
{
    if (!from->has_key || !from->has_value) return false;
    out->key = lia_span_make(from->key.data, from->key.len);
    out->value = lia_span_make(from->value.data, from->value.len);
    return out->key.size > 0 && out->key.size <= LIA_SNAP_CURSOR_MAX && out->value.size > 0;
}

/* Arrays live in the arena of the frame that was read. */
static bool read_chunk(lia_sync *sync, const Bus__StateChunk *from, lia_snap_chunk *out)
{
    lia_arena *arena = &sync->in;
    if (from->n_lanes > LIA_LANES_MAX || from->next.len > LIA_SNAP_CURSOR_MAX) return false;
    lia_snap_lane *lanes = lia_arena_take(arena, (from->n_lanes + 1) * sizeof *lanes);
    lia_snap_row *rows = lia_arena_take(arena, (from->n_rows + 1) * sizeof *rows);
    lia_span *events = lia_arena_take(arena, (from->n_events + 1) * sizeof *events);
    if (!lanes || !rows || !events) return false;
    *out = (lia_snap_chunk){.lanes = lanes,
                            .events = events,
                            .event_count = from->n_events,
                            .rows = rows,
                            .row_count = from->n_rows,
                            .all = from->all};
    if (from->has_next) out->next = lia_span_make(from->next.data, from->next.len);
    if (!read_lanes(sync, from, lanes, &out->lane_count)) return false;
    for (size_t i = 0; i < from->n_events; i++)
        if (!read_event(&events[i], from->events[i])) return false;
    for (size_t i = 0; i < from->n_rows; i++)
        if (!read_row(&rows[i], from->rows[i])) return false;
    return true;
}

static void refuse_chunk(lia_sync *sync, peer *from)
{
    alarm_malformed(sync, from);
    leave(sync, SHUN_MS);
}

void receive_state_chunk(lia_sync *sync, peer *from, const Bus__StateChunk *said)
{
    lia_snap_chunk chunk;
    import *of = &sync->import;
    if (of->server != from || of->taking) return; /* left in the meantime, or an echo */
    if (!read_chunk(sync, said, &chunk)) {
        refuse_chunk(sync, from);
        return;
    }
    of->taking = true;
    of->received += chunk.event_count + chunk.row_count;
    of->all = chunk.all;
    sync->options.ops->import(sync->options.context, from->node, &chunk);
}

void import_moved(lia_sync *sync, const peer *from, peer *to)
{
    if (sync->import.server == from) sync->import.server = to;
}

void import_refused(lia_sync *sync, peer *from)
{
    if (sync->import.server == from && !sync->import.taking) leave(sync, SHUN_MS);
}

void lia_sync_importing(lia_sync *sync)
{
    sync->import.taking = true;
    sync->import.since_ms = 1;
}

void lia_sync_imported(lia_sync *sync, lia_err err, bool done)
{
    import *of = &sync->import;
    if (!of->taking) return;
    of->taking = false;
    if (!of->server) { /* it left the cluster meanwhile, or gave it to a former process */
        if (done) *of = (import){0};
    } else if (err == LIA_EINVAL) {
        refuse_chunk(sync, of->server);
    } else if (err && err != LIA_ECONFLICT) {
        leave(sync, 0);
    } else if (done) {
        *of = (import){0};
    } else if (is_lost(sync)) {
        leave(sync, 0);
    } else {
        if (err) of->received = 0; /* from the beginning */
        request(sync);
    }
}

bool lia_sync_import(const lia_sync *sync, lia_sync_import_status *out)
{
    const import *of = &sync->import;
    *out = (lia_sync_import_status){.peer = of->server ? of->server->node : 0,
                                    .received = of->received,
                                    .all = of->all,
                                    .since_ms = of->since_ms};
    return of->since_ms != 0;
}
