/* SPDX-License-Identifier: Apache-2.0 */
/* Definitions come from the records of all nodes, so none is trusted: one that makes no sense, or
 * that a newer release wrote, is left out and said, and never keeps the others from being used. The
 * result depends on the set of definitions alone, so all nodes make the same of it. */
#include <stdarg.h>
#include <stdio.h>

#include "common/base/assert.h"
#include "common/base/decimal.h"
#include "common/wire/catalog_inner.h"
#include "common/wire/sort.h"
#include "common/wire/unpack.h"
#include "proto/custom.pb-c.h"

/* Address space; a full one takes some megabytes of it. */
#define CATALOG_BYTES ((size_t)256 << 20)
#define SCRATCH_BYTES ((size_t)256 << 20)
/* _2, _3 ... of names that are taken; beyond it nobody means it. */
#define SUFFIXES_MAX 100

typedef struct draft_field {
    const lia_custom_definition *definition;
    const Custom__CustomField *says;
    uint32_t number;
    const char *name; /* as it is called here */
    bool archived;
} draft_field;

typedef struct draft_kind {
    const lia_custom_definition *definition; /* NULL: compiled in */
    const Custom__CustomKind *says;
    const lia_kind *base;
    uint16_t number;
    const char *name, *plural;
    bool hidden;
    draft_field *fields; /* by id */
    size_t count, room;
} draft_kind;

typedef struct builder {
    lia_catalog *catalog;
    lia_arena *arena;  /* the catalog's */
    lia_arena scratch; /* of the building */
    const lia_custom_definition **sorted;
    size_t count;
    draft_kind *kinds; /* compiled ones in their order, then custom ones by id */
    size_t compiled, kind_count, field_count;
    lia_err err;
} builder;

/* ---- saying what is wrong -------------------------------------------------------------------- */

static void complain(builder *b, const lia_custom_definition *definition, const char *format, ...)
    LIA_PRINTF(3, 4);
static void complain(builder *b, const lia_custom_definition *definition, const char *format, ...)
{
    char text[200];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    lia_span kept = lia_arena_copy(b->arena, lia_span_text(text));
    if (!kept.data) {
        b->err = LIA_EFULL;
        return;
    }
    b->catalog->problems[b->catalog->problem_count++] =
        (lia_catalog_problem){definition->id, definition->kind, (const char *)kept.data};
}

static void *take(builder *b, size_t size)
{
    void *memory = lia_arena_zero(b->arena, size ? size : 1);
    if (!memory) b->err = LIA_EFULL;
    return memory;
}

/* In UTF-8 and cut to `max` bytes at a letter; NULL stays NULL. */
static const char *keep(builder *b, const char *text, size_t max)
{
    if (!text) return NULL;
    size_t size = strlen(text);
    if (size > max) {
        size = max;
        while (size && ((uint8_t)text[size] & 0xc0) == 0x80) size--;
    }
    lia_span kept = lia_arena_copy(b->arena, lia_span_make(text, size));
    if (!kept.data) b->err = LIA_EFULL;
    return (const char *)kept.data;
}

/* ---- names ----------------------------------------------------------------------------------- */

/* `wanted`, or with a number behind it when that is taken; NULL when all are. */
static const char *free_name(builder *b, const char *wanted,
                             bool (*taken)(const builder *b, const void *among, const char *name),
                             const void *among)
{
    char name[LIA_CUSTOM_NAME_MAX + 8];
    snprintf(name, sizeof name, "%s", wanted);
    for (unsigned i = 2; taken(b, among, name); i++) {
        if (i > SUFFIXES_MAX) return NULL;
        snprintf(name, sizeof name, "%s_%u", wanted, i);
    }
    return keep(b, name, sizeof name);
}

static bool is_kind_taken(const builder *b, const void *among, const char *name)
{
    (void)among;
    for (size_t i = 0; i < b->kind_count; i++)
        if (!strcmp(b->kinds[i].name, name) || !strcmp(b->kinds[i].plural, name)) return true;
    return lia_custom_kind_is_reserved(name);
}

static bool is_field_taken(const builder *b, const void *among, const char *name)
{
    const draft_kind *kind = among;
    (void)b;
    for (size_t i = 0; i < kind->count; i++)
        if (!strcmp(kind->fields[i].name, name)) return true;
    return lia_custom_field_is_reserved(name) ||
           lia_field_by_name(kind->base->message, lia_span_text(name));
}

