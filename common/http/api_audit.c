/* SPDX-License-Identifier: Apache-2.0 */
/* Who looked at whose data: how the other files note it, and GET /audit.
 *
 *     GET /audit?customer=&actor=&action=&kind=&record=&since=&until=&page_size=&page_token=
 *
 * Newest first.
 *
 * With ?customer= also what was asked about nobody in particular, like the stream of all events:
 * they may have been in it. */
#include "common/http/api_audit.h"

#include "common/http/api_gate.h"
#include "common/http/api_golden.h"
#include "common/http/page_token.h"

/* Ids of one entry that are told; beyond it only how many. */
#define CUSTOMERS_SHOWN 20
#define PLACE_SIZE      16

/* The user's id, so that the trail holds no names; "local" before there is an administrator. */
lia_span lia_call_actor(const lia_call *call)
{
    return call->login ? lia_span_text(call->login->name) : LIA_SPAN("local");
}

/* ---- noting ---------------------------------------------------------------------------------- */

void lia_call_note(const lia_call *call, lia_audit_entry look)
{
    look.actor = lia_call_actor(call);
    lia_trail_note(call->api->trail, &look);
}

void lia_call_note_members(const lia_call *call, lia_audit_action action, const lia_id *members,
                           size_t member_count, size_t count)
{
    const lia_audit_entry look = {.action = action,
                                  .kind = LIA_CUSTOMER,
                                  .record = call->id,
                                  .count = (uint32_t)count,
                                  .customers =
                                      lia_span_make(members, member_count * sizeof *members)};
    lia_call_note(call, look);
}

lia_id lia_shown_customer(const lia_shown *shown)
{
    lia_pb_field field;
    if (shown->kind->number == LIA_CUSTOMER) return shown->id;
    if (shown->kind->customer && lia_pb_find(shown->message, shown->kind->customer->number, &field))
        return lia_id_from(field.bytes);
    return LIA_ID_NONE;
}

void lia_call_note_shown(const lia_call *call, const lia_shown *shown)
{
    lia_id customer = lia_shown_customer(shown);
    if (lia_id_is_none(customer)) return; /* nobody's data */
    const lia_audit_entry look = {.action = LIA_AUDIT_READ,
                                  .kind = shown->kind->number,
                                  .record = shown->id,
                                  .count = 1,
                                  .customers = lia_id_span(&customer)};
    lia_call_note(call, look);
}

#define FAILURES_A_MINUTE 100

/* Whether this one is left out; else `skipped` tells how many were before it. */
static bool is_too_much(lia_api *api, uint32_t *skipped)
{
    int64_t now = lia_time_ticks_ms();
    if (now - api->failures.since_ms >= LIA_MINUTE_MS) {
        api->failures.since_ms = now;
        api->failures.noted = 0;
    }
    if (api->failures.noted == FAILURES_A_MINUTE) {
        api->failures.skipped++;
        return true;
    }
    api->failures.noted++;
    *skipped = api->failures.skipped;
    api->failures.skipped = 0;
    return false;
}

void lia_call_note_entry(lia_call *call, lia_audit_action action, lia_id user, lia_id provider,
                         const char *words)
{
    uint32_t skipped = 0;
    char name[LIA_ID_TEXT_SIZE];
    if (action == LIA_AUDIT_NOT_SIGNED_IN && is_too_much(call->api, &skipped)) return;
    lia_id_print(user, name);
    const lia_audit_entry entry = {.action = action,
                                   .actor = lia_id_is_none(user) ? LIA_SPAN("unknown")
                                                                 : lia_span_text(name),
                                   .kind = lia_id_is_none(provider) ? 0 : LIA_PROVIDER,
                                   .record = provider,
                                   .count = skipped,
                                   .words = lia_span_text(words),
                                   .address = lia_call_peer(call)};
    lia_trail_note(call->api->trail, &entry);
}

/* ---- the question ---------------------------------------------------------------------------- */

