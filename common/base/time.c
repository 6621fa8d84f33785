/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/time.h"

#include <stdio.h>
#include <time.h>

lia_time lia_time_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (lia_time){(int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000};
}

uint64_t lia_time_unix_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t lia_time_ticks_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

int64_t lia_time_ticks_ms(void)
{
    return (int64_t)(lia_time_ticks_ns() / 1000000);
}

int64_t lia_days_from_date(int64_t year, unsigned month, unsigned day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    unsigned of_era = (unsigned)(year - era * 400);
    unsigned of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    unsigned day_of_era = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    return era * 146097 + (int64_t)day_of_era - 719468;
}

void lia_date_from_days(int64_t days, int64_t *year, unsigned *month, unsigned *day)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    unsigned of_era = (unsigned)(days - era * 146097);
    unsigned year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    unsigned of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    unsigned shifted = (5 * of_year + 2) / 153;
    *day = of_year - (153 * shifted + 2) / 5 + 1;
    *month = shifted < 10 ? shifted + 3 : shifted - 9;
    *year = (int64_t)year_of_era + era * 400 + (*month <= 2);
}

static void put_digits(char *at, unsigned value, unsigned count)
{
    while (count--) {
        at[count] = (char)('0' + value % 10);
        value /= 10;
    }
}

size_t lia_time_print(lia_time time, char text[LIA_TIME_TEXT_SIZE])
{
    const int64_t first = INT64_C(-62167219200000), last = INT64_C(253402300799999);
    int64_t ms = time.ms < first ? first : time.ms > last ? last : time.ms;
    int64_t days = (ms - first) / LIA_DAY_MS + first / LIA_DAY_MS;
    unsigned of_day = (unsigned)(ms - days * LIA_DAY_MS);
    int64_t year;
    unsigned month, day;
    lia_date_from_days(days, &year, &month, &day);
    memcpy(text, "0000-00-00T00:00:00.000Z", 25);
    put_digits(text, (unsigned)year, 4);
    put_digits(text + 5, month, 2);
    put_digits(text + 8, day, 2);
    put_digits(text + 11, of_day / 3600000, 2);
    put_digits(text + 14, of_day / 60000 % 60, 2);
    put_digits(text + 17, of_day / 1000 % 60, 2);
    put_digits(text + 20, of_day % 1000, 3);
    return 24;
}

/* Reads exactly `count` digits at *at. */
static bool get_digits(lia_span text, size_t *at, unsigned count, unsigned *out)
{
    unsigned value = 0;
    if (text.size - *at < count) return false;
    for (unsigned i = 0; i < count; i++) {
        unsigned digit = (unsigned)text.data[*at + i] - '0';
        if (digit > 9) return false;
        value = value * 10 + digit;
    }
    *at += count;
    *out = value;
    return true;
}

static bool get_char(lia_span text, size_t *at, char want)
{
    if (*at >= text.size || text.data[*at] != (uint8_t)want) return false;
    ++*at;
    return true;
}

static unsigned days_in(unsigned year, unsigned month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

static bool parse_date(lia_span text, size_t *at, int64_t *days)
{
    unsigned year, month, day;
    if (!get_digits(text, at, 4, &year) || !get_char(text, at, '-') ||
        !get_digits(text, at, 2, &month) || !get_char(text, at, '-') ||
        !get_digits(text, at, 2, &day))
        return false;
    if (month < 1 || month > 12 || day < 1 || day > days_in(year, month)) return false;
    *days = lia_days_from_date(year, month, day);
    return true;
}

static bool parse_clock(lia_span text, size_t *at, int64_t *ms)
{
    unsigned hour, minute, second, fraction = 0, digits = 0;
    if (!get_digits(text, at, 2, &hour) || !get_char(text, at, ':') ||
        !get_digits(text, at, 2, &minute) || !get_char(text, at, ':') ||
        !get_digits(text, at, 2, &second))
        return false;
    if (hour > 23 || minute > 59 || second > 60) return false; /* 60: a leap second folds over */
    if (get_char(text, at, '.')) {
        for (; *at < text.size && text.data[*at] - '0' + 0u <= 9; ++*at)
            if (++digits <= 3) fraction = fraction * 10 + (text.data[*at] - '0' + 0u);
        if (digits == 0 || digits > 9) return false;
        for (; digits < 3; digits++) fraction *= 10;
    }
    *ms = hour * LIA_HOUR_MS + minute * LIA_MINUTE_MS + second * LIA_SECOND_MS + fraction;
    return true;
}

static bool parse_offset(lia_span text, size_t *at, int64_t *ms)
{
    unsigned hour, minute;
    *ms = 0;
    if (get_char(text, at, 'Z') || get_char(text, at, 'z')) return true;
    int sign = get_char(text, at, '+') ? 1 : get_char(text, at, '-') ? -1 : 0;
    if (!sign || !get_digits(text, at, 2, &hour) || !get_char(text, at, ':') ||
        !get_digits(text, at, 2, &minute) || hour > 23 || minute > 59)
        return false;
    *ms = sign * (hour * LIA_HOUR_MS + minute * LIA_MINUTE_MS);
    return true;
}

lia_err lia_time_parse(lia_span text, lia_time *out)
{
    size_t at = 0;
    int64_t days, ms = 0, offset = 0;
    if (!parse_date(text, &at, &days)) return LIA_EINVAL;
    if (at < text.size) {
        if (!get_char(text, &at, 'T') && !get_char(text, &at, 't') && !get_char(text, &at, ' '))
            return LIA_EINVAL;
        if (!parse_clock(text, &at, &ms) || !parse_offset(text, &at, &offset) || at != text.size)
            return LIA_EINVAL;
    }
    out->ms = days * LIA_DAY_MS + ms - offset;
    return LIA_OK;
}

/* ---- periods --------------------------------------------------------------------------------- */

#define PERIOD_MS_MAX (36500 * LIA_DAY_MS)

lia_err lia_period_parse(lia_span text, int64_t *ms)
{
    static const struct {
        const char *name;
        int64_t ms;
    } units[] = {{"s", LIA_SECOND_MS},
                 {"min", LIA_MINUTE_MS},
                 {"h", LIA_HOUR_MS},
                 {"d", LIA_DAY_MS},
                 {"w", 7 * LIA_DAY_MS}};
    int64_t count = 0;
    *ms = 0;
    for (; text.size && text.data[0] >= '0' && text.data[0] <= '9'; text = lia_span_skip(text, 1)) {
        count = 10 * count + (text.data[0] - '0');
        if (count > PERIOD_MS_MAX) return LIA_EINVAL;
    }
    for (size_t i = 0; i < LIA_COUNT(units); i++) {
        if (!lia_span_is(text, units[i].name)) continue;
        if (!count || count > PERIOD_MS_MAX / units[i].ms) return LIA_EINVAL;
        *ms = count * units[i].ms;
        return LIA_OK;
    }
    return LIA_EINVAL;
}
