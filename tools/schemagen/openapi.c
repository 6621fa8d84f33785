/* SPDX-License-Identifier: Apache-2.0 */
/* OpenAPI 3.1 schemas (JSON Schema 2020-12). A kind K gives three: K as it is read, KCreate and
 * KPatch as they are sent; any other message gives one. What JSON Schema has no word for, and the
 * web app wants to know, goes into x-liaison-... members. */
#include "common/base/language.h"
#include "tools/schemagen/model.h"

typedef enum form { AS_READ, TO_CREATE, TO_PATCH, PLAIN } form;

/* ---- JSON text ------------------------------------------------------------------------------- */

static void put_text(lia_buf *out, const char *text)
{
    lia_buf_byte(out, '"');
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\')
            lia_buf_format(out, "\\%c", c);
        else if (c < ' ')
            lia_buf_format(out, "\\u%04x", c);
        else
            lia_buf_byte(out, c);
    }
    lia_buf_byte(out, '"');
}

/* ,"name":"text" */
static void put_member(lia_buf *out, const char *name, const char *text)
{
    if (!text) return;
    lia_buf_format(out, ",\"%s\":", name);
    put_text(out, text);
}

static void put_flag(lia_buf *out, const char *name, bool set)
{
    if (set) lia_buf_format(out, ",\"%s\":true", name);
}

static void put_ref(lia_buf *out, const char *name)
{
    lia_buf_format(out, "\"$ref\":\"#/components/schemas/%s\"", name);
}

/* ---- one value ------------------------------------------------------------------------------- */

/* Which JSON type a scalar has, with everything that narrows it. */
typedef struct shape {
    const char *type, *more;
} shape;

static shape text_shape(Liaison__Meaning meaning)
{
    switch (meaning) {
    case LIAISON__MEANING__MEANING_EMAIL:
        return (shape){"string", ",\"format\":\"email\""};
    case LIAISON__MEANING__MEANING_CURRENCY:
        return (shape){"string", ",\"pattern\":\"^[A-Z]{3}$\""};
    case LIAISON__MEANING__MEANING_COUNTRY:
        return (shape){"string", ",\"pattern\":\"^[A-Z]{2}$\""};
    case LIAISON__MEANING__MEANING_LANGUAGE:
        return (shape){"string", ",\"maxLength\":35,\"pattern\":\"" LIA_LANGUAGE_PATTERN "\""};
    default:
        return (shape){"string", ""};
    }
}

static shape integer_shape(const lia_model_field *field)
{
    switch (field->options->meaning) {
    case LIAISON__MEANING__MEANING_INSTANT:
        return (shape){"string", ",\"format\":\"date-time\""};
    case LIAISON__MEANING__MEANING_DATE:
        return (shape){"string", ",\"format\":\"date\""};
    case LIAISON__MEANING__MEANING_PERCENT:
        return (shape){"integer", ",\"minimum\":0,\"maximum\":100"};
    default:
        break;
    }
    if (field->type == LIA_T_INT)
        return (shape){"integer",
                       field->bits == 32 ? ",\"format\":\"int32\"" : ",\"format\":\"int64\""};
    return (shape){"integer", field->bits == 32
                                  ? ",\"format\":\"uint32\",\"minimum\":0,\"maximum\":4294967295"
                                  : ",\"format\":\"uint64\",\"minimum\":0"};
}

static shape scalar_shape(const lia_model_field *field)
{
    bool is_id = field->options->meaning == LIAISON__MEANING__MEANING_ID;
    switch (field->type) {
    case LIA_T_BOOL:
        return (shape){"boolean", ""};
    case LIA_T_INT:
    case LIA_T_UINT:
        return integer_shape(field);
    case LIA_T_BYTES:
        return (shape){"string",
                       is_id ? ",\"format\":\"uuid\"" : ",\"contentEncoding\":\"base64\""};
    default:
        return text_shape(field->options->meaning);
    }
}

