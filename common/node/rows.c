/* SPDX-License-Identifier: Apache-2.0 */
#include "common/node/rows.h"

#include "common/base/assert.h"
#include "common/node/state.h"
#include "common/store/log_retain.h"
#include "common/wire/catalog.h"
#include "common/wire/index_text.h"
#include "common/wire/unpack.h"

lia_err lia_rows_get(const lia_rows *rows, lia_span key, lia_span *value)
{
    return rows->views ? lia_views_get(rows->views, key, value)
                       : lia_snapshot_get(rows->snapshot, key, value);
}

lia_err lia_rows_scan(const lia_rows *rows, lia_span prefix, lia_scan **out)
{
    return rows->views ? lia_views_scan(rows->views, prefix, out)
                       : lia_scan_open(out, rows->snapshot, prefix);
}

lia_err lia_rows_any(const lia_rows *rows, lia_span prefix, bool *any)
{
    lia_scan *scan;
    lia_span key, value;
    lia_err err = lia_rows_scan(rows, prefix, &scan);
    if (err) return err;
    *any = lia_scan_next(scan, &key, &value);
    err = lia_scan_status(scan);
    lia_scan_close(scan);
    return err;
}

lia_err lia_rows_event(const lia_rows *rows, uint64_t arrival, lia_span *event)
{
    if (rows->pending_count && arrival >= rows->pending_first) {
        if (arrival - rows->pending_first >= rows->pending_count) return LIA_EABSENT;
        *event = rows->pending[arrival - rows->pending_first];
        return LIA_OK;
    }
    return lia_log_event(rows->log, arrival, event);
}

/* Among the writer's own that are not in the log yet. */
static lia_err find_pending(const lia_rows *rows, lia_position position, lia_span *event)
{
    for (size_t i = 0; i < rows->pending_count; i++) {
        lia_header header;
        *event = rows->pending[i];
        if (!lia_event_parse_header(&header, *event) && header.node == position.node &&
            header.incarnation == position.incarnation && header.seq == position.seq)
            return LIA_OK;
    }
    return LIA_EABSENT;
}

lia_err lia_rows_position(const lia_rows *rows, lia_position position, lia_span *event)
{
    lia_origin origin = {position.node, position.incarnation};
    lia_lane lane = lia_log_find_lane(rows->log, origin);
    lia_block block;
    uint64_t arrival = 0;
    lia_err err = lane ? lia_log_block(rows->log, lane, position.seq, &block) : LIA_EABSENT;
    if (!err) arrival = block.arrival + (position.seq - block.first);
    if (err == LIA_EABSENT) err = lia_log_kept(rows->log, origin, position.seq, &arrival);
    if (!err) err = lia_log_event(rows->log, arrival, event);
    return err == LIA_EABSENT ? find_pending(rows, position, event) : err;
}

/* ---- keys ----------------------------------------------------------------------------------- */

static void add(lia_key *key, const void *bytes, size_t size)
{
    lia_assert(key->size + size <= sizeof key->bytes);
    memcpy(key->bytes + key->size, bytes, size);
    key->size += size;
}
static void add_u8(lia_key *key, uint8_t value)
{
    add(key, &value, 1);
}
static void add_u16(lia_key *key, uint16_t value)
{
    uint8_t bytes[2];
    lia_put_u16(bytes, value);
    add(key, bytes, 2);
}
static void add_u32(lia_key *key, uint32_t value)
{
    uint8_t bytes[4];
    lia_put_u32(bytes, value);
    add(key, bytes, 4);
}
static void add_u64(lia_key *key, uint64_t value)
{
    uint8_t bytes[8];
    lia_put_u64(bytes, value);
    add(key, bytes, 8);
}

lia_key lia_key_kind(uint32_t kind)
{
    lia_key key;
    key.size = 0;
    add_u8(&key, 'r');
    add_u16(&key, (uint16_t)kind);
    return key;
}

lia_key lia_key_record(uint32_t kind, lia_id id)
{
    lia_key key = lia_key_kind(kind);
    add(&key, id.bytes, LIA_ID_SIZE);
    return key;
}

lia_key lia_key_tag(uint32_t kind, lia_id id, uint8_t tag)
{
    lia_key key = lia_key_record(kind, id);
    add_u8(&key, tag);
    return key;
}

