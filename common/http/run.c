/* SPDX-License-Identifier: Apache-2.0 */
/* What ends in which order: the server first, so that nothing new comes in; the API, when the
 * requests it had are answered; the webhooks' thread and mail; the node, which commits and writes out; then the loop is empty.
 *
 * A node whose disk was full ends in that order and begins anew, in the same process, once the disk
 * takes bytes again: what a failed write has left in LMDB's hands is gone then, and what the disk
 * holds is found out as at any start. A disk that fails (EIO) is not tried again: a person must
 * look.
 */
#include "common/http/run.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "common/base/assert.h"
#include "common/base/crypto.h"
#include "common/base/log.h"
#include "common/crm/crm.h"
#include "common/hooks/tool.h"
#include "common/http/api.h"
#include "common/http/reload.h"
#include "common/http/room.h"
#include "common/http/supervise.h"
#include "common/http/web.h"
#include "common/oidc/party.h"
#include "common/search/search.h"

/* How long answers that are under way may take when the process is told to end. */
#define GRACE_MS 3000
/* Most that the API's document may take. */
#define DOCUMENT_MAX ((size_t)64 << 20)

/* Between two looks at a full disk; twice as long each time that it was full again at once. */
#define CARE_MS     1000
#define CARE_MS_MAX 60000

typedef struct department {
    lia_reload reload; /* the settings, and the mailer */
    lia_wish wish;
    const lia_service *service;
    uv_loop_t loop;
    uv_timer_t care, beat; /* of the latter the supervisor is told */
    lia_room room;
    bool closing;
    uint64_t care_ms, began_ns; /* as above; when it was opened */
    uv_signal_t signals[3]; /* the last one: SIGHUP */
    lia_tls *tls;           /* NULL: plain HTTP */
    lia_node *node;
    lia_api *api;
    lia_hooks *hooks;
    lia_tools *tools;
    lia_trail *trail;
    lia_search *search;
    lia_party *party;
    lia_http_server *server;
    lia_web *web; /* NULL: none was built; read once, however often the rest begins anew */
    bool ending;
} department;

static void raise_file_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit)) return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

static int fail(lia_err err, const lia_why *why)
{
    LIA_LOG(ERROR, "node.failed", LIA_TEXT("error", lia_err_name(err)),
            LIA_TEXT("why", why->text[0] ? why->text : lia_err_text(err)));
    return 1;
}

/* ---- the end --------------------------------------------------------------------------------- */

static void take_care(uv_timer_t *timer);

static void node_closed(void *context)
{
    department *d = context;
    d->node = NULL;
    lia_search_close(d->search);
    d->search = NULL;
    lia_tls_close(d->tls);
    d->tls = NULL;
    d->closing = false;
    if (!d->ending) { /* to begin anew */
        uv_timer_start(&d->care, take_care, 0, 0);
        return;
    }
    uv_close((uv_handle_t *)&d->care, NULL);
    uv_close((uv_handle_t *)&d->beat, NULL);
    for (size_t i = 0; i < LIA_COUNT(d->signals); i++)
        uv_close((uv_handle_t *)&d->signals[i], NULL);
}

static void party_closed(void *context)
{
    department *d = context;
    d->party = NULL;
    lia_search_stop(d->search);
    lia_node_close(d->node, node_closed, d);
}

static void mailer_closed(void *context)
{
    department *d = context;
    if (d->party)
        lia_party_close(d->party, party_closed, d);
    else
        party_closed(d);
}

static void tools_closed(void *context)
{
    department *d = context;
    d->tools = NULL;
    lia_reload_close_mailer(&d->reload, mailer_closed, d);
}

static void hooks_closed(void *context)
{
    department *d = context;
    d->hooks = NULL;
    if (d->tools)
        lia_tools_close(d->tools, tools_closed, d);
    else
        tools_closed(d);
}

static void api_closed(void *context)
{
    department *d = context;
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
    department *d = context;
    d->server = NULL;
    lia_api_close(d->api, api_closed, d);
}

static void close_all(department *d)
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

static void end(department *d)
{
    d->ending = true;
    lia_supervise_tell("STOPPING=1\nSTATUS=commits what was taken");
    if (!d->closing) close_all(d);
}

static void signalled(uv_signal_t *handle, int number)
{
    department *d = handle->data;
    if (d->ending) _exit(128 + number);
    LIA_LOG(INFO, "node.stopping", LIA_INT("signal", number));
    end(d);
}

static void hung_up(uv_signal_t *handle, int number)
{
    department *d = handle->data;
    (void)number;
    if (!d->ending && !d->closing) lia_reload_now(&d->reload, d->tls);
}

/* ---- the beginning --------------------------------------------------------------------------- */

static void watch_signals(department *d)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    signal(SIGPIPE, SIG_IGN);
    for (size_t i = 0; i < LIA_COUNT(d->signals); i++) {
        uv_signal_init(&d->loop, &d->signals[i]);
        d->signals[i].data = d;
        uv_signal_start(&d->signals[i], numbers[i] == SIGHUP ? hung_up : signalled, numbers[i]);
    }
}

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

