/* SPDX-License-Identifier: Apache-2.0 */
/* The C source of the tables. Only what differs from zero is written, so a reader can compare a
 * row with its line in proto/. */
#include "tools/schemagen/model.h"

static const char *const type_names[] = {"LIA_T_BOOL",   "LIA_T_INT",    "LIA_T_UINT",
                                         "LIA_T_ENUM",   "LIA_T_STRING", "LIA_T_BYTES",
                                         "LIA_T_MESSAGE"};
static const char *const meaning_names[] = {
    "LIA_M_PLAIN",   "LIA_M_INSTANT", "LIA_M_ID",          "LIA_M_DATE",     "LIA_M_DURATION",
    "LIA_M_EMAIL",   "LIA_M_PHONE",   "LIA_M_URL",         "LIA_M_TEXT",     "LIA_M_CURRENCY",
    "LIA_M_COUNTRY", "LIA_M_DECIMAL", "LIA_M_PERCENT",     "LIA_M_LANGUAGE", "LIA_M_DAYS",
    "LIA_M_HOURS",   "LIA_M_SECONDS", "LIA_M_THOUSANDTHS", "LIA_M_KIND",     "LIA_M_KINDS"};
static const char *const department_names[] = {"LIA_DEPARTMENT_ANY", "LIA_SALES", "LIA_MARKETING",
                                               "LIA_SERVICE", "LIA_ANALYTICS"};

/* A C string literal. Octal escapes have three digits, so what follows cannot lengthen them. */
static void put_literal(lia_buf *out, const char *text)
{
    lia_buf_byte(out, '"');
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\')
            lia_buf_format(out, "\\%c", c);
        else if (c < ' ' || c >= 0x7f)
            lia_buf_format(out, "\\%03o", c);
        else
            lia_buf_byte(out, c);
    }
    lia_buf_byte(out, '"');
}

static void put_text_member(lia_buf *out, const char *member, const char *text)
{
    if (!text) return;
    lia_buf_format(out, ", .%s = ", member);
    put_literal(out, text);
}

static void put_flag(lia_buf *out, const char *member, bool set)
{
    if (set) lia_buf_format(out, ", .%s = true", member);
}

/* liaison.crm.Channel -> liaison_crm_Channel, after a prefix */
static void put_symbol(lia_buf *out, const char *prefix, const char *full_name)
{
    lia_buf_text(out, prefix);
    for (; *full_name; full_name++)
        lia_buf_byte(out, *full_name == '.' ? '_' : (uint8_t)*full_name);
}

/* ---- enums, fields, messages ----------------------------------------------------------------- */

static void put_enum(lia_buf *out, const lia_model_enum *enumeration)
{
    lia_buf_text(out, "static const lia_enum_value ");
    put_symbol(out, "values_", enumeration->full_name);
    lia_buf_text(out, "[] = {\n");
    for (size_t i = 0; i < enumeration->count; i++) {
        lia_buf_format(out, "    {%d, ", enumeration->values[i].number);
        put_literal(out, enumeration->values[i].name);
        lia_buf_text(out, "},\n");
    }
    lia_buf_text(out, "};\nstatic const lia_enum ");
    put_symbol(out, "enum_", enumeration->full_name);
    lia_buf_text(out, " = {");
    put_literal(out, enumeration->full_name);
    lia_buf_text(out, ", ");
    put_symbol(out, "values_", enumeration->full_name);
    lia_buf_format(out, ", %zu};\n\n", enumeration->count);
}

static void put_field_types(lia_buf *out, const lia_model_field *field)
{
    lia_buf_format(out, ", .type = %s", type_names[field->type]);
    if (field->bits) lia_buf_format(out, ", .bits = %u", field->bits);
    if (field->options->meaning)
        lia_buf_format(out, ", .meaning = %s", meaning_names[field->options->meaning]);
    if (field->options->merge == LIAISON__MERGE__MERGE_HIGHEST)
        lia_buf_text(out, ", .merge = LIA_MERGE_HIGHEST");
    if (field->enumeration)
        put_symbol(out, ", .enumeration = &enum_", field->enumeration->full_name);
    if (field->message) lia_buf_format(out, ", .message = &messages[%zu]", field->message->index);
    if (field->reference) lia_buf_format(out, ", .reference = %u", field->reference->kind->number);
    if (field->key) lia_buf_format(out, ", .key = %u", field->key);
}

