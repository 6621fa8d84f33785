/* SPDX-License-Identifier: Apache-2.0 */
/* Told records are rows, so that a restart finds them, and stand in a ring in memory, because
 * looking for the first of many rows that come and go means passing over all that went. */
#include "common/identity/engine_inner.h"

#include <stdlib.h>

static int compare_ids(lia_id a, lia_id b)
{
    return memcmp(a.bytes, b.bytes, LIA_ID_SIZE);
}

/* ---- the scan -------------------------------------------------------------------------------- */

/* The last record that the scan has looked for, if it will not come to those before it again. */
static bool is_ahead(const lia_queue *queue, lia_id id)
{
    if (queue->scanned) return false;
    if (!queue->begun && !queue->chunk_count) return true;
    if (queue->chunk_count) {
        if (queue->chunk_last) return false;
        return compare_ids(id, queue->chunk[queue->chunk_count - 1]) > 0;
    }
    return compare_ids(id, queue->position) > 0;
}

/* Records stand between their other rows, so each is looked for behind the one before. */
static void gather_records(lia_queue *queue, lia_scan *scan)
{
    enum { ID = 3, TAG = ID + LIA_ID_SIZE, KEY_SIZE = TAG + 1 };
    lia_span key, value;
    lia_id last = queue->position;
    bool any = queue->begun;
    while (queue->chunk_count < LIA_QUEUE_CHUNK) {
        if (!lia_scan_next(scan, &key, &value)) {
            queue->chunk_last = true;
            return;
        }
        lia_id id = lia_id_from(lia_span_make(key.data + ID, LIA_ID_SIZE));
        if (any && lia_id_equal(id, last)) {
            lia_key behind = lia_key_tag(LIA_CUSTOMER, id, UINT8_MAX);
            lia_scan_seek(scan, lia_key_span(&behind));
            continue;
        }
        any = true;
        last = id;
        if (key.size == KEY_SIZE && key.data[TAG] == LIA_TAG_STATE)
            queue->chunk[queue->chunk_count++] = id;
    }
}

static void gather_known(lia_queue *queue, lia_scan *scan)
{
    lia_span key, value;
    while (queue->chunk_count < LIA_QUEUE_CHUNK) {
        if (!lia_scan_next(scan, &key, &value)) {
            queue->chunk_last = true;
            return;
        }
        queue->chunk[queue->chunk_count++] = lia_identity_last_id(key);
    }
}

static lia_err gather(lia_queue *queue, const lia_rows *rows, lia_step step)
{
    bool of_records = step <= LIA_STEP_INDEX;
    lia_key prefix = of_records ? lia_key_kind(LIA_CUSTOMER) : lia_identity_row(LIA_IDENTITY_HOLDS);
    lia_scan *scan;
    queue->chunk_at = queue->chunk_count = 0;
    queue->chunk_last = false;
    lia_err err = lia_rows_scan(rows, lia_key_span(&prefix), &scan);
    if (err) return err;
    if (queue->begun) {
        lia_key behind = of_records ? lia_key_tag(LIA_CUSTOMER, queue->position, UINT8_MAX)
                                    : lia_identity_row_of(LIA_IDENTITY_HOLDS, queue->position);
        if (!of_records) behind.bytes[behind.size++] = 0;
        lia_scan_seek(scan, lia_key_span(&behind));
    }
    if (of_records)
        gather_records(queue, scan);
    else
        gather_known(queue, scan);
    err = lia_scan_status(scan);
    lia_scan_close(scan);
    return err;
}

static lia_err take_scanned(lia_queue *queue, const lia_rows *rows, lia_step step, lia_id *id,
                            bool *found)
{
    *found = false;
    if (queue->scanned) return LIA_OK;
    if (queue->chunk_at == queue->chunk_count && !queue->chunk_last) {
        lia_err err = gather(queue, rows, step);
        if (err) return err;
    }
    if (queue->chunk_at < queue->chunk_count) {
        *id = queue->position = queue->chunk[queue->chunk_at++];
        queue->begun = *found = true;
        queue->passed++;
        return LIA_OK;
    }
    queue->scanned = true;
    queue->chunk_at = queue->chunk_count = 0;
    queue->chunk_last = false;
    return LIA_OK;
}

void lia_queue_begin_again(lia_engine *engine, lia_step step)
{
    for (; step < LIA_STEPS; step++) {
        lia_queue *queue = &engine->queues[step];
        queue->begun = queue->scanned = queue->chunk_last = false;
        queue->passed = queue->chunk_at = queue->chunk_count = 0;
    }
}

/* ---- told ones ------------------------------------------------------------------------------- */

static void remember(lia_queue *queue, lia_id id)
{
    if (queue->spilled || queue->count == LIA_QUEUE_RING) {
        queue->spilled = true;
        return;
    }
    queue->ring[(queue->first + queue->count++) % LIA_QUEUE_RING] = id;
}

