/* SPDX-License-Identifier: Apache-2.0 */
/* simulate - loads a cluster as a profile says, and tells how it was. */
#include "tools/liaison/simulate.h"

#include <stdlib.h>

#include "tools/liaison/commands.h"
#include "tools/liaison/out.h"
#include "tools/liaison/yaml.h"

static double ms_at(const lia_spread *spread, double share)
{
    return (double)lia_spread_at(spread, share) / 1000;
}

static uint64_t failures_of(const lia_simulated *s)
{
    return s->refused + s->busy + s->broken + s->given_up;
}

static void add_all(const lia_simulated *s, lia_spread *all)
{
    *all = (lia_spread){0};
    for (size_t i = 0; i < LIA_SIMULATE_OPS; i++) lia_spread_join(all, &s->ops[i].took);
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static json_t *spread_json(const char *name, const lia_spread *spread, uint64_t failed)
{
    return json_pack("{s:s,s:I,s:I,s:f,s:f,s:f,s:f,s:f,s:f}", "name", name, "answered",
                     (json_int_t)spread->count, "failed", (json_int_t)failed, "mean_ms",
                     spread->count ? spread->sum_us / (double)spread->count / 1000 : 0.0, "p50_ms",
                     ms_at(spread, 0.5), "p90_ms", ms_at(spread, 0.9), "p99_ms",
                     ms_at(spread, 0.99), "p999_ms", ms_at(spread, 0.999), "max_ms",
                     ms_at(spread, 1));
}

static json_t *nodes_json(const lia_simulated *s)
{
    json_t *nodes = json_array();
    for (size_t i = 0; i < s->node_count; i++)
        json_array_append_new(
            nodes,
            json_pack("{s:s,s:f,s:f,s:f,s:f,s:f}", "node", s->nodes[i].name, "behind_most",
                      s->nodes[i].behind_most, "queue_most", s->nodes[i].queue_most, "flush_p99_ms",
                      s->nodes[i].flush_p99_s * 1000, "memory_bytes_most", s->nodes[i].memory_most,
                      "events_per_s_most", s->nodes[i].events_s_most));
    return nodes;
}

static void show_json(const lia_simulated *s, const lia_spread *all)
{
    json_t *ops = json_array();
    for (size_t i = 0; i < LIA_SIMULATE_OPS; i++)
        if (s->ops[i].took.count || s->ops[i].failed)
            json_array_append_new(
                ops, spread_json(lia_simulate_ops[i].name, &s->ops[i].took, s->ops[i].failed));
    json_t *json = json_pack(
        "{s:f,s:f,s:I,s:I,s:f,s:{s:I,s:I,s:I,s:I},s:o,s:o,s:o,s:I,s:I}", "seconds", s->seconds,
        "prepare_seconds", s->prepare_seconds, "wanted", (json_int_t)s->wanted, "sent",
        (json_int_t)s->sent, "answered_per_s",
        s->seconds > 0 ? (double)all->count / s->seconds : 0.0, "failed", "refused",
        (json_int_t)s->refused, "busy", (json_int_t)s->busy, "no_answer", (json_int_t)s->broken,
        "given_up", (json_int_t)s->given_up, "all", spread_json("all", all, failures_of(s)),
        "operations", ops, "nodes", nodes_json(s), "lag_ms_most", (json_int_t)s->lag_ms_most,
        "settled_ms", (json_int_t)s->settled_ms);
    if (s->first_failure.text[0])
        json_object_set_new(json, "first_failure", json_string(s->first_failure.text));
    lia_out_json(json);
    json_decref(json);
}

/* ---- a page ---------------------------------------------------------------------------------- */

static void add_spread(lia_grid *grid, const char *name, const lia_spread *spread, uint64_t failed)
{
    static const double shares[] = {0.5, 0.9, 0.99, 0.999, 1};
    lia_grid_add(grid, LIA_BOLD, "%s", name);
    lia_grid_add(grid, LIA_PLAIN, "%s", lia_out_count(spread->count));
    lia_grid_add(grid, failed ? LIA_RED : LIA_PLAIN, "%s", lia_out_count(failed));
    for (size_t i = 0; i < LIA_COUNT(shares); i++)
        lia_grid_add(grid, LIA_PLAIN, "%.1f", ms_at(spread, shares[i]));
}

static void show_operations(const lia_simulated *s, const lia_spread *all)
{
    static const char *const heads[] = {"",       "answered", "failed",  "p50 ms",
                                        "p90 ms", "p99 ms",   "99.9 ms", "most ms"};
    lia_grid grid;
    lia_grid_init(&grid, LIA_COUNT(heads));
    for (size_t i = 0; i < LIA_COUNT(heads); i++) {
        lia_grid_add(&grid, LIA_PLAIN, "%s", heads[i]);
        grid.to_right[i] = i > 0;
    }
    for (size_t i = 0; i < LIA_SIMULATE_OPS; i++)
        if (s->ops[i].took.count || s->ops[i].failed)
            add_spread(&grid, lia_simulate_ops[i].name, &s->ops[i].took, s->ops[i].failed);
    add_spread(&grid, "all", all, failures_of(s));
    lia_grid_print(&grid);
    lia_grid_fini(&grid);
}

static void show_nodes(const lia_simulated *s)
{
    static const char *const heads[] = {"node",         "most behind", "most waiting",
                                        "flush p99 ms", "memory MiB",  "most events/s"};
    lia_grid grid;
    lia_grid_init(&grid, LIA_COUNT(heads));
    for (size_t i = 0; i < LIA_COUNT(heads); i++) {
        lia_grid_add(&grid, LIA_PLAIN, "%s", heads[i]);
        grid.to_right[i] = i > 0;
    }
    for (size_t i = 0; i < s->node_count; i++) {
        lia_grid_add(&grid, LIA_BOLD, "%s", s->nodes[i].name);
        lia_grid_add(&grid, LIA_PLAIN, "%.0f", s->nodes[i].behind_most);
        lia_grid_add(&grid, LIA_PLAIN, "%.0f", s->nodes[i].queue_most);
        lia_grid_add(&grid, LIA_PLAIN, "%.2f", s->nodes[i].flush_p99_s * 1000);
        lia_grid_add(&grid, LIA_PLAIN, "%.0f", s->nodes[i].memory_most / (1 << 20));
        lia_grid_add(&grid, LIA_PLAIN, "%.0f", s->nodes[i].events_s_most);
    }
    lia_grid_print(&grid);
    lia_grid_fini(&grid);
}

static void show(const lia_simulated *s, const lia_spread *all)
{
    show_operations(s, all);
    putchar('\n');
    show_nodes(s);
    printf("\n%s requests in %.1f s (%.1f/s; the profile wants %s)\n", lia_out_count(s->sent),
           s->seconds, s->seconds > 0 ? (double)all->count / s->seconds : 0.0,
           lia_out_count(s->wanted));
    if (s->settled_ms < 0)
        printf("a minute after the end some nodes still lack something\n");
    else
        printf("longest lag %s; all nodes had everything %s after the last answer\n",
               lia_out_span_ms(s->lag_ms_most), lia_out_span_ms(s->settled_ms));
    if (failures_of(s))
        printf("failed: %llu refused, %llu busy, %llu without an answer, %llu given up; the first: "
               "%s\n",
               (unsigned long long)s->refused, (unsigned long long)s->busy,
               (unsigned long long)s->broken, (unsigned long long)s->given_up,
               s->first_failure.text);
}

/* ---- the command ----------------------------------------------------------------------------- */

static int run(const lia_args *args)
{
    static lia_simulated simulated;
    static lia_spread all;
    lia_profile profile;
    lia_targets targets;
    lia_why why = {{0}};
    const char *path = args->operands[0];
    json_t *yaml = lia_yaml_file(path, &why);
    if (!yaml) return lia_args_fail(args, "%s", why.text);
    lia_err err = lia_profile_read(&profile, yaml, &why);
    json_decref(yaml);
    if (err) return lia_args_fail(args, "%s: %s", path, why.text);
    err = lia_targets_find(&targets, args, &why);
    if (!err)
        err = lia_simulate(&simulated, &profile, &targets, lia_args_has(args, "beside"), &why);
    if (err) return lia_args_fail(args, "%s", why.text);
    add_all(&simulated, &all);
    if (lia_out_is_json(args))
        show_json(&simulated, &all);
    else
        show(&simulated, &all);
    return failures_of(&simulated) || simulated.settled_ms < 0 ? 1 : 0;
}

static const lia_option options[] = {
    LIA_OPTION_NODES,
    LIA_OPTION_DIR,
    LIA_OPTION_BASE,
    {.name = "beside", .help = "also where there are customers that are not made up"},
    LIA_OPTIONS_ENTRY,
    LIA_OPTION_JSON,
};

const lia_subcommand lia_simulate_command = {
    .name = "simulate",
    .purpose = "load a cluster as a profile says, and tell how it was",
    .operands = "PROFILE",
    .details = "The profile is YAML: how many customers are made first, how many requests may be "
               "under way at\n"
               "once (clients), phases with their rates, and what is done in which shares (mix). "
               "Ready ones\n"
               "are in /usr/share/liaison/profiles. What is written is made up and stays: use a "
               "cluster for\n"
               "trying out. Times are counted from when a request was due, so waiting counts. Exit "
               "status 1:\n"
               "requests failed, or a node still lacked something a minute later.",
    .example = "liaison simulate deploy/profiles/office.yaml --dir cluster\n"
               "liaison simulate my.yaml --base 27100 --json",
    .options = options,
    .option_count = LIA_COUNT(options),
    .operands_min = 1,
    .operands_max = 1,
    .run = run,
};
