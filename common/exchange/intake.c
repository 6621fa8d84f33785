/* SPDX-License-Identifier: Apache-2.0 */
#include "common/exchange/intake.h"

#include <dirent.h>
#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/wire/json.h"

/* Lines stand beside one another in all rows that ids order, and a million of them take the
 * milliseconds of half a minute. */
#define LINES_PER_MS 32

static const char *const formats[] = {"csv", "jsonl", "vcard"};
static const char *const modes[] = {"create", "update", "both"};
static const char *const lists[LIA_INTAKE_LISTS] = {"created", "updated", "duplicates", "failed",
                                                    "kept"};

const char *lia_intake_list_name(lia_intake_list list)
{
    return lists[list];
}

static bool find_word(lia_span name, const char *const *words, size_t count, size_t *out)
{
    for (size_t i = 0; i < count; i++)
        if (lia_span_is(name, words[i])) return *out = i, true;
    return false;
}

bool lia_intake_list_by_name(lia_span name, lia_intake_list *out)
{
    size_t at;
    if (!find_word(name, lists, LIA_INTAKE_LISTS, &at)) return false;
    *out = (lia_intake_list)at;
    return true;
}

lia_id lia_intake_command(const lia_intake *intake, uint64_t line)
{
    uint8_t seed[LIA_ID_SIZE + 8];
    memcpy(seed, intake->id.bytes, LIA_ID_SIZE);
    lia_put_u64(seed + LIA_ID_SIZE, line);
    return lia_id_derive_at("liaison import line", LIA_SPAN_OF(seed),
                            intake->created_ms + (int64_t)(line / LINES_PER_MS));
}

/* ---- the question ---------------------------------------------------------------------------- */

static lia_span text_of(const json_t *value)
{
    return lia_span_make(json_string_value(value), json_string_length(value));
}

static lia_err ask_word(const char *name, const json_t *value, const char *const *words,
                        size_t count, size_t *out, lia_why *why)
{
    if (find_word(text_of(value), words, count, out)) return LIA_OK;
    return lia_why_set(why, LIA_EINVAL, "%s: %s%s%s%s%s is wanted", name, words[0],
                       count > 2 ? ", " : " or ", words[1], count > 2 ? " or " : "",
                       count > 2 ? words[2] : "");
}

static lia_err ask_text(const char *name, const json_t *value, char *out, size_t size, lia_why *why)
{
    lia_span text = text_of(value);
    if (!json_is_string(value) || text.size >= size ||
        (text.size && memchr(text.data, 0, text.size)))
        return lia_why_set(why, LIA_EINVAL, "%s: a text of at most %zu bytes is wanted", name,
                           size - 1);
    memcpy(out, text.data, text.size);
    out[text.size] = 0;
    return LIA_OK;
}

static lia_err ask_mapping(lia_intake *intake, const json_t *value, lia_arena *arena, lia_why *why)
{
    const char *name;
    json_t *path;
    size_t count = json_object_size(value);
    if (!json_is_object(value) || count > LIA_INTAKE_MAPPING_MAX)
        return lia_why_set(why, LIA_EINVAL, "mapping: an object of at most %d columns is wanted",
                           LIA_INTAKE_MAPPING_MAX);
    intake->mapping = lia_arena_take(arena, (count + 1) * sizeof *intake->mapping);
    intake->mapping_count = 0;
    if (!intake->mapping) return LIA_EFULL;
    json_object_foreach((json_t *)value, name, path)
    {
        if (!json_is_string(path))
            return lia_why_set(why, LIA_EINVAL, "mapping: the path of '%.60s' is no text", name);
        intake->mapping[intake->mapping_count++] = (lia_csv_rename){
            lia_arena_copy(arena, lia_span_text(name)), lia_arena_copy(arena, text_of(path))};
    }
    return arena->exhausted ? LIA_EFULL : LIA_OK;
}

static lia_err ask_kind(lia_intake *intake, const json_t *value, lia_why *why)
{
    const lia_kind *kind = lia_kind_by_plural(text_of(value));
    if (!kind || kind->internal) return lia_why_set(why, LIA_EINVAL, LIA_INTAKE_KIND_WANTED);
    intake->kind = kind;
    return LIA_OK;
}

static lia_err ask_delimiter(lia_intake *intake, const json_t *value, lia_why *why)
{
    lia_span text = text_of(value);
    if (text.size != 1 || !strchr(",;\t|", text.data[0]))
        return lia_why_set(why, LIA_EINVAL, "delimiter: one of , ; | and tab is wanted");
    intake->delimiter = (char)text.data[0];
    intake->has_delimiter = true;
    return LIA_OK;
}