bool lia_record_key_read(lia_span key, lia_record_key *out)
{
    enum { KIND = 1, ID = 3, TAG = ID + LIA_ID_SIZE, REST };
    if (key.size < REST || key.data[0] != 'r') return false;
    *out = (lia_record_key){.kind = lia_get_u16(key.data + KIND),
                            .id = lia_id_from(lia_span_make(key.data + ID, LIA_ID_SIZE)),
                            .tag = key.data[TAG],
                            .rest = lia_span_skip(key, REST)};
    return true;
}

lia_key lia_key_timeline(lia_id customer, lia_time time, const lia_header *event)
{
    lia_key key = lia_key_tag(LIA_CUSTOMER, customer, LIA_TAG_TIMELINE);
    /* Newest first: the complement; the sign bit is flipped so that years before 1970 sort too. */
    add_u64(&key, ~((uint64_t)time.ms ^ (UINT64_C(1) << 63)));
    add_u16(&key, event->node);
    add_u16(&key, (uint16_t)event->incarnation);
    add_u64(&key, event->seq);
    return key;
}

lia_key lia_key_reference(lia_id customer, uint32_t kind, lia_id id)
{
    lia_key key = lia_key_tag(LIA_CUSTOMER, customer, LIA_TAG_REFERENCE);
    add_u16(&key, (uint16_t)kind);
    add(&key, id.bytes, LIA_ID_SIZE);
    return key;
}

lia_key lia_key_said(lia_id customer, uint32_t kind, lia_id id)
{
    lia_key key = lia_key_tag(LIA_CUSTOMER, customer, LIA_TAG_SAID);
    add_u16(&key, (uint16_t)kind);
    add(&key, id.bytes, LIA_ID_SIZE);
    return key;
}

lia_key lia_key_command(lia_id command)
{
    lia_key key;
    key.size = 0;
    add_u8(&key, 'k');
    add(&key, command.bytes, LIA_ID_SIZE);
    return key;
}

lia_key lia_key_erased(lia_id customer)
{
    lia_key key;
    key.size = 0;
    add_u8(&key, 'e');
    if (!lia_id_is_none(customer)) add(&key, customer.bytes, LIA_ID_SIZE);
    return key;
}

lia_key lia_key_blanked(void)
{
    lia_key key;
    key.size = 0;
    add_u8(&key, 'b');
    return key;
}

lia_key lia_key_imports(void)
{
    lia_key key;
    key.size = 0;
    add_u8(&key, 'i');
    return key;
}

lia_key lia_key_fold(lia_span name)
{
    lia_key key;
    key.size = 0;
    add_u8(&key, 'f');
    add(&key, name.data, name.size);
    return key;
}

lia_key lia_key_index_prefix(uint32_t kind, const lia_field *field)
{
    lia_key key;
    key.size = 0;
    bool is_custom = field->number >= LIA_CUSTOM_FIELD_FIRST;
    add_u8(&key, is_custom ? 'y' : 'x');
    add_u16(&key, (uint16_t)kind);
    if (is_custom)
        add_u32(&key, field->number);
    else
        add_u16(&key, (uint16_t)field->number);
    return key;
}

/* A scalar's payload in the form that sorts and compares. */
static void add_value(lia_key *key, const lia_field *field, lia_span payload)
{
    uint64_t number = 0;
    uint8_t text[LIA_INDEX_TEXT_MAX];
    switch (field->type) {
    case LIA_T_STRING:
        add(key, text, lia_index_text(payload, text));
        break;
    case LIA_T_BYTES:
        add(key, payload.data, payload.size < sizeof text ? payload.size : sizeof text);
        break;
    case LIA_T_MESSAGE: {
        /* A keyed element is indexed by its key. */
        lia_pb_field found;
        const lia_field *inner = lia_field_find(field->message, field->key);
        if (inner && lia_pb_find(payload, field->key, &found)) add_value(key, inner, found.bytes);
        break;
    }
    default:
        lia_varint_get(payload, &number);
        add_u64(key, field->type == LIA_T_UINT ? number : number ^ (UINT64_C(1) << 63));
    }
}

lia_key lia_key_index_value(uint32_t kind, const lia_field *field, lia_span payload)
{
    lia_key key = lia_key_index_prefix(kind, field);
    add_value(&key, field, payload);
    add_u8(&key, 0);
    return key;
}

lia_key lia_key_index(uint32_t kind, const lia_field *field, lia_span payload, lia_id id)
{
    lia_key key = lia_key_index_value(kind, field, payload);
    add(&key, id.bytes, LIA_ID_SIZE);
    return key;
}

