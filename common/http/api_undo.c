/* SPDX-License-Identifier: Apache-2.0 */
/* POST /{plural}/{id}:undo: takes back the last change that whoever asks has made to the record:
 * its fields get the values from before it. That is a change like others: it is told, and undoing
 * it brings the first one back. Refused, with the reason, when it cannot be done whole:
 *
 *     no-number         nobody knows which changes are theirs
 *     nothing-to-undo   among the last ROWS_MAX changes none is theirs, or theirs made the record
 *     more-than-fields  it was more than a change of fields (a deal was won): the rules of that
 * apply changed-since     somebody has changed one of its fields since; `detail` names them
 *     value-left        what was there before has left the log */
#include "common/http/api_gate.h"
#include "common/http/api_history.h"
#include "common/http/revert.h"
#include "common/node/changes.h"

#define ROWS_MAX 200

typedef struct undoing {
    lia_call *call;
    lia_rows rows;
    lia_shown shown;
    lia_event event;
    const lia_op *op;
    lia_revert revert;
    lia_buf request;
    const char *no; /* code of the refusal */
} undoing;

/* ---- which change ---------------------------------------------------------------------------- */

static lia_err find_own(undoing *undo)
{
    lia_call *call = undo->call;
    lia_changes walk;
    lia_change change;
    uint32_t actor = lia_call_actor_number(call);
    lia_err err = lia_changes_open(&walk, &undo->rows, call->kind->number, call->id, LIA_SPAN_NONE);
    for (size_t i = 0; !err && i < ROWS_MAX && !(err = lia_changes_next(&walk, &change)); i++) {
        lia_header header;
        if (lia_event_parse_header(&header, change.bytes) || header.actor != actor) continue;
        if (!actor && header.depth) continue; /* the node's own */
        err = lia_event_parse(&undo->event, change.bytes, call->arena, NULL);
        if (!err) undo->op = lia_change_op(&undo->event, call->kind->number, call->id);
        break;
    }
    lia_changes_close(&walk);
    return err == LIA_EABSENT ? LIA_OK : err;
}

/* Whether restoring its fields takes all of it back. */
static const char *judge(const undoing *undo)
{
    bool is_nobodys = undo->call->login && !lia_call_actor_number(undo->call);
    if (is_nobodys) return "no-number";
    if (!undo->op) return "nothing-to-undo";
    switch (undo->event.header.fact) {
    case LIA_RECORD_CREATED:
    case LIA_INTERACTION_LOGGED:
        return "nothing-to-undo";
    case LIA_RECORD_CHANGED:
    case LIA_RECORD_ARCHIVED:
        return NULL;
    default:
        return "more-than-fields";
    }
}

/* ---- the answer ------------------------------------------------------------------------------ */

static const char *text_of(const char *code)
{
    static const struct {
        const char *code, *text;
    } words[] = {
        {"no-number",
         "your user has no actor number, so that nobody knows which changes are yours"},
        {"nothing-to-undo", "none of the last changes of its fields is yours"},
        {"more-than-fields", "your last change was more than a change of fields"},
        {"changed-since", "changed by somebody since"},
        {"value-left", "what was there before your change has left the log"},
    };
    for (size_t i = 0; i < LIA_COUNT(words); i++)
        if (strcmp(words[i].code, code) == 0) return words[i].text;
    return code;
}

static void refuse(undoing *undo)
{
    lia_why why;
    const lia_buf *names = &undo->revert.names;
    lia_buf current = lia_buf_make(undo->call->arena);
    lia_why_set(&why, LIA_EREFUSED, "%.*s%s%s", (int)names->size, (const char *)names->data,
                names->size ? ": " : "", text_of(undo->no));
    lia_problem problem = lia_problem_of(LIA_EREFUSED, LIA_ALLOWED, &why);
    problem.code = undo->no;
    lia_shown_put_object(&current, undo->call->api, &undo->shown, LIA_SHOW_CONFLICTS);
    if (!current.failed) problem.current = lia_buf_get(&current);
    lia_call_problem(undo->call, &problem);
}

static lia_err look(undoing *undo)
{
    lia_call *call = undo->call;
    lia_err err =
        lia_shown_load(&undo->shown, call->who, &undo->rows, call->kind, call->id, call->arena);
    if (!err) err = find_own(undo);
    if (err) return err;
    undo->no = judge(undo);
    lia_revert *revert = &undo->revert;
    lia_revert_begin(revert, &undo->rows, undo->shown.kind, &undo->shown.record, call->arena);
    if (undo->no) return LIA_OK;
    err = lia_revert_step(revert, &undo->event, undo->op);
    undo->no = revert->no;
    return err || undo->no ? err : lia_revert_request(revert, &undo->request);
}

static void send_back(undoing *undo)
{
    const lia_revert *revert = &undo->revert;
    const lia_change_ask ask = {
        .type = revert->archives ? LIA_COMMAND_ARCHIVE : LIA_COMMAND_CHANGE,
        .restore = !lia_revert_was_archived(revert),
        .request = lia_buf_get(&undo->request),
        .mask = (const uint32_t *)(const void *)revert->mask.data,
        .mask_count = revert->mask.size / sizeof *ask.mask,
        .match = undo->shown.top,
    };
    if ((!revert->archives || lia_call_may(undo->call, LIA_ACTION_ARCHIVE)) &&
        lia_call_refers(undo->call, undo->call->kind->message, ask.request))
        lia_call_change(undo->call, &ask);
}

void lia_api_undo(lia_call *call)
{
    if (!lia_call_may(call, LIA_ACTION_CHANGE)) return;
    undoing *undo = lia_arena_zero(call->arena, sizeof *undo);
    lia_err err = undo ? lia_node_read(call->api->node, &undo->rows) : LIA_EFULL;
    if (err) {
        lia_call_fail(call, err, NULL);
        return;
    }
    undo->call = call;
    undo->request = lia_buf_make(call->arena);
    err = look(undo);
    if (err)
        lia_call_fail_read(call, err);
    else if (undo->no)
        refuse(undo);
    lia_node_read_end(call->api->node, &undo->rows);
    if (!err && !undo->no) send_back(undo);
}
