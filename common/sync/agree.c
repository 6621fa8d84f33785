/* SPDX-License-Identifier: Apache-2.0 */
/* Two nodes that are written to hardly ever hold just the same events, so they agree on which ones
 * to compare: of each lane the higher of both numbers. Neither waits for the other nor holds an
 * event back: the host remembers what records were like when the cut began and works out the sums
 * of exactly the events that are wanted, when it has them all (common/node/cut.h).
 *
 *     asker (lower number)                      asked
 *     begin: what I hold ------- cut ---------> busy? refused : begin
 *     goal <-------------------- cut ---------- goal: the higher of both, lane by lane
 *     ... has it all: sums ----- sums --------> compare
 *     compare <----------------- sums --------- ... has it all: sums
 *
 * Who can't go on says so, and neither waits for the other. The goal lies within what one of the
 * two has on disk, so both reach it by ordinary replication, however much is written meanwhile. One
 * comparison at a time; who is busy refuses, is asked again, and takes that peer next. A lower
 * number asks a higher one, so that nobody waits in a circle. */
#include "common/sync/inner.h"

#define CUT_MS_MAX   15000 /* then it is given up: somebody is far behind */
#define CUT_AGAIN_MS 700   /* after a refusal */
/* A peer that has been answered asks no more for this long and for as long as it took: one that
 * begins cuts and never ends them leaves room for others. */
#define CUT_REST_MS 600
/* Who was refused because another was there first is waited for, so long: nodes whose comparisons
 * keep step would else meet each other busy for ever. A wish that is not repeated gives no such
 * place again until the next comparison is due. */
#define CUT_HOLD_TIMES 3 /* what it waits after a refusal */

static int64_t again_ms(const lia_sync *sync, int64_t ms)
{
    return ms < sync->options.agree_ms ? ms : sync->options.agree_ms;
}

void agree_compared(lia_sync *sync, peer *with, bool differs)
{
    bool differed = with->differs;
    with->differs = differs;
    with->compared_ms = sync->now_ms;
    if (differs && !differed)
        sync->options.ops->alarm(sync->options.context, LIA_SYNC_DIFFERS, with->node,
                                 (lia_origin){0}, 0);
}

static void end_cut(lia_sync *sync, int64_t again)
{
    cut *at = &sync->cut;
    if (at->state == CUT_NONE) return;
    int64_t took_ms = sync->now_ms - at->began_ms;
    at->with->cut_at_ms = sync->now_ms + again;
    if (!at->is_asker)
        at->with->cut_barred_ms = sync->now_ms + again_ms(sync, CUT_REST_MS) + took_ms;
    at->state = CUT_NONE;
    sync->options.ops->cut_end(sync->options.context, at->number);
}

static void end_early(lia_sync *sync)
{
    end_cut(sync, again_ms(sync, CUT_AGAIN_MS));
}

static void begin_cut(lia_sync *sync, peer *with, bool is_asker)
{
    cut *at = &sync->cut;
    if (!is_asker) with->cut_refused_ms = 0;
    at->state = CUT_BEGINNING;
    at->with = with;
    at->is_asker = is_asker;
    at->number = ++sync->next_cut;
    at->session = is_asker ? with->session : with->asker;
    at->began_ms = sync->now_ms;
    at->mark_count = 0;
    at->has_own = at->has_theirs = false;
    if (is_asker) at->asked = at->number;
}

/* ---- frames -------------------------------------------------------------------------------- */

static bool is_same_session(const cut *at)
{
    return at->session == (at->is_asker ? at->with->session : at->with->asker);
}

static lia_sync_role role_of(const cut *at)
{
    return at->is_asker ? LIA_SYNC_CLIENT : LIA_SYNC_SERVER;
}

