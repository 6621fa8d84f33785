/* SPDX-License-Identifier: Apache-2.0 */
/* POST /{plural}:batchCreate, :batchChange: one JSON object per line, each its own command
 * (api_batch_line.h). Lines are submitted in slices, two of them under way at a time, so that
 * reading the next lines and committing the last ones overlap; good lines are kept when others are
 * bad.
 *
 *     body --lines--> slice 0 --submit--> writer      results[], one per line, in order
 *                     slice 1 --submit--> writer  --> rendered when the last slice is done
 *
 * New customers are compared with those that are there, as far as that is asked for: on a worker
 * thread, a slice before it is submitted, one slice after the other. */
#include "common/base/assert.h"
#include "common/http/api_batch_line.h"
#include "common/http/api_duplicates.h"
#include "common/http/api_gate.h"

#define LINES_MAX         10000
#define SLICE_LINES       1024
#define SLICES            2
#define SLICE_ARENA_BYTES ((size_t)48 << 20)
/* Comparing takes up to some milliseconds a line: more lines are an import, which has to ask for
 * it. */
#define CHECK_LINES_MAX   256
#define CHECK_ARENA_BYTES ((size_t)16 << 20)
#define TOLD_BYTES_MAX    ((size_t)1 << 20) /* of the answer; lines behind it are not compared */

typedef struct lia_result {
    lia_id id;
    lia_position last; /* of its events */
    lia_err err;
    bool repeated;
    lia_refusal refusal;
    const char *detail;               /* in the request's arena; may be NULL */
    const lia_doubles_found *doubles; /* the same */
} lia_result;

typedef struct lia_batch lia_batch;

typedef struct lia_slice {
    lia_batch *batch;
    lia_arena arena; /* of the lines under way */
    lia_command *commands;
    size_t *lines; /* which line each command came from */
    size_t count, left;
    lia_waiter waiter;
    uv_work_t job; /* compares them */
    lia_rows rows;
} lia_slice;

struct lia_batch {
    lia_call *call;
    lia_span rest; /* lines not read yet */
    lia_result *results;
    size_t count;
    size_t done, failed, repeated;
    lia_position position; /* of the last event */
    lia_position run;      /* of the first */
    lia_slice slices[SLICES];
    bool changes;     /* of records that are there */
    bool automation;  /* rules are set off by it */
    size_t under_way; /* slices that are with the writer, or wait for it */
    lia_hold hold;    /* until so many others have every line */
    size_t confirmed; /* lines that they have */
    bool checks;
    size_t checked, told_bytes; /* lines that were compared, and what was found */
    lia_arena scratch;          /* for that */
};

/* ---- one line -------------------------------------------------------------------------------- */

static void note_failure(lia_batch *batch, size_t line, lia_err err, lia_refusal refusal,
                         const lia_why *why)
{
    lia_result *result = &batch->results[line];
    result->err = err;
    result->refusal = refusal;
    if (why && why->text[0]) result->detail = lia_arena_text(batch->call->arena, "%s", why->text);
    batch->failed++;
}

static void done(lia_command *command, void *context);
static void submit_again(void *context);

/* Adds the line to the slice, or notes why it is no record. */
static void add_line(lia_slice *slice, size_t number, lia_span line)
{
    lia_batch *batch = slice->batch;
    lia_why why = {{0}};
    lia_command *command = &slice->commands[slice->count];
    *command = (lia_command){.kind = lia_kind_find(batch->call->kind->number),
                             .quiet = !batch->automation,
                             .run = &batch->run,
                             .done = done,
                             .context = slice};
    lia_call_claim(batch->call, command);
    lia_err err = batch->changes
                      ? lia_batch_read_change(batch->call, &slice->arena, line, command, &why)
                      : lia_batch_read_new(batch->call, &slice->arena, line, command, &why);
    if (err) {
        note_failure(batch, number, err, LIA_ALLOWED, &why);
        return;
    }
    if (slice->count) slice->commands[slice->count - 1].next = command;
    slice->lines[slice->count++] = number;
}

