/* SPDX-License-Identifier: Apache-2.0 */
/* POST /imports/{id}:run: one piece of the file. Read (in parts, so that the writer need not wait
 * for all of it) and judged on a worker thread, written by the writer, slice by slice, two slices
 * in turns: while the writer has one the other is judged.
 *
 *     worker   read, judge A    judge B    note A, judge A ...           note B, save
 *     writer               write A    write B           write A ...
 *
 * A slice ends before a line whose key another line of it has, or one of the slice that is with the
 * writer: the second must find what the first made. The progress is saved once, behind the piece;
 * what a crash leaves behind it is known by its keys. */
#include "common/base/assert.h"
#include "common/http/api_import.h"

#include <stdlib.h>

#define PART_BYTES ((size_t)256 << 10)

typedef struct running running;

typedef struct slice {
    running *run;
    lia_arena arena;
    lia_import_line *lines;
    size_t count;                              /* lines that are judged and in no list yet */
    size_t left;                               /* of them, with the writer; on the loop */
    uint64_t keys[2 * LIA_IMPORT_SLICE_LINES]; /* hashes; 0: free */
} slice;

struct running {
    lia_import_work work;
    lia_records records;
    bool last, saved;
    uint64_t offset;
    size_t taken; /* bytes of the piece that are read */
    bool read;    /* all that can be */
    size_t at;    /* of the records: the next one */
    slice slices[2];
    size_t turn;         /* the slice that is judged or comes next */
    const slice *beside; /* the other one, when it was with the writer as `rows` began */
    lia_rows rows;
    bool judging; /* a worker has it */
    lia_waiter waiter;
    uv_work_t job;
    lia_err err, failed; /* the worker's; the writer's */
    lia_why why;
};

/* ---- on a worker thread ---------------------------------------------------------------------- */

static uint64_t hash_key(lia_span key)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < key.size; i++) {
        uint8_t c = key.data[i];
        if (c >= 'A' && c <= 'Z') c = (uint8_t)(c + 32);
        hash = (hash ^ c) * 0x100000001b3u;
    }
    return hash | 1;
}

/* Where it is, or would be. */
static size_t place_of(const slice *s, uint64_t hash)
{
    size_t place = (size_t)(hash >> 20) % LIA_COUNT(s->keys);
    while (s->keys[place] && s->keys[place] != hash) place = (place + 1) % LIA_COUNT(s->keys);
    return place;
}

static bool is_new_key(const running *r, slice *s, lia_span key)
{
    uint64_t hash = hash_key(key);
    if (r->beside && r->beside->keys[place_of(r->beside, hash)]) return false;
    size_t place = place_of(s, hash);
    if (s->keys[place]) return false;
    s->keys[place] = hash;
    return true;
}

static lia_err judge_slice(running *r, slice *s)
{
    lia_err err = LIA_OK;
    lia_span key;
    lia_arena_reset(&s->arena);
    memset(s->keys, 0, sizeof s->keys);
    s->lines = lia_arena_take(&s->arena, LIA_IMPORT_SLICE_LINES * sizeof *s->lines);
    if (!s->lines) return LIA_EFULL;
    while (!err && s->count < LIA_IMPORT_SLICE_LINES && r->at < r->records.count) {
        lia_import_line *line = &s->lines[s->count];
        err = lia_import_judge(line, &r->work, &r->rows, &r->records.items[r->at], &s->arena, &key);
        if (err || (key.size && line->sent && !is_new_key(r, s, key))) break;
        s->count++;
        r->at++;
    }
    return err;
}

/* Adds what became of the slice's lines to the lists. */
static lia_err note_slice(running *r, slice *s)
{
    lia_err err = LIA_OK;
    lia_intake_row *rows = malloc(LIA_IMPORT_SLICE_LINES * sizeof *rows);
    if (!rows) return LIA_EFULL;
    for (size_t list = 0; !err && list < LIA_INTAKE_LISTS; list++) {
        size_t count = 0;
        for (size_t i = 0; i < s->count; i++)
            if (s->lines[i].list == list) rows[count++] = s->lines[i].row;
        if (count)
            err = lia_intake_add(&r->work.intake, r->work.call->api->imports, (lia_intake_list)list,
                                 rows, count);
    }
    r->work.intake.rows += s->count;
    s->count = 0;
    free(rows);
    return err;
}

static lia_err save(running *r)
{
    lia_intake *intake = &r->work.intake;
    intake->complete = r->last;
    intake->run = r->work.run;
    r->saved = true;
    return lia_intake_save(intake, r->work.call->api->imports);
}

