/* SPDX-License-Identifier: Apache-2.0 */
/* Our options are extensions, which protobuf-c keeps as unknown fields of the options messages:
 * they are gathered by number and unpacked with the code generated from proto/options.proto. */
#include "tools/schemagen/model.h"

#include <ctype.h>
#include <stdlib.h>

enum { OPTION_KIND = 50001, OPTION_FACT = 50002, OPTION_FIELD = 50001 };

/* Numbers of members in descriptor.proto: they make up the paths of source locations. */
enum { IN_FILE_MESSAGES = 4, IN_FILE_ENUMS = 5, IN_MESSAGE_FIELDS = 2, IN_ENUM_VALUES = 2 };

typedef Google__Protobuf__FileDescriptorProto raw_file;
typedef Google__Protobuf__SourceCodeInfo__Location raw_location;

static void *arena_alloc(void *model, size_t size)
{
    return lia_model_take(model, size);
}
static void arena_free(void *model, void *pointer)
{
    (void)model;
    (void)pointer;
}

static ProtobufCAllocator allocator_of(lia_model *model)
{
    return (ProtobufCAllocator){arena_alloc, arena_free, model};
}

/* ---- places and comments --------------------------------------------------------------------- */

static const raw_location *find_location(const raw_file *file, const int32_t *path, size_t size)
{
    const Google__Protobuf__SourceCodeInfo *info = file->source_code_info;
    for (size_t i = 0; info && i < info->n_location; i++) {
        const raw_location *at = info->location[i];
        if (at->n_path == size && memcmp(at->path, path, size * sizeof *path) == 0) return at;
    }
    return NULL;
}

static lia_model_place place_of(const raw_file *file, const raw_location *at)
{
    return (lia_model_place){file->name, at && at->n_span ? at->span[0] + 1 : 1};
}

/* A comment as one paragraph: its words, one space between them. NULL when there is none. */
static const char *comment_of(lia_model *model, const raw_location *at)
{
    const char *raw =
        at ? at->leading_comments ? at->leading_comments : at->trailing_comments : NULL;
    if (!raw) return NULL;
    char *text = lia_model_take(model, strlen(raw) + 1);
    size_t size = 0;
    for (; *raw; raw++) {
        if (!isspace((unsigned char)*raw))
            text[size++] = *raw;
        else if (size && text[size - 1] != ' ')
            text[size++] = ' ';
    }
    if (size && text[size - 1] == ' ') size--;
    text[size] = '\0';
    return size ? text : NULL;
}

/* ---- names ----------------------------------------------------------------------------------- */

static char *join(lia_model *model, const char *package, const char *name)
{
    char *text = lia_arena_text(model->arena, "%s%s%s", package, *package ? "." : "", name);
    return text ? text : lia_model_take(model, SIZE_MAX);
}

/* ExternalId -> external_id */
static char *snake_case(lia_model *model, const char *name)
{
    char *text = lia_model_take(model, 2 * strlen(name) + 1), *to = text;
    for (const char *from = name; *from; from++) {
        if (isupper((unsigned char)*from) && from != name) *to++ = '_';
        *to++ = (char)tolower((unsigned char)*from);
    }
    *to = '\0';
    return text;
}

/* given_name -> Given name */
static char *label_from(lia_model *model, const char *name)
{
    char *text = lia_model_take(model, strlen(name) + 1);
    strcpy(text, name);
    for (char *at = text; *at; at++)
        if (*at == '_') *at = ' ';
    *text = (char)toupper((unsigned char)*text);
    return text;
}

/* CHANNEL_IN_PERSON of Channel -> in_person; NULL when the prefix is another. */
static char *value_name(lia_model *model, const char *enumeration, const char *symbol)
{
    const char *prefix = snake_case(model, enumeration);
    for (; *prefix; prefix++, symbol++)
        if (tolower((unsigned char)*symbol) != *prefix) return NULL;
    if (*symbol != '_' || !symbol[1]) return NULL;
    char *name = lia_model_take(model, strlen(symbol));
    for (size_t i = 0; i < strlen(symbol); i++)
        name[i] = (char)tolower((unsigned char)symbol[i + 1]);
    return name;
}

/* ---- options --------------------------------------------------------------------------------- */

