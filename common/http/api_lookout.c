/* SPDX-License-Identifier: Apache-2.0 */
/* GET, PUT, DELETE /{plural}/{id}/presence, and what streams are told of it.
 *
 * Whoever may see a record may say that they look at it and see who else does, each for themselves:
 * people whom they may not see, and fields that are hidden from them, are left out. A customer who
 * is several records is one place, under the name that all nodes agree on; people are only ever
 * told the name that they came by, since the other may be of a record that they may not see.
 *
 * A change waits for the next tick: then the other nodes and the streams hear of it, however often
 * it changed in between. While nobody looks at anything nothing ticks. */
#include "common/http/api_lookout.h"

#include <stdlib.h>

#include "common/base/log.h"
#include "common/http/api_golden.h"
#include "common/http/api_hub.h"
#include "common/wire/unpack.h"
#include "proto/collab.pb-c.h"

#define SHOWN_MAX     256
#define SECONDS       30
#define CHANGES_MAX   256 /* of one tick; the others are told in the next */
#define LOOKOUT_BYTES ((size_t)4 << 20)

struct lia_lookout {
    lia_api *api;
    lia_presence *table;
    uv_timer_t timer;
    lia_arena arena; /* of the frame or word under way */
    uint64_t told;   /* messages; with the node's number and incarnation their ids */
    void (*closed)(void *);
    void *closed_context;
};

/* ---- who is there, as JSON ------------------------------------------------------------------- */

typedef struct showing {
    const lia_rows *rows;
    const lia_principal *who;
    const lia_kind *kind; /* as it looks to them */
    lia_arena *arena;
    lia_buf *out;
} showing;

/* Their name, if they may be seen. LIA_EABSENT  they may not, or there is no such user */
static lia_err put_person(showing *show, const lia_looker *looker, bool first)
{
    lia_shown user;
    lia_pb_field name;
    lia_err err = lia_shown_load(&user, show->who, show->rows, lia_kind_find(LIA_USER),
                                 looker->user, show->arena);
    bool is_self = lia_id_equal(looker->user, lia_principal_user(show->who));
    if (err && !(is_self && err == LIA_EABSENT)) return err;
    lia_buf_text(show->out, first ? "{\"user\":" : ",{\"user\":");
    lia_json_put_id(show->out, looker->user);
    const lia_field *title = err ? NULL : user.kind->title;
    if (!title || !lia_pb_find(user.message, title->number, &name)) return LIA_OK;
    lia_buf_text(show->out, ",\"name\":");
    lia_json_put_text(show->out, name.bytes);
    return LIA_OK;
}

static lia_err put_looker(showing *show, const lia_looker *looker, int64_t at_ms, bool *first)
{
    lia_err err = put_person(show, looker, *first);
    if (err) return err == LIA_EABSENT || err == LIA_EGONE ? LIA_OK : err;
    *first = false;
    lia_buf_text(show->out, ",\"since\":");
    lia_json_put_time(show->out, (lia_time){lia_time_now().ms - (at_ms - looker->since_ms)});
    const lia_field *field =
        looker->field ? lia_field_find(show->kind->message, looker->field) : NULL;
    if (field) lia_buf_format(show->out, ",\"editing\":\"%s\"", field->name);
    lia_buf_byte(show->out, '}');
    return LIA_OK;
}

/* {"kind": ..., "record": ..., "present": [...]} */
static lia_err put_present(showing *show, const lia_presence *table, const lia_spot *place,
                           lia_id named)
{
    bool first = true;
    int64_t at_ms = lia_time_ticks_ms();
    lia_looker *lookers = lia_arena_take(show->arena, SHOWN_MAX * sizeof *lookers);
    if (!lookers) return LIA_EFULL;
    size_t count = lia_presence_at(table, place, at_ms, lookers, SHOWN_MAX);
    lia_buf_format(show->out, "{\"kind\":\"%s\",\"record\":", show->kind->name);
    lia_json_put_id(show->out, named);
    lia_buf_text(show->out, ",\"present\":[");
    for (size_t i = 0; i < count; i++) {
        lia_err err = put_looker(show, &lookers[i], at_ms, &first);
        if (err) return err;
    }
    lia_buf_text(show->out, "]}");
    return show->out->failed ? LIA_EFULL : LIA_OK;
}

/* ---- where ----------------------------------------------------------------------------------- */

/* The place of a record that they may see. LIA_EABSENT, LIA_EGONE  they may not */
static lia_err find_place(const lia_principal *who, const lia_rows *rows, const lia_kind *kind,
                          lia_id id, lia_arena *arena, lia_spot *out)
{
    lia_shown shown;
    *out = (lia_spot){kind->number, id};
    lia_err err = lia_shown_load(&shown, who, rows, kind, id, arena);
    if (err || kind->number != LIA_CUSTOMER) return err;
    return lia_identity_customer(rows, id, &out->record);
}

