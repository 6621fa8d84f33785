/* SPDX-License-Identifier: Apache-2.0 */
/* status - how every node is: healthy, reachable, and how far behind whom and why. */
#include <stdlib.h>

#include "tools/liaison/client.h"
#include "tools/liaison/commands.h"
#include "tools/liaison/out.h"

#define TIMEOUT_MS 5000L

typedef struct view {
    const lia_target *target;
    json_t *status; /* NULL: unreachable */
    lia_why why;
} view;

static void look(view *out, const lia_target *target)
{
    lia_client client;
    *out = (view){.target = target};
    if (lia_client_open(&client, target, &out->why)) return;
    out->status = lia_client_json(&client, "/status", TIMEOUT_MS, &out->why);
    lia_client_close(&client);
}

static bool is_healthy(const view *v)
{
    return json_is_true(json_object_get(json_object_get(v->status, "health"), "ok"));
}

static int64_t events_behind(const view *v)
{
    int64_t sum = 0;
    size_t i;
    json_t *lane;
    json_array_foreach(json_object_get(v->status, "lanes"), i, lane) sum +=
        lia_json_int_in(lane, "behind");
    return sum;
}

static bool is_well(const view *v)
{
    return v->status && is_healthy(v) && events_behind(v) == 0;
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static json_t *view_json(const view *v)
{
    json_t *json = json_pack("{s:s,s:s,s:b,s:b}", "name", v->target->name, "url", v->target->url,
                             "reachable", v->status != NULL, "ok", is_well(v));
    if (v->status)
        json_object_set(json, "status", v->status);
    else
        json_object_set_new(json, "reason", json_string(v->why.text));
    return json;
}

static void show_json(const view *views, size_t count, bool well)
{
    json_t *nodes = json_array();
    for (size_t i = 0; i < count; i++) json_array_append_new(nodes, view_json(&views[i]));
    json_t *all = json_pack("{s:b,s:o}", "ok", well, "nodes", nodes);
    lia_out_json(all);
    json_decref(all);
}

/* ---- tables ---------------------------------------------------------------------------------- */

static void add_node(lia_grid *grid, const view *v)
{
    const char *reason = v->why.text;
    if (v->status) reason = lia_json_text_in(json_object_get(v->status, "health"), "reason");
    const char *state = !v->status ? "unreachable" : is_healthy(v) ? "healthy" : "blocked";
    int64_t behind = events_behind(v);
    lia_grid_add(grid, LIA_BOLD, "%s",
                 v->status ? lia_json_text_in(v->status, "node") : v->target->name);
    lia_grid_add(grid, v->status && is_healthy(v) ? LIA_GREEN : LIA_RED, "%s", state);
    lia_grid_add(grid, LIA_PLAIN, "%s",
                 v->status ? lia_out_count((uint64_t)lia_json_int_in(v->status, "arrival")) : "-");
    lia_grid_add(grid, behind ? LIA_YELLOW : LIA_PLAIN, "%s",
                 v->status ? lia_out_count((uint64_t)behind) : "-");
    lia_grid_add(grid, LIA_PLAIN, "%s", v->target->url);
    lia_grid_add(grid, LIA_RED, "%s", reason);
}

static void show_nodes(const view *views, size_t count)
{
    static const char *const heads[] = {"node", "state", "events", "behind", "address", ""};
    lia_grid grid;
    lia_grid_init(&grid, LIA_COUNT(heads));
    grid.to_right[2] = grid.to_right[3] = true;
    for (size_t i = 0; i < LIA_COUNT(heads); i++) lia_grid_add(&grid, LIA_PLAIN, "%s", heads[i]);
    for (size_t i = 0; i < count; i++) add_node(&grid, &views[i]);
    lia_grid_print(&grid);
    lia_grid_fini(&grid);
}

/* Whose disks are being cleaned of erased customers, and how far that is. */
static void show_erasing(const view *v)
{
    const json_t *erasing = json_object_get(v->status, "erasing");
    if (!erasing) return;
    const json_t *percent = json_object_get(erasing, "percent");
    printf("%s erases %s customers for %s: %s", lia_json_text_in(v->status, "node"),
           lia_out_count((uint64_t)lia_json_int_in(erasing, "customers")),
           lia_out_span_ms(lia_json_int_in(erasing, "for_ms")), lia_json_text_in(erasing, "phase"));
    if (percent) printf(" %lld %%", (long long)json_integer_value(percent));
    if (lia_json_int_in(erasing, "waiting"))
        printf("; %s more are next", lia_out_count((uint64_t)lia_json_int_in(erasing, "waiting")));
    putchar('\n');
}

/* What is not switched on yet, and whom it waits for. */
static void show_features(const view *v)
{
    size_t i, n;
    json_t *feature, *name;
    json_array_foreach(json_object_get(v->status, "features"), i, feature)
    {
        const json_t *missing = json_object_get(feature, "missing");
        if (json_is_true(json_object_get(feature, "on"))) continue;
        printf("%s does not use '%s' (%s) yet", lia_json_text_in(v->status, "node"),
               lia_json_text_in(feature, "name"), lia_json_text_in(feature, "what"));
        json_array_foreach(missing, n, name)
            printf("%s%s", n ? ", " : ": it waits for ", json_string_value(name));
        putchar('\n');
    }
    const char *foreign = lia_json_text_in(v->status, "features_not_understood");
    if (*foreign)
        printf("%s does not understand what is switched on in its store: %s\n",
               lia_json_text_in(v->status, "node"), foreign);
}

static void add_lane(lia_grid *grid, const view *v, const json_t *lane)
{
    int64_t behind = lia_json_int_in(lane, "behind");
    bool is_own = strcmp(lia_json_text_in(lane, "name"), lia_json_text_in(v->status, "node")) == 0;
    lia_grid_add(grid, LIA_BOLD, "%s", lia_json_text_in(v->status, "node"));
    lia_grid_add(grid, LIA_PLAIN, "%s", lia_json_text_in(lane, "name"));
    lia_grid_add(grid, LIA_PLAIN, "%s", lia_out_count((uint64_t)lia_json_int_in(lane, "head")));
    lia_grid_add(grid, behind ? LIA_YELLOW : LIA_PLAIN, "%s", lia_out_count((uint64_t)behind));
    lia_grid_add(grid, LIA_PLAIN, "%s",
                 behind ? lia_out_span_ms(lia_json_int_in(lane, "behind_ms")) : "");
    lia_grid_add(grid, LIA_PLAIN, "%s", is_own ? "" : lia_json_text_in(lane, "from"));
    lia_grid_add(grid, LIA_PLAIN, "%s", is_own ? "its own" : lia_json_text_in(lane, "cause"));
}

static void show_lanes(const view *views, size_t count)
{
    static const char *const heads[] = {"node", "lane", "has", "behind", "for", "from", "state"};
    lia_grid grid;
    lia_grid_init(&grid, LIA_COUNT(heads));
    grid.to_right[2] = grid.to_right[3] = grid.to_right[4] = true;
    for (size_t i = 0; i < LIA_COUNT(heads); i++) lia_grid_add(&grid, LIA_PLAIN, "%s", heads[i]);
    for (size_t i = 0; i < count; i++) {
        size_t n;
        json_t *lane;
        json_array_foreach(json_object_get(views[i].status, "lanes"), n, lane)
            add_lane(&grid, &views[i], lane);
    }
    if (grid.count > grid.columns) {
        putchar('\n');
        lia_grid_print(&grid);
    }
    lia_grid_fini(&grid);
}

/* ---- the command ----------------------------------------------------------------------------- */

static int run(const lia_args *args)
{
    lia_targets targets;
    lia_why why = {{0}};
    bool well = true;
    if (lia_targets_find(&targets, args, &why)) return lia_args_fail(args, "%s", why.text);
    view *views = calloc(targets.count + 1, sizeof *views);
    if (!views) return lia_args_fail(args, "no memory");
    for (size_t i = 0; i < targets.count; i++) {
        look(&views[i], &targets.list[i]);
        well &= is_well(&views[i]);
    }
    if (lia_out_is_json(args)) {
        show_json(views, targets.count, well);
    } else {
        show_nodes(views, targets.count);
        for (size_t i = 0; i < targets.count; i++) show_erasing(&views[i]);
        for (size_t i = 0; i < targets.count; i++) show_features(&views[i]);
        show_lanes(views, targets.count);
    }
    for (size_t i = 0; i < targets.count; i++) json_decref(views[i].status);
    free(views);
    return well ? 0 : 1;
}

static const lia_option options[] = {
    LIA_OPTION_NODES, LIA_OPTION_DIR, LIA_OPTION_BASE, LIA_OPTIONS_ENTRY, LIA_OPTION_JSON,
};

const lia_subcommand lia_status = {
    .name = "status",
    .purpose = "show all nodes: healthy or not, and how far behind whom and why",
    .details =
        "A lane is one node's log; every node copies the lanes of all others. Exit status 1\n"
        "when a node is unreachable, blocked or behind.",
    .example = "liaison status --base 27100\n"
               "liaison status --node http://127.0.0.1:27100 --json",
    .options = options,
    .option_count = LIA_COUNT(options),
    .run = run,
};
