/* SPDX-License-Identifier: Apache-2.0 */
/* What ends in which order: the server first, so that nothing new comes in; the API, when the
 * requests it had are answered; the webhooks' thread and mail; the node, which commits and writes
 * out; then the loop is empty. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/crm/crm.h"
#include "common/http/run_inner.h"

/* How long answers that are under way may take when the process is told to end. */
#define GRACE_MS 3000

/* ---- the end --------------------------------------------------------------------------------- */

static void node_closed(void *context)
{
    lia_process *d = context;
    d->node = NULL;
    lia_search_close(d->search);
    d->search = NULL;
    lia_tls_close(d->tls);
    d->tls = NULL;
    d->closing = false;
    lia_process_closed(d);
}

static void party_closed(void *context)
{
    lia_process *d = context;
    d->party = NULL;
    lia_search_stop(d->search);
    lia_node_close(d->node, node_closed, d);
}

static void mailer_closed(void *context)
{
    lia_process *d = context;
    if (d->party)
        lia_party_close(d->party, party_closed, d);
    else
        party_closed(d);
}

static void tools_closed(void *context)
{
    lia_process *d = context;
    d->tools = NULL;
    lia_reload_close_mailer(&d->reload, mailer_closed, d);
}

static void hooks_closed(void *context)
{
    lia_process *d = context;
    d->hooks = NULL;
    if (d->tools)
        lia_tools_close(d->tools, tools_closed, d);
    else
        tools_closed(d);
}

static void api_closed(void *context)
{
    lia_process *d = context;
    d->api = NULL;
    lia_trail_close(d->trail);
    d->trail = NULL;
    if (d->hooks)
        lia_hooks_close(d->hooks, hooks_closed, d);
    else
        hooks_closed(d);
}

static void server_closed(void *context)
{
    lia_process *d = context;
    d->server = NULL;
    lia_api_close(d->api, api_closed, d);
}

void lia_process_close(lia_process *d)
{
    d->closing = true;
    d->reload.node = NULL;
    if (d->node) lia_node_release(d->node);
    if (d->party) lia_party_hurry(d->party);
    if (d->api) lia_api_set_server(d->api, NULL);
    if (d->server)
        lia_http_close(d->server, GRACE_MS, server_closed, d);
    else if (d->api)
        server_closed(d);
    else if (d->node)
        api_closed(d);
    else
        node_closed(d);
}

/* ---- the beginning --------------------------------------------------------------------------- */

/* "127.0.0.1:27100", "[::1]:27100" */
static lia_err split_address(const char *text, char host[64], uint16_t *port, lia_why *why)
{
    const char *colon = strrchr(text, ':');
    char *rest = NULL;
    unsigned long number = colon ? strtoul(colon + 1, &rest, 10) : 0;
    if (!colon || colon == text || colon - text >= 64 || *rest || number == 0 || number > 65535)
        return lia_why_set(why, LIA_EINVAL,
                           "the member list gives '%s' as HTTP address; an "
                           "address and a port are wanted, as in 127.0.0.1:27100",
                           text);
    bool brackets = text[0] == '[' && colon[-1] == ']';
    snprintf(host, 64, "%.*s", (int)(colon - text) - (brackets ? 2 : 0), text + brackets);
    *port = (uint16_t)number;
    return LIA_OK;
}

const char *lia_process_http(const lia_process *d)
{
    return d->reload.flags.http ? d->reload.flags.http : lia_node_member(d->node)->http;
}

static lia_err open_server(lia_process *d, lia_why *why)
{
    char host[64];
    lia_http_options options = {.loop = &d->loop,
                                .handler = lia_api_handle,
                                .body_limit = lia_api_body_limit,
                                .context = d->api};
    lia_err err = split_address(lia_process_http(d), host, &options.port, why);
    const lia_api_door door = {d->reload.flags.url, d->reload.flags.proxy, d->reload.flags.hosts};
    if (!err) err = lia_api_set_door(d->api, &door, why);
    if (!err && d->reload.flags.tls_certificate)
        err = lia_tls_open(&d->tls, d->reload.flags.tls_certificate, d->reload.flags.tls_key, why);
    if (err) return err;
    options.address = host;
    options.tls = d->tls;
    options.outside = d->tls || door.proxy;
    err = lia_http_open(&d->server, &options, why);
    if (!err) lia_api_set_server(d->api, d->server);
    return err;
}

