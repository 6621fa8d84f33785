/* SPDX-License-Identifier: Apache-2.0 */
/* Requests of rules and flows to addresses outside. Which there are is read from an index in every
 * round, so there is nothing to keep here: what a crash takes along is asked again, under the same
 * Idempotency-Key, until the answer is a record. */
#include <stdio.h>
#include <stdlib.h>

#include "common/automation/call.h"
#include "common/automation/request.h"
#include "common/automation/take.h"
#include "common/base/log.h"
#include "common/hooks/backoff.h"
#include "common/hooks/inner.h"
#include "common/node/fields.h"
#include "common/node/index_walk.h"
#include "common/wire/pb.h"

#define ASKING_MAX   1000
#define ANSWER_BYTES ((size_t)256 << 10)
#define ARENA_BYTES  ((size_t)1 << 20)
#define ORDER_MS     INT64_C(10000) /* until it is settled again */
#define ERROR_BYTES  400

enum { TIMEOUT = 408, TOO_EARLY = 425, TOO_MANY = 429 };

struct lia_asking {
    lia_post post;
    lia_id id;
    lia_asking *next;
    bool seen; /* in this round */
    bool under_way;
    uint32_t tries;
    int64_t retry_ms, until_ms;
    char last[ERROR_BYTES]; /* what was wrong with the last try */
    lia_arena arena;        /* of one try, and of what was answered */
    const Automation__HttpCall *record;
    const char *secrets[LIA_REQUEST_HEADERS_MAX];
    size_t secret_count;
    /* settled */
    int64_t ordered_ms; /* 0: it is not */
    uint16_t status;
    const char *error;
    Automation__AnswerValue *values[LIA_TAKES_MAX];
    size_t value_count;
};

/* ---- settling -------------------------------------------------------------------------------- */

static void order(lia_hooks *hooks, lia_asking *asking)
{
    Automation__SettleHttpCall ask = AUTOMATION__SETTLE_HTTP_CALL__INIT;
    LIA_SET_ID(&ask, call, &asking->id);
    LIA_SET(&ask, status, asking->status);
    ask.error = asking->error;
    ask.values = asking->values;
    ask.n_values = asking->value_count;
    asking->ordered_ms = lia_time_now().ms;
    lia_hooks_order_settle(hooks, &ask);
}

static bool repeats_secret(const lia_asking *asking, const char *text)
{
    for (size_t i = 0; i < asking->secret_count; i++)
        if (text && strstr(text, asking->secrets[i])) return true;
    return false;
}

/* `error` NULL: it was answered well. */
static void settle(lia_hooks *hooks, lia_asking *asking, const char *error)
{
    if (repeats_secret(asking, error)) error = "the answer repeats a secret";
    asking->error = error;
    if (error) asking->value_count = 0;
    LIA_LOG(INFO, "http_call.settled", LIA_ID("call", asking->id),
            LIA_INT("status", asking->status), LIA_INT("tries", asking->tries),
            LIA_TEXT("outcome", error ? "failed" : "done"));
    order(hooks, asking);
}

/* ---- asking ---------------------------------------------------------------------------------- */

/* "Authorization: Bearer ..."; NULL and a sentence when the secret is not to be had. */
static const char *write_secret(lia_round *round, lia_asking *asking,
                                const Automation__StepHeader *header)
{
    const Automation__HttpSecret *secret = NULL;
    const char *value = NULL, *hole = strstr(header->value, LIA_REQUEST_SECRET);
    lia_err err = lia_http_secret_read(&round->rows, lia_id_in(header->secret), &asking->arena,
                                       &secret, &value);
    if (err || !hole) {
        snprintf(asking->last, sizeof asking->last, "%s: its secret %s", header->name,
                 secret ? "has no value, or was archived" : "is not there");
        return NULL;
    }
    if (!lia_request_secret_fits(secret->to, asking->record->url)) {
        snprintf(asking->last, sizeof asking->last, "%s: its secret goes to %.200s only",
                 header->name, secret->to ? secret->to : "");
        return NULL;
    }
    asking->secrets[asking->secret_count++] = value;
    return lia_arena_text(&asking->arena, "%s: %.*s%s%s", header->name, (int)(hole - header->value),
                          header->value, value, hole + strlen(LIA_REQUEST_SECRET));
}

/* curl takes "Name;" for a header without a value. */
static const char *write_header(lia_round *round, lia_asking *asking,
                                const Automation__StepHeader *header)
{
    if (header->has_secret) return write_secret(round, asking, header);
    return lia_text_is_empty(header->value)
               ? lia_arena_text(&asking->arena, "%s;", header->name)
               : lia_arena_text(&asking->arena, "%s: %s", header->name, header->value);
}

