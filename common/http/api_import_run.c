/* SPDX-License-Identifier: Apache-2.0 */
/* POST /imports/{id}:run: one piece of the file. Read and judged on a worker thread, written by the
 * writer, slice by slice:
 *
 *     read the piece -> judge a slice -> submit -> note its results, judge the next ... -> save
 *
 * A slice ends before a line whose key another line of it has: the second must find what the first
 * made. The progress is saved once, behind the piece; what a crash leaves behind it is known by its
 * keys. */
#include "common/base/assert.h"
#include "common/http/api_import.h"

#include <stdlib.h>

typedef struct running {
    lia_import_work work;
    lia_records records;
    bool last, read, saved;
    uint64_t offset;
    size_t at; /* of the records: the next one */
    lia_arena slice;
    lia_import_line *lines;
    size_t count, left;
    uint64_t keys[2 * LIA_IMPORT_SLICE_LINES]; /* hashes of the slice's; 0: free */
    lia_rows rows;
    lia_waiter waiter;
    uv_work_t job;
    lia_err err;
    lia_why why;
} running;

/* ---- on a worker thread ---------------------------------------------------------------------- */

static bool is_new_key(running *r, lia_span key)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < key.size; i++) {
        uint8_t c = key.data[i];
        if (c >= 'A' && c <= 'Z') c = (uint8_t)(c + 32);
        hash = (hash ^ c) * 0x100000001b3u;
    }
    hash |= 1;
    size_t slot = (size_t)(hash >> 20) % LIA_COUNT(r->keys);
    while (r->keys[slot] && r->keys[slot] != hash) slot = (slot + 1) % LIA_COUNT(r->keys);
    if (r->keys[slot]) return false;
    r->keys[slot] = hash;
    return true;
}

static lia_err judge_slice(running *r)
{
    lia_err err = LIA_OK;
    lia_span key;
    lia_arena_reset(&r->slice);
    memset(r->keys, 0, sizeof r->keys);
    r->count = 0;
    r->lines = lia_arena_take(&r->slice, LIA_IMPORT_SLICE_LINES * sizeof *r->lines);
    if (!r->lines) return LIA_EFULL;
    while (!err && r->count < LIA_IMPORT_SLICE_LINES && r->at < r->records.count) {
        lia_import_line *line = &r->lines[r->count];
        err = lia_import_judge(line, &r->work, &r->rows, &r->records.items[r->at], &r->slice, &key);
        if (err || (key.size && line->sent && !is_new_key(r, key))) break;
        r->count++;
        r->at++;
    }
    return err;
}

/* Adds what became of the slice's lines to the lists. */
static lia_err note_slice(running *r)
{
    lia_err err = LIA_OK;
    lia_intake_row *rows = malloc(LIA_IMPORT_SLICE_LINES * sizeof *rows);
    if (!rows) return LIA_EFULL;
    for (size_t list = 0; !err && list < LIA_INTAKE_LISTS; list++) {
        size_t count = 0;
        for (size_t i = 0; i < r->count; i++)
            if (r->lines[i].list == list) rows[count++] = r->lines[i].row;
        if (count)
            err = lia_intake_add(&r->work.intake, r->work.call->api->imports, (lia_intake_list)list,
                                 rows, count);
    }
    r->work.intake.rows += r->count;
    r->count = 0;
    free(rows);
    return err;
}

static lia_err save(running *r)
{
    lia_intake *intake = &r->work.intake;
    intake->offset += r->records.taken;
    intake->line = r->records.line;
    intake->complete = r->last;
    r->saved = true;
    return lia_intake_save(intake, r->work.call->api->imports);
}

static lia_err step(running *r)
{
    lia_intake *intake = &r->work.intake;
    lia_err err = LIA_OK;
    if (!r->read)
        err = lia_records_read(&r->records, intake, lia_http_get_body(r->work.call->request),
                               r->last, &r->work.arena, &r->why);
    r->read = true;
    if (!err && r->count) err = note_slice(r);
    if (!err && r->at < r->records.count) err = judge_slice(r);
    if (!err && !r->count) err = save(r);
    return err;
}

static void work(uv_work_t *job)
{
    running *r = job->data;
    lia_catalog_use(r->work.call->catalog);
    r->err = step(r);
    lia_node_scan_end(&r->rows);
}

/* ---- on the loop ----------------------------------------------------------------------------- */

