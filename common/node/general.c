/* SPDX-License-Identifier: Apache-2.0 */
/* The commands that every kind has: create, change, archive. They work on protobuf bytes; only a
 * kind with a rule of its own is unpacked for it. */
#include "common/node/index_walk.h"
#include "common/node/work.h"

const lia_rule_row *lia_rule_find(const lia_applier *applier, uint16_t kind)
{
    for (size_t s = 0; s < LIA_SERVICES_MAX; s++) {
        const lia_service *service = applier->services[s];
        for (size_t i = 0; service && i < service->rule_count; i++)
            if (service->rules[i].kind == kind) return &service->rules[i];
    }
    return NULL;
}

/* Lets the kind's rule look at the record before and after, and complete it. */
static lia_err prepare(lia_turn *turn, const lia_rule_row *rule, const lia_kind *kind, lia_id id,
                       const lia_span *before, lia_span *after)
{
    const ProtobufCMessageDescriptor *type = kind->message->descriptor;
    ProtobufCMessage *old = before ? lia_turn_unpack(turn, type, *before) : NULL;
    ProtobufCMessage *new = lia_turn_unpack(turn, type, *after);
    if (!new || (before && !old)) return LIA_EFULL;
    lia_err err = rule->prepare(turn, id, old, new);
    if (err) return err;
    size_t size = protobuf_c_message_get_packed_size(new);
    uint8_t *bytes = lia_arena_take(turn->arena, size + 1);
    if (!bytes) return LIA_EFULL;
    protobuf_c_message_pack(new, bytes);
    *after = lia_span_make(bytes, size);
    return LIA_OK;
}

/* Puts the record's own op in front of what a rule staged, so that event and effect are one. */
static lia_err prepend(lia_turn *turn, lia_staged_event *event, const lia_staged_event *record)
{
    if (!record->op_count) return LIA_OK;
    size_t count = record->op_count + event->op_count;
    lia_op *ops = lia_arena_take(turn->arena, count * sizeof *ops);
    if (!ops) return LIA_EFULL;
    memcpy(ops, record->ops, record->op_count * sizeof *ops);
    if (event->op_count) memcpy(ops + record->op_count, event->ops, event->op_count * sizeof *ops);
    event->ops = ops;
    event->op_count = count;
    if (lia_id_is_none(event->customer)) event->customer = record->customer;
    /* Clocks rise in the order of the events; the record's was read last. */
    event->hlc = record->hlc;
    for (lia_staged_event *e = event->next; e; e = e->next)
        e->hlc = lia_clock_next(turn->work->clock, turn->now);
    return LIA_OK;
}

/* Writes a record whose kind has a rule. The rule runs first and may record and tell on its own;
 * the record joins the first event that it told, or the one still open. */
static lia_err record_with_rule(lia_turn *turn, const lia_rule_row *rule, const lia_kind *kind,
                                lia_id id, const lia_span *before, lia_span after)
{
    lia_turn_work *work = turn->work;
    lia_err err = prepare(turn, rule, kind, id, before, &after);
    if (err) return err;
    lia_staged_event open = work->open;
    size_t capacity = work->op_capacity;
    work->open = (lia_staged_event){0};
    work->op_capacity = 0;
    err = lia_turn_write(turn, kind, id, after, NULL, 0);
    lia_staged_event record = work->open;
    work->open = open;
    work->op_capacity = capacity;
    if (err) return err;
    err = prepend(turn, work->first ? work->first : &work->open, &record);
    if (!work->first) work->op_capacity = work->open.op_count; /* the joined array is full */
    return err;
}

static lia_err check_match(lia_turn *turn, const lia_command *command, const lia_record *record)
{
    if (!command->has_match) return LIA_OK;
    lia_stamp top = lia_record_top(record);
    if (lia_stamp_compare(&top, &command->match) == 0) return LIA_OK;
    return lia_turn_fail(turn, LIA_ECONFLICT, "the record was changed since you read it");
}

/* As it is now: a kind that was added may look otherwise than when the command was read. */
static lia_err find_kind(lia_turn *turn, const lia_command *command, const lia_kind **kind)
{
    *kind = lia_kind_find(command->number);
    if (!*kind || ((*kind)->secret && (*kind)->added))
        return lia_turn_fail(turn, LIA_EABSENT, "there is no such kind any more");
    if ((*kind)->internal)
        return lia_turn_fail(turn, LIA_EDENIED, "%s are written by commands only", (*kind)->plural);
    return LIA_OK;
}

/* Of a record that is to be made and is there. Under an id that the client wants it is somebody
 * else's; under one that follows from the command's key it is the one that is asked for. */