static const char *http_of(const department *d)
{
    return d->reload.flags.http ? d->reload.flags.http : lia_node_member(d->node)->http;
}

static lia_err open_server(department *d, lia_why *why)
{
    char host[64];
    lia_http_options options = {.loop = &d->loop,
                                .handler = lia_api_handle,
                                .body_limit = lia_api_body_limit,
                                .context = d->api};
    lia_err err = split_address(http_of(d), host, &options.port, why);
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
static lia_err open_trail(department *d, const char *dir, lia_why *why)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s/audit", dir, lia_node_member(d->node)->name);
    const lia_trail_options options = {.dir = path};
    return lia_trail_open(&d->trail, &options, why);
}

static void set_imports(department *d, const char *dir)
{
    static char path[1024]; /* the api borrows it */
    snprintf(path, sizeof path, "%s/%s/imports", dir, lia_node_member(d->node)->name);
    lia_api_set_imports(d->api, path);
}

/* Beside the node's store, too. */
static lia_err open_hooks(department *d, const lia_settings *flags, lia_why *why)
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
static lia_err open_search(department *d, lia_why *why)
{
    char path[1024];
    const lia_settings *flags = &d->reload.flags;
    if (d->wish.rebuild) return LIA_OK;
    snprintf(path, sizeof path, "%s/%s/search", flags->dir,
             flags->name ? flags->name : d->service->name);
    return lia_search_open(&d->search, path, why);
}

static lia_err open_mailer(department *d, lia_why *why)
{
    d->reload.node = d->node;
    d->reload.api = d->api;
    d->reload.loop = &d->loop;
    return lia_reload_open_mailer(&d->reload, why);
}

static lia_err open_party(department *d, const lia_settings *flags)
{
    const lia_party_options options = {.loop = &d->loop,
                                       .to_private = flags->providers_to_private,
                                       .ca_file = flags->providers_ca};
    lia_err err = lia_party_open(&d->party, &options);
    return err ? err : lia_api_set_party(d->api, d->party);
}

static lia_err set_directory(department *d, const lia_settings *flags)
{
    return flags->ldap.url ? lia_api_set_directory(d->api, &flags->ldap, flags->ldap_title)
                           : LIA_OK;
}

static lia_err open_all(department *d, lia_why *why)
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
    if (err) return lia_why_set(why, err, "the thread that keeps the search index cannot be started");
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

/* Nobody is administrator: says how somebody becomes it, in the log and to whoever started this. */
static void tell_setup(const department *d)
{
    char link[512];
    const char *secret = lia_api_setup_secret(d->api), *url = d->reload.flags.url;
    const char *scheme = d->tls ? "https://" : "http://";
    if (!*secret) return;
    snprintf(link, sizeof link, "%s%s/#setup=%s", url ? "" : scheme,
             url ? url : http_of(d), secret);
    LIA_LOG(INFO, "setup.offered", LIA_TEXT("link", link));
    printf("Nobody is administrator yet. Become it at %s\n", link);
    fflush(stdout);
}

/* ---- whoever has started this ---------------------------------------------------------------- */

/* At least so often the line of systemctl status is right. */
#define BEAT_MS 5000

static void beat(uv_timer_t *timer)
{
    lia_why why = {{0}};
    const department *d = timer->data;
    const char *alive = lia_supervise_every_ms() ? "WATCHDOG=1\n" : "";
    lia_sync_lane_status lanes[LIA_LANES_MAX];
    uint64_t behind = 0;
    if (d->ending) return;
    if (!d->node || lia_node_health(d->node, &why)) {
        lia_supervise_tell("%sSTATUS=takes no commands: %.600s", alive,
                           why.text[0] ? why.text : "the store is opened again");
        return;
    }
    size_t count = lia_node_lanes(d->node, lanes, LIA_COUNT(lanes));
    for (size_t i = 0; i < count && i < LIA_COUNT(lanes); i++)
        if (lanes[i].target > lanes[i].head) behind += lanes[i].target - lanes[i].head;
    lia_supervise_tell("%sSTATUS=takes commands at %s; %llu events behind", alive, http_of(d),
                       (unsigned long long)behind);
}

static void tell_supervisor(department *d)
{
    uint64_t every_ms = lia_supervise_every_ms();
    if (!lia_supervised()) return;
    lia_supervise_tell("READY=1\nSTATUS=takes commands at %s", http_of(d));
    if (!every_ms || every_ms > BEAT_MS) every_ms = BEAT_MS;
    uv_timer_start(&d->beat, beat, 0, every_ms);
}

/* ---- a disk that was full -------------------------------------------------------------------- */

static void tell_ready(department *d)
{
    d->began_ns = lia_time_ticks_ns();
    tell_setup(d);
    LIA_LOG(INFO, "node.ready", LIA_TEXT("http", http_of(d)),
            LIA_INT("port", lia_http_port(d->server)));
}