static void let_go(running *r)
{
    lia_api *api = r->work.call->api;
    lia_import_end(&r->work);
    if (r->err)
        lia_call_fail(r->work.call, r->err, &r->why);
    else
        lia_import_answer(r->work.call, 200, &r->work.intake);
    lia_arena_fini(&r->slice);
    lia_arena_fini(&r->work.arena);
    free(r);
    lia_api_worked(api);
}

static void submit(void *context);

static void worked(uv_work_t *job, int status)
{
    running *r = job->data;
    (void)status;
    if (r->err || r->saved)
        let_go(r);
    else
        submit(r);
}

static void go_on(running *r)
{
    r->err = lia_node_scan(r->work.call->api->node, &r->rows);
    if (r->err) {
        let_go(r);
        return;
    }
    r->job.data = r;
    int queued = uv_queue_work(r->work.call->api->loop, &r->job, work, worked);
    lia_assert(queued == 0);
}

static void note(lia_import_line *line)
{
    const lia_command *command = &line->command;
    line->row.id = command->record;
    line->row.position = command->position;
    if (!command->err) return;
    lia_problem problem = lia_problem_of(command->err, command->refusal, &command->why);
    line->list = LIA_INTAKE_FAILED;
    line->row.id = LIA_ID_NONE;
    lia_import_reason(&line->row, problem.detail ? problem.detail : problem.title);
}

/* A node that takes no more commands ends the piece: its lines are not at fault. */
static void done(lia_command *command, void *context)
{
    running *r = context;
    bool is_nodes = command->err == LIA_EIO || command->err == LIA_EFULL ||
                    command->err == LIA_ECLOSED || command->err == LIA_ECORRUPT;
    if (is_nodes) r->err = command->err;
    note((lia_import_line *)(void *)((uint8_t *)command - offsetof(lia_import_line, command)));
    if (--r->left) return;
    lia_api_committed(r->work.call->api);
    if (r->err)
        let_go(r);
    else
        go_on(r);
}

/* A full queue is no failure: a commit is near, after which it is tried again. */
static void submit(void *context)
{
    running *r = context;
    lia_api *api = r->work.call->api;
    lia_command *first = NULL, **end = &first;
    size_t count = 0;
    for (size_t i = 0; i < r->count; i++) {
        if (!r->lines[i].sent) continue;
        r->lines[i].command.done = done;
        r->lines[i].command.context = r;
        r->lines[i].command.trace = r->work.call->trace;
        r->lines[i].command.next = NULL;
        *end = &r->lines[i].command;
        end = &r->lines[i].command.next;
        count++;
    }
    r->left = count;
    r->err = count ? lia_node_submit_all(api->node, first, count) : LIA_OK;
    if (r->err == LIA_EFULL) {
        r->err = LIA_OK;
        r->waiter = (lia_waiter){submit, r, NULL};
        lia_api_wait(api, &r->waiter);
    } else if (r->err) {
        (void)lia_node_health(api->node, &r->why);
        let_go(r);
    } else if (!count) {
        go_on(r);
    }
}

/* ---- the question ---------------------------------------------------------------------------- */

static bool begins_right(lia_call *call, const running *r)
{
    lia_why why;
    const lia_intake *intake = &r->work.intake;
    if (intake->complete) {
        lia_why_set(&why, LIA_ECONFLICT, "this import is complete");
    } else if (r->offset != intake->offset) {
        lia_why_set(&why, LIA_ECONFLICT, "offset: the next piece begins at %llu",
                    (unsigned long long)intake->offset);
    } else {
        return true;
    }
    const lia_problem problem = {
        .status = 409, .type = "conflict", .title = "another piece is wanted", .detail = why.text};
    lia_call_problem(call, &problem);
    return false;
}

void lia_import_run(lia_call *call, lia_id id)
{
    uint64_t offset = 0;
    bool last = false;
    if (!lia_call_number(call, "offset", 0, INT64_MAX, &offset) ||
        !lia_call_flag(call, "last", &last))
        return;
    running *r = calloc(1, sizeof *r);
    if (!r || lia_arena_init(&r->slice, LIA_IMPORT_SLICE_BYTES)) {
        free(r);
        lia_call_fail(call, LIA_EFULL, NULL);
        return;
    }
    r->offset = offset;
    r->last = last;
    bool found = lia_import_find(call, id, &r->work);
    if (!found || !begins_right(call, r)) {
        if (found) lia_arena_fini(&r->work.arena);
        lia_arena_fini(&r->slice);
        free(r);
        return;
    }
    lia_import_begin(&r->work);
    go_on(r);
}
