/* SPDX-License-Identifier: Apache-2.0 */
#include "common/crm/retention_read.h"

#include "common/crm/retention.h"
#include "common/wire/json.h"
#include "common/wire/unpack.h"

#define ROWS_MAX    1000000 /* a second or two, and then a snapshot has been held for long enough */
#define SAMPLES     10
#define SAMPLES_MAX 100
#define TYPES       64
#define NODES_MAX   256

typedef struct sum {
    uint64_t count, bytes;
    lia_time oldest, newest;
} sum;

typedef struct preview {
    lia_retention_terms rule;
    lia_retention_walk walk;
    sum all, types[TYPES];
    struct {
        uint16_t node;
        uint64_t count;
    } nodes[NODES_MAX];
    size_t node_count;
    lia_retention_find *samples;
    uint64_t sample_count, samples_max;
    bool complete;
} preview;

/* ---- the question ---------------------------------------------------------------------------- */

static lia_err read_samples(lia_query *query, uint64_t *out)
{
    lia_span text;
    *out = SAMPLES;
    if (!query->param(query, "samples", &text)) return LIA_OK;
    *out = 0;
    for (size_t i = 0; i < text.size && *out <= SAMPLES_MAX; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') *out = SAMPLES_MAX + 1;
        *out = *out * 10 + (uint64_t)(text.data[i] - '0');
    }
    return text.size && *out <= SAMPLES_MAX
               ? LIA_OK
               : lia_why_set(query->why, LIA_EINVAL, "samples: a number from 0 to %d is wanted",
                             SAMPLES_MAX);
}

static lia_err read_after(lia_query *query, lia_id *out)
{
    lia_span text;
    *out = LIA_ID_NONE;
    if (!query->param(query, "after", &text) || lia_id_parse(text, out) == LIA_OK) return LIA_OK;
    return lia_why_set(query->why, LIA_EINVAL,
                       "after: the id that an earlier answer gave as next is wanted");
}

static lia_err read_rule(lia_query *query, lia_retention_terms *out)
{
    lia_span message;
    const lia_kind *kind = lia_kind_find(LIA_RETENTION_RULE);
    lia_err err = lia_rows_message(query->rows, kind, query->id, query->arena, &message, NULL);
    if (err) return lia_why_set(query->why, err, "there is no such retention rule");
    const Crm__RetentionRule *rule =
        (const Crm__RetentionRule *)lia_unpack(kind->message->descriptor, message, query->arena);
    return rule ? lia_retention_make(out, rule, query->now, query->arena, query->why) : LIA_EFULL;
}

/* ---- adding up ------------------------------------------------------------------------------- */

static void add(sum *to, const lia_retention_find *found)
{
    if (!to->count || found->occurred.ms < to->oldest.ms) to->oldest = found->occurred;
    if (!to->count || found->occurred.ms > to->newest.ms) to->newest = found->occurred;
    to->count++;
    to->bytes += found->bytes;
}

static void add_node(preview *of, uint16_t node)
{
    size_t i = 0;
    while (i < of->node_count && of->nodes[i].node != node) i++;
    if (i == NODES_MAX) return;
    if (i == of->node_count) of->nodes[of->node_count++].node = node;
    of->nodes[i].count++;
}

static lia_err look(preview *of)
{
    lia_retention_find found;
    lia_err err;
    while (!(err = lia_retention_next(&of->walk, ROWS_MAX, &found))) {
        add(&of->all, &found);
        add(&of->types[found.type], &found);
        add_node(of, found.origin);
        if (of->sample_count < of->samples_max) of->samples[of->sample_count++] = found;
    }
    of->complete = err == LIA_EABSENT;
    return err == LIA_EABSENT || err == LIA_EBUSY ? LIA_OK : err;
}

/* ---- the answer ------------------------------------------------------------------------------ */

static const char *type_name(uint64_t type)
{
    const lia_message *message = lia_kind_find(LIA_INTERACTION)->message;
    const lia_field *field = lia_field_by_name(message, LIA_SPAN("type"));
    return lia_enum_name(field->enumeration, (int64_t)type);
}

