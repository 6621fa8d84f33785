/* SPDX-License-Identifier: Apache-2.0 */
/* A session is what makes loss visible. Carriers reconnect silently, so nothing below this layer
 * says that frames are missing; but every greeting gets a new number from the server, frames of
 * another number are void, and any gap, silence or unknown number ends the session. The two links
 * to a peer know nothing of one another, except that a greeting from a process that was started
 * anew ends the session with the old one.
 *
 *              greet                 welcome
 *     DOWN ------------> GREETING ------------> UP
 *      ^                  | again after back-off |
 *      +------------------+----------------------+  silence, gap, unknown number, link lost */
#include "common/base/assert.h"
#include "common/sync/inner.h"

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}
static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* ---- greeting ------------------------------------------------------------------------------ */

/* Durable heads; those of `only_dirty` that changed and that `to` does not fetch here. */
static size_t heads_make(lia_sync *sync, const peer *to, bool only_dirty, Bus__Head ***out)
{
    size_t count = 0;
    Bus__Head **list = lia_arena_take(&sync->out, sync->lane_count * sizeof *list);
    Bus__Head *heads = lia_arena_take(&sync->out, sync->lane_count * sizeof *heads);
    lia_assert(list && heads);
    for (size_t i = 0; i < sync->lane_count; i++) {
        const lane *of = &sync->lanes[i];
        if (of->durable == 0) continue;
        if (only_dirty && (!of->dirty || to->lanes[i].parked)) continue;
        Bus__Head *head = list[count] = &heads[count];
        bus__head__init(head);
        head->has_node = head->has_incarnation = head->has_seq = head->has_hash = true;
        head->node = of->origin.node;
        head->incarnation = of->origin.incarnation;
        head->seq = of->durable;
        head->hash = as_bytes(&of->durable_hash, sizeof of->durable_hash);
        count++;
    }
    *out = list;
    return count;
}

static Bus__Hello hello_make(lia_sync *sync, const peer *to)
{
    Bus__Hello hello = BUS__HELLO__INIT;
    hello.has_cluster = hello.has_node = hello.has_boot = true;
    hello.cluster = as_bytes(&sync->options.cluster, sizeof sync->options.cluster);
    hello.node = sync->options.node;
    hello.boot = sync->options.boot;
    hello.has_protocol_min = hello.has_protocol_max = hello.has_materializer = true;
    hello.protocol_min = hello.protocol_max = PROTOCOL;
    hello.materializer = sync->options.materializer;
    hello.has_epoch = hello.has_wall_ms = hello.has_hlc = true;
    hello.epoch = sync->options.members.epoch;
    hello.has_epoch_mark = true;
    hello.epoch_mark = sync->options.members.mark;
    hello.wall_ms = sync->wall.ms;
    erasure_sum *erased = lia_arena_take(&sync->out, sizeof *erased);
    lia_assert(erased);
    *erased = erasures_own(sync);
    hello.has_erasures = hello.has_erasures_sum = true;
    hello.erasures = erased->count;
    hello.erasures_sum = as_bytes(erased->sum, sizeof erased->sum);
    hello.hlc = sync->hlc;
    tell_features(sync, &hello);
    hello.has_hears = hello.hears = sync->options.ops->heard != NULL;
    hello.n_heads = heads_make(sync, to, false, &hello.heads);
    return hello;
}

static void greet(lia_sync *sync, peer *with)
{
    Bus__Hello hello = hello_make(sync, with);
    Bus__Frame frame = BUS__FRAME__INIT;
    frame.hello = &hello;
    if (with->state != SESSION_GREETING) with->greeted_ms = sync->now_ms;
    with->state = SESSION_GREETING;
    with->greet_at_ms = sync->now_ms + with->backoff_ms;
    with->backoff_ms = smaller(2 * with->backoff_ms, GREET_MS_MAX);
    frame_send(sync, with, LIA_SYNC_CLIENT, &frame);
}

static void session_began(lia_sync *sync, peer *with, uint64_t session)
{
    with->state = SESSION_UP;
    with->session = session;
    with->heard_ms = sync->now_ms;
    with->backoff_ms = GREET_MS_MIN;
    with->fruitful = false;
    for (size_t i = 0; i < sync->lane_count; i++) with->lanes[i].asked = false;
}

void session_lost(lia_sync *sync, peer *with, int64_t at_ms)
{
    bool was_up = with->state == SESSION_UP;
    with->state = SESSION_DOWN;
    with->greet_at_ms = at_ms;
    if (!was_up) return;
    for (size_t i = 0; i < sync->lane_count; i++)
        if (sync->lanes[i].server == with) lane_leave(sync, &sync->lanes[i]);
}

