/* SPDX-License-Identifier: Apache-2.0 */
/* GET /: who this is, and where to go on. */
#include "common/http/api_inner.h"

static const char page[] =
    "<!doctype html>\n"
    "<html lang=\"en\">\n"
    "<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n"
    "<title>Liaison: %s</title>\n"
    "<style>body{font:16px/1.5 system-ui,sans-serif;margin:3rem auto;max-width:40rem;"
    "padding:0 1rem}</style>\n"
    "<h1>Liaison</h1>\n"
    "<p>This is <b>%s</b>, a node of the department <b>%s</b>, version %s.</p>\n"
    "<ul>\n"
    "<li><a href=\"/api/v1/status\">Status</a></li>\n"
    "<li><a href=\"/api/v1/customers\">Customers</a></li>\n"
    "<li><a href=\"/api/v1/openapi.json\">What the API offers</a> (OpenAPI)</li>\n"
    "<li><a href=\"/metrics\">Figures</a> (Prometheus)</li>\n"
    "</ul>\n"
    "</html>\n";

void lia_api_home(lia_call *call)
{
    static const lia_http_header headers[] = {
        {"Content-Security-Policy",
         "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"},
    };
    const lia_api *api = call->api;
    lia_buf out = lia_buf_make(call->arena);
    lia_buf_format(&out, page, api->member->name, api->member->name,
                   lia_department_name(api->service->department), LIA_VERSION);
    if (out.failed)
        lia_call_fail(call, LIA_EFULL, NULL);
    else
        lia_http_reply(call->request, 200, "text/html; charset=utf-8", headers, LIA_COUNT(headers),
                       lia_buf_get(&out));
}