/* The members that say what one value may be: a reference or a type. */
static void put_value(lia_buf *out, const lia_model_field *field, bool or_null)
{
    const char *named = field->message       ? field->message->name
                        : field->enumeration ? field->enumeration->name
                                             : NULL;
    if (named && or_null) {
        lia_buf_text(out, "\"anyOf\":[{");
        put_ref(out, named);
        lia_buf_text(out, "},{\"type\":\"null\"}]");
    } else if (named) {
        put_ref(out, named);
    } else {
        shape is = scalar_shape(field);
        lia_buf_format(out, or_null ? "\"type\":[\"%s\",\"null\"]%s" : "\"type\":\"%s\"%s", is.type,
                       is.more);
    }
}

static void put_array(lia_buf *out, const lia_model_field *field, bool or_null)
{
    lia_buf_text(out, or_null ? "\"type\":[\"array\",\"null\"],\"items\":{"
                              : "\"type\":\"array\",\"items\":{");
    put_value(out, field, false);
    lia_buf_byte(out, '}');
    if (field->key)
        put_member(out, "x-liaison-key", field->options->key);
    else if (!field->message)
        lia_buf_text(out, ",\"uniqueItems\":true");
}

/* ---- one field ------------------------------------------------------------------------------- */

static const char *meaning_word(Liaison__Meaning meaning)
{
    switch (meaning) {
    case LIAISON__MEANING__MEANING_PHONE:
        return "phone";
    case LIAISON__MEANING__MEANING_URL: /* no "uri" of RFC 3986: "example.com" is kept, too */
        return "url";
    case LIAISON__MEANING__MEANING_TEXT:
        return "text";
    case LIAISON__MEANING__MEANING_CURRENCY:
        return "currency";
    case LIAISON__MEANING__MEANING_COUNTRY:
        return "country";
    case LIAISON__MEANING__MEANING_DURATION:
        return "duration_ms";
    case LIAISON__MEANING__MEANING_PERCENT:
        return "percent";
    case LIAISON__MEANING__MEANING_LANGUAGE:
        return "language";
    case LIAISON__MEANING__MEANING_DAYS:
        return "days";
    case LIAISON__MEANING__MEANING_HOURS:
        return "hours";
    case LIAISON__MEANING__MEANING_SECONDS:
        return "seconds";
    case LIAISON__MEANING__MEANING_THOUSANDTHS:
        return "thousandths";
    case LIAISON__MEANING__MEANING_KIND:
        return "kind";
    case LIAISON__MEANING__MEANING_KINDS:
        return "kinds";
    default:
        return NULL;
    }
}

static void put_field(lia_buf *out, const lia_model_field *field, form as)
{
    put_text(out, field->name);
    lia_buf_text(out, ":{");
    if (field->repeated)
        put_array(out, field, as == TO_PATCH);
    else
        put_value(out, field, as == TO_PATCH);
    put_member(out, "title", field->label);
    put_member(out, "description", field->options->help ? field->options->help : field->comment);
    put_flag(out, "readOnly", field->options->read_only);
    put_member(out, "x-liaison-meaning", meaning_word(field->options->meaning));
    put_member(out, "x-liaison-reference",
               field->reference ? field->reference->kind->plural : NULL);
    put_flag(out, "x-liaison-indexed", field->options->indexed);
    put_flag(out, "x-liaison-searchable", field->options->searchable);
    put_flag(out, "x-liaison-personal", field->options->personal);
    lia_buf_byte(out, '}');
}

/* Whether callers of this form see the field at all. */
static bool shows(const lia_model_field *field, form as)
{
    return as == AS_READ || as == PLAIN || !field->options->read_only;
}

static void put_required(lia_buf *out, const lia_model_message *message, form as)
{
    size_t count = 0;
    if (as == AS_READ) {
        lia_buf_text(out, ",\"required\":[\"id\",\"version\",\"created_at\",\"updated_at\"]");
        return;
    }
    for (size_t i = 0; i < message->count && as != TO_PATCH; i++) {
        const lia_model_field *field = &message->fields[i];
        if (!field->options->required || !shows(field, as)) continue;
        lia_buf_text(out, count++ ? "," : ",\"required\":[");
        put_text(out, field->name);
    }
    if (count) lia_buf_byte(out, ']');
}

/* ---- one message ----------------------------------------------------------------------------- */