/* All occurrences of one extension, one behind the other: protobuf merges them when unpacking. */
static lia_span gather(lia_model *model, const ProtobufCMessage *options, uint32_t number,
                       bool *there)
{
    lia_buf buf = lia_buf_make(model->arena);
    *there = false;
    for (unsigned i = 0; options && i < options->n_unknown_fields; i++) {
        const ProtobufCMessageUnknownField *field = &options->unknown_fields[i];
        if (field->tag != number || field->wire_type != PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED)
            continue;
        size_t prefix = 0; /* protobuf-c keeps the length in front */
        while (prefix < field->len && field->data[prefix] & 0x80) prefix++;
        *there = true;
        lia_buf_add(&buf, field->data + prefix + 1, field->len - prefix - 1);
    }
    return lia_buf_get(&buf);
}

/* The extension unpacked, or NULL when it is not there. */
static ProtobufCMessage *option(lia_model *model, const ProtobufCMessage *options, uint32_t number,
                                const ProtobufCMessageDescriptor *type)
{
    ProtobufCAllocator allocator = allocator_of(model);
    bool there;
    lia_span bytes = gather(model, options, number, &there);
    return there ? protobuf_c_message_unpack(type, &allocator, bytes.size, bytes.data) : NULL;
}

/* ---- fields, messages, enums ----------------------------------------------------------------- */

/* The table's type and width; false for what is not supported. */
static bool field_type(lia_model_field *field)
{
#define RAW(type) GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_##type
    switch (field->raw->type) {
    case RAW(BOOL):
        field->type = LIA_T_BOOL;
        return true;
    case RAW(INT32):
        field->type = LIA_T_INT, field->bits = 32;
        return true;
    case RAW(INT64):
        field->type = LIA_T_INT, field->bits = 64;
        return true;
    case RAW(UINT32):
        field->type = LIA_T_UINT, field->bits = 32;
        return true;
    case RAW(UINT64):
        field->type = LIA_T_UINT, field->bits = 64;
        return true;
    case RAW(ENUM):
        field->type = LIA_T_ENUM, field->bits = 32;
        return true;
    case RAW(STRING):
        field->type = LIA_T_STRING;
        return true;
    case RAW(BYTES):
        field->type = LIA_T_BYTES;
        return true;
    case RAW(MESSAGE):
        field->type = LIA_T_MESSAGE;
        return true;
    default:
        return false;
    }
#undef RAW
}

static void load_field(lia_model *model, const raw_file *file, int32_t message, int32_t index,
                       const lia_raw_field *raw, lia_model_field *out)
{
    static const Liaison__FieldOptions none = LIAISON__FIELD_OPTIONS__INIT;
    int32_t path[] = {IN_FILE_MESSAGES, message, IN_MESSAGE_FIELDS, index};
    const raw_location *at = find_location(file, path, LIA_COUNT(path));
    const ProtobufCMessage *options = raw->options ? &raw->options->base : NULL;
    const ProtobufCMessage *ours =
        option(model, options, OPTION_FIELD, &liaison__field_options__descriptor);

    out->place = place_of(file, at);
    out->comment = comment_of(model, at);
    out->name = raw->name;
    out->number = (uint32_t)raw->number;
    out->raw = raw;
    out->repeated = raw->label == GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__LABEL__LABEL_REPEATED;
    out->options = ours ? (const Liaison__FieldOptions *)ours : &none;
    out->label = out->options->label ? out->options->label : label_from(model, raw->name);
    out->supported = field_type(out);
}

static int by_field_number(const void *a, const void *b)
{
    uint32_t x = ((const lia_model_field *)a)->number, y = ((const lia_model_field *)b)->number;
    return x < y ? -1 : x > y;
}

static void load_message(lia_model *model, const raw_file *file, int32_t index)
{
    const Google__Protobuf__DescriptorProto *raw = file->message_type[index];
    lia_model_message *out = &model->messages[model->message_count++];
    int32_t path[] = {IN_FILE_MESSAGES, index};
    const raw_location *at = find_location(file, path, LIA_COUNT(path));
    const ProtobufCMessage *options = raw->options ? &raw->options->base : NULL;

    out->place = place_of(file, at);
    out->comment = comment_of(model, at);
    out->name = raw->name;
    out->package = file->package ? file->package : "";
    out->full_name = join(model, out->package, raw->name);
    out->kind_name = snake_case(model, raw->name);
    out->raw = raw;
    out->kind = (const Liaison__KindOptions *)option(model, options, OPTION_KIND,
                                                     &liaison__kind_options__descriptor);
    out->fact = (const Liaison__FactOptions *)option(model, options, OPTION_FACT,
                                                     &liaison__fact_options__descriptor);
    out->count = raw->n_field;
    out->fields = lia_model_take(model, raw->n_field * sizeof *out->fields);
    for (size_t i = 0; i < raw->n_field; i++)
        load_field(model, file, index, (int32_t)i, raw->field[i], &out->fields[i]);
    qsort(out->fields, out->count, sizeof *out->fields, by_field_number);
}

