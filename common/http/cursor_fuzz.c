/* SPDX-License-Identifier: Apache-2.0 */
/* Cursors and versions come from clients: each is read or refused, and what was read prints as a
 * text that reads back as the same. */
#include "common/base/assert.h"
#include "common/http/api_inner.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(lia_span text, lia_err parse(lia_span, lia_position *),
                  void print(lia_position, char[LIA_POSITION_TEXT_SIZE]))
{
    lia_position read, back;
    char again[LIA_POSITION_TEXT_SIZE];
    if (parse(text, &read)) return;
    print(read, again);
    lia_assert(parse(lia_span_text(again), &back) == LIA_OK);
    lia_assert(back.node == read.node && back.incarnation == read.incarnation &&
               back.seq == read.seq);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    lia_stamp version, back;
    char again[LIA_VERSION_TEXT_SIZE];
    lia_span text = lia_span_make(data, size);
    check(text, lia_position_parse, lia_position_print);
    check(text, lia_stream_id_parse, lia_stream_id_print);
    if (lia_version_parse(text, &version)) return 0;
    lia_version_print(&version, again);
    lia_assert(lia_version_parse(lia_span_text(again), &back) == LIA_OK);
    lia_assert(lia_stamp_compare(&version, &back) == 0);
    return 0;
}
