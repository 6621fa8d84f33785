/* SPDX-License-Identifier: Apache-2.0 */
/* GET /search: records by what they say, best first, on a worker thread. Who asks finds what they
 * may read: kinds as they see them, and each record tested, by common/search. */
#include "common/access/special.h"
#include "common/http/api_audit.h"

#define LIMIT_DEFAULT 20
#define WAIT_MS_MAX   10000

/* A question under way. */
typedef struct searching {
    lia_search_question question;
    lia_call *call;
    uint64_t arrival; /* visible when it was asked */
    lia_work *work;
    lia_search_hit *hits;
    lia_id *seen; /* customers */
    size_t count, seen_count;
    lia_id *owners; /* whose records they may read by team; read once */
    size_t owner_count;
    Access__Scope owner_scope;
} searching;

/* ---- who asks -------------------------------------------------------------------------------- */

static const lia_kind *kind_seen(void *context, uint32_t number)
{
    const searching *s = context;
    return lia_rights_kind(lia_principal_rights(s->call->who), number);
}

static lia_err may_read(void *context, const lia_kind *kind, lia_id id, lia_span message,
                        bool *allowed)
{
    const searching *s = context;
    return lia_principal_may(s->call->who, &s->work->rows, LIA_ACTION_READ, kind, id, message,
                             &s->work->arena, allowed);
}

#define OWNERS_MAX 500

/* Whoever is in a team that the scope reaches. Too many: it is not worth while. */
static lia_err read_owners(searching *s, Access__Scope scope)
{
    lia_scan *scan;
    lia_span key, value;
    lia_work *work = s->work;
    lia_key prefix = lia_key_kind(LIA_USER);
    s->owner_scope = scope;
    s->owner_count = 0;
    if (!s->owners) s->owners = lia_arena_take(&work->arena, OWNERS_MAX * sizeof *s->owners);
    if (!s->owners) return LIA_EFULL;
    lia_err err = lia_rows_scan(&work->rows, lia_key_span(&prefix), &scan);
    if (err) return err;
    while (!err && s->owner_count <= OWNERS_MAX && lia_scan_next(scan, &key, &value)) {
        bool reached = false;
        size_t mark = lia_arena_mark(&work->arena);
        if (key.size != prefix.size + LIA_ID_SIZE + 1 || key.data[key.size - 1] != LIA_TAG_STATE)
            continue;
        lia_id user = lia_id_from(lia_span_make(key.data + prefix.size, LIA_ID_SIZE));
        err = lia_principal_reaches_owner(s->call->who, &work->rows, scope, user, &work->arena,
                                          &reached);
        if (reached && s->owner_count < OWNERS_MAX) s->owners[s->owner_count] = user;
        s->owner_count += reached;
        lia_arena_back(&work->arena, mark);
    }
    if (!err) err = lia_scan_status(scan);
    lia_scan_close(scan);
    return err;
}

/* As lia_principal_may decides it. */
static lia_err owners_of(void *context, const lia_kind *kind, lia_search_owners *out)
{
    searching *s = context;
    Access__Scope scope =
        lia_rights_scope(lia_principal_rights(s->call->who), LIA_ACTION_READ, kind);
    bool by_owner = scope != ACCESS__SCOPE__SCOPE_ALL && scope != ACCESS__SCOPE__SCOPE_NONE;
    if (!by_owner || lia_is_special(kind->number) || kind->number == LIA_USER) return LIA_OK;
    lia_err err = s->owners && s->owner_scope == scope ? LIA_OK : read_owners(s, scope);
    out->limited = !err && s->owner_count <= OWNERS_MAX;
    out->users = s->owners;
    out->count = s->owner_count;
    out->field = lia_owner_field(kind);
    if (!out->field && kind->customer)
        out->customers_field = lia_owner_field(lia_kind_find(LIA_CUSTOMER));
    return err;
}

/* ---- the answer ------------------------------------------------------------------------------ */

static void put_ranges(lia_buf *out, const lia_search_shown *shown)
{
    lia_buf_text(out, ",\"highlights\":[");
    for (size_t i = 0; i < shown->range_count; i++)
        lia_buf_format(out, "%s{\"start\":%u,\"end\":%u}", i ? "," : "", shown->ranges[i].start,
                       shown->ranges[i].end);
    lia_buf_byte(out, ']');
}

static void put_shown(lia_buf *out, const char *name, const lia_search_shown *shown)
{
    if (!shown->field) return;
    lia_buf_format(out, ",\"%s\":{\"field\":\"%s\",\"text\":", name, shown->field->name);
    lia_json_put_text(out, shown->text);
    if (shown->cut_before) lia_buf_text(out, ",\"cut_before\":true");
    if (shown->cut_after) lia_buf_text(out, ",\"cut_after\":true");
    put_ranges(out, shown);
    lia_buf_byte(out, '}');
}

