/* SPDX-License-Identifier: Apache-2.0 */
/* The customer page in one request: the record with who set what and when, its timeline, and the
 * open work of all departments. All of it stands together in the views ("r", customer, id ...), so
 * the page is one place on disk; nothing here allocates but in the request's arena.
 *
 * GET /customers/{id}               the plain record
 * GET /customers/{id}?timeline=20   the page
 * GET /customers/{id}/timeline      older entries, page by page */
#include "common/http/api_audit.h"
#include "common/http/api_gate.h"
#include "common/http/api_golden.h"
#include "common/http/api_history.h"
#include "common/http/api_timeline.h"

#define TIMELINE_MAX     200
#define TIMELINE_DEFAULT 20
#define RELATED_MAX      100
#define CAMPAIGNS_MAX    64
#define PAGE_BYTES_USUAL ((size_t)24 << 10)

typedef struct lia_page {
    lia_call *call;
    lia_rows rows;
    lia_buf out;
    bool alone;
    lia_whole whole;              /* who they are: one record, or several */
    lia_id segments[RELATED_MAX]; /* that the customer belongs to */
    size_t segment_count;
} lia_page;

/* ---- the timeline ---------------------------------------------------------------------------- */

static lia_page_mark mark_of(lia_id customer)
{
    const lia_span parts[] = {LIA_SPAN("timeline"), lia_id_span(&customer)};
    return lia_page_mark_of(parts, LIA_COUNT(parts));
}

/* "timeline":[...] and, when there is more, the token under `token_name`. */
static lia_err put_timeline(lia_page *page, lia_span after, size_t max, const char *token_name)
{
    lia_call *call = page->call;
    lia_buf *out = &page->out;
    lia_span next = LIA_SPAN_NONE;
    size_t count = 0;
    lia_timeline_entry *entries = lia_arena_take(call->arena, (max ? max : 1) * sizeof *entries);
    lia_id *whose = lia_arena_take(call->arena, (max ? max : 1) * sizeof *whose);
    if (!entries || !whose) return LIA_EFULL;
    lia_err err = LIA_OK;
    if (max)
        err = lia_timeline_read(&page->rows, page->whole.members, page->whole.count, after, max,
                                call->arena, entries, whose, &count, &next);
    lia_buf_text(out, "\"timeline\":[");
    for (size_t i = 0, told = 0; !err && i < count; i++) {
        size_t before = out->size;
        if (told++) lia_buf_byte(out, ',');
        err = lia_entry_put(out, call->api, call->who, &page->rows, &entries[i],
                            page->whole.count > 1 ? whose[i] : LIA_ID_NONE, call->arena);
        if (err != LIA_EABSENT) continue;
        out->size = before;
        told--;
        err = LIA_OK;
    }
    lia_buf_byte(out, ']');
    if (next.size) {
        lia_buf_format(out, ",\"%s\":\"", token_name);
        lia_call_put_token(call, out, mark_of(call->id), 0, next);
        lia_buf_byte(out, '"');
    }
    return err;
}

/* ---- what else concerns the customer --------------------------------------------------------- */

/* The records that name the customer, by kind and id: 'r' customer(2) id(16) 20 kind(2) id(16). */
typedef struct references {
    lia_scan *scan;
    bool has;
    uint16_t kind;
    lia_id id;
} references;

static void step(references *refs)
{
    lia_span key, value;
    refs->has = lia_scan_next(refs->scan, &key, &value) && key.size >= 2 + LIA_ID_SIZE;
    if (!refs->has) return;
    const uint8_t *tail = key.data + key.size - LIA_ID_SIZE;
    refs->kind = lia_get_u16(tail - 2);
    refs->id = lia_id_from(lia_span_make(tail, LIA_ID_SIZE));
}

static bool field_of(const lia_shown *shown, const char *name, lia_pb_field *field)
{
    const lia_field *known = lia_field_by_name(shown->kind->message, lia_span_text(name));
    return known && lia_pb_find(shown->message, known->number, field);
}

