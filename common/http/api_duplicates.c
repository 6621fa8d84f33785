/* SPDX-License-Identifier: Apache-2.0 */
/* GET /duplicates                    what a person should look at, the likeliest first
 * GET /duplicates?customer=          what ties one customer to others
 * POST /customers:check              who might be the customer in the body, before it is made
 *
 * Which pairs there are is worked out beside the commits: "waiting" says for how many records it is
 * not yet, and ?wait_ms= waits for them.
 *
 * A pair says why it is asked ("why") and what the score is made of ("reasons"): the field, what
 * turned out, in bits what it weighs, and both values in the form in which they were compared.
 * Answers are made on worker threads: comparing takes milliseconds. */
#include "common/http/api_duplicates.h"

#include "common/http/api_audit.h"
#include "common/http/api_gate.h"
#include "common/node/turn.h"

#define TIES_MAX    256
#define WAIT_MS_MAX 60000

/* ---- parts ----------------------------------------------------------------------------------- */

/* Sixteenths of a bit as a number with at most four decimals: 290 is 18.125. */
static void put_bits(lia_buf *out, int32_t sixteenths)
{
    lia_buf_format(out, "%.10g", sixteenths / (double)LIA_BIT);
}

static void put_reasons(lia_buf *out, const lia_match *match)
{
    lia_buf_text(out, ",\"reasons\":[");
    for (size_t i = 0; i < match->reason_count; i++) {
        const lia_reason *reason = &match->reasons[i];
        lia_buf_format(out, "%s{\"field\":\"%s\",\"outcome\":\"%s\",\"what\":\"%s\",\"weight\":",
                       i ? "," : "", lia_outcome_field(reason->outcome),
                       lia_outcome_name(reason->outcome), lia_outcome_text(reason->outcome));
        put_bits(out, reason->weight);
        lia_buf_text(out, ",\"a\":");
        lia_json_put_text(out, reason->a);
        lia_buf_text(out, ",\"b\":");
        lia_json_put_text(out, reason->b);
        lia_buf_byte(out, '}');
    }
    lia_buf_byte(out, ']');
}

/* The values that were compared are those of fields: where one is hidden, only the score is told.
 */
static bool sees_values(const lia_principal *who)
{
    return lia_rights_whole(lia_principal_rights(who), LIA_CUSTOMER);
}

static void put_match(lia_buf *out, const lia_match *match, bool with_values)
{
    lia_buf_text(out, "\"score\":");
    put_bits(out, match->score);
    lia_buf_format(out, ",\"certain\":%s,\"likely\":%s", match->certain ? "true" : "false",
                   match->verdict == LIA_MATCH_LINK ? "true" : "false");
    if (with_values) put_reasons(out, match);
}

/* {"id", "customer", "name"}: enough to tell them apart on a screen. */
static lia_err put_side(lia_buf *out, const lia_principal *who, const lia_rows *rows, lia_id id,
                        lia_arena *arena)
{
    lia_shown shown;
    lia_whole whole;
    lia_pb_field name;
    const lia_kind *kind = lia_kind_find(LIA_CUSTOMER);
    lia_err err = lia_whole_find(&whole, who, rows, id, false, arena);
    if (!err) err = lia_shown_load(&shown, who, rows, kind, id, arena);
    if (err) return err;
    lia_buf_text(out, "{\"id\":");
    lia_json_put_id(out, id);
    lia_buf_text(out, ",\"customer\":");
    lia_json_put_id(out, whole.customer);
    if (shown.kind->title && lia_pb_find(shown.message, kind->title->number, &name)) {
        lia_buf_text(out, ",\"name\":");
        lia_json_put_text(out, name.bytes);
    }
    lia_buf_text(out, ",\"created_at\":");
    lia_json_put_time(out, shown.created);
    lia_buf_byte(out, '}');
    return LIA_OK;
}

static const char *why_of(lia_edge_fate fate)
{
    static const char *const names[] = {
        [LIA_EDGE_USED] = "joined",         [LIA_EDGE_OPEN] = "open",
        [LIA_EDGE_HELD] = "held",           [LIA_EDGE_FULL] = "full",
        [LIA_EDGE_AMBIGUOUS] = "ambiguous", [LIA_EDGE_OVERRULED] = "overruled",
    };
    return fate < LIA_COUNT(names) && names[fate] ? names[fate] : "newer";
}