static void put_reasons(lia_buf *out, const lia_search_hit *hit)
{
    lia_buf_text(out, ",\"reasons\":[");
    for (size_t i = 0; i < hit->reason_count; i++) {
        const lia_search_reason *reason = &hit->reasons[i];
        lia_buf_text(out, i ? ",{\"word\":" : "{\"word\":");
        lia_json_put_text(out, reason->word);
        lia_buf_format(out, ",\"field\":\"%s\",\"match\":\"%s\"}", reason->field->name,
                       lia_search_how_name(reason->how));
    }
    lia_buf_byte(out, ']');
}

static void put_hit(lia_buf *out, const lia_search_hit *hit)
{
    lia_buf_format(out, "{\"kind\":\"%s\",\"id\":", hit->kind->name);
    lia_json_put_id(out, hit->id);
    if (!lia_id_is_none(hit->customer)) {
        lia_buf_text(out, ",\"customer\":");
        lia_json_put_id(out, hit->customer);
    }
    lia_buf_format(out, ",\"score\":%u", hit->score);
    put_shown(out, "title", &hit->title);
    put_shown(out, "snippet", &hit->snippet);
    put_reasons(out, hit);
    lia_buf_byte(out, '}');
}

/* What may be missing in the answer. */
static void put_lag(lia_buf *out, lia_search *search)
{
    lia_search_status status;
    lia_search_get_status(search, &status);
    lia_buf_format(out, "],\"lag\":{\"events\":%llu,\"ms\":%llu,\"building\":%s}}",
                   (unsigned long long)status.behind, (unsigned long long)status.behind_ms,
                   status.scanning ? "true" : "false");
}

static void note(const searching *s)
{
    const lia_audit_entry look = {.action = LIA_AUDIT_SEARCH,
                                  .kind = s->question.kind ? s->question.kind->number : 0,
                                  .count = (uint32_t)s->count,
                                  .customers =
                                      lia_span_make(s->seen, s->seen_count * sizeof *s->seen)};
    if (s->seen_count) lia_call_note(s->work->call, look);
}

static lia_err answer(lia_work *work)
{
    searching *s = work->context;
    lia_search *search = work->call->api->search;
    s->work = work;
    s->question.eyes = (lia_search_eyes){kind_seen, may_read, s, owners_of};
    lia_err err = lia_search_ask(search, &work->rows, &s->question, &work->arena, s->hits,
                                 &s->count, &work->why);
    if (err) return err;
    lia_buf_text(&work->out, "{\"results\":[");
    for (size_t i = 0; i < s->count; i++) {
        if (i) lia_buf_byte(&work->out, ',');
        put_hit(&work->out, &s->hits[i]);
        if (!lia_id_is_none(s->hits[i].customer)) s->seen[s->seen_count++] = s->hits[i].customer;
    }
    put_lag(&work->out, search);
    note(s);
    return LIA_OK;
}

/* ---- the question ---------------------------------------------------------------------------- */

static bool read_kind(lia_call *call, lia_search_question *question, lia_span text)
{
    if (!text.size) return true;
    const lia_kind *kind = lia_kind_by_name(text);
    if (!kind) kind = lia_kind_by_plural(text);
    if (kind) question->kind = lia_rights_kind(lia_principal_rights(call->who), kind->number);
    if (question->kind) return true;
    lia_call_invalid(call, "kind: there is no kind '%.*s'; /api/v1/kinds lists them",
                     text.size > 40 ? 40 : (int)text.size, (const char *)text.data);
    return false;
}

static bool waits(void *context)
{
    const searching *s = context;
    return !lia_search_has(s->call->api->search, s->arrival);
}

static void begin(void *context)
{
    searching *s = context;
    lia_call_work(s->call, answer, s);
}

void lia_api_search(lia_call *call)
{
    uint64_t limit = LIMIT_DEFAULT, wait_ms = 0;
    lia_span kind;
    searching *s = lia_arena_zero(call->arena, sizeof *s);
    if (!s || !call->api->search) {
        lia_call_fail(call, s ? LIA_ECLOSED : LIA_EFULL, NULL);
        return;
    }
    if (!lia_call_param(call, "q", &s->question.text) || !lia_call_param(call, "kind", &kind) ||
        !lia_call_number(call, "limit", 1, LIA_SEARCH_LIMIT_MAX, &limit) ||
        !lia_call_number(call, "wait_ms", 0, WAIT_MS_MAX, &wait_ms) ||
        !read_kind(call, &s->question, kind))
        return;
    s->call = call;
    s->arrival = lia_node_visible(call->api->node);
    s->question.limit = limit;
    s->hits = lia_arena_take(call->arena, limit * sizeof *s->hits);
    s->seen = lia_arena_take(call->arena, limit * sizeof *s->seen);
    const lia_patience patience = {wait_ms, waits, s, begin, s};
    if (s->hits && s->seen)
        lia_api_be_patient(call->api, &patience);
    else
        lia_call_fail(call, LIA_EFULL, NULL);
}
