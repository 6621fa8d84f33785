/* SPDX-License-Identifier: Apache-2.0 */
/* filter_parser - what the parts of the filter's parser share:
 *
 *     filter_parse (AND, OR, NOT) -> filter_term (what is compared) -> filter_value (with what)
 *                                          \--------- filter_read (characters, refusals) ---/
 *
 * Parsing functions give NULL once they have refused. */
#ifndef LIA_WIRE_FILTER_PARSER_H
#define LIA_WIRE_FILTER_PARSER_H

#include "common/wire/filter_tree.h"

typedef struct lia_filter_parser {
    const lia_kind *kind;
    const lia_filter_sight *sight; /* NULL: everything */
    lia_span text;
    size_t at;
    lia_arena *arena;
    lia_why *why;
    unsigned depth, comparisons, needs;
    lia_err err;
} lia_filter_parser;

/* ---- filter_read.c --------------------------------------------------------------------------- */

/* Only the first reason counts. NULL, so that a parsing function can end with it. */
#define REFUSE(in, at, ...) lia_filter_refuse(in, at, lia_arena_text((in)->arena, __VA_ARGS__))
void *lia_filter_refuse(lia_filter_parser *in, size_t at, const char *reason);
/* Refuses for want of memory. */
void *lia_filter_full(lia_filter_parser *in);
/* Zeroed memory of the arena. */
void *lia_filter_take(lia_filter_parser *in, size_t size);

/* The next character that is no space, -1 at the end; stands on it. */
int lia_filter_peek(lia_filter_parser *in);
/* Where that is. */
size_t lia_filter_place(lia_filter_parser *in);
bool lia_filter_accept(lia_filter_parser *in, char c);
/* AND, OR and NOT, in capitals or small. */
bool lia_filter_keyword(lia_filter_parser *in, const char *keyword);
/* Letters, digits and _ from here on; may be empty. */
lia_span lia_filter_name(lia_filter_parser *in);
/* What is in quotes, or all up to a space, bracket, quote or operator. */
void *lia_filter_word(lia_filter_parser *in, lia_span *out, bool *quoted);
/* For refusals: a piece of the filter, not longer than a message bears. */
const char *lia_filter_piece(lia_filter_parser *in, lia_span piece);

/* ---- filter_term.c, filter_value.c ----------------------------------------------------------- */

/* A field, a reference's field or a figure. */
void *lia_filter_term(lia_filter_parser *in, lia_comparison *to);
/* What stands behind the operator. */
void *lia_filter_value(lia_filter_parser *in, lia_comparison *to);
/* A period such as 90d, in milliseconds. */
void *lia_filter_period(lia_filter_parser *in, int64_t *ms);

#endif
