/* SPDX-License-Identifier: Apache-2.0 */
/* The schemas of what was compiled in come from tools/schemagen as text, one to a line; what was
 * added is put in front of the properties of the lines that it belongs to, and custom kinds get
 * lines of their own. */
#include <stdio.h>

#include "common/base/language.h"
#include "common/wire/catalog_inner.h"
#include "common/wire/json.h"

typedef enum form { AS_READ, TO_CREATE, TO_PATCH, FORMS } form;
static const char *const suffixes[FORMS] = {"", "Create", "Patch"};

/* ---- one field ------------------------------------------------------------------------------- */

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

/* The JSON type of what administrators can add, and what narrows it. */
static const char *shape_of(const lia_field *field, const char **more)
{
    *more = "";
    switch (field->type) {
    case LIA_T_BOOL:
        return "boolean";
    case LIA_T_INT:
    case LIA_T_UINT:
        if (field->meaning == LIA_M_DATE) *more = ",\"format\":\"date\"";
        if (field->meaning == LIA_M_DECIMAL) *more = ",\"format\":\"decimal\"";
        if (field->meaning == LIA_M_INSTANT) *more = ",\"format\":\"date-time\"";
        if (**more) return "string";
        *more = field->meaning == LIA_M_PERCENT ? ",\"minimum\":0,\"maximum\":100"
                                                : ",\"format\":\"int64\"";
        return "integer";
    case LIA_T_BYTES:
        *more = ",\"format\":\"uuid\"";
        return "string";
    default:
        if (field->meaning == LIA_M_EMAIL) *more = ",\"format\":\"email\"";
        if (field->meaning == LIA_M_LANGUAGE)
            *more = ",\"maxLength\":35,\"pattern\":\"" LIA_LANGUAGE_PATTERN "\"";
        return "string";
    }
}

static void put_names(lia_buf *out, const lia_enum *names, bool or_null)
{
    lia_buf_text(out, ",\"enum\":[");
    for (size_t i = 0; i < names->count; i++) {
        if (i) lia_buf_byte(out, ',');
        lia_json_put_text(out, lia_span_text(names->values[i].name));
    }
    lia_buf_text(out, or_null ? ",null]" : "]");
}

static void put_value(lia_buf *out, const lia_field *field, bool or_null)
{
    const char *more;
    if (field->message) {
        lia_buf_text(out, or_null ? "\"anyOf\":[{\"$ref\":\"#/components/schemas/Money\"},"
                                    "{\"type\":\"null\"}]"
                                  : "\"$ref\":\"#/components/schemas/Money\"");
        return;
    }
    const char *type = shape_of(field, &more);
    lia_buf_format(out, or_null ? "\"type\":[\"%s\",\"null\"]%s" : "\"type\":\"%s\"%s", type, more);
    if (field->enumeration) put_names(out, field->enumeration, or_null);
}

static void put_field(lia_buf *out, const lia_field *field, form as)
{
    bool or_null = as == TO_PATCH;
    const lia_kind *reference = field->reference ? lia_kind_find(field->reference) : NULL;
    lia_buf_format(out, "\"%s\":{", field->name);
    if (field->repeated) {
        lia_buf_text(out, or_null ? "\"type\":[\"array\",\"null\"],\"items\":{"
                                  : "\"type\":\"array\",\"items\":{");
        put_value(out, field, false);
        lia_buf_text(out, "},\"uniqueItems\":true");
    } else {
        put_value(out, field, or_null);
    }
    put_member(out, "title", field->label);
    put_member(out, "description", field->help);
    put_flag(out, "readOnly", field->read_only);
    if (field->meaning == LIA_M_PHONE) put_member(out, "x-liaison-meaning", "phone");
    if (field->meaning == LIA_M_URL) put_member(out, "x-liaison-meaning", "url");
    if (field->meaning == LIA_M_PERCENT) put_member(out, "x-liaison-meaning", "percent");
    if (field->meaning == LIA_M_LANGUAGE) put_member(out, "x-liaison-meaning", "language");
    if (field->meaning == LIA_M_DECIMAL)
        lia_buf_format(out, ",\"x-liaison-meaning\":\"decimal\",\"x-liaison-scale\":%u",
                       field->scale);
    if (field->meaning == LIA_M_TEXT) put_member(out, "x-liaison-meaning", "text");
    if (reference && !reference->secret) put_member(out, "x-liaison-reference", reference->plural);
    put_flag(out, "x-liaison-indexed", field->indexed);
    put_flag(out, "x-liaison-searchable", field->searchable);
    put_flag(out, "x-liaison-personal", field->personal);
    put_flag(out, "x-liaison-custom", field->added != NULL);
    put_flag(out, "x-liaison-unique", field->added && field->added->unique);
    lia_buf_byte(out, '}');
}

