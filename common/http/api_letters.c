/* SPDX-License-Identifier: Apache-2.0 */
/* POST /users/{id}:invite        {"mail"}: a link by which its user sets a password, told or sent;
 * for administrators POST /session:forgotPassword   {"email"}: sends such a link, if there is such
 * an account
 *
 * Whether there is such an account shows in nothing: the answer goes out before anything is
 * written. */
#include <stdlib.h>

#include "common/access/local.h"
#include "common/collab/letter.h"
#include "common/http/api_signin.h"
#include "proto/collab.pb-c.h"

#define LINK_MAX 512

/* "https://crm.example.com/#link=lia_..." */
static void print_link(const lia_api *api, const char *secret, char out[LINK_MAX])
{
    const char *url = api->door.url;
    snprintf(out, LINK_MAX, "%s%s/#link=%s", url ? "" : "http://", url ? url : api->member->http,
             secret);
}

/* ---- invitations ----------------------------------------------------------------------------- */

static void put_expiry(lia_buf *out, lia_time expires)
{
    lia_buf_text(out, "\"expires_at\":");
    lia_json_put_time(out, expires);
    lia_buf_byte(out, '}');
}

static void link_given(lia_errand *errand)
{
    static const lia_http_header no_store = {"Cache-Control", "no-store"};
    lia_issue *issue = errand->context;
    lia_buf out = lia_buf_make(errand->call->arena);
    lia_buf_format(&out, "{\"secret\":\"%s\",\"path\":\"/#link=%s\",", issue->text, issue->text);
    put_expiry(&out, issue->expires);
    lia_call_answer(errand->call, 201, &no_store, 1, &out);
}

static void link_queued(lia_errand *errand)
{
    lia_issue *issue = errand->context;
    lia_buf out = lia_buf_make(errand->call->arena);
    lia_buf_byte(&out, '{');
    put_expiry(&out, issue->expires);
    lia_call_answer(errand->call, 202, NULL, 0, &out);
}

static void tell_link(lia_issue *issue, lia_call *call)
{
    Access__GivePass what = ACCESS__GIVE_PASS__INIT;
    what.has_type = what.has_expires_at = true;
    what.type = ACCESS__PASS_TYPE__PASS_TYPE_LINK;
    what.expires_at = issue->expires.ms;
    issue->claimed = true;
    lia_issue_go(issue, call, &what, link_given);
}

static void mail_link(lia_issue *issue, lia_call *call)
{
    char link[LINK_MAX];
    Collab__SendLink ask = COLLAB__SEND_LINK__INIT;
    lia_pass_make(issue->text);
    issue->pass = lia_pass_id(lia_span_text(issue->text));
    print_link(call->api, issue->text, link);
    LIA_SET_ID(&ask, pass, &issue->pass);
    LIA_SET_ID(&ask, user, &issue->user);
    LIA_SET(&ask, expires_at, issue->expires.ms);
    ask.link = link;
    issue->errand =
        (lia_errand){.call = call, .then = link_queued, .context = issue, .claimed = true};
    lia_errand_go(&issue->errand, lia_send_link, &ask.base);
}

void lia_api_invite(lia_call *call)
{
    lia_issue *issue = lia_arena_zero(call->arena, sizeof *issue);
    const Access__Invite *ask = issue ? lia_call_read(call, &access__invite__descriptor) : NULL;
    if (!issue) lia_call_fail(call, LIA_EFULL, NULL);
    if (!ask) return;
    issue->user = call->id;
    issue->expires.ms = lia_time_now().ms + LIA_LINK_MS;
    if (ask->mail)
        mail_link(issue, call);
    else
        tell_link(issue, call);
}

/* ---- forgotten passwords --------------------------------------------------------------------- */

/* Outlives its request. */
typedef struct forgotten {
    lia_api *api;
    lia_command command;
    char secret[LIA_PASS_TEXT_SIZE], link[LINK_MAX];
    uint8_t bytes[LINK_MAX + 128];
} forgotten;

static void forgotten_sent(lia_command *command, void *context)
{
    forgotten *f = context;
    (void)command;
    lia_api_worked(f->api);
    free(f);
}

static void send_link(lia_api *api, lia_id user)
{
    forgotten *f = calloc(1, sizeof *f);
    if (!f) return; /* they will ask again */
    Collab__SendLink ask = COLLAB__SEND_LINK__INIT;
    f->api = api;
    lia_pass_make(f->secret);
    lia_id pass = lia_pass_id(lia_span_text(f->secret));
    print_link(api, f->secret, f->link);
    LIA_SET_ID(&ask, pass, &pass);
    LIA_SET_ID(&ask, user, &user);
    LIA_SET(&ask, expires_at, lia_time_now().ms + LIA_LINK_MS);
    LIA_SET(&ask, forgotten, true);
    ask.link = f->link;
    size_t size = collab__send_link__get_packed_size(&ask);
    if (size <= sizeof f->bytes) {
        collab__send_link__pack(&ask, f->bytes);
        f->command = (lia_command){.type = LIA_COMMAND_VERB,
                                   .kind = lia_kind_find(lia_send_link->kind),
                                   .row = lia_send_link,
                                   .request = lia_span_make(f->bytes, size),
                                   .done = forgotten_sent,
                                   .context = f};
        if (lia_node_submit(api->node, &f->command) == LIA_OK) {
            api->at_work++;
            return;
        }
    }
    free(f);
}

/* As often as failed sign-ins, so that nobody's mailbox is filled. */
static bool may_ask(lia_call *call, lia_span email)
{
    lia_throttle *throttle = &call->api->forgotten;
    int64_t now = lia_time_ticks_ms();
    int64_t wait = lia_throttle_wait(throttle, email, now);
    int64_t other = lia_throttle_wait(throttle, lia_call_peer(call), now);
    if (wait < other) wait = other;
    lia_throttle_failed(throttle, email, now);
    lia_throttle_failed(throttle, lia_call_peer(call), now);
    return !wait;
}

/* Whoever may choose no password here (local.h) is sent no link for one. */
static lia_id find_local(const lia_rows *rows, lia_span email, lia_arena *arena)
{
    lia_id user;
    lia_local local;
    const Access__Credential *credential;
    if (lia_user_by_email(rows, email, arena, &user) || lia_id_is_none(user)) return LIA_ID_NONE;
    if (lia_local_read(rows, user, arena, &local) ||
        lia_credential_read(rows, user, arena, &credential))
        return LIA_ID_NONE;
    return lia_local_may_choose(&local, lia_local_said_ms(credential)) ? user : LIA_ID_NONE;
}

void lia_api_forgot_password(lia_call *call)
{
    lia_rows rows;
    lia_id user = LIA_ID_NONE;
    lia_api *api = call->api;
    const Access__ForgotPassword *ask = lia_call_read(call, &access__forgot_password__descriptor);
    if (!ask) return;
    lia_span email = lia_span_text(ask->email);
    bool may = may_ask(call, email);
    if (may && lia_node_read(api->node, &rows) == LIA_OK) {
        user = find_local(&rows, email, call->arena);
        lia_node_read_end(api->node, &rows);
    }
    lia_buf out = lia_buf_make(call->arena);
    lia_buf_text(&out, "{\"notice\":\"if there is such an account, a mail is on its way to it\"}");
    lia_call_answer(call, 202, NULL, 0, &out);
    if (!lia_id_is_none(user)) send_link(api, user);
}
