/* SPDX-License-Identifier: Apache-2.0 */
#include "common/http/api_audience.h"

#include <stdlib.h>

#include "common/events/event_json.h"

/* Address space; a filter and a user's rights take some ten kilobytes of it. */
#define AUDIENCE_BYTES ((size_t)2 << 20)

struct lia_audience {
    lia_audience *next, **link;
    size_t holders;
    lia_arena arena; /* all below */
    lia_span key;
    lia_interest *interest;
    lia_login *login;         /* NULL: nobody's in particular */
    const lia_catalog *catalog; /* that the interest is made of; held */
    const lia_principal *who; /* NULL: sees everything */

    uint64_t judged; /* number of the telling that these are about */
    lia_err err;
    lia_span frame; /* empty: not for them */
};

/* ---- who belongs together -------------------------------------------------------------------- */

static void put_part(lia_buf *key, lia_span part)
{
    lia_buf_format(key, "%zu:", part.size);
    lia_buf_span(key, part);
}

/* All that was asked, in one piece. */
static lia_span key_of(const lia_interest_ask *ask, const lia_login *login, lia_arena *arena)
{
    lia_buf key = lia_buf_make(arena);
    lia_id pass = login ? login->pass : LIA_ID_NONE;
    uint64_t epoch = lia_catalog_epoch();
    put_part(&key, lia_id_span(&pass));
    put_part(&key, lia_span_make(&epoch, sizeof epoch));
    put_part(&key, ask->topic);
    put_part(&key, ask->kind);
    put_part(&key, ask->fact);
    put_part(&key, ask->filter);
    put_part(&key, lia_span_make(ask->customers, ask->customer_count * sizeof *ask->customers));
    return key.failed ? LIA_SPAN_NONE : lia_buf_get(&key);
}

static lia_audience *find(lia_audience *list, lia_span key)
{
    for (; list; list = list->next)
        if (lia_span_equal(list->key, key)) return list;
    return NULL;
}

static void drop(lia_audience *audience)
{
    lia_login_release(audience->login);
    lia_catalog_release(audience->catalog);
    lia_arena_fini(&audience->arena);
    free(audience);
}

/* The kinds of the interest are the login's. */
static lia_err make(lia_audience *audience, const lia_interest_ask *ask, lia_login *login,
                    lia_why *why)
{
    audience->key = key_of(ask, login, &audience->arena);
    if (!audience->key.size) return LIA_EFULL;
    audience->login = lia_login_hold(login);
    audience->catalog = lia_catalog_hold(lia_catalog_now());
    bool all = !login || lia_principal_rights(login->who)->administrator;
    audience->who = all ? NULL : login->who;
    return lia_interest_make(&audience->interest, ask, audience->who, &audience->arena, why);
}

lia_err lia_audience_join(lia_audience **out, lia_audience **list, const lia_interest_ask *ask,
                          lia_login *login, lia_why *why)
{
    lia_audience *audience = calloc(1, sizeof *audience);
    *out = NULL;
    lia_err err = audience ? lia_arena_init(&audience->arena, AUDIENCE_BYTES) : LIA_EFULL;
    if (!err) err = make(audience, ask, login, why);
    if (err) {
        if (audience) drop(audience);
        return err;
    }
    *out = find(*list, audience->key);
    if (*out) {
        drop(audience);
    } else {
        audience->next = *list;
        audience->link = list;
        if (*list) (*list)->link = &audience->next;
        *list = *out = audience;
    }
    (*out)->holders++;
    return LIA_OK;
}

void lia_audience_leave(lia_audience *audience)
{
    if (--audience->holders) return;
    *audience->link = audience->next;
    if (audience->next) audience->next->link = audience->link;
    drop(audience);
}

bool lia_audience_lasts(lia_audience *audience, lia_gate *gate)
{
    if (audience->catalog != lia_catalog_now()) return false; /* it asks again, by what there is now */
    return audience->login ? lia_login_lasts(audience->login) : !lia_gate_is_set_up(gate);
}

const lia_login *lia_audience_login(const lia_audience *audience)
{
    return audience->login;
}

const lia_interest *lia_audience_interest(const lia_audience *audience)
{
    return audience->interest;
}

/* ---- what an event is to them ---------------------------------------------------------------- */

static lia_err write_frame(const lia_telling *telling, const lia_principal *who, lia_span *frame)
{
    const lia_said *said = &telling->said;
    lia_buf out = lia_buf_make(said->arena);
    lia_buf_format(&out, "id: %s\nevent: %s\ndata: ", telling->id,
                   lia_event_name(&said->event.header));
    lia_said_put(said, who, telling->source, &out);
    lia_buf_text(&out, "\n\n");
    *frame = out.failed ? LIA_SPAN_NONE : lia_buf_get(&out);
    return out.failed ? LIA_EFULL : LIA_OK;
}

static const lia_principal *all_or(const lia_principal *who)
{
    return who ? who : lia_principal_local();
}

static lia_err judge(const lia_audience *audience, lia_telling *telling, lia_span *frame)
{
    bool allowed;
    *frame = LIA_SPAN_NONE;
    if (telling->said.beyond) lia_principal_limit(all_or(audience->who), telling->said.beyond);
    if (!lia_interest_holds(audience->interest, &telling->said)) return LIA_OK;
    lia_err err = lia_said_may(&telling->said, audience->who, &allowed);
    if (err || !allowed) return err;
    if (audience->who) return write_frame(telling, audience->who, frame);
    if (!telling->frame.size) err = write_frame(telling, NULL, &telling->frame);
    *frame = telling->frame;
    return err;
}

lia_err lia_audience_frame(lia_audience *audience, lia_telling *telling, lia_span *frame)
{
    if (audience->judged != telling->number) {
        audience->judged = telling->number;
        audience->err = judge(audience, telling, &audience->frame);
    }
    *frame = audience->frame;
    return audience->err;
}
