/* SPDX-License-Identifier: Apache-2.0 */
/* POST /imports/{id}:undo: takes back what an import did, a slice of a list with each request; it
 * is asked for again until `undo_complete`. What it made is archived, what it updated gets the
 * values from before. A record that somebody has changed since is kept and listed; what departments
 * work out themselves (fields that nobody may write) is no such change.
 *
 * Updates are taken back from the last line to the first. Lines of one slice that updated one
 * record are taken back together, by the command of the last one; where they are further apart than
 * a slice the earlier ones are kept, since by then the record shows what the undoing wrote. */
#include "common/base/assert.h"
#include "common/http/api_gate.h"
#include "common/http/api_import.h"
#include "common/http/revert.h"
#include "common/node/changes.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct undoing {
    lia_import_work work;
    lia_rows rows;
    lia_arena scratch, kept; /* of a record; of the commands */
    lia_intake_row rows_read[LIA_IMPORT_SLICE_LINES];
    lia_import_line lines[LIA_IMPORT_SLICE_LINES];
    uint16_t with[LIA_IMPORT_SLICE_LINES]; /* the line whose command takes this one back, too */
    size_t count, left;
    bool judged, saved;
    uv_work_t job;
    lia_waiter waiter;
    lia_err err;
    lia_why why;
} undoing;

static void keep(lia_import_line *line, const char *reason)
{
    line->list = LIA_INTAKE_KEPT;
    line->sent = false;
    snprintf(line->row.reason, sizeof line->row.reason, "%.*s", (int)sizeof line->row.reason - 1,
             reason);
}

static bool is_by(const lia_stamp *stamp, const lia_position *position)
{
    return stamp->node == position->node && stamp->incarnation == position->incarnation &&
           stamp->seq == position->seq;
}

/* Whether anybody has written a field that people write. */
static bool is_changed(const lia_kind *kind, const lia_record *record, const lia_position *position)
{
    for (size_t i = 0; i < record->count; i++) {
        const lia_register *reg = &record->registers[i];
        const lia_field *field = lia_field_find(kind->message, reg->field);
        if (field && field->read_only && field != kind->archived) continue;
        for (size_t j = 0; j < reg->count; j++)
            if (!is_by(&reg->live[j].stamp, position)) return true;
    }
    return false;
}

static lia_err judge(undoing *u, lia_import_line *line)
{
    lia_record record;
    bool allowed = false;
    const lia_kind *kind = u->work.intake.kind;
    lia_arena_reset(&u->scratch);
    lia_err err = lia_rows_record(&u->rows, kind->number, line->row.id, &u->scratch, &record);
    if (err == LIA_EABSENT || err == LIA_EGONE) return keep(line, lia_err_text(err)), LIA_OK;
    if (err) return err;
    if (!kind->archived) return keep(line, "such records cannot be archived"), LIA_OK;
    if (is_changed(kind, &record, &line->row.position))
        return keep(line, "somebody has changed it since"), LIA_OK;
    err = lia_principal_reaches(u->work.call->who, &u->rows, LIA_ACTION_ARCHIVE, kind, line->row.id,
                                &u->scratch, &allowed);
    if (err) return err;
    if (!allowed) return keep(line, "your roles do not let you archive it"), LIA_OK;
    line->sent = true;
    line->list = LIA_INTAKE_CREATED;
    line->command = (lia_command){.type = LIA_COMMAND_ARCHIVE,
                                  .kind = kind,
                                  .id = line->row.id,
                                  .has_match = true,
                                  .match = lia_record_top(&record),
                                  .quiet = true,
                                  .run = &u->work.run,
                                  .bulk = true};
    lia_call_claim(u->work.call, &line->command);
    return LIA_OK;
}

/* ---- what was updated ------------------------------------------------------------------------ */

static const char *text_of(const char *no)
{
    return strcmp(no, "changed-since") == 0 ? "somebody has changed it since"
                                            : "what was there before has left the log";
}

/* One line's update more; *taken: it can be. */
static lia_err step(undoing *u, lia_revert *revert, lia_import_line *line, bool *taken)
{
    lia_span bytes;
    lia_event event;
    const lia_op *op = NULL;
    *taken = true;
    if (!line->row.position.seq) return LIA_OK; /* nothing had to change */
    lia_err err = lia_rows_position(&u->rows, line->row.position, &bytes);
    if (!err) err = lia_event_parse(&event, bytes, revert->arena, NULL);
    if (!err) op = lia_change_op(&event, u->work.intake.kind->number, line->row.id);
    if (err && err != LIA_EABSENT) return err;
    *taken = op != NULL;
    if (!op) return keep(line, text_of("value-left")), LIA_OK;
    err = lia_revert_step(revert, &event, op);
    *taken = !err && !revert->no;
    if (revert->no) keep(line, text_of(revert->no));
    return err;
}

