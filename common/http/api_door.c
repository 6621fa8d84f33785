/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a request may come in at all, whoever it is of: what a browser was tricked into sending
 * is turned away here. */
#include "common/http/api_gate.h"
#include "common/http/parser.h"

/* The host without its port; brackets of IPv6 stay. */
static lia_span host_name(lia_span host)
{
    size_t size = host.size;
    while (size && host.data[size - 1] >= '0' && host.data[size - 1] <= '9') size--;
    bool has_port = size && host.data[size - 1] == ':' &&
                    (host.data[0] != '[' || (size > 1 && host.data[size - 2] == ']'));
    return lia_span_make(host.data, has_port ? size - 1 : host.size);
}

/* A page on another name that resolves to this machine must not get at the data behind a
 * browser's back, so only names that nobody else can point here are answered. */
static bool host_is_ours(const lia_api *api, lia_span host)
{
    lia_span name = host_name(host);
    return lia_span_is(name, "127.0.0.1") || lia_http_word_is(name, "localhost") ||
           lia_span_is(name, "[::1]") ||
           lia_span_equal(name, host_name(lia_span_text(api->member->http)));
}

/* A browser says where a write comes from: only pages of this very address may. */
static bool origin_is_ours(lia_span origin, lia_span host)
{
    const lia_span scheme = LIA_SPAN("http://");
    return lia_span_starts(origin, scheme) &&
           lia_span_equal(lia_span_skip(origin, scheme.size), host);
}

/* What a browser says beside the Origin; only pages of this very address come as same-origin, and
 * what the user does without a page as none. */
static bool site_is_ours(lia_span site)
{
    return lia_span_is(site, "same-origin") || lia_span_is(site, "none");
}

static bool changes(const lia_call *call)
{
    return call->method != LIA_HTTP_GET && call->method != LIA_HTTP_HEAD &&
           call->method != LIA_HTTP_OPTIONS;
}

const char *lia_call_denied(const lia_call *call)
{
    lia_span host, origin, site;
    bool has_host = lia_http_get_header(call->request, "host", &host);
    if (has_host && !host_is_ours(call->api, host))
        return "Host: this node answers to its own address and to localhost only";
    if (!changes(call)) return NULL;
    if (lia_http_get_header(call->request, "sec-fetch-site", &site) && !site_is_ours(site))
        return "Sec-Fetch-Site: pages of another address may not write here";
    if (!lia_http_get_header(call->request, "origin", &origin)) return NULL;
    if (has_host && origin_is_ours(origin, host)) return NULL;
    return "Origin: pages of another address may not write here";
}

/* A cookie comes along whoever had the browser send the request, so it must say whose idea it was.
 * All browsers that can run the app do. */
const char *lia_call_forged(const lia_call *call)
{
    lia_span said;
    if (!call->by_cookie || !changes(call)) return NULL;
    if (lia_http_get_header(call->request, "origin", &said) ||
        lia_http_get_header(call->request, "sec-fetch-site", &said))
        return NULL;
    return "Origin: with a cookie, a write says which page it comes from";
}
