/* SPDX-License-Identifier: Apache-2.0 */
/* The process of a department; what it is made of is in run_parts.c.
 *
 * A node whose disk was full ends and begins anew, in the same process, once the disk
 * takes bytes again: what a failed write has left in LMDB's hands is gone then, and what the disk
 * holds is found out as at any start. A disk that fails (EIO) is not tried again: a person must
 * look.
 */
#include "common/http/run.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "common/base/assert.h"
#include "common/base/crypto.h"
#include "common/base/log.h"
#include "common/http/api_lanes.h"
#include "common/http/run_inner.h"
#include "common/http/supervise.h"

/* Most that the API's document may take. */
#define DOCUMENT_MAX ((size_t)64 << 20)

/* Between two looks at a full disk; twice as long each time that it was full again at once. */
#define CARE_MS     1000
#define CARE_MS_MAX 60000

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

void lia_process_closed(lia_process *d)
{
    if (!d->ending) { /* to begin anew */
        uv_timer_start(&d->care, take_care, 0, 0);
        return;
    }
    uv_close((uv_handle_t *)&d->care, NULL);
    uv_close((uv_handle_t *)&d->beat, NULL);
    for (size_t i = 0; i < LIA_COUNT(d->signals); i++)
        uv_close((uv_handle_t *)&d->signals[i], NULL);
}

static void end(lia_process *d)
{
    d->ending = true;
    lia_supervise_tell("STOPPING=1\nSTATUS=commits what was taken");
    if (!d->closing) lia_process_close(d);
}

static void signalled(uv_signal_t *handle, int number)
{
    lia_process *d = handle->data;
    if (d->ending) _exit(128 + number);
    LIA_LOG(INFO, "node.stopping", LIA_INT("signal", number));
    end(d);
}

static void hung_up(uv_signal_t *handle, int number)
{
    lia_process *d = handle->data;
    (void)number;
    if (!d->ending && !d->closing) lia_reload_now(&d->reload, d->tls);
}

/* ---- the beginning --------------------------------------------------------------------------- */

static void watch_signals(lia_process *d)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    signal(SIGPIPE, SIG_IGN);
    for (size_t i = 0; i < LIA_COUNT(d->signals); i++) {
        uv_signal_init(&d->loop, &d->signals[i]);
        d->signals[i].data = d;
        uv_signal_start(&d->signals[i], numbers[i] == SIGHUP ? hung_up : signalled, numbers[i]);
    }
}

/* Nobody is administrator: says how somebody becomes it, in the log and to whoever started this. */
static void tell_setup(const lia_process *d)
{
    char link[512];
    const char *secret = lia_api_setup_secret(d->api), *url = d->reload.flags.url;
    const char *scheme = d->tls ? "https://" : "http://";
    if (!*secret) return;
    snprintf(link, sizeof link, "%s%s/#setup=%s", url ? "" : scheme,
             url ? url : lia_process_http(d), secret);
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
    const lia_process *d = timer->data;
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
    for (size_t i = 0; i < count && i < LIA_COUNT(lanes); i++) behind += lia_lane_behind(&lanes[i]);
    lia_supervise_tell("%sSTATUS=takes commands at %s; %llu events behind", alive,
                       lia_process_http(d), (unsigned long long)behind);
}

static void tell_supervisor(lia_process *d)
{
    uint64_t every_ms = lia_supervise_every_ms();
    if (!lia_supervised()) return;
    lia_supervise_tell("READY=1\nSTATUS=takes commands at %s", lia_process_http(d));
    if (!every_ms || every_ms > BEAT_MS) every_ms = BEAT_MS;
    uv_timer_start(&d->beat, beat, 0, every_ms);
}

/* ---- a disk that was full -------------------------------------------------------------------- */

static void tell_ready(lia_process *d)
{
    d->began_ns = lia_time_ticks_ns();
    tell_setup(d);
    LIA_LOG(INFO, "node.ready", LIA_TEXT("http", lia_process_http(d)),
            LIA_INT("port", lia_http_port(d->server)));
}

static void care_less(lia_process *d)
{
    d->care_ms = d->care_ms * 2 < CARE_MS_MAX ? d->care_ms * 2 : CARE_MS_MAX;
}

/* Where it cannot be opened it is tried again, when it is looked at next. */
static void reopen(lia_process *d)
{
    lia_why why = {{0}};
    lia_err err = lia_process_open(d, &why);
    if (!err) {
        tell_ready(d);
        return;
    }
    fail(err, &why);
    care_less(d);
    if (d->node) lia_process_close(d);
}

static void room_looked(void *context, bool found)
{
    lia_process *d = context;
    if (!found || d->ending || d->closing) return;
    bool lasted = lia_time_ticks_ns() - d->began_ns > (uint64_t)CARE_MS_MAX * 1000000;
    if (lasted)
        d->care_ms = CARE_MS;
    else
        care_less(d);
    LIA_LOG(WARN, "node.reopening", LIA_TEXT("why", "the disk was full and has room again"));
    lia_process_close(d);
}

static void take_care(uv_timer_t *timer)
{
    lia_process *d = timer->data;
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

/* The one that was named must be there; a node without any works, and its first page says how to
 * get one. */
static lia_err open_web(lia_process *d, lia_why *why)
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

static lia_err open_exporter(lia_process *d, lia_why *why)
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
    static lia_process d;
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
    if (!err) err = lia_process_open(&d, &why);
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