/* The lines that updated the same record, newest first, as far back as they can be taken. */
static lia_err step_all(undoing *u, lia_revert *revert, size_t newest)
{
    bool taken = true;
    lia_err err = LIA_OK;
    for (size_t i = newest + 1; i-- && !err;) {
        lia_import_line *line = &u->lines[i];
        if (!lia_id_equal(line->row.id, u->lines[newest].row.id)) continue;
        u->with[i] = (uint16_t)newest;
        if (taken)
            err = step(u, revert, line, &taken);
        else
            keep(line, text_of("changed-since"));
    }
    return err;
}

/* Whoever asks must be able to write all that it wrote. */
static lia_err may_revert(undoing *u, const lia_revert *revert, lia_id id, bool *allowed)
{
    *allowed = false;
    if (revert->leaves || revert->archives) return LIA_OK;
    return lia_principal_reaches(u->work.call->who, &u->rows, LIA_ACTION_CHANGE,
                                 lia_kind_find(revert->kind->number), id, &u->scratch, allowed);
}

static lia_err revert_lines(undoing *u, size_t newest)
{
    bool allowed;
    lia_record record;
    lia_revert revert;
    lia_import_line *line = &u->lines[newest];
    const lia_kind *kind = u->work.call->kind;
    lia_buf request = lia_buf_make(&u->kept), mask = lia_buf_make(&u->kept);
    lia_arena_reset(&u->scratch);
    lia_err err = lia_rows_record(&u->rows, kind->number, line->row.id, &u->scratch, &record);
    if (err == LIA_EABSENT || err == LIA_EGONE) return keep(line, lia_err_text(err)), LIA_OK;
    if (err) return err;
    lia_stamp match = lia_record_top(&record);
    lia_revert_begin(&revert, &u->rows, kind, &record, &u->scratch);
    err = step_all(u, &revert, newest);
    if (err || !revert.mask.size) return err;
    err = may_revert(u, &revert, line->row.id, &allowed);
    if (err) return err;
    if (!allowed) return keep(line, "your roles do not let you write all that it changed"), LIA_OK;
    err = lia_revert_request(&revert, &request);
    lia_buf_add(&mask, revert.mask.data, revert.mask.size);
    if (err || mask.failed) return err ? err : LIA_EFULL;
    line->sent = true;
    line->list = LIA_INTAKE_UPDATED;
    line->command = (lia_command){.type = LIA_COMMAND_CHANGE,
                                  .kind = lia_kind_find(kind->number),
                                  .id = line->row.id,
                                  .request = lia_buf_get(&request),
                                  .mask = (const uint32_t *)(const void *)mask.data,
                                  .mask_count = mask.size / sizeof(uint32_t),
                                  .has_match = true,
                                  .match = match,
                                  .quiet = true,
                                  .run = &u->work.run,
                                  .bulk = true};
    lia_call_claim(u->work.call, &line->command);
    return LIA_OK;
}

/* ---- the next slice -------------------------------------------------------------------------- */

static lia_err read_slice(undoing *u, lia_intake_list list, uint64_t from, size_t max)
{
    lia_err err = lia_intake_rows(&u->work.intake, u->work.call->api->imports, list, from,
                                  u->rows_read, max, &u->count);
    for (size_t i = 0; !err && i < u->count; i++) {
        u->lines[i] =
            (lia_import_line){.line = u->rows_read[i].line, .list = list, .row = u->rows_read[i]};
        u->with[i] = UINT16_MAX;
    }
    return err;
}

static lia_err judge_created(undoing *u)
{
    lia_intake *intake = &u->work.intake;
    lia_err err = read_slice(u, LIA_INTAKE_CREATED, intake->undo_at[0], LIA_IMPORT_SLICE_LINES);
    for (size_t i = 0; !err && i < u->count; i++) err = judge(u, &u->lines[i]);
    intake->undo_at[0] += u->count;
    return err;
}

static lia_err judge_updated(undoing *u)
{
    lia_intake *intake = &u->work.intake;
    uint64_t left = intake->counts[LIA_INTAKE_UPDATED] - intake->undo_at[1];
    size_t max = left < LIA_IMPORT_SLICE_LINES ? (size_t)left : LIA_IMPORT_SLICE_LINES;
    lia_err err = read_slice(u, LIA_INTAKE_UPDATED, left - max, max);
    for (size_t i = u->count; i-- && !err;)
        if (u->with[i] == UINT16_MAX) err = revert_lines(u, i);
    intake->undo_at[1] += u->count;
    return err;
}

/* Of the created records first, then of the updated ones. */
static lia_err judge_slice(undoing *u)
{
    const lia_intake *intake = &u->work.intake;
    if (intake->undo_at[0] < intake->counts[LIA_INTAKE_CREATED]) return judge_created(u);
    return judge_updated(u);
}

