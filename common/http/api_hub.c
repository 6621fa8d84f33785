/* SPDX-License-Identifier: Apache-2.0 */
#include "common/http/api_hub.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/assert.h"
#include "common/http/api_audit.h"
#include "common/http/event_json.h"

/* Most events read in one turn of the loop, for live subscribers and for those catching up. */
#define TURN_EVENTS 256
/* A reader that has this much unread is no longer fed. */
#define LAG_PAUSE_BYTES ((size_t)256 << 10)
/* Above any single event, so that a paused reader is never cut for what it was just sent. */
#define LAG_MAX_BYTES   ((size_t)4 << 20)
#define HEARTBEAT_MS    15000
#define HUB_ARENA_BYTES ((size_t)16 << 20)

typedef struct lia_subscriber {
    lia_hub *hub;
    lia_http_stream *stream;
    lia_interest wants; /* `next` moves on */
    uint64_t sent;
    char actor_text[LIA_AUDIT_ACTOR_MAX];
    lia_span actor;
    bool live, paused;
    struct lia_subscriber *after, **link;
} lia_subscriber;

struct lia_hub {
    lia_api *api;
    lia_node_watch *watch;
    lia_subscriber *first;
    uint64_t next; /* arrival that live subscribers get next */
    uv_idle_t turn;
    uv_timer_t heartbeat;
    unsigned handles;
    lia_arena arena; /* of the event under way */
    void (*closed)(void *);
    void *closed_context;
};

/* An event that was read once, for however many want it. */
typedef struct lia_said {
    uint64_t arrival;
    lia_event event;
    char topic[96];
    lia_span frame; /* made when the first one wants it */
} lia_said;

/* ---- one event ------------------------------------------------------------------------------- */

static bool say(lia_hub *hub, const lia_rows *rows, uint64_t arrival, lia_said *said)
{
    lia_span bytes;
    lia_arena_reset(&hub->arena);
    said->arrival = arrival;
    said->frame = LIA_SPAN_NONE;
    if (lia_rows_event(rows, arrival, &bytes)) return false;
    if (lia_event_parse(&said->event, bytes, &hub->arena, NULL)) return false;
    const lia_fact *fact = lia_fact_find(said->event.header.fact);
    if (fact && fact->secret) return false;
    snprintf(said->topic, sizeof said->topic, "%s.%s", lia_event_department(&said->event.header),
             lia_event_name(&said->event.header));
    return true;
}

static lia_span frame_of(lia_hub *hub, lia_said *said)
{
    if (said->frame.size) return said->frame;
    const lia_api *api = hub->api;
    lia_buf out = lia_buf_make(&hub->arena);
    lia_buf_format(&out, "id: %u.%016llx.%llu\nevent: %s\ndata: ", lia_node_origin(api->node).node,
                   (unsigned long long)lia_node_origin(api->node).incarnation,
                   (unsigned long long)said->arrival, lia_event_name(&said->event.header));
    lia_event_put_json(&out, &said->event, lia_api_node_name(api, said->event.header.node));
    lia_buf_text(&out, "\n\n");
    if (!out.failed) said->frame = lia_buf_get(&out);
    return said->frame;
}

static bool topic_is_wanted(const lia_interest *wants, const char *topic)
{
    for (size_t i = 0; i < wants->topic_count; i++)
        if (strncmp(topic, wants->topics[i].text, wants->topics[i].size) == 0) return true;
    return wants->topic_count == 0;
}

static bool is_theirs(const lia_interest *wants, lia_id record)
{
    for (size_t i = 0; i < wants->customer_count; i++)
        if (lia_id_equal(wants->customers[i], record)) return true;
    return false;
}

static bool is_wanted(const lia_interest *wants, const lia_said *said)
{
    const lia_event *event = &said->event;
    bool customer = !wants->customer_count || is_theirs(wants, event->header.customer);
    bool kind = wants->kind == 0;
    for (size_t i = 0; i < event->op_count && !(customer && kind); i++) {
        kind = kind || event->ops[i].kind == wants->kind;
        customer = customer || is_theirs(wants, event->ops[i].record);
    }
    return customer && kind && topic_is_wanted(wants, said->topic);
}

/* ---- subscribers ----------------------------------------------------------------------------- */

/* Noted when it begins, and again with how much was sent when it ends. */
static void note(const lia_subscriber *s)
{
    size_t count = s->wants.customer_count;
    const lia_audit_entry look = {
        .action = LIA_AUDIT_STREAM,
        .actor = s->actor,
        .kind = s->wants.kind,
        .count = s->sent > UINT32_MAX ? UINT32_MAX : (uint32_t)s->sent,
        .everybody = !count,
        .customers = lia_span_make(s->wants.customers, count * sizeof *s->wants.customers)};
    lia_trail_note(s->hub->api->trail, &look);
}

