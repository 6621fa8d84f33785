/* SPDX-License-Identifier: Apache-2.0 */
/* filter - conditions as text, after AIP-160: comparisons over a kind's fields joined by AND, OR,
 * NOT and parentheses. Parsed once into a checked tree, evaluated on a record's message.
 *
 *     country = "DE" AND class.purchases >= 3 AND NOT tags:"lost"
 *     emails.value:"example.com" OR (created_at > now - 30d AND type = person)
 *     amount > 1000 AND customer.country = DE AND count(purchase, 90d) >= 3
 *
 * = != < <= > >= compare: = the text as it is written, < and > in the order in which lists stand
 * (without regard to case and accents, by the first 128 bytes); `:` means has: an element of a set,
 * or text within text, both without regard to case; `name:*` has any value. AND binds tighter than OR; keywords may be small. Strings
 * in quotes or bare words; numbers; true, false; enum names.
 *
 *   Parts      one step leads into a field's parts (class.purchases); of a set any element will do,
 *              and a set of messages without a step stands for its keys.
 *   Time       an instant, a date, or `now` or `today` (midnight, UTC) with so much before or
 * behind: now - 90min, today + 2w. Units: s min h d w. Money      compared in its own currency's
 * units: amount >= 99.50; .currency and .amount_minor are its parts. Reference  one step leads into
 * the record that a field names: customer.country, and from there into that field's parts. A record
 * that is not there has no values. Figures    over the interactions of the customer (or of the
 * customer that the record belongs to), of one type or of `any`, ever or within a period that ends
 * now: count(purchase, 90d)   sum(purchase, EUR, 365d)   first(call)   last(any) sum takes what was
 * paid in that currency; first and last are instants.
 *
 * `id` and `created_at` belong to every record. A field without a value compares unequal to
 * everything, except that a bool without one is false. */
#ifndef LIA_WIRE_FILTER_H
#define LIA_WIRE_FILTER_H

#include "common/base/buf.h"
#include "common/base/time.h"
#include "common/wire/schema.h"

typedef struct lia_filter lia_filter;

/* Parses into the arena. An empty text holds for everything. At most 64 comparisons, 16 deep, 8
 * KiB. `why` says "column 14: no field 'contry' in customer". LIA_EINVAL      LIA_EFULL */
LIA_MUST_USE lia_err lia_filter_parse(lia_filter **out, const lia_kind *kind, lia_span text,
                                      lia_arena *arena, lia_why *why);

/* What of the schema somebody may speak of. */
typedef struct lia_filter_sight {
    /* A kind as it looks to them, NULL: not at all. */
    const lia_kind *(*kind)(const void *context, uint32_t number);
    const void *context;
    bool figures; /* whether there are any */
} lia_filter_sight;

/* The same for somebody who does not see everything: what they may not speak of is as if it was not there.
 * `kind` is as it looks to them. */
LIA_MUST_USE lia_err lia_filter_parse_for(lia_filter **out, const lia_filter_sight *sight,
                                          const lia_kind *kind, lia_span text, lia_arena *arena,
                                          lia_why *why);

/* A figure over a customer's interactions. */
typedef enum lia_figure_type {
    LIA_FIGURE_COUNT,
    LIA_FIGURE_SUM,
    LIA_FIGURE_FIRST,
    LIA_FIGURE_LAST
} lia_figure_type;

#define LIA_FIGURE_ANY (-1)

typedef struct lia_figure {
    lia_figure_type type;
    int32_t interaction; /* InteractionType, or LIA_FIGURE_ANY */
    int64_t period_ms;   /* 0: ever */
    char currency[4];    /* of a sum */
} lia_figure;

/* What lies beyond a record. Filters that look there ask; all others never call. */
typedef struct lia_filter_world {
    lia_time now;
    void *context;
    /* The message of another record; false when there is none or it could not be read. The span is
     * used before the next call. */
    bool (*load)(void *context, uint16_t kind, lia_id id, lia_span *message);
    /* A figure at `now`: a number, minor units, or milliseconds since 1970. False when there is
     * none (no such customer, nothing first or last). */
    bool (*figure)(void *context, lia_id customer, const lia_figure *figure, int64_t *value);
} lia_filter_world;

/* What a record is, beside its fields. */
typedef struct lia_filter_subject {
    lia_id id;
    lia_time created_at;           /* usable as created_at in filters */
    lia_span message;              /* of the kind's type */
    const lia_filter_world *world; /* NULL: nothing lies beyond, and it is 1970 */
} lia_filter_subject;

bool lia_filter_holds(const lia_filter *filter, const lia_filter_subject *subject);

/* What can make a record begin or cease to match without being changed itself. */
enum { LIA_FILTER_CLOCK = 1, LIA_FILTER_REFERENCE = 2, LIA_FILTER_FIGURE = 4 };
/* A set of these. Whoever keeps an answer (a segment) must follow them or refuse the filter. */
unsigned lia_filter_needs(const lia_filter *filter);

/* ---- which rows need not be looked at ----------------------------------------------------------
 */

typedef enum lia_plan_type {
    LIA_PLAN_ALL,      /* every record of the kind */
    LIA_PLAN_CUSTOMER, /* those that belong to `customer` */
    LIA_PLAN_VALUE,    /* those whose indexed `field` has `value` */
    LIA_PLAN_RANGE     /* those whose indexed `field` lies within low ... high, both included */
} lia_plan_type;

/* A superset of the matches, as a walk over an index. Values are payloads as lia_key_index_value
 * takes them; of a set of messages, an element. An empty bound is open. */
typedef struct lia_filter_plan {
    lia_plan_type type;
    lia_id customer;
    const lia_field *field;
    lia_span value, low, high;
    uint8_t bounds[2][10]; /* what low and high point to */
} lia_filter_plan;

/* The narrowest walk that every match is on: a top-level comparison, or one of those joined by a
 * top-level AND; a customer's before a value's, a value's before a range, of equals the first. The
 * plan must not be moved. */
void lia_filter_plan_make(const lia_filter *filter, lia_time now, lia_filter_plan *plan);

/* Appends the names of the fields that it compares, each once, separated by ", ": what was looked
 * for, without saying whom. */
void lia_filter_put_names(const lia_filter *filter, lia_buf *out);

#endif
