/* SPDX-License-Identifier: Apache-2.0 */
/* changes - who changed what: "what did this person do last week?" */
#include "common/base/id.h"
#include "common/base/time.h"
#include "tools/liaison/commands.h"
#include "tools/liaison/out.h"
#include "tools/liaison/talk.h"

#include <stdlib.h>

#define LIMIT      100
#define PAGE_SIZE  200
#define TIMEOUT_MS 60000
#define PATH_SIZE  2048

/* ---- the question ---------------------------------------------------------------------------- */

typedef struct asking {
    lia_talk *talk;
    char path[PATH_SIZE];
    size_t size;
} asking;

/* False, with a sentence, when it does not fit or there is no memory. */
static bool add(asking *ask, const char *name, const char *value)
{
    char *escaped = lia_client_escape(&ask->talk->client, value);
    int size = escaped ? snprintf(ask->path + ask->size, PATH_SIZE - ask->size, "%s%s=%s",
                                  strchr(ask->path, '?') ? "&" : "?", name, escaped)
                       : -1;
    curl_free(escaped);
    bool ok = size > 0 && ask->size + (size_t)size < PATH_SIZE;
    if (ok) ask->size += (size_t)size;
    if (!ok) lia_why_set(&ask->talk->why, LIA_EINVAL, "--%s: that is too long", name);
    return ok;
}

/* The id of the user who signs in with an e-mail. NULL with a sentence: there is none. The caller
 * frees. */
static char *find_user(asking *ask, const char *email)
{
    char path[512], *id = NULL;
    char *filter = lia_client_escape(&ask->talk->client, email);
    snprintf(path, sizeof path, "/users?page_size=1&filter=email%%20%%3D%%20%%22%.300s%%22",
             filter ? filter : "");
    curl_free(filter);
    json_t *answer = lia_client_json(&ask->talk->client, path, TIMEOUT_MS, &ask->talk->why);
    const json_t *user = json_array_get(json_object_get(answer, "users"), 0);
    if (user) id = strdup(lia_json_text_in(user, "id"));
    if (answer && !id) lia_why_set(&ask->talk->why, LIA_EABSENT, "--by: nobody has that e-mail");
    json_decref(answer);
    return id;
}

static bool add_actor(asking *ask)
{
    const char *by = lia_args_text(ask->talk->args, "by");
    if (!by) return true;
    char *id = strchr(by, '@') ? find_user(ask, by) : strdup(by);
    bool ok = id && add(ask, "actor", id);
    free(id);
    return ok;
}

/* An instant, a date, or how long ago: 7d, 12h. */
static bool add_time(asking *ask, const char *name)
{
    char text[LIA_TIME_TEXT_SIZE], *end;
    const char *value = lia_args_text(ask->talk->args, name);
    if (!value) return true;
    long long ago = strtoll(value, &end, 10);
    int64_t unit = *end == 'd'   ? 24 * 60 * LIA_MINUTE_MS
                   : *end == 'h' ? 60 * LIA_MINUTE_MS
                   : *end == 'm' ? LIA_MINUTE_MS
                                 : 0;
    if (end == value || !unit || end[1] || ago < 0 || ago > 100000) return add(ask, name, value);
    lia_time_print((lia_time){lia_time_now().ms - ago * unit}, text);
    return add(ask, name, text);
}

static bool make_path(asking *ask)
{
    static const char *const plain[] = {"kind", "record", "run"};
    bool reads = lia_args_has(ask->talk->args, "reads");
    ask->size = (size_t)snprintf(ask->path, PATH_SIZE, reads ? "/audit" : "/changes");
    bool ok = add_actor(ask) && add_time(ask, "since") && add_time(ask, "until");
    for (size_t i = 0; ok && i < LIA_COUNT(plain); i++) {
        const char *value = lia_args_text(ask->talk->args, plain[i]);
        if (value) ok = add(ask, plain[i], value);
    }
    return ok;
}

/* ---- the answer ------------------------------------------------------------------------------ */

/* A value as one reads it: text without quotes, the rest as JSON. */
static void print_value(char *out, size_t size, const json_t *value)
{
    char *text = json_is_string(value) ? NULL : json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
    if (!value || json_is_null(value))
        snprintf(out, size, "-");
    else
        snprintf(out, size, "%.60s", text ? text : json_string_value(value));
    free(text);
}

static void add_change(lia_grid *grid, const json_t *change, const json_t *field)
{
    char from[64], to[64];
    const json_t *by = json_object_get(change, "by"), *record = json_object_get(change, "record");
    const json_t *run = json_object_get(change, "run");
    const char *name = lia_json_text_in(by, "name"), *title = lia_json_text_in(record, "title");
    lia_grid_add(grid, LIA_DIM, "%s", lia_json_text_in(change, "at"));
    if (*name)
        lia_grid_add(grid, LIA_BOLD, "%s", name);
    else
        lia_grid_add(grid, LIA_BOLD, "%lld", (long long)lia_json_int_in(by, "actor"));
    lia_grid_add(grid, LIA_PLAIN, "%s", lia_json_text_in(change, "label"));
    lia_grid_add(grid, LIA_PLAIN, "%s", lia_json_text_in(change, "kind"));
    if (run) {
        int64_t count = lia_json_int_in(run, "count");
        lia_grid_add(grid, LIA_PLAIN, "%s%s records at once",
                     count ? lia_out_count((uint64_t)count) : "many",
                     json_is_true(json_object_get(run, "more")) ? " and more" : "");
        lia_grid_add(grid, LIA_DIM, "--run %s", lia_json_text_in(run, "position"));
        lia_grid_add(grid, LIA_PLAIN, "%s", "");
        return;
    }
    lia_grid_add(grid, LIA_PLAIN, "%.40s", *title ? title : lia_json_text_in(record, "id"));
    lia_grid_add(grid, LIA_DIM, "%s", lia_json_text_in(record, "id"));
    print_value(from, sizeof from, json_object_get(field, "from"));
    print_value(to, sizeof to, json_object_get(field, "to"));
    lia_grid_add(grid, LIA_PLAIN, "%s: %s -> %s", lia_json_text_in(field, "field"),
                 json_is_true(json_object_get(field, "from_left")) ? "?" : from, to);
}