/* ---- kinds ----------------------------------------------------------------------------------- */

/* What records of custom kinds begin with. */
static const lia_kind *thing(void)
{
    static lia_kind kind;
    static const char name[] = "liaison.custom.Thing";
    if (!__atomic_load_n(&kind.message, __ATOMIC_ACQUIRE))
        __atomic_store_n(&kind.message, lia_message_find(name), __ATOMIC_RELEASE);
    return &kind;
}

static const draft_kind *kind_with_number(const builder *b, uint16_t number)
{
    for (size_t i = b->compiled; i < b->kind_count; i++)
        if (b->kinds[i].number == number) return &b->kinds[i];
    return NULL;
}

static void add_kind(builder *b, const lia_custom_definition *definition)
{
    const Custom__CustomKind *says = (const void *)lia_unpack(&custom__custom_kind__descriptor,
                                                              definition->message, &b->scratch);
    uint16_t number = lia_custom_kind_number(definition->id);
    if (!says || !lia_custom_name_is_valid(says->name) || !lia_custom_name_is_valid(says->plural)) {
        complain(b, definition, "its name or plural is none");
        return;
    }
    if (kind_with_number(b, number)) {
        complain(b, definition, "custom kind '%s' has the same number: make it anew",
                 kind_with_number(b, number)->name);
        return;
    }
    const char *name = free_name(b, says->name, is_kind_taken, NULL);
    const char *plural = name ? free_name(b, says->plural, is_kind_taken, NULL) : NULL;
    if (!name || !plural || !strcmp(name, plural)) {
        complain(b, definition, "its name is taken");
        return;
    }
    if (strcmp(name, says->name) != 0 || strcmp(plural, says->plural) != 0)
        complain(b, definition, "its name is taken: here it is called %s, %s", name, plural);
    bool beyond = b->kind_count - b->compiled >= LIA_CUSTOM_KINDS_MAX;
    if (beyond)
        complain(b, definition, "it is hidden: there are %d custom kinds", LIA_CUSTOM_KINDS_MAX);
    b->kinds[b->kind_count++] = (draft_kind){.definition = definition,
                                             .hidden = beyond || says->archived,
                                             .says = says,
                                             .base = thing(),
                                             .number = number,
                                             .name = name,
                                             .plural = plural};
}

static void list_compiled(builder *b)
{
    for (size_t i = 0; i < lia_schema.kind_count; i++) {
        const lia_kind *kind = &lia_schema.kinds[i];
        b->kinds[b->kind_count++] = (draft_kind){
            .base = kind, .number = kind->number, .name = kind->name, .plural = kind->plural};
    }
    b->compiled = b->kind_count;
}

static draft_kind *find_kind(builder *b, bool has_id, ProtobufCBinaryData bytes, const char *name)
{
    lia_id id = has_id ? lia_id_from(lia_span_make(bytes.data, bytes.len)) : LIA_ID_NONE;
    for (size_t i = 0; i < b->kind_count; i++) {
        draft_kind *kind = &b->kinds[i];
        if (has_id ? kind->definition && lia_id_equal(kind->definition->id, id)
                   : !kind->definition && name && !strcmp(kind->name, name))
            return kind;
    }
    return NULL;
}

/* ---- fields: what is kept -------------------------------------------------------------------- */

static bool is_choice(const Custom__CustomField *says)
{
    return says->type == CUSTOM__FIELD_TYPE__FIELD_TYPE_CHOICE ||
           says->type == CUSTOM__FIELD_TYPE__FIELD_TYPE_MULTI_CHOICE;
}

static bool has_option(const Custom__CustomField *says)
{
    for (size_t i = 0; i < says->n_options && i < LIA_CUSTOM_OPTIONS_MAX; i++)
        if (lia_custom_name_is_valid(says->options[i]->name)) return true;
    return false;
}

static bool is_type(const Custom__CustomField *says)
{
    return says->type > CUSTOM__FIELD_TYPE__FIELD_TYPE_UNSET &&
           says->type <= CUSTOM__FIELD_TYPE__FIELD_TYPE_LANGUAGE;
}