static void send_marks(lia_sync *sync)
{
    const cut *at = &sync->cut;
    Bus__Cut said = BUS__CUT__INIT;
    Bus__Frame frame = BUS__FRAME__INIT;
    Bus__Head **list = lia_arena_take(&sync->out, at->mark_count * sizeof *list);
    Bus__Head *heads = lia_arena_take(&sync->out, at->mark_count * sizeof *heads);
    for (size_t i = 0; i < at->mark_count; i++) {
        Bus__Head *head = list[i] = &heads[i];
        bus__head__init(head);
        head->has_node = head->has_incarnation = head->has_seq = true;
        head->node = at->marks[i].origin.node;
        head->incarnation = at->marks[i].origin.incarnation;
        head->seq = at->marks[i].seq;
    }
    said.has_number = true;
    said.number = at->asked;
    said.heads = list;
    said.n_heads = at->mark_count;
    frame.cut = &said;
    frame.session = at->session;
    frame_send(sync, at->with, role_of(at), &frame);
}

static void say_no(lia_sync *sync, peer *to, lia_sync_role role, uint64_t session, uint64_t number)
{
    Bus__Cut said = BUS__CUT__INIT;
    Bus__Frame frame = BUS__FRAME__INIT;
    said.has_number = said.has_refused = said.refused = true;
    said.number = number;
    frame.cut = &said;
    frame.session = session;
    frame_send(sync, to, role, &frame);
}

static void refuse(lia_sync *sync, peer *to, uint64_t number)
{
    say_no(sync, to, LIA_SYNC_SERVER, to->asker, number);
}

/* ---- who was refused comes next -------------------------------------------------------------- */

static int64_t held_until(const lia_sync *sync, const peer *with)
{
    return with->cut_refused_ms + CUT_HOLD_TIMES * again_ms(sync, CUT_AGAIN_MS);
}

static void hold_place(const lia_sync *sync, peer *with)
{
    if (!with->cut_refused_ms || sync->now_ms >= held_until(sync, with) + sync->options.agree_ms)
        with->cut_refused_ms = sync->now_ms;
}

/* The first of those who were refused and may come again; or none. */
static const peer *awaited(const lia_sync *sync)
{
    const peer *first = NULL;
    for (size_t i = 0; i < sync->peer_count; i++) {
        const peer *with = &sync->peers[i];
        if (with->cut_refused_ms && sync->now_ms < held_until(sync, with) &&
            (!first || with->cut_refused_ms < first->cut_refused_ms))
            first = with;
    }
    return first;
}

/* The other end is told, so that it does not wait, and compares with others meanwhile. */
static void give_up(lia_sync *sync)
{
    const cut *at = &sync->cut;
    bool heard_of =
        at->state != CUT_NONE && is_same_session(at) &&
        (!at->is_asker || (at->state != CUT_BEGINNING && at->with->state == SESSION_UP));
    peer *with = at->with;
    end_early(sync);
    if (heard_of) say_no(sync, with, role_of(at), at->session, at->asked);
}

static void send_sums(lia_sync *sync)
{
    const cut *at = &sync->cut;
    Bus__Sums said = BUS__SUMS__INIT;
    Bus__Frame frame = BUS__FRAME__INIT;
    said.has_number = said.has_sums = true;
    said.number = at->asked;
    said.sums = as_bytes(at->own, sizeof at->own);
    frame.sums = &said;
    frame.session = at->session;
    frame_send(sync, at->with, role_of(at), &frame);
}

/* ---- marks --------------------------------------------------------------------------------- */

static lia_sync_mark *find_mark(cut *at, lia_origin origin)
{
    for (size_t i = 0; i < at->mark_count; i++)
        if (lia_origin_equal(at->marks[i].origin, origin)) return &at->marks[i];
    return NULL;
}

/* False when there are more lanes than anybody has. */
static bool raise_mark(cut *at, lia_origin origin, uint64_t seq)
{
    lia_sync_mark *mark = find_mark(at, origin);
    if (!mark && at->mark_count == LIA_LANES_MAX) return false;
    if (!mark) {
        mark = &at->marks[at->mark_count++];
        *mark = (lia_sync_mark){.origin = origin};
    }
    if (seq > mark->seq) mark->seq = seq;
    return true;
}

