/* SPDX-License-Identifier: Apache-2.0 */
/* tool - programs that subscribe to a node's public stream (common/bus) without being members. An
 * administrator admits a key by a record; every node lets in those that are admitted, and cuts off
 * who is withdrawn. A subscriber gets all that is in no secret: rights are not looked at. */
#ifndef LIA_HOOKS_TOOL_H
#define LIA_HOOKS_TOOL_H

#include "common/node/node.h"

/* The rule and the verb of the kind, for the tables in hook.c. */
LIA_MUST_USE lia_err lia_tool_prepare(lia_turn *turn, lia_id id, const void *before, void *after);
LIA_MUST_USE lia_err lia_tool_withdraw(lia_turn *turn, const void *request);

/* Keeps the bus's readers as the records say, from now on.   LIA_EFULL */
typedef struct lia_tools lia_tools;
LIA_MUST_USE lia_err lia_tools_open(lia_tools **out, lia_node *node, uv_loop_t *loop);
/* Frees, then calls `closed`. Before the node is closed. */
void lia_tools_close(lia_tools *tools, void (*closed)(void *), void *context);

#endif
