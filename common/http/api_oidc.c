/* SPDX-License-Identifier: Apache-2.0 */
/* GET /session/providers                    by whom one may sign in; for everybody
 * GET /session/providers/{id}?back=/path    to the provider (api_oidc_back.c: and back)
 *
 * The browser keeps what we want to know again when it returns, sealed (pending.h), in a cookie
 * that comes along when it is sent here by another site: SameSite=Lax. */
#include "common/http/api_oidc.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/http/api_directory.h"
#include "common/http/html.h"
#include "common/http/parser.h"
#include "common/oidc/fetch.h"

#define GO_SIZE   4096
#define SITE_SIZE 300

/* ---- what all steps share -------------------------------------------------------------------- */

static char *site_of(const lia_call *call, char out[SITE_SIZE])
{
    const char *url = call->api->door.url;
    const char *scheme = lia_http_is_secure(call->request) ? "https://" : "http://";
    snprintf(out, SITE_SIZE - 1, "%s%s", url ? "" : scheme, url ? url : call->api->member->http);
    return out;
}

void lia_call_redirect(const lia_call *call, lia_id provider, char out[LIA_REDIRECT_SIZE])
{
    char site[SITE_SIZE], id[LIA_ID_TEXT_SIZE];
    lia_id_print(provider, id);
    snprintf(out, LIA_REDIRECT_SIZE, "%s/api/v1/session/providers/%s/callback", site_of(call, site),
             id);
}

static const char *cookie_name(const lia_call *call)
{
    return lia_http_is_secure(call->request) ? "__Host-liaison-entering" : "liaison-entering";
}

void lia_call_pending_cookie(const lia_call *call, const char *text, char out[LIA_PENDING_COOKIE])
{
    snprintf(out, LIA_PENDING_COOKIE, "%s=%s; Path=/; Max-Age=%d; HttpOnly; SameSite=Lax%s",
             cookie_name(call), text, *text ? LIA_PENDING_MS / 1000 : 0,
             lia_http_is_secure(call->request) ? "; Secure" : "");
}

lia_err lia_call_pending(const lia_call *call, lia_pending *out)
{
    lia_span text;
    if (!call->api->oidc || !lia_call_cookie(call, cookie_name(call), &text)) return LIA_EDENIED;
    return lia_pending_parse(&call->api->oidc->seal, text, lia_time_now(), out);
}

bool lia_call_may_try(lia_call *call)
{
    int64_t wait =
        lia_throttle_wait(&call->api->throttle, lia_call_peer(call), lia_time_ticks_ms());
    return lia_call_waited(call, wait, "too many attempts to sign in failed");
}

void lia_call_failed_try(lia_call *call)
{
    lia_throttle_failed(&call->api->throttle, lia_call_peer(call), lia_time_ticks_ms());
}

/* ---- saying no ------------------------------------------------------------------------------- */

static bool is_for_people(const lia_call *call)
{
    static const char wanted[] = "text/html";
    lia_span accept;
    if (!lia_http_get_header(call->request, "accept", &accept)) return false;
    return memmem(accept.data, accept.size, wanted, sizeof wanted - 1) != NULL;
}

static void put_page(lia_buf *out, const lia_oidc_no *no)
{
    lia_buf_text(out, "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
                      "<meta name=\"viewport\" content=\"width=device-width\">\n"
                      "<title>Liaison: not signed in</title>\n"
                      "<style>body{font:16px/1.5 system-ui,sans-serif;margin:3rem auto;"
                      "max-width:36rem;padding:0 1rem}</style>\n<h1>Not signed in</h1>\n<p>");
    lia_html_put_text(out, lia_span_text(no->detail));
    lia_buf_text(out, "</p>\n<p><a href=\"/\">Back to signing in</a></p>\n<p><small>");
    lia_html_put_text(out, lia_span_text(no->code));
    lia_buf_text(out, "</small></p>\n</html>\n");
}

