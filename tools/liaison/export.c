/* SPDX-License-Identifier: Apache-2.0 */
/* export - all records of a kind, page by page. A file gets its name when it is complete. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "common/base/time.h"
#include "tools/liaison/client.h"
#include "tools/liaison/commands.h"
#include "common/exchange/csv_flat.h"
#include "tools/liaison/learn.h"
#include "tools/liaison/out.h"

#define PAGE_SIZE     1000
#define SCRATCH_BYTES ((size_t)64 << 20)
#define TIMEOUT_MS    120000L

typedef struct export
{
    const lia_kind *kind;
    const char *filter; /* may be NULL */
    bool is_csv, with_archived;
    lia_target target;
    lia_client client;
    const char *path;   /* NULL: stdout */
    const char *folder; /* NULL: one kind only */
    bool left_out;
    char part[PATH_MAX];
    bool is_direct; /* a device or a pipe, which is written to and not replaced */
    FILE *to;
    lia_csv_flat flat;
    lia_arena scratch;
    uint64_t count, begun_ns;
    lia_progress progress;
}
export;

/* ---- pages ----------------------------------------------------------------------------------- */

static lia_err make_path(export *e, const char *token, char *path, size_t size, lia_why *why)
{
    char *filter = e->filter ? lia_client_escape(&e->client, e->filter) : NULL;
    int used = snprintf(path, size, "/%s?alone=true&page_size=%d%s%s%s%s%s", e->kind->plural, PAGE_SIZE,
                        e->with_archived ? "&show_archived=true" : "", filter ? "&filter=" : "",
                        filter ? filter : "", token ? "&page_token=" : "", token ? token : "");
    curl_free(filter);
    if (used > 0 && (size_t)used < size) return LIA_OK;
    return lia_why_set(why, LIA_EINVAL, "--filter is too long");
}

static void write_record(export *e, const json_t *record)
{
    if (e->is_csv) {
        lia_arena_reset(&e->scratch);
        lia_buf row = lia_buf_make(&e->scratch);
        lia_csv_flat_put(&e->flat, record, &row);
        fwrite(row.data, 1, row.size, e->to);
    } else {
        json_dumpf(record, e->to, JSON_COMPACT);
        fputc('\n', e->to);
    }
    e->count++;
}

static lia_err check_output(const export *e, lia_why *why)
{
    if (!ferror(e->to)) return LIA_OK;
    return lia_why_set(why, LIA_EIO, "cannot write %s: %s", e->path ? e->path : "to the output",
                       strerror(errno));
}

/* One page; *token is its successor's, to be freed, or NULL. */
static lia_err write_page(export *e, char **token, lia_why *why)
{
    char path[4000];
    size_t i;
    json_t *record;
    lia_err err = make_path(e, *token, path, sizeof path, why);
    free(*token);
    *token = NULL;
    lia_bytes body = {0};
    if (!err) err = lia_client_get(&e->client, path, &body, TIMEOUT_MS, why);
    json_t *page = err ? NULL : json_loadb(body.size ? body.data : "", body.size, 0, NULL);
    lia_bytes_fini(&body);
    if (!page && !err) err = lia_why_set(why, LIA_EIO, "a page of records cannot be read");
    if (err) return err;
    json_array_foreach(json_object_get(page, e->kind->plural), i, record) write_record(e, record);
    const char *next = json_string_value(json_object_get(page, "next_page_token"));
    if (next && *next) *token = strdup(next);
    json_decref(page);
    return check_output(e, why);
}

static lia_err write_all(export *e, lia_why *why)
{
    char *token = NULL;
    lia_err err = LIA_OK;
    if (e->is_csv) {
        lia_buf row = lia_buf_make(&e->scratch);
        lia_csv_flat_put_header(&e->flat, &row);
        fwrite(row.data, 1, row.size, e->to);
    }
    do {
        err = write_page(e, &token, why);
        double seconds = (double)(lia_time_ticks_ns() - e->begun_ns) / 1e9;
        if (!err && lia_progress_due(&e->progress) && (e->path || !lia_out_is_terminal()))
            lia_progress_show(&e->progress, "%s %s, %s a second", lia_out_count(e->count),
                              e->kind->plural,
                              lia_out_count((uint64_t)((double)e->count / seconds)));
    } while (!err && token);
    free(token);
    return err;
}

/* ---- files ----------------------------------------------------------------------------------- */

static lia_err open_output(export *e, lia_why *why)
{
    e->to = stdout;
    if (!e->path) return LIA_OK;
    struct stat seen;
    e->is_direct = stat(e->path, &seen) == 0 && !S_ISREG(seen.st_mode);
    if (snprintf(e->part, sizeof e->part, e->is_direct ? "%s" : "%s.part", e->path) >= PATH_MAX)
        return lia_why_set(why, LIA_EINVAL, "-o: the path is too long");
    e->to = fopen(e->part, "w");
    if (e->to) return LIA_OK;
    return lia_why_set(why, LIA_EIO, "cannot write %.300s: %s", e->part, strerror(errno));
}

static lia_err close_output(export *e, lia_err err, lia_why *why)
{
    if (!e->to) return err;
    if (fflush(e->to) && !err) err = lia_why_set(why, LIA_EIO, "cannot write: %s", strerror(errno));
    if (!e->path) return err;
    fclose(e->to);
    if (e->is_direct) return err;
    if (!err && rename(e->part, e->path))
        err = lia_why_set(why, LIA_EIO, "cannot write %.300s: %s", e->path, strerror(errno));
    if (err) remove(e->part);
    return err;
}

