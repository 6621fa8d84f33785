/* SPDX-License-Identifier: Apache-2.0 */
/* One object; each section a member that is an array. "complete" comes last, so that an answer
 * that was cut is not taken for a whole one. */
#include "common/http/api_audit.h"
#include "common/events/event_json.h"
#include "common/http/person.h"

static void begin(lia_person *person)
{
    lia_buf *out = person->out;
    lia_buf_text(out, "{\"format\":\"liaison.person/1\",\"customer\":");
    lia_json_put_id(out, person->customer);
    lia_buf_text(out, ",\"members\":[");
    for (size_t i = 0; i < person->member_count; i++) {
        if (i) lia_buf_byte(out, ',');
        lia_json_put_id(out, person->members[i]);
    }
    lia_buf_text(out, "],\"exported_at\":");
    lia_json_put_time(out, person->at);
    lia_buf_text(out, ",\"node\":");
    lia_json_put_text(out, lia_span_text(person->api->member->name));
}

static void section(lia_person *person, const char *name, const char *label)
{
    (void)label;
    lia_buf_format(person->out, ",\n\"%s\":[", name);
}

static void section_end(lia_person *person)
{
    lia_buf_byte(person->out, ']');
}

static void separate(const lia_person *person)
{
    lia_buf_text(person->out, person->pieces ? ",\n" : "\n");
}

static void record(lia_person *person, const lia_shown *shown)
{
    separate(person);
    lia_buf_format(person->out, "{\"kind\":\"%s\",", shown->kind->name);
    lia_shown_put(person->out, person->api, shown, LIA_SHOW_CONFLICTS | LIA_SHOW_HISTORY);
    lia_buf_byte(person->out, '}');
}

static lia_err entry(lia_person *person, const lia_timeline_entry *found, lia_id whose)
{
    separate(person);
    return lia_entry_put(person->out, person->api, lia_principal_local(), person->rows, found, whose,
                         person->arena);
}

static void event(lia_person *person, const lia_event *found)
{
    separate(person);
    static const lia_event_look whole = {.fact = true};
    lia_event_put_json(person->out, found, lia_api_node_name(person->api, found->header.node),
                       &whole);
}

static void look(lia_person *person, const lia_audit_entry *found)
{
    lia_audit_entry own = *found; /* whom else they looked at is nobody's business here */
    own.customers = LIA_SPAN_NONE;
    separate(person);
    lia_audit_put_json(person->out, &own);
}

static void end(lia_person *person)
{
    lia_buf_text(person->out, ",\n\"complete\":true}\n");
}

const lia_person_form lia_person_json = {
    .content_type = "application/json",
    .suffix = "json",
    .begin = begin,
    .section = section,
    .section_end = section_end,
    .record = record,
    .entry = entry,
    .event = event,
    .look = look,
    .end = end,
};