void lia_call_no_entry(lia_call *call, const lia_oidc_no *no)
{
    char cookie[LIA_PENDING_COOKIE];
    lia_call_pending_cookie(call, "", cookie);
    const lia_http_header headers[] = {
        {"Set-Cookie", cookie},
        {"Cache-Control", "no-store"},
        {"Referrer-Policy", "no-referrer"},
        {"Content-Security-Policy",
         "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"}};
    const lia_problem problem = lia_entry_problem(no->status, no->code, no->detail);
    lia_buf out = lia_buf_make(call->arena);
    bool is_page = is_for_people(call);
    lia_call_note_entry(call, LIA_AUDIT_NOT_SIGNED_IN, no->user, no->provider, no->code);
    if (is_page)
        put_page(&out, no);
    else
        lia_problem_put(&out, &problem);
    if (out.failed)
        lia_call_fail(call, LIA_EFULL, NULL);
    else
        lia_http_reply(call->request, no->status,
                       is_page ? "text/html; charset=utf-8" : "application/problem+json", headers,
                       LIA_COUNT(headers), lia_buf_get(&out));
}

bool lia_call_provider(lia_call *call, lia_id id, const Access__Provider **out, const char **secret)
{
    lia_rows rows;
    lia_why why;
    *secret = NULL;
    lia_err err = call->api->oidc ? lia_node_read(call->api->node, &rows) : LIA_EABSENT;
    if (!err) {
        err = lia_provider_read(&rows, id, call->arena, out);
        if (!err) err = lia_provider_secret(&rows, id, call->arena, secret);
        lia_node_read_end(call->api->node, &rows);
    }
    if (err == LIA_EABSENT) {
        lia_why_set(&why, err, "nobody signs in by such a provider here");
        lia_call_fail(call, err, &why);
    } else if (err) {
        lia_call_fail(call, err, NULL);
    }
    return !err;
}

/* ---- by whom --------------------------------------------------------------------------------- */

static void put_provider(lia_buf *out, const lia_provider_found *found)
{
    char id[LIA_ID_TEXT_SIZE];
    lia_id_print(found->id, id);
    lia_buf_format(out, "{\"id\":\"%s\",\"name\":", id);
    lia_json_put_text(out, lia_span_text(found->provider->name ? found->provider->name : ""));
    lia_buf_format(out, ",\"start\":\"/api/v1/session/providers/%s\"}", id);
}

void lia_api_providers(lia_call *call)
{
    lia_rows rows;
    size_t count = 0;
    lia_provider_found *found = lia_arena_take(call->arena, LIA_PROVIDERS_MAX * sizeof *found);
    lia_err err = found ? LIA_OK : LIA_EFULL;
    if (!err && call->api->oidc) {
        err = lia_node_read(call->api->node, &rows);
        if (!err) {
            err = lia_providers_list(&rows, call->arena, found, &count);
            lia_node_read_end(call->api->node, &rows);
        }
    }
    if (err) {
        lia_call_fail(call, err, NULL);
        return;
    }
    lia_buf out = lia_buf_make(call->arena);
    lia_buf_text(&out, "{\"providers\":[");
    for (size_t i = 0; i < count; i++) {
        if (i) lia_buf_byte(&out, ',');
        put_provider(&out, &found[i]);
    }
    lia_buf_byte(&out, ']');
    if (call->api->directory) {
        lia_buf_text(&out, ",\"directory\":{\"title\":");
        lia_json_put_text(&out, lia_span_text(lia_directory_title(call->api)));
        lia_buf_byte(&out, '}');
    }
    lia_buf_byte(&out, '}');
    lia_call_json(call, &out);
}

/* ---- away ------------------------------------------------------------------------------------ */

typedef struct leaving {
    lia_call *call;
    lia_pending pending;
    lia_party_job job;
} leaving;

static bool print_way(const leaving *l, char out[GO_SIZE])
{
    char redirect[LIA_REDIRECT_SIZE], challenge[LIA_PENDING_WORD];
    lia_call_redirect(l->call, l->pending.provider, redirect);
    lia_pending_challenge(&l->pending, challenge);
    const char *door = l->job.doors.authorize;
    snprintf(out, GO_SIZE, "%s%s", door, strchr(door, '?') ? "" : "?");
    return *challenge && lia_form_add(out, GO_SIZE, "response_type", "code") &&
           lia_form_add(out, GO_SIZE, "client_id", l->job.client_id) &&
           lia_form_add(out, GO_SIZE, "redirect_uri", redirect) &&
           lia_form_add(out, GO_SIZE, "scope", "openid email profile") &&
           lia_form_add(out, GO_SIZE, "state", l->pending.state) &&
           lia_form_add(out, GO_SIZE, "nonce", l->pending.nonce) &&
           lia_form_add(out, GO_SIZE, "code_challenge", challenge) &&
           lia_form_add(out, GO_SIZE, "code_challenge_method", "S256");
}

