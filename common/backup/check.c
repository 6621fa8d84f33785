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

static lia_err check_lane(lia_log_reader *reader, lia_lane number, const lia_members *members,
                          void (*progress)(void *, uint64_t), void *context, uint64_t *done,
                          lia_why *why)
{
    lia_block block;
    lia_lane_info info;
    lia_err err = lia_log_lane_info(reader, number, &info);
    if (!err) err = lia_log_first_block(reader, number, &block);
    while (!err) {
        err = check_block(reader, members, info.origin, &block, why);
        if (err) return err;
        *done += block.count;
        if (progress) progress(context, *done);
        err = lia_log_block(reader, number, block.first + block.count, &block);
    }
    return err == LIA_EABSENT ? LIA_OK : err;
}

lia_err lia_backup_check(const char *dir, const lia_members *members,
                         void (*progress)(void *, uint64_t), void *context, lia_why *why)
{
    lia_log *log;
    lia_log_reader *reader = NULL;
    uint64_t done = 0;
    lia_err err = lia_log_open(&log, dir, 0, why);
    if (err) return err;
    err = lia_log_reader_open(&reader, log);
    for (lia_lane lane = 1; !err && lane <= lia_log_lanes(reader); lane++)
        err = check_lane(reader, lane, members, progress, context, &done, why);
    lia_log_reader_close(reader);
    lia_log_close(log);
    return err;
}
