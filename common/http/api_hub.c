/* SPDX-License-Identifier: Apache-2.0 */
#include "common/http/api_hub.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/assert.h"
#include "common/base/log.h"
#include "common/events/event_json.h"
#include "common/http/api_audience.h"
#include "common/http/api_audit.h"
#include "common/http/api_lookout.h"
#include "common/store/log_retain.h"

/* Most events read in one turn of the loop, for live subscribers and for those catching up. */
#define TURN_EVENTS 256
/* And the longest that it may take, since a filter reads records. */
#define TURN_NS UINT64_C(3000000)
/* A reader that has this much unread is no longer fed. */
#define LAG_PAUSE_BYTES ((size_t)256 << 10)
/* Above any single event, so that a paused reader is never cut for what it was just sent. */
#define LAG_MAX_BYTES   ((size_t)4 << 20)
#define HEARTBEAT_MS    15000
#define HUB_ARENA_BYTES ((size_t)16 << 20)

typedef struct lia_subscriber {
    lia_hub *hub;
    lia_http_stream *stream;
    lia_audience *audience;
    uint64_t next, until, limit; /* as in lia_subscription; `next` moves on */
    uint64_t sent;
    struct lia_subscriber *after, **link;
    bool live, paused;
    bool presence;        /* wants that, too */
    bool presence_missed; /* while it did not read */
    uint8_t actor_size;
    char actor[]; /* who it is, for the audit */
} lia_subscriber;

struct lia_hub {
    lia_api *api;
    lia_node_watch *watch;
    lia_subscriber *first;
    lia_audience *audiences;
    uint64_t next; /* arrival that live subscribers get next */
    uv_idle_t turn;
    uv_timer_t heartbeat;
    unsigned handles;
    lia_arena arena; /* of the event under way */
    lia_telling telling;
    bool tells; /* the telling is the event at its arrival, as of this turn */
    lia_beyond beyond;
    uint64_t until_ns; /* when the turn ends */
    void (*closed)(void *);
    void *closed_context;
};

/* ---- one event ------------------------------------------------------------------------------- */

static void id_of(const lia_hub *hub, uint64_t arrival, char text[LIA_POSITION_TEXT_SIZE])
{
    lia_origin self = lia_node_origin(hub->api->node);
    lia_stream_id_print((lia_position){self.incarnation, arrival, self.node}, text);
}

/* Reads it, once for those who want the same one after the other. False: there is nothing to tell.
 */
static bool say(lia_hub *hub, const lia_rows *rows, uint64_t arrival)
{
    lia_telling *telling = &hub->telling;
    if (telling->said.arrival == arrival) return hub->tells;
    lia_arena_reset(&hub->arena);
    telling->number++;
    telling->frame = LIA_SPAN_NONE;
    hub->tells = lia_said_read(&telling->said, rows, arrival, &hub->arena, &hub->beyond);
    if (!hub->tells) return false;
    id_of(hub, arrival, telling->id);
    telling->source = lia_api_node_name(hub->api, telling->said.event.header.node);
    return true;
}

/* ---- subscribers ----------------------------------------------------------------------------- */

/* Noted when it begins, and again with how much was sent when it ends. */
static void note(const lia_subscriber *s)
{
    const lia_id *customers;
    const lia_interest *interest = lia_audience_interest(s->audience);
    size_t count = lia_interest_customers(interest, &customers);
    const lia_audit_entry look = {.action = LIA_AUDIT_STREAM,
                                  .actor = lia_span_make(s->actor, s->actor_size),
                                  .kind = lia_interest_kind(interest),
                                  .count = s->sent > UINT32_MAX ? UINT32_MAX : (uint32_t)s->sent,
                                  .everybody = !count,
                                  .customers = lia_span_make(customers, count * sizeof *customers)};
    lia_trail_note(s->hub->api->trail, &look);
}

static void forget(lia_subscriber *s)
{
    if (s->sent) note(s);
    *s->link = s->after;
    if (s->after) s->after->link = s->link;
    if (!s->hub->first) uv_timer_stop(&s->hub->heartbeat);
    lia_audience_leave(s->audience);
    free(s);
}

/* Ends it when it stands behind the last event that it asked for; whether it did. */
static bool is_over(lia_subscriber *s)
{
    if (s->next <= s->until) return false;
    lia_http_stream_end(s->stream);
    forget(s);
    return true;
}

/* Gives it the event that is being told, if it is for it. False when the subscriber is gone: also
 * when that could not be found out; then it comes back and asks for this event again. */
