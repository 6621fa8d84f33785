/* SPDX-License-Identifier: Apache-2.0 */
/* sample - a serialised message of every contract as this release writes it, and what it means. A
 * file of them is kept for every release (tests/data/samples-*.txt) and read by all later ones:
 *
 *     message liaison.crm.Customer
 *     bytes 08011208...
 *     means {type: CUSTOMER_TYPE_ORGANIZATION, name: "name 2", ...}
 *     json {"type":"organization","name":"name 2",...}       kinds and facts only */
#ifndef LIA_TESTS_DATA_SAMPLE_H
#define LIA_TESTS_DATA_SAMPLE_H

#include <protobuf-c/protobuf-c.h>

#include "common/base/buf.h"
#include "common/wire/schema.h"

typedef struct lia_sample_type {
    const ProtobufCMessageDescriptor *type;
    const lia_message *schema; /* of kinds and facts; NULL: never shown as JSON */
} lia_sample_type;

/* What is stored or sent: every kind, every fact, the bus's frames, events, the member list. */
size_t lia_sample_types(lia_sample_type *out, size_t max);
/* NULL when this release has no such message. */
const lia_sample_type *lia_sample_find(const lia_sample_type *types, size_t count, lia_span name);

/* A message with every field set, to a value that follows from its number. Of a frame, which holds
 * one message of several, the `variant`-th; false when there is none (variant 0 is there always).
 */
bool lia_sample_make(lia_buf *out, const ProtobufCMessageDescriptor *type, unsigned variant);
/* Text that says what protobuf-c reads; false when the bytes are no such message, or say more than
 * it knows. */
bool lia_sample_explain(lia_buf *out, const ProtobufCMessageDescriptor *type, lia_span bytes);

#endif
