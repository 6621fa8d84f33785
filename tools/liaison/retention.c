/* SPDX-License-Identifier: Apache-2.0 */
/* retention - rules by which old interactions go: which there are and how far every node is, what
 * one would take, and taking it. */
#include "common/base/id.h"
#include "tools/liaison/commands.h"
#include "tools/liaison/out.h"
#include "tools/liaison/talk.h"

#define TIMEOUT_MS 120000
#define PATH_SIZE  100

static long long number_of(const json_t *object, const char *name)
{
    return (long long)json_integer_value(json_object_get(object, name));
}

static void add_headings(lia_grid *grid, const char *const *headings, size_t count)
{
    for (size_t i = 0; i < count; i++) lia_grid_add(grid, LIA_BOLD, "%s", headings[i]);
}

/* ---- what is printed ------------------------------------------------------------------------- */

static void print_rules(const json_t *answer)
{
    static const char *const headings[] = {"rule", "name", "days",    "each day",
                                           "node", "done", "blanked", "overwritten"};
    lia_grid grid;
    size_t i, k;
    json_t *rule, *node;
    lia_grid_init(&grid, LIA_COUNT(headings));
    grid.to_right[2] = grid.to_right[6] = grid.to_right[7] = true;
    add_headings(&grid, headings, LIA_COUNT(headings));
    json_array_foreach(json_object_get(answer, "retention_rules"), i, rule)
    {
        lia_grid_add(&grid, LIA_DIM, "%s", lia_json_text_in(rule, "id"));
        lia_grid_add(&grid, LIA_PLAIN, "%s", lia_json_text_in(rule, "name"));
        lia_grid_add(&grid, LIA_PLAIN, "%lld", number_of(rule, "older_than_days"));
        lia_grid_add(&grid, LIA_PLAIN, "%s",
                     json_is_true(json_object_get(rule, "enabled")) ? "yes" : "no");
        const json_t *nodes = json_object_get(rule, "nodes");
        for (int empty = 0; !json_array_size(nodes) && empty < 4; empty++)
            lia_grid_add(&grid, LIA_PLAIN, "%s", "");
        json_array_foreach(nodes, k, node)
        {
            for (int empty = 0; k && empty < 4; empty++) lia_grid_add(&grid, LIA_PLAIN, "%s", "");
            lia_grid_add(&grid, LIA_PLAIN, "%s", lia_json_text_in(node, "node"));
            lia_grid_add(&grid, LIA_PLAIN, "%s", lia_json_text_in(node, "done_at"));
            lia_grid_add(&grid, LIA_PLAIN, "%lld", number_of(node, "blanked_ever"));
            lia_grid_add(&grid, LIA_PLAIN, "%lld", number_of(node, "wiped"));
        }
    }
    lia_grid_print(&grid);
    lia_grid_fini(&grid);
}

static void add_sum(lia_grid *grid, const char *name, const json_t *sum)
{
    lia_grid_add(grid, LIA_PLAIN, "%s", name);
    lia_grid_add(grid, LIA_PLAIN, "%lld", number_of(sum, "count"));
    lia_grid_add(grid, LIA_PLAIN, "%lld", number_of(sum, "bytes"));
    lia_grid_add(grid, LIA_PLAIN, "%s", lia_json_text_in(sum, "oldest"));
    lia_grid_add(grid, LIA_PLAIN, "%s", lia_json_text_in(sum, "newest"));
}

static void print_preview(const json_t *answer)
{
    static const char *const headings[] = {"type", "count", "bytes", "oldest", "newest"};
    lia_grid grid;
    size_t i;
    json_t *type;
    lia_grid_init(&grid, LIA_COUNT(headings));
    grid.to_right[1] = grid.to_right[2] = true;
    add_headings(&grid, headings, LIA_COUNT(headings));
    json_array_foreach(json_object_get(answer, "types"), i, type)
        add_sum(&grid, lia_json_text_in(type, "type"), type);
    add_sum(&grid, "all", answer);
    lia_grid_print(&grid);
    lia_grid_fini(&grid);
    if (!json_is_true(json_object_get(answer, "complete")))
        printf("There are more: the node has looked at a million, up to %s.\n",
               lia_json_text_in(answer, "next"));
}

/* ---- the commands ---------------------------------------------------------------------------- */

static int ask(const lia_args *args, const char *path, void (*print)(const json_t *answer))
{
    lia_talk talk;
    json_t *answer = NULL;
    lia_err err = lia_talk_begin(&talk, args);
    if (!err) answer = lia_client_json(&talk.client, path, TIMEOUT_MS, &talk.why);
    if (answer) lia_talk_tell(&talk, answer, print);
    json_decref(answer);
    return lia_talk_end(&talk, answer ? LIA_OK : LIA_EIO);
}

static int run_list(const lia_args *args)
{
    return ask(args, "/retention_rules?page_size=100", print_rules);
}

/* Of the rule that is named; LIA_EINVAL, with a sentence on stderr: it is named by no id. */
static lia_err make_path(const lia_args *args, const char *verb, char path[PATH_SIZE])
{
    lia_id id;
    if (lia_id_parse(lia_span_text(args->operands[0]), &id)) {
        lia_args_fail(args, "'%s' is no id: 'liaison retention list' shows them",
                      args->operands[0]);
        return LIA_EINVAL;
    }
    snprintf(path, PATH_SIZE, "/retention_rules/%s:%s", args->operands[0], verb);
    return LIA_OK;
}

static int run_try(const lia_args *args)
{
    char path[PATH_SIZE];
    return make_path(args, "preview", path) ? 2 : ask(args, path, print_preview);
}

static int run_apply(const lia_args *args)
{
    char path[PATH_SIZE];
    lia_talk talk;
    if (make_path(args, "apply", path)) return 2;
    lia_err err = lia_talk_begin(&talk, args);
    if (!err) err = lia_client_post(&talk.client, path, "{}", NULL, &talk.body, &talk.why);
    return lia_talk_end(&talk, err ? LIA_EIO : LIA_OK);
}

static const lia_option options[] = {LIA_OPTION_NODE, LIA_OPTION_DIR, LIA_OPTION_BASE,
                                     LIA_OPTIONS_ENTRY, LIA_OPTION_JSON};

const lia_subcommand lia_retention_list = {
    .name = "retention list",
    .purpose = "rules by which old interactions go, and how far each node is",
    .details = "When each node has overwritten as many as all have blanked, nothing is left.",
    .example = "liaison retention list --node sales",
    .options = options,
    .option_count = LIA_COUNT(options),
    .run = run_list,
};

const lia_subcommand lia_retention_try = {
    .name = "retention try",
    .purpose = "what a rule would take; nothing is changed",
    .operands = "RULE",
    .example = "liaison retention try 0191e2b4-... --node sales",
    .options = options,
    .option_count = LIA_COUNT(options),
    .operands_min = 1,
    .operands_max = 1,
    .run = run_try,
};

const lia_subcommand lia_retention_apply = {
    .name = "retention apply",
    .purpose = "take it, at every department and for good",
    .operands = "RULE",
    .details = "'liaison retention try' says before what that is, 'list' how far it is.",
    .example = "liaison retention apply 0191e2b4-... --node sales",
    .options = options,
    .option_count = LIA_COUNT(options),
    .operands_min = 1,
    .operands_max = 1,
    .run = run_apply,
};