static bool deliver(lia_subscriber *s)
{
    lia_span frame;
    lia_telling *telling = &s->hub->telling;
    lia_err err = lia_audience_frame(s->audience, telling, &frame);
    if (err) {
        LIA_LOG(WARN, "stream.not_judged", LIA_INT("arrival", telling->said.arrival), LIA_ERR(err));
        lia_http_stream_cut(s->stream);
        forget(s);
        return false;
    }
    s->next = telling->said.arrival + 1;
    if (!frame.size) return true;
    if (!lia_http_stream_send(s->stream, frame)) return false;
    if (++s->sent != s->limit) return true;
    lia_http_stream_end(s->stream);
    forget(s);
    return false;
}

/* ---- what is missing --------------------------------------------------------------------------
 */

/* The first event that it has not been given. */
static uint64_t stands_at(const lia_subscriber *s)
{
    return s->live && s->hub->next > s->next ? s->hub->next : s->next;
}

/* In the hub's arena, in which nothing else is at the moment. */
static lia_span gap_frame(lia_hub *hub, uint64_t gap)
{
    char id[LIA_POSITION_TEXT_SIZE];
    lia_arena_reset(&hub->arena);
    lia_buf out = lia_buf_make(&hub->arena);
    id_of(hub, gap, id);
    lia_buf_format(&out, "id: %s\nevent: " LIA_GAP_NAME "\ndata: ", id);
    lia_gap_put_json(&out, id, hub->api->member->name);
    lia_buf_text(&out, "\n\n");
    lia_assert(!out.failed); /* some hundred bytes of an empty arena */
    return lia_buf_get(&out);
}

/* Whoever would come past events that are missing is told so, and goes on behind them; one that
 * does not read, when it reads again. */
static void tell_gap(lia_hub *hub, uint64_t gap)
{
    lia_subscriber *after;
    for (lia_subscriber *s = hub->first; s; s = after) {
        after = s->after;
        if (s->paused || stands_at(s) > gap || stands_at(s) > s->until) continue;
        s->next = gap + 1;
        (void)lia_http_stream_send(s->stream, gap_frame(hub, gap)); /* it may be gone now */
    }
    if (hub->next <= gap) hub->next = gap + 1;
}

/* Ends the streams of who may not have them any more, or less of them: whoever still may comes back
 * and goes on with what they may now. */
static void end_unlasting(lia_hub *hub)
{
    lia_subscriber *after;
    lia_catalog_use(lia_node_catalog(hub->api->node));
    for (lia_subscriber *s = hub->first; s; s = after) {
        after = s->after;
        if (lia_audience_lasts(s->audience, hub->api->gate)) continue;
        lia_http_stream_cut(s->stream);
        forget(s);
    }
}

/* Whether it has read enough to be given more. */
static bool is_fed(lia_subscriber *s)
{
    if (lia_http_stream_lag(s->stream) > LAG_PAUSE_BYTES) s->paused = true;
    return !s->paused;
}

/* ---- a turn ---------------------------------------------------------------------------------- */

static size_t count_of(const lia_hub *hub, bool live)
{
    size_t count = 0;
    for (const lia_subscriber *s = hub->first; s; s = s->after)
        count += s->live == live && !s->paused;
    return count;
}

static bool has_time(const lia_hub *hub)
{
    return lia_time_ticks_ns() < hub->until_ns;
}

static void feed_live(lia_hub *hub)
{
    lia_subscriber *after;
    uint64_t arrival = hub->telling.said.arrival;
    for (lia_subscriber *s = hub->first; s; s = after) {
        after = s->after;
        if (!s->live || s->next > arrival || arrival > s->until) continue;
        if (is_fed(s))
            deliver(s);
        else
            s->live = false;
    }
}

/* What has been committed since the last turn, read once for all live subscribers. */
static void go_on_live(lia_hub *hub, const lia_rows *rows, uint64_t visible)
{
    if (count_of(hub, true) == 0) hub->next = visible + 1;
    for (unsigned i = 0; i < TURN_EVENTS && hub->next <= visible && has_time(hub); i++, hub->next++)
        if (say(hub, rows, hub->next)) feed_live(hub);
}

static bool wants_more(lia_subscriber *s, uint64_t visible)
{
    return !s->live && is_fed(s) && s->next <= visible && s->next < s->hub->next &&
           s->next <= s->until;
}

