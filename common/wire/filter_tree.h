/* SPDX-License-Identifier: Apache-2.0 */
/* filter_tree - a parsed filter, between the parser and the one who holds records against it. */
#ifndef LIA_WIRE_FILTER_TREE_H
#define LIA_WIRE_FILTER_TREE_H

#include "common/wire/filter.h"

typedef enum lia_filter_op {
    OP_EQUAL,
    OP_UNEQUAL,
    OP_LESS,
    OP_LESS_EQUAL,
    OP_MORE,
    OP_MORE_EQUAL,
    OP_HAS
} lia_filter_op;

/* What a comparison looks at, beside fields of the message. */
typedef enum lia_filter_of { OF_FIELD, OF_ID, OF_CREATED_AT, OF_FIGURE } lia_filter_of;

/* What a value that moves with the clock is counted from. */
typedef enum lia_filter_clock { CLOCK_NONE, CLOCK_NOW, CLOCK_TODAY } lia_filter_clock;

/* Text folded for comparing without regard to case, with the table of Knuth, Morris and Pratt:
 * a hostile pair of texts cannot make the search quadratic. */
typedef struct lia_filter_needle {
    int32_t *letters;
    size_t *fallback;
    size_t count;
} lia_filter_needle;

typedef struct lia_comparison {
    lia_filter_of of;
    lia_filter_op op;
    const lia_field *via;     /* of a reference or a figure: names the other record; NULL: itself */
    const lia_field *field;   /* of the record; NULL for pseudo-fields and figures */
    const lia_field *leaf;    /* what is compared: the field itself, or one of its message */
    lia_figure figure;        /* of OF_FIGURE; a sum's leaf is its currency's money */
    bool as_set;              /* `:` looks for an element, not for text within text */
    bool as_money;            /* the leaf is money; `number` is in thousandths of its unit */
    bool any;                 /* `:*`, has any value */
    lia_filter_clock clock;   /* then `number` is added to it, in milliseconds */
    uint64_t number;          /* of numbers, enums, instants, bools; signed ones as in protobuf */
    lia_span bytes;           /* of text and ids */
    lia_span payload;         /* the value as in protobuf */
    lia_span ordered;         /* of < <= > >= on text: as index_text.h has it */
    lia_filter_needle needle; /* of `:` on text */
} lia_comparison;

typedef struct lia_filter_node {
    enum { NODE_AND, NODE_OR, NODE_NOT, NODE_COMPARE } type;
    const struct lia_filter_node *first, *next; /* children, and the sibling behind */
    const lia_comparison *comparison;
} lia_filter_node;

struct lia_filter {
    const lia_kind *kind;
    const lia_filter_node *root; /* NULL: holds for everything */
    unsigned needs;
};

/* The value to compare with, as in protobuf: what the filter says, at this time. */
uint64_t lia_comparison_number(const lia_comparison *wanted, lia_time now);

/* Takes the first letter off, folded: simple lower case, one letter for one. Bytes that are not
 * UTF-8 stand for themselves above all letters. `text` is not empty. */
int32_t lia_filter_letter(lia_span *text);

#endif
