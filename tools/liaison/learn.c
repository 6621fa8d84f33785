/* SPDX-License-Identifier: Apache-2.0 */
/* /kinds is asked and not the definitions, which only administrators may read: it says what this
 * person may see. */
#include "tools/liaison/learn.h"
#include "tools/liaison/out.h"

#include "common/base/id.h"
#include "common/wire/catalog.h"
#include "proto/custom.pb-c.h"

#define TIMEOUT_MS      60000L
#define DEFINITIONS_MAX (LIA_CUSTOM_KINDS_MAX + LIA_CUSTOM_ALL_MAX)
#define ARENA_BYTES     ((size_t)64 << 20)

typedef struct learning {
    const json_t *kinds;
    lia_custom_definition *list;
    size_t count;
    lia_arena arena;
} learning;

static lia_id id_of(const json_t *object, const char *name)
{
    lia_id id;
    return lia_id_parse(lia_span_text(lia_json_text_in(object, name)), &id) ? LIA_ID_NONE : id;
}

static void add(learning *l, lia_id id, uint16_t kind, const ProtobufCMessage *message)
{
    size_t size = protobuf_c_message_get_packed_size(message);
    uint8_t *bytes = lia_arena_take(&l->arena, size + 1);
    if (!bytes || l->count == DEFINITIONS_MAX || lia_id_is_none(id)) return;
    protobuf_c_message_pack(message, bytes);
    l->list[l->count++] =
        (lia_custom_definition){.id = id, .kind = kind, .message = lia_span_make(bytes, size)};
}

/* ---- a field --------------------------------------------------------------------------------- */

/* What a definition would call it (wire/catalog_build.c). */
static Custom__FieldType type_of(const json_t *field)
{
    static const struct {
        const char *type, *meaning;
        Custom__FieldType is;
    } types[] = {
        {"text", "", CUSTOM__FIELD_TYPE__FIELD_TYPE_TEXT},
        {"text", "paragraphs", CUSTOM__FIELD_TYPE__FIELD_TYPE_LONG_TEXT},
        {"text", "email", CUSTOM__FIELD_TYPE__FIELD_TYPE_EMAIL},
        {"text", "phone", CUSTOM__FIELD_TYPE__FIELD_TYPE_PHONE},
        {"text", "url", CUSTOM__FIELD_TYPE__FIELD_TYPE_URL},
        {"text", "language", CUSTOM__FIELD_TYPE__FIELD_TYPE_LANGUAGE},
        {"int", "", CUSTOM__FIELD_TYPE__FIELD_TYPE_NUMBER},
        {"int", "percent", CUSTOM__FIELD_TYPE__FIELD_TYPE_PERCENT},
        {"int", "date", CUSTOM__FIELD_TYPE__FIELD_TYPE_DATE},
        {"int", "instant", CUSTOM__FIELD_TYPE__FIELD_TYPE_DATE_TIME},
        {"bool", "", CUSTOM__FIELD_TYPE__FIELD_TYPE_YES_NO},
        {"bytes", "id", CUSTOM__FIELD_TYPE__FIELD_TYPE_REFERENCE},
        {"object", "", CUSTOM__FIELD_TYPE__FIELD_TYPE_MONEY},
    };
    const char *type = lia_json_text_in(field, "type"),
               *meaning = lia_json_text_in(field, "meaning");
    if (strcmp(type, "enum") == 0)
        return json_is_true(json_object_get(field, "repeated"))
                   ? CUSTOM__FIELD_TYPE__FIELD_TYPE_MULTI_CHOICE
                   : CUSTOM__FIELD_TYPE__FIELD_TYPE_CHOICE;
    for (size_t i = 0; i < LIA_COUNT(types); i++)
        if (strcmp(type, types[i].type) == 0 && strcmp(meaning, types[i].meaning) == 0)
            return types[i].is;
    return CUSTOM__FIELD_TYPE__FIELD_TYPE_UNSET; /* of a later release: left out */
}

static Custom__FieldOption **options_of(learning *l, const json_t *field, size_t *count)
{
    const json_t *list = json_object_get(field, "options");
    size_t size = json_array_size(list);
    Custom__FieldOption **out = lia_arena_take(&l->arena, (size + 1) * sizeof *out);
    *count = 0;
    for (size_t i = 0; out && i < size; i++) {
        Custom__FieldOption *option = lia_arena_take(&l->arena, sizeof *option);
        if (!option) break;
        *option = (Custom__FieldOption)CUSTOM__FIELD_OPTION__INIT;
        option->name = lia_json_text_in(json_array_get(list, i), "name");
        out[(*count)++] = option;
    }
    return out;
}

