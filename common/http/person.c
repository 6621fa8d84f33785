/* SPDX-License-Identifier: Apache-2.0 */
#include "common/http/person.h"

/* A slice ends when it has this much, or has looked at so many events. */
#define SLICE_BYTES   ((size_t)48 << 10)
#define SLICE_EVENTS  20000
#define PAGE_ENTRIES  50
#define SECTION_MOVED "moved"

typedef enum stage { HEAD, CUSTOMERS, RECORDS, MOVED, TIMELINE, EVENTS, LOOKS, TAIL, DONE } stage;

static bool is_full(const lia_person *person)
{
    return person->out->size >= SLICE_BYTES || person->out->failed;
}

/* ---- sections -------------------------------------------------------------------------------- */

/* Begins the section unless it is open already: one without pieces is not told. */
static void open_section(lia_person *person, const char *name, const char *label)
{
    if (person->in_section) return;
    person->form->section(person, name, label);
    person->in_section = true;
    person->section = name;
    person->pieces = 0;
}

static void close_section(lia_person *person)
{
    if (person->in_section) person->form->section_end(person);
    person->in_section = false;
}

static void go_on(lia_person *person)
{
    close_section(person);
    person->stage++;
    person->member = person->kind = person->after_size = 0;
}

/* ---- records --------------------------------------------------------------------------------- */

static lia_err show(lia_shown *shown, const lia_kind *kind, lia_id id, lia_arena *arena)
{
    lia_buf message = lia_buf_make(arena);
    lia_record_message(&shown->record, kind->message, &message);
    shown->kind = kind;
    shown->id = id;
    shown->message = lia_buf_get(&message);
    return message.failed ? LIA_EFULL : LIA_OK;
}

/* The record as far as it is this customer's: what events about others said is theirs. */
static lia_err load_own(lia_person *person, const lia_kind *kind, lia_id id, lia_shown *shown)
{
    lia_err err = lia_shown_load(shown, lia_principal_local(), person->rows, kind, id, person->arena);
    if (err) return err == LIA_EGONE ? LIA_EABSENT : err;
    lia_record part;
    err = lia_rows_part(person->rows, kind->number, id, person->members[person->member],
                        person->arena, &part);
    if (err) return err == LIA_EABSENT ? LIA_OK : err;
    shown->record = part;
    return show(shown, kind, id, person->arena);
}

static lia_err tell_customers(lia_person *person)
{
    const lia_kind *kind = lia_kind_find(LIA_CUSTOMER);
    lia_shown shown;
    while (person->member < person->member_count && !is_full(person)) {
        lia_err err = load_own(person, kind, person->members[person->member], &shown);
        person->member++;
        if (err == LIA_EABSENT) continue;
        if (err) return err;
        open_section(person, kind->plural, "Who they are");
        person->form->record(person, &shown);
        person->pieces++;
    }
    if (person->member == person->member_count) go_on(person);
    return LIA_OK;
}

/* The next id below the prefix, behind the last one. LIA_EABSENT: none. */
static lia_err next_id(lia_person *person, const lia_key *prefix, size_t id_size, uint8_t *id)
{
    lia_scan *scan;
    lia_key from = *prefix;
    lia_span key, value;
    lia_err err = lia_rows_scan(person->rows, lia_key_span(prefix), &scan);
    if (err) return err;
    if (person->after_size) {
        memcpy(from.bytes + from.size, person->after, person->after_size);
        from.size += person->after_size;
        from.bytes[from.size++] = 0; /* behind it */
        lia_scan_seek(scan, lia_key_span(&from));
    }
    bool has = lia_scan_next(scan, &key, &value) && key.size == prefix->size + id_size;
    err = has ? LIA_OK : lia_scan_status(scan) ? lia_scan_status(scan) : LIA_EABSENT;
    if (has) {
        memcpy(id, key.data + prefix->size, id_size);
        memcpy(person->after, id, id_size);
        person->after_size = id_size;
    }
    lia_scan_close(scan);
    return err;
}

