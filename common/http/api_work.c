/* SPDX-License-Identifier: Apache-2.0 */
/* Answers that look at much: on a worker thread, over a snapshot and with an arena of their own,
 * so that the loop stays free for everybody else. */
#include "common/base/assert.h"
#include "common/http/api_inner.h"

/* Address space for one answer and what making it takes. */
#define WORK_ARENA_BYTES ((size_t)256 << 20)

static void run(uv_work_t *job)
{
    lia_work *work = job->data;
    lia_catalog_use(work->call->catalog);
    lia_trace_use(&work->call->trace);
    work->err = work->run(work);
    lia_trace_use(NULL);
    lia_node_scan_end(&work->rows);
}

static void ran(uv_work_t *job, int status)
{
    lia_work *work = job->data;
    lia_api *api = work->call->api;
    (void)status;
    lia_trace_use(&work->call->trace);
    if (work->err)
        lia_call_fail(work->call, work->err, &work->why);
    else
        lia_call_json(work->call, &work->out);
    lia_trace_use(NULL);
    lia_arena_fini(&work->arena);
    lia_api_worked(api);
}

void lia_call_work(lia_call *call, lia_err (*function)(lia_work *work), void *context)
{
    lia_work *work = lia_arena_zero(call->arena, sizeof *work);
    lia_err err = work ? lia_arena_init(&work->arena, WORK_ARENA_BYTES) : LIA_EFULL;
    if (!err) err = lia_node_scan(call->api->node, &work->rows);
    if (err) {
        if (work) lia_arena_fini(&work->arena);
        lia_call_fail(call, err, NULL);
        return;
    }
    work->call = call;
    work->run = function;
    work->context = context;
    work->out = lia_buf_make(&work->arena);
    work->job.data = work;
    call->api->at_work++;
    int queued = uv_queue_work(call->api->loop, &work->job, run, ran);
    lia_assert(queued == 0);
}

/* ---- waiting for the writer ------------------------------------------------------------------ */

void lia_api_wait(lia_api *api, lia_waiter *waiter)
{
    struct lia_waiter **end = &api->waiting;
    while (*end) end = &(*end)->next;
    waiter->next = NULL;
    *end = waiter;
}

/* Those who find it full again wait for the commit after this one. */
void lia_api_committed(lia_api *api)
{
    lia_waiter *waiter = api->waiting;
    api->waiting = NULL;
    while (waiter) {
        lia_waiter *next = waiter->next;
        waiter->go_on(waiter->context);
        waiter = next;
    }
}
