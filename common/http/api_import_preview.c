/* SPDX-License-Identifier: Apache-2.0 */
/* POST /imports/{id}:preview: the beginning of the file as body; what is found out about it, its
 * first rows as records, what would become of its lines, who of them is there already and by what,
 * and what is wrong in which line and column. Nothing is written, not even to the import. */
#include "common/base/assert.h"
#include "common/http/api_import.h"

#include <stdlib.h>

#define RECORDS_TOLD_MAX    20
#define ERRORS_TOLD_MAX     100
#define DUPLICATES_TOLD_MAX 100

typedef struct preview {
    lia_import_work work;
    lia_records records;
    lia_rows *rows;
    lia_buf errors, duplicates;
    size_t told, wrong, duplicate_count;
    uint64_t counts[LIA_INTAKE_LISTS];
} preview;

static void put_columns(const preview *p, lia_buf *out)
{
    const lia_intake *intake = &p->work.intake;
    if (intake->format != LIA_INTAKE_CSV) return;
    lia_buf_text(out, ",\"columns\":[");
    for (size_t i = 0; i < intake->column_count; i++) {
        if (i) lia_buf_byte(out, ',');
        lia_json_put_text(out, intake->columns[i]);
    }
    lia_buf_byte(out, ']');
}

/* ---- what is wrong --------------------------------------------------------------------------- */

/* Whether a mapped path ("emails[2].value", "country") is the place that a reason names
 * ("emails[1].value", "country"): elements count from one there and from none here. */
static bool is_place(lia_span path, lia_span place)
{
    size_t i = 0, j = 0;
    while (i < path.size && j < place.size) {
        if (path.data[i] == '[' || place.data[j] == '[') {
            unsigned long one = 1, none = 0;
            if (path.data[i] == '[') {
                one = strtoul((const char *)path.data + i + 1, NULL, 10);
                while (i < path.size && path.data[i++] != ']') continue;
            }
            if (place.data[j] == '[') {
                none = strtoul((const char *)place.data + j + 1, NULL, 10);
                while (j < place.size && place.data[j++] != ']') continue;
            }
            if (one != none + 1) return false;
            continue;
        }
        if (path.data[i++] != place.data[j++]) return false;
    }
    return j == place.size || i == path.size;
}

/* The column of the table that a reason is about; empty: none. */
static lia_span column_of(const lia_intake *intake, const char *reason)
{
    const char *colon = strstr(reason, ": ");
    if (intake->format != LIA_INTAKE_CSV || !colon) return LIA_SPAN_NONE;
    if (strncmp(reason, "column ", 7) == 0) {
        unsigned long number = strtoul(reason + 7, NULL, 10);
        return number && number <= intake->column_count ? intake->columns[number - 1]
                                                        : LIA_SPAN_NONE;
    }
    lia_span place = lia_span_make((const uint8_t *)reason, (size_t)(colon - reason));
    for (size_t i = 0; i < intake->mapping_count; i++)
        if (intake->mapping[i].field.size && is_place(intake->mapping[i].field, place))
            return intake->mapping[i].column;
    return LIA_SPAN_NONE;
}

static void put_error(preview *p, uint64_t line, const char *reason)
{
    lia_buf *out = &p->errors;
    if (p->wrong++ >= ERRORS_TOLD_MAX) return;
    lia_span column = column_of(&p->work.intake, reason);
    lia_buf_format(out, "%s{\"line\":%llu,", p->wrong > 1 ? "," : "", (unsigned long long)line);
    if (column.size) {
        lia_buf_text(out, "\"column\":");
        lia_json_put_text(out, column);
        lia_buf_byte(out, ',');
    }
    lia_buf_text(out, "\"reason\":");
    lia_json_put_text(out, lia_span_text(reason));
    lia_buf_byte(out, '}');
}

/* ---- what would become of a line ------------------------------------------------------------- */

static void put_duplicate(preview *p, uint64_t line, lia_id id, lia_intake_by by)
{
    lia_buf *out = &p->duplicates;
    if (p->duplicate_count++ >= DUPLICATES_TOLD_MAX) return;
    lia_buf_format(out, "%s{\"line\":%llu,\"id\":", p->duplicate_count > 1 ? "," : "",
                   (unsigned long long)line);
    lia_json_put_id(out, id);
    lia_buf_format(out, ",\"reason\":\"%s\"}", lia_intake_by_text(by));
}

