/* SPDX-License-Identifier: Apache-2.0 */
#include "services/analytics/class.h"

#include "common/base/assert.h"

/* ---- buckets --------------------------------------------------------------------------------- */

/* Log-linear, as in HdrHistogram: exact below 128, then 64 equal steps per doubling. */
uint32_t lia_size_bucket(int64_t value)
{
    if (value <= 0) return 0;
    if (value < 64) return (uint32_t)value;
    uint32_t doubling = 63u - (uint32_t)__builtin_clzll((uint64_t)value); /* 6 .. 62 */
    uint32_t step = (uint32_t)((uint64_t)value >> (doubling - 6));        /* 64 .. 127 */
    return (doubling - 6) * 64 + step;
}

uint32_t lia_day_bucket(lia_time time)
{
    if (time.ms < 0) return 0;
    int64_t day = time.ms / LIA_DAY_MS;
    return day < LIA_DAY_BUCKETS ? (uint32_t)day : LIA_DAY_BUCKETS - 1;
}

void lia_population_add(lia_population *population, const lia_tally *tally)
{
    population->count++;
    population->recency[lia_day_bucket((lia_time){tally->last_ms})]++;
    population->frequency[lia_size_bucket(tally->purchases)]++;
    population->money[lia_size_bucket(tally->spent)]++;
}

/* ---- thresholds and scores ------------------------------------------------------------------- */

static void find_thresholds(uint32_t out[4], const uint32_t *buckets, size_t size, uint32_t count)
{
    uint64_t below = 0;
    uint32_t next = 0;
    for (uint32_t at = 0; at < size && next < 4; at++) {
        below += buckets[at];
        while (next < 4 && below && below * 5 >= (uint64_t)count * (next + 1)) out[next++] = at;
    }
}

void lia_thresholds_of(lia_thresholds *out, const lia_population *population)
{
    *out = (lia_thresholds){.count = population->count};
    find_thresholds(out->recency, population->recency, LIA_DAY_BUCKETS, population->count);
    find_thresholds(out->frequency, population->frequency, LIA_SIZE_BUCKETS, population->count);
    find_thresholds(out->money, population->money, LIA_SIZE_BUCKETS, population->count);
}

static uint8_t quintile(const uint32_t thresholds[4], uint32_t bucket)
{
    uint8_t score = 1;
    for (size_t i = 0; i < 4; i++) score += thresholds[i] < bucket;
    return score;
}

lia_scores lia_score(const lia_thresholds *thresholds, const lia_tally *tally)
{
    if (thresholds->count < LIA_POPULATION_MIN) return (lia_scores){3, 3, 3};
    return (lia_scores){
        quintile(thresholds->recency, lia_day_bucket((lia_time){tally->last_ms})),
        quintile(thresholds->frequency, lia_size_bucket(tally->purchases)),
        quintile(thresholds->money, lia_size_bucket(tally->spent)),
    };
}

/* ---- names ----------------------------------------------------------------------------------- */

/* The first line that fits. The table is the specification. */
static const struct {
    uint8_t recency_min, recency_max, frequency_min, frequency_max, money_min;
    lia_class class;
} classes[] = {
    {4, 5, 4, 5, 4, LIA_CLASS_CHAMPION},    /* buys lately, often, for much */
    {3, 5, 4, 5, 1, LIA_CLASS_LOYAL},       /* buys often, and still does */
    {3, 5, 1, 3, 5, LIA_CLASS_BIG_SPENDER}, /* few purchases, large ones */
    {5, 5, 1, 1, 1, LIA_CLASS_NEW},         /* bought just now, and seldom so far */
    {4, 5, 1, 3, 1, LIA_CLASS_PROMISING},   /* bought lately */
    {3, 3, 1, 3, 1, LIA_CLASS_REGULAR},     /* in the middle */
    {1, 2, 4, 5, 1, LIA_CLASS_AT_RISK},     /* bought often, and stays away */
    {1, 2, 1, 3, 5, LIA_CLASS_AT_RISK},     /* bought for much, and stays away */
    {2, 2, 1, 3, 1, LIA_CLASS_SLEEPING},    /* has not bought for long */
    {1, 1, 1, 3, 1, LIA_CLASS_LOST},        /* longest of all */
};

lia_class lia_class_of(lia_scores s)
{
    for (size_t i = 0; i < LIA_COUNT(classes); i++)
        if (s.recency >= classes[i].recency_min && s.recency <= classes[i].recency_max &&
            s.frequency >= classes[i].frequency_min && s.frequency <= classes[i].frequency_max &&
            s.money >= classes[i].money_min)
            return classes[i].class;
    return LIA_CLASS_NONE;
}

const char *lia_class_name(lia_class class)
{
    static const char *const names[] = {
        [LIA_CLASS_NONE] = "",
        [LIA_CLASS_CHAMPION] = "champion",
        [LIA_CLASS_LOYAL] = "loyal",
        [LIA_CLASS_BIG_SPENDER] = "big spender",
        [LIA_CLASS_NEW] = "new",
        [LIA_CLASS_PROMISING] = "promising",
        [LIA_CLASS_REGULAR] = "regular",
        [LIA_CLASS_AT_RISK] = "at risk",
        [LIA_CLASS_SLEEPING] = "sleeping",
        [LIA_CLASS_LOST] = "lost",
    };
    lia_assert(class < LIA_CLASSES);
    return names[class];
}
