/* SPDX-License-Identifier: Apache-2.0 */
/* filter - conditions as text, after AIP-160: comparisons over a kind's fields joined by AND, OR,
 * NOT and parentheses. Parsed once into a checked tree, evaluated on a record's message.
 *
 *     country = "DE" AND class.purchases >= 3 AND NOT tags:"lost"
 *     emails.value:"example.com" OR (created_at > 2026-01-01 AND type = person)
 *
 * = != < <= > >= compare; `:` means has: an element of a set, or text within text, both without
 * regard to case; `name:*` has any value. AND binds tighter than OR; keywords may be small. Strings
 * in quotes or bare words; numbers; true, false; instants and dates; enum names; money by its
 * .amount_minor. One step leads into a field's parts (class.purchases); of a set any element will
 * do, and a set of messages without a step stands for its keys. `id` and `created_at` belong to
 * every record. A field without a value compares unequal to everything, except that a bool without
 * one is false. */
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

/* What a record is, beside its fields. */
typedef struct lia_filter_subject {
    lia_id id;
    lia_time created_at; /* usable as created_at in filters */
    lia_span message;    /* of the kind's type */
} lia_filter_subject;

bool lia_filter_holds(const lia_filter *filter, const lia_filter_subject *subject);

/* When every match must have field = value (a top-level AND of an indexed plain field), gives
 * them, so that a list can walk an index. False otherwise. *value is a protobuf payload. */
bool lia_filter_equality(const lia_filter *filter, const lia_field **field, lia_span *value);

/* Appends the names of the fields that it compares, each once, separated by ", ": what was looked
 * for, without saying whom. */
void lia_filter_put_names(const lia_filter *filter, lia_buf *out);

#endif