/* One pair; LIA_EABSENT when a side has gone meanwhile. What was begun is taken back then. */
static lia_err put_pair(lia_buf *out, const lia_principal *who, const lia_rows *rows, lia_id a,
                        lia_id b, lia_edge_fate fate, lia_arena *arena)
{
    size_t before = out->size, mark = lia_arena_mark(arena);
    lia_match match;
    lia_buf_text(out, "{\"a\":");
    lia_err err = put_side(out, who, rows, a, arena);
    lia_buf_text(out, ",\"b\":");
    if (!err) err = put_side(out, who, rows, b, arena);
    if (!err) err = lia_identity_compare(rows, a, b, arena, &match);
    if (!err) {
        lia_buf_format(out, ",\"why\":\"%s\",", why_of(fate));
        put_match(out, &match, sees_values(who));
        lia_buf_byte(out, '}');
    } else {
        out->size = before;
    }
    lia_arena_back(arena, mark);
    return err == LIA_EGONE ? LIA_EABSENT : err;
}

/* ---- the queue ------------------------------------------------------------------------------- */

typedef struct asking {
    lia_call *call;
    uint64_t waiting; /* records whose pairs may not be right yet */
    lia_id customer;  /* none: the queue */
    size_t page_size;
    lia_page_mark mark;
    bool goes_on;
    lia_question after; /* in the queue; of one customer's pairs its score says nothing */
    lia_id *seen;
    size_t seen_count;
    lia_arena *arena; /* scratch */
} asking;

/* score(4) a(16) b(16); of one customer's, a is the member that the pair was told under. */
enum { PLACE_SIZE = 4 + 2 * LIA_ID_SIZE };

static void put_place(lia_buf *out, const asking *ask, int32_t score, lia_id a, lia_id b)
{
    uint8_t place[PLACE_SIZE];
    lia_put_u32(place, (uint32_t)score);
    memcpy(place + 4, a.bytes, LIA_ID_SIZE);
    memcpy(place + 4 + LIA_ID_SIZE, b.bytes, LIA_ID_SIZE);
    lia_buf_text(out, ",\"next_page_token\":\"");
    lia_call_put_token(ask->call, out, ask->mark, 0, LIA_SPAN_OF(place));
    lia_buf_byte(out, '"');
}

static lia_err tell_pair(asking *ask, lia_work *work, lia_id a, lia_id b, lia_edge_fate fate)
{
    size_t size = work->out.size;
    if (ask->seen_count) lia_buf_byte(&work->out, ',');
    lia_err err = put_pair(&work->out, work->call->who, &work->rows, a, b, fate, ask->arena);
    if (err) work->out.size = size;
    if (err) return err == LIA_EABSENT ? LIA_OK : err;
    ask->seen[ask->seen_count++] = a;
    ask->seen[ask->seen_count++] = b;
    return LIA_OK;
}

static lia_err tell_queue(asking *ask, lia_work *work)
{
    size_t count;
    bool more;
    lia_question *found = lia_arena_take(&work->arena, ask->page_size * sizeof *found);
    if (!found) return LIA_EFULL;
    lia_err err = lia_identity_questions(&work->rows, ask->goes_on ? &ask->after : NULL, found,
                                         ask->page_size, &count, &more);
    for (size_t i = 0; !err && i < count; i++)
        err = tell_pair(ask, work, found[i].a, found[i].b, found[i].fate);
    lia_buf_byte(&work->out, ']');
    const lia_question *last = count ? &found[count - 1] : NULL;
    if (!err && more) put_place(&work->out, ask, last->score, last->a, last->b);
    return err;
}

/* ---- one customer ---------------------------------------------------------------------------- */

static bool is_member(const lia_whole *whole, lia_id id)
{
    for (size_t i = 0; i < whole->count; i++)
        if (lia_id_equal(whole->members[i], id)) return true;
    return false;
}

/* A tie to somebody else that a person could still decide. */
static bool is_open(const lia_tie *tie)
{
    bool likely = tie->verdict == LIA_MATCH_LINK || tie->verdict == LIA_MATCH_ASK;
    return likely && tie->word == LIA_WORD_NONE;
}

/* The pairs of one member by the other's id, those behind `after`, until the page is full: then
 * *full, and there is another one. */