static void load_enum(lia_model *model, const raw_file *file, int32_t index)
{
    const Google__Protobuf__EnumDescriptorProto *raw = file->enum_type[index];
    lia_model_enum *out = &model->enums[model->enum_count++];
    int32_t path[] = {IN_FILE_ENUMS, index, IN_ENUM_VALUES, 0};
    const raw_location *at = find_location(file, path, 2);

    out->place = place_of(file, at);
    out->comment = comment_of(model, at);
    out->name = raw->name;
    out->full_name = join(model, file->package ? file->package : "", raw->name);
    out->count = raw->n_value;
    out->values = lia_model_take(model, raw->n_value * sizeof *out->values);
    for (size_t i = 0; i < raw->n_value; i++) {
        path[3] = (int32_t)i;
        out->values[i] = (lia_model_value){
            .place = place_of(file, find_location(file, path, 4)),
            .number = raw->value[i]->number,
            .symbol = raw->value[i]->name,
            .name = value_name(model, raw->name, raw->value[i]->name),
        };
    }
}

/* ---- types by name, and who is used ---------------------------------------------------------- */

static int by_message_name(const void *a, const void *b)
{
    return strcmp(((const lia_model_message *)a)->full_name,
                  ((const lia_model_message *)b)->full_name);
}
static int by_enum_name(const void *a, const void *b)
{
    return strcmp(((const lia_model_enum *)a)->full_name, ((const lia_model_enum *)b)->full_name);
}

/* protoc writes type names in full, with a dot in front. */
static void resolve(lia_model *model, lia_model_field *field)
{
    if (!field->raw->type_name) return;
    const char *name = field->raw->type_name + (*field->raw->type_name == '.');
    for (size_t i = 0; i < model->message_count; i++)
        if (!strcmp(model->messages[i].full_name, name)) field->message = &model->messages[i];
    for (size_t i = 0; i < model->enum_count; i++)
        if (!strcmp(model->enums[i].full_name, name)) field->enumeration = &model->enums[i];
}

static void mark_used(lia_model_message *message)
{
    if (message->used) return;
    message->used = true;
    for (size_t i = 0; i < message->count; i++) {
        if (message->fields[i].message) mark_used(message->fields[i].message);
        if (message->fields[i].enumeration) message->fields[i].enumeration->used = true;
    }
}

/* Frames and events are read by hand-written code and use what JSON has no name for; options
 * speak about messages. Everybody else's package is in the tables. */
static bool is_tabled(const char *package)
{
    return !strncmp(package, "liaison.", 8) && strcmp(package, "liaison.event") &&
           strcmp(package, "liaison.bus");
}

static bool is_ours(const raw_file *file)
{
    return strncmp(file->name, "google/", 7) && strncmp(file->name, "protobuf-c/", 11);
}

lia_err lia_model_load(lia_model *model, lia_span descriptors)
{
    ProtobufCAllocator allocator = allocator_of(model);
    Google__Protobuf__FileDescriptorSet *set = google__protobuf__file_descriptor_set__unpack(
        &allocator, descriptors.size, descriptors.data);
    if (!set) return LIA_EINVAL;

    size_t messages = 0, enums = 0;
    for (size_t i = 0; i < set->n_file; i++) {
        messages += set->file[i]->n_message_type;
        enums += set->file[i]->n_enum_type;
    }
    model->messages = lia_model_take(model, messages * sizeof *model->messages);
    model->enums = lia_model_take(model, enums * sizeof *model->enums);
    for (size_t i = 0; i < set->n_file; i++) {
        const raw_file *file = set->file[i];
        if (!is_ours(file)) continue;
        for (size_t m = 0; m < file->n_message_type; m++) load_message(model, file, (int32_t)m);
        for (size_t e = 0; e < file->n_enum_type; e++) load_enum(model, file, (int32_t)e);
    }
    qsort(model->messages, model->message_count, sizeof *model->messages, by_message_name);
    qsort(model->enums, model->enum_count, sizeof *model->enums, by_enum_name);

    for (size_t i = 0; i < model->message_count; i++)
        for (size_t f = 0; f < model->messages[i].count; f++)
            resolve(model, &model->messages[i].fields[f]);
    for (size_t i = 0; i < model->message_count; i++)
        if (is_tabled(model->messages[i].package)) mark_used(&model->messages[i]);
    return LIA_OK;
}