/* One event for each, so that those who came at the same time share what is read and written.
 * Whether anybody got on. */
static bool go_on_alone(lia_hub *hub, const lia_rows *rows, uint64_t visible, size_t *budget)
{
    bool went = false;
    lia_subscriber *after;
    for (lia_subscriber *s = hub->first; s; s = after) {
        after = s->after;
        if (s->live || s->paused || !wants_more(s, visible)) continue;
        uint64_t arrival = s->next++;
        *budget -= *budget && hub->telling.said.arrival != arrival;
        went = true;
        if (say(hub, rows, arrival)) (void)deliver(s);
    }
    return went;
}

/* Those who have caught up are live, or at their end. */
static void settle(lia_hub *hub)
{
    lia_subscriber *after;
    for (lia_subscriber *s = hub->first; s; s = after) {
        after = s->after;
        if (is_over(s) || s->live) continue;
        s->live = !s->paused && s->next >= hub->next;
    }
}

static bool has_more(const lia_hub *hub, uint64_t visible)
{
    return (count_of(hub, true) && hub->next <= visible) || count_of(hub, false);
}

/* One turn over the state as it is now. */
static lia_err go_on(lia_hub *hub, const lia_rows *rows)
{
    uint64_t gap = 0, visible = lia_snapshot_cursor(rows->snapshot); /* the writer may be further */
    size_t budget = TURN_EVENTS;
    lia_err err = lia_log_gap(rows->log, &gap);
    if (!err) err = lia_beyond_open(&hub->beyond, rows, lia_time_now());
    if (err) return err;
    hub->telling.said.arrival = 0; /* of an earlier state */
    hub->until_ns = lia_time_ticks_ns() + TURN_NS;
    settle(hub);
    end_unlasting(hub);
    tell_gap(hub, gap);
    go_on_live(hub, rows, visible);
    while (budget && has_time(hub) && go_on_alone(hub, rows, visible, &budget)) continue;
    settle(hub);
    if (!has_more(hub, visible)) uv_idle_stop(&hub->turn);
    lia_beyond_close(&hub->beyond);
    return LIA_OK;
}

static void turn(uv_idle_t *idle)
{
    lia_hub *hub = idle->data;
    lia_rows rows;
    lia_err err = lia_node_read(hub->api->node, &rows);
    if (!err) {
        err = go_on(hub, &rows);
        lia_node_read_end(hub->api->node, &rows);
    }
    if (err) uv_idle_stop(idle); /* the next commit tries again */
}

static void committed(void *context, uint64_t visible)
{
    lia_hub *hub = context;
    (void)visible;
    if (hub->first) uv_idle_start(&hub->turn, turn);
    lia_api_committed(hub->api);
}

/* ---- who looks ------------------------------------------------------------------------------- */

/* One that does not read is told all of it when it reads again: what was in between is past. False
 * when the subscriber is gone. */
static bool tell_place(lia_subscriber *s, const lia_rows *rows, const lia_spot *place)
{
    const lia_login *login = lia_audience_login(s->audience);
    if (!is_fed(s)) {
        s->live = false;
        s->presence_missed = true;
        return true;
    }
    lia_span frame = lia_lookout_frame(s->hub->api->lookout, rows, login, place);
    return !frame.size || lia_http_stream_send(s->stream, frame);
}

void lia_hub_tell_presence(lia_hub *hub, const lia_rows *rows, const lia_spot *place)
{
    lia_subscriber *after;
    for (lia_subscriber *s = hub->first; s; s = after) {
        after = s->after;
        if (s->presence && lia_audience_login(s->audience)) (void)tell_place(s, rows, place);
    }
}

/* Of all that it looks at; in the next try what cannot be read now. */
static void tell_missed(lia_subscriber *s)
{
    lia_rows rows;
    lia_hub *hub = s->hub;
    lia_spot places[LIA_PRESENCE_USER_MAX];
    lia_catalog_use(lia_node_catalog(hub->api->node));
    size_t count = lia_lookout_places(hub->api->lookout, lia_audience_login(s->audience), places);
    if (lia_node_read(hub->api->node, &rows)) return;
    s->presence_missed = false;
    for (size_t i = 0; i < count; i++)
        if (!tell_place(s, &rows, &places[i])) break;
    lia_node_read_end(hub->api->node, &rows);
}

/* ---- streams --------------------------------------------------------------------------------- */

