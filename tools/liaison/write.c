/* SPDX-License-Identifier: Apache-2.0 */
/* create, set, archive, do - one record is made or changed. Fields are written as in a CSV's cells
 * (common/exchange/csv_map.h), so that whoever knows one knows the other. */
#include <stdlib.h>

#include "common/exchange/csv_map.h"
#include "tools/liaison/client.h"
#include "tools/liaison/commands.h"
#include "tools/liaison/learn.h"
#include "tools/liaison/out.h"

#define SCRATCH_BYTES ((size_t)8 << 20)

typedef struct writing {
    const lia_args *args;
    lia_target target;
    lia_client client;
    const lia_kind *kind;
    const char *id; /* NULL: none */
    lia_arena scratch;
    json_t *body;
    lia_bytes answer;
    lia_why why;
} writing;

/* ---- fields ---------------------------------------------------------------------------------- */

/* Their cells; what is empty or raw JSON goes into the body as it is. */
typedef struct cells {
    lia_span names[LIA_ARGS_OPERANDS_MAX], values[LIA_ARGS_OPERANDS_MAX];
    size_t count;
} cells;

static lia_err put_raw(writing *w, lia_span name, const char *text)
{
    json_error_t error;
    json_t *value = *text ? json_loads(text, JSON_DECODE_ANY, &error) : json_null();
    if (!value)
        return lia_why_set(&w->why, LIA_EINVAL, "%.*s: column %d: %s", (int)name.size,
                           (const char *)name.data, error.column, error.text);
    return json_object_setn_new(w->body, (const char *)name.data, name.size, value)
               ? lia_why_set(&w->why, LIA_EFULL, "no memory")
               : LIA_OK;
}

/* FIELD=VALUE, FIELD= (takes the value away), FIELD:=JSON */
static lia_err read_field(writing *w, const char *text, cells *out)
{
    const char *equals = strchr(text, '=');
    bool is_raw = equals && equals > text && equals[-1] == ':';
    size_t size = equals ? (size_t)(equals - text) - is_raw : 0;
    if (!size)
        return lia_why_set(&w->why, LIA_EINVAL, "'%.100s' is not FIELD=VALUE or FIELD:=JSON", text);
    lia_span name = lia_span_make(text, size);
    if (is_raw || !equals[1]) return put_raw(w, name, equals + 1);
    out->names[out->count] = name;
    out->values[out->count++] = lia_span_text(equals + 1);
    return LIA_OK;
}

static lia_err put_cells(writing *w, const cells *c)
{
    lia_csv_map *map = lia_arena_take(&w->scratch, sizeof *map);
    lia_buf json = lia_buf_make(&w->scratch);
    if (!map) return lia_why_set(&w->why, LIA_EFULL, "no memory");
    lia_err err = lia_csv_map_make(map, w->kind, c->names, c->count, NULL, 0, &w->why);
    if (!err) err = lia_csv_map_put(map, c->values, c->count, &json, &w->why);
    char *of_files = strstr(w->why.text, "; --map"); /* here nothing has another name */
    if (err && of_files) *of_files = 0;
    if (err) return err;
    if (map->left_out)
        return lia_why_set(&w->why, LIA_EINVAL,
                           "id, version and what a node sets itself are not written");
    json_t *read = json_loadb((const char *)json.data, json.size, 0, NULL);
    int failed = json_object_update(w->body, read);
    json_decref(read);
    return failed ? lia_why_set(&w->why, LIA_EFULL, "no memory") : LIA_OK;
}

/* Of a verb, whose request this program does not know: texts as they are. */
static lia_err put_texts(writing *w, const cells *c)
{
    for (size_t i = 0; i < c->count; i++)
        if (json_object_setn_new(w->body, (const char *)c->names[i].data, c->names[i].size,
                                 json_stringn((const char *)c->values[i].data, c->values[i].size)))
            return lia_why_set(&w->why, LIA_EINVAL, "%.*s: no text", (int)c->names[i].size,
                               (const char *)c->names[i].data);
    return LIA_OK;
}