lia_id lia_key_index_id(lia_span key)
{
    if (key.size < LIA_ID_SIZE) return LIA_ID_NONE;
    return lia_id_from(lia_span_skip(key, key.size - LIA_ID_SIZE));
}

/* ---- state rows ----------------------------------------------------------------------------- */

void lia_state_put_pointer(uint8_t out[LIA_STATE_POINTER_SIZE], uint64_t arrival, size_t op,
                           const lia_stamp *stamp)
{
    out[0] = LIA_STATE_POINTER;
    lia_put_u64(out + 1, arrival);
    lia_put_u16(out + 9, (uint16_t)op);
    lia_put_u64(out + 11, stamp->hlc);
    lia_put_u16(out + 19, stamp->node);
    lia_put_u64(out + 21, stamp->incarnation);
    lia_put_u64(out + 29, stamp->seq);
}

bool lia_state_is_pointer(lia_span row)
{
    return row.size == LIA_STATE_POINTER_SIZE && row.data[0] == LIA_STATE_POINTER;
}

bool lia_row_is_erased(lia_span row)
{
    return row.size == LIA_STATE_ERASED_SIZE && row.data[0] == LIA_STATE_ERASED;
}

uint64_t lia_state_arrival(lia_span row)
{
    return lia_get_u64(row.data + 1);
}

lia_stamp lia_state_stamp(lia_span row)
{
    return (lia_stamp){.hlc = lia_get_u64(row.data + 11),
                       .node = lia_get_u16(row.data + 19),
                       .incarnation = lia_get_u64(row.data + 21),
                       .seq = lia_get_u64(row.data + 29)};
}

lia_err lia_state_record(const lia_rows *rows, lia_span row, lia_arena *arena, lia_record *out)
{
    if (lia_row_is_erased(row)) return LIA_EGONE;
    if (!lia_state_is_pointer(row)) return lia_record_decode(out, row, arena);
    lia_span bytes;
    lia_event event;
    lia_err err = lia_rows_event(rows, lia_state_arrival(row), &bytes);
    if (err) return err == LIA_EABSENT ? LIA_ECORRUPT : err;
    err = lia_event_parse(&event, bytes, arena, NULL);
    size_t op = lia_get_u16(row.data + 9);
    if (err) return err;
    if (event.erased) return LIA_EGONE;
    if (op >= event.op_count) return LIA_ECORRUPT;
    *out = (lia_record){0};
    return lia_record_join_op(out, &event.ops[op], lia_header_stamp(&event.header), arena);
}

lia_err lia_rows_made(const lia_rows *rows, uint32_t kind, lia_id id, uint64_t *arrival,
                      bool *changed)
{
    lia_key state = lia_key_tag(kind, id, LIA_TAG_STATE),
            place = lia_key_tag(kind, id, LIA_TAG_PLACE);
    lia_span row;
    *arrival = 0;
    lia_err err = lia_rows_get(rows, lia_key_span(&state), &row);
    if (err) return err;
    bool is_pointer = lia_state_is_pointer(row);
    if (changed) *changed = !is_pointer;
    if (is_pointer) {
        *arrival = lia_state_arrival(row);
        return LIA_OK;
    }
    err = lia_rows_get(rows, lia_key_span(&place), &row);
    if (!err && row.size >= 8) *arrival = lia_get_u64(row.data);
    return err == LIA_EABSENT ? LIA_OK : err;
}

lia_err lia_rows_record(const lia_rows *rows, uint32_t kind, lia_id id, lia_arena *arena,
                        lia_record *out)
{
    lia_key key = lia_key_tag(kind, id, LIA_TAG_STATE);
    lia_span row;
    lia_err err = lia_rows_get(rows, lia_key_span(&key), &row);
    if (err) return err;
    /* The writer's rows move with its next write; records are looked at longer than that. */
    if (rows->views) {
        row = lia_arena_copy(arena, row);
        if (!row.data) return LIA_EFULL;
    }
    return lia_state_record(rows, row, arena, out);
}

lia_err lia_rows_message(const lia_rows *rows, const lia_kind *kind, lia_id id, lia_arena *arena,
                         lia_span *message, lia_stamp *version)
{
    lia_record record;
    lia_err err = lia_rows_record(rows, kind->number, id, arena, &record);
    if (err) return err;
    lia_buf out = lia_buf_make(arena);
    lia_record_message(&record, kind->message, &out);
    if (out.failed) return LIA_EFULL;
    *message = lia_buf_get(&out);
    if (version) *version = lia_record_top(&record);
    return LIA_OK;
}

