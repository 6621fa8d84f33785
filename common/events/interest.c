/* SPDX-License-Identifier: Apache-2.0 */
/* What costs least is asked first: topics and numbers, then a walk over the ops, then the filter,
 * which reads a record. */
#include "common/events/interest.h"

struct lia_interest {
    lia_span topics[LIA_TOPICS_MAX];
    size_t topic_count;
    const lia_kind *kinds[LIA_KINDS_WANTED_MAX];
    size_t kind_count;
    const lia_fact *fact;
    lia_filter *filter;
    bool on_fact; /* the filter's kind is the fact's message */
    const lia_id *customers;
    size_t customer_count;
};

/* ---- making ---------------------------------------------------------------------------------- */

static lia_span take_item(lia_span *rest)
{
    const uint8_t *comma = rest->size ? memchr(rest->data, ',', rest->size) : NULL;
    lia_span item = lia_span_make(rest->data, comma ? (size_t)(comma - rest->data) : rest->size);
    *rest = lia_span_skip(*rest, item.size + (comma != NULL));
    return item;
}

static lia_err read_topics(lia_interest *out, lia_span text, lia_arena *arena, lia_why *why)
{
    text = lia_arena_copy(arena, text);
    if (!text.data) return LIA_EFULL;
    while (text.size) {
        lia_span topic = take_item(&text);
        if (!topic.size) continue;
        if (out->topic_count == LIA_TOPICS_MAX || topic.size >= LIA_TOPIC_SIZE)
            return lia_why_set(why, LIA_EINVAL, "topic: at most %d topics of %d bytes are taken",
                               LIA_TOPICS_MAX, LIA_TOPIC_SIZE - 1);
        out->topics[out->topic_count++] = topic;
    }
    return LIA_OK;
}

/* As it looks to them; NULL when they may not read it, as if there were none. */
static const lia_kind *kind_for(const lia_principal *who, lia_span plural)
{
    const lia_kind *kind = lia_kind_by_plural(plural);
    const lia_rights *rights = who ? lia_principal_rights(who) : NULL;
    return kind && rights ? lia_rights_kind(rights, kind->number) : kind;
}

static lia_err read_kinds(lia_interest *out, lia_span text, const lia_principal *who, lia_why *why)
{
    while (text.size) {
        lia_span plural = take_item(&text);
        if (!plural.size) continue;
        if (out->kind_count == LIA_KINDS_WANTED_MAX)
            return lia_why_set(why, LIA_EINVAL, "kind: at most %d kinds are taken",
                               LIA_KINDS_WANTED_MAX);
        const lia_kind *kind = kind_for(who, plural);
        if (!kind)
            return lia_why_set(why, LIA_EINVAL,
                               "kind: the plural of a kind is wanted, as in kind=deals");
        out->kinds[out->kind_count++] = kind;
    }
    return LIA_OK;
}

static lia_err read_fact(lia_interest *out, lia_span name, lia_why *why)
{
    if (!name.size) return LIA_OK;
    out->fact = lia_fact_by_name(name);
    if (out->fact && !out->fact->secret) return LIA_OK;
    return lia_why_set(why, LIA_EINVAL, "fact: the name of a fact is wanted, as in fact=deal.won");
}

/* The fact's message as a kind of its own, so that filters speak of its fields. */
static const lia_kind *kind_of_fact(const lia_fact *fact, lia_arena *arena)
{
    lia_kind *kind = lia_arena_zero(arena, sizeof *kind);
    if (!kind) return NULL;
    *kind = (lia_kind){.name = fact->name,
                       .plural = fact->name,
                       .label = fact->label,
                       .message = fact->message,
                       .in_log = true};
    for (size_t i = 0; i < fact->message->count; i++)
        if (fact->message->fields[i].reference == LIA_CUSTOMER &&
            !fact->message->fields[i].repeated)
            kind->customer = &fact->message->fields[i];
    return kind;
}

static bool sees_all(const lia_principal *who)
{
    return !who || lia_principal_rights(who)->administrator;
}

static lia_err filter_kind(const lia_interest *interest, const lia_principal *who, lia_arena *arena,
                           const lia_kind **out, lia_why *why)
{
    *out = interest->kind_count == 1 ? interest->kinds[0] : NULL;
    if (*out) return LIA_OK;
    if (!interest->fact || interest->kind_count)
        return lia_why_set(why, LIA_EINVAL,
                           "filter: say with kind= (one kind) or fact= what its fields belong to");
    if (!sees_all(who))
        return lia_why_set(why, LIA_EINVAL,
                           "filter: facts repeat fields that may be hidden from you; filter the "
                           "records, with kind=");
    *out = kind_of_fact(interest->fact, arena);
    return *out ? LIA_OK : LIA_EFULL;
}

