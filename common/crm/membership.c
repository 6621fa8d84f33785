/* SPDX-License-Identifier: Apache-2.0 */
#include "common/crm/membership.h"

#include "common/node/fields.h"
#include "common/node/turn.h"
#include "proto/crm.pb-c.h"

lia_id lia_membership_note_id(lia_span list)
{
    return lia_id_derive("liaison member list", list);
}

static lia_err note(lia_turn *turn, const void *request)
{
    const Crm__MembersChanged *said = request;
    lia_id id = lia_membership_note_id(lia_span_make(said->list.data, said->list.len));
    Crm__MemberChange record = CRM__MEMBER_CHANGE__INIT;
    LIA_SET(&record, epoch, said->epoch);
    LIA_SET(&record, taken_at, turn->now.ms);
    record.summary = said->summary;
    lia_err err = lia_record(turn, LIA_MEMBER_CHANGE, id, &record);
    if (err) return err;
    lia_turn_answer(turn, LIA_MEMBER_CHANGE, id);
    return lia_tell(turn, said);
}

const lia_command_row lia_membership_note = {.name = "members.note",
                                             .verb = "note",
                                             .kind = LIA_MEMBER_CHANGE,
                                             .bare = true,
                                             .request = &crm__members_changed__descriptor,
                                             .handle = note,
                                             .help = ""};
