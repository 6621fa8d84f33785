/* SPDX-License-Identifier: Apache-2.0 */
#include "common/store/log_copy.h"

#include "common/store/log_inner.h"

_Static_assert(LIA_COPY_LANE_SIZE == LIA_LANE_ROW, "a lane's row");

/* Least and most bytes of key and value. */
static const struct shape {
    int table; /* -1: meta */
    size_t key_min, key_max, value_min, value_max;
} shapes[LIA_COPY_END] = {
    [LIA_COPY_LANE] = {LIA_LOG_LANE, LIA_LANE_KEY, LIA_LANE_KEY, LIA_LANE_ROW, LIA_LANE_ROW},
    [LIA_COPY_REACTOR] = {LIA_LOG_REACT, 1, LIA_LOG_NAME_MAX, 8, 8},
    [LIA_COPY_JOB] = {LIA_LOG_JOB, 9, 8 + LIA_LOG_JOB_MAX, 0, LIA_EVENT_BYTES_MAX},
    [LIA_COPY_META] = {-1, 1, LIA_LOG_NAME_MAX, 0, LIA_EVENT_BYTES_MAX},
    [LIA_COPY_BLOCK] = {LIA_LOG_BLOCK, LIA_BLOCK_KEY, LIA_BLOCK_KEY, LIA_BLOCK_ROW, LIA_BLOCK_ROW},
    [LIA_COPY_EVENT] = {LIA_LOG_EV, 8, 8, 0, LIA_EVENT_BYTES_MAX},
    [LIA_COPY_BASE] = {LIA_LOG_BASE, 1, 64, 0, SIZE_MAX},
    [LIA_COPY_KEPT] = {LIA_LOG_KEPT, LIA_KEPT_KEY, LIA_KEPT_KEY, LIA_KEPT_ROW, LIA_KEPT_ROW},
};

static const struct shape *shape_of(lia_copy_table table)
{
    return table >= LIA_COPY_LANE && table < LIA_COPY_END ? &shapes[table] : NULL;
}

static MDB_dbi handle_of(const lia_log *log, const struct shape *shape)
{
    return shape->table < 0 ? log->env.meta : lia_log_table(log, shape->table);
}

bool lia_log_copy_fits(lia_copy_table table, lia_span key, lia_span value)
{
    const struct shape *shape = shape_of(table);
    return shape && key.size >= shape->key_min && key.size <= shape->key_max &&
           value.size >= shape->value_min && value.size <= shape->value_max &&
           !(table == LIA_COPY_META && key.data[0] == 0);
}

lia_err lia_log_copy_walk(lia_log_reader *reader, lia_copy_table table, lia_span from,
                          lia_copy_row *row, void *context)
{
    const struct shape *shape = shape_of(table);
    MDB_cursor *cursor;
    if (!shape) return LIA_EINVAL;
    if (!reader->awake) return LIA_EIO;
    int rc = mdb_cursor_open(reader->txn, handle_of(reader->log, shape), &cursor);
    if (rc) return lia_env_err(rc);
    MDB_val key = lia_val(from), value;
    rc = mdb_cursor_get(cursor, &key, &value, from.size ? MDB_SET_RANGE : MDB_FIRST);
    for (bool more = true; !rc && more;) {
        lia_span name = lia_val_span(key);
        bool own = table == LIA_COPY_META && name.size && name.data[0] == 0;
        more = own || row(context, name, lia_val_span(value));
        if (more) rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
    }
    mdb_cursor_close(cursor);
    return rc == MDB_NOTFOUND ? LIA_OK : lia_env_err(rc);
}

lia_err lia_log_copy_put(lia_log *log, lia_copy_table table, lia_span key, lia_span value)
{
    if (!lia_log_copy_fits(table, key, value)) return LIA_EINVAL;
    if (table == LIA_COPY_META) {
        char name[LIA_LOG_NAME_MAX + 1];
        memcpy(name, key.data, key.size);
        name[key.size] = 0;
        if (strlen(name) != key.size) return LIA_EINVAL;
        return lia_log_set_meta(log, name, value);
    }
    if (table == LIA_COPY_JOB)
        return lia_log_set_job(log, lia_span_skip(key, 8), lia_job_due(key.data), value);
    return lia_log_put_row(log, shapes[table].table, key, value);
}

void lia_log_copy_lane(const lia_lane_info *info, uint8_t row[LIA_COPY_LANE_SIZE])
{
    lia_lane_write(info, row);
}

lia_err lia_log_copy_lane_read(lia_span row, lia_lane_info *out)
{
    return lia_lane_read(row, out) ? LIA_OK : LIA_ECORRUPT;
}

lia_err lia_log_copy_block_read(lia_span key, lia_span row, lia_block *out)
{
    return lia_block_read(key, row, out) ? LIA_OK : LIA_ECORRUPT;
}
