/* SPDX-License-Identifier: Apache-2.0 */
#include "common/node/roster.h"

#include <stdlib.h>

#include "common/base/log.h"

/* Frames to those who leave are on their way in this time. */
#define DOORS_MS 150
#define RETRY_MS 1000
#define LOOK_MS  2000

/* ---- lists ---------------------------------------------------------------------------------- */

/* A node that is out hands the list on, as the last thing it does: sync knows it as a member still.
 */
lia_sync_members lia_roster_members(const lia_membership *membership, lia_roster_list *scratch)
{
    const lia_members *list = membership->list;
    for (size_t i = 0; i < list->count; i++)
        scratch->members[i] = (lia_sync_member){list->list[i].number, list->list[i].verify_key};
    size_t count = list->count;
    if (!lia_members_find(list, membership->self.number) && count < LIA_MEMBERS_MAX)
        scratch->members[count++] =
            (lia_sync_member){membership->self.number, membership->self.verify_key};
    for (size_t i = 0; i < list->former_count; i++) {
        const lia_former_key *former = &list->former[i];
        scratch->former[i] =
            (lia_sync_former){former->number, former->key, former->incarnation, former->last};
    }
    return (lia_sync_members){.epoch = list->epoch,
                              .mark = list->mark,
                              .members = scratch->members,
                              .member_count = count,
                              .former = scratch->former,
                              .former_count = list->former_count,
                              .list = lia_span_make(membership->bytes, membership->size)};
}

bool lia_roster_heard(lia_roster *roster, lia_span list)
{
    lia_why why = {{0}};
    lia_members *said = malloc(sizeof *said);
    if (!said) return true; /* it will say so again */
    lia_err err = lia_membership_check(roster->membership, list, said, &why);
    free(said);
    if (!err) {
        memcpy(roster->heard, list.data, list.size);
        roster->heard_size = list.size;
    } else if (err && err != LIA_EEXIST) {
        LIA_LOG(ERROR, "members.refused", LIA_ERR(err), LIA_TEXT("why", why.text));
    }
    return !err || err == LIA_EEXIST;
}

void lia_roster_look(lia_roster *roster, int64_t now_ms)
{
    lia_why why = {{0}};
    size_t size = roster->heard_size;
    roster->heard_size = 0;
    if (!size) return;
    lia_err err = lia_roster_take(roster, lia_span_make(roster->heard, size), now_ms, &why);
    if (err && err != LIA_EEXIST)
        LIA_LOG(ERROR, "members.not_taken", LIA_ERR(err), LIA_TEXT("why", why.text));
}

/* ---- the bus -------------------------------------------------------------------------------- */

static void say_down(lia_roster *roster, uint16_t peer, int64_t now_ms)
{
    lia_sync_link(roster->sync, peer, false, now_ms);
}

static lia_err open_bus(lia_roster *roster, lia_why *why)
{
    lia_membership *membership = roster->membership;
    roster->options.members = membership->list;
    roster->options.keys = &membership->keys;
    roster->options.spares = membership->spares;
    roster->options.spare_count = membership->spare_count;
    lia_err err = lia_bus_open(&roster->bus, &lia_bus_zmq, &roster->options, why);
    if (err) return err;
    roster->had = membership->list;
    roster->epoch = membership->list->epoch;
    return LIA_OK;
}

static void try_open(lia_roster *roster, int64_t now_ms)
{
    lia_why why = {{0}};
    roster->retry_ms = now_ms + RETRY_MS;
    lia_err err = open_bus(roster, &why);
    if (!err) {
        roster->why.text[0] = 0;
    } else if (strcmp(why.text, roster->why.text)) {
        LIA_LOG(ERROR, "bus.not_opened", LIA_ERR(err), LIA_TEXT("why", why.text));
        roster->why = why;
    }
}

static void bus_closed(void *context)
{
    lia_roster *roster = context;
    roster->reopening = false;
    roster->retry_ms = 0; /* the next tick opens it */
    if (roster->closed) roster->closed(roster->closed_context);
}

