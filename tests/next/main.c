/* SPDX-License-Identifier: Apache-2.0 */
/* liaison-next - a department of the next release: today's code compiled with the contracts that
 * overlay.sh writes, a command for the new kind, and unknown fields in every frame and every
 * event's header. Which department it is says the first argument. */
#include <stdio.h>
#include <stdlib.h>

#include "common/bus/bus.h"
#include "common/http/run.h"
#include "common/node/feature.h"
#include "common/node/fields.h"
#include "common/node/turn.h"
#include "common/wire/event.h"
#include "common/wire/pb.h"
#include "proto/next.pb-c.h"
#include "services/analytics/analytics.h"
#include "services/marketing/marketing.h"
#include "services/sales/sales.h"
#include "services/service/service.h"

enum { GIFT = 9000, NEXT_FIELD = 59 };
static const lia_span NEWS = LIA_SPAN("of the next release");

static lia_err open_gift(lia_turn *turn, const void *request)
{
    const Next__OpenGift *ask = request;
    lia_id id = lia_id_in(ask->gift);
    Next__Gift *gift;
    lia_err err = lia_load(turn, GIFT, id, &gift);
    if (err) return err;
    LIA_SET(gift, state, NEXT__GIFT_STATE__GIFT_STATE_OPENED);
    err = lia_record(turn, GIFT, id, gift);
    if (err) return err;
    Next__GiftOpened fact = NEXT__GIFT_OPENED__INIT;
    LIA_SET_ID(&fact, gift, &id);
    return lia_tell(turn, &fact);
}

/* ---- what goes out says more than today's release knows ---------------------------------------
 */

lia_err __real_lia_bus_send(lia_bus *bus, uint16_t peer, lia_bus_end end, lia_span frame);
lia_err __wrap_lia_bus_send(lia_bus *bus, uint16_t peer, lia_bus_end end, lia_span frame);
lia_err __wrap_lia_bus_send(lia_bus *bus, uint16_t peer, lia_bus_end end, lia_span frame)
{
    lia_arena arena;
    lia_err err = lia_arena_init(&arena, frame.size + 4096);
    if (err) return err;
    lia_buf out = lia_buf_make(&arena);
    lia_buf_room(&out, frame.size + 64);
    lia_buf_add(&out, frame.data, frame.size);
    lia_pb_put_bytes(&out, NEXT_FIELD, NEWS);
    err = out.failed ? LIA_EFULL : __real_lia_bus_send(bus, peer, end, lia_buf_get(&out));
    lia_arena_fini(&arena);
    return err;
}

static void put_with_news(lia_buf *out, lia_span event)
{
    lia_pb_reader reader = lia_pb_read(event);
    lia_pb_field field;
    while (lia_pb_next(&reader, &field)) {
        if (field.number != 1) {
            lia_pb_put_raw(out, field.number, field.wire, field.bytes);
            continue;
        }
        size_t header = lia_pb_open(out, 1);
        lia_buf_add(out, field.bytes.data, field.bytes.size);
        lia_pb_put_bytes(out, NEXT_FIELD, NEWS);
        lia_pb_close(out, header);
    }
}

lia_err __real_lia_event_build(lia_buf *out, const lia_header *header, const lia_op *ops,
                               size_t op_count, lia_span fact, const uint8_t *salt);
lia_err __wrap_lia_event_build(lia_buf *out, const lia_header *header, const lia_op *ops,
                               size_t op_count, lia_span fact, const uint8_t *salt);
lia_err __wrap_lia_event_build(lia_buf *out, const lia_header *header, const lia_op *ops,
                               size_t op_count, lia_span fact, const uint8_t *salt)
{
    size_t before = out->size;
    lia_err err = __real_lia_event_build(out, header, ops, op_count, fact, salt);
    if (err) return err;
    size_t size = out->size - before;
    uint8_t *event = malloc(size);
    if (!event) return LIA_EFULL;
    memcpy(event, out->data + before, size);
    out->size = before;
    put_with_news(out, lia_span_make(event, size));
    free(event);
    return out->failed ? LIA_EFULL : LIA_OK;
}

/* ---- what it says that it understands --------------------------------------------------------- */

/* The feature that binds is said to be understood when NEXT_FEATURES is "all": as in the release after
 * the one that brings it. */
uint64_t __real_lia_features_said(void);
uint64_t __wrap_lia_features_said(void);
uint64_t __wrap_lia_features_said(void)
{
    const char *said = getenv("NEXT_FEATURES");
    uint64_t all = __real_lia_features_said();
    return said && strcmp(said, "all") == 0 ? all : all & ((UINT64_C(1) << LIA_FEATURE_BINDS) - 1);
}

/* ---- the department ---------------------------------------------------------------------------
 */

static lia_service with_gifts(const lia_service *today)
{
    static const lia_command_row gifts = {
        "gift.open", "open", GIFT, false, &next__open_gift__descriptor, open_gift, "Opens a gift."};
    static lia_command_row rows[64];
    if (today->command_count + 1 > LIA_COUNT(rows)) abort();
    memcpy(rows, today->commands, today->command_count * sizeof *rows);
    rows[today->command_count] = gifts;
    lia_service next = *today;
    next.commands = rows;
    next.command_count++;
    return next;
}

static const lia_service *department_of(const char *name)
{
    const lia_service *const all[] = {&lia_sales, &lia_marketing, &lia_service_department, &lia_analytics};
    for (size_t i = 0; name && i < LIA_COUNT(all); i++)
        if (strcmp(name, all[i]->name) == 0) return all[i];
    return NULL;
}

int main(int argc, char **argv)
{
    const lia_service *today = department_of(argc > 1 ? argv[1] : NULL);
    if (!today) {
        fprintf(stderr, "usage: liaison-next sales|marketing|service|analytics --dir DIR ...\n");
        return 2;
    }
    lia_service next = with_gifts(today);
    return lia_run(argc - 1, argv + 1, &next);
}
