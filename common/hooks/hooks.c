/* SPDX-License-Identifier: Apache-2.0 */
/* What passes between the loop's thread and the hooks': requests, orders and figures, under one
 * lock that nobody holds for longer than a copy. */
#include "common/hooks/hooks.h"

#include <signal.h>
#include <stdlib.h>

#include "common/automation/call.h"
#include "common/base/assert.h"
#include "common/base/log.h"
#include "common/hooks/inner.h"
#include "common/node/fields.h"

#define BOX_BYTES   ((size_t)1 << 30)
#define EVENT_BYTES ((size_t)64 << 20) /* address space: one event, its records, its JSON */
#define ASK_MS      100
/* A mark, or the values of an answer. */
#define ORDER_BYTES (LIA_LANES_MAX * LIA_HOOK_LANE_SIZE + ((size_t)32 << 10))

/* ---- orders: commands that the thread wants -------------------------------------------------- */

struct lia_order {
    lia_command command;
    lia_order *next;
    uint8_t request[];
};

static void ordered(lia_command *command, void *context)
{
    if (command->err)
        LIA_LOG(WARN, "webhook.order_failed", LIA_TEXT("command", command->row->name),
                LIA_ERR(command->err), LIA_TEXT("why", command->why.text));
    free(context);
}

static void order(lia_hooks *hooks, const lia_command_row *row, const ProtobufCMessage *request)
{
    size_t size = protobuf_c_message_get_packed_size(request);
    lia_order *made = size <= ORDER_BYTES ? calloc(1, sizeof *made + size) : NULL;
    if (!made) return; /* it is wanted again later */
    protobuf_c_message_pack(request, made->request);
    made->command = (lia_command){.type = LIA_COMMAND_VERB,
                                  .row = row,
                                  .request = lia_span_make(made->request, size),
                                  .done = ordered,
                                  .context = made};
    pthread_mutex_lock(&hooks->lock);
    made->next = hooks->orders;
    hooks->orders = made;
    pthread_mutex_unlock(&hooks->lock);
    uv_async_send(&hooks->ordered);
}

static lia_order *take_orders(lia_hooks *hooks)
{
    pthread_mutex_lock(&hooks->lock);
    lia_order *list = hooks->orders;
    hooks->orders = NULL;
    pthread_mutex_unlock(&hooks->lock);
    return list;
}

static void submit_orders(uv_async_t *async)
{
    lia_hooks *hooks = async->data;
    lia_order *next;
    for (lia_order *one = take_orders(hooks); one; one = next) {
        next = one->next;
        if (lia_node_submit(hooks->options.node, &one->command)) free(one);
    }
}

void lia_hooks_order_stop(lia_hooks *hooks, lia_id webhook, const char *reason)
{
    Hooks__StopWebhook ask = HOOKS__STOP_WEBHOOK__INIT;
    LIA_SET_ID(&ask, webhook, &webhook);
    ask.reason = reason;
    order(hooks, lia_stop_webhook, &ask.base);
}

void lia_hooks_order_mark(lia_hooks *hooks, lia_id webhook, lia_span lanes)
{
    Hooks__MarkWebhook ask = HOOKS__MARK_WEBHOOK__INIT;
    LIA_SET_ID(&ask, webhook, &webhook);
    LIA_SET(&ask, lanes, ((ProtobufCBinaryData){lanes.size, (uint8_t *)(uintptr_t)lanes.data}));
    order(hooks, lia_mark_webhook, &ask.base);
}

void lia_hooks_order_settle(lia_hooks *hooks, const Automation__SettleHttpCall *ask)
{
    order(hooks, lia_settle_call, &ask->base);
}

/* ---- requests -------------------------------------------------------------------------------- */

static const lia_hook_status *find(const lia_hooks *hooks, lia_id webhook)
{
    for (size_t i = 0; i < hooks->shown_count; i++)
        if (lia_id_equal(hooks->shown[i].id, webhook)) return &hooks->shown[i];
    return NULL;
}

static lia_err ask(lia_hooks *hooks, const lia_hook_request *request)
{
    pthread_mutex_lock(&hooks->lock);
    lia_err err = !find(hooks, request->webhook)             ? LIA_EABSENT
                  : hooks->request_count == LIA_REQUESTS_MAX ? LIA_EFULL
                                                             : LIA_OK;
    if (!err) hooks->requests[hooks->request_count++] = *request;
    pthread_mutex_unlock(&hooks->lock);
    lia_sender_wake(hooks->sender);
    return err;
}

lia_err lia_hooks_test(lia_hooks *hooks, lia_id webhook)
{
    const lia_hook_request request = {.type = LIA_ASK_TEST, .webhook = webhook};
    return ask(hooks, &request);
}

lia_err lia_hooks_replay(lia_hooks *hooks, lia_id webhook, uint64_t from, uint64_t until)
{
    const lia_hook_request request = {
        .type = LIA_ASK_REPLAY, .webhook = webhook, .from = from ? from : 1, .until = until};
    return ask(hooks, &request);
}

