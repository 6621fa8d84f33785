/* SPDX-License-Identifier: Apache-2.0 */
/* The router. A path is split once into its segments; a route is a row of functions by method, so
 * that Allow, 405 and dispatch read the same table. Nothing here allocates but the call itself. */
#include <stdio.h>
#include <stdlib.h>

#include "common/base/assert.h"
#include "common/crm/crm.h"
#include "common/http/api_directory.h"
#include "common/http/api_gate.h"
#include "common/http/api_lookout.h"
#include "common/http/api_trace.h"
#include "common/http/parser.h"

/* Who finds it: whoever may read the records that it is about, unless it says otherwise. */
typedef enum lia_door { FOR_USERS, FOR_ALL, FOR_ADMINISTRATORS } lia_door;

typedef struct lia_route {
    lia_route_fn *on[LIA_HTTP_METHODS];
    lia_door door;
} lia_route;

static const char *const method_names[LIA_HTTP_METHODS] = {
    [LIA_HTTP_GET] = "GET",         [LIA_HTTP_HEAD] = "HEAD",   [LIA_HTTP_POST] = "POST",
    [LIA_HTTP_PUT] = "PUT",         [LIA_HTTP_PATCH] = "PATCH", [LIA_HTTP_DELETE] = "DELETE",
    [LIA_HTTP_OPTIONS] = "OPTIONS",
};

#define GET_FOR(function, who)                                                                     \
    {                                                                                              \
        .on = {[LIA_HTTP_GET] = (function)}, .door = (who)                                         \
    }
#define POST_FOR(function, who)                                                                    \
    {                                                                                              \
        .on = {[LIA_HTTP_POST] = (function)}, .door = (who)                                        \
    }
#define GET_ONLY(function)  GET_FOR(function, FOR_USERS)
#define POST_ONLY(function) POST_FOR(function, FOR_USERS)

/* ---- the tables ------------------------------------------------------------------------------ */

static const struct {
    const char *path;
    lia_route route;
} pages[] = {
    {"/api/v1/session",
     {.on = {[LIA_HTTP_GET] = lia_api_session,
             [LIA_HTTP_POST] = lia_api_sign_in,
             [LIA_HTTP_DELETE] = lia_api_sign_out},
      .door = FOR_ALL}},
    {"/api/v1/setup", POST_FOR(lia_api_setup, FOR_ALL)},
    {"/api/v1/session:forgotPassword", POST_FOR(lia_api_forgot_password, FOR_ALL)},
    {"/api/v1/session/providers", GET_FOR(lia_api_providers, FOR_ALL)},
    {"/api/v1/session:confirm", POST_FOR(lia_api_confirm, FOR_ALL)},
    {"/api/v1/session/identities", GET_ONLY(lia_api_identities)},
    {"/api/v1/session:setPassword", POST_FOR(lia_api_set_password, FOR_ALL)},
    {"/api/v1/session:beginSecondFactor", POST_ONLY(lia_api_begin_factor)},
    {"/api/v1/session:confirmSecondFactor", POST_ONLY(lia_api_confirm_factor)},
    {"/api/v1/session:removeSecondFactor", POST_ONLY(lia_api_remove_factor)},
    {"/api/v1/tokens",
     {.on = {[LIA_HTTP_GET] = lia_api_tokens, [LIA_HTTP_POST] = lia_api_new_token}}},
    {"/api/v1/sessions", GET_ONLY(lia_api_sessions)},
    {"/api/v1/imports",
     {.on = {[LIA_HTTP_GET] = lia_api_imports, [LIA_HTTP_POST] = lia_api_make_import}}},
    {"/api/v1/events", GET_ONLY(lia_api_events)},
    {"/api/v1/status", GET_ONLY(lia_api_status)},
    {"/api/v1/network", GET_ONLY(lia_api_network)},
    {"/api/v1/members",
     {.on = {[LIA_HTTP_GET] = lia_api_members, [LIA_HTTP_POST] = lia_api_take_members},
      .door = FOR_ADMINISTRATORS}},
    {"/api/v1/backups", POST_FOR(lia_api_backup, FOR_ADMINISTRATORS)},
    {"/api/v1/joins", POST_FOR(lia_api_join, FOR_ADMINISTRATORS)},
    {"/api/v1/joins:look", POST_FOR(lia_api_join_look, FOR_ADMINISTRATORS)},
    {"/api/v1/joins:ask", POST_FOR(lia_api_join_ask, FOR_ALL)},
    {"/api/v1/audit", GET_FOR(lia_api_audit, FOR_ADMINISTRATORS)},
    {"/api/v1/changes", GET_ONLY(lia_api_changes)},
    {"/api/v1/duplicates", GET_ONLY(lia_api_duplicates)},
    {"/api/v1/search", GET_ONLY(lia_api_search)},
    {"/api/v1/digest", GET_FOR(lia_api_digest, FOR_ADMINISTRATORS)},
    {"/api/v1/kinds", GET_ONLY(lia_api_kinds)},
    {"/api/v1/openapi.json", GET_ONLY(lia_api_openapi)},
    {"/api/v1/asyncapi.json", GET_ONLY(lia_api_asyncapi)},
    {"/healthz", GET_FOR(lia_api_healthz, FOR_ALL)},
    {"/readyz", GET_FOR(lia_api_readyz, FOR_ALL)},
    {"/metrics", GET_ONLY(lia_api_metrics)},
    {"/", GET_FOR(lia_api_home, FOR_ALL)},
};

