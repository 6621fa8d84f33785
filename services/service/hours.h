/* SPDX-License-Identifier: Apache-2.0 */
/* hours - time as a department works it. Promises to customers count business hours only. */
#ifndef LIA_SERVICE_HOURS_H
#define LIA_SERVICE_HOURS_H

#include "common/base/time.h"

/* Minutes of the local day, and days of the week as bits: 1 << 0 is Sunday. */
typedef struct lia_hours {
    int open_minute, close_minute; /* 0 <= open < close <= 1440 */
    unsigned weekdays;             /* not 0 */
} lia_hours;

/* Monday to Friday, nine to five. */
extern const lia_hours lia_hours_office;

/* The instant at which `work_ms` of business time have passed since `start`. A start outside of
 * hours counts from the next opening; work that ends exactly at closing ends that day. Days are
 * those of the process's time zone (TZ), so a day on which the clocks change has its real length
 * and opens at nine all the same. `work_ms` of 0 or less gives `start`. */
lia_time lia_hours_add(lia_time start, int64_t work_ms, const lia_hours *hours);

#endif
