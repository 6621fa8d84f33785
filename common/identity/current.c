/* SPDX-License-Identifier: Apache-2.0 */
#include "common/identity/current.h"

#include "common/node/turn.h"

/* ---- records --------------------------------------------------------------------------------- */

lia_err lia_current_of(lia_current *out, lia_id id, const Crm__Customer *customer, lia_country home,
                       lia_arena *arena)
{
    lia_err err = lia_profile_make(&out->profile, id, customer, home, arena);
    if (err) return err;
    out->archived = customer->has_archived && customer->archived;
    return LIA_OK;
}

bool lia_current_reads(uint32_t field)
{
    static const uint64_t fields = UINT64_C(1) << 1 | 1 << 2 | 1 << 3 | 1 << 4 | 1 << 6 | 1 << 7 |
                                   1 << 8 | 1 << 9 | 1 << 10 | 1 << 11 | 1 << 13 | 1 << 19 |
                                   1 << 20 | UINT64_C(1) << 60;
    return field < 64 && (fields >> field & 1);
}

/* A record of which only other things are known (an event overtook the one that made it) is none.
 */
static bool says_who(lia_span message)
{
    lia_pb_reader reader = lia_pb_read(message);
    lia_pb_field field;
    while (lia_pb_next(&reader, &field))
        if (lia_current_reads(field.number)) return true;
    return false;
}

lia_err lia_current_make(lia_current *out, const lia_rows *rows, lia_id id, lia_country home,
                         lia_arena *arena)
{
    lia_span bytes;
    lia_turn turn = {.arena = arena};
    lia_err err = lia_rows_message(rows, lia_kind_find(LIA_CUSTOMER), id, arena, &bytes, NULL);
    if (err) return err == LIA_ECORRUPT ? LIA_EINVAL : err;
    if (!says_who(bytes)) return LIA_EABSENT;
    const ProtobufCMessage *customer = lia_turn_unpack(&turn, &crm__customer__descriptor, bytes);
    if (!customer) return arena->exhausted ? LIA_EFULL : LIA_EINVAL;
    return lia_current_of(out, id, (const Crm__Customer *)customer, home, arena);
}

static lia_err count(lia_current *current, size_t key, const lia_rows *rows, uint32_t more)
{
    lia_id holders[LIA_MATCH_HOLDERS_MAX + 1];
    size_t found;
    lia_match_key *counted = &current->profile.keys[key];
    lia_err err = lia_identity_holders(rows, lia_identity_hash(counted->bytes), holders,
                                       LIA_COUNT(holders), &found);
    counted->holders = (uint32_t)found + more;
    return err;
}

lia_err lia_current_count(lia_current *current, const lia_rows *rows, uint32_t more)
{
    lia_err err = LIA_OK;
    for (size_t i = 0; i < current->profile.key_count && !err; i++)
        err = count(current, i, rows, more);
    return err;
}

lia_err lia_current_count_beside(lia_current *current, const lia_rows *rows,
                                 const lia_current *known)
{
    lia_profile *profile = &current->profile;
    lia_err err = LIA_OK;
    for (size_t i = 0; i < profile->key_count && !err; i++) {
        size_t same = 0;
        while (same < known->profile.key_count &&
               !lia_span_equal(known->profile.keys[same].bytes, profile->keys[i].bytes))
            same++;
        if (same < known->profile.key_count)
            profile->keys[i].holders = known->profile.keys[same].holders;
        else if (lia_match_asks_holders(profile, i))
            err = count(current, i, rows, 0);
    }
    return err;
}