static void send_away(leaving *l)
{
    lia_call *call = l->call;
    char way[GO_SIZE], text[LIA_PENDING_TEXT], cookie[LIA_PENDING_COOKIE];
    if (!print_way(l, way)) {
        lia_call_fail(call, LIA_EFULL, NULL);
        return;
    }
    lia_pending_print(&call->api->oidc->seal, &l->pending, text);
    lia_call_pending_cookie(call, text, cookie);
    const lia_http_header headers[] = {{"Location", way},
                                       {"Set-Cookie", cookie},
                                       {"Cache-Control", "no-store"},
                                       {"Referrer-Policy", "no-referrer"}};
    lia_http_reply(call->request, 303, NULL, headers, LIA_COUNT(headers), LIA_SPAN_NONE);
}

static void doors_known(lia_party_job *job)
{
    leaving *l = job->context;
    lia_api *api = l->call->api;
    if (job->err) {
        const lia_oidc_no no = {.status = 502,
                                .code = "provider-fails",
                                .detail = job->why.text,
                                .provider = l->pending.provider};
        lia_call_no_entry(l->call, &no);
    } else {
        send_away(l);
    }
    lia_api_worked(api);
}

static bool read_back(lia_call *call, lia_pending *pending)
{
    lia_span back;
    if (!lia_call_param(call, "back", &back)) return false;
    if (!lia_back_is_ours(back)) {
        lia_call_invalid(call, "back: a path of a page of this site is wanted, as in /#/deals");
        return false;
    }
    memcpy(pending->back, back.data ? (const char *)back.data : "", back.size);
    return true;
}

void lia_oidc_leave(lia_call *call, lia_id provider)
{
    const Access__Provider *of;
    leaving *l = lia_arena_zero(call->arena, sizeof *l);
    if (!l) {
        lia_call_fail(call, LIA_EFULL, NULL);
        return;
    }
    l->call = call;
    lia_pending_begin(&l->pending, provider, lia_time_now());
    if (!read_back(call, &l->pending) || !lia_call_may_try(call) ||
        !lia_call_provider(call, provider, &of, &l->job.secret))
        return;
    l->job.issuer = of->issuer;
    l->job.client_id = of->client_id;
    l->job.done = doors_known;
    l->job.context = l;
    lia_err err = lia_party_ask(call->api->oidc->party, &l->job);
    if (err)
        lia_call_fail(call, err, NULL);
    else
        call->api->at_work++;
}

/* ---- the end of a session -------------------------------------------------------------------- */

/* RP-Initiated Logout 1.0, without a hint: whose session it is the provider asks its own cookie. */
bool lia_call_end_session(const lia_call *call, lia_id provider, char out[LIA_END_SESSION_SIZE])
{
    lia_rows rows;
    char site[SITE_SIZE];
    lia_oidc_doors doors;
    const Access__Provider *of;
    if (!call->api->oidc || lia_id_is_none(provider) || lia_node_read(call->api->node, &rows))
        return false;
    lia_err err = lia_provider_read(&rows, provider, call->arena, &of);
    lia_node_read_end(call->api->node, &rows);
    if (err || !lia_party_knows(call->api->oidc->party, of->issuer, &doors) || !*doors.end_session)
        return false;
    snprintf(out, LIA_END_SESSION_SIZE, "%s%s", doors.end_session,
             strchr(doors.end_session, '?') ? "" : "?");
    strcat(site_of(call, site), "/");
    return lia_form_add(out, LIA_END_SESSION_SIZE, "client_id", of->client_id) &&
           lia_form_add(out, LIA_END_SESSION_SIZE, "post_logout_redirect_uri", site);
}

/* ---- open and close -------------------------------------------------------------------------- */

lia_err lia_api_set_party(lia_api *api, lia_party *party)
{
    api->oidc = calloc(1, sizeof *api->oidc);
    if (!api->oidc) return LIA_EFULL;
    api->oidc->party = party;
    lia_random(&api->oidc->seal, sizeof api->oidc->seal);
    return LIA_OK;
}