static lia_err save(undoing *u)
{
    lia_err err = LIA_OK;
    lia_intake *intake = &u->work.intake;
    const char *dir = u->work.call->api->imports;
    for (size_t i = 0; !err && i < u->count; i++) {
        const lia_import_line *with = u->with[i] < u->count ? &u->lines[u->with[i]] : NULL;
        if (with && with->list == LIA_INTAKE_KEPT && u->lines[i].list != LIA_INTAKE_KEPT)
            keep(&u->lines[i], with->row.reason);
        if (u->lines[i].list == LIA_INTAKE_KEPT)
            err = lia_intake_add(intake, dir, LIA_INTAKE_KEPT, &u->lines[i].row, 1);
        else
            intake->undone++;
    }
    u->saved = true;
    return err ? err : lia_intake_save(intake, dir);
}

static void work(uv_work_t *job)
{
    undoing *u = job->data;
    lia_catalog_use(u->work.call->catalog);
    u->err = u->judged ? save(u) : judge_slice(u);
    u->judged = true;
    lia_node_scan_end(&u->rows);
}

/* ---- on the loop ----------------------------------------------------------------------------- */

static void answer(undoing *u)
{
    const lia_intake *intake = &u->work.intake;
    lia_buf out = lia_buf_make(u->work.call->arena);
    bool complete = intake->undo_at[0] == intake->counts[LIA_INTAKE_CREATED] &&
                    intake->undo_at[1] == intake->counts[LIA_INTAKE_UPDATED];
    lia_buf_byte(&out, '{');
    lia_intake_put(intake, &out);
    lia_buf_format(&out, ",\"undo_complete\":%s}", complete ? "true" : "false");
    lia_call_json(u->work.call, &out);
}

static void let_go(undoing *u)
{
    lia_api *api = u->work.call->api;
    lia_import_end(&u->work);
    if (u->err)
        lia_call_fail(u->work.call, u->err, &u->why);
    else
        answer(u);
    lia_arena_fini(&u->scratch);
    lia_arena_fini(&u->kept);
    lia_arena_fini(&u->work.arena);
    free(u);
    lia_api_worked(api);
}

static void submit(void *context);

static void worked(uv_work_t *job, int status)
{
    undoing *u = job->data;
    (void)status;
    if (u->err || u->saved)
        let_go(u);
    else
        submit(u);
}

static void go_on(undoing *u)
{
    u->err = lia_node_scan(u->work.call->api->node, &u->rows);
    if (u->err) {
        let_go(u);
        return;
    }
    u->job.data = u;
    int queued = uv_queue_work(u->work.call->api->loop, &u->job, work, worked);
    lia_assert(queued == 0);
}

static void done(lia_command *command, void *context)
{
    undoing *u = context;
    lia_import_line *line =
        (lia_import_line *)(void *)((uint8_t *)command - offsetof(lia_import_line, command));
    if (command->err == LIA_EIO || command->err == LIA_EFULL || command->err == LIA_ECLOSED)
        u->err = command->err;
    else if (command->err)
        keep(line, command->why.text[0] ? command->why.text : lia_err_text(command->err));
    if (--u->left) return;
    lia_api_committed(u->work.call->api);
    if (u->err)
        let_go(u);
    else
        go_on(u);
}

static void submit(void *context)
{
    undoing *u = context;
    lia_api *api = u->work.call->api;
    lia_command *first = lia_import_chain(u->lines, u->count, done, u, &u->left);
    u->err = u->left ? lia_node_submit_all(api->node, first, u->left) : LIA_OK;
    if (u->err == LIA_EFULL) {
        u->err = LIA_OK;
        u->waiter = (lia_waiter){submit, u, NULL};
        lia_api_wait(api, &u->waiter);
    } else if (u->err) {
        (void)lia_node_health(api->node, &u->why);
        let_go(u);
    } else if (!u->left) {
        go_on(u);
    }
}

static void drop(undoing *u)
{
    lia_arena_fini(&u->scratch);
    lia_arena_fini(&u->kept);
    free(u);
}

void lia_import_undo(lia_call *call, lia_id id)
{
    undoing *u = calloc(1, sizeof *u);
    if (!u || lia_arena_init(&u->scratch, LIA_IMPORT_SLICE_BYTES) ||
        lia_arena_init(&u->kept, LIA_IMPORT_SLICE_BYTES)) {
        if (u) drop(u);
        lia_call_fail(call, LIA_EFULL, NULL);
        return;
    }
    if (!lia_import_find(call, id, &u->work)) {
        drop(u);
        return;
    }
    lia_import_begin(&u->work);
    go_on(u);
}
