/* SPDX-License-Identifier: Apache-2.0 */
/* One webhook. What waits to be sent again is written anew each time: an event that was erased
 * meanwhile must not be told from an old copy. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/log.h"
#include "common/events/event_json.h"
#include "common/hooks/backoff.h"
#include "common/hooks/inner.h"

enum { GONE = 410, TIMEOUT = 408, TOO_EARLY = 425, TOO_MANY = 429 };

/* ---- deliveries ------------------------------------------------------------------------------ */

static void drop(lia_delivery *delivery)
{
    free(delivery->body);
    free(delivery);
}

static void unlink_from(lia_delivery **list, lia_delivery *delivery)
{
    while (*list != delivery) list = &(*list)->after;
    *list = delivery->after;
}

static lia_delivery *add(lia_hook *hook, lia_run *run, uint64_t arrival)
{
    lia_delivery *delivery = calloc(1, sizeof *delivery);
    lia_delivery **end = run ? &run->first : &hook->tests;
    if (!delivery) return NULL;
    *delivery = (lia_delivery){.hook = hook, .run = run, .arrival = arrival, .waits = true};
    delivery->post.context = delivery;
    while (*end) end = &(*end)->after;
    *end = delivery;
    if (run) run->count++;
    return delivery;
}

static void take_out(lia_delivery *delivery)
{
    lia_run *run = delivery->run;
    unlink_from(run ? &run->first : &delivery->hook->tests, delivery);
    if (run) run->count--;
    drop(delivery);
}

static void note_cursors(lia_hook *hook)
{
    hook->state.cursor = lia_run_cursor(&hook->live);
    hook->state.replay_next = lia_run_cursor(&hook->replay) + 1;
    hook->state.replay_until = hook->replay.until;
}

/* ---- attempts -------------------------------------------------------------------------------- */

static void note(lia_hooks *hooks, const lia_delivery *delivery, lia_hook_outcome outcome)
{
    lia_hook *hook = delivery->hook;
    const lia_post *post = &delivery->post;
    lia_attempt attempt = {.number = ++hook->state.attempts,
                           .at_ms = lia_time_now().ms,
                           .arrival = delivery->arrival,
                           .try = delivery->try,
                           .status = post->status,
                           .ms = post->ms,
                           .outcome = (uint8_t)outcome,
                           .replayed = delivery->run && delivery->run->replays};
    snprintf(attempt.id, sizeof attempt.id, "%s", post->id);
    snprintf(attempt.type, sizeof attempt.type, "%s", delivery->type);
    snprintf(attempt.error, sizeof attempt.error, "%s", post->error);
    hooks->dirty = true;
    lia_err err = lia_keep_add(hooks->box, hook->id, &attempt);
    if (err) LIA_LOG(WARN, "webhook.attempt_not_kept", LIA_ID("webhook", hook->id), LIA_ERR(err));
}

void lia_hook_end(lia_hooks *hooks, lia_hook *hook, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(hook->reason, sizeof hook->reason, format, args);
    va_end(args);
    hook->ending = true;
    hook->ordered_ms = lia_time_now().ms;
    LIA_LOG(WARN, "webhook.stopped", LIA_ID("webhook", hook->id), LIA_TEXT("why", hook->reason));
    lia_hook_halt(hooks, hook);
    lia_hooks_order_stop(hooks, hook->id, hook->reason);
}

static void halt_list(lia_hooks *hooks, lia_hook *hook, lia_delivery **list)
{
    while (*list) {
        lia_delivery *delivery = *list;
        if (!delivery->waits) {
            lia_sender_forget(hooks->sender, &delivery->post);
            hook->under_way--;
        }
        *list = delivery->after;
        drop(delivery);
    }
}

void lia_hook_halt(lia_hooks *hooks, lia_hook *hook)
{
    hook->live.next = lia_run_cursor(&hook->live) + 1;
    hook->replay.next = lia_run_cursor(&hook->replay) + 1;
    halt_list(hooks, hook, &hook->live.first);
    halt_list(hooks, hook, &hook->replay.first);
    halt_list(hooks, hook, &hook->tests);
    hook->live.count = hook->replay.count = 0;
}

/* ---- writing --------------------------------------------------------------------------------- */

static lia_err keep_body(lia_delivery *delivery, const lia_buf *body)
{
    free(delivery->body);
    delivery->body = NULL;
    if (body->failed) return LIA_EFULL;
    delivery->body = malloc(body->size);
    if (!delivery->body) return LIA_EFULL;
    memcpy(delivery->body, body->data, body->size);
    delivery->post.body = lia_span_make(delivery->body, body->size);
    return LIA_OK;
}