static lia_err write_headers(lia_round *round, lia_asking *asking)
{
    const Automation__HttpCall *call = asking->record;
    char id[LIA_ID_TEXT_SIZE];
    const char **lines = lia_arena_zero(&asking->arena, (call->n_headers + 3) * sizeof *lines);
    if (!lines || call->n_headers > LIA_REQUEST_HEADERS_MAX + 1) return LIA_EFULL;
    asking->secret_count = 0;
    lia_id_print(asking->id, id);
    lines[0] = lia_arena_text(&asking->arena, "Idempotency-Key: %s", id);
    for (size_t i = 0; i < call->n_headers; i++) {
        lines[i + 1] = write_header(round, asking, call->headers[i]);
        if (!lines[i + 1]) return LIA_EINVAL;
    }
    asking->post.headers = lines;
    return lines[0] ? LIA_OK : LIA_EFULL;
}

/* Read anew for every try: whose customer was erased meanwhile is not asked about. */
static lia_err load(lia_round *round, lia_asking *asking)
{
    ProtobufCMessage *message;
    lia_arena_reset(&asking->arena);
    lia_err err =
        lia_record_read(&round->rows, LIA_HTTP_CALL, asking->id, &asking->arena, &message);
    asking->record = (const Automation__HttpCall *)message;
    if (!err && (!message || !asking->record->url)) err = LIA_EABSENT;
    if (!err) asking->until_ms = asking->record->until;
    return err;
}

static lia_err prepare(lia_round *round, lia_asking *asking)
{
    lia_post *post = &asking->post;
    snprintf(asking->last, sizeof asking->last, "it cannot be asked");
    lia_err err = write_headers(round, asking);
    if (err) return err;
    post->url = asking->record->url;
    post->method = lia_request_method(asking->record->method);
    if (!post->method) return LIA_EINVAL;
    post->body = lia_span_text(asking->record->body);
    post->is_call = true;
    post->context = asking;
    post->answer_max = ANSWER_BYTES;
    post->answer = malloc(ANSWER_BYTES);
    return post->answer ? LIA_OK : LIA_EFULL;
}

static void drop_answer(lia_asking *asking)
{
    free(asking->post.answer);
    asking->post.answer = NULL;
}

static void begin(lia_round *round, lia_asking *asking)
{
    lia_err err = load(round, asking);
    if (err == LIA_EABSENT) return; /* the index shows it no more in the next round */
    if (!err) err = prepare(round, asking);
    if (!err) err = lia_sender_begin(round->hooks->sender, &asking->post);
    asking->under_way = !err;
    if (!err) {
        asking->tries++;
        return;
    }
    drop_answer(asking);
    if (err == LIA_EINVAL)
        settle(round->hooks, asking, asking->last);
    else
        asking->retry_ms = round->now_ms + 200; /* many are under way, or memory is short */
}

/* ---- answers --------------------------------------------------------------------------------- */

static bool may_be_better_later(const lia_post *post)
{
    if (!post->status) return !post->refused;
    return post->status >= 500 || post->status == TIMEOUT || post->status == TOO_EARLY ||
           post->status == TOO_MANY;
}

static void say_failure(lia_asking *asking)
{
    const lia_post *post = &asking->post;
    if (!post->status)
        snprintf(asking->last, sizeof asking->last, "no answer: %s", post->error);
    else if (post->status >= 300 && post->status < 400)
        snprintf(asking->last, sizeof asking->last,
                 "it answered %u, which leads elsewhere: that is not followed", post->status);
    else
        snprintf(asking->last, sizeof asking->last, "it answered %u", post->status);
}

static void try_again(lia_hooks *hooks, lia_asking *asking)
{
    uint32_t dice;
    int64_t base_ms = hooks->options.retry_base_ms;
    lia_random(&dice, sizeof dice);
    asking->retry_ms =
        lia_time_now().ms + lia_backoff_ms(base_ms ? base_ms : LIA_RETRY_BASE_MS, asking->tries,
                                           dice, asking->post.retry_after_s);
}

/* What the step wants of the answer. NULL: all is there. */
static const char *take(lia_asking *asking)
{
    lia_why why = {{0}};
    const Automation__HttpCall *call = asking->record;
    const lia_post *post = &asking->post;
    if (call->n_takes && post->answer_size > ANSWER_BYTES)
        return "the answer is longer than 256 KiB";
    size_t size = post->answer_size < ANSWER_BYTES ? post->answer_size : ANSWER_BYTES;
    lia_err err = lia_takes_read(lia_span_make(post->answer, size), call->takes, call->n_takes,
                                 &asking->arena, asking->values, &asking->value_count, &why);
    for (size_t i = 0; i < asking->value_count; i++)
        if (repeats_secret(asking, asking->values[i]->text)) return "the answer repeats a secret";
    if (!err) return NULL;
    snprintf(asking->last, sizeof asking->last, "%s", why.text[0] ? why.text : lia_err_text(err));
    return asking->last;
}

