/* SPDX-License-Identifier: Apache-2.0 */
#include "common/search/layout.h"

#include "common/wire/pb.h"

/* ---- keys ------------------------------------------------------------------------------------ */

static void add(lia_index_key *key, const void *bytes, size_t size)
{
    memcpy(key->bytes + key->size, bytes, size);
    key->size += size;
}

static void add_u16(lia_index_key *key, uint16_t value)
{
    lia_put_u16(key->bytes + key->size, value);
    key->size += 2;
}

static void add_u32(lia_index_key *key, uint32_t value)
{
    lia_put_u32(key->bytes + key->size, value);
    key->size += 4;
}

static lia_index_key begin(uint8_t table)
{
    return (lia_index_key){.bytes = {table}, .size = 1};
}

lia_index_key lia_key_term_start(lia_span start)
{
    lia_index_key key = begin('t');
    add(&key, start.data, start.size < LIA_TERM_BYTES_MAX ? start.size : LIA_TERM_BYTES_MAX);
    return key;
}

lia_index_key lia_key_posting(lia_span term, uint16_t kind, uint32_t field)
{
    lia_index_key key = lia_key_term_start(term);
    key.bytes[key.size++] = 0;
    add_u16(&key, kind);
    add_u32(&key, field);
    return key;
}

lia_index_key lia_key_document(lia_document document)
{
    lia_index_key key = begin('n');
    add_u32(&key, document);
    return key;
}

lia_index_key lia_key_record_of(uint16_t kind, lia_id id)
{
    lia_index_key key = begin('o');
    add_u16(&key, kind);
    add(&key, id.bytes, sizeof id.bytes);
    return key;
}

lia_index_key lia_key_customer(lia_id customer)
{
    lia_index_key key = begin('c');
    add(&key, customer.bytes, sizeof customer.bytes);
    return key;
}

lia_index_key lia_key_customer_record(lia_id customer, uint16_t kind, lia_id id)
{
    lia_index_key key = lia_key_customer(customer);
    add_u16(&key, kind);
    add(&key, id.bytes, sizeof id.bytes);
    return key;
}

bool lia_posting_key_read(lia_span key, lia_posting_key *out)
{
    enum { TAIL = 1 + 2 + 4 + 4 };
    if (key.size < 1 + TAIL || key.data[0] != 't') return false;
    const uint8_t *tail = key.data + key.size - TAIL;
    out->term = lia_span_make(key.data + 1, key.size - 1 - TAIL);
    out->kind = lia_get_u16(tail + 1);
    out->field = lia_get_u32(tail + 3);
    return tail[0] == 0;
}

/* ---- postings -------------------------------------------------------------------------------- */

bool lia_postings_next(lia_postings *postings, lia_document *out)
{
    uint64_t value;
    size_t size = lia_varint_get(postings->rest, &value);
    bool first = postings->last == 0;
    if (!size || value == 0 || value > (first ? UINT32_MAX : postings->last - 1)) return false;
    postings->rest = lia_span_skip(postings->rest, size);
    postings->last = (lia_document)(first ? value : postings->last - value);
    *out = postings->last;
    return true;
}

size_t lia_postings_put(uint8_t out[LIA_POSTINGS_BYTES_MAX], const lia_document *documents,
                        size_t count)
{
    size_t size = 0;
    for (size_t i = 0; i < count; i++) {
        uint8_t bytes[10];
        size_t step = lia_varint_put(bytes, i ? documents[i - 1] - documents[i] : documents[i]);
        memcpy(out + size, bytes, step);
        size += step;
    }
    return size;
}

/* ---- the mark -------------------------------------------------------------------------------- */

void lia_index_mark_put(const lia_index_mark *mark, uint8_t out[LIA_INDEX_MARK_SIZE])
{
    const uint64_t numbers[] = {mark->arrival, mark->anchor, mark->schema,
                                mark->imports, mark->live,   mark->dead};
    uint8_t *at = out;
    for (size_t i = 0; i < LIA_COUNT(numbers); i++, at += 8) lia_put_u64(at, numbers[i]);
    lia_put_u32(at, mark->next);
    at[4] = (uint8_t)(mark->unclean | mark->owed << 1);
    at[5] = mark->scan;
    lia_put_u16(at + 6, mark->scan_kind);
    memcpy(at + 8, mark->scan_id.bytes, LIA_ID_SIZE);
    lia_put_u64(at + 8 + LIA_ID_SIZE, mark->scanned);
}

bool lia_index_mark_read(lia_span row, lia_index_mark *out)
{
    if (row.size != LIA_INDEX_MARK_SIZE) return false;
    uint64_t *const numbers[] = {&out->arrival, &out->anchor, &out->schema,
                                 &out->imports, &out->live,   &out->dead};
    const uint8_t *at = row.data;
    for (size_t i = 0; i < LIA_COUNT(numbers); i++, at += 8) *numbers[i] = lia_get_u64(at);
    out->next = lia_get_u32(at);
    out->unclean = at[4] & 1;
    out->owed = at[4] & 2;
    out->scan = at[5];
    out->scan_kind = lia_get_u16(at + 6);
    out->scan_id = lia_id_from(lia_span_make(at + 8, LIA_ID_SIZE));
    out->scanned = lia_get_u64(at + 8 + LIA_ID_SIZE);
    return out->next > 0 && out->scan <= LIA_SCAN_INDEX;
}
