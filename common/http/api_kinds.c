/* SPDX-License-Identifier: Apache-2.0 */
/* GET /kinds: what the web app draws its screens from. Kinds with their fields, the facts that can
 * stand on a timeline, the commands that this node takes. */
#include "common/http/api_inner.h"

/* Messages contain messages, never themselves; deeper than this nothing is described. */
#define DEPTH_MAX 6

static const char *const types[] = {
    [LIA_T_BOOL] = "bool",      [LIA_T_INT] = "int",     [LIA_T_UINT] = "uint",
    [LIA_T_ENUM] = "enum",      [LIA_T_STRING] = "text", [LIA_T_BYTES] = "bytes",
    [LIA_T_MESSAGE] = "object",
};

static const char *const meanings[] = {
    [LIA_M_PLAIN] = NULL,
    [LIA_M_INSTANT] = "instant",
    [LIA_M_ID] = "id",
    [LIA_M_DATE] = "date",
    [LIA_M_DURATION] = "duration",
    [LIA_M_EMAIL] = "email",
    [LIA_M_PHONE] = "phone",
    [LIA_M_URL] = "url",
    [LIA_M_TEXT] = "paragraphs",
    [LIA_M_CURRENCY] = "currency",
    [LIA_M_COUNTRY] = "country",
    [LIA_M_DECIMAL] = "decimal",
    [LIA_M_PERCENT] = "percent",
    [LIA_M_LANGUAGE] = "language",
    [LIA_M_DAYS] = "days",
    [LIA_M_HOURS] = "hours",
    [LIA_M_SECONDS] = "seconds",
    [LIA_M_THOUSANDTHS] = "thousandths",
    [LIA_M_KIND] = "kind",
    [LIA_M_KINDS] = "kinds",
};

static void put_member(lia_buf *out, const char *name, const char *text)
{
    if (!text) return;
    lia_buf_format(out, ",\"%s\":", name);
    lia_json_put_text(out, lia_span_text(text));
}

static void put_flag(lia_buf *out, const char *name, bool set)
{
    if (set) lia_buf_format(out, ",\"%s\":true", name);
}

static void put_fields(lia_buf *out, const lia_message *message, unsigned depth);

static void put_values(lia_buf *out, const lia_enum *enumeration)
{
    lia_buf_text(out, ",\"values\":[");
    for (size_t i = 0; i < enumeration->count; i++) {
        if (i) lia_buf_byte(out, ',');
        lia_json_put_text(out, lia_span_text(enumeration->values[i].name));
    }
    lia_buf_byte(out, ']');
}

/* Whether option `a` of the field stands in front of `b` for people. */
static bool is_before(const lia_field *field, size_t a, size_t b)
{
    const lia_field_option *options = field->added->options;
    const lia_enum_value *values = field->enumeration->values;
    if (options[a].position != options[b].position)
        return options[a].position < options[b].position;
    return strcmp(values[a].name, values[b].name) < 0;
}

/* The first one behind `last` (count: none yet); count: there are no more. */
static size_t option_behind(const lia_field *field, size_t last)
{
    size_t count = field->enumeration->count, next = count;
    for (size_t i = 0; i < count; i++) {
        if (last < count && !is_before(field, last, i)) continue;
        if (next == count || is_before(field, i, next)) next = i;
    }
    return next;
}

/* What people are offered: a choice's values with their labels. */
static void put_options(lia_buf *out, const lia_field *field)
{
    const lia_field_option *options = field->added->options;
    if (!options) return;
    size_t count = field->enumeration->count;
    lia_buf_text(out, ",\"options\":[");
    for (size_t i = count; (i = option_behind(field, i)) < count;) {
        if (lia_buf_last(out) != '[') lia_buf_byte(out, ',');
        lia_buf_format(out, "{\"name\":\"%s\"", field->enumeration->values[i].name);
        put_member(out, "label", options[i].label);
        put_flag(out, "retired", options[i].retired);
        lia_buf_byte(out, '}');
    }
    lia_buf_byte(out, ']');
}

static void put_added(lia_buf *out, const lia_field *field)
{
    if (!field->added) return;
    lia_buf_text(out, ",\"custom\":true,\"definition\":");
    lia_json_put_id(out, field->added->definition);
    lia_buf_format(out, ",\"position\":%d", field->added->position);
    put_member(out, "wanted_name", field->added->wanted);
    put_flag(out, "indexing", field->added->indexing);
    put_options(out, field);
}

static void put_field(lia_buf *out, const lia_field *field, unsigned depth)
{
    lia_buf_format(out, "{\"name\":\"%s\",\"type\":\"%s\"", field->name, types[field->type]);
    put_member(out, "label", field->label);
    put_member(out, "help", field->help);
    put_member(out, "meaning", meanings[field->meaning]);
    if (field->meaning == LIA_M_DECIMAL) lia_buf_format(out, ",\"scale\":%u", field->scale);
    put_flag(out, "repeated", field->repeated);
    put_flag(out, "required", field->required);
    put_flag(out, "unique", field->added && field->added->unique);
    put_flag(out, "indexed", field->indexed);
    put_flag(out, "searchable", field->searchable);
    put_flag(out, "personal", field->personal);
    put_flag(out, "read_only", field->read_only);
    const lia_kind *reference = field->reference ? lia_kind_find(field->reference) : NULL;
    if (reference) put_member(out, "reference", reference->plural);
    if (field->enumeration) put_values(out, field->enumeration);
    if (field->message && depth < DEPTH_MAX) {
        const lia_field *key = field->key ? lia_field_find(field->message, field->key) : NULL;
        if (key) put_member(out, "key", key->name);
        put_fields(out, field->message, depth + 1);
    }
    put_added(out, field);
    lia_buf_byte(out, '}');
}