/* The next line that is not blank, without its end. False at the end of the body. */
static bool next_line(lia_batch *batch, lia_span *line)
{
    while (batch->rest.size) {
        *line = lia_api_take(&batch->rest, '\n');
        while (line->size &&
               (line->data[line->size - 1] == '\r' || line->data[line->size - 1] == ' ' ||
                line->data[line->size - 1] == '\t'))
            line->size--;
        if (line->size) return true;
    }
    return false;
}

/* ---- slices ---------------------------------------------------------------------------------- */

static void slice_begin(lia_slice *slice)
{
    lia_arena_reset(&slice->arena);
    slice->count = 0;
}

static lia_err slice_open(lia_slice *slice, lia_batch *batch)
{
    slice->batch = batch;
    slice->waiter = (lia_waiter){submit_again, slice, NULL};
    lia_arena *kept = batch->call->arena;
    slice->commands = lia_arena_take(kept, SLICE_LINES * sizeof *slice->commands);
    slice->lines = lia_arena_take(kept, SLICE_LINES * sizeof *slice->lines);
    if (!slice->commands || !slice->lines) return LIA_EFULL;
    return lia_arena_init(&slice->arena, SLICE_ARENA_BYTES);
}

static void slice_fail(lia_slice *slice, lia_err err)
{
    lia_why why = {{0}};
    (void)lia_node_health(slice->batch->call->api->node, &why);
    for (size_t i = 0; i < slice->count; i++)
        note_failure(slice->batch, slice->lines[i], err, LIA_ALLOWED, &why);
    slice->count = 0;
}

/* Hands the slice to the writer. A full queue is no failure: a commit is near, after which the
 * slice is handed over again. False when it failed. */
static bool slice_submit(lia_slice *slice)
{
    lia_api *api = slice->batch->call->api;
    slice->left = slice->count;
    lia_err err = lia_node_submit_all(api->node, slice->commands, slice->count);
    if (err == LIA_EFULL) lia_api_wait(api, &slice->waiter);
    if (!err || err == LIA_EFULL) return true;
    slice_fail(slice, err);
    return false;
}

static void submit_again(void *context);

/* Who the line's customer might be already. Finding out is no reason to refuse it. */
static void look_for_doubles(lia_batch *batch, lia_slice *slice, size_t at)
{
    lia_doubles_found found, *keep;
    lia_call *call = batch->call;
    lia_err err =
        lia_doubles_find(&found, &slice->rows, call, slice->commands[at].request, &batch->scratch);
    if (err) return;
    batch->checked++;
    keep = found.count ? lia_arena_take(call->arena, sizeof *keep) : NULL;
    if (!keep) return;
    *keep = found;
    batch->results[slice->lines[at]].doubles = keep;
    for (size_t i = 0; i < found.count; i++) batch->told_bytes += found.list[i].json.size;
}

/* Nothing else of the request is under way meanwhile, so its arena is free to be used. */
static void check_slice(uv_work_t *job)
{
    lia_slice *slice = job->data;
    lia_batch *batch = slice->batch;
    lia_catalog_use(batch->call->catalog);
    for (size_t i = 0; i < slice->count && batch->told_bytes < TOLD_BYTES_MAX; i++)
        look_for_doubles(batch, slice, i);
    lia_node_scan_end(&slice->rows);
}

static void checked_slice(uv_work_t *job, int status)
{
    (void)status;
    submit_again(job->data);
}

/* False when it failed, as slice_submit. */
static bool slice_check(lia_slice *slice)
{
    lia_api *api = slice->batch->call->api;
    if (lia_node_scan(api->node, &slice->rows)) return slice_submit(slice);
    slice->job.data = slice;
    int queued = uv_queue_work(api->loop, &slice->job, check_slice, checked_slice);
    lia_assert(queued == 0);
    return true;
}

