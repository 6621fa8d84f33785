/* SPDX-License-Identifier: Apache-2.0 */
/* layout - the rows of views in which identity keeps what it has found out, and reading them. They
 * belong to this node alone, are in no digest, and can be made again from the records at any time.
 * Internal to common/identity.
 *
 *     'c' 00                         -> where the work stands, see engine.c
 *     'c' 01 step(1) id(16)          -> empty: the record waits for that step; 04: see bulk.c
 *     'c' 02 hash(8) id(16)          -> empty: it holds the blocking key of that hash
 *     'c' 03 id(16)                  -> flags(1) hash(8)...: it is known; its keys, ascending
 *     'c' 04 id(16) other(16)        -> word(1): what people said of the pair
 *     'c' 05 id(16) other(16)        -> verdict(1) flags(1) word(1) fate(1) score(4): a tie
 *     'c' 06 id(16)                  -> flags(1) customer(16): it is not alone
 *     'c' 07 customer(16) id(16)     -> empty: a member
 *     'c' 08 ~score(4) a(16) b(16)   -> fate(1) certain(1): a question for people
 *
 * What is said of a pair (04, 05) stands under both records. Keys are kept as hashes: they are
 * shorter so, and what two keys with one hash have in common is only that they are compared. */
#ifndef LIA_IDENTITY_LAYOUT_H
#define LIA_IDENTITY_LAYOUT_H

#include "common/identity/identity.h"

typedef enum lia_identity_table {
    LIA_IDENTITY_STATE,
    LIA_IDENTITY_WAITING,
    LIA_IDENTITY_KEY,
    LIA_IDENTITY_HOLDS,
    LIA_IDENTITY_WORD,
    LIA_IDENTITY_TIE,
    LIA_IDENTITY_CUSTOMER,
    LIA_IDENTITY_MEMBER,
    LIA_IDENTITY_QUESTION
} lia_identity_table;

lia_key lia_identity_row(lia_identity_table table);
lia_key lia_identity_row_of(lia_identity_table table, lia_id id);
lia_key lia_identity_row_of_pair(lia_identity_table table, lia_id id, lia_id other);
lia_key lia_identity_waiting(uint8_t step, lia_id id);
lia_key lia_identity_key(uint64_t hash);
lia_key lia_identity_holder(uint64_t hash, lia_id id);
lia_key lia_identity_question(int32_t score, lia_id a, lia_id b);
/* The last id of a key. */
lia_id lia_identity_last_id(lia_span key);

uint64_t lia_identity_hash(lia_span match_key);

/* ---- ties ------------------------------------------------------------------------------------ */

enum { LIA_TIE_SIZE = 8, LIA_TIE_CERTAIN = 1, LIA_TIE_ASKED = 2 };

/* What a tie row holds; `asked`: it is in the queue for people. */
typedef struct lia_tie_row {
    lia_tie tie;
    bool asked;
} lia_tie_row;

void lia_identity_put_tie(uint8_t out[LIA_TIE_SIZE], const lia_tie_row *row);
LIA_MUST_USE lia_err lia_identity_get_tie(lia_span key, lia_span value, lia_tie_row *out);

/* ---- what a record holds ----------------------------------------------------------------------
 */

/* PARTIAL: some of the keys may be missing in the index, see bulk.c. */
enum { LIA_HOLDS_ARCHIVED = 1, LIA_HOLDS_PARTIAL = 2 };

typedef struct lia_holds {
    uint8_t flags;
    size_t count;
    uint64_t hashes[LIA_MATCH_KEYS_MAX]; /* ascending */
} lia_holds;

/* LIA_EABSENT: there is no such customer. */
LIA_MUST_USE lia_err lia_identity_holds(const lia_rows *rows, lia_id record, lia_holds *out);

/* Who holds a key: at most `max` of them, by id. Returns how many in *count. */
LIA_MUST_USE lia_err lia_identity_holders(const lia_rows *rows, uint64_t hash, lia_id *out,
                                          size_t max, size_t *count);

/* ---- customers --------------------------------------------------------------------------------
 */

enum { LIA_CUSTOMER_ROW_SIZE = 17, LIA_CUSTOMER_CROWDED = 1 };

/* What is said of a record that is not alone, or part of a crowd (see step_join.c). LIA_EABSENT. */
LIA_MUST_USE lia_err lia_identity_customer_row(const lia_rows *rows, lia_id record,
                                               lia_id *customer, bool *crowded);

#endif
