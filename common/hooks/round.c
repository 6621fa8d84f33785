/* SPDX-License-Identifier: Apache-2.0 */
/* The thread. A round looks at which webhooks there are, lets each go on for as long as time
 * allows, and waits for the wire, for a commit, or for the next try that is due. Snapshots live for
 * a round only. */
#include <stdlib.h>
#include <unistd.h>

#include "common/access/secrets.h"
#include "common/base/log.h"
#include "common/hooks/inner.h"
#include "common/node/fields.h"
#include "common/store/log_retain.h"

#define ROUND_NS     UINT64_C(20000000)
#define KEEP_MS      50             /* what was delivered is on the disk so much later */
#define KEEP_LAZY_MS 1000           /* and what only was looked at */
#define ORDER_MS     INT64_C(10000) /* until a stop is asked for again */
#define IDLE_US      5000           /* between two looks for the first webhook */
#define RULES_BYTES  ((size_t)1 << 20)

/* ---- the webhooks of this node --------------------------------------------------------------- */

static void forget(lia_hooks *hooks, lia_hook *hook)
{
    lia_hook_halt(hooks, hook);
    free(hook->behind.lanes);
    lia_arena_fini(&hook->arena);
    free(hook);
    hooks->count--;
}

/* It is another node's now: that one goes on from the mark. */
static void hand_over(lia_round *round, lia_hook *hook)
{
    lia_hooks *hooks = round->hooks;
    lia_hook_mark_if_due(round, hook, true);
    lia_err err = lia_keep_forget(hooks->box, hook->id, hook->state.attempts);
    hooks->dirty = true;
    LIA_LOG(INFO, "webhook.handed_over", LIA_ID("webhook", hook->id), LIA_ERR(err));
    forget(hooks, hook);
}

static lia_hook *make(lia_hooks *hooks, lia_id id)
{
    lia_hook *hook = hooks->count < LIA_HOOKS_MAX ? calloc(1, sizeof *hook) : NULL;
    if (hooks->count >= LIA_HOOKS_MAX && !hooks->too_many) {
        hooks->too_many = true;
        LIA_LOG(ERROR, "webhook.too_many", LIA_INT("most", LIA_HOOKS_MAX));
    }
    if (!hook) return NULL;
    if (lia_arena_init(&hook->arena, RULES_BYTES)) {
        free(hook);
        return NULL;
    }
    hook->id = id;
    hooks->count++;
    return hook;
}

static bool is_enabled(const Hooks__Webhook *record)
{
    return record->enabled && !record->archived && record->url;
}

/* What it wants, by whose rights: of an owner's webhook anew in each round, since rights change. */
static lia_err make_interest(lia_round *round, lia_hook *hook, lia_arena *arena)
{
    lia_why why = {{0}};
    const lia_interest_ask ask = lia_webhook_ask(hook->record);
    lia_err err = LIA_OK;
    hook->who = NULL;
    if (hook->record->has_owner)
        err = lia_principal_load(&hook->who, &round->rows, lia_id_in(hook->record->owner), arena);
    if (!err) err = lia_interest_make(&hook->interest, &ask, hook->who, arena, &why);
    if (err == LIA_EDENIED)
        lia_hook_end(round->hooks, hook, "its owner is no user any more");
    else if (err == LIA_EINVAL)
        lia_hook_end(round->hooks, hook, "%s", why.text);
    return err;
}

/* After a change, or for the first time. */
static lia_err load(lia_round *round, lia_hook *hook, lia_span row)
{
    ProtobufCMessage *message;
    bool was_active = hook->active;
    lia_hash read = lia_hash_of("webhook", &row, 1);
    uint64_t epoch = lia_catalog_epoch();
    if (hook->record && lia_hash_equal(&read, &hook->read) && hook->epoch == epoch) return LIA_OK;
    lia_hook_halt(round->hooks, hook); /* address and wishes may be others */
    lia_arena_reset(&hook->arena);
    hook->record = NULL;
    hook->active = hook->ending = false;
    lia_err err = lia_record_read(&round->rows, LIA_WEBHOOK, hook->id, &hook->arena, &message);
    if (err || !message) return err ? err : LIA_EABSENT;
    hook->record = (const Hooks__Webhook *)message;
    hook->active = is_enabled(hook->record);
    hook->read = read;
    hook->epoch = epoch;
    if (hook->active && !was_active) {
        hook->state.failures = 0;
        hook->state.failing_since_ms = hook->state.retry_ms = 0;
    }
    return hook->active && !hook->record->has_owner ? make_interest(round, hook, &hook->arena)
                                                    : LIA_OK;
}