static void print_changes(const json_t *lines)
{
    static const char *const heading[] = {"when", "who", "what", "kind", "record", "id", "field"};
    lia_grid grid;
    size_t i, at;
    json_t *line, *field;
    lia_grid_init(&grid, LIA_COUNT(heading));
    for (i = 0; i < LIA_COUNT(heading); i++) lia_grid_add(&grid, LIA_BOLD, "%s", heading[i]);
    json_array_foreach(lines, i, line)
    {
        if (json_object_get(line, "run")) add_change(&grid, line, NULL);
        json_array_foreach(json_object_get(line, "fields"), at, field)
            add_change(&grid, line, field);
    }
    lia_grid_print(&grid);
    lia_grid_fini(&grid);
}

static void print_reads(const json_t *lines)
{
    static const char *const heading[] = {"when",   "who",     "what", "kind",
                                          "record", "records", "from"};
    lia_grid grid;
    size_t i;
    json_t *line;
    lia_grid_init(&grid, LIA_COUNT(heading));
    grid.to_right[5] = true;
    for (i = 0; i < LIA_COUNT(heading); i++) lia_grid_add(&grid, LIA_BOLD, "%s", heading[i]);
    json_array_foreach(lines, i, line)
    {
        static const char *const texts[] = {"at", "actor", "action", "kind", "record"};
        for (size_t t = 0; t < LIA_COUNT(texts); t++)
            lia_grid_add(&grid, t == 1 ? LIA_BOLD : LIA_PLAIN, "%s",
                         lia_json_text_in(line, texts[t]));
        lia_grid_add(&grid, LIA_PLAIN, "%s",
                     lia_out_count((uint64_t)lia_json_int_in(line, "count")));
        lia_grid_add(&grid, LIA_DIM, "%s", lia_json_text_in(line, "address"));
    }
    lia_grid_print(&grid);
    lia_grid_fini(&grid);
}

static int run(const lia_args *args)
{
    lia_talk talk;
    bool more = false, reads = lia_args_has(args, "reads");
    asking ask = {.talk = &talk};
    json_t *lines = NULL;
    lia_err err = lia_talk_begin(&talk, args);
    if (!err && make_path(&ask))
        lines = lia_talk_pages(&talk, ask.path, reads ? "audit" : "changes", PAGE_SIZE,
                               lia_args_number(args, "limit", LIMIT), TIMEOUT_MS, &more);
    size_t found = json_array_size(lines);
    if (lines) lia_talk_tell(&talk, lines, reads ? print_reads : print_changes);
    if (more && !lia_out_is_json(args)) printf("There are more: --limit N.\n");
    json_decref(lines);
    int status = lia_talk_end(&talk, lines ? LIA_OK : LIA_EIO);
    return lines && !found ? 1 : status;
}

static const lia_option options[] = {
    LIA_OPTION_NODE,
    LIA_OPTION_DIR,
    LIA_OPTION_BASE,
    LIA_OPTIONS_ENTRY,
    LIA_OPTION_JSON,
    {.name = "by",
     .value = "WHO",
     .help = "a user's e-mail, the id of a user, rule or flow, or its number"},
    {.name = "kind", .value = "KIND", .help = "only records of this kind: customers, deals ..."},
    {.name = "record", .value = "ID", .help = "only this record; with --kind"},
    {.name = "run", .value = "POSITION", .help = "the lines of an import or a batch"},
    {.name = "since", .value = "WHEN", .help = "an instant, a date, or how long ago: 7d, 12h, 30m"},
    {.name = "until", .value = "WHEN", .help = "the same; what was at that moment is out"},
    {.name = "reads", .help = "who looked at what instead, at this node (for administrators)"},
    {.name = "limit",
     .value = "N",
     .help = "at most so many lines (100)",
     .is_number = true,
     .min = 1,
     .max = 100000},
};

const lia_subcommand lia_changes_command = {
    .name = "changes",
    .purpose = "who changed what, newest first",
    .details =
        "What users, rules and flows have written, at whichever node, as far as you may read it:\n"
        "each field's old and new value. An import or a batch is one line; --run lists it.\n"
        "Exit status 1 when there was nothing.",
    .example = "liaison changes --node sales --by ana@example.com --since 7d\n"
               "liaison changes --node sales --kind deals --since 2026-11-01 --until 2026-12-01\n"
               "liaison changes --node service --reads --since 24h",
    .options = options,
    .option_count = LIA_COUNT(options),
    .run = run,
};