/* Its name, and its definition where it was added, too. */
static const char *find_reference(const learning *l, const char *plural, lia_id *definition)
{
    size_t i;
    json_t *kind;
    *definition = LIA_ID_NONE;
    json_array_foreach(l->kinds, i, kind)
    {
        if (strcmp(lia_json_text_in(kind, "plural"), plural) != 0) continue;
        *definition = id_of(kind, "definition");
        return lia_json_text_in(kind, "name");
    }
    return "";
}

static void add_field(learning *l, const json_t *kind, const json_t *says)
{
    Custom__CustomField field = CUSTOM__CUSTOM_FIELD__INIT;
    lia_id of = id_of(kind, "definition"), refers;
    field.has_type = true;
    field.type = type_of(says);
    if (field.type == CUSTOM__FIELD_TYPE__FIELD_TYPE_UNSET) return;
    field.of = lia_json_text_in(kind, "name");
    field.name = lia_json_text_in(says, "name");
    field.label = lia_json_text_in(says, "label");
    field.options = options_of(l, says, &field.n_options);
    field.has_kind_id = !lia_id_is_none(of);
    field.kind_id = (ProtobufCBinaryData){LIA_ID_SIZE, of.bytes};
    if (field.type == CUSTOM__FIELD_TYPE__FIELD_TYPE_REFERENCE) {
        field.reference = find_reference(l, lia_json_text_in(says, "reference"), &refers);
        field.has_reference_id = !lia_id_is_none(refers);
        field.reference_id = (ProtobufCBinaryData){LIA_ID_SIZE, refers.bytes};
    }
    if (field.options) add(l, id_of(says, "definition"), LIA_CUSTOM_FIELD, &field.base);
}

/* ---- all of them ----------------------------------------------------------------------------- */

static void add_kind(learning *l, const json_t *says)
{
    Custom__CustomKind kind = CUSTOM__CUSTOM_KIND__INIT;
    kind.name = lia_json_text_in(says, "name");
    kind.plural = lia_json_text_in(says, "plural");
    kind.label = lia_json_text_in(says, "label");
    kind.has_without_customer = true;
    kind.without_customer = !json_object_get(says, "customer");
    if (json_is_true(json_object_get(says, "custom")))
        add(l, id_of(says, "definition"), LIA_CUSTOM_KIND, &kind.base);
}

static void add_all(learning *l)
{
    size_t i, k;
    json_t *kind, *field;
    json_array_foreach(l->kinds, i, kind)
    {
        add_kind(l, kind);
        json_array_foreach(json_object_get(kind, "fields"), k, field)
        {
            if (json_is_true(json_object_get(field, "custom"))) add_field(l, kind, field);
        }
    }
}

static lia_err use(learning *l)
{
    lia_catalog *catalog;
    lia_err err = lia_arena_init(&l->arena, ARENA_BYTES);
    l->list = err ? NULL : lia_arena_take(&l->arena, DEFINITIONS_MAX * sizeof *l->list);
    if (l->list) add_all(l);
    if (!err && (!l->list || l->arena.exhausted)) err = LIA_EFULL;
    if (!err) err = lia_catalog_build(&catalog, l->list, l->count);
    lia_arena_fini(&l->arena);
    if (err) return err;
    lia_catalog_use(catalog);
    lia_catalog_release(catalog);
    return LIA_OK;
}

lia_err lia_learn_kinds(const lia_target *target, lia_why *why)
{
    lia_client client = {0};
    lia_bytes body = {0};
    lia_err err = lia_client_open(&client, target, why);
    if (!err) err = lia_client_get(&client, "/kinds", &body, TIMEOUT_MS, why);
    json_t *answer = err ? NULL : json_loadb(body.data, body.size, 0, NULL);
    if (!err && !answer) err = lia_why_set(why, LIA_EIO, "the node's kinds cannot be read");
    learning l = {.kinds = json_object_get(answer, "kinds")};
    if (!err) err = use(&l);
    if (err == LIA_EFULL) lia_why_set(why, err, "no memory");
    json_decref(answer);
    lia_bytes_fini(&body);
    lia_client_close(&client);
    return err;
}

void lia_learn_forget(void)
{
    lia_catalog_use(NULL);
}