static void close_bus(lia_roster *roster, int64_t now_ms)
{
    for (size_t i = 0; i < roster->had->count; i++)
        say_down(roster, roster->had->list[i].number, now_ms);
    lia_bus *bus = roster->bus;
    roster->bus = NULL;
    roster->reopening = bus != NULL;
    if (bus) lia_bus_close(bus, bus_closed, roster);
}

/* Links that are new tell of themselves; of those that ended with the old keys sync is told here.
 */
static void say_changed(lia_roster *roster, const lia_members *now, int64_t now_ms)
{
    for (size_t i = 0; i < roster->had->count; i++) {
        const lia_member *before = &roster->had->list[i];
        const lia_member *after = lia_members_find(now, before->number);
        if (after && memcmp(before->curve_key, after->curve_key, LIA_CURVE_KEY_SIZE) == 0 &&
            strcmp(before->bus, after->bus) == 0)
            continue;
        say_down(roster, before->number, now_ms);
    }
}

static void change_bus(lia_roster *roster, int64_t now_ms)
{
    const lia_members *list = roster->membership->list;
    bool reopen = roster->reopen || roster->membership->removed;
    roster->due_ms = 0;
    roster->reopen = false;
    if (reopen || !roster->bus) {
        close_bus(roster, now_ms);
        if (roster->membership->removed) roster->epoch = list->epoch;
        return;
    }
    lia_err err = lia_bus_set_members(roster->bus, list);
    if (err) { /* no socket or memory is left: from the beginning */
        LIA_LOG(ERROR, "bus.members_not_taken", LIA_ERR(err));
        close_bus(roster, now_ms);
        return;
    }
    say_changed(roster, list, now_ms);
    roster->had = list;
    roster->epoch = list->epoch;
    LIA_LOG(INFO, "members.in_force", LIA_INT("epoch", list->epoch),
            LIA_INT("members", list->count));
}

void lia_roster_set_readers(lia_roster *roster, const uint8_t (*keys)[LIA_CURVE_KEY_SIZE],
                            size_t count, int64_t now_ms)
{
    if (count > LIA_READERS_MAX) count = LIA_READERS_MAX;
    if (count) memcpy(roster->readers, keys, count * LIA_CURVE_KEY_SIZE);
    roster->options.readers = (const void *)roster->readers;
    roster->options.reader_count = count;
    lia_err err = roster->bus ? lia_bus_set_readers(roster->bus, keys, count) : LIA_OK;
    if (!err) return;
    LIA_LOG(ERROR, "bus.readers_not_taken", LIA_ERR(err));
    close_bus(roster, now_ms); /* from the beginning */
}

/* ---- taking --------------------------------------------------------------------------------- */

static void leave(lia_roster *roster)
{
    lia_why why;
    const lia_membership *membership = roster->membership;
    bool listed = lia_members_find(membership->list, membership->self.number);
    lia_why_set(&why, LIA_EBUSY,
                listed
                    ? "member list %llu has other keys for this node than it holds: it is cut off "
                      "and takes no commands"
                    : "this node was removed from the cluster by member list %llu: it is cut off "
                      "and takes no commands",
                (unsigned long long)membership->list->epoch);
    LIA_LOG(ERROR, "node.removed", LIA_TEXT("why", why.text));
    lia_writer_hold(roster->rollback->writer, LIA_HELD_MEMBERS, &why);
}

/* A list that was taken is in force: whom memory kept from hearing of it hears of it with the next
 * tick. */
static void tell_sync(lia_roster *roster)
{
    lia_roster_list *scratch = malloc(sizeof *scratch);
    roster->sync_behind = true;
    if (!scratch) return;
    lia_sync_members members = lia_roster_members(roster->membership, scratch);
    roster->sync_behind = lia_sync_set_members(roster->sync, &members) != LIA_OK;
    free(scratch);
}