static lia_err read_filter(lia_interest *out, lia_span text, const lia_principal *who,
                           lia_arena *arena, lia_why *why)
{
    const lia_kind *kind;
    lia_why place = {{0}};
    if (!text.size) return LIA_OK;
    lia_err err = filter_kind(out, who, arena, &kind, why);
    if (err) return err;
    out->on_fact = !out->kind_count;
    text = lia_arena_copy(arena, text);
    if (!text.data) return LIA_EFULL;
    lia_filter_sight sight = {.kind = NULL};
    if (who) sight = lia_principal_sight(who);
    err = lia_filter_parse_for(&out->filter, who ? &sight : NULL, kind, text, arena, &place);
    return err ? lia_why_set(why, err, "filter: %.300s", place.text) : LIA_OK;
}

lia_err lia_interest_make(lia_interest **out, const lia_interest_ask *ask, const lia_principal *who,
                          lia_arena *arena, lia_why *why)
{
    lia_interest *interest = lia_arena_zero(arena, sizeof *interest);
    lia_span customers = lia_arena_copy(
        arena, lia_span_make(ask->customers, ask->customer_count * sizeof *ask->customers));
    *out = interest;
    if (!interest || !customers.data) return LIA_EFULL;
    interest->customers = (const lia_id *)customers.data;
    interest->customer_count = ask->customer_count;
    lia_err err = read_topics(interest, ask->topic, arena, why);
    if (!err) err = read_kinds(interest, ask->kind, who, why);
    if (!err) err = read_fact(interest, ask->fact, why);
    if (!err) err = read_filter(interest, ask->filter, who, arena, why);
    return err;
}

bool lia_interest_has_filter(const lia_interest *interest)
{
    return interest->filter != NULL;
}

uint16_t lia_interest_kind(const lia_interest *interest)
{
    return interest->kind_count == 1 ? interest->kinds[0]->number : 0;
}

size_t lia_interest_customers(const lia_interest *interest, const lia_id **out)
{
    *out = interest->customers;
    return interest->customer_count;
}

/* ---- judging --------------------------------------------------------------------------------- */

static bool topic_is_wanted(const lia_interest *wants, const char *topic)
{
    for (size_t i = 0; i < wants->topic_count; i++)
        if (lia_span_starts(lia_span_text(topic), wants->topics[i])) return true;
    return wants->topic_count == 0;
}

static bool is_theirs(const lia_interest *wants, lia_id record)
{
    for (size_t i = 0; i < wants->customer_count; i++)
        if (lia_id_equal(wants->customers[i], record)) return true;
    return false;
}

static bool kind_is_wanted(const lia_interest *wants, uint32_t number)
{
    for (size_t i = 0; i < wants->kind_count; i++)
        if (wants->kinds[i]->number == number) return true;
    return false;
}

static bool ops_are_wanted(const lia_interest *wants, const lia_event *event)
{
    bool customer = !wants->customer_count || is_theirs(wants, event->header.customer);
    bool kind = !wants->kind_count;
    for (size_t i = 0; i < event->op_count && !(customer && kind); i++) {
        kind = kind || kind_is_wanted(wants, event->ops[i].kind);
        customer = customer || is_theirs(wants, event->ops[i].record);
    }
    return customer && kind;
}

static bool holds_on(const lia_interest *wants, const lia_said *said, lia_id id, lia_time created,
                     lia_span message)
{
    const lia_filter_subject subject = {id, created, message,
                                        said->beyond ? &said->beyond->world : NULL};
    return lia_filter_holds(wants->filter, &subject);
}

/* Any of the records that the event changed, as it now is. */
static bool holds_on_records(const lia_interest *wants, const lia_said *said)
{
    const lia_kind *kind = wants->kinds[0];
    for (size_t i = 0; i < said->event.op_count; i++) {
        const lia_op *op = &said->event.ops[i];
        lia_span message;
        lia_time created = {0};
        if (op->kind != kind->number) continue;
        if (lia_rows_message(said->rows, kind, op->record, said->arena, &message, NULL)) continue;
        (void)lia_id_time(op->record, &created.ms);
        if (holds_on(wants, said, op->record, created, message)) return true;
    }
    return false;
}

static bool filter_holds(const lia_interest *wants, const lia_said *said)
{
    if (!wants->filter) return true;
    if (!wants->on_fact) return holds_on_records(wants, said);
    const lia_time time = {lia_hlc_ms(said->event.header.hlc)};
    return !said->event.erased &&
           holds_on(wants, said, said->event.header.customer, time, said->event.fact);
}

bool lia_interest_holds(const lia_interest *wants, const lia_said *said)
{
    return (!wants->fact || wants->fact->number == said->event.header.fact) &&
           topic_is_wanted(wants, said->topic) && ops_are_wanted(wants, &said->event) &&
           filter_holds(wants, said);
}
