/* SPDX-License-Identifier: Apache-2.0 */
#include "common/exchange/csv_map.h"

#include <jansson.h>
#include <stdio.h>

#include "common/exchange/csv_flat.h"
#include "common/wire/json.h"
#include "tests/support/test.h"

#define CELLS_MAX 16

static lia_arena arena;
static lia_csv_map map;

/* Splits "a|b|c". */
static size_t split(const char *text, lia_span cells[CELLS_MAX])
{
    size_t count = 0;
    for (const char *end; (end = strchr(text, '|')); text = end + 1)
        cells[count++] = lia_span_make(text, (size_t)(end - text));
    cells[count++] = lia_span_text(text);
    return count;
}

static lia_err make(const char *kind, const char *header, lia_why *why)
{
    lia_span names[CELLS_MAX];
    size_t count = split(header, names);
    return lia_csv_map_make(&map, lia_kind_by_plural(lia_span_text(kind)), names, count, NULL, 0,
                            why);
}

static lia_err put(const char *row, lia_buf *out, lia_why *why)
{
    lia_span cells[CELLS_MAX];
    size_t count = split(row, cells);
    *out = lia_buf_make(&arena);
    return lia_csv_map_put(&map, cells, count, out, why);
}

TEST(rows_become_records_that_the_schema_takes)
{
    static const struct {
        const char *kind, *header, *row, *json;
    } cases[] = {
        {"customers", "name|emails|tags", "Ada|ada@example.com|vip; b",
         "{\"name\":\"Ada\",\"emails\":[{\"value\":\"ada@example.com\"}],\"tags\":[\"vip\",\"b\"]"
         "}"},
        {"customers", "emails.value|name|emails.label", "a@example.com|A|work",
         "{\"emails\":[{\"value\":\"a@example.com\",\"label\":\"work\"}],\"name\":\"A\"}"},
        {"customers", "name|addresses.city|addresses.label|note", "A \"q\"|Paris|home|",
         "{\"name\":\"A \\\"q\\\"\",\"addresses\":[{\"city\":\"Paris\",\"label\":\"home\"}]}"},
        {"customers", "name|emails", "A|", "{\"name\":\"A\"}"},
        {"customers", "name|language", "A|Französisch", "{\"name\":\"A\",\"language\":\"fr\"}"},
        {"customers", "name|language", "A|pt_BR.UTF-8", "{\"name\":\"A\",\"language\":\"pt-BR\"}"},
        {"customers", "name|language", "A|GERMAN", "{\"name\":\"A\",\"language\":\"de\"}"},
        {"pipelines", "name|stages.name|stages.probability", "P|Open|40 %",
         "{\"name\":\"P\",\"stages\":[{\"name\":\"Open\",\"probability\":40}]}"},
        {"pipelines", "name|stages.name|stages.probability", "P|Open|40",
         "{\"name\":\"P\",\"stages\":[{\"name\":\"Open\",\"probability\":40}]}"},
        {"products", "name|price", "Lamp|49.90 EUR",
         "{\"name\":\"Lamp\",\"price\":{\"amount_minor\":4990,\"currency\":\"EUR\"}}"},
        {"pipelines", "name|is_default|stages.name|stages.order", "P|yes|Open|1",
         "{\"name\":\"P\",\"is_default\":true,\"stages\":[{\"name\":\"Open\",\"order\":1}]}"},
        {"customers", "id|name|class.name|created_at", "x|A|loyal|2026-01-01", "{\"name\":\"A\"}"},
    };
    CHECK_OK(lia_arena_init(&arena, (size_t)1 << 20));
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        lia_buf out;
        lia_why why = {{0}};
        lia_json_object object;
        CHECK_OK(make(cases[i].kind, cases[i].header, &why));
        CHECK_OK(put(cases[i].row, &out, &why));
        CHECK_BYTES(lia_buf_get(&out), lia_span_text(cases[i].json));
        const lia_kind *kind = lia_kind_by_plural(lia_span_text(cases[i].kind));
        CHECK_OK(lia_json_read(&object, kind->message, LIA_JSON_CREATE, lia_buf_get(&out), &arena,
                               &why));
    }
    lia_arena_fini(&arena);
}

