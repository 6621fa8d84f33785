/* SPDX-License-Identifier: Apache-2.0 */
/* What whoever asks may do, as far as lists and reading do not say it already by what they show.
 * Rights are looked at before a command is sent, and whether they are the same still when the writer
 * takes it (lia_call_claim). */
#include "common/http/api_gate.h"

static bool fail(lia_call *call, lia_err err, const lia_why *why)
{
    lia_call_fail(call, err, why);
    return false;
}

static const char *word_of(lia_action action)
{
    static const char *const words[LIA_ACTIONS] = {
        [LIA_ACTION_READ] = "read",     [LIA_ACTION_CREATE] = "create",
        [LIA_ACTION_CHANGE] = "change", [LIA_ACTION_ARCHIVE] = "archive",
        [LIA_ACTION_EXPORT] = "export",
    };
    return words[action];
}

static Access__Scope scope_of(const lia_call *call, lia_action action)
{
    return lia_rights_scope(lia_principal_rights(call->who), action,
                            lia_kind_find(call->kind->number));
}

bool lia_call_administrates(lia_call *call)
{
    lia_why why;
    if (lia_principal_rights(call->who)->administrator) return true;
    lia_why_set(&why, LIA_EDENIED, "this is for administrators");
    return fail(call, LIA_EDENIED, &why);
}

bool lia_call_may_any(lia_call *call, lia_action action)
{
    lia_why why;
    if (scope_of(call, action) != ACCESS__SCOPE__SCOPE_NONE) return true;
    lia_why_set(&why, LIA_EDENIED, "none of your roles lets you %s %s", word_of(action),
                call->kind->plural);
    return fail(call, LIA_EDENIED, &why);
}

bool lia_call_may(lia_call *call, lia_action action)
{
    lia_rows rows;
    lia_why why;
    bool seen = true, allowed = true;
    if (!lia_call_may_any(call, action)) return false;
    if (scope_of(call, action) == ACCESS__SCOPE__SCOPE_ALL &&
        scope_of(call, LIA_ACTION_READ) == ACCESS__SCOPE__SCOPE_ALL)
        return true;
    lia_err err = lia_node_read(call->api->node, &rows);
    if (err) return fail(call, err, NULL);
    err = lia_principal_reaches(call->who, &rows, LIA_ACTION_READ, call->kind, call->id,
                                call->arena, &seen);
    if (!err && seen)
        err = lia_principal_reaches(call->who, &rows, action, call->kind, call->id, call->arena,
                                    &allowed);
    lia_node_read_end(call->api->node, &rows);
    if (!err && !seen) err = LIA_EABSENT;
    if (err) lia_call_fail_read(call, err);
    if (err) return false;
    if (allowed) return true;
    lia_why_set(&why, LIA_EDENIED, "your roles let you %s other %s, not this one", word_of(action),
                call->kind->plural);
    return fail(call, LIA_EDENIED, &why);
}

/* ---- references ------------------------------------------------------------------------------ */

static lia_err refer(const lia_call *call, const lia_rows *rows, lia_arena *arena,
                     const lia_field *field, lia_id id, lia_why *why)
{
    char text[LIA_ID_TEXT_SIZE];
    bool allowed;
    const lia_kind *kind = lia_kind_find(field->reference);
    bool is_self = call->login && kind->number == LIA_USER && lia_id_equal(id, call->login->user);
    if (is_self || kind->secret) return LIA_OK; /* of secret kinds no path takes anything */
    lia_err err =
        lia_principal_reaches(call->who, rows, LIA_ACTION_READ, kind, id, arena, &allowed);
    if (err || allowed) return err;
    lia_id_print(id, text);
    return lia_why_set(why, LIA_EINVAL, "%s: no %s has the id %s", field->name, kind->name, text);
}

/* What is referred to may be on its way here from another node: whoever sees all of its kind may
 * name it before it comes. To everybody else it is as absent as what they may not see. */
