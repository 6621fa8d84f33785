/* SPDX-License-Identifier: Apache-2.0 */
/* known - the customers of an import by their number in the source: which record each became, and
 * how many purchases it has had on each day so far. The only thing of an import that grows with it:
 * about 100 bytes a customer and 8 a day on which it bought. */
#ifndef LIA_LIAISON_KNOWN_H
#define LIA_LIAISON_KNOWN_H

#include "common/base/id.h"

typedef struct lia_known lia_known;

/* LIA_EFULL   no memory */
LIA_MUST_USE lia_err lia_known_open(lia_known **out);
void lia_known_close(lia_known *known);

/* The index of `name`, and whether it was not there before. SIZE_MAX when there is no memory. */
size_t lia_known_add(lia_known *known, lia_span name, bool *is_new);
/* Valid until the next add. */
lia_span lia_known_name(const lia_known *known, size_t index);

void lia_known_set_id(lia_known *known, size_t index, lia_id id);
/* None until it is set. */
lia_id lia_known_id(const lia_known *known, size_t index);

/* Counts one more on that day: 1, 2, 3 ... ; 0 when there is no memory. */
uint32_t lia_known_count(lia_known *known, size_t index, int32_t day);

#endif
