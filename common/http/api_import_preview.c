/* SPDX-License-Identifier: Apache-2.0 */
/* POST /imports/{id}:preview: the beginning of the file as body; what is found out about it, its
 * first rows as records, and what is wrong with which line. Nothing is written, not even to the
 * import. */
#include "common/base/assert.h"
#include "common/http/api_import.h"

#define RECORDS_TOLD_MAX 20
#define ERRORS_TOLD_MAX  100

typedef struct preview {
    lia_import_work work;
    lia_records records;
    size_t told, errors;
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

static void put_error(preview *p, lia_buf *out, uint64_t line, const char *reason)
{
    if (p->errors++ >= ERRORS_TOLD_MAX) return;
    lia_buf_format(out, "%s{\"line\":%llu,\"reason\":", p->errors > 1 ? "," : "",
                   (unsigned long long)line);
    lia_json_put_text(out, lia_span_text(reason));
    lia_buf_byte(out, '}');
}

/* Whether it is a record that the schema takes. */
static lia_err judge(preview *p, const lia_records_item *item, lia_arena *arena, lia_buf *errors)
{
    lia_why why = {{0}};
    lia_json_object object;
    size_t mark = lia_arena_mark(arena);
    if (!item->json.size) {
        put_error(p, errors, item->line, item->reason);
        return LIA_OK;
    }
    lia_json_mode mode =
        p->work.intake.mode == LIA_INTAKE_UPDATE ? LIA_JSON_PATCH : LIA_JSON_CREATE;
    lia_err err =
        lia_json_read(&object, p->work.call->kind->message, mode, item->json, arena, &why);
    lia_arena_back(arena, mark);
    if (err == LIA_EINVAL) put_error(p, errors, item->line, why.text);
    return err == LIA_EINVAL ? LIA_OK : err;
}

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

static lia_err run(lia_work *work)
{
    preview *p = work->context;
    lia_buf *out = &work->out, errors = lia_buf_make(&p->work.arena);
    lia_arena scratch;
    lia_span body = lia_http_get_body(work->call->request);
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
        err = judge(p, &p->records.items[i], &scratch, &errors);
    lia_buf_byte(out, '{');
    lia_intake_put(&p->work.intake, out);
    put_columns(p, out);
    lia_buf_format(out, ",\"looked_at\":%zu", p->records.count);
    put_records(p, out);
    lia_buf_format(out, ",\"wrong\":%zu,\"errors\":[", p->errors);
    lia_buf_span(out, lia_buf_get(&errors));
    lia_buf_text(out, "]}");
    lia_arena_fini(&scratch);
    lia_arena_fini(&p->work.arena);
    return err ? err : errors.failed ? LIA_EFULL : LIA_OK;
}

void lia_import_preview(lia_call *call, lia_id id)
{
    preview *p = lia_arena_zero(call->arena, sizeof *p);
    if (!p)
        lia_call_fail(call, LIA_EFULL, NULL);
    else if (lia_import_find(call, id, &p->work)) {
        p->work.intake.offset = 0;
        lia_call_work(call, run, p);
    }
}
