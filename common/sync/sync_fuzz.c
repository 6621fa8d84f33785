/* SPDX-License-Identifier: Apache-2.0 */
/* Plays a conversation: the input says who says what, from well-formed moves with spoilt bytes to
 * plain garbage, on both roles. Whatever happens, a block that is written is sealed by its origin
 * (desk_write looks), and nothing grows. */
#include "common/sync/desk_peer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHAIN 4

typedef struct play {
    desk *on;
    lia_span rest;
    lia_sealed own[CHAIN], theirs[CHAIN], others[CHAIN]; /* others: a second history of theirs */
    uint64_t session[DESK_NODES + 1];                    /* as client, given by the peer */
    uint64_t asker[DESK_NODES + 1];
    size_t writes, committed;
} play;

static uint8_t next(play *with)
{
    if (!with->rest.size) return 0;
    uint8_t byte = with->rest.data[0];
    with->rest = lia_span_skip(with->rest, 1);
    return byte;
}

/* Changes one byte of a frame, or cuts it, when the input says so. */
static lia_span spoil(play *with, lia_span frame)
{
    uint8_t how = next(with);
    if (how < 128 || !frame.size) return frame;
    size_t at = (size_t)(next(with) << 8 | next(with)) % frame.size;
    if (how < 160) return lia_span_make(frame.data, at);
    ((uint8_t *)frame.data)[at] ^= (uint8_t)(how | 1);
    return frame;
}

static const lia_sealed *block_of(play *with)
{
    uint8_t which = next(with);
    const lia_sealed *chains[] = {with->theirs, with->others, with->own};
    return &chains[which / CHAIN % 3][which % CHAIN];
}

static void commit_next(play *with)
{
    desk *on = with->on;
    if (with->committed == with->writes) return;
    desk_commit(on, &on->held[(CHAIN + with->committed++) % DESK_BLOCKS].sealed);
}

static void raw(play *with, uint16_t peer)
{
    lia_sync_role role = next(with) % 2 ? LIA_SYNC_SERVER : LIA_SYNC_CLIENT;
    size_t size = next(with);
    if (size > with->rest.size) size = with->rest.size;
    lia_span frame = lia_arena_copy(&with->on->arena, lia_span_make(with->rest.data, size));
    with->rest = lia_span_skip(with->rest, size);
    desk_hear(with->on, peer, role, frame);
}

static void fail_write(play *with)
{
    with->committed = with->writes; /* what is under way is dropped with it */
    lia_sync_write_failed(with->on->sync, desk_origin(2));
    lia_sync_write_failed(with->on->sync, desk_origin(1));
}

/* State is asked for and given, and what was taken in is answered, well or not. */
static void part(play *with, uint16_t peer)
{
    static const lia_err answers[] = {LIA_OK, LIA_OK, LIA_ECONFLICT, LIA_EINVAL, LIA_EIO};
    desk *on = with->on;
    uint8_t what = next(with), cursor[] = {what, what};
    if (what < 64)
        desk_asks_state(on, peer, with->asker[peer], lia_span_make(cursor, what % 3));
    else if (what < 192)
        desk_hear(on, peer, LIA_SYNC_CLIENT,
                  spoil(with, desk_part_frame(on, with->session[peer], block_of(with), what % 4)));
    else
        lia_sync_imported(on->sync, answers[what % LIA_COUNT(answers)], what & 8);
}

/* Any of the peers may leave and come back, with the key that signs its blocks or another. */
static void change_members(play *with)
{
    uint8_t who = next(with), keys = next(with);
    lia_sync_member members[DESK_NODES] = {{1, desk_checks[1]}};
    lia_sync_former former = {2, desk_checks[2], keys & 1 ? desk_origin(2).incarnation : 0, 2};
    size_t count = 1;
    for (uint16_t node = 2; node <= DESK_NODES; node++)
        if (who >> node & 1)
            members[count++] = (lia_sync_member){node, desk_checks[keys >> node & 1 ? node : 1]};
    lia_sync_members list = {.epoch = next(with),
                             .members = members,
                             .member_count = count,
                             .former = &former,
                             .former_count = who & 1,
                             .list = LIA_SPAN("a later list")};
    lia_assert(lia_sync_set_members(with->on->sync, &list) == LIA_OK);
}

static void offer_list(play *with, uint16_t peer)
{
    Bus__Frame frame = BUS__FRAME__INIT;
    Bus__MembersOffer offer = BUS__MEMBERS_OFFER__INIT;
    Bus__MembersAsk ask = BUS__MEMBERS_ASK__INIT;
    bool serves = next(with) & 1;
    offer.has_list = true;
    offer.list = desk_bytes("a later list", next(with) % 13);
    frame.members = &offer;
    if (serves && next(with) & 1) {
        frame.members = NULL;
        frame.members_ask = &ask;
    }
    desk_hear(with->on, peer, serves ? LIA_SYNC_SERVER : LIA_SYNC_CLIENT,
              desk_pack(with->on, serves ? with->asker[peer] : with->session[peer], &frame));
}

