/* SPDX-License-Identifier: Apache-2.0 */
/* GET  /session/providers/{id}/callback   where the provider sends the browser back to
 * POST /session:confirm {"code"}          the second factor, where the account has one here
 *
 *     answer --state, once--> code --party--> who it is --writer--> user --> session
 *                                                             or --> a cookie that waits for a code
 */
#include "common/http/api_oidc.h"

#include <stdio.h>

#include "common/base/log.h"

typedef struct returning {
    lia_call *call;
    lia_pending pending;
    const Access__Provider *provider;
    lia_party_job job;
    lia_errand errand;
    lia_entrance entrance;
} returning;

static void say_no(const returning *r, unsigned status, const char *code, const char *detail)
{
    const lia_oidc_no no = {status, code, detail, r->pending.provider, r->pending.user};
    lia_call_no_entry(r->call, &no);
}

/* ---- a second factor ------------------------------------------------------------------------- */

/* The page asks for the code: it finds the way on behind '='. */
static void ask_for_code(returning *r)
{
    char text[LIA_PENDING_TEXT], cookie[LIA_PENDING_COOKIE];
    char way[LIA_PENDING_BACK + sizeof "/#second-factor="];
    r->pending.began = lia_time_now();
    lia_pending_print(&r->call->api->oidc->seal, &r->pending, text);
    lia_call_pending_cookie(r->call, text, cookie);
    snprintf(way, sizeof way, "/#second-factor=%s", r->pending.back);
    const lia_http_header headers[] = {{"Location", way},
                                       {"Set-Cookie", cookie},
                                       {"Cache-Control", "no-store"},
                                       {"Referrer-Policy", "no-referrer"}};
    lia_http_reply(r->call->request, 303, NULL, headers, LIA_COUNT(headers), LIA_SPAN_NONE);
}

static lia_err read_credential(lia_call *call, lia_id user, const Access__Credential **out)
{
    lia_rows rows;
    lia_err err = lia_node_read(call->api->node, &rows);
    if (err) return err;
    err = lia_credential_read(&rows, user, call->arena, out);
    lia_node_read_end(call->api->node, &rows);
    return err;
}

static void code_counted(lia_errand *errand)
{
    returning *r = errand->context;
    r->entrance =
        (lia_entrance){.user = r->pending.user, .provider = r->pending.provider, .way = "provider"};
    lia_session_begin(r->call, &r->entrance);
}

void lia_api_confirm(lia_call *call)
{
    const Access__Credential *credential;
    uint8_t hash[LIA_DIGEST_SIZE];
    Access__ChangeCredential change = ACCESS__CHANGE_CREDENTIAL__INIT;
    returning *r = lia_arena_zero(call->arena, sizeof *r);
    Access__ConfirmSignIn *ask =
        r ? lia_call_read(call, &access__confirm_sign_in__descriptor) : NULL;
    if (!r) lia_call_fail(call, LIA_EFULL, NULL);
    if (!ask || !lia_call_may_try(call)) return;
    r->call = call;
    if (lia_call_pending(call, &r->pending) || lia_id_is_none(r->pending.user)) {
        say_no(r, 401, "nobody-came-back", "No sign-in waits for a code in this browser.");
        return;
    }
    lia_err err = read_credential(call, r->pending.user, &credential);
    if (err || !credential) {
        lia_call_fail(call, err ? err : LIA_EDENIED, NULL);
        return;
    }
    if (!lia_code_use(credential, r->pending.user, ask->code, &change, hash)) {
        const lia_problem problem = lia_entry_problem(
            401, "second-factor", "code: this is not the code of the moment, or it was used");
        lia_call_failed_try(call);
        lia_call_note_entry(call, LIA_AUDIT_NOT_SIGNED_IN, r->pending.user, r->pending.provider,
                            "second-factor");
        lia_call_problem(call, &problem); /* the sign-in goes on waiting */
        return;
    }
    r->errand = (lia_errand){.call = call, .then = code_counted, .context = r};
    lia_errand_go(&r->errand, lia_change_credential, &change.base);
}

/* ---- who it is ------------------------------------------------------------------------------- */

static void entered(lia_errand *errand)
{
    returning *r = errand->context;
    const Access__Credential *credential;
    r->pending.user = errand->command.record;
    lia_err err = read_credential(r->call, r->pending.user, &credential);
    if (err) {
        lia_call_fail(r->call, err, NULL);
        return;
    }
    if (credential && credential->second_factor_on && !r->provider->second_factor) {
        ask_for_code(r);
        return;
    }
    lia_throttle_clear(&r->call->api->throttle, lia_call_peer(r->call));
    r->entrance = (lia_entrance){.user = r->pending.user,
                                 .provider = r->pending.provider,
                                 .way = "provider",
                                 .back = *r->pending.back ? r->pending.back : "/"};
    lia_session_begin(r->call, &r->entrance);
}

static void not_entered(lia_errand *errand)
{
    returning *r = errand->context;
    const lia_command *command = &errand->command;
    if (command->refusal)
        say_no(r, 403, command->refusal->code, command->refusal->text);
    else
        lia_call_fail(r->call, command->err, &command->why);
}

static void enter(returning *r)
{
    Access__Enter ask = ACCESS__ENTER__INIT;
    const lia_oidc_person *person = &r->job.person;
    ask.has_provider = true;
    ask.provider = lia_id_bytes(&r->pending.provider);
    ask.issuer = r->provider->issuer;
    ask.client_id = r->provider->client_id;
    ask.subject = person->subject;
    ask.email = person->email_verified ? person->email : NULL;
    ask.name = *person->name ? person->name : NULL;
    r->errand = (lia_errand){.call = r->call, .then = entered, .failed = not_entered, .context = r};
    lia_errand_go(&r->errand, lia_enter, &ask.base);
}