/* Where a field stands in a form: as declared, then those that were added by their position. */
static int order_of(const lia_field *a, const lia_field *b)
{
    if (!a->added != !b->added) return a->added ? 1 : -1;
    if (!a->added) return a->number < b->number ? -1 : a->number > b->number;
    if (a->added->position != b->added->position)
        return a->added->position < b->added->position ? -1 : 1;
    return strcmp(a->name, b->name);
}

static const lia_field *field_behind(const lia_message *message, const lia_field *last)
{
    const lia_field *next = NULL;
    for (size_t i = 0; i < message->count; i++) {
        const lia_field *field = &message->fields[i];
        if (last && order_of(field, last) <= 0) continue;
        if (!next || order_of(field, next) < 0) next = field;
    }
    return next;
}

static void put_fields(lia_buf *out, const lia_message *message, unsigned depth)
{
    lia_buf_text(out, ",\"fields\":[");
    for (const lia_field *field = NULL; (field = field_behind(message, field));) {
        if (lia_buf_last(out) != '[') lia_buf_byte(out, ',');
        put_field(out, field, depth);
    }
    lia_buf_byte(out, ']');
}

static void put_kind(lia_buf *out, const lia_kind *kind)
{
    lia_buf_format(out, "{\"number\":%u,\"name\":\"%s\",\"plural\":\"%s\"", kind->number,
                   kind->name, kind->plural);
    put_member(out, "label", kind->label);
    put_member(out, "owner", lia_department_name(kind->owner));
    if (kind->title) put_member(out, "title", kind->title->name);
    if (kind->customer) put_member(out, "customer", kind->customer->name);
    put_flag(out, "in_log", kind->in_log);
    put_flag(out, "internal", kind->internal);
    if (kind->added) {
        lia_buf_text(out, ",\"custom\":true,\"definition\":");
        lia_json_put_id(out, kind->added->definition);
        put_member(out, "help", kind->added->help);
        put_member(out, "wanted_name", kind->added->wanted);
        put_member(out, "wanted_plural", kind->added->wanted_plural);
    }
    put_flag(out, "extensible", lia_kind_is_extensible(kind));
    put_fields(out, kind->message, 0);
    lia_buf_byte(out, '}');
}

static void put_fact(lia_buf *out, const lia_fact *fact)
{
    lia_buf_format(out, "{\"number\":%u,\"name\":\"%s\"", fact->number, fact->name);
    put_member(out, "label", fact->label);
    put_member(out, "department", lia_department_name(fact->department));
    put_flag(out, "timeline", fact->timeline);
    put_fields(out, fact->message, 0);
    lia_buf_byte(out, '}');
}

static void put_command(lia_buf *out, const lia_command_row *row)
{
    const lia_kind *kind = lia_kind_find(row->kind);
    const lia_message *request = lia_message_find(row->request->name);
    lia_buf_format(out, "{\"name\":\"%s\",\"verb\":\"%s\"", row->name, row->verb);
    if (kind) put_member(out, "kind", kind->plural);
    put_flag(out, "bare", row->bare);
    put_member(out, "help", row->help);
    if (request) put_fields(out, request, 0);
    lia_buf_byte(out, '}');
}

/* Definitions that are not, or not as they were meant, among the kinds: for who can mend them. */
static void put_problems(lia_buf *out)
{
    size_t count;
    const lia_catalog_problem *problems = lia_catalog_problems(&count);
    lia_buf_text(out, ",\"problems\":[");
    for (size_t i = 0; i < count; i++) {
        const lia_kind *kind = lia_kind_find(problems[i].kind);
        lia_buf_format(out, "%s{\"kind\":\"%s\",\"definition\":", i ? "," : "", kind->plural);
        lia_json_put_id(out, problems[i].definition);
        put_member(out, "why", problems[i].why);
        lia_buf_byte(out, '}');
    }
    lia_buf_byte(out, ']');
}

void lia_api_kinds(lia_call *call)
{
    size_t count;
    lia_buf out = lia_buf_make(call->arena);
    const lia_kind *kinds = lia_kinds(&count);
    lia_buf_text(&out, "{\"kinds\":[");
    for (size_t i = 0, put = 0; i < count; i++) {
        const lia_kind *seen = lia_rights_kind(lia_principal_rights(call->who), kinds[i].number);
        if (!seen) continue;
        if (put++) lia_buf_byte(&out, ',');
        put_kind(&out, seen);
    }
    const lia_fact *facts = lia_facts(&count);
    lia_buf_text(&out, "],\"facts\":[");
    for (size_t i = 0, put = 0; i < count; i++) {
        if (facts[i].secret) continue;
        if (put++) lia_buf_byte(&out, ',');
        put_fact(&out, &facts[i]);
    }
    const lia_command_row *row;
    lia_buf_text(&out, "],\"commands\":[");
    for (size_t i = 0; (row = lia_node_command_at(call->api->node, i)); i++) {
        if (!lia_rights_kind(lia_principal_rights(call->who), row->kind)) continue;
        if (lia_buf_last(&out) != '[') lia_buf_byte(&out, ',');
        put_command(&out, row);
    }
    lia_buf_byte(&out, ']');
    if (lia_principal_rights(call->who)->administrator) put_problems(&out);
    lia_buf_byte(&out, '}');
    lia_call_document(call, &out);
}