lia_span lia_lookout_frame(lia_lookout *lookout, const lia_rows *rows, const lia_login *login,
                           const lia_spot *place)
{
    char text[LIA_POSITION_TEXT_SIZE];
    lia_spot now;
    lia_id named = lia_presence_named(lookout->table, place, login->user, lia_time_ticks_ms());
    const lia_kind *kind = lia_rights_kind(lia_principal_rights(login->who), place->kind);
    if (lia_id_is_none(named) || !kind) return LIA_SPAN_NONE;
    lia_arena_reset(&lookout->arena);
    if (find_place(login->who, rows, kind, named, &lookout->arena, &now)) return LIA_SPAN_NONE;
    lia_buf out = lia_buf_make(&lookout->arena);
    lia_origin self = lia_node_origin(lookout->api->node);
    lia_position_print((lia_position){self.incarnation, ++lookout->told, self.node}, text);
    lia_buf_format(&out,
                   "event: " LIA_PRESENCE_NAME
                   "\ndata: {\"specversion\":\"1.0\",\"id\":\"presence/%s\","
                   "\"source\":\"/nodes/%s\",\"type\":\"liaison." LIA_PRESENCE_NAME
                   "\",\"datacontenttype\":\"application/json\",\"data\":",
                   text, lookout->api->member->name);
    showing show = {rows, login->who, kind, &lookout->arena, &out};
    lia_err err = put_present(&show, lookout->table, place, named);
    lia_buf_text(&out, "}\n\n");
    if (!err && !out.failed) return lia_buf_get(&out);
    LIA_LOG(WARN, "presence.not_told", LIA_ERR(err ? err : LIA_EFULL));
    return LIA_SPAN_NONE;
}

size_t lia_lookout_places(const lia_lookout *lookout, const lia_login *login,
                          lia_spot out[LIA_PRESENCE_USER_MAX])
{
    return lia_presence_places(lookout->table, login->user, lia_time_ticks_ms(), out,
                               LIA_PRESENCE_USER_MAX);
}

/* ---- ticks ----------------------------------------------------------------------------------- */

static void say_words(lia_lookout *lookout)
{
    for (;;) {
        lia_arena_reset(&lookout->arena);
        lia_buf out = lia_buf_make(&lookout->arena);
        lia_span word = lia_presence_word(lookout->table, lia_time_ticks_ms(), &out);
        if (!word.size) return;
        lia_node_say(lookout->api->node, word);
    }
}

static void tell_changes(lia_lookout *lookout)
{
    lia_rows rows;
    lia_spot place;
    if (!lia_presence_changed(lookout->table, &place)) return;
    lia_catalog_use(lia_node_catalog(lookout->api->node));
    if (lia_node_read(lookout->api->node, &rows)) return; /* they see it when they ask again */
    size_t told = 0;
    do lia_hub_tell_presence(lookout->api->hub, &rows, &place);
    while (++told < CHANGES_MAX && lia_presence_changed(lookout->table, &place));
    lia_node_read_end(lookout->api->node, &rows);
}

static void ticked(uv_timer_t *timer)
{
    lia_lookout *lookout = timer->data;
    if (!lia_presence_tick(lookout->table, lia_time_ticks_ms())) uv_timer_stop(timer);
    say_words(lookout);
    tell_changes(lookout);
}

static void wake(lia_lookout *lookout)
{
    if (!lookout->closed && !uv_is_active((uv_handle_t *)&lookout->timer))
        uv_timer_start(&lookout->timer, ticked, LIA_PRESENCE_TICK_MS, LIA_PRESENCE_TICK_MS);
}

static void heard(void *context, uint16_t peer, lia_span word)
{
    lia_lookout *lookout = context;
    lia_presence_hear(lookout->table, peer, word, lia_time_ticks_ms());
    wake(lookout);
}

/* ---- the routes ------------------------------------------------------------------------------ */

static void answer(lia_call *call, const lia_rows *rows, const lia_spot *place)
{
    lia_buf out = lia_buf_make(call->arena);
    showing show = {rows, call->who, call->kind, call->arena, &out};
    lia_err err = put_present(&show, call->api->lookout->table, place, call->id);
    if (err)
        lia_call_fail(call, err, NULL);
    else
        lia_call_json(call, &out);
}

/* Begins to read; the place of the path's record. Answers itself and returns false when they may
 * not see it. */
static bool begin(lia_call *call, lia_rows *rows, lia_spot *place)
{
    lia_err err = lia_node_read(call->api->node, rows);
    if (err) {
        lia_call_fail(call, err, NULL);
        return false;
    }
    err = find_place(call->who, rows, call->kind, call->id, call->arena, place);
    if (!err) return true;
    lia_node_read_end(call->api->node, rows);
    lia_call_fail_read(call, err);
    return false;
}

