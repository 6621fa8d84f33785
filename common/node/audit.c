/* SPDX-License-Identifier: Apache-2.0 */
/* How much of the views one refold judges follows from the log's length: its rows are kept in
 * memory, and each run walks the whole log whatever it looks for. Small nodes are judged whole each
 * minute; for large ones time is what is bounded, and a pass over all of them takes hours. */
#include "common/node/audit.h"

#include <stdlib.h>

#include "common/base/log.h"
#include "common/node/refold.h"

#define RECOUNT_ROWS     2048
#define RECOUNT_PAUSE_NS 5000000
/* Of the writer's time, at most one part in so many: what is done in turn, and what is known to be
 * wrong. */
#define SHARE       50
#define SHARE_WRONG 3
/* About so many events' rows are in memory in a run that is done in turn. */
#define RUN_EVENTS   16384
#define RIGHT_ROUNDS 10
#define RUN_BUCKETS  8 /* but no fewer, so that a pass ends */

struct lia_audit {
    lia_batch *batch;
    lia_refold *refold;
    uint64_t every_ns;
    uint64_t recount_ns, refold_ns; /* when the next step is due */
    lia_buckets suspects;
    lia_buckets run;   /* of the refold under way */
    bool for_suspects; /* it is */
    lia_buckets right; /* judged lately for a peer's word, and nothing was wrong */
    uint64_t right_until_ns;
    size_t most; /* buckets of one run; fewer after one that was too large */
    size_t turn; /* next bucket to be refolded in turn */
    uint64_t changes;
    lia_audit_stats stats;
};

lia_err lia_audit_open(lia_audit **out, lia_batch *batch, lia_log_reader *reader, uint64_t every_ms,
                       const char *dir)
{
    lia_audit *audit = *out = calloc(1, sizeof *audit);
    if (!audit) return LIA_EFULL;
    audit->batch = batch;
    audit->every_ns = every_ms * 1000000;
    audit->most = LIA_DIGEST_BUCKETS;
    audit->recount_ns = audit->refold_ns = lia_time_ticks_ns() + audit->every_ns;
    return lia_refold_open(&audit->refold, batch, reader, dir);
}

void lia_audit_close(lia_audit *audit)
{
    if (!audit) return;
    lia_refold_close(audit->refold);
    free(audit);
}

static uint64_t later(uint64_t ns)
{
    return lia_time_ticks_ns() + ns;
}

int64_t lia_audit_wait_ms(const lia_audit *audit)
{
    uint64_t now = lia_time_ticks_ns();
    uint64_t due = audit->recount_ns < audit->refold_ns ? audit->recount_ns : audit->refold_ns;
    return due > now ? (int64_t)((due - now) / 1000000) + 1 : 0;
}

uint64_t lia_audit_turn(const lia_audit *audit)
{
    return audit->changes;
}
void lia_audit_figures(const lia_audit *audit, lia_audit_stats *out)
{
    *out = audit->stats;
}

void lia_audit_suspect(lia_audit *audit, const lia_buckets *buckets)
{
    for (size_t i = 0; i < LIA_COUNT(buckets->bits); i++)
        audit->suspects.bits[i] |= buckets->bits[i];
    if (!lia_buckets_any(&audit->suspects)) return;
    lia_refold_drop(audit->refold); /* it may have looked already at what is wrong only now */
    audit->refold_ns = 0;
}

void lia_audit_doubt(lia_audit *audit, const lia_buckets *buckets)
{
    lia_buckets doubted = *buckets;
    if (lia_time_ticks_ns() >= audit->right_until_ns) audit->right = (lia_buckets){{0}};
    for (size_t i = 0; i < LIA_COUNT(doubted.bits); i++) {
        doubted.bits[i] &= ~audit->right.bits[i];
        audit->right.bits[i] |= doubted.bits[i];
    }
    if (!lia_buckets_any(&doubted)) return;
    audit->right_until_ns = later(RIGHT_ROUNDS * audit->every_ns);
    lia_audit_suspect(audit, &doubted);
}

void lia_audit_log_moved(lia_audit *audit)
{
    lia_refold_drop(audit->refold);
}

/* ---- rows and their digests ------------------------------------------------------------------ */

static void end_recount(lia_audit *audit)
{
    lia_buckets wrong = {{0}};
    lia_recount *recount = &audit->batch->applier.recount;
    size_t count = lia_recount_end(recount, &audit->batch->applier.digests, &wrong);
    uint64_t pause_ns = recount->spent_ns * SHARE;
    audit->recount_ns = later(pause_ns > audit->every_ns ? pause_ns : audit->every_ns);
    audit->stats.checks++;
    audit->stats.differences = count;
    audit->changes++;
    if (!count) return;
    LIA_LOG(ERROR, "views.differ", LIA_INT("buckets", count));
    lia_audit_suspect(audit, &wrong);
}

static lia_err recount_some(lia_audit *audit)
{
    lia_batch *batch = audit->batch;
    lia_recount *recount = &batch->applier.recount;
    bool done;
    if (!recount->running) lia_recount_begin(recount);
    lia_err err = lia_recount_step(recount, &batch->applier.rows, RECOUNT_ROWS, &done);
    if (err)
        return lia_why_set(&batch->why, err, "the views cannot be read: %s", lia_err_text(err));
    audit->recount_ns = later(RECOUNT_PAUSE_NS);
    if (done) end_recount(audit);
    return LIA_OK;
}

/* ---- rows and the log ------------------------------------------------------------------------ */