static const draft_field *field_with_number(const draft_kind *kind, uint32_t number)
{
    for (size_t i = 0; i < kind->count; i++)
        if (kind->fields[i].number == number) return &kind->fields[i];
    return NULL;
}

/* Why it cannot be a field of that kind; NULL when it can. */
static const char *refusal_of(builder *b, const draft_kind *kind, const Custom__CustomField *says)
{
    if (!kind) return "there is no such kind";
    if (!kind->definition && !lia_kind_is_extensible(kind->base))
        return "that kind takes no fields";
    if (!is_type(says)) return "its type is none of this release";
    if (!lia_custom_scale_is_valid(says->type, says->scale))
        return "it has more digits behind the point than this release knows";
    if (says->type == CUSTOM__FIELD_TYPE__FIELD_TYPE_REFERENCE &&
        !find_kind(b, says->has_reference_id, says->reference_id, says->reference))
        return "it refers to no kind";
    if (is_choice(says) && !has_option(says)) return "it has no options";
    if (kind->count == LIA_CUSTOM_FIELDS_MAX) return "its kind has 200 custom fields already";
    if (b->field_count == LIA_CUSTOM_ALL_MAX) return "there are 2000 custom fields already";
    return NULL;
}

static draft_field *more_room(builder *b, draft_kind *kind)
{
    if (kind->count < kind->room) return &kind->fields[kind->count];
    size_t room = kind->room ? 2 * kind->room : 8;
    draft_field *fields = lia_arena_take(&b->scratch, room * sizeof *fields);
    if (!fields) {
        b->err = LIA_EFULL;
        return NULL;
    }
    if (kind->count) memcpy(fields, kind->fields, kind->count * sizeof *fields);
    kind->fields = fields;
    kind->room = room;
    return &fields[kind->count];
}

static void add_field(builder *b, const lia_custom_definition *definition)
{
    const Custom__CustomField *says = (const void *)lia_unpack(&custom__custom_field__descriptor,
                                                               definition->message, &b->scratch);
    if (!says || !lia_custom_name_is_valid(says->name)) {
        complain(b, definition, "its name is none");
        return;
    }
    draft_kind *kind = find_kind(b, says->has_kind_id, says->kind_id, says->of);
    const char *no = refusal_of(b, kind, says);
    uint32_t number = lia_custom_field_number(definition->id);
    if (no) {
        complain(b, definition, "%s", no);
        return;
    }
    if (field_with_number(kind, number)) {
        complain(b, definition, "field '%s' has the same number: make it anew",
                 field_with_number(kind, number)->name);
        return;
    }
    const char *name = free_name(b, says->name, is_field_taken, kind);
    draft_field *place = name ? more_room(b, kind) : NULL;
    if (!place) {
        if (!b->err) complain(b, definition, "its name is taken");
        return;
    }
    if (strcmp(name, says->name) != 0)
        complain(b, definition, "its name is taken: here it is called %s", name);
    *place = (draft_field){definition, says, number, name, says->archived};
    kind->count++;
    b->field_count++;
}

/* ---- fields: what they become ---------------------------------------------------------------- */

static int by_value(const void *a, const void *b)
{
    const lia_enum_value *x = a, *y = b;
    return x->number < y->number ? -1 : x->number > y->number;
}

/* The options in the order of their numbers, labels beside them. Those that make no sense are
 * passed over. */
static void make_options(builder *b, lia_field *field, lia_field_added *added,
                         const draft_field *draft)
{
    size_t most = draft->says->n_options, count = 0;
    if (most > LIA_CUSTOM_OPTIONS_MAX) {
        complain(b, draft->definition, "only its first %d options are used",
                 LIA_CUSTOM_OPTIONS_MAX);
        most = LIA_CUSTOM_OPTIONS_MAX;
    }
    lia_enum *names = take(b, sizeof *names);
    lia_enum_value *values = take(b, most * sizeof *values);
    lia_field_option *options = take(b, most * sizeof *options);
    if (!names || !values || !options) return;
    for (size_t i = 0; i < most; i++) {
        const char *name = draft->says->options[i]->name;
        if (!lia_custom_name_is_valid(name)) continue;
        values[count++] =
            (lia_enum_value){lia_custom_option_number(name), keep(b, name, LIA_CUSTOM_NAME_MAX)};
    }
    lia_sort(values, count, sizeof *values, by_value);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (!kept || values[kept - 1].number != values[i].number) values[kept++] = values[i];
    for (size_t i = 0; i < kept; i++)
        for (size_t j = 0; j < most; j++) {
            const Custom__FieldOption *says = draft->says->options[j];
            if (!says->name || !values[i].name || strcmp(says->name, values[i].name) != 0) continue;
            options[i] = (lia_field_option){keep(b, says->label, LIA_CUSTOM_LABEL_MAX),
                                            says->position, says->retired};
        }
    *names = (lia_enum){field->name, values, kept};
    field->enumeration = names;
    added->options = options;
}