static const lia_route collection = {
    .on = {[LIA_HTTP_GET] = lia_api_list, [LIA_HTTP_POST] = lia_api_create}};
static const lia_route commanded_collection = {
    .on = {[LIA_HTTP_GET] = lia_api_list, [LIA_HTTP_POST] = lia_api_command}};
static const lia_route read_only_collection = GET_ONLY(lia_api_list);
static const lia_route item = {.on = {[LIA_HTTP_GET] = lia_api_read,
                                      [LIA_HTTP_PATCH] = lia_api_change,
                                      [LIA_HTTP_DELETE] = lia_api_archive}};
static const lia_route read_only_item = GET_ONLY(lia_api_read);
static const lia_route customer = {.on = {[LIA_HTTP_GET] = lia_api_customer,
                                          [LIA_HTTP_PATCH] = lia_api_change,
                                          [LIA_HTTP_DELETE] = lia_api_archive}};
static const struct {
    const char *name;
    lia_route route;
} customer_pages[] = {
    {"timeline", GET_ONLY(lia_api_timeline)},
    {"consents", GET_ONLY(lia_api_consents)},
    {"export", GET_ONLY(lia_api_export)},
};
static const struct {
    lia_route_fn *function;
    lia_route route;
} web_routes[] = {
    {lia_api_home, GET_FOR(lia_api_home, FOR_ALL)},
    {lia_api_web_file, GET_FOR(lia_api_web_file, FOR_ALL)},
};
static const lia_route command = {.on = {[LIA_HTTP_POST] = lia_api_command}};
static const lia_route restore = {.on = {[LIA_HTTP_POST] = lia_api_restore}};
static const lia_route history = GET_ONLY(lia_api_history);
static const lia_route presence = {.on = {[LIA_HTTP_GET] = lia_api_who_looks,
                                          [LIA_HTTP_PUT] = lia_api_look,
                                          [LIA_HTTP_DELETE] = lia_api_look_away}};
static const lia_route undo = {.on = {[LIA_HTTP_POST] = lia_api_undo}};
static const lia_route check = {.on = {[LIA_HTTP_POST] = lia_api_check}};
static const lia_route export_list = GET_ONLY(lia_api_export_list);
static const lia_route aggregate = GET_ONLY(lia_api_aggregate);
static const lia_route batch = {.on = {[LIA_HTTP_POST] = lia_api_batch}};
static const lia_route batch_change = {.on = {[LIA_HTTP_POST] = lia_api_batch_change}};
static const lia_route query = GET_ONLY(lia_api_query);
static const lia_route dry_run = POST_FOR(lia_api_dry_run, FOR_ADMINISTRATORS);
static const lia_route invite = POST_FOR(lia_api_invite, FOR_ADMINISTRATORS);

/* What webhooks have beside what every record has: behind '/' or ':' and their id. */
static const struct {
    char before;
    const char *name;
    lia_route route;
} hook_pages[] = {
    {'/', "secret", GET_ONLY(lia_api_hook_secret)},
    {'/', "deliveries", GET_ONLY(lia_api_deliveries)},
    {':', "test", POST_ONLY(lia_api_hook_test)},
    {':', "replay", POST_ONLY(lia_api_hook_replay)},
};