static lia_err ask_flag(const char *name, const json_t *value, bool *out, lia_why *why)
{
    if (!json_is_boolean(value))
        return lia_why_set(why, LIA_EINVAL, "%s: true or false is wanted", name);
    *out = json_is_true(value);
    return LIA_OK;
}

static lia_err ask_member(lia_intake *intake, const char *name, const json_t *value,
                          lia_arena *arena, lia_why *why)
{
    size_t at = 0;
    lia_err err;
    if (strcmp(name, "kind") == 0) return ask_kind(intake, value, why);
    if (strcmp(name, "mapping") == 0) return ask_mapping(intake, value, arena, why);
    if (strcmp(name, "delimiter") == 0) return ask_delimiter(intake, value, why);
    if (strcmp(name, "automation") == 0) return ask_flag(name, value, &intake->automation, why);
    if (strcmp(name, "skip_duplicates") == 0)
        return ask_flag(name, value, &intake->skip_duplicates, why);
    if (strcmp(name, "key") == 0)
        return ask_text(name, value, intake->key, sizeof intake->key, why);
    if (strcmp(name, "source") == 0)
        return ask_text(name, value, intake->source, sizeof intake->source, why);
    if (strcmp(name, "format") == 0) {
        err = ask_word(name, value, formats, LIA_COUNT(formats), &at, why);
        if (!err) intake->format = (lia_intake_format)at;
        return err;
    }
    if (strcmp(name, "mode") == 0) {
        err = ask_word(name, value, modes, LIA_COUNT(modes), &at, why);
        if (!err) intake->mode = (lia_intake_mode)at;
        return err;
    }
    if (strcmp(name, "encoding") == 0) {
        intake->has_encoding = lia_encoding_by_name(text_of(value), &intake->encoding);
        if (intake->has_encoding) return LIA_OK;
        return lia_why_set(why, LIA_EINVAL,
                           "encoding: utf-8, utf-16le, utf-16be or windows-1252 is wanted");
    }
    return lia_why_set(why, LIA_EINVAL, "'%.60s' is no member of an import", name);
}

/* A key must be a field that an index leads to. */
static lia_err check_key(const lia_intake *intake, lia_why *why)
{
    lia_csv_map map;
    lia_span path = lia_span_text(intake->key);
    if (!path.size && intake->mode == LIA_INTAKE_CREATE) return LIA_OK;
    if (!path.size)
        return lia_why_set(why, LIA_EINVAL, "key: by which field is a record found that is there?");
    lia_err err = lia_csv_map_make(&map, intake->kind, &path, 1, NULL, 0, NULL);
    const lia_field *field = err ? NULL : map.columns[0].field;
    const lia_field *part = err ? NULL : map.columns[0].part;
    bool is_text = field && (field->type == LIA_T_STRING || (field->message && field->key));
    if (!is_text || !field->indexed || (part && part->number != field->key))
        return lia_why_set(why, LIA_EINVAL, "key: %.50s is no text that %s can be found by",
                           intake->key, intake->kind->plural);
    return LIA_OK;
}

static lia_err ask_all(lia_intake *intake, json_t *root, lia_arena *arena, lia_why *why)
{
    const char *name;
    json_t *value;
    json_object_foreach(root, name, value)
    {
        lia_err err = ask_member(intake, name, value, arena, why);
        if (err) return err;
    }
    if (!intake->kind)
        return lia_why_set(why, LIA_EINVAL, "kind: the plural of a kind of record is wanted");
    if (intake->format == LIA_INTAKE_VCARD && intake->kind->number != LIA_CUSTOMER)
        return lia_why_set(why, LIA_EINVAL, "format: a vCard is about customers");
    return check_key(intake, why);
}

lia_err lia_intake_ask(lia_intake *intake, lia_span json, lia_arena *arena, lia_why *why)
{
    json_error_t error;
    json_t *root = json_loadb((const char *)json.data, json.size, JSON_REJECT_DUPLICATES, &error);
    lia_err err = LIA_EINVAL;
    if (!root)
        lia_why_set(why, err, "line %d, column %d: %.200s", error.line, error.column, error.text);
    else if (!json_is_object(root))
        lia_why_set(why, err, "an object is wanted");
    else
        err = ask_all(intake, root, arena, why);
    json_decref(root);
    return err;
}

/* ---- as JSON --------------------------------------------------------------------------------- */

static void put_text(lia_buf *out, const char *name, lia_span text)
{
    lia_buf_format(out, ",\"%s\":", name);
    lia_json_put_text(out, text);
}

