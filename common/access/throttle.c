/* SPDX-License-Identifier: Apache-2.0 */
#include "common/access/throttle.h"

enum { FREE_FAILURES = 5, FIRST_WAIT_MS = 1000, WAIT_MS_MAX = 15 * 60 * 1000 };
enum { FORGET_MS = 60 * 60 * 1000, PLACES = 8 };

/* An entry stands in one of a few places, so looking for it costs the same in a full table. */
static size_t place_of(const uint8_t name[LIA_DIGEST_SIZE])
{
    return lia_get_u32(name) % (LIA_THROTTLE_ENTRIES / PLACES) * PLACES;
}

static bool is_forgotten(const lia_throttle_entry *entry, int64_t now_ms)
{
    return !entry->failures || now_ms - entry->last_ms > FORGET_MS;
}

static void hash_name(lia_span name, uint8_t out[LIA_DIGEST_SIZE])
{
    lia_digest_of("access.throttle", &name, 1, out);
}

static lia_throttle_entry *find(lia_throttle *throttle, lia_span name)
{
    uint8_t hash[LIA_DIGEST_SIZE];
    hash_name(name, hash);
    lia_throttle_entry *entry = &throttle->entries[place_of(hash)];
    for (size_t i = 0; i < PLACES; i++, entry++)
        if (entry->failures && !memcmp(entry->name, hash, sizeof hash)) return entry;
    return NULL;
}

static int64_t wait_after(uint32_t failures)
{
    if (failures < FREE_FAILURES) return 0;
    uint32_t doublings = failures - FREE_FAILURES;
    int64_t wait = doublings < 20 ? (int64_t)FIRST_WAIT_MS << doublings : WAIT_MS_MAX;
    return wait < WAIT_MS_MAX ? wait : WAIT_MS_MAX;
}

int64_t lia_throttle_wait(lia_throttle *throttle, lia_span name, int64_t now_ms)
{
    const lia_throttle_entry *entry = find(throttle, name);
    if (!entry || is_forgotten(entry, now_ms)) return 0;
    int64_t left = entry->last_ms + wait_after(entry->failures) - now_ms;
    return left > 0 ? left : 0;
}

/* Which of the places to give up: a forgotten one, else the one that waits least. */
static lia_throttle_entry *weakest(lia_throttle_entry *places, int64_t now_ms)
{
    lia_throttle_entry *least = places;
    for (size_t i = 0; i < PLACES; i++) {
        if (is_forgotten(&places[i], now_ms)) return &places[i];
        if (places[i].failures < least->failures) least = &places[i];
    }
    return least;
}

void lia_throttle_failed(lia_throttle *throttle, lia_span name, int64_t now_ms)
{
    lia_throttle_entry *entry = find(throttle, name);
    if (!entry) {
        uint8_t hash[LIA_DIGEST_SIZE];
        hash_name(name, hash);
        entry = weakest(&throttle->entries[place_of(hash)], now_ms);
        *entry = (lia_throttle_entry){.failures = 0};
        memcpy(entry->name, hash, sizeof hash);
    } else if (is_forgotten(entry, now_ms)) {
        entry->failures = 0;
    }
    entry->failures += entry->failures < UINT32_MAX;
    entry->last_ms = now_ms;
}

void lia_throttle_clear(lia_throttle *throttle, lia_span name)
{
    lia_throttle_entry *entry = find(throttle, name);
    if (entry) entry->failures = 0;
}