static void put_field(lia_buf *out, const lia_model_field *field)
{
    lia_buf_format(out, "    {.number = %u", field->number);
    put_text_member(out, "name", field->name);
    put_text_member(out, "label", field->label);
    put_text_member(out, "help", field->options->help);
    put_field_types(out, field);
    put_flag(out, "repeated", field->repeated);
    put_flag(out, "required", field->options->required);
    put_flag(out, "indexed", field->options->indexed);
    put_flag(out, "searchable", field->options->searchable);
    put_flag(out, "personal", field->options->personal);
    put_flag(out, "read_only", field->options->read_only);
    lia_buf_text(out, "},\n");
}

static void put_fields(lia_buf *out, const lia_model_message *message)
{
    if (!message->count) return;
    lia_buf_text(out, "static const lia_field ");
    put_symbol(out, "fields_", message->full_name);
    lia_buf_text(out, "[] = {\n");
    for (size_t i = 0; i < message->count; i++) put_field(out, &message->fields[i]);
    lia_buf_text(out, "};\n\n");
}

static size_t used_messages(const lia_model *model)
{
    size_t count = 0;
    for (size_t i = 0; i < model->message_count; i++) count += model->messages[i].used;
    return count;
}

/* protoc-c's name of a message's descriptor: the last word of the package and the message, words
 * apart by underscores ("sales__deal__descriptor"). */
static void put_descriptor(lia_buf *out, const lia_model_message *message)
{
    const char *point = strrchr(message->package, '.');
    lia_buf_text(out, point ? point + 1 : message->package);
    lia_buf_text(out, "__");
    for (const char *c = message->name; *c; c++) {
        bool upper = *c >= 'A' && *c <= 'Z';
        if (upper && c != message->name) lia_buf_byte(out, '_');
        lia_buf_byte(out, (uint8_t)(upper ? *c | 0x20 : *c));
    }
    lia_buf_text(out, "__descriptor");
}

static void put_descriptors(lia_buf *out, const lia_model *model)
{
    for (size_t i = 0; i < model->message_count; i++) {
        if (!model->messages[i].used) continue;
        lia_buf_text(out, "extern const struct ProtobufCMessageDescriptor ");
        put_descriptor(out, &model->messages[i]);
        lia_buf_text(out, ";\n");
    }
    lia_buf_text(out, "\n");
}

static void put_messages(lia_buf *out, const lia_model *model)
{
    lia_buf_format(out, "static const lia_message messages[%zu] = {\n", used_messages(model));
    for (size_t i = 0; i < model->message_count; i++) {
        const lia_model_message *message = &model->messages[i];
        if (!message->used) continue;
        lia_buf_text(out, "    {");
        put_literal(out, message->full_name);
        if (message->count)
            put_symbol(out, ", fields_", message->full_name);
        else
            lia_buf_text(out, ", NULL");
        lia_buf_format(out, ", %zu, &", message->count);
        put_descriptor(out, message);
        lia_buf_text(out, "},\n");
    }
    lia_buf_text(out, "};\n\n");
}

/* ---- kinds and facts ------------------------------------------------------------------------- */

static void put_field_pointer(lia_buf *out, const char *member, const lia_model_message *message,
                              const lia_model_field *field)
{
    if (!field) return;
    lia_buf_format(out, ", .%s = &", member);
    put_symbol(out, "fields_", message->full_name);
    lia_buf_format(out, "[%zu]", (size_t)(field - message->fields));
}

/* The field through which a record belongs to a customer. */
static const lia_model_field *customer_field(const lia_model_message *message)
{
    const lia_model_field *field = lia_model_field_find(message, "customer");
    return field && field->reference && !field->repeated &&
                   !strcmp(field->reference->kind_name, "customer")
               ? field
               : NULL;
}

/* The field that says when a record's matter happened. */
static const lia_model_field *occurred_field(const lia_model_message *message)
{
    const lia_model_field *field = lia_model_field_find(message, "occurred_at");
    return field && field->type == LIA_T_INT && !field->repeated ? field : NULL;
}

static const lia_model_field *archived_field(const lia_model_message *message)
{
    const lia_model_field *field = lia_model_field_find(message, "archived");
    return field && field->type == LIA_T_BOOL && !field->repeated ? field : NULL;
}

