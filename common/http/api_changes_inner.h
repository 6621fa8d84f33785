/* SPDX-License-Identifier: Apache-2.0 */
/* api_changes_inner - a question who changed what between the files that answer it: api_changes.c
 * reads it and makes the page, api_changes_source.c finds the events, api_changes_tell.c says what
 * they changed. */
#ifndef LIA_HTTP_API_CHANGES_INNER_H
#define LIA_HTTP_API_CHANGES_INNER_H

#include "common/http/api_change_page.h"
#include "common/node/deeds.h"

typedef struct lia_changes_ask {
    lia_call *call;
    /* the question */
    lia_id actor_id;      /* a user, a rule or a flow; none: `actor` */
    uint32_t actor;       /* 0: everybody */
    const lia_kind *kind; /* NULL: all */
    lia_id record;        /* none: all */
    lia_position run;     /* seq 0: none */
    lia_time since, until;
    lia_change_page page;
    /* while it is answered */
    const lia_rows *rows;
    lia_arena *arena, *scratch; /* the latter is forgotten with each event */
    lia_why *why;
    size_t looked;         /* events */
    size_t counted, tried; /* lines of runs; for one that may be seen */
} lia_changes_ask;

/* ---- api_changes_source.c: where the events come from ---------------------------------------- */

typedef struct lia_changes_source {
    const lia_changes_ask *ask;
    bool of_record;
    lia_deeds deeds;
    lia_changes changes;
    lia_position began; /* of a run: the event that began it comes last; seq 0: it has come */
} lia_changes_source;

/* To be closed whatever it returns.   LIA_EREFUSED  so many wrote here that one must be named */
LIA_MUST_USE lia_err lia_changes_source_open(lia_changes_source *from, const lia_changes_ask *ask);
void lia_changes_source_close(lia_changes_source *from);
/* The next older one; LIA_EABSENT: that was all. */
LIA_MUST_USE lia_err lia_changes_source_next(lia_changes_source *from, lia_change *out);

/* ---- api_changes_tell.c: what they say --------------------------------------------------------
 */

/* Lines of a run of which one that may be seen is looked for. */
#define LIA_CHANGES_TRIED_MAX 1000
/* Lines that are counted of a run. */
#define LIA_CHANGES_COUNTED_MAX 100000

/* All changes of an event that are asked for and may be seen, or the run that it began as one. */
LIA_MUST_USE lia_err lia_changes_tell(lia_changes_ask *ask, lia_span event);

#endif