static lia_err write_said(const lia_round *round, lia_delivery *delivery, const lia_said *said)
{
    const lia_header *header = &said->event.header;
    lia_buf body = lia_buf_make(said->arena);
    const char *source = lia_members_name(round->members, header->node);
    lia_said_put(said, delivery->hook->who, source ? source : "", &body);
    snprintf(delivery->type, sizeof delivery->type, "%s", said->topic);
    delivery->cause = header->trace;
    snprintf(delivery->post.id, sizeof delivery->post.id, "%u/%016llx/%llu", header->node,
             (unsigned long long)header->incarnation, (unsigned long long)header->seq);
    return keep_body(delivery, &body);
}

static lia_err write_gap(const lia_round *round, lia_delivery *delivery)
{
    lia_buf body = lia_buf_make(&round->hooks->arena);
    lia_origin self = lia_node_origin(round->hooks->options.node);
    const char *source = lia_members_name(round->members, self.node);
    char *id = delivery->post.id;
    snprintf(id, sizeof delivery->post.id, "%u_%016llx_%llu", self.node,
             (unsigned long long)self.incarnation, (unsigned long long)delivery->arrival);
    snprintf(delivery->type, sizeof delivery->type, LIA_GAP_NAME);
    lia_gap_put_json(&body, id, source ? source : "");
    return keep_body(delivery, &body);
}

static lia_err write_test(lia_hooks *hooks, lia_delivery *delivery)
{
    char id[LIA_ID_TEXT_SIZE], time[LIA_TIME_TEXT_SIZE];
    lia_buf body = lia_buf_make(&hooks->arena);
    const lia_member *self = lia_node_member(hooks->options.node);
    lia_id_print(lia_id_make(lia_time_now().ms), id);
    lia_time_print(lia_time_now(), time);
    snprintf(delivery->post.id, sizeof delivery->post.id, "test_%s", id);
    snprintf(delivery->type, sizeof delivery->type, "webhook.test");
    lia_id_print(delivery->hook->id, id);
    lia_buf_format(&body,
                   "{\"specversion\":\"1.0\",\"id\":\"%s\",\"source\":\"/nodes/%s\",\"type\":"
                   "\"liaison.webhook.test\",\"time\":\"%s\",\"datacontenttype\":"
                   "\"application/json\",\"data\":{\"webhook\":\"%s\"}}",
                   delivery->post.id, self->name, time, id);
    return keep_body(delivery, &body);
}

/* ---- sending --------------------------------------------------------------------------------- */

static lia_err sign(const lia_round *round, lia_delivery *delivery)
{
    lia_hook_secrets secrets;
    lia_post *post = &delivery->post;
    const lia_time now = lia_time_now();
    lia_err err =
        lia_webhook_secrets(&round->rows, delivery->hook->id, now, &round->hooks->arena, &secrets);
    if (err) return err;
    post->unix_s = now.ms / LIA_SECOND_MS;
    lia_hook_sign(secrets.secret, secrets.former, post->id, post->unix_s, post->body,
                  post->signature);
    return LIA_OK;
}

/* An attempt is over. The receiver's address stays out of it: it may have a secret in it. */
static void trace_attempt(const lia_delivery *delivery)
{
    lia_traced traced;
    const lia_post *post = &delivery->post;
    if (!lia_trace_is_wanted(&post->trace)) return;
    lia_traced_begin(&traced, &delivery->cause, LIA_TRACED_CLIENT, "webhook %s", delivery->type);
    traced.trace = post->trace;
    traced.link = delivery->cause;
    traced.began_ns = delivery->began_ns;
    traced.failed = post->status < 200 || post->status > 299;
    lia_traced_text(&traced, "http.request.method", LIA_SPAN("POST"));
    if (post->status) lia_traced_number(&traced, "http.response.status_code", post->status);
    lia_traced_number(&traced, "http.request.resend_count", delivery->try ? delivery->try - 1 : 0);
    lia_traced_end(&traced);
}

/* What could not even be sent is tried again like what failed. */
static void deliver(lia_round *round, lia_delivery *delivery)
{
    lia_post *post = &delivery->post;
    lia_hook *hook = delivery->hook;
    post->url = hook->record->url;
    post->trace =
        lia_trace_is_none(&delivery->cause) ? LIA_TRACE_NONE : lia_trace_under(&delivery->cause);
    delivery->began_ns = lia_time_ticks_ns();
    lia_err err = sign(round, delivery);
    if (!err) err = lia_sender_begin(round->hooks->sender, post);
    if (err == LIA_EFULL) {
        round->wake_ms = round->now_ms + 100; /* many are under way, or memory is short */
        return;
    }
    delivery->waits = false;
    delivery->try++;
    hook->under_way++;
    if (!err) return;
    post->status = 0;
    post->retry_after_s = post->ms = 0;
    snprintf(post->error, sizeof post->error, "%s",
             err == LIA_EABSENT ? "the webhook's secret is not here" : lia_err_text(err));
    lia_hook_answered(round->hooks, post);
}