/* Paths that go on with something that the route reads itself. */
static const struct {
    const char *path;
    lia_route route;
} prefixes[] = {
    {"backups/", GET_FOR(lia_api_backup_part, FOR_ADMINISTRATORS)},
    {"digest/", GET_FOR(lia_api_digest_bucket, FOR_ADMINISTRATORS)},
    {"imports/",
     {.on = {[LIA_HTTP_GET] = lia_api_import,
             [LIA_HTTP_PATCH] = lia_api_change_import,
             [LIA_HTTP_DELETE] = lia_api_forget_import,
             [LIA_HTTP_POST] = lia_api_command_import}}},
    {"tokens/", {.on = {[LIA_HTTP_DELETE] = lia_api_revoke}}},
    {"session/providers/", GET_FOR(lia_api_provider, FOR_ALL)},
    {"session/identities/", {.on = {[LIA_HTTP_DELETE] = lia_api_forget_identity}}},
    {"sessions/", {.on = {[LIA_HTTP_DELETE] = lia_api_revoke}}},
};

/* ---- paths ----------------------------------------------------------------------------------- */

/* /webhooks/{id}/{page} and /webhooks/{id}:{verb}, with kind and id as find_record left them. */
static const lia_route *find_hook_page(const lia_call *call, lia_span path)
{
    size_t begin = sizeof "webhooks/" - 1 + LIA_ID_TEXT_SIZE - 1;
    if (!call->kind || call->kind->number != LIA_WEBHOOK || path.size <= begin) return NULL;
    lia_span page = lia_span_skip(path, begin);
    for (size_t i = 0; i < LIA_COUNT(hook_pages); i++)
        if (page.data[0] == (uint8_t)hook_pages[i].before &&
            lia_span_is(lia_span_skip(page, 1), hook_pages[i].name))
            return &hook_pages[i].route;
    return NULL;
}

static const lia_query_row *query_of(const lia_service *service, uint16_t kind, lia_span path)
{
    for (size_t i = 0; i < service->query_count; i++)
        if (service->queries[i].kind == kind && lia_span_is(path, service->queries[i].path))
            return &service->queries[i];
    return NULL;
}

/* What a service answers itself, alone (kind 0) or of a record. */
static const lia_route *find_query(lia_call *call, uint16_t kind, lia_span path)
{
    call->query = query_of(call->api->service, kind, path);
    if (!call->query) call->query = query_of(&lia_crm, kind, path);
    return call->query ? &query : NULL;
}

/* /{plural} and /{plural}:verb */
static const lia_route *find_collection(lia_call *call, bool has_verb, lia_span verb)
{
    const lia_kind *kind = call->kind;
    if (has_verb && lia_span_is(verb, "export")) return &export_list;
    if (has_verb && lia_span_is(verb, "aggregate")) return &aggregate;
    if (has_verb && lia_span_is(verb, "batchCreate") && !kind->internal) return &batch;
    if (has_verb && lia_span_is(verb, "batchChange") && !kind->internal) return &batch_change;
    if (has_verb && kind->number == LIA_CUSTOMER && lia_span_is(verb, "check")) return &check;
    call->command = lia_node_command(call->api->node, kind->number, verb, true);
    if (has_verb) return call->command ? &command : NULL;
    if (call->command) return &commanded_collection;
    return kind->internal ? &read_only_collection : &collection;
}

/* /{plural}/{id} and /{plural}/{id}:verb */
static const lia_route *find_item(lia_call *call, bool has_verb, lia_span verb)
{
    const lia_kind *kind = call->kind;
    if (!has_verb) {
        if (kind->number == LIA_CUSTOMER) return &customer;
        return kind->internal ? &read_only_item : &item;
    }
    if (lia_span_is(verb, "restore") && !kind->internal) return &restore;
    if (lia_span_is(verb, "undo") && !kind->internal) return &undo;
    if (lia_span_is(verb, "dryRun") && (kind->number == LIA_RULE || kind->number == LIA_FLOW))
        return &dry_run;
    if (lia_span_is(verb, "invite") && kind->number == LIA_USER) return &invite;
    call->command = lia_node_command(call->api->node, kind->number, verb, false);
    return call->command ? &command : find_query(call, kind->number, verb);
}

