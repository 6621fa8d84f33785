/* SPDX-License-Identifier: Apache-2.0 */
/* Records with an owner of their own are found in the index of owners; those that belong to whoever
 * owns their customer by the rows that say which records speak of a customer. Both may name a few
 * too many (a record that only mentions the customer); the test of each record has the last word.
 * None may be missing: what the search index knows of a customer it takes from the record itself.
 */
#include "common/search/few.h"

#include "common/node/index_walk.h"

typedef struct finding {
    lia_few *few;
    lia_snapshot *index;
    const lia_rows *rows;
    const lia_kind *kind;
    size_t looked; /* rows, of this kind */
} finding;

/* Marks the record's document, when it has one. */
static lia_err mark(finding *f, lia_id id)
{
    lia_span row;
    lia_index_key key = lia_key_record_of((uint16_t)f->kind->number, id);
    if (++f->looked > LIA_FEW_MAX) return LIA_EFULL;
    lia_err err = lia_snapshot_get(f->index, lia_index_key_span(&key), &row);
    if (err) return err == LIA_EABSENT ? LIA_OK : err;
    lia_document document = row.size >= 4 ? lia_get_u32(row.data) : 0;
    if (document < f->few->end) f->few->documents[document / 8] |= (uint8_t)(1u << document % 8);
    f->few->count++;
    return LIA_OK;
}

/* The records of this kind that speak of a customer. */
static lia_err mark_customers(finding *f, lia_id customer)
{
    lia_scan *scan;
    lia_span key, value;
    lia_index_key prefix = lia_key_customer(customer);
    lia_err err = lia_scan_open(&scan, f->index, lia_index_key_span(&prefix));
    if (err) return err;
    while (!err && lia_scan_next(scan, &key, &value)) {
        lia_span rest = lia_span_skip(key, prefix.size);
        if (++f->looked > LIA_FEW_MAX) err = LIA_EFULL;
        if (!err && rest.size == 2 + LIA_ID_SIZE && lia_get_u16(rest.data) == f->kind->number)
            err = mark(f, lia_id_from(lia_span_skip(rest, 2)));
    }
    if (!err) err = lia_scan_status(scan);
    lia_scan_close(scan);
    return err;
}

/* What one person owns: records of the kind, or customers whose records they are. */
static lia_err mark_owned(finding *f, const lia_kind *owned, const lia_field *owner, lia_id user)
{
    lia_index_walk walk;
    lia_id id;
    lia_err err =
        lia_index_walk_open(&walk, f->rows, owned->number, owner, lia_id_span(&user));
    if (err) return err;
    while (!err && lia_index_walk_next(&walk, &id))
        err = owned == f->kind ? mark(f, id) : mark_customers(f, id);
    return lia_index_walk_close(&walk, err);
}

static bool is_followed(const lia_field *owner)
{
    return owner && owner->indexed && owner->reference == LIA_USER;
}

/* Where nobody can say in advance what it comes to, the kind is not narrowed. */
static lia_err narrow(finding *f, const lia_search_owners *owners)
{
    const lia_kind *owned = f->kind;
    if (!owners->field && owned->customer) owned = lia_kind_find(LIA_CUSTOMER);
    const lia_field *owner = owners->field ? owners->field : owners->customers_field;
    if (!is_followed(owner) || f->few->kind_count == LIA_FEW_KINDS_MAX) return LIA_OK;
    lia_err err = LIA_OK;
    f->looked = 0;
    for (size_t i = 0; i < owners->count && !err; i++)
        err = mark_owned(f, owned, owner, owners->users[i]);
    if (!err) f->few->kinds[f->few->kind_count++] = (uint16_t)f->kind->number;
    return err == LIA_EFULL ? LIA_OK : err;
}

static lia_err make_room(finding *f, lia_arena *arena)
{
    lia_span bytes;
    lia_index_mark at;
    if (f->few->documents) return LIA_OK;
    lia_err err = lia_snapshot_get(f->index, LIA_SPAN("m"), &bytes);
    if (err == LIA_EABSENT) return LIA_OK;
    if (err || !lia_index_mark_read(bytes, &at)) return err;
    f->few->documents = lia_arena_zero(arena, at.next / 8 + 1);
    if (!f->few->documents) return LIA_EFULL;
    f->few->end = at.next;
    return LIA_OK;
}

lia_err lia_few_find(lia_few *few, lia_snapshot *index, const lia_rows *rows,
                     const lia_search_question *question, lia_arena *arena)
{
    size_t kinds;
    const lia_kind *list = lia_kinds(&kinds);
    finding f = {.few = few, .index = index, .rows = rows};
    lia_err err = LIA_OK;
    *few = (lia_few){0};
    if (!question->eyes.owners) return LIA_OK;
    for (size_t i = 0; i < kinds && !err; i++) {
        lia_search_owners owners = {0};
        f.kind = &list[i];
        if (question->kind && question->kind->number != f.kind->number) continue;
        if (!question->eyes.kind(question->eyes.context, f.kind->number)) continue;
        err = question->eyes.owners(question->eyes.context, f.kind, &owners);
        if (err || !owners.limited) continue;
        err = make_room(&f, arena);
        if (!err && few->documents) err = narrow(&f, &owners);
    }
    return err;
}

bool lia_few_narrows(const lia_few *few, uint16_t kind)
{
    for (size_t i = 0; i < few->kind_count; i++)
        if (few->kinds[i] == kind) return true;
    return false;
}