lia_err lia_right_refer(const lia_call *call, const lia_rows *rows, lia_arena *arena,
                        const lia_message *schema, lia_span request, lia_why *why)
{
    const lia_rights *rights = lia_principal_rights(call->who);
    lia_pb_reader reader = lia_pb_read(request);
    lia_pb_field found;
    lia_err err = LIA_OK;
    while (!rights->administrator && !err && lia_pb_next(&reader, &found)) {
        const lia_field *field = lia_field_find(schema, found.number);
        if (field && field->message && found.wire == LIA_WIRE_BYTES) /* parts refer, too */
            err = lia_right_refer(call, rows, arena, field->message, found.bytes, why);
        if (!field || !field->reference || found.bytes.size != LIA_ID_SIZE) continue;
        const lia_kind *kind = lia_kind_find(field->reference);
        if (lia_rights_scope(rights, LIA_ACTION_READ, kind) == ACCESS__SCOPE__SCOPE_ALL) continue;
        size_t mark = lia_arena_mark(arena);
        err = refer(call, rows, arena, field, lia_id_from(found.bytes), why);
        lia_arena_back(arena, mark);
    }
    return err;
}

bool lia_call_refers(lia_call *call, const lia_message *schema, lia_span request)
{
    lia_rows rows;
    lia_why why = {{0}};
    if (lia_principal_rights(call->who)->administrator) return true;
    lia_err err = lia_node_read(call->api->node, &rows);
    if (err) return fail(call, err, NULL);
    err = lia_right_refer(call, &rows, call->arena, schema, request, &why);
    lia_node_read_end(call->api->node, &rows);
    return err ? fail(call, err, &why) : true;
}

/* ---- new records ----------------------------------------------------------------------------- */

/* Adds the asker as owner when the request names none. */
static lia_err own(const lia_call *call, const lia_kind *kind, lia_arena *arena, lia_span *request)
{
    lia_pb_field found;
    const lia_field *owner = lia_field_by_name(kind->message, LIA_SPAN("owner"));
    if (!call->login || !owner || owner->reference != LIA_USER || owner->repeated) return LIA_OK;
    if (lia_pb_find(*request, owner->number, &found)) return LIA_OK;
    lia_buf out = lia_buf_make(arena);
    lia_pb_reader reader = lia_pb_read(*request);
    bool placed = false;
    while (lia_pb_next(&reader, &found)) { /* fields stand ascending */
        if (!placed && found.number > owner->number) {
            lia_pb_put_bytes(&out, owner->number, lia_id_span(&call->login->user));
            placed = true;
        }
        lia_pb_put_raw(&out, found.number, found.wire, found.bytes);
    }
    if (!placed) lia_pb_put_bytes(&out, owner->number, lia_id_span(&call->login->user));
    *request = lia_buf_get(&out);
    return out.failed ? LIA_EFULL : LIA_OK;
}

lia_err lia_right_create(const lia_call *call, const lia_rows *rows, lia_arena *arena,
                         lia_span *request, lia_why *why)
{
    bool allowed;
    const lia_kind *kind = lia_kind_find(call->kind->number);
    if (scope_of(call, LIA_ACTION_CREATE) == ACCESS__SCOPE__SCOPE_ALL) return LIA_OK;
    lia_err err = own(call, kind, arena, request);
    if (!err)
        err = lia_principal_may(call->who, rows, LIA_ACTION_CREATE, kind, LIA_ID_NONE, *request,
                                arena, &allowed);
    if (err || allowed) return err;
    return lia_why_set(why, LIA_EDENIED, "your roles let you create %s of your own or your team's",
                       kind->plural);
}

bool lia_call_may_create(lia_call *call, lia_span *request)
{
    lia_rows rows;
    lia_why why = {{0}};
    if (scope_of(call, LIA_ACTION_CREATE) == ACCESS__SCOPE__SCOPE_ALL)
        return lia_call_refers(call, call->kind->message, *request);
    if (!lia_call_may_any(call, LIA_ACTION_CREATE)) return false;
    lia_err err = lia_node_read(call->api->node, &rows);
    if (err) return fail(call, err, NULL);
    err = lia_right_refer(call, &rows, call->arena, call->kind->message, *request, &why);
    if (!err) err = lia_right_create(call, &rows, call->arena, request, &why);
    lia_node_read_end(call->api->node, &rows);
    return err ? fail(call, err, &why) : true;
}