/* Whether the enum member "state" is one of those in the mask; absent is 0. */
static bool state_is_among(const lia_shown *shown, uint32_t states)
{
    lia_pb_field state;
    uint64_t number = field_of(shown, "state", &state) ? state.value : 0;
    return number < 32 && (states >> number & 1);
}

/* Puts a comma unless it is the first one. */
static void separate(lia_page *page, size_t count)
{
    if (count) lia_buf_byte(&page->out, ',');
}

static bool put_work(lia_page *page, const lia_shown *shown, size_t count)
{
    separate(page, count);
    lia_shown_put_object(&page->out, page->call->api, shown, 0);
    return true;
}

static bool is_in_segment(const lia_page *page, lia_id segment)
{
    for (size_t i = 0; i < page->segment_count; i++)
        if (lia_id_equal(page->segments[i], segment)) return true;
    return false;
}

/* A membership becomes {"id","name","since"} of its segment. False when another record of theirs is
 * in it, too. */
static bool put_segment(lia_page *page, const lia_shown *membership, size_t count)
{
    lia_pb_field id, since, name;
    lia_shown segment;
    lia_buf *out = &page->out;
    if (!field_of(membership, "segment", &id)) return false;
    lia_id segment_id = lia_id_from(id.bytes);
    if (is_in_segment(page, segment_id)) return false;
    separate(page, count);
    lia_buf_text(out, "{\"id\":");
    lia_json_put_id(out, segment_id);
    if (lia_shown_load(&segment, page->call->who, &page->rows, lia_kind_find(LIA_SEGMENT),
                       segment_id, page->call->arena) == LIA_OK &&
        field_of(&segment, "name", &name)) {
        lia_buf_text(out, ",\"name\":");
        lia_json_put_text(out, name.bytes);
    }
    if (field_of(membership, "since", &since)) {
        lia_buf_text(out, ",\"since\":");
        lia_json_put_time(out, (lia_time){(int64_t)since.value});
    }
    lia_buf_byte(out, '}');
    page->segments[page->segment_count++] = segment_id;
    return true;
}

static bool is_member(const lia_shown *membership)
{
    lia_pb_field member;
    return field_of(membership, "member", &member) && member.value;
}

/* By ascending kind, as the references stand. States as numbered in proto/. */
static const struct related {
    uint16_t kind;
    const char *name;
    uint32_t states; /* bits of "state" that count as open; 0: see `holds` */
    bool (*holds)(const lia_shown *shown);
    /* False when it was told already. */
    bool (*put)(lia_page *page, const lia_shown *shown, size_t count);
} related[] = {
    {LIA_TASK, "tasks", 1 << 0, NULL, put_work},
    {LIA_HANDOVER, "handovers", ~0u, NULL, put_work},
    {LIA_CONSENT, "consents", ~0u, NULL, put_work},
    {LIA_DEAL, "deals", 1 << 0, NULL, put_work},
    {LIA_MEMBERSHIP, "segments", 0, is_member, put_segment},
    {LIA_TICKET, "tickets", 1 << 0 | 1 << 1 | 1 << 2, NULL, put_work},
};

/* What one record of the customer has of it. */
static lia_err put_related_of(lia_page *page, references *refs, const struct related *what,
                              size_t *count)
{
    lia_shown shown;
    while (refs->has && refs->kind < what->kind) step(refs);
    for (; refs->has && refs->kind == what->kind; step(refs)) {
        if (*count == RELATED_MAX) continue;
        lia_err err = lia_shown_load(&shown, page->call->who, &page->rows,
                                     lia_kind_find(what->kind), refs->id, page->call->arena);
        if (err == LIA_EABSENT || err == LIA_EGONE) continue;
        if (err) return err;
        bool counts = what->holds ? what->holds(&shown) : state_is_among(&shown, what->states);
        if (!counts || lia_shown_is_archived(&shown)) continue;
        *count += what->put(page, &shown, *count);
    }
    return LIA_OK;
}

