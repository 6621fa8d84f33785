/* SPDX-License-Identifier: Apache-2.0 */
/* said - an event as it is told to the outside: read once for however many want it, judged for each
 * of them, written once for all to whom it looks the same.
 *
 *     read --> does this one want it? (interest.h) --> may they see it? --> JSON as it looks to
 * them */
#ifndef LIA_EVENTS_SAID_H
#define LIA_EVENTS_SAID_H

#include "common/access/principal.h"
#include "common/base/buf.h"
#include "common/node/beyond.h"
#include "common/wire/event.h"

#define LIA_TOPIC_SIZE 96

typedef struct lia_said {
    uint64_t arrival;
    lia_event event;
    char
        topic[LIA_TOPIC_SIZE]; /* "sales.deal.won": department and fact, "record.changed" without */

    /* What judging reads from. The arena holds the event as well. */
    const lia_rows *rows;
    lia_arena *arena;
    lia_beyond *beyond; /* for filters that look beyond a record; NULL: nothing lies there */
} lia_said;

/* Reads the event at `arrival`. False when there is nothing to tell: it is not there, it cannot be
 * read, or it is for members only (secret facts, secret kinds). rows, arena and beyond are kept. */
bool lia_said_read(lia_said *out, const lia_rows *rows, uint64_t arrival, lia_arena *arena,
                   lia_beyond *beyond);

/* Whether somebody may see it at all: every record that it changed, and the customer that it speaks
 * of. NULL may see everything. An event of which a part may not be seen is not seen, so that nobody
 * learns from half of it that the other half exists. Records are judged as they are now.
 *   LIA_ECORRUPT  LIA_EFULL */
LIA_MUST_USE lia_err lia_said_may(const lia_said *said, const lia_principal *who, bool *allowed);

/* Whether they may also see its fact, which repeats what records say: where none of its records hides a
 * field from them. */
bool lia_said_shows_fact(const lia_said *said, const lia_principal *who);

/* Its CloudEvents JSON, without the fields that are hidden from `who` (NULL: nobody). A fact
 * repeats what records say, so it is left out where they hide something. `source` is the name of
 * the node that the event comes from. */
void lia_said_put(const lia_said *said, const lia_principal *who, const char *source, lia_buf *out);

#endif