void lia_ask_answered(lia_hooks *hooks, lia_post *post)
{
    lia_asking *asking = post->context;
    asking->under_way = false;
    asking->status = post->status;
    if (post->status >= 200 && post->status < 300) {
        settle(hooks, asking, take(asking));
    } else {
        say_failure(asking);
        if (may_be_better_later(post))
            try_again(hooks, asking);
        else
            settle(hooks, asking, asking->last);
    }
    drop_answer(asking);
}

/* ---- which there are ------------------------------------------------------------------------- */

static void forget(lia_hooks *hooks, lia_asking *asking)
{
    if (asking->under_way) lia_sender_forget(hooks->sender, &asking->post);
    drop_answer(asking);
    lia_arena_fini(&asking->arena);
    free(asking);
    hooks->call_count--;
}

static lia_asking *make(lia_round *round, lia_id id)
{
    lia_asking *asking = calloc(1, sizeof *asking);
    if (!asking) return NULL;
    if (lia_arena_init(&asking->arena, ARENA_BYTES)) {
        free(asking);
        return NULL;
    }
    asking->id = id;
    round->hooks->call_count++;
    if (!load(round, asking)) return asking;
    forget(round->hooks, asking);
    return NULL;
}

/* Both are in the order of ids. */
static lia_asking **merge_one(lia_round *round, lia_asking **at, lia_id id)
{
    while (*at && memcmp((*at)->id.bytes, id.bytes, LIA_ID_SIZE) < 0) at = &(*at)->next;
    if (!*at || !lia_id_equal((*at)->id, id)) {
        if (round->hooks->call_count >= ASKING_MAX) return at;
        lia_asking *made = make(round, id);
        if (!made) return at;
        made->next = *at;
        *at = made;
    }
    (*at)->seen = true;
    return &(*at)->next;
}

static lia_err merge(lia_round *round)
{
    lia_index_walk walk;
    lia_id id;
    lia_asking **at = &round->hooks->calls;
    uint16_t self = lia_node_member(round->hooks->options.node)->number;
    lia_err err = lia_index_walk_of_number(&walk, &round->rows, LIA_HTTP_CALL, "node", self);
    if (err) return err;
    for (lia_asking *one = round->hooks->calls; one; one = one->next) one->seen = false;
    while (lia_index_walk_next(&walk, &id)) at = merge_one(round, at, id);
    return lia_index_walk_close(&walk, LIA_OK);
}

static void drop_unseen(lia_hooks *hooks)
{
    for (lia_asking **at = &hooks->calls; *at;) {
        lia_asking *asking = *at;
        if (asking->seen) {
            at = &asking->next;
            continue;
        }
        *at = asking->next;
        forget(hooks, asking);
    }
}

static void wake_at(lia_round *round, int64_t ms)
{
    if (ms < round->wake_ms) round->wake_ms = ms;
}

static void go_on(lia_round *round, lia_asking *asking)
{
    if (asking->ordered_ms) {
        if (round->now_ms - asking->ordered_ms >= ORDER_MS) order(round->hooks, asking);
        wake_at(round, asking->ordered_ms + ORDER_MS);
        return;
    }
    if (asking->under_way) return; /* the sender has a limit of its own */
    if (round->now_ms >= asking->until_ms) {
        const char *why = lia_arena_text(&asking->arena, "no good answer in time; last: %s",
                                         asking->last[0] ? asking->last : "it was not asked");
        settle(round->hooks, asking, why ? why : "no good answer in time");
        return;
    }
    if (round->now_ms >= asking->retry_ms) begin(round, asking);
    if (!asking->under_way && !asking->ordered_ms)
        wake_at(round, asking->retry_ms < asking->until_ms ? asking->retry_ms : asking->until_ms);
}

void lia_ask_go_on(lia_round *round)
{
    lia_hooks *hooks = round->hooks;
    if (merge(round)) {
        wake_at(round, round->now_ms + 1000);
        return;
    }
    drop_unseen(hooks);
    for (lia_asking *one = hooks->calls; one; one = one->next) go_on(round, one);
}

void lia_ask_end(lia_hooks *hooks)
{
    while (hooks->calls) {
        lia_asking *asking = hooks->calls;
        hooks->calls = asking->next;
        forget(hooks, asking);
    }
}
