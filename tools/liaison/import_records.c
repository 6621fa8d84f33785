/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of JSON go to the node as they are, which checks them. Only a line that was exported by a
 * node is taken apart: what a node adds by itself is left out, and its id is its natural key. */
#include <stdlib.h>

#include "tools/liaison/import.h"
#include "tools/liaison/natural.h"

typedef struct records {
    lia_import *import;
    lia_load *load;
    lia_csv_map map;
    bool has_header;
    size_t key_column; /* SIZE_MAX: none */
    lia_why *why;
} records;

static lia_err add(records *r, uint64_t line, lia_span text, lia_buf *key, lia_span json)
{
    lia_import *import = r->import;
    if (!key->size) lia_natural_of_row(key, import->source, line, text);
    const lia_load_row row = {.line = line, .text = text, .key = lia_buf_get(key), .json = json};
    return lia_load_add(r->load, &row, r->why);
}

/* ---- jsonl ----------------------------------------------------------------------------------- */

static bool contains(lia_span text, const char *word)
{
    return memmem(text.data, text.size, word, strlen(word)) != NULL;
}

static void drop_added(const lia_kind *kind, json_t *object)
{
    static const char *const added[] = {"id", "created_at", "updated_at", "version", "conflicts"};
    for (size_t i = 0; i < LIA_COUNT(added); i++) json_object_del(object, added[i]);
    for (size_t i = 0; i < kind->message->count; i++)
        if (kind->message->fields[i].read_only)
            json_object_del(object, kind->message->fields[i].name);
}

static lia_span dumped(const json_t *object, lia_arena *arena)
{
    char *text = json_dumps(object, JSON_COMPACT);
    lia_span copy = lia_arena_copy(arena, lia_span_text(text));
    free(text);
    return copy;
}

/* Looks into the line where its key, or what a node added, stands in it. */
static void look_into(records *r, lia_span line, lia_buf *key, lia_span *json)
{
    lia_import *import = r->import;
    json_t *object = json_loadb((const char *)line.data, line.size, JSON_REJECT_DUPLICATES, NULL);
    const char *name = import->key_field ? import->key_field : "id";
    const json_t *value = json_object_get(object, name);
    bool is_export = json_object_get(object, "version") && json_object_get(object, "id");
    if (json_is_string(value))
        lia_natural_of_value(key, import->source, lia_span_text(json_string_value(value)));
    else if (json_is_integer(value))
        lia_buf_format(key, "%s:%lld", import->source, (long long)json_integer_value(value));
    if (is_export) {
        drop_added(import->kind, object);
        *json = dumped(object, &import->scratch);
    }
    json_decref(object);
}

static lia_err on_line(records *r, uint64_t number, lia_span line)
{
    lia_import *import = r->import;
    lia_span json = line;
    if (line.size == 0) return LIA_OK;
    import->rows++;
    if (line.data[0] != '{') {
        lia_import_bad(import, number, line, "column 1: a JSON object is wanted");
        return LIA_OK;
    }
    lia_arena_reset(&import->scratch);
    lia_buf key = lia_buf_make(&import->scratch);
    if (import->key_field || contains(line, "\"version\"")) look_into(r, line, &key, &json);
    return add(r, number, line, &key, json);
}

static lia_err read_lines(records *r)
{
    lia_span line;
    lia_import *import = r->import;
    for (;;) {
        lia_why why = {{0}};
        lia_err err = lia_lines_next(&import->lines, &line, &why);
        if (err == LIA_ECLOSED) return LIA_OK;
        if (err == LIA_EFULL) {
            import->rows++;
            lia_import_bad(import, import->lines.number + 1, LIA_SPAN_NONE, why.text);
            continue;
        }
        if (err) *r->why = why;
        if (!err) err = on_line(r, import->lines.number, line);
        if (err) return err;
        if (import->lines.number % 256 == 0) lia_import_tick(import, NULL);
    }
}

/* The node saw the line inside of another object; columns are counted anew for people. */
static void on_result(void *context, const lia_load_result *result)
{
    records *r = context;
    json_error_t error;
    char reason[300];
    if (!result->error) return;
    json_t *object = json_loadb((const char *)result->text.data, result->text.size,
                                JSON_REJECT_DUPLICATES, &error);
    if (!object && r->import->format == LIA_JSONL)
        snprintf(reason, sizeof reason, "column %d: %s", error.column, error.text);
    else
        snprintf(reason, sizeof reason, "%s", result->error);
    json_decref(object);
    lia_import_bad(r->import, result->line, result->text, reason);
}

/* ---- csv ------------------------------------------------------------------------------------- */

static lia_err on_header(records *r, const lia_span *names, size_t count)
{
    lia_import *import = r->import;
    r->has_header = true;
    for (size_t i = 0; import->key_field && i < count; i++)
        if (lia_span_is(names[i], import->key_field)) r->key_column = i;
    if (import->key_field && r->key_column == SIZE_MAX)
        return lia_why_set(r->why, LIA_EINVAL, "--key: the header has no column '%s'",
                           import->key_field);
    return lia_csv_map_make(&r->map, import->kind, names, count, import->renames,
                            import->rename_count, r->why);
}

static lia_err on_row(void *context, uint64_t line, const lia_span *cells, size_t count)
{
    records *r = context;
    lia_import *import = r->import;
    lia_why why = {{0}};
    if (!r->has_header) return on_header(r, cells, count);
    import->rows++;
    lia_arena_reset(&import->scratch);
    lia_buf text = lia_buf_make(&import->scratch);
    lia_csv_put_row(&text, import->delimiter, cells, count);
    lia_span row = lia_span_make(text.data, text.size ? text.size - 2 : 0);
    lia_buf json = lia_buf_make(&import->scratch);
    if (lia_csv_map_put(&r->map, cells, count, &json, &why)) {
        lia_import_bad(import, line, row, why.text);
        return LIA_OK;
    }
    lia_buf key = lia_buf_make(&import->scratch);
    if (r->key_column != SIZE_MAX && cells[r->key_column].size)
        lia_natural_of_value(&key, import->source, cells[r->key_column]);
    return add(r, line, row, &key, lia_buf_get(&json));
}

/* ---- all of it ------------------------------------------------------------------------------- */

lia_err lia_import_records(lia_import *import, lia_why *why)
{
    records *r = calloc(1, sizeof *r);
    if (!r) return lia_why_set(why, LIA_EFULL, "no memory");
    r->import = import;
    r->why = why;
    r->key_column = SIZE_MAX;
    lia_err err = lia_load_open(&r->load, import->flight, import->kind->plural, &import->records,
                                on_result, r, why);
    if (!err)
        err = import->format == LIA_CSV ? lia_import_csv(import, on_row, r, why) : read_lines(r);
    if (!err) err = lia_load_flush(r->load, why);
    lia_load_close(r->load);
    free(r);
    return err;
}
