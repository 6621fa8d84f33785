/* SPDX-License-Identifier: Apache-2.0 */
/* Walks local days one by one and asks the C library for the instants of opening and closing: it
 * knows the zone's rules. mktime takes day 32 as the first of the next month. */
#include "services/service/hours.h"

#include <time.h>

#include "common/base/assert.h"

const lia_hours lia_hours_office = {9 * 60, 17 * 60, 0x3e};

/* Ten years of closed days: beyond, there are no hours to wait for. */
enum { DAYS_MAX = 3660 };

/* The instant of a minute of the local day `days` after the day of `day`. A minute that the clocks
 * skip is the first one after the gap. */
static int64_t instant(const struct tm *day, int days, int minute)
{
    struct tm local = {.tm_year = day->tm_year,
                       .tm_mon = day->tm_mon,
                       .tm_mday = day->tm_mday + days,
                       .tm_hour = minute / 60,
                       .tm_min = minute % 60,
                       .tm_isdst = -1};
    return (int64_t)mktime(&local) * LIA_SECOND_MS;
}

lia_time lia_hours_add(lia_time start, int64_t work_ms, const lia_hours *hours)
{
    lia_assert(hours->weekdays & 0x7f && hours->open_minute < hours->close_minute);
    if (work_ms <= 0) return start;
    time_t seconds = (time_t)(start.ms / LIA_SECOND_MS);
    struct tm first;
    localtime_r(&seconds, &first);
    int64_t at = start.ms;
    for (int days = 0; days < DAYS_MAX; days++) {
        if (!(hours->weekdays >> ((first.tm_wday + days) % 7) & 1)) continue;
        int64_t opens = instant(&first, days, hours->open_minute);
        int64_t closes = instant(&first, days, hours->close_minute);
        if (at < opens) at = opens;
        if (at >= closes) continue;
        if (work_ms <= closes - at) return (lia_time){at + work_ms};
        work_ms -= closes - at;
        at = closes;
    }
    return (lia_time){at + work_ms};
}
