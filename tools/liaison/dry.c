/* SPDX-License-Identifier: Apache-2.0 */
/* dry-run - what a rule or a flow would have done over the last days, and by which ways. */
#include "common/base/id.h"
#include "tools/liaison/client.h"
#include "tools/liaison/commands.h"
#include "tools/liaison/out.h"

#define WAYS_SHOWN 5

static uint64_t number_of(const json_t *object, const char *name)
{
    return (uint64_t)json_integer_value(json_object_get(object, name));
}

/* ---- what is printed ------------------------------------------------------------------------- */

/* For people, of what the answer names. */
static const char *in_words(const char *name)
{
    static const char *const words[][2] = {
        {"does", "does it"},
        {"holds", "it holds"},
        {"holds_not", "it does not hold"},
        {"waits", "waits"},
        {"unknown", "not known before it runs"},
        {"fails", "fails"},
        {"ends", "ends"},
        {"exits", "the flow ends: its exit condition holds"},
        {"cut", "and so on"},
        {"answered", "with a good answer"},
        {"unanswered", "without a good answer"},
    };
    for (size_t i = 0; i < LIA_COUNT(words); i++)
        if (strcmp(words[i][0], name) == 0) return words[i][1];
    return name;
}

/* As deep as ways fork. */
static void print_way(const json_t *way, int indent)
{
    size_t i, k;
    json_t *step, *one;
    json_array_foreach(way, i, step)
    {
        const char *until = lia_json_text_in(step, "until");
        printf("%*s%s%.19s%s  %s (%s): %s%s%.19s\n", indent, "", lia_out_color(LIA_DIM),
               lia_json_text_in(step, "at"), lia_out_color(LIA_PLAIN),
               lia_json_text_in(step, "step"), lia_json_text_in(step, "action"),
               in_words(lia_json_text_in(step, "outcome")), *until ? ", until " : "", until);
        json_array_foreach(json_object_get(step, "ways"), k, one)
        {
            printf("%*s%s%s:%s\n", indent + 4, "", lia_out_color(LIA_YELLOW),
                   in_words(lia_json_text_in(one, "when")), lia_out_color(LIA_PLAIN));
            print_way(json_object_get(one, "way"), indent + 6);
        }
    }
}

static void print_steps(const json_t *answer)
{
    static const char *const headings[] = {"step", "action", "reached", "perhaps"};
    lia_grid grid;
    size_t i;
    json_t *step;
    lia_grid_init(&grid, LIA_COUNT(headings));
    grid.to_right[2] = grid.to_right[3] = true;
    for (i = 0; i < LIA_COUNT(headings); i++) lia_grid_add(&grid, LIA_BOLD, "%s", headings[i]);
    json_array_foreach(json_object_get(answer, "steps"), i, step)
    {
        lia_grid_add(&grid, LIA_PLAIN, "%s", lia_json_text_in(step, "name"));
        lia_grid_add(&grid, LIA_DIM, "%s", lia_json_text_in(step, "action"));
        lia_grid_add(&grid, LIA_PLAIN, "%s", lia_out_count(number_of(step, "reached")));
        lia_grid_add(&grid, LIA_PLAIN, "%s", lia_out_count(number_of(step, "maybe")));
    }
    lia_grid_print(&grid);
    lia_grid_fini(&grid);
}

static void print_starters(const json_t *answer)
{
    size_t i;
    json_t *starter;
    const json_t *all = json_object_get(answer, "started_by");
    if (all && !json_array_size(all))
        printf("No enabled rule starts it: as if it began with each record that is made.\n");
    json_array_foreach(all, i, starter)
        printf("Started by the rule '%s'.\n", lia_json_text_in(starter, "name"));
}