/* Takes at most `max` of the suspects. */
static void take_suspects(lia_audit *audit, size_t max)
{
    for (size_t i = 0, count = 0; i < LIA_DIGEST_BUCKETS && count < max; i++) {
        if (!lia_buckets_has(&audit->suspects, i)) continue;
        lia_buckets_add(&audit->run, i);
        count++;
    }
}

static void take_turn(lia_audit *audit, size_t max)
{
    uint64_t fit = (uint64_t)LIA_DIGEST_BUCKETS * RUN_EVENTS / (audit->batch->arrival + 1);
    size_t count = fit < RUN_BUCKETS ? RUN_BUCKETS : (size_t)fit;
    if (count > max) count = max;
    for (size_t i = audit->turn; i < audit->turn + count && i < LIA_DIGEST_BUCKETS; i++)
        lia_buckets_add(&audit->run, i);
}

static lia_err begin_run(lia_audit *audit, lia_why *why)
{
    audit->run = (lia_buckets){{0}};
    audit->for_suspects = lia_buckets_any(&audit->suspects);
    if (audit->for_suspects)
        take_suspects(audit, audit->most);
    else
        take_turn(audit, audit->most);
    return lia_refold_begin(audit->refold, &audit->run, why);
}

static void forget_run(lia_audit *audit)
{
    for (size_t i = 0; i < LIA_COUNT(audit->run.bits); i++)
        audit->suspects.bits[i] &= ~audit->run.bits[i];
    while (!audit->for_suspects && audit->turn < LIA_DIGEST_BUCKETS &&
           lia_buckets_has(&audit->run, audit->turn))
        audit->turn++;
    if (audit->turn < LIA_DIGEST_BUCKETS) return;
    audit->turn = 0;
    audit->stats.passes++;
}

static void note_repairs(lia_audit *audit, const lia_repairs *repairs)
{
    lia_audit_stats *stats = &audit->stats;
    stats->rows_repaired += repairs->rows;
    stats->sums_repaired += repairs->sums;
    if (!repairs->rows && !repairs->sums) return;
    stats->repaired = lia_time_now();
    stats->named_count = 0;
    for (size_t i = 0; i < repairs->named_count && i < LIA_COUNT(stats->named); i++) {
        stats->named[i].kind = repairs->named[i].kind;
        stats->named[i].id = repairs->named[i].id;
        stats->named_count++;
    }
    LIA_LOG(WARN, "views.repaired", LIA_INT("rows", repairs->rows), LIA_INT("sums", repairs->sums),
            LIA_INT("records", repairs->named_count));
}

static void end_run(lia_audit *audit)
{
    uint64_t pause_ns = lia_refold_spent_ns(audit->refold) * SHARE;
    if (pause_ns < audit->every_ns) pause_ns = audit->every_ns;
    note_repairs(audit, lia_refold_repairs(audit->refold));
    forget_run(audit);
    bool more = lia_buckets_any(&audit->suspects);
    if (!more) audit->stats.differences = 0;
    audit->stats.refolds++;
    audit->changes++;
    audit->refold_ns = more ? 0 : later(pause_ns);
}

static size_t count_of(const lia_buckets *set)
{
    size_t count = 0;
    for (size_t i = 0; i < LIA_DIGEST_BUCKETS; i++) count += lia_buckets_has(set, i);
    return count;
}

/* Fewer at once, or later. */
static void give_up_run(lia_audit *audit, lia_err err, const lia_why *why)
{
    size_t count = count_of(&audit->run);
    audit->refold_ns = later(audit->every_ns);
    if (err == LIA_EFULL && count > 1) {
        audit->most = count / 2;
        audit->refold_ns = 0;
        return;
    }
    LIA_LOG(ERROR, "views.not_judged", LIA_ERR(err), LIA_TEXT("why", why->text),
            LIA_INT("buckets", count));
    audit->stats.failures++;
    audit->changes++;
}

static lia_err refold_some(lia_audit *audit)
{
    lia_why why = {{0}};
    bool done = false, fatal = false;
    lia_err err = LIA_OK;
    uint64_t began_ns = lia_time_ticks_ns();
    if (!lia_refold_is_running(audit->refold))
        err = begin_run(audit, &why);
    else
        err = lia_refold_step(audit->refold, &done, &fatal);
    if (err && fatal) return err;
    uint64_t share = audit->for_suspects ? SHARE_WRONG : SHARE;
    audit->refold_ns = later((lia_time_ticks_ns() - began_ns) * share);
    if (err)
        give_up_run(audit, err, &why);
    else if (done)
        end_run(audit);
    return LIA_OK;
}

/* What the last batch stumbled over. */
static void take_damage(lia_audit *audit)
{
    lia_applier *applier = &audit->batch->applier;
    if (!applier->damaged) return;
    applier->damaged = false;
    lia_audit_suspect(audit, &applier->suspects);
    applier->suspects = (lia_buckets){{0}};
    if (!applier->recount.running) audit->recount_ns = 0;
}

lia_err lia_audit_step(lia_audit *audit, bool erasing)
{
    lia_err err = LIA_OK;
    take_damage(audit);
    if (lia_time_ticks_ns() >= audit->recount_ns) err = recount_some(audit);
    if (erasing) {
        lia_refold_drop(audit->refold);
        if (audit->refold_ns < later(0)) audit->refold_ns = later(RECOUNT_PAUSE_NS);
    } else if (!err && lia_time_ticks_ns() >= audit->refold_ns) {
        err = refold_some(audit);
    }
    return err;
}
