/* SPDX-License-Identifier: Apache-2.0 */
#include "common/backup/check.h"

#include "common/store/log_retain.h"
#include "common/sync/sync.h"
#include "common/wire/event.h"

static bool is_by(const lia_members *members, lia_origin origin, const lia_block *block)
{
    uint8_t message[LIA_SEAL_MESSAGE_SIZE];
    uint64_t last = block->first + block->count - 1;
    lia_span sealed = lia_span_make(
        message, lia_seal_message(message, members->cluster, origin, last, &block->hash));
    const lia_member *member = lia_members_find(members, origin.node);
    if (member && lia_sign_check(&member->verify_key, sealed, &block->signature)) return true;
    for (size_t i = 0; i < members->former_count; i++) {
        const lia_former_key *former = &members->former[i];
        bool counts = former->number == origin.node &&
                      (!former->incarnation ||
                       (former->incarnation == origin.incarnation && last <= former->last));
        if (counts && lia_sign_check(&former->key, sealed, &block->signature)) return true;
    }
    return false;
}

static lia_err check_block(lia_log_reader *reader, const lia_members *members, lia_origin origin,
                           const lia_block *block, lia_why *why)
{
    lia_hash hash = block->before, leaf;
    lia_span event;
    for (uint32_t i = 0; i < block->count; i++) {
        if (lia_log_event(reader, block->arrival + i, &event) || lia_event_leaf(event, &leaf))
            return lia_why_set(why, LIA_ECORRUPT, "event %u/%016llx/%llu is not there", origin.node,
                               (unsigned long long)origin.incarnation,
                               (unsigned long long)block->first + i);
        hash = lia_chain_next(&hash, &leaf);
    }
    if (!lia_hash_equal(&hash, &block->hash))
        return lia_why_set(why, LIA_ECORRUPT,
                           "events %u/%016llx/%llu to %llu are not what was written", origin.node,
                           (unsigned long long)origin.incarnation, (unsigned long long)block->first,
                           (unsigned long long)(block->first + block->count - 1));
    if (is_by(members, origin, block)) return LIA_OK;
    return lia_why_set(why, LIA_EDENIED, "events from %u/%016llx/%llu on are signed by no member",
                       origin.node, (unsigned long long)origin.incarnation,
                       (unsigned long long)block->first);
}

/* ---- a lane ---------------------------------------------------------------------------------- */

/* Many blocks are looked at between two looks at the newest state: an old one keeps pages from
 * being used again. */
#define REFRESH_BLOCKS 64

typedef struct check {
    lia_log_reader *reader;
    const lia_members *members;
    void (*progress)(void *, uint64_t);
    void *context;
    uint64_t blocks, events;
    lia_why *why;
} check;

/* The block that is `last` blocks from the lane's end, or its first one. */
static lia_err find_first(const check *c, lia_lane lane, uint64_t head, uint64_t last,
                          lia_block *out)
{
    if (!last || !head) return lia_log_first_block(c->reader, lane, out);
    lia_err err = lia_log_block(c->reader, lane, head, out);
    for (uint64_t i = 1; !err && i < last; i++) {
        lia_block before;
        lia_err none = lia_log_block(c->reader, lane, out->first - 1, &before);
        if (none) return none == LIA_EABSENT ? LIA_OK : none;
        *out = before;
    }
    return err;
}

static lia_err check_twice(const check *c, lia_origin origin, lia_lane lane, const lia_block *block)
{
    lia_block again;
    lia_err err = check_block(c->reader, c->members, origin, block, c->why);
    if (err != LIA_ECORRUPT && err != LIA_EDENIED) return err;
    if (lia_log_refresh(c->reader)) return err;
    lia_err there = lia_log_block(c->reader, lane, block->first, &again);
    if (there == LIA_EABSENT) return LIA_OK; /* it has left the log meanwhile */
    return there ? there : check_block(c->reader, c->members, origin, &again, c->why);
}

/* What is behind a block; where the lane has been cut meanwhile, what it begins with now. */
static lia_err find_next(const check *c, lia_lane lane, lia_block *block)
{
    uint64_t wanted = block->first + block->count;
    lia_err err = lia_log_block(c->reader, lane, wanted, block);
    if (err != LIA_EABSENT) return err;
    err = lia_log_first_block(c->reader, lane, block);
    return err || block->first >= wanted ? err : LIA_EABSENT;
}

static lia_err check_lane(check *c, lia_lane lane, uint64_t last)
{
    lia_block block;
    lia_lane_info info;
    lia_err err = lia_log_lane_info(c->reader, lane, &info);
    if (!err) err = find_first(c, lane, info.head, last, &block);
    while (!err) {
        err = check_twice(c, info.origin, lane, &block);
        if (err) return err;
        c->events += block.count;
        if (c->progress) c->progress(c->context, c->events);
        if (++c->blocks % REFRESH_BLOCKS == 0) err = lia_log_refresh(c->reader);
        if (!err) err = find_next(c, lane, &block);
    }
    return err == LIA_EABSENT ? LIA_OK : err;
}

/* ---- all of them ----------------------------------------------------------------------------- */

lia_err lia_backup_check_open(lia_log *log, const lia_members *members, uint64_t last,
                              void (*progress)(void *, uint64_t), void *context, lia_why *why)
{
    lia_why unasked = {{0}};
    check c = {.members = members, .progress = progress, .context = context};
    c.why = why ? why : &unasked;
    lia_err err = lia_log_reader_open(&c.reader, log);
    if (err) return err;
    for (lia_lane lane = 1; !err && lane <= lia_log_lanes(c.reader); lane++)
        err = check_lane(&c, lane, last);
    lia_log_reader_close(c.reader);
    return err;
}

lia_err lia_backup_check(const char *dir, const lia_members *members,
                         void (*progress)(void *, uint64_t), void *context, lia_why *why)
{
    lia_log *log;
    lia_err err = lia_log_open(&log, dir, 0, why);
    if (err) return err;
    err = lia_backup_check_open(log, members, 0, progress, context, why);
    lia_log_close(log);
    return err;
}