void asker_lost(peer *with)
{
    if (!with->asker) return;
    with->farewell = with->asker;
    with->asker = 0;
}

bool is_doubtful(const lia_sync *sync, const peer *with)
{
    return with->state != SESSION_UP || sync->now_ms - with->heard_ms >= DOUBTFUL_MS;
}

static void say_farewell(lia_sync *sync, peer *with)
{
    uint64_t session = with->farewell;
    with->farewell = 0;
    if (session &&
        !frame_send_problem(sync, with, session, BUS__PROBLEM_CODE__PROBLEM_UNKNOWN_SESSION,
                            (lia_origin){0}, 0))
        with->farewell = session;
}

void session_tick(lia_sync *sync, peer *with)
{
    say_farewell(sync, with);
    if (with->state == SESSION_UP && sync->now_ms - with->heard_ms >= with->silence_ms) {
        with->silence_ms =
            with->fruitful ? SILENCE_MS : smaller(2 * with->silence_ms, SILENCE_MS_MAX);
        session_lost(sync, with, sync->now_ms);
    }
    if (with->state != SESSION_UP && sync->now_ms >= with->greet_at_ms) greet(sync, with);
    if (with->state == SESSION_UP) erasures_tick(sync, with);
}

/* ---- what comes in ------------------------------------------------------------------------- */

static bool is_of_us(const lia_sync *sync, const peer *from, const Bus__Hello *hello)
{
    return hello->cluster.len == sizeof sync->options.cluster &&
           memcmp(hello->cluster.data, &sync->options.cluster, hello->cluster.len) == 0 &&
           hello->node == from->node;
}

/* The peer's clock was read between `earliest` and now, by the own clock. */
static void learn_skew(lia_sync *sync, peer *from, int64_t wall_ms, int64_t earliest_ms)
{
    int64_t elapsed = larger(0, sync->now_ms - earliest_ms);
    int64_t low = (int64_t)((uint64_t)wall_ms - (uint64_t)sync->wall.ms);
    int64_t high = (int64_t)((uint64_t)low + (uint64_t)elapsed);
    from->skew_ms = low / 2 + high / 2;
    bool skewed = low > SKEW_MS || high < -SKEW_MS;
    bool in_step = low >= -SKEW_MS && high <= SKEW_MS;
    if (skewed && !from->skewed)
        sync->options.ops->alarm(sync->options.context, LIA_SYNC_SKEWED, from->node,
                                 (lia_origin){0}, 0);
    if (skewed || in_step) from->skewed = skewed; /* else too slow a greeting to tell */
}

static void learn_clock(const lia_sync *sync, peer *from, int64_t wall_ms)
{
    from->clock_ms = (int64_t)((uint64_t)wall_ms - (uint64_t)sync->wall.ms);
    from->has_clock = true;
}

/* A later reading, of unknown age: it can only show that the peer is further ahead. */
static void learn_wall(lia_sync *sync, peer *from, int64_t wall_ms)
{
    int64_t ahead = (int64_t)((uint64_t)wall_ms - (uint64_t)sync->wall.ms);
    if (ahead > from->skew_ms && ahead > SKEW_MS) learn_skew(sync, from, wall_ms, sync->now_ms);
}

static void learn_heads(lia_sync *sync, peer *from, Bus__Head *const *heads, size_t count)
{
    if (count > LIA_LANES_MAX) {
        alarm_malformed(sync, from);
        return;
    }
    for (size_t i = 0; i < count; i++) learn_head(sync, from, heads[i]);
}

static void welcome(lia_sync *sync, peer *with)
{
    Bus__Hello hello = hello_make(sync, with);
    hello.has_erasures_agree = true;
    hello.erasures_agree = with->asker_agreed;
    Bus__Frame frame = BUS__FRAME__INIT;
    frame.session = with->asker;
    frame.welcome = &hello;
    frame_send(sync, with, LIA_SYNC_SERVER, &frame);
}

static void refuse(lia_sync *sync, peer *with, Bus__ProblemCode code)
{
    frame_send_problem(sync, with, 0, code, (lia_origin){0}, 0);
}

/* Whoever is not answered greets again: an honest peer after a quarter of a second. */
static bool is_too_often(const lia_sync *sync, peer *from)
{
    int64_t times = (sync->now_ms - from->forgiven_ms) / GREETED_MS;
    if (times > 0) {
        from->greeted = times < from->greeted ? from->greeted - (unsigned)times : 0;
        from->forgiven_ms = sync->now_ms;
    }
    if (from->greeted == GREETED_BURST) return true;
    from->greeted++;
    return false;
}

