/* SPDX-License-Identifier: Apache-2.0 */
/* Opening a log, and how its rows look. Rows have fixed sizes and are coded by hand: they are
 * read for every block served, and nothing in them will ever be optional. */
#include "common/store/log.h"

#include <stdlib.h>
#include <time.h>

#include "common/base/assert.h"
#include "common/store/log_inner.h"
#include "common/store/log_retain.h"

#define FORMAT 1

static const char *const table_names[LIA_LOG_TABLES] = {"ev",  "block",  "lane", "react",
                                                        "job", "jobkey", "base", "kept"};

/* ---- rows ----------------------------------------------------------------------------------- */

void lia_lane_write(const lia_lane_info *info, uint8_t row[LIA_LANE_ROW])
{
    lia_put_u16(row, info->origin.node);
    lia_put_u64(row + 2, info->origin.incarnation);
    lia_put_u64(row + 10, info->head);
    memcpy(row + 18, info->hash.bytes, LIA_HASH_SIZE);
}

bool lia_lane_read(lia_span row, lia_lane_info *out)
{
    if (row.size != LIA_LANE_ROW) return false;
    out->origin.node = lia_get_u16(row.data);
    out->origin.incarnation = lia_get_u64(row.data + 2);
    out->head = lia_get_u64(row.data + 10);
    memcpy(out->hash.bytes, row.data + 18, LIA_HASH_SIZE);
    return true;
}

void lia_block_key(lia_lane lane, uint64_t first, uint8_t key[LIA_BLOCK_KEY])
{
    lia_put_u16(key, lane);
    lia_put_u64(key + 2, first);
}

void lia_block_write(const lia_block *block, uint8_t row[LIA_BLOCK_ROW])
{
    lia_put_u32(row, block->count);
    lia_put_u64(row + 4, block->arrival);
    memcpy(row + 12, block->before.bytes, LIA_HASH_SIZE);
    memcpy(row + 44, block->hash.bytes, LIA_HASH_SIZE);
    memcpy(row + 76, block->signature.bytes, LIA_SIGNATURE_SIZE);
}

bool lia_block_read(lia_span key, lia_span row, lia_block *out)
{
    if (key.size != LIA_BLOCK_KEY || row.size != LIA_BLOCK_ROW) return false;
    out->lane = lia_get_u16(key.data);
    out->first = lia_get_u64(key.data + 2);
    out->count = lia_get_u32(row.data);
    out->arrival = lia_get_u64(row.data + 4);
    memcpy(out->before.bytes, row.data + 12, LIA_HASH_SIZE);
    memcpy(out->hash.bytes, row.data + 44, LIA_HASH_SIZE);
    memcpy(out->signature.bytes, row.data + 76, LIA_SIGNATURE_SIZE);
    return true;
}

size_t lia_job_key(lia_time due, lia_span key, uint8_t out[8 + LIA_LOG_JOB_MAX])
{
    lia_put_u64(out, (uint64_t)due.ms ^ UINT64_C(1) << 63);
    memcpy(out + 8, key.data, key.size);
    return 8 + key.size;
}

lia_time lia_job_due(const uint8_t *at)
{
    return (lia_time){(int64_t)(lia_get_u64(at) ^ UINT64_C(1) << 63)};
}

/* ---- opening -------------------------------------------------------------------------------- */

/* A lane's last block, if it has any, ends at its head, with its hash: a cheap sign that the file
 * is whole. */
static lia_err check_head(lia_log_reader *reader, lia_lane lane, const lia_lane_info *info)
{
    if (info->head == 0) return LIA_OK;
    lia_block last;
    lia_err err = lia_log_block(reader, lane, info->head, &last);
    if (err == LIA_EABSENT && lia_log_first_block(reader, lane, &last) == LIA_EABSENT)
        return LIA_OK;
    if (err) return err == LIA_EABSENT ? LIA_ECORRUPT : err;
    bool whole = last.first + last.count - 1 == info->head &&
                 lia_hash_equal(&last.hash, &info->hash) &&
                 last.arrival + last.count <= reader->next;
    return whole ? LIA_OK : LIA_ECORRUPT;
}

static lia_err load_lanes(lia_log *log, lia_why *why)
{
    lia_log_reader *reader;
    lia_err err = lia_log_reader_open(&reader, log);
    if (err) return lia_why_set(why, err, "cannot read %s: %s", log->env.path, lia_err_text(err));
    if (reader->lanes > LIA_LANES_MAX) err = LIA_ECORRUPT;
    for (lia_lane lane = 1; !err && lane <= reader->lanes; lane++) {
        err = lia_log_lane_info(reader, lane, &log->lanes[lane]);
        if (!err) err = check_head(reader, lane, &log->lanes[lane]);
        if (err)
            lia_why_set(why, LIA_ECORRUPT,
                        "%s is damaged: lane %u does not end where its head says; restore it from "
                        "a backup or fetch it anew from the other nodes",
                        log->env.path, lane);
    }
    log->batch.next = reader->next;
    log->batch.lanes = reader->lanes;
    lia_log_reader_close(reader);
    return err == LIA_EABSENT ? LIA_ECORRUPT : err;
}

lia_env_spec lia_log_spec(lia_log *log)
{
    return (lia_env_spec){.name = "log",
                          .tables = table_names,
                          .handles = log->tables,
                          .table_count = LIA_LOG_TABLES,
                          .map_bytes = log->map_bytes,
                          .format = FORMAT,
                          .settle = true};
}

static void init_gate(lia_log *log)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&log->moved, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&log->lock, NULL);
}

typedef lia_err open_fn(lia_env *env, const char *dir, const lia_env_spec *spec, lia_why *why);

static lia_err open_by(open_fn *open_env, lia_log **out, const char *dir, size_t map_bytes,
                       lia_why *why)
{
    *out = NULL;
    lia_log *log = calloc(1, sizeof *log);
    if (!log) return lia_why_set(why, LIA_EFULL, "no memory to open %s", dir);
    log->batch.log = log;
    log->batch.awake = true;
    log->map_bytes = map_bytes ? map_bytes : LIA_MAP_BYTES_DEFAULT;
    init_gate(log);
    lia_env_spec spec = lia_log_spec(log);
    lia_err err = open_env(&log->env, dir, &spec, why);
    if (!err) err = load_lanes(log, why);
    if (err) {
        lia_log_close(log);
        return err;
    }
    *out = log;
    return LIA_OK;
}

lia_err lia_log_open(lia_log **out, const char *dir, size_t map_bytes, lia_why *why)
{
    return open_by(lia_env_open, out, dir, map_bytes, why);
}

lia_err lia_log_look(lia_log **out, const char *dir, lia_why *why)
{
    return open_by(lia_env_look, out, dir, 0, why);
}

void lia_log_close(lia_log *log)
{
    if (!log) return;
    lia_assert(!log->batch.txn);
    lia_assert(!log->all);
    lia_env_close(&log->env);
    pthread_cond_destroy(&log->moved);
    pthread_mutex_destroy(&log->lock);
    free(log);
}