static bool is_shown(const lia_field *field, form as)
{
    return as == AS_READ || !field->read_only;
}

/* ,"name","other" or the same with '[' in front of the first. */
static size_t put_required(lia_buf *out, const lia_message *message, bool only_added, size_t put)
{
    for (size_t i = 0; i < message->count; i++) {
        const lia_field *field = &message->fields[i];
        if (!field->required || field->read_only || (only_added && !field->added)) continue;
        lia_buf_format(out, "%s\"%s\"", put++ ? "," : "", field->name);
    }
    return put;
}

/* ---- a line of what was compiled in ---------------------------------------------------------- */

static bool has_added(const lia_kind *kind)
{
    const lia_message *message = kind->message;
    return message->count && message->fields[message->count - 1].added;
}

/* "liaison.sales.Deal" -> "Deal" */
static const char *short_name(const lia_message *message)
{
    return strrchr(message->name, '.') + 1;
}

/* The kind that the line is about, with something added to it, and in which form; NULL: none such.
 */
static const lia_kind *kind_of(lia_span line, form *as)
{
    const lia_catalog *catalog = lia_catalog_current();
    char wanted[128];
    for (size_t i = 0; i < catalog->compiled; i++) {
        if (!has_added(&catalog->kinds[i])) continue;
        for (*as = AS_READ; *as < FORMS; (*as)++) {
            snprintf(wanted, sizeof wanted, "\"%s%s\":{", short_name(catalog->kinds[i].message),
                     suffixes[*as]);
            if (lia_span_starts(line, lia_span_text(wanted))) return &catalog->kinds[i];
        }
    }
    return NULL;
}

/* Takes what stands up to the end of `mark` from *rest and appends it; false: it is not there. */
static bool copy_through(lia_buf *out, lia_span *rest, const char *mark)
{
    const uint8_t *at = memmem(rest->data, rest->size, mark, strlen(mark));
    if (!at) return false;
    lia_span head = lia_span_make(rest->data, (size_t)(at - rest->data) + strlen(mark));
    lia_buf_span(out, head);
    *rest = lia_span_skip(*rest, head.size);
    return true;
}

static bool requires_added(const lia_message *message)
{
    for (size_t i = 0; i < message->count; i++)
        if (message->fields[i].added && message->fields[i].required &&
            !message->fields[i].read_only)
            return true;
    return false;
}

static void put_extended(lia_buf *out, lia_span line, const lia_kind *seen, form as)
{
    lia_span rest = line;
    const lia_message *message = seen->message;
    if (!copy_through(out, &rest, "\"properties\":{")) return;
    bool more = rest.size && rest.data[0] != '}';
    bool any = false;
    for (size_t i = 0; i < message->count; i++) {
        if (!message->fields[i].added || !is_shown(&message->fields[i], as)) continue;
        if (any) lia_buf_byte(out, ',');
        put_field(out, &message->fields[i], as);
        any = true;
    }
    if (any && more) lia_buf_byte(out, ',');
    if (as == TO_CREATE && requires_added(message)) {
        if (copy_through(out, &rest, "\"required\":[")) {
            (void)put_required(out, message, true, 0);
            lia_buf_byte(out, ',');
        } else if (copy_through(out, &rest, ",\"additionalProperties\":false")) {
            lia_buf_text(out, ",\"required\":[");
            (void)put_required(out, message, true, 0);
            lia_buf_byte(out, ']');
        }
    }
    lia_buf_span(out, rest);
}