/* Paths that begin with a kind's plural. */
static const lia_route *find_record(lia_call *call, lia_span path)
{
    lia_span rest = path;
    lia_span first = lia_api_take(&rest, '/');
    bool is_collection = first.size == path.size;
    lia_span verb = first;
    lia_span plural = lia_api_take(&verb, ':');
    bool has_verb = plural.size < first.size;
    call->kind = lia_kind_by_plural(plural);
    if (!call->kind) return NULL;
    if (is_collection) return find_collection(call, has_verb, verb);

    verb = lia_api_take(&rest, '/');
    lia_span id = lia_api_take(&verb, ':');
    if (has_verb || lia_id_parse(id, &call->id)) return NULL;
    has_verb = verb.data != id.data + id.size;
    if (!rest.size) return find_item(call, has_verb, verb);
    if (!has_verb && lia_span_is(rest, "history")) return &history;
    if (!has_verb && lia_span_is(rest, "presence")) return &presence;
    if (call->kind->number == LIA_CUSTOMER && !has_verb)
        for (size_t i = 0; i < LIA_COUNT(customer_pages); i++)
            if (lia_span_is(rest, customer_pages[i].name)) return &customer_pages[i].route;
    return NULL;
}

static const lia_route *find_web(const lia_call *call)
{
    lia_route_fn *function = lia_api_web_at(call);
    for (size_t i = 0; function && i < LIA_COUNT(web_routes); i++)
        if (web_routes[i].function == function) return &web_routes[i].route;
    return NULL;
}

static const lia_route *find_route(lia_call *call, lia_span path)
{
    const lia_span base = LIA_SPAN("/api/v1/");
    if (lia_span_starts(path, base)) {
        lia_span rest = lia_span_skip(path, base.size);
        const lia_route *found = find_record(call, rest);
        if (!found) found = find_hook_page(call, rest);
        if (!found) found = find_query(call, 0, rest);
        call->shows = found || lia_span_is(rest, "events") || lia_span_is(rest, "search");
        if (found) return found;
        for (size_t i = 0; i < LIA_COUNT(prefixes); i++) {
            lia_span prefix = lia_span_text(prefixes[i].path);
            if (!lia_span_starts(rest, prefix)) continue;
            call->rest = lia_span_skip(rest, prefix.size);
            return &prefixes[i].route;
        }
    }
    for (size_t i = 0; i < LIA_COUNT(pages); i++)
        if (lia_span_is(path, pages[i].path)) return &pages[i].route;
    const lia_route *web = find_web(call);
    call->of_app = web != NULL;
    return web;
}

/* ---- who may ask ----------------------------------------------------------------------------- */

static bool is_open(const lia_call *call)
{
    lia_span path = lia_http_get_path(call->request);
    for (size_t i = 0; i < LIA_COUNT(pages); i++)
        if (lia_span_is(path, pages[i].path)) return pages[i].route.door == FOR_ALL;
    const lia_span base = LIA_SPAN("/api/v1/");
    lia_span rest = lia_span_starts(path, base) ? lia_span_skip(path, base.size) : LIA_SPAN_NONE;
    for (size_t i = 0; i < LIA_COUNT(prefixes); i++)
        if (lia_span_starts(rest, lia_span_text(prefixes[i].path)))
            return prefixes[i].route.door == FOR_ALL;
    return lia_api_web_at(call) != NULL;
}

/* Whether the request goes on; answers it when it does not. */
static bool admit(lia_call *call)
{
    lia_why why;
    const char *no = lia_call_denied(call);
    bool open = is_open(call);
    lia_err err = no ? LIA_EDENIED : lia_gate_ask(call->api->gate, call);
    if (!no) no = lia_call_forged(call);
    if (!no && !err) no = lia_call_view(call->api->gate, call);
    if (no) err = LIA_EDENIED;
    if (err && (no || !open)) { /* a node that cannot read its rows still says how it is */
        if (no) lia_why_set(&why, err, "%s", no);
        lia_call_fail(call, err, no ? &why : NULL);
        return false;
    }
    if (call->who || open) return true;
    lia_gate_refuse(call->api->gate, call);
    return false;
}

/* ---- dispatch -------------------------------------------------------------------------------- */

