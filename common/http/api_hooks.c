/* SPDX-License-Identifier: Apache-2.0 */
/* What webhooks have beside what every record has: their secret, what became of deliveries, tests
 * and replays. All of it is for those who may change the webhook. Deliveries are known to the node
 * that makes them only; the others say which one that is.
 *
 *     GET  /webhooks/{id}/secret
 *     GET  /webhooks/{id}/deliveries?page_size=&page_token=      newest first
 *     POST /webhooks/{id}:test
 *     POST /webhooks/{id}:replay   {"after": "start" or a cursor, "until": a cursor} */
#include "common/hooks/hook.h"
#include "common/http/api_hub.h"
#include "common/http/json_cut.h"
#include "common/http/page_token.h"
#include "common/wire/unpack.h"

/* ---- which webhook --------------------------------------------------------------------------- */

/* The record, for somebody who may change it; answers itself when it is not theirs. */
static bool load(lia_call *call, const lia_rows *rows, const Hooks__Webhook **out)
{
    lia_span message;
    bool allowed = false;
    lia_err err = lia_rows_message(rows, call->kind, call->id, call->arena, &message, NULL);
    if (!err)
        err = lia_principal_may(call->who, rows, LIA_ACTION_CHANGE, call->kind, call->id, message,
                                call->arena, &allowed);
    if (!err && !allowed) err = LIA_EABSENT; /* nobody learns that it is there */
    if (err) {
        lia_call_fail_read(call, err);
        return false;
    }
    *out =
        (const Hooks__Webhook *)lia_unpack(call->kind->message->descriptor, message, call->arena);
    if (!*out) lia_call_fail(call, LIA_EFULL, NULL);
    return *out != NULL;
}

/* The same where only reading from rows is done before the answer. */
static bool find(lia_call *call, const Hooks__Webhook **out)
{
    lia_rows rows;
    lia_err err = lia_node_read(call->api->node, &rows);
    if (err) {
        lia_call_fail(call, err, NULL);
        return false;
    }
    bool found = load(call, &rows, out);
    lia_node_read_end(call->api->node, &rows);
    return found;
}

static void answer_elsewhere(lia_call *call, const Hooks__Webhook *hook)
{
    lia_why why;
    uint16_t node = lia_webhook_node(hook, lia_api_list_of(call->api));
    if (node == call->api->member->number) {
        lia_why_set(&why, LIA_EBUSY, "this node has not taken the webhook up yet; ask again");
        lia_call_fail(call, LIA_EBUSY, &why);
        return;
    }
    lia_why_set(&why, LIA_ECONFLICT, "it is delivered by the node '%s': ask that one",
                lia_api_node_name(call->api, node));
    const lia_problem problem = {
        .status = 409, .type = "other-node", .title = "another node does this", .detail = why.text};
    lia_call_problem(call, &problem);
}

/* Its state here; answers itself when there is none. */
static bool find_here(lia_call *call, lia_hook_status *status)
{
    const Hooks__Webhook *hook;
    if (!find(call, &hook)) return false;
    if (call->api->hooks && lia_hooks_status(call->api->hooks, call->id, status)) return true;
    answer_elsewhere(call, hook);
    return false;
}

/* ---- the secret ------------------------------------------------------------------------------ */

static void put_secrets(lia_buf *out, const lia_hook_secrets *secrets)
{
    char text[LIA_HOOK_SECRET_TEXT_SIZE];
    lia_hook_secret_print(secrets->secret, text);
    lia_buf_format(out, "{\"secret\":\"%s\"", text);
    if (secrets->former.size) {
        lia_hook_secret_print(secrets->former, text);
        lia_buf_format(out, ",\"former\":\"%s\",\"former_until\":", text);
        lia_json_put_time(out, secrets->former_until);
    }
    lia_buf_byte(out, '}');
    lia_wipe(text, sizeof text);
}