static lia_err read_fields(writing *w, size_t from, bool of_kind)
{
    cells c = {.count = 0};
    lia_err err = LIA_OK;
    for (size_t i = from; i < w->args->operand_count && !err; i++)
        err = read_field(w, w->args->operands[i], &c);
    if (err || !c.count) return err;
    return of_kind ? put_cells(w, &c) : put_texts(w, &c);
}

/* ---- the request ----------------------------------------------------------------------------- */

static lia_err find_kind(writing *w)
{
    lia_span word = lia_span_text(w->args->operands[0]);
    w->kind = lia_kind_by_plural(word);
    if (!w->kind) w->kind = lia_kind_by_name(word);
    if (w->kind && !w->kind->secret) return LIA_OK;
    return lia_why_set(&w->why, LIA_EINVAL,
                       "'%s' is no kind of record; customer, task, deal ... are",
                       w->args->operands[0]);
}

static lia_err check_id(writing *w)
{
    lia_id id;
    if (!w->id || lia_id_parse(lia_span_text(w->id), &id) == LIA_OK) return LIA_OK;
    return lia_why_set(&w->why, LIA_EINVAL, "'%.60s' is no id of a record", w->id);
}

static lia_err begin(writing *w, const lia_args *args, const char *id)
{
    *w = (writing){.args = args, .id = id};
    w->body = json_object();
    lia_err err = w->body ? lia_arena_init(&w->scratch, SCRATCH_BYTES) : LIA_EFULL;
    if (!err) err = check_id(w);
    if (!err) err = lia_target_find(&w->target, args, &w->why);
    if (!err) err = lia_learn_kinds(&w->target, &w->why);
    if (!err) err = find_kind(w);
    return err ? err : lia_client_open(&w->client, &w->target, &w->why);
}

typedef enum method { MAKE, CHANGE, TAKE_AWAY } method;

/* `verb` NULL: none. */
static lia_err ask(writing *w, method how, const char *verb)
{
    char path[400];
    const lia_args *args = w->args;
    int used = snprintf(path, sizeof path, "/%s%s%s%s%s%s", w->kind->plural, w->id ? "/" : "",
                        w->id ? w->id : "", verb ? ":" : "", verb ? verb : "",
                        lia_args_has(args, "quiet") ? "?automation=false" : "");
    char *json = json_dumps(w->body, JSON_COMPACT);
    if (!json || used < 0 || (size_t)used >= sizeof path) {
        free(json);
        return lia_why_set(&w->why, LIA_EINVAL, "this is too long for a request");
    }
    lia_err err;
    if (how == MAKE)
        err = lia_client_post(&w->client, path, json, lia_args_text(args, "key"), &w->answer,
                              &w->why);
    else if (how == CHANGE)
        err = lia_client_patch(&w->client, path, json, lia_args_text(args, "version"), &w->answer,
                               &w->why);
    else
        err = lia_client_delete(&w->client, path, &w->answer, &w->why);
    free(json);
    return err;
}

static int end(writing *w, lia_err err)
{
    if (!err && w->answer.size) lia_out_json_text(w->answer.data, w->answer.size);
    lia_bytes_fini(&w->answer);
    if (w->client.curl) lia_client_close(&w->client);
    json_decref(w->body);
    lia_arena_fini(&w->scratch);
    lia_learn_forget();
    if (!err) return 0;
    lia_args_fail(w->args, "%s", w->why.text[0] ? w->why.text : lia_err_text(err));
    return err == LIA_EABSENT || err == LIA_EGONE || err == LIA_EREFUSED ? 1 : 2;
}

/* ---- the commands ---------------------------------------------------------------------------- */

static int create(const lia_args *args)
{
    writing w;
    lia_err err = begin(&w, args, NULL);
    if (!err) err = read_fields(&w, 1, true);
    return end(&w, err ? err : ask(&w, MAKE, NULL));
}

static int set(const lia_args *args)
{
    writing w;
    lia_err err = begin(&w, args, args->operands[1]);
    if (!err) err = read_fields(&w, 2, true);
    return end(&w, err ? err : ask(&w, CHANGE, NULL));
}

