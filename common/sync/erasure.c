/* SPDX-License-Identifier: Apache-2.0 */
/* Who was erased is compared in each session before anything is fetched in it. Mostly the sums of
 * the greeting are equal. If not, the client walks through the server's ids page by page and gives
 * back what it has in between, until a whole walk has brought neither side anything that was not
 * on its disk already. The server remembers nothing of it, and what is said twice does no harm, so
 * a lost frame costs a second and nothing else.
 *
 *     client                                       server
 *       | ask {from the first} ---------------------> |
 *       | <---------------- page {ids ... , no end}   |
 *       | ask {after the last, ids that it lacked} -> |   both erase what is new to them
 *       | <---------------- page {ids ... , end, held}|
 *       |      ... again, until nothing was new       |
 *       | ask {done} -------------------------------> |   now it serves
 *
 * One side's ids go over the wire whole, 16 bytes for each customer who was ever erased. */
#include "common/base/assert.h"
#include "common/sync/inner.h"
#include "common/wire/event.h"

static const lia_id last_of_all = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                    0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

/* ---- the set ------------------------------------------------------------------------------- */

lia_err lia_sync_erased(lia_sync *sync, lia_id customer)
{
    lia_err err = lia_ledger_add(&sync->erased, customer);
    for (size_t i = 0; i < sync->peer_count && !err; i++)
        if (!sync->peers[i].compare_waits) sync->peers[i].compare_ms = sync->now_ms;
    return err == LIA_EEXIST || err == LIA_EINVAL ? LIA_OK : err;
}

bool lia_sync_is_erased(const lia_sync *sync, lia_id customer)
{
    return sync->erased.sum.count && lia_ledger_has(&sync->erased, customer);
}

erasure_sum erasures_own(const lia_sync *sync)
{
    erasure_sum own = {.count = sync->erased.sum.count};
    lia_put_u64(own.sum, sync->erased.sum.of_hashes[0]);
    lia_put_u64(own.sum + 8, sync->erased.sum.of_hashes[1]);
    return own;
}

bool erasures_equal(const lia_sync *sync, uint64_t count, bool has_sum, ProtobufCBinaryData sum)
{
    erasure_sum own = erasures_own(sync);
    return has_sum && sum.len == sizeof own.sum && count == own.count &&
           memcmp(sum.data, own.sum, sizeof own.sum) == 0;
}

static lia_err erase_one(lia_sync *sync, lia_span *event)
{
    lia_header header;
    if (lia_event_parse_header(&header, *event) || lia_id_is_none(header.customer) ||
        !lia_ledger_has(&sync->erased, header.customer))
        return LIA_OK;
    lia_buf erased = lia_buf_make(&sync->in);
    lia_err err = lia_event_erase(&erased, *event);
    if (!err) *event = lia_buf_get(&erased);
    return err == LIA_EINVAL ? LIA_OK : err;
}

lia_err erasures_apply(lia_sync *sync, lia_sealed *block)
{
    if (!sync->erased.sum.count) return LIA_OK;
    lia_span *events = lia_arena_take(&sync->in, block->count * sizeof *events);
    if (!events) return LIA_EFULL;
    memcpy(events, block->events, block->count * sizeof *events);
    for (uint32_t i = 0; i < block->count; i++) {
        lia_err err = erase_one(sync, &events[i]);
        if (err) return err;
    }
    block->events = events;
    return LIA_OK;
}

/* ---- ids in frames ------------------------------------------------------------------------- */

typedef struct id_list {
    lia_id *ids;
    size_t count;
} id_list;

/* False: malformed. */
static bool read_list(lia_sync *sync, id_list *out, ProtobufCBinaryData bytes)
{
    *out = (id_list){.count = bytes.len / LIA_ID_SIZE};
    if (bytes.len % LIA_ID_SIZE || out->count > ERASURES_PAGE) return false;
    out->ids = lia_arena_take(&sync->in, bytes.len + 1);
    if (!out->ids) return false;
    if (bytes.len) memcpy(out->ids, bytes.data, bytes.len);
    return true;
}

