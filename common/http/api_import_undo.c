/* SPDX-License-Identifier: Apache-2.0 */
/* POST /imports/{id}:undo: takes back what an import made, a slice of the list with each request;
 * it is asked for again until `undo_complete`. A record that somebody has changed since is kept and
 * listed; what departments work out themselves (fields that nobody may write) is no such change. An
 * updated record is kept, too: its list says which ones they are. */
#include "common/base/assert.h"
#include "common/http/api_import.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct undoing {
    lia_import_work work;
    lia_rows rows;
    lia_arena scratch;
    lia_intake_row rows_read[LIA_IMPORT_SLICE_LINES];
    lia_import_line lines[LIA_IMPORT_SLICE_LINES];
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
                                  .actor = lia_call_actor_number(u->work.call),
                                  .quiet = true};
    return LIA_OK;
}

/* The next rows: of the created records, then of the updated ones. */
static lia_err judge_slice(undoing *u)
{
    lia_intake *intake = &u->work.intake;
    const char *dir = u->work.call->api->imports;
    bool updated = intake->undo_at[0] == intake->counts[LIA_INTAKE_CREATED];
    lia_intake_list list = updated ? LIA_INTAKE_UPDATED : LIA_INTAKE_CREATED;
    lia_err err = lia_intake_rows(intake, dir, list, intake->undo_at[updated], u->rows_read,
                                  LIA_IMPORT_SLICE_LINES, &u->count);
    for (size_t i = 0; !err && i < u->count; i++) {
        u->lines[i] = (lia_import_line){.line = u->rows_read[i].line, .row = u->rows_read[i]};
        if (updated)
            keep(&u->lines[i], "it was there before; an update is not taken back");
        else
            err = judge(u, &u->lines[i]);
    }
    intake->undo_at[updated] += u->count;
    return err;
}

static lia_err save(undoing *u)
{
    lia_err err = LIA_OK;
    lia_intake *intake = &u->work.intake;
    const char *dir = u->work.call->api->imports;
    for (size_t i = 0; !err && i < u->count; i++) {
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
    lia_command *first = NULL, **end = &first;
    u->left = 0;
    for (size_t i = 0; i < u->count; i++) {
        lia_command *command = &u->lines[i].command;
        if (!u->lines[i].sent) continue;
        command->done = done;
        command->context = u;
        command->next = NULL;
        *end = command;
        end = &command->next;
        u->left++;
    }
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

void lia_import_undo(lia_call *call, lia_id id)
{
    undoing *u = calloc(1, sizeof *u);
    if (!u || lia_arena_init(&u->scratch, LIA_IMPORT_SLICE_BYTES)) {
        free(u);
        lia_call_fail(call, LIA_EFULL, NULL);
        return;
    }
    if (!lia_import_find(call, id, &u->work)) {
        lia_arena_fini(&u->scratch);
        free(u);
        return;
    }
    lia_import_begin(&u->work);
    go_on(u);
}