static void put_question(const lia_intake *intake, lia_buf *out)
{
    put_text(out, "kind", lia_span_text(intake->kind->plural));
    put_text(out, "format", lia_span_text(formats[intake->format]));
    put_text(out, "mode", lia_span_text(modes[intake->mode]));
    if (*intake->key) put_text(out, "key", lia_span_text(intake->key));
    if (*intake->source) put_text(out, "source", lia_span_text(intake->source));
    lia_buf_format(out, ",\"automation\":%s,\"skip_duplicates\":%s",
                   intake->automation ? "true" : "false",
                   intake->skip_duplicates ? "true" : "false");
    if (intake->has_encoding)
        put_text(out, "encoding", lia_span_text(lia_encoding_name(intake->encoding)));
    if (intake->has_delimiter) put_text(out, "delimiter", lia_span_make(&intake->delimiter, 1));
    if (!intake->mapping_count) return;
    lia_buf_text(out, ",\"mapping\":{");
    for (size_t i = 0; i < intake->mapping_count; i++) {
        if (i) lia_buf_byte(out, ',');
        lia_json_put_text(out, intake->mapping[i].column);
        lia_buf_byte(out, ':');
        lia_json_put_text(out, intake->mapping[i].field);
    }
    lia_buf_byte(out, '}');
}

void lia_intake_put(const lia_intake *intake, lia_buf *out)
{
    lia_buf_text(out, "\"id\":");
    lia_json_put_id(out, intake->id);
    lia_buf_text(out, ",\"created_at\":");
    lia_json_put_time(out, (lia_time){intake->created_ms});
    put_question(intake, out);
    lia_buf_format(out, ",\"offset\":%llu,\"line\":%llu,\"rows\":%llu",
                   (unsigned long long)intake->offset, (unsigned long long)intake->line,
                   (unsigned long long)intake->rows);
    for (size_t i = 0; i < LIA_INTAKE_LISTS; i++)
        lia_buf_format(out, ",\"%s\":%llu", lists[i], (unsigned long long)intake->counts[i]);
    lia_buf_format(out, ",\"undone\":%llu,\"complete\":%s", (unsigned long long)intake->undone,
                   intake->complete ? "true" : "false");
}

/* ---- files ----------------------------------------------------------------------------------- */

static void path_of(char path[PATH_MAX], const char *dir, lia_id id, const char *suffix)
{
    char text[LIA_ID_TEXT_SIZE];
    lia_id_print(id, text);
    snprintf(path, PATH_MAX, "%s/%s.%s", dir, text, suffix);
}

static json_t *question_json(const lia_intake *intake, lia_arena *arena)
{
    lia_buf out = lia_buf_make(arena);
    lia_buf_text(&out, "{\"x\":0");
    put_question(intake, &out);
    lia_buf_byte(&out, '}');
    if (out.failed) return NULL;
    json_t *root = json_loadb((const char *)out.data, out.size, 0, NULL);
    if (root) json_object_del(root, "x");
    return root;
}

static json_t *columns_json(const lia_intake *intake)
{
    json_t *array = json_array();
    for (size_t i = 0; i < intake->column_count; i++)
        json_array_append_new(
            array, json_stringn((const char *)intake->columns[i].data, intake->columns[i].size));
    return array;
}

static json_t *state_json(const lia_intake *intake, lia_arena *arena)
{
    char user[LIA_ID_TEXT_SIZE];
    lia_id_print(intake->user, user);
    json_t *question = question_json(intake, arena), *counts = json_array();
    for (size_t i = 0; i < LIA_INTAKE_LISTS; i++)
        json_array_append_new(counts, json_integer((json_int_t)intake->counts[i]));
    return json_pack("{s:o, s:s, s:I, s:o, s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:b, s:[I, I, I]}",
                     "question", question, "user", user, "created_ms",
                     (json_int_t)intake->created_ms, "columns", columns_json(intake), "counts",
                     counts, "offset", (json_int_t)intake->offset, "line", (json_int_t)intake->line,
                     "rows", (json_int_t)intake->rows, "undone", (json_int_t)intake->undone,
                     "undo_created", (json_int_t)intake->undo_at[0], "undo_updated",
                     (json_int_t)intake->undo_at[1], "complete", intake->complete, "run",
                     (json_int_t)intake->run.node, (json_int_t)intake->run.incarnation,
                     (json_int_t)intake->run.seq);
}