lia_id lia_erasure_id(lia_id customer)
{
    return lia_id_derive("liaison.erasure", lia_id_span(&customer));
}

lia_err lia_record_read(const lia_rows *rows, uint32_t number, lia_id id, lia_arena *arena,
                        ProtobufCMessage **out)
{
    const lia_kind *kind = lia_kind_find(number);
    lia_span message;
    *out = NULL;
    lia_err err = lia_rows_message(rows, kind, id, arena, &message, NULL);
    if (err) return err == LIA_EABSENT || err == LIA_EGONE ? LIA_OK : err;
    *out = lia_unpack(kind->message->descriptor, message, arena);
    return *out ? LIA_OK : arena->exhausted ? LIA_EFULL : LIA_ECORRUPT;
}

lia_time lia_rows_created_at(lia_id id, const lia_record *record)
{
    lia_hlc oldest = UINT64_MAX;
    if (id.bytes[6] >> 4 == 7) return (lia_time){(int64_t)(lia_get_u64(id.bytes) >> 16)};
    for (size_t r = 0; r < record->count; r++)
        for (size_t i = 0; i < record->registers[r].count; i++)
            if (record->registers[r].live[i].stamp.hlc < oldest)
                oldest = record->registers[r].live[i].stamp.hlc;
    return (lia_time){oldest == UINT64_MAX ? 0 : lia_hlc_ms(oldest)};
}

lia_err lia_rows_part(const lia_rows *rows, uint32_t kind, lia_id id, lia_id customer,
                      lia_arena *arena, lia_record *out)
{
    lia_key key = lia_key_tag(kind, id, LIA_TAG_PART);
    lia_span row;
    add(&key, customer.bytes, LIA_ID_SIZE);
    lia_err err = lia_rows_get(rows, lia_key_span(&key), &row);
    return err ? err : lia_state_record(rows, row, arena, out);
}

/* ---- timeline ------------------------------------------------------------------------------- */

lia_err lia_rows_timeline(const lia_rows *rows, lia_id customer, lia_span after, size_t max,
                          lia_arena *arena, lia_timeline_entry *out, size_t *count, lia_span *next)
{
    lia_key prefix = lia_key_tag(LIA_CUSTOMER, customer, LIA_TAG_TIMELINE);
    lia_scan *scan;
    lia_span key, value, last = LIA_SPAN_NONE;
    *count = 0;
    *next = LIA_SPAN_NONE;
    lia_err err = lia_rows_scan(rows, lia_key_span(&prefix), &scan);
    if (err) return err;
    if (after.size) lia_scan_seek(scan, after);
    while (lia_scan_next(scan, &key, &value)) {
        if (after.size && lia_span_equal(key, after)) continue;
        if (*count == max) {
            *next = last;
            break;
        }
        if (key.size != prefix.size + 20 || value.size != LIA_TIMELINE_VALUE_SIZE) {
            err = LIA_ECORRUPT;
            break;
        }
        lia_timeline_entry *entry = &out[*count];
        entry->time.ms = (int64_t)(~lia_get_u64(key.data + prefix.size) ^ (UINT64_C(1) << 63));
        entry->arrival = lia_get_u64(value.data);
        entry->changed = value.data[8] & LIA_TIMELINE_CHANGED;
        err = lia_rows_event(rows, entry->arrival, &entry->bytes);
        if (err) break;
        if (++*count == max) {
            last = lia_arena_copy(arena, key);
            if (!last.data) err = LIA_EFULL;
        }
        if (err) break;
    }
    if (!err) err = lia_scan_status(scan);
    lia_scan_close(scan);
    return err;
}

/* ---- commands ------------------------------------------------------------------------------- */

lia_err lia_rows_command(const lia_rows *rows, lia_id command, lia_command_note *out)
{
    lia_key key = lia_key_command(command);
    lia_span row;
    lia_err err = lia_rows_get(rows, lia_key_span(&key), &row);
    if (err) return err;
    if (row.size != LIA_NOTE_SIZE) return LIA_ECORRUPT;
    *out = (lia_command_note){
        .event = {.node = lia_get_u16(row.data),
                  .incarnation = lia_get_u64(row.data + 2),
                  .seq = lia_get_u64(row.data + 10)},
        .request = lia_get_u64(row.data + 18),
        .kind = lia_get_u16(row.data + 26),
        .record = lia_id_from(lia_span_make(row.data + 28, LIA_ID_SIZE)),
        .first = lia_get_u64(row.data + 44),
    };
    return LIA_OK;
}

