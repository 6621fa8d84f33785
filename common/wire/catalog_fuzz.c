/* SPDX-License-Identifier: Apache-2.0 */
/* The input is definitions as nodes may send them: each a byte (bit 0: a kind, bit 1: its index is
 * complete), a byte of id, its length in two bytes, and a message.
 *   whatever they say, the catalog can be looked into: numbers ascend, names are each there once
 *   the same definitions in another order make the same catalog
 *   its document is JSON, and a field that is in it can be read and written */
#include <jansson.h>

#include "common/base/assert.h"
#include "common/wire/catalog.h"
#include "common/wire/json.h"

enum { DEFINITIONS = 24 };

static lia_arena arena;

static size_t read_definitions(lia_span in, lia_custom_definition out[DEFINITIONS])
{
    size_t count = 0;
    while (count < DEFINITIONS && in.size >= 4) {
        size_t size = (size_t)(in.data[2] << 8 | in.data[3]);
        lia_custom_definition *to = &out[count++];
        *to = (lia_custom_definition){.kind = in.data[0] & 1 ? LIA_CUSTOM_KIND : LIA_CUSTOM_FIELD,
                                      .ready = in.data[0] & 2};
        to->id.bytes[0] = 1;
        to->id.bytes[15] = in.data[1];
        to->id.bytes[14] = (uint8_t)count; /* an id is there once */
        in = lia_span_skip(in, 4);
        to->message = lia_span_make(in.data, size < in.size ? size : in.size);
        in = lia_span_skip(in, to->message.size);
    }
    return count;
}

static void check_field(const lia_message *message, const lia_field *field)
{
    lia_assert(lia_field_find(message, field->number) == field);
    lia_assert(lia_field_by_name(message, lia_span_text(field->name)) == field);
    lia_assert(field->type != LIA_T_ENUM || field->enumeration);
    for (size_t i = 0; field->added && field->enumeration && i < field->enumeration->count; i++) {
        int32_t number;
        const char *name = field->enumeration->values[i].name;
        lia_assert(lia_enum_number(field->enumeration, lia_span_text(name), &number));
        lia_assert(number == field->enumeration->values[i].number);
    }
}

static void check_kinds(void)
{
    size_t count;
    const lia_kind *kinds = lia_kinds(&count);
    for (size_t i = 0; i < count; i++) {
        lia_assert(!i || kinds[i - 1].number < kinds[i].number);
        lia_assert(lia_kind_find(kinds[i].number) == &kinds[i]);
        lia_assert(lia_kind_by_name(lia_span_text(kinds[i].name)) == &kinds[i]);
        const lia_message *message = kinds[i].message;
        for (size_t j = 0; j < message->count; j++) check_field(message, &message->fields[j]);
    }
}

static lia_span document(void)
{
    lia_buf out = lia_buf_make(&arena);
    lia_buf_byte(&out, '{');
    lia_catalog_put_openapi(&out, NULL, NULL);
    lia_buf_byte(&out, '}');
    lia_assert(!out.failed);
    return lia_buf_get(&out);
}

static void use(const lia_custom_definition *definitions, size_t count)
{
    lia_catalog *catalog;
    lia_assert(lia_catalog_build(&catalog, definitions, count) == LIA_OK);
    lia_catalog_use(catalog);
    lia_catalog_release(catalog);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    lia_custom_definition list[DEFINITIONS], back[DEFINITIONS];
    if (!arena.base && lia_arena_init(&arena, (size_t)64 << 20)) return 0;
    lia_arena_reset(&arena);
    size_t count = read_definitions(lia_span_make(data, size), list);
    for (size_t i = 0; i < count; i++) back[i] = list[count - 1 - i];
    use(list, count);
    check_kinds();
    lia_span said = document();
    json_t *json = json_loadb((const char *)said.data, said.size, JSON_REJECT_DUPLICATES, NULL);
    lia_assert(json != NULL);
    json_decref(json);
    use(back, count);
    lia_assert(lia_span_equal(said, document()));
    return 0;
}
