/* SPDX-License-Identifier: Apache-2.0 */
#include "common/node/recount.h"

#include "common/base/time.h"
#include "common/node/state.h"

static bool is_counted(const lia_recount *recount, uint32_t kind, lia_id id)
{
    lia_key key = lia_key_tag(kind, id, LIA_TAG_STATE);
    size_t size = key.size < recount->position.size ? key.size : recount->position.size;
    int order = memcmp(key.bytes, recount->position.bytes, size);
    return order < 0 || (order == 0 && key.size < recount->position.size);
}

void lia_recount_change(lia_recount *recount, uint32_t kind, lia_id id, lia_span before,
                        lia_span after)
{
    if (recount->running && is_counted(recount, kind, id))
        lia_digest_change(recount->sum[lia_digest_bucket(id)], kind, id, before, after);
}

void lia_recount_begin(lia_recount *recount)
{
    *recount = (lia_recount){.running = true};
    recount->position.bytes[0] = 'r';
    recount->position.size = 1;
}

static void count_row(lia_recount *recount, lia_span key, lia_span row)
{
    lia_record_key of;
    if (!lia_record_key_read(key, &of) || of.tag != LIA_TAG_STATE || of.rest.size) return;
    lia_digest_change(recount->sum[lia_digest_bucket(of.id)], of.kind, of.id, LIA_SPAN_NONE, row);
}

/* Behind this key. */
static void stand_behind(lia_recount *recount, lia_span key)
{
    memcpy(recount->position.bytes, key.data, key.size);
    recount->position.size = key.size;
    if (key.size < LIA_VIEW_KEY_MAX) recount->position.bytes[recount->position.size++] = 0;
}

lia_err lia_recount_step(lia_recount *recount, const lia_rows *rows, size_t max, bool *done)
{
    uint64_t began_ns = lia_time_ticks_ns();
    lia_scan *scan;
    lia_span key, row;
    *done = false;
    lia_err err = lia_rows_scan(rows, LIA_SPAN("r"), &scan);
    if (err) return err;
    lia_scan_seek(scan, lia_key_span(&recount->position));
    for (size_t i = 0; i < max && !*done; i++) {
        *done = !lia_scan_next(scan, &key, &row);
        if (*done) break;
        count_row(recount, key, row);
        stand_behind(recount, key);
    }
    err = lia_scan_status(scan);
    lia_scan_close(scan);
    recount->spent_ns += lia_time_ticks_ns() - began_ns;
    return err;
}

size_t lia_recount_end(lia_recount *recount, const lia_digests *digests, lia_buckets *wrong)
{
    size_t count = 0;
    recount->running = false;
    for (size_t i = 0; i < LIA_DIGEST_BUCKETS; i++) {
        if (!memcmp(recount->sum[i], digests->sum[i], sizeof digests->sum[i])) continue;
        lia_buckets_add(wrong, i);
        count++;
    }
    return count;
}
