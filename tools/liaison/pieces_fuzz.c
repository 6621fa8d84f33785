/* SPDX-License-Identifier: Apache-2.0 */
/* A list of pieces from a shelf that anybody may have written to. */
#include "common/base/assert.h"
#include "tools/liaison/pieces.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    lia_pieces pieces;
    lia_why why = {{0}};
    if (lia_pieces_parse(&pieces, "sales", lia_span_make(data, size), &why)) {
        lia_assert(why.text[0]);
        return 0;
    }
    lia_assert(pieces.count <= LIA_PIECES_MAX && pieces.doomed_count <= LIA_PIECES_MAX);
    for (size_t i = 0; i < pieces.count; i++) {
        lia_assert(pieces.list[i].volume_count && pieces.list[i].volume_count <= LIA_VOLUMES_MAX);
        lia_assert(!strchr(pieces.list[i].id, '/') && pieces.list[i].from <= pieces.list[i].to);
    }
    lia_assert(!pieces.count || pieces.list[0].full);
    lia_assert(lia_pieces_thin(&pieces, 1) == LIA_OK);
    lia_pieces_fini(&pieces);
    return 0;
}
