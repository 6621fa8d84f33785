/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/liaison/import.h"
#include "common/exchange/meant.h"

#include <ctype.h>
#include <limits.h>
#include <stdlib.h>

#include "common/base/time.h"
#include "tools/liaison/commands.h"
#include "tools/liaison/learn.h"
#include "tools/liaison/natural.h"

#define SCRATCH_BYTES    ((size_t)32 << 20)
#define REQUESTS_DEFAULT 4
#define PATIENCE_SECONDS 60

/* ---- the question ---------------------------------------------------------------------------- */

/* A node that is away is waited for later: until then only what was compiled in is known. */
static lia_err learn(const lia_target *target, const char *plural, lia_why *why)
{
    lia_err err = lia_learn_kinds(target, why);
    if (!err || !lia_kind_by_plural(lia_span_text(plural))) return err;
    *why = (lia_why){{0}};
    return LIA_OK;
}

static lia_err read_kind(lia_import *import, const lia_target *target, const lia_args *args,
                         lia_why *why)
{
    const char *text = lia_args_text(args, "kind"), *words[64];
    if (!text) return lia_why_set(why, LIA_EINVAL, "--kind is missing: purchases, customers ...");
    if (strcmp(text, "purchases") == 0) return LIA_OK;
    lia_err err = learn(target, text, why);
    if (err) return err;
    import->kind = lia_kind_by_plural(lia_span_text(text));
    if (import->kind && !import->kind->internal) return LIA_OK;
    size_t count, used = 0;
    const lia_kind *kinds = lia_kinds(&count);
    for (size_t i = 0; i < count && used < LIA_COUNT(words); i++)
        if (!kinds[i].internal) words[used++] = kinds[i].plural;
    const char *meant = lia_word_meant(text, words, used);
    return lia_why_set(why, LIA_EINVAL, "--kind: '%s' is no kind of record%s%s%s", text,
                       meant ? "; was '" : "; purchases, customers, interactions ... are",
                       meant ? meant : "", meant ? "' meant?" : "");
}

/* "-" and FILE.csv, FILE.jsonl say it themselves. */
static lia_err read_format(lia_import *import, const lia_args *args, lia_why *why)
{
    static const char *const names[] = {
        [LIA_CDNOW] = "cdnow", [LIA_CSV] = "csv", [LIA_JSONL] = "jsonl"};
    const char *text = lia_args_text(args, "format"), *dot = strrchr(args->operands[0], '.');
    if (!text && dot && (strcmp(dot, ".csv") == 0 || strcmp(dot, ".jsonl") == 0)) text = dot + 1;
    if (!text) return lia_why_set(why, LIA_EINVAL, "--format is missing: cdnow, csv or jsonl");
    size_t format = 0;
    while (format < LIA_COUNT(names) && strcmp(text, names[format])) format++;
    if (format == LIA_COUNT(names))
        return lia_why_set(why, LIA_EINVAL, "--format: '%s' is none of cdnow, csv, jsonl", text);
    if (format == LIA_CDNOW && import->kind)
        return lia_why_set(why, LIA_EINVAL, "--format cdnow holds purchases: --kind purchases");
    import->format = (lia_import_format)format;
    return LIA_OK;
}

static lia_err read_source(lia_import *import, const lia_args *args, lia_why *why)
{
    const char *text = lia_args_text(args, "source");
    if (!text && import->format == LIA_CDNOW) text = "cdnow";
    if (!text && strcmp(args->operands[0], "-") == 0) text = "stdin";
    if (!text) {
        lia_natural_source(import->source, sizeof import->source, args->operands[0]);
        return LIA_OK;
    }
    size_t size = strlen(text);
    for (size_t i = 0; text[i]; i++)
        if (!isalnum((unsigned char)text[i]) && !strchr("._-", text[i])) size = SIZE_MAX;
    if (size == 0 || size > LIA_IMPORT_SOURCE_MAX)
        return lia_why_set(why, LIA_EINVAL,
                           "--source: 1 to %d letters, digits, '.', '_' or '-' are wanted",
                           LIA_IMPORT_SOURCE_MAX);
    snprintf(import->source, sizeof import->source, "%s", text);
    return LIA_OK;
}

