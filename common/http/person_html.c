/* SPDX-License-Identifier: Apache-2.0 */
/* A page of its own: no script, nothing is loaded, good to print. */
#include "common/events/event_json.h"
#include "common/http/html.h"
#include "common/http/person.h"

static const char head[] =
    "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n"
    "<meta name=\"robots\" content=\"noindex\">\n<style>\n"
    ":root{color-scheme:light dark}\n"
    "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}\n"
    "h1{font-size:1.6rem;margin-bottom:.2rem}h2{font-size:1.2rem;margin:2.2rem 0 .6rem;"
    "border-bottom:1px solid #8886;padding-bottom:.2rem}\n"
    "h3{font-size:1rem;margin:1.2rem 0 .3rem}code,small{color:#777;font-size:.85em}\n"
    "table{border-collapse:collapse;width:100%;table-layout:fixed}"
    "th,td{text-align:left;vertical-align:top;padding:.3rem .6rem .3rem 0;"
    "border-bottom:1px solid #8883;overflow-wrap:anywhere;white-space:pre-wrap}\n"
    "th{font-weight:600}td.by{color:#777;font-size:.85em}"
    "col.a{width:11rem}col.b{width:15.5rem}\n"
    "dl{margin:0;display:grid;grid-template-columns:max-content 1fr;gap:0 .8rem;"
    "white-space:normal}dt{color:#777;grid-column:1}dd{margin:0;grid-column:2;"
    "white-space:pre-wrap;overflow-wrap:anywhere}\n"
    "@media print{body{margin:0;max-width:none;font-size:10pt}h2{break-after:avoid}"
    "tr,h3{break-inside:avoid}h3{break-after:avoid}}\n"
    "</style>\n";

/* ---- the page -------------------------------------------------------------------------------- */

/* What they are called; their id when they have no name. */
static void put_title(lia_person *person)
{
    const lia_kind *kind = lia_kind_find(LIA_CUSTOMER);
    char id[LIA_ID_TEXT_SIZE];
    lia_shown shown;
    lia_pb_field name;
    lia_id_print(person->customer, id);
    bool named =
        lia_shown_load(&shown, lia_principal_local(), person->rows, kind, person->customer, person->arena) == LIA_OK &&
        lia_pb_find(shown.message, kind->title->number, &name);
    lia_html_put_text(person->out, named ? name.bytes : lia_span_text(id));
}

static void begin(lia_person *person)
{
    lia_buf *out = person->out;
    char id[LIA_ID_TEXT_SIZE];
    lia_buf_text(out, head);
    lia_buf_text(out, "<title>");
    put_title(person);
    lia_buf_text(out, "</title>\n<h1>");
    put_title(person);
    lia_buf_text(out, "</h1>\n<p>Everything that is recorded about this customer, as of ");
    lia_html_put_time(out, person->at);
    lia_buf_text(out, ", at the node <b>");
    lia_html_put_text(out, lia_span_text(person->api->member->name));
    lia_buf_text(out, "</b>.<br><small>");
    for (size_t i = 0; i < person->member_count; i++) {
        lia_id_print(person->members[i], id);
        lia_buf_format(out, "%s%s", i ? ", " : "", id);
    }
    lia_buf_text(out, "</small></p>\n");
}

/* Records bring a heading each; all else is a table with a row each. */
static bool is_table(const char *name)
{
    return strcmp(name, "timeline") == 0 || strcmp(name, "events") == 0 ||
           strcmp(name, "looks") == 0;
}

static void section(lia_person *person, const char *name, const char *label)
{
    lia_buf_text(person->out, "<h2>");
    lia_html_put_text(person->out, lia_span_text(label));
    lia_buf_text(person->out, "</h2>\n");
    if (is_table(name))
        lia_buf_text(person->out,
                     "<table><colgroup><col class=\"a\"><col class=\"b\"><col></colgroup>\n");
}

static void section_end(lia_person *person)
{
    if (is_table(person->section)) lia_buf_text(person->out, "</table>\n");
}

static void end(lia_person *person)
{
    lia_buf_text(person->out, "<p><small>This is all.</small></p>\n</html>\n");
}

/* ---- records --------------------------------------------------------------------------------- */

static void put_by(lia_person *person, const lia_stamp *stamp)
{
    lia_html_put_text(person->out, lia_span_text(lia_api_node_name(person->api, stamp->node)));
    lia_buf_text(person->out, ", ");
    lia_html_put_time(person->out, (lia_time){lia_hlc_ms(stamp->hlc)});
}

static void put_live(lia_person *person, const lia_field *field, const lia_register *reg,
                     const lia_live *live, bool also)
{
    lia_buf *out = person->out;
    bool names_itself = reg->element.size && !live->value.size;
    bool is_varint = field->type < LIA_T_STRING;
    lia_buf_text(out, "<tr><th>");
    lia_html_put_label(out, field);
    lia_buf_text(out, also ? " <small>(at the same time)</small></th><td>" : "</th><td>");
    if (live->absent)
        lia_buf_text(out, "<small>removed</small>");
    else if (names_itself)
        lia_html_put_value(out, field, is_varint ? LIA_WIRE_VARINT : LIA_WIRE_BYTES, reg->element,
                           person->rows, person->arena);
    else
        lia_html_put_value(out, field, live->wire, live->value, person->rows, person->arena);
    lia_buf_text(out, "</td><td class=\"by\">");
    put_by(person, &live->stamp);
    lia_buf_text(out, "</td></tr>\n");
}