static lia_err tell_member(asking *ask, lia_work *work, const lia_whole *whole, lia_id member,
                           lia_id after, bool *full)
{
    lia_tie ties[TIES_MAX];
    size_t count;
    lia_err err = LIA_OK;
    for (bool more = true; more && !*full && !err;) {
        err = lia_identity_ties(&work->rows, member, after, ties, TIES_MAX, &count, &more);
        for (size_t i = 0; i < count && !*full && !err; i++) {
            after = ties[i].other;
            if (!is_open(&ties[i]) || is_member(whole, after)) continue;
            *full = ask->seen_count / 2 == ask->page_size;
            if (!*full) err = tell_pair(ask, work, member, after, ties[i].fate);
        }
    }
    return err;
}

/* By the member's id, then by the other's: an order that stays when members come and go between
 * two pages. */
static lia_err tell_customer(asking *ask, lia_work *work)
{
    lia_whole whole;
    bool full = false;
    lia_err err =
        lia_whole_find(&whole, work->call->who, &work->rows, ask->customer, false, &work->arena);
    for (size_t i = 0; !err && !full && i < whole.count; i++) {
        lia_id member = whole.members[i], after = LIA_ID_NONE;
        int order = ask->goes_on ? memcmp(member.bytes, ask->after.a.bytes, LIA_ID_SIZE) : 1;
        if (order < 0) continue;
        if (order == 0) after = ask->after.b;
        err = tell_member(ask, work, &whole, member, after, &full);
    }
    lia_buf_byte(&work->out, ']');
    if (!err && full)
        put_place(&work->out, ask, 0, ask->seen[ask->seen_count - 2],
                  ask->seen[ask->seen_count - 1]);
    return err;
}

static lia_err run(lia_work *work)
{
    asking *ask = work->context;
    lia_arena scratch = {0};
    lia_err err = lia_arena_init(&scratch, LIA_HTTP_BATCH_BYTES_MAX);
    ask->arena = &scratch;
    lia_buf_text(&work->out, "{\"duplicates\":[");
    if (!err)
        err = lia_id_is_none(ask->customer) ? tell_queue(ask, work) : tell_customer(ask, work);
    lia_buf_format(&work->out, ",\"waiting\":%llu}", (unsigned long long)ask->waiting);
    lia_arena_fini(&scratch);
    const lia_audit_entry look = {
        .action = LIA_AUDIT_DUPLICATES,
        .kind = LIA_CUSTOMER,
        .count = (uint32_t)ask->seen_count,
        .customers = lia_span_make(ask->seen, ask->seen_count * sizeof *ask->seen)};
    if (!err && ask->seen_count) lia_call_note(work->call, look);
    return err;
}

static bool read_place(lia_call *call, asking *ask, lia_span token)
{
    uint8_t phase;
    lia_span place;
    if (!token.size) return true;
    if (lia_call_read_token(call, token, ask->mark, &phase, &place) ||
        place.size != PLACE_SIZE) {
        lia_call_invalid(call, "page_token: this is no token of an answer to the same question");
        return false;
    }
    ask->goes_on = true;
    ask->after.score = (int32_t)lia_get_u32(place.data);
    ask->after.a = lia_id_from(lia_span_make(place.data + 4, LIA_ID_SIZE));
    ask->after.b = lia_id_from(lia_span_make(place.data + 4 + LIA_ID_SIZE, LIA_ID_SIZE));
    return true;
}

static void start(void *context)
{
    asking *ask = context;
    ask->waiting = lia_api_unsettled(ask->call->api);
    lia_call_work(ask->call, run, ask);
}

void lia_api_duplicates(lia_call *call)
{
    asking *ask = lia_arena_zero(call->arena, sizeof *ask);
    uint64_t page_size = LIA_PAGE_SIZE_DEFAULT;
    uint64_t wait_ms = 0;
    lia_span customer, token;
    if (!ask) {
        lia_call_fail(call, LIA_EFULL, NULL);
        return;
    }
    if (!lia_call_param(call, "customer", &customer) ||
        !lia_call_param(call, "page_token", &token) ||
        !lia_call_number(call, "page_size", 1, LIA_PAGE_SIZE_MAX, &page_size) ||
        !lia_call_number(call, "wait_ms", 0, WAIT_MS_MAX, &wait_ms))
        return;
    if (customer.size && lia_id_parse(customer, &ask->customer)) {
        lia_call_invalid(call, "customer: an id (a UUID) is wanted");
        return;
    }
    const lia_span parts[] = {LIA_SPAN("duplicates"), customer};
    ask->mark = lia_page_mark_of(parts, LIA_COUNT(parts));
    ask->page_size = page_size;
    ask->call = call;
    ask->seen = lia_arena_take(call->arena, 2 * page_size * sizeof *ask->seen);
    if (!ask->seen)
        lia_call_fail(call, LIA_EFULL, NULL);
    else if (read_place(call, ask, token))
        lia_api_settle(call->api, wait_ms, start, ask);
}