static lia_err read_renames(lia_import *import, const lia_args *args, lia_why *why)
{
    size_t count = lia_args_count(args, "map");
    if (count > LIA_IMPORT_RENAMES) return lia_why_set(why, LIA_EINVAL, "too many --map");
    for (size_t i = 0; i < count; i++) {
        const char *text = lia_args_nth(args, "map", i), *equals = strrchr(text, '=');
        if (!equals || equals == text)
            return lia_why_set(why, LIA_EINVAL, "--map: '%s' is not COLUMN=FIELD", text);
        import->renames[i].column = lia_span_make(text, (size_t)(equals - text));
        import->renames[i].field = lia_span_text(equals + 1);
    }
    import->rename_count = count;
    return LIA_OK;
}

static lia_err read_question(lia_import *import, const lia_target *target, const lia_args *args,
                             lia_why *why)
{
    const char *delimiter = lia_args_text(args, "delimiter");
    import->key_field = lia_args_text(args, "key");
    import->delimiter = ',';
    if (delimiter && strcmp(delimiter, "tab") == 0) delimiter = "\t";
    if (delimiter && strlen(delimiter) != 1)
        return lia_why_set(why, LIA_EINVAL, "--delimiter: one character, or 'tab', is wanted");
    if (delimiter) import->delimiter = *delimiter;
    lia_err err = read_kind(import, target, args, why);
    if (!err) err = read_format(import, args, why);
    if (!err) err = read_source(import, args, why);
    return err ? err : read_renames(import, args, why);
}

/* ---- the answer ------------------------------------------------------------------------------ */

static void show_json(const lia_import *import, double seconds)
{
    const lia_load_totals *r = &import->records, *c = &import->customers;
    json_t *all =
        json_pack("{s:I,s:I,s:I,s:I,s:f,s:s}", "rows", (json_int_t)import->rows, "created",
                  (json_int_t)r->created, "repeated", (json_int_t)r->repeated, "failed",
                  (json_int_t)import->bad, "seconds", seconds, "source", import->source);
    if (!import->kind)
        json_object_set_new(all, "customers",
                            json_pack("{s:I,s:I,s:I}", "created", (json_int_t)c->created,
                                      "repeated", (json_int_t)c->repeated, "failed",
                                      (json_int_t)c->failed));
    if (import->errors) json_object_set_new(all, "errors", json_string(import->errors_path));
    lia_out_json(all);
    json_decref(all);
}

static void show_totals(const char *what, const lia_load_totals *totals)
{
    printf("%-14s %10s created  %10s there already\n", what, lia_out_count(totals->created),
           lia_out_count(totals->repeated));
}

static void show(const lia_import *import, const lia_args *args)
{
    double seconds = (double)(lia_time_ticks_ns() - import->begun_ns) / 1e9;
    if (lia_out_is_json(args)) {
        show_json(import, seconds);
        return;
    }
    printf("%s rows in %.1f s, %s a second\n", lia_out_count(import->rows), seconds,
           lia_out_count((uint64_t)((double)import->rows / (seconds > 0 ? seconds : 1))));
    if (!import->kind) show_totals("customers", &import->customers);
    show_totals(import->kind ? import->kind->plural : "purchases", &import->records);
    if (import->bad)
        printf("%s%-14s %10s rows%s%s%s\n", lia_out_color(LIA_RED), "failed",
               lia_out_count(import->bad), lia_out_color(LIA_PLAIN), import->errors ? ", see " : "",
               import->errors ? import->errors_path : "");
}

/* ---- the command ----------------------------------------------------------------------------- */

static lia_err open_all(lia_import *import, const lia_target *target, const lia_args *args,
                        lia_why *why)
{
    size_t requests = lia_args_number(args, "requests", REQUESTS_DEFAULT);
    uint64_t patience = lia_args_number(args, "patience", PATIENCE_SECONDS);
    lia_err err = lia_lines_open(&import->lines, args->operands[0], why);
    if (!err) err = lia_arena_init(&import->scratch, SCRATCH_BYTES);
    if (!err) err = lia_flight_open(&import->flight, target, requests, patience * 1000, why);
    if (!err) lia_flight_on_tick(import->flight, lia_import_tick, import);
    return err;
}

static void close_all(lia_import *import)
{
    lia_flight_close(import->flight);
    lia_arena_fini(&import->scratch);
    lia_lines_close(&import->lines);
    if (import->errors) fclose(import->errors);
}

