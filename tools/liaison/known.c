/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/liaison/known.h"

#include <stdlib.h>

typedef struct day_count {
    int32_t day;
    uint32_t count;
} day_count;

typedef struct entry {
    lia_id id;
    size_t name_at;
    uint32_t name_size;
    uint32_t day_count, day_capacity;
    day_count *days; /* ascending */
} entry;

struct lia_known {
    entry *entries;
    size_t count, capacity;
    size_t *slots; /* open addressing; index + 1, 0 is free */
    size_t slot_count;
    uint8_t *names;
    size_t names_size, names_capacity;
};

/* FNV-1a: names are short and nobody gains from collisions in his own import. */
static uint64_t hash_of(lia_span name)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < name.size; i++) hash = (hash ^ name.data[i]) * 0x100000001b3u;
    return hash ^ hash >> 29;
}

static bool grow(void **array, size_t *capacity, size_t wanted, size_t size)
{
    if (wanted <= *capacity) return true;
    size_t more = *capacity ? *capacity * 2 : 1024;
    while (more < wanted) more *= 2;
    void *grown = realloc(*array, more * size);
    if (!grown) return false;
    *array = grown;
    *capacity = more;
    return true;
}

lia_err lia_known_open(lia_known **out)
{
    *out = calloc(1, sizeof **out);
    return *out ? LIA_OK : LIA_EFULL;
}

void lia_known_close(lia_known *known)
{
    if (!known) return;
    for (size_t i = 0; i < known->count; i++) free(known->entries[i].days);
    free(known->entries);
    free(known->slots);
    free(known->names);
    free(known);
}

lia_span lia_known_name(const lia_known *known, size_t index)
{
    const entry *e = &known->entries[index];
    return lia_span_make(known->names + e->name_at, e->name_size);
}

static size_t *find_slot(const lia_known *known, lia_span name)
{
    size_t at = hash_of(name) & (known->slot_count - 1);
    while (known->slots[at] && !lia_span_equal(lia_known_name(known, known->slots[at] - 1), name))
        at = (at + 1) & (known->slot_count - 1);
    return &known->slots[at];
}

static bool rehash(lia_known *known)
{
    if (known->count * 2 < known->slot_count) return true;
    size_t count = known->slot_count ? known->slot_count * 2 : 4096;
    size_t *slots = calloc(count, sizeof *slots);
    if (!slots) return false;
    free(known->slots);
    known->slots = slots;
    known->slot_count = count;
    for (size_t i = 0; i < known->count; i++) *find_slot(known, lia_known_name(known, i)) = i + 1;
    return true;
}

size_t lia_known_add(lia_known *known, lia_span name, bool *is_new)
{
    *is_new = false;
    if (!rehash(known)) return SIZE_MAX;
    size_t *slot = find_slot(known, name);
    if (*slot) return *slot - 1;
    if (!grow((void **)&known->entries, &known->capacity, known->count + 1, sizeof(entry)) ||
        !grow((void **)&known->names, &known->names_capacity, known->names_size + name.size + 1, 1))
        return SIZE_MAX;
    known->entries[known->count] =
        (entry){.name_at = known->names_size, .name_size = (uint32_t)name.size};
    if (name.size) memcpy(known->names + known->names_size, name.data, name.size);
    known->names_size += name.size;
    *slot = ++known->count;
    *is_new = true;
    return known->count - 1;
}

void lia_known_set_id(lia_known *known, size_t index, lia_id id)
{
    known->entries[index].id = id;
}

lia_id lia_known_id(const lia_known *known, size_t index)
{
    return known->entries[index].id;
}

/* Histories are mostly in order, so the place is mostly the end. */
static uint32_t place_of(const entry *e, int32_t day)
{
    uint32_t at = e->day_count;
    while (at && e->days[at - 1].day >= day) at--;
    return at;
}

uint32_t lia_known_count(lia_known *known, size_t index, int32_t day)
{
    entry *e = &known->entries[index];
    uint32_t at = place_of(e, day);
    if (at < e->day_count && e->days[at].day == day) return ++e->days[at].count;
    if (e->day_count == e->day_capacity) {
        uint32_t capacity = e->day_capacity ? e->day_capacity * 2 : 4;
        day_count *days = realloc(e->days, capacity * sizeof *days);
        if (!days) return 0;
        e->days = days;
        e->day_capacity = capacity;
    }
    memmove(&e->days[at + 1], &e->days[at], (e->day_count - at) * sizeof *e->days);
    e->days[at] = (day_count){day, 1};
    e->day_count++;
    return 1;
}
