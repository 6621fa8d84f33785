/* SPDX-License-Identifier: Apache-2.0 */
/* Whether two nodes hold the same: the state's sums per bucket with the vector of lanes that they
 * belong to, and, where a bucket differs, its records one by one. */
#include "common/base/crypto.h"
#include "common/http/api_inner.h"

#define SUM_BYTES 16

static void print_sum(const uint64_t sum[2], uint8_t out[SUM_BYTES])
{
    lia_put_u64(out, sum[0]);
    lia_put_u64(out + 8, sum[1]);
}

static void put_hex(lia_buf *out, lia_span bytes)
{
    char *to = (char *)lia_buf_room(out, bytes.size * 2 + 1);
    if (!to) return;
    lia_hex_print(bytes, to);
    out->size += bytes.size * 2;
}

static void put_vector(lia_buf *out, const lia_lane_info *lanes, size_t count)
{
    lia_buf_text(out, "{\"vector\":[");
    for (size_t i = 0; i < count; i++) {
        lia_buf_format(out, "%s{\"node\":%u,\"incarnation\":\"%016llx\",\"seq\":%llu,\"hash\":\"",
                       i ? "," : "", lanes[i].origin.node,
                       (unsigned long long)lanes[i].origin.incarnation,
                       (unsigned long long)lanes[i].head);
        put_hex(out, LIA_SPAN_OF(lanes[i].hash));
        lia_buf_text(out, "\"}");
    }
    lia_buf_text(out, "]");
}

static void put_buckets(lia_buf *out, const lia_digests *digests, uint8_t *bytes)
{
    for (size_t i = 0; i < LIA_DIGEST_BUCKETS; i++)
        print_sum(digests->sum[i], bytes + i * SUM_BYTES);
    lia_span all = lia_span_make(bytes, LIA_DIGEST_BUCKETS * SUM_BYTES);
    lia_hash hash = lia_hash_of("liaison state", &all, 1);
    lia_buf_text(out, ",\"digest\":\"");
    put_hex(out, LIA_SPAN_OF(hash));
    lia_buf_text(out, "\",\"buckets\":\"");
    put_hex(out, all);
    lia_buf_text(out, "\"}");
}

void lia_api_digest(lia_call *call)
{
    lia_digests *digests = lia_arena_take(call->arena, sizeof *digests);
    lia_lane_info *lanes = lia_arena_take(call->arena, LIA_LANES_MAX * sizeof *lanes);
    uint8_t *bytes = lia_arena_take(call->arena, LIA_DIGEST_BUCKETS * SUM_BYTES);
    size_t count = 0;
    lia_err err = LIA_EFULL;
    if (digests && lanes && bytes)
        err = lia_node_digests(call->api->node, digests, lanes, LIA_LANES_MAX, &count);
    if (err) {
        lia_call_fail(call, err, NULL);
        return;
    }
    lia_buf out = lia_buf_make(call->arena);
    put_vector(&out, lanes, count < LIA_LANES_MAX ? count : LIA_LANES_MAX);
    put_buckets(&out, digests, bytes);
    lia_call_json(call, &out);
}

/* ---- one bucket ------------------------------------------------------------------------------ */

/* 'r' kind(2) id(16) tag: what a record's state row has for a key. */
enum { KEY_ID = 3, KEY_TAG = KEY_ID + LIA_ID_SIZE };

static lia_err put_record(lia_work *work, const lia_kind *kind, lia_id id, lia_span row)
{
    uint64_t sum[2];
    uint8_t bytes[SUM_BYTES];
    lia_err err = lia_digest_record(kind->number, id, row, sum);
    if (err) return err;
    print_sum(sum, bytes);
    lia_buf *out = &work->out;
    lia_buf_text(out, lia_buf_last(out) == '[' ? "{\"kind\":\"" : ",{\"kind\":\"");
    lia_buf_text(out, kind->name);
    lia_buf_text(out, "\",\"id\":");
    lia_json_put_id(out, id);
    lia_buf_text(out, ",\"hash\":\"");
    put_hex(out, lia_span_make(bytes, sizeof bytes));
    lia_buf_text(out, "\"}");
    return out->failed ? LIA_EFULL : LIA_OK;
}

/* The records of one kind that fall into the bucket. Only state rows count: the others of a
 * record are stepped over. */
static lia_err put_kind(lia_work *work, const lia_kind *kind, uint16_t bucket)
{
    lia_scan *scan;
    lia_span key, row;
    lia_key prefix = lia_key_kind(kind->number);
    lia_err err = lia_rows_scan(&work->rows, lia_key_span(&prefix), &scan);
    if (err) return err;
    while (!err && lia_scan_next(scan, &key, &row)) {
        if (key.size != KEY_TAG + 1) continue;
        if (key.data[KEY_TAG] != LIA_TAG_STATE) continue;
        lia_id id = lia_id_from(lia_span_make(key.data + KEY_ID, LIA_ID_SIZE));
        if (lia_digest_bucket(id) == bucket) err = put_record(work, kind, id, row);
    }
    if (!err) err = lia_scan_status(scan);
    lia_scan_close(scan);
    return err;
}

static lia_err list_bucket(lia_work *work)
{
    size_t count;
    uint16_t bucket = *(const uint16_t *)work->context;
    const lia_kind *kinds = lia_kinds(&count);
    lia_buf_format(&work->out, "{\"bucket\":%u,\"records\":[", bucket);
    for (size_t i = 0; i < count; i++) {
        lia_err err = put_kind(work, &kinds[i], bucket);
        if (err) return err;
    }
    lia_buf_text(&work->out, "]}");
    return LIA_OK;
}

void lia_api_digest_bucket(lia_call *call)
{
    uint16_t *bucket = lia_arena_take(call->arena, sizeof *bucket);
    uint64_t number;
    if (!lia_api_number(call->rest, &number) || number >= LIA_DIGEST_BUCKETS) {
        lia_why why;
        lia_why_set(&why, LIA_EABSENT, "buckets are numbered 0 to %d", LIA_DIGEST_BUCKETS - 1);
        lia_call_fail(call, LIA_EABSENT, &why);
        return;
    }
    if (!bucket) {
        lia_call_fail(call, LIA_EFULL, NULL);
        return;
    }
    *bucket = (uint16_t)number;
    lia_call_work(call, list_bucket, bucket);
}
