/* SPDX-License-Identifier: Apache-2.0 */
#include "common/node/compare.h"

#include <pthread.h>
#include <stdlib.h>

#include "common/base/log.h"

typedef enum wish { NOTHING, BEGIN, GOAL, END } wish;
typedef enum answer { SILENCE, BEGUN, REACHED, FAILED } answer;

typedef struct marks {
    lia_sync_mark list[LIA_LANES_MAX];
    size_t count;
} marks;

struct lia_compare {
    pthread_mutex_t lock; /* guards down to `told` */
    wish wish;
    uint64_t number;
    marks wished;
    lia_buckets differing;
    answer answer;
    uint64_t answered; /* number */
    marks begun;
    uint8_t sums[LIA_SYNC_SUMS_BYTES];

    marks goal, told;     /* the writer's; the loop's */
    uint64_t goal_number; /* 0: none */
};

lia_err lia_compare_open(lia_compare **out)
{
    *out = calloc(1, sizeof **out);
    if (!*out) return LIA_EFULL;
    pthread_mutex_init(&(*out)->lock, NULL);
    return LIA_OK;
}

void lia_compare_close(lia_compare *compare)
{
    if (!compare) return;
    pthread_mutex_destroy(&compare->lock);
    free(compare);
}

/* ---- the loop's thread ----------------------------------------------------------------------- */

static void set_wish(lia_compare *compare, wish what, uint64_t number)
{
    compare->wish = what;
    compare->number = number;
    compare->answer = SILENCE;
}

void lia_compare_begin(lia_compare *compare, uint64_t number)
{
    pthread_mutex_lock(&compare->lock);
    set_wish(compare, BEGIN, number);
    pthread_mutex_unlock(&compare->lock);
}

void lia_compare_goal(lia_compare *compare, uint64_t number, const lia_sync_mark *list,
                      size_t count)
{
    pthread_mutex_lock(&compare->lock);
    set_wish(compare, GOAL, number);
    compare->wished.count = count;
    memcpy(compare->wished.list, list, count * sizeof *list);
    pthread_mutex_unlock(&compare->lock);
}

void lia_compare_end(lia_compare *compare, uint64_t number)
{
    pthread_mutex_lock(&compare->lock);
    set_wish(compare, END, number);
    pthread_mutex_unlock(&compare->lock);
}

void lia_compare_differs(lia_compare *compare, const uint16_t *buckets, size_t count)
{
    pthread_mutex_lock(&compare->lock);
    for (size_t i = 0; i < count; i++) lia_buckets_add(&compare->differing, buckets[i]);
    pthread_mutex_unlock(&compare->lock);
}

void lia_compare_tell(lia_compare *compare, lia_sync *sync)
{
    uint8_t sums[LIA_SYNC_SUMS_BYTES];
    pthread_mutex_lock(&compare->lock);
    answer what = compare->answer;
    uint64_t number = compare->answered;
    compare->answer = SILENCE;
    if (what == BEGUN) compare->told = compare->begun;
    if (what == REACHED) memcpy(sums, compare->sums, sizeof sums);
    pthread_mutex_unlock(&compare->lock);
    if (what == BEGUN) lia_sync_cut_begun(sync, number, compare->told.list, compare->told.count);
    if (what == REACHED) lia_sync_cut_reached(sync, number, sums);
    if (what == FAILED) lia_sync_cut_failed(sync, number);
}

/* ---- the writer's thread --------------------------------------------------------------------- */

static void say(lia_compare *compare, answer what, uint64_t number)
{
    compare->answer = what;
    compare->answered = number;
}

static void begin(lia_compare *compare, lia_batch *batch, const lia_lane_info *lanes, size_t count)
{
    compare->begun.count = 0;
    for (size_t i = 0; i < count; i++)
        compare->begun.list[compare->begun.count++] =
            (lia_sync_mark){lanes[i].origin, lanes[i].head};
    /* Somebody erased whose request has not come is more than the events say. */
    lia_err err = batch->applier.unrequested ? LIA_EBUSY
                                             : lia_cut_open(&batch->applier.cut, batch->arrival);
    say(compare, err ? FAILED : BEGUN, compare->number);
}