static lia_err put_related_kind(lia_page *page, references *refs, const struct related *what)
{
    size_t count = 0;
    lia_err err = LIA_OK;
    lia_buf_format(&page->out, ",\"%s\":[", what->name);
    for (size_t i = 0; i < page->whole.count && !err; i++)
        err = put_related_of(page, &refs[i], what, &count);
    lia_buf_byte(&page->out, ']');
    return err;
}

static lia_err open_references(lia_page *page, references *refs, lia_id customer)
{
    lia_key prefix = lia_key_tag(LIA_CUSTOMER, customer, LIA_TAG_REFERENCE);
    lia_err err = lia_rows_scan(&page->rows, lia_key_span(&prefix), &refs->scan);
    if (!err) step(refs);
    return err;
}

static lia_err put_related(lia_page *page)
{
    size_t members = page->whole.count;
    references *refs = lia_arena_zero(page->call->arena, members * sizeof *refs);
    lia_err err = refs ? LIA_OK : LIA_EFULL;
    for (size_t i = 0; i < members && !err; i++)
        err = open_references(page, &refs[i], page->whole.members[i]);
    for (size_t i = 0; !err && i < LIA_COUNT(related); i++)
        err = put_related_kind(page, refs, &related[i]);
    for (size_t i = 0; refs && i < members && refs[i].scan; i++) {
        if (!err) err = lia_scan_status(refs[i].scan);
        lia_scan_close(refs[i].scan);
    }
    return err;
}

/* ---- campaigns ------------------------------------------------------------------------------- */

static bool concerns(const lia_page *page, const lia_shown *campaign)
{
    lia_pb_field segment;
    if (!field_of(campaign, "segment", &segment) || lia_shown_is_archived(campaign)) return false;
    return is_in_segment(page, lia_id_from(segment.bytes));
}

/* A campaign concerns the customers of its segment. There are few, so the first ones are looked
 * through; without a segment there is nothing to look for. */
static lia_err put_campaigns(lia_page *page)
{
    const lia_kind *kind = lia_kind_find(LIA_CAMPAIGN);
    lia_key prefix = lia_key_kind(LIA_CAMPAIGN);
    lia_buf *out = &page->out;
    lia_scan *scan;
    lia_span key, value;
    lia_shown shown;
    size_t looked = 0, count = 0;
    lia_buf_text(out, ",\"campaigns\":[");
    if (page->segment_count) {
        lia_err err = lia_rows_scan(&page->rows, lia_key_span(&prefix), &scan);
        if (err) return err;
        while (looked < CAMPAIGNS_MAX && lia_scan_next(scan, &key, &value)) {
            if (key.size != prefix.size + LIA_ID_SIZE + 1) continue;
            lia_id id = lia_id_from(lia_span_make(key.data + prefix.size, LIA_ID_SIZE));
            looked++;
            if (lia_shown_load(&shown, page->call->who, &page->rows, kind, id, page->call->arena))
                continue;
            if (!concerns(page, &shown)) continue;
            count += put_work(page, &shown, count);
        }
        lia_scan_close(scan);
    }
    lia_buf_byte(out, ']');
    return LIA_OK;
}

/* ---- the routes ------------------------------------------------------------------------------ */

/* Reads who they are. False when it has been answered. */
static bool begin(lia_page *page, lia_call *call)
{
    *page = (lia_page){.call = call};
    if (!lia_call_flag(call, "alone", &page->alone)) return false;
    lia_err err = lia_node_read(call->api->node, &page->rows);
    if (!err) {
        err = lia_whole_find(&page->whole, call->who, &page->rows, call->id, page->alone,
                             call->arena);
        if (!err) return true;
        lia_node_read_end(call->api->node, &page->rows);
    }
    lia_call_fail_read(call, err);
    return false;
}

static void end(lia_page *page, lia_err err)
{
    lia_call *call = page->call;
    lia_node_read_end(call->api->node, &page->rows);
    if (err)
        lia_call_fail_read(call, err);
    else
        lia_call_json(call, &page->out);
}