/* Beside the node's store. */
static lia_err open_trail(lia_process *d, const char *dir, lia_why *why)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s/audit", dir, lia_node_member(d->node)->name);
    const lia_trail_options options = {.dir = path};
    return lia_trail_open(&d->trail, &options, why);
}

static void set_imports(lia_process *d, const char *dir)
{
    static char path[1024]; /* the api borrows it */
    snprintf(path, sizeof path, "%s/%s/imports", dir, lia_node_member(d->node)->name);
    lia_api_set_imports(d->api, path);
}

/* Beside the node's store, too. */
static lia_err open_hooks(lia_process *d, const lia_settings *flags, lia_why *why)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s/hooks", flags->dir, lia_node_member(d->node)->name);
    const lia_hooks_options options = {.loop = &d->loop,
                                       .node = d->node,
                                       .dir = path,
                                       .to_private = flags->webhooks_to_private,
                                       .timeout_ms = (uint32_t)flags->webhook_timeout_ms};
    return lia_hooks_open(&d->hooks, &options, why);
}

/* Before the node, which may have somebody to forget at once. */
static lia_err open_search(lia_process *d, lia_why *why)
{
    char path[1024];
    const lia_settings *flags = &d->reload.flags;
    if (d->wish.rebuild) return LIA_OK;
    snprintf(path, sizeof path, "%s/%s/search", flags->dir,
             flags->name ? flags->name : d->service->name);
    return lia_search_open(&d->search, path, why);
}

static lia_err open_mailer(lia_process *d, lia_why *why)
{
    d->reload.node = d->node;
    d->reload.api = d->api;
    d->reload.loop = &d->loop;
    return lia_reload_open_mailer(&d->reload, why);
}

static lia_err open_party(lia_process *d, const lia_settings *flags)
{
    const lia_party_options options = {.loop = &d->loop,
                                       .to_private = flags->providers_to_private,
                                       .ca_file = flags->providers_ca};
    lia_err err = lia_party_open(&d->party, &options);
    return err ? err : lia_api_set_party(d->api, d->party);
}

static lia_err set_directory(lia_process *d, const lia_settings *flags)
{
    return flags->ldap.url ? lia_api_set_directory(d->api, &flags->ldap, flags->ldap_title)
                           : LIA_OK;
}

lia_err lia_process_open(lia_process *d, lia_why *why)
{
    const lia_settings *flags = &d->reload.flags;
    lia_err err = open_search(d, why);
    if (err) return err;
    const lia_node_options options = {.loop = &d->loop,
                                      .dir = flags->dir,
                                      .name = flags->name,
                                      .listen = flags->listen,
                                      .service = d->service,
                                      .shared = &lia_crm,
                                      .map_bytes = flags->map_bytes,
                                      .log_keep_ms = flags->log_keep_ms,
                                      .sends_mail = flags->smtp_url != NULL,
                                      .copies = d->search ? lia_search_copies(d->search)
                                                          : (lia_copies){0},
                                      .rebuild = d->wish.rebuild,
                                      .offline = d->wish.rebuild};
    err = lia_node_open(&d->node, &options, why);
    if (err) {
        lia_search_close(d->search);
        d->search = NULL;
    }
    if (err || d->wish.rebuild) return err;
    err = lia_search_start(d->search, d->node);
    if (err)
        return lia_why_set(why, err, "the thread that keeps the search index cannot be started");
    err = open_trail(d, flags->dir, why);
    if (!err) err = lia_api_open(&d->api, d->node, &d->loop);
    if (!err) err = open_hooks(d, flags, why);
    if (!err) err = lia_tools_open(&d->tools, d->node, &d->loop);
    if (!err) lia_api_set_hooks(d->api, d->hooks);
    if (!err) lia_api_set_trail(d->api, d->trail);
    if (!err) lia_api_set_exporter(d->api, d->reload.exporter);
    if (!err) set_imports(d, flags->dir);
    if (!err) lia_api_set_search(d->api, d->search);
    if (!err) lia_api_set_web(d->api, d->web);
    if (!err) err = open_mailer(d, why);
    if (!err) err = open_party(d, flags);
    if (!err) err = set_directory(d, flags);
    if (!err) err = open_server(d, why);
    return err;
}
