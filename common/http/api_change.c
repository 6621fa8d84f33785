/* SPDX-License-Identifier: Apache-2.0 */
#include "common/http/api_change.h"

#include "common/node/before.h"
#include "common/node/index_walk.h"
#include "common/node/writes.h"

/* ---- values ---------------------------------------------------------------------------------- */

/* An element that has no value names itself, in the form of the field's payload. */
static void put_value(lia_buf *out, const lia_field *field, lia_span element, const lia_live *live)
{
    bool is_text = field->type == LIA_T_STRING || field->type == LIA_T_BYTES;
    if (!live || live->absent)
        lia_buf_text(out, "null");
    else if (element.size && !live->value.size)
        lia_json_put_value(out, field, is_text ? LIA_WIRE_BYTES : LIA_WIRE_VARINT, element);
    else
        lia_json_put_value(out, field, live->wire, live->value);
}

/* "from": null when there was nothing; when what there was has left the log "from_left" says so. */
static lia_err put_before(const lia_teller *tell, const lia_op *op, const lia_field *field,
                          const lia_written *written)
{
    lia_live before;
    const lia_write_place place = {op->kind, op->record, written->field, written->element};
    lia_err err = LIA_EABSENT;
    bool any = !lia_stamp_is_none(&written->seen);
    if (any) err = lia_write_find(&before, tell->rows, &place, &written->seen, tell->scratch);
    if (err && err != LIA_EABSENT) return err;
    lia_buf_text(tell->out, any && err ? ",\"from_left\":true" : ",\"from\":");
    if (!any || !err) put_value(tell->out, field, written->element, err ? NULL : &before);
    return LIA_OK;
}

lia_err lia_tell_fields(const lia_teller *tell, const lia_kind *kind, const lia_event *event,
                        const lia_op *op, size_t *told)
{
    lia_buf *out = tell->out;
    lia_writes writes = lia_writes_of(&event->header, op);
    lia_written written;
    lia_err err = LIA_OK;
    lia_buf_text(out, ",\"fields\":[");
    while (!err && lia_writes_next(&writes, &written)) {
        const lia_field *field = lia_field_find(kind->message, written.field);
        if (!field || (tell->field && tell->field != field)) continue;
        lia_buf_format(out, "%s{\"field\":\"%s\"", *told ? "," : "", field->name);
        ++*told;
        err = put_before(tell, op, field, &written);
        lia_buf_text(out, ",\"to\":");
        put_value(out, field, written.element, &written.live);
        lia_buf_byte(out, '}');
    }
    lia_buf_byte(out, ']');
    return err;
}

/* ---- who ------------------------------------------------------------------------------------- */

const lia_actor_place lia_actors[LIA_ACTORS] = {
    {"user", "number"}, {"rule", "actor"}, {"flow", "actor"}};

/* The record of a kind that has this actor number, as far as whoever asks may see it. */
static lia_err find_actor(const lia_teller *tell, const char *kind_name, const char *field_name,
                          uint32_t actor, lia_shown *out)
{
    uint8_t payload[10];
    lia_index_walk walk;
    lia_id id;
    const lia_kind *kind = lia_kind_by_name(lia_span_text(kind_name));
    const lia_field *field =
        kind ? lia_field_by_name(kind->message, lia_span_text(field_name)) : NULL;
    if (!field || !field->indexed) return LIA_EABSENT;
    lia_span number = lia_span_make(payload, lia_varint_put(payload, actor));
    lia_err err = lia_index_walk_open(&walk, tell->rows, kind->number, field, number);
    if (err) return err;
    bool found = lia_index_walk_next(&walk, &id);
    err = lia_index_walk_close(&walk, LIA_OK);
    if (err || !found) return err ? err : LIA_EABSENT;
    return lia_shown_load(out, tell->call->who, tell->rows, kind, id, tell->scratch);
}

/* "by": the number in the event's header, and whose it is: a user, a rule or a flow. */
lia_err lia_tell_actor(const lia_teller *tell, uint32_t actor)
{
    lia_buf *out = tell->out;
    lia_shown shown;
    lia_err err = LIA_EABSENT;
    lia_buf_format(out, ",\"by\":{\"actor\":%u", actor);
    for (size_t i = 0; actor && err == LIA_EABSENT && i < LIA_ACTORS; i++) {
        err = find_actor(tell, lia_actors[i].kind, lia_actors[i].field, actor, &shown);
        if (err == LIA_EGONE) err = LIA_EABSENT;
        if (err) continue;
        lia_buf_format(out, ",\"%s\":", lia_actors[i].kind);
        lia_json_put_id(out, shown.id);
        const lia_field *title = shown.kind->title;
        lia_pb_field name;
        if (!title || !lia_pb_find(shown.message, title->number, &name)) continue;
        lia_buf_text(out, ",\"name\":");
        lia_json_put_text(out, name.bytes);
    }
    lia_buf_byte(out, '}');
    return err == LIA_EABSENT ? LIA_OK : err;
}

/* ---- the event ----------------------------------------------------------------------------------
 */

static void put_position(lia_buf *out, const char *name, lia_position position)
{
    char text[LIA_POSITION_TEXT_SIZE];
    lia_position_print(position, text);
    lia_buf_format(out, "\"%s\":\"%s\"", name, text);
}

void lia_tell_event(const lia_teller *tell, const lia_header *header)
{
    lia_buf *out = tell->out;
    const lia_fact *fact = header->fact ? lia_fact_find(header->fact) : NULL;
    const char *department = lia_department_name((lia_department)header->department);
    lia_buf_text(out, "\"at\":");
    lia_json_put_time(out, (lia_time){lia_hlc_ms(header->hlc)});
    lia_buf_byte(out, ',');
    put_position(out, "position", (lia_position){header->incarnation, header->seq, header->node});
    lia_buf_format(out, ",\"event\":\"%s\"", fact ? fact->name : "unknown");
    lia_buf_text(out, ",\"label\":");
    lia_json_put_text(out, lia_span_text(fact ? fact->label : "Something newer than this node"));
    lia_buf_format(out, ",\"department\":\"%s\",\"node\":", department ? department : "unknown");
    lia_json_put_text(out, lia_span_text(lia_api_node_name(tell->call->api, header->node)));
    if (!header->cause.seq) return;
    lia_buf_byte(out, ',');
    put_position(out, "cause", header->cause);
}
