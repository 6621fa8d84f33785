/* SPDX-License-Identifier: Apache-2.0 */
/* spending - what each customer has bought, and what their record says about it. Kept by folds;
 * read by classify.c, which writes the difference into the record.
 *
 *     'c' customer(16) -> lia_spending
 *     'q' customer(16) -> empty: bought something that the record does not say yet
 *     'n' class(1)     -> number of customers (8)
 *
 * A mark 'q' stands exactly while `now` and `told` differ. So it goes away when the class has been
 * written, whoever wrote it, and never stays behind where there is nothing to write. */
#ifndef LIA_ANALYTICS_SPENDING_H
#define LIA_ANALYTICS_SPENDING_H

#include "common/node/turn.h"
#include "services/analytics/class.h"
#include "services/analytics/deed.h"

/* In the machine's own byte order: these rows are derived and never leave it. */
typedef struct lia_spending {
    lia_tally now, told;
    lia_scores scores; /* as told */
    uint8_t unused[5]; /* no padding: rows are compared and kept whole */
} lia_spending;

/* Counts a purchase or a return; false for anything else. A return takes its amount off, whatever
 * its sign. Amounts in another currency than the first one are not added. */
bool lia_tally_add(lia_tally *tally, const lia_deed *deed);

/* Whether the customer has bought something that their record does not say. */
bool lia_spending_is_dirty(const lia_spending *spending);

/* Folds of an interaction, and of a class written into the record of `customer`. */
LIA_MUST_USE lia_err lia_spending_fold_deed(lia_turn *turn, const lia_deed *deed);
LIA_MUST_USE lia_err lia_spending_fold_class(lia_turn *turn, lia_id customer,
                                             const Crm__CustomerClass *class);

/* Fold of an erasure: takes the customer's rows away. */
LIA_MUST_USE lia_err lia_spending_fold_erasure(lia_turn *turn, lia_id customer);

/* Reading rows of a scan over LIA_SPENDING_ROWS or LIA_SPENDING_MARKS: false when it is no such
 * row. Keys are as scans give them. */
#define LIA_SPENDING_ROWS  LIA_SPAN("c")
#define LIA_SPENDING_MARKS LIA_SPAN("q")
bool lia_spending_read(lia_spending *out, lia_id *customer, lia_span key, lia_span row);
bool lia_spending_read_mark(lia_id *customer, lia_span key);
/* LIA_EABSENT when the customer has not bought anything. */
LIA_MUST_USE lia_err lia_spending_get(lia_turn *turn, lia_id customer, lia_spending *out);

/* GET /api/v1/classes: how many customers each class has. */
LIA_MUST_USE lia_err lia_classes_answer(lia_query *query);

#endif