bool lia_custom_scale_is_valid(int type, int32_t scale)
{
    return type == CUSTOM__FIELD_TYPE__FIELD_TYPE_DECIMAL
               ? scale >= 0 && scale <= LIA_DECIMAL_SCALE_MAX
               : scale == 0;
}

void lia_custom_make_type(lia_field *field, const Custom__CustomField *says)
{
    static const struct {
        lia_type type;
        lia_meaning meaning;
        uint8_t bits;
        bool repeated;
    } types[] = {
        [CUSTOM__FIELD_TYPE__FIELD_TYPE_TEXT] = {LIA_T_STRING, LIA_M_PLAIN, 0, false},
        [CUSTOM__FIELD_TYPE__FIELD_TYPE_LONG_TEXT] = {LIA_T_STRING, LIA_M_TEXT, 0, false},
        [CUSTOM__FIELD_TYPE__FIELD_TYPE_NUMBER] = {LIA_T_INT, LIA_M_PLAIN, 64, false},
        [CUSTOM__FIELD_TYPE__FIELD_TYPE_MONEY] = {LIA_T_MESSAGE, LIA_M_PLAIN, 0, false},
        [CUSTOM__FIELD_TYPE__FIELD_TYPE_DATE] = {LIA_T_INT, LIA_M_DATE, 32, false},
        [CUSTOM__FIELD_TYPE__FIELD_TYPE_DATE_TIME] = {LIA_T_INT, LIA_M_INSTANT, 64, false},
        [CUSTOM__FIELD_TYPE__FIELD_TYPE_YES_NO] = {LIA_T_BOOL, LIA_M_PLAIN, 0, false},
        [CUSTOM__FIELD_TYPE__FIELD_TYPE_CHOICE] = {LIA_T_ENUM, LIA_M_PLAIN, 32, false},
        [CUSTOM__FIELD_TYPE__FIELD_TYPE_MULTI_CHOICE] = {LIA_T_ENUM, LIA_M_PLAIN, 32, true},
        [CUSTOM__FIELD_TYPE__FIELD_TYPE_REFERENCE] = {LIA_T_BYTES, LIA_M_ID, 0, false},
        [CUSTOM__FIELD_TYPE__FIELD_TYPE_EMAIL] = {LIA_T_STRING, LIA_M_EMAIL, 0, false},
        [CUSTOM__FIELD_TYPE__FIELD_TYPE_PHONE] = {LIA_T_STRING, LIA_M_PHONE, 0, false},
        [CUSTOM__FIELD_TYPE__FIELD_TYPE_URL] = {LIA_T_STRING, LIA_M_URL, 0, false},
        [CUSTOM__FIELD_TYPE__FIELD_TYPE_DECIMAL] = {LIA_T_INT, LIA_M_DECIMAL, 64, false},
        [CUSTOM__FIELD_TYPE__FIELD_TYPE_PERCENT] = {LIA_T_INT, LIA_M_PERCENT, 64, false},
        [CUSTOM__FIELD_TYPE__FIELD_TYPE_LANGUAGE] = {LIA_T_STRING, LIA_M_LANGUAGE, 0, false},
    };
    Custom__FieldType type = says->type;
    lia_assert((size_t)type < LIA_COUNT(types));
    field->type = types[type].type;
    field->meaning = types[type].meaning;
    field->bits = types[type].bits;
    field->repeated = types[type].repeated;
    field->scale = (uint8_t)says->scale;
    if (field->type == LIA_T_MESSAGE) field->message = lia_message_find("liaison.crm.Money");
}

/* Whether an index can be kept of it: what is compared as one value, of records that have rows. */
static bool can_be_indexed(const lia_kind *base, const lia_field *field)
{
    return !base->in_log && field->type != LIA_T_MESSAGE && field->type != LIA_T_BOOL &&
           field->meaning != LIA_M_TEXT;
}