TEST(a_header_that_names_no_field_says_which)
{
    static const struct {
        const char *header, *says;
    } cases[] = {
        {"name|emial", "column 2: 'emial' is no field of Customer"},
        {"name|emails.vlue", "column 2: 'vlue' is no field of Email, was 'value' meant?"},
        {"name|name", "column 2: 'name'"},
        {"name.x", "column 1: name has no parts"},
        {"emails|emails.label", "column 2: column 2 holds the same as column 1"},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        lia_why why = {{0}};
        CHECK_ERR(make("customers", cases[i].header, &why), LIA_EINVAL);
        if (i != 2) CHECK(strncmp(why.text, cases[i].says, strlen(cases[i].says)) == 0);
    }
}

TEST(a_bad_cell_names_its_field)
{
    static const struct {
        const char *row, *says;
    } cases[] = {
        {"P|perhaps|1", "is_default: 'perhaps' is no yes or no"},
        {"P|no|01", "order: '01' is no whole number"},
        {"P|no", "2 cells, but the header has 3"},
    };
    CHECK_OK(lia_arena_init(&arena, (size_t)1 << 20));
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        lia_buf out;
        lia_why why = {{0}};
        CHECK_OK(make("pipelines", "name|is_default|stages.order", &why));
        CHECK_ERR(put(cases[i].row, &out, &why), LIA_EINVAL);
        CHECK_TEXT(why.text, cases[i].says);
    }
    lia_arena_fini(&arena);
}

TEST(a_column_can_be_given_another_name_or_left_out)
{
    const lia_csv_rename renames[] = {{LIA_SPAN("E-Mail"), LIA_SPAN("emails.value")},
                                      {LIA_SPAN("Shoe size"), LIA_SPAN_NONE}};
    lia_span names[CELLS_MAX];
    lia_why why = {{0}};
    lia_buf out;
    CHECK_OK(lia_arena_init(&arena, (size_t)1 << 20));
    size_t count = split("E-Mail|Shoe size", names);
    CHECK_OK(lia_csv_map_make(&map, lia_kind_find(LIA_CUSTOMER), names, count, renames, 2, &why));
    CHECK_OK(put("a@example.com|42", &out, &why));
    CHECK_BYTES(lia_buf_get(&out), LIA_SPAN("{\"emails\":[{\"value\":\"a@example.com\"}]}"));
    lia_arena_fini(&arena);
}

static lia_csv_flat flat;

static lia_err read_back(void *context, uint64_t line, const lia_span *cells, size_t count)
{
    lia_why why = {{0}};
    lia_buf *out = context;
    if (line == 1)
        return lia_csv_map_make(&map, lia_kind_find(LIA_CUSTOMER), cells, count, NULL, 0, &why);
    *out = lia_buf_make(&arena);
    return lia_csv_map_put(&map, cells, count, out, &why);
}

TEST(what_is_exported_can_be_imported)
{
    static const char record[] =
        "{\"id\":\"x\",\"type\":\"person\",\"name\":\"A, \\\"B\\\"\",\"emails\":[{\"value\":"
        "\"a@example.com\"},{\"value\":\"b@example.com\"}],\"addresses\":[{\"label\":\"home\","
        "\"city\":\"Oslo\"}],\"tags\":[\"one\",\"two\"],\"class\":{\"name\":\"loyal\"}}";
    static const char want[] =
        "{\"type\":\"person\",\"name\":\"A, \\\"B\\\"\",\"emails\":[{\"value\":\"a@example.com\"},"
        "{\"value\":\"b@example.com\"}],\"addresses\":[{\"label\":\"home\",\"city\":\"Oslo\"}],"
        "\"tags\":[\"one\",\"two\"]}";
    lia_csv_reader *reader;
    lia_buf got = {0};
    size_t consumed;
    CHECK_OK(lia_arena_init(&arena, (size_t)1 << 20));
    json_t *json = json_loads(record, 0, NULL);
    lia_csv_flat_make(&flat, lia_kind_find(LIA_CUSTOMER));
    lia_buf out = lia_buf_make(&arena);
    lia_csv_flat_put_header(&flat, &out);
    lia_csv_flat_put(&flat, json, &out);
    CHECK_OK(lia_csv_open(&reader, ',', read_back, &got));
    CHECK_OK(lia_csv_feed(reader, lia_buf_get(&out), &consumed, NULL));
    CHECK_BYTES(lia_buf_get(&got), lia_span_text(want));
    lia_csv_close(reader);
    json_decref(json);
    lia_arena_fini(&arena);
}