static lia_err judge(preview *p, const lia_records_item *item, lia_arena *arena)
{
    lia_import_line line;
    lia_span key;
    lia_err err = lia_import_judge(&line, &p->work, p->rows, item, arena, &key);
    if (err) return err;
    p->counts[line.list]++;
    if (line.list == LIA_INTAKE_FAILED)
        put_error(p, item->line, line.row.reason);
    else if (line.list == LIA_INTAKE_DUPLICATE)
        put_duplicate(p, item->line, line.row.id, line.row.by);
    else if (line.alike_by)
        put_duplicate(p, item->line, line.alike, line.alike_by);
    return LIA_OK;
}

/* What is no record is told with its reason in full: nothing of it is kept. */
static lia_err look_at(preview *p, const lia_records_item *item, lia_arena *arena)
{
    lia_why why = {{0}};
    lia_json_object object;
    lia_json_mode mode =
        p->work.intake.mode == LIA_INTAKE_CREATE ? LIA_JSON_CREATE : LIA_JSON_PATCH;
    lia_err err = LIA_EINVAL;
    lia_arena_reset(arena);
    if (item->json.size)
        err = lia_json_read(&object, p->work.call->kind->message, mode, item->json, arena, &why);
    if (!err) return judge(p, item, arena);
    if (err != LIA_EINVAL) return err;
    p->counts[LIA_INTAKE_FAILED]++;
    put_error(p, item->line, item->json.size ? why.text : item->reason);
    return LIA_OK;
}

/* ---- the answer ------------------------------------------------------------------------------ */

/* {"line", "record"} of the first ones that are records. */
static void put_records(preview *p, lia_buf *out)
{
    lia_buf_text(out, ",\"records\":[");
    for (size_t i = 0; i < p->records.count && p->told < RECORDS_TOLD_MAX; i++) {
        const lia_records_item *item = &p->records.items[i];
        if (!item->json.size || item->json.data[0] != '{') continue;
        lia_buf_format(out, "%s{\"line\":%llu,\"record\":", p->told++ ? "," : "",
                       (unsigned long long)item->line);
        lia_json_put_text(out, item->json);
        lia_buf_byte(out, '}');
    }
    lia_buf_byte(out, ']');
}

static void put_answer(preview *p, lia_buf *out)
{
    lia_buf_byte(out, '{');
    lia_intake_put(&p->work.intake, out);
    put_columns(p, out);
    lia_buf_format(out, ",\"looked_at\":%zu", p->records.count);
    put_records(p, out);
    lia_buf_text(out, ",\"would\":{");
    for (lia_intake_list list = LIA_INTAKE_CREATED; list <= LIA_INTAKE_FAILED; list++)
        lia_buf_format(out, "%s\"%s\":%llu", list ? "," : "", lia_intake_list_name(list),
                       (unsigned long long)p->counts[list]);
    lia_buf_format(out, "},\"duplicates_found\":%zu,\"duplicate_lines\":[", p->duplicate_count);
    lia_buf_span(out, lia_buf_get(&p->duplicates));
    lia_buf_format(out, "],\"wrong\":%zu,\"errors\":[", p->wrong);
    lia_buf_span(out, lia_buf_get(&p->errors));
    lia_buf_text(out, "]}");
}

static lia_err run(lia_work *work)
{
    preview *p = work->context;
    lia_arena scratch;
    lia_span body = lia_http_get_body(work->call->request);
    p->errors = lia_buf_make(&p->work.arena);
    p->duplicates = lia_buf_make(&work->arena);
    p->rows = &work->rows;
    lia_err err = lia_arena_init(&scratch, LIA_IMPORT_SLICE_BYTES);
    if (!err)
        err =
            lia_records_read(&p->records, &p->work.intake, body, false, &p->work.arena, &work->why);
    /* Of a row that does not end nobody knows whether it is whole: it is told when there is no
     * other. */
    if (!err && !p->records.count)
        err =
            lia_records_read(&p->records, &p->work.intake, body, true, &p->work.arena, &work->why);
    for (size_t i = 0; !err && i < p->records.count; i++)
        err = look_at(p, &p->records.items[i], &scratch);
    put_answer(p, &work->out);
    lia_arena_fini(&scratch);
    bool failed = p->errors.failed || p->duplicates.failed;
    lia_arena_fini(&p->work.arena);
    return err ? err : failed ? LIA_EFULL : LIA_OK;
}

void lia_import_preview(lia_call *call, lia_id id)
{
    preview *p = lia_arena_zero(call->arena, sizeof *p);
    if (!p)
        lia_call_fail(call, LIA_EFULL, NULL);
    else if (lia_import_find(call, id, &p->work)) {
        p->work.intake.offset = 0;
        p->work.looks = true;
        lia_call_work(call, run, p);
    }
}
