/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a request may come in at all, whoever it is of: what a browser was tricked into sending
 * is turned away here. */
#include "common/http/api_gate.h"
#include "common/http/parser.h"

/* ---- what a proxy says ----------------------------------------------------------------------- */

lia_err lia_api_set_door(lia_api *api, const lia_api_door *door, lia_why *why)
{
    const char *host = door->url ? strstr(door->url, "://") : NULL;
    bool good = !door->url || (host && host[3] && !strpbrk(host + 3, "/?#@ "));
    if (good && door->url)
        good = !strncmp(door->url, "https://", 8) || !strncmp(door->url, "http://", 7);
    if (!good)
        return lia_why_set(why, LIA_EINVAL,
                           "--url: '%.100s': a scheme and a host are wanted, as in "
                           "https://crm.example.com",
                           door->url);
    api->door = *door;
    return LIA_OK;
}

static bool is_of_proxy(const lia_call *call)
{
    const char *proxy = call->api->door.proxy;
    return proxy && !strcmp(proxy, lia_http_get_peer(call->request));
}

/* The last item of a list: what the proxy itself added. */
static lia_span last_item(lia_span list)
{
    for (size_t i = list.size; i > 0; i--)
        if (list.data[i - 1] == ',') {
            list = lia_span_skip(list, i);
            break;
        }
    while (list.size && list.data[0] == ' ') list = lia_span_skip(list, 1);
    return list;
}

bool lia_call_came_secure(const lia_call *call)
{
    lia_span said;
    if (lia_http_is_secure(call->request)) return true;
    return is_of_proxy(call) && lia_http_get_header(call->request, "x-forwarded-proto", &said) &&
           lia_http_word_is(last_item(said), "https");
}

lia_span lia_call_peer(const lia_call *call)
{
    lia_span said;
    if (is_of_proxy(call) && lia_http_get_header(call->request, "x-forwarded-for", &said))
        return last_item(said);
    return lia_span_text(lia_http_get_peer(call->request));
}

/* A proxy on this machine that nobody told us of must not make the whole world local. */
bool lia_call_is_local(const lia_call *call)
{
    static const char *const signs[] = {"x-forwarded-for", "x-forwarded-host", "forwarded", "via",
                                        "x-real-ip"};
    lia_span said;
    if (!lia_http_is_local(call->request) || is_of_proxy(call)) return false;
    for (size_t i = 0; i < LIA_COUNT(signs); i++)
        if (lia_http_get_header(call->request, signs[i], &said)) return false;
    return true;
}

/* ---- where a browser stands ------------------------------------------------------------------ */

/* The host without its port; brackets of IPv6 stay. */
static lia_span host_name(lia_span host)
{
    size_t size = host.size;
    while (size && host.data[size - 1] >= '0' && host.data[size - 1] <= '9') size--;
    bool has_port = size && host.data[size - 1] == ':' &&
                    (host.data[0] != '[' || (size > 1 && host.data[size - 2] == ']'));
    return lia_span_make(host.data, has_port ? size - 1 : host.size);
}

/* One of the words that the operator gave. */
static bool is_word_of(const char *words, lia_span name)
{
    while (words && *words) {
        size_t size = strcspn(words, " ");
        if (size && lia_span_equal(name, lia_span_make(words, size))) return true;
        words += size + strspn(words + size, " ");
    }
    return false;
}

/* A page on another name that resolves to this machine must not get at the data behind a
 * browser's back, so only names that nobody else can point here are answered. */
static bool host_is_ours(const lia_api *api, lia_span host)
{
    lia_span name = host_name(host);
    const char *url = api->door.url;
    if (url && lia_span_equal(name, host_name(lia_span_text(strstr(url, "://") + 3)))) return true;
    if (is_word_of(api->door.hosts, name)) return true;
    return lia_span_is(name, "127.0.0.1") || lia_http_word_is(name, "localhost") ||
           lia_span_is(name, "[::1]") ||
           lia_span_equal(name, host_name(lia_span_text(api->member->http)));
}

/* A browser says where a write comes from: only pages of this very address may. */
static bool origin_is_ours(const lia_call *call, lia_span origin, lia_span host)
{
    bool secure = lia_http_is_secure(call->request);
    const lia_span scheme = secure ? LIA_SPAN("https://") : LIA_SPAN("http://");
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
    if (has_host && origin_is_ours(call, origin, host)) return NULL;
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
