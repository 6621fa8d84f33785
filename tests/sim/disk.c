/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "common/base/assert.h"
#include "tests/sim/sim.h"

sim_lane *sim_disk_lane(sim_disk *disk, lia_origin origin)
{
    for (size_t i = 0; i < disk->lane_count; i++)
        if (lia_origin_equal(disk->lanes[i].origin, origin)) return &disk->lanes[i];
    lia_assert(disk->lane_count < SIM_LANES_MAX);
    disk->lanes[disk->lane_count] = (sim_lane){.origin = origin};
    return &disk->lanes[disk->lane_count++];
}

uint64_t sim_lane_head(const sim_lane *lane)
{
    if (!lane->count) return 0;
    const sim_block *last = &lane->blocks[lane->count - 1];
    return last->first + last->count - 1;
}

lia_hash sim_lane_hash(const sim_lane *lane)
{
    return lane->count ? sim_block_sound(&lane->blocks[lane->count - 1])->hash : (lia_hash){{0}};
}

sim_block sim_block_copy(const lia_sealed *sealed)
{
    size_t bytes = 0;
    for (uint32_t i = 0; i < sealed->count; i++) bytes += sealed->events[i].size;
    lia_span *events = malloc(sealed->count * sizeof *events + bytes);
    lia_assert(events);
    uint8_t *to = (uint8_t *)(events + sealed->count);
    for (uint32_t i = 0; i < sealed->count; i++) {
        memcpy(to, sealed->events[i].data, sealed->events[i].size);
        events[i] = lia_span_make(to, sealed->events[i].size);
        to += events[i].size;
    }
    return (sim_block){sealed->first,     sealed->count, sealed->before, sealed->hash,
                       sealed->signature, events,        bytes,          NULL};
}

const sim_block *sim_block_sound(const sim_block *block)
{
    return block->sound ? block->sound : block;
}

void sim_block_heal(sim_block *block)
{
    sim_block *sound = block->sound;
    if (!sound) return;
    free(block->events);
    *block = *sound;
    free(sound);
}

void sim_block_fini(sim_block *block)
{
    free(block->events);
    if (block->sound) free(block->sound->events);
    free(block->sound);
    *block = (sim_block){0};
}

void sim_lane_append(sim_lane *lane, sim_block take)
{
    if (lane->count == lane->capacity) {
        lane->capacity = lane->capacity ? 2 * lane->capacity : 16;
        lane->blocks = realloc(lane->blocks, lane->capacity * sizeof *lane->blocks);
        lia_assert(lane->blocks);
    }
    lane->blocks[lane->count++] = take;
}

void sim_lane_drop_last(sim_lane *lane)
{
    sim_block_fini(&lane->blocks[--lane->count]);
    if (lane->dropped > lane->count) lane->dropped = lane->count;
}

lia_err sim_disk_read(sim_disk *disk, lia_origin origin, uint64_t seq, lia_sealed *out)
{
    const sim_lane *lane = sim_disk_lane(disk, origin);
    size_t low = 0, high = lane->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        const sim_block *block = &lane->blocks[middle];
        if (seq >= block->first + block->count)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < lane->dropped) {
        *out = (lia_sealed){.first = sim_lane_head(lane) + 1};
        if (lane->dropped < lane->count) out->first = lane->blocks[lane->dropped].first;
        return LIA_EGONE;
    }
    if (low == lane->count || seq < lane->blocks[low].first) return LIA_EABSENT;
    const sim_block *block = &lane->blocks[low];
    *out = (lia_sealed){origin,      block->first,     block->count, block->before,
                        block->hash, block->signature, block->events};
    return LIA_OK;
}

static sim_block copy_block(lia_origin origin, const sim_block *block)
{
    lia_sealed sealed = {origin,      block->first,     block->count, block->before,
                         block->hash, block->signature, block->events};
    sim_block copy = sim_block_copy(&sealed);
    if (!block->sound) return copy;
    copy.sound = malloc(sizeof *copy.sound);
    lia_assert(copy.sound);
    *copy.sound = copy_block(origin, block->sound);
    return copy;
}

sim_disk sim_disk_copy(const sim_disk *disk)
{
    sim_disk copy = {.views = disk->views};
    for (size_t i = 0; i < disk->lane_count; i++) {
        const sim_lane *lane = &disk->lanes[i];
        sim_lane *to = sim_disk_lane(&copy, lane->origin);
        for (size_t k = 0; k < lane->count; k++)
            sim_lane_append(to, copy_block(lane->origin, &lane->blocks[k]));
        to->dropped = lane->dropped;
    }
    for (uint64_t i = 0; i < disk->erased.sum.count; i++)
        require(lia_ledger_add(&copy.erased, disk->erased.ids[i]));
    return copy;
}

void sim_disk_fini(sim_disk *disk)
{
    lia_ledger_fini(&disk->erased);
    for (size_t i = 0; i < disk->lane_count; i++) {
        while (disk->lanes[i].count) sim_lane_drop_last(&disk->lanes[i]);
        free(disk->lanes[i].blocks);
    }
    sim_retain_forget(&disk->import);
    *disk = (sim_disk){0};
}
