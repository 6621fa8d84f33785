/* SPDX-License-Identifier: Apache-2.0 */
/* The web app: its files, and index.html at every path of a page. Open to everybody: nothing in it
 * is of customers, and who has not signed in must be able to. Without an app, GET / says how to get
 * one. */
#include "common/base/crypto.h"
#include "common/http/api_inner.h"
#include "common/http/web.h"

#define NONCE_BYTES 16
#define NONCE_SIZE  (2 * NONCE_BYTES + 1)

/* ---- what is whose --------------------------------------------------------------------------- */

/* Browsers say so when somebody goes to a page; programs that ask for what is not there are told
 * that. */
static bool wants_page(const lia_call *call)
{
    lia_span accept;
    return lia_http_get_header(call->request, "accept", &accept) &&
           memmem(accept.data, accept.size, "text/html", strlen("text/html"));
}

lia_route_fn *lia_api_web_at(const lia_call *call)
{
    const lia_web *web = call->api->web;
    lia_span path = lia_http_get_path(call->request);
    if (!web || (call->method != LIA_HTTP_GET && call->method != LIA_HTTP_HEAD)) return NULL;
    if (lia_web_find(web, path)) return lia_api_web_file;
    return lia_span_is(path, "/index.html") || (lia_web_is_page(path) && wants_page(call))
               ? lia_api_home
               : NULL;
}

/* ---- files ----------------------------------------------------------------------------------- */

/* A script may be a worker's, whose policy is that of its own answer and not of the page. */
#define SCRIPT_POLICY                                                                              \
    "default-src 'none'; script-src 'self'; connect-src 'self'; frame-ancestors 'none'"
#define OTHER_POLICY "default-src 'none'; frame-ancestors 'none'"

void lia_api_web_file(lia_call *call)
{
    const lia_web_file *file = lia_web_find(call->api->web, lia_http_get_path(call->request));
    lia_span accepts = LIA_SPAN_NONE, known;
    (void)lia_http_get_header(call->request, "accept-encoding", &accepts);
    const lia_web_form *form = lia_web_choose(file, accepts);
    const lia_http_header headers[] = {
        {"ETag", form->etag},
        {"Vary", "Accept-Encoding"},
        {"Cache-Control", file->lasting ? "public, max-age=31536000, immutable" : "no-cache"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
        {"Content-Security-Policy", file->script ? SCRIPT_POLICY : OTHER_POLICY},
        {"Content-Encoding", form->coding}, /* last: left out when it is as it is */
    };
    size_t count = LIA_COUNT(headers) - !form->coding;
    if (lia_http_get_header(call->request, "if-none-match", &known) &&
        lia_web_has(known, form->etag))
        lia_http_reply(call->request, 304, NULL, headers, count, LIA_SPAN_NONE);
    else
        lia_http_reply_lent(call->request, 200, file->type, headers, count, form->bytes);
}

/* ---- pages ----------------------------------------------------------------------------------- */

/* All from this address, and nothing inline but style sheets that carry the page's nonce: the kit
 * that the app is made with writes the variables of its theme into such ones. Style attributes in
 * markup are refused; what scripts set on an element is no attribute. Pictures may be data, or made
 * by the page itself. */
#define PAGE_POLICY                                                                                \
    "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-%s'; font-src 'self'; "        \
    "img-src 'self' data: blob:; connect-src 'self'; worker-src 'self'; manifest-src 'self'; "     \
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

/* The text with the nonce wherever its mark stands. */
static void put_page(lia_buf *out, lia_span text, const char *nonce)
{
    const size_t size = strlen(LIA_WEB_NONCE_MARK);
    const uint8_t *at;
    while (text.size && (at = memmem(text.data, text.size, LIA_WEB_NONCE_MARK, size))) {
        lia_buf_add(out, text.data, (size_t)(at - text.data));
        lia_buf_text(out, nonce);
        text = lia_span_skip(text, (size_t)(at - text.data) + size);
    }
    lia_buf_span(out, text);
}

static void answer_page(lia_call *call, const char *nonce, const lia_buf *out)
{
    const lia_http_header headers[] = {
        {"Cache-Control", "no-cache"},
        {"Content-Security-Policy", lia_arena_text(call->arena, PAGE_POLICY, nonce)},
        {"Cross-Origin-Opener-Policy", "same-origin"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
        {"Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"},
    };
    if (out->failed || !headers[1].value)
        lia_call_fail(call, LIA_EFULL, NULL);
    else
        lia_http_reply(call->request, 200, "text/html; charset=utf-8", headers, LIA_COUNT(headers),
                       lia_buf_get(out));
}

static const char no_app[] =
    "<!doctype html>\n"
    "<html lang=\"en\">\n"
    "<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n"
    "<title>Liaison: %s</title>\n"
    "<h1>Liaison</h1>\n"
    "<p>This is <b>%s</b>, a node of the department <b>%s</b>, version %s. It works, but the web "
    "app was not "
    "built when it was started.</p>\n"
    "<p>In the folder with Liaison's source, <code>tools/web build</code> builds the app, and "
    "<code>tools/up</code> does so before it starts the nodes. An app that lies elsewhere is named "
    "with "
    "<code>--web FOLDER</code>. Then start this node again.</p>\n"
    "<p>Meanwhile: <a href=\"/api/v1/status\">status</a>, "
    "<a href=\"/api/v1/openapi.json\">what the API offers</a> (OpenAPI), "
    "<a href=\"/metrics\">figures</a> (Prometheus).</p>\n"
    "</html>\n";

static lia_span explanation(lia_call *call)
{
    const lia_api *api = call->api;
    lia_buf text = lia_buf_make(call->arena);
    lia_buf_format(&text, no_app, api->member->name, api->member->name,
                   lia_department_name(api->service->department), LIA_VERSION);
    return text.failed ? LIA_SPAN_NONE : lia_buf_get(&text);
}

void lia_api_home(lia_call *call)
{
    uint8_t dice[NONCE_BYTES];
    char nonce[NONCE_SIZE];
    const lia_web *web = call->api->web;
    lia_buf out = lia_buf_make(call->arena);
    lia_random(dice, sizeof dice);
    lia_hex_print(lia_span_make(dice, sizeof dice), nonce);
    lia_span page = web ? lia_web_index(web)->forms[LIA_WEB_PLAIN].bytes : explanation(call);
    if (page.data) put_page(&out, page, nonce);
    out.failed |= !page.data;
    answer_page(call, nonce, &out);
}