lia_err lia_roster_take(lia_roster *roster, lia_span list, int64_t now_ms, lia_why *why)
{
    lia_membership_change change;
    lia_err err = lia_membership_take(roster->membership, list, &change, why);
    if (err) return err;
    LIA_LOG(INFO, "members.taken", LIA_INT("epoch", roster->membership->list->epoch));
    roster->due_ms = now_ms + DOORS_MS;
    roster->reopen |= change.curve || change.moved;
    if (change.removed)
        leave(roster);
    else /* it may have been cut off, or drained, by a list that did not fit */
        lia_writer_go(roster->rollback->writer, LIA_HELD_MEMBERS);
    tell_sync(roster);
    if (change.sign && !change.removed)
        lia_rollback_rekey(roster->rollback, &roster->membership->keys.sign);
    return LIA_OK;
}

lia_err lia_roster_drain(lia_roster *roster, lia_span list, lia_why *why)
{
    lia_why held;
    lia_members *next = malloc(sizeof *next);
    if (!next) return lia_why_set(why, LIA_EFULL, "no memory");
    lia_err err = lia_membership_check(roster->membership, list, next, why);
    if (!err && lia_members_find(next, roster->membership->self.number))
        err = lia_why_set(why, LIA_EINVAL, "that list does not remove this node");
    free(next);
    if (err) return err;
    lia_why_set(&held, LIA_EBUSY, "this node is about to be removed from the cluster");
    LIA_LOG(WARN, "node.drained");
    lia_writer_hold(roster->rollback->writer, LIA_HELD_MEMBERS, &held);
    return LIA_OK;
}

/* ---- time ----------------------------------------------------------------------------------- */

static bool all_know(const lia_roster *roster)
{
    lia_sync_peer_status peers[LIA_MEMBERS_MAX];
    size_t count = lia_sync_peers(roster->sync, peers, LIA_COUNT(peers));
    for (size_t i = 0; i < count; i++)
        if (peers[i].epoch < roster->epoch) return false;
    return !roster->due_ms;
}

static void look_after_keys(lia_roster *roster)
{
    lia_membership *membership = roster->membership;
    bool changed = lia_membership_look(membership);
    if (membership->spare_count && all_know(roster))
        changed |= lia_membership_forget_former(membership);
    if (changed && roster->bus)
        lia_bus_set_spares(roster->bus, membership->spares, membership->spare_count);
}

void lia_roster_tick(lia_roster *roster, int64_t now_ms)
{
    if (roster->sync_behind) tell_sync(roster);
    if (roster->due_ms && now_ms >= roster->due_ms) change_bus(roster, now_ms);
    if (roster->membership->removed || roster->closed) return;
    if (!roster->bus && !roster->reopening && now_ms >= roster->retry_ms) try_open(roster, now_ms);
    if (now_ms < roster->look_ms) return;
    roster->look_ms = now_ms + LOOK_MS;
    look_after_keys(roster);
}

/* ---- lifecycle ------------------------------------------------------------------------------ */

lia_err lia_roster_open(lia_roster *roster, lia_membership *membership, const lia_bus_options *bus,
                        lia_sync *sync, lia_rollback *rollback, lia_why *why)
{
    *roster = (lia_roster){.membership = membership,
                           .options = *bus,
                           .sync = sync,
                           .rollback = rollback,
                           .heard = malloc(LIA_SIGNED_BYTES_MAX)};
    if (!roster->heard) return lia_why_set(why, LIA_EFULL, "no memory");
    lia_err err = open_bus(roster, why);
    if (err) {
        free(roster->heard);
        roster->heard = NULL;
    }
    return err;
}

static void nothing_left(uv_handle_t *handle)
{
    lia_roster *roster = handle->data;
    roster->closed(roster->closed_context);
}

void lia_roster_close(lia_roster *roster, void (*closed)(void *context), void *context)
{
    roster->closed = closed;
    roster->closed_context = context;
    free(roster->heard);
    roster->heard = NULL;
    lia_bus *bus = roster->bus;
    roster->bus = NULL;
    if (bus) {
        lia_bus_close(bus, bus_closed, roster);
    } else if (!roster->reopening) { /* told later, as in all other cases */
        uv_timer_init(roster->options.loop, &roster->end);
        roster->end.data = roster;
        uv_close((uv_handle_t *)&roster->end, nothing_left);
    }
}
