/* SPDX-License-Identifier: Apache-2.0 */
/* inner - what the files of search share.
 *
 *     log, views --follow.c--> index.c --> rows --candidates.c--> candidates --hit.c--> what is
 * shown */
#ifndef LIA_SEARCH_INNER_H
#define LIA_SEARCH_INNER_H

#include <pthread.h>

#include "common/search/index.h"
#include "common/search/search.h"

struct lia_search {
    lia_index *index;
    lia_node *node; /* NULL until it is followed */
    lia_node_watch *watch;
    pthread_t thread;
    bool running;

    pthread_mutex_t lock;
    pthread_cond_t ready;
    bool stop, woken, rescan;
    lia_id *forget; /* who is to be forgotten */
    size_t forget_count, forget_room;
    uint64_t told, forgotten; /* how often it was told, and up to which time it is done */
    lia_search_status status;
    uint64_t behind_since_ns;
    uint64_t arrival; /* atomic: events up to here can be found */

    /* the thread's own */
    lia_arena arena;
    lia_country home;
    bool anchored;            /* the index is one of this log */
    lia_index_record *recent; /* looked at in this step */
};

/* Records that were looked at in one step. */
#define LIA_SEARCH_RECENT 512

/* Adds to those who are to be forgotten. Under the lock.   LIA_EFULL */
LIA_MUST_USE lia_err lia_search_order(lia_search *search, lia_id customer);

/* ---- follow.c -------------------------------------------------------------------------------- */

void *lia_search_main(void *search);

#endif