static void put_time(lia_buf *out, const char *name, lia_time time)
{
    lia_buf_format(out, ",\"%s\":", name);
    lia_json_put_time(out, time);
}

static void put_sum(lia_buf *out, const sum *of)
{
    lia_buf_format(out, "\"count\":%llu,\"bytes\":%llu", (unsigned long long)of->count,
                   (unsigned long long)of->bytes);
    if (!of->count) return;
    put_time(out, "oldest", of->oldest);
    put_time(out, "newest", of->newest);
}

static void put_type(lia_buf *out, uint64_t type)
{
    const char *name = type_name(type);
    if (name)
        lia_buf_format(out, "\"type\":\"%s\"", name);
    else
        lia_buf_format(out, "\"type\":%llu", (unsigned long long)type);
}

static void put_types(lia_buf *out, const preview *of)
{
    bool more = false;
    lia_buf_text(out, ",\"types\":[");
    for (uint64_t type = 0; type < TYPES; type++) {
        if (!of->types[type].count) continue;
        lia_buf_text(out, more ? ",{" : "{");
        put_type(out, type);
        lia_buf_byte(out, ',');
        put_sum(out, &of->types[type]);
        lia_buf_byte(out, '}');
        more = true;
    }
    lia_buf_text(out, "],\"nodes\":[");
    for (size_t i = 0; i < of->node_count; i++)
        lia_buf_format(out, "%s{\"number\":%u,\"count\":%llu}", i ? "," : "", of->nodes[i].node,
                       (unsigned long long)of->nodes[i].count);
    lia_buf_byte(out, ']');
}

/* What they are, without what they say: whoever wants to read one asks for it, which is noted. */
static void put_samples(lia_buf *out, const preview *of)
{
    lia_buf_text(out, ",\"samples\":[");
    for (size_t i = 0; i < of->sample_count; i++) {
        const lia_retention_find *found = &of->samples[i];
        lia_buf_text(out, i ? ",{\"id\":" : "{\"id\":");
        lia_json_put_id(out, found->id);
        if (!lia_id_is_none(found->customer)) {
            lia_buf_text(out, ",\"customer\":");
            lia_json_put_id(out, found->customer);
        }
        lia_buf_byte(out, ',');
        put_type(out, found->type);
        put_time(out, "occurred_at", found->occurred);
        lia_buf_format(out, ",\"bytes\":%zu}", found->bytes);
    }
    lia_buf_byte(out, ']');
}

static void put_answer(lia_query *query, const preview *of)
{
    lia_buf *out = query->out;
    lia_buf_text(out, "{\"rule\":");
    lia_json_put_id(out, query->id);
    put_time(out, "before", of->rule.before);
    lia_buf_byte(out, ',');
    put_sum(out, &of->all);
    put_types(out, of);
    put_samples(out, of);
    lia_buf_format(out, ",\"complete\":%s", of->complete ? "true" : "false");
    if (!of->complete) {
        lia_buf_text(out, ",\"next\":");
        lia_json_put_id(out, of->walk.last);
    }
    lia_buf_byte(out, '}');
}

lia_err lia_retention_preview(lia_query *query)
{
    lia_id after;
    preview *of = lia_arena_zero(query->arena, sizeof *of);
    if (!of) return LIA_EFULL;
    lia_err err = read_samples(query, &of->samples_max);
    if (!err) err = read_after(query, &after);
    if (!err) err = read_rule(query, &of->rule);
    if (err) return err;
    of->samples = lia_arena_take(query->arena, (SAMPLES_MAX + 1) * sizeof *of->samples);
    if (!of->samples) return LIA_EFULL;
    err = lia_retention_open(&of->walk, query->rows, &of->rule, after, query->arena);
    if (!err) err = look(of);
    lia_retention_close(&of->walk);
    if (!err) put_answer(query, of);
    return err ? err : query->out->failed ? LIA_EFULL : LIA_OK;
}