static lia_err tell_record(lia_person *person, const lia_kind *kind)
{
    uint8_t id[LIA_ID_SIZE];
    lia_shown shown;
    lia_key prefix = lia_key_reference(person->members[person->member], kind->number, LIA_ID_NONE);
    prefix.size -= LIA_ID_SIZE;
    lia_err err = next_id(person, &prefix, sizeof id, id);
    if (err) return err;
    err = load_own(person, kind, lia_id_from(LIA_SPAN_OF(id)), &shown);
    if (err) return err == LIA_EABSENT ? LIA_OK : err;
    open_section(person, kind->plural, kind->label);
    person->form->record(person, &shown);
    person->pieces++;
    return LIA_OK;
}

/* Kind by kind, and in each member by member. */
static lia_err tell_records(lia_person *person)
{
    size_t count;
    const lia_kind *kinds = lia_kinds(&count);
    while (person->kind < count && !is_full(person)) {
        const lia_kind *kind = &kinds[person->kind];
        bool concerns = kind->customer && kind->number != LIA_CUSTOMER;
        lia_err err = concerns ? tell_record(person, kind) : LIA_EABSENT;
        if (!err) continue;
        if (err != LIA_EABSENT) return err;
        person->after_size = 0;
        if (concerns && ++person->member < person->member_count) continue;
        close_section(person);
        person->member = 0;
        person->kind++;
    }
    if (person->kind == count) go_on(person);
    return LIA_OK;
}

/* ---- records that name somebody else by now -------------------------------------------------- */

static lia_err tell_moved_record(lia_person *person)
{
    uint8_t tail[2 + LIA_ID_SIZE];
    lia_id member = person->members[person->member];
    lia_key prefix = lia_key_tag(LIA_CUSTOMER, member, LIA_TAG_SAID);
    lia_err err = next_id(person, &prefix, sizeof tail, tail);
    if (err) return err;
    const lia_kind *kind = lia_kind_find(lia_get_u16(tail));
    lia_id id = lia_id_from(lia_span_make(tail + 2, LIA_ID_SIZE));
    lia_key reference = lia_key_reference(member, lia_get_u16(tail), id);
    lia_span row;
    bool told = lia_rows_get(person->rows, lia_key_span(&reference), &row) == LIA_OK;
    if (!kind || told) return LIA_OK;
    lia_shown shown = {0};
    err = lia_shown_load(&shown, lia_principal_local(), person->rows, kind, id, person->arena);
    if (!err)
        err = lia_rows_part(person->rows, kind->number, id, member, person->arena, &shown.record);
    if (!err) err = show(&shown, kind, id, person->arena);
    if (err) return err == LIA_EABSENT || err == LIA_EGONE ? LIA_OK : err;
    open_section(person, SECTION_MOVED, "Recorded about them, and moved to somebody else since");
    person->form->record(person, &shown);
    person->pieces++;
    return LIA_OK;
}

static lia_err tell_moved(lia_person *person)
{
    while (person->member < person->member_count && !is_full(person)) {
        lia_err err = tell_moved_record(person);
        if (!err) continue;
        if (err != LIA_EABSENT) return err;
        person->after_size = 0;
        person->member++;
    }
    if (person->member == person->member_count) go_on(person);
    return LIA_OK;
}

/* ---- what happened --------------------------------------------------------------------------- */

static lia_err tell_timeline(lia_person *person)
{
    lia_timeline_entry entries[PAGE_ENTRIES];
    lia_id whose[PAGE_ENTRIES];
    size_t count;
    lia_span next;
    while (!is_full(person)) {
        lia_err err = lia_timeline_read(person->rows, person->members, person->member_count,
                                        lia_span_make(person->after, person->after_size),
                                        PAGE_ENTRIES, person->arena, entries, whose, &count, &next);
        for (size_t i = 0; !err && i < count; i++) {
            open_section(person, "timeline", "What happened");
            err = person->form->entry(person, &entries[i], whose[i]);
            person->pieces++;
        }
        if (err) return err;
        person->after_size = next.size;
        if (next.size) memcpy(person->after, next.data, next.size);
        if (!next.size) {
            go_on(person);
            break;
        }
    }
    return LIA_OK;
}

