/* SPDX-License-Identifier: Apache-2.0 */
/* api - what a node answers over HTTP: records as JSON, the customer page, batches, live events,
 * status. Paths and members are stable: scripts use them. README.md of this folder lists them.
 *
 * An api is opened over an open node, handed to a server as its handler, and closed when that
 * server has closed, before the node is. Loop thread only. */
#ifndef LIA_HTTP_API_H
#define LIA_HTTP_API_H

#include "common/access/principal.h"
#include "common/audit/trail.h"
#include "common/hooks/hooks.h"
#include "common/http/server.h"
#include "common/http/web.h"
#include "common/ldap/directory.h"
#include "common/mail/mailer.h"
#include "common/node/node.h"
#include "common/oidc/party.h"
#include "common/search/search.h"
#include "common/trace/exporter.h"

typedef struct lia_api lia_api;

/* On LIA_OK *out is yours until lia_api_close.   LIA_EFULL   memory */
LIA_MUST_USE lia_err lia_api_open(lia_api **out, lia_node *node, uv_loop_t *loop);

/* Which server's figures /metrics tells; NULL when it is closing. */
void lia_api_set_server(lia_api *api, lia_http_server *server);

/* Where looks at personal data are noted; NULL (as at first): nowhere. Borrowed until the api has
 * closed. */
void lia_api_set_trail(lia_api *api, lia_trail *trail);

/* How the node is reached from outside; members may be NULL, and are borrowed until the api has closed. */
typedef struct lia_api_door {
    const char *url;   /* "https://crm.example.com": what browsers call it, besides the member's address */
    const char *proxy; /* numeric address of the proxy in front, whose X-Forwarded-For and -Proto count */
    const char *hosts; /* further names and addresses by which it may be asked, with spaces between */
} lia_api_door;
/* LIA_EINVAL   `url` is none */
LIA_MUST_USE lia_err lia_api_set_door(lia_api *api, const lia_api_door *door, lia_why *why);

/* What whoever becomes the first administrator must know, for the operator's eyes; empty when there is
 * one. The same one each time. */
const char *lia_api_setup_secret(lia_api *api);

/* The folder that keeps imports; NULL (as at first): none are taken. Borrowed until the api has closed. */
void lia_api_set_imports(lia_api *api, const char *dir);

/* Where spans go, for the metrics; NULL (as at first): nowhere. Borrowed until the api has closed. */
void lia_api_set_exporter(lia_api *api, lia_exporter *exporter);
/* What delivers to webhooks here; NULL (as at first): nothing does. Borrowed until the api has
 * closed. */
void lia_api_set_hooks(lia_api *api, lia_hooks *hooks);

/* Where records are looked for by what they say; NULL (as at first): nowhere. Borrowed until the api
 * has closed. */
void lia_api_set_search(lia_api *api, lia_search *search);

/* The web app, served at every path that is not the API's; NULL (as at first): GET / says how to build it.
 * Borrowed until the server has closed. */
void lia_api_set_web(lia_api *api, const lia_web *web);

/* Whose figures /status and /metrics tell; NULL (as at first): mail's are left out. Borrowed until the api has
 * closed. */
void lia_api_set_mailer(lia_api *api, const lia_mailer *mailer);

/* What talks to providers for people who sign in by them; without it nobody does. Borrowed until the api has
 * closed.   LIA_EFULL */
LIA_MUST_USE lia_err lia_api_set_party(lia_api *api, lia_party *party);

/* The directory by which people sign in who have no password here; without it nobody does. Borrowed
 * until the api has closed; `title` (may be NULL) is what people call it.   LIA_EFULL */
LIA_MUST_USE lia_err lia_api_set_directory(lia_api *api, const lia_ldap_options *options,
                                           const char *title);

/* Ends live streams, waits for requests that are with the writer or on worker threads, frees, then
 * calls `closed` from the loop. */
void lia_api_close(lia_api *api, void (*closed)(void *), void *context);

/* For lia_http_options; the context is the api. */
void lia_api_handle(lia_http_request *request, void *context);
size_t lia_api_body_limit(lia_http_method method, lia_span path, void *context);

/* The OpenAPI 3.1 document of a department's node. It follows from the tables: no node is needed. What
 * was added at run time is in it as `who` sees it. */
void lia_api_document(lia_buf *out, const lia_service *own, const lia_principal *who);

#endif