/* What every record has, whatever its kind. */
static const char record_members[] =
    "\"id\":{\"type\":\"string\",\"format\":\"uuid\",\"title\":\"Id\",\"readOnly\":true},"
    "\"version\":{\"type\":\"string\",\"title\":\"Version\","
    "\"description\":\"Changes with every change; send it back in If-Match.\",\"readOnly\":true},"
    "\"created_at\":{\"type\":\"string\",\"format\":\"date-time\",\"title\":\"Created\","
    "\"readOnly\":true},"
    "\"updated_at\":{\"type\":\"string\",\"format\":\"date-time\",\"title\":\"Updated\","
    "\"readOnly\":true}";

static void put_kind(lia_buf *out, const lia_model_message *message)
{
    static const char *const departments[] = {"any", "sales", "marketing", "service", "analytics"};
    const Liaison__KindOptions *kind = message->kind;
    lia_buf_format(out, ",\"x-liaison-kind\":{\"number\":%u", kind->number);
    put_member(out, "name", message->kind_name);
    put_member(out, "plural", kind->plural);
    put_member(out, "owner", departments[kind->owner]);
    put_member(out, "title", kind->title);
    put_flag(out, "internal", kind->internal);
    lia_buf_byte(out, '}');
}

static void put_fact(lia_buf *out, const lia_model_message *message)
{
    lia_buf_format(out, ",\"x-liaison-fact\":{\"number\":%u", message->fact->number);
    put_member(out, "name", message->fact->name);
    put_flag(out, "timeline", message->fact->timeline);
    lia_buf_byte(out, '}');
}

static void put_message(lia_buf *out, const lia_model_message *message, form as)
{
    static const char *const suffixes[] = {"", "Create", "Patch", ""};
    bool any = as == AS_READ;
    lia_buf_format(out, "\"%s%s\":{\"type\":\"object\"", message->name, suffixes[as]);
    put_member(out, "title",
               message->kind   ? message->kind->label
               : message->fact ? message->fact->label
                               : NULL);
    put_member(out, "description", message->comment);
    if (as == AS_READ) put_kind(out, message);
    if (message->fact) put_fact(out, message);
    lia_buf_text(out, ",\"properties\":{");
    if (as == AS_READ) lia_buf_text(out, record_members);
    for (size_t i = 0; i < message->count; i++) {
        if (!shows(&message->fields[i], as)) continue;
        if (any) lia_buf_byte(out, ',');
        put_field(out, &message->fields[i], as);
        any = true;
    }
    lia_buf_byte(out, '}');
    put_required(out, message, as);
    if (as == TO_CREATE || as == TO_PATCH) lia_buf_text(out, ",\"additionalProperties\":false");
    lia_buf_byte(out, '}');
}

static void put_enum(lia_buf *out, const lia_model_enum *enumeration)
{
    lia_buf_format(out, "\"%s\":{\"type\":\"string\"", enumeration->name);
    put_member(out, "description", enumeration->comment);
    lia_buf_text(out, ",\"enum\":[");
    for (size_t i = 0; i < enumeration->count; i++) {
        if (i) lia_buf_byte(out, ',');
        put_text(out, enumeration->values[i].name);
    }
    lia_buf_text(out, "]}");
}

/* Kinds that only commands write are never sent. */
static void put_forms(lia_buf *out, const lia_model_message *message)
{
    put_message(out, message, message->kind ? AS_READ : PLAIN);
    if (!message->kind || message->kind->internal) return;
    lia_buf_text(out, ",\n");
    put_message(out, message, TO_CREATE);
    lia_buf_text(out, ",\n");
    put_message(out, message, TO_PATCH);
}

static bool is_secret(const lia_model_message *message)
{
    return (message->kind && message->kind->secret) || (message->fact && message->fact->secret);
}

void lia_model_write_openapi(const lia_model *model, lia_buf *out)
{
    const char *between = "{\n";
    for (size_t i = 0; i < model->enum_count; i++) {
        if (!model->enums[i].used) continue;
        lia_buf_text(out, between);
        put_enum(out, &model->enums[i]);
        between = ",\n";
    }
    for (size_t i = 0; i < model->message_count; i++) {
        if (!model->messages[i].used || is_secret(&model->messages[i])) continue;
        lia_buf_text(out, between);
        put_forms(out, &model->messages[i]);
        between = ",\n";
    }
    lia_buf_text(out, "\n}\n");
}