static bool raise_marks(cut *at, const Bus__Cut *said)
{
    if (said->n_heads > LIA_LANES_MAX) return false;
    for (size_t i = 0; i < said->n_heads; i++) {
        lia_origin origin;
        const Bus__Head *head = said->heads[i];
        if (!read_origin(&origin, head->node, head->incarnation) || head->seq == 0 ||
            !raise_mark(at, origin, head->seq))
            return false;
    }
    return true;
}

/* ---- the asker ----------------------------------------------------------------------------- */

/* A lane of two histories makes two states, rightly. */
static bool has_forked(const lia_sync *sync, const peer *with)
{
    for (size_t i = 0; i < sync->lane_count; i++)
        if (sync->lanes[i].quarantined || with->lanes[i].forked) return true;
    return false;
}

static bool is_due(const lia_sync *sync, const peer *with)
{
    return with->node > sync->options.node && !is_doubtful(sync, with) &&
           sync->now_ms >= with->cut_at_ms && with->materializer == sync->options.materializer &&
           !has_forked(sync, with);
}

/* Whose turn it is: who waits longest. */
static peer *next_to_ask(lia_sync *sync)
{
    peer *next = NULL;
    for (size_t i = 0; i < sync->peer_count; i++) {
        peer *with = &sync->peers[i];
        if (is_due(sync, with) && (!next || with->cut_at_ms < next->cut_at_ms)) next = with;
    }
    return next;
}

void agree_moved(lia_sync *sync, const peer *from, peer *to)
{
    cut *at = &sync->cut;
    if (at->state == CUT_NONE || at->with != from) return;
    if (to)
        at->with = to;
    else
        end_early(sync);
}

/* The other end may have died, or never wanted to end it. */
static bool is_alone(const lia_sync *sync, const cut *at)
{
    bool silent = at->is_asker ? is_doubtful(sync, at->with)
                               : sync->now_ms - at->with->last_heard_ms >= SILENCE_MS;
    return silent || !is_same_session(at);
}

static void leave_the_slow(lia_sync *sync)
{
    cut *at = &sync->cut;
    peer *with = at->with;
    bool is_slow = sync->now_ms - at->began_ms >= CUT_MS_MAX;
    if (!is_slow && !is_alone(sync, at)) return;
    give_up(sync);
    if (is_slow) with->cut_at_ms = sync->now_ms + sync->options.agree_ms;
}

void agree_tick(lia_sync *sync)
{
    cut *at = &sync->cut;
    if (!sync->options.ops->cut_begin) return;
    if (at->state != CUT_NONE) leave_the_slow(sync);
    if (at->state != CUT_NONE) return;
    const peer *first = awaited(sync);
    peer *with = next_to_ask(sync);
    if (!with || (first && first->cut_refused_ms <= with->cut_at_ms)) return;
    begin_cut(sync, with, true);
    sync->options.ops->cut_begin(sync->options.context, at->number);
}

static void take_goal(lia_sync *sync, const Bus__Cut *said)
{
    cut *at = &sync->cut;
    if (said->refused) {
        end_early(sync);
        return;
    }
    if (at->state != CUT_ASKING) return;
    if (!raise_marks(at, said)) {
        give_up(sync);
        return;
    }
    at->state = CUT_REACHING;
    sync->options.ops->cut_goal(sync->options.context, at->number, at->marks, at->mark_count);
}

/* ---- the asked ----------------------------------------------------------------------------- */