bool lia_hooks_status(lia_hooks *hooks, lia_id webhook, lia_hook_status *out)
{
    pthread_mutex_lock(&hooks->lock);
    const lia_hook_status *found = find(hooks, webhook);
    if (found) *out = *found;
    pthread_mutex_unlock(&hooks->lock);
    return found != NULL;
}

lia_err lia_hooks_attempts(lia_hooks *hooks, lia_id webhook, uint64_t before, size_t max,
                           lia_attempt *out, size_t *count)
{
    return lia_keep_attempts(hooks->box, webhook, before, max, out, count);
}

void lia_hooks_get_stats(lia_hooks *hooks, lia_hooks_stats *out)
{
    pthread_mutex_lock(&hooks->lock);
    *out = hooks->stats;
    pthread_mutex_unlock(&hooks->lock);
}

/* ---- lifetime -------------------------------------------------------------------------------- */

static void committed(void *context, uint64_t visible)
{
    (void)visible;
    lia_sender_wake(((lia_hooks *)context)->sender);
}

/* Whom the others have erased must be known before anything is told. */
static void ask_whether_readable(uv_timer_t *timer)
{
    lia_hooks *hooks = timer->data;
    lia_why why;
    if (lia_node_readable(hooks->options.node, &why)) return;
    uv_timer_stop(timer);
    pthread_mutex_lock(&hooks->lock);
    hooks->may_read = true;
    pthread_mutex_unlock(&hooks->lock);
    lia_sender_wake(hooks->sender);
}

static void drop(lia_hooks *hooks)
{
    lia_order *next;
    for (lia_order *one = hooks->orders; one; one = next) {
        next = one->next;
        free(one);
    }
    lia_sender_close(hooks->sender);
    lia_box_close(hooks->box);
    lia_arena_fini(&hooks->arena);
    lia_arena_fini(&hooks->scratch);
    pthread_mutex_destroy(&hooks->lock);
    free(hooks->shown);
    free(hooks);
}

/* Signals belong to the loop, so the thread starts with all of them blocked. */
static lia_err start_thread(lia_hooks *hooks)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int rc = pthread_create(&hooks->thread, NULL, lia_hooks_work, hooks);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return rc ? LIA_EFULL : LIA_OK;
}

static void open_handles(lia_hooks *hooks)
{
    uv_async_init(hooks->options.loop, &hooks->ordered, submit_orders);
    uv_timer_init(hooks->options.loop, &hooks->asking);
    hooks->ordered.data = hooks->asking.data = hooks;
    uv_timer_start(&hooks->asking, ask_whether_readable, 0, ASK_MS);
}

static lia_err open_parts(lia_hooks *hooks, lia_why *why)
{
    const lia_sender_options sender = {hooks->options.to_private, hooks->options.timeout_ms};
    lia_err err = lia_arena_init(&hooks->arena, EVENT_BYTES);
    if (!err) err = lia_arena_init(&hooks->scratch, EVENT_BYTES);
    if (!err) err = lia_sender_open(&hooks->sender, &sender);
    if (!err) err = lia_box_open(&hooks->box, hooks->options.dir, BOX_BYTES, LIA_KEEP_VERSION, why);
    return err;
}

lia_err lia_hooks_open(lia_hooks **out, const lia_hooks_options *options, lia_why *why)
{
    lia_hooks *hooks = calloc(1, sizeof *hooks);
    *out = NULL;
    if (!hooks) return lia_why_set(why, LIA_EFULL, "no memory");
    hooks->options = *options;
    hooks->kept_ms = lia_time_now().ms;
    pthread_mutex_init(&hooks->lock, NULL);
    lia_err err = open_parts(hooks, why);
    hooks->options.dir = NULL; /* was borrowed */
    if (!err) {
        hooks->watch = lia_node_watch_commits(options->node, committed, hooks);
        err = hooks->watch ? LIA_OK : LIA_EFULL;
    }
    if (!err) {
        open_handles(hooks);
        err = start_thread(hooks);
        lia_assert(!err); /* a node that can start no thread does not get so far */
    }
    if (err) {
        drop(hooks);
        return why && why->text[0] ? err : lia_why_set(why, err, "webhooks cannot be started");
    }
    *out = hooks;
    return LIA_OK;
}

static void handle_closed(uv_handle_t *handle)
{
    lia_hooks *hooks = handle->data;
    if (--hooks->handles) return;
    void (*closed)(void *) = hooks->closed;
    void *context = hooks->closed_context;
    drop(hooks);
    closed(context);
}

void lia_hooks_close(lia_hooks *hooks, void (*closed)(void *), void *context)
{
    hooks->closed = closed;
    hooks->closed_context = context;
    lia_node_unwatch(hooks->options.node, hooks->watch);
    pthread_mutex_lock(&hooks->lock);
    hooks->stopping = true;
    pthread_mutex_unlock(&hooks->lock);
    lia_sender_wake(hooks->sender);
    pthread_join(hooks->thread, NULL);
    submit_orders(&hooks->ordered); /* of its last moment */
    hooks->handles = 2;
    uv_close((uv_handle_t *)&hooks->ordered, handle_closed);
    uv_close((uv_handle_t *)&hooks->asking, handle_closed);
}