static lia_err write_file(const char *path, const char *text)
{
    size_t size = strlen(text);
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0) return LIA_EIO;
    bool ok = write(file, text, size) == (ssize_t)size && fsync(file) == 0;
    return close(file) == 0 && ok ? LIA_OK : LIA_EIO;
}

lia_err lia_intake_save(const lia_intake *intake, const char *dir)
{
    char path[PATH_MAX], next[PATH_MAX];
    lia_arena arena;
    lia_err err = lia_arena_init(&arena, (size_t)1 << 20);
    if (err) return err;
    json_t *root = state_json(intake, &arena);
    char *text = root ? json_dumps(root, JSON_COMPACT) : NULL;
    (void)mkdir(dir, 0700);
    path_of(path, dir, intake->id, "json");
    path_of(next, dir, intake->id, "next");
    err = text ? write_file(next, text) : LIA_EFULL;
    if (!err && rename(next, path)) err = LIA_EIO;
    free(text);
    json_decref(root);
    lia_arena_fini(&arena);
    return err;
}

static uint64_t number(const json_t *root, const char *name)
{
    return (uint64_t)json_integer_value(json_object_get(root, name));
}

static lia_err load_state(lia_intake *out, const json_t *root, lia_arena *arena)
{
    json_t *question = json_object_get(root, "question");
    const json_t *columns = json_object_get(root, "columns");
    lia_err err = json_is_object(question) ? ask_all(out, question, arena, NULL) : LIA_ECORRUPT;
    if (!err) err = lia_id_parse(text_of(json_object_get(root, "user")), &out->user);
    if (err) return err == LIA_EFULL ? err : LIA_ECORRUPT;
    size_t count = json_array_size(columns);
    out->columns = lia_arena_take(arena, (count + 1) * sizeof *out->columns);
    if (!out->columns || count > LIA_CSV_COLUMNS_MAX) return LIA_ECORRUPT;
    for (size_t i = 0; i < count; i++)
        out->columns[out->column_count++] =
            lia_arena_copy(arena, text_of(json_array_get(columns, i)));
    for (size_t i = 0; i < LIA_INTAKE_LISTS; i++)
        out->counts[i] =
            (uint64_t)json_integer_value(json_array_get(json_object_get(root, "counts"), i));
    out->created_ms = (int64_t)number(root, "created_ms");
    out->offset = number(root, "offset");
    out->line = number(root, "line");
    out->rows = number(root, "rows");
    out->undone = number(root, "undone");
    out->undo_at[0] = number(root, "undo_created");
    out->undo_at[1] = number(root, "undo_updated");
    out->complete = json_is_true(json_object_get(root, "complete"));
    const json_t *run = json_object_get(root, "run"); /* earlier releases wrote none */
    out->run = (lia_position){.node = (uint16_t)json_integer_value(json_array_get(run, 0)),
                              .incarnation = (uint64_t)json_integer_value(json_array_get(run, 1)),
                              .seq = (uint64_t)json_integer_value(json_array_get(run, 2))};
    return LIA_OK;
}

lia_err lia_intake_load(lia_intake *out, const char *dir, lia_id id, lia_arena *arena)
{
    char path[PATH_MAX];
    *out = (lia_intake){.id = id};
    path_of(path, dir, id, "json");
    if (access(path, F_OK)) return LIA_EABSENT;
    json_t *root = json_load_file(path, 0, NULL);
    lia_err err = root ? load_state(out, root, arena) : LIA_ECORRUPT;
    json_decref(root);
    return err;
}

/* Newest first: an id begins with the time it was made at. */
static int newer(const void *a, const void *b)
{
    return memcmp(b, a, LIA_ID_SIZE);
}

size_t lia_intake_ids(const char *dir, lia_id *out, size_t max)
{
    DIR *folder = opendir(dir);
    size_t count = 0;
    for (const struct dirent *entry; folder && count < max && (entry = readdir(folder));) {
        lia_span name = lia_span_text(entry->d_name);
        if (name.size != LIA_ID_TEXT_SIZE - 1 + 5) continue;
        if (!lia_span_is(lia_span_skip(name, LIA_ID_TEXT_SIZE - 1), ".json")) continue;
        count +=
            lia_id_parse(lia_span_make(name.data, LIA_ID_TEXT_SIZE - 1), &out[count]) == LIA_OK;
    }
    if (folder) closedir(folder);
    if (count) qsort(out, count, sizeof *out, newer);
    return count;
}

void lia_intake_remove(const char *dir, lia_id id)
{
    char path[PATH_MAX];
    path_of(path, dir, id, "json");
    (void)unlink(path);
    for (size_t i = 0; i < LIA_INTAKE_LISTS; i++) {
        path_of(path, dir, id, lists[i]);
        (void)unlink(path);
    }
}

