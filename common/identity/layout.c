/* SPDX-License-Identifier: Apache-2.0 */
#include "common/identity/layout.h"

#include "common/base/assert.h"
#include "common/base/crypto.h"

enum { PREFIX_SIZE = 2, SCORE_SIZE = 4 };

/* ---- keys ----------------------------------------------------------------------------------- */

static void add(lia_key *key, const void *bytes, size_t size)
{
    lia_assert(key->size + size <= sizeof key->bytes);
    memcpy(key->bytes + key->size, bytes, size);
    key->size += size;
}

lia_key lia_identity_row(lia_identity_table table)
{
    lia_key key;
    key.bytes[0] = 'c';
    key.bytes[1] = (uint8_t)table;
    key.size = PREFIX_SIZE;
    return key;
}

lia_key lia_identity_row_of(lia_identity_table table, lia_id id)
{
    lia_key key = lia_identity_row(table);
    add(&key, id.bytes, LIA_ID_SIZE);
    return key;
}

lia_key lia_identity_row_of_pair(lia_identity_table table, lia_id id, lia_id other)
{
    lia_key key = lia_identity_row_of(table, id);
    add(&key, other.bytes, LIA_ID_SIZE);
    return key;
}

lia_key lia_identity_waiting(uint8_t step, lia_id id)
{
    lia_key key = lia_identity_row(LIA_IDENTITY_WAITING);
    add(&key, &step, 1);
    if (!lia_id_is_none(id)) add(&key, id.bytes, LIA_ID_SIZE);
    return key;
}

lia_key lia_identity_key(uint64_t hash)
{
    lia_key key = lia_identity_row(LIA_IDENTITY_KEY);
    uint8_t bytes[8];
    lia_put_u64(bytes, hash);
    add(&key, bytes, sizeof bytes);
    return key;
}

lia_key lia_identity_holder(uint64_t hash, lia_id id)
{
    lia_key key = lia_identity_key(hash);
    add(&key, id.bytes, LIA_ID_SIZE);
    return key;
}

lia_key lia_identity_question(int32_t score, lia_id a, lia_id b)
{
    lia_key key = lia_identity_row(LIA_IDENTITY_QUESTION);
    uint8_t bytes[SCORE_SIZE];
    lia_put_u32(bytes, ~((uint32_t)score ^ UINT32_C(0x80000000)));
    add(&key, bytes, sizeof bytes);
    add(&key, a.bytes, LIA_ID_SIZE);
    add(&key, b.bytes, LIA_ID_SIZE);
    return key;
}

lia_id lia_identity_last_id(lia_span key)
{
    if (key.size < LIA_ID_SIZE) return LIA_ID_NONE;
    return lia_id_from(lia_span_skip(key, key.size - LIA_ID_SIZE));
}

uint64_t lia_identity_hash(lia_span match_key)
{
    uint8_t digest[LIA_DIGEST_SIZE];
    lia_digest_of("liaison.blocking", &match_key, 1, digest);
    return lia_get_u64(digest);
}

/* ---- values --------------------------------------------------------------------------------- */

void lia_identity_put_tie(uint8_t out[LIA_TIE_SIZE], const lia_tie_row *row)
{
    out[0] = (uint8_t)row->tie.verdict;
    out[1] = (uint8_t)((row->tie.certain ? LIA_TIE_CERTAIN : 0) | (row->asked ? LIA_TIE_ASKED : 0));
    out[2] = (uint8_t)row->tie.word;
    out[3] = (uint8_t)row->tie.fate;
    lia_put_u32(out + 4, (uint32_t)row->tie.score);
}

lia_err lia_identity_get_tie(lia_span key, lia_span value, lia_tie_row *out)
{
    if (key.size != PREFIX_SIZE + 2 * LIA_ID_SIZE || value.size != LIA_TIE_SIZE)
        return LIA_ECORRUPT;
    *out = (lia_tie_row){.tie = {.other = lia_identity_last_id(key),
                                 .verdict = (lia_verdict)value.data[0],
                                 .certain = value.data[1] & LIA_TIE_CERTAIN,
                                 .word = (lia_word)value.data[2],
                                 .fate = (lia_edge_fate)value.data[3],
                                 .score = (int32_t)lia_get_u32(value.data + 4)},
                         .asked = value.data[1] & LIA_TIE_ASKED};
    return LIA_OK;
}

lia_err lia_identity_holds(const lia_rows *rows, lia_id record, lia_holds *out)
{
    lia_key key = lia_identity_row_of(LIA_IDENTITY_HOLDS, record);
    lia_span row;
    lia_err err = lia_rows_get(rows, lia_key_span(&key), &row);
    if (err) return err;
    if (row.size % 8 != 1 || row.size / 8 > LIA_MATCH_KEYS_MAX) return LIA_ECORRUPT;
    out->flags = row.data[0];
    out->count = row.size / 8;
    for (size_t i = 0; i < out->count; i++) out->hashes[i] = lia_get_u64(row.data + 1 + 8 * i);
    return LIA_OK;
}

lia_err lia_identity_holders(const lia_rows *rows, uint64_t hash, lia_id *out, size_t max,
                             size_t *count)
{
    lia_key prefix = lia_identity_key(hash);
    lia_scan *scan;
    lia_span key, value;
    *count = 0;
    lia_err err = lia_rows_scan(rows, lia_key_span(&prefix), &scan);
    if (err) return err;
    while (*count < max && lia_scan_next(scan, &key, &value))
        out[(*count)++] = lia_identity_last_id(key);
    err = lia_scan_status(scan);
    lia_scan_close(scan);
    return err;
}

lia_err lia_identity_customer_row(const lia_rows *rows, lia_id record, lia_id *customer,
                                  bool *crowded)
{
    lia_key key = lia_identity_row_of(LIA_IDENTITY_CUSTOMER, record);
    lia_span row;
    *crowded = false;
    lia_err err = lia_rows_get(rows, lia_key_span(&key), &row);
    if (err) return err;
    if (row.size != LIA_CUSTOMER_ROW_SIZE) return LIA_ECORRUPT;
    *crowded = row.data[0] & LIA_CUSTOMER_CROWDED;
    *customer = lia_id_from(lia_span_skip(row, 1));
    return LIA_OK;
}