static void put_kind(lia_buf *out, const lia_model_message *message)
{
    const Liaison__KindOptions *kind = message->kind;
    lia_buf_format(out, "    {.number = %u", kind->number);
    put_text_member(out, "name", message->kind_name);
    put_text_member(out, "plural", kind->plural);
    put_text_member(out, "label", kind->label);
    lia_buf_format(out, ", .owner = %s", department_names[kind->owner]);
    put_flag(out, "in_log", kind->in_log);
    put_flag(out, "internal", kind->internal);
    put_flag(out, "secret", kind->secret);
    lia_buf_format(out, ", .message = &messages[%zu]", message->index);
    if (kind->title)
        put_field_pointer(out, "title", message, lia_model_field_find(message, kind->title));
    put_field_pointer(out, "customer", message, customer_field(message));
    put_field_pointer(out, "archived", message, archived_field(message));
    put_field_pointer(out, "occurred", message, occurred_field(message));
    lia_buf_text(out, "},\n");
}

/* Facts of a department's package are that department's; those of crm are everybody's. */
static const char *department_of(const char *package)
{
    static const char *const packages[] = {"", "liaison.sales", "liaison.marketing",
                                           "liaison.service", "liaison.analytics"};
    for (size_t i = 1; i < LIA_COUNT(packages); i++)
        if (!strcmp(package, packages[i])) return department_names[i];
    return department_names[0];
}

static void put_fact(lia_buf *out, const lia_model_message *message)
{
    lia_buf_format(out, "    {.number = %u", message->fact->number);
    put_text_member(out, "name", message->fact->name);
    put_text_member(out, "label", message->fact->label);
    put_flag(out, "timeline", message->fact->timeline);
    put_flag(out, "secret", message->fact->secret);
    lia_buf_format(out, ", .department = %s, .message = &messages[%zu]},\n",
                   department_of(message->package), message->index);
}

static uint32_t number_of(const lia_model_message *message)
{
    return message->kind ? message->kind->number : message->fact->number;
}

/* Number -> 1 + place, for direct access. */
static void put_places(lia_buf *out, const char *name, lia_model_message *const *list, size_t count)
{
    lia_buf_format(out, "static const uint16_t %s[%u] = {", name,
                   count ? number_of(list[count - 1]) + 1 : 1);
    for (size_t i = 0; i < count; i++)
        lia_buf_format(out, "%s[%u] = %zu", i ? ", " : "", number_of(list[i]), i + 1);
    lia_buf_text(out, count ? "};\n\n" : "0};\n\n");
}

/* ---- all ------------------------------------------------------------------------------------- */

static void put_bytes(lia_buf *out, lia_span bytes)
{
    lia_buf_text(out, "static const uint8_t openapi[] = {");
    for (size_t i = 0; i < bytes.size; i++)
        lia_buf_format(out, "%s%u,", i % 24 ? "" : "\n    ", bytes.data[i]);
    lia_buf_text(out, "\n};\n\n");
}

void lia_model_write_tables(const lia_model *model, lia_span openapi, lia_buf *out)
{
    lia_buf_text(out, "/* SPDX-License-Identifier: Apache-2.0 */\n"
                      "/* Written by tools/schemagen from proto/. */\n"
                      "#include \"common/wire/schema_tables.h\"\n\n");
    put_descriptors(out, model);
    lia_buf_format(out, "static const lia_message messages[%zu];\n\n", used_messages(model));
    for (size_t i = 0; i < model->enum_count; i++)
        if (model->enums[i].used) put_enum(out, &model->enums[i]);
    for (size_t i = 0; i < model->message_count; i++)
        if (model->messages[i].used) put_fields(out, &model->messages[i]);
    put_messages(out, model);

    lia_buf_format(out, "static const lia_kind kinds[%zu] = {\n", model->kind_count);
    for (size_t i = 0; i < model->kind_count; i++) put_kind(out, model->kinds[i]);
    lia_buf_format(out, "};\n\nstatic const lia_fact facts[%zu] = {\n", model->fact_count);
    for (size_t i = 0; i < model->fact_count; i++) put_fact(out, model->facts[i]);
    lia_buf_text(out, "};\n\n");
    put_places(out, "kind_places", model->kinds, model->kind_count);
    put_places(out, "fact_places", model->facts, model->fact_count);
    put_bytes(out, openapi);
    lia_buf_text(out,
                 "const lia_schema_tables lia_schema = {\n"
                 "    .kinds = kinds, .kind_count = LIA_COUNT(kinds),\n"
                 "    .kind_places = kind_places, .kind_places_count = LIA_COUNT(kind_places),\n"
                 "    .facts = facts, .fact_count = LIA_COUNT(facts),\n"
                 "    .fact_places = fact_places, .fact_places_count = LIA_COUNT(fact_places),\n"
                 "    .messages = messages, .message_count = LIA_COUNT(messages),\n"
                 "    .openapi = openapi, .openapi_size = sizeof openapi,\n"
                 "};\n");
}