static void print_answer(const json_t *answer)
{
    size_t i;
    json_t *example;
    printf("It would have begun %s times. Nothing was done.\n",
           lia_out_count(number_of(answer, "runs")));
    print_starters(answer);
    if (*lia_json_text_in(answer, "stopped"))
        printf("Not looked at whole: %s\n", lia_json_text_in(answer, "stopped"));
    if (json_is_true(json_object_get(answer, "as_of_now")))
        printf("Other records and figures were taken as they are now.\n");
    printf("\n");
    print_steps(answer);
    json_array_foreach(json_object_get(answer, "examples"), i, example)
    {
        if (i == WAYS_SHOWN) break;
        printf("\n%s%s%s\n", lia_out_color(LIA_BOLD), lia_json_text_in(example, "record"),
               lia_out_color(LIA_PLAIN));
        print_way(json_object_get(example, "way"), 2);
    }
}

/* ---- asking ---------------------------------------------------------------------------------- */

/* "flows/0191..." -> its path; LIA_EINVAL with a sentence. */
static lia_err read_operand(const char *operand, char *path, size_t size, lia_why *why)
{
    lia_id id;
    const char *slash = strchr(operand, '/');
    size_t length = slash ? (size_t)(slash - operand) : 0;
    bool known = (length == 5 && strncmp(operand, "rules", 5) == 0) ||
                 (length == 5 && strncmp(operand, "flows", 5) == 0);
    if (!known || lia_id_parse(lia_span_text(slash + 1), &id))
        return lia_why_set(why, LIA_EINVAL, "rules/ID or flows/ID is wanted, not '%.80s'", operand);
    snprintf(path, size, "/%s:dryRun", operand);
    return LIA_OK;
}

static lia_err ask(lia_client *client, const char *path, const char *days, lia_bytes *body,
                   lia_why *why)
{
    char json[60] = "{}";
    if (days) snprintf(json, sizeof json, "{\"days\":%.10s}", days);
    return lia_client_post(client, path, json, NULL, body, why);
}

static lia_err show(const lia_args *args, const lia_bytes *body, lia_why *why)
{
    json_t *answer = json_loadb((const char *)body->data, body->size, 0, NULL);
    if (!answer) return lia_why_set(why, LIA_EIO, "the node answered no JSON");
    if (lia_out_is_json(args))
        lia_out_json(answer);
    else
        print_answer(answer);
    json_decref(answer);
    return LIA_OK;
}

static int run(const lia_args *args)
{
    lia_target target;
    lia_client client = {0};
    lia_bytes body = {0};
    lia_why why = {{0}};
    char path[120];
    lia_err err = read_operand(args->operands[0], path, sizeof path, &why);
    if (!err) err = lia_target_find(&target, args, &why);
    if (!err) err = lia_client_open(&client, &target, &why);
    if (!err) err = ask(&client, path, lia_args_text(args, "days"), &body, &why);
    if (!err) err = show(args, &body, &why);
    lia_bytes_fini(&body);
    lia_client_close(&client);
    if (!err) return 0;
    lia_args_fail(args, "%s", why.text);
    return err == LIA_EABSENT ? 1 : 2;
}

static const lia_option options[] = {{.name = "days",
                                      .value = "N",
                                      .help = "how many days back; 30 unless given",
                                      .is_number = true,
                                      .min = 1,
                                      .max = 90},
                                     LIA_OPTION_NODE,
                                     LIA_OPTION_DIR,
                                     LIA_OPTION_BASE,
                                     LIA_OPTIONS_ENTRY,
                                     LIA_OPTION_JSON};

const lia_subcommand lia_dry_run_command = {
    .name = "dry-run",
    .purpose = "what a rule or a flow would have done; nothing is done",
    .operands = "rules/ID | flows/ID",
    .details = "Where something is not known before it runs, such as what an address outside "
               "answers, both\n"
               "ways are told.",
    .example = "liaison dry-run flows/0191e2b4-... --days 7 --node sales",
    .options = options,
    .option_count = LIA_COUNT(options),
    .operands_min = 1,
    .operands_max = 1,
    .run = run,
};