/* A part that holds a row at least, if there is one. */
static lia_err read_part(running *r)
{
    lia_intake *intake = &r->work.intake;
    lia_span rest = lia_span_skip(lia_http_get_body(r->work.call->request), r->taken);
    lia_err err = LIA_OK;
    r->at = r->records.taken = 0;
    for (size_t size = PART_BYTES; !err && !r->read && !r->records.taken; size *= 2) {
        lia_span part = lia_span_make(rest.data, size < rest.size ? size : rest.size);
        r->read = part.size == rest.size;
        err = lia_records_read(&r->records, intake, part, r->last && r->read, &r->work.arena,
                               &r->why);
    }
    r->taken += r->records.taken;
    intake->offset += r->records.taken;
    intake->line = r->records.line;
    return err;
}

/* The slice whose turn it is has come back from the writer, or was never there. */
static lia_err step(running *r)
{
    slice *s = &r->slices[r->turn], *other = &r->slices[!r->turn];
    lia_err err = s->count ? note_slice(r, s) : LIA_OK;
    while (!err && r->at == r->records.count && !r->read) err = read_part(r);
    if (!err && r->at < r->records.count) err = judge_slice(r, s);
    if (!err && !s->count && !other->count) err = save(r);
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

static void drop(running *r)
{
    for (size_t i = 0; i < LIA_COUNT(r->slices); i++) lia_arena_fini(&r->slices[i].arena);
    free(r);
}

/* Once nobody has any of it. */
static void let_go(running *r)
{
    lia_api *api = r->work.call->api;
    if (r->judging || r->slices[0].left || r->slices[1].left) return;
    lia_import_end(&r->work);
    if (r->failed) r->err = r->failed;
    if (r->err)
        lia_call_fail(r->work.call, r->err, &r->why);
    else
        lia_import_answer(r->work.call, 200, &r->work.intake);
    lia_arena_fini(&r->work.arena);
    drop(r);
    lia_api_worked(api);
}

static void submit(void *context);

static void worked(uv_work_t *job, int status)
{
    running *r = job->data;
    (void)status;
    r->judging = false;
    if (r->err || r->saved || r->failed)
        let_go(r);
    else
        submit(r);
}

/* Gives the slice whose turn it is to a worker, unless the writer has it. */
static void go_on(running *r)
{
    const slice *other = &r->slices[!r->turn];
    if (r->err || r->failed) {
        let_go(r);
        return;
    }
    if (r->judging || r->slices[r->turn].left) return;
    r->err = lia_node_scan(r->work.call->api->node, &r->rows);
    if (r->err) {
        let_go(r);
        return;
    }
    r->beside = other->left ? other : NULL;
    r->judging = true;
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
    slice *s = context;
    running *r = s->run;
    bool is_nodes = command->err == LIA_EIO || command->err == LIA_EFULL ||
                    command->err == LIA_ECLOSED || command->err == LIA_ECORRUPT;
    if (is_nodes) r->failed = command->err;
    note((lia_import_line *)(void *)((uint8_t *)command - offsetof(lia_import_line, command)));
    if (--s->left) return;
    lia_api_committed(r->work.call->api);
    go_on(r);
}

/* A full queue is no failure: a commit is near, after which it is tried again. The slice waits as
 * if a worker had it. */
static void submit(void *context)
{
    running *r = context;
    lia_api *api = r->work.call->api;
    slice *s = &r->slices[r->turn];
    lia_command *first =
        r->failed ? NULL : lia_import_chain(s->lines, s->count, done, s, &s->left);
    lia_err err = first ? lia_node_submit_all(api->node, first, s->left) : LIA_OK;
    r->judging = err == LIA_EFULL;
    if (err) s->left = 0;
    if (err == LIA_EFULL) {
        r->waiter = (lia_waiter){submit, r, NULL};
        lia_api_wait(api, &r->waiter);
        return;
    }
    if (err) (void)lia_node_health(api->node, &r->why);
    r->err = err;
    r->turn = !r->turn;
    go_on(r);
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

static running *make(void)
{
    running *r = calloc(1, sizeof *r);
    lia_err err = r ? LIA_OK : LIA_EFULL;
    for (size_t i = 0; !err && i < LIA_COUNT(r->slices); i++) {
        r->slices[i].run = r;
        err = lia_arena_init(&r->slices[i].arena, LIA_IMPORT_SLICE_BYTES);
    }
    if (r && err) drop(r);
    return err ? NULL : r;
}

void lia_import_run(lia_call *call, lia_id id)
{
    uint64_t offset = 0;
    bool last = false;
    if (!lia_call_number(call, "offset", 0, INT64_MAX, &offset) ||
        !lia_call_flag(call, "last", &last))
        return;
    running *r = make();
    if (!r) {
        lia_call_fail(call, LIA_EFULL, NULL);
        return;
    }
    r->offset = offset;
    r->last = last;
    bool found = lia_import_find(call, id, &r->work);
    if (!found || !begins_right(call, r)) {
        if (found) lia_arena_fini(&r->work.arena);
        drop(r);
        return;
    }
    r->work.run = r->work.intake.run;
    lia_import_begin(&r->work);
    go_on(r);
}
