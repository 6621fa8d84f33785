/* SPDX-License-Identifier: Apache-2.0 */
/* GET /tokens, /sessions             mine that are in force; ?user= another's, for administrators
 * POST /tokens                       {"name", "scopes", "expires_at"}: the token is told this once
 * DELETE /tokens/{id}, /sessions/{id}
 */
#include "common/access/rights.h"
#include "common/http/api_signin.h"
#include "common/node/index_walk.h"
#include "common/wire/sort.h"

#define PASSES_MAX     1000 /* of one user, that are listed */
#define TOKEN_MS       (90 * LIA_DAY_MS)
#define TOKEN_MS_MAX   (730 * LIA_DAY_MS)
#define NAME_BYTES_MAX 200

/* ---- listing --------------------------------------------------------------------------------- */

static void put_pass(lia_buf *out, const lia_call *call, lia_id id, const Access__Pass *pass)
{
    lia_buf_text(out, "{\"id\":");
    lia_json_put_id(out, id);
    lia_buf_text(out, ",\"name\":");
    lia_json_put_text(out, lia_span_text(pass->name ? pass->name : ""));
    lia_buf_text(out, ",\"made_at\":");
    lia_json_put_time(out, (lia_time){pass->made_at});
    lia_buf_text(out, ",\"expires_at\":");
    lia_json_put_time(out, (lia_time){pass->expires_at});
    if (!lia_text_is_empty(pass->address)) {
        lia_buf_text(out, ",\"address\":");
        lia_json_put_text(out, lia_span_text(pass->address));
    }
    lia_buf_text(out, ",\"scopes\":[");
    for (size_t i = 0; i < pass->n_scopes; i++) {
        if (i) lia_buf_byte(out, ',');
        lia_json_put_text(out, lia_span_text(pass->scopes[i]));
    }
    bool is_this = call->login && lia_id_equal(call->login->pass, id);
    lia_buf_format(out, "],\"current\":%s}", is_this ? "true" : "false");
}

typedef struct listing {
    lia_call *call;
    lia_id user;
    Access__PassType type;
    lia_time now;
} listing;

typedef struct found_pass {
    lia_id id;
    const Access__Pass *pass;
} found_pass;

static int newest_first(const void *a, const void *b)
{
    int64_t x = ((const found_pass *)a)->pass->made_at, y = ((const found_pass *)b)->pass->made_at;
    return x > y ? -1 : x < y;
}

/* Those of that type that are in force. */
static lia_err find_passes(const listing *list, const lia_rows *rows, found_pass *found,
                           size_t *count)
{
    const Access__Credential *credential;
    lia_index_walk walk;
    lia_id id;
    lia_err err = lia_credential_read(rows, list->user, list->call->arena, &credential);
    if (!err) err = lia_index_walk_of(&walk, rows, LIA_PASS, "user", lia_id_span(&list->user));
    if (err) return err;
    while (!err && *count < PASSES_MAX && lia_index_walk_next(&walk, &id)) {
        found_pass *next = &found[*count];
        next->id = id;
        err = lia_pass_read(rows, next->id, list->now, list->call->arena, &next->pass);
        if (!err && next->pass->type == list->type && !lia_pass_is_void(next->pass, credential))
            ++*count;
        if (err == LIA_EDENIED) err = LIA_OK;
    }
    return lia_index_walk_close(&walk, err);
}

static lia_err put_passes(lia_buf *out, const listing *list, const lia_rows *rows)
{
    size_t count = 0;
    found_pass *found = lia_arena_take(list->call->arena, PASSES_MAX * sizeof *found);
    lia_err err = found ? find_passes(list, rows, found, &count) : LIA_EFULL;
    if (err) return err;
    lia_sort(found, count, sizeof *found, newest_first);
    for (size_t i = 0; i < count; i++) {
        if (i) lia_buf_byte(out, ',');
        put_pass(out, list->call, found[i].id, found[i].pass);
    }
    return LIA_OK;
}

static bool is_administrator(const lia_call *call)
{
    return lia_principal_rights(call->who)->administrator;
}

/* Whose passes: one's own, unless an administrator says whose. */
bool lia_call_passes_of(lia_call *call, lia_id *user)
{
    lia_span text;
    lia_why why = {{0}};
    lia_err err = LIA_OK;
    if (!lia_call_param(call, "user", &text)) return false;
    *user = call->login ? call->login->user : LIA_ID_NONE;
    if (!text.size) return true;
    if (!is_administrator(call))
        err = lia_why_set(&why, LIA_EDENIED, "user: only administrators ask about others");
    else if (lia_id_parse(text, user))
        err = lia_why_set(&why, LIA_EINVAL, "user: an id (a UUID) is wanted");
    if (err) lia_call_fail(call, err, &why);
    return !err;
}

