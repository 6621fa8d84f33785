/* SPDX-License-Identifier: Apache-2.0 */
/* deed - what analytics reads of an interaction: who, when, how, by which department, how much.
 * Read from the event field by field, since it passes by for every interaction there is. */
#ifndef LIA_ANALYTICS_DEED_H
#define LIA_ANALYTICS_DEED_H

#include "common/node/service.h"
#include "proto/crm.pb-c.h"

#define LIA_DEED_TYPE(name) CRM__INTERACTION_TYPE__INTERACTION_TYPE_##name

typedef struct lia_deed {
    lia_id customer;
    int32_t day; /* since 1970, UTC */
    lia_time time;
    uint8_t type, channel, department; /* unknown ones above 255: 255 */
    bool has_amount;
    int64_t amount_minor;
    char currency[4];
} lia_deed;

/* Reads the interaction that the event logged. False when there is none in it. */
bool lia_deed_read(lia_deed *deed, const lia_event *event, lia_time time);

/* Days since 1970, UTC, rounded down. */
int32_t lia_day_of(lia_time time);

#endif
