/* SPDX-License-Identifier: Apache-2.0 */
/* index_text - the form in which text is put in order: by indexes, by lists and by < and > of
 * filters, so that what a filter bounds stands together in an index. */
#ifndef LIA_WIRE_INDEX_TEXT_H
#define LIA_WIRE_INDEX_TEXT_H

#include "common/base/span.h"

#define LIA_INDEX_TEXT_MAX 128

/* Case and accents off (Unicode compatibility decomposition, case folding, marks stripped), no zero
 * byte, cut to LIA_INDEX_TEXT_MAX. Text that is not UTF-8 is taken as it is. Returns the size;
 * forms compare as bytes. */
size_t lia_index_text(lia_span text, uint8_t out[LIA_INDEX_TEXT_MAX]);

#endif