/* Reads the next lines into the slice and submits them; on over slices of nothing but bad lines. */
static void slice_go(lia_slice *slice)
{
    lia_span line;
    lia_batch *batch = slice->batch;
    bool submitted = false;
    while (batch->rest.size && !submitted) {
        slice_begin(slice);
        while (slice->count < SLICE_LINES && next_line(batch, &line))
            add_line(slice, batch->count++, line);
        submitted = slice->count && (batch->checks ? slice_check(slice) : slice_submit(slice));
    }
    batch->under_way += submitted;
}

/* ---- the answer ------------------------------------------------------------------------------ */

static void put_doubles(lia_buf *out, const lia_result *result)
{
    size_t before = out->size;
    if (!result->doubles) return;
    lia_buf_text(out, ",\"duplicates\":");
    if (!lia_doubles_put(out, result->doubles, result->id)) out->size = before;
}

static void put_result(lia_buf *out, const lia_result *result)
{
    if (!result->err) {
        lia_buf_text(out, "{\"id\":");
        lia_json_put_id(out, result->id);
        put_doubles(out, result);
        lia_buf_byte(out, '}');
        return;
    }
    lia_problem problem = lia_problem_of(result->err, result->refusal, NULL);
    if (result->detail) problem.detail = result->detail;
    lia_buf_text(out, "{\"error\":");
    lia_problem_put(out, &problem);
    lia_buf_byte(out, '}');
}

static void put_level(lia_buf *out, const lia_hold *hold)
{
    if (hold->wanted)
        lia_buf_format(out, ",\"replicated\":%zu",
                       lia_level_missed(hold) ? hold->holders : hold->wanted);
    if (lia_level_missed(hold)) lia_buf_text(out, ",\"notice\":\"" LIA_LEVEL_NOTICE "\"");
}

static void batch_fini(lia_batch *batch)
{
    for (size_t i = 0; i < SLICES; i++) lia_arena_fini(&batch->slices[i].arena);
    lia_arena_fini(&batch->scratch);
}

static void answer(lia_batch *batch)
{
    lia_call *call = batch->call;
    lia_api *api = call->api;
    char position[LIA_POSITION_TEXT_SIZE];
    lia_buf out = lia_buf_make(call->arena);
    (void)lia_buf_room(&out, batch->count * 64);
    if (!batch->position.seq)
        batch->position = (lia_position){lia_node_origin(api->node).incarnation, 0,
                                         lia_node_origin(api->node).node};
    lia_position_print(batch->position, position);
    lia_buf_text(&out, "{\"results\":[");
    for (size_t i = 0; i < batch->count; i++) {
        if (i) lia_buf_byte(&out, ',');
        put_result(&out, &batch->results[i]);
    }
    lia_buf_format(&out, "],\"%s\":%zu,\"failed\":%zu,\"repeated\":%zu,\"position\":\"%s\"",
                   batch->changes ? "changed" : "created", batch->done, batch->failed,
                   batch->repeated, position);
    if (batch->checks) lia_buf_format(&out, ",\"checked\":%zu", batch->checked);
    put_level(&out, &batch->hold);
    lia_buf_byte(&out, '}');
    batch_fini(batch);
    char level[LIA_LEVEL_TEXT_SIZE];
    lia_http_header headers[3];
    size_t count = lia_level_headers(&batch->hold, headers, level);
    headers[count++] = (lia_http_header){"Liaison-Position", position};
    lia_call_answer(call, lia_level_missed(&batch->hold) ? 202 : 200, headers, count, &out);
    lia_api_worked(api);
}

/* Waits for the first line that too few hold, then looks on; lines of the own lane follow one
 * another, so that is one wait as a rule. */
static void confirm(lia_batch *batch)
{
    const lia_node *node = batch->call->api->node;
    for (; batch->hold.wanted && batch->confirmed < batch->count; batch->confirmed++) {
        const lia_result *result = &batch->results[batch->confirmed];
        if (result->err) continue;
        batch->hold.position = result->last;
        batch->hold.holders = lia_node_holders(node, result->last);
        if (!lia_level_missed(&batch->hold)) continue;
        lia_node_hold(batch->call->api->node, &batch->hold);
        return;
    }
    batch->hold.holders = batch->hold.wanted;
    answer(batch);
}