static bool is_about(const lia_person *person, lia_id customer)
{
    for (size_t i = 0; i < person->member_count; i++)
        if (lia_id_equal(person->members[i], customer)) return true;
    return false;
}

/* LIA_EABSENT: the log ends here. What retention has dropped is passed over. */
static lia_err tell_event(lia_person *person)
{
    lia_span bytes;
    lia_event event;
    if (person->arrival >= lia_log_next(person->rows->log)) return LIA_EABSENT;
    lia_err err = lia_rows_event(person->rows, person->arrival++, &bytes);
    if (err == LIA_EABSENT) return LIA_OK;
    if (!err) err = lia_event_parse_header(&event.header, bytes);
    if (err || !is_about(person, event.header.customer)) return err;
    err = lia_event_parse(&event, bytes, person->arena, NULL);
    if (err || event.erased) return err;
    open_section(person, "events", "Every change");
    person->form->event(person, &event);
    person->pieces++;
    return LIA_OK;
}

/* No index leads to what changed values that are replaced by now, so the log is walked. */
static lia_err tell_events(lia_person *person)
{
    for (size_t i = 0; i < SLICE_EVENTS && !is_full(person); i++) {
        lia_err err = tell_event(person);
        if (err == LIA_EABSENT) {
            go_on(person);
            return LIA_OK;
        }
        if (err) return err;
    }
    return LIA_OK;
}

static bool tell_look(void *context, const lia_audit_entry *entry)
{
    lia_person *person = context;
    bool concerns = false;
    if (is_full(person)) return false;
    for (size_t i = 0; i < person->member_count; i++)
        concerns |= lia_audit_concerns(entry, person->members[i]);
    if (!concerns || entry->action == LIA_AUDIT_LOST) return true;
    open_section(person, "looks", "Who looked at it, at this node");
    person->form->look(person, entry);
    person->pieces++;
    return true;
}

static lia_err tell_looks(lia_person *person)
{
    bool more = false;
    lia_err err = LIA_OK;
    bool looks = person->api->trail && person->looks;
    if (looks && person->place.segment == LIA_TRAIL_NEWEST.segment)
        lia_trail_flush(person->api->trail);
    if (looks)
        err = lia_trail_read(person->api->trail, &person->place, &more, tell_look, person);
    if (!err && !more) go_on(person);
    return err;
}

/* ---- the whole ------------------------------------------------------------------------------- */

static lia_err tell(lia_person *person)
{
    switch ((stage)person->stage) {
    case HEAD:
        person->place = LIA_TRAIL_NEWEST;
        person->arrival = 1;
        person->form->begin(person);
        go_on(person);
        return LIA_OK;
    case CUSTOMERS:
        return tell_customers(person);
    case RECORDS:
        return tell_records(person);
    case MOVED:
        return tell_moved(person);
    case TIMELINE:
        return tell_timeline(person);
    case EVENTS:
        return tell_events(person);
    case LOOKS:
        return tell_looks(person);
    case TAIL:
        person->form->end(person);
        go_on(person);
        return LIA_OK;
    case DONE:
        break;
    }
    return LIA_OK;
}

/* None of the members was erased meanwhile. */
static lia_err check_there(const lia_person *person, const lia_rows *rows)
{
    lia_err err = LIA_OK;
    for (size_t i = 0; !err && i < person->member_count; i++) {
        lia_span row;
        lia_key key = lia_key_tag(LIA_CUSTOMER, person->members[i], LIA_TAG_STATE);
        err = lia_rows_get(rows, lia_key_span(&key), &row);
        if (!err && lia_row_is_erased(row)) err = LIA_EGONE;
    }
    return err;
}

lia_err lia_person_next(lia_person *person, const lia_rows *rows, lia_arena *arena, lia_buf *out,
                        bool *done)
{
    lia_err err = check_there(person, rows);
    person->rows = rows;
    person->arena = arena;
    person->out = out;
    bool goes_on = !err;
    while (goes_on) {
        unsigned before = person->stage;
        err = tell(person);
        goes_on = !err && !is_full(person) && person->stage != before && person->stage != DONE;
    }
    *done = person->stage == DONE;
    return err ? err : out->failed ? LIA_EFULL : LIA_OK;
}
