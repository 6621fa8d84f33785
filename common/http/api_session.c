/* SPDX-License-Identifier: Apache-2.0 */
/* GET /session     who I am, and what I may
 * DELETE /session  signs out
 *
 * and what all ways in share: bodies, errands, giving a session. POST /session is api_enter.c. */
#include "common/http/api_gate.h"
#include "common/http/api_oidc.h"
#include "common/wire/unpack.h"

#define AGENT_MAX 100

/* ---- what all of these share ----------------------------------------------------------------- */

void *lia_call_read(lia_call *call, const ProtobufCMessageDescriptor *type)
{
    lia_why why = {{0}};
    lia_json_object object;
    lia_span body = lia_http_get_body(call->request);
    if (body.size && !lia_call_body_is(call, "application/json")) {
        lia_call_wants(call, "application/json");
        return NULL;
    }
    lia_err err = lia_json_read(&object, lia_message_find(type->name), LIA_JSON_COMMAND,
                                body.size ? body : LIA_SPAN("{}"), call->arena, &why);
    void *message = err ? NULL : lia_unpack(type, object.message, call->arena);
    if (!message) lia_call_fail(call, err ? err : LIA_EFULL, &why);
    return message;
}

const lia_login *lia_call_session(lia_call *call)
{
    lia_why why;
    if (call->login && call->login->type == ACCESS__PASS_TYPE__PASS_TYPE_SESSION)
        return call->login;
    lia_why_set(&why, LIA_EDENIED, "only who has signed in at /api/v1/session may do this");
    lia_call_fail(call, LIA_EDENIED, &why);
    return NULL;
}

static void committed(lia_command *command, void *context)
{
    lia_errand *errand = context;
    lia_api *api = errand->call->api;
    if (command->err && errand->failed) {
        errand->failed(errand);
    } else if (command->err) {
        lia_problem problem = lia_problem_of(command->err, command->refusal, &command->why);
        lia_call_problem(errand->call, &problem);
    } else {
        errand->then(errand);
    }
    lia_api_worked(api);
}

void lia_errand_go(lia_errand *errand, const lia_command_row *row, const ProtobufCMessage *request)
{
    lia_call *call = errand->call;
    size_t size = protobuf_c_message_get_packed_size(request);
    uint8_t *bytes = lia_arena_take(call->arena, size + 1);
    lia_err err = bytes ? LIA_OK : LIA_EFULL;
    if (!err) {
        protobuf_c_message_pack(request, bytes);
        errand->command = (lia_command){.type = LIA_COMMAND_VERB,
                                        .kind = lia_kind_find(row->kind),
                                        .row = row,
                                        .request = lia_span_make(bytes, size),
                                        .actor = lia_call_actor_number(call),
                                        .trace = call->trace,
                                        .done = committed,
                                        .context = errand};
        if (errand->claimed) lia_call_claim(call, &errand->command);
        err = lia_node_submit(call->api->node, &errand->command);
    }
    if (err)
        lia_call_fail(call, err, NULL);
    else
        call->api->at_work++;
}

void lia_errand_answer_empty(lia_errand *errand)
{
    lia_http_reply(errand->call->request, 204, NULL, NULL, 0, LIA_SPAN_NONE);
}

void lia_errand_take_away(lia_call *call, lia_err err, const char *absent,
                          const lia_command_row *row, const ProtobufCMessage *request)
{
    lia_why why = {{0}};
    lia_errand *errand = lia_arena_zero(call->arena, sizeof *errand);
    if (!err && !errand) err = LIA_EFULL;
    if (err == LIA_EABSENT) lia_why_set(&why, err, "%s", absent);
    if (err) {
        lia_call_fail(call, err, &why);
        return;
    }
    *errand = (lia_errand){.call = call, .then = lia_errand_answer_empty};
    lia_errand_go(errand, row, request);
}

lia_problem lia_entry_problem(unsigned status, const char *code, const char *detail)
{
    return (lia_problem){.status = status,
                         .type = "sign-in-failed",
                         .title = "this did not sign anybody in",
                         .detail = detail,
                         .code = code};
}

/* ---- passes ---------------------------------------------------------------------------------- */

void lia_issue_go(lia_issue *issue, lia_call *call, const Access__GivePass *what,
                  void (*then)(lia_errand *errand))
{
    Access__GivePass give = *what;
    lia_pass_make(issue->text);
    issue->pass = lia_pass_id(lia_span_text(issue->text));
    issue->expires.ms = give.expires_at;
    give.has_pass = give.has_user = true;
    give.pass = (ProtobufCBinaryData){sizeof issue->pass, issue->pass.bytes};
    give.user = (ProtobufCBinaryData){sizeof issue->user, issue->user.bytes};
    issue->errand =
        (lia_errand){.call = call, .then = then, .context = issue, .claimed = issue->claimed};
    lia_errand_go(&issue->errand, lia_give_pass, &give.base);
}

