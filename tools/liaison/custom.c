/* SPDX-License-Identifier: Apache-2.0 */
/* field, kind - what administrators add while the cluster runs: fields of kinds, and kinds. */
#include <stdlib.h>

#include "common/base/id.h"
#include "tools/liaison/commands.h"
#include "tools/liaison/out.h"
#include "tools/liaison/talk.h"

#define TIMEOUT_MS 60000
#define PAGE_SIZE  1000

/* ---- list ------------------------------------------------------------------------------------ */

/* "indexed searchable archived" */
static void add_marks(lia_grid *grid, const json_t *record)
{
    static const char *const marks[] = {"required", "searchable", "indexed", "personal",
                                        "archived"};
    char line[80] = "";
    for (size_t i = 0; i < LIA_COUNT(marks); i++) {
        if (!json_is_true(json_object_get(record, marks[i]))) continue;
        if (*line) strcat(line, " ");
        strcat(line, marks[i]);
    }
    lia_grid_add(grid, LIA_DIM, "%s", line);
}

static void print_list(const json_t *list, const char *const *columns, size_t count)
{
    lia_grid grid;
    size_t i;
    json_t *record;
    lia_grid_init(&grid, count + 2);
    for (size_t c = 0; c < count; c++) lia_grid_add(&grid, LIA_BOLD, "%s", columns[c]);
    lia_grid_add(&grid, LIA_BOLD, "id");
    lia_grid_add(&grid, LIA_BOLD, "%s", "");
    json_array_foreach(list, i, record)
    {
        for (size_t c = 0; c < count; c++)
            lia_grid_add(&grid, LIA_PLAIN, "%s", lia_json_text_in(record, columns[c]));
        lia_grid_add(&grid, LIA_DIM, "%s", lia_json_text_in(record, "id"));
        add_marks(&grid, record);
    }
    lia_grid_print(&grid);
    lia_grid_fini(&grid);
}

/* NULL with a sentence. */
static json_t *fetch(lia_talk *talk, const char *plural, bool archived)
{
    char path[200];
    snprintf(path, sizeof path, "/%s?show_archived=%s", plural, archived ? "true" : "false");
    return lia_talk_pages(talk, path, plural, PAGE_SIZE, SIZE_MAX, TIMEOUT_MS, NULL);
}

static int list(const lia_args *args, const char *plural, const char *const *columns, size_t count)
{
    lia_talk talk;
    lia_err err = lia_talk_begin(&talk, args);
    json_t *all = err ? NULL : fetch(&talk, plural, lia_args_has(args, "archived"));
    if (!err && !all) err = LIA_EIO;
    if (all && lia_out_is_json(args))
        lia_out_json(all);
    else if (all)
        print_list(all, columns, count);
    json_decref(all);
    return lia_talk_end(&talk, err);
}

static int list_fields(const lia_args *args)
{
    static const char *const columns[] = {"of", "name", "type", "label"};
    return list(args, "custom_fields", columns, LIA_COUNT(columns));
}

static int list_kinds(const lia_args *args)
{
    static const char *const columns[] = {"name", "plural", "label"};
    return list(args, "custom_kinds", columns, LIA_COUNT(columns));
}

/* ---- add ------------------------------------------------------------------------------------- */

static void put_text(json_t *record, const lia_args *args, const char *option, const char *member,
                     const char *otherwise)
{
    const char *text = lia_args_text(args, option);
    if (!text) text = otherwise;
    if (text) json_object_set_new(record, member, json_string(text));
}

static void put_flag(json_t *record, const lia_args *args, const char *option, const char *member)
{
    if (lia_args_has(args, option)) json_object_set_new(record, member, json_true());
}

/* "red" or "red=Red wine", in the order given. */
static void put_options(json_t *record, const lia_args *args)
{
    json_t *options = json_array();
    for (size_t i = 0; i < lia_args_count(args, "option"); i++) {
        const char *text = lia_args_nth(args, "option", i), *label = strchr(text, '=');
        json_t *option = json_object();
        json_object_set_new(option, "name",
                            json_stringn(text, label ? (size_t)(label - text) : strlen(text)));
        if (label) json_object_set_new(option, "label", json_string(label + 1));
        json_object_set_new(option, "position", json_integer((json_int_t)i));
        json_array_append_new(options, option);
    }
    if (json_array_size(options)) json_object_set(record, "options", options);
    json_decref(options);
}

