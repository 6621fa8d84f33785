/* SPDX-License-Identifier: Apache-2.0 */
/* Who belongs to the cluster may change while blocks are under way. Lists travel beside the lanes,
 * not in them: a lane can stand still just because the list is old. Each peer says with its
 * greetings, heads and blocks which list it has; whoever is the client of a link asks for a later
 * one or gives the own one, once a second until both have the same. So one working link, in either
 * direction, is enough.
 *
 * What a list says is the host's business, who checks its signature. */
#include <stdlib.h>

#include "common/base/assert.h"
#include "common/sync/inner.h"

/* ---- whose word counts ---------------------------------------------------------------------- */

static bool counts_for(const lia_sync_former *key, lia_origin origin)
{
    return key->node == origin.node &&
           (key->incarnation == 0 || key->incarnation == origin.incarnation);
}

uint64_t origin_limit(const lia_sync *sync, lia_origin origin)
{
    uint64_t limit = 0;
    for (size_t i = 0; i < sync->key_count; i++) {
        const lia_sync_former *key = &sync->keys[i];
        uint64_t last = key->incarnation ? key->last : UINT64_MAX;
        if (counts_for(key, origin) && last > limit) limit = last;
    }
    return limit;
}

bool origin_signed(const lia_sync *sync, lia_origin origin, uint64_t last, lia_span message,
                   const lia_signature *signature)
{
    for (size_t i = 0; i < sync->key_count; i++) {
        const lia_sync_former *key = &sync->keys[i];
        if (counts_for(key, origin) && (key->incarnation == 0 || last <= key->last) &&
            lia_sign_check(&key->key, message, signature))
            return true;
    }
    return false;
}

/* ---- which list ----------------------------------------------------------------------------- */

static int compare_lists(const lia_sync *sync, const peer *from)
{
    const lia_sync_members *own = &sync->options.members;
    if (from->epoch != own->epoch) return from->epoch > own->epoch ? 1 : -1;
    if (from->mark == own->mark || !from->mark || !own->mark) return 0;
    return from->mark > own->mark ? 1 : -1;
}

bool has_later_list(const lia_sync *sync, const peer *from)
{
    return !from->no_lists && compare_lists(sync, from) > 0;
}

void learn_list(peer *from, uint64_t epoch, uint64_t mark)
{
    if (from->epoch == epoch && !mark) return;
    from->epoch = epoch;
    from->mark = mark;
}

static void give_list(lia_sync *sync, peer *to, lia_sync_role role)
{
    Bus__MembersOffer offer = BUS__MEMBERS_OFFER__INIT;
    offer.has_list = true;
    offer.list = as_bytes(sync->list, sync->list_size);
    Bus__Frame frame = BUS__FRAME__INIT;
    frame.session = role == LIA_SYNC_CLIENT ? to->session : to->asker;
    frame.members = &offer;
    if (sync->list_size) frame_send(sync, to, role, &frame);
}

static void ask_list(lia_sync *sync, peer *from)
{
    Bus__MembersAsk ask = BUS__MEMBERS_ASK__INIT;
    Bus__Frame frame = BUS__FRAME__INIT;
    frame.session = from->session;
    frame.members_ask = &ask;
    frame_send(sync, from, LIA_SYNC_CLIENT, &frame);
}

void exchange_list(lia_sync *sync, peer *with)
{
    if (with->state != SESSION_UP) return;
    if (has_later_list(sync, with))
        ask_list(sync, with);
    else if (compare_lists(sync, with) < 0)
        give_list(sync, with, LIA_SYNC_CLIENT);
}

void receive_list(lia_sync *sync, peer *from, const Bus__MembersOffer *offer)
{
    const lia_sync_ops *ops = sync->options.ops;
    if (from->no_lists || !ops->members) return;
    if (!offer->has_list || !ops->members(sync->options.context, from->node,
                                          lia_span_make(offer->list.data, offer->list.len)))
        from->no_lists = true;
}

void receive_list_ask(lia_sync *sync, peer *from)
{
    give_list(sync, from, LIA_SYNC_SERVER);
}

/* ---- another list --------------------------------------------------------------------------- */

static bool names(const lia_sync_members *members, uint16_t node)
{
    for (size_t i = 0; i < members->member_count; i++)
        if (members->members[i].node == node) return true;
    return false;
}

static lia_err check(const lia_sync *sync, const lia_sync_members *members)
{
    if (members->member_count > LIA_MEMBERS_MAX) return LIA_EFULL;
    if (!names(members, sync->options.node)) return LIA_EINVAL;
    for (size_t i = 0; i < members->member_count; i++) {
        lia_sync_members before = *members;
        before.member_count = i;
        if (members->members[i].node == 0 || names(&before, members->members[i].node))
            return LIA_EINVAL;
    }
    return LIA_OK;
}

