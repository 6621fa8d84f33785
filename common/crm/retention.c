/* SPDX-License-Identifier: Apache-2.0 */
#include "common/crm/retention.h"

#include "common/node/fields.h"

const lia_refusal_text LIA_RETENTION_HAS_NO_TYPES[1] = {
    {"retention-has-no-types", "A retention rule names the types of interactions that it is for."}};
const lia_refusal_text LIA_RETENTION_KEEPS_TYPE[1] = {
    {"retention-keeps-type",
     "Purchases, returns and payments are never blanked: what customers are worth follows from "
     "them, and books are kept for their own time."}};
const lia_refusal_text LIA_RETENTION_IS_TOO_YOUNG[1] = {
    {"retention-is-too-young",
     "A retention rule says after how many days interactions go, one at least."}};

#define TYPE(name)   CRM__INTERACTION_TYPE__INTERACTION_TYPE_##name
#define DAYS_MAX     36500
#define TAKE_OVER_MS (7 * (int64_t)LIA_DAY_MS)

/* Fields of crm.Interaction. */
enum { CUSTOMER = 1, KIND_TYPE = 2, OCCURRED_AT = 5 };

bool lia_retention_may_blank(uint64_t type)
{
    return type < 64 && type != TYPE(PURCHASE) && type != TYPE(RETURN) && type != TYPE(PAYMENT);
}

lia_refusal lia_retention_complete(const Crm__RetentionRule *before, Crm__RetentionRule *after,
                                   lia_time now)
{
    if (!after->n_types) return LIA_RETENTION_HAS_NO_TYPES;
    for (size_t i = 0; i < after->n_types; i++)
        if (!lia_retention_may_blank((uint64_t)after->types[i])) return LIA_RETENTION_KEEPS_TYPE;
    if (after->older_than_days < 1 || after->older_than_days > DAYS_MAX)
        return LIA_RETENTION_IS_TOO_YOUNG;
    bool was_enabled = before && before->enabled && before->has_enabled_at;
    if (!after->enabled)
        LIA_CLEAR(after, enabled_at);
    else if (!was_enabled)
        LIA_SET(after, enabled_at, now.ms);
    return LIA_ALLOWED;
}

bool lia_retention_is_ours(const Crm__RetentionRule *rule, uint16_t self, uint16_t origin,
                           lia_time now)
{
    if (origin == self) return true;
    if (!rule->enabled || !rule->has_enabled_at) return false;
    int64_t since = rule->enabled_at;
    for (size_t i = 0; i < rule->n_nodes; i++) {
        const Crm__RetentionProgress *of = rule->nodes[i];
        if (of->number == origin && of->began_at > since) since = of->began_at;
    }
    return now.ms - since > TAKE_OVER_MS + self * (int64_t)LIA_DAY_MS;
}

/* ---- reading a rule -------------------------------------------------------------------------- */

static lia_err read_filter(lia_retention_terms *out, const char *text, lia_arena *arena,
                           lia_why *why)
{
    lia_why place = {{0}};
    lia_err err = lia_filter_parse(&out->filter, lia_kind_find(LIA_INTERACTION),
                                   lia_span_text(text), arena, &place);
    if (err) return lia_why_set(why, err, "filter: %s", place.text);
    if (lia_filter_needs(out->filter) & ~(unsigned)LIA_FILTER_CLOCK)
        return lia_why_set(why, LIA_EINVAL,
                           "filter: a rule can ask of the interaction itself only, not of its "
                           "customer or of figures");
    return LIA_OK;
}

lia_err lia_retention_make(lia_retention_terms *out, const Crm__RetentionRule *rule, lia_time now,
                           lia_arena *arena, lia_why *why)
{
    *out = (lia_retention_terms){
        .now = now, .before = {now.ms - (int64_t)rule->older_than_days * (int64_t)LIA_DAY_MS}};
    for (size_t i = 0; i < rule->n_types; i++)
        if (lia_retention_may_blank((uint64_t)rule->types[i]))
            out->types |= UINT64_C(1) << rule->types[i];
    return lia_text_is_empty(rule->filter) ? LIA_OK : read_filter(out, rule->filter, arena, why);
}

/* ---- one interaction ------------------------------------------------------------------------- */

static bool is_of_type(const lia_retention_terms *rule, uint64_t type)
{
    return type < 64 && rule->types >> type & 1;
}

