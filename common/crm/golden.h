/* SPDX-License-Identifier: Apache-2.0 */
/* golden - one customer out of several records: which member's value counts for each field, and
 * what the others say. Computed when it is read, never kept, so taking records apart needs no
 * repair. Pure.
 *
 *     a set (e-mails, phones, tags ...)   all elements of all members; one that several have is
 *                                         the one that was written last
 *     a field with an owner               what the owning department wrote counts before all else
 *     any other                           what was written last
 *     archived                            when all members are
 *
 * The result does not depend on the order of the members. */
#ifndef LIA_CRM_GOLDEN_H
#define LIA_CRM_GOLDEN_H

#include "common/wire/record.h"
#include "common/wire/schema.h"

/* A value with the member that has it: an index into the records. */
typedef struct lia_golden_value {
    const lia_field *field;
    lia_span element; /* empty: a plain field */
    const lia_live *live;
    size_t member;
} lia_golden_value;

typedef struct lia_golden {
    lia_span message;               /* of the kind's type: what counts, joined */
    const lia_golden_value *values; /* what counts, by ascending field and element */
    size_t count;
    const lia_golden_value *others; /* what other members say instead, in the same order */
    size_t other_count;
} lia_golden;

/* Whose values of a customer's field count before others'; ANY: nobody's. */
lia_department lia_golden_owner(const lia_field *field);

/* Joins the records of one customer. `department` says whose a node is. All spans borrow the
 * records; arrays and message live in the arena.   LIA_EFULL */
LIA_MUST_USE lia_err lia_golden_make(lia_golden *out, const lia_record *records, size_t count,
                                     const lia_kind *kind,
                                     lia_department (*department)(const void *context,
                                                                  uint16_t node),
                                     const void *context, lia_arena *arena);

#endif