/* What the browser calls itself, as far as it is plain text. */
static char *agent_of(lia_call *call)
{
    lia_span agent;
    if (!lia_http_get_header(call->request, "user-agent", &agent)) return NULL;
    char *text = lia_arena_take(call->arena, AGENT_MAX + 1);
    size_t size = 0;
    for (size_t i = 0; text && i < agent.size && size < AGENT_MAX; i++)
        if (agent.data[i] >= ' ' && agent.data[i] < 0x7f) text[size++] = (char)agent.data[i];
    if (text) text[size] = 0;
    return text;
}

static char *text_of_peer(lia_call *call)
{
    return (char *)(uintptr_t)lia_arena_copy(call->arena, lia_call_peer(call)).data;
}

typedef struct beginning {
    lia_issue issue;
    const lia_entrance *entrance;
} beginning;

/* A browser that came back from somewhere else: it goes on with a page. */
static void answer_browser(const beginning *begun)
{
    lia_call *call = begun->issue.errand.call;
    char cookie[LIA_COOKIE_SIZE], ended[LIA_PENDING_COOKIE];
    lia_call_print_cookie(call, begun->issue.text, LIA_SESSION_MS, cookie);
    lia_call_pending_cookie(call, "", ended);
    const lia_http_header headers[] = {{"Location", begun->entrance->back},
                                       {"Set-Cookie", cookie},
                                       {"Set-Cookie", ended},
                                       {"Cache-Control", "no-store"},
                                       {"Referrer-Policy", "no-referrer"}};
    lia_http_reply(call->request, 303, NULL, headers, LIA_COUNT(headers), LIA_SPAN_NONE);
}

static void answer_begun(lia_errand *errand)
{
    beginning *begun = errand->context;
    lia_call *call = errand->call;
    char cookie[LIA_COOKIE_SIZE];
    lia_call_note_entry(call, LIA_AUDIT_SIGNED_IN, begun->issue.user, begun->entrance->provider,
                        begun->entrance->way);
    if (begun->entrance->back) {
        answer_browser(begun);
        return;
    }
    lia_http_header headers[2] = {{"Cache-Control", "no-store"}};
    size_t count = 1;
    lia_buf out = lia_buf_make(call->arena);
    lia_buf_text(&out, "{\"user\":");
    lia_json_put_id(&out, begun->issue.user);
    lia_buf_text(&out, ",\"expires_at\":");
    lia_json_put_time(&out, begun->issue.expires);
    if (begun->entrance->as_token) {
        lia_buf_format(&out, ",\"token\":\"%s\"", begun->issue.text);
    } else {
        lia_call_print_cookie(call, begun->issue.text, LIA_SESSION_MS, cookie);
        headers[count++] = (lia_http_header){"Set-Cookie", cookie};
    }
    lia_buf_byte(&out, '}');
    lia_call_answer(call, 201, headers, count, &out);
}

void lia_session_begin(lia_call *call, const lia_entrance *entrance)
{
    beginning *begun = lia_arena_zero(call->arena, sizeof *begun);
    Access__GivePass what = ACCESS__GIVE_PASS__INIT;
    if (!begun) {
        lia_call_fail(call, LIA_EFULL, NULL);
        return;
    }
    begun->entrance = entrance;
    begun->issue.user = entrance->user;
    what.name = agent_of(call);
    what.address = text_of_peer(call);
    if (!lia_id_is_none(entrance->provider)) {
        what.has_provider = true;
        what.provider = (ProtobufCBinaryData){sizeof entrance->provider,
                                              (uint8_t *)(uintptr_t)entrance->provider.bytes};
    }
    what.has_type = what.has_expires_at = true;
    what.type = ACCESS__PASS_TYPE__PASS_TYPE_SESSION;
    what.expires_at = lia_time_now().ms + LIA_SESSION_MS;
    lia_issue_go(&begun->issue, call, &what, answer_begun);
}

/* ---- who am I -------------------------------------------------------------------------------- */

static const char *const scope_names[] = {"none", "own", "team", "subtree", "all"};
static const char *const action_names[LIA_ACTIONS] = {
    [LIA_ACTION_READ] = "read",     [LIA_ACTION_CREATE] = "create",
    [LIA_ACTION_CHANGE] = "change", [LIA_ACTION_ARCHIVE] = "archive",
    [LIA_ACTION_EXPORT] = "export",
};

/* "rights":{"deal":{"read":"team","create":"own",...}}: kinds that may be read. */
static void put_rights(lia_buf *out, const lia_principal *who)
{
    size_t count;
    bool more = false;
    const lia_kind *kinds = lia_kinds(&count);
    lia_buf_text(out, ",\"rights\":{");
    for (size_t i = 0; i < count; i++) {
        if (!lia_rights_kind(lia_principal_rights(who), kinds[i].number)) continue;
        lia_buf_format(out, "%s\"%s\":{", more ? "," : "", kinds[i].name);
        more = true;
        for (int action = 0; action < LIA_ACTIONS; action++)
            lia_buf_format(out, "%s\"%s\":\"%s\"", action ? "," : "", action_names[action],
                           scope_names[lia_rights_scope(lia_principal_rights(who),
                                                        (lia_action)action, &kinds[i])]);
        lia_buf_byte(out, '}');
    }
    lia_buf_byte(out, '}');
}

