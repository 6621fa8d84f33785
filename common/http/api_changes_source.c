/* SPDX-License-Identifier: Apache-2.0 */
/* The events of a question who changed what: a record's own, or those of node/deeds.h. */
#include "common/http/api_changes_inner.h"

lia_err lia_changes_source_open(lia_changes_source *from, const lia_changes_ask *ask)
{
    uint8_t newest[LIA_CHANGE_PLACE_SIZE];
    *from = (lia_changes_source){
        .ask = ask, .of_record = !lia_id_is_none(ask->record) && !ask->run.seq, .began = ask->run};
    if (!from->of_record) {
        const lia_deeds_ask deeds = {.actor = ask->run.seq ? 0 : ask->actor,
                                     .run = ask->run,
                                     .since = ask->since,
                                     .until = ask->until,
                                     .after = ask->page.after};
        return lia_deeds_open(&from->deeds, ask->rows, &deeds, ask->arena);
    }
    lia_span after = ask->page.after;
    if (!after.size && ask->until.ms) {
        const lia_stamp stamp = lia_stamp_at((lia_time){ask->until.ms - 1});
        lia_change_place(newest, &stamp);
        after = LIA_SPAN_OF(newest);
    }
    return lia_changes_open(&from->changes, ask->rows, ask->kind->number, ask->record, after);
}

void lia_changes_source_close(lia_changes_source *from)
{
    if (from->of_record)
        lia_changes_close(&from->changes);
    else
        lia_deeds_close(&from->deeds);
}

/* The event that began the run, unless the page before ended with it. */
static lia_err next_began(lia_changes_source *from, lia_change *out)
{
    const lia_changes_ask *ask = from->ask;
    lia_header header;
    if (!from->began.seq) return LIA_EABSENT;
    lia_err err = lia_rows_position(ask->rows, from->began, &out->bytes);
    from->began.seq = 0;
    if (!err) err = lia_event_parse_header(&header, out->bytes);
    if (err) return err == LIA_EINVAL ? LIA_ECORRUPT : err;
    const lia_stamp stamp = lia_header_stamp(&header);
    lia_change_place(out->place, &stamp);
    bool was =
        ask->page.after.size && memcmp(out->place, ask->page.after.data, sizeof out->place) <= 0;
    return was ? LIA_EABSENT : LIA_OK;
}

lia_err lia_changes_source_next(lia_changes_source *from, lia_change *out)
{
    lia_deed deed;
    if (from->of_record) return lia_changes_next(&from->changes, out);
    lia_err err = lia_deeds_next(&from->deeds, &deed);
    if (err == LIA_EABSENT) return next_began(from, out);
    if (err) return err;
    memcpy(out->place, deed.place, sizeof out->place);
    out->bytes = deed.bytes;
    return LIA_OK;
}