/* Takes it on, or lets it go. False: it is not (or not any more) this node's. */
static bool take(lia_round *round, lia_hook *hook, lia_span row, bool is_new)
{
    lia_err err = load(round, hook, row);
    uint16_t self = lia_node_member(round->hooks->options.node)->number;
    if (err && err != LIA_EINVAL) { /* again in the next round */
        if (is_new) forget(round->hooks, hook);
        return !is_new;
    }
    if (lia_webhook_node(hook->record, round->members) != self) {
        if (is_new)
            forget(round->hooks, hook);
        else
            hand_over(round, hook);
        return false;
    }
    if (!is_new) return true;
    err = lia_hook_begin(round, hook);
    if (!err) return true;
    forget(round->hooks, hook); /* again in the next round */
    return false;
}

static int order_of(const lia_hook *hook, lia_id id)
{
    return memcmp(&hook->id, &id, sizeof id);
}

/* The list is in the order of the rows. Returns where the next one is looked for. */
static lia_hook **merge_row(lia_round *round, lia_hook **at, lia_id id, lia_span row)
{
    while (*at && order_of(*at, id) < 0) at = &(*at)->next;
    bool is_new = !*at || order_of(*at, id) != 0;
    lia_hook *next = is_new ? *at : (*at)->next, *hook = is_new ? make(round->hooks, id) : *at;
    if (!hook) return at;
    if (!take(round, hook, row, is_new)) {
        *at = next;
        return at;
    }
    hook->next = next;
    *at = hook;
    return &hook->next;
}

static lia_err merge(lia_round *round)
{
    lia_scan *scan;
    lia_span key, row;
    lia_record_key read;
    lia_hook **at = &round->hooks->first;
    lia_key prefix = lia_key_kind(LIA_WEBHOOK);
    lia_err err = lia_rows_scan(&round->rows, lia_key_span(&prefix), &scan);
    if (err) return err;
    while (lia_scan_next(scan, &key, &row))
        if (lia_record_key_read(key, &read) && read.tag == LIA_TAG_STATE)
            at = merge_row(round, at, read.id, row);
    err = lia_scan_status(scan);
    lia_scan_close(scan);
    return err;
}

/* ---- what the loop asks for ------------------------------------------------------------------ */

static lia_hook *find(lia_hooks *hooks, lia_id id)
{
    lia_hook *hook = hooks->first;
    while (hook && !lia_id_equal(hook->id, id)) hook = hook->next;
    return hook;
}

static void do_request(lia_round *round, const lia_hook_request *request)
{
    lia_hook *hook = find(round->hooks, request->webhook);
    if (!hook) return;
    if (request->type == LIA_ASK_TEST) {
        lia_arena_reset(&round->hooks->arena);
        lia_hook_test(round->hooks, hook);
        return;
    }
    if (hook->replay.first) lia_hook_halt(round->hooks, hook);
    hook->replay = (lia_run){.next = request->from, .until = request->until, .replays = true};
}

static void do_requests(lia_round *round)
{
    lia_hook_request requests[LIA_REQUESTS_MAX];
    lia_hooks *hooks = round->hooks;
    pthread_mutex_lock(&hooks->lock);
    size_t count = hooks->request_count;
    memcpy(requests, hooks->requests, count * sizeof *requests);
    hooks->request_count = 0;
    pthread_mutex_unlock(&hooks->lock);
    for (size_t i = 0; i < count; i++) do_request(round, &requests[i]);
}

/* ---- one round ------------------------------------------------------------------------------- */

static void go_on(lia_round *round, lia_hook *hook)
{
    lia_hooks *hooks = round->hooks;
    if (hook->ending && round->now_ms - hook->ordered_ms >= ORDER_MS && is_enabled(hook->record)) {
        hook->ordered_ms = round->now_ms;
        lia_hooks_order_stop(hooks, hook->id, hook->reason);
    }
    lia_arena_reset(&hooks->scratch);
    if (hook->active && !hook->ending && hook->record->has_owner &&
        make_interest(round, hook, &hooks->scratch))
        return;
    lia_hook_go_on(round, hook);
    lia_hook_mark_if_due(round, hook, false);
}

static void go_on_all(lia_round *round)
{
    lia_hooks *hooks = round->hooks;
    size_t at = 0, begin = hooks->count ? hooks->offset++ % hooks->count : 0;
    for (lia_hook *hook = hooks->first; hook; hook = hook->next)
        if (at++ >= begin) go_on(round, hook);
    at = 0;
    for (lia_hook *hook = hooks->first; hook && at++ < begin; hook = hook->next) go_on(round, hook);
}

/* When the next one is due. */
static int64_t one_round(lia_hooks *hooks)
{
    lia_round round = {.hooks = hooks,
                       .members = lia_node_members(hooks->options.node),
                       .now_ms = lia_time_now().ms,
                       .until_ns = lia_time_ticks_ns() + ROUND_NS,
                       .wake_ms = INT64_MAX};
    lia_err err = lia_node_scan(hooks->options.node, &round.rows);
    if (err) return round.now_ms + 1000;
    lia_catalog_use(round.rows.catalog);
    round.visible = lia_snapshot_cursor(round.rows.snapshot);
    err = lia_log_gap(round.rows.log, &round.gap);
    if (!err) err = lia_beyond_open(&round.beyond, &round.rows, lia_time_now());
    if (!err) {
        err = merge(&round);
        do_requests(&round);
        go_on_all(&round);
        lia_ask_go_on(&round);
        lia_beyond_close(&round.beyond);
    }
    lia_node_scan_end(&round.rows);
    return err ? round.now_ms + 1000 : round.wake_ms;
}

