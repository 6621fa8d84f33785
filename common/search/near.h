/* SPDX-License-Identifier: Apache-2.0 */
/* near - the words of the index that are one typing error away from another. Internal to
 * common/search. */
#ifndef LIA_SEARCH_NEAR_H
#define LIA_SEARCH_NEAR_H

#include "common/search/layout.h"

/* Called for each way to write `term` that there may be in the index, in the order of the place of
 * the error; the scan may be moved. `longer`: longer words that begin so count, too. False ends it.
 */
typedef bool (*lia_near_take)(void *context, lia_scan *scan, lia_span term, bool longer);

/* `scan` walks the postings. Letters are taken from words that the index has, so any script does.
 * At most LIA_NEAR_STEPS_MAX of them are tried. False when `take` ended it. */
#define LIA_NEAR_STEPS_MAX 4096
bool lia_near_terms(lia_scan *scan, lia_span word, lia_near_take take, void *context);

#endif