/* ---- custom kinds ---------------------------------------------------------------------------- */

static const char record_members[] =
    "\"id\":{\"type\":\"string\",\"format\":\"uuid\",\"title\":\"Id\",\"readOnly\":true},"
    "\"version\":{\"type\":\"string\",\"title\":\"Version\",\"readOnly\":true},"
    "\"created_at\":{\"type\":\"string\",\"format\":\"date-time\",\"title\":\"Created\","
    "\"readOnly\":true},"
    "\"updated_at\":{\"type\":\"string\",\"format\":\"date-time\",\"title\":\"Updated\","
    "\"readOnly\":true}";

static void put_about(lia_buf *out, const lia_kind *kind)
{
    lia_buf_format(out, ",\"x-liaison-kind\":{\"number\":%u", kind->number);
    put_member(out, "name", kind->name);
    put_member(out, "plural", kind->plural);
    put_member(out, "owner", lia_department_name(kind->owner));
    if (kind->title) put_member(out, "title", kind->title->name);
    put_flag(out, "custom", true);
    lia_buf_byte(out, '}');
}

static void put_form(lia_buf *out, const lia_kind *kind, form as)
{
    const lia_message *message = kind->message;
    bool any = as == AS_READ;
    lia_buf_format(out, "\"%s%s\":{\"type\":\"object\"", short_name(message), suffixes[as]);
    put_member(out, "title", kind->label);
    put_member(out, "description", kind->added->help);
    if (as == AS_READ) put_about(out, kind);
    lia_buf_text(out, ",\"properties\":{");
    if (as == AS_READ) lia_buf_text(out, record_members);
    for (size_t i = 0; i < message->count; i++) {
        if (!is_shown(&message->fields[i], as)) continue;
        if (any) lia_buf_byte(out, ',');
        put_field(out, &message->fields[i], as);
        any = true;
    }
    lia_buf_byte(out, '}');
    if (as == AS_READ)
        lia_buf_text(out, ",\"required\":[\"id\",\"version\",\"created_at\",\"updated_at\"]");
    else
        lia_buf_text(out, ",\"additionalProperties\":false");
    if (as == TO_CREATE) {
        size_t before = out->size;
        lia_buf_text(out, ",\"required\":[");
        if (put_required(out, message, false, 0))
            lia_buf_byte(out, ']');
        else
            out->size = before;
    }
    lia_buf_byte(out, '}');
}

static void put_added(lia_buf *out, const lia_kind *seen)
{
    for (form as = AS_READ; as < FORMS; as++) {
        lia_buf_text(out, ",\n");
        put_form(out, seen, as);
    }
}

/* ---- all of it ------------------------------------------------------------------------------- */

static const lia_kind *see(const lia_kind *kind, const lia_kind *(*look)(const void *, uint32_t),
                           const void *context)
{
    if (kind->secret) return NULL;
    return look ? look(context, kind->number) : kind;
}

void lia_catalog_put_openapi(lia_buf *out, const lia_kind *(*look)(const void *, uint32_t),
                             const void *context)
{
    const lia_catalog *catalog = lia_catalog_current();
    lia_span rest = lia_schema_openapi();
    for (bool first = true; rest.size;) {
        form as = AS_READ;
        const uint8_t *end = memchr(rest.data, '\n', rest.size);
        lia_span line = lia_span_make(rest.data, end ? (size_t)(end - rest.data) : rest.size);
        rest = lia_span_skip(rest, line.size + (end != NULL));
        if (line.size < 2) continue; /* the braces of the object */
        if (line.data[line.size - 1] == ',') line.size--;
        if (!first) lia_buf_text(out, ",\n");
        first = false;
        const lia_kind *kind = kind_of(line, &as);
        const lia_kind *seen = kind ? see(kind, look, context) : NULL;
        if (seen && has_added(seen))
            put_extended(out, line, seen, as);
        else
            lia_buf_span(out, line);
    }
    for (size_t i = catalog->compiled; i < catalog->kind_count; i++) {
        const lia_kind *seen = see(&catalog->kinds[i], look, context);
        if (seen) put_added(out, seen);
    }
}
