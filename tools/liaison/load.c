/* SPDX-License-Identifier: Apache-2.0 */
/* A batch keeps its rows' texts until the answer is there, so memory is bounded by batch size times
 * requests under way, however long the input is. */
#include "tools/liaison/load.h"

#include <stdlib.h>

#include "common/base/buf.h"
#include "common/wire/json.h"

#define BATCH_LINES     1000
#define BATCH_BYTES_MAX ((size_t)2 << 20)
#define SCRATCH_BYTES   ((size_t)64 << 10)

typedef struct batch_row {
    uint64_t line, ref;
    size_t text_at, text_size;
} batch_row;

typedef struct batch {
    lia_load *load;
    struct batch *next;  /* among the spare ones */
    struct batch *older; /* among all */
    lia_bytes body, texts;
    batch_row rows[BATCH_LINES];
    size_t count;
    uint64_t created; /* by earlier attempts */
} batch;

struct lia_load {
    lia_flight *flight;
    char path[160];
    lia_load_totals *totals;
    lia_load_done *done;
    void *context;
    batch *gathering, *spare, *all;
    size_t under_way;
    lia_arena scratch;
};

/* ---- batches --------------------------------------------------------------------------------- */

static batch *take_batch(lia_load *load)
{
    batch *b = load->spare;
    if (b) {
        load->spare = b->next;
        b->body.size = b->texts.size = b->count = 0;
        b->created = 0;
        return b;
    }
    b = calloc(1, sizeof *b);
    if (!b) return NULL;
    b->load = load;
    b->older = load->all;
    load->all = b;
    return b;
}

static void give_back(batch *b)
{
    b->next = b->load->spare;
    b->load->spare = b;
}

/* ---- answers --------------------------------------------------------------------------------- */

static void tell(lia_load *load, const batch *b, size_t index, const json_t *answer)
{
    char sentence[400];
    const batch_row *row = &b->rows[index];
    const json_t *problem = json_object_get(answer, "error");
    const char *id = json_string_value(json_object_get(answer, "id"));
    lia_load_result result = {.line = row->line, .ref = row->ref};
    result.text = lia_span_make(b->texts.data + row->text_at, row->text_size);
    if (problem || !id || lia_id_parse(lia_span_text(id), &result.id)) {
        const char *title = json_string_value(json_object_get(problem, "title"));
        const char *detail = json_string_value(json_object_get(problem, "detail"));
        snprintf(sentence, sizeof sentence, "%s",
                 detail  ? detail
                 : title ? title
                         : "the node gave neither an id nor a reason");
        result.error = sentence;
    }
    if (load->done) load->done(load->context, &result);
}

/* The first line that failed only because the node could not write just now. */
static const json_t *find_busy(const json_t *results)
{
    size_t i;
    json_t *answer;
    json_array_foreach(results, i, answer)
    {
        const json_t *problem = json_object_get(answer, "error");
        json_int_t status = json_integer_value(json_object_get(problem, "status"));
        if (status == 503 || status == 429) return problem;
    }
    return NULL;
}

static uint64_t number(const json_t *reply, const char *name)
{
    return (uint64_t)json_integer_value(json_object_get(reply, name));
}

/* Adds up. What an earlier attempt created is repeated now, but was created by us. */
static void count(batch *b, const json_t *reply)
{
    lia_load_totals *totals = b->load->totals;
    uint64_t created = number(reply, "created"), repeated = number(reply, "repeated");
    uint64_t ours = b->created < repeated ? b->created : repeated;
    totals->created += created + ours;
    totals->repeated += repeated - ours;
    totals->failed += number(reply, "failed");
}

static lia_err read_reply(batch *b, const json_t *reply, lia_why *why)
{
    const json_t *results = json_object_get(reply, "results");
    if (json_array_size(results) != b->count)
        return lia_why_set(why, LIA_EIO, "%s answered %zu results to %zu records",
                           lia_flight_target(b->load->flight)->name, json_array_size(results),
                           b->count);
    const json_t *busy = find_busy(results);
    if (busy) {
        const char *detail = json_string_value(json_object_get(busy, "detail"));
        b->created += number(reply, "created");
        return lia_why_set(why, LIA_EBUSY, "the node cannot write: %s", detail ? detail : "busy");
    }
    count(b, reply);
    for (size_t i = 0; i < b->count; i++) tell(b->load, b, i, json_array_get(results, i));
    return LIA_OK;
}