/* The last peer takes the empty place. */
static void forget_peer(lia_sync *sync, peer *gone)
{
    peer *last = &sync->peers[sync->peer_count - 1];
    for (size_t i = 0; i < sync->lane_count; i++) {
        lane *of = &sync->lanes[i];
        if (of->server == gone) lane_leave(sync, of);
        if (of->server == last) of->server = gone;
        if (of->advertiser == gone->node) of->advertiser = 0;
    }
    agree_moved(sync, gone, NULL);
    agree_moved(sync, last, gone);
    import_moved(sync, gone, NULL);
    import_moved(sync, last, gone);
    free(gone->lanes);
    if (gone != last) *gone = *last;
    *last = (peer){0};
    sync->peer_count--;
}

static void forget_peers(lia_sync *sync, const lia_sync_members *members)
{
    for (size_t i = 0; i < sync->peer_count;) {
        peer *with = &sync->peers[i];
        if (names(members, with->node)) {
            i++;
            continue;
        }
        with->state = SESSION_DOWN; /* it is told nothing more */
        forget_peer(sync, with);
    }
}

static void add_peer(lia_sync *sync, uint16_t node, peer_lane *lanes)
{
    sync->peers[sync->peer_count++] = (peer){.node = node,
                                             .backoff_ms = GREET_MS_MIN,
                                             .silence_ms = SILENCE_MS,
                                             .greet_at_ms = INT64_MIN,
                                             .lanes = lanes};
}

/* All memory that the new list needs, so that nothing can fail half-way. */
typedef struct fresh {
    lia_sync_former *keys;
    uint8_t *list;
    peer_lane *lanes[LIA_MEMBERS_MAX];
    size_t lane_count;
} fresh;

static void fresh_fini(fresh *made)
{
    free(made->keys);
    free(made->list);
    for (size_t i = 0; i < made->lane_count; i++) free(made->lanes[i]);
}

static lia_err fresh_make(fresh *made, lia_sync *sync, const lia_sync_members *members)
{
    *made =
        (fresh){.keys = calloc(members->member_count + members->former_count, sizeof *made->keys),
                .list = malloc(members->list.size ? members->list.size : 1)};
    bool ok = made->keys && made->list;
    for (size_t i = 0; i < members->member_count && ok; i++) {
        uint16_t node = members->members[i].node;
        if (node == sync->options.node || find_peer(sync, node)) continue;
        peer_lane *lanes = calloc(LIA_LANES_MAX, sizeof *lanes);
        made->lanes[made->lane_count] = lanes;
        made->lane_count += lanes != NULL;
        ok = lanes != NULL;
    }
    if (!ok) fresh_fini(made);
    return ok ? LIA_OK : LIA_EFULL;
}

static void take_keys(lia_sync *sync, fresh *made, const lia_sync_members *members)
{
    free(sync->keys);
    sync->keys = made->keys;
    sync->key_count = 0;
    for (size_t i = 0; i < members->member_count; i++)
        sync->keys[sync->key_count++] =
            (lia_sync_former){.node = members->members[i].node, .key = members->members[i].key};
    for (size_t i = 0; i < members->former_count; i++)
        sync->keys[sync->key_count++] = members->former[i];
}

static void take_list(lia_sync *sync, fresh *made, const lia_sync_members *members)
{
    free(sync->list);
    sync->list = made->list;
    sync->list_size = members->list.size;
    if (members->list.size) memcpy(sync->list, members->list.data, members->list.size);
    sync->options.members = (lia_sync_members){.epoch = members->epoch, .mark = members->mark};
}

/* Blocks whose keys were unknown may be good now. */
static void forgive(lia_sync *sync)
{
    for (size_t i = 0; i < sync->peer_count; i++) {
        for (size_t k = 0; k < sync->lane_count; k++) {
            peer_lane *there = &sync->peers[i].lanes[k];
            if (!there->shunned) there->avoid_until_ms = there->strikes = 0;
        }
    }
}

/* Those who ask here are told at once; where this node asks, it gives the list itself. Those who
 * leave, too, while they still listen. */
static void tell_all(lia_sync *sync)
{
    for (size_t i = 0; i < sync->peer_count; i++) {
        peer *with = &sync->peers[i];
        if (compare_lists(sync, with) >= 0) continue;
        if (with->asker) give_list(sync, with, LIA_SYNC_SERVER);
        exchange_list(sync, with);
    }
}

lia_err lia_sync_set_members(lia_sync *sync, const lia_sync_members *members)
{
    fresh made;
    lia_err err = check(sync, members);
    if (!err) err = fresh_make(&made, sync, members);
    if (err) return err;
    take_keys(sync, &made, members);
    take_list(sync, &made, members);
    tell_all(sync);
    forget_peers(sync, members);
    for (size_t i = 0, used = 0; i < members->member_count; i++) {
        uint16_t node = members->members[i].node;
        if (node != sync->options.node && !find_peer(sync, node))
            add_peer(sync, node, made.lanes[used++]);
    }
    forgive(sync);
    return LIA_OK;
}