static void care_less(department *d)
{
    d->care_ms = d->care_ms * 2 < CARE_MS_MAX ? d->care_ms * 2 : CARE_MS_MAX;
}

/* Where it cannot be opened it is tried again, when it is looked at next. */
static void reopen(department *d)
{
    lia_why why = {{0}};
    lia_err err = open_all(d, &why);
    if (!err) {
        tell_ready(d);
        return;
    }
    fail(err, &why);
    care_less(d);
    if (d->node) close_all(d);
}

static void room_looked(void *context, bool found)
{
    department *d = context;
    if (!found || d->ending || d->closing) return;
    bool lasted = lia_time_ticks_ns() - d->began_ns > (uint64_t)CARE_MS_MAX * 1000000;
    if (lasted)
        d->care_ms = CARE_MS;
    else
        care_less(d);
    LIA_LOG(WARN, "node.reopening", LIA_TEXT("why", "the disk was full and has room again"));
    close_all(d);
}

static void take_care(uv_timer_t *timer)
{
    department *d = timer->data;
    char path[1100];
    uv_timer_start(timer, take_care, d->care_ms, 0);
    if (d->ending || d->closing) return;
    if (!d->node) {
        reopen(d);
        return;
    }
    if (!lia_node_is_full(d->node)) return;
    snprintf(path, sizeof path, "%s/%s/log/room.mdb", d->reload.flags.dir,
             lia_node_member(d->node)->name);
    (void)lia_room_look(&d->room, &d->loop, path, room_looked, d);
}

/* ---- main ------------------------------------------------------------------------------------ */

/* The one that was named must be there; a node without any works, and its first page says how to get one. */
static lia_err open_web(department *d, lia_why *why)
{
    char dir[1200];
    size_t files, bytes;
    const char *named = d->reload.flags.web;
    if (d->wish.rebuild || (!named && !lia_web_beside(dir, sizeof dir))) return LIA_OK;
    lia_err err = lia_web_open(&d->web, named ? named : dir, why);
    if (err && !named) {
        LIA_LOG(WARN, "web.not_served", LIA_TEXT("why", why->text));
        *why = (lia_why){{0}};
        return LIA_OK;
    }
    if (err) return err;
    lia_web_measure(d->web, &files, &bytes);
    LIA_LOG(INFO, "web.read", LIA_INT("files", files), LIA_INT("bytes", bytes));
    return LIA_OK;
}

static lia_err open_exporter(department *d, lia_why *why)
{
    return d->wish.rebuild ? LIA_OK : lia_reload_open_exporter(&d->reload, d->service->name, why);
}

/* The document on stdout. */
static int print_document(const lia_service *service)
{
    lia_arena arena;
    if (lia_arena_init(&arena, DOCUMENT_MAX)) return 1;
    lia_buf out = lia_buf_make(&arena);
    lia_api_document(&out, service, lia_principal_local());
    lia_buf_byte(&out, '\n');
    bool whole =
        !out.failed && fwrite(out.data, 1, out.size, stdout) == out.size && !fflush(stdout);
    lia_arena_fini(&arena);
    return whole ? 0 : 1;
}

int lia_run(int argc, char **argv, const lia_service *service)
{
    static department d;
    int status;
    d.reload.start = (lia_start){argc, argv, environ, service->name};
    if (!lia_flags_read(&d.reload.begun, &d.wish, &d.reload.start, &status)) return status;
    if (d.wish.openapi) return print_document(service);
    status = 0;
    d.reload.flags = d.reload.begun.values;
    lia_log_set_name(d.reload.flags.name ? d.reload.flags.name : service->name);
    if (d.reload.flags.verbose) lia_log_set_level(LIA_DEBUG);
    raise_file_limit();

    lia_why why = {{0}};
    lia_err err = lia_crypto_init();
    if (err || uv_loop_init(&d.loop)) return fail(err ? err : LIA_EIO, &why);
    watch_signals(&d);
    lia_supervise_begin();
    d.service = service;
    d.care_ms = CARE_MS;
    d.care.data = &d;
    uv_timer_init(&d.loop, &d.care);
    uv_timer_init(&d.loop, &d.beat);
    d.beat.data = &d;
    err = open_web(&d, &why);
    if (!err) err = open_exporter(&d, &why);
    if (!err) err = open_all(&d, &why);
    if (err) {
        status = fail(err, &why);
        end(&d);
    } else if (d.wish.rebuild) {
        LIA_LOG(INFO, "views.rebuilt");
        end(&d);
    } else {
        tell_ready(&d);
        tell_supervisor(&d);
        uv_timer_start(&d.care, take_care, CARE_MS, 0);
    }
    uv_run(&d.loop, UV_RUN_DEFAULT);
    lia_assert(uv_loop_close(&d.loop) == 0);
    lia_exporter_close(d.reload.exporter);
    lia_web_close(d.web);
    if (!status) LIA_LOG(INFO, "node.stopped");
    lia_reload_fini(&d.reload); /* the log's name is of it, too */
    return status;
}
