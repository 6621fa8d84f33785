/* SPDX-License-Identifier: Apache-2.0 */
/* search - finding records by what they say. A thread of its own follows the node's log and keeps
 * an index beside the views; questions are answered from a snapshot of it, and every record that is
 * about to be shown is read again as it is now. So an answer may miss what was said a moment ago,
 * and says how far it is behind, but it never shows what is not so any more. The index is derived:
 * damaged, lost or of another release, it is made anew by itself, and meanwhile finds what it has
 * come to. */
#ifndef LIA_SEARCH_SEARCH_H
#define LIA_SEARCH_SEARCH_H

#include "common/node/node.h"

typedef struct lia_search lia_search;

/* ---- lifecycle, on the loop thread ------------------------------------------------------------
 */

/* Opens the index in `dir`, made when absent, for a node that is about to be opened with
 * lia_search_copies. Errors as lia_views_open. */
LIA_MUST_USE lia_err lia_search_open(lia_search **out, const char *dir, lia_why *why);
/* For lia_node_options.copies: how the node makes sure that the index forgets the erased. */
lia_copies lia_search_copies(lia_search *search);
/* Begins to follow the node.   LIA_EFULL  no thread */
LIA_MUST_USE lia_err lia_search_start(lia_search *search, lia_node *node);
/* Ends that, before the node is closed; no question may be under way. NULL is fine. */
void lia_search_stop(lia_search *search);
/* Writes out, closes, frees; after the node. NULL is fine. */
void lia_search_close(lia_search *search);
/* As a kill would leave it, for tests: what is not on the disk is lost. Instead of stop and close.
 */
void lia_search_crash(lia_search *search);

/* ---- how it is; any thread ---------------------------------------------------------------------
 */

typedef struct lia_search_status {
    uint64_t documents; /* records that can be found */
    uint64_t behind;    /* events that are in the views and not in the index */
    uint64_t behind_ms; /* since when */
    bool scanning;      /* all records are being looked at: the index is new, or events are gone */
    uint64_t scanned;   /* of them, so far */
    const char *scan_kind; /* plural of the kind it is at; "" */
    uint64_t cleaned;      /* how often it was written anew since the start */
    size_t disk_used;
    lia_err err; /* why it does not get on; it tries again */
} lia_search_status;
void lia_search_get_status(lia_search *search, lia_search_status *out);
/* Whether all is in that is visible at `arrival` (lia_node_visible). */
bool lia_search_has(lia_search *search, uint64_t arrival);

/* ---- questions; any thread ---------------------------------------------------------------------
 */

#define LIA_SEARCH_TEXT_MAX  256 /* bytes of a question */
#define LIA_SEARCH_WORDS_MAX 8
#define LIA_SEARCH_LIMIT_MAX 100

typedef struct lia_search_owners {
    bool limited; /* else the rest says nothing */
    const lia_id *users;
    size_t count;
    const lia_field *field;           /* the kind's own that names the owner; NULL: who owns ... */
    const lia_field *customers_field; /* ... its customer, as this field of customers says */
} lia_search_owners;

/* Who asks: what they may see. All of it is asked at every record that would be shown. */
typedef struct lia_search_eyes {
    /* The kind as they see it, without the fields that are hidden; NULL: it is hidden. */
    const lia_kind *(*kind)(void *context, uint32_t number);
    /* Whether they may read this record, `message` as it is now. */
    lia_err (*may)(void *context, const lia_kind *kind, lia_id id, lia_span message, bool *allowed);
    void *context;
    /* Whose records of the kind (in full) they may read, where that is all that counts; so that who
     * may read few finds them quickly. What it leaves out is not found: `may` is asked as well.
     * NULL: nobody knows. */
    lia_err (*owners)(void *context, const lia_kind *kind, struct lia_search_owners *out);
} lia_search_eyes;
/* Sees all but secret kinds. */
extern const lia_search_eyes lia_search_all;

typedef struct lia_search_question {
    lia_span text;
    const lia_kind *kind; /* only records of it; NULL: of all */
    size_t limit;         /* 1 .. LIA_SEARCH_LIMIT_MAX */
    lia_search_eyes eyes;
} lia_search_question;

/* Why a record was found, of one word of the question. */
typedef enum lia_search_how {
    LIA_SEARCH_NOT,
    LIA_SEARCH_NEAR_START,
    LIA_SEARCH_NEAR,
    LIA_SEARCH_START,
    LIA_SEARCH_PHONE,
    LIA_SEARCH_EXACT
} lia_search_how;
const char *
lia_search_how_name(lia_search_how how); /* "exact", "start", "typo", "typo_start", "phone" */

typedef struct lia_search_reason {
    lia_span word; /* of the question, as it was written */
    const lia_field *field;
    lia_search_how how;
} lia_search_reason;

/* A part of a text, in Unicode code points. */
typedef struct lia_search_range {
    uint32_t start, end;
} lia_search_range;
#define LIA_SEARCH_RANGES_MAX 16

/* A text or a part of it, and what of it was looked for. */
typedef struct lia_search_shown {
    const lia_field *field; /* NULL: there is no such text */
    lia_span text;
    bool cut_before, cut_after; /* it is the middle of a longer one */
    lia_search_range ranges[LIA_SEARCH_RANGES_MAX];
    size_t range_count;
} lia_search_shown;

typedef struct lia_search_hit {
    const lia_kind *kind; /* as the asker sees it */
    lia_id id;
    lia_id customer; /* of whom it is: what the customer is called; none: of nobody */
    uint32_t score;  /* higher is better; means something within one answer only */
    lia_search_shown title, snippet;
    lia_search_reason reasons[LIA_SEARCH_WORDS_MAX];
    size_t reason_count;
} lia_search_hit;

/* All words must be in a record, each as it is, as the beginning of a longer one, or with one
 * typing error. Best first; equal ones newest first. Of a customer who is several records one is
 * shown. `hits` has room for `limit`; what they point to lives in the arena. `rows` are the node's,
 * of now. LIA_EINVAL   too long, no word or too many; `why` says so LIA_EBUSY    1,000 snapshots
 * are open          LIA_EFULL  the arena */
LIA_MUST_USE lia_err lia_search_ask(lia_search *search, const lia_rows *rows,
                                    const lia_search_question *question, lia_arena *arena,
                                    lia_search_hit *hits, size_t *count, lia_why *why);

#endif