typedef struct asking {
    lia_call *call;
    lia_id customer; /* none: all */
    lia_whole whole;
    lia_span actor, action;
    uint32_t kind; /* 0: all */
    lia_id record; /* none: all */
    lia_time since, until;
    size_t page_size, found;
    lia_page_mark mark;
    lia_trail_place place;
    lia_buf *out;
} asking;

static bool read_place(lia_call *call, asking *ask, lia_span token)
{
    uint8_t phase;
    lia_span place;
    ask->place = LIA_TRAIL_NEWEST;
    if (!token.size) return true;
    if (lia_page_token_read(token, ask->mark, call->arena, &phase, &place) ||
        place.size != PLACE_SIZE) {
        lia_call_invalid(call, "page_token: this is no token of an answer to the same question");
        return false;
    }
    ask->place = (lia_trail_place){lia_get_u64(place.data), lia_get_u64(place.data + 8)};
    return true;
}

static bool is_action(lia_span text)
{
    for (uint64_t action = 1; action < LIA_AUDIT_ACTIONS; action++)
        if (lia_span_is(text, lia_audit_action_name(action))) return true;
    return false;
}

static bool read_question(lia_call *call, asking *ask)
{
    uint64_t page_size = LIA_PAGE_SIZE_DEFAULT;
    lia_span customer, kind, record, since, until, token;
    if (!lia_call_param(call, "customer", &customer) ||
        !lia_call_param(call, "actor", &ask->actor) ||
        !lia_call_param(call, "action", &ask->action) || !lia_call_param(call, "kind", &kind) ||
        !lia_call_param(call, "record", &record) || !lia_call_param(call, "since", &since) ||
        !lia_call_param(call, "until", &until) || !lia_call_param(call, "page_token", &token) ||
        !lia_call_number(call, "page_size", 1, LIA_PAGE_SIZE_MAX, &page_size) ||
        !lia_call_instant(call, "since", since, &ask->since) ||
        !lia_call_instant(call, "until", until, &ask->until))
        return false;
    if (customer.size && lia_id_parse(customer, &ask->customer)) {
        lia_call_invalid(call, "customer: an id (a UUID) is wanted");
        return false;
    }
    const lia_kind *known = kind.size ? lia_kind_by_plural(kind) : NULL;
    if (kind.size && !known) {
        lia_call_invalid(call, "kind: the plural of a kind of record is wanted");
        return false;
    }
    if (known) ask->kind = known->number;
    if (record.size && lia_id_parse(record, &ask->record)) {
        lia_call_invalid(call, "record: an id (a UUID) is wanted");
        return false;
    }
    if (ask->action.size && !is_action(ask->action)) {
        lia_call_invalid(call, "action: one of the trail's is wanted, as in signed_in");
        return false;
    }
    const lia_span parts[] = {
        LIA_SPAN("audit"), customer, ask->actor, ask->action, kind, record, since, until};
    ask->mark = lia_page_mark_of(parts, LIA_COUNT(parts));
    ask->page_size = page_size;
    return read_place(call, ask, token);
}

/* ---- the answer ------------------------------------------------------------------------------ */

static void put_customers(lia_buf *out, const lia_audit_entry *entry)
{
    size_t count = lia_audit_customers(entry);
    if (entry->everybody) lia_buf_text(out, ",\"everybody\":true");
    lia_buf_format(out, ",\"customer_count\":%zu", count);
    if (!count || count > CUSTOMERS_SHOWN) return;
    lia_buf_text(out, ",\"customers\":[");
    for (size_t i = 0; i < count; i++) {
        if (i) lia_buf_byte(out, ',');
        lia_json_put_id(
            out, lia_id_from(lia_span_make(entry->customers.data + i * LIA_ID_SIZE, LIA_ID_SIZE)));
    }
    lia_buf_byte(out, ']');
}