static void make_field(builder *b, lia_field *out, const draft_field *draft, const lia_kind *base)
{
    const Custom__CustomField *says = draft->says;
    lia_field_added *added = take(b, sizeof *added);
    if (!added) return;
    *out = (lia_field){.number = draft->number,
                       .name = draft->name,
                       .label = keep(b, says->label, LIA_CUSTOM_LABEL_MAX),
                       .help = keep(b, says->help, LIA_CUSTOM_HELP_MAX),
                       .required = says->required,
                       .personal = says->personal,
                       .added = added};
    lia_custom_make_type(out, says);
    bool renamed = strcmp(draft->name, says->name) != 0;
    added->definition = draft->definition->id;
    added->position = says->position;
    added->wanted = renamed ? keep(b, says->name, LIA_CUSTOM_NAME_MAX) : NULL;
    if (is_choice(says)) make_options(b, out, added, draft);
    if (says->type == CUSTOM__FIELD_TYPE__FIELD_TYPE_REFERENCE)
        out->reference =
            find_kind(b, says->has_reference_id, says->reference_id, says->reference)->number;
    out->searchable = says->searchable && out->type == LIA_T_STRING;
    bool wants_index = says->indexed && can_be_indexed(base, out);
    out->indexed = wants_index && draft->definition->ready;
    added->indexing = wants_index && !draft->definition->ready;
    added->unique = says->unique && wants_index;
    lia_why why;
    if (says->preset && lia_custom_preset(&added->preset, says, out->number, b->arena, &why))
        added->preset = LIA_SPAN_NONE; /* of another release, perhaps */
    if (added->preset.size) out->required = false;
}

static int by_number(const void *a, const void *b)
{
    const draft_field *x = a, *y = b;
    return x->number < y->number ? -1 : x->number > y->number;
}

/* ---- kinds: what they become ----------------------------------------------------------------- */

/* The same field in the longer message. */
static const lia_field *moved(const lia_field *field, const lia_message *to)
{
    return field ? lia_field_find(to, field->number) : NULL;
}

static bool is_left_out(const draft_kind *draft, const lia_field *field)
{
    return draft->says && draft->says->without_customer && !strcmp(field->name, "customer");
}

static const lia_message *make_message(builder *b, draft_kind *draft, const char *name)
{
    const lia_message *base = draft->base->message;
    lia_message *message = take(b, sizeof *message);
    lia_field *fields = take(b, (base->count + draft->count) * sizeof *fields);
    if (!message || !fields) return NULL;
    *message = (lia_message){.name = name, .fields = fields, .descriptor = base->descriptor};
    for (size_t i = 0; i < base->count; i++)
        if (!is_left_out(draft, &base->fields[i])) fields[message->count++] = base->fields[i];
    lia_sort(draft->fields, draft->count, sizeof *draft->fields, by_number);
    for (size_t i = 0; i < draft->count; i++)
        if (!draft->fields[i].archived)
            make_field(b, &fields[message->count++], &draft->fields[i], draft->base);
    return message;
}

/* What was compiled in, with what was added to it. */
static void make_extended(builder *b, lia_kind *out, draft_kind *draft)
{
    *out = *draft->base;
    if (!draft->count) return;
    const lia_message *message = make_message(b, draft, draft->base->message->name);
    if (!message) return;
    out->message = message;
    out->title = moved(draft->base->title, message);
    out->customer = moved(draft->base->customer, message);
    out->archived = moved(draft->base->archived, message);
    out->occurred = moved(draft->base->occurred, message);
}

