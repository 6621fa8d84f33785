/* SPDX-License-Identifier: Apache-2.0 */
/* A filter is parsed by descent into a tree that the limits keep small and shallow: at most 64
 * comparisons, 16 deep. */
#include "common/wire/filter_parser.h"

enum { COMPARISONS_MAX = 64, DEPTH_MAX = 16, TEXT_BYTES_MAX = 8192 };

typedef lia_filter_parser parser;

/* ---- comparisons ----------------------------------------------------------------------------- */

static bool parse_op(parser *in, lia_filter_op *out)
{
    static const struct {
        const char *text;
        lia_filter_op op;
    } ops[] = {{"!=", OP_UNEQUAL}, {"<=", OP_LESS_EQUAL}, {">=", OP_MORE_EQUAL}, {"=", OP_EQUAL},
               {"<", OP_LESS},     {">", OP_MORE},        {":", OP_HAS}};
    lia_span rest = lia_span_skip(in->text, lia_filter_place(in));
    for (size_t i = 0; i < LIA_COUNT(ops); i++) {
        if (!lia_span_starts(rest, lia_span_text(ops[i].text))) continue;
        in->at += strlen(ops[i].text);
        *out = ops[i].op;
        return true;
    }
    return false;
}

static bool is_ordered(const lia_field *leaf)
{
    return leaf->type == LIA_T_INT || leaf->type == LIA_T_UINT || leaf->type == LIA_T_STRING ||
           leaf->type == LIA_T_MESSAGE;
}

static void *parse_terms(parser *in, lia_comparison *to)
{
    if (!lia_filter_term(in, to)) return NULL;
    size_t at = lia_filter_place(in);
    if (!parse_op(in, &to->op)) return REFUSE(in, at, "one of = != < <= > >= : is wanted");
    if (to->op >= OP_LESS && to->op <= OP_MORE_EQUAL && !is_ordered(to->leaf))
        return REFUSE(in, at, "%s has no order, only = and != fit", to->leaf->name);
    return lia_filter_value(in, to);
}

/* ---- the tree -------------------------------------------------------------------------------- */

static lia_filter_node *parse_or(parser *in);

static lia_filter_node *make_node(parser *in, int type, const lia_filter_node *first)
{
    lia_filter_node *made = lia_filter_take(in, sizeof *made);
    if (!made) return NULL;
    made->type = type;
    made->first = first;
    return made;
}

static lia_filter_node *parse_comparison(parser *in)
{
    if (in->comparisons++ == COMPARISONS_MAX)
        return REFUSE(in, in->at, "more than %d comparisons", COMPARISONS_MAX);
    lia_comparison *made = lia_filter_take(in, sizeof *made);
    lia_filter_node *leaf =
        made && parse_terms(in, made) ? make_node(in, NODE_COMPARE, NULL) : NULL;
    if (leaf) leaf->comparison = made;
    return leaf;
}

/* NOT, parentheses, or a comparison. */
static lia_filter_node *parse_unit(parser *in)
{
    lia_filter_node *made;
    size_t at = lia_filter_place(in);
    if (in->depth == DEPTH_MAX) return REFUSE(in, at, "nested more than %d deep", DEPTH_MAX);
    in->depth++;
    if (lia_filter_keyword(in, "NOT")) {
        lia_filter_node *inner = parse_unit(in);
        made = inner ? make_node(in, NODE_NOT, inner) : NULL;
    } else if (lia_filter_accept(in, '(')) {
        made = parse_or(in);
        if (made && !lia_filter_accept(in, ')'))
            made = REFUSE(in, in->at, "AND, OR or ) is wanted");
    } else {
        made = parse_comparison(in);
    }
    in->depth--;
    return made;
}

/* Units joined by one keyword; a single one needs no node of its own. */
static lia_filter_node *parse_joined(parser *in, int type, const char *keyword,
                                     lia_filter_node *(*parse)(parser *))
{
    lia_filter_node *first = parse(in), *last = first;
    while (last && lia_filter_keyword(in, keyword)) {
        lia_filter_node *next = parse(in);
        last->next = next;
        last = next;
    }
    if (!last) return NULL;
    return first == last ? first : make_node(in, type, first);
}

static lia_filter_node *parse_and(parser *in)
{
    return parse_joined(in, NODE_AND, "AND", parse_unit);
}
static lia_filter_node *parse_or(parser *in)
{
    return parse_joined(in, NODE_OR, "OR", parse_and);
}

lia_err lia_filter_parse(lia_filter **out, const lia_kind *kind, lia_span text, lia_arena *arena,
                         lia_why *why)
{
    return lia_filter_parse_for(out, NULL, kind, text, arena, why);
}

lia_err lia_filter_parse_for(lia_filter **out, const lia_filter_sight *sight, const lia_kind *kind,
                             lia_span text, lia_arena *arena, lia_why *why)
{
    parser in = {.kind = kind,
                 .sight = sight,
                 .text = lia_arena_copy(arena, text),
                 .arena = arena,
                 .why = why};
    *out = NULL;
    if (text.size > TEXT_BYTES_MAX)
        return lia_why_set(why, LIA_EINVAL, "the filter is longer than %d bytes", TEXT_BYTES_MAX);
    lia_filter *made = in.text.data ? lia_filter_take(&in, sizeof *made) : lia_filter_full(&in);
    if (made && lia_filter_peek(&in) >= 0) {
        made->root = parse_or(&in);
        if (made->root && lia_filter_peek(&in) >= 0) REFUSE(&in, in.at, "AND or OR is wanted");
    }
    if (made) {
        made->kind = kind;
        made->needs = in.needs;
    }
    if (arena->exhausted) lia_filter_full(&in);
    if (!in.err) *out = made;
    return in.err;
}