/* ---- the disk -------------------------------------------------------------------------------- */

static bool is_kept(const lia_hook *hook)
{
    return !memcmp(&hook->kept, &hook->state, sizeof hook->state);
}

static lia_err put_states(lia_hooks *hooks)
{
    lia_err err = LIA_OK;
    for (lia_hook *hook = hooks->first; hook && !err; hook = hook->next)
        if (!is_kept(hook)) err = lia_keep_set_state(hooks->box, hook->id, &hook->state);
    return err;
}

static void keep(lia_hooks *hooks)
{
    lia_why why = {{0}};
    lia_err err = put_states(hooks);
    hooks->kept_ms = lia_time_now().ms;
    if (!err) err = lia_box_commit(hooks->box, &why);
    if (err) { /* what is not kept is told again after a restart */
        lia_box_drop(hooks->box);
        LIA_LOG(ERROR, "webhook.not_kept", LIA_ERR(err), LIA_TEXT("why", why.text));
        return;
    }
    hooks->dirty = false;
    for (lia_hook *hook = hooks->first; hook; hook = hook->next) hook->kept = hook->state;
}

/* Keeps what is due; when that is the next time. */
static int64_t keep_if_due(lia_hooks *hooks)
{
    bool changed = hooks->dirty;
    for (lia_hook *hook = hooks->first; hook && !changed; hook = hook->next)
        changed = !is_kept(hook);
    if (!changed) return INT64_MAX;
    int64_t due = hooks->kept_ms + (hooks->dirty ? KEEP_MS : KEEP_LAZY_MS);
    if (due <= lia_time_now().ms) keep(hooks);
    return due;
}

/* ---- the thread ------------------------------------------------------------------------------ */

static void show_one(lia_hook_status *to, const lia_hook *hook, uint64_t visible)
{
    *to = (lia_hook_status){.id = hook->id,
                            .active = hook->active && !hook->ending,
                            .state = hook->state,
                            .visible = visible,
                            .under_way = hook->under_way};
}

static void show(lia_hooks *hooks)
{
    size_t at = 0;
    uint64_t visible = lia_node_visible(hooks->options.node);
    pthread_mutex_lock(&hooks->lock);
    if (hooks->shown_count != hooks->count) {
        free(hooks->shown);
        hooks->shown = calloc(hooks->count + 1, sizeof *hooks->shown);
        hooks->shown_count = hooks->shown ? hooks->count : 0;
    }
    for (lia_hook *hook = hooks->first; hook && at < hooks->shown_count; hook = hook->next)
        show_one(&hooks->shown[at++], hook, visible);
    hooks->stats = hooks->counted;
    hooks->stats.hooks = hooks->count;
    hooks->stats.under_way = lia_sender_under_way(hooks->sender);
    pthread_mutex_unlock(&hooks->lock);
}

static bool may_go_on(lia_hooks *hooks, bool *may_read)
{
    pthread_mutex_lock(&hooks->lock);
    bool stopping = hooks->stopping;
    *may_read = hooks->may_read;
    pthread_mutex_unlock(&hooks->lock);
    return !stopping;
}

static void take_answers(lia_hooks *hooks)
{
    lia_post *post;
    while ((post = lia_sender_ended(hooks->sender)))
        if (post->is_call)
            lia_ask_answered(hooks, post);
        else
            lia_hook_answered(hooks, post);
}

static void end(lia_hooks *hooks)
{
    for (lia_hook *hook = hooks->first; hook; hook = hook->next) lia_hook_halt(hooks, hook);
    lia_ask_end(hooks);
    keep(hooks);
    while (hooks->first) {
        lia_hook *hook = hooks->first;
        hooks->first = hook->next;
        forget(hooks, hook);
    }
}

void *lia_hooks_work(void *context)
{
    bool may_read;
    lia_hooks *hooks = context;
    while (may_go_on(hooks, &may_read)) {
        take_answers(hooks);
        int64_t wake_ms = may_read ? one_round(hooks) : INT64_MAX;
        int64_t due_ms = keep_if_due(hooks), now_ms = lia_time_now().ms;
        show(hooks);
        if (!hooks->first && !hooks->calls && may_read) usleep(IDLE_US); /* commits wake it often */
        if (due_ms < wake_ms) wake_ms = due_ms;
        lia_sender_wait(hooks->sender, wake_ms == INT64_MAX ? 60000 : wake_ms - now_ms);
    }
    end(hooks);
    lia_catalog_use(NULL);
    return NULL;
}
