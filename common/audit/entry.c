/* SPDX-License-Identifier: Apache-2.0 */
#include "common/audit/entry.h"

#include "common/base/crypto.h"
#include "common/wire/pb.h"

enum { ACTOR = 1, ACTION, KIND, RECORD, COUNT, WORDS, EVERYBODY, CUSTOMERS, ADDRESS };

const char *lia_audit_action_name(uint64_t action)
{
    static const char *const names[LIA_AUDIT_ACTIONS] = {
        [LIA_AUDIT_READ] = "read",
        [LIA_AUDIT_PAGE] = "page",
        [LIA_AUDIT_TIMELINE] = "timeline",
        [LIA_AUDIT_LIST] = "list",
        [LIA_AUDIT_SEARCH] = "search",
        [LIA_AUDIT_CONSENTS] = "consents",
        [LIA_AUDIT_EXPORT] = "export",
        [LIA_AUDIT_STREAM] = "stream",
        [LIA_AUDIT_AUDIT] = "audit",
        [LIA_AUDIT_DUPLICATES] = "duplicates",
        [LIA_AUDIT_LOST] = "lost",
        [LIA_AUDIT_SIGNED_IN] = "signed_in",
        [LIA_AUDIT_SIGNED_OUT] = "signed_out",
        [LIA_AUDIT_NOT_SIGNED_IN] = "not_signed_in",
        [LIA_AUDIT_VIEWED_AS] = "viewed_as",
    };
    return action < LIA_AUDIT_ACTIONS ? names[action] : NULL;
}

bool lia_audit_concerns(const lia_audit_entry *entry, lia_id customer)
{
    if (entry->everybody) return true;
    for (size_t i = 0; i < entry->customers.size; i += LIA_ID_SIZE)
        if (memcmp(entry->customers.data + i, customer.bytes, LIA_ID_SIZE) == 0) return true;
    return false;
}

/* ---- entries --------------------------------------------------------------------------------- */

static lia_span cut(lia_span text, size_t max)
{
    if (text.size > max) text.size = max;
    return text;
}

static void put_what(lia_buf *out, const lia_audit_entry *entry)
{
    bool too_many = lia_audit_customers(entry) > LIA_AUDIT_CUSTOMERS_MAX;
    lia_pb_put_bytes(out, ACTOR, cut(entry->actor, LIA_AUDIT_ACTOR_MAX));
    lia_pb_put_varint(out, ACTION, entry->action);
    if (entry->kind) lia_pb_put_varint(out, KIND, entry->kind);
    if (!lia_id_is_none(entry->record)) lia_pb_put_bytes(out, RECORD, lia_id_span(&entry->record));
    if (entry->count) lia_pb_put_varint(out, COUNT, entry->count);
    if (entry->words.size) lia_pb_put_bytes(out, WORDS, cut(entry->words, LIA_AUDIT_WORDS_MAX));
    if (entry->everybody || too_many) lia_pb_put_varint(out, EVERYBODY, 1);
    if (entry->customers.size && !too_many) lia_pb_put_bytes(out, CUSTOMERS, entry->customers);
    if (entry->address.size)
        lia_pb_put_bytes(out, ADDRESS, cut(entry->address, LIA_AUDIT_ADDRESS_MAX));
}

void lia_audit_put(lia_buf *out, const lia_audit_entry *entry)
{
    size_t start = out->size;
    uint8_t head[LIA_AUDIT_SAME_AT] = {0};
    lia_put_u32(head + LIA_AUDIT_TIMES_AT, entry->times);
    lia_put_u64(head + LIA_AUDIT_TIMES_AT + 4, (uint64_t)entry->at.ms);
    lia_buf_add(out, head, sizeof head);
    put_what(out, entry);
    if (!out->failed) lia_put_u16(out->data + start, (uint16_t)(out->size - start));
}