void lia_audit_put_json(lia_buf *out, const lia_audit_entry *entry)
{
    const char *action = lia_audit_action_name(entry->action);
    const lia_kind *kind = lia_kind_find(entry->kind);
    lia_buf_text(out, "{\"at\":");
    lia_json_put_time(out, entry->at);
    lia_buf_text(out, ",\"actor\":");
    lia_json_put_text(out, entry->actor);
    lia_buf_format(out, ",\"action\":\"%s\"", action ? action : "newer");
    if (kind) lia_buf_format(out, ",\"kind\":\"%s\"", kind->plural);
    if (!lia_id_is_none(entry->record)) {
        lia_buf_text(out, ",\"record\":");
        lia_json_put_id(out, entry->record);
    }
    lia_buf_format(out, ",\"count\":%u,\"times\":%u", entry->count, entry->times);
    if (entry->words.size) {
        lia_buf_text(out, ",\"words\":");
        lia_json_put_text(out, entry->words);
    }
    if (entry->address.size) {
        lia_buf_text(out, ",\"address\":");
        lia_json_put_text(out, entry->address);
    }
    put_customers(out, entry);
    lia_buf_byte(out, '}');
}

static bool is_wanted(const asking *ask, const lia_audit_entry *entry)
{
    bool concerns = lia_id_is_none(ask->customer);
    for (size_t i = 0; i < ask->whole.count && !concerns; i++)
        concerns = lia_audit_concerns(entry, ask->whole.members[i]);
    if (!concerns) return false;
    if (ask->actor.size && !lia_span_equal(ask->actor, entry->actor)) return false;
    if (ask->kind && ask->kind != entry->kind) return false;
    if (!lia_id_is_none(ask->record) && !lia_id_equal(ask->record, entry->record)) return false;
    const char *action = lia_audit_action_name(entry->action);
    if (ask->action.size && !(action && lia_span_is(ask->action, action))) return false;
    if (ask->until.ms && entry->at.ms >= ask->until.ms) return false;
    return entry->at.ms >= ask->since.ms;
}

static bool take(void *context, const lia_audit_entry *entry)
{
    asking *ask = context;
    if (!is_wanted(ask, entry)) return true;
    if (ask->found == ask->page_size) return false;
    if (ask->found++) lia_buf_byte(ask->out, ',');
    lia_audit_put_json(ask->out, entry);
    return !ask->out->failed;
}

static lia_err run(lia_work *work)
{
    asking *ask = work->context;
    bool more = false;
    ask->out = &work->out;
    lia_trail_flush(work->call->api->trail);
    lia_buf_text(ask->out, "{\"audit\":[");
    lia_err err = LIA_OK;
    if (!lia_id_is_none(ask->customer))
        err = lia_whole_find(&ask->whole, work->call->who, &work->rows, ask->customer, false,
                             &work->arena);
    if (!err) err = lia_trail_read(work->call->api->trail, &ask->place, &more, take, ask);
    lia_buf_byte(ask->out, ']');
    if (more) {
        uint8_t place[PLACE_SIZE];
        lia_put_u64(place, ask->place.segment);
        lia_put_u64(place + 8, ask->place.offset);
        lia_buf_text(ask->out, ",\"next_page_token\":\"");
        lia_page_token_put(ask->out, ask->mark, 0, LIA_SPAN_OF(place));
        lia_buf_byte(ask->out, '"');
    }
    lia_buf_byte(ask->out, '}');
    return err;
}

void lia_api_audit(lia_call *call)
{
    asking *ask = lia_arena_zero(call->arena, sizeof *ask);
    if (!ask || !call->api->trail) {
        lia_call_fail(call, ask ? LIA_EABSENT : LIA_EFULL, NULL);
        return;
    }
    ask->call = call;
    if (!read_question(call, ask)) return;
    call->id = ask->customer;
    if (!lia_id_is_none(call->id)) lia_call_note_members(call, LIA_AUDIT_AUDIT, &call->id, 1, 0);
    lia_call_work(call, run, ask);
}
