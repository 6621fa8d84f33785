/* SPDX-License-Identifier: Apache-2.0 */
#include "services/analytics/deed.h"

/* Field numbers of crm.Interaction and crm.Money. */
enum { CUSTOMER = 1, TYPE = 2, CHANNEL = 3, AMOUNT = 8, AMOUNT_MINOR = 1, CURRENCY = 2 };

int32_t lia_day_of(lia_time time)
{
    int64_t day = time.ms / LIA_DAY_MS - (time.ms % LIA_DAY_MS < 0);
    return day < INT32_MIN ? INT32_MIN : day > INT32_MAX ? INT32_MAX : (int32_t)day;
}

static uint8_t small(uint64_t value)
{
    return value > 255 ? 255 : (uint8_t)value;
}

static void read_amount(lia_deed *deed, lia_span money)
{
    lia_pb_reader reader = lia_pb_read(money);
    lia_pb_field field;
    while (lia_pb_next(&reader, &field)) {
        if (field.number == AMOUNT_MINOR) {
            deed->has_amount = true;
            deed->amount_minor = (int64_t)field.value;
        } else if (field.number == CURRENCY && field.bytes.size == 3) {
            memcpy(deed->currency, field.bytes.data, 3);
        }
    }
}

bool lia_deed_read(lia_deed *deed, const lia_event *event, lia_time time)
{
    if (!event->op_count || event->ops[0].kind != LIA_INTERACTION) return false;
    *deed = (lia_deed){
        .day = lia_day_of(time), .time = time, .department = small(event->header.department)};
    lia_pb_reader reader = lia_pb_read(event->ops[0].set);
    lia_pb_field field;
    while (lia_pb_next(&reader, &field)) {
        switch (field.number) {
        case CUSTOMER:
            deed->customer = lia_id_from(field.bytes);
            break;
        case TYPE:
            deed->type = small(field.value);
            break;
        case CHANNEL:
            deed->channel = small(field.value);
            break;
        case AMOUNT:
            read_amount(deed, field.bytes);
            break;
        default:
            break;
        }
    }
    return true;
}