void receive_hello(lia_sync *sync, peer *from, const Bus__Hello *hello)
{
    if (is_too_often(sync, from)) return;
    if (!is_of_us(sync, from, hello)) {
        refuse(sync, from, BUS__PROBLEM_CODE__PROBLEM_OTHER_CLUSTER);
        return;
    }
    if (hello->protocol_min > PROTOCOL || hello->protocol_max < PROTOCOL) {
        refuse(sync, from, BUS__PROBLEM_CODE__PROBLEM_PROTOCOL);
        return;
    }
    for (size_t i = 0; i < sync->lane_count; i++)
        from->lanes[i].parked = from->lanes[i].answered = false;
    from->asker = sync->next_session++;
    from->cut_wish = 0;
    from->farewell = 0;
    from->asker_agreed =
        erasures_equal(sync, hello->erasures, hello->has_erasures_sum, hello->erasures_sum);
    bool restarted = from->boot != hello->boot;
    learn_boot(sync, from, hello->boot);
    from->materializer = hello->materializer;
    learn_features(from, hello);
    from->hears = hello->hears;
    if (restarted && from->state == SESSION_UP) session_lost(sync, from, sync->now_ms);
    if (from->state != SESSION_UP) from->greet_at_ms = smaller(from->greet_at_ms, sync->now_ms);
    learn_list(from, hello->epoch, hello->epoch_mark);
    welcome(sync, from);
    learn_heads(sync, from, hello->heads, hello->n_heads);
}

void receive_welcome(lia_sync *sync, peer *from, uint64_t session, const Bus__Hello *hello)
{
    if (!is_of_us(sync, from, hello) || session == 0) {
        alarm_malformed(sync, from);
        return;
    }
    if (from->boot == hello->boot && session <= from->session) return; /* an echo */
    int64_t greeted_ms = from->state == SESSION_GREETING ? from->greeted_ms : sync->now_ms;
    if (from->state == SESSION_UP) session_lost(sync, from, sync->now_ms);
    learn_boot(sync, from, hello->boot);
    from->materializer = hello->materializer;
    learn_features(from, hello);
    session_began(sync, from, session);
    erasures_begin(sync, from, hello->erasures_agree);
    learn_skew(sync, from, hello->wall_ms, greeted_ms);
    learn_clock(sync, from, hello->wall_ms);
    learn_list(from, hello->epoch, hello->epoch_mark);
    exchange_list(sync, from);
    learn_heads(sync, from, hello->heads, hello->n_heads);
    for (size_t i = 0; i < sync->lane_count; i++) lane_choose(sync, &sync->lanes[i]);
}

/* ---- agreement ----------------------------------------------------------------------------- */

static bool own_state(lia_sync *sync, lia_hash *out)
{
    const lia_sync_ops *ops = sync->options.ops;
    return ops->state && ops->state(sync->options.context, out);
}

static bool is_held(lia_sync *sync, const Bus__Head *head)
{
    lia_origin origin;
    lia_hash hash;
    const lane *of =
        read_origin(&origin, head->node, head->incarnation) ? find_lane(sync, origin) : NULL;
    return of && head->seq == of->durable && read_hash(&hash, head->has_hash, head->hash) &&
           lia_hash_equal(&hash, &of->durable_hash);
}

/* Whether the heads are this node's own, all of them. */
static bool is_same_cut(lia_sync *sync, const Bus__Heads *heads)
{
    size_t own = 0;
    for (size_t i = 0; i < sync->lane_count; i++) own += sync->lanes[i].durable > 0;
    if (own != heads->n_heads) return false;
    for (size_t i = 0; i < heads->n_heads; i++)
        if (!is_held(sync, heads->heads[i])) return false;
    return true;
}

/* The same events must make the same state, if the same code made it. */
static void compare_states(lia_sync *sync, peer *from, const Bus__Heads *heads)
{
    lia_hash theirs, ours;
    if (heads->materializer != sync->options.materializer ||
        !read_hash(&theirs, heads->has_state, heads->state) || !is_same_cut(sync, heads) ||
        !own_state(sync, &ours))
        return;
    bool differs = !lia_hash_equal(&theirs, &ours);
    if (differs && !from->differs) from->cut_at_ms = sync->now_ms; /* which buckets? */
    agree_compared(sync, from, differs);
}

void receive_heads(lia_sync *sync, peer *from, const Bus__Heads *heads)
{
    if (heads->has_wall_ms) learn_wall(sync, from, heads->wall_ms);
    if (heads->has_wall_ms) learn_clock(sync, from, heads->wall_ms);
    if (heads->has_epoch) {
        learn_list(from, heads->epoch, heads->epoch_mark);
        exchange_list(sync, from);
    }
    learn_heads(sync, from, heads->heads, heads->n_heads);
    compare_states(sync, from, heads);
    receive_erasure_heads(sync, from, heads);
}

