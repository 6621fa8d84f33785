/* SPDX-License-Identifier: Apache-2.0 */
/* crm_rig - departments in one process, for tests: node_rig's nodes with the tables that all share,
 * verbs sent to them, records read back. Members are 1 sales, 2 marketing, 3 service, 4 analytics.
 */
#ifndef LIA_CRM_CRM_RIG_H
#define LIA_CRM_CRM_RIG_H

#include "common/crm/crm.h"
#include "common/node/fields.h"
#include "common/node/node_rig.h"

enum { SALES = 1, MARKETING, SERVICE, ANALYTICS };

/* Opens it; it may not take commands yet. */
static inline void crm_open(rig *r, size_t number, const lia_service *service, bool rebuild)
{
    lia_why why = {0};
    lia_node_options options = {.loop = &r->loop,
                                .dir = r->dir,
                                .name = r->members.list[number - 1].name,
                                .service = service,
                                .shared = &lia_crm,
                                .rebuild = rebuild,
                                .log_keep_ms = r->log_keep_ms,
                                .copies = r->copies[number],
                                .check_ms = r->check_ms,
                                .map_bytes = (size_t)1 << 30};
    lia_err err = lia_node_open(&r->nodes[number], &options, &why);
    if (err) print_error("%s\n", why.text);
    CHECK_OK(err);
}

/* Opens it and waits until it takes commands: for 2 s where it has a past and not all others run. */
static inline void crm_start(rig *r, size_t number, const lia_service *service, bool rebuild)
{
    crm_open(r, number, service, rebuild);
    RIG_UNTIL(r, lia_node_health(r->nodes[number], NULL) != LIA_EBUSY);
}

/* How far identity is at a node. */
static inline lia_progress crm_identity(rig *r, size_t number)
{
    lia_node_stats stats;
    size_t at = 0;
    lia_node_get_stats(r->nodes[number], &stats);
    while (at < stats.background_count && strcmp(stats.backgrounds[at].name, "identity") != 0) at++;
    CHECK(at < stats.background_count);
    return stats.backgrounds[at];
}

/* Sends a verb; `request` names the record itself. */
static inline lia_err crm_try(rig *r, size_t number, uint16_t kind, const char *verb, lia_id id,
                              const void *request, lia_command *command)
{
    uint8_t bytes[4096];
    bool bare = !*verb;
    *command =
        (lia_command){.type = LIA_COMMAND_VERB,
                      .row = lia_node_command(r->nodes[number], kind, lia_span_text(verb), bare),
                      .id = id,
                      .request = rig_pack(request, bytes, sizeof bytes)};
    CHECK(command->row != NULL);
    return rig_do(r, number, command);
}

static inline lia_id crm_do(rig *r, size_t number, uint16_t kind, const char *verb, lia_id id,
                            const void *request)
{
    lia_command command;
    lia_err err = crm_try(r, number, kind, verb, id, request, &command);
    if (err)
        print_error("%s: %s %s %s\n", verb, lia_err_text(err), command.why.text,
                    command.refusal ? command.refusal->code : "");
    CHECK_OK(err);
    return command.record;
}

/* The refusal of a verb. */
static inline lia_refusal crm_refused(rig *r, size_t number, uint16_t kind, const char *verb,
                                      lia_id id, const void *request)
{
    lia_command command;
    CHECK_ERR(crm_try(r, number, kind, verb, id, request, &command), LIA_EREFUSED);
    return command.refusal;
}

/* Changes the fields in `mask` to those of `message`. */
static inline void crm_change(rig *r, size_t number, uint16_t kind, lia_id id, const void *message,
                              const uint32_t *mask, size_t mask_count)
{
    uint8_t bytes[4096];
    lia_command command = {.type = LIA_COMMAND_CHANGE,
                           .kind = lia_kind_find(kind),
                           .id = id,
                           .request = rig_pack(message, bytes, sizeof bytes),
                           .mask = mask,
                           .mask_count = mask_count};
    CHECK_OK(rig_do(r, number, &command));
}

static inline void crm_archive(rig *r, size_t number, uint16_t kind, lia_id id)
{
    lia_command command = {.type = LIA_COMMAND_ARCHIVE, .kind = lia_kind_find(kind), .id = id};
    CHECK_OK(rig_do(r, number, &command));
}

/* A record as a node shows it, or NULL; good until the next call but 15. */
static inline void *crm_read(rig *r, size_t number, uint16_t kind, lia_id id)
{
    static lia_arena arenas[16];
    static unsigned next;
    lia_arena *arena = &arenas[next++ % LIA_COUNT(arenas)];
    if (!arena->base) CHECK_OK(lia_arena_init(arena, 4 << 20));
    lia_arena_reset(arena);
    lia_rows rows;
    lia_span bytes;
    CHECK_OK(lia_node_read(r->nodes[number], &rows));
    lia_err err = lia_rows_message(&rows, lia_kind_find(kind), id, arena, &bytes, NULL);
    lia_turn turn = {.arena = arena};
    void *message =
        err ? NULL : lia_turn_unpack(&turn, lia_kind_find(kind)->message->descriptor, bytes);
    lia_node_read_end(r->nodes[number], &rows);
    CHECK(!err || err == LIA_EABSENT || err == LIA_EGONE);
    return message;
}

/* How many records of a kind a node has; *last is one of them. */
static inline size_t crm_count(rig *r, size_t number, uint16_t kind, lia_id *last)
{
    lia_rows rows;
    lia_scan *scan;
    lia_span key, value;
    size_t count = 0;
    lia_key prefix = lia_key_kind(kind);
    CHECK_OK(lia_node_read(r->nodes[number], &rows));
    CHECK_OK(lia_rows_scan(&rows, lia_key_span(&prefix), &scan));
    while (lia_scan_next(scan, &key, &value)) {
        size_t tag = prefix.size + LIA_ID_SIZE;
        if (key.size != tag + 1 || key.data[tag] != LIA_TAG_STATE) continue;
        if (last) *last = lia_id_from(lia_span_make(key.data + prefix.size, LIA_ID_SIZE));
        count++;
    }
    lia_scan_close(scan);
    lia_node_read_end(r->nodes[number], &rows);
    return count;
}

/* Offers a customer and gives the hand-over's id. */
static inline lia_id crm_offer(rig *r, size_t from, lia_id customer, size_t to, const char *reason)
{
    Crm__OfferHandover ask = CRM__OFFER_HANDOVER__INIT;
    LIA_SET_ID(&ask, customer, &customer);
    LIA_SET(&ask, to, (Liaison__Department)to);
    ask.reason = reason;
    return crm_do(r, from, LIA_HANDOVER, "", LIA_ID_NONE, &ask);
}

static inline Crm__HandoverState crm_handover_state(rig *r, size_t number, lia_id id)
{
    const Crm__Handover *handover = crm_read(r, number, LIA_HANDOVER, id);
    return handover ? handover->state : CRM__HANDOVER_STATE__HANDOVER_STATE_OFFERED;
}

/* Whether number `at` has dropped all of `of`'s lane that may go. */
static inline bool crm_has_dropped(rig *r, size_t at, size_t of)
{
    static lia_sync_lane_status lanes[16];
    size_t count = lia_node_lanes(r->nodes[at], lanes, 16);
    for (size_t i = 0; i < count; i++)
        if (lia_origin_equal(lanes[i].origin, lia_node_origin(r->nodes[of])))
            return lia_node_first(r->nodes[at], lanes[i].origin) + 3 > lanes[i].head;
    return false;
}

#endif