/* ---- before it is made ----------------------------------------------------------------------- */

/* {"id", "customer", "name", "score", ...} */
static lia_err put_double(lia_buf *out, const lia_principal *who, const lia_rows *rows,
                          const lia_double *found, lia_arena *arena)
{
    lia_err err = put_side(out, who, rows, found->record, arena);
    if (err) return err;
    if (!out->failed) out->data[out->size - 1] = ','; /* the object goes on */
    put_match(out, &found->match, sees_values(who));
    lia_buf_byte(out, '}');
    return LIA_OK;
}

static lia_err tell_doubles(lia_doubles_found *out, const lia_rows *rows, const lia_double *found,
                            size_t count, lia_call *call, lia_arena *scratch)
{
    lia_id seen[LIA_DOUBLES_TOLD_MAX];
    for (size_t i = 0; i < count; i++) {
        lia_buf text = lia_buf_make(call->arena);
        lia_err err = put_double(&text, call->who, rows, &found[i], scratch);
        if (err == LIA_EABSENT || err == LIA_EGONE) continue;
        if (err || text.failed) return err ? err : LIA_EFULL;
        seen[out->count] = found[i].record;
        out->list[out->count].id = found[i].record;
        out->list[out->count++].json = lia_buf_get(&text);
    }
    const lia_audit_entry look = {.action = LIA_AUDIT_DUPLICATES,
                                  .kind = LIA_CUSTOMER,
                                  .count = (uint32_t)out->count,
                                  .customers = lia_span_make(seen, out->count * sizeof *seen)};
    if (out->count) lia_call_note(call, look);
    return LIA_OK;
}

lia_err lia_doubles_find(lia_doubles_found *out, const lia_rows *rows, lia_call *call,
                         lia_span message, lia_arena *scratch)
{
    lia_double found[LIA_DOUBLES_TOLD_MAX];
    size_t count, mark = lia_arena_mark(scratch);
    lia_turn only_arena = {.arena = scratch};
    const lia_kind *kind = lia_kind_find(LIA_CUSTOMER);
    out->count = 0;
    void *customer = lia_turn_unpack(&only_arena, kind->message->descriptor, message);
    if (!customer) return LIA_EFULL;
    lia_err err =
        lia_identity_doubles(rows, customer, scratch, found, LIA_DOUBLES_TOLD_MAX, &count);
    if (!err) err = tell_doubles(out, rows, found, count, call, scratch);
    lia_arena_back(scratch, mark);
    return err;
}

size_t lia_doubles_put(lia_buf *out, const lia_doubles_found *found, lia_id except)
{
    size_t count = 0;
    lia_buf_byte(out, '[');
    for (size_t i = 0; i < found->count; i++) {
        if (lia_id_equal(found->list[i].id, except)) continue;
        if (count++) lia_buf_byte(out, ',');
        lia_buf_span(out, found->list[i].json);
    }
    lia_buf_byte(out, ']');
    return count;
}

static lia_err check(lia_work *work)
{
    const lia_span *message = work->context;
    lia_doubles_found found;
    lia_err err = lia_doubles_find(&found, &work->rows, work->call, *message, &work->arena);
    if (err) return err;
    lia_buf_text(&work->out, "{\"duplicates\":");
    lia_doubles_put(&work->out, &found, LIA_ID_NONE);
    lia_buf_byte(&work->out, '}');
    return LIA_OK;
}

void lia_api_check(lia_call *call)
{
    lia_why why = {{0}};
    lia_json_object object;
    lia_span *message = lia_arena_take(call->arena, sizeof *message);
    if (!lia_call_body_is(call, "application/json")) {
        lia_call_wants(call, "application/json");
        return;
    }
    lia_err err = message ? lia_json_read(&object, call->kind->message, LIA_JSON_CREATE,
                                          lia_http_get_body(call->request), call->arena, &why)
                          : LIA_EFULL;
    if (err) {
        lia_call_fail(call, err, &why);
        return;
    }
    *message = object.message;
    lia_call_work(call, check, message);
}
