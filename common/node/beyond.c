/* SPDX-License-Identifier: Apache-2.0 */
#include "common/node/beyond.h"

#include "common/wire/pb.h"

/* One record or a few timeline entries, each at most an event. */
#define BEYOND_BYTES ((size_t)4 << 20)

enum { ENTRIES_AT_ONCE = 32 };

static void note(lia_beyond *beyond, lia_err err)
{
    if (!beyond->err) beyond->err = err;
}

static bool may(lia_beyond *beyond, const lia_kind *kind, lia_id id, lia_span message)
{
    return !beyond->may || beyond->may(beyond->may_context, beyond, kind, id, message);
}

static bool load(void *context, uint16_t number, lia_id id, lia_span *message)
{
    lia_beyond *beyond = context;
    const lia_kind *kind = lia_kind_find(number);
    lia_arena_reset(&beyond->arena);
    beyond->looked++;
    lia_err err = kind ? lia_rows_message(beyond->rows, kind, id, &beyond->arena, message, NULL)
                       : LIA_EABSENT;
    if (err && err != LIA_EABSENT && err != LIA_EGONE) note(beyond, err);
    return !err && may(beyond, kind, id, *message);
}

/* ---- figures --------------------------------------------------------------------------------- */

typedef struct tally {
    const lia_figure *wanted;
    lia_time since, until;
    int64_t value;
    bool found, done;
} tally;

static uint32_t number_of(const lia_message *schema, const char *name)
{
    return lia_field_by_name(schema, lia_span_text(name))->number;
}

static bool is_of_type(const lia_beyond *beyond, lia_span interaction, int32_t type)
{
    lia_pb_field found = {.value = 0};
    if (type == LIA_FIGURE_ANY) return true;
    (void)lia_pb_find(interaction, beyond->type, &found);
    return (int32_t)found.value == type;
}

/* Minor units, 0 when there is none or it is in another currency. */
static int64_t amount_of(const lia_beyond *beyond, lia_span interaction, const char currency[4])
{
    lia_pb_field money, code, minor = {.value = 0};
    if (!lia_pb_find(interaction, beyond->amount, &money) ||
        !lia_pb_find(money.bytes, beyond->currency, &code) || !lia_span_is(code.bytes, currency))
        return 0;
    (void)lia_pb_find(money.bytes, beyond->minor, &minor);
    return (int64_t)minor.value;
}

/* Sums beyond 64 bits stay at the bound. */
static int64_t add(int64_t sum, int64_t more)
{
    int64_t total;
    if (!__builtin_add_overflow(sum, more, &total)) return total;
    return more < 0 ? INT64_MIN : INT64_MAX;
}

static void tally_one(const lia_beyond *beyond, tally *t, lia_time time, lia_span interaction)
{
    if (!is_of_type(beyond, interaction, t->wanted->interaction)) return;
    switch (t->wanted->type) {
    case LIA_FIGURE_COUNT:
        t->value++;
        break;
    case LIA_FIGURE_SUM:
        t->value = add(t->value, amount_of(beyond, interaction, t->wanted->currency));
        break;
    case LIA_FIGURE_LAST: /* the newest comes first */
        t->value = time.ms;
        t->done = true;
        break;
    case LIA_FIGURE_FIRST:
        t->value = time.ms;
        break;
    }
    t->found = true;
}

/* The interaction of a timeline entry as it is now; false for what is none. */
static bool read_interaction(lia_beyond *beyond, const lia_timeline_entry *entry, lia_span *out)
{
    lia_event event;
    lia_err err = lia_event_parse(&event, entry->bytes, &beyond->arena, NULL);
    if (err) note(beyond, err);
    if (err || event.erased || !event.op_count || event.ops[0].kind != LIA_INTERACTION ||
        event.header.fact != LIA_INTERACTION_LOGGED)
        return false;
    const lia_kind *kind = lia_kind_find(LIA_INTERACTION);
    lia_id id = event.ops[0].record;
    *out = event.ops[0].set;
    if (!entry->changed) return may(beyond, kind, id, *out);
    err = lia_rows_message(beyond->rows, kind, id, &beyond->arena, out, NULL);
    if (err && err != LIA_EABSENT && err != LIA_EGONE) note(beyond, err);
    return !err && may(beyond, kind, id, *out);
}

static void tally_entry(lia_beyond *beyond, tally *t, const lia_timeline_entry *entry)
{
    lia_span interaction;
    beyond->looked++;
    if (entry->time.ms > t->until.ms) return;
    t->done = entry->time.ms <= t->since.ms;
    if (!t->done && read_interaction(beyond, entry, &interaction))
        tally_one(beyond, t, entry->time, interaction);
}

static void walk_timeline(lia_beyond *beyond, lia_id customer, tally *t)
{
    lia_timeline_entry entries[ENTRIES_AT_ONCE];
    lia_key after = {.size = 0};
    lia_span next = LIA_SPAN_NONE;
    size_t count;
    do {
        lia_arena_reset(&beyond->arena);
        lia_err err = lia_rows_timeline(beyond->rows, customer, lia_key_span(&after),
                                        LIA_COUNT(entries), &beyond->arena, entries, &count, &next);
        if (err) {
            note(beyond, err);
            return;
        }
        after.size = next.size;
        if (next.size) memcpy(after.bytes, next.data, next.size);
        for (size_t i = 0; i < count && !t->done; i++) tally_entry(beyond, t, &entries[i]);
    } while (after.size && !t->done);
}

static bool figure(void *context, lia_id customer, const lia_figure *wanted, int64_t *value)
{
    lia_beyond *beyond = context;
    tally t = {.wanted = wanted, .since = {INT64_MIN}, .until = {INT64_MAX}};
    if (wanted->period_ms) {
        t.until = beyond->world.now;
        t.since.ms = t.until.ms - wanted->period_ms;
    }
    walk_timeline(beyond, customer, &t);
    *value = t.value;
    return t.found || wanted->type == LIA_FIGURE_COUNT || wanted->type == LIA_FIGURE_SUM;
}

/* ---- the door -------------------------------------------------------------------------------- */

lia_err lia_beyond_open(lia_beyond *out, const lia_rows *rows, lia_time now)
{
    const lia_message *interaction = lia_kind_find(LIA_INTERACTION)->message;
    const lia_message *money = lia_field_by_name(interaction, LIA_SPAN("amount"))->message;
    *out = (lia_beyond){.rows = rows,
                        .world = {.now = now, .context = out, .load = load, .figure = figure},
                        .type = number_of(interaction, "type"),
                        .amount = number_of(interaction, "amount"),
                        .currency = number_of(money, "currency"),
                        .minor = number_of(money, "amount_minor")};
    return lia_arena_init(&out->arena, BEYOND_BYTES);
}

void lia_beyond_close(lia_beyond *beyond)
{
    lia_arena_fini(&beyond->arena);
}