/* Only while the ring is empty: then each row is one that it does not hold. */
static lia_err remember_rows(lia_queue *queue, const lia_rows *rows, lia_step step)
{
    lia_key prefix = lia_identity_waiting((uint8_t)step, LIA_ID_NONE);
    lia_scan *scan;
    lia_span key, value;
    lia_err err = lia_rows_scan(rows, lia_key_span(&prefix), &scan);
    if (err) return err;
    queue->spilled = false;
    while (!queue->spilled && lia_scan_next(scan, &key, &value))
        remember(queue, lia_identity_last_id(key));
    err = lia_scan_status(scan);
    lia_scan_close(scan);
    return err;
}

static lia_err is_told(const lia_rows *rows, lia_step step, lia_id id, bool *told)
{
    lia_key key = lia_identity_waiting((uint8_t)step, id);
    lia_span value;
    lia_err err = lia_rows_get(rows, lia_key_span(&key), &value);
    *told = !err;
    return err == LIA_EABSENT ? LIA_OK : err;
}

lia_err lia_queue_tell(lia_engine *engine, const lia_rows *rows, lia_step step, lia_id id)
{
    lia_queue *queue = &engine->queues[step];
    bool told;
    if (is_ahead(queue, id)) return LIA_OK;
    lia_err err = is_told(rows, step, id, &told);
    if (err || told) return err;
    err = lia_identity_put(rows, lia_identity_waiting((uint8_t)step, id), LIA_SPAN_NONE);
    if (err) return err;
    queue->waiting++;
    remember(queue, id);
    return LIA_OK;
}

/* Whether the scan has it in hand. What came in between of these will be told, not scanned. */
static bool is_in_chunk(const lia_queue *queue, lia_id id)
{
    size_t low = queue->chunk_at, high = queue->chunk_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare_ids(queue->chunk[middle], id);
        if (order == 0) return true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

lia_err lia_queue_waits(const lia_engine *engine, const lia_rows *rows, lia_step step, lia_id id,
                        bool *waits)
{
    const lia_queue *queue = &engine->queues[step];
    *waits = is_ahead(queue, id) || is_in_chunk(queue, id);
    return *waits ? LIA_OK : is_told(rows, step, id, waits);
}

lia_err lia_queue_drop(lia_engine *engine, const lia_rows *rows, lia_step step, lia_id id)
{
    bool told;
    lia_err err = is_told(rows, step, id, &told);
    if (err || !told) return err;
    engine->queues[step].waiting--;
    return lia_identity_del(rows, lia_identity_waiting((uint8_t)step, id));
}

static lia_err take_told(lia_engine *engine, const lia_rows *rows, lia_step step, lia_id *id,
                         bool *found)
{
    lia_queue *queue = &engine->queues[step];
    lia_err err = LIA_OK;
    *found = false;
    while (!*found && queue->waiting && !err) {
        if (!queue->count) {
            err = remember_rows(queue, rows, step);
            if (!err && !queue->count) queue->waiting = 0;
            if (!queue->waiting || err) break;
        }
        *id = queue->ring[queue->first];
        queue->first = (queue->first + 1) % LIA_QUEUE_RING;
        queue->count--;
        err = is_told(rows, step, *id, found); /* it may have been dropped since */
    }
    if (!err && *found) err = lia_queue_drop(engine, rows, step, *id);
    return err;
}

lia_err lia_queue_take(lia_engine *engine, const lia_rows *rows, lia_step step, lia_id *id,
                       bool *found)
{
    lia_err err = take_told(engine, rows, step, id, found);
    return err || *found ? err : take_scanned(&engine->queues[step], rows, step, id, found);
}

uint64_t lia_queue_length(const lia_engine *engine, lia_step step)
{
    const lia_queue *queue = &engine->queues[step];
    if (queue->scanned) return queue->waiting;
    uint64_t all = step <= LIA_STEP_INDEX && engine->counted > engine->records ? engine->counted
                                                                               : engine->records;
    return queue->waiting + (all > queue->passed ? all - queue->passed : 1);
}

/* ---- lifecycle ------------------------------------------------------------------------------- */

static lia_err count_rows(lia_queue *queue, const lia_rows *rows, lia_step step)
{
    lia_key prefix = lia_identity_waiting((uint8_t)step, LIA_ID_NONE);
    lia_scan *scan;
    lia_span key, value;
    lia_err err = lia_rows_scan(rows, lia_key_span(&prefix), &scan);
    if (err) return err;
    while (lia_scan_next(scan, &key, &value)) queue->waiting++;
    queue->spilled = queue->waiting > 0;
    err = lia_scan_status(scan);
    lia_scan_close(scan);
    return err;
}

lia_err lia_queues_open(lia_engine *engine, const lia_rows *rows)
{
    lia_err err = LIA_OK;
    for (lia_step step = 0; step < LIA_STEPS && !err; step++) {
        lia_queue *queue = &engine->queues[step];
        queue->ring = malloc(LIA_QUEUE_RING * sizeof *queue->ring);
        err = queue->ring ? count_rows(queue, rows, step) : LIA_EFULL;
    }
    return err;
}

void lia_queues_close(lia_engine *engine)
{
    for (lia_step step = 0; step < LIA_STEPS; step++) free(engine->queues[step].ring);
}
