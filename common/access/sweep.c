/* SPDX-License-Identifier: Apache-2.0 */
#include "common/access/sweep.h"

#include "common/base/log.h"
#include "common/node/fields.h"
#include "proto/access.pb-c.h"
#include "proto/crm.pb-c.h"

#define READY_MS  (15 * 60 * 1000) /* after a start */
#define PAUSE_MS  1000             /* between announcements, when there is more */
#define DAYS_MORE 7

static lia_time expired_before(const lia_turn *turn)
{
    int64_t days = turn->node < DAYS_MORE ? turn->node : DAYS_MORE;
    return (lia_time){turn->now.ms - LIA_SWEEP_GRACE_MS - days * (int64_t)LIA_DAY_MS};
}

/* The passes that expired first, up to that instant. What an index row says is looked at in its
 * record: it alone is what counts. */
static lia_err find(lia_turn *turn, lia_time before, lia_id *found, size_t *count)
{
    const lia_kind *kind = lia_kind_find(LIA_PASS);
    const lia_field *field = lia_field_by_name(kind->message, LIA_SPAN("expires_at"));
    lia_key prefix = lia_key_index_prefix(LIA_PASS, field);
    lia_scan *scan;
    lia_span key, value;
    bool more = true;
    *count = 0;
    lia_err err = lia_rows_scan(lia_turn_rows(turn), lia_key_span(&prefix), &scan);
    if (err) return err;
    while (!err && more && *count < LIA_SWEEP_PASSES_MAX && lia_scan_next(scan, &key, &value)) {
        ProtobufCMessage *message;
        size_t mark = lia_arena_mark(turn->arena);
        lia_id id = lia_key_index_id(key);
        err = lia_record_read(lia_turn_rows(turn), LIA_PASS, id, turn->arena, &message);
        const Access__Pass *pass = (const Access__Pass *)message;
        more = err || !pass || pass->expires_at < before.ms;
        if (!err && more && pass) found[(*count)++] = id;
        lia_arena_back(turn->arena, mark);
    }
    if (!err) err = lia_scan_status(scan);
    lia_scan_close(scan);
    return err;
}

static lia_err announce(lia_turn *turn, const lia_id *found, size_t count)
{
    ProtobufCBinaryData *records = lia_arena_take(turn->arena, count * sizeof *records);
    if (!records) return LIA_EFULL;
    for (size_t i = 0; i < count; i++) records[i] = lia_id_bytes(&found[i]);
    Crm__RetentionBlanked fact = CRM__RETENTION_BLANKED__INIT;
    LIA_SET(&fact, kind, LIA_PASS);
    fact.records = records;
    fact.n_records = count;
    LIA_LOG(INFO, "passes.swept", LIA_INT("passes", count));
    return lia_tell(turn, &fact);
}

static lia_err set_job(lia_turn *turn, int64_t after_ms)
{
    return lia_job_set(turn, LIA_SWEEP_JOB, LIA_ID_NONE, (lia_time){turn->now.ms + after_ms},
                       LIA_SPAN_NONE);
}

lia_err lia_sweep_ready(lia_turn *turn)
{
    return set_job(turn, READY_MS);
}

lia_err lia_sweep_run(lia_turn *turn, lia_id key, lia_span payload)
{
    lia_id found[LIA_SWEEP_PASSES_MAX];
    size_t count;
    (void)key, (void)payload;
    lia_err err = find(turn, expired_before(turn), found, &count);
    if (!err && count) err = announce(turn, found, count);
    if (err) return err;
    return set_job(turn, count == LIA_SWEEP_PASSES_MAX ? PAUSE_MS : (int64_t)LIA_SWEEP_EVERY_MS);
}