/* ---- the command ----------------------------------------------------------------------------- */

static lia_err read_kind(export *e, const char *kind, lia_why *why)
{
    if (!kind)
        return lia_why_set(why, LIA_EINVAL, "--kind is missing: customers, deals ...; or --all");
    e->kind = lia_kind_by_plural(lia_span_text(kind));
    if (e->kind && !e->kind->secret) return LIA_OK;
    return lia_why_set(why, LIA_EINVAL, "--kind: '%s' is no kind of record", kind);
}

static lia_err read_question(export *e, const lia_args *args, lia_why *why)
{
    const char *kind = lia_args_text(args, "kind"), *format = lia_args_text(args, "format");
    e->folder = lia_args_text(args, "all");
    e->is_csv = format && strcmp(format, "csv") == 0;
    if (format && !e->is_csv && strcmp(format, "jsonl"))
        return lia_why_set(why, LIA_EINVAL, "--format: '%s' is neither csv nor jsonl", format);
    e->filter = lia_args_text(args, "filter");
    e->with_archived = lia_args_has(args, "archived");
    e->path = lia_args_text(args, "output");
    if (e->folder && (kind || e->filter || e->path))
        return lia_why_set(why, LIA_EINVAL, "--all takes neither --kind nor --filter nor -o");
    lia_err err = lia_target_find(&e->target, args, why);
    if (!err) err = lia_learn_kinds(&e->target, why);
    return err || e->folder ? err : read_kind(e, kind, why);
}

/* All records of e->kind. */
static lia_err export_kind(export *e, lia_why *why)
{
    e->count = 0;
    e->to = NULL;
    lia_arena_reset(&e->scratch);
    lia_csv_flat_make(&e->flat, e->kind);
    lia_err err = open_output(e, why);
    if (!err) err = write_all(e, why);
    lia_progress_end(&e->progress);
    err = close_output(e, err, why);
    if (!err && e->path && lia_err_is_terminal())
        fprintf(stderr, "%s %s written to %s\n", lia_out_count(e->count), e->kind->plural, e->path);
    return err;
}

/* A file for each kind that may be read. */
static lia_err export_all(export *e, lia_why *why)
{
    char path[PATH_MAX];
    size_t count;
    const lia_kind *kinds = lia_kinds(&count);
    lia_err err = LIA_OK;
    if (mkdir(e->folder, 0700) && errno != EEXIST)
        return lia_why_set(why, LIA_EIO, "cannot make %.300s: %s", e->folder, strerror(errno));
    e->path = path;
    for (size_t i = 0; i < count && !err; i++) {
        e->kind = &kinds[i];
        if (e->kind->secret) continue;
        snprintf(path, sizeof path, "%s/%s.%s", e->folder, e->kind->plural,
                 e->is_csv ? "csv" : "jsonl");
        err = export_kind(e, why);
        if (err != LIA_EDENIED && err != LIA_EABSENT) continue;
        fprintf(stderr, "left out: %s (%s)\n", e->kind->plural, why->text);
        err = LIA_OK;
        e->left_out = true;
    }
    return err;
}

static int run(const lia_args *args)
{
    lia_why why = {{0}};
    export e = {.begun_ns = lia_time_ticks_ns()};
    lia_err err = read_question(&e, args, &why);
    if (!err) err = lia_client_open(&e.client, &e.target, &why);
    if (!err) err = lia_arena_init(&e.scratch, SCRATCH_BYTES);
    if (!err) err = e.folder ? export_all(&e, &why) : export_kind(&e, &why);
    lia_client_close(&e.client);
    lia_arena_fini(&e.scratch);
    lia_learn_forget();
    if (err) return lia_args_fail(args, "%s", why.text[0] ? why.text : lia_err_text(err));
    return e.left_out ? 1 : 0;
}

static const lia_option options[] = {
    LIA_OPTION_NODE,
    {.name = "kind", .value = "KIND", .help = "the plural of a kind: customers, interactions ..."},
    {.name = "all", .value = "FOLDER", .help = "every kind that you may read, a file each"},
    {.name = "format", .value = "FORMAT", .help = "jsonl (default) or csv"},
    {.name = "filter",
     .value = "FILTER",
     .help = "only records for which it holds: 'country = \"DE\" AND tags:\"vip\"'"},
    {.name = "archived", .help = "archived records, too"},
    {.name = "output", .letter = 'o', .value = "FILE", .help = "default: standard output"},
    LIA_OPTION_DIR,
    LIA_OPTION_BASE,
    LIA_OPTIONS_ENTRY,
};

const lia_subcommand lia_export = {
    .name = "export",
    .purpose = "write all records of a kind, or those a filter picks",
    .details = "What it writes can be read by 'liaison import'. CSV has one row per record; of\n"
               "several addresses or items it shows the first, and JSON lines keep all. Kinds and\n"
               "fields that were added are written as all others. Exit status with --all: 1 when\n"
               "some kinds were left out.",
    .example = "liaison export --node sales --kind customers -o customers.jsonl\n"
               "liaison export --node sales --kind deals --filter 'state = open' --format csv\n"
               "liaison export --node sales --all everything",
    .options = options,
    .option_count = LIA_COUNT(options),
    .run = run,
};
