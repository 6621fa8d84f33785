/* SPDX-License-Identifier: Apache-2.0 */
/* hook - webhooks as records: their rules and commands as tables, and reading them.
 *
 *     webhook         what is told to whom; people change it
 *     webhook secret  what deliveries are signed with; in no stream
 *     webhook mark    how far the node that delivers has come, for the one that goes on */
#ifndef LIA_HOOKS_HOOK_H
#define LIA_HOOKS_HOOK_H

#include "common/bus/members.h"
#include "common/events/interest.h"
#include "common/hooks/sign.h"
#include "common/node/service.h"
#include "proto/hooks.pb-c.h"

#define LIA_HOOK_PARALLEL_MAX 32

/* A part of what all departments share. */
extern const lia_service lia_hooks_tables;

/* Sent by the node that delivers; no path leads to them. */
extern const lia_command_row *const lia_stop_webhook; /* Hooks__StopWebhook */
extern const lia_command_row *const lia_mark_webhook; /* Hooks__MarkWebhook */

/* Who gave the command, with their rights; NULL: the node itself. They live in the turn's arena.
 *   LIA_EDENIED  they are no user any more     LIA_EFULL  LIA_ECORRUPT */
LIA_MUST_USE lia_err lia_turn_principal(lia_turn *turn, const lia_principal **out);

/* The number of the member that delivers: the one that the webhook names; when that has left, the
 * first of its department; then the first of all. All nodes with one member list name the same. */
uint16_t lia_webhook_node(const Hooks__Webhook *hook, const lia_members *members);

/* What it wants to be told, in the words of interest.h. Borrows the record. */
lia_interest_ask lia_webhook_ask(const Hooks__Webhook *hook);

/* Both secrets at `now`; former is empty when there is none any more. They live in the arena.
 *   LIA_EABSENT  LIA_EFULL  LIA_ECORRUPT */
typedef struct lia_hook_secrets {
    lia_span secret, former;
    lia_time former_until;
} lia_hook_secrets;
LIA_MUST_USE lia_err lia_webhook_secrets(const lia_rows *rows, lia_id webhook, lia_time now,
                                         lia_arena *arena, lia_hook_secrets *out);

/* How far it has come, by the word of the node that delivered last. `lanes` lives in the arena.
 *   LIA_EABSENT  LIA_EFULL  LIA_ECORRUPT */
typedef struct lia_hook_mark {
    lia_position *lanes; /* of each, what has been delivered; lanes that are not named: nothing */
    size_t count;
} lia_hook_mark;
LIA_MUST_USE lia_err lia_webhook_mark(const lia_rows *rows, lia_id webhook, lia_arena *arena,
                                      lia_hook_mark *out);
/* The bytes of lanes as in the record. */
#define LIA_HOOK_LANE_SIZE 18
void lia_hook_lane_put(uint8_t out[LIA_HOOK_LANE_SIZE], const lia_position *lane);

#endif
