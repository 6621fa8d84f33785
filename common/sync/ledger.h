/* SPDX-License-Identifier: Apache-2.0 */
/* ledger - the customers that were erased: a set of ids that only grows. Nothing in it is personal,
 * so it may be kept for ever, beside every copy of a store. As a file it is text:
 *
 *     liaison erasures 1 <cluster>
 *     <id>                              one a line, in order
 *     end <count> <sum>                 of all ids; a file that was cut short has none */
#ifndef LIA_SYNC_LEDGER_H
#define LIA_SYNC_LEDGER_H

#include "common/base/buf.h"
#include "common/base/id.h"
#include "common/base/limits.h"

/* The set's order-free sum (128 bits) and size: equal for equal sets, whatever came first. */
typedef struct lia_ledger_sum {
    uint64_t count;
    uint64_t of_hashes[2];
} lia_ledger_sum;

/* Zeroed it is empty. */
typedef struct lia_ledger {
    lia_id *ids; /* in order */
    size_t capacity;
    lia_ledger_sum sum;
} lia_ledger;

void lia_ledger_fini(lia_ledger *ledger);

/* LIA_EEXIST  it is there already     LIA_EINVAL  the none id
 * LIA_EFULL  no memory, or LIA_ERASURES_MAX: nothing was changed */
LIA_MUST_USE lia_err lia_ledger_add(lia_ledger *ledger, lia_id customer);
bool lia_ledger_has(const lia_ledger *ledger, lia_id customer);
/* The place of the first id above `after` (none: of the first of all); the count when there is
 * none. */
size_t lia_ledger_place(const lia_ledger *ledger, lia_id after);
bool lia_ledger_same(const lia_ledger_sum *a, const lia_ledger_sum *b);

/* The file's bytes. */
void lia_ledger_print(const lia_ledger *ledger, lia_id cluster, lia_buf *out);
/* Adds the ids of a file to `ledger`; those that are there already do no harm. On an error the
 * ledger may have some of them, and `why` names the line. LIA_EINVAL  not such a file, cut short,
 * or changed     LIA_EDENIED  of another cluster LIA_EVERSION  a newer release wrote it LIA_EFULL
 * as lia_ledger_add */
LIA_MUST_USE lia_err lia_ledger_parse(lia_ledger *ledger, lia_id cluster, lia_span text,
                                      lia_why *why);
/* Most bytes of a file. */
#define LIA_LEDGER_FILE_MAX ((size_t)(LIA_ERASURES_MAX + 4) * LIA_ID_TEXT_SIZE + 256)

#endif