static int add(const lia_args *args, const char *path, json_t *record)
{
    lia_talk talk;
    lia_err err = lia_talk_begin(&talk, args);
    char *text = json_dumps(record, JSON_COMPACT);
    json_decref(record);
    if (!err)
        err = text ? lia_client_post(&talk.client, path, text, NULL, &talk.body, &talk.why)
                   : lia_why_set(&talk.why, LIA_EINVAL, "what is given is not UTF-8");
    free(text);
    if (!err) lia_talk_tell_body(&talk);
    return lia_talk_end(&talk, err);
}

static int add_field(const lia_args *args)
{
    json_t *record = json_object();
    const char *type = lia_args_text(args, "type");
    json_object_set_new(record, "of", json_string(args->operands[0]));
    json_object_set_new(record, "name", json_string(args->operands[1]));
    json_object_set_new(record, "type", json_string(type ? type : "text"));
    put_text(record, args, "label", "label", args->operands[1]);
    put_text(record, args, "hint", "help", NULL);
    put_text(record, args, "reference", "reference", NULL);
    if (lia_args_has(args, "scale"))
        json_object_set_new(record, "scale",
                            json_integer((json_int_t)lia_args_number(args, "scale", 0)));
    put_flag(record, args, "required", "required");
    put_flag(record, args, "personal", "personal");
    put_flag(record, args, "searchable", "searchable");
    put_flag(record, args, "indexed", "indexed");
    put_flag(record, args, "unique", "unique");
    put_text(record, args, "default", "preset", NULL);
    if (lia_args_has(args, "position"))
        json_object_set_new(record, "position",
                            json_integer((json_int_t)lia_args_number(args, "position", 0)));
    put_options(record, args);
    return add(args, "/custom_fields", record);
}

static int add_kind(const lia_args *args)
{
    json_t *record = json_object();
    json_object_set_new(record, "name", json_string(args->operands[0]));
    json_object_set_new(record, "plural", json_string(args->operands[1]));
    put_text(record, args, "label", "label", args->operands[0]);
    put_text(record, args, "hint", "help", NULL);
    put_flag(record, args, "without-customer", "without_customer");
    return add(args, "/custom_kinds", record);
}

/* ---- archive --------------------------------------------------------------------------------- */

static bool is_meant(const json_t *record, const lia_args *args)
{
    const char *last = args->operands[args->operand_count - 1];
    bool of = args->operand_count < 2 || !strcmp(lia_json_text_in(record, "of"), args->operands[0]);
    return of && !strcmp(lia_json_text_in(record, "name"), last);
}

/* The one of that name. Two nodes that were apart may have made two: then its id must be given. */
static lia_err find(lia_talk *talk, const lia_args *args, const char *plural,
                    char id[LIA_ID_TEXT_SIZE])
{
    size_t i, found = 0;
    json_t *record, *all = fetch(talk, plural, false);
    if (!all) return LIA_EIO;
    json_array_foreach(all, i, record)
    {
        if (!is_meant(record, args)) continue;
        snprintf(id, LIA_ID_TEXT_SIZE, "%s", lia_json_text_in(record, "id"));
        found++;
    }
    json_decref(all);
    if (found == 1) return LIA_OK;
    return found ? lia_why_set(&talk->why, LIA_EINVAL,
                               "%zu have that name: archive one by its id, see "
                               "the list",
                               found)
                 : lia_why_set(&talk->why, LIA_EABSENT, "there is none of that name");
}

static int archive(const lia_args *args, const char *plural)
{
    lia_talk talk;
    lia_id parsed;
    char id[LIA_ID_TEXT_SIZE], path[100];
    const char *given = args->operands[0];
    lia_err err = lia_talk_begin(&talk, args);
    bool is_id = args->operand_count == 1 && !lia_id_parse(lia_span_text(given), &parsed);
    if (is_id) snprintf(id, sizeof id, "%s", given);
    if (!err && !is_id) err = find(&talk, args, plural, id);
    if (!err) {
        snprintf(path, sizeof path, "/%s/%s", plural, id);
        err = lia_client_delete(&talk.client, path, &talk.body, &talk.why);
    }
    if (!err) lia_talk_tell_body(&talk);
    return lia_talk_end(&talk, err);
}

static int archive_field(const lia_args *args)
{
    return archive(args, "custom_fields");
}

static int archive_kind(const lia_args *args)
{
    return archive(args, "custom_kinds");
}

