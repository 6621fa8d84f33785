/* SPDX-License-Identifier: Apache-2.0 */
#include "common/crm/lookup.h"

const lia_refusal_text LIA_CUSTOMER_UNKNOWN[1] = {
    {"customer-unknown", "This node knows no customer with that id; create the customer first."}};

lia_err lia_record_exists(lia_turn *turn, uint16_t kind, lia_id id)
{
    lia_key key = lia_key_tag(kind, id, LIA_TAG_STATE);
    lia_span row;
    lia_err err = lia_rows_get(lia_turn_rows(turn), lia_key_span(&key), &row);
    return !err && lia_row_is_erased(row) ? LIA_EGONE : err;
}

lia_err lia_customer_must_exist(lia_turn *turn, ProtobufCBinaryData customer)
{
    lia_err err = lia_record_exists(turn, LIA_CUSTOMER, lia_id_in(customer));
    return err == LIA_EABSENT ? lia_refuse(turn, LIA_CUSTOMER_UNKNOWN) : err;
}