static void take_wish(lia_sync *sync, peer *from, const Bus__Cut *said)
{
    cut *at = &sync->cut;
    bool is_with_it = at->state != CUT_NONE && at->with == from && !at->is_asker;
    if (said->refused) { /* it gave up */
        if (is_with_it && at->asked == said->number) end_early(sync);
        return;
    }
    if (said->number <= from->cut_wish) return; /* an echo */
    from->cut_wish = said->number;
    if (is_with_it) end_early(sync); /* it gave up, and the word was lost */
    if (sync->now_ms < from->cut_barred_ms || !sync->options.ops->cut_begin ||
        has_forked(sync, from)) {
        refuse(sync, from, said->number);
        return;
    }
    const peer *first = awaited(sync);
    if (at->state != CUT_NONE || (first && first != from)) {
        hold_place(sync, from);
        refuse(sync, from, said->number);
        return;
    }
    begin_cut(sync, from, false);
    at->asked = said->number;
    if (raise_marks(at, said)) {
        sync->options.ops->cut_begin(sync->options.context, at->number);
    } else {
        at->state = CUT_NONE;
        alarm_malformed(sync, from);
    }
}

void receive_cut(lia_sync *sync, peer *from, lia_sync_role role, const Bus__Cut *said)
{
    const cut *at = &sync->cut;
    if (role == LIA_SYNC_SERVER)
        take_wish(sync, from, said);
    else if (at->state != CUT_NONE && at->with == from && at->is_asker &&
             at->asked == said->number && is_same_session(at))
        take_goal(sync, said);
}

/* ---- both ---------------------------------------------------------------------------------- */

static void compare(lia_sync *sync)
{
    cut *at = &sync->cut;
    peer *with = at->with;
    uint16_t wrong[LIA_SYNC_BUCKETS];
    size_t count = 0;
    if (!at->has_own || !at->has_theirs) return;
    for (size_t i = 0; i < LIA_SYNC_BUCKETS; i++)
        if (memcmp(at->own + i * LIA_SYNC_SUM_SIZE, at->theirs + i * LIA_SYNC_SUM_SIZE,
                   LIA_SYNC_SUM_SIZE))
            wrong[count++] = (uint16_t)i;
    end_cut(sync, sync->options.agree_ms);
    with->buckets = count;
    with->comparisons++;
    agree_compared(sync, with, count > 0);
    if (count) sync->options.ops->differs(sync->options.context, with->node, wrong, count);
}

void receive_sums(lia_sync *sync, peer *from, lia_sync_role role, const Bus__Sums *said)
{
    cut *at = &sync->cut;
    if (at->state == CUT_NONE || at->with != from || role != role_of(at) ||
        at->asked != said->number || !is_same_session(at))
        return; /* of one that is over */
    if (said->sums.len != sizeof at->theirs) {
        alarm_malformed(sync, from);
        give_up(sync);
        return;
    }
    memcpy(at->theirs, said->sums.data, sizeof at->theirs);
    at->has_theirs = true;
    compare(sync);
}

void lia_sync_cut_begun(lia_sync *sync, uint64_t number, const lia_sync_mark *marks, size_t count)
{
    cut *at = &sync->cut;
    if (at->state != CUT_BEGINNING || at->number != number) return;
    bool fits = is_same_session(at);
    for (size_t i = 0; i < count && fits; i++)
        if (marks[i].seq) fits = raise_mark(at, marks[i].origin, marks[i].seq);
    if (!fits) {
        give_up(sync);
        return;
    }
    at->state = at->is_asker ? CUT_ASKING : CUT_REACHING;
    send_marks(sync);
    if (!at->is_asker)
        sync->options.ops->cut_goal(sync->options.context, number, at->marks, at->mark_count);
}

void lia_sync_cut_reached(lia_sync *sync, uint64_t number, const uint8_t sums[LIA_SYNC_SUMS_BYTES])
{
    cut *at = &sync->cut;
    if (at->state != CUT_REACHING || at->number != number) return;
    memcpy(at->own, sums, sizeof at->own);
    at->has_own = true;
    send_sums(sync);
    compare(sync);
}

void lia_sync_cut_failed(lia_sync *sync, uint64_t number)
{
    if (sync->cut.state != CUT_NONE && sync->cut.number == number) give_up(sync);
}