void lia_note_put(uint8_t out[LIA_NOTE_SIZE], const lia_command_note *note)
{
    lia_put_u16(out, note->event.node);
    lia_put_u64(out + 2, note->event.incarnation);
    lia_put_u64(out + 10, note->event.seq);
    lia_put_u64(out + 18, note->request);
    lia_put_u16(out + 26, note->kind);
    memcpy(out + 28, note->record.bytes, LIA_ID_SIZE);
    lia_put_u64(out + 44, note->first);
}

/* ---- agreement ------------------------------------------------------------------------------ */

uint16_t lia_digest_bucket(lia_id record)
{
    /* The last bytes of a UUIDv7 are random. */
    return lia_get_u16(record.bytes + 14) % LIA_DIGEST_BUCKETS;
}

void lia_digest_state(uint32_t kind, lia_id id, lia_span row, uint64_t out[2])
{
    uint8_t head[19], digest[LIA_DIGEST_SIZE];
    head[0] = 'r';
    lia_put_u16(head + 1, (uint16_t)kind);
    memcpy(head + 3, id.bytes, LIA_ID_SIZE);
    /* Of a pointer only the stamp is the same everywhere; the chain vouches for the event. */
    lia_span state = lia_state_is_pointer(row) ? lia_span_skip(row, 11) : row;
    lia_span parts[] = {lia_span_make(head, sizeof head), state};
    lia_digest_of("liaison.state.1", parts, 2, digest);
    out[0] = lia_get_u64(digest);
    out[1] = lia_get_u64(digest + 8);
}

lia_err lia_digest_record(uint32_t kind, lia_id id, lia_span row, uint64_t out[2])
{
    if (row.size == 0) return LIA_ECORRUPT;
    lia_digest_state(kind, id, row, out);
    return LIA_OK;
}

static void sum_add(uint64_t sum[2], const uint64_t more[2])
{
    uint64_t low = sum[1] + more[1];
    sum[0] += more[0] + (low < sum[1]);
    sum[1] = low;
}

static void sum_sub(uint64_t sum[2], const uint64_t less[2])
{
    uint64_t low = sum[1] - less[1];
    sum[0] -= less[0] + (low > sum[1]);
    sum[1] = low;
}

void lia_digest_change(uint64_t sum[2], uint32_t kind, lia_id id, lia_span before, lia_span after)
{
    uint64_t share[2];
    if (before.size) {
        lia_digest_state(kind, id, before, share);
        sum_sub(sum, share);
    }
    if (after.size) {
        lia_digest_state(kind, id, after, share);
        sum_add(sum, share);
    }
}

void lia_digests_change(lia_digests *digests, uint32_t kind, lia_id id, lia_span before,
                        lia_span after)
{
    uint16_t bucket = lia_digest_bucket(id);
    lia_digest_change(digests->sum[bucket], kind, id, before, after);
    digests->dirty[bucket] = 1;
}

static lia_key digest_key(size_t bucket)
{
    lia_key key;
    key.size = 0;
    add_u8(&key, 'd');
    add_u16(&key, (uint16_t)bucket);
    return key;
}

lia_err lia_digests_save(lia_digests *digests, lia_views *views)
{
    for (size_t i = 0; i < LIA_DIGEST_BUCKETS; i++) {
        if (!digests->dirty[i]) continue;
        lia_key key = digest_key(i);
        uint8_t value[16];
        lia_put_u64(value, digests->sum[i][0]);
        lia_put_u64(value + 8, digests->sum[i][1]);
        lia_err err = lia_views_put(views, lia_key_span(&key), lia_span_make(value, 16));
        if (err) return err;
        digests->dirty[i] = 0;
    }
    return LIA_OK;
}

lia_err lia_digests_load(lia_digests *digests, lia_views *views)
{
    *digests = (lia_digests){0};
    for (size_t i = 0; i < LIA_DIGEST_BUCKETS; i++) {
        lia_key key = digest_key(i);
        lia_span value;
        lia_err err = lia_views_get(views, lia_key_span(&key), &value);
        if (err == LIA_EABSENT) continue;
        if (err || value.size != 16) return err ? err : LIA_ECORRUPT;
        digests->sum[i][0] = lia_get_u64(value.data);
        digests->sum[i][1] = lia_get_u64(value.data + 8);
    }
    return LIA_OK;
}