/* The name of the role that an administrator looks as. */
static lia_err put_role(lia_buf *out, const lia_call *call, const lia_rows *rows)
{
    ProtobufCMessage *message;
    lia_err err = lia_record_read(rows, LIA_ROLE, call->login->user, call->arena, &message);
    if (err || !message) return err ? err : LIA_EABSENT;
    const char *name = ((const Access__Role *)message)->name;
    lia_buf_text(out, "{\"id\":");
    lia_json_put_id(out, call->login->user);
    lia_buf_text(out, ",\"name\":");
    lia_json_put_text(out, lia_span_text(name ? name : ""));
    lia_buf_byte(out, '}');
    return LIA_OK;
}

static lia_err put_user(lia_buf *out, const lia_call *call)
{
    lia_rows rows;
    ProtobufCMessage *message = NULL;
    const Access__Credential *credential = NULL;
    lia_err err = lia_node_read(call->api->node, &rows);
    if (err) return err;
    err = lia_record_read(&rows, LIA_USER, call->login->user, call->arena, &message);
    if (!err) err = lia_credential_read(&rows, call->login->user, call->arena, &credential);
    bool is_role = !err && !message && call->login->viewer;
    if (is_role) err = put_role(out, call, &rows);
    lia_node_read_end(call->api->node, &rows);
    if (is_role) return err;
    if (err || !message) return err ? err : LIA_EABSENT;
    const Crm__User *user = (const Crm__User *)message;
    lia_buf_text(out, "{\"id\":");
    lia_json_put_id(out, call->login->user);
    lia_buf_text(out, ",\"name\":");
    lia_json_put_text(out, lia_span_text(user->name ? user->name : ""));
    lia_buf_text(out, ",\"email\":");
    lia_json_put_text(out, lia_span_text(user->email ? user->email : ""));
    lia_buf_format(out, ",\"second_factor\":%s}",
                   credential && credential->second_factor_on ? "true" : "false");
    return LIA_OK;
}

void lia_api_session(lia_call *call)
{
    lia_err err = LIA_OK;
    lia_buf out = lia_buf_make(call->arena);
    if (!call->who) {
        lia_gate_refuse(call->api->gate, call);
        return;
    }
    lia_buf_text(&out, "{\"user\":");
    if (call->login)
        err = put_user(&out, call);
    else
        lia_buf_text(&out, "null");
    if (call->login) {
        lia_buf_text(&out, ",\"expires_at\":");
        lia_json_put_time(&out, call->login->expires);
    }
    if (call->login && call->login->viewer) {
        lia_buf_text(&out, ",\"viewer\":");
        lia_json_put_id(&out, call->login->viewer->user);
    }
    lia_buf_format(&out, ",\"administrator\":%s",
                   lia_principal_rights(call->who)->administrator ? "true" : "false");
    put_rights(&out, call->who);
    lia_buf_byte(&out, '}');
    if (err)
        lia_call_fail(call, err, NULL);
    else
        lia_call_json(call, &out);
}

/* ---- signing out ----------------------------------------------------------------------------- */

static void answer_gone(lia_errand *errand)
{
    lia_call *call = errand->call;
    char cookie[LIA_COOKIE_SIZE], way[LIA_END_SESSION_SIZE];
    lia_call_print_cookie(call, "", 0, cookie);
    const lia_http_header headers[] = {{"Set-Cookie", cookie}, {"Cache-Control", "no-store"}};
    lia_call_note_entry(call, LIA_AUDIT_SIGNED_OUT, call->login->user, call->login->provider, NULL);
    if (!lia_call_end_session(call, call->login->provider, way)) {
        lia_http_reply(call->request, 204, NULL, headers, LIA_COUNT(headers), LIA_SPAN_NONE);
        return;
    }
    lia_buf out = lia_buf_make(call->arena);
    lia_buf_text(&out, "{\"end_session\":");
    lia_json_put_text(&out, lia_span_text(way));
    lia_buf_byte(&out, '}');
    lia_call_answer(call, 200, headers, LIA_COUNT(headers), &out);
}

void lia_api_sign_out(lia_call *call)
{
    lia_errand *errand = lia_arena_zero(call->arena, sizeof *errand);
    if (!call->login || !errand) {
        if (call->login)
            lia_call_fail(call, LIA_EFULL, NULL);
        else
            lia_gate_refuse(call->api->gate, call);
        return;
    }
    Access__RevokePass revoke = ACCESS__REVOKE_PASS__INIT;
    lia_id pass = call->login->pass;
    revoke.has_pass = true;
    revoke.pass = (ProtobufCBinaryData){sizeof pass, pass.bytes};
    *errand = (lia_errand){.call = call, .then = answer_gone};
    lia_errand_go(errand, lia_revoke_pass, &revoke.base);
}