/* What they say of themselves. Answers itself and returns false when it makes no sense. */
static bool read_look(lia_call *call, lia_look *look)
{
    lia_why why;
    lia_json_object object;
    lia_span body = lia_http_get_body(call->request);
    if (body.size && !lia_call_body_is(call, "application/json")) {
        lia_call_wants(call, "application/json");
        return false;
    }
    lia_err err =
        lia_json_read(&object, lia_message_find("liaison.collab.LookAt"), LIA_JSON_COMMAND,
                      body.size ? body : LIA_SPAN("{}"), call->arena, &why);
    const Collab__LookAt *said =
        err ? NULL
            : (const Collab__LookAt *)lia_unpack(&collab__look_at__descriptor, object.message,
                                                 call->arena);
    if (!said) {
        lia_call_fail(call, err ? err : LIA_EFULL, &why);
        return false;
    }
    uint32_t seconds = said->has_seconds ? said->seconds : SECONDS;
    const lia_field *field =
        said->field ? lia_field_by_name(call->kind->message, lia_span_text(said->field)) : NULL;
    if (seconds < LIA_PRESENCE_MS_MIN / 1000 || seconds > LIA_PRESENCE_MS_MAX / 1000) {
        lia_call_invalid(call, "seconds: %d to %d are wanted", LIA_PRESENCE_MS_MIN / 1000,
                         LIA_PRESENCE_MS_MAX / 1000);
        return false;
    }
    if (said->field && !field) {
        lia_call_invalid(call, "field: no field '%.100s' in %s", said->field, call->kind->name);
        return false;
    }
    *look = (lia_look){.user = call->login->user,
                       .named = call->id,
                       .field = field ? field->number : 0,
                       .hidden = said->hidden,
                       .until_ms = lia_time_ticks_ms() + INT64_C(1000) * seconds};
    return true;
}

static bool is_somebody(lia_call *call)
{
    lia_why why;
    if (call->login) return true;
    lia_why_set(&why, LIA_EDENIED, "only people who have signed in look at something");
    lia_call_fail(call, LIA_EDENIED, &why);
    return false;
}

void lia_api_who_looks(lia_call *call)
{
    lia_rows rows;
    lia_spot place;
    if (!begin(call, &rows, &place)) return;
    answer(call, &rows, &place);
    lia_node_read_end(call->api->node, &rows);
}

void lia_api_look(lia_call *call)
{
    lia_rows rows;
    lia_look look;
    lia_why why;
    lia_lookout *lookout = call->api->lookout;
    if (!is_somebody(call) || !read_look(call, &look) || !begin(call, &rows, &look.place)) return;
    lia_err err = lia_presence_look(lookout->table, &look, lia_time_ticks_ms());
    if (err) {
        lia_why_set(&why, err, "more than %d looks at once at this node", LIA_PRESENCE_NODE_MAX);
        lia_call_fail(call, err, &why);
    } else {
        wake(lookout);
        answer(call, &rows, &look.place);
    }
    lia_node_read_end(call->api->node, &rows);
}

void lia_api_look_away(lia_call *call)
{
    lia_rows rows;
    lia_spot place;
    if (!is_somebody(call) || !begin(call, &rows, &place)) return;
    lia_node_read_end(call->api->node, &rows);
    lia_presence_leave(call->api->lookout->table, &place, call->login->user);
    wake(call->api->lookout);
    lia_http_reply(call->request, 204, NULL, NULL, 0, LIA_SPAN_NONE);
}

/* ---- open and close -------------------------------------------------------------------------- */

lia_err lia_lookout_open(lia_lookout **out, lia_api *api)
{
    lia_lookout *lookout = *out = calloc(1, sizeof *lookout);
    lia_err err = lookout ? lia_arena_init(&lookout->arena, LOOKOUT_BYTES) : LIA_EFULL;
    if (!err) err = lia_presence_open(&lookout->table);
    if (err) {
        lia_lookout_drop(lookout);
        *out = NULL;
        return err;
    }
    lookout->api = api;
    return LIA_OK;
}

void lia_lookout_begin(lia_lookout *lookout)
{
    uv_timer_init(lookout->api->loop, &lookout->timer);
    uv_unref((uv_handle_t *)&lookout->timer);
    lookout->timer.data = lookout;
    lia_node_listen(lookout->api->node, heard, lookout);
}

void lia_lookout_drop(lia_lookout *lookout)
{
    if (!lookout) return;
    lia_presence_close(lookout->table);
    lia_arena_fini(&lookout->arena);
    free(lookout);
}

static void timer_closed(uv_handle_t *handle)
{
    lia_lookout *lookout = handle->data;
    void (*closed)(void *) = lookout->closed;
    void *context = lookout->closed_context;
    lia_lookout_drop(lookout);
    closed(context);
}

void lia_lookout_close(lia_lookout *lookout, void (*closed)(void *), void *context)
{
    lookout->closed = closed;
    lookout->closed_context = context;
    lia_node_listen(lookout->api->node, NULL, NULL);
    uv_close((uv_handle_t *)&lookout->timer, timer_closed);
}