static void redeemed(lia_party_job *job)
{
    returning *r = job->context;
    lia_api *api = r->call->api;
    if (!job->err) {
        enter(r);
    } else {
        bool denied = job->err == LIA_EDENIED;
        char id[LIA_ID_TEXT_SIZE];
        lia_id_print(r->pending.provider, id);
        LIA_LOG(WARN, "provider.failed", LIA_TEXT("provider", id), LIA_ERR(job->err),
                LIA_TEXT("why", job->why.text));
        if (denied || job->err == LIA_EINVAL) lia_call_failed_try(r->call);
        say_no(r, denied ? 403 : 502, denied ? "not-believed" : "provider-fails", job->why.text);
    }
    lia_api_worked(api);
}

/* ---- what comes back ------------------------------------------------------------------------- */

static char *text_of(const lia_call *call, lia_span text)
{
    lia_span copy = lia_arena_copy(call->arena, text);
    bool whole = copy.data && !memchr(copy.data, 0, copy.size);
    return whole ? (char *)(uintptr_t)copy.data : NULL;
}

/* Only words of RFC 6749 and OpenID Connect are repeated: the others anybody may have written. */
static const char *why_refused(lia_span error)
{
    static const struct {
        const char *word, *sentence;
    } known[] = {
        {"access_denied",
         "The provider does not let you in, or you did not want it to tell who you are."},
        {"login_required", "The provider wants you to sign in there first."},
        {"interaction_required", "The provider wants something of you first: sign in there."},
        {"consent_required", "You have not allowed the provider to tell who you are."},
        {"server_error", "The provider has an error of its own: try again later."},
        {"temporarily_unavailable", "The provider is too busy at this moment: try again later."},
        {"unauthorized_client",
         "The provider does not know this client: an administrator has to look."},
        {"invalid_request",
         "The provider does not understand our question: an administrator has to look."},
        {"invalid_scope", "The provider does not tell e-mails: an administrator has to look."},
        {"unsupported_response_type", "The provider gives no codes: an administrator has to look."},
    };
    for (size_t i = 0; i < LIA_COUNT(known); i++)
        if (lia_span_is(error, known[i].word)) return known[i].sentence;
    return "The provider says no, in words of its own.";
}

/* Whether it answers what this browser asked, for the first time. */
static bool is_our_answer(returning *r, lia_id provider, lia_span state)
{
    lia_pending *pending = &r->pending;
    if (lia_call_pending(r->call, pending) || !lia_id_is_none(pending->user)) {
        *pending = (lia_pending){.provider = provider};
        say_no(r, 400, "none-under-way",
               "No sign-in is under way in this browser, or it began too long ago: begin again, at "
               "the address that your administrator gave you.");
        return false;
    }
    bool same = state.size == LIA_PENDING_WORD - 1 && lia_id_equal(provider, pending->provider) &&
                lia_secret_equal(state.data, pending->state, state.size);
    if (!same || !lia_once_take(&r->call->api->oidc->once, pending->state)) {
        say_no(r, 400, same ? "used" : "other-sign-in",
               same ? "This sign-in has ended: begin again."
                    : "This answer is not of the sign-in that is under way in this browser: begin "
                      "again.");
        return false;
    }
    return true;
}

void lia_oidc_return(lia_call *call, lia_id provider)
{
    lia_span state, code, error, issuer;
    char *redirect = lia_arena_take(call->arena, LIA_REDIRECT_SIZE);
    returning *r = redirect ? lia_arena_zero(call->arena, sizeof *r) : NULL;
    if (!r) {
        lia_call_fail(call, LIA_EFULL, NULL);
        return;
    }
    r->call = call;
    if (!lia_call_param(call, "state", &state) || !lia_call_param(call, "code", &code) ||
        !lia_call_param(call, "error", &error) || !lia_call_param(call, "iss", &issuer) ||
        !lia_call_may_try(call) || !is_our_answer(r, provider, state) ||
        !lia_call_provider(call, provider, &r->provider, &r->job.secret))
        return;
    char *code_text = code.size ? text_of(call, code) : NULL;
    if (error.size || !code_text) {
        say_no(r, 403, "provider-refuses",
               error.size ? why_refused(error) : "The provider sent you back without an answer.");
        return;
    }
    lia_call_redirect(call, provider, redirect);
    r->job.issuer = r->provider->issuer;
    r->job.client_id = r->provider->client_id;
    r->job.code = code_text;
    r->job.verifier = r->pending.verifier;
    r->job.nonce = r->pending.nonce;
    r->job.redirect = redirect;
    r->job.said_issuer = issuer.size ? text_of(call, issuer) : NULL;
    r->job.done = redeemed;
    r->job.context = r;
    lia_err err = lia_party_ask(call->api->oidc->party, &r->job);
    if (err)
        lia_call_fail(call, err, NULL);
    else
        call->api->at_work++;
}

/* ---- paths ----------------------------------------------------------------------------------- */

/* {id} or {id}/callback */
void lia_api_provider(lia_call *call)
{
    lia_id provider;
    lia_why why;
    lia_span rest = call->rest;
    lia_span id = lia_api_take(&rest, '/');
    bool whole = id.size == call->rest.size, back = !whole && lia_span_is(rest, "callback");
    if (lia_id_parse(id, &provider) || !(whole || back)) {
        lia_why_set(&why, LIA_EABSENT, "nobody signs in by such a provider here");
        lia_call_fail(call, LIA_EABSENT, &why);
    } else if (back) {
        lia_oidc_return(call, provider);
    } else {
        lia_oidc_leave(call, provider);
    }
}
