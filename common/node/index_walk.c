/* SPDX-License-Identifier: Apache-2.0 */
#include "common/node/index_walk.h"

lia_err lia_index_walk_open(lia_index_walk *walk, const lia_rows *rows, uint32_t kind,
                            const lia_field *field, lia_span payload)
{
    lia_key prefix = lia_key_index_value(kind, field, payload);
    return lia_rows_scan(rows, lia_key_span(&prefix), &walk->scan);
}

lia_err lia_index_walk_of(lia_index_walk *walk, const lia_rows *rows, uint32_t kind,
                          const char *field, lia_span payload)
{
    const lia_kind *of = lia_kind_find(kind);
    return lia_index_walk_open(walk, rows, kind,
                               lia_field_by_name(of->message, lia_span_text(field)), payload);
}

lia_err lia_index_walk_of_number(lia_index_walk *walk, const lia_rows *rows, uint32_t kind,
                                 const char *field, uint64_t number)
{
    uint8_t bytes[10];
    return lia_index_walk_of(walk, rows, kind, field,
                             lia_span_make(bytes, lia_varint_put(bytes, number)));
}

bool lia_index_walk_next(lia_index_walk *walk, lia_id *id)
{
    lia_span key, value;
    if (!lia_scan_next(walk->scan, &key, &value)) return false;
    *id = lia_key_index_id(key);
    return true;
}

lia_err lia_index_walk_close(lia_index_walk *walk, lia_err err)
{
    if (!err) err = lia_scan_status(walk->scan);
    lia_scan_close(walk->scan);
    return err;
}