/* The members of the object that the page begins with. */
static lia_err put_customer(lia_page *page)
{
    lia_shown shown;
    lia_golden_told told;
    lia_call *call = page->call;
    if (page->whole.count > 1)
        return lia_golden_put(&page->out, call->api, call->who, &page->rows, &page->whole, call->id,
                              call->arena, &told);
    lia_err err = lia_shown_load(&shown, call->who, &page->rows, call->kind, call->id, call->arena);
    if (!err) lia_shown_put(&page->out, call->api, &shown, LIA_SHOW_CONFLICTS | LIA_SHOW_HISTORY);
    return err;
}

static lia_err put_page(lia_page *page, size_t entries)
{
    page->out = lia_buf_make(page->call->arena);
    (void)lia_buf_room(&page->out, PAGE_BYTES_USUAL);
    lia_buf_byte(&page->out, '{');
    lia_err err = put_customer(page);
    lia_buf_byte(&page->out, ',');
    if (!err) err = put_timeline(page, LIA_SPAN_NONE, entries, "next_timeline_token");
    if (!err) err = put_related(page);
    if (!err) err = put_campaigns(page);
    lia_buf_byte(&page->out, '}');
    if (!err)
        lia_call_note_members(page->call, LIA_AUDIT_PAGE, page->whole.members, page->whole.count,
                              page->whole.count);
    return err;
}

/* Several records, without a timeline. */
static void answer_golden(lia_page *page)
{
    lia_call *call = page->call;
    lia_golden_told told;
    page->out = lia_buf_make(call->arena);
    lia_buf_byte(&page->out, '{');
    lia_err err = lia_golden_put(&page->out, call->api, call->who, &page->rows, &page->whole,
                                 call->id, call->arena, &told);
    lia_buf_byte(&page->out, '}');
    lia_node_read_end(call->api->node, &page->rows);
    if (err) {
        lia_call_fail_read(call, err);
        return;
    }
    lia_call_note_members(call, LIA_AUDIT_READ, page->whole.members, page->whole.count,
                          page->whole.count);
    lia_call_shown(call, told.tag, &page->out);
}

void lia_api_customer(lia_call *call)
{
    uint64_t entries = UINT64_MAX;
    lia_page page;
    if (lia_call_past(call)) return;
    if (!lia_call_number(call, "timeline", 0, TIMELINE_MAX, &entries) || !begin(&page, call))
        return;
    if (entries != UINT64_MAX) {
        end(&page, put_page(&page, entries));
    } else if (page.whole.count > 1) {
        answer_golden(&page);
    } else {
        lia_node_read_end(call->api->node, &page.rows);
        lia_api_read(call);
    }
}

static lia_err put_older(lia_page *page, lia_span after, size_t entries)
{
    lia_span row;
    lia_key key = lia_key_tag(LIA_CUSTOMER, page->call->id, LIA_TAG_STATE);
    lia_err err = lia_rows_get(&page->rows, lia_key_span(&key), &row);
    if (!err && lia_row_is_erased(row)) err = LIA_EGONE;
    if (err) return err;
    page->out = lia_buf_make(page->call->arena);
    lia_buf_byte(&page->out, '{');
    err = put_timeline(page, after, entries, "next_page_token");
    lia_buf_byte(&page->out, '}');
    if (!err)
        lia_call_note_members(page->call, LIA_AUDIT_TIMELINE, page->whole.members,
                              page->whole.count, entries);
    return err;
}

void lia_api_timeline(lia_call *call)
{
    uint8_t phase;
    lia_page page;
    lia_span token, after = LIA_SPAN_NONE;
    uint64_t entries = TIMELINE_DEFAULT;
    if (!lia_call_number(call, "page_size", 1, TIMELINE_MAX, &entries) ||
        !lia_call_param(call, "page_token", &token))
        return;
    if (token.size && (lia_call_read_token(call, token, mark_of(call->id), &phase, &after) ||
                       after.size != LIA_TIMELINE_PLACE_SIZE)) {
        lia_call_invalid(call, "page_token: this is no token of this customer's timeline");
        return;
    }
    if (begin(&page, call)) end(&page, put_older(&page, after, entries));
}