static void read_fields(lia_span message, lia_retention_find *out)
{
    lia_pb_reader reader = lia_pb_read(message);
    lia_pb_field field;
    while (lia_pb_next(&reader, &field)) {
        if (field.number == CUSTOMER) out->customer = lia_id_from(field.bytes);
        if (field.number == KIND_TYPE) out->type = field.value;
        if (field.number == OCCURRED_AT) out->occurred.ms = (int64_t)field.value;
    }
}

/* What the event that made it says. False: it has not come, or it says more than this interaction,
 * or made something that is kept. */
static bool read_made(const lia_retention_walk *walk, lia_id id, lia_retention_find *out,
                      bool *changed)
{
    uint64_t arrival;
    lia_span bytes;
    lia_event event;
    if (lia_rows_made(walk->rows, LIA_INTERACTION, id, &arrival, changed) || !arrival ||
        lia_rows_event(walk->rows, arrival, &bytes) ||
        lia_event_parse(&event, bytes, walk->arena, NULL))
        return false;
    *out = (lia_retention_find){.id = id,
                                .occurred = {lia_hlc_ms(event.header.hlc)},
                                .origin = event.header.node,
                                .bytes = bytes.size};
    if (event.erased) return true;
    if (event.header.fact != LIA_INTERACTION_LOGGED || event.op_count != 1) return false;
    read_fields(event.ops[0].set, out);
    return lia_retention_may_blank(out->type);
}

static bool passes(const lia_retention_walk *walk, const lia_retention_find *found,
                   lia_span message)
{
    const lia_filter_world world = {.now = walk->rule->now};
    const lia_filter_subject subject = {
        .id = found->id, .created_at = found->occurred, .message = message, .world = &world};
    return !walk->rule->filter || lia_filter_holds(walk->rule->filter, &subject);
}

static bool is_old(const lia_retention_walk *walk, const lia_retention_find *found)
{
    return is_of_type(walk->rule, found->type) && found->occurred.ms < walk->rule->before.ms;
}

/* Mostly the event tells already that it is not meant; of one that was changed the record tells. */
static bool is_meant(const lia_retention_walk *walk, lia_id id, lia_retention_find *out)
{
    bool changed;
    lia_span message;
    if (!read_made(walk, id, out, &changed) || (!changed && !is_old(walk, out))) return false;
    if (!changed && !walk->rule->filter) return true;
    if (lia_rows_message(walk->rows, lia_kind_find(LIA_INTERACTION), id, walk->arena, &message,
                         NULL))
        return false;
    read_fields(message, out);
    return is_old(walk, out) && passes(walk, out, message);
}

/* ---- the walk -------------------------------------------------------------------------------- */

lia_err lia_retention_open(lia_retention_walk *walk, const lia_rows *rows,
                           const lia_retention_terms *rule, lia_id after, lia_arena *arena)
{
    *walk = (lia_retention_walk){.rows = rows, .rule = rule, .arena = arena, .last = after};
    lia_key prefix = lia_key_kind(LIA_INTERACTION);
    lia_err err = lia_rows_scan(rows, lia_key_span(&prefix), &walk->scan);
    if (err || lia_id_is_none(after)) return err;
    lia_key from = lia_key_tag(LIA_INTERACTION, after, 0xff);
    lia_scan_seek(walk->scan, lia_key_span(&from));
    return LIA_OK;
}

lia_err lia_retention_next(lia_retention_walk *walk, uint64_t max, lia_retention_find *out)
{
    lia_span key, row;
    lia_record_key parts;
    while (walk->looked < max && lia_scan_next(walk->scan, &key, &row)) {
        walk->looked++;
        if (!lia_record_key_read(key, &parts) || parts.tag != LIA_TAG_STATE || parts.rest.size)
            continue;
        walk->last = parts.id;
        if (lia_row_is_erased(row)) continue;
        size_t mark = lia_arena_mark(walk->arena);
        bool found = is_meant(walk, parts.id, out);
        lia_arena_back(walk->arena, mark);
        if (found) return LIA_OK;
    }
    lia_err err = lia_scan_status(walk->scan);
    if (err) return err;
    return walk->looked < max ? LIA_EABSENT : LIA_EBUSY;
}

void lia_retention_close(lia_retention_walk *walk)
{
    if (walk->scan) lia_scan_close(walk->scan);
    walk->scan = NULL;
}