/* The server does not hold what it was asked for: its heads were too high. */
static void not_held(lia_sync *sync, peer *from, lane *of, uint64_t seq)
{
    peer_lane *there = between(sync, from, of);
    if (of->server != from) return;
    learn_holding(sync, there, seq < of->received ? seq : 0);
    lane_leave(sync, of);
    lane_avoid(sync, of, from, false);
    lane_choose(sync, of);
}

/* What follows the own head is no longer in the server's log; it may be in somebody else's. */
static void not_retained(lia_sync *sync, peer *from, lane *of, uint64_t floor)
{
    if (of->server != from || floor <= of->received) return;
    between(sync, from, of)->floor = floor;
    lane_leave(sync, of);
    lane_choose(sync, of);
}

void receive_problem(lia_sync *sync, peer *from, const Bus__Problem *problem)
{
    lia_origin origin;
    lane *of =
        read_origin(&origin, problem->node, problem->incarnation) ? find_lane(sync, origin) : NULL;
    switch (problem->code) {
    case BUS__PROBLEM_CODE__PROBLEM_UNKNOWN_SESSION:
        session_lost(sync, from, sync->now_ms);
        break;
    case BUS__PROBLEM_CODE__PROBLEM_OTHER_CLUSTER:
    case BUS__PROBLEM_CODE__PROBLEM_PROTOCOL:
        session_lost(sync, from, sync->now_ms + GREET_MS_MAX);
        break;
    case BUS__PROBLEM_CODE__PROBLEM_UNKNOWN_LANE:
        if (of) not_held(sync, from, of, 0);
        break;
    case BUS__PROBLEM_CODE__PROBLEM_NOT_HELD:
        if (of) not_held(sync, from, of, problem->seq);
        break;
    case BUS__PROBLEM_CODE__PROBLEM_NOT_RETAINED:
        if (of) not_retained(sync, from, of, problem->seq);
        break;
    case BUS__PROBLEM_CODE__PROBLEM_BAD_CURSOR:
    case BUS__PROBLEM_CODE__PROBLEM_NO_STATE:
        import_refused(sync, from);
        break;
    case BUS__PROBLEM_CODE__PROBLEM_FORK:
        if (of && of->server == from) lane_forked(sync, of, from, problem->seq);
        break;
    default: /* of a later version */
        break;
    }
}

void alarm_malformed(lia_sync *sync, peer *from)
{
    if (from->malformed_ms && sync->now_ms - from->malformed_ms < MALFORMED_MS) return;
    from->malformed_ms = sync->now_ms ? sync->now_ms : 1;
    sync->options.ops->alarm(sync->options.context, LIA_SYNC_MALFORMED, from->node, (lia_origin){0},
                             0);
}

/* ---- heads --------------------------------------------------------------------------------- */

static void send_heads_to(lia_sync *sync, peer *to, bool only_dirty, const lia_hash *state)
{
    Bus__Heads heads = BUS__HEADS__INIT;
    heads.n_heads = heads_make(sync, to, only_dirty, &heads.heads);
    if (only_dirty && heads.n_heads == 0) return;
    heads.has_wall_ms = true;
    heads.wall_ms = sync->wall.ms;
    erasure_sum erased = erasures_own(sync);
    heads.has_erasures = heads.has_erasures_sum = !only_dirty;
    heads.erasures = erased.count;
    heads.erasures_sum = as_bytes(erased.sum, sizeof erased.sum);
    if (!only_dirty) {
        heads.has_epoch = heads.has_epoch_mark = true;
        heads.epoch = sync->options.members.epoch;
        heads.epoch_mark = sync->options.members.mark;
    }
    if (state) {
        heads.has_state = heads.has_materializer = true;
        heads.state = as_bytes(state, sizeof *state);
        heads.materializer = sync->options.materializer;
    }
    Bus__Frame frame = BUS__FRAME__INIT;
    frame.session = to->asker;
    frame.heads = &heads;
    frame_send(sync, to, LIA_SYNC_SERVER, &frame);
}

void send_heads(lia_sync *sync)
{
    bool all = sync->now_ms >= sync->heads_ms;
    if (!all && !sync->dirty) return;
    lia_hash state;
    bool has_state = all && own_state(sync, &state);
    for (size_t i = 0; i < sync->peer_count; i++)
        if (sync->peers[i].asker)
            send_heads_to(sync, &sync->peers[i], !all, has_state ? &state : NULL);
    for (size_t i = 0; i < sync->lane_count; i++) sync->lanes[i].dirty = false;
    sync->dirty = false;
    if (all) sync->heads_ms = sync->now_ms + HEADS_MS;
}