static lia_err answer_made(lia_turn *turn, const lia_command *command, lia_id id, lia_span row)
{
    if (lia_row_is_erased(row)) return LIA_EGONE;
    if (!lia_id_is_none(command->id))
        return lia_turn_fail(turn, LIA_EEXIST, "there is a record with this id");
    lia_turn_answer(turn, command->number, id);
    turn->work->repeated = true;
    return LIA_OK;
}

/* ---- what administrators said of custom fields ----------------------------------------------- */

/* The request with the defaults of fields that it does not name; fields stand ascending. NULL data:
 * no memory. */
static lia_span with_presets(lia_turn *turn, const lia_kind *kind, lia_span request)
{
    lia_buf out = lia_buf_make(turn->arena);
    lia_pb_reader reader = lia_pb_read(request);
    lia_pb_field next;
    bool more = lia_pb_next(&reader, &next), any = false;
    for (size_t i = 0; i < kind->message->count; i++) {
        const lia_field *field = &kind->message->fields[i];
        if (!field->added || !field->added->preset.size) continue;
        for (; more && next.number < field->number; more = lia_pb_next(&reader, &next))
            lia_pb_put_raw(&out, next.number, next.wire, next.bytes);
        if (more && next.number == field->number) continue;
        lia_buf_span(&out, field->added->preset);
        any = true;
    }
    for (; more; more = lia_pb_next(&reader, &next))
        lia_pb_put_raw(&out, next.number, next.wire, next.bytes);
    if (!any) return request;
    return out.failed ? LIA_SPAN_NONE : lia_buf_get(&out);
}

static lia_err is_taken(lia_turn *turn, const lia_kind *kind, const lia_field *field, lia_id id,
                        lia_span value, bool *taken)
{
    const lia_rows *rows = lia_turn_rows(turn);
    lia_index_walk walk;
    lia_id other;
    *taken = false;
    lia_err err = lia_index_walk_open(&walk, rows, kind->number, field, value);
    if (err) return err;
    while (!err && !*taken && lia_index_walk_next(&walk, &other)) {
        lia_span message;
        lia_pb_field found, archived;
        if (lia_id_equal(other, id)) continue;
        size_t mark = lia_arena_mark(turn->arena);
        err = lia_rows_message(rows, kind, other, turn->arena, &message, NULL);
        if (err == LIA_EABSENT || err == LIA_EGONE) {
            err = LIA_OK;
            continue;
        }
        bool is_archived = !err && kind->archived &&
                           lia_pb_find(message, kind->archived->number, &archived) &&
                           archived.value;
        *taken = !err && !is_archived && lia_pb_find(message, field->number, &found) &&
                 lia_span_equal(found.bytes, value); /* an index cuts long texts */
        lia_arena_back(turn->arena, mark);
    }
    return lia_index_walk_close(&walk, err);
}

/* Values of unique fields in `request` are of no other record that is here. Nodes that are apart
 * can give one twice: then neither is lost, and each can be changed. */
static lia_err check_unique(lia_turn *turn, const lia_kind *kind, lia_id id, lia_span request)
{
    for (size_t i = 0; i < kind->message->count; i++) {
        const lia_field *field = &kind->message->fields[i];
        lia_pb_field found;
        bool taken;
        if (!field->added || !field->added->unique || !field->indexed ||
            !lia_pb_find(request, field->number, &found))
            continue;
        lia_err err = is_taken(turn, kind, field, id, found.bytes, &taken);
        if (!err && taken)
            err = lia_turn_fail(turn, LIA_EEXIST, "%s: another %s has it", field->name, kind->name);
        if (err) return err;
    }
    return LIA_OK;
}

/* ---- create, change, archive, verbs ---------------------------------------------------------- */

static lia_err create(lia_turn *turn, const lia_command *command)
{
    const lia_kind *kind;
    lia_id id = lia_id_is_none(command->id) ? lia_turn_new_id(turn) : command->id;
    lia_err err = find_kind(turn, command, &kind);
    if (err) return err;
    lia_key key = lia_key_tag(kind->number, id, LIA_TAG_STATE);
    lia_span row;
    err = lia_rows_get(lia_turn_rows(turn), lia_key_span(&key), &row);
    if (!err) return answer_made(turn, command, id, row);
    if (err != LIA_EABSENT) return err;
    lia_span request = with_presets(turn, kind, command->request);
    if (!request.data && command->request.size) return LIA_EFULL;
    err = check_unique(turn, kind, id, request);
    if (err) return err;
    const lia_rule_row *rule = lia_rule_find(turn->work->applier, kind->number);
    err = rule ? record_with_rule(turn, rule, kind, id, NULL, request)
               : lia_turn_write(turn, kind, id, request, NULL, 0);
    if (err) return err;
    lia_turn_answer(turn, kind->number, id);
    return lia_turn_finish(turn, kind->number == LIA_INTERACTION ? LIA_INTERACTION_LOGGED
                                                                 : LIA_RECORD_CREATED);
}

