/* SPDX-License-Identifier: Apache-2.0 */
#include "common/crm/consent_read.h"

#include "common/node/turn.h"

/* LIA_EABSENT when nothing was said there. */
static lia_err read_one(const lia_rows *rows, lia_id id, lia_id customer, lia_arena *arena,
                        lia_consent_entry *out)
{
    const lia_kind *kind = lia_kind_find(LIA_CONSENT);
    lia_turn only_arena = {.arena = arena};
    lia_span message;
    lia_err err = lia_rows_message(rows, kind, id, arena, &message, NULL);
    if (err) return err == LIA_EGONE ? LIA_EABSENT : err;
    void *consent = lia_turn_unpack(&only_arena, kind->message->descriptor, message);
    *out = (lia_consent_entry){id, customer, consent};
    return consent ? LIA_OK : arena->exhausted ? LIA_EFULL : LIA_ECORRUPT;
}

/* The scopes that cover a use, each once. */
static size_t covering(lia_use use, lia_use out[4])
{
    size_t count = 0;
    for (unsigned i = 0; i < 4; i++) {
        lia_use wide = {i & 1 ? LIA_PURPOSE(ANY) : use.purpose,
                        i & 2 ? CRM__CHANNEL__CHANNEL_UNKNOWN : use.channel};
        if (((i & 1) && !use.purpose) || ((i & 2) && !use.channel)) continue;
        out[count++] = wide;
    }
    return count;
}

lia_err lia_consent_ask(const lia_rows *rows, const lia_id *members, size_t count, lia_use use,
                        lia_time now, lia_arena *arena, lia_consent_answer *out)
{
    lia_use scopes[4];
    size_t scope_count = covering(use, scopes), found = 0;
    lia_consent_entry *entries = lia_arena_take(arena, (count * scope_count + 1) * sizeof *entries);
    if (!entries) return LIA_EFULL;
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < scope_count; j++) {
            lia_id id = lia_consent_id(members[i], scopes[j]);
            lia_err err = read_one(rows, id, members[i], arena, &entries[found]);
            if (err && err != LIA_EABSENT) return err;
            found += !err;
        }
    }
    *out = lia_consent_decide(entries, found, use, now);
    return LIA_OK;
}

static lia_err list_of(const lia_rows *rows, lia_id customer, lia_arena *arena,
                       lia_consent_entry *out, size_t *found)
{
    lia_key prefix = lia_key_reference(customer, LIA_CONSENT, LIA_ID_NONE);
    prefix.size -= LIA_ID_SIZE;
    lia_scan *scan;
    lia_span key, value;
    lia_err err = lia_rows_scan(rows, lia_key_span(&prefix), &scan);
    if (err) return err;
    while (!err && *found < LIA_CONSENTS_MAX && lia_scan_next(scan, &key, &value)) {
        err = read_one(rows, lia_key_index_id(key), customer, arena, &out[*found]);
        *found += !err;
        if (err == LIA_EABSENT) err = LIA_OK;
    }
    if (!err) err = lia_scan_status(scan);
    lia_scan_close(scan);
    return err;
}

lia_err lia_consent_list(const lia_rows *rows, const lia_id *members, size_t count,
                         lia_arena *arena, lia_consent_entry **out, size_t *found)
{
    *found = 0;
    *out = lia_arena_take(arena, LIA_CONSENTS_MAX * sizeof **out);
    lia_err err = *out ? LIA_OK : LIA_EFULL;
    for (size_t i = 0; !err && i < count; i++) err = list_of(rows, members[i], arena, *out, found);
    return err;
}