static bool read_said(lia_round *round, uint64_t arrival, lia_said *said)
{
    lia_arena_reset(&round->hooks->arena);
    return lia_said_read(said, &round->rows, arrival, &round->hooks->arena, &round->beyond);
}

static void send_again(lia_round *round, lia_delivery *delivery)
{
    lia_said said;
    bool is_gap = delivery->run && !strcmp(delivery->type, LIA_GAP_NAME);
    if (delivery->run && !is_gap) {
        if (!read_said(round, delivery->arrival, &said)) {
            note(round->hooks, delivery, LIA_SKIPPED);
            take_out(delivery);
            return;
        }
        if (write_said(round, delivery, &said)) return;
    }
    deliver(round, delivery);
}

static size_t room(const lia_hook *hook)
{
    size_t parallel = hook->record->parallel ? hook->record->parallel : 1;
    size_t limit = hook->state.failures ? 1 : parallel; /* one tries whether it is there again */
    return limit > hook->under_way ? limit - hook->under_way : 0;
}

void lia_hook_test(lia_hooks *hooks, lia_hook *hook)
{
    lia_delivery *delivery = add(hook, NULL, 0);
    if (delivery && write_test(hooks, delivery)) take_out(delivery);
}

/* ---- reading on ------------------------------------------------------------------------------ */

/* Told by the node that delivered before. */
static bool is_behind(const lia_hook *hook, const lia_run *run, const lia_header *header)
{
    for (size_t i = 0; i < hook->behind.count && !run->replays; i++) {
        const lia_position *lane = &hook->behind.lanes[i];
        if (lane->node == header->node && lane->incarnation == header->incarnation)
            return header->seq <= lane->seq;
    }
    return false;
}

/* A call goes to the webhook that it names, and to no other. */
static bool is_told(const lia_hook *hook, const lia_said *said)
{
    const lia_event *event = &said->event;
    lia_pb_field webhook;
    if (event->header.fact != LIA_WEBHOOK_CALLED) return lia_interest_holds(hook->interest, said);
    return lia_pb_find(event->fact, 1, &webhook) &&
           lia_span_equal(webhook.bytes, lia_id_span(&hook->id));
}

static lia_err is_wanted(const lia_hook *hook, const lia_run *run, const lia_said *said, bool *out)
{
    lia_principal_limit(hook->who ? hook->who : lia_principal_local(), said->beyond);
    *out = !is_behind(hook, run, &said->event.header) && is_told(hook, said);
    return *out ? lia_said_may(said, hook->who, out) : LIA_OK;
}

/* Whether it got on by one arrival. */
static bool read_on(lia_round *round, lia_hook *hook, lia_run *run)
{
    lia_said said;
    bool wanted = false;
    lia_delivery *delivery = NULL;
    uint64_t arrival = run->next;
    bool is_gap = arrival <= round->gap;
    if (is_gap) {
        arrival = round->gap;
        lia_arena_reset(&round->hooks->arena);
    }
    if (!is_gap && read_said(round, arrival, &said) && is_wanted(hook, run, &said, &wanted))
        return false; /* cannot be judged for now */
    if (wanted || is_gap) {
        delivery = add(hook, run, arrival);
        if (!delivery) return false;
        if (is_gap ? write_gap(round, delivery) : write_said(round, delivery, &said)) {
            take_out(delivery);
            return false;
        }
    }
    run->next = arrival + 1;
    if (delivery) deliver(round, delivery);
    return true;
}

static bool has_time(lia_round *round)
{
    if (lia_time_ticks_ns() < round->until_ns) return true;
    round->wake_ms = 0;
    return false;
}

static bool redeliver(lia_round *round, lia_hook *hook, lia_delivery *list)
{
    lia_delivery *after;
    bool waits = false;
    for (; list && !hook->ending; list = after) {
        after = list->after;
        if (!list->waits || list->aside) continue;
        waits = true;
        if (room(hook) && has_time(round)) send_again(round, list);
    }
    return waits;
}

static lia_delivery *aside_of(const lia_run *run)
{
    lia_delivery *delivery = run->first;
    while (delivery && !delivery->aside) delivery = delivery->after;
    return delivery;
}

static bool is_only_aside(const lia_run *run)
{
    return !run->first || (run->first->aside && !run->first->after);
}

/* Nothing new is begun while something older waits: order is kept. */
static void go_on_run(lia_round *round, lia_hook *hook, lia_run *run)
{
    uint64_t last = run->until < round->visible ? run->until : round->visible;
    if (redeliver(round, hook, run->first)) return;
    while (!hook->ending && !hook->state.failures && room(hook) && run->next <= last &&
           has_time(round) && read_on(round, hook, run))
        continue;
    if (hook->state.failures && is_only_aside(run) && run->next <= last && room(hook))
        (void)read_on(round, hook, run);
}