/* The record after the change: the mentioned fields from the request, the rest as it is. */
static lia_span changed(lia_turn *turn, const lia_command *command, lia_span before)
{
    lia_buf out = lia_buf_make(turn->arena);
    lia_pb_reader reader = lia_pb_read(before);
    lia_pb_field field;
    while (lia_pb_next(&reader, &field)) {
        bool mentioned = false;
        for (size_t i = 0; i < command->mask_count; i++)
            mentioned |= command->mask[i] == field.number;
        if (!mentioned) lia_pb_put_raw(&out, field.number, field.wire, field.bytes);
    }
    lia_buf_span(&out, command->request);
    return out.failed ? LIA_SPAN_NONE : lia_buf_get(&out);
}

static lia_err change(lia_turn *turn, const lia_command *command)
{
    const lia_kind *kind;
    lia_record record;
    lia_err err = find_kind(turn, command, &kind);
    if (!err)
        err = lia_rows_record(lia_turn_rows(turn), kind->number, command->id, turn->arena, &record);
    if (!err) err = check_match(turn, command, &record);
    if (!err) err = check_unique(turn, kind, command->id, command->request);
    if (err) return err;
    lia_turn_answer(turn, kind->number, command->id);
    /* Which customer the event is about, also when that field is not touched. */
    lia_buf before = lia_buf_make(turn->arena);
    lia_record_message(&record, kind->message, &before);
    lia_span after = changed(turn, command, lia_buf_get(&before));
    if (before.failed || (!after.data && before.size + command->request.size)) return LIA_EFULL;
    const lia_rule_row *rule = lia_rule_find(turn->work->applier, kind->number);
    if (rule) {
        lia_span old = lia_buf_get(&before);
        err = record_with_rule(turn, rule, kind, command->id, &old, after);
        /* The rule's record covers all fields; a chosen conflict must count as written too. */
        if (!err && !turn->work->told && !turn->work->open.op_count)
            err =
                lia_turn_write(turn, kind, command->id, after, command->mask, command->mask_count);
    } else {
        err = lia_turn_write(turn, kind, command->id, after, command->mask, command->mask_count);
    }
    return err ? err : lia_turn_finish(turn, LIA_RECORD_CHANGED);
}

static lia_err archive(lia_turn *turn, const lia_command *command)
{
    const lia_kind *kind;
    lia_record record;
    lia_err err = find_kind(turn, command, &kind);
    if (!err && !kind->archived)
        err = lia_turn_fail(turn, LIA_EDENIED, "%s cannot be archived", kind->plural);
    if (!err)
        err = lia_rows_record(lia_turn_rows(turn), kind->number, command->id, turn->arena, &record);
    if (!err) err = check_match(turn, command, &record);
    if (err) return err;
    lia_turn_answer(turn, kind->number, command->id);
    lia_buf after = lia_buf_make(turn->arena);
    lia_record_message(&record, kind->message, &after);
    /* The last one counts. */
    lia_pb_put_varint(&after, kind->archived->number, command->restore ? 0 : 1);
    if (after.failed) return LIA_EFULL;
    err = lia_turn_write(turn, kind, command->id, lia_buf_get(&after), &kind->archived->number, 1);
    return err ? err
               : lia_turn_finish(turn, command->restore ? LIA_RECORD_CHANGED : LIA_RECORD_ARCHIVED);
}

static lia_err verb(lia_turn *turn, const lia_command *command)
{
    const lia_command_row *row = command->row;
    const lia_kind *kind = lia_kind_find(row->kind);
    if (!row->bare) {
        lia_record record;
        lia_err err =
            lia_rows_record(lia_turn_rows(turn), row->kind, command->id, turn->arena, &record);
        if (!err) err = check_match(turn, command, &record);
        if (err) return err;
        lia_turn_answer(turn, row->kind, command->id);
    }
    if (kind && kind->owner != LIA_DEPARTMENT_ANY && kind->owner != turn->department)
        return lia_turn_fail(turn, LIA_EOWNER, "%s are the work of %s; ask by hand-over",
                             kind->plural, lia_department_name(kind->owner));
    ProtobufCMessage *request = lia_turn_unpack(turn, row->request, command->request);
    if (!request) return turn->arena->exhausted ? LIA_EFULL : LIA_EINVAL;
    lia_err err = row->handle(turn, request);
    return err ? err : lia_turn_finish(turn, 0);
}

lia_err lia_general_handle(lia_turn *turn, const lia_command *command)
{
    switch (command->type) {
    case LIA_COMMAND_CREATE:
        return create(turn, command);
    case LIA_COMMAND_CHANGE:
        return change(turn, command);
    case LIA_COMMAND_ARCHIVE:
        return archive(turn, command);
    case LIA_COMMAND_VERB:
        return verb(turn, command);
    }
    return LIA_EINVAL;
}