void lia_api_hook_secret(lia_call *call)
{
    lia_rows rows;
    const Hooks__Webhook *hook;
    lia_hook_secrets secrets;
    lia_buf out = lia_buf_make(call->arena);
    lia_err err = lia_node_read(call->api->node, &rows);
    if (err) {
        lia_call_fail(call, err, NULL);
        return;
    }
    bool found = load(call, &rows, &hook);
    if (found) err = lia_webhook_secrets(&rows, call->id, lia_time_now(), call->arena, &secrets);
    if (found && !err) put_secrets(&out, &secrets);
    lia_node_read_end(call->api->node, &rows);
    if (!found) return;
    if (err)
        lia_call_fail(call, err, NULL);
    else
        lia_call_json(call, &out);
}

/* ---- deliveries ------------------------------------------------------------------------------ */

static const char *const outcomes[] = {[LIA_DELIVERED] = "delivered",
                                       [LIA_FAILED] = "failed",
                                       [LIA_ENDED] = "ended",
                                       [LIA_SKIPPED] = "skipped",
                                       [LIA_TESTED] = "test_failed"};

static void put_time_member(lia_buf *out, const char *name, int64_t ms)
{
    if (!ms) return;
    lia_buf_format(out, ",\"%s\":", name);
    lia_json_put_time(out, (lia_time){ms});
}

static void put_arrival(lia_buf *out, const lia_api *api, const char *name, uint64_t arrival)
{
    char id[LIA_POSITION_TEXT_SIZE];
    lia_origin self = lia_node_origin(api->node);
    lia_stream_id_print((lia_position){self.incarnation, arrival, self.node}, id);
    lia_buf_format(out, ",\"%s\":\"%s\"", name, id);
}

static void put_attempt(lia_buf *out, const lia_attempt *attempt)
{
    lia_buf_format(out, "{\"number\":%llu,\"at\":", (unsigned long long)attempt->number);
    lia_json_put_time(out, (lia_time){attempt->at_ms});
    lia_buf_format(out, ",\"id\":\"%s\",\"type\":\"%s\",\"try\":%u,\"outcome\":\"%s\"", attempt->id,
                   attempt->type, attempt->try, outcomes[attempt->outcome]);
    if (attempt->status) lia_buf_format(out, ",\"status\":%u", attempt->status);
    lia_buf_format(out, ",\"ms\":%u", attempt->ms);
    if (attempt->replayed) lia_buf_text(out, ",\"replayed\":true");
    if (*attempt->error) {
        lia_buf_text(out, ",\"error\":");
        lia_json_put_text(out, lia_span_text(attempt->error));
    }
    lia_buf_byte(out, '}');
}

static void put_status(lia_buf *out, const lia_api *api, const lia_hook_status *status)
{
    const lia_hook_state *state = &status->state;
    lia_buf_format(out, "{\"node\":\"%s\",\"active\":%s", api->member->name,
                   status->active ? "true" : "false");
    put_arrival(out, api, "cursor", state->cursor);
    lia_buf_format(
        out, ",\"behind\":%llu,\"under_way\":%zu,\"failures\":%u",
        (unsigned long long)(status->visible > state->cursor ? status->visible - state->cursor : 0),
        status->under_way, state->failures);
    put_time_member(out, "failing_since", state->failing_since_ms);
    put_time_member(out, "retry_at", state->retry_ms);
    if (state->replay_next <= state->replay_until) {
        put_arrival(out, api, "replay_cursor", state->replay_next - 1);
        put_arrival(out, api, "replay_until", state->replay_until);
    }
}

static lia_page_mark mark_of(const lia_call *call)
{
    const lia_span parts[] = {LIA_SPAN("deliveries"), lia_id_span(&call->id)};
    return lia_page_mark_of(parts, LIA_COUNT(parts));
}

static bool read_page(lia_call *call, uint64_t *before, uint64_t *size)
{
    uint8_t phase;
    lia_span token, key;
    *before = 0;
    *size = LIA_PAGE_SIZE_DEFAULT;
    if (!lia_call_param(call, "page_token", &token) ||
        !lia_call_number(call, "page_size", 1, LIA_PAGE_SIZE_MAX, size))
        return false;
    if (!token.size) return true;
    if (lia_page_token_read(token, mark_of(call), call->arena, &phase, &key) || key.size != 8) {
        lia_call_invalid(call, "page_token: this is no token of an answer to the same question");
        return false;
    }
    *before = lia_get_u64(key.data);
    return true;
}