static bool read_after(lia_id *out, bool has, ProtobufCBinaryData bytes)
{
    *out = LIA_ID_NONE;
    if (has && bytes.len != LIA_ID_SIZE) return false;
    if (has) memcpy(out->bytes, bytes.data, LIA_ID_SIZE);
    return true;
}

/* Has those erased that this node does not know yet; false when there are none. */
static bool learn(lia_sync *sync, const peer *from, id_list said)
{
    size_t fresh = 0;
    for (size_t i = 0; i < said.count; i++)
        if (!lia_id_is_none(said.ids[i]) && !lia_ledger_has(&sync->erased, said.ids[i]))
            said.ids[fresh++] = said.ids[i];
    if (fresh) sync->options.ops->erase(sync->options.context, from->node, said.ids, fresh);
    return fresh > 0;
}

/* ---- the client ---------------------------------------------------------------------------- */

static void ask(lia_sync *sync, peer *with, lia_id after, id_list lacking, bool done)
{
    Bus__ErasureAsk ask = BUS__ERASURE_ASK__INIT;
    ask.has_after = ask.has_customers = true;
    ask.after = as_bytes(after.bytes, LIA_ID_SIZE);
    ask.customers = as_bytes(lacking.ids, lacking.count * LIA_ID_SIZE);
    ask.has_done = ask.done = done;
    Bus__Frame frame = BUS__FRAME__INIT;
    frame.session = with->session;
    frame.erasure_ask = &ask;
    with->compare_after = after;
    with->compare_ms = sync->now_ms + ERASURES_MS;
    with->compare_waits = !done;
    with->compare_carries = lacking.count > 0;
    frame_send(sync, with, LIA_SYNC_CLIENT, &frame);
}

void erasures_begin(lia_sync *sync, peer *with, bool agree)
{
    with->agreed = agree;
    with->comparing = !agree;
    with->compare_waits = false;
    with->compare_ms = sync->now_ms;
    with->drift_ms = 0;
    erasures_tick(sync, with);
}

void erasures_tick(lia_sync *sync, peer *with)
{
    if (!with->comparing || sync->now_ms < with->compare_ms) return;
    if (!with->compare_waits) {
        with->compared_new = false;
        with->compare_after = LIA_ID_NONE;
    } else if (with->compare_carries) {
        with->compared_new = true; /* they may be lost: another pass brings them */
    }
    ask(sync, with, with->compare_after, (id_list){0}, false);
}

static void finish(lia_sync *sync, peer *with)
{
    with->comparing = false;
    with->drift_ms = 0;
    with->agreed = true;
    ask(sync, with, last_of_all, (id_list){0}, true);
    for (size_t i = 0; i < sync->lane_count && is_serving(with); i++)
        lane_choose(sync, &sync->lanes[i]);
}

/* Once more when it is on the disks. */
static void rest(lia_sync *sync, peer *with)
{
    with->compare_waits = false;
    with->compare_ms = sync->now_ms + ERASURES_REST_MS;
}