static void answer_unknown(lia_call *call)
{
    lia_why why;
    lia_span path = lia_http_get_path(call->request);
    const lia_kind *kind = call->kind;
    if (kind && !lia_id_is_none(call->id) && kind->owner != LIA_DEPARTMENT_ANY &&
        kind->owner != lia_node_service(call->api->node)->department) {
        lia_why_set(&why, LIA_EOWNER, "%s are the work of %s: ask at its node, or by hand-over",
                    kind->plural, lia_department_name(kind->owner));
        lia_call_fail(call, LIA_EOWNER, &why);
        return;
    }
    if (kind && lia_id_is_none(call->id))
        lia_why_set(&why, LIA_EABSENT, "below %s stands a record's id (a UUID) or :verb",
                    kind->plural);
    else
        lia_why_set(&why, LIA_EABSENT, "nothing is at %.*s; /api/v1/openapi.json lists what is",
                    path.size > 200 ? 200 : (int)path.size, (const char *)path.data);
    lia_call_fail(call, LIA_EABSENT, &why);
}

static void answer_not_allowed(lia_call *call, const lia_route *route)
{
    char allow[64] = "";
    for (size_t i = 0; i < LIA_HTTP_METHODS; i++) {
        if (!route->on[i]) continue;
        if (*allow) strcat(allow, ", ");
        strcat(allow, method_names[i]);
        if (i == LIA_HTTP_GET) strcat(allow, ", HEAD");
    }
    const lia_http_header header = {"Allow", allow};
    if (call->method == LIA_HTTP_OPTIONS) {
        lia_http_reply(call->request, 204, NULL, &header, 1, LIA_SPAN_NONE);
        return;
    }
    const lia_problem problem = {.status = 405,
                                 .type = "method-not-allowed",
                                 .title = "this path does not take that method",
                                 .detail = allow};
    lia_buf out = lia_buf_make(call->arena);
    lia_problem_put(&out, &problem);
    lia_http_reply(call->request, problem.status, "application/problem+json", &header, 1,
                   lia_buf_get(&out));
}

/* From here on the kind is as it looks to whoever asks; answers when they may not see it at all. */
static bool may_pass(lia_call *call, const lia_route *route)
{
    lia_why why;
    if (route->door == FOR_ALL) return true;
    if (route->door == FOR_ADMINISTRATORS) return lia_call_administrates(call);
    const lia_kind *kind = call->kind;
    call->kind = kind ? lia_rights_kind(lia_principal_rights(call->who), kind->number) : NULL;
    if (!kind || call->kind) return true;
    if (kind->added) { /* nobody knows of it but who was told */
        answer_unknown(call);
        return false;
    }
    lia_why_set(&why, LIA_EDENIED, "none of your roles lets you read %s", kind->plural);
    lia_call_fail(call, LIA_EDENIED, &why);
    return false;
}

static void dispatch(lia_call *call)
{
    if (!admit(call)) return;
    const lia_route *route = find_route(call, lia_http_get_path(call->request));
    if (!route) {
        answer_unknown(call);
        return;
    }
    call->routed = true;
    call->route_kind = call->kind;
    if (!may_pass(call, route)) return;
    lia_why busy;
    if (call->shows && lia_node_readable(call->api->node, &busy)) {
        lia_call_fail(call, LIA_EBUSY, &busy);
        return;
    }
    lia_http_method method = call->method == LIA_HTTP_HEAD ? LIA_HTTP_GET : call->method;
    if (route->on[method])
        route->on[method](call);
    else
        answer_not_allowed(call, route);
}

static void end_call(void *context)
{
    lia_call *call = context;
    lia_call_trace_end(call);
    lia_login_release(call->login);
    lia_catalog_release(call->catalog);
}

void lia_api_handle(lia_http_request *request, void *context)
{
    lia_arena *arena = lia_http_get_arena(request);
    lia_call *call = lia_arena_zero(arena, sizeof *call);
    if (!call) {
        static const lia_http_header retry = {"Retry-After", "1"};
        lia_api_say_least(request, 503, "full", &retry, 1);
        return;
    }
    lia_api *api = call->api = context;
    __atomic_store_n(&api->members, lia_node_members(api->node), __ATOMIC_RELEASE);
    call->request = request;
    call->arena = arena;
    call->catalog = lia_catalog_hold(lia_node_catalog(api->node));
    lia_catalog_use(call->catalog); /* a process may have several nodes on one loop */
    lia_http_at_end(request, end_call, call);
    call->method = lia_http_get_method(request);
    lia_call_trace_begin(call);
    if (lia_call_came_secure(call)) lia_http_say_secure(request);
    dispatch(call);
    lia_trace_use(NULL);
}

