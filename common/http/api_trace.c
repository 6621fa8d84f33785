/* SPDX-License-Identifier: Apache-2.0 */
/* The span names the route and never the address: what stands behind '?' may be somebody's name,
 * and a path that nobody knows may be anything. */
#include "common/http/api_trace.h"

#include <stdio.h>

#define BASE "/api/v1/"

/* Values of a header that came more than once stand for one list (RFC 9110, section 5.3). */
static void read_state(const lia_call *call, lia_traced *traced)
{
    lia_span parts[32];
    size_t size = 0,
           count = lia_http_get_headers(call->request, "tracestate", parts, LIA_COUNT(parts));
    if (count > LIA_COUNT(parts)) return;
    for (size_t i = 0; i < count; i++) {
        if (size + parts[i].size + 1 > LIA_TRACE_STATE_MAX) return;
        if (i) traced->state[size++] = ',';
        if (parts[i].size) memcpy(traced->state + size, parts[i].data, parts[i].size);
        size += parts[i].size;
    }
    bool good = lia_trace_state_is_good(lia_span_make(traced->state, size));
    traced->state[good ? size : 0] = 0;
}

void lia_call_trace_begin(lia_call *call)
{
    lia_span text;
    lia_trace parent = LIA_TRACE_NONE;
    size_t count = lia_http_get_headers(call->request, "traceparent", &text, 1);
    bool comes_from = count == 1 && lia_trace_parse(text, &parent) == LIA_OK;
    call->trace = comes_from ? lia_trace_under(&parent) : lia_trace_begin();
    lia_http_say_trace(call->request, &call->trace);
    lia_trace_use(&call->trace);
    if (!lia_trace_is_wanted(&call->trace)) return;
    lia_traced *traced = call->traced = lia_arena_take(call->arena, sizeof *traced);
    if (!traced) return;
    lia_traced_begin(traced, &call->trace, LIA_TRACED_SERVER, "request");
    traced->trace = call->trace;
    memcpy(traced->parent, parent.span, sizeof traced->parent);
    if (comes_from) read_state(call, traced);
}

static void print_route(const lia_call *call, char *out, size_t size)
{
    const lia_kind *kind = call->route_kind;
    lia_span path = lia_http_get_path(call->request);
    const lia_span base = LIA_SPAN(BASE);
    if (!call->routed) {
        snprintf(out, size, "unknown");
    } else if (call->of_app) {
        snprintf(out, size, "app"); /* its pages are named by records */
    } else if (!lia_span_starts(path, base)) {
        snprintf(out, size, "%.*s", (int)path.size, (const char *)path.data);
    } else if (kind) {
        bool has_id = !lia_id_is_none(call->id);
        size_t known = base.size + strlen(kind->plural) + (has_id ? LIA_ID_TEXT_SIZE : 0);
        lia_span rest = lia_span_skip(path, known < path.size ? known : path.size);
        snprintf(out, size, BASE "%s%s%.*s", kind->plural, has_id ? "/{id}" : "", (int)rest.size,
                 (const char *)rest.data);
    } else {
        snprintf(out, size, "%.*s%s", (int)(path.size - call->rest.size), (const char *)path.data,
                 call->rest.size ? "{id}" : "");
    }
}

void lia_call_trace_end(lia_call *call)
{
    static const char *const methods[LIA_HTTP_METHODS] = {
        [LIA_HTTP_GET] = "GET",         [LIA_HTTP_HEAD] = "HEAD",   [LIA_HTTP_POST] = "POST",
        [LIA_HTTP_PUT] = "PUT",         [LIA_HTTP_PATCH] = "PATCH", [LIA_HTTP_DELETE] = "DELETE",
        [LIA_HTTP_OPTIONS] = "OPTIONS",
    };
    lia_traced *traced = call->traced;
    char route[LIA_TRACED_NAME_SIZE - 8];
    if (!traced) return;
    unsigned status = lia_http_get_status(call->request);
    print_route(call, route, sizeof route);
    snprintf(traced->name, sizeof traced->name, "%s %s", methods[call->method], route);
    lia_traced_text(traced, "http.request.method", lia_span_text(methods[call->method]));
    lia_traced_text(traced, "http.route", lia_span_text(route));
    if (status) lia_traced_number(traced, "http.response.status_code", status);
    traced->failed = !status || status >= 500;
    lia_traced_end(traced);
}
