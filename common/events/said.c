/* SPDX-License-Identifier: Apache-2.0 */
#include "common/events/said.h"

#include <stdio.h>

#include "common/events/event_json.h"

/* ---- reading --------------------------------------------------------------------------------- */

static bool is_secret(const lia_event *event)
{
    const lia_fact *fact = lia_fact_find(event->header.fact);
    if (fact && fact->secret) return true;
    for (size_t i = 0; i < event->op_count; i++) {
        const lia_kind *kind = lia_kind_find(event->ops[i].kind);
        if (kind && kind->secret) return true;
    }
    return false;
}

bool lia_said_read(lia_said *out, const lia_rows *rows, uint64_t arrival, lia_arena *arena,
                   lia_beyond *beyond)
{
    lia_span bytes;
    *out = (lia_said){.arrival = arrival, .rows = rows, .arena = arena, .beyond = beyond};
    if (lia_rows_event(rows, arrival, &bytes)) return false;
    if (lia_event_parse(&out->event, bytes, arena, NULL) || is_secret(&out->event)) return false;
    snprintf(out->topic, sizeof out->topic, "%s.%s", lia_event_department(&out->event.header),
             lia_event_name(&out->event.header));
    return true;
}

/* ---- rights ---------------------------------------------------------------------------------- */

static const lia_rights *limits(const lia_principal *who)
{
    const lia_rights *rights = who ? lia_principal_rights(who) : NULL;
    return rights && !rights->administrator ? rights : NULL;
}

/* A record that is gone can be judged by nobody's right but one to all of its kind. */
static lia_err may_read(const lia_said *said, const lia_principal *who, uint32_t number, lia_id id,
                        bool *allowed)
{
    const lia_kind *kind = lia_kind_find(number);
    lia_span message = LIA_SPAN_NONE;
    *allowed = false;
    if (!kind || !lia_rights_kind(lia_principal_rights(who), number)) return LIA_OK;
    lia_err err = lia_rows_message(said->rows, kind, id, said->arena, &message, NULL);
    if (err && err != LIA_EABSENT && err != LIA_EGONE) return err;
    return lia_principal_may(who, said->rows, LIA_ACTION_READ, kind, id, message, said->arena,
                             allowed);
}

lia_err lia_said_may(const lia_said *said, const lia_principal *who, bool *allowed)
{
    const lia_event *event = &said->event;
    bool has_customer = !lia_id_is_none(event->header.customer);
    lia_err err = LIA_OK;
    *allowed = true;
    if (!limits(who)) return LIA_OK;
    *allowed = has_customer || event->op_count; /* what is about nothing is for administrators */
    if (has_customer) err = may_read(said, who, LIA_CUSTOMER, event->header.customer, allowed);
    for (size_t i = 0; i < event->op_count && *allowed && !err; i++)
        err = may_read(said, who, event->ops[i].kind, event->ops[i].record, allowed);
    return err;
}

/* ---- writing --------------------------------------------------------------------------------- */

/* Whether nothing that the event is about hides a field. */
static bool shows_fact(const lia_event *event, const lia_rights *rights)
{
    if (!lia_id_is_none(event->header.customer) && !lia_rights_whole(rights, LIA_CUSTOMER)) return false;
    for (size_t i = 0; i < event->op_count; i++)
        if (!lia_rights_whole(rights, event->ops[i].kind)) return false;
    return true;
}

bool lia_said_shows_fact(const lia_said *said, const lia_principal *who)
{
    const lia_rights *rights = limits(who);
    return !rights || shows_fact(&said->event, rights);
}

void lia_said_put(const lia_said *said, const lia_principal *who, const char *source, lia_buf *out)
{
    const lia_rights *rights = limits(who);
    const lia_event_look look = {rights, lia_said_shows_fact(said, who)};
    lia_event_put_json(out, &said->event, source, &look);
}