static void list_passes(lia_call *call, const char *name, Access__PassType type)
{
    lia_rows rows;
    listing list = {.call = call, .type = type, .now = lia_time_now()};
    if (!lia_call_passes_of(call, &list.user)) return;
    lia_buf out = lia_buf_make(call->arena);
    lia_err err = lia_node_read(call->api->node, &rows);
    if (!err) {
        lia_buf_format(&out, "{\"%s\":[", name);
        err = put_passes(&out, &list, &rows);
        lia_buf_text(&out, "]}");
        lia_node_read_end(call->api->node, &rows);
    }
    if (err)
        lia_call_fail(call, err, NULL);
    else
        lia_call_json(call, &out);
}

void lia_api_tokens(lia_call *call)
{
    list_passes(call, "tokens", ACCESS__PASS_TYPE__PASS_TYPE_TOKEN);
}

void lia_api_sessions(lia_call *call)
{
    list_passes(call, "sessions", ACCESS__PASS_TYPE__PASS_TYPE_SESSION);
}

/* ---- tokens ---------------------------------------------------------------------------------- */

static void token_given(lia_errand *errand)
{
    static const lia_http_header no_store = {"Cache-Control", "no-store"};
    lia_issue *issue = errand->context;
    lia_buf out = lia_buf_make(errand->call->arena);
    lia_buf_text(&out, "{\"id\":");
    lia_json_put_id(&out, issue->pass);
    lia_buf_format(&out, ",\"token\":\"%s\",\"expires_at\":", issue->text);
    lia_json_put_time(&out, issue->expires);
    lia_buf_byte(&out, '}');
    lia_call_answer(errand->call, 201, &no_store, 1, &out);
}

static lia_err check_token(const Access__NewToken *ask, lia_time now, lia_why *why)
{
    if (strlen(ask->name) > NAME_BYTES_MAX)
        return lia_why_set(why, LIA_EINVAL, "name: at most %d bytes are wanted", NAME_BYTES_MAX);
    for (size_t i = 0; i < ask->n_scopes; i++)
        if (!lia_scope_is_known(ask->scopes[i]))
            return lia_why_set(why, LIA_EINVAL,
                               "scopes[%zu]: read, write, admin, or a kind with one of the first "
                               "two, as in deal.read",
                               i);
    if (!ask->has_expires_at ||
        (ask->expires_at > now.ms && ask->expires_at - now.ms <= TOKEN_MS_MAX))
        return LIA_OK;
    return lia_why_set(why, LIA_EINVAL,
                       "expires_at: an instant within the next two years is wanted");
}

/* By a session only: a token does not make others of itself. */
void lia_api_new_token(lia_call *call)
{
    lia_why why = {{0}};
    lia_time now = lia_time_now();
    const lia_login *login = lia_call_session(call);
    lia_issue *issue = login ? lia_arena_zero(call->arena, sizeof *issue) : NULL;
    Access__NewToken *ask = issue ? lia_call_read(call, &access__new_token__descriptor) : NULL;
    if (login && !issue) lia_call_fail(call, LIA_EFULL, NULL);
    if (!ask) return;
    lia_err err = check_token(ask, now, &why);
    if (err) {
        lia_call_fail(call, err, &why);
        return;
    }
    Access__GivePass what = ACCESS__GIVE_PASS__INIT;
    issue->user = login->user;
    issue->claimed = true;
    what.has_type = what.has_expires_at = true;
    what.type = ACCESS__PASS_TYPE__PASS_TYPE_TOKEN;
    what.name = ask->name;
    what.expires_at = ask->has_expires_at ? ask->expires_at : now.ms + TOKEN_MS;
    what.scopes = ask->scopes;
    what.n_scopes = ask->n_scopes;
    lia_issue_go(issue, call, &what, token_given);
}

/* ---- the end of a pass ----------------------------------------------------------------------- */

lia_err lia_call_record(const lia_call *call, uint32_t kind, lia_id id, ProtobufCMessage **out)
{
    lia_rows rows;
    lia_err err = lia_node_read(call->api->node, &rows);
    if (err) return err;
    err = lia_record_read(&rows, kind, id, call->arena, out);
    lia_node_read_end(call->api->node, &rows);
    return err;
}

/* Whether it is the asker's, or anybody's for administrators. */
static lia_err may_revoke(const lia_call *call, lia_id id)
{
    ProtobufCMessage *message = NULL;
    lia_err err = lia_call_record(call, LIA_PASS, id, &message);
    const Access__Pass *pass = (const Access__Pass *)message;
    if (err || !pass) return err ? err : LIA_EABSENT;
    bool own = call->login && pass->user.len == LIA_ID_SIZE &&
               memcmp(pass->user.data, &call->login->user, LIA_ID_SIZE) == 0;
    return own || is_administrator(call) ? LIA_OK : LIA_EABSENT;
}

void lia_api_revoke(lia_call *call)
{
    lia_id id;
    lia_err err = lia_id_parse(call->rest, &id) ? LIA_EABSENT : may_revoke(call, id);
    Access__RevokePass revoke = ACCESS__REVOKE_PASS__INIT;
    revoke.has_pass = true;
    revoke.pass = (ProtobufCBinaryData){sizeof id, id.bytes};
    lia_errand_take_away(call, err, "no such pass is yours", lia_revoke_pass, &revoke.base);
}