static lia_err answered(lia_post *post, lia_why *why)
{
    batch *b = post->context;
    if (post->status >= 300)
        return lia_client_refused(lia_flight_target(b->load->flight), post->status,
                                  post->reply.data, post->reply.size, why);
    json_t *reply = json_loadb(post->reply.data, post->reply.size, 0, NULL);
    lia_err err = read_reply(b, reply, why);
    json_decref(reply);
    if (err) return err;
    b->load->under_way--;
    lia_bytes body = b->body; /* the buffers change sides with every batch */
    b->body = post->body;
    post->body = body;
    give_back(b);
    return LIA_OK;
}

/* ---- rows ------------------------------------------------------------------------------------ */

lia_err lia_load_send(lia_load *load, lia_why *why)
{
    batch *b = load->gathering;
    if (!b || !b->count) return LIA_OK;
    lia_post *post = lia_flight_take(load->flight, why);
    if (!post) return LIA_EIO;
    load->gathering = NULL;
    snprintf(post->path, sizeof post->path, "%s", load->path);
    post->type = "application/jsonl";
    post->done = answered;
    post->context = b;
    lia_bytes body = post->body;
    post->body = b->body;
    b->body = body;
    load->under_way++;
    return lia_flight_send(load->flight, post, why);
}

lia_err lia_load_flush(lia_load *load, lia_why *why)
{
    lia_err err = lia_load_send(load, why);
    while (!err && load->under_way) err = lia_flight_wait(load->flight, why);
    return err;
}

static bool put_key(batch *b, lia_span key)
{
    lia_arena_reset(&b->load->scratch);
    lia_buf out = lia_buf_make(&b->load->scratch);
    lia_json_put_text(&out, key);
    return !out.failed && lia_bytes_add(&b->body, out.data, out.size);
}

static bool put_row(batch *b, const lia_load_row *row)
{
    static const char head[] = "{\"idempotency_key\":", middle[] = ",\"record\":", end[] = "}\n";
    batch_row *to = &b->rows[b->count];
    *to = (batch_row){row->line, row->ref, b->texts.size, row->text.size};
    bool ok = lia_bytes_add(&b->texts, row->text.data, row->text.size) &&
              lia_bytes_add(&b->body, head, sizeof head - 1) && put_key(b, row->key) &&
              lia_bytes_add(&b->body, middle, sizeof middle - 1) &&
              lia_bytes_add(&b->body, row->json.data, row->json.size) &&
              lia_bytes_add(&b->body, end, sizeof end - 1);
    b->count += ok;
    return ok;
}

lia_err lia_load_add(lia_load *load, const lia_load_row *row, lia_why *why)
{
    batch *b = load->gathering;
    bool is_full = b && (b->count == BATCH_LINES ||
                         b->body.size + row->json.size + row->key.size > BATCH_BYTES_MAX);
    lia_err err = is_full ? lia_load_send(load, why) : LIA_OK;
    if (err) return err;
    if (!load->gathering) load->gathering = take_batch(load);
    if (load->gathering && put_row(load->gathering, row)) return LIA_OK;
    return lia_why_set(why, LIA_EFULL, "no memory, or a key of more than 200 bytes");
}

/* ---- open and close -------------------------------------------------------------------------- */

lia_err lia_load_open(lia_load **out, lia_flight *flight, const char *plural,
                      lia_load_totals *totals, lia_load_done *done, void *context, lia_why *why)
{
    lia_load *load = *out = calloc(1, sizeof *load);
    if (!load) return lia_why_set(why, LIA_EFULL, "no memory");
    *load = (lia_load){.flight = flight, .totals = totals, .done = done, .context = context};
    snprintf(load->path, sizeof load->path, "/%s:batchCreate?check=false", plural);
    lia_err err = lia_arena_init(&load->scratch, SCRATCH_BYTES);
    return err ? lia_why_set(why, err, "no memory") : LIA_OK;
}

void lia_load_close(lia_load *load)
{
    if (!load) return;
    lia_arena_fini(&load->scratch);
    while (load->all) {
        batch *b = load->all;
        load->all = b->older;
        lia_bytes_fini(&b->body);
        lia_bytes_fini(&b->texts);
        free(b);
    }
    free(load);
}