static void held(lia_hold *hold, void *context)
{
    lia_batch *batch = context;
    if (lia_level_missed(hold))
        answer(batch);
    else
        confirm(batch);
}

static void answer_if_done(lia_batch *batch)
{
    if (batch->under_way == 0) confirm(batch);
}

static void submit_again(void *context)
{
    lia_slice *slice = context;
    lia_batch *batch = slice->batch;
    if (slice_submit(slice)) return;
    batch->under_way--;
    slice_go(slice);
    answer_if_done(batch);
}

static void done(lia_command *command, void *context)
{
    lia_slice *slice = context;
    lia_batch *batch = slice->batch;
    size_t line = slice->lines[command - slice->commands];
    if (command->err) {
        note_failure(batch, line, command->err, command->refusal, &command->why);
    } else {
        batch->results[line].id = command->record;
        batch->results[line].last = command->last;
        batch->repeated += command->repeated;
        batch->done += !command->repeated;
        if (command->position.seq > batch->position.seq && !command->repeated)
            batch->position = command->position;
    }
    if (--slice->left) return;
    lia_api_committed(batch->call->api); /* there is room, or an end: also when the disk failed */
    batch->under_way--;
    slice_go(slice);
    answer_if_done(batch);
}

/* ---- the question ---------------------------------------------------------------------------- */

static size_t count_lines(lia_span body)
{
    lia_batch counted = {.rest = body};
    lia_span line;
    size_t count = 0;
    while (next_line(&counted, &line)) count++;
    return count;
}

static bool read_question(lia_call *call, lia_batch *batch, size_t lines)
{
    batch->checks = lines <= CHECK_LINES_MAX;
    batch->automation = batch->changes;
    if (!lia_call_level(call, &batch->hold) || !lia_call_flag(call, "check", &batch->checks) ||
        !lia_call_flag(call, "automation", &batch->automation))
        return false;
    batch->checks &= call->kind->number == LIA_CUSTOMER && !batch->changes;
    return true;
}

static lia_batch *begin(lia_call *call, size_t lines, bool changes)
{
    lia_err err = LIA_EFULL;
    lia_batch *batch = lia_arena_zero(call->arena, sizeof *batch);
    if (batch) batch->call = call;
    if (batch) batch->changes = changes;
    if (batch && !read_question(call, batch, lines)) return NULL;
    if (batch) batch->results = lia_arena_zero(call->arena, (lines + 1) * sizeof *batch->results);
    if (batch && batch->results) err = LIA_OK;
    for (size_t i = 0; !err && i < SLICES; i++) err = slice_open(&batch->slices[i], batch);
    if (!err && batch->checks) err = lia_arena_init(&batch->scratch, CHECK_ARENA_BYTES);
    if (!err) {
        batch->hold.done = held;
        batch->hold.context = batch;
        batch->rest = lia_http_get_body(call->request);
        return batch;
    }
    if (batch) batch_fini(batch);
    lia_call_fail(call, err, NULL);
    return NULL;
}

static void run(lia_call *call, bool changes)
{
    if (!lia_call_body_is(call, "application/jsonl") &&
        !lia_call_body_is(call, "application/x-ndjson")) {
        lia_call_wants(call, "application/jsonl");
        return;
    }
    size_t lines = count_lines(lia_http_get_body(call->request));
    if (lines > LINES_MAX) {
        lia_call_invalid(call, "%zu lines are more than the %d that one batch takes", lines,
                         LINES_MAX);
        return;
    }
    lia_batch *batch = begin(call, lines, changes);
    if (!batch) return;
    call->api->at_work++;
    size_t slices = batch->checks ? 1 : SLICES;
    for (size_t i = 0; i < slices; i++) slice_go(&batch->slices[i]);
    answer_if_done(batch);
}

void lia_api_batch(lia_call *call)
{
    if (lia_call_may_any(call, LIA_ACTION_CREATE)) run(call, false);
}

void lia_api_batch_change(lia_call *call)
{
    run(call, true);
}