/* Takes the wish; under the lock. */
static void take_wish(lia_compare *compare, lia_batch *batch, const lia_lane_info *lanes,
                      size_t count)
{
    if (compare->wish == NOTHING) return;
    compare->goal_number = 0;
    if (compare->wish == BEGIN) begin(compare, batch, lanes, count);
    if (compare->wish == END) lia_cut_close(&batch->applier.cut);
    if (compare->wish == GOAL) {
        compare->goal = compare->wished;
        compare->goal_number = compare->number;
    }
    compare->wish = NOTHING;
}

static uint64_t mark_of(const marks *of, lia_origin origin)
{
    for (size_t i = 0; i < of->count; i++)
        if (lia_origin_equal(of->list[i].origin, origin)) return of->list[i].seq;
    return 0;
}

static bool counts(const void *context, const lia_header *header)
{
    lia_origin origin = {header->node, header->incarnation};
    return header->seq <= mark_of(context, origin);
}

static bool is_reached(const lia_compare *compare, const lia_lane_info *lanes, size_t count)
{
    for (size_t i = 0; i < compare->goal.count; i++) {
        const lia_sync_mark *mark = &compare->goal.list[i];
        bool has = false;
        for (size_t k = 0; k < count && !has; k++)
            has = lia_origin_equal(lanes[k].origin, mark->origin) && lanes[k].head >= mark->seq;
        if (!has) return false;
    }
    return true;
}

static lia_err sum(lia_compare *compare, lia_batch *batch, lia_log_reader *reader, lia_digests *out)
{
    lia_applier *applier = &batch->applier;
    lia_log_reader *before = applier->rows.log;
    applier->rows.log = reader;
    lia_err err = lia_log_refresh(reader);
    if (!err) err = lia_cut_sums(applier, batch->arrival, counts, &compare->goal, out);
    lia_log_rest(reader);
    applier->rows.log = before;
    lia_cut_close(&applier->cut);
    return err;
}

static void tell_sums(lia_compare *compare, const lia_digests *digests, uint64_t number,
                      lia_err err)
{
    pthread_mutex_lock(&compare->lock);
    for (size_t i = 0; i < LIA_DIGEST_BUCKETS; i++) {
        lia_put_u64(compare->sums + LIA_SYNC_SUM_SIZE * i, digests->sum[i][0]);
        lia_put_u64(compare->sums + LIA_SYNC_SUM_SIZE * i + 8, digests->sum[i][1]);
    }
    say(compare, err ? FAILED : REACHED, number);
    pthread_mutex_unlock(&compare->lock);
}

bool lia_compare_step(lia_compare *compare, lia_batch *batch, lia_log_reader *reader,
                      const lia_lane_info *lanes, size_t lane_count, lia_audit *audit)
{
    _Static_assert(LIA_SYNC_BUCKETS == LIA_DIGEST_BUCKETS, "sync compares these buckets");
    pthread_mutex_lock(&compare->lock);
    take_wish(compare, batch, lanes, lane_count);
    bool answered = compare->answer != SILENCE;
    lia_buckets differing = compare->differing;
    compare->differing = (lia_buckets){{0}};
    pthread_mutex_unlock(&compare->lock);
    if (lia_buckets_any(&differing)) lia_audit_doubt(audit, &differing);

    if (!compare->goal_number) return answered;
    bool failed = batch->applier.cut.failed;
    if (!failed && !is_reached(compare, lanes, lane_count)) return answered;
    lia_digests digests = {0};
    lia_err err = failed ? LIA_EFULL : sum(compare, batch, reader, &digests);
    if (err && err != LIA_EFULL) LIA_LOG(WARN, "state.not_compared", LIA_ERR(err));
    tell_sums(compare, &digests, compare->goal_number, err);
    compare->goal_number = 0;
    return true;
}
