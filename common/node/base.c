/* SPDX-License-Identifier: Apache-2.0 */
/* A row of base is the join of registers, as in the views, but per customer that was spoken of: so
 * an erasure takes exactly what events about that customer said, whoever else the record names. */
#include "common/node/base.h"

#include "common/base/assert.h"
#include "common/sync/sync.h"

#define PUBLISH_ROWS 1024

void lia_base_key(uint8_t out[LIA_BASE_KEY_SIZE], uint32_t kind, lia_id id, lia_id about)
{
    lia_put_u16(out, (uint16_t)kind);
    memcpy(out + 2, id.bytes, LIA_ID_SIZE);
    memcpy(out + 18, about.bytes, LIA_ID_SIZE);
}

bool lia_base_key_read(lia_span key, uint32_t *kind, lia_id *id, lia_id *about)
{
    if (key.size != LIA_BASE_KEY_SIZE) return false;
    *kind = lia_get_u16(key.data);
    *id = lia_id_from(lia_span_make(key.data + 2, LIA_ID_SIZE));
    *about = lia_id_from(lia_span_make(key.data + 18, LIA_ID_SIZE));
    return true;
}

lia_err lia_base_of(lia_log_reader *log, uint32_t kind, lia_id id, uint8_t key[LIA_BASE_KEY_SIZE],
                    size_t *size, lia_span *row)
{
    enum { RECORD = LIA_BASE_KEY_SIZE - LIA_ID_SIZE };
    lia_span found;
    if (!*size) {
        lia_base_key(key, kind, id, LIA_ID_NONE);
        *size = LIA_BASE_KEY_SIZE;
        lia_err err = lia_log_base(log, lia_span_make(key, *size), row);
        if (err != LIA_EABSENT) return err;
    }
    lia_err err = lia_log_base_next(log, lia_span_make(key, *size), &found, row);
    if (err) return err;
    if (found.size != LIA_BASE_KEY_SIZE || memcmp(found.data, key, RECORD)) return LIA_EABSENT;
    memcpy(key, found.data, found.size);
    return LIA_OK;
}

bool lia_base_keeps(const lia_event *event)
{
    if (event->erased) return false;
    switch (event->header.fact) {
    case 0:
    case LIA_RECORD_CREATED:
    case LIA_RECORD_CHANGED:
    case LIA_RECORD_ARCHIVED:
    case LIA_RETENTION_ASKED: /* the rule says the rest */
    case LIA_RETENTION_RAN:
    case LIA_RETENTION_WIPED:
        return false;
    default: /* also what a later release means by it */
        return true;
    }
}

/* ---- merging --------------------------------------------------------------------------------- */

static lia_err load(lia_log *log, lia_span key, lia_record *out, lia_arena *arena)
{
    lia_span row;
    *out = (lia_record){0};
    lia_err err = lia_log_base(lia_log_batch_reader(log), key, &row);
    if (err) return err == LIA_EABSENT ? LIA_OK : err;
    row = lia_arena_copy(arena, row); /* the page moves with the next change */
    return row.data ? lia_record_decode(out, row, arena) : LIA_EFULL;
}

static lia_err save(lia_log *log, lia_span key, const lia_record *record, lia_arena *arena)
{
    lia_buf row = lia_buf_make(arena);
    lia_record_encode(record, &row);
    return row.failed ? LIA_EFULL : lia_log_base_put(log, key, lia_buf_get(&row));
}

lia_err lia_base_add(lia_log *log, const lia_event *event, lia_arena *arena)
{
    lia_err err = LIA_OK;
    for (size_t i = 0; i < event->op_count && !err; i++) {
        const lia_op *op = &event->ops[i];
        uint8_t key[LIA_BASE_KEY_SIZE];
        lia_record record;
        lia_base_key(key, op->kind, op->record, event->header.customer);
        err = load(log, LIA_SPAN_OF(key), &record, arena);
        if (!err) err = lia_record_join_op(&record, op, lia_header_stamp(&event->header), arena);
        if (!err) err = save(log, LIA_SPAN_OF(key), &record, arena);
    }
    return err;
}

lia_err lia_base_join(lia_log *log, lia_span key, lia_span row, lia_arena *arena)
{
    lia_record record, more;
    lia_err err = lia_record_decode(&more, row, arena);
    if (!err) err = load(log, key, &record, arena);
    if (!err) err = lia_record_join(&record, &more, arena);
    return err ? err : save(log, key, &record, arena);
}

/* ---- applying -------------------------------------------------------------------------------- */

lia_err lia_base_apply(lia_applier *applier, lia_log_reader *reader,
                       lia_err (*publish)(void *context), void *context)
{
    uint8_t last[LIA_BASE_KEY_MAX];
    lia_span after = LIA_SPAN_NONE, key, row;
    lia_err err = LIA_OK;
    for (size_t i = 1; !err; i++) {
        uint32_t kind;
        lia_id id, about;
        lia_arena_reset(applier->arena);
        err = lia_log_base_next(reader, after, &key, &row);
        if (err == LIA_EABSENT) return publish(context);
        if (!err && !lia_base_key_read(key, &kind, &id, &about)) err = LIA_ECORRUPT;
        if (err) return err;
        memcpy(last, key.data, key.size);
        after = lia_span_make(last, key.size);
        err = lia_apply_base(applier, kind, id, about, row);
        if (!err && i % PUBLISH_ROWS == 0) err = publish(context);
    }
    return err;
}

bool lia_base_has(lia_log_reader *reader, const lia_header *header, uint64_t arrival)
{
    uint64_t kept;
    lia_origin origin = {header->node, header->incarnation};
    return lia_log_kept(reader, origin, header->seq, &kept) == LIA_OK && kept != arrival;
}

/* ---- erasing --------------------------------------------------------------------------------- */

lia_err lia_base_erase(lia_log *log, lia_span *after, size_t max, lia_base_erased is_erased,
                       void *context, lia_arena *arena, bool *more)
{
    lia_err err = LIA_OK;
    *more = true;
    for (size_t i = 0; i < max && !err && *more; i++) {
        uint32_t kind;
        lia_id id, about;
        lia_span key, row;
        err = lia_log_base_next(lia_log_batch_reader(log), *after, &key, &row);
        *more = err != LIA_EABSENT;
        if (err) return *more ? err : LIA_OK;
        key = lia_arena_copy(arena, key);
        if (!key.data) return LIA_EFULL;
        *after = key;
        if (lia_base_key_read(key, &kind, &id, &about) && is_erased(context, kind, id, about))
            err = lia_log_base_del(log, key);
    }
    return err;
}

bool lia_block_is_whole(lia_log_reader *log, const lia_block *block, lia_origin origin)
{
    lia_hash end;
    lia_span events[LIA_BLOCK_EVENTS_MAX];
    lia_sealed sealed = {.origin = origin,
                         .first = block->first,
                         .count = block->count,
                         .before = block->before,
                         .events = events};
    if (block->count > LIA_COUNT(events)) return false;
    for (uint32_t i = 0; i < block->count; i++)
        if (lia_log_event(log, block->arrival + i, &events[i])) return false;
    return lia_seal_chain(&sealed, &end) && lia_hash_equal(&end, &block->hash);
}