/* ---- tables ---------------------------------------------------------------------------------- */

#define WHERE LIA_OPTION_NODE, LIA_OPTION_DIR, LIA_OPTION_BASE, LIA_OPTIONS_ENTRY

static const lia_option list_options[] = {
    {.name = "archived", .help = "archived ones, too"}, LIA_OPTION_JSON, WHERE};

static const lia_option archive_options[] = {WHERE};

static const lia_option field_options[] = {
    {.name = "type",
     .value = "TYPE",
     .help = "text (default), long_text, number, money, date, date_time, yes_no, choice,\n"
             "multi_choice, reference, email, phone, url, decimal"},
    {.name = "scale",
     .value = "N",
     .help = "digits behind the point of a decimal (0)",
     .is_number = true,
     .min = 0,
     .max = 9},
    {.name = "label", .value = "TEXT", .help = "what people read (default: the name)"},
    {.name = "hint", .value = "TEXT", .help = "a sentence beside the field"},
    {.name = "option",
     .value = "NAME[=LABEL]",
     .many = true,
     .help = "a value of a choice, in this order"},
    {.name = "reference", .value = "KIND", .help = "what a reference names, such as customer"},
    {.name = "position",
     .value = "N",
     .help = "its place among the custom fields",
     .is_number = true,
     .max = 1000000},
    {.name = "required", .help = "a new record needs it"},
    {.name = "personal", .help = "it is about a person"},
    {.name = "searchable", .help = "the search finds records by it"},
    {.name = "indexed", .help = "lists that compare it are quick, and can be in its order"},
    {.name = "unique", .help = "no two records have the same; with --indexed"},
    {.name = "default", .value = "VALUE", .help = "what a record holds that is made without it"},
    WHERE};

static const lia_option kind_options[] = {
    {.name = "label", .value = "TEXT", .help = "what people read (default: the name)"},
    {.name = "hint", .value = "TEXT", .help = "a sentence about it"},
    {.name = "without-customer", .help = "its records belong to no customer"},
    WHERE};

const lia_subcommand lia_field_list = {
    .name = "field list",
    .purpose = "the fields that were added to kinds",
    .example = "liaison field list --node sales",
    .options = list_options,
    .option_count = LIA_COUNT(list_options),
    .run = list_fields,
};

const lia_subcommand lia_field_add = {
    .name = "field add",
    .purpose = "add a field to a kind, at every node and while they run",
    .operands = "KIND NAME",
    .details = "Name and type stay as they are; all else can be changed later. For administrators.",
    .example =
        "liaison field add deal discount --type decimal --scale 2\n"
        "liaison field add customer shoe_size --type number --label 'Shoe size'\n"
        "liaison field add deal rank --type choice --option low=Low --option high=High --indexed",
    .options = field_options,
    .option_count = LIA_COUNT(field_options),
    .operands_min = 2,
    .operands_max = 2,
    .run = add_field,
};

const lia_subcommand lia_field_archive = {
    .name = "field archive",
    .purpose = "hide a field that was added; what it holds is kept",
    .operands = "ID | KIND NAME",
    .example = "liaison field archive customer shoe_size",
    .options = archive_options,
    .option_count = LIA_COUNT(archive_options),
    .operands_min = 1,
    .operands_max = 2,
    .run = archive_field,
};

const lia_subcommand lia_kind_list = {
    .name = "kind list",
    .purpose = "the kinds of record that were added",
    .example = "liaison kind list --node sales",
    .options = list_options,
    .option_count = LIA_COUNT(list_options),
    .run = list_kinds,
};

const lia_subcommand lia_kind_add = {
    .name = "kind add",
    .purpose = "add a kind of record, at every node and while they run",
    .operands = "NAME PLURAL",
    .details =
        "The plural is its path in the API. Its records have a name, a customer and an owner;\n"
        "'field add' gives them more. For administrators.",
    .example = "liaison kind add project projects --label Project",
    .options = kind_options,
    .option_count = LIA_COUNT(kind_options),
    .operands_min = 2,
    .operands_max = 2,
    .run = add_kind,
};

const lia_subcommand lia_kind_archive = {
    .name = "kind archive",
    .purpose = "hide a kind that was added; its records are kept",
    .operands = "ID | NAME",
    .example = "liaison kind archive project",
    .options = archive_options,
    .option_count = LIA_COUNT(archive_options),
    .operands_min = 1,
    .operands_max = 1,
    .run = archive_kind,
};