/* Words, of the peer and of the machine: also with sizes that nobody may send. */
static void word(play *with, uint16_t peer)
{
    static const uint8_t zeroes[LIA_SYNC_WORD_MAX + 1];
    Bus__Frame frame = BUS__FRAME__INIT;
    uint8_t what = next(with);
    size_t size = what & 1 ? sizeof zeroes : next(with);
    frame.has_word = true;
    frame.word = desk_bytes(zeroes, size);
    desk_hear(with->on, peer, what & 2 ? LIA_SYNC_SERVER : LIA_SYNC_CLIENT,
              spoil(with, desk_pack(with->on, with->session[peer], &frame)));
    if (what & 4) lia_sync_say(with->on->sync, lia_span_make(zeroes, 1 + next(with)));
}

/* What a peer says when states are compared, and what the host answers. */
static void agree(play *with, uint16_t peer)
{
    desk *on = with->on;
    static const uint8_t sums[LIA_SYNC_SUMS_BYTES];
    uint8_t what = next(with);
    lia_sync_role role = what & 1 ? LIA_SYNC_SERVER : LIA_SYNC_CLIENT;
    uint64_t session = what & 1 ? with->asker[peer] : with->session[peer];
    lia_sync_mark mark = {block_of(with)->origin, next(with)};
    Bus__Frame frame = BUS__FRAME__INIT;
    Bus__Cut cut = BUS__CUT__INIT;
    Bus__Sums said = BUS__SUMS__INIT;
    Bus__Head head = desk_head(block_of(with)), *heads[] = {&head};
    cut.has_number = said.has_number = cut.has_refused = said.has_sums = true;
    cut.number = said.number = next(with) % 4;
    cut.refused = what & 2;
    cut.heads = heads;
    cut.n_heads = 1;
    said.sums = desk_bytes(sums, what & 4 ? sizeof sums : next(with));
    if (what & 8)
        frame.cut = &cut;
    else
        frame.sums = &said;
    switch (what >> 4) {
    case 0:
        lia_sync_cut_begun(on->sync, on->cut, &mark, 1);
        break;
    case 1:
        lia_sync_cut_reached(on->sync, on->cut, sums);
        break;
    case 2:
        lia_sync_cut_failed(on->sync, on->cut);
        break;
    default:
        desk_hear(on, peer, role, spoil(with, desk_pack(on, session, &frame)));
    }
}

static void move(play *with)
{
    desk *on = with->on;
    uint8_t what = next(with);
    uint16_t peer = 2 + what / 16 % 3;
    switch (what % 16) {
    case 0:
        raw(with, peer);
        break;
    case 1:
        desk_welcome(on, peer, ++with->session[peer], block_of(with));
        break;
    case 2:
        desk_heads(on, peer, with->session[peer], block_of(with));
        break;
    case 3:
    case 4:
    case 5:
        desk_hear(on, peer, LIA_SYNC_CLIENT,
                  spoil(with, desk_batch_frame(on, with->session[peer], block_of(with))));
        break;
    case 6:
        with->asker[peer] = desk_greets(on, peer);
        break;
    case 7: {
        const lia_sealed *after = block_of(with);
        desk_fetch(on, peer, with->asker[peer], after->origin, after->first - 1 + next(with) % 3,
                   next(with) % 4 ? &after->before : NULL, (uint64_t)next(with) << next(with) % 64);
        break;
    }
    case 8:
        desk_ack(on, peer, with->asker[peer], block_of(with)->origin, next(with),
                 (uint64_t)next(with) << next(with) % 64);
        break;
    case 9:
        desk_problem(on, peer, with->session[peer], (Bus__ProblemCode)(next(with) % 10),
                     block_of(with)->origin, next(with));
        break;
    case 10:
        commit_next(with);
        break;
    case 11:
        fail_write(with);
        break;
    case 12:
        lia_sync_link(on->sync, peer, next(with) % 2, on->now_ms);
        break;
    case 13:
        on->deaf = next(with) % 2;
        break;
    case 14:
        switch (next(with) % 5) {
        case 4:
            word(with, peer);
            break;
        case 0:
            change_members(with);
            break;
        case 1:
            offer_list(with, peer);
            break;
        case 2:
            part(with, peer);
            break;
        default:
            agree(with, peer);
        }
        break;
    default:
        desk_tick(on, (int64_t)next(with) * 40);
        break;
    }
    with->writes = on->write_count;
}

static void chain_make(desk *on, lia_sealed *out, lia_origin origin, uint8_t flavour)
{
    for (size_t i = 0; i < CHAIN; i++)
        out[i] = desk_block_make(on, origin, i ? &out[i - 1] : NULL, 1 + i % 2, flavour);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    play with = {.on = desk_open(0), .rest = lia_span_make(data, size)};
    chain_make(with.on, with.own, desk_origin(1), 0);
    chain_make(with.on, with.theirs, desk_origin(2), 0);
    chain_make(with.on, with.others, desk_origin(2), 1);
    for (size_t i = 0; i < CHAIN; i++) desk_keep(with.on, &with.own[i]);
    desk_commit(with.on, &with.own[1]); /* the rest of the own lane is known to peers only */
    desk_tick(with.on, 0);
    while (with.rest.size) move(&with);
    lia_sync_lane_status lanes[8];
    lia_assert(lia_sync_lanes(with.on->sync, lanes, LIA_COUNT(lanes)) <= LIA_LANES_MAX);
    desk_close(with.on);
    return 0;
}
