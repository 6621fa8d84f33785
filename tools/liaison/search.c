/* SPDX-License-Identifier: Apache-2.0 */
/* search - records by what they say. */
#include "tools/liaison/commands.h"
#include "tools/liaison/out.h"
#include "tools/liaison/talk.h"

#define LIMIT      20
#define TEXT_MAX   256
#define TIMEOUT_MS 30000

/* All bytes of the words are escaped. */
static lia_err make_path(const lia_args *args, char *path, size_t size, lia_why *why)
{
    const char *kind = lia_args_text(args, "kind");
    size_t used = (size_t)snprintf(path, size, "/search?limit=%llu&q=",
                                   (unsigned long long)lia_args_number(args, "limit", LIMIT));
    for (size_t i = 0; i < args->operand_count; i++) {
        for (const char *at = args->operands[i]; *at; at++) {
            if (used + 64 > size)
                return lia_why_set(why, LIA_EINVAL, "at most %d bytes can be looked for", TEXT_MAX);
            used += (size_t)snprintf(path + used, size - used, "%%%02x", (uint8_t)*at);
        }
        if (i + 1 < args->operand_count) path[used++] = '+';
    }
    path[used] = 0;
    for (const char *at = kind; kind && *at; at++)
        if ((*at < 'a' || *at > 'z') && *at != '_')
            return lia_why_set(why, LIA_EINVAL, "--kind: '%.40s' is no kind", kind);
    if (kind) snprintf(path + used, size - used, "&kind=%.40s", kind);
    return LIA_OK;
}

/* Why it was found: "anna: name", "schmitd: name (typo)" */
static void add_reasons(lia_grid *grid, const json_t *result)
{
    char line[256] = "";
    size_t i, used = 0;
    json_t *reason;
    json_array_foreach(json_object_get(result, "reasons"), i, reason)
    {
        const char *match = lia_json_text_in(reason, "match");
        bool exact = strcmp(match, "exact") == 0;
        int size = snprintf(line + used, sizeof line - used, "%s%s: %s%s%s%s", i ? ", " : "",
                            lia_json_text_in(reason, "word"), lia_json_text_in(reason, "field"),
                            exact ? "" : " (", exact ? "" : match, exact ? "" : ")");
        if (size < 0 || used + (size_t)size >= sizeof line) break;
        used += (size_t)size;
    }
    lia_grid_add(grid, LIA_DIM, "%s", line);
}

static void print_results(const json_t *answer)
{
    lia_grid grid;
    size_t i;
    json_t *result;
    static const char *const heading[] = {"kind", "title", "text", "id", "found by"};
    lia_grid_init(&grid, LIA_COUNT(heading));
    for (i = 0; i < LIA_COUNT(heading); i++) lia_grid_add(&grid, LIA_BOLD, "%s", heading[i]);
    json_array_foreach(json_object_get(answer, "results"), i, result)
    {
        lia_grid_add(&grid, LIA_PLAIN, "%s", lia_json_text_in(result, "kind"));
        lia_grid_add(&grid, LIA_BOLD, "%s",
                     lia_json_text_in(json_object_get(result, "title"), "text"));
        lia_grid_add(&grid, LIA_PLAIN, "%.60s",
                     lia_json_text_in(json_object_get(result, "snippet"), "text"));
        lia_grid_add(&grid, LIA_DIM, "%s", lia_json_text_in(result, "id"));
        add_reasons(&grid, result);
    }
    lia_grid_print(&grid);
    lia_grid_fini(&grid);
    const json_t *lag = json_object_get(answer, "lag");
    if (json_is_true(json_object_get(lag, "building")))
        printf("The index is being built: there may be more.\n");
    else if (lia_json_int_in(lag, "events"))
        printf("%s events are not in the index yet.\n",
               lia_out_count((uint64_t)lia_json_int_in(lag, "events")));
}

static int run(const lia_args *args)
{
    char path[3 * TEXT_MAX + 256];
    lia_talk talk;
    json_t *answer = NULL;
    lia_err err = lia_talk_begin(&talk, args);
    if (!err) err = make_path(args, path, sizeof path, &talk.why);
    if (!err) answer = lia_client_json(&talk.client, path, TIMEOUT_MS, &talk.why);
    size_t found = json_array_size(json_object_get(answer, "results"));
    if (answer) lia_talk_tell(&talk, answer, print_results);
    json_decref(answer);
    int status = lia_talk_end(&talk, answer ? LIA_OK : LIA_EIO);
    return answer && !found ? 1 : status;
}

static const lia_option options[] = {
    LIA_OPTION_NODE,
    LIA_OPTION_DIR,
    LIA_OPTION_BASE,
    LIA_OPTIONS_ENTRY,
    LIA_OPTION_JSON,
    {.name = "kind", .value = "KIND", .help = "only records of this kind: customer, ticket ..."},
    {.name = "limit",
     .value = "N",
     .help = "at most so many records (20)",
     .is_number = true,
     .min = 1,
     .max = 100},
};

const lia_subcommand lia_search_command = {
    .name = "search",
    .purpose = "find records by what they say",
    .operands = "WORD ...",
    .details =
        "All words must be in a record: as they are, as the beginning of longer ones, or with\n"
        "one typing error. Accents do not matter, nor how a telephone number is written.\n"
        "Exit status 1 when nothing is found.",
    .example = "liaison search --node sales muller 'compressor'\n"
               "liaison search --node service --kind ticket '0170 / 123 45 67'",
    .options = options,
    .option_count = LIA_COUNT(options),
    .operands_min = 1,
    .operands_max = LIA_ARGS_OPERANDS_MAX,
    .run = run,
};