/* What a register shows, and what was written at the same time and is not shown. */
static void put_register(lia_person *person, const lia_kind *kind, const lia_register *reg)
{
    const lia_field *field = lia_field_find(kind->message, reg->field);
    const lia_live *winner = field ? lia_register_winner(reg, field) : NULL;
    if (winner) put_live(person, field, reg, winner, false);
    if (!field || !lia_register_in_conflict(reg)) return;
    for (size_t i = 0; i < reg->count; i++)
        if (&reg->live[i] != winner) put_live(person, field, reg, &reg->live[i], true);
}

static void record(lia_person *person, const lia_shown *shown)
{
    lia_buf *out = person->out;
    char id[LIA_ID_TEXT_SIZE];
    lia_pb_field title;
    const lia_kind *kind = shown->kind;
    bool named = kind->title && kind->title->type == LIA_T_STRING &&
                 lia_pb_find(shown->message, kind->title->number, &title);
    lia_id_print(shown->id, id);
    lia_buf_text(out, "<h3>");
    lia_html_put_text(out, named ? title.bytes : lia_span_text(kind->label));
    lia_buf_format(out,
                   " <code>%s</code></h3>\n<table><colgroup><col class=\"a\"><col><col "
                   "class=\"b\"></colgroup>\n",
                   id);
    for (size_t i = 0; i < shown->record.count; i++)
        put_register(person, kind, &shown->record.registers[i]);
    lia_buf_text(out, "</table>\n");
}

/* ---- rows ------------------------------------------------------------------------------------ */

static void begin_row(lia_person *person, lia_time time)
{
    lia_buf_text(person->out, "<tr><td>");
    lia_html_put_time(person->out, time);
    lia_buf_text(person->out, "</td><td>");
}

static lia_err entry(lia_person *person, const lia_timeline_entry *found, lia_id whose)
{
    lia_entry_shown shown;
    lia_buf *out = person->out;
    (void)whose;
    lia_err err = lia_entry_load(&shown, lia_principal_local(), person->rows, found, person->arena);
    if (err) return err;
    begin_row(person, found->time);
    lia_html_put_text(out, lia_span_text(shown.fact ? shown.fact->label : "Something newer"));
    lia_buf_format(out, "<br><small>%s</small></td><td>",
                   lia_event_department(&shown.event.header));
    const lia_message *schema = shown.kind   ? shown.kind->message
                                : shown.fact ? shown.fact->message
                                             : NULL;
    if (schema) lia_html_put_message(out, schema, shown.message, person->rows, person->arena);
    lia_buf_text(out, "</td></tr>\n");
    return LIA_OK;
}

static void put_touch(lia_person *person, const lia_field *field, const lia_touch *touch)
{
    lia_buf *out = person->out;
    if (!touch->clear && !touch->element.size) return; /* of a field that stands in `set` */
    bool is_varint = field->type < LIA_T_STRING;
    lia_buf_text(out, "<dt>");
    lia_html_put_label(out, field);
    lia_buf_text(out, touch->clear ? "</dt><dd><s>" : "</dt><dd>");
    if (touch->has_value)
        lia_html_put_value(out, field, LIA_WIRE_BYTES, touch->value, person->rows, person->arena);
    else if (touch->element.size && !field->key)
        lia_html_put_value(out, field, is_varint ? LIA_WIRE_VARINT : LIA_WIRE_BYTES, touch->element,
                           person->rows, person->arena);
    else if (touch->element.size)
        lia_html_put_text(out, touch->element);
    else
        lia_buf_text(out, "removed");
    lia_buf_text(out, touch->clear ? "</s></dd>" : "</dd>");
}

static void put_op(lia_person *person, const lia_op *op)
{
    lia_buf *out = person->out;
    const lia_kind *kind = lia_kind_find(op->kind);
    if (!kind) return;
    lia_html_put_text(out, lia_span_text(kind->label));
    lia_html_put_message(out, kind->message, op->set, person->rows, person->arena);
    lia_buf_text(out, "<dl>");
    for (size_t i = 0; i < op->touch_count; i++) {
        const lia_field *field = lia_field_find(kind->message, op->touches[i].field);
        if (field) put_touch(person, field, &op->touches[i]);
    }
    lia_buf_text(out, "</dl>");
}

static void event(lia_person *person, const lia_event *found)
{
    lia_buf *out = person->out;
    const lia_fact *fact = lia_fact_find(found->header.fact);
    begin_row(person, (lia_time){lia_hlc_ms(found->header.hlc)});
    lia_html_put_text(out, lia_span_text(fact ? fact->label : "Changed"));
    lia_buf_text(out, "<br><small>");
    lia_html_put_text(out, lia_span_text(lia_api_node_name(person->api, found->header.node)));
    lia_buf_format(out, " %llu</small></td><td>", (unsigned long long)found->header.seq);
    for (size_t i = 0; i < found->op_count; i++) put_op(person, &found->ops[i]);
    if (fact && found->fact.size)
        lia_html_put_message(out, fact->message, found->fact, person->rows, person->arena);
    lia_buf_text(out, "</td></tr>\n");
}

static void look(lia_person *person, const lia_audit_entry *found)
{
    lia_buf *out = person->out;
    const char *action = lia_audit_action_name(found->action);
    const lia_kind *kind = lia_kind_find(found->kind);
    begin_row(person, found->at);
    lia_html_put_text(out, found->actor);
    lia_buf_format(out, "</td><td>%s %s", action ? action : "something newer",
                   kind ? kind->plural : "");
    if (found->times > 1) lia_buf_format(out, ", %u times", found->times);
    lia_buf_text(out, "</td></tr>\n");
}

const lia_person_form lia_person_html = {
    .content_type = "text/html; charset=utf-8",
    .suffix = "html",
    .begin = begin,
    .section = section,
    .section_end = section_end,
    .record = record,
    .entry = entry,
    .event = event,
    .look = look,
    .end = end,
};
