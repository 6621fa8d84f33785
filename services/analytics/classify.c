/* SPDX-License-Identifier: Apache-2.0 */
#include "services/analytics/classify.h"

#include "common/node/fields.h"
#include "proto/analytics.pb-c.h"
#include "services/analytics/spending.h"

typedef enum phase { MARKED, MEASURING, SCORING } phase;

/* The writer thread's own: one analytics service in a process. */
static struct {
    phase phase;
    lia_id last; /* customer that was done last in this phase; none: at the beginning */
    lia_population population;
    lia_thresholds thresholds;
    bool measured;    /* thresholds are there */
    uint64_t changed; /* purchases since measuring began */
    lia_time began;   /* the last round */
    lia_time due;     /* of the job; 0: not set */
} state;

/* Long enough to gather a burst, short enough for people to wait. */
#define SOON_MS LIA_SECOND_MS
/* A job that is this much overdue has been lost. */
#define LOST_MS (10 * LIA_SECOND_MS)

int64_t lia_classify_pause_ms(uint32_t customers)
{
    return customers < 10000 ? LIA_SECOND_MS : customers / 10;
}

static lia_err set_job(lia_turn *turn, int64_t after_ms)
{
    state.due = (lia_time){turn->now.ms + after_ms};
    return lia_job_set(turn, LIA_CLASSIFY_JOB, LIA_ID_NONE, state.due, LIA_SPAN_NONE);
}

lia_err lia_classify_begin(lia_turn *turn)
{
    memset(&state, 0, sizeof state);
    return set_job(turn, SOON_MS);
}

lia_err lia_classify_note(lia_turn *turn)
{
    state.changed++;
    int64_t wait_ms = state.due.ms - turn->now.ms;
    return wait_ms <= SOON_MS && wait_ms > -LOST_MS ? LIA_OK : set_job(turn, SOON_MS);
}

/* ---- writing one customer's class ------------------------------------------------------------ */

/* Only the field `class` of the record, so the rest is neither read nor repeated. */
static lia_err write_class(lia_turn *turn, lia_id id, Crm__CustomerClass *class)
{
    Crm__Customer customer = CRM__CUSTOMER__INIT;
    customer.class_ = class;
    size_t size = protobuf_c_message_get_packed_size(&customer.base);
    uint8_t *bytes = lia_arena_take(turn->arena, size);
    if (!bytes) return LIA_EFULL;
    protobuf_c_message_pack(&customer.base, bytes);
    enum { CLASS = 21 };
    static const uint32_t mask[] = {CLASS};
    return lia_turn_write(turn, lia_kind_find(LIA_CUSTOMER), id, lia_span_make(bytes, size), mask,
                          1);
}

static lia_err tell_class(lia_turn *turn, lia_id id, Crm__CustomerClass *class, lia_class before)
{
    lia_about(turn, id);
    if (strcmp(class->name, lia_class_name(before)) == 0) {
        Analytics__CustomerCounted fact = ANALYTICS__CUSTOMER_COUNTED__INIT;
        fact.class_ = class;
        return lia_tell(turn, &fact);
    }
    Analytics__CustomerClassified fact = ANALYTICS__CUSTOMER_CLASSIFIED__INIT;
    fact.class_ = class;
    if (before) fact.before = lia_class_name(before);
    return lia_tell(turn, &fact);
}

static lia_err classify(lia_turn *turn, lia_id id, const lia_spending *spending, lia_scores scores)
{
    const lia_tally *now = &spending->now;
    Crm__Money spent = CRM__MONEY__INIT;
    LIA_SET(&spent, amount_minor, now->spent);
    spent.currency = now->currency;
    Crm__CustomerClass class = CRM__CUSTOMER_CLASS__INIT;
    LIA_SET(&class, recency, scores.recency);
    LIA_SET(&class, frequency, scores.frequency);
    LIA_SET(&class, money, scores.money);
    LIA_SET(&class, last_purchase, now->last_ms);
    LIA_SET(&class, purchases, now->purchases);
    if (*now->currency) class.spent = &spent;
    class.name = lia_class_name(lia_class_of(scores));

    lia_err err = write_class(turn, id, &class);
    if (err) return err == LIA_EGONE ? LIA_OK : err;
    return tell_class(turn, id, &class, lia_class_of(spending->scores));
}

/* ---- one run over some rows ------------------------------------------------------------------ */

/* Customers to write, gathered before anything is written. */
typedef struct todo {
    struct {
        lia_id id;
        lia_spending spending;
        lia_scores scores;
    } list[LIA_CLASSIFY_WRITES_MAX];
    size_t count;
} todo;

/* Puts a customer on the list if the record does not say what is so. */
static void consider(todo *work, lia_id id, const lia_spending *spending)
{
    if (!spending->now.purchases) return;
    lia_scores scores = lia_score(&state.thresholds, &spending->now);
    if (!lia_spending_is_dirty(spending) && memcmp(&scores, &spending->scores, sizeof scores) == 0)
        return;
    work->list[work->count].id = id;
    work->list[work->count].spending = *spending;
    work->list[work->count++].scores = scores;
}

