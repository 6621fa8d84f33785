/* SPDX-License-Identifier: Apache-2.0 */
/* duplicates - which customers might be the same, and what speaks for it. */
#include "common/base/id.h"
#include "tools/liaison/commands.h"
#include "tools/liaison/out.h"
#include "tools/liaison/talk.h"

#define LIMIT      20
#define WAIT_MS    5000
#define TIMEOUT_MS 60000

static lia_err make_path(const lia_args *args, char *path, size_t size, lia_why *why)
{
    lia_id id;
    const char *customer = lia_args_text(args, "customer");
    if (customer && lia_id_parse(lia_span_text(customer), &id))
        return lia_why_set(why, LIA_EINVAL, "--customer: '%s' is no id: a UUID is wanted",
                           customer);
    snprintf(path, size, "/duplicates?wait_ms=%d&page_size=%llu%s%s", WAIT_MS,
             (unsigned long long)lia_args_number(args, "limit", LIMIT),
             customer ? "&customer=" : "", customer ? customer : "");
    return LIA_OK;
}

static void add_side(lia_grid *grid, const json_t *side)
{
    lia_grid_add(grid, LIA_PLAIN, "%s", lia_json_text_in(side, "name"));
    lia_grid_add(grid, LIA_DIM, "%s", lia_json_text_in(side, "id"));
}

/* "same e-mail (18), same word (6), different phones (-1)" */
static void add_reasons(lia_grid *grid, const json_t *pair)
{
    char line[512] = "";
    size_t i, used = 0;
    json_t *reason;
    json_array_foreach(json_object_get(pair, "reasons"), i, reason)
    {
        int size = snprintf(line + used, sizeof line - used, "%s%s (%g)", i ? ", " : "",
                            lia_json_text_in(reason, "what"),
                            json_number_value(json_object_get(reason, "weight")));
        if (size < 0 || used + (size_t)size >= sizeof line) break;
        used += (size_t)size;
    }
    lia_grid_add(grid, LIA_PLAIN, "%s", line);
}

static void print_pairs(const json_t *answer)
{
    lia_grid grid;
    size_t i;
    json_t *pair;
    json_t *pairs = json_object_get(answer, "duplicates");
    lia_grid_init(&grid, 7);
    grid.to_right[0] = true;
    static const char *const heading[] = {"score", "why", "one", "", "other", "", "reasons"};
    for (i = 0; i < LIA_COUNT(heading); i++) lia_grid_add(&grid, LIA_BOLD, "%s", heading[i]);
    json_array_foreach(pairs, i, pair)
    {
        lia_grid_add(&grid, LIA_PLAIN, "%.1f", json_number_value(json_object_get(pair, "score")));
        lia_grid_add(&grid, LIA_PLAIN, "%s", lia_json_text_in(pair, "why"));
        add_side(&grid, json_object_get(pair, "a"));
        add_side(&grid, json_object_get(pair, "b"));
        add_reasons(&grid, pair);
    }
    lia_grid_print(&grid);
    lia_grid_fini(&grid);
    if (json_object_get(answer, "next_page_token")) printf("There are more.\n");
}

static int run(const lia_args *args)
{
    char path[160];
    lia_talk talk;
    json_t *answer = NULL;
    lia_err err = lia_talk_begin(&talk, args);
    if (!err) err = make_path(args, path, sizeof path, &talk.why);
    if (!err) answer = lia_client_json(&talk.client, path, TIMEOUT_MS, &talk.why);
    if (answer) lia_talk_tell(&talk, answer, print_pairs);
    json_decref(answer);
    return lia_talk_end(&talk, answer ? LIA_OK : LIA_EIO);
}

static const lia_option options[] = {
    LIA_OPTION_NODE,
    LIA_OPTION_DIR,
    LIA_OPTION_BASE,
    LIA_OPTIONS_ENTRY,
    LIA_OPTION_JSON,
    {.name = "customer", .value = "ID", .help = "only pairs with this customer"},
    {.name = "limit",
     .value = "N",
     .help = "at most so many pairs (20)",
     .is_number = true,
     .min = 1,
     .max = 1000},
};

const lia_subcommand lia_duplicates = {
    .name = "duplicates",
    .purpose = "which customers might be the same, and why",
    .details = "The likeliest pairs first, with what the score is made of. To decide, POST\n"
               "{\"other\": ID} to /api/v1/customers/ID:link, or :notSame.",
    .example = "liaison duplicates --node sales --limit 50",
    .options = options,
    .option_count = LIA_COUNT(options),
    .run = run,
};