const char *lia_intake_by_text(lia_intake_by by)
{
    static const char *const texts[] = {"", "by its key", "by likeness", "perhaps, by likeness"};
    return texts[by];
}

/* ---- lists ----------------------------------------------------------------------------------- */

/* line(8) id(16) incarnation(8) seq(8) node(2), and where there is one the reason. Without a
 * position its last number says by what the record was found. */
enum { ROW_SIZE = 42, REASON_ROW_SIZE = ROW_SIZE + LIA_INTAKE_REASON_SIZE };

static size_t row_size(lia_intake_list list)
{
    bool has_reason = list == LIA_INTAKE_FAILED || list == LIA_INTAKE_KEPT;
    return has_reason ? REASON_ROW_SIZE : ROW_SIZE;
}

static void encode(const lia_intake_row *row, size_t size, uint8_t *out)
{
    lia_put_u64(out, row->line);
    memcpy(out + 8, row->id.bytes, LIA_ID_SIZE);
    lia_put_u64(out + 24, row->position.incarnation);
    lia_put_u64(out + 32, row->position.seq);
    lia_put_u16(out + 40, row->position.seq ? row->position.node : (uint16_t)row->by);
    if (size > ROW_SIZE) memcpy(out + ROW_SIZE, row->reason, LIA_INTAKE_REASON_SIZE);
}

static void decode(lia_intake_row *row, size_t size, const uint8_t *in)
{
    *row = (lia_intake_row){
        .line = lia_get_u64(in),
        .id = lia_id_from(lia_span_make(in + 8, LIA_ID_SIZE)),
        .position = {lia_get_u64(in + 24), lia_get_u64(in + 32), lia_get_u16(in + 40)}};
    if (!row->position.seq) {
        row->by = row->position.node <= LIA_INTAKE_BY_LIKENESS ? row->position.node
                                                               : LIA_INTAKE_BY_NOTHING;
        row->position.node = 0;
    }
    if (size > ROW_SIZE) memcpy(row->reason, in + ROW_SIZE, LIA_INTAKE_REASON_SIZE - 1);
}

/* Rows that stand in the file. */
static uint64_t listed(const lia_intake *intake, lia_intake_list list)
{
    uint64_t count = intake->counts[list];
    return list == LIA_INTAKE_FAILED && count > LIA_INTAKE_FAILED_MAX ? LIA_INTAKE_FAILED_MAX
                                                                      : count;
}

lia_err lia_intake_add(lia_intake *intake, const char *dir, lia_intake_list list,
                       const lia_intake_row *rows, size_t count)
{
    char path[PATH_MAX];
    uint8_t bytes[REASON_ROW_SIZE];
    size_t size = row_size(list);
    uint64_t from = listed(intake, list);
    size_t kept = count;
    if (list == LIA_INTAKE_FAILED && kept > LIA_INTAKE_FAILED_MAX - from)
        kept = (size_t)(LIA_INTAKE_FAILED_MAX - from);
    intake->counts[list] += count;
    if (!kept) return LIA_OK;
    path_of(path, dir, intake->id, lists[list]);
    int handle = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    FILE *file = handle < 0 ? NULL : fdopen(handle, "w");
    if (!file) return LIA_EIO;
    bool ok = fseeko(file, (off_t)(from * size), SEEK_SET) == 0;
    for (size_t i = 0; ok && i < kept; i++) {
        encode(&rows[i], size, bytes);
        ok = fwrite(bytes, size, 1, file) == 1;
    }
    return fclose(file) == 0 && ok ? LIA_OK : LIA_EIO;
}

lia_err lia_intake_rows(const lia_intake *intake, const char *dir, lia_intake_list list,
                        uint64_t from, lia_intake_row *out, size_t max, size_t *count)
{
    char path[PATH_MAX];
    uint8_t bytes[REASON_ROW_SIZE];
    size_t size = row_size(list);
    uint64_t all = listed(intake, list);
    *count = 0;
    if (from >= all) return LIA_OK;
    path_of(path, dir, intake->id, lists[list]);
    FILE *file = fopen(path, "re");
    if (!file) return LIA_EIO;
    bool ok = fseeko(file, (off_t)(from * size), SEEK_SET) == 0;
    for (; ok && *count < max && from + *count < all; ++*count) {
        ok = fread(bytes, size, 1, file) == 1;
        if (ok) decode(&out[*count], size, bytes);
    }
    fclose(file);
    return ok ? LIA_OK : LIA_EIO;
}