static void put_next(lia_buf *out, const lia_call *call, uint64_t number)
{
    uint8_t key[8];
    lia_put_u64(key, number);
    lia_buf_text(out, ",\"next_page_token\":\"");
    lia_page_token_put(out, mark_of(call), 0, LIA_SPAN_OF(key));
    lia_buf_byte(out, '"');
}

void lia_api_deliveries(lia_call *call)
{
    size_t count = 0;
    uint64_t before, size;
    lia_hook_status status;
    if (!read_page(call, &before, &size) || !find_here(call, &status)) return;
    lia_buf out = lia_buf_make(call->arena);
    lia_attempt *attempts = lia_arena_take(call->arena, size * sizeof *attempts);
    lia_err err =
        attempts ? lia_hooks_attempts(call->api->hooks, call->id, before, size, attempts, &count)
                 : LIA_EFULL;
    if (err) {
        lia_call_fail(call, err, NULL);
        return;
    }
    put_status(&out, call->api, &status);
    lia_buf_text(&out, ",\"deliveries\":[");
    for (size_t i = 0; i < count; i++) {
        if (i) lia_buf_byte(&out, ',');
        put_attempt(&out, &attempts[i]);
    }
    lia_buf_byte(&out, ']');
    if (count == size) put_next(&out, call, attempts[count - 1].number);
    lia_buf_byte(&out, '}');
    lia_call_json(call, &out);
}

/* ---- tests and replays ----------------------------------------------------------------------- */

static void answer_asked(lia_call *call, lia_err err)
{
    lia_buf out = lia_buf_make(call->arena);
    if (err) {
        lia_call_fail(call, err == LIA_EFULL ? LIA_EBUSY : err, NULL);
        return;
    }
    lia_buf_text(&out, "{\"asked\":true}");
    lia_call_answer(call, 202, NULL, 0, &out);
}

/* A stopped webhook is not even tested: what is sent would be what stopped it. */
static bool find_active(lia_call *call)
{
    lia_why why;
    lia_hook_status status;
    if (!find_here(call, &status)) return false;
    if (status.active) return true;
    lia_why_set(&why, LIA_ECONFLICT, "the webhook is not enabled");
    lia_call_fail(call, LIA_ECONFLICT, &why);
    return false;
}

void lia_api_hook_test(lia_call *call)
{
    if (find_active(call)) answer_asked(call, lia_hooks_test(call->api->hooks, call->id));
}

/* A member of the body that is a cursor in quotes; `*text` is empty when it is not there. */
static bool read_member(lia_call *call, const char *name, lia_span *text)
{
    *text = LIA_SPAN_NONE;
    if (!lia_json_cut(lia_http_get_body(call->request), name, text)) return true;
    bool quoted = text->size >= 2 && text->data[0] == '"' && text->data[text->size - 1] == '"';
    if (quoted) *text = lia_span_make(text->data + 1, text->size - 2);
    if (!quoted) lia_call_invalid(call, "%s: a cursor is wanted, as text", name);
    return quoted;
}

void lia_api_hook_replay(lia_call *call)
{
    lia_span after, last;
    uint64_t gap, from = 0, until = lia_node_visible(call->api->node);
    if (!lia_call_body_is(call, "application/json")) {
        lia_call_wants(call, "application/json");
        return;
    }
    if (!read_member(call, "after", &after) || !read_member(call, "until", &last)) return;
    if (!after.size) {
        lia_call_invalid(call, "after: 'start', or a cursor behind which to begin, is wanted");
        return;
    }
    if (!lia_span_is(after, "start") && !lia_call_cursor(call, "after", after, &from, &gap)) return;
    if (last.size && !lia_call_cursor(call, "until", last, &until, &gap)) return;
    if (find_active(call))
        answer_asked(call, lia_hooks_replay(call->api->hooks, call->id, from + 1, until));
}
