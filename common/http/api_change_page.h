/* SPDX-License-Identifier: Apache-2.0 */
/* api_change_page - a page of changes, newest first: as many as were asked for, and whether there
 * is one more that may be told. A token says that there is, so the first change of the next page is
 * told, too, and taken back. */
#ifndef LIA_HTTP_API_CHANGE_PAGE_H
#define LIA_HTTP_API_CHANGE_PAGE_H

#include "common/http/api_gate.h"
#include "common/node/changes.h"

typedef struct lia_change_page {
    /* the question */
    lia_call *call;
    size_t page_size;
    lia_page_mark mark;
    lia_span after; /* a change's place; empty: from the newest */
    /* the answer */
    lia_buf *out;
    size_t found; /* changes that were told */
    lia_id
        *seen; /* customers whose records were told, at most LIA_PAGE_SIZE_MAX; NULL: nobody asks */
    size_t seen_count;
    bool more;
    uint8_t last[LIA_CHANGE_PLACE_SIZE]; /* of the last one on the page */
} lia_change_page;

/* Where the changes come from. */
typedef struct lia_change_page_of {
    size_t out_max; /* a page that is larger ends */
    /* The next older one. LIA_EABSENT: that was all. */
    lia_err (*next)(void *context, lia_change *out);
    /* Tells as much of the event as may be told: in page->out, counted in page->found. */
    lia_err (*put)(void *context, lia_span event);
    /* Behind each one: whether as many were looked at as may be. */
    bool (*is_enough)(void *context);
    void *context;
} lia_change_page_of;

/* Where a token says that the page begins. False, and answered: it is none of this question's. */
bool lia_change_page_read_token(lia_change_page *page, lia_span token);
/* The changes with commas between them. */
LIA_MUST_USE lia_err lia_change_page_put(lia_change_page *page, const lia_change_page_of *of);
/* ,"next_page_token":"..." when there are more. */
void lia_change_page_put_token(const lia_change_page *page);

#endif