static bool ends(lia_span path, lia_span tail)
{
    return path.size > tail.size &&
           lia_span_equal(lia_span_skip(path, path.size - tail.size), tail);
}

size_t lia_api_body_limit(lia_http_method method, lia_span path, void *context)
{
    (void)context;
    bool is_batch = method == LIA_HTTP_POST &&
                    (ends(path, LIA_SPAN(":batchCreate")) || ends(path, LIA_SPAN(":batchChange")) ||
                     ends(path, LIA_SPAN(":run")));
    return is_batch ? LIA_HTTP_BATCH_BYTES_MAX : LIA_HTTP_BODY_BYTES_MAX;
}

/* ---- open and close -------------------------------------------------------------------------- */

static void freed(uv_handle_t *handle)
{
    lia_api *api = handle->data;
    void (*closed)(void *) = api->closed;
    void *context = api->closed_context;
    lia_gate_close(api->gate);
    lia_backup_forget(api);
    lia_boxes_close(api);
    free(api->oidc);
    lia_directory_fini(api);
    free(api);
    if (closed) closed(context);
}

static void lookout_closed(void *context)
{
    lia_api *api = context;
    api->lookout = NULL;
    lia_api_rest(api);
}

static void hub_closed(void *context)
{
    lia_api *api = context;
    api->hub = NULL;
    lia_api_rest(api);
}

void lia_api_rest(lia_api *api)
{
    if (!api->closing || api->at_work || api->hub || api->lookout) return;
    if (!uv_is_closing((uv_handle_t *)&api->end)) uv_close((uv_handle_t *)&api->end, freed);
}

void lia_api_worked(lia_api *api)
{
    lia_assert(api->at_work > 0);
    api->at_work--;
    lia_api_rest(api);
}

lia_err lia_api_open(lia_api **out, lia_node *node, uv_loop_t *loop)
{
    *out = NULL;
    lia_api *api = calloc(1, sizeof *api);
    if (!api) return LIA_EFULL;
    api->loop = loop;
    api->node = node;
    api->service = lia_node_service(node);
    api->member = lia_node_member(node);
    api->members = lia_node_members(node);
    lia_err err = lia_gate_open(&api->gate, node);
    if (!err) err = lia_lookout_open(&api->lookout, api);
    if (!err) err = lia_hub_open(&api->hub, api);
    if (err) {
        lia_lookout_drop(api->lookout);
        lia_gate_close(api->gate);
        free(api);
        return err;
    }
    uv_async_init(loop, &api->end, NULL);
    uv_unref((uv_handle_t *)&api->end);
    lia_lookout_begin(api->lookout);
    lia_backup_remember(api);
    api->end.data = api;
    *out = api;
    return LIA_OK;
}

void lia_api_set_server(lia_api *api, lia_http_server *server)
{
    api->server = server;
}

void lia_api_set_imports(lia_api *api, const char *dir)
{
    api->imports = dir;
}

void lia_api_set_web(lia_api *api, const lia_web *web)
{
    api->web = web;
}

void lia_api_set_trail(lia_api *api, lia_trail *trail)
{
    api->trail = trail;
}

void lia_api_set_exporter(lia_api *api, lia_exporter *exporter)
{
    api->exporter = exporter;
}

void lia_api_set_hooks(lia_api *api, lia_hooks *hooks)
{
    api->hooks = hooks;
}

void lia_api_set_search(lia_api *api, lia_search *search)
{
    api->search = search;
}

void lia_api_set_mailer(lia_api *api, const lia_mailer *mailer)
{
    api->mailer = mailer;
}

const char *lia_api_setup_secret(lia_api *api)
{
    return lia_gate_setup_secret(api->gate);
}

void lia_api_close(lia_api *api, void (*closed)(void *), void *context)
{
    api->closing = true;
    api->closed = closed;
    api->closed_context = context;
    lia_directory_hurry(api);
    lia_lookout_close(api->lookout, lookout_closed, api);
    lia_hub_close(api->hub, hub_closed, api);
}
