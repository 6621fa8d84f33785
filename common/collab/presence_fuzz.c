/* SPDX-License-Identifier: Apache-2.0 */
/* Words of peers that say anything, between people who look and leave. What is held stays within
 * its bounds, and what one node says another one takes. */
#include "common/base/assert.h"
#include "common/collab/presence.h"
#include "common/sync/sync.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t next(lia_span *rest)
{
    if (!rest->size) return 0;
    uint8_t byte = rest->data[0];
    *rest = lia_span_skip(*rest, 1);
    return byte;
}

static void act(lia_presence *presence, lia_span *rest, int64_t now_ms)
{
    lia_look is = {.place = {1, {{next(rest)}}}, .user = {{next(rest)}}, .field = next(rest) % 3};
    uint8_t how = next(rest);
    is.hidden = how & 1;
    is.until_ms = now_ms + LIA_PRESENCE_MS_MIN;
    if (how & 2)
        lia_presence_leave(presence, &is.place, is.user);
    else
        lia_assert(lia_presence_look(presence, &is, now_ms) == LIA_OK);
}

static void hear(lia_presence *presence, lia_span *rest, int64_t now_ms)
{
    uint16_t peer = next(rest) % 4;
    size_t size = next(rest);
    if (size > rest->size) size = rest->size;
    lia_presence_hear(presence, peer, lia_span_make(rest->data, size), now_ms);
    *rest = lia_span_skip(*rest, size);
}

/* All that one has to say, to the other. */
static void tell(lia_presence *from, lia_presence *to, int64_t now_ms, lia_arena *arena)
{
    for (;;) {
        lia_arena_reset(arena);
        lia_buf out = lia_buf_make(arena);
        lia_span word = lia_presence_word(from, now_ms, &out);
        if (!word.size) return;
        lia_assert(word.size <= LIA_SYNC_WORD_MAX);
        lia_presence_hear(to, 9, word, now_ms);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static lia_arena arena;
    if (!arena.base) lia_assert(lia_arena_init(&arena, 1 << 20) == LIA_OK);
    lia_presence *one, *other;
    lia_span rest = lia_span_make(data, size);
    lia_assert(lia_presence_open(&one) == LIA_OK && lia_presence_open(&other) == LIA_OK);
    int64_t now_ms = 0;
    while (rest.size) {
        switch (next(&rest) % 4) {
        case 0:
            act(one, &rest, now_ms);
            break;
        case 1:
            hear(one, &rest, now_ms);
            break;
        case 2:
            lia_presence_tick(one, now_ms += next(&rest) * 100);
            break;
        default:
            tell(one, other, now_ms, &arena);
        }
        lia_spot place;
        lia_looker who[8];
        while (lia_presence_changed(one, &place))
            lia_assert(lia_presence_at(one, &place, now_ms, who, 8) <= 8);
        lia_assert(lia_presence_count(one) <= 4 * LIA_PRESENCE_NODE_MAX);
    }
    tell(one, other, now_ms, &arena);
    lia_presence_tick(one, now_ms + LIA_PRESENCE_MS_MAX);
    tell(one, other, now_ms + LIA_PRESENCE_MS_MAX, &arena);
    lia_presence_tick(other, now_ms + 2 * LIA_PRESENCE_MS_MAX);
    lia_assert(!lia_presence_count(one) && !lia_presence_count(other));
    lia_presence_close(one);
    lia_presence_close(other);
    return 0;
}
