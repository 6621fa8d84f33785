/* SPDX-License-Identifier: Apache-2.0 */
/* Two lines instead of one, so that a command among those of an import waits for one group and not
 * for thousands that were there before it. */
#include "common/node/inbox.h"

#include "common/base/limits.h"

/* Room for one submission of many beside what waits. */
static size_t room_of(const lia_inbox_line *line, size_t count)
{
    size_t most = LIA_QUEUE_COMMANDS_MAX + (count > 1 ? LIA_QUEUE_COMMANDS_MAX : 0);
    return most > line->count ? most - line->count : 0;
}

static void add(lia_inbox_line *line, lia_command *first, lia_command *last, size_t count)
{
    if (line->last)
        line->last->next = first;
    else
        line->first = first;
    last->next = NULL;
    line->last = last;
    line->count += count;
}

lia_err lia_inbox_add(lia_inbox *inbox, lia_command *first, size_t count)
{
    lia_inbox_line *line = &inbox->lines[first->bulk];
    if (count > room_of(line, count)) return LIA_EFULL;
    lia_command *last = first;
    for (size_t i = 1; i < count; i++) last = last->next;
    add(line, first, last, count);
    return LIA_OK;
}

/* Moves the first ones of a line behind `to`. */
static void move(lia_inbox_line *line, lia_inbox_line *to, size_t max)
{
    size_t count = line->count < max ? line->count : max;
    if (!count) return;
    lia_command *first = line->first, *last = first;
    for (size_t i = 1; i < count; i++) last = last->next;
    line->first = last->next;
    line->count -= count;
    if (!line->first) line->last = NULL;
    add(to, first, last, count);
}

size_t lia_inbox_take(lia_inbox *inbox, size_t max, lia_command **first)
{
    lia_inbox_line group = {0};
    move(&inbox->lines[0], &group, max);
    size_t bulk = max - group.count;
    move(&inbox->lines[1], &group, bulk < LIA_GROUP_BULK_MAX ? bulk : LIA_GROUP_BULK_MAX);
    *first = group.first;
    return group.count;
}

lia_command *lia_inbox_empty(lia_inbox *inbox)
{
    lia_inbox_line all = {0};
    for (size_t i = 0; i < 2; i++) move(&inbox->lines[i], &all, inbox->lines[i].count);
    return all.first;
}
