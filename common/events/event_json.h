/* SPDX-License-Identifier: Apache-2.0 */
/* event_json - an event as tools read it: a CloudEvents 1.0 object. Pure.
 *
 *     {"specversion": "1.0", "id": "1/8f3a.../42", "source": "/nodes/sales",
 *      "type": "liaison.sales.deal.won", "subject": "<customer>", "time": "...",
 *      "datacontenttype": "application/json",
 *      "data": {"changes": [{"kind": "deal", "record": "<id>", "set": {"state": "won"},
 *                            "cleared": ["lost_note", "tags[new]"]}],
 *               "fact": {"deal": "<id>", "amount": {...}}}} */
#ifndef LIA_EVENTS_EVENT_JSON_H
#define LIA_EVENTS_EVENT_JSON_H

#include "common/access/rights.h"
#include "common/base/buf.h"
#include "common/wire/event.h"

/* "deal.won"; "record.changed" for events without a fact, "event.unknown" for facts of a newer
 * release. */
const char *lia_event_name(const lia_header *header);
/* "sales"; "any" for departments of a newer release. */
const char *lia_event_department(const lia_header *header);

/* How an event looks to somebody. */
typedef struct lia_event_look {
    const lia_rights *rights; /* kinds look as these say; NULL: as they are */
    bool fact;                /* whether the fact is shown */
} lia_event_look;

/* `source` is the name of the node that the event comes from; "" when it is not known. */
void lia_event_put_json(lia_buf *out, const lia_event *event, const char *source,
                        const lia_event_look *look);

/* What is told in place of events that have left the log: behind `first` nothing is missing. */
#define LIA_GAP_NAME "stream.gap"
void lia_gap_put_json(lia_buf *out, const char *first, const char *source);

#endif
