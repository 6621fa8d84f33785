/* SPDX-License-Identifier: Apache-2.0 */
/* inbox - the commands that wait for the writer, in two lines: what somebody waits for, and what
 * comes by the thousand (lia_command.bulk) and may only fill up groups. The caller holds a lock.
 * Internal to common/node. */
#ifndef LIA_NODE_INBOX_H
#define LIA_NODE_INBOX_H

#include "common/node/node.h"

typedef struct lia_inbox_line {
    lia_command *first, *last;
    size_t count;
} lia_inbox_line;

/* Zeroed is empty. */
typedef struct lia_inbox {
    lia_inbox_line lines[2]; /* quick, bulk */
} lia_inbox;

/* Adds a list of `count` linked by `next`, all of one kind; whole or not at all.
 *   LIA_EFULL   the line is as long as it may be */
LIA_MUST_USE lia_err lia_inbox_add(lia_inbox *inbox, lia_command *first, size_t count);
/* Takes a group of at most `max`, linked by `next`: the quick ones, then bulk, of which a group
 * holds at most LIA_GROUP_BULK_MAX. Returns how many. */
size_t lia_inbox_take(lia_inbox *inbox, size_t max, lia_command **first);
/* Takes all. */
lia_command *lia_inbox_empty(lia_inbox *inbox);

static inline size_t lia_inbox_count(const lia_inbox *inbox)
{
    return inbox->lines[0].count + inbox->lines[1].count;
}

#endif