static void make_added(builder *b, lia_kind *out, draft_kind *draft)
{
    const Custom__CustomKind *says = draft->says;
    lia_kind_added *added = take(b, sizeof *added);
    char *name = lia_arena_text(b->arena, "liaison.custom.Custom_%s", draft->name);
    const lia_message *message = name && added ? make_message(b, draft, name) : NULL;
    if (!message) {
        b->err = LIA_EFULL;
        return;
    }
    *added = (lia_kind_added){.definition = draft->definition->id,
                              .help = keep(b, says->help, LIA_CUSTOM_HELP_MAX)};
    if (strcmp(draft->name, says->name) != 0)
        added->wanted = keep(b, says->name, LIA_CUSTOM_NAME_MAX);
    if (strcmp(draft->plural, says->plural) != 0)
        added->wanted_plural = keep(b, says->plural, LIA_CUSTOM_NAME_MAX);
    const char *label = keep(b, says->label, LIA_CUSTOM_LABEL_MAX);
    *out = (lia_kind){.number = draft->number,
                      .name = draft->name,
                      .plural = draft->plural,
                      .label = label ? label : draft->name,
                      .internal = draft->hidden,
                      .secret = draft->hidden,
                      .message = message,
                      .title = lia_field_by_name(message, LIA_SPAN("name")),
                      .customer = lia_field_by_name(message, LIA_SPAN("customer")),
                      .archived = lia_field_by_name(message, LIA_SPAN("archived")),
                      .added = added};
}

static int by_kind_number(const void *a, const void *b)
{
    const draft_kind *x = a, *y = b;
    return x->number < y->number ? -1 : x->number > y->number;
}

static void make_kinds(builder *b)
{
    lia_kind *kinds = take(b, b->kind_count * sizeof *kinds);
    if (!kinds) return;
    /* Fields were given to kinds by their place until here. */
    lia_sort(b->kinds + b->compiled, b->kind_count - b->compiled, sizeof *b->kinds, by_kind_number);
    for (size_t i = 0; i < b->kind_count && !b->err; i++)
        if (b->kinds[i].definition)
            make_added(b, &kinds[i], &b->kinds[i]);
        else
            make_extended(b, &kinds[i], &b->kinds[i]);
    b->catalog->kinds = kinds;
    b->catalog->kind_count = b->kind_count;
    b->catalog->compiled = b->compiled;
}

/* ---- all of it ------------------------------------------------------------------------------- */

static int by_id(const void *a, const void *b)
{
    const lia_custom_definition *const *x = a, *const *y = b;
    return memcmp(&(*x)->id, &(*y)->id, sizeof(lia_id));
}

static void build(builder *b, const lia_custom_definition *definitions)
{
    b->sorted = lia_arena_take(&b->scratch, (b->count + 1) * sizeof(lia_custom_definition *));
    b->kinds = lia_arena_take(&b->scratch, (lia_schema.kind_count + b->count) * sizeof *b->kinds);
    /* At most: left out or renamed, and options that are too many. */
    b->catalog->problems = take(b, 2 * b->count * sizeof *b->catalog->problems);
    if (!b->sorted || !b->kinds || b->err) {
        b->err = LIA_EFULL;
        return;
    }
    for (size_t i = 0; i < b->count; i++) b->sorted[i] = &definitions[i];
    lia_sort(b->sorted, b->count, sizeof *b->sorted, by_id);
    list_compiled(b);
    for (size_t i = 0; i < b->count && !b->err; i++)
        if (b->sorted[i]->kind == LIA_CUSTOM_KIND) add_kind(b, b->sorted[i]);
    for (size_t i = 0; i < b->count && !b->err; i++)
        if (b->sorted[i]->kind == LIA_CUSTOM_FIELD) add_field(b, b->sorted[i]);
    if (!b->err) make_kinds(b);
    if (b->scratch.exhausted) b->err = LIA_EFULL;
}

lia_err lia_catalog_build(lia_catalog **out, const lia_custom_definition *definitions, size_t count)
{
    static uint64_t epochs;
    lia_arena arena;
    builder b = {.count = count};
    *out = NULL;
    lia_err err = lia_arena_init(&arena, CATALOG_BYTES);
    if (err) return err;
    err = lia_arena_init(&b.scratch, SCRATCH_BYTES);
    lia_catalog *catalog = err ? NULL : lia_arena_zero(&arena, sizeof *catalog);
    if (!catalog) {
        lia_arena_fini(&b.scratch);
        lia_arena_fini(&arena);
        return LIA_EFULL;
    }
    catalog->arena = arena;
    b.catalog = catalog;
    b.arena = &catalog->arena;
    build(&b, definitions);
    lia_arena_fini(&b.scratch);
    catalog->holders = 1;
    catalog->epoch = __atomic_add_fetch(&epochs, 1, __ATOMIC_RELAXED);
    if (b.err)
        lia_catalog_release(catalog);
    else
        *out = catalog;
    return b.err;
}
