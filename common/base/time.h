/* SPDX-License-Identifier: Apache-2.0 */
/* time - instants: milliseconds since 1970-01-01T00:00:00Z, without leap seconds. */
#ifndef LIA_BASE_TIME_H
#define LIA_BASE_TIME_H

#include "common/base/err.h"

typedef struct lia_time {
    int64_t ms;
} lia_time;

#define LIA_SECOND_MS      INT64_C(1000)
#define LIA_MINUTE_MS      (60 * LIA_SECOND_MS)
#define LIA_HOUR_MS        (60 * LIA_MINUTE_MS)
#define LIA_DAY_MS         (24 * LIA_HOUR_MS)
#define LIA_TIME_TEXT_SIZE 32

/* The wall clock. Only the node's edges read it; rules are given a time. */
lia_time lia_time_now(void);

/* The same in nanoseconds. */
uint64_t lia_time_unix_ns(void);

/* Monotonic nanoseconds, for measuring how long something took. */
uint64_t lia_time_ticks_ns(void);

/* The same clock in milliseconds, for waits and for what runs out. */
int64_t lia_time_ticks_ms(void);

/* RFC 3339 in UTC with milliseconds, "2026-11-22T08:30:00.000Z". Years 0000 to 9999; outside of
 * them the nearest bound is printed. Returns the length. */
size_t lia_time_print(lia_time time, char text[LIA_TIME_TEXT_SIZE]);

/* Reads RFC 3339 (any offset, 0 to 9 fraction digits, cut to ms) or a bare date (midnight UTC).
 *   LIA_EINVAL   not such an instant, or a field out of range */
LIA_MUST_USE lia_err lia_time_parse(lia_span text, lia_time *out);

/* Reads a period: a whole number above 0 and s, min, h, d or w ("90d"), up to 100 years of 365
 * days. LIA_EINVAL   not such a period */
LIA_MUST_USE lia_err lia_period_parse(lia_span text, int64_t *ms);
#define LIA_PERIOD_WANTED "a period such as 90d is wanted: s, min, h, d or w, up to 100 years"

/* Days since 1970-01-01 of a Gregorian date and back (H. Hinnant, "chrono-compatible low-level
 * date algorithms"). month 1..12, day 1..31. */
int64_t lia_days_from_date(int64_t year, unsigned month, unsigned day);
void lia_date_from_days(int64_t days, int64_t *year, unsigned *month, unsigned *day);

#endif
