/* SPDX-License-Identifier: Apache-2.0 */
/* book - the rules and flows of this node's department, read, checked and parsed once, in the
 * memory of one node. Read anew when a rule or flow was changed by anybody. Internal to
 * common/automation; writer thread only. */
#ifndef LIA_AUTOMATION_BOOK_H
#define LIA_AUTOMATION_BOOK_H

#include "common/node/agent.h"
#include "common/node/beyond.h"
#include "proto/automation.pb-c.h"

/* A rule or flow that is enabled. */
typedef struct lia_definition {
    lia_id id;
    bool is_flow;
    const char *name, *defined_by;
    uint32_t actor;
    const lia_kind *kind; /* of the record */
    Automation__Plan *plan;
    const Automation__Rule *rule; /* NULL of a flow */
    const char *exit;             /* of a flow; may be NULL */
    /* of a rule */
    uint32_t fact;
    lia_filter *condition, *before; /* NULL: none */
    const lia_field *field;         /* MOMENT: its instant; NULL: created_at */
    int64_t after_ms, every_ms;
    struct lia_definition *next;
} lia_definition;

#define LIA_FACT_NUMBERS 10000

typedef struct lia_book {
    lia_arena arena;
    lia_beyond beyond; /* for conditions */
    lia_definition *first;
    bool stale;
    uint64_t epoch; /* of the catalog that it is parsed with */
    bool clocks;    /* timers of rules that go by the clock are to be looked after */
    bool sees_all;  /* a rule wants to see every event */
    uint8_t facts[LIA_FACT_NUMBERS / 8 + 1]; /* that rules wait for */
    bool watch_stale, watches;               /* whether a run waits for changes of its record */
} lia_book;

/* Told of changes; the book is its state. */
extern const lia_background_row lia_automation_background;

/* The book of the turn's node, up to date. NULL, with an error, when it could not be read.
 *   LIA_EFULL  LIA_ECORRUPT  LIA_EIO */
LIA_MUST_USE lia_err lia_book_open(lia_turn *turn, lia_book **out);

/* The enabled rule or flow of that id, or NULL. */
const lia_definition *lia_book_find(const lia_book *book, lia_id id);
static inline bool lia_book_wants(const lia_book *book, uint32_t fact)
{
    return book->sees_all || (fact < LIA_FACT_NUMBERS && book->facts[fact / 8] >> fact % 8 & 1);
}

/* ---- records, as conditions see them --------------------------------------------------------- */

typedef struct lia_subject {
    lia_filter_subject filter;
    const lia_kind *kind;
    const lia_kind *sees; /* the same, with what HTTP steps were answered (answers.h) */
    lia_record record;
    lia_id customer; /* that it belongs to; or none */
    bool archived;
} lia_subject;

/* Loads a record into the arena; its world is the book's. Other spans borrow as in lia_rows_record.
 *   LIA_EABSENT  there is none, or it was erased */
LIA_MUST_USE lia_err lia_subject_load(lia_subject *out, lia_book *book, const lia_rows *rows,
                                      const lia_kind *kind, lia_id id, lia_time now,
                                      lia_arena *arena);
/* The same from registers. */
LIA_MUST_USE lia_err lia_subject_make(lia_subject *out, const lia_record *record,
                                      const lia_kind *kind, lia_id id, lia_arena *arena);

#endif