void lia_hook_go_on(lia_round *round, lia_hook *hook)
{
    if (!hook->active || hook->ending) return;
    (void)redeliver(round, hook, hook->tests);
    if (hook->state.failures && round->now_ms < hook->state.retry_ms) {
        if (hook->state.retry_ms < round->wake_ms) round->wake_ms = hook->state.retry_ms;
    } else {
        go_on_run(round, hook, &hook->live);
        go_on_run(round, hook, &hook->replay);
    }
    note_cursors(hook);
}

/* ---- answers --------------------------------------------------------------------------------- */

/* Another one was taken: the receiver is well, and it is this event that it does not want. */
static void skip_aside(lia_hooks *hooks, lia_run *run)
{
    lia_delivery *aside = aside_of(run);
    if (!aside) return;
    note(hooks, aside, LIA_SKIPPED);
    hooks->counted.skipped++;
    LIA_LOG(WARN, "webhook.event_skipped", LIA_ID("webhook", aside->hook->id),
            LIA_TEXT("event_id", aside->post.id), LIA_INT("status", aside->post.status));
    take_out(aside);
}

static void succeeded(lia_hooks *hooks, lia_delivery *delivery)
{
    lia_hook *hook = delivery->hook;
    note(hooks, delivery, LIA_DELIVERED);
    hooks->counted.delivered++;
    skip_aside(hooks, delivery->run);
    hook->state.failures = 0;
    hook->state.failing_since_ms = hook->state.retry_ms = 0;
    take_out(delivery);
}

/* Of several that fail together the first one counts. */
static void count_failure(lia_hooks *hooks, lia_hook *hook, const lia_post *post, int64_t now_ms)
{
    uint32_t dice;
    int64_t base_ms = hooks->options.retry_base_ms;
    lia_random(&dice, sizeof dice);
    if (!hook->state.failing_since_ms) hook->state.failing_since_ms = now_ms;
    if (now_ms >= hook->state.retry_ms && hook->state.failures < UINT32_MAX) hook->state.failures++;
    hook->state.retry_ms = now_ms + lia_backoff_ms(base_ms ? base_ms : LIA_RETRY_BASE_MS,
                                                   hook->state.failures, dice, post->retry_after_s);
}

/* The answer is about the event, not about the moment. */
static bool refuses(const lia_post *post)
{
    return post->status >= 400 && post->status < 500 && post->status != GONE &&
           post->status != TIMEOUT && post->status != TOO_EARLY && post->status != TOO_MANY;
}

/* For as long as it takes to give a receiver up it has refused this event: is it this one, or all? The
 * next one tells. Until then the event is not passed: if the webhook ends it goes on here. */
static void set_aside(lia_hooks *hooks, lia_delivery *delivery)
{
    note(hooks, delivery, LIA_FAILED);
    delivery->waits = delivery->aside = true;
    delivery->hook->state.retry_ms = 0;
}

static void failed(lia_hooks *hooks, lia_delivery *delivery)
{
    lia_hook *hook = delivery->hook;
    const lia_post post = delivery->post;
    int64_t now_ms = lia_time_now().ms, give_up_ms = hooks->options.give_up_ms;
    if (!give_up_ms) give_up_ms = LIA_RETRY_GIVE_UP_MS;
    hooks->counted.failed++;
    count_failure(hooks, hook, &post, now_ms);
    bool ends = post.status == GONE || now_ms - hook->state.failing_since_ms >= give_up_ms;
    if (ends && refuses(&post) && !aside_of(delivery->run)) {
        set_aside(hooks, delivery);
        return;
    }
    note(hooks, delivery, ends ? LIA_ENDED : LIA_FAILED);
    delivery->waits = true;
    if (post.status == GONE)
        lia_hook_end(hooks, hook, "the receiver answered 410 (gone)");
    else if (ends)
        lia_hook_end(hooks, hook, "nothing could be delivered for %lld s; last: %u %s",
                     (long long)((now_ms - hook->state.failing_since_ms) / LIA_SECOND_MS),
                     post.status, post.error);
}

void lia_hook_answered(lia_hooks *hooks, lia_post *post)
{
    lia_delivery *delivery = post->context;
    lia_hook *hook = delivery->hook;
    bool good = post->status >= 200 && post->status < 300;
    hook->under_way--;
    trace_attempt(delivery);
    if (!delivery->run) {
        note(hooks, delivery, good ? LIA_DELIVERED : LIA_TESTED);
        take_out(delivery);
        return;
    }
    if (good)
        succeeded(hooks, delivery);
    else
        failed(hooks, delivery);
    note_cursors(hook);
}