static int archive(const lia_args *args)
{
    writing w;
    bool restore = lia_args_has(args, "restore");
    lia_err err = begin(&w, args, args->operands[1]);
    return end(&w, err ? err : ask(&w, restore ? MAKE : TAKE_AWAY, restore ? "restore" : NULL));
}

static int run_verb(const lia_args *args)
{
    writing w;
    lia_err err = begin(&w, args, strcmp(args->operands[1], "-") ? args->operands[1] : NULL);
    if (!err) err = read_fields(&w, 3, false);
    return end(&w, err ? err : ask(&w, MAKE, args->operands[2]));
}

#define COMMON LIA_OPTION_NODE, LIA_OPTION_DIR, LIA_OPTION_BASE, LIA_OPTIONS_ENTRY
#define QUIET                                                                                      \
    {                                                                                              \
        .name = "quiet", .help = "no rule is set off by it"                                        \
    }
#define KEY                                                                                        \
    {                                                                                              \
        .name = "key", .value = "KEY", .help = "repeated with the same key it is done once"        \
    }

static const lia_option create_options[] = {KEY, QUIET, COMMON};
static const lia_option set_options[] = {
    {.name = "version",
     .value = "VERSION",
     .help = "refused when the record is of another version by then"},
    QUIET,
    COMMON};
static const lia_option archive_options[] = {
    {.name = "restore", .help = "brings it back"}, QUIET, COMMON};
static const lia_option do_options[] = {KEY, COMMON};

const lia_subcommand lia_create_command = {
    .name = "create",
    .purpose = "make a record",
    .operands = "KIND FIELD=VALUE ...",
    .details =
        "Values are written as in a CSV's cells: money as '11.77 USD', lists with ; between,\n"
        "emails.value for a part. FIELD:=JSON gives the value as JSON. Prints the record.",
    .example =
        "liaison create --node sales customer name='Mei Tan' emails=mei@example.com country=SG\n"
        "liaison create task title='Call back' customer=01a20124-38de-73eb-8460-2a24abc47511",
    .options = create_options,
    .option_count = LIA_COUNT(create_options),
    .operands_min = 2,
    .operands_max = LIA_ARGS_OPERANDS_MAX,
    .run = create,
};

const lia_subcommand lia_set_command = {
    .name = "set",
    .purpose = "change fields of a record",
    .operands = "KIND ID FIELD=VALUE ...",
    .details =
        "Values as for 'create'; FIELD= takes the value away. Exit status 1 when there is no\n"
        "such record, or it was changed meanwhile.",
    .example =
        "liaison set deal 01a20124-38de-73eb-8460-2a24abc47511 amount='1200 EUR' tags='hot;fair'",
    .options = set_options,
    .option_count = LIA_COUNT(set_options),
    .operands_min = 3,
    .operands_max = LIA_ARGS_OPERANDS_MAX,
    .run = set,
};

const lia_subcommand lia_archive_command = {
    .name = "archive",
    .purpose = "put a record away, or bring it back",
    .operands = "KIND ID",
    .example = "liaison archive task 01a20124-38de-73eb-8460-2a24abc47511",
    .options = archive_options,
    .option_count = LIA_COUNT(archive_options),
    .operands_min = 2,
    .operands_max = 2,
    .run = archive,
};

const lia_subcommand lia_do_command = {
    .name = "do",
    .purpose = "do with a record what its kind has a verb for",
    .operands = "KIND ID|- VERB [FIELD=VALUE ...]",
    .details =
        "The verbs stand in the API document behind ':'. A - where a verb is about no record.",
    .example =
        "liaison do --node sales deal 01a20124-38de-73eb-8460-2a24abc47511 lose reason=price\n"
        "liaison do notice - markAllRead",
    .options = do_options,
    .option_count = LIA_COUNT(do_options),
    .operands_min = 3,
    .operands_max = LIA_ARGS_OPERANDS_MAX,
    .run = run_verb,
};
