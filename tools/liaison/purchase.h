/* SPDX-License-Identifier: Apache-2.0 */
/* purchase - one line of a purchase history, as three formats tell it. Pure. */
#ifndef LIA_LIAISON_PURCHASE_H
#define LIA_LIAISON_PURCHASE_H

#include "common/base/buf.h"
#include "common/base/id.h"
#include "common/base/money.h"
#include "common/base/time.h"

#define LIA_PURCHASE_CUSTOMER_MAX 64

typedef struct lia_purchase {
    lia_span customer; /* its number in the source; borrows the input */
    lia_time when;
    uint32_t quantity; /* 0: not told */
    lia_money amount;
} lia_purchase;

/* "00004 19970101  2  29.33": customer, day, pieces, US dollars, between blanks.
 *   LIA_EABSENT  a blank line, or the heading     LIA_EINVAL  `why` names the column */
LIA_MUST_USE lia_err lia_purchase_from_cdnow(lia_purchase *out, lia_span line, lia_why *why);

/* Which CSV column holds what; -1: none. */
typedef struct lia_purchase_columns {
    int customer, date, quantity, amount, currency;
} lia_purchase_columns;

/* Reads the header: customer, date and amount must be there, quantity and currency (USD where it is
 * missing) may.
 *   LIA_EINVAL   a column is missing, unknown or there twice */
LIA_MUST_USE lia_err lia_purchase_columns_find(lia_purchase_columns *out, const lia_span *names,
                                               size_t count, lia_why *why);
LIA_MUST_USE lia_err lia_purchase_from_csv(lia_purchase *out, const lia_purchase_columns *columns,
                                           const lia_span *cells, size_t count, lia_why *why);

/* {"customer": "00004", "date": "1997-01-01", "quantity": 2, "amount": "29.33",
 * "currency": "USD"}; texts are copied into the arena. */
LIA_MUST_USE lia_err lia_purchase_from_json(lia_purchase *out, lia_span line, lia_arena *arena,
                                            lia_why *why);

/* "cdnow:00004:19970101:1": the first purchase of that customer on that day. */
void lia_purchase_put_key(lia_buf *out, const char *source, lia_span customer, lia_time when,
                          uint32_t occurrence);

/* As API records. */
void lia_purchase_put_customer(lia_buf *out, const char *source, lia_span customer);
void lia_purchase_put_interaction(lia_buf *out, const lia_purchase *purchase, lia_id customer,
                                  lia_span reference);

#endif