/* Begins a scan behind the customer that was done last. */
static lia_err scan_on(lia_turn *turn, lia_span rows, lia_scan **scan)
{
    lia_err err = lia_fold_scan(turn, rows, scan);
    if (err || lia_id_is_none(state.last)) return err;
    uint8_t name[1 + LIA_ID_SIZE + 1] = {rows.data[0]}; /* the last byte: just behind that row */
    memcpy(name + 1, state.last.bytes, LIA_ID_SIZE);
    lia_key key = lia_key_fold(LIA_SPAN_OF(name));
    lia_scan_seek(*scan, lia_key_span(&key));
    return LIA_OK;
}

static lia_err read_marks(lia_turn *turn, todo *work, bool *end)
{
    lia_scan *scan;
    lia_err err = scan_on(turn, LIA_SPENDING_MARKS, &scan);
    if (err) return err;
    lia_span key, row;
    lia_id ids[LIA_CLASSIFY_WRITES_MAX];
    size_t count = 0;
    *end = false;
    while (count < LIA_COUNT(ids) && !(*end = !lia_scan_next(scan, &key, &row)))
        if (lia_spending_read_mark(&ids[count], key)) count++;
    err = lia_scan_status(scan);
    lia_scan_close(scan);
    for (size_t i = 0; i < count && !err; i++) {
        lia_spending spending;
        err = lia_spending_get(turn, ids[i], &spending);
        if (!err) consider(work, ids[i], &spending);
        if (err == LIA_EABSENT) err = LIA_OK;
        state.last = ids[i];
    }
    return err;
}

/* Measures, or finds whom to score anew. */
static lia_err read_rows(lia_turn *turn, todo *work, bool *end)
{
    lia_scan *scan;
    lia_err err = scan_on(turn, LIA_SPENDING_ROWS, &scan);
    if (err) return err;
    lia_span key, row;
    lia_spending spending;
    *end = false;
    for (size_t i = 0; i < LIA_CLASSIFY_ROWS_MAX && work->count < LIA_CLASSIFY_WRITES_MAX; i++) {
        if ((*end = !lia_scan_next(scan, &key, &row))) break;
        if (!lia_spending_read(&spending, &state.last, key, row)) continue;
        if (state.phase == SCORING)
            consider(work, state.last, &spending);
        else if (spending.now.purchases)
            lia_population_add(&state.population, &spending.now);
    }
    err = lia_scan_status(scan);
    lia_scan_close(scan);
    return err;
}

/* ---- what comes next ------------------------------------------------------------------------- */

static lia_err enter(lia_turn *turn, phase next, int64_t after_ms)
{
    state.phase = next;
    state.last = LIA_ID_NONE;
    return set_job(turn, after_ms);
}

static lia_err begin_round(lia_turn *turn)
{
    memset(&state.population, 0, sizeof state.population);
    state.changed = 0;
    state.began = turn->now;
    return enter(turn, MEASURING, 0);
}

static int64_t pause_left_ms(lia_turn *turn)
{
    int64_t pause_ms = lia_classify_pause_ms(state.population.count);
    int64_t left_ms = state.began.ms + pause_ms - turn->now.ms;
    return left_ms < 0 ? 0 : left_ms > pause_ms ? pause_ms : left_ms;
}

static bool wants_round(lia_turn *turn)
{
    return !state.measured || (state.changed && !pause_left_ms(turn));
}

/* The phase is through. Whatever is marked meanwhile is found by the next run. */
static lia_err end_phase(lia_turn *turn)
{
    switch (state.phase) {
    case MEASURING:
        lia_thresholds_of(&state.thresholds, &state.population);
        state.measured = true;
        return enter(turn, SCORING, 0);
    case SCORING:
        return enter(turn, MARKED, state.changed ? SOON_MS : LIA_DAY_MS);
    case MARKED:
        break;
    }
    if (wants_round(turn)) return begin_round(turn);
    if (!state.changed) return enter(turn, MARKED, LIA_DAY_MS);
    int64_t left_ms = pause_left_ms(turn);
    return enter(turn, MARKED, left_ms > SOON_MS ? left_ms : SOON_MS);
}

lia_err lia_classify_run(lia_turn *turn, lia_id key, lia_span payload)
{
    (void)key, (void)payload;
    if (state.phase == MARKED && wants_round(turn)) return begin_round(turn);
    todo *work = lia_arena_take(turn->arena, sizeof *work);
    if (!work) return LIA_EFULL;
    work->count = 0;
    bool end;
    lia_err err =
        state.phase == MARKED ? read_marks(turn, work, &end) : read_rows(turn, work, &end);
    for (size_t i = 0; i < work->count && !err; i++)
        err = classify(turn, work->list[i].id, &work->list[i].spending, work->list[i].scores);
    if (err) return err;
    return end ? end_phase(turn) : set_job(turn, 0);
}
