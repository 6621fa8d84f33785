/* SPDX-License-Identifier: Apache-2.0 */
/* Tools are few and change rarely, so they are read anew after commits, ten times a second at most.
 */
#include "common/hooks/tool.h"

#include <stdlib.h>

#include "common/access/secrets.h"
#include "common/base/log.h"
#include "common/hooks/hook.h"
#include "common/node/fields.h"

#define LOOK_MS    100
#define READ_BYTES ((size_t)4 << 20)

struct lia_tools {
    lia_node *node;
    lia_node_watch *watch;
    uv_timer_t look;
    lia_arena arena;
    uint8_t keys[LIA_READERS_MAX][LIA_CURVE_KEY_SIZE]; /* as the bus has them */
    size_t count;
    bool waits;
    void (*closed)(void *);
    void *closed_context;
};

/* ---- rules ----------------------------------------------------------------------------------- */

static lia_err read_key(const char *text, uint8_t key[LIA_CURVE_KEY_SIZE])
{
    return lia_hex_parse(lia_span_text(text ? text : ""), key, LIA_CURVE_KEY_SIZE);
}

static lia_err only_administrators(lia_turn *turn)
{
    const lia_principal *who;
    lia_err err = lia_turn_principal(turn, &who);
    if (err || !who || lia_principal_rights(who)->administrator) return err;
    return lia_turn_fail(turn, LIA_EDENIED,
                         "a tool is told everything: administrators admit and withdraw them");
}

lia_err lia_tool_prepare(lia_turn *turn, lia_id id, const void *before, void *after)
{
    uint8_t key[LIA_CURVE_KEY_SIZE];
    Hooks__Tool *tool = after;
    (void)id;
    lia_err err = only_administrators(turn);
    if (err) return err;
    if (read_key(tool->curve_key, key))
        return lia_turn_fail(turn, LIA_EINVAL,
                             "curve_key: a public CURVE key is wanted, 64 hexadecimal digits");
    if (!before && !tool->has_admitted) LIA_SET(tool, admitted, true);
    return LIA_OK;
}

lia_err lia_tool_withdraw(lia_turn *turn, const void *request)
{
    const Hooks__WithdrawTool *ask = request;
    Hooks__Tool *tool;
    lia_id id = lia_id_in(ask->tool);
    lia_err err = only_administrators(turn);
    if (!err) err = lia_load(turn, LIA_TOOL, id, &tool);
    if (err) return err;
    lia_turn_answer(turn, LIA_TOOL, id);
    if (!tool->admitted) return LIA_OK;
    LIA_SET(tool, admitted, false);
    return lia_record(turn, LIA_TOOL, id, tool);
}

/* ---- the bus follows ------------------------------------------------------------------------- */

static lia_err read_one(lia_tools *tools, const lia_rows *rows, lia_id id, size_t *count)
{
    ProtobufCMessage *message;
    lia_arena_reset(&tools->arena);
    lia_err err = lia_record_read(rows, LIA_TOOL, id, &tools->arena, &message);
    const Hooks__Tool *tool = (const Hooks__Tool *)message;
    if (err || !tool || !tool->admitted || tool->archived) return err;
    if (*count == LIA_READERS_MAX) {
        LIA_LOG(ERROR, "tool.too_many", LIA_ID("tool", id), LIA_INT("most", LIA_READERS_MAX));
        return LIA_OK;
    }
    if (read_key(tool->curve_key, tools->keys[*count]) == LIA_OK) ++*count;
    return LIA_OK;
}

static lia_err read_all(lia_tools *tools, const lia_rows *rows, size_t *count)
{
    lia_scan *scan;
    lia_span key, row;
    lia_record_key read;
    lia_key prefix = lia_key_kind(LIA_TOOL);
    *count = 0;
    lia_err err = lia_rows_scan(rows, lia_key_span(&prefix), &scan);
    if (err) return err;
    while (!err && lia_scan_next(scan, &key, &row))
        if (lia_record_key_read(key, &read) && read.tag == LIA_TAG_STATE)
            err = read_one(tools, rows, read.id, count);
    if (!err) err = lia_scan_status(scan);
    lia_scan_close(scan);
    return err;
}

static void look(uv_timer_t *timer)
{
    lia_rows rows;
    size_t count;
    lia_tools *tools = timer->data;
    uint8_t before[sizeof tools->keys];
    memcpy(before, tools->keys, sizeof before);
    tools->waits = false;
    lia_err err = lia_node_read(tools->node, &rows);
    if (!err) {
        err = read_all(tools, &rows, &count);
        lia_node_read_end(tools->node, &rows);
    }
    if (err) { /* those who are in stay, until it can be read */
        memcpy(tools->keys, before, sizeof before);
        LIA_LOG(WARN, "tool.not_read", LIA_ERR(err));
        return;
    }
    bool same = count == tools->count && !memcmp(before, tools->keys, count * sizeof *tools->keys);
    tools->count = count;
    if (same) return;
    LIA_LOG(INFO, "tool.changed", LIA_INT("admitted", count));
    lia_node_set_readers(tools->node, (const void *)tools->keys, count);
}

static void committed(void *context, uint64_t visible)
{
    lia_tools *tools = context;
    (void)visible;
    if (tools->waits) return;
    tools->waits = true;
    uv_timer_start(&tools->look, look, LOOK_MS, 0);
}

/* ---- lifetime -------------------------------------------------------------------------------- */

lia_err lia_tools_open(lia_tools **out, lia_node *node, uv_loop_t *loop)
{
    lia_tools *tools = calloc(1, sizeof *tools);
    *out = NULL;
    if (!tools) return LIA_EFULL;
    tools->node = node;
    lia_err err = lia_arena_init(&tools->arena, READ_BYTES);
    if (!err) tools->watch = lia_node_watch_commits(node, committed, tools);
    if (err || !tools->watch) {
        lia_arena_fini(&tools->arena);
        free(tools);
        return LIA_EFULL;
    }
    uv_timer_init(loop, &tools->look);
    tools->look.data = tools;
    look(&tools->look);
    *out = tools;
    return LIA_OK;
}

static void timer_closed(uv_handle_t *handle)
{
    lia_tools *tools = handle->data;
    void (*closed)(void *) = tools->closed;
    void *context = tools->closed_context;
    lia_arena_fini(&tools->arena);
    free(tools);
    closed(context);
}

void lia_tools_close(lia_tools *tools, void (*closed)(void *), void *context)
{
    tools->closed = closed;
    tools->closed_context = context;
    lia_node_unwatch(tools->node, tools->watch);
    uv_close((uv_handle_t *)&tools->look, timer_closed);
}