static void choose_errors(lia_import *import, const lia_args *args, char path[PATH_MAX])
{
    const char *file = args->operands[0];
    snprintf(path, PATH_MAX, "%s.errors.jsonl", strcmp(file, "-") ? file : "stdin");
    import->errors_path = lia_args_text(args, "errors");
    if (!import->errors_path) import->errors_path = path;
}

static int run(const lia_args *args)
{
    char path[PATH_MAX];
    lia_target target;
    lia_import import = {.begun_ns = lia_time_ticks_ns()};
    lia_why why = {{0}};
    lia_err err = lia_target_find(&target, args, &why);
    if (!err) err = read_question(&import, &target, args, &why);
    if (err) return lia_args_fail(args, "%s", why.text);
    choose_errors(&import, args, path);
    err = open_all(&import, &target, args, &why);
    if (!err)
        err = import.kind ? lia_import_records(&import, &why) : lia_import_purchases(&import, &why);
    lia_progress_end(&import.progress);
    int status = err ? 2 : import.bad ? 1 : 0;
    if (err) {
        lia_args_fail(args, "%s", why.text[0] ? why.text : lia_err_text(err));
        if (import.records.created + import.customers.created)
            fputs("What was created stays. Run it again to go on: nothing is created twice.\n",
                  stderr);
    } else {
        show(&import, args);
    }
    close_all(&import);
    lia_learn_forget();
    return status;
}

static const lia_option options[] = {
    LIA_OPTION_NODE,
    {.name = "kind",
     .value = "KIND",
     .help = "purchases, or the plural of a kind: customers, tickets ...; one that\n"
             "was added, too"},
    {.name = "format",
     .value = "FORMAT",
     .help = "cdnow, csv or jsonl (default: by the file's name)"},
    {.name = "source",
     .value = "NAME",
     .help = "where the rows come from; part of every idempotency key and\n"
             "external id (default: cdnow, or the file's name)"},
    {.name = "key",
     .value = "COLUMN",
     .help = "the column, or member, that names a row for good; without\n"
             "it a row is known by its line number and content"},
    {.name = "map",
     .value = "COLUMN=FIELD",
     .many = true,
     .help = "a CSV column's field (\"E-Mail=emails.value\"); an empty\n"
             "FIELD leaves the column out; may be given several times"},
    {.name = "delimiter",
     .value = "CHAR",
     .help = "between CSV cells (default: ,); 'tab' for tabs"},
    {.name = "errors",
     .value = "FILE",
     .help = "where failed rows go, with line and reason (default:\n"
             "FILE.errors.jsonl, made when there are any)"},
    {.name = "requests",
     .value = "N",
     .is_number = true,
     .min = 1,
     .max = 64,
     .help = "batches under way at once (default: 4)"},
    {.name = "patience",
     .value = "SECONDS",
     .is_number = true,
     .max = 86400,
     .help = "how long to wait for a node that is away (default: 60)"},
    LIA_OPTION_DIR,
    LIA_OPTION_BASE,
    LIA_OPTIONS_ENTRY,
    LIA_OPTION_JSON,
};

const lia_subcommand lia_import_command = {
    .name = "import",
    .purpose = "load records or a purchase history from a file, in any size",
    .operands = "FILE|-",
    .details =
        "Purchases: a customer is created for every number in the source (its external id is\n"
        "\"SOURCE:NUMBER\"), then an interaction for every row. Formats: cdnow (customer, date,\n"
        "number of CDs, amount in US dollars between blanks), csv (with a header naming customer,\n"
        "date, quantity, amount, currency) and jsonl (objects of the same).\n\n"
        "Other kinds: csv (the header names fields; emails.value is a part of a field; lists are\n"
        "written with ; between; money as \"11.77 USD\") and jsonl (records as the API takes "
        "them,\n"
        "or as 'liaison export' wrote them).\n\n"
        "Good rows are kept when others are bad. Running the same import again creates nothing\n"
        "twice, so an interrupted one is simply repeated. Exit status: 0 all rows are there, 1\n"
        "some failed, 2 it could not be done.",
    .example = "liaison import --node sales --kind purchases --format cdnow CDNOW_master.txt\n"
               "liaison import --node sales --kind customers --map E-Mail=emails.value people.csv",
    .options = options,
    .option_count = LIA_COUNT(options),
    .operands_min = 1,
    .operands_max = 1,
    .run = run,
};
