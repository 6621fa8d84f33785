/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "common/base/time.h"
#include "common/wire/json.h"
#include "tools/liaison/import.h"

#define SCRATCH_BYTES ((size_t)16 << 20)

static void write_bad(lia_import *import, uint64_t line, lia_span text, const char *reason)
{
    lia_arena arena;
    if (lia_arena_init(&arena, SCRATCH_BYTES)) return;
    lia_buf out = lia_buf_make(&arena);
    lia_buf_format(&out, "{\"line\":%llu,\"reason\":", (unsigned long long)line);
    lia_json_put_text(&out, lia_span_text(reason));
    lia_buf_text(&out, ",\"row\":");
    lia_json_put_text(&out, text);
    lia_buf_text(&out, "}\n");
    if (!out.failed) fwrite(out.data, 1, out.size, import->errors);
    lia_arena_fini(&arena);
}

void lia_import_bad(lia_import *import, uint64_t line, lia_span text, const char *reason)
{
    import->bad++;
    if (!import->errors && import->errors_path) {
        import->errors = fopen(import->errors_path, "w");
        if (!import->errors) {
            lia_progress_end(&import->progress);
            fprintf(stderr, "liaison import: cannot write %s; rows that fail are shown here\n",
                    import->errors_path);
            import->errors_path = NULL;
        }
    }
    if (import->errors)
        write_bad(import, line, text, reason);
    else
        fprintf(stderr, "line %llu: %s\n", (unsigned long long)line, reason);
}

void lia_import_result(void *context, const lia_load_result *result)
{
    if (result->error) lia_import_bad(context, result->line, result->text, result->error);
}

/* How much of the file has been answered: of what was read, the part that is not under way. */
static int percent_done(const lia_import *import, uint64_t done)
{
    const lia_lines *lines = &import->lines;
    double read = (double)lines->read / (double)lines->total;
    double answered = done < import->rows ? (double)done / (double)import->rows : 1;
    return (int)(100 * read * answered);
}

void lia_import_tick(void *context, const char *note)
{
    lia_import *import = context;
    if (!note && !lia_progress_due(&import->progress)) return;
    char share[16] = "";
    double seconds = (double)(lia_time_ticks_ns() - import->begun_ns) / 1e9;
    uint64_t done = import->records.created + import->records.repeated + import->bad;
    if (import->lines.total) snprintf(share, sizeof share, ", %d %%", percent_done(import, done));
    lia_progress_show(&import->progress, "%s rows, %s a second, %s failed%s%s%s",
                      lia_out_count(done), lia_out_count((uint64_t)((double)done / seconds)),
                      lia_out_count(import->bad), share, note ? "; waiting: " : "",
                      note ? note : "");
}

/* ---- csv ------------------------------------------------------------------------------------- */

static lia_err feed(lia_import *import, lia_csv_reader *reader, lia_span bytes, lia_why *why)
{
    while (bytes.size) {
        size_t consumed;
        lia_why broken = {{0}};
        lia_err err = lia_csv_feed(reader, bytes, &consumed, &broken);
        bytes = lia_span_skip(bytes, consumed);
        if (!err) continue;
        if (!broken.text[0]) return err; /* the row's own: it has said why */
        unsigned long long line = 0;
        if (sscanf(broken.text, "line %llu", &line) != 1) return lia_why_set(why, err, "no memory");
        import->rows++;
        lia_import_bad(import, line, LIA_SPAN_NONE, broken.text);
    }
    return LIA_OK;
}

lia_err lia_import_csv(lia_import *import, lia_csv_row *row, void *context, lia_why *why)
{
    lia_span bytes;
    lia_csv_reader *reader;
    lia_err err = lia_csv_open(&reader, import->delimiter, row, context);
    if (err) return lia_why_set(why, err, "--delimiter: a quote or a line end is none");
    while (!err) {
        err = lia_lines_bytes(&import->lines, &bytes, why);
        if (err) break;
        err = feed(import, reader, bytes, why);
        lia_import_tick(import, NULL);
    }
    if (err == LIA_ECLOSED) {
        lia_why broken = {{0}};
        err = lia_csv_end(reader, &broken);
        if (err && broken.text[0]) {
            lia_import_bad(import, 0, LIA_SPAN_NONE, broken.text);
            err = LIA_OK;
        }
    }
    lia_csv_close(reader);
    return err;
}
