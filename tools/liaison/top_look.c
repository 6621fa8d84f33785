/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/liaison/top_look.h"

#include <stdio.h>

#include "common/base/time.h"
#include "tools/liaison/figures.h"
#include "tools/liaison/out.h"

#define PATIENCE_MS      2000L
#define LESS_PATIENCE_MS 150L /* with one that did not answer before */

lia_err lia_top_open(lia_top *top, const lia_targets *targets, lia_why *why)
{
    *top = (lia_top){.count = targets->count};
    for (size_t i = 0; i < top->count; i++) {
        struct lia_top_node *node = &top->nodes[i];
        node->target = &targets->list[i];
        lia_err err = lia_client_open(&node->client, node->target, why);
        if (err) return err;
        node->open = true;
    }
    return LIA_OK;
}

void lia_top_close(lia_top *top)
{
    for (size_t i = 0; i < top->count; i++) {
        struct lia_top_node *node = &top->nodes[i];
        if (node->open) lia_client_close(&node->client);
        lia_bytes_fini(&node->metrics[0]);
        lia_bytes_fini(&node->metrics[1]);
    }
}

/* ---- figures --------------------------------------------------------------------------------- */

static lia_span text_of(const struct lia_top_node *node, unsigned which)
{
    const lia_bytes *bytes = &node->metrics[which];
    return lia_span_make(bytes->data, bytes->data ? bytes->size : 0);
}

static double figure(const struct lia_top_node *node, unsigned which, const char *name)
{
    bool found;
    double value = lia_figure(text_of(node, which), name, NULL, NULL, &found);
    return found ? value : -1;
}

static double figure_now(const struct lia_top_node *node, const char *name)
{
    return figure(node, node->now, name);
}

/* Per second since the look before; a counter that went back is that of another process. */
static double rate(const struct lia_top_node *node, const char *name)
{
    unsigned now = node->now, before = !node->now;
    double newer = figure(node, now, name), older = figure(node, before, name);
    uint64_t ns = node->at_ns[now] - node->at_ns[before];
    if (newer < 0 || older < 0 || newer < older || !node->at_ns[before] || !ns) return -1;
    return (newer - older) * 1e9 / (double)ns;
}

static double sum_of(double a, double b)
{
    return a < 0 || b < 0 ? -1 : a + b;
}

static void fill(lia_top_row *row, const struct lia_top_node *node)
{
    row->events_s =
        sum_of(rate(node, "liaison_events_own_total"), rate(node, "liaison_events_foreign_total"));
    row->requests_s = rate(node, "liaison_http_requests_total");
    row->flush_p99_s = lia_figure_quantile(text_of(node, !node->now), text_of(node, node->now),
                                           "liaison_commit_seconds", 0.99);
    row->behind = figure_now(node, "liaison_lane_behind_events");
    row->queue = figure_now(node, "liaison_queue_commands");
    row->memory = figure_now(node, "liaison_memory_bytes");
    row->disk_free = figure_now(node, "liaison_disk_free_bytes");
    row->disk = figure_now(node, "liaison_disk_bytes");
    row->clients = figure_now(node, "liaison_http_connections");
    row->jobs = figure_now(node, "liaison_jobs_waiting");
}

/* ---- lanes ----------------------------------------------------------------------------------- */

static const char *name_of(const json_t *network, int64_t number)
{
    size_t i;
    json_t *member;
    json_array_foreach(json_object_get(network, "members"), i,
                       member) if (lia_json_int_in(member, "node") ==
                                   number) return lia_json_text_in(member, "name");
    return "";
}

static void add_lags(lia_top *top, const lia_top_row *row, const json_t *network)
{
    size_t i;
    json_t *lane;
    json_array_foreach(json_object_get(network, "lanes"), i, lane)
    {
        int64_t events = lia_json_int_in(lane, "behind");
        if (!events || top->lag_count == LIA_TOP_LAGS_MAX) continue;
        lia_top_lag *lag = &top->lags[top->lag_count++];
        *lag = (lia_top_lag){.events = events, .ms = lia_json_int_in(lane, "behind_ms")};
        snprintf(lag->node, sizeof lag->node, "%s", row->name);
        snprintf(lag->lane, sizeof lag->lane, "%s",
                 name_of(network, lia_json_int_in(lane, "node")));
        snprintf(lag->cause, sizeof lag->cause, "%s", lia_json_text_in(lane, "cause"));
    }
}

static void take_network(lia_top *top, lia_top_row *row, const json_t *network)
{
    const char *name = name_of(network, lia_json_int_in(network, "node"));
    if (*name) snprintf(row->name, sizeof row->name, "%s", name);
    if (!json_is_true(json_object_get(network, "ready"))) {
        row->state = "blocked";
        lia_why_set(&row->why, LIA_OK, "%s", lia_json_text_in(network, "reason"));
    } else {
        row->state = row->behind > 0 ? "behind" : "ok";
    }
    add_lags(top, row, network);
}

/* ---- a look ---------------------------------------------------------------------------------- */

static void look_at(lia_top *top, struct lia_top_node *node, lia_top_row *row)
{
    long patience_ms = node->was_silent ? LESS_PATIENCE_MS : PATIENCE_MS;
    *row = (lia_top_row){.state = "silent",
                         .events_s = -1,
                         .requests_s = -1,
                         .flush_p99_s = -1,
                         .behind = -1,
                         .queue = -1,
                         .memory = -1,
                         .disk_free = -1,
                         .disk = -1,
                         .clients = -1,
                         .jobs = -1};
    snprintf(row->name, sizeof row->name, "%.32s", node->target->name);
    node->now = !node->now;
    lia_err err = lia_client_page(&node->client, "/metrics", &node->metrics[node->now], patience_ms,
                                  &row->why);
    node->at_ns[node->now] = lia_time_ticks_ns();
    node->was_silent = err == LIA_EIO;
    if (err) {
        if (err == LIA_EDENIED) row->state = "denied";
        node->metrics[node->now].size = 0;
        node->at_ns[node->now] = 0;
        return;
    }
    fill(row, node);
    json_t *network = lia_client_json(&node->client, "/network", patience_ms, &row->why);
    if (network) take_network(top, row, network);
    json_decref(network);
}

void lia_top_look(lia_top *top)
{
    top->lag_count = 0;
    for (size_t i = 0; i < top->count; i++) look_at(top, &top->nodes[i], &top->rows[i]);
}