static bool take_field(const lia_pb_field *field, lia_audit_entry *out)
{
    bool is_number = field->wire == LIA_WIRE_VARINT, is_bytes = field->wire == LIA_WIRE_BYTES;
    switch (field->number) {
    case ACTOR:
        out->actor = field->bytes;
        return is_bytes && field->bytes.size <= LIA_AUDIT_ACTOR_MAX;
    case ACTION:
        out->action = field->value;
        return is_number;
    case KIND:
        out->kind = (uint32_t)field->value;
        return is_number && field->value <= UINT32_MAX;
    case RECORD:
        out->record = lia_id_from(field->bytes);
        return is_bytes && field->bytes.size == LIA_ID_SIZE;
    case COUNT:
        out->count = (uint32_t)field->value;
        return is_number && field->value <= UINT32_MAX;
    case WORDS:
        out->words = field->bytes;
        return is_bytes && field->bytes.size <= LIA_AUDIT_WORDS_MAX;
    case EVERYBODY:
        out->everybody = field->value;
        return is_number;
    case CUSTOMERS:
        out->customers = field->bytes;
        return is_bytes && field->bytes.size % LIA_ID_SIZE == 0;
    case ADDRESS:
        out->address = field->bytes;
        return is_bytes && field->bytes.size <= LIA_AUDIT_ADDRESS_MAX;
    default:
        return true; /* of a newer release */
    }
}

lia_err lia_audit_take(lia_span *rest, lia_audit_entry *out)
{
    *out = (lia_audit_entry){0};
    if (!rest->size) return LIA_EABSENT;
    size_t size = rest->size >= LIA_AUDIT_SAME_AT ? lia_get_u16(rest->data) : 0;
    if (size < LIA_AUDIT_SAME_AT || size > rest->size) return LIA_ECORRUPT;
    out->times = lia_get_u32(rest->data + LIA_AUDIT_TIMES_AT);
    out->at.ms = (int64_t)lia_get_u64(rest->data + LIA_AUDIT_TIMES_AT + 4);
    lia_pb_reader reader =
        lia_pb_read(lia_span_make(rest->data + LIA_AUDIT_SAME_AT, size - LIA_AUDIT_SAME_AT));
    lia_pb_field field;
    while (lia_pb_next(&reader, &field))
        if (!take_field(&field, out)) return LIA_ECORRUPT;
    *rest = lia_span_skip(*rest, size);
    return reader.broken ? LIA_ECORRUPT : LIA_OK;
}

/* ---- blocks ---------------------------------------------------------------------------------- */

/* A block that was cut, or left over from another file's place, has another digest. */
static void digest_of(uint64_t segment, uint64_t place, lia_span entries,
                      uint8_t out[LIA_DIGEST_SIZE])
{
    uint8_t where[20];
    lia_put_u64(where, segment);
    lia_put_u64(where + 8, place);
    lia_put_u32(where + 16, (uint32_t)entries.size);
    const lia_span parts[] = {LIA_SPAN_OF(where), entries};
    lia_digest_of("liaison audit", parts, LIA_COUNT(parts), out);
}

void lia_audit_block_head(uint64_t segment, uint64_t place, lia_span entries,
                          uint8_t out[LIA_AUDIT_BLOCK_HEAD])
{
    lia_put_u32(out, (uint32_t)entries.size);
    digest_of(segment, place, entries, out + 4);
}

lia_err lia_audit_block_take(lia_span file, uint64_t segment, size_t place, lia_span *entries)
{
    uint8_t digest[LIA_DIGEST_SIZE];
    *entries = LIA_SPAN_NONE;
    if (place == file.size) return LIA_EABSENT;
    if (place > file.size || file.size - place < LIA_AUDIT_BLOCK_HEAD) return LIA_ECORRUPT;
    const uint8_t *head = file.data + place;
    size_t size = lia_get_u32(head);
    if (size > LIA_AUDIT_BLOCK_MAX || size > file.size - place - LIA_AUDIT_BLOCK_HEAD)
        return LIA_ECORRUPT;
    lia_span found = lia_span_make(head + LIA_AUDIT_BLOCK_HEAD, size);
    digest_of(segment, place, found, digest);
    if (memcmp(digest, head + 4, sizeof digest) != 0) return LIA_ECORRUPT;
    *entries = found;
    return LIA_OK;
}