static bool is_in(id_list list, lia_id id)
{
    size_t low = 0, high = list.count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = memcmp(list.ids[middle].bytes, id.bytes, LIA_ID_SIZE);
        if (order == 0) return true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

/* Own ids above `after` that the page lacks, up to *until, which is brought down when there are too
 * many of them for one frame. */
static id_list lacking_of(lia_sync *sync, lia_id after, lia_id *until, id_list page)
{
    const lia_ledger *own = &sync->erased;
    id_list out = {lia_arena_take(&sync->in, ERASURES_PAGE * sizeof(lia_id)), 0};
    for (size_t i = lia_ledger_place(own, after); out.ids && i < own->sum.count; i++) {
        if (memcmp(own->ids[i].bytes, until->bytes, LIA_ID_SIZE) > 0) break;
        if (is_in(page, own->ids[i])) continue;
        out.ids[out.count++] = own->ids[i];
        if (out.count < ERASURES_PAGE) continue;
        *until = own->ids[i];
        break;
    }
    return out;
}

static bool is_in_order(id_list page, lia_id after)
{
    for (size_t i = 0; i < page.count; i++) {
        if (memcmp(page.ids[i].bytes, after.bytes, LIA_ID_SIZE) <= 0) return false;
        after = page.ids[i];
    }
    return true;
}

void receive_erasure_page(lia_sync *sync, peer *from, const Bus__ErasurePage *page)
{
    id_list said, fresh;
    lia_id after;
    if (!read_after(&after, page->has_after, page->after) ||
        !read_list(sync, &said, page->customers) || !is_in_order(said, after) ||
        (!page->end && !said.count)) {
        alarm_malformed(sync, from);
        return;
    }
    if (!from->comparing || !from->compare_waits || !lia_id_equal(after, from->compare_after))
        return; /* an echo */
    lia_id until = page->end ? last_of_all : said.ids[said.count - 1];
    id_list lacking = lacking_of(sync, after, &until, said);
    fresh = (id_list){lia_arena_take(&sync->in, said.count * LIA_ID_SIZE + 1), said.count};
    if (!fresh.ids || !lacking.ids) return; /* asked for anew later */
    memcpy(fresh.ids, said.ids, said.count * LIA_ID_SIZE);
    if (learn(sync, from, fresh) || !page->held) from->compared_new = true;
    bool is_last = page->end && !lacking.count;
    if (!is_last)
        ask(sync, from, until, lacking, false);
    else if (from->compared_new)
        rest(sync, from);
    else
        finish(sync, from);
}

/* Requests also travel as events. Only a difference that stays is worth a comparison: who asked for
 * the erasure may be gone for good, and only the other one has heard of it. */
void receive_erasure_heads(lia_sync *sync, peer *from, const Bus__Heads *heads)
{
    if (!heads->has_erasures || !from->agreed || from->comparing) return;
    if (erasures_equal(sync, heads->erasures, heads->has_erasures_sum, heads->erasures_sum)) {
        from->drift_ms = 0;
        return;
    }
    if (!from->drift_ms) from->drift_ms = sync->now_ms ? sync->now_ms : 1;
    if (sync->now_ms - from->drift_ms < ERASURES_DRIFT_MS) return;
    from->comparing = true;
    from->compare_waits = false;
    from->compare_ms = sync->now_ms;
    erasures_tick(sync, from);
}

/* ---- the server ---------------------------------------------------------------------------- */

static void send_page(lia_sync *sync, peer *to, lia_id after, bool held)
{
    const lia_ledger *own = &sync->erased;
    size_t first = lia_ledger_place(own, after), left = (size_t)own->sum.count - first;
    size_t count = left < ERASURES_PAGE ? left : ERASURES_PAGE;
    Bus__ErasurePage page = BUS__ERASURE_PAGE__INIT;
    page.has_after = page.has_customers = page.has_end = page.has_held = true;
    page.after = as_bytes(after.bytes, LIA_ID_SIZE);
    page.customers = as_bytes(count ? own->ids + first : NULL, count * LIA_ID_SIZE);
    page.end = count == left;
    page.held = held;
    Bus__Frame frame = BUS__FRAME__INIT;
    frame.session = to->asker;
    frame.erasure_page = &page;
    frame_send(sync, to, LIA_SYNC_SERVER, &frame);
}

void receive_erasure_ask(lia_sync *sync, peer *from, const Bus__ErasureAsk *ask)
{
    id_list said;
    lia_id after;
    if (!read_after(&after, ask->has_after, ask->after) ||
        !read_list(sync, &said, ask->customers)) {
        alarm_malformed(sync, from);
        return;
    }
    bool held = !learn(sync, from, said);
    if (ask->done && held)
        from->asker_agreed = true;
    else
        send_page(sync, from, after, held);
}
