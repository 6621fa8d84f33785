/* SPDX-License-Identifier: Apache-2.0 */
/* api_list_inner - a list between the files that make it: api_list_ask.c reads the question,
 * api_list_walk.c walks the rows, api_list_look.c looks at each record, api_list.c answers,
 * api_list_sort.c puts in an order that no index has, api_aggregate.c counts. */
#ifndef LIA_HTTP_API_LIST_INNER_H
#define LIA_HTTP_API_LIST_INNER_H

#include "common/http/api_history.h"
#include "common/http/api_list.h"
#include "common/http/list_rows.h"
#include "common/http/list_sort.h"
#include "common/http/page_token.h"
#include "common/node/beyond.h"

/* Rows and what lies beyond them that one answer looks at. */
#define LIA_LIST_ROWS_MAX 100000

/* A record that belongs to the answer. Valid until it returns. Errors end the walk. */
typedef lia_err lia_list_take(void *context, const lia_shown *shown);

struct lia_list {
    const lia_call *call;
    const lia_api *api;
    const lia_principal *who;
    const lia_kind *kind; /* as it looks to them */
    /* the question */
    lia_filter *filter;     /* NULL: all */
    const lia_field *order; /* whose index is walked; NULL: by creation */
    lia_sort sort;          /* no fields: what is walked is in order */
    lia_id customer;        /* none: all */
    bool by_creation;       /* asked for, not only the order that falls out of the walk */
    bool down;              /* the last one first */
    bool show_archived, explain, alone;
    size_t page_size;
    lia_page_mark mark;
    lia_filter_plan plan;
    bool is_past; /* as of a moment: */
    lia_moment_ask asked;
    lia_moment moment; /* while it walks */
    /* where it stands */
    uint8_t phase;
    lia_span after; /* key of the last row looked at, or sort key; empty: from the start */
    size_t rows_max;
    lia_beyond *beyond; /* for filters; else NULL */
    lia_walk_range rows;
    lia_sorted sorted;
    lia_id *members; /* as of a moment: the records of `customer` */
    size_t member_count;
    /* the answer */
    lia_arena *arena;
    lia_buf *out;
    lia_why *why;
    size_t found, looked;
    size_t changes; /* that were read of the past */
    lia_id *seen;   /* the customers whose records were found */
    size_t seen_count;
    bool more;
    bool cut; /* it has looked at as much as it may */
    lia_key last;
    /* for others than pages: each record goes there */
    lia_list_each *each;
    lia_list_take *take;
    void *context;
    bool checks; /* who may read it may not export it by that alone */
    lia_buf text, unknown;
    lia_key from;
};

/* ---- api_list_ask.c -------------------------------------------------------------------------- */

/* Reads what is asked. All lives in the call's arena. Answers itself and returns NULL when there is
 * something wrong. */
lia_list *lia_list_ask(lia_call *call);

/* ---- api_list.c ------------------------------------------------------------------------------ */

/* Whether an answer is to be made on a worker thread. */
bool lia_list_is_long(const lia_list *list);
/* Walks with all that is needed meanwhile: `walk`, on a worker thread, for at most `rows_max` rows.
 */
LIA_MUST_USE lia_err lia_list_work(lia_list *list, lia_work *work, size_t rows_max,
                                   lia_err (*walk)(lia_list *list, const lia_rows *rows));
void lia_list_put_explanation(const lia_list *list);

/* ---- api_list_walk.c ------------------------------------------------------------------------- */

/* All records behind where the list stands: each one that belongs is kept or written. */
LIA_MUST_USE lia_err lia_list_walk(lia_list *list, const lia_rows *rows);
/* Whether they see every record of the kind. */
bool lia_list_sees_all(const lia_list *list);

/* ---- api_list_look.c ------------------------------------------------------------------------- */

/* Loads the record and, when it belongs to the answer, keeps or writes it. */
LIA_MUST_USE lia_err lia_list_look(lia_list *list, const lia_rows *rows, lia_id id);
/* Loads the record as it is, or as it was; LIA_EABSENT when there is none in sight. */
LIA_MUST_USE lia_err lia_list_load(lia_list *list, const lia_rows *rows, lia_id id,
                                   lia_shown *shown);
/* Writes it as a list shows it. */
LIA_MUST_USE lia_err lia_list_put(lia_list *list, const lia_rows *rows, const lia_shown *shown);

/* ---- api_list_sort.c ------------------------------------------------------------------------- */

static inline bool lia_list_sorts(const lia_list *list)
{
    return list->sort.count != 0;
}
/* The page in that order. LIA_EINVAL  there are too many to sort, which `why` says */
LIA_MUST_USE lia_err lia_list_put_sorted(lia_list *list, const lia_rows *rows);
/* Narrows the walk to what is behind the place that it stands at. */
void lia_list_narrow(const lia_list *list, lia_walk_range *rows);
/* Whether nothing that is wanted follows a row of the index. */
bool lia_list_is_past(const lia_list *list, lia_span row);

#endif
