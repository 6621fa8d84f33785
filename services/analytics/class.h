/* SPDX-License-Identifier: Apache-2.0 */
/* class - how recently, how often and for how much a customer buys, compared with all who buy:
 * pure.
 *
 * Each of the three is a quintile from 1 to 5. One definition:
 *
 *     score = 1 + how many of the 20, 40, 60 and 80 per cent thresholds lie strictly below the
 * value
 *
 * and the p per cent threshold is the smallest value that at least p per cent of the population do
 * not exceed. So customers with equal values have equal scores, and where more than a fifth share
 * a value a score is passed over: when half of all have bought once, once is 1 and twice is 3.
 *
 * Values are compared by bucket: recency by day, frequency and money in steps of at most 1.6 per
 * cent (64 steps per doubling; exact up to 127), so that thresholds come from counting, not from
 * sorting. */
#ifndef LIA_ANALYTICS_CLASS_H
#define LIA_ANALYTICS_CLASS_H

#include "common/base/time.h"

/* What a customer has bought. Part of a row: no padding between the members. */
typedef struct lia_tally {
    int64_t spent;   /* minor units, returns taken off */
    int64_t last_ms; /* of the last purchase */
    uint32_t purchases;
    char currency[4]; /* of the first purchase; other currencies are not added */
} lia_tally;

typedef struct lia_scores {
    uint8_t recency, frequency, money; /* 1 to 5; 0: not scored yet */
} lia_scores;

enum { LIA_DAY_BUCKETS = 1 << 15, LIA_SIZE_BUCKETS = 59 * 64 };

/* 0 for zero and less; rises with the value. */
uint32_t lia_size_bucket(int64_t value);
/* Days since 1970, up to 2059. */
uint32_t lia_day_bucket(lia_time time);

/* Everybody who has bought, counted by bucket. 160 kB. */
typedef struct lia_population {
    uint32_t count;
    uint32_t recency[LIA_DAY_BUCKETS];
    uint32_t frequency[LIA_SIZE_BUCKETS], money[LIA_SIZE_BUCKETS];
} lia_population;

void lia_population_add(lia_population *population, const lia_tally *tally);

/* Quintiles of fewer than this say nothing: everybody is in the middle, 3. */
#define LIA_POPULATION_MIN 5

/* Buckets of the 20, 40, 60 and 80 per cent thresholds. */
typedef struct lia_thresholds {
    uint32_t count; /* of the population */
    uint32_t recency[4], frequency[4], money[4];
} lia_thresholds;

void lia_thresholds_of(lia_thresholds *out, const lia_population *population);

lia_scores lia_score(const lia_thresholds *thresholds, const lia_tally *tally);

/* What people call it. */
typedef enum lia_class {
    LIA_CLASS_NONE,
    LIA_CLASS_CHAMPION,
    LIA_CLASS_LOYAL,
    LIA_CLASS_BIG_SPENDER,
    LIA_CLASS_NEW,
    LIA_CLASS_PROMISING,
    LIA_CLASS_REGULAR,
    LIA_CLASS_AT_RISK,
    LIA_CLASS_SLEEPING,
    LIA_CLASS_LOST,
    LIA_CLASSES
} lia_class;

lia_class lia_class_of(lia_scores scores);
const char *lia_class_name(lia_class class);

#endif