static void forget(lia_subscriber *s)
{
    if (s->sent) note(s);
    *s->link = s->after;
    if (s->after) s->after->link = s->link;
    if (!s->hub->first) uv_timer_stop(&s->hub->heartbeat);
    free(s);
}

/* Ends it when it stands behind the last event that it asked for; whether it did. */
static bool is_over(lia_subscriber *s)
{
    if (s->wants.next <= s->wants.until) return false;
    lia_http_stream_end(s->stream);
    forget(s);
    return true;
}

/* Gives it the event if it wants it. False when the subscriber is gone. */
static bool deliver(lia_subscriber *s, lia_said *said)
{
    s->wants.next = said->arrival + 1;
    if (!is_wanted(&s->wants, said)) return true;
    if (!lia_http_stream_send(s->stream, frame_of(s->hub, said))) return false;
    if (++s->sent != s->wants.limit) return true;
    lia_http_stream_end(s->stream);
    forget(s);
    return false;
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

static void feed_live(lia_hub *hub, lia_said *said)
{
    lia_subscriber *after;
    for (lia_subscriber *s = hub->first; s; s = after) {
        after = s->after;
        if (!s->live || s->wants.next > said->arrival || said->arrival > s->wants.until) continue;
        if (is_fed(s))
            deliver(s, said);
        else
            s->live = false;
    }
}

/* What has been committed since the last turn, read once for all live subscribers. */
static void go_on_live(lia_hub *hub, const lia_rows *rows, uint64_t visible)
{
    lia_said said;
    if (count_of(hub, true) == 0) hub->next = visible + 1;
    for (unsigned i = 0; i < TURN_EVENTS && hub->next <= visible; i++, hub->next++)
        if (say(hub, rows, hub->next, &said)) feed_live(hub, &said);
}

static void go_on_alone(lia_subscriber *s, const lia_rows *rows, uint64_t visible, size_t events)
{
    lia_said said;
    lia_hub *hub = s->hub;
    for (; events && is_fed(s) && s->wants.next <= visible && s->wants.next < hub->next &&
           s->wants.next <= s->wants.until;
         events--) {
        uint64_t arrival = s->wants.next++;
        if (say(hub, rows, arrival, &said) && !deliver(s, &said)) return;
    }
    s->live = !s->paused && s->wants.next >= hub->next;
    (void)is_over(s); /* may be the last turn for a while */
}

static bool has_more(const lia_hub *hub, uint64_t visible)
{
    return (count_of(hub, true) && hub->next <= visible) || count_of(hub, false);
}

static void turn(uv_idle_t *idle)
{
    lia_hub *hub = idle->data;
    lia_rows rows;
    if (lia_node_read(hub->api->node, &rows)) {
        uv_idle_stop(idle);
        return;
    }
    uint64_t visible = lia_snapshot_cursor(rows.snapshot); /* the writer may be further by now */
    go_on_live(hub, &rows, visible);
    size_t alone = count_of(hub, false);
    lia_subscriber *after;
    for (lia_subscriber *s = hub->first; s; s = after) {
        after = s->after;
        if (is_over(s)) continue;
        if (!s->live && !s->paused) go_on_alone(s, &rows, visible, TURN_EVENTS / alone + 1);
    }
    lia_node_read_end(hub->api->node, &rows);
    if (!has_more(hub, visible)) uv_idle_stop(idle);
}

static void committed(void *context, uint64_t visible)
{
    lia_hub *hub = context;
    (void)visible;
    if (hub->first) uv_idle_start(&hub->turn, turn);
    lia_api_committed(hub->api);
}

/* ---- streams --------------------------------------------------------------------------------- */

static void drained(lia_http_stream *stream, void *context)
{
    lia_subscriber *s = context;
    (void)stream;
    if (!s->paused) return;
    s->paused = false;
    uv_idle_start(&s->hub->turn, turn);
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

void lia_hub_subscribe(lia_hub *hub, lia_call *call, const lia_interest *interest)
{
    static const lia_http_header headers[] = {{"Cache-Control", "no-store"},
                                              {"X-Accel-Buffering", "no"}};
    lia_subscriber *s = calloc(1, sizeof *s);
    if (!s) {
        lia_call_fail(call, LIA_EFULL, NULL);
        return;
    }
    s->hub = hub;
    s->wants = *interest;
    lia_span actor = lia_call_actor(call);
    s->actor = lia_span_make(s->actor_text, actor.size);
    memcpy(s->actor_text, actor.data, actor.size);
    s->stream = lia_http_stream_open(call->request, 200, "text/event-stream", headers,
                                     LIA_COUNT(headers), LAG_MAX_BYTES, drained, went_away, s);
    if (!s->stream) {
        free(s);
        return;
    }
    if (!hub->first) hub->next = lia_node_visible(hub->api->node) + 1;
    link_in(hub, s);
    note(s);
    s->live = s->wants.next >= hub->next;
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