static void drained(lia_http_stream *stream, void *context)
{
    lia_subscriber *s = context;
    (void)stream;
    if (!s->paused) return;
    s->paused = false;
    uv_idle_start(&s->hub->turn, turn);
    if (s->presence_missed) tell_missed(s);
}

static void went_away(lia_http_stream *stream, void *context)
{
    (void)stream;
    forget(context);
}

static void beat(uv_timer_t *timer)
{
    lia_hub *hub = timer->data;
    lia_subscriber *after;
    end_unlasting(hub);
    for (lia_subscriber *s = hub->first; s; s = after) {
        after = s->after;
        if (!s->paused) (void)lia_http_stream_send(s->stream, LIA_SPAN(":\n\n"));
    }
}

static void link_in(lia_hub *hub, lia_subscriber *s)
{
    if (!hub->first) uv_timer_start(&hub->heartbeat, beat, HEARTBEAT_MS, HEARTBEAT_MS);
    s->after = hub->first;
    s->link = &hub->first;
    if (s->after) s->after->link = &s->after;
    hub->first = s;
}

static lia_subscriber *make(lia_hub *hub, lia_call *call, const lia_subscription *wants)
{
    lia_span actor = lia_call_actor(call);
    lia_subscriber *s = calloc(1, sizeof *s + actor.size);
    if (!s) return NULL;
    s->hub = hub;
    s->next = wants->next;
    s->until = wants->until;
    s->limit = wants->limit;
    s->presence = wants->presence;
    s->actor_size = (uint8_t)actor.size; /* LIA_AUDIT_ACTOR_MAX bounds it */
    memcpy(s->actor, actor.data, actor.size);
    return s;
}

void lia_hub_subscribe(lia_hub *hub, lia_call *call, const lia_subscription *wants)
{
    static const lia_http_header headers[] = {{"Cache-Control", "no-store"},
                                              {"X-Accel-Buffering", "no"}};
    lia_why why = {{0}};
    lia_subscriber *s = make(hub, call, wants);
    lia_err err =
        s ? lia_audience_join(&s->audience, &hub->audiences, &wants->ask, call->login, &why)
          : LIA_EFULL;
    if (err) {
        free(s);
        lia_call_fail(call, err, &why);
        return;
    }
    s->stream = lia_http_stream_open(call->request, 200, "text/event-stream", headers,
                                     LIA_COUNT(headers), LAG_MAX_BYTES, drained, went_away, s);
    if (!s->stream) {
        lia_audience_leave(s->audience);
        free(s);
        return;
    }
    if (!hub->first) hub->next = lia_node_visible(hub->api->node) + 1;
    link_in(hub, s);
    note(s);
    s->live = s->next >= hub->next;
    uv_idle_start(&hub->turn, turn);
    (void)lia_http_stream_send(s->stream, LIA_SPAN("retry: 2000\n\n"));
}

/* ---- open and close -------------------------------------------------------------------------- */

lia_err lia_hub_open(lia_hub **out, lia_api *api)
{
    lia_hub *hub = calloc(1, sizeof *hub);
    lia_err err = hub ? lia_arena_init(&hub->arena, HUB_ARENA_BYTES) : LIA_EFULL;
    if (!err) {
        hub->api = api;
        hub->watch = lia_node_watch_commits(api->node, committed, hub);
        if (!hub->watch) {
            lia_arena_fini(&hub->arena);
            err = LIA_EFULL;
        }
    }
    if (err) {
        free(hub);
        return err;
    }
    uv_idle_init(api->loop, &hub->turn);
    uv_timer_init(api->loop, &hub->heartbeat);
    hub->turn.data = hub->heartbeat.data = hub;
    *out = hub;
    return LIA_OK;
}

static void handle_closed(uv_handle_t *handle)
{
    lia_hub *hub = handle->data;
    if (--hub->handles) return;
    void (*closed)(void *) = hub->closed;
    void *context = hub->closed_context;
    lia_arena_fini(&hub->arena);
    free(hub);
    closed(context);
}

void lia_hub_close(lia_hub *hub, void (*closed)(void *), void *context)
{
    lia_subscriber *s;
    hub->closed = closed;
    hub->closed_context = context;
    while ((s = hub->first)) {
        lia_http_stream_end(s->stream);
        forget(s);
    }
    lia_node_unwatch(hub->api->node, hub->watch);
    hub->handles = 2;
    uv_close((uv_handle_t *)&hub->turn, handle_closed);
    uv_close((uv_handle_t *)&hub->heartbeat, handle_closed);
}
