/* SPDX-License-Identifier: Apache-2.0 */
#include "common/http/api_batch_line.h"

#include "common/http/json_cut.h"

#define KEY_BYTES_MAX 255

/* The inside of a JSON text without escapes. */
static bool is_text(lia_span json, lia_span *out)
{
    if (json.size < 3 || json.data[0] != '"' || memchr(json.data, '\\', json.size)) return false;
    *out = lia_span_make(json.data + 1, json.size - 2);
    return true;
}

static lia_err read_key(lia_span line, lia_command *command, size_t *members, lia_why *why)
{
    lia_span text;
    if (!lia_json_cut(line, "idempotency_key", &text)) return LIA_OK;
    ++*members;
    if (text.size < 3 || text.size > KEY_BYTES_MAX + 2 || text.data[0] != '"')
        return lia_why_set(why, LIA_EINVAL, "idempotency_key: a text of 1 to %d bytes is wanted",
                           KEY_BYTES_MAX);
    command->key = lia_api_key(lia_span_make(text.data + 1, text.size - 2));
    return LIA_OK;
}

static void take_request(lia_command *command, const lia_json_object *object)
{
    command->request = object->message;
    command->mask = object->mentioned;
    command->mask_count = object->mentioned_count;
}

/* ---- new ones -------------------------------------------------------------------------------- */

static lia_err judge_new(const lia_call *call, lia_arena *arena, lia_span *message, lia_why *why)
{
    lia_rows rows;
    if (lia_principal_rights(call->who)->administrator) return LIA_OK;
    lia_err err = lia_node_read(call->api->node, &rows);
    if (err) return err;
    err = lia_right_refer(call, &rows, arena, call->kind->message, *message, why);
    if (!err) err = lia_right_create(call, &rows, arena, message, why);
    lia_node_read_end(call->api->node, &rows);
    return err;
}

lia_err lia_batch_read_new(const lia_call *call, lia_arena *arena, lia_span line,
                           lia_command *command, lia_why *why)
{
    lia_span record;
    size_t members = 0;
    lia_json_object object;
    lia_err err = LIA_OK;
    command->type = LIA_COMMAND_CREATE;
    /* A field of that name is for the schema to judge. */
    if (lia_json_cut(line, "record", &record) && record.data[0] == '{') {
        err = read_key(line, command, &members, why);
        line = record;
    }
    if (!err) err = lia_json_read(&object, call->kind->message, LIA_JSON_CREATE, line, arena, why);
    if (!err) err = judge_new(call, arena, &object.message, why);
    if (!err) take_request(command, &object);
    return err;
}

/* ---- those that are there -------------------------------------------------------------------- */

static lia_err read_match(lia_span line, lia_command *command, size_t *members, lia_why *why)
{
    lia_span json, text;
    if (!lia_json_cut(line, "if_match", &json)) return LIA_OK;
    ++*members;
    command->has_match = is_text(json, &text) && lia_version_parse(text, &command->match) == LIA_OK;
    return command->has_match
               ? LIA_OK
               : lia_why_set(why, LIA_EINVAL, "if_match: a record's version is wanted");
}

static lia_err read_id(lia_span line, lia_command *command, lia_why *why)
{
    lia_span json, text;
    if (lia_json_cut(line, "id", &json) && is_text(json, &text) &&
        lia_id_parse(text, &command->id) == LIA_OK)
        return LIA_OK;
    return lia_why_set(why, LIA_EINVAL, "id: the id of a record (a UUID) is wanted");
}

/* What is to be done: the record's fields, or whether it is put away. */
static lia_err read_deed(const lia_call *call, lia_arena *arena, lia_span line,
                         lia_command *command, lia_why *why)
{
    lia_span json;
    lia_json_object object;
    bool archives = lia_json_cut(line, "archived", &json);
    if (archives && !lia_json_cut(line, "record", &(lia_span){0})) {
        command->type = LIA_COMMAND_ARCHIVE;
        command->restore = lia_span_is(json, "false");
        if (command->restore || lia_span_is(json, "true")) return LIA_OK;
        return lia_why_set(why, LIA_EINVAL, "archived: true or false is wanted");
    }
    command->type = LIA_COMMAND_CHANGE;
    if (archives || !lia_json_cut(line, "record", &json))
        return lia_why_set(why, LIA_EINVAL,
                           "a line is {\"id\", \"record\"} or {\"id\", \"archived\"}");
    lia_err err = lia_json_read(&object, call->kind->message, LIA_JSON_PATCH, json, arena, why);
    if (!err) take_request(command, &object);
    return err;
}

/* As api_right.c does for the record of a path: what they may not see is not there. */
static lia_err judge(const lia_call *call, const lia_rows *rows, lia_arena *arena,
                     const lia_command *command, lia_why *why)
{
    bool seen = true, allowed = true;
    lia_action action =
        command->type == LIA_COMMAND_CHANGE ? LIA_ACTION_CHANGE : LIA_ACTION_ARCHIVE;
    lia_err err = lia_principal_reaches(call->who, rows, LIA_ACTION_READ, call->kind, command->id,
                                        arena, &seen);
    if (err || !seen) return err ? err : LIA_EABSENT;
    err = lia_principal_reaches(call->who, rows, action, call->kind, command->id, arena, &allowed);
    if (!err && !allowed)
        err = lia_why_set(why, LIA_EDENIED, "your roles do not let you %s it",
                          action == LIA_ACTION_CHANGE ? "change" : "archive");
    if (!err && action == LIA_ACTION_CHANGE)
        err = lia_right_refer(call, rows, arena, call->kind->message, command->request, why);
    return err;
}

static lia_err may_change(const lia_call *call, lia_arena *arena, const lia_command *command,
                          lia_why *why)
{
    lia_rows rows;
    if (lia_principal_rights(call->who)->administrator) return LIA_OK;
    lia_err err = lia_node_read(call->api->node, &rows);
    if (err) return err;
    size_t mark = lia_arena_mark(arena);
    err = judge(call, &rows, arena, command, why);
    lia_arena_back(arena, mark);
    lia_node_read_end(call->api->node, &rows);
    return err;
}

lia_err lia_batch_read_change(const lia_call *call, lia_arena *arena, lia_span line,
                              lia_command *command, lia_why *why)
{
    size_t members = 2;
    lia_err err = read_id(line, command, why);
    if (!err) err = read_key(line, command, &members, why);
    if (!err) err = read_match(line, command, &members, why);
    if (!err) err = read_deed(call, arena, line, command, why);
    if (!err && lia_json_members(line) != members)
        err = lia_why_set(why, LIA_EINVAL,
                          "beside id and record or archived a line has if_match and "
                          "idempotency_key, and nothing else");
    if (!err) err = may_change(call, arena, command, why);
    if (err == LIA_EABSENT && !why->text[0])
        lia_why_set(why, err, "there is no such %s", call->kind->name);
    return err;
}
